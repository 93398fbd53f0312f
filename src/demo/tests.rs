//! What an invented pool promises: the bytes, the counts, the order, the keys, the grades.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::calendar::Day;

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

/// The rubriques that depend on the post, beside the occasions.
const REGULAR: &[&str] = &[
    "CIA",
    "HC",
    "HC_10",
    "HC_25",
    "ICCA",
    "ICCSG",
    "IFSE",
    "IHTS_14",
    "IHTS_15",
    "IHTS_DIMANCHE",
    "IHTS_NUIT",
    "IJSS",
    "IJSS_SUBROGEES",
    "ISFE_FIXE",
    "ISFE_VARIABLE",
    "ISRC",
    "LICENCIEMENT",
    "PRECARITE",
    "PRIME",
    "SALAIRE_ASSMAT",
    "VACATION",
];

/// A seed with which a pool of 2,000 agents holds every case.
const SEED: u64 = 66;

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

fn spec(employeurs: u32, agents: u32, graine: u64) -> DemoSpec {
    DemoSpec { employeurs, agents, graine, mois: PayPeriod::new(2026, 10).unwrap(), historique: 1 }
}

fn invent(employeurs: u32, agents: u32, graine: u64) -> (Pool, DemoSummary) {
    invent_for(&spec(employeurs, agents, graine))
}

fn invent_for(spec: &DemoSpec) -> (Pool, DemoSummary) {
    let pool = std::cell::RefCell::new(BTreeMap::new());
    let files = DemoFiles::open(|name| {
        let name = NAMES.into_iter().find(|known| *known == name).unwrap();
        Ok(Sink { name, pool: &pool })
    });
    let summary = generate(spec, files.unwrap()).unwrap();
    let text = |(name, bytes)| (name, String::from_utf8(bytes).unwrap());
    (pool.into_inner().into_iter().map(text).collect(), summary)
}

/// The pool in which every case must be met.
fn two_thousand() -> Pool {
    invent(60, 2000, SEED).0
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
    let (pool, _) = invent(8, 60, 2);
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
        let sorted =
            ["carrieres.csv", "familles.csv", "taux_pas.csv", "elements.csv", "absences.csv"];
        for name in sorted {
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
                let same_end = end_before.is_empty() || end_before == end;
                assert!(start_before < start && same_end, "{row:?}");
            }
            let paid = [row[8], row[10], row[12], row[13]]
                .iter()
                .filter(|field| !field.is_empty())
                .count();
            let by_rule = matches!(row[6], "elu" | "apprenti") || row[6].starts_with("assistant");
            let one = paid == usize::from(!by_rule) || row[6] == "vacataire";
            assert!(one, "one way to fix the pay: {row:?}");
            assert_eq!(row[6] == "elu", !row[19].is_empty(), "{row:?}");
        }
        for row in rows(&pool, "elements.csv") {
            assert!(last.contains_key(&(row[0], row[1], row[2])), "{row:?}");
            assert!(row[5].is_empty() || row[4] <= row[5], "{row:?}");
        }
    }
}

#[test]
fn absences_follow_each_other_inside_their_contract() {
    for pool in [invent(401, 6000, 4).0, shipped()] {
        let mut contracts: BTreeMap<_, (&str, &str)> = BTreeMap::new();
        for row in rows(&pool, "carrieres.csv") {
            let dates = contracts.entry((row[0], row[1], row[2])).or_insert((row[3], row[4]));
            dates.1 = row[4];
        }
        let mut last = BTreeMap::new();
        for row in rows(&pool, "absences.csv") {
            let key = (row[0], row[1], row[2]);
            let (start, end) = contracts[&key];
            assert!(start <= row[4] && row[4] <= row[5], "{row:?}");
            assert!(end.is_empty() || row[5] <= end, "{row:?}");
            if let Some(before) = last.insert(key, row[5]) {
                assert!(before < row[4], "{row:?}");
            }
        }
    }
}

