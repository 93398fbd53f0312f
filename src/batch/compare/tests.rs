//! Invented pools: what is compared is what two runs write.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::sync::LazyLock;

use super::*;
use crate::batch::{RunOptions, run};
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::compare::{Change, Pay};
use crate::demo::{DemoFiles, DemoSpec, generate};
use crate::load::{EmbeddedFiles, load};
use crate::program::{Target, compile};
use crate::source::SourceMap;

static BOOK: LazyLock<CheckedRuleBook> = LazyLock::new(|| {
    let mut sources = SourceMap::default();
    let (ids, mut findings) = load(&EmbeddedFiles, "", &mut sources);
    let book = crate::rules::resolve(&sources, &ids, &mut findings).unwrap();
    crate::check::check(book, &mut findings).unwrap()
});

fn program(mois: PayPeriod, known_on: KnownOn) -> Program {
    compile(&BOOK, Target { period: mois, known_on, au_dela: false }).unwrap()
}

fn rules(program: &Program) -> Rules<'_> {
    Rules { book: &BOOK, program, au_dela: false }
}

/// An invented pool in a folder of its own, and room for results.
struct Pool {
    folder: tempfile::TempDir,
    mois: PayPeriod,
}

impl Pool {
    fn new(mois: &str, graine: u64) -> Self {
        let (folder, mois) = (tempfile::tempdir().unwrap(), PayPeriod::parse(mois).unwrap());
        let spec = DemoSpec { employeurs: 4, agents: 90, graine, mois, historique: 1 };
        let path = folder.path().join("pool");
        std::fs::create_dir(&path).unwrap();
        let open = |name: &str| File::create(path.join(name)).map(BufWriter::new);
        generate(&spec, DemoFiles::open(open).unwrap()).unwrap();
        Self { folder, mois }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("pool")
    }

    /// A run of a month, in its folder.
    fn run(&self, program: &Program, name: &str) -> Folder {
        let target = self.folder.path().join(name);
        let options = RunOptions {
            pool: self.path(),
            target: Some(target.clone()),
            replace: false,
            threads: Some(1),
            au_dela: false,
            rules_digest: String::new(),
        };
        run(&BOOK, program, &options, None, &|_, _| {}, &|| 0).unwrap();
        Folder::open(&target)
    }
}

/// State and net of every payslip of a result: siret, agent, contract, then the net when payable.
fn nets(folder: &Folder) -> BTreeMap<[String; 3], Option<i64>> {
    let mut reader = csv::Reader::from_path(folder.path.join("bulletins.csv")).unwrap();
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| {
        let net = row[10].replace('.', "").parse().ok();
        ([0, 1, 2].map(|at| row[at].to_owned()), net)
    })
    .collect()
}

