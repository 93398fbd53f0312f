//! One explanation: the month of one contract observed, one line told.
#![allow(missing_docs, reason = "`criterion_group!` writes a function without documentation")]
#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

mod common;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use paie::dossier::{Memory, Prepared, Preparer};
use paie::explain::{self, ExplainTarget};

fn explain(bench: &mut Criterion) {
    let (book, sources) = common::book(false);
    let program = common::compiled(&book, common::period(common::MONTH));
    let preparer = Preparer::new(&book, &program).expect("inputs that are provided");
    let pool = common::Pool::invent(50);
    let (context, blocks) = pool.blocks();
    let facts = common::facts(&context, &blocks);
    let employers = common::employers(&preparer, &context);
    let mut memory = Memory::default();
    let mut prepare = |agent| preparer.agent(agent, |siret| employers.get(&siret), &mut memory);
    let prepared: Vec<_> = facts.iter().flat_map(&mut prepare).collect();
    let target = ExplainTarget::parse("CNRACL.employeur").expect("a line");
    let told = |one: &Prepared| explain::explain(&book, &sources, &program, one, &target);
    let paid = |one: &&Prepared| !told(one).montants().is_empty();
    let one = prepared.iter().find(paid).expect("an agent of the CNRACL");
    let mut group = bench.benchmark_group("explain");
    group.bench_function("CNRACL.employeur", |b| b.iter(|| black_box(told(one))));
    group.bench_function("CNRACL.employeur, as text", |b| {
        b.iter(|| black_box(explain::text(&told(one))));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = common::quick();
    targets = explain
}
criterion_main!(benches);
