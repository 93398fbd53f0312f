//! Why a change cannot be tried: in English for the command line, in French for pages.

use std::fmt;

use super::FIELDS;
use crate::calendar::{Day, DayError, PayPeriod};
use crate::domain::QuotiteError;
use crate::num::FixedError;

/// Why a change cannot be tried. Its `Display` says what is wrong, [`ChangeError::remede`] what to
/// do, [`ChangeError::french`] both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeError {
    /// There is no `=`.
    Forme {
        /// What was written.
        texte: String,
    },
    /// No field has this name.
    Champ {
        /// What was written.
        champ: String,
        /// The nearest names.
        proches: Vec<&'static str>,
    },
    /// Not a word of a closed list.
    Liste {
        /// The field.
        champ: String,
        /// What was written.
        valeur: String,
        /// The list.
        noms: &'static [&'static str],
    },
    /// Not a whole number, zero or more.
    Entier {
        /// The field.
        champ: String,
        /// What was written.
        valeur: String,
    },
    /// Not a decimal number of the field.
    Nombre {
        /// The field.
        champ: String,
        /// What was written.
        valeur: String,
        /// Why.
        cause: FixedError,
    },
    /// Below zero.
    Negatif {
        /// The field.
        champ: String,
        /// What was written.
        valeur: String,
    },
    /// Not a rate of the field.
    Taux {
        /// The field.
        champ: String,
        /// What was written.
        valeur: String,
        /// The greatest rate, 1 for 100 %.
        most: i64,
    },
    /// Not a part of full time.
    Quotite {
        /// The field.
        champ: String,
        /// What was written.
        valeur: String,
        /// Why.
        cause: QuotiteError,
    },
    /// Too many children, or more in alternating residence than in all.
    Enfants {
        /// The field.
        champ: String,
        /// What was written.
        valeur: String,
    },
    /// An element has no such column.
    Colonne {
        /// What was written, rubrique and column.
        champ: String,
        /// Its value.
        valeur: String,
    },
    /// No printed line has this code.
    Rubrique {
        /// What was written.
        code: String,
        /// The nearest codes.
        proches: Vec<String>,
    },
    /// Not `nature:debut:fin`.
    Absence {
        /// What was written.
        valeur: String,
    },
    /// Not a nature of absence of the rules.
    Nature {
        /// What was written.
        nature: String,
        /// The nearest ones, or all.
        noms: Vec<String>,
    },
    /// A day of an absence cannot be read.
    Jour {
        /// What was written.
        valeur: String,
        /// Why.
        cause: DayError,
    },
    /// An absence ends before it starts, or lasts more than ten years.
    Ordre {
        /// First day.
        debut: Day,
        /// Last day.
        fin: Day,
    },
    /// An absence has no day in the month.
    HorsMois {
        /// First day.
        debut: Day,
        /// Last day.
        fin: Day,
        /// The month.
        mois: PayPeriod,
    },
    /// The agent has no such contract.
    SansCarriere,
}

impl std::error::Error for ChangeError {}

impl fmt::Display for ChangeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forme { texte } => write!(out, "`{texte}` is not a change"),
            Self::Champ { champ, .. } => write!(out, "`{champ}` cannot be changed"),
            Self::Liste { champ, valeur, .. }
            | Self::Entier { champ, valeur }
            | Self::Nombre { champ, valeur, .. }
            | Self::Negatif { champ, valeur }
            | Self::Taux { champ, valeur, .. }
            | Self::Quotite { champ, valeur, .. }
            | Self::Enfants { champ, valeur }
            | Self::Colonne { champ, valeur } => {
                write!(out, "`{valeur}` is not a value of `{champ}`")
            }
            Self::Absence { valeur } => write!(out, "`{valeur}` is not a value of `absence`"),
            Self::Rubrique { code, .. } => write!(out, "`{code}` is not a rubrique of these rules"),
            Self::Nature { nature, .. } => {
                write!(out, "`{nature}` is not a nature of absence of these rules")
            }
            Self::Jour { valeur, .. } => write!(out, "`{valeur}` is not a day of an absence"),
            Self::Ordre { debut, fin } => {
                write!(out, "an absence cannot go from {debut} to {fin}")
            }
            Self::HorsMois { debut, fin, mois } => {
                write!(out, "the absence from {debut} to {fin} has no day in {mois}")
            }
            Self::SansCarriere => out.write_str("this agent has no such contract"),
        }
    }
}

