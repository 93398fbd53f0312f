//! The rows of `elements.csv` over the months: premiums that last, hours of each month, what was
//! handed in late, counted wrongly, corrected again.

use std::io::{self, Write};

use super::Span;
use super::life::Life;
use super::timeline::{Line, Op};
use crate::calendar::{Day, PayPeriod};
use crate::demo::absence::{self, Away};
use crate::demo::elements::{self, Element, Row};
use crate::demo::grades::Metier;
use crate::demo::post::Pay;
use crate::demo::prng::Prng;
use crate::demo::situation::{Case, Contract, day_of, months_after};
use crate::demo::table::Table;

/// What a contract is paid on.
pub(super) struct Paid<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) span: Span,
    pub(super) contract: &'a Contract<'a>,
    /// The career as it turned out.
    pub(super) line: &'a Line,
    /// The absences as they turned out.
    pub(super) stays: &'a [absence::Row],
    /// The changes, and the day on which an end that no row foresaw is learned.
    pub(super) life: &'a Life<'a>,
}

/// What was counted by hand, and may have been counted wrongly.
const COUNTED: &[&str] = &[
    "IHTS",
    "HC",
    "VACATION",
    "NUIT",
    "DIMANCHE",
    "ASTREINTE",
    "INTERVENTION",
    "PERMANENCE",
    "AVANTAGE_REPAS",
    "TELETRAVAIL",
    "ENTRETIEN_ASSMAT",
];

/// Writes the elements of one contract.
pub(super) fn write<W: Write>(rng: &mut Prng, paid: &Paid, table: &mut Table<W>) -> io::Result<()> {
    let Paid { case, span, contract, .. } = *paid;
    let end = contract.end.unwrap_or_else(|| span.last.last_day());
    let months = span.months();
    let months = months.filter(|m| contract.start <= m.last_day() && m.first_day() <= end);
    let mut book = Book { paid, table, held: Vec::new(), suspended: false, term: None };
    for mois in months {
        let Some(state) = paid.line.on(mois.last_day().min(end)) else { continue };
        let away = absence::away_in(paid.stays, mois);
        let month = Month {
            case: Case { mois, ..*case },
            contract: Contract { post: state.post, ..*contract },
        };
        book.renew(&month)?;
        if book.suspended && away == Away::Gone {
            continue;
        }
        book.resume(rng, &month)?;
        for row in elements::draw(rng, &month.case, &month.contract, away) {
            match row.permanent {
                true => book.lasting(rng, &month, row)?,
                false => book.varying(rng, &month, row)?,
            }
        }
        if away == Away::Gone {
            book.suspend(rng, &month)?;
        }
    }
    book.leave()
}

/// One month of one contract.
struct Month<'a> {
    case: Case<'a>,
    contract: Contract<'a>,
}

struct Book<'a, W: Write> {
    paid: &'a Paid<'a>,
    table: &'a mut Table<W>,
    /// What is paid every month, as last said.
    held: Vec<Row>,
    /// Whether nothing is paid, because of a leave without pay.
    suspended: bool,
    /// The last day of the term under way and the day on which it was learned.
    term: Option<(Day, Day)>,
}

