//! From a checked book to straight-line code: one month, and every covered month.
#![allow(missing_docs, reason = "`criterion_group!` writes a function without documentation")]

mod common;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};

fn compile(bench: &mut Criterion) {
    let (book, _) = common::book(false);
    let months = book.months();
    let mut group = bench.benchmark_group("compile");
    group.bench_function("1 month", |b| {
        let period = common::period(common::MONTH);
        b.iter(|| black_box(common::compiled(&book, period)));
    });
    group.bench_function(format!("{} months", months.len()), |b| {
        b.iter(|| {
            for period in &months {
                black_box(common::compiled(&book, *period));
            }
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = common::quick();
    targets = compile
}
criterion_main!(benches);
