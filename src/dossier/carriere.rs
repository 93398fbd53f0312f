//! What a career row means on a day: index, quotité, scheme.

use std::sync::Arc;

use crate::calendar::{Day, KnownOn};
use crate::diag::{Code, nearest};
use crate::domain::{
    AgentFacts, Carriere, Categorie, Regime, Statut, Word, ZoneIr, canonical, in_force,
};
use crate::num::Ratio;
use crate::rules::{Echelon, GridError, Table};

use super::{Finding, GradeFacts, Memory, Preparer};

/// An index and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Indice brut or letter group, empty when the career gives the indice majoré only.
    pub ib: String,
    /// Indice majoré, before the minimum.
    pub im: i64,
    /// Where it was read.
    pub source: IndexSource,
}

/// Where an index was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexSource {
    /// Written in the career.
    Carriere,
    /// The grid of the grade.
    Grille,
    /// The barème, from the indice brut.
    Bareme,
}

/// What a segment is, for people and for the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentFacts {
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
    /// Thirtieths.
    pub thirtieths: i64,
    /// Place of the row in the careers of the agent.
    pub row: usize,
    /// Index; none for a pay that no index sets.
    pub index: Option<Index>,
    /// Category.
    pub categorie: Option<Categorie>,
    /// Scheme.
    pub regime: Regime,
    /// Weekly duration of the post over full time.
    pub temps_non_complet: Ratio,
    /// Paid fraction of part time.
    pub temps_partiel: Ratio,
    /// Worked fraction of full time.
    pub duree_travail: Ratio,
    /// Paid fraction.
    pub quotite: Ratio,
    /// Whether a leave gives back the pay of full time, whatever the part time.
    pub conge_temps_plein: bool,
    /// Residence zone.
    pub zone_ir: Option<ZoneIr>,
}

/// What a grade and an échelon give on a day.
#[derive(Clone, Debug, Default)]
pub(super) struct Graded {
    index: Option<Index>,
    /// The last day on which the grid was re-staged.
    restaged: Option<Arc<Restaged>>,
}

/// A re-staging of a grid, and what to say of a career that does not know of it.
#[derive(Debug)]
struct Restaged {
    depuis: Day,
    message: String,
    remede: String,
}

