//! A month at hand: what a payslip and a simulation cost, alone and with fifty people at once.
//!
//! `PAIE_BENCH_POOL` and `PAIE_BENCH_ARCHIVE` name a pool and the archive of the months before
//! [`common::MONTH`]; without them, 20,000 agents are invented and nothing stands before.
#![allow(clippy::print_stdout, reason = "the figures are the result")]
#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

mod common;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use paie::archive::Archive;
use paie::batch::{Atelier, AtelierOptions, Job, RuleShelf, Tried};
use paie::calendar::KnownOn;
use paie::domain::Word;
use paie::io::PoolImage;
use paie::program::Target;
use paie::rulebook;

/// People at once, and how many agents each looks at.
const PEOPLE: usize = 50;
const EACH: usize = 40;

/// Agents spread over the pool, never the same twice in a row of fewer than its size.
fn spread(at: usize, image: &PoolImage) -> &Word {
    let agents = image.agents();
    agents.get(at * 7919 % agents.len().max(1)).expect("an agent")
}

/// Resident memory, in megabytes, where the system says it.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kilobytes.map_or(0, |kilobytes: u64| kilobytes >> 10)
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: usize| {
        let place = (times.len() * part).checked_div(100).unwrap_or(0);
        times.get(place).copied().unwrap_or_default()
    };
    let mean = times.iter().sum::<Duration>() / u32::try_from(times.len().max(1)).unwrap_or(1);
    println!("{what}: mean {mean:?}, p50 {:?}, p95 {:?}, p99 {:?}", at(50), at(95), at(99));
}

fn once<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what}: {:?}, {} MB resident", start.elapsed(), memory());
    done
}

/// One after the other; `tried`: a simulation of each.
fn alone(what: &str, atelier: &Atelier, image: &PoolImage, (from, count): (usize, usize)) {
    for tried in [false, true] {
        let times = (from..from + count).map(|at| {
            let agent = spread(at, image);
            let mut job = Job::new(agent);
            if tried {
                job.tried = image.facts(agent).map(|parsed| Tried::Mois(Box::new(parsed.facts)));
            }
            let start = Instant::now();
            atelier.look(job).expect("a month").expect("an agent");
            start.elapsed()
        });
        let kind = if tried { "simulated" } else { "looked at" };
        told(&format!("{what}, {kind}"), times.collect());
    }
}

/// Fifty people at once, who read for a while between two pages.
fn together(atelier: &Atelier, image: &PoolImage, pause: Duration) {
    let times: Vec<Duration> = thread::scope(|scope| {
        let people: Vec<_> = (0..PEOPLE)
            .map(|person| {
                scope.spawn(move || {
                    let looks = (0..EACH).map(|turn| {
                        thread::sleep(pause);
                        let agent = spread(person * EACH + turn + 5000, image);
                        let start = Instant::now();
                        atelier.look(Job::new(agent)).expect("a month");
                        start.elapsed()
                    });
                    looks.collect::<Vec<_>>()
                })
            })
            .collect();
        people.into_iter().flat_map(|person| person.join().expect("a person")).collect()
    });
    told(&format!("{PEOPLE} people, {pause:?} between two agents"), times);
}

fn main() {
    let invented = env::var_os("PAIE_BENCH_POOL").is_none().then(|| common::Pool::invent(20_000));
    let folder = match &invented {
        Some(pool) => pool.path(),
        None => PathBuf::from(env::var_os("PAIE_BENCH_POOL").unwrap_or_default()),
    };
    println!("before: {} MB resident", memory());
    let image = once("pool opened", || PoolImage::open(&folder).expect("a pool"));
    let image = Arc::new(image);
    println!("{} agents, {} bytes of rows", image.agents().len(), image.bytes());
    let shelf = RuleShelf::default();
    let rules = once("rules", || shelf.keep(rulebook::read(&[], false)));
    let period = common::period(common::MONTH);
    let target = Target { period, known_on: KnownOn::Everything, au_dela: false };
    let archive = env::var_os("PAIE_BENCH_ARCHIVE");
    let archive = archive.map(|path| Archive::open(path).expect("an archive"));
    let pool = Arc::clone(&image);
    let options = AtelierOptions::of_pool(&shelf, (rules, target), pool, archive.as_ref());
    let options = options.expect("a covered month");
    let atelier = once("month at hand", || Atelier::start(options).expect("a month"));
    alone("first time", &atelier, &image, (0, 1000));
    alone("again", &atelier, &image, (0, 1000));
    together(&atelier, &image, Duration::ZERO);
    together(&atelier, &image, Duration::from_millis(100));
    once("survey", || {
        let (done, end) = channel();
        atelier.survey(|_, _| {}, move |seen| done.send(seen).expect("a listener"));
        assert!(end.recv().expect("an end"), "every agent is seen");
    });
    alone("after the survey", &atelier, &image, (2000, 1000));
    together(&atelier, &image, Duration::ZERO);
}
