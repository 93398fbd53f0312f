//! Sums by item, and what a contract was due month by month.

use std::collections::BTreeMap;

use crate::calendar::PayPeriod;
use crate::domain::{AgentFacts, Cumul, RowRef, Siret, Word};
use crate::engine::{PayLine, Payslip};
use crate::num::Amount;
use crate::program::Program;

use super::digest::Inputs;

/// What the lines of one item add up to, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Amount of a rubrique, or of a yearly quantity.
    pub montant: i64,
    /// Base of a contribution.
    pub base: i64,
    /// Its agent side.
    pub agent: i64,
    /// Its employer side.
    pub employeur: i64,
}

impl Sums {
    /// Whether nothing is left.
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// These sums and others.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            montant: self.montant + other.montant,
            base: self.base + other.base,
            agent: self.agent + other.agent,
            employeur: self.employeur + other.employeur,
        }
    }

    /// These sums without others.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            montant: self.montant - other.montant,
            base: self.base - other.base,
            agent: self.agent - other.agent,
            employeur: self.employeur - other.employeur,
        }
    }
}

/// Sums by name of item; an item without a sum is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals(BTreeMap<Word, Sums>);

impl Totals {
    /// The yearly totals of a contract that were handed in.
    pub fn handed_in(facts: &AgentFacts, siret: Siret, contrat: &str, annee: i32) -> Self {
        let mine =
            |row: &&Cumul| row.siret == siret && *row.contrat == *contrat && row.annee == annee;
        let mut totals = Self::default();
        for row in facts.cumuls.iter().filter(mine) {
            let cents = |amount: Option<Amount>| amount.map_or(0, Amount::cents);
            let sums = Sums {
                montant: cents(row.montant),
                base: cents(row.base),
                agent: cents(row.montant_agent),
                employeur: cents(row.montant_employeur),
            };
            totals.add(&row.rubrique, sums);
        }
        totals
    }

    /// Adds sums to an item.
    pub fn add(&mut self, nom: &Word, sums: Sums) {
        let total = self.0.entry(Word::clone(nom)).or_default();
        *total = total.plus(sums);
        if total.is_zero() {
            self.0.remove(nom);
        }
    }

    /// Adds every sum of others.
    pub fn extend(&mut self, other: &Self) {
        for (nom, sums) in &other.0 {
            self.add(nom, *sums);
        }
    }

    /// What is left when others are taken away.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = self.clone();
        for (nom, sums) in &other.0 {
            left.add(nom, Sums::default().minus(*sums));
        }
        left
    }

    /// Whether no item has a sum.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sums of an item.
    pub fn get(&self, nom: &str) -> Sums {
        self.0.get(nom).copied().unwrap_or_default()
    }

    /// Every item that has a sum, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Word, Sums)> {
        self.0.iter().map(|(nom, sums)| (nom, *sums))
    }

    /// As yearly totals of a contract.
    pub fn cumuls(&self, past: &Past, annee: i32, reference: RowRef) -> Vec<Cumul> {
        let row = |(nom, sums): (&Word, Sums)| Cumul {
            siret: past.siret,
            contrat: Word::clone(&past.contrat),
            annee,
            rubrique: Word::clone(nom),
            montant: Some(Amount::from_cents(sums.montant)),
            base: Some(Amount::from_cents(sums.base)),
            montant_agent: Some(Amount::from_cents(sums.agent)),
            montant_employeur: Some(Amount::from_cents(sums.employeur)),
            reference,
        };
        self.iter().map(row).collect()
    }
}

/// The sums of the lines that `count` keeps, by name of item, with the yearly quantities.
pub fn totals(program: &Program, payslip: &Payslip, count: impl Fn(&PayLine) -> bool) -> Totals {
    let mut totals = Totals::default();
    for (info, sums) in program.items.iter().zip(sums(program, payslip, count)) {
        if !sums.is_zero() {
            totals.add(&Word::from(info.nom.as_str()), sums);
        }
    }
    totals
}

