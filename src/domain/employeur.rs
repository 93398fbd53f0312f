//! Public employers served by the pool.

use std::fmt;

use super::fact::{Dated, HasDates, RowRef};
use super::word::closed_list;
use crate::calendar::{Day, KnownOn};

closed_list! {
    /// What kind of public employer it is.
    EmployeurKind {
        /// Commune.
        Commune = "commune",
        /// Établissement public de coopération intercommunale.
        Epci = "epci",
        /// Centre communal d'action sociale.
        Ccas = "ccas",
        /// Centre intercommunal d'action sociale.
        Cias = "cias",
        /// Centre de gestion.
        Cdg = "cdg",
        /// Service départemental d'incendie et de secours.
        Sdis = "sdis",
        /// Syndicat.
        Syndicat = "syndicat",
        /// Département.
        Departement = "departement",
        /// Région.
        Region = "region",
        /// Caisse des écoles.
        CaisseDesEcoles = "caisse_des_ecoles",
        /// Office public.
        Office = "office",
        /// Autre établissement public local.
        Etablissement = "etablissement",
    }
}

/// The fourteen digits of an establishment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Siret([u8; 14]);

impl Siret {
    /// The establishment of a case that names none.
    pub const NONE: Self = Self([b'0'; 14]);

    /// Reads fourteen digits, spaces ignored; `None` for anything else. The key is not checked.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(digits) = <[u8; 14]>::try_from(text.as_bytes()) {
            return digits.iter().all(u8::is_ascii_digit).then_some(Self(digits));
        }
        let dense = text.chars().filter(|c| !c.is_whitespace()).map(|c| u8::try_from(c).ok());
        let dense: Vec<u8> = dense.collect::<Option<_>>()?;
        let digits = <[u8; 14]>::try_from(dense.as_slice()).ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether the Luhn key holds.
    pub fn key_holds(self) -> bool {
        let total: u32 = (self.0.iter().rev().zip([1, 2].into_iter().cycle()))
            .map(|(digit, weight)| {
                let product = u32::from(digit - b'0') * weight;
                if product > 9 { product - 9 } else { product }
            })
            .sum();
        total.is_multiple_of(10)
    }
}

impl fmt::Display for Siret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for Siret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Siret({})", self.as_str())
    }
}

/// A dated setting of an employer: a rate notified to it, an option it voted.
#[derive(Clone, Debug, PartialEq)]
pub struct ParametreEmployeur {
    /// Its name, canonical (`taux_atmp`).
    pub nom: String,
    /// Its value as written: a rate, `oui`, a word.
    pub valeur: String,
    /// When it holds.
    pub dated: Dated,
    /// The deliberation or notification that sets it.
    pub reference: Option<String>,
}

impl HasDates for ParametreEmployeur {
    fn dates(&self) -> &Dated {
        &self.dated
    }
}

/// A public employer.
#[derive(Clone, Debug, PartialEq)]
pub struct Employeur {
    /// Its establishment.
    pub siret: Siret,
    /// Its name.
    pub nom: String,
    /// What it is.
    pub nature: EmployeurKind,
    /// INSEE code of its commune.
    pub insee: String,
    /// Inhabitants.
    pub population: Option<i64>,
    /// Yearly average headcount.
    pub effectif: Option<i64>,
    /// Street and number.
    pub adresse: String,
    /// Postal code.
    pub code_postal: String,
    /// Town.
    pub ville: String,
    /// Activity code.
    pub ape: String,
    /// Collecting agency.
    pub urssaf: String,
    /// Its settings, in file order.
    pub parametres: Vec<ParametreEmployeur>,
    /// The row that states it.
    pub reference: RowRef,
}

impl Employeur {
    /// The setting `nom` in force on `day`.
    pub fn parametre(&self, nom: &str, day: Day, known: KnownOn) -> Option<&ParametreEmployeur> {
        self.parametres
            .iter()
            .filter(|row| row.nom == nom && row.dated.started(day, known))
            .max_by_key(|row| (row.dated.depuis, row.dated.connu_le))
            .filter(|row| row.dated.lasts(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siret_forms_and_key() {
        let siret = Siret::parse("732 829 320 00074").unwrap();
        assert_eq!(siret.as_str(), "73282932000074");
        assert!(siret.key_holds());
        assert!(!Siret::parse("73282932000075").unwrap().key_holds());
        assert_eq!(Siret::parse("7328293200007"), None);
        assert_eq!(Siret::parse("7328293200007A"), None);
        assert_eq!(
            EmployeurKind::from_name("Caisse des écoles"),
            Some(EmployeurKind::CaisseDesEcoles)
        );
        assert_eq!(EmployeurKind::from_name("commerce"), None);
    }
}
