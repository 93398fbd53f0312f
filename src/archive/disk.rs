//! Every change to the folder: temporary files, renames, and the syncs that make them last.
//!
//! May import: nothing. Must not know: what the files hold. Each call to the system is a step, so
//! that tests can stop the process before each of them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{ArchiveError, refused};
use super::layout::PENDING;

/// Bytes kept before they go to the system, and read at once.
const BUFFER: usize = 256 << 10;

/// Temporary files of this process have different names.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A file being written under a temporary name; dropped, it goes away.
pub(super) struct Temp {
    path: PathBuf,
    file: Option<File>,
    buffer: Vec<u8>,
    hasher: blake3::Hasher,
    bytes: u64,
    placed: bool,
}

impl Temp {
    /// Starts a file in the folder of pending files.
    pub(super) fn create(root: &Path) -> Result<Self, ArchiveError> {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = root.join(PENDING).join(format!("{}-{number}", std::process::id()));
        let create = || OpenOptions::new().write(true).create_new(true).open(&path);
        let file =
            step("create", &path).and_then(|()| create()).map_err(refused("create", &path))?;
        let hasher = blake3::Hasher::new();
        Ok(Self { path, file: Some(file), buffer: Vec::new(), hasher, bytes: 0, placed: false })
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> u64 {
        self.bytes
    }

    /// Adds bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.hasher.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        if let Err(killed) = step("write", &self.path) {
            // A process that dies while writing leaves a part of it.
            let part = self.buffer.get(..self.buffer.len().div_ceil(2)).unwrap_or_default();
            file.write_all(part).map_err(refused("write", &self.path))?;
            return Err(refused("write", &self.path)(killed));
        }
        file.write_all(&self.buffer).map_err(refused("write", &self.path))?;
        self.buffer.clear();
        Ok(())
    }

    /// Makes the content last, closes the file and gives the digest of its bytes. Nothing can be
    /// written after.
    pub(super) fn finish(&mut self) -> Result<String, ArchiveError> {
        self.flush()?;
        if let Some(file) = self.file.take() {
            let synced = step("sync", &self.path).and_then(|()| sync(&file));
            synced.map_err(refused("write", &self.path))?;
        }
        Ok(self.hasher.finalize().to_hex().to_string())
    }

    /// Gives the file its name, for good.
    pub(super) fn place(mut self, target: &Path) -> Result<(), ArchiveError> {
        self.finish()?;
        let renamed = step("rename", target).and_then(|()| fs::rename(&self.path, target));
        renamed.map_err(refused("create", target))?;
        self.placed = true;
        sync_folder(target.parent().unwrap_or(Path::new(".")))
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        self.file = None;
        if !self.placed && step("remove", &self.path).is_ok() {
            // What stays is room lost, until the next writer sweeps.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes a whole file under its name, or leaves things as they were.
pub(super) fn write_file(root: &Path, target: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let mut temp = Temp::create(root)?;
    temp.write(bytes)?;
    temp.place(target)
}

/// Creates a folder, unless it is there.
pub(super) fn make_folder(path: &Path) -> Result<(), ArchiveError> {
    make(path, &fs::DirBuilder::new())
}

/// The same, for this account alone where the system knows accounts: NIR and IBAN will be inside.
pub(super) fn make_private_folder(path: &Path) -> Result<(), ArchiveError> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "no account to shut out"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    make(path, &builder)
}

fn make(path: &Path, builder: &fs::DirBuilder) -> Result<(), ArchiveError> {
    let made = step("mkdir", path).and_then(|()| builder.create(path));
    match made {
        Ok(()) => sync_folder(path.parent().unwrap_or(Path::new("."))),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(cause) => Err(refused("create", path)(cause)),
    }
}

/// Waits until the disk has it. Tests stop processes, not machines: for them the step is enough,
/// and thousands of waits are spared.
fn sync(file: &File) -> io::Result<()> {
    if cfg!(test) { Ok(()) } else { file.sync_all() }
}

/// Makes the names of a folder last. Systems whose folders cannot be opened do it by themselves.
fn sync_folder(path: &Path) -> Result<(), ArchiveError> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    step("sync", path).map_err(refused("write", path))?;
    if cfg!(unix) {
        let synced = File::open(path).and_then(|folder| sync(&folder));
        synced.map_err(refused("write", path))?;
    }
    Ok(())
}

/// Gives a finished folder its name; what is there is an empty folder, or nothing.
pub(super) fn place_folder(from: &Path, target: &Path) -> Result<(), ArchiveError> {
    step("rename", target).map_err(refused("create", target))?;
    if target.is_dir() {
        fs::remove_dir(target).map_err(refused("create", target))?;
    }
    fs::rename(from, target).map_err(refused("create", target))?;
    sync_folder(target.parent().unwrap_or(Path::new(".")))
}

