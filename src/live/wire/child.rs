//! What every child process does first, so that none outlives its parent.
//!
//! Two guards that do not trust each other: the kernel kills the child when its parent ends (Linux), and the child
//! itself exits when its standard input, whose other end the parent holds, comes to its end (everywhere). The first
//! covers a child that is paused or busy; the second covers the moment before the first is armed.

use std::collections::VecDeque;
use std::io::{self, BufReader, Write};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::FromNode;
use super::line::{self, LineError};

/// The option on a child's command line that names its parent's process.
pub const PARENT_OPTION: &str = "--parent";

/// Binds the life of this process to its parent's. To be called first in `main`.
///
/// The parent's process is named by [`PARENT_OPTION`] among the arguments; without it only the end of standard input
/// counts. Exits the process if the parent is gone already.
pub fn follow_parent() {
    let named = std::env::args_os().skip_while(|a| a != PARENT_OPTION).nth(1);
    let Some(parent) = named.and_then(|pid| pid.to_str()?.parse::<i32>().ok()) else { return };
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
        // Where the kernel refuses, the end of standard input remains.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        // The parent may have ended before the line above; then nobody will send the signal.
        if getppid().map(Pid::as_raw_pid) != Some(parent) {
            std::process::exit(0);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = parent;
}

/// Reads the start line from standard input, byte by byte so that nothing after it is taken.
///
/// # Errors
/// [`LineError`]; an end of input before the line is an `UnexpectedEof`.
pub fn first_line<T: DeserializeOwned>() -> Result<T, LineError> {
    // `Stdin` keeps its buffer for the process, so what follows is still there for `watch_stdin`.
    line::read(&mut io::stdin().lock())?
        .ok_or_else(|| LineError::Io(io::Error::new(io::ErrorKind::UnexpectedEof, "no start line")))
}

/// Reads orders from standard input for as long as there are any, on a thread of its own, and exits the process at the
/// end. A line that makes no sense is left out with a word on standard error.
pub fn watch_stdin<T: DeserializeOwned + Send + 'static>() -> UnboundedReceiver<T> {
    watch_stdin_until(|| std::process::exit(0))
}

/// The same for who has something to do at the end: the receiver runs dry, and `at_end` is called on the thread.
pub fn watch_stdin_until<T: DeserializeOwned + Send + 'static>(
    at_end: impl FnOnce() + Send + 'static,
) -> UnboundedReceiver<T> {
    let (sender, receiver) = unbounded_channel();
    let reading = std::thread::Builder::new().name("orders".into()).stack_size(256 << 10).spawn(move || {
        let mut stdin = BufReader::new(io::stdin());
        loop {
            match line::read::<T>(&mut stdin) {
                // Nobody listening any more is no reason to stop watching for the end.
                Ok(Some(order)) => drop(sender.send(order)),
                Err(error @ LineError::Malformed { .. }) => eprintln!("order left out: {error}"),
                Ok(None) | Err(_) => break,
            }
        }
        drop(sender);
        at_end();
    });
    if let Err(error) = reading {
        eprintln!("no thread to watch the parent: {error}");
        std::process::exit(1);
    }
    receiver
}

/// Raises the limit on open files to what is allowed: sockets and pipes add up, and the soft limit is often 1024 where
/// the hard one is far above.
pub fn raise_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // Where it is not allowed, what there is has to do.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

/// How many lines wait at most to be written; beyond it, logs and snapshots are dropped, oldest first.
pub const TELLER_LINES_MAX: usize = 4096;

/// Writes lines to standard output, from any thread, without ever blocking who has something to say.
#[derive(Clone)]
pub struct Teller(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    /// The line, and whether it may be dropped.
    lines: VecDeque<(String, bool)>,
    writing: bool,
}

impl Teller {
    /// Starts the thread that writes. One per process. The process exits when nobody reads any more.
    pub fn new() -> Self {
        Self::start(|| std::process::exit(0))
    }

    /// The same for who has something to do at the end: what is said when nobody reads any more is dropped.
    pub fn lasting() -> Self {
        Self::start(|| {})
    }

    fn start(closed: impl Fn() + Send + 'static) -> Self {
        let shared = Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new() });
        let mine = shared.clone();
        let writing = std::thread::Builder::new()
            .name("teller".into())
            .stack_size(128 << 10)
            .spawn(move || write_out(&mine, closed));
        if let Err(error) = writing {
            eprintln!("no thread to talk to the parent: {error}");
            std::process::exit(1);
        }
        Self(shared)
    }

    /// Says something as a node. Logs and snapshots give way when the reader is slow.
    pub fn say(&self, what: FromNode) {
        let may_drop = matches!(what, FromNode::Log { .. } | FromNode::Metrics(_));
        self.push(line::encode(&what), may_drop);
    }

    /// Says anything that must arrive.
    pub fn send<T: Serialize>(&self, what: &T) {
        self.push(line::encode(what), false);
    }

    /// A line of the log.
    pub fn log(&self, level: super::Level, text: impl Into<String>) {
        self.say(FromNode::Log { level, at_us: super::clock::now_us(), text: text.into() });
    }

    fn push(&self, text: String, may_drop: bool) {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.lines.len() >= TELLER_LINES_MAX {
            match queue.lines.iter().position(|(_, droppable)| *droppable) {
                Some(oldest) => drop(queue.lines.remove(oldest)),
                None if may_drop => return,
                None => drop(queue.lines.pop_front()),
            }
        }
        queue.lines.push_back((text, may_drop));
        drop(queue);
        self.0.changed.notify_all();
    }

    /// Waits until all that has been said is written, or the time is up.
    pub fn flush(&self, timeout: std::time::Duration) {
        let queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = |q: &mut Queue| !q.lines.is_empty() || q.writing;
        drop(self.0.changed.wait_timeout_while(queue, timeout, waiting));
    }
}

impl Default for Teller {
    fn default() -> Self {
        Self::new()
    }
}

fn write_out(shared: &Shared, closed: impl Fn()) {
    let mut stdout = io::stdout();
    loop {
        let text = {
            let mut queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
            while queue.lines.is_empty() {
                queue = shared.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
            queue.writing = true;
            let mut text = String::new();
            while let Some((line, _)) = queue.lines.pop_front() {
                text.push_str(&line);
                if text.len() > 64 << 10 {
                    break;
                }
            }
            text
        };
        // A closed pipe means that the parent is gone.
        if stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_err() {
            closed();
        }
        shared.queue.lock().unwrap_or_else(PoisonError::into_inner).writing = false;
        shared.changed.notify_all();
    }
}
