//! A month at hand: what it gives, agent by agent and from several threads, is what the run pays;
//! a closed month is the one of its run; what ends, ends.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod banc;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use banc::{Chaine, Mois, Pool};
use paie::archive::Archive;
use paie::batch::{
    Atelier, AtelierError, AtelierOptions, HistoryError, Job, Looked, RuleShelf, RunError,
    SlipEtat, Source, Tried,
};
use paie::calendar::{Day, KnownOn, PayPeriod};
use paie::demo::{DemoFiles, DemoSpec, generate};
use paie::io::PoolImage;
use paie::program::Target;
use paie::rulebook::{self, Rules};

static SHELF: LazyLock<RuleShelf> = LazyLock::new(RuleShelf::default);
static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| SHELF.keep(rulebook::read(&[], false)));

/// A month of a pool, known on its twenty-fifth day, after what its archive has.
fn of_pool(mois: &str, image: PoolImage, archive: Option<&Path>) -> Atelier {
    let day = Day::parse(&format!("{mois}-25")).unwrap();
    let period = PayPeriod::parse(mois).unwrap();
    let target = Target { period, known_on: KnownOn::Day(day), au_dela: false };
    let archive = archive.filter(|path| path.exists()).map(|path| Archive::open(path).unwrap());
    let rules = (Arc::clone(&RULES), target);
    let options = AtelierOptions::of_pool(&SHELF, rules, Arc::new(image), archive.as_ref());
    let options = AtelierOptions { entire: false, threads: 3, ..options.unwrap() };
    Atelier::start(options).unwrap()
}

/// What a month does with a contract: its state and, when it is paid, seven totals and its lines.
type Paid = (String, Vec<i64>, Vec<[i64; 3]>);

/// A month: contracts by employer, agent and name, and the codes of the findings of each agent.
#[derive(Debug, Default, PartialEq)]
struct Said {
    contracts: BTreeMap<[String; 3], Paid>,
    codes: BTreeMap<String, Vec<String>>,
}

impl Said {
    fn of_run(mois: &Mois) -> Self {
        let mut said = Self::default();
        let key = |row: &banc::Row| ["siret", "agent", "contrat"].map(|name| row[name].clone());
        for row in &mois.bulletins {
            let names = ["brut", "net_social", "net_imposable", "net_avant_impot", "pas"];
            let names = names.into_iter().chain(["net_a_payer", "cout_employeur"]);
            let paid = row["etat"] == "payable";
            let totals = names.filter(|_| paid).map(|name| banc::cents(&row[name])).collect();
            said.contracts.insert(key(row), (row["etat"].clone(), totals, Vec::new()));
        }
        for row in &mois.lignes {
            let cents =
                ["base", "montant_agent", "montant_employeur"].map(|n| banc::cents(&row[n]));
            said.contracts.get_mut(&key(row)).unwrap().2.push(cents);
        }
        for row in mois.anomalies.iter().filter(|row| !row["agent"].is_empty()) {
            let codes = said.codes.entry(row["agent"].clone()).or_default();
            codes.push(row["code"].clone());
        }
        said.codes.values_mut().for_each(|codes| {
            codes.sort();
            codes.dedup();
        });
        said
    }

    fn add(&mut self, looked: &Looked) {
        let agent = &looked.facts.agent.id;
        let found = looked.slips.iter().flat_map(|slip| &slip.findings).chain(&looked.findings);
        let mut codes: Vec<String> = found.map(|one| one.code.to_string()).collect();
        codes.sort();
        codes.dedup();
        if !codes.is_empty() {
            self.codes.insert(agent.to_string(), codes);
        }
        for slip in &looked.slips {
            let (siret, contrat) = (slip.prepared.siret.to_string(), &slip.prepared.contrat);
            let paid = match slip.etat() {
                SlipEtat::Absent => continue,
                SlipEtat::Bloque => ("bloque".to_owned(), Vec::new(), Vec::new()),
                SlipEtat::Payable => {
                    let t = slip.totaux;
                    let totals = [t.brut, t.net_social, t.net_imposable, t.net_avant_impot, t.pas];
                    let totals = totals.into_iter().chain([t.net_a_payer, t.cout_employeur]);
                    let cents = |cents: Option<i64>| cents.unwrap_or(0);
                    let lines = slip.payslip.lines.iter();
                    let lines = lines.map(|line| {
                        [line.base, line.montant_agent, line.montant_employeur].map(cents)
                    });
                    ("payable".to_owned(), totals.collect(), lines.collect())
                }
            };
            self.contracts.insert([siret, agent.to_string(), contrat.to_string()], paid);
        }
    }

