//! A result folder that appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::text::HEADERS;

/// A result folder being written beside its place.
pub struct Staging {
    /// The folder, and where it is written; none: only digests are wanted.
    place: Option<Place>,
    files: Vec<Written>,
    done: bool,
}

struct Place {
    target: PathBuf,
    staging: PathBuf,
    /// Where an existing result waits while the new one takes its place.
    aside: PathBuf,
}

struct Written {
    name: &'static str,
    file: Option<File>,
    hasher: blake3::Hasher,
}

/// A failure to write, with the path.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The result is already there.
    #[error("`{0}` already exists; it stays untouched")]
    Exists(PathBuf),
    /// The system refused.
    #[error("cannot write `{path}`: {cause}")]
    Refused {
        /// The path.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

fn refused(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    |cause| WriteError::Refused { path, cause }
}

impl Staging {
    /// Starts the folder `target`; `replace` allows an existing one to be replaced at the end.
    pub fn start(target: &Path, replace: bool) -> Result<Self, WriteError> {
        let name =
            target.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let parent = target.parent().unwrap_or(Path::new("."));
        for aside in left_behind(parent, &format!(".{name}.ancien-")) {
            // Killed between two renames: the former result comes back. After them: it goes.
            if target.exists() {
                let _ = fs::remove_dir_all(aside);
            } else {
                fs::rename(&aside, target).map_err(refused(&aside))?;
            }
        }
        if target.exists() && !replace {
            return Err(WriteError::Exists(target.to_owned()));
        }
        fs::create_dir_all(parent).map_err(refused(parent))?;
        for staging in left_behind(parent, &format!(".{name}.en-cours-")) {
            // What cannot be removed is only room lost: the run goes on.
            let _ = fs::remove_dir_all(staging);
        }
        let staging = parent.join(format!(".{name}.en-cours-{}", std::process::id()));
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(refused(&staging))?;
        }
        fs::create_dir(&staging).map_err(refused(&staging))?;
        let aside = parent.join(format!(".{name}.ancien-{}", std::process::id()));
        let place = Place { target: target.to_owned(), staging, aside };
        let mut started = Self { place: Some(place), files: Vec::new(), done: false };
        started.headers()?;
        Ok(started)
    }

    /// Results that are not written: their digests alone.
    pub fn nowhere() -> Result<Self, WriteError> {
        let mut started = Self { place: None, files: Vec::new(), done: false };
        started.headers()?;
        Ok(started)
    }

    fn headers(&mut self) -> Result<(), WriteError> {
        for (name, header) in HEADERS {
            let file = match &self.place {
                Some(place) => {
                    let path = place.staging.join(name);
                    Some(File::create(&path).map_err(refused(&path))?)
                }
                None => None,
            };
            self.files.push(Written { name, file, hasher: blake3::Hasher::new() });
            self.append(name, header.as_bytes())?;
        }
        Ok(())
    }

    /// Adds bytes to a file.
    pub fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let Some(written) = self.files.iter_mut().find(|written| written.name == name) else {
            return Ok(());
        };
        written.hasher.update(bytes);
        if let (Some(file), Some(place)) = (&mut written.file, &self.place) {
            file.write_all(bytes).map_err(refused(&place.staging.join(name)))?;
        }
        Ok(())
    }

    /// The digest of every file so far.
    pub fn digest(&self) -> String {
        results_digest(self.files.iter().map(|written| (written.name, written.hasher.finalize())))
    }

    /// Writes the manifest and puts the folder in its place.
    pub fn finish(mut self, manifest: &str) -> Result<(), WriteError> {
        self.files.clear();
        if let Some(Place { target, staging, aside }) = &self.place {
            let path = staging.join("manifest.json");
            fs::write(&path, manifest).map_err(refused(&path))?;
            put(staging, target, aside)?;
        }
        self.done = true;
        Ok(())
    }
}

/// Puts a finished folder in its place; a former one goes only when the new one is there.
fn put(staging: &Path, target: &Path, aside: &Path) -> Result<(), WriteError> {
    if !target.exists() {
        return fs::rename(staging, target).map_err(refused(target));
    }
    fs::rename(target, aside).map_err(refused(target))?;
    if let Err(cause) = fs::rename(staging, target) {
        // The former result comes back: nothing is lost.
        fs::rename(aside, target).map_err(refused(target))?;
        return Err(refused(target)(cause));
    }
    fs::remove_dir_all(aside).map_err(refused(aside))
}

/// The folders that killed runs of the same month left beside the result. One whose process may
/// still run is not listed; where the system does not list processes, none is.
fn left_behind(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let processes = Path::new("/proc");
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    if !processes.join("self").exists() {
        return Vec::new();
    }
    let dead = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(prefix));
        let process = process.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        process.is_some_and(|number| !processes.join(number).exists())
    };
    entries.flatten().filter(dead).map(|entry| entry.path()).collect()
}

/// The digest of result files, in the order of [`HEADERS`]: names and the BLAKE3 of each.
pub fn results_digest<'a>(files: impl Iterator<Item = (&'a str, blake3::Hash)>) -> String {
    let mut whole = blake3::Hasher::new();
    for (name, hash) in files {
        whole.update(name.as_bytes());
        whole.update(hash.as_bytes());
    }
    whole.finalize().to_hex().to_string()
}

impl Drop for Staging {
    fn drop(&mut self) {
        if let Some(place) = self.place.as_ref().filter(|_| !self.done) {
            // Nothing partial stays; a failure here leaves a hidden folder, never a result.
            let _ = fs::remove_dir_all(&place.staging);
        }
    }
}
