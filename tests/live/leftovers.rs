//! Nothing survives: no process and no socket of a run is left, however its parent, its supervisor or a node ends.
//!
//! What belongs to a run is found by a mark in the environment, which every process inherits: independent of what the
//! program itself believes to have started.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use linchpin::live::fault::Fault;
use linchpin::live::runfile::{self, ClearedUp, ProcessMark};
use linchpin::live::wire::{RunId, line};

use crate::echoes::launch;
use crate::rig::{PROGRAM, SOON};
use crate::supervisor::kill9;

/// Everything must be gone by then.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// The variable of the environment that holds the mark.
pub const MARK: &str = "LINCHPIN_TEST_MARK";
const BASE: &str = "LINCHPIN_TEST_BASE";
const PAUSED: &str = "LINCHPIN_TEST_PAUSED";

/// The living processes whose environment holds the mark.
pub fn marked(mark: &str) -> BTreeSet<u32> {
    let wanted = format!("{MARK}={mark}");
    let is_marked = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|b| *b == 0).any(|entry| entry == wanted.as_bytes())
    };
    let is_alive = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    };
    let pids = fs::read_dir("/proc").expect("proc").flatten();
    pids.filter_map(|e| e.file_name().to_str()?.parse().ok()).filter(is_marked).filter(is_alive).collect()
}

/// The inodes of the sockets that listen on this machine.
fn listening() -> BTreeSet<String> {
    let table = fs::read_to_string("/proc/net/tcp").expect("the table of sockets");
    let fields = table.lines().skip(1).map(|l| l.split_ascii_whitespace().collect::<Vec<_>>());
    fields.filter(|f| f.get(3) == Some(&"0A")).filter_map(|f| f.get(9).map(ToString::to_string)).collect()
}

/// Of these, those that the processes hold.
fn listening_of(pids: &BTreeSet<u32>) -> BTreeSet<String> {
    let all = listening();
    let links =
        pids.iter().flat_map(|pid| fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten());
    let names = links.filter_map(|fd| fs::read_link(fd.path()).ok()?.to_str().map(str::to_owned));
    let inodes = names.filter_map(|n| Some(n.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()));
    inodes.filter(|inode| all.contains(inode)).collect()
}

/// Waits until no marked process is left, and asserts that their sockets are gone too.
pub fn assert_gone(mark: &str, sockets: &BTreeSet<String>, what: &str) {
    let by = Instant::now() + GONE_WITHIN;
    while !marked(mark).is_empty() {
        assert!(Instant::now() < by, "{what}: left over: {:?}", describe(&marked(mark)));
        thread::sleep(Duration::from_millis(10));
    }
    assert_closed(sockets, by, what);
}

/// A process that is being taken down lets go of its sockets a little later than of its memory.
fn assert_closed(sockets: &BTreeSet<String>, by: Instant, what: &str) {
    while !listening().is_disjoint(sockets) {
        assert!(Instant::now() < by, "{what}: still listening");
        thread::sleep(Duration::from_millis(10));
    }
}

fn describe(pids: &BTreeSet<u32>) -> Vec<String> {
    let line = |pid: &u32| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        format!("{pid}: {}", String::from_utf8_lossy(&words).replace('\0', " "))
    };
    pids.iter().map(line).collect()
}

/// Not a test: the parent in the tests below, a process that starts a cluster and waits to be killed.
#[test]
#[ignore = "started by the tests of this file as a process of its own"]
fn parent() {
    let Ok(base) = std::env::var(BASE) else { return };
    let cluster = launch(12, Path::new(&base));
    if std::env::var(PAUSED).is_ok() {
        let pause = cluster.inject(&Fault::new("pause", ["echo"])).expect("it makes sense");
        pause.ticket.wait().expect("all are paused");
    }
    println!("up");
    std::io::stdout().flush().expect("said");
    loop {
        thread::park();
    }
}

fn start_parent(mark: &str, base: &Path, paused: bool) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "leftovers::parent", "--ignored", "--nocapture", "--test-threads=1"])
        .env(MARK, mark)
        .env(BASE, base)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if paused {
        command.env(PAUSED, "1");
    }
    command.spawn().expect("the parent starts")
}

