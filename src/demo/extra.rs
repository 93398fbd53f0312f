//! What surrounds the careers: children, tax rate, premiums, overtime, transport.

use std::io::{self, Write};

use super::employer::new_year;
use super::grades::{Categorie, Metier};
use super::post::{FULL_WEEK, Hours, Pay, Post, Statut};
use super::prng::Prng;
use super::situation::{Case, Contract, day_of, months_before};
use super::table::Table;
use crate::calendar::Day;

/// Writes the rows of `familles.csv`, none without children.
pub(super) fn write_family<W: Write>(
    rng: &mut Prng,
    case: &Case,
    table: &mut Table<W>,
) -> io::Result<()> {
    let children = match case.agent.post.age {
        0..26 => rng.weighted(&[(90, 0), (8, 1), (2, 2)]),
        26..34 => rng.weighted(&[(45, 0), (28, 1), (21, 2), (5, 3), (1, 4)]),
        34..52 => rng.weighted(&[(22, 0), (26, 1), (35, 2), (13, 3), (4, 4)]),
        52..58 => rng.weighted(&[(58, 0), (25, 1), (14, 2), (3, 3)]),
        _ => rng.weighted(&[(92, 0), (7, 1), (1, 2)]),
    };
    if children == 0 {
        return Ok(());
    }
    let shared = if rng.chance(110) { rng.between(1, children) } else { 0 };
    let last = rng.between(2, 90);
    if children > 1 && rng.chance(400) {
        let earlier = months_before(case.mois, last + rng.between(14, 60));
        case.agent.id(table).day(day_of(earlier, 1)).empty();
        table.number(children - 1).number(0_u32).end()?;
    }
    case.agent.id(table).day(day_of(months_before(case.mois, last), rng.between(1, 28))).empty();
    table.number(children).number(shared).end()
}

/// Writes the rows of `taux_pas.csv`; some agents have none and fall to the default grid.
pub(super) fn write_tax_rate<W: Write>(
    rng: &mut Prng,
    case: &Case,
    table: &mut Table<W>,
) -> io::Result<()> {
    if !rng.chance(920) {
        return Ok(());
    }
    // In thousandths, as the tax office sends them.
    let (exempt, low, high) = match case.agent.post.ladder.categorie {
        Categorie::C => (450, 5, 52),
        Categorie::B => (220, 10, 78),
        Categorie::A => (60, 28, 139),
    };
    let rate = if rng.chance(exempt) { 0 } else { rng.between(low, high) };
    let since = months_before(case.mois, rng.between(1, 11));
    case.agent.id(table).day(day_of(since, 1)).empty().fixed(u64::from(rate), 3).end()?;
    if rng.chance(250) {
        let revised = (rate + rng.below(12)).saturating_sub(5);
        case.agent.id(table).day(case.mois.first_day());
        table.day(day_of(months_before(case.mois, 1), rng.between(12, 28)));
        table.fixed(u64::from(revised), 3).end()?;
    }
    Ok(())
}

/// The rows of `elements.csv` of one contract.
struct Elements<'a, W: Write> {
    case: &'a Case<'a>,
    contract: &'a Contract<'a>,
    table: &'a mut Table<W>,
}

/// What one element says beside its rubrique.
#[derive(Clone, Copy, Default)]
struct Element {
    /// Hours, in tenths.
    nombre: u32,
    /// In cents.
    base: u32,
    /// In cents.
    montant: u32,
    libelle: &'static str,
}

/// Writes the rows of `elements.csv` of one contract.
pub(super) fn write_elements<W: Write>(
    rng: &mut Prng,
    case: &Case,
    contract: &Contract,
    table: &mut Table<W>,
) -> io::Result<()> {
    let mut elements = Elements { case, contract, table };
    elements.premiums(rng)?;
    elements.overtime(rng)?;
    if contract.employer.size >= 11 && rng.chance(60) {
        let base = 10 * rng.between(220, 860);
        elements.permanent("TRANSPORT", Element { base, ..Element::default() })?;
    }
    Ok(())
}