    /// Every agent of a month at hand, asked for by four threads at once, each agent by two.
    fn of_month(atelier: &Atelier, agents: &[Box<str>]) -> Self {
        let said = Mutex::new(Self::default());
        thread::scope(|scope| {
            for person in 0..4 {
                let said = &said;
                scope.spawn(move || {
                    for agent in agents.iter().skip(person % 2).step_by(2) {
                        let looked = atelier.look(Job::new(agent)).unwrap().unwrap();
                        said.lock().unwrap().add(&looked);
                    }
                });
            }
        });
        said.into_inner().unwrap()
    }

    /// Every agent, by a survey.
    fn of_survey(atelier: &Atelier) -> Self {
        let said = Arc::new(Mutex::new(Self::default()));
        let (done, end) = channel();
        let each = Arc::clone(&said);
        atelier.survey(
            move |agent, looked| {
                let looked = looked.unwrap();
                assert_eq!(agent, &*looked.facts.agent.id);
                each.lock().unwrap().add(looked);
            },
            move |seen| done.send(seen).unwrap(),
        );
        assert!(end.recv_timeout(Duration::from_secs(600)).unwrap());
        std::mem::take(&mut *said.lock().unwrap())
    }
}

fn demo(folder: &Path, mois: &str, historique: u32) -> Vec<Box<str>> {
    fs::create_dir_all(folder).unwrap();
    let mois = PayPeriod::parse(mois).unwrap();
    let spec = DemoSpec { employeurs: 4, agents: 60, graine: 4, mois, historique };
    let open = |name: &str| File::create(folder.join(name)).map(BufWriter::new);
    generate(&spec, DemoFiles::open(open).unwrap()).unwrap();
    let mut agents = csv::Reader::from_path(folder.join("agents.csv")).unwrap();
    agents.records().map(|row| row.unwrap()[0].into()).collect()
}

/// Months in a row of an invented pool, facts learned late: what a month at hand gives before the
/// run is what the run pays, first asked for and asked for again, by threads and by a survey; and
/// looked at again once it is closed, from the archive alone, whatever the pool says by then.
#[test]
fn a_month_at_hand_is_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let pool = folder.path().join("pool");
    let agents = demo(&pool, "2024-04", 4);
    let mut chain = Chaine::new(Pool::default());
    chain.textes = RULES.texts();
    let mut rappels = 0;
    for mois in banc::suite("2024-01", "2024-04") {
        let image = PoolImage::open(&pool).unwrap();
        let atelier = of_pool(&mois, image, Some(&chain.archive()));
        let first = Said::of_month(&atelier, &agents);
        let again = Said::of_month(&atelier, &agents);
        let surveyed = Said::of_survey(&atelier);
        let tried = agents.iter().map(|agent| {
            let facts = atelier.source().facts(agent).unwrap().unwrap().facts;
            let job = Job { tried: Some(Tried::Mois(Box::new(facts))), ..Job::new(agent) };
            atelier.look(job).unwrap().unwrap()
        });
        let mut same = Said::default();
        tried.for_each(|looked| same.add(&looked));
        let run = chain.run_folder(&pool, &mois, &format!("{mois}-25")).unwrap();
        let paid = Said::of_run(&run);
        assert!(paid.contracts.len() > 30, "{mois}");
        for (how, said) in
            [("first", first), ("again", again), ("survey", surveyed), ("same", same)]
        {
            assert_eq!(said.contracts, paid.contracts, "{mois}, {how}");
            assert_eq!(said.codes, paid.codes, "{mois}, {how}");
        }
        rappels += run.rappels.iter().filter(|row| row["etat"] == "paye").count();
        chain.close_all(&mois);
        if mois == "2024-03" {
            closed_month(&chain, &agents, &paid);
        }
    }
    assert!(rappels > 10, "{rappels} rappels: choose another seed");
}

