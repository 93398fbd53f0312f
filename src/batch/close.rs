//! The end of a month: what is said of the whole pool, totals, the record.

use std::collections::BTreeSet;

use crate::archive::Deposit;
use crate::domain::Siret;
use crate::io::{PoolContext, PoolFinding};
use crate::program::Program;

use super::block::Month;
use super::manifest::{Counts, FORMAT, Manifest};
use super::piece::Chained;
use super::run::RunError;
use super::stages::Written;
use super::text::anomaly_row;
use super::totals::{EmployeurTotals, charges};
use super::write::Staging;

/// Every block computed, and what is found about employers.
pub struct Computed {
    written: Written,
    findings: Vec<PoolFinding>,
    programmes: String,
}

impl Computed {
    /// Looks at each employer as a whole.
    ///
    /// Errors: the rules of a closed month ask for what the program does not provide.
    pub fn new(
        month: &Month<'_>,
        chained: Option<&Chained<'_>>,
        mut written: Written,
    ) -> Result<Self, RunError> {
        // An employer that nobody is paid by any more has no totals, and is counted all the same.
        let known = month.effectifs.keys().filter(|siret| month.employeurs.contains_key(siret));
        let employers: BTreeSet<Siret> = written.totals.keys().chain(known).copied().collect();
        let closed = |siret: &Siret| chained.is_some_and(|one| one.closed.contains(siret));
        let mut findings = Vec::new();
        for siret in employers.into_iter().filter(|siret| !closed(siret)) {
            let totals = written.totals.entry(siret).or_default();
            findings.extend(month.employer_controls(siret, totals));
        }
        let programmes = chained.map(|chained| chained.chain.programmes(month.program));
        let programmes = programmes.transpose()?.unwrap_or_default();
        Ok(Self { written, findings, programmes })
    }
}

/// What the end of a month needs.
pub struct Closing<'a> {
    /// The month.
    pub program: &'a Program,
    /// The pool.
    pub context: &'a PoolContext,
    /// Digest of the rules.
    pub rules_digest: &'a str,
    /// Whether the month is beyond the verified horizon.
    pub au_dela: bool,
}

/// Findings about the pool itself: rows of `anomalies.csv`, and how many.
#[derive(Default)]
pub struct PoolRows {
    /// Rows.
    pub rows: Vec<u8>,
    /// Blocking, then others.
    pub counts: (u64, u64),
    /// Those that block.
    pub samples: Vec<PoolFinding>,
}

impl PoolRows {
    /// Of a pool that was read.
    pub fn new(findings: &[PoolFinding]) -> Self {
        let mut pool = Self::default();
        for finding in findings {
            anomaly_row(&mut pool.rows, finding);
            if finding.is_error() {
                pool.counts.0 += 1;
                pool.samples.push(finding.clone());
            } else {
                pool.counts.1 += 1;
            }
        }
        pool
    }
}

/// The results of a month, before they are put in their place.
pub struct Results {
    /// The result files.
    pub staging: Staging,
    /// The tables of the archive.
    pub deposit: Option<Deposit>,
    /// Rows of `charges.csv`.
    pub charges: Vec<u8>,
    /// What the rules said of each month.
    pub programmes: String,
    /// Counts.
    pub counts: Counts,
    /// Totals by employer, with names.
    pub employeurs: Vec<(Siret, String, EmployeurTotals)>,
    /// The first findings that block.
    pub samples: Vec<PoolFinding>,
}

impl Closing<'_> {
    /// Completes the files.
    pub fn results(&self, computed: Computed, pool: &PoolRows) -> Result<Results, RunError> {
        let Computed { mut written, findings, programmes } = computed;
        written.counts.bloquants += pool.counts.0;
        written.counts.alertes += pool.counts.1;
        written.samples.extend(pool.samples.iter().cloned());
        let mut rows = pool.rows.clone();
        for finding in &findings {
            anomaly_row(&mut rows, finding);
            written.counts.alertes += 1;
        }
        written.staging.append("anomalies.csv", &rows)?;
        let mut employeurs = Vec::new();
        let mut bytes = Vec::new();
        for (siret, totals) in written.totals {
            charges(&mut bytes, siret.as_str(), self.program, &totals);
            written.counts.payables += totals.payables;
            written.counts.bloques += totals.bloques;
            let nom = self.context.employeur(siret).map_or_else(String::new, |e| e.nom.clone());
            employeurs.push((siret, nom, totals));
        }
        written.staging.append("charges.csv", &bytes)?;
        written.counts.employeurs = u64::try_from(self.context.employeurs().len()).unwrap_or(0);
        Ok(Results {
            staging: written.staging,
            deposit: written.deposit,
            charges: bytes,
            programmes,
            counts: written.counts,
            employeurs,
            samples: written.samples,
        })
    }

    /// The record of the run.
    pub fn manifest(&self, results: &Results, empreinte_pool: String, duree_ms: u64) -> Manifest {
        Manifest {
            format: FORMAT,
            mois: self.program.period.to_string(),
            connu_le: self.program.known_on.to_string(),
            programme: env!("CARGO_PKG_VERSION").to_owned(),
            au_dela: self.au_dela,
            empreinte_regles: self.rules_digest.to_owned(),
            empreinte_programme: self.program.digest(),
            empreinte_pool,
            empreinte_resultats: results.staging.digest(),
            comptes: results.counts,
            duree_ms,
        }
    }
}
