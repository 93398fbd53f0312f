//! What the archive keeps of a run: its tables, in their order, and the event that seals them.

use std::collections::BTreeMap;

use crate::archive::{
    ArchiveError, Calcul, Deposit, Entry, Frame, Signature, StoredBlock, Writer, frame, pack,
};
use crate::io::{PoolContext, TABLE_NAMES};

use super::history::{FAITS, PROGRAMMES};
use super::manifest::Manifest;
use super::piece::PieceOut;
use super::registre::{REGISTRE, SUITES};
use super::text::HEADERS;

/// Name of the table of findings about the pool itself.
pub const POOL_FINDINGS: &str = "anomalies_pool.csv";

/// The tables of a run that are cut in blocks.
pub struct Shelf {
    /// Name and header, in the order of their numbers.
    tables: Vec<(String, Vec<u8>)>,
    /// The number of each table of facts.
    faits: [Option<usize>; 8],
    /// The number of the first result.
    results: usize,
}

impl Shelf {
    /// The tables for a pool.
    pub fn new(pool: &PoolContext) -> Self {
        let mut tables = Vec::new();
        let mut faits = [None; 8];
        let headers = pool.table_headers();
        for ((number, nom), header) in faits.iter_mut().zip(TABLE_NAMES).zip(headers) {
            if !header.is_empty() {
                *number = Some(tables.len());
                tables.push((format!("{FAITS}/{nom}"), header));
            }
        }
        let results = tables.len();
        for (nom, _) in PieceOut::default().results() {
            tables.push((nom.to_owned(), header_of(nom)));
        }
        Self { tables, faits, results }
    }

    /// Starts the tables in an archive.
    pub fn deposit(&self, writer: &Writer) -> Result<Deposit, ArchiveError> {
        let mut deposit = writer.deposit()?;
        for (nom, header) in &self.tables {
            let _ = deposit.table(nom, header)?;
        }
        Ok(deposit)
    }

    /// A block, compressed.
    pub fn stored(&self, piece: &PieceOut) -> Result<StoredBlock, ArchiveError> {
        let mut frames: Vec<(usize, Frame)> = Vec::new();
        let mut put = |number: usize, rows: &[u8]| -> Result<(), ArchiveError> {
            if !rows.is_empty() {
                frames.push((number, frame(rows)?));
            }
            Ok(())
        };
        for (number, rows) in self.faits.iter().zip(&piece.faits) {
            if let Some(number) = number {
                put(*number, rows)?;
            }
        }
        for (number, (_, rows)) in (self.results..).zip(piece.results()) {
            put(number, rows)?;
        }
        Ok(StoredBlock { agents: piece.agents.clone(), frames })
    }
}

/// The header of a result that is kept.
pub(super) fn header_of(nom: &str) -> Vec<u8> {
    let ledger = [("registre.csv", REGISTRE), ("suites.csv", SUITES)];
    let header = HEADERS.iter().chain(&ledger).find(|(name, _)| *name == nom);
    header.map_or_else(Vec::new, |(_, header)| header.as_bytes().to_vec())
}

/// What is kept beside the blocks.
pub struct Sealed<'a> {
    /// The record of the run.
    pub manifest: &'a Manifest,
    /// The employers that the run covers, by SIRET.
    pub employeurs: Vec<String>,
    /// `employeurs.csv` and `parametres_employeurs.csv`, as handed in.
    pub files: (Vec<u8>, Option<Vec<u8>>),
    /// Rows of `charges.csv`.
    pub charges: &'a [u8],
    /// Rows of findings about the pool itself.
    pub findings: &'a [u8],
    /// What the rules said of each month.
    pub programmes: &'a str,
    /// The texts of the rules, by path.
    pub rules: &'a BTreeMap<String, Vec<u8>>,
}

impl Sealed<'_> {
    /// Puts the run in the archive.
    pub fn commit(
        self,
        writer: &mut Writer,
        mut deposit: Deposit,
        signature: &Signature,
    ) -> Result<Entry, ArchiveError> {
        let rows = |nom: &str, rows: &[u8]| [&header_of(nom), rows].concat();
        deposit.whole("employeurs.csv", &self.files.0)?;
        if let Some(settings) = &self.files.1 {
            deposit.whole("parametres_employeurs.csv", settings)?;
        }
        deposit.whole("charges.csv", &rows("charges.csv", self.charges))?;
        deposit.whole(POOL_FINDINGS, &rows("anomalies.csv", self.findings))?;
        deposit.whole(PROGRAMMES, self.programmes.as_bytes())?;
        let regles = deposit.object(&pack(self.rules)?)?;
        let text = serde_json::to_string_pretty(self.manifest).unwrap_or_default();
        let manifeste = deposit.object(format!("{text}\n").as_bytes())?;
        let (manifest, employeurs) = (self.manifest, self.employeurs);
        writer.commit(deposit, signature, |index, tables| Calcul {
            mois: manifest.mois.clone(),
            connu_le: manifest.connu_le.clone(),
            programme: manifest.programme.clone(),
            au_dela: manifest.au_dela,
            employeurs,
            empreinte_regles: manifest.empreinte_regles.clone(),
            empreinte_resultats: manifest.empreinte_resultats.clone(),
            manifeste,
            regles,
            index,
            tables,
        })
    }
}
