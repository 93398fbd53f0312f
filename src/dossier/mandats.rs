//! All the mandates of an elected representative, whichever employer of the pool pays them.
//!
//! Two readings: the half-ceiling test of the general scheme adds the mandates of some natures of
//! employers only (table `mandats_assujettis`); what is shared out between mandates adds them all.

use crate::calendar::Day;
use crate::diag::Code;
use crate::domain::{Carriere, EmployeurKind, Siret, Statut, canonical, in_force};
use crate::num::{Fixed, Ratio};
use crate::program::MISSING;
use crate::rules::Tranche;

use super::carriere::SegmentFacts;
use super::employeur::EmployeurMonth;
use super::inputs::{Input, Source};
use super::month::{Contract, push};
use super::{Finding, Preparer};

/// The barème of the rate that the law itself gives to a mayor.
const BAREME_MAIRE: &str = "elu_maire";
/// The table of the natures of employers whose mandates count for the half-ceiling test.
const TABLE: &str = "mandats_assujettis";
/// Decimals of a rate.
const DECIMALES: u8 = 6;

/// One mandate held on a day.
struct Mandat {
    /// Effective rate, in millionths.
    taux: i64,
    /// Whether it is the contract being prepared.
    ici: bool,
    /// Whether it counts for the half-ceiling test.
    compte: bool,
    /// Inhabitants of the commune, for the mandate of a commune.
    commune: Option<i64>,
}

/// Days of the month on which a mandate held elsewhere changes: what is shared out between
/// mandates changes there too.
pub fn changes(contract: &Contract<'_>) -> Vec<Day> {
    let elu = |row: &&Carriere| row.statut == Statut::Elu;
    if !contract.careers().any(|row| elu(&row)) {
        return Vec::new();
    }
    let elsewhere = contract.facts.carrieres.iter().filter(elu);
    let elsewhere = elsewhere.filter(|row| !contract.owns(row.siret, &row.contrat));
    elsewhere
        .flat_map(|row| [Some(row.dated.depuis), row.dated.fin.map(Day::next)])
        .flatten()
        .collect()
}