/// The ceilings of the communes in October 2026, typed again from the code.
#[test]
fn nobody_elected_is_paid_above_the_law() {
    let (pool, _) = invent(401, 6000, 4);
    let employers: BTreeMap<_, _> = rows(&pool, "employeurs.csv")
        .map(|row| (row[0].to_owned(), (row[2].to_owned(), row[4].parse::<u32>().unwrap())))
        .collect();
    let mut seats = BTreeMap::new();
    for row in rows(&pool, "carrieres.csv").filter(|row| row[6] == "elu") {
        let (nature, population) = &employers[row[1]];
        let taux: u32 = row[20].replace("0.", "").parse().unwrap();
        let highest = match (row[19], population) {
            ("maire", ..500) => 2810,
            ("maire", 500..1000) => 4430,
            ("maire", 1000..3500) => 5570,
            ("maire", 3500..10_000) => 5830,
            ("adjoint", ..500) => 1089,
            ("adjoint", 500..1000) => 1177,
            ("adjoint", 1000..3500) => 2138,
            ("adjoint", 3500..10_000) => 2332,
            ("conseiller_delegue", _) => 600,
            ("vice_president", ..500) if nature == "epci" => 495,
            ("vice_president", 10_000..20_000) if nature == "epci" => 2063,
            _ => 14_500,
        };
        assert!(0 < taux && taux <= highest, "{row:?} {population}");
        *seats.entry((row[1].to_owned(), row[19].to_owned())).or_insert(0) += 1;
    }
    assert!(seats.iter().all(|((_, fonction), seats)| fonction != "maire" || *seats == 1));
    assert!(rows(&pool, "carrieres.csv").any(|row| row[2] == "C2" && row[19] == "vice_president"));
}

#[test]
fn mayors_have_the_rate_of_the_law_from_its_day() {
    let rates = |year, month| {
        let spec = DemoSpec { mois: PayPeriod::new(year, month).unwrap(), ..spec(60, 2000, 5) };
        let (pool, _) = invent_for(&spec);
        let mayors = rows(&pool, "carrieres.csv").filter(|row| row[19] == "maire");
        mayors.map(|row| (row[3].to_owned(), row[20].to_owned())).collect::<Vec<_>>()
    };
    let law = |(day, _): &&(String, String)| day == "2025-12-24";
    assert_eq!(rates(2025, 11).iter().filter(law).count(), 0);
    for (year, month) in [(2025, 12), (2026, 1)] {
        let rates = rates(year, month);
        let raised: Vec<_> = rates.iter().filter(law).collect();
        assert!(raised.len() > 20);
        assert!(raised.iter().any(|(_, rate)| rate == "0.2810"));
        assert!(rates.iter().any(|(_, rate)| rate == "0.2550"));
    }
    assert!(rates(2026, 10).iter().all(|(day, _)| day.as_str() >= "2026-03-20"));
}

#[test]
fn shares_are_those_of_the_local_public_service() {
    let (pool, _) = invent(400, 20_000, 1);
    let staff = |row: &Vec<&str>| row[6] != "elu";
    let total = rows(&pool, "carrieres.csv").filter(staff).count();
    let share = |keep: &dyn Fn(&[&str]) -> bool| {
        let kept = rows(&pool, "carrieres.csv").filter(staff).filter(|row| keep(row)).count();
        (kept * 100).div_euclid(total)
    };
    assert!((62..68).contains(&share(&|row| row[6] == "titulaire")));
    assert!((3..6).contains(&share(&|row| row[6] == "stagiaire")));
    assert!((12..17).contains(&share(&|row| !row[14].is_empty() && row[14] != "100")));
    assert!((8..16).contains(&share(&|row| !["", "35", "20/20"].contains(&row[15]))));
    assert!(rows(&pool, "carrieres.csv").all(|row| row[6] != "contractuel" || row[17].is_empty()));
    let in_month = |row: &Vec<&str>| row[4] <= "2026-10-31" && row[5] >= "2026-10-01";
    let absences = rows(&pool, "absences.csv").filter(in_month);
    let away: BTreeSet<_> = absences.map(|row| row[0]).collect();
    assert!((900..1300).contains(&away.len()), "{}", away.len());
    let mut overtime = BTreeMap::new();
    for row in rows(&pool, "elements.csv").filter(|row| row[3].starts_with("IHTS")) {
        let (hours, tenth) = row[7].split_once('.').unwrap();
        let tenths = hours.parse::<u32>().unwrap() * 10 + tenth.parse::<u32>().unwrap();
        *overtime.entry(row[0]).or_insert(0) += tenths;
    }
    assert!(overtime.values().all(|tenths| *tenths <= 250));
}

fn values<'a>(pool: &'a Pool, name: &str, column: usize) -> BTreeSet<&'a str> {
    rows(pool, name).map(|row| row[column]).filter(|value| !value.is_empty()).collect()
}

