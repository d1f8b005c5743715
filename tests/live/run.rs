//! `linchpin run`: the contract of its JSON, its end by key, and that it leaves nothing behind.

use std::collections::BTreeSet;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::leftovers::{MARK, assert_gone, marked};
use crate::rig::{PROGRAM, SOON};

const SMALL: &str = r#"(
    components: [
        (id: "users", kind: client),
        (id: "web", kind: service, replicas: 2),
        (id: "db", kind: relational_store),
    ],
    links: [
        (id: "users-web", from: "users", to: "web"),
        (id: "web-db", from: "web", to: "db"),
    ],
    journeys: [(id: "shop", client: "users", rate: "50/s", deadline: "2 s")],
)"#;

fn start(mark: &str, cache: &std::path::Path, arguments: &[&str]) -> Child {
    let design = cache.join("small.ron");
    std::fs::write(&design, SMALL).expect("written");
    Command::new(PROGRAM)
        .arg("run")
        .arg(design)
        .args(arguments)
        .env(MARK, mark)
        .env("XDG_CACHE_HOME", cache)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| {
        panic!(
            "{e} in {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

#[test]
fn a_run_serves_counts_and_leaves_nothing() {
    let cache = tempfile::tempdir().expect("a folder");
    let mark = format!("run-{}", fastrand::u64(..));
    let output =
        start(&mark, cache.path(), &["--for", "2s", "--format", "json"]).wait_with_output().expect("it ends");
    assert_gone(&mark, &BTreeSet::new(), "run");
    assert_eq!(output.status.code(), Some(0));
    let result = json(&output);
    assert_eq!(result["version"], 1);
    assert_eq!(result["nodes"], 4);
    assert!(result["ready_ms"].as_f64().is_some_and(|ms| ms < 3000.0), "{result}");
    let [journey] = &result["journeys"].as_array().expect("a list")[..] else {
        panic!("one journey: {result}")
    };
    assert_eq!(journey["id"], "shop");
    let number = |key: &str| journey[key].as_u64().unwrap_or_else(|| panic!("{key} in {journey}"));
    // By chance, but not by half.
    assert!((50..200).contains(&number("offered")), "{journey}");
    assert_eq!(number("offered"), number("ok") + number("failed") + number("timed_out") + number("shed"));
    assert!(journey["success"].as_f64().is_some_and(|s| s >= 0.999), "{journey}");
    assert!(journey["p50_ms"].as_f64() <= journey["p99_ms"].as_f64(), "{journey}");
    // Who asked whom.
    let of = |id: &str| {
        let all = result["instances"].as_array().expect("a list");
        all.iter().find(|i| i["id"] == id).unwrap_or_else(|| panic!("{id} in {result}")).clone()
    };
    for id in ["web/1", "web/2"] {
        assert!(of(id)["upstreams"]["users/1"].as_u64() > Some(0), "{}", of(id));
    }
    let db = of("db/1");
    assert!(
        db["upstreams"]["web/1"].as_u64() > Some(0) && db["upstreams"]["web/2"].as_u64() > Some(0),
        "{db}"
    );
    // Nothing on the disk but what the test has written.
    assert_eq!(std::fs::read_dir(cache.path().join("linchpin/runs")).expect("the folder").count(), 0);
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_a_run_in_good_order() {
    use rustix::process::{Pid, Signal, kill_process};
    let cache = tempfile::tempdir().expect("a folder");
    let mark = format!("interrupt-{}", fastrand::u64(..));
    let child = start(&mark, cache.path(), &["--format", "json"]);
    // The program, supervisor, fabric and four nodes.
    let by = Instant::now() + SOON;
    while marked(&mark).len() < 7 {
        assert!(Instant::now() < by, "only {} processes", marked(&mark).len());
        thread::sleep(Duration::from_millis(10));
    }
    thread::sleep(Duration::from_millis(500));
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
    kill_process(pid, Signal::INT).expect("it is there");
    let output = child.wait_with_output().expect("it ends");
    assert_gone(&mark, &BTreeSet::new(), "interrupted");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(json(&output)["nodes"], 4);
}

#[test]
fn what_is_no_time_is_refused_before_anything_starts() {
    let cache = tempfile::tempdir().expect("a folder");
    for arguments in [["--for", "soon"], ["--rate", "-1"]] {
        let output = start("none", cache.path(), &arguments).wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1, "{output:?}");
        assert!(output.stdout.is_empty());
    }
    assert!(!cache.path().join("linchpin").exists());
}
