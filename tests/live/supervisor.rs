//! The supervisor, seen from its parent: start, faults, restarts, stop, and clear words when something is wrong.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use linchpin::live::cluster::{Cluster, LaunchError, LaunchOptions, NodePlan};
use linchpin::live::event::{ClusterEvent, FaultChange, Phase};
use linchpin::live::fault::Fault;
use linchpin::live::topology::Standing;
use linchpin::live::wire::{InstanceId, NodeState};
use tempfile::TempDir;

use crate::echoes::{echoes, launch, open, options, spec};
use crate::rig::{Heard, SILENCE, SOON, echo, hear};

fn base() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn ids(names: &[&str]) -> Vec<InstanceId> {
    names.iter().map(InstanceId::new).collect()
}

fn state(cluster: &Cluster, instance: &str) -> Option<NodeState> {
    cluster.with_snapshot(|s| s.nodes[instance].state)
}

fn pid(cluster: &Cluster, instance: &str) -> Option<u32> {
    cluster.with_snapshot(|s| s.nodes[instance].pid)
}

/// Waits for an event.
fn await_event(events: &Receiver<ClusterEvent>, wanted: impl Fn(&ClusterEvent) -> bool) -> ClusterEvent {
    let by = Instant::now() + SOON;
    loop {
        let left = by.saturating_duration_since(Instant::now());
        let event = events.recv_timeout(left).expect("the event comes");
        if wanted(&event) {
            return event;
        }
    }
}

#[test]
fn forty_processes_are_ready_within_three_seconds() {
    let base = base();
    let began = Instant::now();
    let cluster = Cluster::launch(echoes(40), &options(base.path())).expect("it starts");
    let ready = cluster.await_ready().expect("it is ready");
    println!("40 nodes after {:.0} ms", ready.ready_ms);
    assert_eq!(ready.nodes, 40);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let snapshot = cluster.snapshot();
    let mut addresses: Vec<_> = snapshot.nodes.values().filter_map(|n| n.address).collect();
    assert!(addresses.iter().all(|a| a.ip().is_loopback()));
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 40);
    let stopped = cluster.stop().expect("it stops");
    assert_eq!(stopped.snapshot.phase, Phase::Stopped);
    assert!(stopped.snapshot.nodes.values().all(|n| n.state == Some(NodeState::Stopped)));
    // Nothing is left on the disk either.
    assert_eq!(std::fs::read_dir(base.path()).expect("the folder").count(), 0);
}

#[test]
fn a_killed_node_refuses_and_a_healed_one_answers_again() {
    let base = base();
    let cluster = launch(3, base.path());
    let events = cluster.events();
    let mut before = open(&cluster, "echo/1", "echo/2");
    assert_eq!(hear(&mut before, SOON), Heard::Bytes(b"+".to_vec()));
    echo(&mut before, b"hello");

    let injected = cluster.inject(&Fault::new("kill", ["echo/2"])).expect("it makes sense");
    injected.ticket.wait().expect("it is done");
    assert_eq!(state(&cluster, "echo/2"), Some(NodeState::Stopped));
    assert!(matches!(hear(&mut before, SOON), Heard::End | Heard::Reset));
    assert_eq!(hear(&mut open(&cluster, "echo/1", "echo/2"), SOON), Heard::Bytes(b"-".to_vec()));
    assert_eq!(hear(&mut open(&cluster, "echo/1", "echo/3"), SOON), Heard::Bytes(b"+".to_vec()));

    cluster.heal(injected.id).wait().expect("it is ready again");
    assert_eq!(state(&cluster, "echo/2"), Some(NodeState::Ready));
    let mut after = open(&cluster, "echo/1", "echo/2");
    assert_eq!(hear(&mut after, SOON), Heard::Bytes(b"+".to_vec()));
    echo(&mut after, b"hello again");
    await_event(&events, |e| matches!(e, ClusterEvent::Fault { what: FaultChange::Applied, .. }));
    await_event(&events, |e| matches!(e, ClusterEvent::Fault { what: FaultChange::Healed, .. }));
    assert!(cluster.snapshot().faults.is_empty());
}