/// Removes what killed processes left; only the holder of the lock may.
pub(super) fn sweep(root: &Path) -> Result<(), ArchiveError> {
    for name in names(&root.join(PENDING))? {
        remove(&root.join(PENDING).join(name))?;
    }
    Ok(())
}

/// Removes a file that nothing uses.
pub(super) fn remove(path: &Path) -> Result<(), ArchiveError> {
    let removed = step("remove", path).and_then(|()| fs::remove_file(path));
    removed.map_err(refused("remove", path))
}

/// The names of a folder, sorted; none when it does not exist.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, ArchiveError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(refused("read", folder)(cause)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(refused("read", folder))?.file_name();
        // A name that is not UTF-8 is none of ours: seen as unknown under this form.
        names.push(name.to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// A whole file; none when it is not there.
pub(super) fn read_file(path: &Path) -> Result<Option<Vec<u8>>, ArchiveError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(refused("read", path)(cause)),
    }
}

/// Length of a file; none when it is not there, or is not a file.
pub(super) fn file_len(path: &Path) -> Option<u64> {
    let found = fs::symlink_metadata(path).ok()?;
    found.is_file().then_some(found.len())
}

/// Whether a folder, and not a link to one, stands there.
pub(super) fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// Whether there is nothing, or an empty folder.
pub(super) fn is_vacant(path: &Path) -> Result<bool, ArchiveError> {
    let there = fs::symlink_metadata(path).is_ok();
    Ok(!there || (path.is_dir() && names(path)?.is_empty()))
}

/// Passes the bytes of a file on, piece by piece.
pub(super) fn stream(
    path: &Path,
    mut piece: impl FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let mut file = File::open(path).map_err(refused("read", path))?;
    let mut buffer = vec![0_u8; BUFFER];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => piece(buffer.get(..read).unwrap_or_default())?,
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            Err(cause) => return Err(refused("read", path)(cause)),
        }
    }
}

/// Reads `length` bytes at `start`, wherever other readers of the file are.
pub(super) fn read_at(path: &Path, start: u64, length: u64) -> Result<Vec<u8>, ArchiveError> {
    let read = || -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let length = usize::try_from(length).map_err(|_| ErrorKind::FileTooLarge)?;
        let mut bytes = vec![0_u8; length];
        exact_at(&file, &mut bytes, start)?;
        Ok(bytes)
    };
    read().map_err(refused("read", path))
}

#[cfg(unix)]
fn exact_at(file: &File, bytes: &mut [u8], start: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, start)
}

#[cfg(not(unix))]
fn exact_at(mut file: &File, bytes: &mut [u8], start: u64) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(bytes)
}

/// What precedes each change.
#[cfg(not(test))]
fn step(_action: &'static str, _path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) use kill::{Failure, Steps, step};

/// Making any of the steps fail.
#[cfg(test)]
mod kill {
    use std::cell::RefCell;
    use std::io;
    use std::path::{Path, PathBuf};

    thread_local! {
        static STEPS: RefCell<Option<Steps>> = const { RefCell::new(None) };
    }

    /// What happens at the chosen step.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in super::super) enum Failure {
        /// The process dies: nothing more is done.
        Killed,
        /// The disk is full for that step; the process goes on.
        Full,
    }

    /// The steps asked for so far on this thread.
    pub(in super::super) struct Steps {
        pub(in super::super) asked: Vec<(&'static str, PathBuf)>,
        fails: Failure,
        at: usize,
    }

    impl Steps {
        /// Runs `work`, whose step number `at`, from 0, fails; gives the steps that were asked for
        /// and what `work` gave.
        pub(in super::super) fn run<T>(
            fails: Failure,
            at: usize,
            work: impl FnOnce() -> T,
        ) -> (Vec<(&'static str, PathBuf)>, T) {
            STEPS.set(Some(Self { asked: Vec::new(), fails, at }));
            let out = work();
            (STEPS.take().map_or_else(Vec::new, |steps| steps.asked), out)
        }
    }

    pub(in super::super) fn step(action: &'static str, path: &Path) -> io::Result<()> {
        STEPS.with_borrow_mut(|steps| {
            let Some(steps) = steps else { return Ok(()) };
            let number = steps.asked.len();
            steps.asked.push((action, path.to_owned()));
            match steps.fails {
                Failure::Killed if number >= steps.at => Err(io::Error::other("killed")),
                Failure::Full if number == steps.at => Err(io::ErrorKind::StorageFull.into()),
                _ => Ok(()),
            }
        })
    }
}
