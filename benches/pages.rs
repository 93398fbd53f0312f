//! Pages under load: fifty people at once on `paie serve`, payslips and simulations.
//!
//! The server is the real program, over HTTP on loopback. `PAIE_BENCH_POOL` and
//! `PAIE_BENCH_ARCHIVE` name a pool and the archive of the months before [`common::MONTH`]; without
//! them, 20,000 agents are invented and nothing stands before. Once with people who read a page for
//! a while (`PAIE_BENCH_PAUSE` milliseconds, 1,000), once with people who never stop.
#![allow(clippy::print_stdout, reason = "the figures are the result")]
#![allow(clippy::indexing_slicing, clippy::integer_division, reason = "a stop is told at once")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot start has nothing to measure"
)]

mod common;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use paie::io::PoolImage;
use paie::serve::acces::jeton;
use paie::serve::base::{Action, Auteur, Base, Entree, Etat, Venue, comptes::Changement};
use paie::serve::droits::{Compte, Perimetre, Role};
use reqwest::Client;
use reqwest::header::COOKIE;

/// People at once, and how many pages of each kind each opens.
const PEOPLE: usize = 50;
const EACH: usize = 40;

/// The server, killed at the end.
struct Server {
    child: Child,
    origin: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    fn start(pool: &Path, archive: Option<&Path>, base: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paie"));
        command.arg("serve").arg("--pool").arg(pool).arg("--base").arg(base);
        command.args(["--ecoute", "127.0.0.1:0", "--second-facteur", "aucun"]);
        command.args(["--mois", &common::period(common::MONTH).to_string()]);
        if let Some(archive) = archive {
            command.arg("--archive").arg(archive);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("a server");
        let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
        let said = lines.next().expect("a line").expect("a line");
        let origin = said.split_whitespace().last().expect("an address");
        Self { child, origin: origin.trim_end_matches('/').to_owned() }
    }

    /// Resident memory, in megabytes, where the system says it.
    fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        kilobytes.map_or(0, |kilobytes: u64| kilobytes >> 10)
    }
}

/// Someone signed in: a cookie, and the secret that forms are proven with.
struct Person {
    cookie: String,
    secret: [u8; 32],
}

fn people(base: &Base) -> Vec<Person> {
    let now = chrono::Utc::now().timestamp();
    let open = |at: usize| {
        let wanted = Changement {
            nom: format!("Opératrice {at}"),
            role: Role::Operateur,
            perimetre: Perimetre::tous(),
            fin: None,
            actif: true,
        };
        let log = |_: &Compte| Entree::new(now, Auteur::console("bench"), Action::CompteCree);
        let account = base.creer(&format!("op{at}"), &wanted, now, log).expect("an account");
        let open = base.ouvrir_session(account.id, Etat::Complete, Venue::default(), now, None);
        let open = open.expect("a session");
        Person { cookie: format!("__Host-paie={}", open.jeton), secret: open.session.secret }
    };
    (0..PEOPLE).map(open).collect()
}

/// The pages of an agent: its payslip, and where a simulation is sent.
struct Pages {
    payslip: String,
}

fn pages(image: &PoolImage) -> Vec<Pages> {
    let mois = common::period(common::MONTH);
    let mut found = Vec::new();
    for agent in image.agents() {
        let Some(parsed) = image.facts(agent) else { continue };
        let here =
            parsed.facts.carrieres.iter().rfind(|row| {
                row.dated.depuis <= mois.last_day() && row.dated.lasts(mois.first_day())
            });
        if let Some(row) = here {
            let payslip =
                format!("/e/{}/agents/{agent}/{}/{mois}", row.siret.as_str(), row.contrat);
            found.push(Pages { payslip });
        }
    }
    found
}

async fn payslip(client: &Client, origin: &str, person: &Person, page: &Pages) -> Duration {
    let start = Instant::now();
    let request = client.get(format!("{origin}{}", page.payslip)).header(COOKIE, &person.cookie);
    let answer = request.send().await.expect("an answer");
    assert!(answer.status().is_success(), "{}: {}", page.payslip, answer.status());
    answer.bytes().await.expect("a page");
    start.elapsed()
}

