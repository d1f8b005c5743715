//! What each role does, with real processes.

use super::small::Small;

const THREAD: &str = r#"(
    components: [
        (id: "users", kind: client),
        (id: "web", kind: service, replicas: 2),
        (id: "db", kind: relational_store),
    ],
    links: [
        (id: "users-web", from: "users", to: "web"),
        (id: "web-db", from: "web", to: "db"),
    ],
    journeys: [(id: "shop", client: "users", rate: "100/s", deadline: "2 s")],
)"#;

/// All of it, or as good as: what a busy machine may lose in a second.
const ALL: std::ops::RangeInclusive<f64> = 0.99..=1.0;
const NOTHING: std::ops::RangeInclusive<f64> = 0.0..=0.01;

#[test]
fn a_lost_service_is_not_felt_and_a_lost_store_is() {
    let mut small = Small::start(THREAD);
    small.load();
    small.await_success("shop", ALL);
    assert!(small.success("shop", 1000) >= 0.999);
    small.kill("web/1");
    assert!(small.success("shop", 1000) >= 0.99, "a refused try moves on at once");
    small.kill("db/1");
    small.await_success("shop", NOTHING);
    small.restart("db/1");
    small.await_success("shop", ALL);
    small.restart("web/1");
    small.kill("web/2");
    small.await_success("shop", ALL);
}

#[test]
fn anybody_can_ask_a_node_how_it_is() {
    let mut small = Small::start(THREAD);
    small.load();
    small.await_success("shop", ALL);
    assert_eq!(small.ask("web/1", "GET", "/health", &[]), (200, "up\n".into()));
    let (status, text) = small.ask("web/1", "GET", "/metrics", &[]);
    assert_eq!(status, 200);
    assert!(text.contains("linchpin_requests_total{upstream=\"users/1\"}"), "{text}");
    assert!(text.contains("linchpin_tries_total{link=\"web-db\",target=\"db\",end=\"ok\"}"), "{text}");
    assert!(text.contains("linchpin_request_ms_bucket{le=\"+Inf\"}"), "{text}");
    // By hand, without a run id, a hop is served too; with another run's it is not.
    assert_eq!(small.ask("web/2", "POST", "/j/shop/0", &[]).0, 200);
    assert_eq!(small.ask("web/2", "POST", "/j/shop/0", &[("x-linchpin-run", "0123456789abcdef")]).0, 421);
    assert_eq!(small.ask("web/2", "POST", "/j/shop/77", &[]).0, 404);
    assert_eq!(small.ask("web/2", "GET", "/nonsense", &[]).0, 404);
}

#[test]
fn a_deep_check_tells_a_broken_need() {
    let mut small = Small::start(
        r#"(
    components: [
        (id: "users", kind: client),
        (id: "lb", kind: load_balancer, detector: (mode: deep)),
        (id: "web", kind: service, replicas: 2),
        (id: "db", kind: relational_store),
    ],
    links: [
        (id: "in", from: "users", to: "lb"),
        (id: "mid", from: "lb", to: "web", policy: (tries: 1)),
        (id: "out", from: "web", to: "db"),
    ],
    journeys: [(id: "shop", client: "users", rate: "100/s", deadline: "2 s")],
)"#,
    );
    small.load();
    small.await_success("shop", ALL);
    assert_eq!(small.ask("web/1", "GET", "/health/deep", &[]).0, 200);
    small.cut(&["web/1"], &["db/1"]);
    small.await_status("web/1", "/health/deep", 503);
    assert_eq!(small.ask("web/1", "GET", "/health", &[]).0, 200, "its process is well");
    small.await_success("shop", ALL);
    small.heal(&[(&["web/1"], &["db/1"])]);
    small.await_status("web/1", "/health/deep", 200);
}

/// A try that takes all the time there is teaches nothing (rule 18).
#[test]
fn silence_is_only_seen_where_a_try_fits() {
    let drawing = |timeout: &str| {
        format!(
            r#"(
    components: [(id: "users", kind: client), (id: "web", kind: service, replicas: 2)],
    links: [(id: "in", from: "users", to: "web", policy: (timeout: "{timeout}"))],
    journeys: [(id: "shop", client: "users", rate: "100/s", deadline: "1 s")],
)"#
        )
    };
    let mut small = Small::start(&drawing("400 ms"));
    small.load();
    small.await_success("shop", ALL);
    small.pause("web/1", true);
    small.await_success("shop", ALL);
    small.pause("web/1", false);
    drop(small);
    let mut small = Small::start(&drawing("600 ms"));
    small.load();
    small.await_success("shop", ALL);
    small.pause("web/1", true);
    small.await_success("shop", 0.35..=0.65);
    small.pause("web/1", false);
}

#[test]
fn a_message_is_worked_on_until_its_work_is_done() {
    let mut small = Small::start(
        r#"(
    components: [
        (id: "users", kind: client),
        (id: "q", kind: queue, queue: (redeliver_after: "600 ms")),
        (id: "mail", kind: worker, replicas: 2),
        (id: "out", kind: external_system),
    ],
    links: [
        (id: "in", from: "users", to: "q", interaction: publish),
        (id: "take", from: "q", to: "mail", interaction: subscribe),
        (id: "send", from: "mail", to: "out"),
    ],
    journeys: [(id: "post", client: "users", rate: "50/s", deadline: "2 s")],
)"#,
    );
    small.load();
    small.await_success("post", ALL);
    let done = |small: &mut Small| {
        let effect = small.measure("post", 500).effects["post/mail"];
        effect.done as f64 / (effect.done + effect.late + effect.never) as f64
    };
    assert!(done(&mut small) > 0.98);
    // One consumer cannot work, one cannot even answer: the queue gives its messages to the other.
    small.cut(&["mail/1"], &["out/1"]);
    assert!(done(&mut small) > 0.98, "taken back and given to the other");
    small.heal(&[(&["mail/1"], &["out/1"])]);
    small.cut_one_way(&["q/1"], &["mail/1"]);
    assert!(done(&mut small) > 0.98, "who does not hear is handed nothing");
    small.heal(&[(&["q/1"], &["mail/1"])]);
    // What was accepted survives the queue.
    small.cut_power("q/1");
    small.await_success("post", NOTHING);
    small.restart("q/1");
    small.await_success("post", ALL);
    assert!(done(&mut small) > 0.98);
}

#[test]
fn an_active_and_its_standby_have_one_address() {
    let mut small = Small::start(
        r#"(
    components: [
        (id: "users", kind: client),
        (id: "one", kind: load_balancer), (id: "two", kind: load_balancer),
        (id: "web", kind: service),
    ],
    links: [
        (id: "in", from: "users", to: "one"),
        (id: "a", from: "one", to: "web"), (id: "b", from: "two", to: "web"),
        (id: "beat", from: "one", to: "two", interaction: heartbeat, heartbeat: (every: "100 ms")),
    ],
    journeys: [(id: "shop", client: "users", rate: "100/s", deadline: "2 s",
        steps: [(link: "in", then: [(link: "a")])])],
)"#,
    );
    small.load();
    small.await_success("shop", ALL);
    let (status, why) = small.ask("two/1", "POST", "/j/shop/0", &[]);
    assert_eq!((status, why.trim()), (503, "stands by: the active is alive"));
    small.kill("one/1");
    small.await_success("shop", ALL);
    assert_eq!(small.ask("two/1", "POST", "/j/shop/0", &[]).0, 200);
}
