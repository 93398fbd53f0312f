//! One payslip of the real rules: facts to inputs, then inputs to lines. One core, in memory.
//!
//! A thousand invented contracts are computed in turn; `time` divided by the elements of the
//! throughput is one payslip. The nanoseconds are also printed as
//! such.
#![allow(missing_docs, reason = "`criterion_group!` writes a function without documentation")]
#![allow(clippy::print_stdout, reason = "the figure is the result")]

mod common;

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use paie::domain::AgentFacts;
use paie::dossier::{Memory, Prepared, Preparer};
use paie::engine::{Engine, Payslip};

/// Passes over the contracts for the printed figure; the middle one counts.
const PASSES: usize = 41;

fn payslip(bench: &mut Criterion) {
    let (book, _) = common::book(false);
    let program = common::compiled(&book, common::period(common::MONTH));
    #[expect(clippy::expect_used, reason = "the shipped rules ask for what the program provides")]
    let preparer = Preparer::new(&book, &program).expect("inputs that are provided");
    let pool = common::Pool::invent(1_000);
    let (context, blocks) = pool.blocks();
    let facts = common::facts(&context, &blocks);
    let employers = common::employers(&preparer, &context);
    let mut memory = Memory::default();
    let mut prepare = |agent: &AgentFacts| -> Vec<Prepared> {
        preparer.agent(agent, |siret| employers.get(&siret), &mut memory)
    };
    let prepared: Vec<Prepared> = facts.iter().flat_map(&mut prepare).collect();
    let contracts = u64::try_from(prepared.len()).unwrap_or(u64::MAX);
    let mut engine = Engine::new(&program);
    let mut out = Payslip::default();
    let mut lines = 0;
    for one in &prepared {
        engine.run(&one.dossier, &mut out);
        lines += out.lines.len();
    }
    println!("{contracts} payslips, {lines} lines");
    let mut all_prepared = || {
        for agent in &facts {
            black_box(prepare(agent));
        }
    };
    let mut all_computed = || {
        for one in &prepared {
            engine.run(&one.dossier, &mut out);
            black_box(&out);
        }
    };
    println!("prepare: {} ns per payslip", median(&mut all_prepared, contracts));
    println!("engine:  {} ns per payslip", median(&mut all_computed, contracts));
    let mut group = bench.benchmark_group("payslip");
    group.throughput(Throughput::Elements(contracts));
    group.bench_function("prepare", |b| b.iter(&mut all_prepared));
    group.bench_function("engine", |b| b.iter(&mut all_computed));
    group.finish();
}

/// Nanoseconds of one payslip: the median of several passes over `contracts` of them.
fn median(pass: &mut dyn FnMut(), contracts: u64) -> u128 {
    let mut passes: Vec<u128> = (0..PASSES)
        .map(|_| {
            let start = Instant::now();
            pass();
            start.elapsed().as_nanos()
        })
        .collect();
    passes.sort_unstable();
    let middle = passes.get(PASSES.div_euclid(2)).copied().unwrap_or(0);
    middle.div_euclid(u128::from(contracts.max(1)))
}

criterion_group! {
    name = benches;
    config = common::quick();
    targets = payslip
}
criterion_main!(benches);
