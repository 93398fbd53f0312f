//! Inputs that only controls read: other agents, earlier months, dates of facts.
//!
//! May import: `domain` and its neighbours. Must not know: what a control decides.

use std::borrow::Cow;

use crate::calendar::{Day, PayPeriod};
use crate::domain::{Ailleurs, Carriere, Precedent, Siret, TauxPas, Word, in_force};
use crate::num::{Amount, Fixed, RoundingMode, round_div};

use super::Preparer;
use super::absences::Absences;
use super::elements::Chosen;
use super::employeur::EmployeurMonth;
use super::inputs::{Input, Source, flag, known};
use super::month::Contract;
use super::situation::{date, first_day, years};

/// Rubriques whose hours count in the contingent of overtime, and those up to full time.
const SUPPLEMENTAIRES: &str = "IHTS";
const COMPLEMENTAIRES: &str = "HC";
/// Recovery of what was paid in excess.
const TROP_PERCU: &str = "TROP_PERCU";

/// What the month of a contract is, for its controls.
pub struct Vu<'a> {
    /// Rows of elements that count.
    pub chosen: &'a Chosen,
    /// Absences.
    pub absences: &'a Absences,
}

/// Months from the first to the second, negative when it is earlier.
fn months(from: PayPeriod, to: PayPeriod) -> i64 {
    let number = |month: PayPeriod| i64::from(month.year()) * 12 + i64::from(month.month());
    number(to) - number(from)
}

/// The digit of the sex in a NIR, provisional ones included: 1 for a man, 2 for a woman.
fn sex_of_nir(nir: &str) -> Option<u8> {
    match nir.bytes().next()? {
        b'1' | b'3' | b'7' => Some(1),
        b'2' | b'4' | b'8' => Some(2),
        _ => None,
    }
}

/// The same, from the column `sexe`.
fn sex_of_word(sexe: &str) -> Option<u8> {
    match sexe.trim().bytes().next()?.to_ascii_lowercase() {
        b'f' | b'2' => Some(2),
        b'm' | b'h' | b'1' => Some(1),
        _ => None,
    }
}

/// Whether the year or the month of a NIR is not that of the birth. A month above 12 is a special
/// series, and says nothing.
fn other_birth(nir: &str, birth: Day) -> bool {
    let number = |from: usize, to: usize| nir.get(from..to).and_then(|t| t.parse::<i32>().ok());
    let year = number(1, 3).is_some_and(|year| year != birth.year().rem_euclid(100));
    let month = number(3, 5).filter(|month| (1..=12).contains(month));
    let birth_month = i32::try_from(birth.month()).unwrap_or(0);
    year || month.is_some_and(|month| month != birth_month)
}