#[test]
fn a_paused_node_is_silent_and_a_resumed_one_answers() {
    let base = base();
    let cluster = launch(2, base.path());
    let mut stream = open(&cluster, "echo/1", "echo/2");
    assert_eq!(hear(&mut stream, SOON), Heard::Bytes(b"+".to_vec()));
    let pause = cluster.inject(&Fault::new("pause", ["echo/2"])).expect("it makes sense");
    pause.ticket.wait().expect("it is done");
    assert_eq!(state(&cluster, "echo/2"), Some(NodeState::Paused));
    std::io::Write::write_all(&mut stream, b"hello").expect("sent");
    assert_eq!(hear(&mut stream, SILENCE), Heard::Silence);
    cluster.heal(pause.id).wait().expect("it goes on");
    assert_eq!(hear(&mut stream, SOON), Heard::Bytes(b"hello".to_vec()));
    assert_eq!(state(&cluster, "echo/2"), Some(NodeState::Ready));
}

#[test]
fn what_dies_by_itself_is_noticed_and_healed() {
    let base = base();
    let cluster = launch(2, base.path());
    let events = cluster.events();
    let victim = pid(&cluster, "echo/1").expect("it runs");
    kill9(victim);
    await_event(&events, |e| matches!(e, ClusterEvent::Node { state: NodeState::Died, .. }));
    assert_eq!(state(&cluster, "echo/1"), Some(NodeState::Died));
    cluster.heal_all().wait().expect("all are ready");
    assert_eq!(state(&cluster, "echo/1"), Some(NodeState::Ready));
    assert_ne!(pid(&cluster, "echo/1"), Some(victim));
}

#[test]
fn a_restart_is_a_new_process_with_the_same_files() {
    let base = base();
    let cluster = launch(2, base.path());
    let folder = base.path().join(cluster.run().to_string()).join("nodes").join("echo~1");
    std::fs::write(folder.join("kept"), "x").expect("the folder is there");
    let old = pid(&cluster, "echo/1");
    cluster.restart(&ids(&["echo/1", "echo/2"])).wait().expect("both are ready");
    assert_ne!(pid(&cluster, "echo/1"), old);
    assert!(folder.join("kept").exists());
    // Restarting what is down starts it, and an end right before is not lost.
    drop(cluster.kill(&ids(&["echo/1"])));
    cluster.start(&ids(&["echo/1"])).wait().expect("it is ready");
    assert_eq!(state(&cluster, "echo/1"), Some(NodeState::Ready));
}

#[test]
fn a_failed_zone_and_an_isolated_one_differ_in_what_callers_hear() {
    let base = base();
    let cluster = launch(4, base.path());
    let isolate = cluster.inject(&Fault::new("isolate", ["west"])).expect("it makes sense");
    isolate.ticket.wait().expect("it is done");
    assert_eq!(hear(&mut open(&cluster, "echo/1", "echo/3"), SILENCE), Heard::Silence);
    assert_eq!(hear(&mut open(&cluster, "echo/3", "echo/1"), SILENCE), Heard::Silence);
    assert_eq!(hear(&mut open(&cluster, "echo/3", "echo/4"), SOON), Heard::Bytes(b"+".to_vec()));
    assert_eq!(hear(&mut open(&cluster, "echo/1", "echo/2"), SOON), Heard::Bytes(b"+".to_vec()));
    let fail = cluster.inject(&Fault::new("fail-zone", ["east"])).expect("it makes sense");
    fail.ticket.wait().expect("it is done");
    assert_eq!(hear(&mut open(&cluster, "echo/1", "echo/2"), SOON), Heard::Bytes(b"-".to_vec()));
    cluster.heal_all().wait().expect("all are ready");
    for (from, to) in [("echo/1", "echo/3"), ("echo/3", "echo/1"), ("echo/4", "echo/2")] {
        assert_eq!(hear(&mut open(&cluster, from, to), SOON), Heard::Bytes(b"+".to_vec()), "{from} {to}");
    }
}

