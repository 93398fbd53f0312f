//! A change of the facts of one month, tried and never stored: `echelon=6`, `IFSE=300`,
//! `absence=maladie_ordinaire:2026-10-05:2026-10-09`.

mod erreur;
mod faits;

use crate::calendar::Day;
use crate::diag::nearest;
use crate::domain::{
    Categorie, Quotite, Regime, Statut, Word, ZoneIr, canonical, parse_duree_hebdo,
};
use crate::num::{Fixed, Ratio};

pub use erreur::ChangeError;
pub use faits::{Contrat, apply};

/// What can be changed, as people write it; the last one stands for every rubrique.
pub const FIELDS: [&str; 21] = [
    "statut",
    "regime",
    "grade",
    "echelon",
    "indice_brut",
    "indice_majore",
    "categorie",
    "montant_mensuel",
    "taux_horaire",
    "quotite",
    "duree_hebdo",
    "nbi",
    "zone_ir",
    "cti",
    "taux_indemnite",
    "groupe_rifseep",
    "enfants",
    "enfants_alternes",
    "taux_pas",
    "absence",
    "RUBRIQUE[.montant|.nombre|.base|.taux|.montant_paye]",
];

/// A change of the facts of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The legal tie.
    Statut(Statut),
    /// The pension scheme.
    Regime(Regime),
    /// The grade; none: no grade.
    Grade(Option<Word>),
    /// The step of the grade; none: no step.
    Echelon(Option<Word>),
    /// The gross index; none: no index.
    IndiceBrut(Option<Word>),
    /// The index of the pay.
    IndiceMajore(i64),
    /// The category.
    Categorie(Categorie),
    /// The fixed monthly pay at full time, in euros.
    MontantMensuel(Fixed),
    /// The hourly pay, in euros.
    TauxHoraire(Fixed),
    /// Part-time working.
    Quotite(Quotite),
    /// The weekly duration of the post over full time.
    DureeHebdo(Ratio),
    /// Points of the new index bonus.
    Nbi(i64),
    /// The zone of the residence allowance.
    ZoneIr(ZoneIr),
    /// Points of the index supplement.
    Cti(i64),
    /// The rate of the office allowance, a decimal fraction.
    TauxIndemnite(Fixed),
    /// The group of functions of the RIFSEEP.
    GroupeRifseep(i64),
    /// Children who give right to the supplement.
    Enfants(i64),
    /// Of whom in alternating residence.
    EnfantsAlternes(i64),
    /// The personal rate of income tax, a decimal fraction.
    TauxPas(Fixed),
    /// A variable element, in the place of those of the same rubrique.
    Element {
        /// The rubrique.
        rubrique: Word,
        /// Which column is given.
        colonne: Colonne,
        /// Its value.
        valeur: Fixed,
    },
    /// An absence.
    Absence {
        /// What it is, canonical; the list belongs to the rules.
        nature: Word,
        /// First day.
        debut: Day,
        /// Last day, that day included.
        fin: Day,
    },
}

/// A column of a variable element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colonne {
    /// The amount of a full month at full time.
    Montant,
    /// Hours, days or units.
    Nombre,
    /// What the rubrique starts from.
    Base,
    /// A decimal fraction.
    Taux,
    /// The amount to pay as it stands.
    MontantPaye,
}

/// No absence lasts longer: the longest leave of the statut, with its prolongations.
const JOURS_MAX: i64 = 3_653;

impl Change {
    /// Reads `champ=valeur`.
    ///
    /// Errors: the form, the name of the field, or the value; names that only the rules know are
    /// checked by [`apply`].
    pub fn parse(text: &str) -> Result<Self, ChangeError> {
        let Some((field, value)) = text.split_once('=') else {
            return Err(ChangeError::Forme { texte: text.to_owned() });
        };
        Self::new(field, value)
    }

    /// Same, from a field and its value.
    ///
    /// Errors: those of [`Change::parse`].
    pub fn new(field: &str, value: &str) -> Result<Self, ChangeError> {
        let (field, value) = (field.trim(), value.trim());
        if field.starts_with(|c: char| c.is_ascii_uppercase()) {
            return element(field, value);
        }
        let some = || (!value.is_empty()).then(|| Word::from(value));
        Ok(match field {
            "statut" => {
                Self::Statut(listed(field, value, Statut::from_name(value), Statut::NAMES)?)
            }
            "regime" => {
                Self::Regime(listed(field, value, Regime::from_name(value), Regime::NAMES)?)
            }
            "categorie" => {
                let found = Categorie::from_name(value);
                Self::Categorie(listed(field, value, found, Categorie::NAMES)?)
            }
            "zone_ir" => {
                Self::ZoneIr(listed(field, value, ZoneIr::from_name(value), ZoneIr::NAMES)?)
            }
            "grade" => Self::Grade(some()),
            "echelon" => Self::Echelon(some()),
            "indice_brut" => Self::IndiceBrut(some()),
            "indice_majore" => Self::IndiceMajore(whole(field, value)?),
            "montant_mensuel" => Self::MontantMensuel(positive(field, value, 2)?),
            "taux_horaire" => Self::TauxHoraire(positive(field, value, 4)?),
            "nbi" => Self::Nbi(whole(field, value)?),
            "cti" => Self::Cti(whole(field, value)?),
            "taux_indemnite" => Self::TauxIndemnite(rate(field, value, 2)?),
            "groupe_rifseep" => Self::GroupeRifseep(whole(field, value)?),
            "enfants" => Self::Enfants(children(field, value)?),
            "enfants_alternes" => Self::EnfantsAlternes(children(field, value)?),
            "taux_pas" => Self::TauxPas(rate(field, value, 1)?),
            "quotite" => Self::Quotite(Quotite::parse(value).map_err(|c| part(field, value, c))?),
            "duree_hebdo" => {
                Self::DureeHebdo(parse_duree_hebdo(value).map_err(|c| part(field, value, c))?)
            }
            "absence" => absence(value)?,
            _ => {
                let proches = nearest(field, FIELDS, 2);
                return Err(ChangeError::Champ { champ: field.to_owned(), proches });
            }
        })
    }
}