impl Preparer<'_> {
    /// One input of the month that only controls read; nothing when it is not known.
    pub(super) fn controle(&self, contract: &Contract<'_>, vu: &Vu<'_>, input: &Input) -> i128 {
        let number = |value: Option<Fixed>| known(value.and_then(|v| input.number(v).ok()));
        let whole = |value: Option<i64>| number(value.map(|value| Fixed::new(value, 0)));
        let before = self.precedent(contract);
        let amount = |of: fn(&Precedent) -> Amount| {
            number(before.map(|before| Fixed::new(of(before).cents(), 2)))
        };
        match input.source {
            Source::PrecedentConnu => flag(before.is_some()),
            Source::PrecedentNet => amount(|before| before.net),
            Source::PrecedentBrut => amount(|before| before.brut),
            Source::IbanChange => flag(before.is_some_and(|before| before.iban_change)),
            Source::IbanPartage => {
                flag(contract.facts.partage.as_ref().is_some_and(|shared| shared.iban))
            }
            Source::NirPartage => flag(self.same_nir(contract, |siret| siret != contract.siret)),
            Source::NirDouble => flag(self.same_nir(contract, |siret| siret == contract.siret)),
            Source::NirProvisoire | Source::NirSexe | Source::NirNaissance => {
                flag(identity(contract, input.source))
            }
            Source::HeuresSupplementaires => number(hours(contract, vu, SUPPLEMENTAIRES, self)),
            Source::HeuresComplementaires => number(hours(contract, vu, COMPLEMENTAIRES, self)),
            Source::AgeDebut => {
                whole(first_day(contract).and_then(|start| {
                    contract.facts.agent.naissance.map(|birth| years(birth, start))
                }))
            }
            Source::ContratTermine => flag(self.ends(contract)),
            Source::AncienneteTauxPas => whole(self.age_of_rate(contract)),
            Source::PassageDemiTraitement => flag(vu.absences.baisse),
            Source::ProlongationPlein => number(vu.absences.prolongation_pleine.map(date)),
            Source::AnneesRappel => whole(self.oldest(contract, vu, |rubrique, origin| {
                let years = i64::from(self.period.year()) - i64::from(origin.year());
                (rubrique != TROP_PERCU).then_some(years)
            })),
            Source::MoisTropPercu => whole(self.oldest(contract, vu, |rubrique, origin| {
                (rubrique == TROP_PERCU).then(|| months(origin, self.period))
            })),
            Source::MoisTherapeutique => whole(self.therapeutic_months(contract)),
            _ => crate::program::MISSING,
        }
    }

    /// What the month before paid to a contract.
    fn precedent<'f>(&self, contract: &Contract<'f>) -> Option<&'f Precedent> {
        let rows = &contract.facts.precedents;
        self.precedent_of(rows, contract.siret, contract.contrat)
    }

    /// The same, among the rows of an agent.
    pub fn precedent_of<'f>(
        &self,
        rows: &'f [Precedent],
        siret: Siret,
        contrat: &Word,
    ) -> Option<&'f Precedent> {
        let before = self.period.previous();
        rows.iter().find(|row| row.mois == before && row.siret == siret && row.contrat == *contrat)
    }

    /// Whether another agent with the same NIR has a career in the month, at a chosen employer.
    fn same_nir(&self, contract: &Contract<'_>, at: impl Fn(Siret) -> bool) -> bool {
        let Some(shared) = &contract.facts.partage else { return false };
        let (first, last) = (self.period.first_day(), self.period.last_day());
        let rows = shared.nir.iter().filter(|row| at(row.siret));
        rows.clone().any(|row| {
            let same = |other: &&Ailleurs| {
                (&other.agent, other.siret, &other.contrat) == (&row.agent, row.siret, &row.contrat)
            };
            let mine = rows.clone().filter(same);
            let day = row.dated.depuis.max(first);
            day <= last && in_force(mine, day, self.known_on).is_some()
        })
    }

    /// Whether nothing of the contract is known after the month.
    fn ends(&self, contract: &Contract<'_>) -> bool {
        let after = self.period.last_day().next();
        let later = |row: &Carriere| row.dated.depuis > after;
        in_force(contract.careers(), after, self.known_on).is_none()
            && !contract.careers().any(|row| later(row) && self.known_on.knows(row.dated.connu_le))
    }

    /// Months since the tax rate in force was received.
    fn age_of_rate(&self, contract: &Contract<'_>) -> Option<i64> {
        let rows = &contract.facts.taux_pas;
        let row: &TauxPas = in_force(rows, self.period.last_day(), self.known_on)?;
        row.taux?;
        let received = row.dated.connu_le.unwrap_or(row.dated.depuis);
        Some(months(PayPeriod::of(received), self.period).max(0))
    }

    /// The greatest of what the late rows give, from their rubrique and month of origin.
    fn oldest(
        &self,
        contract: &Contract<'_>,
        vu: &Vu<'_>,
        of: impl Fn(&str, PayPeriod) -> Option<i64>,
    ) -> Option<i64> {
        let rows = vu.chosen.rows.iter().filter_map(|row| contract.facts.elements.get(row.row));
        rows.filter_map(|row| of(&row.rubrique, row.mois_origine.filter(|m| *m < self.period)?))
            .max()
    }

    /// Whole months of therapeutic part time without a break, up to the last day of the month.
    fn therapeutic_months(&self, contract: &Contract<'_>) -> Option<i64> {
        let last = self.period.last_day();
        let (mut day, mut start) = (last, None);
        while let Some(row) = in_force(contract.careers(), day, self.known_on)
            && row.temps_partiel_therapeutique.is_some()
        {
            start = Some(row.dated.depuis);
            day = row.dated.depuis.previous();
        }
        Some(i64::from(start?.months_until(last.next())))
    }

    /// The smallest change of a line that is told, in cents: what the employer chose, else the
    /// rules. Nothing is told without either.
    pub fn least_move(&self, employeur: Option<&EmployeurMonth<'_>>) -> i64 {
        let chosen = employeur.and_then(|e| self.employer_amount(e, "employeur.ecart_ligne"));
        chosen.or_else(|| self.ratio("ecart_ligne_minimum", 100)).unwrap_or(i64::MAX)
    }

    /// Whether an amount is another one times the factor of the rules, or has the other sign.
    pub fn multiplied(&self, was: i64, now: i64) -> bool {
        let (was, now) = (i128::from(was), i128::from(now));
        let factor = self.ratio("ecart_ligne_facteur", 1).map_or(i128::MAX, i128::from);
        (was < 0) != (now < 0) || now.abs() >= was.abs().saturating_mul(factor)
    }

    /// An amount that an employer gives as a parameter, in cents.
    pub fn employer_amount(&self, employeur: &EmployeurMonth<'_>, nom: &str) -> Option<i64> {
        let at = self.layout.employeur.iter().position(|input| input.entree.nom == nom)?;
        let value = employeur.values.get(at).copied()?;
        i64::try_from(value).ok().filter(|_| value != crate::program::MISSING)
    }

    /// A parameter of the rules that code reads, times a whole number.
    fn ratio(&self, nom: &str, times: i64) -> Option<i64> {
        let parametre = self.book.book().parametre(nom)?;
        let version = parametre.valeurs.in_force(self.period.first_day(), self.known_on)?;
        let (num, den) = version.value;
        let scaled = i128::from(num) * i128::from(times);
        let rounded = round_div(scaled, i128::from(den), RoundingMode::DemiSuperieur)?;
        i64::try_from(rounded).ok()
    }
}

