//! What a store promises: acknowledged writes stay, whatever fails, as far as the drawn mode says so.

use std::time::{Duration, Instant};

use linchpin::live::spec::Sabotage;
use linchpin::live::wire::{DiskFault, ToNode};

use super::small::Small;

const ALL: std::ops::RangeInclusive<f64> = 0.99..=1.0;
const NOTHING: std::ops::RangeInclusive<f64> = 0.0..=0.01;

/// Users write and read one store through one service.
fn shop(store: &str) -> String {
    format!(
        r#"(
    components: [
        (id: "users", kind: client),
        (id: "web", kind: service),
        (id: "db", kind: key_value_store, {store}),
    ],
    links: [
        (id: "in", from: "users", to: "web"),
        (id: "out", from: "web", to: "db"),
    ],
    journeys: [
        (id: "put", client: "users", rate: "50/s", deadline: "2 s",
            steps: [(link: "in", then: [(link: "out", op: write)])]),
        (id: "get", client: "users", rate: "50/s", deadline: "2 s",
            steps: [(link: "in", then: [(link: "out", op: read)])]),
    ],
)"#
    )
}

const ELECTED: &str = r#"replicas: 3, replication: primary_backup((
    sync: sync, failover: automatic, voters: ["db"], detect_after: "500 ms"))"#;

/// Writes and reads by hand, through the service, and keeps what was acknowledged.
#[derive(Default)]
struct Ledger {
    written: Vec<String>,
    /// By key: the place of its last acknowledged write in `written`.
    acknowledged: std::collections::BTreeMap<u32, usize>,
}

impl Ledger {
    fn put(&mut self, small: &Small, key: u32) -> bool {
        let value = format!("w{}", self.written.len());
        self.written.push(value.clone());
        let headers = [("x-linchpin-op", value.as_str()), ("x-linchpin-key", &format!("{key:x}"))];
        let ok = small.ask("web/1", "POST", "/j/put/0", &headers).0 == 200;
        if ok {
            self.acknowledged.insert(key, self.written.len() - 1);
        }
        ok
    }

