//! The rows of `parametres_employeurs.csv` over the months: the accident rate of each January,
//! notified in time or not, sometimes corrected; a levy that changes.

use std::io::{self, Write};

use super::Span;
use crate::calendar::{Day, PayPeriod};
use crate::demo::employer::{Employer, Setting};
use crate::demo::prng::{self, Prng};
use crate::demo::situation::{day_of, months_after, months_before};
use crate::demo::table::Table;

/// Writes the parameters of an employer.
pub(in crate::demo) fn write_parameters<W: Write>(
    seed: u64,
    employer: &Employer,
    span: Span,
    table: &mut Table<W>,
) -> io::Result<()> {
    let mut rng = Prng::of_item(seed, prng::SETTINGS, employer.index);
    for setting in employer.settings(span.first) {
        let opening = new_year(setting.year, span);
        let levy = setting.name == "taux_versement_mobilite" && setting.steps > 0;
        let yearly = setting.name.starts_with("taux_atmp");
        if yearly && setting.year < span.first.year() {
            continue;
        }
        employer.write_setting(&setting, opening, None, table)?;
        if levy && rng.chance(350) {
            let years = span.last.year().saturating_sub(span.first.year()).max(1);
            let years = rng.between(1, years.unsigned_abs());
            let year = span.first.year() + i32::try_from(years).unwrap_or(1);
            let month = if rng.chance(500) { 1 } else { 7 };
            let mois = PayPeriod::new(year, month).unwrap_or(span.last);
            let learned = match rng.chance(250) {
                true => months_after(mois, rng.between(1, 3)),
                false => months_before(mois, rng.between(1, 2)),
            };
            let learned = span.cap(day_of(learned, rng.between(2, 24)));
            let raised = setting.with(setting.steps + 5 * rng.between(1, 6));
            if mois <= span.last {
                employer.write_setting(&raised, mois.first_day(), Some(learned), table)?;
            }
        }
        if yearly {
            for year in span.first.year() + 1..=span.last.year() {
                let notified = setting.with((setting.steps + rng.below(25)).saturating_sub(12));
                notify(&mut rng, employer, &notified, (year, span), table)?;
            }
        }
    }
    Ok(())
}

/// The rate of a year: known in January or late, then corrected up to three times.
fn notify<W: Write>(
    rng: &mut Prng,
    employer: &Employer,
    setting: &Setting,
    (year, span): (i32, Span),
    table: &mut Table<W>,
) -> io::Result<()> {
    let depuis = new_year(year, span);
    let late = if rng.chance(180) { rng.between(1, 3) } else { 0 };
    let mut mois = months_after(PayPeriod::of(depuis), late);
    let mut notified = *setting;
    let mut again = 1000;
    for depth in 0..4 {
        let day = day_of(mois, rng.between(6, 24));
        if !rng.chance(again) || day > span.cap(day) {
            break;
        }
        employer.write_setting(&notified, depuis, Some(day), table)?;
        again = if depth == 0 { 90 } else { 400 };
        mois = months_after(mois, rng.between(1, 4));
        notified = setting.with((setting.steps + rng.below(15)).saturating_sub(7));
    }
    Ok(())
}

fn new_year(year: i32, span: Span) -> Day {
    PayPeriod::new(year, 1).unwrap_or(span.first).first_day()
}
