//! What the career of a contract says beyond its pay: age, year of the contract, filière, ceilings.

use std::sync::Arc;

use crate::calendar::{Day, PayPeriod};
use crate::diag::Code;
use crate::domain::{Carriere, Regime, Statut, canonical};
use crate::num::{Fixed, Ratio};
use crate::program::MISSING;

use super::carriere::SegmentFacts;
use super::inputs::{Input, Source, flag, known};
use super::month::Contract;
use super::{Finding, Memory, Preparer};

/// Whether an index, a monthly amount or an hourly rate must set the pay of this statut; for the
/// others a rule sets it (apprentices, elected representatives), or what they did in the month.
pub fn paid_by_career(statut: Statut) -> bool {
    !matches!(
        statut,
        Statut::Apprenti
            | Statut::Elu
            | Statut::Vacataire
            | Statut::AssistantMaternel
            | Statut::AssistantFamilial
    )
}

/// The day of the month on which an apprentice starts another year of the contract.
pub fn anniversary(contract: &Contract<'_>, period: PayPeriod) -> Option<Day> {
    if !contract.careers().any(|row| row.statut == Statut::Apprenti) {
        return None;
    }
    let start = first_day(contract)?;
    let day = Day::new(period.year(), start.month(), start.day()).ok();
    day.filter(|day| period.contains(*day))
}

/// The first day of a contract.
pub fn first_day(contract: &Contract<'_>) -> Option<Day> {
    contract.careers().map(|row| row.dated.depuis).min()
}

/// Whole years from one day to another.
pub fn years(from: Day, to: Day) -> i64 {
    let reached = (to.month(), to.day()) >= (from.month(), from.day());
    i64::from(to.year()) - i64::from(from.year()) - i64::from(!reached)
}

/// A civil day as the number AAAAMMJJ, the unit `date` of the rules.
pub fn date(day: Day) -> Fixed {
    let number = i64::from(day.year()) * 10_000 + i64::from(day.month() * 100 + day.day());
    Fixed::new(number, 0)
}