    /// Writes until it has been acknowledged.
    fn put_for_sure(&mut self, small: &Small, key: u32) {
        let until = Instant::now() + Duration::from_secs(10);
        while !self.put(small, key) {
            assert!(Instant::now() < until, "no write is acknowledged");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Keys whose last acknowledged write is gone.
    fn lost(&self, small: &Small) -> Vec<u32> {
        let is_lost = |(key, at): (&u32, &usize)| {
            let until = Instant::now() + Duration::from_secs(10);
            loop {
                let headers = [("x-linchpin-key", format!("{key:x}"))];
                let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
                let (status, value) = small.ask("web/1", "POST", "/j/get/0", &headers);
                if status == 200 {
                    // Two seeds may mean one key: a later write of the other is as good. What the load has written to the
                    // same key by chance says nothing of what stood there before.
                    let found = self.written.iter().position(|w| *w == value);
                    let is_lost = found.map_or(value.is_empty(), |f| f < *at);
                    return is_lost.then_some(*key);
                }
                assert!(Instant::now() < until, "no read is answered: {value}");
                std::thread::sleep(Duration::from_millis(20));
            }
        };
        self.acknowledged.iter().filter_map(is_lost).collect()
    }
}

#[test]
fn a_power_cut_takes_nothing_that_was_acknowledged() {
    let mut small = Small::start(&shop("replicas: 1"));
    let mut ledger = Ledger::default();
    (0..40).for_each(|key| ledger.put_for_sure(&small, key));
    small.cut_power("db/1");
    assert!(!ledger.put(&small, 1), "nobody is there");
    small.restart("db/1");
    assert_eq!(ledger.lost(&small), Vec::<u32>::new());
}

#[test]
fn a_store_that_does_not_sync_is_caught() {
    let mut small = Small::start_wrong(&shop("replicas: 1"), &[("db", Sabotage::AckBeforeFsync)]);
    let mut ledger = Ledger::default();
    (0..40).for_each(|key| ledger.put_for_sure(&small, key));
    small.cut_power("db/1");
    small.restart("db/1");
    assert_ne!(ledger.lost(&small), Vec::<u32>::new());
}

#[test]
fn a_disk_that_lies_about_syncing_is_caught() {
    let mut small = Small::start(&shop("replicas: 1"));
    let mut ledger = Ledger::default();
    small.tell("db/1", &ToNode::Disk(DiskFault { drop_unsynced: true, ..DiskFault::default() }));
    // The order travels beside the requests: what is written first may still be safe.
    std::thread::sleep(Duration::from_millis(100));
    (0..40).for_each(|key| ledger.put_for_sure(&small, key));
    small.cut_power("db/1");
    small.restart("db/1");
    assert_ne!(ledger.lost(&small), Vec::<u32>::new());
}

#[test]
fn a_full_disk_refuses_writes_and_serves_reads() {
    let mut small = Small::start(&shop("replicas: 1"));
    small.load();
    small.await_success("put", ALL);
    small.tell("db/1", &ToNode::Disk(DiskFault { full: true, ..DiskFault::default() }));
    small.await_success("put", NOTHING);
    small.await_success("get", ALL);
    small.tell("db/1", &ToNode::Disk(DiskFault::default()));
    small.await_success("put", ALL);
}

#[test]
fn a_synchronous_failover_loses_nothing_and_the_old_primary_follows() {
    let mut small = Small::start(&shop(ELECTED));
    let mut ledger = Ledger::default();
    (0..30).for_each(|key| ledger.put_for_sure(&small, key));
    small.cut_power("db/1");
    (20..50).for_each(|key| ledger.put_for_sure(&small, key));
    assert_eq!(ledger.lost(&small), Vec::<u32>::new());
    small.restart("db/1");
    small.await_role("db/1", "backup");
    (40..60).for_each(|key| ledger.put_for_sure(&small, key));
    assert_eq!(ledger.lost(&small), Vec::<u32>::new());
    // Once it has everything, it can take over again: that is what a reset asks for.
    for name in ["db/2", "db/3"] {
        small.tell(name, &ToNode::Reset);
    }
    small.await_role("db/1", "primary");
    ledger.put_for_sure(&small, 1);
    assert_eq!(ledger.lost(&small), Vec::<u32>::new());
}

#[test]
fn a_primary_without_its_voters_stops_and_the_majority_goes_on() {
    let mut small = Small::start(&shop(ELECTED));
    small.load();
    small.await_success("put", ALL);
    small.cut(&["db/1"], &["db/2", "db/3"]);
    small.await_success("put", ALL);
    // Only the lone one is in reach.
    small.cut(&["web/1"], &["db/2", "db/3"]);
    small.await_success("put", NOTHING);
    small.await_success("get", NOTHING);
    small.heal(&[(&["db/1"], &["db/2", "db/3"]), (&["web/1"], &["db/2", "db/3"])]);
    small.await_success("put", ALL);
}

#[test]
fn without_voters_both_sides_have_a_primary() {
    let mut small = Small::start(&shop(
        r#"replicas: 2, replication: primary_backup((failover: automatic, detect_after: "500 ms"))"#,
    ));
    small.load();
    small.await_success("put", ALL);
    small.cut(&["db/1", "web/1"], &["db/2"]);
    small.await_role("db/2", "primary");
    small.await_success("put", ALL);
    small.kill("db/1");
    small.await_success("put", NOTHING);
    small.heal(&[(&["db/1", "web/1"], &["db/2"])]);
    small.await_success("put", ALL);
}

#[test]
fn a_manual_failover_waits_for_a_person() {
    let mut small = Small::start(&shop("replicas: 2, replication: primary_backup(())"));
    small.load();
    small.await_success("put", ALL);
    small.kill("db/1");
    small.await_success("get", NOTHING);
    small.tell("db/2", &ToNode::Promote);
    small.await_success("put", ALL);
    small.restart("db/1");
    small.await_role("db/1", "backup");
    small.await_success("put", ALL);
}

#[test]
fn an_insisted_backup_blocks_writes_until_it_is_let_go() {
    let mut small = Small::start(&shop("replicas: 3, replication: primary_backup((sync: sync))"));
    small.load();
    small.await_success("put", ALL);
    small.kill("db/3");
    small.await_success("put", NOTHING);
    small.await_success("get", ALL);
    drop(small);
    let mut small = Small::start(&shop(
        r#"replicas: 3, replication: primary_backup((sync: sync, on_backup_loss: async_after("600 ms")))"#,
    ));
    small.load();
    small.await_success("put", ALL);
    small.kill("db/3");
    small.await_success("put", ALL);
    drop(small);
    let mut small = Small::start(&shop("replicas: 3, replication: primary_backup((sync: semi_sync(1)))"));
    small.load();
    small.await_success("put", ALL);
    small.kill("db/3");
    small.await_success("put", ALL);
    small.pause("db/2", true);
    small.await_success("put", NOTHING);
    small.await_success("get", ALL);
    small.pause("db/2", false);
    small.await_success("put", ALL);
}

#[test]
fn a_majority_keeps_a_log() {
    let mut small =
        Small::start(&shop(r#"replicas: 3, replication: consensus((election_timeout: "500 ms"))"#));
    let mut ledger = Ledger::default();
    small.load();
    small.await_success("put", ALL);
    (0..20).for_each(|key| ledger.put_for_sure(&small, key));
    small.cut_power("db/1");
    small.await_success("put", ALL);
    assert_eq!(ledger.lost(&small), Vec::<u32>::new());
    // A follower in reach passes on to the leader that it reaches.
    small.restart("db/1");
    small.cut(&["web/1"], &["db/2", "db/3"]);
    small.await_success("put", ALL);
    small.kill("db/2");
    small.kill("db/3");
    small.await_success("put", NOTHING);
    small.await_success("get", NOTHING);
}

#[test]
fn a_quorum_needs_its_homes() {
    let mut small = Small::start(&shop("replicas: 3, replication: quorum((n: 3, r: 1, w: 3))"));
    small.load();
    small.await_success("put", ALL);
    small.kill("db/2");
    small.await_success("put", NOTHING);
    small.await_success("get", ALL);
}

#[test]
fn a_mode_that_does_not_run_says_so_before_anything_starts() {
    let design = super::small::design(&shop("replicas: 3, replication: chain(())"));
    let refused =
        linchpin::live::spec::derive(&linchpin::deploy::expand(&design)).expect_err("chains do not run");
    assert_eq!(refused, "db: chain replication can be drawn and analyzed but does not run yet");
}