fn part(field: &str, value: &str, cause: crate::domain::QuotiteError) -> ChangeError {
    ChangeError::Quotite { champ: field.to_owned(), valeur: value.to_owned(), cause }
}

fn listed<T>(
    field: &str,
    value: &str,
    found: Option<T>,
    noms: &'static [&'static str],
) -> Result<T, ChangeError> {
    let (champ, valeur) = (field.to_owned(), value.to_owned());
    found.ok_or(ChangeError::Liste { champ, valeur, noms })
}

fn whole(field: &str, value: &str) -> Result<i64, ChangeError> {
    let found = value.parse().ok().filter(|number: &i64| *number >= 0);
    let wrong = || ChangeError::Entier { champ: field.to_owned(), valeur: value.to_owned() };
    found.ok_or_else(wrong)
}

fn children(field: &str, value: &str) -> Result<i64, ChangeError> {
    let number = whole(field, value)?;
    let wrong = || ChangeError::Enfants { champ: field.to_owned(), valeur: value.to_owned() };
    (number <= 20).then_some(number).ok_or_else(wrong)
}

/// A decimal number with at most so many decimals.
fn decimal(field: &str, value: &str, decimals: u8) -> Result<Fixed, ChangeError> {
    let read = || {
        let number = Fixed::parse(value)?;
        number.at_scale(decimals)?;
        Ok(number)
    };
    read().map_err(|cause| ChangeError::Nombre {
        champ: field.to_owned(),
        valeur: value.to_owned(),
        cause,
    })
}

fn positive(field: &str, value: &str, decimals: u8) -> Result<Fixed, ChangeError> {
    let number = decimal(field, value, decimals)?;
    let wrong = || ChangeError::Negatif { champ: field.to_owned(), valeur: value.to_owned() };
    (number.mantissa() >= 0).then_some(number).ok_or_else(wrong)
}

/// A decimal fraction up to `most`; `3,1 %` is 0,031.
fn rate(field: &str, value: &str, most: i64) -> Result<Fixed, ChangeError> {
    let number = match value.strip_suffix('%') {
        Some(percent) => {
            let percent = decimal(field, percent, 4)?.trimmed();
            Fixed::new(percent.mantissa(), percent.scale().saturating_add(2))
        }
        None => decimal(field, value, 6)?,
    };
    let wrong = || ChangeError::Taux { champ: field.to_owned(), valeur: value.to_owned(), most };
    let millionths = number.at_scale(6).map_err(|_| wrong())?;
    (0..=most.saturating_mul(1_000_000)).contains(&millionths).then_some(number).ok_or_else(wrong)
}

fn element(field: &str, value: &str) -> Result<Change, ChangeError> {
    let (code, column) = field.split_once('.').unwrap_or((field, "montant"));
    let (colonne, decimals) = match column {
        "montant" => (Colonne::Montant, 2),
        "nombre" => (Colonne::Nombre, 4),
        "base" => (Colonne::Base, 2),
        "taux" => (Colonne::Taux, 6),
        "montant_paye" => (Colonne::MontantPaye, 2),
        _ => {
            let (champ, valeur) = (field.to_owned(), value.to_owned());
            return Err(ChangeError::Colonne { champ, valeur });
        }
    };
    let valeur = decimal(field, value, decimals)?;
    Ok(Change::Element { rubrique: code.into(), colonne, valeur })
}

/// Reads `nature:debut:fin`; one day needs no last day.
fn absence(value: &str) -> Result<Change, ChangeError> {
    let form = || ChangeError::Absence { valeur: value.to_owned() };
    let day = |text: &str| {
        let wrong = |cause| ChangeError::Jour { valeur: text.to_owned(), cause };
        Day::parse(text.trim()).map_err(wrong)
    };
    let parts: Vec<&str> = value.split(':').collect();
    let (nature, debut, fin) = match parts.as_slice() {
        [nature, debut] => (nature, day(debut)?, day(debut)?),
        [nature, debut, fin] => (nature, day(debut)?, day(fin)?),
        _ => return Err(form()),
    };
    let nature = canonical(nature);
    if nature.is_empty() {
        return Err(form());
    }
    if fin < debut || debut.days_until(fin) > JOURS_MAX {
        return Err(ChangeError::Ordre { debut, fin });
    }
    Ok(Change::Absence { nature: nature.into(), debut, fin })
}

#[cfg(test)]
mod tests;