#[test]
fn two_thousand_agents_meet_every_case() {
    let pool = two_thousand();
    let all = |name, column: usize, expected: &str| {
        let found: Vec<_> = values(&pool, name, column).into_iter().collect();
        assert_eq!(found.join(" "), expected, "{name}");
    };
    all("employeurs.csv", 2, "ccas cdg commune epci syndicat");
    all(
        "carrieres.csv",
        6,
        "apprenti assistant_maternel contractuel contrat_aide detache_etat elu stagiaire titulaire \
         vacataire",
    );
    all("carrieres.csv", 19, "adjoint conseiller_delegue maire president vice_president");
    all(
        "absences.csv",
        3,
        "adoption autorisation cgm citis cld clm conge_parental disponibilite exclusion greve \
         maladie_ordinaire maternite naissance naissance_supplementaire paternite proche_aidant \
         service_non_fait suspension",
    );
    let codes = occasions::ALL.iter().map(|occasion| occasion.rubrique);
    let expected: BTreeSet<_> = codes.chain(REGULAR.iter().copied()).collect();
    let mut found = values(&pool, "elements.csv", 3);
    // There are too few employers for a département and its fire service.
    let (larger, _) = invent(401, 6000, 4);
    let beyond = ["departement", "sdis"].map(|nature| {
        let mut employers = rows(&larger, "employeurs.csv");
        employers.find(|row| row[2] == nature).unwrap()[0].to_owned()
    });
    let there = rows(&larger, "elements.csv").filter(|row| beyond.iter().any(|one| one == row[1]));
    let there: Vec<_> = there.map(|row| row[3]).collect();
    assert!(there.contains(&"SALAIRE_ASSFAM"));
    found.extend(there.into_iter().filter(|code| *code == "PRIME_FEU"));
    assert_eq!(found, expected);
    for (name, column) in [("carrieres.csv", 13), ("carrieres.csv", 16), ("carrieres.csv", 23)] {
        assert!(!values(&pool, name, column).is_empty(), "{name} {column}");
    }
    for column in 6..13 {
        assert!(!values(&pool, "absences.csv", column).is_empty(), "{column}");
    }
    let concluded = values(&pool, "carrieres.csv", 22);
    assert!(concluded.iter().any(|day| *day < "2025-03-01"));
    assert!(concluded.iter().any(|day| *day >= "2025-03-01"));
}

#[test]
fn every_month_holds_together() {
    let mut mois = PayPeriod::new(2024, 4).unwrap();
    while mois.year() < 2027 {
        let (pool, _) = invent_for(&DemoSpec { mois, ..spec(40, 1200, 8) });
        for row in rows(&pool, "carrieres.csv") {
            assert!(row[4].is_empty() || row[3] <= row[4], "{mois} {row:?}");
        }
        let mut seen = BTreeSet::new();
        for row in rows(&pool, "elements.csv") {
            assert!(row[5].is_empty() || row[4] <= row[5], "{mois} {row:?}");
            let same = (row[0], row[1], row[2], row[3], row[4], row[5].is_empty(), row[13]);
            assert!(seen.insert((same, row[12])), "{mois} {row:?}");
        }
        let last = mois.last_day().to_string();
        for row in rows(&pool, "absences.csv") {
            assert!(row[4] <= row[5] && row[4] <= last.as_str(), "{mois} {row:?}");
        }
        mois = mois.next();
    }
}

/// The months of two thousand agents.
fn three_years() -> Pool {
    let spec = DemoSpec { historique: 36, ..spec(60, 2000, SEED) };
    assert_eq!(spec.first_month(), PayPeriod::new(2023, 11).unwrap());
    invent_for(&spec).0
}

/// The column in which the pool says when it learned a row.
const LEARNED: [(&str, usize, usize); 6] = [
    ("parametres_employeurs.csv", 2, 3),
    ("carrieres.csv", 3, 5),
    ("familles.csv", 1, 2),
    ("taux_pas.csv", 1, 2),
    ("elements.csv", 4, 6),
    ("absences.csv", 4, 6),
];

/// How many months late a row is learned, against the pay of its month on the 25th.
fn late(depuis: &str, connu_le: &str) -> i64 {
    let day = |text: &str| Day::parse(text).unwrap();
    let month = |day: Day| i64::from(day.year()) * 12 + i64::from(day.month());
    let (start, learned) = (day(depuis), day(connu_le));
    (month(learned) - month(start) + i64::from(learned.day() > 25)).max(0)
}

