//! The archive as its users see it: what goes in comes out, what is damaged is found and located,
//! what is killed leaves it as before or as after.

mod crash;
mod damage;
mod life;
mod round_trip;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{
    Archive, ArchiveError, Calcul, Entry, Event, Signature, StoredBlock, Writer, frame, pack,
};
use crate::calendar::PayPeriod;

const ONE: &str = "21690123100011";
const TWO: &str = "21690123100029";

fn signature() -> Signature {
    Signature { quand: "2026-11-26T09:30:00+01:00".to_owned(), qui: "M. Paie".to_owned() }
}

fn mois(text: &str) -> PayPeriod {
    PayPeriod::parse(text).unwrap()
}

/// A folder that goes away, and the archive to be made in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("archive");
    (folder, root)
}

fn rules() -> Vec<u8> {
    let texts = [("national/tib.toml", "depuis = 2024-01-01\n"), ("local/prime.toml", "")];
    let texts = texts.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    pack(&BTreeMap::from(texts)).unwrap()
}

/// Rows of an agent in a table; one agent in three has none in `anomalies.csv`.
fn rows(table: &str, month: &str, agent: &str) -> String {
    match table {
        "anomalies.csv" if agent.ends_with(['3', '6', '9']) => String::new(),
        _ => (0..3).map(|n| format!("{agent},{month},{table},{n},1234.5{n}\n")).collect(),
    }
}

const TABLES: [&str; 3] = ["lignes.csv", "faits/carrieres.csv", "anomalies.csv"];

/// A run of a month with agents `A0`, `A1`… in blocks of two.
fn run(
    writer: &mut Writer,
    month: &str,
    agents: usize,
    employers: &[&str],
) -> Result<Entry, ArchiveError> {
    let mut deposit = writer.deposit()?;
    let mut numbers = Vec::new();
    for table in TABLES {
        numbers.push(deposit.table(table, b"agent,mois,table,n,montant\n")?);
    }
    deposit.whole("employeurs.csv", b"siret,nom\n1,Commune\n")?;
    let names: Vec<Box<str>> = (0..agents).map(|n| format!("A{n}").into()).collect();
    for agents in names.chunks(2) {
        let mut block = StoredBlock { agents: agents.to_vec(), frames: Vec::new() };
        for (table, number) in TABLES.iter().zip(&numbers) {
            let text: String = agents.iter().map(|agent| rows(table, month, agent)).collect();
            if !text.is_empty() {
                block.frames.push((*number, frame(text.as_bytes())?));
            }
        }
        deposit.block(block)?;
    }
    let manifeste = deposit.object(format!("{{\"mois\":\"{month}\"}}").as_bytes())?;
    let regles = deposit.object(&rules())?;
    writer.commit(deposit, &signature(), |index, tables| Calcul {
        mois: month.to_owned(),
        connu_le: "tout".to_owned(),
        programme: "essai".to_owned(),
        au_dela: false,
        employeurs: employers.iter().map(|&siret| siret.to_owned()).collect(),
        empreinte_regles: "a1".to_owned(),
        empreinte_resultats: format!("resultats de {month}"),
        manifeste,
        regles,
        index,
        tables,
    })
}

fn valide(month: &str, employers: &[&str]) -> Event {
    let employeurs = employers.iter().map(|&siret| siret.to_owned()).collect();
    Event::Valide { mois: month.to_owned(), employeurs }
}

fn clos(month: &str, employers: &[&str]) -> Event {
    let employeurs = employers.iter().map(|&siret| siret.to_owned()).collect();
    Event::Clos { mois: month.to_owned(), employeurs }
}

fn derogation(month: &str, siret: &str, motif: &str) -> Event {
    Event::Derogation {
        mois: month.to_owned(),
        siret: siret.to_owned(),
        agent: "A1".to_owned(),
        contrat: String::new(),
        controle: "net_negatif".to_owned(),
        motif: motif.to_owned(),
    }
}

/// An archive of one closed month.
fn one_month(root: &Path) {
    let mut writer = Archive::create(root).unwrap().lock().unwrap();
    run(&mut writer, "2026-09", 5, &[ONE, TWO]).unwrap();
    writer.append(derogation("2026-09", ONE, "rappel dû"), &signature()).unwrap();
    writer.append(valide("2026-09", &[ONE, TWO]), &signature()).unwrap();
    writer.append(clos("2026-09", &[ONE, TWO]), &signature()).unwrap();
}

/// The same, with a second month that is only computed.
fn two_months(root: &Path) {
    one_month(root);
    let mut writer = Archive::open(root).unwrap().lock().unwrap();
    run(&mut writer, "2026-10", 5, &[ONE, TWO]).unwrap();
}

/// Every file below a folder, its path with `/`, and its bytes; temporary files left aside.
fn snapshot(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}
