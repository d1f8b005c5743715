//! One child process: its pipes, its life, its signals.

use std::cell::Cell;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::rc::Rc;

use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::spawn_local;

use crate::live::wire::child::PARENT_OPTION;
use crate::live::wire::line::{self, LineError};

/// Lines that wait for a child to read them; a child that is paused for long misses what comes after.
const ORDERS_WAITING_MAX: usize = 1024;

/// The longest line of a child's standard error that is kept.
const ERROR_LINE_BYTES_MAX: u64 = 4096;

/// What a child does, as it is noticed.
#[derive(Debug)]
pub(super) enum Deed<T> {
    /// It said something of the protocol.
    Said(T),
    /// It wrote something else: to standard error, or what is no line of the protocol.
    Wrote(String),
    /// It ended.
    Ended(String),
}

/// A child process.
#[derive(Debug)]
pub(super) struct Process {
    /// Its number.
    pub pid: u32,
    /// Cleared in the moment in which it is reaped: from then on the number may be somebody else's.
    alive: Rc<Cell<bool>>,
    orders: Sender<String>,
}

/// Who it is and where its deeds go.
pub(super) struct Plan<'a> {
    pub program: &'a Path,
    pub verb: &'a str,
    /// Shown in a list of processes; nobody reads it.
    pub label: &'a str,
    pub first_line: String,
}

impl Process {
    /// Starts a child and begins to listen to it.
    ///
    /// # Errors
    /// What the system says, with the program named.
    pub fn spawn<T: DeserializeOwned + 'static>(
        plan: Plan<'_>,
        deed: impl Fn(Deed<T>) + Clone + 'static,
    ) -> io::Result<Self> {
        let mut command = Command::new(plan.program);
        command
            .args([plan.verb, PARENT_OPTION, &std::process::id().to_string(), plan.label])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // A group of its own: a key pressed in the terminal does not reach it, and what it starts dies with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command
            .spawn()
            .map_err(|e| io::Error::new(e.kind(), format!("cannot start {}: {e}", plan.program.display())))?;
        let gone = || io::Error::other("the child ended at once");
        let pid = child.id().ok_or_else(gone)?;
        let mut stdin = child.stdin.take().ok_or_else(gone)?;
        let (orders, mut waiting) = channel::<String>(ORDERS_WAITING_MAX);
        let first_line = plan.first_line;
        spawn_local(async move {
            let mut next = Some(first_line);
            while let Some(text) = next {
                // A child that has gone does not read; its end is noticed elsewhere.
                if stdin.write_all(text.as_bytes()).await.is_err() {
                    return;
                }
                next = waiting.recv().await;
            }
        });
        let alive = Rc::new(Cell::new(true));
        spawn_local(listen(child, alive.clone(), deed));
        Ok(Self { pid, alive, orders })
    }

    /// Hands over a line. Says whether it will be read.
    pub fn order(&self, text: String) -> bool {
        self.orders.try_send(text).is_ok()
    }

    /// Ends it and its group at once.
    pub fn kill(&self) {
        self.signal(What::Kill);
    }

    /// Stops it where it stands.
    pub fn pause(&self) -> bool {
        self.signal(What::Pause)
    }

    /// Lets it go on.
    pub fn resume(&self) -> bool {
        self.signal(What::Resume)
    }

    #[cfg(unix)]
    fn signal(&self, what: What) -> bool {
        use rustix::process::{Pid, Signal, kill_process_group};
        let signal = match what {
            What::Kill => Signal::KILL,
            What::Pause => Signal::STOP,
            What::Resume => Signal::CONT,
        };
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).filter(|_| self.alive.get());
        pid.is_some_and(|pid| kill_process_group(pid, signal).is_ok())
    }

    /// Only ending can be had here: the children notice the end of their input.
    #[cfg(not(unix))]
    fn signal(&self, what: What) -> bool {
        let _ = what;
        false
    }
}

#[derive(Clone, Copy, Debug)]
enum What {
    Kill,
    Pause,
    Resume,
}

/// Tells all that a child does. Its end comes last, after everything that it had said.
async fn listen<T: DeserializeOwned + 'static>(
    mut child: Child,
    alive: Rc<Cell<bool>>,
    deed: impl Fn(Deed<T>) + Clone + 'static,
) {
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    let says = {
        let deed = deed.clone();
        spawn_local(async move {
            let Some(stdout) = stdout else { return };
            let mut stdout = BufReader::new(stdout);
            loop {
                match line::read_async::<T>(&mut stdout).await {
                    Ok(Some(what)) => deed(Deed::Said(what)),
                    Err(LineError::Malformed { text, .. }) => deed(Deed::Wrote(text)),
                    Ok(None) | Err(_) => return,
                }
            }
        })
    };
    let writes = {
        let deed = deed.clone();
        spawn_local(async move {
            let Some(stderr) = stderr else { return };
            let mut stderr = BufReader::new(stderr);
            let mut bytes = Vec::new();
            loop {
                bytes.clear();
                match (&mut stderr).take(ERROR_LINE_BYTES_MAX).read_until(b'\n', &mut bytes).await {
                    Ok(n) if n > 0 => {
                        deed(Deed::Wrote(String::from_utf8_lossy(&bytes).trim_end().to_owned()))
                    }
                    _ => return,
                }
            }
        })
    };
    let status = child.wait().await;
    alive.set(false);
    // The pipes end with the process, unless it has left a child that holds them.
    let rest = async { drop(tokio::join!(says, writes)) };
    let _ = tokio::time::timeout(std::time::Duration::from_millis(500), rest).await;
    deed(Deed::Ended(status.map_or_else(|e| e.to_string(), describe)));
}

/// How a process ended, in words.
fn describe(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("killed by signal {signal}");
    }
    status.code().map_or_else(|| "ended".to_owned(), |code| format!("ended with code {code}"))
}
