//! The shipped rules, from the texts inside the program to a proved book.
#![allow(missing_docs, reason = "`criterion_group!` writes a function without documentation")]

mod common;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};

fn rules(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("rules");
    // What every command does before anything else.
    group.bench_function("load and check", |b| b.iter(|| black_box(common::book(false))));
    // What `paie check` does.
    group.bench_function("load, check and prove", |b| b.iter(|| black_box(common::book(true))));
    group.finish();
}

criterion_group! {
    name = benches;
    config = common::quick();
    targets = rules
}
criterion_main!(benches);
