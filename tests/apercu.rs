//! A payslip looked at, beside the run that pays it: the same lines, rappels included, and nothing
//! stored; and the rappel of a closed month explained, to the cent of the payslip.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use paie::archive::{Archive, Event, Signature};
use paie::batch::{self, Archiving, Before, CompareOptions, Held, Plan, Rules, RunOptions, Single};
use paie::bulletin::{Bulletin, Faits, Ligne};
use paie::calendar::{Day, KnownOn, PayPeriod};
use paie::check::CheckedRuleBook;
use paie::compare::{Cause, Pay, Variation};
use paie::demo::{DemoFiles, DemoSpec, generate};
use paie::domain::Siret;
use paie::io::PoolReader;
use paie::load::{EmbeddedFiles, load};
use paie::program::{Program, Target, compile};
use paie::source::SourceMap;
use tempfile::TempDir;

/// Digest of the rule texts; one book here, one name.
const TEXTS: &str = "regles";

static RULES: LazyLock<(CheckedRuleBook, BTreeMap<String, Vec<u8>>)> = LazyLock::new(|| {
    let mut sources = SourceMap::default();
    let (ids, mut findings) = load(&EmbeddedFiles, "rules/", &mut sources);
    let texts = sources.iter().map(|(_, file)| (file.path.to_string(), file.text.to_string()));
    let texts = texts.map(|(path, text)| (path, text.into_bytes())).collect();
    let book = paie::rules::resolve(&sources, &ids, &mut findings).unwrap();
    (paie::check::check(book, &mut findings).unwrap(), texts)
});

/// An invented pool whose months are run and closed one after the other.
struct Chain {
    folder: TempDir,
}

impl Chain {
    fn new(mois: &str, historique: u32, graine: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pool");
        fs::create_dir(&path).unwrap();
        let mois = month(mois);
        let spec = DemoSpec { employeurs: 4, agents: 60, graine, mois, historique };
        let open = |name: &str| File::create(path.join(name)).map(BufWriter::new);
        generate(&spec, DemoFiles::open(open).unwrap()).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a month; its results are in a folder named by the month.
    fn run(&self, program: &Program) -> PathBuf {
        let path = self.path("archive");
        let archive = match path.exists() {
            true => Archive::open(&path),
            false => Archive::create(&path),
        };
        let target = self.path(&program.period.to_string());
        let options = RunOptions {
            pool: self.path("pool"),
            target: Some(target.clone()),
            replace: false,
            threads: Some(2),
            au_dela: false,
            rules_digest: TEXTS.to_owned(),
        };
        let writer = archive.unwrap().lock().unwrap();
        let archiving = Archiving { writer, signature: signature(), rules: RULES.1.clone() };
        batch::run(&RULES.0, program, &options, Some(archiving), &|_, _| {}, &|| 0).unwrap();
        target
    }

    fn close(&self, mois: PayPeriod) {
        let mut writer = Archive::open(self.path("archive")).unwrap().lock().unwrap();
        let all = writer.archive().employers(mois).map(|(siret, _)| siret.to_owned());
        let (employeurs, mois): (Vec<String>, String) = (all.collect(), mois.to_string());
        let valide = Event::Valide { mois: mois.clone(), employeurs: employeurs.clone() };
        writer.append(valide, &signature()).unwrap();
        writer.append(Event::Clos { mois, employeurs }, &signature()).unwrap();
    }

    /// Every contract of every agent, looked at before the month is run.
    fn looked_at(&self, program: &Program) -> BTreeMap<[String; 3], Looked> {
        let path = self.path("archive");
        let archive = path.exists().then(|| Archive::open(&path).unwrap());
        let reader = PoolReader::open(&self.path("pool")).unwrap();
        let context = reader.context();
        let mut all = BTreeMap::new();
        for agent in agents(&self.path("pool")) {
            let raw = reader.only(&agent).unwrap().unwrap();
            let parsed = raw.parse_one(&context, 0);
            let employeurs = batch::employers_of(&parsed.facts, &context);
            let known = |siret: Siret| employeurs.contains_key(&siret);
            let before =
                archive.as_ref().map(|archive| Before::of(archive, program.period, known).unwrap());
            let plan = Plan {
                book: &RULES.0,
                texts: TEXTS,
                program,
                au_dela: false,
                context: &context,
                employeurs: &employeurs,
                entire: false,
            };
            let (facts, digest) = (&parsed.facts, Some(raw.agent_digest(&context, 0)));
            let single = Single { facts, digest, tried: None, origine: None };
            let found = batch::single(&plan, before.as_ref(), &single).unwrap();
            for slip in &found.slips {
                let prepared = &slip.prepared;
                let bulletin = Bulletin::new(&Faits {
                    employeur: context.employeur(prepared.siret).unwrap(),
                    agent: &found.facts,
                    prepared,
                    program,
                    payslip: &slip.payslip,
                    remarques: Some(Vec::new()),
                });
                let findings = parsed.findings.iter().chain(&slip.findings);
                let mut codes: Vec<String> = findings.map(|f| f.code.to_string()).collect();
                codes.sort();
                let key = [&*prepared.siret.to_string(), &agent, &prepared.contrat];
                let present = !prepared.segments.is_empty();
                all.insert(key.map(str::to_owned), Looked { bulletin, codes, present });
            }
        }
        all
    }
}

/// A contract looked at.
struct Looked {
    bulletin: Bulletin,
    codes: Vec<String>,
    present: bool,
}

fn month(text: &str) -> PayPeriod {
    PayPeriod::parse(text).unwrap()
}

/// The month, known on its twenty-fifth day.
fn program(mois: PayPeriod) -> Program {
    let day = Day::parse(&format!("{mois}-25")).unwrap();
    let target = Target { period: mois, known_on: KnownOn::Day(day), au_dela: false };
    compile(&RULES.0, target).unwrap()
}

fn signature() -> Signature {
    Signature { quand: "2026-11-26T09:30:00+01:00".to_owned(), qui: "essai".to_owned() }
}

fn rows(path: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(path).unwrap().records().map(|row| row.unwrap()).collect()
}

fn agents(pool: &Path) -> Vec<String> {
    rows(&pool.join("agents.csv")).iter().map(|row| row[0].to_owned()).collect()
}

fn key(row: &csv::StringRecord) -> [String; 3] {
    [0, 1, 2].map(|at| row[at].to_owned())
}

/// Every file of a folder, by path, with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => drop(found.insert(path.clone(), fs::read(path).unwrap())),
            }
        }
    }
    found
}

