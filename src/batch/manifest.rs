//! The record of a run: what was read, by which rules, and what came out.

use serde::{Deserialize, Serialize};

/// Version of the format of `manifest.json`.
pub const FORMAT: u32 = 1;

/// What a run writes in `manifest.json`. No name, no NIR, no IBAN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format.
    pub format: u32,
    /// Month, `AAAA-MM`.
    pub mois: String,
    /// Day of knowledge, or `tout`.
    pub connu_le: String,
    /// Edition of the program.
    pub programme: String,
    /// Whether the month is beyond the verified horizon.
    pub au_dela: bool,
    /// BLAKE3 digest of the rule texts, every layer.
    pub empreinte_regles: String,
    /// BLAKE3 digest of the compiled month.
    pub empreinte_programme: String,
    /// BLAKE3 digest of the pool files.
    pub empreinte_pool: String,
    /// BLAKE3 digest of the result files.
    pub empreinte_resultats: String,
    /// Counts.
    pub comptes: Counts,
    /// Duration of the run, in milliseconds.
    pub duree_ms: u64,
}

/// Counts of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Employers of the pool.
    pub employeurs: u64,
    /// Agents read.
    pub agents: u64,
    /// Payslips that can be paid.
    pub payables: u64,
    /// Payslips that wait for a human.
    pub bloques: u64,
    /// Lines written.
    pub lignes: u64,
    /// Findings that block.
    pub bloquants: u64,
    /// Findings that do not.
    pub alertes: u64,
    /// Months of contracts computed again, after closed months.
    #[serde(default)]
    pub recalcules: u64,
    /// Those of them that put lines on a payslip.
    #[serde(default)]
    pub rappels: u64,
}