impl Preparer<'_> {
    /// One input about the situation of the agent on the first day of a segment; nothing when it
    /// is not known.
    pub(super) fn situation(
        &self,
        contract: &Contract<'_>,
        row: &Carriere,
        facts: &SegmentFacts,
        input: &Input,
        memory: &mut Memory,
    ) -> i128 {
        let number = |value: Option<Fixed>| known(value.and_then(|v| input.number(v).ok()));
        match input.source {
            Source::Fonction => {
                known(row.fonction.as_deref().and_then(|name| input.word(&canonical(name))))
            }
            Source::Assujetti => flag(row.regime == Some(Regime::General)),
            Source::Age => number(self.age(contract)),
            Source::AnneeContrat => {
                let start = first_day(contract);
                number(start.map(|start| Fixed::new(years(start, facts.first) + 1, 0)))
            }
            Source::DateContrat => number(row.conclu_le.or(first_day(contract)).map(date)),
            Source::Filiere => {
                let grade = row.grade.as_ref().and_then(|grade| self.grade(grade, memory));
                known(grade.and_then(|grade| input.word(&grade.filiere)))
            }
            Source::Loge => flag(row.loge),
            Source::Surcotisation => flag(row.surcotisation),
            Source::Therapeutique => {
                flag(row.temps_partiel_therapeutique.is_some() && !facts.conge_temps_plein)
            }
            Source::PlafondIfse => number(self.plafonds(row, facts.first, memory)[0]),
            Source::PlafondCia => number(self.plafonds(row, facts.first, memory)[1]),
            _ => MISSING,
        }
    }

    /// The statuts that the rules cover from a day after the first of the month only.
    pub(super) fn uncovered(&self) -> Vec<(Statut, Day)> {
        let Some(table) = self.book.book().tables.get("statuts") else { return Vec::new() };
        let first = self.period.first_day();
        let of = |statut: &Statut| {
            let (text, _) = table.lookup(statut.name(), first, self.known_on)?;
            Some((*statut, Day::parse(text).ok()?)).filter(|(_, covered)| first < *covered)
        };
        Statut::ALL.iter().filter_map(of).collect()
    }

    /// Refuses a statut on a day before the first one that the rules cover for it.
    pub(super) fn covered(&self, row: &Carriere, day: Day) -> Result<(), Finding> {
        let mut uncovered = self.uncovered.iter();
        let found = uncovered.find(|(statut, first)| *statut == row.statut && day < *first);
        let Some((statut, first)) = found else { return Ok(()) };
        Err(Finding::new(
            Code::E722,
            Some(row.dated.reference),
            format!("`{}` is not covered by these rules on {day}", statut.name()),
            &format!("they cover it from {first}; pay this agent elsewhere for that month"),
        ))
    }

    /// Whole years of age on the day before the month: a bracket of age starts the month after the
    /// birthday (code du travail D6222-34).
    fn age(&self, contract: &Contract<'_>) -> Option<Fixed> {
        let birth = contract.facts.agent.naissance?;
        Some(Fixed::new(years(birth, self.period.first_day().previous()), 0))
    }

    /// The yearly ceilings of the RIFSEEP, IFSE then CIA, by cadre d'emplois, group and housing.
    fn plafonds(&self, row: &Carriere, day: Day, memory: &mut Memory) -> [Option<Fixed>; 2] {
        let (Some(grade), Some(groupe)) = (&row.grade, row.groupe_rifseep) else {
            return [None; 2];
        };
        let day = self.regle(day);
        let key = (Arc::clone(grade), groupe, row.loge, day);
        if let Some(known) = memory.plafonds.get(&key) {
            return *known;
        }
        let cadre = self.grade(grade, memory);
        let housed = if row.loge { "oui" } else { "non" };
        let found = ["plafonds_ifse", "plafonds_cia"].map(|table| {
            let key = format!("{}|{groupe}|{housed}", cadre.as_ref()?.cadre);
            let table = self.book.book().tables.get(table)?;
            Fixed::parse(table.lookup(&key, day, self.known_on)?.0).ok()
        });
        memory.plafonds.insert(key, found);
        found
    }

    /// The paid fraction of premiums: that of the pay, but for an official on therapeutic part
    /// time, whose pay stays whole while premiums follow the time worked unless the employer
    /// decided otherwise.
    pub(super) fn quotite_primes(
        &self,
        row: &Carriere,
        facts: &SegmentFacts,
    ) -> Result<Ratio, Finding> {
        match row.temps_partiel_therapeutique.filter(|_| !facts.conge_temps_plein) {
            None => Ok(facts.quotite),
            Some(worked) => {
                let paid = self.paid(worked.ratio(), facts.first);
                facts.temps_non_complet.times(paid).map_err(|_| self.too_fine(row))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, Month};
    use super::{date, years};
    use crate::calendar::Day;
    use crate::diag::Code;
    use crate::domain::{Carriere, Statut};
    use crate::num::Fixed;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn of(statut: Statut, depuis: &str) -> Carriere {
        let row = sample::carriere(depuis, 400, "100");
        Carriere { statut, indice_majore: None, categorie: None, ..row }
    }

    #[test]
    fn years_turn_on_the_birthday_and_a_day_is_a_number() {
        let born = day("2005-06-15");
        assert_eq!(years(born, day("2026-06-14")), 20);
        assert_eq!(years(born, day("2026-06-15")), 21);
        assert_eq!(years(day("2004-02-29"), day("2025-02-28")), 20);
        assert_eq!(date(day("2025-03-01")), Fixed::new(20_250_301, 0));
    }

    #[test]
    fn another_year_of_apprenticeship_cuts_the_month() {
        let facts = sample::agent(vec![of(Statut::Apprenti, "2025-06-10")], 0);
        let prepared = Month::national("2026-06").prepared(&sample::employeur(&[]), &facts);
        let shares: Vec<i64> = prepared.segments.iter().map(|one| one.thirtieths).collect();
        assert_eq!(shares, [9, 21]);
    }

    #[test]
    fn a_statut_is_refused_before_its_first_day() {
        let facts = sample::agent(vec![of(Statut::Apprenti, "2018-01-01")], 0);
        let codes = |mois| {
            let prepared = Month::national(mois).prepared(&sample::employeur(&[]), &facts);
            prepared.findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
        };
        assert_eq!(codes("2018-12"), [Code::E722]);
        assert!(codes("2019-01").is_empty());
    }
}
