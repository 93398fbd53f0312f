//! What an invented pool promises: the bytes, the counts, the order, the keys, the grades.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Every file of a pool, in memory.
type Pool = BTreeMap<&'static str, String>;

const NAMES: [&str; 9] = [
    "employeurs.csv",
    "parametres_employeurs.csv",
    "agents.csv",
    "carrieres.csv",
    "familles.csv",
    "taux_pas.csv",
    "elements.csv",
    "absences.csv",
    "cumuls.csv",
];

/// The shipped pool: its first rows are an invented pool, the rest was typed by hand.
const SHIPPED: [(&str, &str); 9] = [
    ("employeurs.csv", include_str!("../../fixtures/pool/employeurs.csv")),
    ("parametres_employeurs.csv", include_str!("../../fixtures/pool/parametres_employeurs.csv")),
    ("agents.csv", include_str!("../../fixtures/pool/agents.csv")),
    ("carrieres.csv", include_str!("../../fixtures/pool/carrieres.csv")),
    ("familles.csv", include_str!("../../fixtures/pool/familles.csv")),
    ("taux_pas.csv", include_str!("../../fixtures/pool/taux_pas.csv")),
    ("elements.csv", include_str!("../../fixtures/pool/elements.csv")),
    ("absences.csv", include_str!("../../fixtures/pool/absences.csv")),
    ("cumuls.csv", include_str!("../../fixtures/pool/cumuls.csv")),
];

/// A writer that gives its bytes back by name.
struct Sink<'a> {
    name: &'static str,
    pool: &'a std::cell::RefCell<BTreeMap<&'static str, Vec<u8>>>,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pool.borrow_mut().entry(self.name).or_default().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn invent(employeurs: u32, agents: u32, graine: u64) -> (Pool, DemoSummary) {
    let pool = std::cell::RefCell::new(BTreeMap::new());
    let files = DemoFiles::open(|name| {
        let name = NAMES.into_iter().find(|known| *known == name).unwrap();
        Ok(Sink { name, pool: &pool })
    });
    let mois = PayPeriod::new(2026, 10).unwrap();
    let spec = DemoSpec { employeurs, agents, graine, mois };
    let summary = generate(&spec, files.unwrap()).unwrap();
    let text = |(name, bytes)| (name, String::from_utf8(bytes).unwrap());
    (pool.into_inner().into_iter().map(text).collect(), summary)
}

fn rows<'a>(pool: &'a Pool, name: &str) -> impl Iterator<Item = Vec<&'a str>> {
    pool[name].lines().skip(1).map(|line| line.split(',').collect())
}

fn shipped() -> Pool {
    SHIPPED.into_iter().map(|(name, text)| (name, text.to_owned())).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(invent(30, 900, 5), invent(30, 900, 5));
    assert_ne!(invent(30, 900, 5).0, invent(30, 900, 6).0);
}

#[test]
fn the_shipped_pool_starts_with_an_invented_one() {
    let (pool, _) = invent(8, 110, 2);
    for (name, text) in SHIPPED {
        assert!(
            text.starts_with(&pool[name]),
            "{name} changed: seeds no longer give the same bytes"
        );
    }
}

#[test]
fn counts_are_those_asked_for() {
    for (employeurs, agents) in [(1, 1), (5, 2), (12, 150), (401, 6000)] {
        let (pool, summary) = invent(employeurs, agents, 9);
        assert_eq!(pool.len(), 9);
        assert_eq!(rows(&pool, "employeurs.csv").count(), usize::try_from(employeurs).unwrap());
        assert_eq!(rows(&pool, "agents.csv").count(), usize::try_from(agents).unwrap());
        let lines: usize = NAMES.iter().map(|name| rows(&pool, name).count()).sum();
        let bytes: usize = pool.values().map(String::len).sum();
        assert_eq!(summary.lignes, u64::try_from(lines).unwrap());
        assert_eq!(summary.octets, u64::try_from(bytes).unwrap());
        let contracts: BTreeSet<_> =
            rows(&pool, "carrieres.csv").map(|row| (row[0], row[1], row[2])).collect();
        assert_eq!(summary.contrats, u64::try_from(contracts.len()).unwrap());
    }
}

#[test]
fn every_row_has_every_field() {
    for pool in [invent(60, 2000, 3).0, shipped()] {
        for (name, text) in &pool {
            let width = text.lines().next().unwrap().split(',').count();
            assert!(text.ends_with('\n'), "{name}");
            for line in text.lines() {
                assert_eq!(line.split(',').count(), width, "{name}: {line}");
            }
        }
    }
}