impl Preparer<'_> {
    /// One input about the mandates held on the first day of a segment.
    pub(super) fn mandats(
        &self,
        contract: &Contract<'_>,
        row: &Carriere,
        input: &Input,
        facts: &SegmentFacts,
        values: &mut Vec<i128>,
    ) -> Result<i128, Finding> {
        if row.statut != Statut::Elu {
            return Ok(match input.source {
                Source::PartMandats => push(values, Ratio::ONE),
                _ => MISSING,
            });
        }
        self.fonction(row)?;
        let held = self.held(contract, facts.first)?;
        let sum = |wanted: fn(&&Mandat) -> bool| -> i64 {
            held.iter().filter(wanted).map(|mandat| mandat.taux).sum()
        };
        let number = |value: Fixed| {
            input.number(value).map_err(|reason| {
                let message = format!("`{}` is `{value}`: {reason}", input.entree.nom);
                let remede = "correct the rates of the mandates in carrieres.csv";
                Finding::new(Code::F802, Some(row.dated.reference), message, remede)
            })
        };
        match input.source {
            Source::PartMandats => {
                let (own, all) = (sum(|mandat| mandat.ici), sum(|_| true));
                let part = if all == 0 { Ok(Ratio::ONE) } else { Ratio::new(own, all) };
                Ok(push(values, part.map_err(|_| self.too_fine(row))?))
            }
            Source::TauxMandats => {
                // A mandate that does not count is never liable, whatever the others give.
                let counts = held.iter().any(|mandat| mandat.ici && mandat.compte);
                let total = if counts { sum(|mandat| mandat.compte) } else { 0 };
                number(Fixed::new(total, DECIMALES))
            }
            Source::NombreMandats => {
                let paid = held.iter().filter(|mandat| mandat.taux > 0).count();
                number(Fixed::new(i64::try_from(paid).unwrap_or(i64::MAX), 0))
            }
            Source::PopulationMandats => {
                let smallest = held.iter().filter_map(|mandat| mandat.commune).min();
                smallest.map_or(Ok(MISSING), |habitants| number(Fixed::new(habitants, 0)))
            }
            _ => Ok(MISSING),
        }
    }

    /// Refuses an office that the rules do not know: a slip would lose its ceiling in silence.
    fn fonction(&self, row: &Carriere) -> Result<(), Finding> {
        let Some(fonction) = row.fonction.as_deref() else { return Ok(()) };
        let mut inputs = self.layout.segment.iter();
        let Some(input) = inputs.find(|input| input.source == Source::Fonction) else {
            return Ok(());
        };
        input.word(&canonical(fonction)).map(|_| ()).ok_or_else(|| {
            Finding::new(
                Code::E706,
                Some(row.dated.reference),
                format!("`{fonction}` is not an office of elected representatives"),
                &format!("write one of `{}`", input.words().join("`, `")),
            )
        })
    }

    /// Every mandate of the agent in force on a day, one a contract, in the order of the careers.
    fn held(&self, contract: &Contract<'_>, day: Day) -> Result<Vec<Mandat>, Finding> {
        let careers = &contract.facts.carrieres;
        let mut seen: Vec<(Siret, &str)> = Vec::new();
        let mut held = Vec::new();
        for row in careers {
            if seen.contains(&(row.siret, &*row.contrat)) {
                continue;
            }
            seen.push((row.siret, &row.contrat));
            let same = |other: &&Carriere| other.siret == row.siret && other.contrat == row.contrat;
            let current = in_force(careers.iter().filter(same), day, self.known_on);
            let Some(current) = current.filter(|current| current.statut == Statut::Elu) else {
                continue;
            };
            let ici = contract.owns(current.siret, &current.contrat);
            let employeur = contract.pool.iter().find(|(siret, _)| *siret == current.siret);
            // An unknown employer was reported by the reader of the pool.
            let Some((_, employeur)) = employeur else { continue };
            held.push(self.mandat(current, employeur, ici, day)?);
        }
        Ok(held)
    }

    fn mandat(
        &self,
        row: &Carriere,
        employeur: &EmployeurMonth<'_>,
        ici: bool,
        day: Day,
    ) -> Result<Mandat, Finding> {
        let employeur = employeur.facts;
        let nature = employeur.nature;
        let counting = self.book.book().tables.get(TABLE);
        let counting =
            counting.and_then(|t| t.lookup(nature.name(), self.regle(day), self.known_on));
        let commune = if nature == EmployeurKind::Commune {
            let unknown = || {
                Finding::new(
                    Code::F801,
                    Some(employeur.reference),
                    format!(
                        "the mandate in commune {} needs its population, which is not known",
                        employeur.siret
                    ),
                    "give `population` in employeurs.csv",
                )
            };
            Some(employeur.population.ok_or_else(unknown)?)
        } else {
            None
        };
        let taux = match row.taux_indemnite {
            Some(taux) => taux.at_scale(DECIMALES).ok(),
            None if row.fonction.as_deref().is_some_and(|f| canonical(f) == "maire") => {
                commune.and_then(|habitants| self.taux_maire(habitants, day))
            }
            None => None,
        };
        let taux = taux.ok_or_else(|| {
            Finding::new(
                Code::E707,
                Some(row.dated.reference),
                "nothing sets the indemnity of this elected representative".to_owned(),
                "give `taux_indemnite`, the rate voted; the law gives one to a mayor only",
            )
        })?;
        Ok(Mandat { taux, ici, compte: counting.is_some_and(|(text, _)| text == "oui"), commune })
    }

    /// The rate of the law for a mayor, in millionths.
    fn taux_maire(&self, habitants: i64, day: Day) -> Option<i64> {
        let baremes = &self.book.book().baremes;
        let bareme = baremes.iter().find(|bareme| bareme.nom == BAREME_MAIRE)?;
        let version = bareme.tranches.in_force(self.regle(day), self.known_on)?;
        let hundredths = habitants.checked_mul(100)?;
        let below = version.value.iter().take_while(|tranche| tranche.borne <= hundredths);
        millionths(below.last()?.taux)
    }
}