impl Preparer<'_> {
    /// The index and the category of a career row on a day.
    pub(super) fn index(
        &self,
        row: &Carriere,
        day: Day,
        memory: &mut Memory,
        findings: &mut Vec<Finding>,
    ) -> Result<(Option<Index>, Option<Categorie>), Finding> {
        let day = self.regle(day);
        let from_grade = match (&row.grade, &row.echelon) {
            (Some(grade), Some(echelon)) if row.indice_majore.is_none() => {
                let key = (Arc::clone(grade), Arc::clone(echelon), day);
                let known = memory.indices.get(&key).cloned();
                let found = known.unwrap_or_else(|| {
                    let found = self.grid(row, grade, echelon, day);
                    memory.indices.insert(key, found.clone());
                    found
                });
                Some(found.map_err(|finding| Finding {
                    reference: Some(row.dated.reference),
                    ..finding
                })?)
            }
            _ => None,
        };
        let of_grade = row.grade.as_ref().and_then(|grade| self.grade(grade, memory)?.categorie);
        let categorie = row.categorie.or(of_grade);
        if let Some(im) = row.indice_majore {
            let index = Index { ib: String::new(), im, source: IndexSource::Carriere };
            return Ok((Some(index), categorie));
        }
        if let Some(Graded { index: Some(index), restaged }) = from_grade {
            findings.extend(restaged.and_then(|restaged| stale(row, &restaged, findings)));
            return Ok((Some(index), categorie));
        }
        match &row.indice_brut {
            Some(ib) => Ok((Some(self.bareme(row, ib, day)?), categorie)),
            None => Ok((None, categorie)),
        }
    }

    /// What a grade says, remembered: folding a name costs more than everything else here.
    pub(super) fn grade(&self, grade: &Word, memory: &mut Memory) -> Option<Arc<GradeFacts>> {
        if let Some(known) = memory.grades.get(grade) {
            return known.clone();
        }
        let found = self.book.book().grids.grade(grade).map(|grade| {
            Arc::new(GradeFacts {
                categorie: Categorie::from_name(&grade.categorie),
                filiere: canonical(&grade.filiere),
                cadre: canonical(&grade.cadre),
            })
        });
        memory.grades.insert(Arc::clone(grade), found.clone());
        found
    }

    fn grid(
        &self,
        row: &Carriere,
        grade: &str,
        echelon: &str,
        day: Day,
    ) -> Result<Graded, Finding> {
        let grids = &self.book.book().grids;
        let reference = Some(row.dated.reference);
        let (step, _) = grids
            .echelon(grade, echelon, day, self.known_on)
            .map_err(|error| self.grid_finding(error, row, grade, echelon, day))?;
        let restaged = self.restaged(grade, step, day).map(Arc::new);
        let index = match step.im {
            Some(im) => Index { ib: step.ib.clone(), im, source: IndexSource::Grille },
            // Hors échelle: the letter group needs its chevron, given in `indice_brut`.
            None if is_letters(&step.ib) => {
                if row.indice_brut.is_some() {
                    return Ok(Graded::default());
                }
                let message =
                    format!("échelon `{echelon}` of `{grade}` is hors échelle {}", step.ib);
                let remede = format!("write the chevron in `indice_brut`: `{}1`", step.ib);
                return Err(Finding { code: Code::E709, reference, message, remede });
            }
            // The grid knows the indice brut only.
            None => self.bareme(row, &step.ib, day).map_err(|finding| {
                let message = format!("échelon `{echelon}` of `{grade}`: {}", finding.message);
                Finding { message, ..finding }
            })?,
        };
        Ok(Graded { index: Some(index), restaged })
    }

    /// What to say of a career older than the last re-staging of its grid.
    fn restaged(&self, grade: &str, step: &Echelon, day: Day) -> Option<Restaged> {
        let book = self.book.book();
        let grade = book.grids.grade(grade)?;
        let found = book.grids.reclassement(grade, day, self.known_on)?;
        let depuis = found.depuis;
        let grid = book.grids.of(grade)?;
        let before = grid.in_force(depuis.previous(), self.known_on).ok();
        let before = before.and_then(|v| v.value.iter().find(|s| s.echelon == step.echelon));
        let meant = before.map_or_else(String::new, |s| format!(" meant IB {} before, and", s.ib));
        let (nom, echelon, ib) = (&grade.nom, &step.echelon, &step.ib);
        let texte = found.textes.first().map(|reference| reference.key.as_str());
        let texte = texte.map_or_else(String::new, |key| format!(" (see `paie show texte {key}`)"));
        Some(Restaged {
            depuis,
            message: format!(
                "the grid of `{nom}` was re-staged on {depuis}: échelon {echelon}{meant} means \
                 IB {ib} now"
            ),
            remede: format!(
                "check the reclassement{texte}, and write a row of the career from {depuis} on"
            ),
        })
    }

    fn grid_finding(
        &self,
        error: GridError,
        row: &Carriere,
        grade: &str,
        echelon: &str,
        day: Day,
    ) -> Finding {
        let names = self.book.book().grids.grades.values().map(|grade| grade.nom.as_str());
        let (code, message, remede) = match error {
            GridError::Grade => {
                let close = nearest(grade, names, 3);
                let remede = if close.is_empty() {
                    "write it as in `paie show grille`".to_owned()
                } else {
                    format!("the nearest grades are `{}`", close.join("`, `"))
                };
                (Code::E708, format!("the grade `{grade}` is not known"), remede)
            }
            GridError::Absent { motif, before, after, voisins } => {
                let reason = motif.map_or_else(String::new, |motif| format!(": {motif}"));
                let message = format!("the grid of `{grade}` is not known on {day}{reason}");
                (Code::E709, message, nearest_known(before, after, &voisins))
            }
            GridError::Remplace(chain) => {
                let became = chain.iter().map(|(day, nom)| format!("`{nom}` on {day}"));
                let became = became.collect::<Vec<_>>().join(", then ");
                let message = format!("the grade `{grade}` is no more on {day}: became {became}");
                let last = chain.last().map_or("", |(_, nom)| nom.as_str());
                let remede = format!(
                    "check the reclassement, and write a row of the career with `{last}` and the \
                     échelon it gave"
                );
                (Code::E709, message, remede)
            }
            GridError::Echelon { connus, motif } => {
                let reason = motif.map_or_else(String::new, |motif| format!(": {motif}"));
                let message =
                    format!("`{echelon}` is not an échelon of `{grade}` on {day}{reason}");
                (Code::E709, message, format!("its échelons are {}", connus.join(", ")))
            }
        };
        Finding { code, reference: Some(row.dated.reference), message, remede }
    }

    fn bareme(&self, row: &Carriere, ib: &str, day: Day) -> Result<Index, Finding> {
        let book = self.book.book();
        let name = if is_letters(ib) { "hors_echelle" } else { "bareme_ib_im" };
        let table = book.tables.get(name);
        let found = table.and_then(|t| t.lookup(ib, day, self.known_on));
        let im = found.and_then(|(text, _)| text.parse::<i64>().ok());
        im.map(|im| Index { ib: ib.to_owned(), im, source: IndexSource::Bareme }).ok_or_else(|| {
            let message = format!("the indice brut `{ib}` is not in the barème on {day}");
            let remede = table.map_or_else(
                || "give `indice_majore`".to_owned(),
                |table| near_in_bareme(table, ib, day, self.known_on),
            );
            Finding::new(Code::E709, Some(row.dated.reference), message, &remede)
        })
    }

    /// The scheme: written, or deduced from the statut and the hours of every job of the agent.
    pub(super) fn regime(&self, facts: &AgentFacts, row: &Carriere, day: Day) -> Regime {
        match row.regime {
            // The general scheme goes with the IRCANTEC: `agent.assujetti` keeps the difference.
            Some(Regime::General) => return Regime::Ircantec,
            Some(regime) => return regime,
            None => {}
        }
        match row.statut {
            Statut::Titulaire | Statut::Stagiaire => {
                if self.reaches_cnracl(facts, day) {
                    Regime::Cnracl
                } else {
                    Regime::Ircantec
                }
            }
            Statut::DetacheEtat => Regime::PensionCivile,
            _ => Regime::Ircantec,
        }
    }

    /// Whether all the posts held as an official on a day add up to the hours of the CNRACL.
    pub(super) fn reaches_cnracl(&self, facts: &AgentFacts, day: Day) -> bool {
        let mut hours = Hundredths::default();
        let mut seen: Vec<(crate::domain::Siret, &str)> = Vec::new();
        for row in &facts.carrieres {
            if seen.contains(&(row.siret, &*row.contrat)) {
                continue;
            }
            seen.push((row.siret, &row.contrat));
            let same = |other: &&Carriere| other.siret == row.siret && other.contrat == row.contrat;
            let current = in_force(facts.carrieres.iter().filter(same), day, self.known_on);
            if let Some(current) = current
                && matches!(current.statut, Statut::Titulaire | Statut::Stagiaire)
            {
                hours.add(current.duree_hebdo.unwrap_or(Ratio::ONE));
            }
        }
        hours.reaches(self.seuil_cnracl)
    }

    /// Paid fraction of part time, worked fraction of full time, and weekly duration.
    pub(super) fn fractions(
        &self,
        row: &Carriere,
        day: Day,
        full_time: bool,
    ) -> Result<[Ratio; 4], Finding> {
        let temps_non_complet = row.duree_hebdo.unwrap_or(Ratio::ONE);
        if full_time {
            return Ok([temps_non_complet, Ratio::ONE, temps_non_complet, temps_non_complet]);
        }
        let worked = row.quotite.ratio();
        let official =
            matches!(row.statut, Statut::Titulaire | Statut::Stagiaire | Statut::DetacheEtat);
        // A therapeutic part time leaves the pay of an official whole (décret 87-602).
        let temps_partiel = match row.temps_partiel_therapeutique {
            Some(_) if official => Ratio::ONE,
            // The paid fractions of the law are those of public agents: private law pays the hours.
            _ if matches!(row.statut, Statut::ContratAide | Statut::Apprenti) => worked,
            Some(quotite) => self.paid(quotite.ratio(), day),
            None => self.paid(worked, day),
        };
        let too_fine = |_| self.too_fine(row);
        let duree_travail = temps_non_complet.times(worked).map_err(too_fine)?;
        let quotite = temps_non_complet.times(temps_partiel).map_err(too_fine)?;
        Ok([temps_non_complet, temps_partiel, duree_travail, quotite])
    }

    /// Two fractions whose product has too many digits.
    pub(super) fn too_fine(&self, row: &Carriere) -> Finding {
        Finding::new(
            Code::E710,
            Some(row.dated.reference),
            "the product of the quotité and the weekly duration is too fine".to_owned(),
            "write them as simple fractions: `80`, `17:30`, `12/20`",
        )
    }

    /// The paid fraction of a part-time quotité: the table where the law says so, else itself.
    pub(super) fn paid(&self, quotite: Ratio, day: Day) -> Ratio {
        if quotite == Ratio::ONE || quotite.den() > 100 || 100 % quotite.den() != 0 {
            return quotite;
        }
        #[expect(clippy::integer_division, reason = "exact: the denominator divides 100")]
        let percent = (quotite.num() * (100 / quotite.den())).to_string();
        let table = self.book.book().tables.get("quotites_temps_partiel");
        let day = self.regle(day);
        let found = table.and_then(|table| table.lookup(&percent, day, self.known_on));
        found.and_then(|(text, _)| Ratio::parse(text).ok()).unwrap_or(quotite)
    }
}

