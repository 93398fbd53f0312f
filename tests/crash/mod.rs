//! Killing the program at random points, and flipping every byte of what it wrote.
//!
//! Chance is seeded: `PAIE_SEED` chooses another seed, `PAIE_KILLS` another number of kills.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often the program is killed, and by which chance.
pub struct Kills {
    /// Number of kills to try.
    pub count: u32,
    /// The seed of the delays.
    pub seed: u64,
}

/// What came of the tries.
#[derive(Debug, Default)]
pub struct Tally {
    /// Killed before their end.
    pub killed: u32,
    /// Over before their kill came.
    pub finished: u32,
    /// What a whole run takes, as measured before.
    pub whole: Duration,
}

impl Kills {
    /// As many as `PAIE_KILLS` says, else `usual`.
    pub fn new(usual: u32) -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let count = number("PAIE_KILLS").and_then(|count| u32::try_from(count).ok());
        Self { count: count.unwrap_or(usual), seed: number("PAIE_SEED").unwrap_or(1) }
    }

    /// Starts the program on `args` again and again, each time after `prepare`, kills it after a
    /// delay within the duration of a whole run, and hands the folder to `invariant`.
    ///
    /// Three whole runs are measured first, also after `prepare` and with the invariant checked:
    /// the middle one counts. A run that ends before its kill is one more to start, up to three
    /// times as many in all.
    pub fn run(
        &self,
        args: &[&str],
        folder: &Path,
        mut prepare: impl FnMut(&Path),
        mut invariant: impl FnMut(&Path),
    ) -> Tally {
        let mut tally = Tally::default();
        let mut durations = Vec::new();
        for _ in 0..3 {
            prepare(folder);
            let start = Instant::now();
            let status = start_program(args).wait().unwrap();
            durations.push(start.elapsed());
            assert!(status.code().is_some_and(|code| code < 2), "{args:?}: {status}");
            invariant(folder);
        }
        durations.sort();
        tally.whole = durations[1];
        let mut state = self.seed;
        for number in 0..3 * self.count {
            if tally.killed == self.count {
                break;
            }
            prepare(folder);
            // Every part of the run has its turn; chance chooses the point inside the part.
            let part = u64::from(number % self.count) * 1000 / u64::from(self.count);
            let thousandths = part + chance(&mut state) % (1 + 1000 / u64::from(self.count));
            let delay = tally.whole.mul_f64(f64::from(u32::try_from(thousandths).unwrap()) / 1e3);
            let status = kill_after(args, delay);
            match status.code() {
                Some(code) => {
                    assert!(code < 2, "{args:?} failed by itself: {status}");
                    tally.finished += 1;
                }
                None => tally.killed += 1,
            }
            invariant(folder);
        }
        tally
    }
}

fn start_program(args: &[&str]) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paie"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Starts the program and kills it after a delay, unless it has ended.
pub fn kill_after(args: &[&str], delay: Duration) -> ExitStatus {
    let mut child = start_program(args);
    sleep(delay);
    // An error says that the program has already ended.
    let _ = child.kill();
    child.wait().unwrap()
}

/// splitmix64.
fn chance(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Every file under a folder with its bytes, in the order of their paths.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push((path.clone(), fs::read(&path).unwrap())),
            }
        }
    }
    files.sort();
    files
}

/// Flips each byte of each file of a folder in turn (every bit of it), calls `seen` with the file
/// and the place of the byte while it is wrong, and puts it back. Returns how many were flipped.
pub fn flip_each_byte(folder: &Path, mut seen: impl FnMut(&Path, u64)) -> u64 {
    let mut flips = 0;
    for (path, bytes) in contents(folder) {
        let mut file = File::options().read(true).write(true).open(&path).unwrap();
        for (place, byte) in (0_u64..).zip(&bytes) {
            put(&mut file, place, !byte);
            seen(&path, place);
            put(&mut file, place, *byte);
            flips += 1;
        }
        let mut after = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut after).unwrap();
        assert!(after == bytes, "{} is not as before", path.display());
    }
    flips
}

fn put(file: &mut File, place: u64, byte: u8) {
    file.seek(SeekFrom::Start(place)).unwrap();
    file.write_all(&[byte]).unwrap();
}
