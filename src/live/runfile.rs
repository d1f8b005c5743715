//! The run file: which processes a run has started, so that the next run can clear up after one that was killed.
//!
//! One folder per run, with the run file (`run.jsonl`: the supervisor, then each process as it is started) and the
//! nodes' files. A process is known by its number *and* its start time, so that a number that has been given to somebody
//! else is left alone.
//!
//! Never: a process that is not written there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::wire::{RunId, line};

/// The name of the run file in the folder of a run.
pub const FILE_NAME: &str = "run.jsonl";

/// A process, told apart from any other that has or will have its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessMark {
    /// What it is: `supervisor`, `fabric`, or an instance.
    pub what: String,
    /// Its number.
    pub pid: u32,
    /// When it started, in the system's own unit; absent where the system does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
}

impl ProcessMark {
    /// Marks a process that is running now.
    pub fn of(what: impl Into<String>, pid: u32) -> Self {
        Self { what: what.into(), pid, started: start_time(pid) }
    }

    /// Whether that very process still exists; one that has ended and waits to be reaped does not count.
    pub fn is_alive(&self) -> bool {
        self.started.is_some() && start_time(self.pid) == self.started
    }
}

/// When a process started, in clock ticks since boot. `None` if there is none, if it is only waiting to be reaped, or
/// where the system has no `/proc`.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; what follows the last one is plain.
    let mut fields = stat[stat.rfind(')')? + 1..].split_ascii_whitespace();
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// The folder for runs: in the user's cache, else in the folder for temporary files.
///
/// A disk is wanted, not memory: what a node's fsync costs is part of what is shown.
pub fn default_base() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|p| p.is_absolute())
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .or_else(|| std::env::var_os("LOCALAPPDATA").map(PathBuf::from));
    cache.unwrap_or_else(std::env::temp_dir).join("linchpin").join("runs")
}

/// The run file of a run, being written.
#[derive(Debug)]
pub struct RunFile {
    file: File,
    dir: PathBuf,
}

impl RunFile {
    /// Makes the folder of a run and marks the calling process as its supervisor.
    ///
    /// # Errors
    /// The file system's.
    pub fn create(base: &Path, run: RunId) -> io::Result<Self> {
        let dir = base.join(run.to_string());
        fs::create_dir_all(&dir)?;
        let file = OpenOptions::new().create(true).append(true).open(dir.join(FILE_NAME))?;
        let mut made = Self { file, dir };
        made.enter("supervisor", std::process::id())?;
        Ok(made)
    }

    /// Writes down a process that has just been started.
    ///
    /// # Errors
    /// The file system's.
    pub fn enter(&mut self, what: &str, pid: u32) -> io::Result<()> {
        self.file.write_all(line::encode(&ProcessMark::of(what, pid)).as_bytes())
    }

    /// The folder of the run.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Takes the folder away, with everything in it.
    pub fn remove(&self) {
        // What cannot be removed now is removed by the next run.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// The processes of a run as its run file has them; the supervisor first. Half a last line is left out.
///
/// # Errors
/// The file system's.
pub fn read(file: &Path) -> io::Result<Vec<ProcessMark>> {
    let lines = BufReader::new(File::open(file)?).lines();
    Ok(lines.map_while(Result::ok).filter_map(|text| line::decode(&text).ok()).collect())
}

/// What [`clear_up`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClearedUp {
    /// Runs without a supervisor whose folder has been taken away.
    pub runs: usize,
    /// Processes of such runs that were still there and have been ended.
    pub processes: usize,
}

/// Ends what is left of runs whose supervisor is gone, and takes their folders away.
pub fn clear_up(base: &Path) -> ClearedUp {
    let mut cleared = ClearedUp::default();
    let Ok(folders) = fs::read_dir(base) else { return cleared };
    for folder in
        folders.flatten().filter(|f| f.file_name().to_str().is_some_and(|n| n.parse::<RunId>().is_ok()))
    {
        let Ok(marks) = read(&folder.path().join(FILE_NAME)) else { continue };
        // A file without its first line belongs to a run that begins just now.
        if marks.first().is_none_or(ProcessMark::is_alive) {
            continue;
        }
        for mark in marks.iter().filter(|m| m.is_alive()) {
            end(mark.pid);
            cleared.processes += 1;
        }
        if fs::remove_dir_all(folder.path()).is_ok() {
            cleared.runs += 1;
        }
    }
    cleared
}

/// Ends a process and its group at once.
fn end(pid: u32) {
    #[cfg(unix)]
    if let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
        use rustix::process::{Signal, kill_process, kill_process_group};
        // Gone already is what is wanted.
        let _ = kill_process_group(pid, Signal::KILL);
        let _ = kill_process(pid, Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = pid;
}