impl<W: Write> Book<'_, W> {
    fn put(&mut self, case: &Case, row: &Row) -> io::Result<()> {
        elements::write_row(case, self.paid.contract, row, self.table)
    }

    /// The last day that a row says when it is first written; a row without one is only ended by
    /// another, which says zero for ever.
    fn horizon(&self) -> Option<Day> {
        let post = &self.paid.contract.post;
        let police = post.ladder.metier == Metier::Police;
        let away = self.paid.stays.iter().map(|row| row.nature);
        let gone = away.into_iter().any(|n| matches!(n, "disponibilite" | "conge_parental"));
        let open = self.paid.life.left.is_some() || police || gone;
        match self.term.map(|(end, _)| end).or(self.paid.life.foreseen) {
            None if open => Day::new(self.paid.span.last.year() + 1, 12, 31).ok(),
            end => end,
        }
    }

    /// A further term: what is paid every month lasts as long.
    fn renew(&mut self, month: &Month) -> io::Result<()> {
        let first = month.case.mois.first_day();
        let changes = self.paid.life.changes.iter();
        let mut terms = changes.filter_map(|change| match change.op {
            Op::Term(end) if change.depuis == first => Some((end, change.connu_le)),
            _ => None,
        });
        let Some((end, learned)) = terms.next_back() else { return Ok(()) };
        self.term = Some((end, learned));
        let mut held = std::mem::take(&mut self.held);
        for row in &mut held {
            let known = Some(learned).max(row.connu_le.map(Day::next));
            *row = Row { fin: Some(end), connu_le: known, ..*row };
            if !self.suspended {
                self.put(&month.case, row)?;
            }
        }
        self.held = held;
        Ok(())
    }

    /// What is paid every month: said once, then changed now and then.
    fn lasting(&mut self, rng: &mut Prng, month: &Month, row: Row) -> io::Result<()> {
        let (mois, span) = (month.case.mois, self.paid.span);
        let first = mois == span.first.max(PayPeriod::of(self.paid.contract.start));
        let same = |held: &&Row| {
            held.rubrique == row.rubrique && held.element.libelle == row.element.libelle
        };
        if let Some(held) = self.held.iter().find(same).copied() {
            let often = match (mois.month(), row.rubrique) {
                (1, "MUTUELLE" | "PSC_PREVOYANCE" | "PSC_SANTE") => 450,
                (_, "IFSE") => 9,
                _ => 2,
            };
            let depuis = mois.first_day();
            if held.depuis < depuis && rng.chance(often) {
                let late = row.rubrique == "IFSE" && self.paid.life.left.is_none();
                let known = match late && rng.chance(500) {
                    true => span.late(rng, depuis),
                    false => span.in_time(rng, depuis),
                };
                return self.change(month, held, Row { depuis, connu_le: Some(known), ..row });
            }
            return Ok(());
        }
        let new_scheme = row.rubrique.starts_with("ISFE");
        if !(first || new_scheme || rng.chance(3)) {
            return Ok(());
        }
        let mut depuis = if first { row.depuis } else { mois.first_day() };
        if withheld(row.rubrique) && depuis.day() > 10 {
            // Not withheld from a few days of pay.
            depuis = PayPeriod::of(depuis).next().first_day();
        }
        let known = (depuis >= span.first.first_day()).then(|| span.in_time(rng, depuis));
        if new_scheme && !first {
            self.end_old_scheme(month)?;
        }
        let row = Row { depuis, fin: self.horizon(), connu_le: known, ..row };
        self.held.push(row);
        self.put(&month.case, &row)
    }

    /// The premium that the ISFE replaces.
    fn end_old_scheme(&mut self, month: &Month) -> io::Result<()> {
        let last = month.case.mois.first_day().previous();
        let learned = day_of(month.case.mois.previous(), 20);
        let old = |row: &Row| row.rubrique == "PRIME" && month.contract.post.pay == Pay::Grade;
        let ended: Vec<Row> = self.held.iter().filter(|row| old(row)).copied().collect();
        self.held.retain(|row| !old(row));
        for row in ended {
            self.close(&month.case, row, last, learned)?;
        }
        Ok(())
    }

    fn change(&mut self, month: &Month, held: Row, new: Row) -> io::Result<()> {
        let known = new.connu_le.max(held.connu_le.map(Day::next));
        let new = Row { fin: held.fin, connu_le: known, ..new };
        if held.fin.is_some() {
            let before = Some(new.depuis.previous());
            self.put(&month.case, &Row { fin: before, connu_le: known, ..held })?;
        }
        for row in &mut self.held {
            if row.rubrique == new.rubrique && row.element.libelle == new.element.libelle {
                *row = new;
            }
        }
        self.put(&month.case, &new)
    }

    /// Ends a row that had another last day.
    fn close(&mut self, case: &Case, held: Row, fin: Day, learned: Day) -> io::Result<()> {
        if held.fin.is_none_or(|before| before <= fin) || fin < held.depuis {
            return Ok(());
        }
        let known = Some(learned).max(held.connu_le.map(Day::next));
        self.put(case, &Row { fin: Some(fin), connu_le: known, ..held })
    }

    /// A leave without pay begins: nothing lasts after the month.
    fn suspend(&mut self, rng: &mut Prng, month: &Month) -> io::Result<()> {
        let mois = month.case.mois;
        let learned = day_of(mois, rng.between(3, 20));
        for row in self.held.clone() {
            self.close(&month.case, row, mois.last_day(), learned)?;
        }
        self.suspended = true;
        Ok(())
    }

    /// The same premiums as before the leave.
    fn resume(&mut self, rng: &mut Prng, month: &Month) -> io::Result<()> {
        if !self.suspended {
            return Ok(());
        }
        self.suspended = false;
        let depuis = month.case.mois.first_day();
        let (known, fin) = (self.paid.span.in_time(rng, depuis), self.horizon());
        for row in &mut self.held {
            *row = Row { depuis, fin, connu_le: Some(known), ..*row };
        }
        for row in self.held.clone() {
            self.put(&month.case, &row)?;
        }
        Ok(())
    }

    /// An end that no row foresaw.
    fn leave(&mut self) -> io::Result<()> {
        let (Some(end), Some(learned)) = (self.paid.contract.end, self.paid.life.left) else {
            return Ok(());
        };
        let held = if self.suspended { Vec::new() } else { self.held.clone() };
        for row in held {
            let mois = PayPeriod::of(end);
            let short = end.day() < 20 && withheld(row.rubrique) && row.depuis < mois.first_day();
            let fin = if short { mois.first_day().previous() } else { end };
            self.close(self.paid.case, row, fin, learned)?;
        }
        Ok(())
    }

    /// What the month alone brings: handed in on time or late, corrected up to three times.
    fn varying(&mut self, rng: &mut Prng, month: &Month, row: Row) -> io::Result<()> {
        let (mois, span) = (month.case.mois, self.paid.span);
        let whole = self.paid.contract.start <= mois.first_day()
            && self.paid.contract.end.is_none_or(|end| mois.last_day() <= end);
        // Of the months that may pay the CIA, a year keeps one: its ceiling is yearly.
        let again = row.rubrique == "CIA" && mois.month() != 11;
        if again || (withheld(row.rubrique) && !whole) {
            return Ok(());
        }
        let known = match rng.chance(28) {
            true => span.late(rng, mois.first_day()),
            false => day_of(mois, rng.between(3, 24)),
        };
        let ends = matches!(row.rubrique, "ICCA" | "ICCP" | "PRECARITE" | "ISRC" | "LICENCIEMENT");
        let left = self.paid.life.left.filter(|_| ends);
        let signed = self.term.map(|(_, learned)| learned);
        let mut known = left.max(signed).map_or(known, |learned| learned.max(known));
        self.put(&month.case, &Row { connu_le: Some(known), ..row })?;
        let counted = COUNTED.iter().any(|code| row.rubrique.starts_with(code));
        let mut often = match row.rubrique {
            _ if row.element.ago > 0 => 0,
            _ if counted && row.element.nombre > 0 => 55,
            "CIA" | "PRIME" | "PRIME_ANNUELLE" => 22,
            _ => 0,
        };
        let (mut said, mut annule) = (row.element, false);
        for depth in 0..3 {
            let next = months_after(PayPeriod::of(known), rng.between(1, 2));
            let day = day_of(next, rng.between(2, 24));
            if !rng.chance(often) || day > span.cap(day) {
                break;
            }
            let nothing = rng.chance(if depth == 0 { 280 } else { 200 });
            let again = recount(rng, row.rubrique, said);
            annule = !annule && (nothing || again == said);
            said = if annule { said } else { again };
            known = day;
            let (element, connu_le) = (said, Some(day));
            self.put(&month.case, &Row { element, connu_le, annule, ..row })?;
            often = if depth == 0 { 300 } else { 400 };
        }
        Ok(())
    }
}

/// Whether an element is taken from the pay, which must be enough for it.
fn withheld(rubrique: &str) -> bool {
    let codes = ["MUTUELLE", "ACOMPTE", "PENSION_ALIMENTAIRE", "SAISIE", "TROP_PERCU"];
    codes.contains(&rubrique) || rubrique.starts_with("PSC_")
}

/// Another number of hours or units, or another amount, within what the law allows.
fn recount(rng: &mut Prng, rubrique: &str, said: Element) -> Element {
    if said.nombre == 0 {
        // By tens of euros.
        let montant = 1000 * rng.between(5, said.montant.div_euclid(1000).max(5));
        return Element { montant, ..said };
    }
    let step = if rubrique.starts_with("IHTS") || rubrique.starts_with("HC") { 5 } else { 10 };
    let units = said.nombre.div_euclid(step);
    let most = match rubrique {
        "IHTS_14" if units < 20 => units + 4,
        "VACATION" | "NUIT" | "NUIT_INTENSIVE" | "AVANTAGE_REPAS" => units + 4,
        _ => units,
    };
    Element { nombre: step * rng.between(1, most.max(1)), ..said }
}
