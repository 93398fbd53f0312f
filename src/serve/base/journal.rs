//! The log: every view of a payslip, every change, every sign-in; it only grows, and is chained.
//!
//! An entry is on the disk before its caller goes on; that of a change of an account, in the same
//! transaction as the change. It names accounts and agents by number, never
//! by name: no name of an agent, no NIR, no IBAN ([`Detail`]).

pub mod action;
pub mod chaine;
pub mod ecrivain;
pub mod lecture;
pub mod purge;

use serde_json::{Map, Value};

use super::Instant;
use crate::calendar::PayPeriod;
use crate::domain::Siret;
use crate::serve::droits::{Compte, Role};

pub use action::Action;
pub use chaine::{Chaine, Rupture};
pub use lecture::{Filtre, Ligne};
pub use purge::Conservation;

/// Who does something, from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auteur {
    compte: Option<i64>,
    identifiant: String,
    role: Option<Role>,
    adresse: String,
}

impl Auteur {
    /// An account, at an address.
    pub fn de(compte: &Compte, adresse: &str) -> Self {
        Self {
            compte: Some(compte.id),
            identifiant: compte.identifiant.clone(),
            role: Some(compte.role),
            adresse: adresse.to_owned(),
        }
    }

    /// Nobody known. What was typed is not kept: it may be a password.
    pub fn inconnu(adresse: &str) -> Self {
        let adresse = adresse.to_owned();
        Self { compte: None, identifiant: String::new(), role: None, adresse }
    }

    /// Whoever can type commands on the server, under the name of the system.
    pub fn console(utilisateur: &str) -> Self {
        let identifiant = format!("console:{utilisateur}");
        Self { compte: None, identifiant, role: None, adresse: String::new() }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entree {
    quand: Instant,
    auteur: Auteur,
    action: Action,
    siret: Option<Siret>,
    agent: Option<String>,
    mois: Option<PayPeriod>,
    detail: Detail,
}

impl Entree {
    /// An action of someone, at an instant.
    pub fn new(quand: Instant, auteur: Auteur, action: Action) -> Self {
        let detail = Detail::default();
        Self { quand, auteur, action, siret: None, agent: None, mois: None, detail }
    }

    /// The employer it is about.
    #[must_use]
    pub fn employeur(mut self, siret: Siret) -> Self {
        self.siret = Some(siret);
        self
    }

    /// The agent it is about, by its number in the pool.
    #[must_use]
    pub fn agent(mut self, agent: &str) -> Self {
        self.agent = Some(agent.to_owned());
        self
    }

    /// The month it is about.
    #[must_use]
    pub fn mois(mut self, mois: PayPeriod) -> Self {
        self.mois = Some(mois);
        self
    }

    /// What else must be known.
    #[must_use]
    pub fn detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }
}

/// What else must be known of an entry: a few words and numbers. A NIR or an IBAN that slips in is
/// masked; names have no place here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail(Map<String, Value>);

impl Detail {
    /// Adds a word, at most 200 characters of it.
    #[must_use]
    pub fn mot(mut self, cle: &str, mot: &str) -> Self {
        let court: String = masquer(mot).chars().take(200).collect();
        self.0.insert(cle.to_owned(), Value::String(court));
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn nombre(mut self, cle: &str, nombre: i64) -> Self {
        self.0.insert(cle.to_owned(), Value::from(nombre));
        self
    }

    /// The text that is stored, and that the digest covers.
    fn texte(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}

/// The text with what looks like a NIR or an IBAN replaced, spaces inside included.
fn masquer(texte: &str) -> String {
    let chiffre = |c: char| c.is_ascii_digit();
    let mut sortie = String::with_capacity(texte.len());
    let mut suite = String::new();
    for c in texte.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || (c == ' ' && suite.contains(chiffre)) {
            suite.push(c);
            continue;
        }
        sortie.push_str(if est_secret(&suite) { "[masqué]" } else { &suite });
        suite.clear();
        sortie.push(c);
    }
    sortie.pop();
    sortie
}

/// Whether a run of letters, digits and spaces is a NIR or an IBAN, or one of its words is.
fn est_secret(suite: &str) -> bool {
    ressemble(&suite.replace(' ', "")) || suite.split(' ').any(ressemble)
}

/// Whether it has the form of a NIR, 13 or 15 characters, or of an IBAN.
fn ressemble(dense: &str) -> bool {
    let chiffres = dense.chars().filter(char::is_ascii_digit).count();
    let nir = matches!(dense.len(), 13 | 15)
        && dense.starts_with(['1', '2', '3', '4', '7', '8'])
        && chiffres + 2 > dense.len();
    let pays = dense.chars().take(2).all(|c| c.is_ascii_alphabetic());
    let cle = dense.chars().skip(2).take(2).all(|c| c.is_ascii_digit());
    let iban = pays && cle && (15..=34).contains(&dense.len()) && chiffres >= 12;
    nir || iban
}

#[cfg(test)]
mod tests;
