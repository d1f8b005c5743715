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
