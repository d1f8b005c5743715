//! The supervisor: the process that starts, watches and ends all others of a run, so that nothing survives it.
//!
//! It has one thread (besides the one that reads orders): the kernel ties the life of a child to the *thread* that
//! started it. Everything ends, at once, when its standard input ends (the parent is gone, however it went), at
//! SIGTERM, when it is told to stop, and when the fabric dies. If the supervisor itself is killed, the children notice by
//! both guards of [`wire::child`](super::wire::child); if even that should fail, the next run clears up by the run file.
//!
//! Never: what a node does, a design, a prediction.

mod crew;
mod process;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use super::address::INSTANCES_MAX;
use super::runfile::{self, RunFile};
use super::wire::child::{self, Teller};
use super::wire::{FromSupervisor, SupervisorStart, ToSupervisor};
use crew::Crew;

/// How long the end of standard input may go unnoticed by the main thread.
const END_WITHIN: Duration = Duration::from_secs(3);

/// The supervisor process: `linchpin supervise`.
pub fn main() -> ExitCode {
    let began = Instant::now();
    // A parent that reads no more is gone: then there is everything to end first.
    let tell = Teller::lasting();
    let fail = |why: String| {
        tell.send(&FromSupervisor::Failed { why });
        tell.flush(Duration::from_secs(1));
        ExitCode::from(2)
    };
    let start: SupervisorStart = match child::first_line() {
        Ok(start) => start,
        Err(error) => return fail(format!("no start: {error}")),
    };
    if start.instances.len() > INSTANCES_MAX {
        return fail(format!("{} instances are more than {INSTANCES_MAX}", start.instances.len()));
    }
    child::raise_open_files();
    let cleared = runfile::clear_up(&start.dir);
    if cleared.processes > 0 {
        let text = format!("ended {} processes that an earlier run had left", cleared.processes);
        tell.send(&FromSupervisor::Log { text });
    }
    let run_file = match RunFile::create(&start.dir, start.run) {
        Ok(file) => file,
        Err(error) => return fail(format!("cannot make {}: {error}", start.dir.display())),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(format!("no runtime: {error}")),
    };
    LocalSet::new().block_on(&runtime, supervise(start, run_file, tell, began))
}

async fn supervise(start: SupervisorStart, run_file: RunFile, tell: Teller, began: Instant) -> ExitCode {
    let mut orders = child::watch_stdin_until::<ToSupervisor>(|| {
        // The main thread sees the end too and clears up; this is for the case that it cannot.
        std::thread::sleep(END_WITHIN);
        std::process::exit(1);
    });
    let mut crew = Crew::new(start, run_file, tell.clone(), began);
    let code = match crew.launch() {
        Ok(()) => watch(&mut crew, &mut orders).await,
        Err(why) => crew.give_up(why),
    };
    crew.end_all().await;
    crew.say_last();
    tell.flush(Duration::from_secs(1));
    code
}

/// Obeys and watches until there is a reason to end.
async fn watch(crew: &mut Crew, orders: &mut tokio::sync::mpsc::UnboundedReceiver<ToSupervisor>) -> ExitCode {
    #[cfg(unix)]
    let mut terminated = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(error) => return crew.give_up(format!("cannot listen for signals: {error}")),
    };
    loop {
        #[cfg(unix)]
        let signal = terminated.recv();
        #[cfg(not(unix))]
        let signal = std::future::pending::<Option<()>>();
        let next_deadline = crew.next_deadline();
        tokio::select! {
            biased;
            _ = signal => return ExitCode::SUCCESS,
            order = orders.recv() => match order {
                None => return ExitCode::SUCCESS,
                Some(ToSupervisor::Stop { seq }) => {
                    crew.stop_all(seq).await;
                    return ExitCode::SUCCESS;
                }
                Some(order) => crew.obey(order),
            },
            event = crew.next_event() => {
                if let Err(why) = crew.take(event) {
                    return crew.give_up(why);
                }
            }
            () = tokio::time::sleep_until(next_deadline.into()) => {
                if let Err(why) = crew.deadlines_passed() {
                    return crew.give_up(why);
                }
            }
        }
    }
}
