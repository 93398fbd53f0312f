//! The rows of `elements.csv` of one contract: premiums, hours, benefits, refunds, withholdings.

use std::io::{self, Write};

use super::absence::Away;
use super::employer::new_year;
use super::grades::{Categorie, Metier};
use super::occasions;
use super::post::{FULL_WEEK, Hours, Pay, Post, Statut};
use super::prng::Prng;
use super::situation::{Case, Contract, months_before};
use super::table::Table;
use crate::calendar::Day;

/// The rows of one contract.
struct Elements<'a> {
    case: &'a Case<'a>,
    contract: &'a Contract<'a>,
    /// Last day of what is paid every month, when it is known.
    end: Option<Day>,
    rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// Its code.
    pub(super) rubrique: &'static str,
    /// First day.
    pub(super) depuis: Day,
    /// Last day, when it has one.
    pub(super) fin: Option<Day>,
    /// Day on which the pool learns it; none: always known.
    pub(super) connu_le: Option<Day>,
    /// What it says.
    pub(super) element: Element,
    /// Paid every month, not for the month alone.
    pub(super) permanent: bool,
    /// Says that there was nothing after all.
    pub(super) annule: bool,
}

/// What one element says beside its rubrique.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// Hours, days or units, in tenths.
    pub(super) nombre: u32,
    /// In cents.
    pub(super) base: u32,
    /// In steps of 0.01.
    pub(super) taux: u32,
    /// In cents.
    pub(super) montant: u32,
    /// In cents, paid as it stands.
    pub(super) montant_paye: u32,
    /// Months ago that a late line belongs to; 0: none.
    pub(super) ago: u32,
    /// Printed instead of the name of the rubrique.
    pub(super) libelle: &'static str,
}

/// Writes the rows of one contract of an agent who may be away in the month.
pub(super) fn write<W: Write>(
    rng: &mut Prng,
    case: &Case,
    contract: &Contract,
    away: Away,
    table: &mut Table<W>,
) -> io::Result<()> {
    for row in draw(rng, case, contract, away) {
        write_row(case, contract, &row, table)?;
    }
    Ok(())
}

/// The rows of one contract of an agent who may be away in the month.
pub(super) fn draw(rng: &mut Prng, case: &Case, contract: &Contract, away: Away) -> Vec<Row> {
    let absent = away != Away::No;
    let end = match away {
        Away::Gone => Some(case.mois.last_day()),
        _ => contract.end,
    };
    let mut elements = Elements { case, contract, end, rows: Vec::new() };
    match contract.post.statut {
        Statut::Vacataire => {
            let (nombre, base) = (5 * rng.between(8, 90), 50 * rng.between(25, 90));
            let base = if contract.post.pay == Pay::Statut { base } else { 0 };
            elements.this_month("VACATION", Element { nombre, base, ..Element::default() });
        }
        Statut::AssistantMaternel => elements.childminder(rng),
        Statut::AssistantFamilial => {
            let (nombre, base) = (10 * rng.between(1, 3), 100 * rng.between(820, 1240));
            elements.this_month("SALAIRE_ASSFAM", Element { nombre, base, ..Element::default() });
        }
        Statut::Titulaire | Statut::Stagiaire | Statut::Contractuel => {
            elements.premiums(rng);
            elements.overtime(rng, absent);
            elements.leaving(rng);
            elements.sickness(rng, away);
        }
        _ => {}
    }
    for occasion in occasions::ALL {
        if occasion.met(rng, contract, absent, case.mois) {
            let element = occasion.draw(rng);
            match occasion.permanent {
                true => elements.permanent(occasion.rubrique, element),
                false => elements.this_month(occasion.rubrique, element),
            }
        }
    }
    elements.rows
}