/// The finding about a career that a re-staging of its grid left behind, said once a row.
fn stale(row: &Carriere, restaged: &Restaged, said: &[Finding]) -> Option<Finding> {
    let reference = Some(row.dated.reference);
    let again = || said.iter().any(|f| f.code == Code::W919 && f.reference == reference);
    let old = row.dated.depuis < restaged.depuis;
    (old && !again())
        .then(|| Finding::new(Code::W919, reference, restaged.message.clone(), &restaged.remede))
}

/// Whether an indice brut is a letter group (`HEA`) or one of its chevrons.
fn is_letters(ib: &str) -> bool {
    ib.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Where the grid is known, for a day on which it is not.
fn nearest_known(before: Option<(Day, Day)>, after: Option<Day>, voisins: &[String]) -> String {
    let known = match (before, after) {
        (Some((first, last)), Some(next)) => {
            format!("it is known from {first} to {last}, then from {next} on; ")
        }
        (Some((first, last)), None) => format!("it is known from {first} to {last} only; "),
        (None, Some(next)) => format!("it is known from {next} on; "),
        (None, None) if voisins.is_empty() => String::new(),
        (None, None) => {
            let voisins = voisins.join("`, `");
            format!("of the same cadre d'emplois, `{voisins}` have a grid; ")
        }
    };
    format!("{known}give `indice_majore` in the career, or add the grid")
}

/// What the barème has nearest to an indice brut that it lacks on a day, and what to do.
fn near_in_bareme(table: &Table, ib: &str, day: Day, known_on: KnownOn) -> String {
    let Some(version) = table.versions.in_force(day, known_on) else {
        let (before, after) = table.versions.around(day, known_on);
        let ended = before.and_then(|version| version.fin).map(|fin| format!("up to {fin}"));
        let starts = after.map(|version| format!("from {} on", version.depuis));
        let known: Vec<String> = ended.into_iter().chain(starts).collect();
        return format!("the barème is known {}; give `indice_majore`", known.join(", then "));
    };
    let near: Vec<String> = match ib.parse::<i64>() {
        Ok(number) => {
            let rows = version.value.nearest_numbers(number).into_iter().flatten();
            rows.map(|(ib, im)| format!("{ib} → IM {im}")).collect()
        }
        Err(_) => {
            let group = ib.trim_end_matches(|c: char| c.is_ascii_digit());
            let same: Vec<&str> = version.value.keys_from(group).collect();
            let all = if same.is_empty() { version.value.keys_from("").collect() } else { same };
            all.into_iter().map(str::to_owned).collect()
        }
    };
    format!("correct it (the nearest are {}), or give `indice_majore`", near.join(", "))
}

/// A sum of fractions of 35 hours.
#[derive(Default)]
struct Hundredths {
    num: i128,
    den: i128,
}

impl Hundredths {
    fn add(&mut self, ratio: Ratio) {
        let (num, den) = (i128::from(ratio.num()), i128::from(ratio.den()));
        self.num = if self.den == 0 { num } else { self.num * den + num * self.den };
        self.den = if self.den == 0 { den } else { self.den * den };
    }

    fn reaches(&self, hours: i64) -> bool {
        self.den > 0 && self.num * 35 >= i128::from(hours) * self.den
    }
}