impl ChangeError {
    /// What to do, in English.
    pub fn remede(&self) -> String {
        match self {
            Self::Forme { .. } => {
                "write `--avec champ=valeur`, for example `--avec echelon=6`".to_owned()
            }
            Self::Champ { proches, .. } if proches.is_empty() => one_of(&FIELDS),
            Self::Champ { proches, .. } => format!("the nearest are `{}`", proches.join("`, `")),
            Self::Liste { noms, .. } => one_of(noms),
            Self::Entier { .. } => "write a whole number".to_owned(),
            Self::Nombre { cause, .. } => cause.to_string(),
            Self::Negatif { .. } => "write a number that is not negative".to_owned(),
            Self::Taux { most, .. } => {
                format!("write a decimal fraction from 0 to {most} such as 0.031, or `3.1 %`")
            }
            Self::Quotite { cause, .. } => cause.to_string(),
            Self::Enfants { .. } => "0 to 20, shared ones among all".to_owned(),
            Self::Colonne { .. } => {
                "use `.montant`, `.nombre`, `.base`, `.taux` or `.montant_paye`".to_owned()
            }
            Self::Rubrique { proches, .. } if proches.is_empty() => {
                "see the codes with `paie show rubrique`".to_owned()
            }
            Self::Rubrique { proches, .. } => {
                format!("the nearest codes are `{}`", proches.join("`, `"))
            }
            Self::Absence { .. } => "write `nature:first day:last day`, for example \
                 `absence=maladie_ordinaire:2026-10-05:2026-10-09`"
                .to_owned(),
            Self::Nature { noms, .. } => one_of(noms),
            Self::Jour { cause, .. } => cause.to_string(),
            Self::Ordre { .. } => {
                "write the first day, then the last one, ten years later at most".to_owned()
            }
            Self::HorsMois { mois, .. } => format!("write days of {mois}"),
            Self::SansCarriere => "look at its contracts in carrieres.csv".to_owned(),
        }
    }

    /// What is wrong and what to do, in French.
    pub fn french(&self) -> String {
        let not_a_value = |champ: &str, valeur: &str, remede: &str| {
            let valeur = match valeur {
                "" => "une valeur vide".to_owned(),
                valeur => cited(valeur),
            };
            format!("{valeur} ne convient pas pour {}\u{a0}: {remede}.", cited(champ))
        };
        match self {
            Self::Forme { texte } => format!(
                "{} n’est pas un changement\u{a0}: écrivez champ=valeur, par exemple echelon=6.",
                cited(texte)
            ),
            Self::Champ { champ, proches } => {
                let names: &[&str] = if proches.is_empty() { &FIELDS } else { proches };
                format!("{} ne peut pas être changé\u{a0}: {}.", cited(champ), among(names))
            }
            Self::Liste { champ, valeur, noms } => not_a_value(champ, valeur, &among(noms)),
            Self::Entier { champ, valeur } => {
                not_a_value(champ, valeur, "écrivez un nombre entier, positif ou nul")
            }
            Self::Nombre { champ, valeur, cause } => not_a_value(champ, valeur, &number(*cause)),
            Self::Negatif { champ, valeur } => {
                not_a_value(champ, valeur, "écrivez un nombre positif ou nul")
            }
            Self::Taux { champ, valeur, most } => {
                let most = most.saturating_mul(100);
                let remede = format!(
                    "écrivez un taux de 0 à {most}\u{a0}%, par exemple 3,1\u{a0}% ou 0,031"
                );
                not_a_value(champ, valeur, &remede)
            }
            Self::Quotite { champ, valeur, cause } => not_a_value(champ, valeur, share(*cause)),
            Self::Enfants { champ, valeur } => {
                let remede = "de 0 à 20 enfants, et pas plus d’enfants en résidence alternée que \
                              d’enfants à charge";
                not_a_value(champ, valeur, remede)
            }
            Self::Colonne { champ, valeur } => {
                let columns = ".montant, .nombre, .base, .taux ou .montant_paye";
                not_a_value(champ, valeur, &format!("terminez le nom par {columns}"))
            }
            Self::Rubrique { .. }
            | Self::Absence { .. }
            | Self::Nature { .. }
            | Self::Jour { .. }
            | Self::Ordre { .. }
            | Self::HorsMois { .. }
            | Self::SansCarriere => self.french_of_names_and_days(),
        }
    }