impl Elements<'_> {
    fn premiums(&mut self, rng: &mut Prng) {
        let (mois, post) = (self.case.mois, &self.contract.post);
        let amount = |montant: u32| Element { montant, ..Element::default() };
        let named = |montant, libelle| Element { montant, libelle, ..Element::default() };
        let ladder = &post.ladder;
        match ladder.metier {
            Metier::Enseignement => {
                let montant = 100 * rng.between(98, 112);
                self.permanent("PRIME", named(montant, "Indemnité de suivi et d'orientation"));
            }
            Metier::Police if mois.year() >= 2025 && matches!(post.pay, Pay::Grade) => {
                let taux = rng.between(20, 30);
                self.permanent("ISFE_FIXE", Element { taux, ..Element::default() });
                self.permanent("ISFE_VARIABLE", amount(1000 * rng.between(5, 20)));
            }
            Metier::Police => {
                let montant = 500 * rng.between(40, 90);
                self.permanent(
                    "PRIME",
                    named(montant, "Indemnité de fonction des agents de police"),
                );
            }
            Metier::Pompier => {}
            _ if has_ifse(rng, post) => {
                let ((low, high), (least, most)) = (ladder.ifse, ladder.cia);
                // By steps of five euros.
                self.permanent("IFSE", amount(500 * rng.between(low, high)));
                if rng.chance(10) && self.contract.start < mois.previous().first_day() {
                    let (montant_paye, ago) = (100 * rng.between(10, 90), 1);
                    let late = Element { montant_paye, ago, ..Element::default() };
                    self.this_month("IFSE", late);
                }
                let paid_now = if matches!(mois.month(), 6 | 11 | 12) { 600 } else { 40 };
                if rng.chance(paid_now) {
                    self.this_month("CIA", amount(1000 * rng.between(least, most)));
                }
            }
            _ => {}
        }
        if post.statut == Statut::Titulaire && post.seniority >= 9 && rng.chance(400) {
            self.permanent("ICCSG", amount(rng.between(402, 3150)));
        }
        if rng.chance(25) {
            let libelle = rng.pick(&["Prime exceptionnelle", "Prime de fin de mission"]);
            self.this_month("PRIME", named(1000 * rng.between(8, 45), libelle));
        }
    }

    /// Hours of the children minded, at the minimum rate or a little above.
    fn childminder(&mut self, rng: &mut Prng) {
        let (nombre, base) = (10 * rng.between(240, 520), rng.between(350, 420));
        self.this_month("SALAIRE_ASSMAT", Element { nombre, base, ..Element::default() })
    }

    /// What the end of a contract in the month gives.
    fn leaving(&mut self, rng: &mut Prng) {
        let (mois, post, start) = (self.case.mois, self.contract.post, self.contract.start);
        let Some(end) = self.contract.end.filter(|end| mois.contains(*end)) else {
            return;
        };
        // By tens of euros: about what a month of this post gives.
        let base = match post.pay {
            Pay::Flat(cents) => cents,
            _ => 1000 * rng.between(185, 240),
        };
        let months = 1 + u32::try_from(start.days_until(end).div_euclid(30)).unwrap_or(1);
        let element = |nombre, base| Element { nombre, base, ..Element::default() };
        if post.is_fonctionnaire() {
            if rng.chance(150) {
                self.this_month("ISRC", element(10 * rng.between(3, 20), base));
            }
            return;
        }
        let days = 5 * rng.between(2, 20);
        match (mois.year(), mois.month()) {
            (..2025, _) | (2025, ..6) => {
                self.this_month("ICCP", element(0, base * months.min(10)));
            }
            (2025, 6) => {}
            _ => self.this_month("ICCA", element(days, base)),
        }
        if end == mois.last_day() && months <= 12 {
            return self.this_month("PRECARITE", element(10 * months, base * months));
        }
        if end < mois.last_day() && months > 12 && rng.chance(500) {
            self.this_month("LICENCIEMENT", element(months.div_euclid(12) * 10, base));
        }
    }

    /// What the health insurance pays to the employer of someone in the general scheme.
    fn sickness(&mut self, rng: &mut Prng, away: Away) {
        let general = self.contract.post.statut == Statut::Contractuel;
        if away != Away::Sick || !general || !rng.chance(500) {
            return;
        }
        let (nombre, montant) = (10 * rng.between(1, 4), 100 * rng.between(40, 160));
        let gross = Element { nombre, montant, ..Element::default() };
        self.this_month("IJSS", gross);
        let montant = montant - (montant * 67).div_euclid(1000);
        self.this_month("IJSS_SUBROGEES", Element { montant, ..gross })
    }

    /// Overtime for full-time agents, complementary hours for those whose post is incomplete.
    fn overtime(&mut self, rng: &mut Prng, absent: bool) {
        let post = &self.contract.post;
        let Hours::Week(minutes) = post.hours else { return };
        if matches!(post.pay, Pay::Flat(_)) || absent {
            return;
        }
        let hours = |tenths: u32| Element { nombre: tenths, ..Element::default() };
        if minutes < FULL_WEEK {
            if !rng.chance(120) {
                return;
            }
            let room = (FULL_WEEK - minutes).div_euclid(15).min(24);
            let code = rng.weighted(&[(70, "HC"), (20, "HC_10"), (10, "HC_25")]);
            let worked = hours(5 * rng.between(1, room.max(1)));
            // Drawn all the same, so that the agents after this one stay who they were.
            if post.therapeutique == 0 {
                self.this_month(code, worked);
            }
            return;
        }
        let entitled = post.ladder.categorie != Categorie::A && post.quotite == 100;
        let often = match post.ladder.metier {
            Metier::Police => 400,
            Metier::Pompier => 150,
            _ => 75,
        };
        if !entitled || post.therapeutique > 0 || !rng.chance(often) {
            return;
        }
        // 14 hours at the first rate, then the next; never more than 25 in all.
        let total = rng.between(1, 20);
        self.this_month("IHTS_14", hours(10 * total.min(14)));
        if total > 14 {
            self.this_month("IHTS_15", hours(10 * (total - 14)));
        }
        let dark = post.ladder.metier == Metier::Police;
        if rng.chance(if dark { 300 } else { 80 }) {
            self.this_month("IHTS_NUIT", hours(5 * rng.between(1, 5)));
        }
        if rng.chance(if dark { 300 } else { 120 }) {
            self.this_month("IHTS_DIMANCHE", hours(5 * rng.between(1, 5)));
        }
    }

    /// An element paid every month of the contract.
    fn permanent(&mut self, rubrique: &'static str, element: Element) {
        let depuis = self.contract.start.max(new_year(self.case.mois));
        self.row(rubrique, depuis, self.end, element, true);
    }

    /// An element of the month alone, inside the contract.
    fn this_month(&mut self, rubrique: &'static str, element: Element) {
        let mois = self.case.mois;
        let last = mois.last_day();
        let fin = self.contract.end.map_or(last, |end| end.min(last));
        let depuis = self.contract.start.max(mois.first_day());
        self.row(rubrique, depuis, Some(fin), element, false);
    }

    fn row(
        &mut self,
        rubrique: &'static str,
        depuis: Day,
        fin: Option<Day>,
        element: Element,
        permanent: bool,
    ) {
        let (connu_le, annule) = (None, false);
        self.rows.push(Row { rubrique, depuis, fin, connu_le, element, permanent, annule });
    }
}