/// Every contract of invented pools, over a change of year, a change of the law in the month, a
/// short month: the causes add up to what two runs wrote, contract by contract and in total,
/// whatever the number of threads.
#[test]
fn causes_add_up_to_what_two_runs_wrote() {
    let mut promoted = 0;
    for (mois, graine) in [("2025-01", 1), ("2024-07", 2), ("2026-01", 3), ("2026-03", 4)] {
        let pool = Pool::new(mois, graine);
        let programs =
            [pool.mois.previous(), pool.mois].map(|mois| program(mois, KnownOn::Everything));
        let [before, after] = &programs;
        let path = pool.path();
        let of = |threads| {
            let options =
                CompareOptions { pool: &path, threads: Some(threads), top: 5, detail: true };
            let mut rows = Vec::new();
            let (old, new) = (rules(before), rules(after));
            let varied = variation((old, new), None, &options, &|_, _| {}, &mut |found| {
                rows.extend(found);
            });
            (varied.unwrap(), rows)
        };
        let (varied, rows) = of(1);
        let (again, same) = of(3);
        assert!(varied.variations == again.variations && rows == same, "{mois}");

        let [old, new] = [nets(&pool.run(before, "avant")), nets(&pool.run(after, "apres"))];
        let mut moving = BTreeMap::new();
        for row in &rows {
            let key = [row.siret.to_string(), row.agent.to_string(), row.contrat.to_string()];
            let pay = |nets: &BTreeMap<[String; 3], Option<i64>>| match nets.get(&key) {
                None => Pay::Absent,
                Some(None) => Pay::Bloque,
                Some(Some(net)) => Pay::Net(*net),
            };
            assert_eq!((row.before, row.after), (pay(&old), pay(&new)), "{mois} {key:?}");
            let sum: i64 = row.parts.iter().map(|part| part.cents).sum();
            assert_eq!(row.gap().unwrap_or(0), sum, "{mois} {row:?}");
            promoted += row.parts.iter().filter(|p| p.detail.starts_with("échelon")).count();
            moving.insert(key, ());
        }
        for (key, net) in &new {
            assert!(moving.contains_key(key) || old.get(key) == Some(net), "{mois} {key:?}");
        }
        let total = varied.variations.total();
        let causes: i64 = total.causes.values().map(|cause| cause.cents).sum();
        // A contract that waits in one of the months has no variation.
        let waits = |key: &[String; 3]| [&old, &new].iter().any(|n| n.get(key) == Some(&None));
        let sum = |nets: &BTreeMap<[String; 3], Option<i64>>| -> i64 {
            nets.iter().filter(|(key, _)| !waits(key)).filter_map(|(_, net)| *net).sum()
        };
        let blocked = rows.iter().filter(|row| row.gap().is_none()).count();
        assert_eq!(total.blocked, u64::try_from(blocked).unwrap(), "{mois}");
        assert!(blocked < 5 && total.moved > 20, "{mois}");
        assert_eq!((total.before, total.after), (sum(&old), sum(&new)), "{mois}");
        assert_eq!(causes, sum(&new) - sum(&old), "{mois}");
    }
    assert!(promoted > 0, "no promotion in these months: choose another seed");
}

/// What is computed on the fly is what two runs and their files give, down to each rubrique.
#[test]
fn computed_sides_and_result_folders_say_the_same() {
    let pool = Pool::new("2024-06", 5);
    let mois = PayPeriod::parse("2024-01").unwrap();
    let day = |text| KnownOn::Day(Day::parse(text).unwrap());
    let programs = [day("2024-01-25"), day("2024-02-25")].map(|known| program(mois, known));
    let [before, after] = &programs;
    let path = pool.path();
    let options = CompareOptions { pool: &path, threads: Some(2), top: 4, detail: true };
    let mut rows = Vec::new();
    let computed = compare([rules(before), rules(after)], &options, &|_, _| {}, &mut |_, found| {
        rows.extend(found);
    });
    let computed = computed.unwrap();
    let folders = [pool.run(before, "avant"), pool.run(after, "apres")];
    let mut read_rows = Vec::new();
    let [old, new] = &folders;
    let read = compare_results([old, new], (4, true), &mut |_, found| read_rows.extend(found));
    let read = read.unwrap();
    let named = |compared: &Compared| {
        let name = |(&place, one): (&usize, &_)| {
            (compared.rubriques.get(place).unwrap().code.clone(), format!("{one:?}"))
        };
        let total = compared.differences.total();
        let rubriques: BTreeMap<_, _> = total.rubriques.iter().map(name).collect();
        (total.counts, total.before, total.after, rubriques, compared.differences.touched)
    };
    assert_eq!(named(&computed), named(&read));
    assert_eq!(rows.len(), read_rows.len());
    assert!(computed.differences.touched > 10);
    let rubriques = named(&computed).3;
    assert!(rubriques.contains_key("CNRACL") && !rubriques.contains_key("NET_A_PAYER"));
    let same = compare_results([old, old], (4, true), &mut |_, _| panic!("nothing differs"));
    assert_eq!(same.unwrap().differences.total().counts.differing(), 0);
}