/// A closed month, from its run.
fn closed_month(chain: &Chaine, agents: &[Box<str>], paid: &Said) {
    let archive = Archive::open(chain.archive()).unwrap();
    let mois = PayPeriod::parse("2024-03").unwrap();
    let siret = paid.contracts.keys().next().unwrap()[0].clone();
    let entry = archive.calcul(mois, &siret).unwrap();
    let options = AtelierOptions::of_run(&SHELF, &archive, entry).unwrap();
    assert_eq!((options.program.period, options.au_dela), (mois, false));
    let atelier = Atelier::start(options).unwrap();
    assert_eq!(Said::of_month(&atelier, agents).contracts, paid.contracts);
    assert_eq!(Said::of_survey(&atelier), *paid);
    assert!(atelier.look(Job::new("personne")).unwrap().is_none());
}

/// Two employers, of which one has not closed the month before: its agents are refused, by name of
/// the employer, and the others are computed.
#[test]
fn an_employer_that_has_not_closed_waits_alone() {
    let mut pool = Pool::ville();
    pool.employeur(banc::AUTRE, 800);
    pool.titulaire("A1", 400).titulaire("A2", 400);
    pool.replace("carrieres", &format!("A2,{}", banc::VILLE), &format!("A2,{}", banc::AUTRE));
    let chain = Chaine::new(pool);
    chain.run("2024-01", "2024-01-25");
    chain.close("2024-01", &[banc::VILLE]);
    let image = PoolImage::open(&chain.folder().join("pool")).unwrap();
    let atelier = of_pool("2024-02", image, Some(&chain.archive()));
    assert_eq!(atelier.look(Job::new("A1")).unwrap().unwrap().slips.len(), 1);
    let refused = atelier.look(Job::new("A2")).err();
    match refused {
        Some(AtelierError::Run(RunError::History(HistoryError::Open { mois, employeurs }))) => {
            assert_eq!(mois.to_string(), "2024-01");
            assert_eq!(employeurs, [banc::AUTRE]);
        }
        other => panic!("{other:?}"),
    }
}

fn small() -> PoolImage {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path(), "2024-05", 1);
    PoolImage::open(folder.path()).unwrap()
}

/// A month that is dropped tells who waits, stops its survey, and leaves nothing behind.
#[test]
fn what_ends_ends() {
    let atelier = of_pool("2024-05", small(), None);
    let Source::Pool(image) = atelier.source().clone() else { panic!("a pool") };
    let (done, end) = channel();
    // The survey holds all threads until the month has ended.
    let (release, held) = channel::<()>();
    let held = Mutex::new(held);
    atelier.survey(
        move |_, _| {
            let _ = held.lock().unwrap().recv();
        },
        move |s| done.send(s).unwrap(),
    );
    let (answer, told) = channel();
    for agent in &image.agents()[..20] {
        let answer = answer.clone();
        atelier.ask(Job::new(agent), move |found| answer.send(found).unwrap());
    }
    drop(atelier);
    drop((answer, release));
    assert!(!end.recv_timeout(Duration::from_secs(60)).unwrap(), "the survey is not whole");
    // Each is answered, those that no thread had taken by saying that the month is over.
    let answers: Vec<_> = told.iter().collect();
    assert_eq!(answers.len(), 20);
    let over = |one: &Result<_, _>| matches!(one, Err(AtelierError::Ended) | Ok(Some(_)));
    assert!(answers.iter().all(over));
    let mut left = 600;
    while Arc::strong_count(&image) > 1 && left > 0 {
        thread::sleep(Duration::from_millis(100));
        left -= 1;
    }
    assert_eq!(Arc::strong_count(&image), 1, "a thread of the month is still there");
}

/// Code of others that panics costs its caller an answer, and nobody else.
#[test]
fn a_panic_is_survived() {
    let atelier = of_pool("2024-05", small(), None);
    let Source::Pool(image) = atelier.source().clone() else { panic!("a pool") };
    for agent in image.agents().iter().take(10) {
        atelier.ask(Job::new(agent), |_| panic!("a reply"));
    }
    let (done, end) = channel();
    atelier.survey(
        |_, _| panic!("a survey"),
        move |seen| {
            done.send(seen).unwrap();
            panic!("an end");
        },
    );
    assert!(end.recv_timeout(Duration::from_secs(600)).unwrap(), "every agent was given");
    for agent in image.agents() {
        assert!(atelier.look(Job::new(agent)).unwrap().is_some());
    }
}