/// The rate of a bracket in millionths, when it has no more decimals.
#[expect(clippy::integer_division, reason = "exact: the remainder is zero")]
fn millionths(taux: i64) -> Option<i64> {
    let scaled = taux.checked_mul(1_000_000)?;
    (scaled % Tranche::UNITE == 0).then_some(scaled / Tranche::UNITE)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, Month, word};
    use super::super::{Memory, Prepared, Preparer};
    use crate::diag::Code;
    use crate::domain::{AgentFacts, Carriere, Employeur, EmployeurKind, Siret, Statut};
    use crate::num::Fixed;
    use crate::program::MISSING;

    fn siret(last: u8) -> Siret {
        Siret::parse(&format!("2100000000000{last}")).unwrap()
    }

    fn employeur(last: u8, nature: EmployeurKind, population: Option<i64>) -> Employeur {
        Employeur { siret: siret(last), nature, population, ..sample::employeur(&[]) }
    }

    fn mandat(last: u8, depuis: &str, fonction: &str, taux: &str) -> Carriere {
        Carriere {
            siret: siret(last),
            statut: Statut::Elu,
            indice_majore: None,
            categorie: None,
            fonction: Some(word(fonction)),
            taux_indemnite: Fixed::parse(taux).ok(),
            ..sample::carriere(depuis, 400, "100")
        }
    }

    fn prepared(mois: &str, facts: &AgentFacts, pool: &[Employeur]) -> Vec<Prepared> {
        let month = Month::national(mois);
        let preparer = Preparer::new(&month.book, &month.program).unwrap();
        let months: Vec<_> = pool.iter().map(|one| preparer.employeur(one)).collect();
        let find = |siret| months.iter().find(|one| one.facts.siret == siret);
        preparer.agent(facts, find, &mut Memory::default())
    }

    /// Rates, share, number and population of a segment, from the layout of the program.
    fn read(mois: &str, one: &Prepared, segment: usize) -> [i128; 5] {
        let month = Month::national(mois);
        let preparer = Preparer::new(&month.book, &month.program).unwrap();
        let values = &one.dossier.segments[segment].values;
        let mut at = 0;
        let mut out = [MISSING; 5];
        for input in &preparer.layout.segment {
            let ratio = matches!(input.entree.kind, crate::rules::EntreeType::Ratio);
            match input.entree.nom.as_str() {
                "agent.taux_mandats" => out[0] = values[at],
                "agent.part_mandats" => (out[1], out[2]) = (values[at], values[at + 1]),
                "agent.nombre_mandats" => out[3] = values[at],
                "agent.population_mandats" => out[4] = values[at],
                _ => {}
            }
            at += 1 + usize::from(ratio);
        }
        out
    }

    #[test]
    fn every_mandate_of_the_pool_counts_and_a_mayor_has_the_rate_of_the_law() {
        let pool = [
            employeur(1, EmployeurKind::Commune, Some(800)),
            employeur(2, EmployeurKind::Epci, Some(30_000)),
            employeur(3, EmployeurKind::Cdg, None),
        ];
        let facts = sample::agent(
            vec![
                mandat(1, "2026-01-01", "maire", ""),
                mandat(2, "2026-01-01", "vice_president", "0.2473"),
                mandat(3, "2026-01-01", "president", "0.1"),
            ],
            0,
        );
        let months = prepared("2026-02", &facts, &pool);
        // 44.3 % + 24.73 %; the board of a CDG is outside the test, not outside the shares.
        assert_eq!(read("2026-02", &months[0], 0), [690_300, 4430, 7903, 3, 800]);
        assert_eq!(read("2026-02", &months[1], 0), [690_300, 2473, 7903, 3, 800]);
        assert_eq!(read("2026-02", &months[2], 0), [0, 1000, 7903, 3, 800]);
    }

    #[test]
    fn a_mandate_that_starts_elsewhere_cuts_the_month() {
        let pool = [
            employeur(1, EmployeurKind::Commune, Some(5000)),
            employeur(2, EmployeurKind::Epci, Some(30_000)),
        ];
        let rows = vec![
            mandat(1, "2026-01-01", "adjoint", "0.2"),
            mandat(2, "2026-02-16", "vice_president", "0.3"),
        ];
        let months = prepared("2026-02", &sample::agent(rows, 0), &pool);
        assert_eq!(months[0].dossier.segments.len(), 2);
        assert_eq!(read("2026-02", &months[0], 0), [200_000, 1, 1, 1, 5000]);
        assert_eq!(read("2026-02", &months[0], 1), [500_000, 2, 5, 2, 5000]);
    }

    #[test]
    fn what_the_law_does_not_set_is_refused_by_name() {
        let of = |rows: Vec<Carriere>, population| {
            let pool = [employeur(1, EmployeurKind::Commune, population)];
            let months = prepared("2026-02", &sample::agent(rows, 0), &pool);
            months[0].findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
        };
        let adjoint = vec![mandat(1, "2026-01-01", "adjoint", "")];
        assert_eq!(of(adjoint, Some(800)), [Code::E707]);
        let wrong = vec![mandat(1, "2026-01-01", "mer", "0.2")];
        assert_eq!(of(wrong, Some(800)), [Code::E706]);
        let maire = vec![mandat(1, "2026-01-01", "maire", "0.2")];
        assert_eq!(of(maire, None), [Code::F801]);
    }
}