/// Folders in another order, an agent on one side only, a payslip that is blocked.
#[test]
fn result_folders_need_no_common_order() {
    let folder = tempfile::tempdir().unwrap();
    let siret = "21690000000015";
    let write = |name: &str, agents: &[(&str, &str, &str)]| {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).unwrap();
        let [mut slips, mut lines] = [0, 1].map(|at| crate::batch::HEADERS[at].1.to_owned());
        for (agent, state, net) in agents {
            let start = format!("{siret},{agent},C1,2026-10");
            if *state == "bloque" {
                slips.push_str(&format!("{start},bloque,,,,,,,\n"));
                continue;
            }
            slips.push_str(&format!("{start},payable,{net},0.00,0.00,0.00,0.00,{net},{net}\n"));
            lines.push_str(&format!(
                "{start},2026-10,100,TIB,\"Traitement, brut\",gain,,,,,{net},,\n"
            ));
        }
        std::fs::write(path.join("bulletins.csv"), slips).unwrap();
        std::fs::write(path.join("lignes.csv"), lines).unwrap();
        Folder::open(&path)
    };
    let before = [
        ("A", "payable", "10.00"),
        ("B", "payable", "20.00"),
        ("C", "bloque", ""),
        ("D", "payable", "5.00"),
    ];
    let after = [
        ("D", "bloque", ""),
        ("E", "payable", "7.00"),
        ("C", "payable", "30.00"),
        ("A", "payable", "10.25"),
    ];
    let (old, new) = (write("avant", &before), write("apres", &after));
    let mut rows = Vec::new();
    let compared =
        compare_results([&old, &new], (9, true), &mut |_, found| rows.extend(found)).unwrap();
    rows.sort_by(|a: &SlipDifference, b| a.agent.cmp(&b.agent));
    let found: Vec<_> = rows.iter().map(|one| (&*one.agent, one.change, one.gaps()[1])).collect();
    let expected = [
        ("A", Change::Montants, 25),
        ("B", Change::Disparait, -2000),
        ("C", Change::SeDebloque, 3000),
        ("D", Change::SeBloque, -500),
        ("E", Change::Apparait, 700),
    ];
    assert_eq!(found, expected);
    let total = compared.differences.total();
    assert_eq!((total.before[1], total.after[1]), (3500, 4725));
    assert_eq!(
        (compared.differences.states.len(), compared.differences.top.iter().count()),
        (4, 1)
    );

    // A line out of its place would be lost in silence.
    let lines = std::fs::read_to_string(old.path.join("lignes.csv")).unwrap();
    let mut rows: Vec<&str> = lines.lines().collect();
    rows.swap(1, 2);
    std::fs::write(old.path.join("lignes.csv"), rows.join("\n")).unwrap();
    let wrong = compare_results([&old, &new], (9, false), &mut |_, _| {});
    assert!(matches!(wrong, Err(ResultError::Cell { .. })));
}

/// A file out of order is found on the first reading: what is handed over is handed over once, in
/// the order of the agents.
#[test]
fn a_pool_out_of_order_is_taken_once() {
    let pool = Pool::new("2026-10", 6);
    let path = pool.path().join("elements.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    std::fs::write(&path, lines.join("\n")).unwrap();
    let of = |in_memory_below: u64| {
        let options = crate::io::PoolOptions { in_memory_below };
        let mut reader = PoolReader::open_with(&pool.path(), options).unwrap();
        let context = reader.context();
        let compute = |raw: &RawBlock| {
            let agents = raw.parse(&context);
            let one = |agent: &crate::io::ParsedAgent| {
                (agent.facts.agent.id.to_string(), agent.facts.elements.len())
            };
            Ok(agents.iter().map(one).collect::<Vec<(String, usize)>>())
        };
        let mut seen = Vec::new();
        let mut take = |part: Vec<(String, usize)>| {
            seen.extend(part);
            u64::try_from(seen.len()).unwrap()
        };
        waves::run(&mut reader, (Some(2), BLOCK_AGENTS), &compute, &mut take, &|_, _| {}).unwrap();
        seen
    };
    let (streamed, held) = (of(0), of(u64::MAX));
    assert_eq!(streamed, held);
    assert_eq!(streamed.len(), 90);
    assert_eq!(streamed.iter().map(|one| one.1).sum::<usize>(), lines.len() - 1);
}