/// `1801.74` as cents, exactly; an empty cell is none.
fn cents(text: &str) -> Option<i64> {
    (!text.is_empty()).then(|| text.replace('.', "").parse().unwrap())
}

/// What a line says, as a result file has it: month of origin, code, label, base and both sides.
type Line = (String, String, String, Option<i64>, Option<i64>, Option<i64>);

fn line(ligne: &Ligne, mois: PayPeriod) -> Line {
    let origine = match ligne.mois_origine.as_str() {
        "" => mois.to_string(),
        month => month.to_owned(),
    };
    let [base, agent, employeur] =
        [ligne.base, ligne.montant_agent, ligne.montant_employeur].map(|c| c.map(|c| c.0));
    (origine, ligne.rubrique.clone(), ligne.libelle.clone(), base, agent, employeur)
}

/// Months in a row, over a change of year, with rules and facts that are learned late: what is
/// looked at before each run is what the run pays, contract by contract and line by line, with the
/// same findings; and looking leaves the archive as it was.
#[test]
fn what_is_looked_at_is_what_the_run_pays() {
    let chain = Chain::new("2024-04", 5, 4);
    let (mut mois, mut rappels, mut moved) = (month("2023-12"), 0, 0);
    while mois <= month("2024-04") {
        let program = program(mois);
        let before = files(&chain.path("archive"));
        let looked = chain.looked_at(&program);
        assert!(files(&chain.path("archive")) == before, "{mois}: looking changed the archive");
        let results = chain.run(&program);

        let mut paid: BTreeMap<[String; 3], Vec<Line>> = BTreeMap::new();
        for row in rows(&results.join("lignes.csv")).iter().filter(|row| &row[8] != "total") {
            let [base, agent, employeur] = [11, 13, 15].map(|at| cents(&row[at]));
            let said = (row[4].to_owned(), row[6].to_owned(), row[7].to_owned());
            rappels += u32::from(said.0 != mois.to_string());
            let line = (said.0, said.1, said.2, base, agent, employeur);
            paid.entry(key(row)).or_default().push(line);
        }
        let mut codes: BTreeMap<[String; 3], Vec<String>> = BTreeMap::new();
        for row in rows(&results.join("anomalies.csv")) {
            let key = [2, 3, 4].map(|at| row[at].to_owned());
            codes.entry(key).or_default().push(row[1].to_owned());
        }
        let slips = rows(&results.join("bulletins.csv"));
        assert!(slips.len() > 30, "{mois}: {} payslips", slips.len());
        let present = looked.values().filter(|looked| looked.present).count();
        assert_eq!(present, slips.len(), "{mois}");
        for row in &slips {
            let who = key(row);
            let looked = &looked[&who];
            let mut codes = codes.remove(&who).unwrap_or_default();
            codes.sort();
            assert_eq!(looked.codes, codes, "{mois} {who:?}");
            if &row[4] == "bloque" {
                continue;
            }
            let lines = looked.bulletin.lignes.iter().map(|ligne| line(ligne, mois));
            let lines: Vec<Line> = lines.collect();
            assert_eq!(lines, paid[&who], "{mois} {who:?}");
            let totaux = &looked.bulletin.totaux;
            let totals = [totaux.brut, totaux.net_social, totaux.net_imposable];
            let totals = totals.into_iter().chain([totaux.net_avant_impot, totaux.pas]);
            let totals = totals.chain([totaux.net_a_payer, totaux.cout_employeur]);
            for (at, total) in (5..).zip(totals) {
                assert_eq!(total.map(|total| total.0), cents(&row[at]), "{mois} {who:?} {at}");
            }
        }
        if mois > month("2023-12") {
            moved += varied(&chain, &program);
        }
        chain.close(mois);
        mois = mois.next();
    }
    assert!(rappels > 20, "{rappels} rappels: choose another seed");
    assert!(moved > 10, "{moved} nets that a rappel moves: choose another seed");
    explained(&chain);
    closed_months_are_read_from_the_archive(&chain);
}

