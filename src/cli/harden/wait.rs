//! Waiting for a search: how far it is, on a terminal, and its end when the time is up or somebody asks for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::counted;
use crate::analysis::harden::{Progress, Watch};
use crate::cli::Io;
use crate::cli::interruption::interruption;
use crate::cli::status::Status;

/// What is quicker than this needs no word, and a key ends it the plain way.
const PATIENCE: Duration = Duration::from_millis(200);
/// Between two looks at how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Why a search was ended before it had come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Somebody asked for it.
    Interrupted,
    /// The time was up.
    OutOfTime,
}

impl Ended {
    /// The word for programs.
    pub(super) fn word(self) -> &'static str {
        match self {
            Ended::Interrupted => "interrupted",
            Ended::OutOfTime => "time",
        }
    }

    /// In a sentence.
    pub(super) fn because(self) -> &'static str {
        match self {
            Ended::Interrupted => "the search was interrupted",
            Ended::OutOfTime => "the time for the search was up",
        }
    }
}

/// Does work that asks whether to go on, and says why it was ended, if it was.
pub(super) fn watched<T: Send>(
    within: Option<Duration>,
    io: &mut Io<'_>,
    work: impl FnOnce(Watch<'_>) -> T + Send,
) -> (T, Option<Ended>) {
    let begin = Instant::now();
    let status = Status::new();
    let progress = Mutex::new(Progress::default());
    let is_out_of_time = || within.is_some_and(|within| begin.elapsed() >= within);
    let is_over = AtomicBool::new(false);
    let go_on = || {
        if is_out_of_time() {
            is_over.store(true, Ordering::Relaxed);
        }
        !is_over.load(Ordering::Relaxed)
    };
    let tell = |p: Progress| *progress.lock().unwrap_or_else(PoisonError::into_inner) = p;
    let mut interrupted: Option<Arc<AtomicBool>> = None;
    let mut ended = None;
    let made = std::thread::scope(|scope| {
        let (working, done) = channel::<()>();
        let worker = scope.spawn(|| {
            let made = work(Watch { go_on: &go_on, tell: &tell });
            drop(working);
            made
        });
        let mut look_after = PATIENCE;
        while let Err(RecvTimeoutError::Timeout) = done.recv_timeout(look_after) {
            look_after = LOOK_EVERY;
            let flag = interrupted.get_or_insert_with(interruption);
            if flag.load(Ordering::Relaxed) && !is_over.swap(true, Ordering::Relaxed) {
                ended = Some(Ended::Interrupted);
            }
            let now = *progress.lock().unwrap_or_else(PoisonError::into_inner);
            status.show(io.err, &in_words(now, begin.elapsed()));
        }
        status.clear(io.err);
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let was_ended = is_over.load(Ordering::Relaxed);
    (made, ended.or(was_ended.then_some(Ended::OutOfTime)))
}

fn in_words(p: Progress, elapsed: Duration) -> String {
    format!(
        "{} tried, {} taken, {} short of the goal, {:.0} s; Ctrl-C ends it with what is found",
        counted(p.tried, "change"),
        counted(p.steps, "step"),
        counted(p.unmet, "journey"),
        elapsed.as_secs_f64()
    )
}