#[test]
fn a_fault_healed_leaves_what_another_wants() {
    let base = base();
    let cluster = launch(4, base.path());
    let one = cluster.inject(&Fault::new("kill", ["echo/1"])).expect("it makes sense");
    let zone = cluster.inject(&Fault::new("fail-zone", ["east"])).expect("it makes sense");
    one.ticket.wait().expect("done");
    zone.ticket.wait().expect("done");
    cluster.heal(one.id).wait().expect("done");
    assert_eq!(state(&cluster, "echo/1"), Some(NodeState::Stopped));
    cluster.heal(zone.id).wait().expect("done");
    for name in ["echo/1", "echo/2"] {
        assert_eq!(state(&cluster, name), Some(NodeState::Ready), "{name}");
    }
}

#[test]
fn faults_that_make_no_sense_say_why() {
    let base = base();
    let cluster = launch(2, base.path());
    for (fault, said) in [
        (Fault::new("explode", ["echo/1"]), "there is no fault `explode`"),
        (Fault::new("kill", ["echo/9"]), "`echo/9` is no instance"),
        (Fault::new("kill", [""; 0]), "stands for no process"),
        (Fault::new("fail-zone", ["echo"]), "name zones only"),
        (Fault::new("delay", ["echo/1"]), "latency_ms"),
        (Fault::new("link-down", ["echo/1"]), "name links"),
    ] {
        let error = cluster.inject(&fault).expect_err("it makes no sense").to_string();
        assert!(error.contains(said), "{error}");
    }
    let error = cluster.kill(&ids(&["echo/9"])).wait().expect_err("nobody").to_string();
    assert!(error.contains("there is no instance echo/9"), "{error}");
}

fn odd_one(role: &str) -> NodePlan {
    NodePlan {
        standing: Standing {
            instance: "odd/1".into(),
            component: "odd".into(),
            zones: Vec::new(),
            is_client: false,
        },
        spec: serde_json::json!({ "role": role }),
    }
}

#[test]
fn a_node_that_refuses_is_named_with_its_reason() {
    let base = base();
    let mut nodes = echoes(3).nodes;
    nodes.push(odd_one("teapot"));
    let cluster = Cluster::launch(spec(nodes), &options(base.path())).expect("it starts");
    let LaunchError::Failed(why) = cluster.await_ready().expect_err("one refuses") else { panic!("failed") };
    assert!(why.contains("odd/1") && why.contains("teapot"), "{why}");
    drop(cluster);
    assert_eq!(std::fs::read_dir(base.path()).expect("the folder").count(), 0);
}

#[test]
fn a_node_that_is_late_is_named() {
    let base = base();
    let mut late = options(base.path());
    late.ready_timeout = Duration::ZERO;
    let cluster = Cluster::launch(echoes(2), &late).expect("it starts");
    let why = cluster.await_ready().expect_err("nobody is that fast").to_string();
    assert!(why.contains("was not ready within 0 ms"), "{why}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let missing = LaunchOptions { program: Some("/nowhere/linchpin".into()), ..LaunchOptions::default() };
    let error = Cluster::launch(echoes(1), &missing).err().expect("it cannot start").to_string();
    assert!(error.contains("/nowhere/linchpin"), "{error}");
}

#[test]
fn two_instances_of_one_name_are_refused() {
    let base = base();
    let nodes = [echoes(1).nodes, echoes(1).nodes].concat();
    let cluster = Cluster::launch(spec(nodes), &options(base.path())).expect("it starts");
    let why = cluster.await_ready().expect_err("refused").to_string();
    assert!(why.contains("same name"), "{why}");
}

/// As `kill -9` does.
pub fn kill9(pid: u32) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it was there");
}