fn paie(arguments: &[&str]) -> (i32, String, String) {
    let output = assert_cmd::Command::cargo_bin("paie").unwrap().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What moves each net from what was paid to what is paid; how many of them a rappel moves. The
/// causes add up to the nets of both runs.
fn varied(chain: &Chain, after: &Program) -> usize {
    let months = [after.period.previous(), after.period];
    let before = program(months[0]);
    let rules = |program| Rules { book: &RULES.0, program, au_dela: false };
    let archive = Archive::open(chain.path("archive")).unwrap();
    let held = Some(Held { archive: &archive, texts: TEXTS });
    let pool = chain.path("pool");
    let options = CompareOptions { pool: &pool, threads: Some(2), top: 3, detail: true };
    let mut rows: Vec<Variation> = Vec::new();
    let sides = (rules(&before), rules(after));
    batch::variation(sides, held, &options, &|_, _| {}, &mut |found| rows.extend(found)).unwrap();
    let [old, new] = months.map(|mois| {
        let slips = self::rows(&chain.path(&mois.to_string()).join("bulletins.csv"));
        slips.iter().map(|row| (key(row), cents(&row[10]))).collect::<BTreeMap<_, _>>()
    });
    let mut seen = HashSet::new();
    for row in &rows {
        let key = [&row.siret.to_string(), &*row.agent, &*row.contrat].map(str::to_owned);
        let (old, new) = (pay(&old, &key), pay(&new, &key));
        assert_eq!((row.before, row.after), (old, new), "{} {key:?}", after.period);
        let sum: i64 = row.parts.iter().map(|part| part.cents).sum();
        assert_eq!(row.gap().unwrap_or(0), sum, "{row:?}");
        seen.insert(key);
    }
    for key in old.keys().chain(new.keys()).filter(|key| !seen.contains(*key)) {
        // A payslip of the employer's side alone moves no net.
        let net = |nets: &BTreeMap<_, _>| nets.get(key).copied().unwrap_or(Some(0));
        assert_eq!(net(&old), net(&new), "{} {key:?}", after.period);
    }
    let rappel = |row: &&Variation| row.parts.iter().any(|part| part.cause == Cause::Rappel);
    rows.iter().filter(rappel).count()
}

/// What a run did with a contract.
fn pay(nets: &BTreeMap<[String; 3], Option<i64>>, key: &[String; 3]) -> Pay {
    match nets.get(key) {
        None => Pay::Absent,
        Some(None) => Pay::Bloque,
        Some(Some(net)) => Pay::Net(*net),
    }
}

/// The rappels of the last month, explained: the difference that is told is the line of the
/// payslip, part by part.
fn explained(chain: &Chain) {
    let lignes = rows(&chain.path("2024-04").join("lignes.csv"));
    let registered: HashSet<[String; 3]> = rows(&chain.path("2024-04").join("rappels.csv"))
        .iter()
        .filter(|row| &row[5] == "paye")
        .map(|row| [&row[1], &row[2], &row[4]].map(str::to_owned))
        .collect();
    let (mut seen, mut shown) = (HashSet::new(), 0);
    for row in &lignes {
        let (agent, contrat, origine, code) = (&row[1], &row[2], &row[4], &row[6]);
        let known = [agent, contrat, origine].map(str::to_owned);
        if origine == "2024-04" || !registered.contains(&known) || !seen.insert(code.to_owned()) {
            continue;
        }
        let (pool, archive) = (chain.path("pool"), chain.path("archive"));
        let arguments = [
            "explain",
            "--pool",
            pool.to_str().unwrap(),
            "--archive",
            archive.to_str().unwrap(),
            "--mois",
            "2024-04",
            "--agent",
            agent,
            "--contrat",
            contrat,
            "--siret",
            &row[0],
            "--rubrique",
            code,
            "--origine",
            origine,
            "--format",
            "json",
        ];
        let (status, told, error) = paie(&arguments);
        assert_eq!(status, 0, "{arguments:?}\n{error}");
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!((&told["mois"], &told["paye_en"]), (&origine.into(), &"2024-04".into()));
        assert_eq!(told["mode"], "origine", "{arguments:?}");
        let ecarts = told["changements"]["montants"].as_array().unwrap();
        let of = |part: &str| {
            let one = ecarts.iter().find(|one| one["nom"].as_str().unwrap().ends_with(part));
            one.map_or(0, |one| one["ecart"].as_i64().unwrap())
        };
        let sided = &row[8] == "cotisation";
        let [agent, employeur] = if sided { [of(".agent"), of(".employeur")] } else { [of(""), 0] };
        let paid = [13, 15].map(|at| cents(&row[at]).unwrap_or(0));
        assert_eq!([agent, employeur], paid, "{arguments:?}\n{ecarts:?}");
        shown += 1;
        if shown == 6 {
            break;
        }
    }
    assert!(shown >= 3, "{shown} rappels explained: choose another seed");
}

/// A closed month is the one of the archive, whatever the pool says by then.
fn closed_months_are_read_from_the_archive(chain: &Chain) {
    let bulletins = rows(&chain.path("2024-03").join("bulletins.csv"));
    let row = bulletins.iter().find(|row| &row[4] == "payable").unwrap();
    let carrieres = chain.path("pool").join("carrieres.csv");
    let text = fs::read_to_string(&carrieres).unwrap();
    let gone = |line: &&str| !line.starts_with(&row[1]);
    fs::write(&carrieres, text.lines().filter(gone).collect::<Vec<_>>().join("\n")).unwrap();
    let (pool, archive) = (chain.path("pool"), chain.path("archive"));
    let arguments = [
        "preview",
        "--pool",
        pool.to_str().unwrap(),
        "--archive",
        archive.to_str().unwrap(),
        "--mois",
        "2024-03",
        "--agent",
        &row[1],
        "--siret",
        &row[0],
        "--contrat",
        &row[2],
    ];
    let (status, told, error) = paie(&arguments);
    assert_eq!(status, 0, "{error}");
    assert!(told.starts_with("mars 2024 est clos"), "{told}");
    let json = [&arguments[..], &["--format", "json"]].concat();
    let told: serde_json::Value = serde_json::from_str(&paie(&json).1).unwrap();
    assert_eq!(told["totaux"]["net_a_payer"], row[10], "{told}");
}
