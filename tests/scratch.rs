use paie::{source::SourceMap, diag, rules, check, program, calendar::*};
#[test]
fn load() {
    let mut s = SourceMap::default();
    let mut ids = vec![];
    let mut paths: Vec<_> = walk("rules".into());
    paths.sort();
    for p in paths { if p.ends_with(".toml") || p.ends_with(".csv") { let t = std::fs::read_to_string(&p).unwrap(); ids.push(s.add(p, t)); } }
    let mut out = vec![];
    let t = std::time::Instant::now();
    let book = rules::resolve(&s, &ids, &mut out);
    eprintln!("resolve {:?}", t.elapsed());
    let checked = book.and_then(|b| check::check(b, &mut out));
    eprintln!("check {:?}", t.elapsed());
    if let Some(c) = &checked { out.extend(program::prove(c)); eprintln!("prove {:?}", t.elapsed());
        match program::compile(c, program::Target{period: PayPeriod::parse("2026-10").unwrap(), known_on: KnownOn::Everything, au_dela:false}) { Ok(p) => eprintln!("slots {} month blocks {} ops {} seg blocks {}", p.initial.len(), p.month.len(), p.month.iter().map(|b| b.ops.len()).sum::<usize>(), p.variants[0].segment.len()), Err(e) => eprintln!("{e:?}") } }
    diag::sort(&mut out);
    eprintln!("{}", diag::render(&out, &s, diag::Format::Short, false));
}
fn walk(d: String) -> Vec<String> { let mut v = vec![]; for e in std::fs::read_dir(d).unwrap() { let p = e.unwrap().path(); if p.is_dir() { v.extend(walk(p.to_str().unwrap().into())) } else { v.push(p.to_str().unwrap().into()) } } v }