impl<W: Write> Elements<'_, W> {
    fn premiums(&mut self, rng: &mut Prng) -> io::Result<()> {
        let post = &self.contract.post;
        let amount = |montant: u32| Element { montant, ..Element::default() };
        let (low, high) = match post.ladder.categorie {
            Categorie::C => (12, 70),
            Categorie::B => (40, 130),
            Categorie::A => (75, 260),
        };
        match post.ladder.metier {
            Metier::Enseignement => {
                let montant = 100 * rng.between(98, 112);
                let libelle = "Indemnité de suivi et d'orientation";
                self.permanent("PRIME", Element { montant, libelle, ..Element::default() })?;
            }
            Metier::Police => {
                let montant = 500 * rng.between(40, 90);
                let libelle = "Indemnité de fonction des agents de police";
                self.permanent("PRIME", Element { montant, libelle, ..Element::default() })?;
            }
            _ if has_ifse(rng, post) => {
                // By steps of five euros.
                self.permanent("IFSE", amount(500 * rng.between(low, high)))?;
                let paid_now = if matches!(self.case.mois.month(), 6 | 11 | 12) { 600 } else { 40 };
                if rng.chance(paid_now) {
                    self.this_month("CIA", amount(1000 * rng.between(low, high)))?;
                }
            }
            _ => {}
        }
        if post.statut == Statut::Titulaire && post.seniority >= 9 && rng.chance(400) {
            self.permanent("ICCSG", amount(rng.between(402, 3150)))?;
        }
        if rng.chance(25) {
            let libelle = rng.pick(&["Prime exceptionnelle", "Prime de fin de mission"]);
            let montant = 1000 * rng.between(8, 45);
            self.this_month("PRIME", Element { montant, libelle, ..Element::default() })?;
        }
        Ok(())
    }

    /// Overtime for full-time agents, complementary hours for those whose post is incomplete.
    fn overtime(&mut self, rng: &mut Prng) -> io::Result<()> {
        let post = &self.contract.post;
        let Hours::Week(minutes) = post.hours else { return Ok(()) };
        if matches!(post.pay, Pay::Flat(_)) {
            return Ok(());
        }
        let hours = |tenths: u32| Element { nombre: tenths, ..Element::default() };
        if minutes < FULL_WEEK {
            let room = (FULL_WEEK - minutes).div_euclid(15).min(24);
            return match rng.chance(120) {
                true => self.this_month("HC", hours(5 * rng.between(1, room.max(1)))),
                false => Ok(()),
            };
        }
        let entitled = post.ladder.categorie != Categorie::A && post.quotite == 100;
        let police = post.ladder.metier == Metier::Police;
        if !entitled || !rng.chance(if police { 400 } else { 75 }) {
            return Ok(());
        }
        // 14 hours at the first rate, then the next; never more than 25 in all.
        let total = rng.between(1, 20);
        self.this_month("IHTS_14", hours(10 * total.min(14)))?;
        if total > 14 {
            self.this_month("IHTS_15", hours(10 * (total - 14)))?;
        }
        if rng.chance(if police { 300 } else { 80 }) {
            self.this_month("IHTS_NUIT", hours(5 * rng.between(1, 5)))?;
        }
        if rng.chance(if police { 300 } else { 120 }) {
            self.this_month("IHTS_DIMANCHE", hours(5 * rng.between(1, 5)))?;
        }
        Ok(())
    }

    /// An element paid every month of the contract.
    fn permanent(&mut self, rubrique: &str, element: Element) -> io::Result<()> {
        let depuis = self.contract.start.max(new_year(self.case.mois));
        self.row(rubrique, depuis, self.contract.end, element)
    }

    /// An element of the month alone, inside the contract.
    fn this_month(&mut self, rubrique: &str, element: Element) -> io::Result<()> {
        let mois = self.case.mois;
        let last = mois.last_day();
        let fin = self.contract.end.map_or(last, |end| end.min(last));
        self.row(rubrique, self.contract.start.max(mois.first_day()), Some(fin), element)
    }

    fn row(
        &mut self,
        rubrique: &str,
        depuis: Day,
        fin: Option<Day>,
        element: Element,
    ) -> io::Result<()> {
        let table = self.case.agent.id(self.table);
        table.text(&self.contract.employer.siret).text(self.contract.name).text(rubrique);
        table.day(depuis).day_or_empty(fin).empty();
        match element.nombre {
            0 => table.empty(),
            tenths => table.fixed(u64::from(tenths), 1),
        };
        table.cents(u64::from(element.base)).empty().cents(u64::from(element.montant));
        table.empty().empty().text(element.libelle).end()
    }
}

fn has_ifse(rng: &mut Prng, post: &Post) -> bool {
    rng.chance(match (post.statut, post.pay) {
        (_, Pay::Flat(_)) => 0,
        (Statut::Contractuel, _) => 600,
        _ => 920,
    })
}
