//! Many payslips: 1,000, 10,000 and 100,000 agents, on one thread and on all.
//!
//! `compute`: rows held in memory, read as facts, prepared and computed; nothing is written.
//! `run`: what `paie run` does once the rules are compiled, files in, files out.
//! `PAIE_BENCH_MILLION=1` adds a million agents, end to end.
#![allow(missing_docs, reason = "`criterion_group!` writes a function without documentation")]
#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

mod common;

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use paie::batch::{self, RunOptions};
use paie::check::CheckedRuleBook;
use paie::domain::Siret;
use paie::dossier::{EmployeurMonth, Memory, Preparer};
use paie::engine::{Engine, Payslip};
use paie::io::{PoolContext, RawBlock};
use paie::program::Program;
use rayon::prelude::*;

fn sizes() -> Vec<u32> {
    let mut sizes = vec![1_000, 10_000, 100_000];
    if std::env::var_os("PAIE_BENCH_MILLION").is_some() {
        sizes.push(1_000_000);
    }
    sizes
}

/// One thread, then as many as there are cores.
fn threads() -> Vec<usize> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if cores == 1 { vec![1] } else { vec![1, cores] }
}

/// Lines of a block: facts, inputs, amounts.
fn lines(
    program: &Program,
    preparer: &Preparer<'_>,
    employers: &HashMap<Siret, EmployeurMonth<'_>>,
    context: &PoolContext,
    block: &RawBlock,
) -> usize {
    let mut engine = Engine::new(program);
    let mut memory = Memory::default();
    let mut out = Payslip::default();
    let mut lines = 0;
    for agent in block.parse(context) {
        for one in preparer.agent(&agent.facts, |siret| employers.get(&siret), &mut memory) {
            engine.run(&one.dossier, &mut out);
            lines += out.lines.len();
        }
    }
    lines
}

fn compute(bench: &mut Criterion) {
    let (book, _) = common::book(false);
    let program = common::compiled(&book, common::period(common::MONTH));
    let preparer = Preparer::new(&book, &program).expect("inputs that are provided");
    let mut group = bench.benchmark_group("compute");
    group.sample_size(10);
    for agents in sizes().into_iter().filter(|agents| *agents <= 100_000) {
        let pool = common::Pool::invent(agents);
        let (context, blocks) = pool.blocks();
        let employers = common::employers(&preparer, &context);
        group.throughput(Throughput::Elements(pool.contracts));
        for count in threads() {
            let workers = rayon::ThreadPoolBuilder::new().num_threads(count).build();
            let workers = workers.expect("threads");
            let id = BenchmarkId::new(format!("{agents} agents"), format!("{count} threads"));
            group.bench_function(id, |b| {
                let one =
                    |block: &RawBlock| lines(&program, &preparer, &employers, &context, block);
                let all = || blocks.par_iter().map(one).sum::<usize>();
                b.iter(|| black_box(workers.install(all)));
            });
        }
    }
    group.finish();
}

fn run(bench: &mut Criterion) {
    let (book, _) = common::book(false);
    let program = common::compiled(&book, common::period(common::MONTH));
    let mut group = bench.benchmark_group("run");
    group.sample_size(10);
    for agents in sizes() {
        let pool = common::Pool::invent(agents);
        group.throughput(Throughput::Elements(pool.contracts));
        if agents >= 1_000_000 {
            group.measurement_time(Duration::from_secs(60));
        }
        for count in threads() {
            let id = BenchmarkId::new(format!("{agents} agents"), format!("{count} threads"));
            group.bench_function(id, |b| b.iter(|| end_to_end(&book, &program, &pool, count)));
        }
    }
    group.finish();
}

fn end_to_end(book: &CheckedRuleBook, program: &Program, pool: &common::Pool, threads: usize) {
    let options = RunOptions {
        pool: pool.path(),
        target: Some(pool.results()),
        replace: true,
        threads: Some(threads),
        au_dela: false,
        rules_digest: String::new(),
    };
    let outcome = batch::run(book, program, &options, None, &|_, _| {}, &|| 0).map_err(drop);
    let outcome = outcome.expect("a run");
    assert_eq!(outcome.counts.payables, pool.contracts, "an invented pool is payable");
    black_box(outcome);
}

criterion_group! {
    name = benches;
    config = common::quick();
    targets = compute, run
}
criterion_main!(benches);