#[test]
fn files_merge_in_one_pass() {
    for pool in [invent(401, 6000, 4).0, shipped()] {
        let employers: BTreeMap<_, _> =
            rows(&pool, "employeurs.csv").enumerate().map(|(rank, row)| (row[0], rank)).collect();
        let agents: BTreeMap<_, _> =
            rows(&pool, "agents.csv").enumerate().map(|(rank, row)| (row[0], rank)).collect();
        for name in ["carrieres.csv", "familles.csv", "taux_pas.csv", "elements.csv"] {
            assert!(rows(&pool, name).map(|row| agents[row[0]]).is_sorted(), "{name}");
        }
        let mut first = BTreeMap::new();
        for row in rows(&pool, "carrieres.csv") {
            first.entry(agents[row[0]]).or_insert(employers[row[1]]);
        }
        assert_eq!(first.len(), agents.len());
        assert!(first.values().is_sorted());
        let parameters = rows(&pool, "parametres_employeurs.csv").map(|row| employers[row[0]]);
        assert!(parameters.is_sorted());
    }
}

#[test]
fn keys_are_right_and_numbers_unique() {
    for pool in [invent(401, 6000, 4).0, shipped()] {
        let (mut nirs, mut ibans) = (BTreeSet::new(), BTreeSet::new());
        for row in rows(&pool, "agents.csv") {
            let (nir, iban) = (row[1], row[7]);
            let (number, key) = nir.split_at(13);
            assert_eq!(
                97 - number.parse::<u64>().unwrap() % 97,
                key.parse::<u64>().unwrap(),
                "{nir}"
            );
            assert_eq!(nir.starts_with('2'), row[5] == "F");
            assert_eq!((&nir[1..3], &nir[3..5]), (&row[4][2..4], &row[4][5..7]));
            let digits = format!("{}1527{}", &iban[4..], &iban[2..4]);
            let rest =
                digits.bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - 48)) % 97);
            assert_eq!((rest, iban.len()), (1, 27), "{iban}");
            assert!(nirs.insert(nir) && ibans.insert(iban));
        }
        let mut sirets = BTreeSet::new();
        for row in rows(&pool, "employeurs.csv") {
            let (siret, insee) = (row[0], row[3]);
            assert_eq!(siret.len(), 14);
            for end in [9, 14] {
                let (digits, key) = siret[..end].split_at(end - 1);
                assert_eq!(keys::luhn(digits).to_string(), key, "{siret}");
            }
            assert!(sirets.insert(siret));
            assert_eq!(insee[..2], row[7][..2]);
        }
    }
}

#[test]
fn careers_follow_each_other() {
    for pool in [invent(401, 6000, 4).0, shipped()] {
        let mut last = BTreeMap::new();
        for row in rows(&pool, "carrieres.csv") {
            let (start, end) = (row[3], row[4]);
            assert!(end.is_empty() || start <= end, "{row:?}");
            if let Some((start_before, end_before)) =
                last.insert((row[0], row[1], row[2]), (start, end))
            {
                assert!(start_before < start && end_before.is_empty(), "{row:?}");
            }
            let paid = [row[8], row[10], row[12]].iter().filter(|field| !field.is_empty()).count();
            assert_eq!(paid, 1, "one way to fix the pay: {row:?}");
        }
        for row in rows(&pool, "elements.csv") {
            assert!(last.contains_key(&(row[0], row[1], row[2])), "{row:?}");
            assert!(row[5].is_empty() || row[4] <= row[5], "{row:?}");
        }
    }
}

#[test]
fn shares_are_those_of_the_local_public_service() {
    let (pool, _) = invent(400, 20_000, 1);
    let total = rows(&pool, "carrieres.csv").count();
    let share = |keep: &dyn Fn(&[&str]) -> bool| {
        (rows(&pool, "carrieres.csv").filter(|row| keep(row)).count() * 100).div_euclid(total)
    };
    assert!((66..71).contains(&share(&|row| row[6] == "titulaire")));
    assert!((3..6).contains(&share(&|row| row[6] == "stagiaire")));
    assert!((12..17).contains(&share(&|row| row[13] != "100")));
    assert!((8..16).contains(&share(&|row| row[14] != "35" && row[14] != "20/20")));
    assert!(rows(&pool, "carrieres.csv").all(|row| row[6] != "contractuel" || row[15].is_empty()));
    let rubriques: BTreeSet<_> = rows(&pool, "elements.csv").map(|row| row[3]).collect();
    let expected = [
        "CIA",
        "HC",
        "ICCSG",
        "IFSE",
        "IHTS_14",
        "IHTS_15",
        "IHTS_DIMANCHE",
        "IHTS_NUIT",
        "PRIME",
        "TRANSPORT",
    ];
    assert_eq!(rubriques.into_iter().collect::<Vec<_>>(), expected);
    let mut overtime = BTreeMap::new();
    for row in rows(&pool, "elements.csv").filter(|row| row[3].starts_with("IHTS")) {
        let (hours, tenth) = row[7].split_once('.').unwrap();
        let tenths = hours.parse::<u32>().unwrap() * 10 + tenth.parse::<u32>().unwrap();
        *overtime.entry(row[0]).or_insert(0) += tenths;
    }
    assert!(overtime.values().all(|tenths| *tenths <= 250));
}