/// A simulation; none: the server says why this contract cannot take the change.
async fn simulation(
    client: &Client,
    origin: &str,
    person: &Person,
    page: &Pages,
) -> Option<Duration> {
    let path = format!("{}/simuler", page.payslip);
    let proof = jeton::emettre(&person.secret, &path).expect("a proof");
    let start = Instant::now();
    let form = [("jeton", proof.as_str()), ("enfants", "2"), ("nbi", "10")];
    let request = client.post(format!("{origin}{path}")).header(COOKIE, &person.cookie);
    let answer = request.form(&form).send().await.expect("an answer");
    let status = answer.status();
    answer.bytes().await.expect("a page");
    match status.as_u16() {
        200 => Some(start.elapsed()),
        // A blocked payslip, a contract without index: told, and not measured.
        409 | 422 => None,
        other => panic!("{path}: {other}"),
    }
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    println!("{what}: {} pages, p50 {:?}, p95 {:?}, p99 {:?}", times.len(), at(50), at(95), at(99));
}

/// Everyone opens pages, and reads each for `pause`.
async fn load(
    server: &Server,
    people: &Arc<Vec<Person>>,
    pages: &Arc<Vec<Pages>>,
    pause: Duration,
) {
    let client = Client::builder().pool_max_idle_per_host(PEOPLE).build().expect("a client");
    let start = Instant::now();
    let mut tasks = Vec::new();
    for person in 0..PEOPLE {
        let (client, origin) = (client.clone(), server.origin.clone());
        let (people, pages) = (Arc::clone(people), Arc::clone(pages));
        tasks.push(tokio::spawn(async move {
            let (mut seen, mut tried) = (Vec::new(), Vec::new());
            // People do not start together.
            tokio::time::sleep(pause * u32::try_from(person).unwrap_or(0) / 50).await;
            for turn in 0..EACH {
                let page = &pages[(person * EACH + turn) * 7919 % pages.len()];
                seen.push(payslip(&client, &origin, &people[person], page).await);
                tokio::time::sleep(pause).await;
                tried.extend(simulation(&client, &origin, &people[person], page).await);
                tokio::time::sleep(pause).await;
            }
            (seen, tried)
        }));
    }
    let (mut seen, mut tried) = (Vec::new(), Vec::new());
    for task in tasks {
        let (one, other) = task.await.expect("a person");
        seen.extend(one);
        tried.extend(other);
    }
    let count = seen.len() + tried.len();
    println!("{PEOPLE} people, {pause:?} on each page: {count} pages in {:?}", start.elapsed());
    told("  payslip", seen);
    told("  simulation", tried);
    println!("  server: {} MB resident", server.memory());
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = |name: &str| env::var_os(name).map(PathBuf::from);
    let pool = given("PAIE_BENCH_POOL");
    let invented = pool.is_none().then(|| common::Pool::invent(20_000));
    let pool = pool.or(invented.as_ref().map(|pool| pool.path())).expect("a pool");
    let archive = given("PAIE_BENCH_ARCHIVE");
    let file = folder.path().join("base.sqlite");
    let base = Base::open(&file).expect("a base");
    let (people, image) = (people(&base), PoolImage::open(&pool).expect("a pool"));
    drop(base);
    let pages = pages(&image);
    println!("{} agents, {} payslips", image.agents().len(), pages.len());
    drop(image);
    let start = Instant::now();
    let server = Server::start(&pool, archive.as_deref(), &file);
    println!("listens after {:?}, {} MB resident", start.elapsed(), server.memory());
    let (people, pages) = (Arc::new(people), Arc::new(pages));
    let pause = env::var("PAIE_BENCH_PAUSE").ok().and_then(|text| text.parse().ok());
    let pauses = [Duration::from_millis(pause.unwrap_or(1000)), Duration::ZERO];
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        for pause in pauses {
            load(&server, &people, &pages, pause).await;
        }
    });
}
