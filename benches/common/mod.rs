//! What the benchmarks share: the rules of the program, one month, one invented pool.
#![allow(dead_code, reason = "each benchmark uses its own part of this module")]
#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use criterion::Criterion;
use paie::calendar::{KnownOn, PayPeriod};
use paie::check::{self, CheckedRuleBook};
use paie::demo::{self, DemoFiles, DemoSpec};
use paie::diag::Diagnostic;
use paie::domain::{AgentFacts, Siret};
use paie::dossier::{EmployeurMonth, Preparer};
use paie::io::{PoolContext, PoolReader, RawBlock};
use paie::limits::BLOCK_AGENTS;
use paie::program::{self, Program, Target};
use paie::source::SourceMap;
use paie::{load, rules};

/// The month that is measured.
pub const MONTH: &str = "2026-10";

/// Few samples, short: the whole of `cargo bench` lasts less than three minutes.
pub fn quick() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}

/// The rules inside the program, checked; `prove` also compiles every covered month.
pub fn book(prove: bool) -> (CheckedRuleBook, SourceMap) {
    let mut sources = SourceMap::default();
    let mut found: Vec<Diagnostic> = Vec::new();
    let (files, problems) = load::load(&load::EmbeddedFiles, "rules/", &mut sources);
    found.extend(problems);
    let resolved = rules::resolve(&sources, &files, &mut found).expect("rules that resolve");
    let book = check::check(resolved, &mut found).expect("rules that check");
    if prove {
        found.extend(program::prove(&book));
    }
    (book, sources)
}

/// A month of pay.
pub fn period(month: &str) -> PayPeriod {
    PayPeriod::parse(month).expect("a month")
}

/// A compiled month, everything known.
pub fn compiled(book: &CheckedRuleBook, period: PayPeriod) -> Program {
    let target = Target { period, known_on: KnownOn::Everything, au_dela: false };
    program::compile(book, target).expect("a covered month")
}

/// An invented pool in a temporary folder, removed at the end.
pub struct Pool {
    folder: tempfile::TempDir,
    /// How many contracts.
    pub contracts: u64,
}

impl Pool {
    /// Invents a pool: fifty agents for one employer, seed 1.
    pub fn invent(agents: u32) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let pool = folder.path().join("pool");
        fs::create_dir(&pool).expect("a folder");
        let open = |name: &str| File::create(pool.join(name)).map(BufWriter::new);
        let files = DemoFiles::open(open).expect("files that open");
        let employeurs = agents.div_ceil(50).max(1);
        let spec = DemoSpec { employeurs, agents, graine: 1, mois: period(MONTH), historique: 1 };
        let summary = demo::generate(&spec, files).expect("a pool");
        Self { folder, contracts: summary.contrats }
    }

    /// The folder of the files.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("pool")
    }

    /// A place beside the pool, for results.
    pub fn results(&self) -> PathBuf {
        self.folder.path().join("resultats")
    }

    /// The rows of every agent in blocks, and what is needed to read them.
    pub fn blocks(&self) -> (Arc<PoolContext>, Vec<RawBlock>) {
        blocks(&self.path())
    }
}

fn blocks(folder: &Path) -> (Arc<PoolContext>, Vec<RawBlock>) {
    let mut reader = PoolReader::open(folder).expect("a pool that opens");
    let blocks = reader.blocks(BLOCK_AGENTS).expect("a pool that is read");
    let blocks = blocks.map(|block| block.expect("files in one order")).collect();
    (reader.context(), blocks)
}

/// The facts of every agent of some blocks.
pub fn facts(context: &PoolContext, blocks: &[RawBlock]) -> Vec<AgentFacts> {
    blocks.iter().flat_map(|block| block.parse(context)).map(|agent| agent.facts).collect()
}

/// The month of every employer of a pool.
pub fn employers<'a>(
    preparer: &Preparer<'a>,
    context: &'a PoolContext,
) -> HashMap<Siret, EmployeurMonth<'a>> {
    context.employeurs().iter().map(|(siret, e)| (*siret, preparer.employeur(e))).collect()
}
