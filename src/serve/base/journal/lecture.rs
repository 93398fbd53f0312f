//! Reading the log: by account, agent, employer, action and period, page by page, or as a table.

use std::io::Write;

use chrono::{DateTime, SecondsFormat};
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::super::{Base, BaseError, Instant};
use super::Action;
use super::chaine::{Brute, COLONNES};
use crate::domain::Siret;
use crate::serve::droits::Role;

/// Which entries are wanted; nothing: all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filtre {
    /// Those of an account.
    pub compte: Option<i64>,
    /// Those about an agent.
    pub agent: Option<String>,
    /// Those about an employer.
    pub siret: Option<Siret>,
    /// Those of a kind.
    pub action: Option<Action>,
    /// Not before this instant.
    pub depuis: Option<Instant>,
    /// Before this instant.
    pub jusqu: Option<Instant>,
}

/// An entry, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ligne {
    /// Its number.
    pub numero: i64,
    /// When.
    pub quand: Instant,
    /// The account, if any.
    pub compte: Option<i64>,
    /// What the account signs in with; empty when nobody is known.
    pub identifiant: String,
    /// The role of the account then, in words.
    pub role: String,
    /// The address.
    pub adresse: String,
    /// The action, in words.
    pub action: String,
    /// The employer.
    pub siret: Option<String>,
    /// The agent.
    pub agent: Option<String>,
    /// The month.
    pub mois: Option<String>,
    /// The rest, as JSON.
    pub detail: String,
    /// Its digest, in hexadecimal.
    pub empreinte: String,
}

impl From<Brute> for Ligne {
    fn from(brute: Brute) -> Self {
        let role = brute.role.unwrap_or_default();
        let role = Role::from_name(&role).map_or(role, |role| role.french().to_owned());
        let connue = Action::from_name(&brute.action);
        let action = connue.map_or(brute.action, |action| action.french().to_owned());
        Self {
            numero: brute.numero,
            quand: brute.quand,
            compte: brute.compte,
            identifiant: brute.identifiant,
            role,
            adresse: brute.adresse,
            action,
            siret: brute.siret,
            agent: brute.agent,
            mois: brute.mois,
            detail: brute.detail,
            empreinte: blake3::Hash::from(brute.empreinte).to_hex().to_string(),
        }
    }
}

impl Filtre {
    /// The conditions, and the values they compare with; only those asked for, so that the index of
    /// each one serves.
    fn clauses(&self, avant: Option<i64>) -> (String, Vec<Value>) {
        let texte = |texte: &str| Value::Text(texte.to_owned());
        let voulues = [
            ("compte = ?", self.compte.map(Value::Integer)),
            ("agent = ?", self.agent.as_deref().map(texte)),
            ("siret = ?", self.siret.as_ref().map(|siret| texte(siret.as_str()))),
            ("action = ?", self.action.map(|action| texte(action.name()))),
            ("quand >= ?", self.depuis.map(Value::Integer)),
            ("quand < ?", self.jusqu.map(Value::Integer)),
            ("numero < ?", avant.map(Value::Integer)),
        ];
        let voulues = voulues.into_iter().filter_map(|(clause, valeur)| Some((clause, valeur?)));
        let (clauses, valeurs): (Vec<_>, Vec<_>) = voulues.unzip();
        let clauses = if clauses.is_empty() { "1".to_owned() } else { clauses.join(" AND ") };
        (clauses, valeurs)
    }
}

impl Base {
    /// A page of the log, the last entries first; `avant` is the last number of the page before.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn journal(
        &self,
        filtre: &Filtre,
        avant: Option<i64>,
        lignes: u32,
    ) -> Result<Vec<Ligne>, BaseError> {
        let (clauses, valeurs) = filtre.clauses(avant);
        let sql = format!(
            "SELECT {COLONNES} FROM journal WHERE {clauses} ORDER BY numero DESC LIMIT {lignes}"
        );
        let connexion = self.connexion();
        let mut statement = connexion.prepare_cached(&sql)?;
        let lues = statement.query_map(params_from_iter(valeurs), Brute::lire)?;
        lues.map(|brute| Ok(Ligne::from(brute?))).collect()
    }

    /// Writes entries as a table for spreadsheets, the first one first; how many.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or the table not written.
    pub fn exporter_journal(
        &self,
        filtre: &Filtre,
        mut sortie: impl Write,
    ) -> Result<u64, BaseError> {
        let refus = |cause: csv::Error| BaseError::Export(cause.to_string());
        // Spreadsheets take the bytes for Windows text without this mark.
        sortie.write_all("\u{feff}".as_bytes()).map_err(|cause| refus(cause.into()))?;
        let mut table = csv::WriterBuilder::new().delimiter(b';').from_writer(sortie);
        table.write_record(ENTETE).map_err(refus)?;
        let (clauses, valeurs) = filtre.clauses(None);
        let sql = format!("SELECT {COLONNES} FROM journal WHERE {clauses} ORDER BY numero");
        let connexion = self.a_part()?;
        let mut statement = connexion.prepare(&sql)?;
        let mut nombre = 0_u64;
        for brute in statement.query_map(params_from_iter(valeurs), Brute::lire)? {
            table.write_record(cellules(Ligne::from(brute?))).map_err(refus)?;
            nombre = nombre.saturating_add(1);
        }
        table.flush().map_err(|cause| refus(cause.into()))?;
        Ok(nombre)
    }
}

const ENTETE: [&str; 11] = [
    "numéro",
    "quand (UTC)",
    "compte",
    "rôle",
    "adresse",
    "action",
    "siret",
    "agent",
    "mois",
    "détail",
    "empreinte",
];

fn cellules(ligne: Ligne) -> [String; 11] {
    let quand = DateTime::from_timestamp(ligne.quand, 0);
    [
        ligne.numero.to_string(),
        quand.map_or_else(String::new, |quand| quand.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ligne.identifiant,
        ligne.role,
        ligne.adresse,
        ligne.action,
        ligne.siret.unwrap_or_default(),
        ligne.agent.unwrap_or_default(),
        ligne.mois.unwrap_or_default(),
        ligne.detail,
        ligne.empreinte,
    ]
    .map(sans_formule)
}

/// A spreadsheet runs what begins like a formula; an apostrophe keeps it a text.
fn sans_formule(cellule: String) -> String {
    let formule =
        cellule.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if formule { format!("'{cellule}") } else { cellule }
}