/// Writes one row; `case` gives the month from which a late line counts back.
pub(super) fn write_row<W: Write>(
    case: &Case,
    contract: &Contract,
    row: &Row,
    table: &mut Table<W>,
) -> io::Result<()> {
    let element = &row.element;
    let table = case.agent.id(table);
    table.text(&contract.employer.siret).text(contract.name).text(row.rubrique);
    table.day(row.depuis).day_or_empty(row.fin).day_or_empty(row.connu_le);
    match element.nombre {
        0 => table.empty(),
        _ if row.annule => table.fixed(0, 1),
        tenths => table.fixed(u64::from(tenths), 1),
    };
    table.cents(u64::from(element.base)).cents(u64::from(element.taux));
    match element.montant {
        _ if row.annule && element.nombre == 0 => table.fixed(0, 2),
        cents => table.cents(u64::from(cents)),
    };
    table.cents(u64::from(element.montant_paye));
    match element.ago {
        0 => table.empty(),
        ago => {
            let origin = months_before(case.mois, ago);
            table.digits(u64::from(origin.year().unsigned_abs()), 4).piece("-");
            table.digits(u64::from(origin.month()), 2).close()
        }
    };
    table.text(element.libelle).end()
}

fn has_ifse(rng: &mut Prng, post: &Post) -> bool {
    rng.chance(match (post.statut, post.pay) {
        (_, Pay::Flat(_)) => 0,
        (Statut::Contractuel, _) => 600,
        _ => 920,
    })
}
