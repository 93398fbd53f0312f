//! The tables of a reference payslip, read as rows of the pool.

use super::values::Reader;
use super::{Attendu, cell_text, value_of};
use crate::calendar::{Day, PayPeriod};
use crate::diag::Code;
use crate::domain::{
    Agent, AgentFacts, Dated, Employeur, Identity, ParametreEmployeur, PoolFile, RowRef, Siret,
    Word,
};
use crate::io::columns::columns;
use crate::io::finding::{PoolFinding, quoted};
use crate::io::layout::Layout;
use crate::io::parse::{
    Reading, departement_of, read_absence, read_carriere, read_cumul, read_element, read_famille,
    read_taux_pas,
};
use crate::io::pool::{PoolContext, employeur_of, wrong_rate};
use crate::io::row::{Notes, Row};
use crate::io::split::Cells;
use crate::num::Amount;
use crate::syntax::{Block, Entry};

/// The date from which a fact without a date holds.
const ALWAYS: &str = "1900-01-01";
/// The agent of a case that names none.
const NOBODY: &str = "bulletin";

/// Values that a table may leave out, by column.
type Defaults<'d> = &'d [(&'static str, &'d str)];

/// Reads one table as a row of `file`, whose keys were checked.
fn read_row<T>(
    reader: &mut Reader<'_>,
    file: PoolFile,
    (entries, line): (&[Entry], u32),
    defaults: Defaults<'_>,
    read: impl FnOnce(&mut Row<'_, '_>) -> Option<T>,
) -> Option<T> {
    let mut values = Vec::new();
    for column in columns(file) {
        let value = match value_of(entries, column.name) {
            Some(value) => cell_text(&value.block).unwrap_or_else(|| {
                reader.not(value, column.name, "a text or a number");
                String::new()
            }),
            None => defaults
                .iter()
                .find(|(name, _)| *name == column.name)
                .map_or(String::new(), |(_, value)| (*value).to_owned()),
        };
        values.push(value);
    }
    let (text, cells) = Cells::joined(&values);
    let layout = Layout::of_bulletin(file);
    let findings = std::mem::take(&mut reader.findings);
    let mut notes = Notes { agent: None, findings };
    let mut row = Row::new(&text, &cells, &layout, line, &mut notes);
    let fact = read(&mut row);
    let fact = fact.filter(|_| !row.failed());
    reader.findings = notes.findings;
    fact
}

/// The keys of a table that stands for a row of `file`, the agent left out.
fn keys_of(file: PoolFile) -> Vec<&'static str> {
    let names = columns(file).iter().map(|column| column.name);
    names.filter(|name| *name != "agent").collect()
}

/// The employer of the case.
pub(super) fn read_employeur(
    reader: &mut Reader<'_>,
    entries: &[Entry],
    line: u32,
) -> Option<Employeur> {
    let mut keys = keys_of(PoolFile::Employeurs);
    keys.push("parametres");
    reader.known_keys(entries, &keys);
    let defaults = [("siret", Siret::NONE.as_str()), ("nom", "Employeur")];
    let read = |row: &mut Row<'_, '_>| {
        let siret = row.siret(0, Code::E705)?;
        employeur_of(row, siret)
    };
    let mut employeur = read_row(reader, PoolFile::Employeurs, (entries, line), &defaults, read)?;
    if let Some((settings, _)) = reader.table(entries, "parametres") {
        for entry in settings {
            employeur.parametres.extend(parametre(reader, entry));
        }
    }
    Some(employeur)
}

fn parametre(reader: &mut Reader<'_>, entry: &Entry) -> Option<ParametreEmployeur> {
    let line = reader.line(entry.key_span);
    let Some(valeur) = cell_text(&entry.value.block) else {
        reader.not(&entry.value, &entry.key, "a text or a number");
        return None;
    };
    let reference = RowRef { file: PoolFile::Bulletin, line };
    if let Some((code, message, remede)) = wrong_rate(&entry.key, &valeur) {
        reader.findings.push(PoolFinding::new(code, reference, message, remede));
    }
    let depuis = Day::parse(ALWAYS).ok()?;
    let dated = Dated { depuis, fin: None, connu_le: None, reference };
    Some(ParametreEmployeur { nom: entry.key.clone(), valeur, dated, reference: None })
}

/// The tables about the agent.
pub(super) struct BulletinTables<'c> {
    reading: Reading<'c>,
    first: String,
    last: String,
    year: String,
    siret: Siret,
}

impl<'c> BulletinTables<'c> {
    pub(super) fn new(context: &'c PoolContext, mois: PayPeriod, siret: Siret) -> Self {
        Self {
            reading: Reading::new(context),
            first: mois.first_day().to_string(),
            last: mois.last_day().to_string(),
            year: mois.year().to_string(),
            siret,
        }
    }