/// The sums of the lines that `count` keeps, by place of the item, with the yearly quantities.
pub fn sums(program: &Program, payslip: &Payslip, count: impl Fn(&PayLine) -> bool) -> Vec<Sums> {
    let mut sums = vec![Sums::default(); program.items.len()];
    for line in payslip.lines.iter().filter(|line| count(line)) {
        let Some(total) = sums.get_mut(line.item) else { continue };
        let cents = |value: Option<i64>| value.unwrap_or(0);
        let sided = program.items.get(line.item).is_some_and(|info| info.sides.is_some());
        *total = total.plus(if sided {
            Sums {
                montant: 0,
                base: cents(line.base),
                agent: cents(line.montant_agent),
                employeur: cents(line.montant_employeur),
            }
        } else {
            Sums { montant: cents(line.montant_agent), ..Sums::default() }
        });
    }
    for &(item, cents) in &payslip.kept {
        if let Some(total) = sums.get_mut(item) {
            total.montant += cents;
        }
    }
    sums
}

/// What was due for one month, as last computed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Sums by item.
    pub totals: Totals,
    /// What it was computed from; none: the payslip was blocked, or there was none.
    pub inputs: Option<Inputs>,
}

/// Totals of the year before a month. They differ only when a rappel was paid in the year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Views {
    /// Everything paid in the year, whatever month it belongs to.
    pub paye: Totals,
    /// What was paid in the year for months of the year.
    pub annee: Totals,
    /// What is due for the months of the year.
    pub du: Totals,
}

impl Views {
    /// The totals of a year in which no rappel was paid.
    pub fn alike(totals: Totals) -> Self {
        Self { annee: totals.clone(), du: totals.clone(), paye: totals }
    }
}

/// What closed months say of one contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// The employer.
    pub siret: Siret,
    /// The contract.
    pub contrat: Word,
    /// What was due for each month, among those that were asked for.
    pub due: BTreeMap<PayPeriod, Due>,
    /// Figures that opened the books of a year.
    pub openings: BTreeMap<i32, Totals>,
    /// Totals of the year of the month being paid; none: no month of that year is closed.
    pub views: Option<Views>,
    /// Trop-perçu still to be taken back, in cents.
    pub solde: i64,
    /// The first month that could not be paid and waits.
    pub attente: Option<PayPeriod>,
    /// Whether months before those of `due` know the contract.
    pub ancien: bool,
}

impl Past {
    /// A contract of which nothing is known.
    pub fn new(siret: Siret, contrat: Word) -> Self {
        Self {
            siret,
            contrat,
            due: BTreeMap::new(),
            openings: BTreeMap::new(),
            views: None,
            solde: 0,
            attente: None,
            ancien: false,
        }
    }

    /// A month that could not be paid.
    pub fn wait(&mut self, month: PayPeriod) {
        self.attente = Some(self.attente.map_or(month, |before| before.min(month)));
    }

    /// Whether the archive knows the contract in a month or before: it was paid, or it waits.
    pub fn known_by(&self, month: PayPeriod) -> bool {
        let paid = self.due.first_key_value().is_some_and(|(first, _)| *first <= month);
        paid || self.ancien || self.attente.is_some_and(|waits| waits <= month)
    }

    /// The past of a contract, begun when it is not there.
    #[expect(clippy::indexing_slicing, reason = "the place was found, or just filled")]
    pub fn of<'p>(past: &'p mut Vec<Self>, siret: Siret, contrat: &str) -> &'p mut Self {
        let at = past.iter().position(|one| one.is(siret, contrat)).unwrap_or_else(|| {
            past.push(Self::new(siret, contrat.into()));
            past.len() - 1
        });
        &mut past[at]
    }

    /// What the months of a year before `month` are due, with the figures that opened the year.
    pub fn due_before(&self, month: PayPeriod) -> Totals {
        let mut totals = self.openings.get(&month.year()).cloned().unwrap_or_default();
        let year = |period: &&PayPeriod| period.year() == month.year() && **period < month;
        for (_, due) in self.due.iter().filter(|(period, _)| year(period)) {
            totals.extend(&due.totals);
        }
        totals
    }

    /// Whether it is the contract of these names.
    pub fn is(&self, siret: Siret, contrat: &str) -> bool {
        self.siret == siret && *self.contrat == *contrat
    }
}