/// What the NIR of the agent says that the other columns do not.
fn identity(contract: &Contract<'_>, source: Source) -> bool {
    let agent = &contract.facts.agent;
    let nir = agent.identity.nir();
    let spaced = nir.contains(char::is_whitespace);
    let nir = match spaced {
        true => Cow::Owned(nir.split_whitespace().collect()),
        false => Cow::Borrowed(nir),
    };
    match source {
        Source::NirProvisoire => nir.starts_with(['3', '4', '7', '8']),
        Source::NirSexe => {
            let pair = sex_of_nir(&nir).zip(sex_of_word(agent.identity.sexe()));
            pair.is_some_and(|(nir, sexe)| nir != sexe)
        }
        _ => agent.naissance.is_some_and(|birth| other_birth(&nir, birth)),
    }
}

/// Hours of the month under the rubriques that start so; hours of an earlier month are of its own
/// contingent.
fn hours(
    contract: &Contract<'_>,
    vu: &Vu<'_>,
    start: &str,
    preparer: &Preparer<'_>,
) -> Option<Fixed> {
    let rows = vu.chosen.rows.iter().filter_map(|row| contract.facts.elements.get(row.row));
    let mine = rows.filter(|row| {
        row.rubrique.starts_with(start)
            && row.mois_origine.is_none_or(|month| month == preparer.period)
    });
    let hours = mine.filter_map(|row| row.nombre?.at_scale(4).ok());
    Some(Fixed::new(hours.sum(), 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nir_says_a_sex_a_year_and_a_month() {
        assert_eq!([sex_of_nir("1"), sex_of_nir("8"), sex_of_nir("")], [Some(1), Some(2), None]);
        let words = ["F", "homme", "2", "x", ""].map(sex_of_word);
        assert_eq!(words, [Some(2), Some(1), Some(2), None, None]);
        let born = Day::parse("1980-04-17").unwrap();
        let other = |nir: &str| other_birth(nir, born);
        assert!(!other("280047160090554") && !other("280997160090554") && !other("2"));
        assert!(other("281047160090554") && other("280057160090554"));
    }

    #[test]
    fn months_are_counted_between_two_of_them() {
        let month = |text: &str| PayPeriod::parse(text).unwrap();
        assert_eq!(months(month("2025-11"), month("2026-02")), 3);
        assert_eq!(months(month("2026-02"), month("2025-11")), -3);
    }
}