    pub(super) fn read(&mut self, reader: &mut Reader<'_>, entries: &[Entry]) -> AgentFacts {
        let (agent, line) = reader.table(entries, "agent").unwrap_or((&[], 1));
        let mut facts = AgentFacts::new(self.agent(reader, agent, line));
        let children = [("depuis", ALWAYS), ("enfants", "0")];
        let famille = |row: &mut Row<'_, '_>| read_famille(row, &mut self.reading);
        facts.familles.extend(read_row(
            reader,
            PoolFile::Familles,
            (agent, line),
            &children,
            famille,
        ));
        if let Some(value) = value_of(agent, "taux_pas") {
            let text = cell_text(&value.block).unwrap_or_default();
            let line = reader.line(value.span);
            let defaults = [("depuis", ALWAYS), ("taux", text.as_str())];
            let taux = |row: &mut Row<'_, '_>| read_taux_pas(row, &mut self.reading);
            facts.taux_pas.extend(read_row(
                reader,
                PoolFile::TauxPas,
                (&[], line),
                &defaults,
                taux,
            ));
        }
        facts.carrieres =
            self.rows(reader, entries, "carriere", PoolFile::Carrieres, read_carriere);
        if facts.carrieres.is_empty() && value_of(entries, "carriere").is_none() {
            reader.missing("carriere");
        }
        facts.elements = self.rows(reader, entries, "element", PoolFile::Elements, read_element);
        facts.absences = self.rows(reader, entries, "absence", PoolFile::Absences, read_absence);
        facts.cumuls = self.rows(reader, entries, "cumul", PoolFile::Cumuls, read_cumul);
        facts
    }

    fn agent(&mut self, reader: &mut Reader<'_>, entries: &[Entry], line: u32) -> Agent {
        const KEYS: &[&str] =
            &["enfants", "enfants_alternes", "taux_pas", "naissance", "departement", "adresse"];
        reader.known_keys(entries, KEYS);
        let adresse = reader.text_of(entries, "adresse").unwrap_or_default();
        let departement = reader.text_of(entries, "departement");
        let departement = departement.or_else(|| departement_of(&adresse));
        let naissance = reader.text_of(entries, "naissance").and_then(|text| {
            let day = Day::parse(&text).ok();
            if day.is_none() {
                let remede = "write the date as 1980-10-31";
                reader.wrong(entries, "naissance", "not a date", remede);
            }
            day
        });
        Agent {
            id: Word::from(NOBODY),
            naissance,
            departement: departement.map(|name| self.reading.words.get(&name)),
            identity: Identity::new(["", "", "", "", &adresse, "", ""]),
            reference: RowRef { file: PoolFile::Bulletin, line },
        }
    }

    fn rows<T>(
        &mut self,
        reader: &mut Reader<'_>,
        entries: &[Entry],
        key: &str,
        file: PoolFile,
        read: fn(&mut Row<'_, '_>, &mut Reading<'_>) -> Option<T>,
    ) -> Vec<T> {
        let mut rows = Vec::new();
        for (table, line) in reader.tables(entries, key) {
            reader.known_keys(table, &keys_of(file));
            let siret = self.siret;
            let mut defaults = vec![("siret", siret.as_str()), ("contrat", "1")];
            // An element without dates is of this month, and of this month only.
            if file == PoolFile::Elements && value_of(table, "depuis").is_none() {
                defaults.extend([("depuis", self.first.as_str()), ("fin", self.last.as_str())]);
            }
            if file == PoolFile::Cumuls {
                defaults.push(("annee", self.year.as_str()));
            }
            let reading = &mut self.reading;
            rows.extend(read_row(reader, file, (table, line), &defaults, |row| read(row, reading)));
        }
        rows
    }
}

/// The lines to compare, and `exhaustif` when it is written among them.
pub(super) fn read_attendu(
    reader: &mut Reader<'_>,
    entries: &[Entry],
) -> (Vec<Attendu>, Option<bool>) {
    let (mut lines, mut whole) = (Vec::new(), None);
    for entry in entries {
        if entry.key == "exhaustif" {
            whole = reader.boolean("exhaustif", &entry.value);
            continue;
        }
        let ligne = reader.line(entry.key_span);
        let mut line = Attendu { rubrique: entry.key.clone(), ligne, ..Attendu::default() };
        if let Block::Table(sides) = &entry.value.block {
            reader.known_keys(sides, &["montant", "base", "agent", "employeur"]);
            line.montant = amount(reader, sides, "montant");
            line.base = amount(reader, sides, "base");
            line.agent = amount(reader, sides, "agent");
            line.employeur = amount(reader, sides, "employeur");
        } else {
            line.montant = amount(reader, std::slice::from_ref(entry), &entry.key);
        }
        lines.push(line);
    }
    (lines, whole)
}

fn amount(reader: &mut Reader<'_>, entries: &[Entry], key: &str) -> Option<Amount> {
    let value = value_of(entries, key)?;
    let Some(text) = cell_text(&value.block) else {
        reader.not(value, key, "an amount");
        return None;
    };
    match Amount::parse(&text) {
        Ok(amount) => Some(amount),
        Err(error) => {
            let message = format!("`{key}` is {}: {error}", quoted(&text));
            reader.find(reader.line(value.span), message, "write an amount such as \"1594.98\"");
            None
        }
    }
}