#[test]
fn a_history_is_a_function_of_its_seed() {
    let spec = DemoSpec { historique: 20, ..spec(20, 300, 5) };
    assert_eq!(invent_for(&spec), invent_for(&spec));
    let alone = DemoSpec { historique: 1, ..spec };
    assert_eq!(invent_for(&alone).0, invent_for(&DemoSpec { historique: 0, ..spec }).0);
    assert!(!DemoSpec { historique: 60, ..spec }.is_covered());
}

#[test]
fn a_history_says_when_each_row_is_learned() {
    let pool = three_years();
    for (name, depuis, connu_le) in LEARNED {
        for row in rows(&pool, name) {
            // Only what starts before the months may have been known always.
            assert!(!row[connu_le].is_empty() || row[depuis] < "2023-11-01", "{name} {row:?}");
        }
    }
}

#[test]
fn a_history_has_late_facts_of_every_kind() {
    let pool = three_years();
    let lateness = |name: &str, keep: &dyn Fn(&[&str]) -> bool| {
        let (_, depuis, connu_le) = LEARNED.into_iter().find(|(file, ..)| *file == name).unwrap();
        let kept = rows(&pool, name).filter(|row| !row[connu_le].is_empty() && keep(row));
        kept.map(|row| late(row[depuis], row[connu_le])).collect::<Vec<_>>()
    };
    let share = |months: &[i64]| {
        let late = months.iter().filter(|months| **months > 0).count();
        (late * 100).div_euclid(months.len())
    };
    let promotion =
        |row: &[&str]| ["avancement d'échelon", "avancement de grade"].contains(&row[21]);
    let promotions = lateness("carrieres.csv", &promotion);
    assert!(promotions.len() > 900 && (30..50).contains(&share(&promotions)), "{promotions:?}");
    assert!((1..=5).all(|months| promotions.contains(&months)));
    let across =
        rows(&pool, "carrieres.csv").filter(|row| promotion(row) && row[3][..4] < row[5][..4]);
    assert!(across.count() > 50);
    let hours = lateness("elements.csv", &|row| row[3].starts_with("IHTS"));
    assert!((4..15).contains(&share(&hours)), "{}", share(&hours));
    let away = lateness("absences.csv", &|row| row[3] == "maladie_ordinaire");
    assert!((20..50).contains(&share(&away)), "{}", share(&away));
    let children = lateness("familles.csv", &|_| true);
    assert!((30..70).contains(&share(&children)), "{}", share(&children));
    let accidents = lateness("parametres_employeurs.csv", &|row| row[1] == "taux_atmp");
    assert!((5..40).contains(&share(&accidents)), "{}", share(&accidents));
}

/// Rows that say the same thing of the same days at different times, by what they replace.
#[test]
fn a_history_corrects_itself_up_to_three_times() {
    let pool = three_years();
    let depths = |name: &str, key: &dyn Fn(&[&str]) -> Vec<String>| {
        let mut counts: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for row in rows(&pool, name) {
            *counts.entry(key(&row)).or_default() += 1;
        }
        let mut depths = BTreeMap::new();
        for count in counts.values() {
            *depths.entry(count - 1).or_insert(0) += 1;
        }
        depths
    };
    let said = |row: &[&str], columns: &[usize]| {
        columns.iter().map(|at| row[*at].to_owned()).collect::<Vec<_>>()
    };
    let hours = depths("elements.csv", &|row| said(row, &[0, 1, 2, 3, 4, 12, 13]));
    assert!((1..=3).all(|depth| hours.contains_key(&depth)), "{hours:?}");
    let careers = depths("carrieres.csv", &|row| said(row, &[0, 1, 2, 3]));
    assert!((1..=3).all(|depth| careers.contains_key(&depth)), "{careers:?}");
    let absences = depths("absences.csv", &|row| said(row, &[0, 1, 2, 3, 4]));
    assert!(absences.contains_key(&1) && absences.contains_key(&2), "{absences:?}");
    let rates = depths("parametres_employeurs.csv", &|row| said(row, &[0, 1, 2]));
    assert!(rates.contains_key(&1), "{rates:?}");
    let nothing = rows(&pool, "elements.csv").filter(|row| row[7] == "0.0" || row[10] == "0.00");
    assert!(nothing.count() > 20, "trop-perçus: hours removed");
    let withdrawn = rows(&pool, "carrieres.csv").filter(|row| row[21].ends_with("retiré"));
    assert!(withdrawn.count() > 10, "trop-perçus: an échelon withdrawn");
}