    /// The French of what the rules and the calendar refuse.
    fn french_of_names_and_days(&self) -> String {
        match self {
            Self::Rubrique { code, proches } => {
                let remede = match proches.as_slice() {
                    [] => "choisissez un code de la liste des rubriques".to_owned(),
                    proches => among(proches),
                };
                format!("{} n’est pas une rubrique de ces règles\u{a0}: {remede}.", cited(code))
            }
            Self::Absence { valeur } => format!(
                "{} n’est pas une absence\u{a0}: écrivez la nature, le premier et le dernier \
                 jour, par exemple maladie_ordinaire:2026-10-05:2026-10-09.",
                cited(valeur)
            ),
            Self::Nature { nature, noms } => format!(
                "{} n’est pas une nature d’absence de ces règles\u{a0}: {}.",
                cited(nature),
                among(noms)
            ),
            Self::Jour { valeur, cause } => {
                let remede = match cause {
                    DayError::Syntax => "écrivez AAAA-MM-JJ ou JJ/MM/AAAA",
                    DayError::NoSuchDay => "ce jour n’existe pas",
                };
                format!("{} n’est pas une date\u{a0}: {remede}.", cited(valeur))
            }
            Self::Ordre { debut, fin } => format!(
                "Une absence ne peut pas aller du {} au {}\u{a0}: le dernier jour suit le \
                 premier, dix ans après au plus.",
                debut.french(),
                fin.french()
            ),
            Self::HorsMois { debut, fin, mois } => format!(
                "L’absence du {} au {} n’a aucun jour en {}\u{a0}: choisissez des jours de ce \
                 mois.",
                debut.french(),
                fin.french(),
                mois.french()
            ),
            _ => "Cet agent n’a pas de contrat à changer ici\u{a0}: vérifiez l’employeur et le \
                  contrat choisis."
                .to_owned(),
        }
    }
}

fn one_of<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    format!("write one of `{}`", names.join("`, `"))
}

fn among<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<String> = names.iter().map(|name| cited(name.as_ref())).collect();
    format!("choisissez parmi {}", names.join(", "))
}

fn cited(text: &str) -> String {
    format!("«\u{a0}{text}\u{a0}»")
}

fn number(cause: FixedError) -> String {
    match cause {
        FixedError::Syntax => "écrivez un nombre, par exemple 300 ou 12,50".to_owned(),
        FixedError::TooLong => "ce nombre a trop de chiffres".to_owned(),
        FixedError::TooPrecise(most) => format!("pas plus de {most} décimales"),
    }
}

fn share(cause: QuotiteError) -> &'static str {
    match cause {
        QuotiteError::Syntax => "écrivez un nombre ou une fraction, par exemple 80 ou 17h30",
        QuotiteError::OutOfBounds => "la durée doit être supérieure à zéro, sans dépasser le plein",
        QuotiteError::UnderOnePercent => "moins de 1\u{a0}%\u{a0}: écrivez 80 pour 80\u{a0}%",
    }
}