/// Waits until so many processes bear the mark.
fn await_marked(mark: &str, count: usize) {
    let by = Instant::now() + SOON * 2;
    while marked(mark).len() < count {
        assert!(Instant::now() < by, "only {:?}", describe(&marked(mark)));
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn nothing_survives_a_parent_killed_at_a_random_moment() {
    let seed =
        std::env::var("LINCHPIN_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed} (LINCHPIN_SEED)");
    let mut random = fastrand::Rng::with_seed(seed);
    let base = tempfile::tempdir().expect("a folder");
    for round in 0..20 {
        let mark = format!("{seed}-{round}");
        let mut parent = start_parent(&mark, base.path(), false);
        // From before the first process until well after the last: a moment of the start or of the run.
        if random.bool() {
            await_marked(&mark, random.usize(2..15));
        } else {
            thread::sleep(Duration::from_millis(random.u64(0..400)));
        }
        let sockets = listening_of(&marked(&mark));
        parent.kill().expect("it was there");
        parent.wait().expect("reaped");
        assert_gone(&mark, &sockets, &format!("round {round}, {} sockets", sockets.len()));
    }
    // Nor is anything left on the disk: the supervisor has had the time to clear up.
    assert_eq!(fs::read_dir(base.path()).expect("the folder").count(), 0);
}

#[test]
fn nothing_survives_a_parent_killed_while_every_node_is_paused() {
    let base = tempfile::tempdir().expect("a folder");
    let mark = format!("paused-{}", fastrand::u64(..));
    let mut parent = start_parent(&mark, base.path(), true);
    await_marked(&mark, 15);
    // All of them stand still (state T) but parent, supervisor and fabric.
    let by = Instant::now() + SOON;
    let stopped = || {
        let stats =
            marked(&mark).into_iter().filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).ok());
        stats.filter(|stat| stat.contains(") T ")).count()
    };
    while stopped() < 12 {
        assert!(Instant::now() < by, "only {} are paused", stopped());
        thread::sleep(Duration::from_millis(10));
    }
    let sockets = listening_of(&marked(&mark));
    assert!(sockets.len() >= 13, "{sockets:?}");
    parent.kill().expect("it was there");
    parent.wait().expect("reaped");
    assert_gone(&mark, &sockets, "paused");
}

#[test]
fn nothing_survives_a_killed_supervisor() {
    let base = tempfile::tempdir().expect("a folder");
    for paused in [false, true] {
        let cluster = launch(8, base.path());
        if paused {
            let pause = cluster.inject(&Fault::new("pause", ["echo"])).expect("it makes sense");
            pause.ticket.wait().expect("all are paused");
        }
        let run_file = base.path().join(cluster.run().to_string()).join(runfile::FILE_NAME);
        let marks = runfile::read(&run_file).expect("the run file");
        // Supervisor, fabric, nodes.
        assert_eq!(marks.len(), 10);
        assert!(marks.iter().all(ProcessMark::is_alive));
        let sockets = listening_of(&marks.iter().map(|m| m.pid).collect());
        assert_eq!(sockets.len(), 9);
        let events = cluster.events();
        kill9(cluster.supervisor_pid());
        let by = Instant::now() + GONE_WITHIN;
        // The supervisor itself is this process's child, and a zombie until it is waited for.
        while let Some(left) = marks.iter().find(|m| m.is_alive()) {
            assert!(Instant::now() < by, "{} is left over", left.what);
            thread::sleep(Duration::from_millis(10));
        }
        assert_closed(&sockets, by, "supervisor");
        // The parent is told.
        let told = events.iter().any(|e| matches!(e, linchpin::live::event::ClusterEvent::Failed { .. }));
        assert!(told, "paused: {paused}");
        drop(cluster);
        // The folder that the supervisor could not take away goes at the next start.
        assert!(run_file.exists());
        assert_eq!(runfile::clear_up(base.path()), ClearedUp { runs: 1, processes: 0 });
    }
}

#[test]
fn nothing_survives_a_cluster_that_is_dropped() {
    let base = tempfile::tempdir().expect("a folder");
    let cluster = launch(8, base.path());
    let marks =
        runfile::read(&base.path().join(cluster.run().to_string()).join(runfile::FILE_NAME)).expect("it");
    drop(cluster);
    assert!(marks.iter().all(|m| !m.is_alive()));
    assert_eq!(fs::read_dir(base.path()).expect("the folder").count(), 0);
}

#[test]
fn a_dead_run_is_cleared_up_and_a_living_one_left_alone() {
    let base = tempfile::tempdir().expect("a folder");
    // A process that no guard ends: its input stays open, and it is told of no parent.
    let mut stray = Command::new(PROGRAM)
        .arg("fabric")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let dead = ProcessMark { what: "supervisor".into(), pid: stray.id(), started: Some(1) };
    let same_number = ProcessMark { what: "other/1".into(), pid: std::process::id(), started: Some(1) };
    let left = ProcessMark::of("echo/1", stray.id());
    let folder = base.path().join(RunId::random().to_string());
    fs::create_dir_all(folder.join("nodes")).expect("made");
    let text: String = [&dead, &same_number, &left].into_iter().map(line::encode).collect();
    fs::write(folder.join(runfile::FILE_NAME), text + "{\"what\":\"half a li").expect("written");

    let living = launch(2, base.path());
    // Its start has cleared up.
    stray.wait().expect("ended");
    assert!(!folder.exists());
    assert_eq!(runfile::clear_up(base.path()), ClearedUp::default());
    assert!(base.path().join(living.run().to_string()).exists());
    living.stop().expect("it stops");
}
