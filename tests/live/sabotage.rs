//! Nodes that are wrong on purpose: each makes a difference that a measurement shows.

use std::ops::RangeInclusive;

use linchpin::live::spec::Sabotage;

use super::small::Small;

const ALL: RangeInclusive<f64> = 0.99..=1.0;
const HALF: RangeInclusive<f64> = 0.36..=0.64;
const NOTHING: RangeInclusive<f64> = 0.0..=0.01;

fn drawing(components: &str, links: &str, steps: &str) -> String {
    format!(
        r#"(
    components: [(id: "users", kind: client), {components}],
    links: [{links}],
    journeys: [(id: "j", client: "users", rate: "100/s", deadline: "2 s", steps: [{steps}])],
)"#
    )
}

/// With honest nodes a fault leads to one success, with the wrong one to another.
fn shows(
    text: &str,
    (component, sabotage): (&str, Sabotage),
    fault: impl Fn(&mut Small),
    honest: RangeInclusive<f64>,
    wrong: RangeInclusive<f64>,
) {
    let mut small = Small::start(text);
    small.load();
    small.await_success("j", ALL);
    fault(&mut small);
    small.await_success("j", honest);
    drop(small);
    let mut small = Small::start_wrong(text, &[(component, sabotage)]);
    small.load();
    // Nothing is wrong as long as nothing fails: that is why it takes a proof to find out.
    small.await_success("j", ALL);
    fault(&mut small);
    small.await_success("j", wrong);
}

const ONE_TRY: &str = r#"(id: "in", from: "users", to: "web", policy: (tries: 1))"#;
const TWO_TRIES: &str = r#"(id: "in", from: "users", to: "web")"#;
const TO_DB: &str = r#"(id: "out", from: "web", to: "db")"#;
const WEB_AND_DB: &str = r#"(id: "web", kind: service, replicas: 2), (id: "db", kind: relational_store)"#;

#[test]
fn blind_detector() {
    let text = drawing(WEB_AND_DB, &format!("{ONE_TRY}, {TO_DB}"), "");
    shows(&text, ("users", Sabotage::BlindDetector), |s| s.kill("web/1"), ALL, HALF);
}

#[test]
fn no_retry() {
    let text = drawing(WEB_AND_DB, &format!("{TWO_TRIES}, {TO_DB}"), "");
    shows(&text, ("users", Sabotage::NoRetry), |s| s.cut(&["web/1"], &["db/1"]), ALL, HALF);
}

#[test]
fn retry_same_target() {
    let text = drawing(WEB_AND_DB, &format!("{TWO_TRIES}, {TO_DB}"), "");
    shows(&text, ("users", Sabotage::RetrySameTarget), |s| s.cut(&["web/1"], &["db/1"]), ALL, HALF);
}

#[test]
fn ignore_needs() {
    let text = drawing(WEB_AND_DB, &format!("{TWO_TRIES}, {TO_DB}"), "");
    shows(&text, ("web", Sabotage::IgnoreNeeds), |s| s.kill("db/1"), NOTHING, ALL);
}

#[test]
fn optional_needed() {
    let web =
        r#"(id: "web", kind: service, slots: [(name: "more", need: optional)]), (id: "rec", kind: service)"#;
    let text =
        drawing(web, &format!(r#"{TWO_TRIES}, (id: "out", from: "web", to: "rec", slot: "more")"#), "");
    shows(&text, ("web", Sabotage::OptionalNeeded), |s| s.kill("rec/1"), ALL, NOTHING);
}

#[test]
fn every_slot_all() {
    let web = r#"(id: "web", kind: service, slots: [(name: "either", need: any)]),
        (id: "a", kind: service), (id: "b", kind: service)"#;
    let links = format!(
        r#"{TWO_TRIES}, (id: "la", from: "web", to: "a", slot: "either"), (id: "lb", from: "web", to: "b", slot: "either")"#
    );
    let text = drawing(web, &links, "");
    shows(&text, ("web", Sabotage::EverySlotAll), |s| s.kill("a/1"), ALL, NOTHING);
}

#[test]
fn ignore_min_healthy() {
    let text = drawing(r#"(id: "web", kind: service, replicas: 2, min_healthy: 2)"#, TWO_TRIES, "");
    shows(&text, ("web", Sabotage::IgnoreMinHealthy), |s| s.kill("web/1"), NOTHING, ALL);
}

const VOTED: &str = r#"(id: "db", kind: relational_store, replicas: 3,
    replication: primary_backup((failover: automatic, voters: ["db"], detect_after: "500 ms")))"#;
const STRAIGHT: &str = r#"(id: "in", from: "users", to: "db")"#;

#[test]
fn promote_without_voters() {
    let text = drawing(VOTED, STRAIGHT, "");
    let fault = |s: &mut Small| s.cut(&["db/2", "users/1"], &["db/1", "db/3"]);
    shows(&text, ("db", Sabotage::PromoteWithoutVoters), fault, NOTHING, ALL);
}

#[test]
fn no_step_down() {
    let text = drawing(VOTED, STRAIGHT, "");
    let fault = |s: &mut Small| s.cut(&["db/1", "users/1"], &["db/2", "db/3"]);
    shows(&text, ("db", Sabotage::NoStepDown), fault, NOTHING, ALL);
}

#[test]
fn never_promote() {
    let text = drawing(VOTED, STRAIGHT, "");
    shows(&text, ("db", Sabotage::NeverPromote), |s| s.kill("db/1"), ALL, NOTHING);
}

#[test]
fn ack_before_replication() {
    let db = r#"(id: "db", kind: relational_store, replicas: 2, replication: primary_backup((sync: sync)))"#;
    let text = drawing(db, STRAIGHT, "");
    shows(&text, ("db", Sabotage::AckBeforeReplication), |s| s.kill("db/2"), NOTHING, ALL);
}

#[test]
fn cache_forever() {
    let cache = r#"(id: "web", kind: cache, cache: (hit_ratio: 0.5, ttl: "300 ms")), (id: "db", kind: relational_store)"#;
    let text =
        drawing(cache, &format!("{TWO_TRIES}, {TO_DB}"), r#"(link: "in", then: [(link: "out", op: read)])"#);
    shows(&text, ("web", Sabotage::CacheForever), |s| s.kill("db/1"), NOTHING, HALF);
}

/// A name for two services, each with its own store.
fn named(resolver: &str) -> String {
    let components = format!(
        r#"(id: "dns", kind: dns, {resolver}), (id: "a", kind: service), (id: "b", kind: service),
        (id: "da", kind: relational_store), (id: "db", kind: relational_store)"#
    );
    let links = r#"(id: "ask", from: "users", to: "dns", interaction: resolve),
        (id: "la", from: "dns", to: "a", policy: (tries: 1)), (id: "lb", from: "dns", to: "b", policy: (tries: 1)),
        (id: "oa", from: "a", to: "da"), (id: "ob", from: "b", to: "db")"#;
    drawing(&components, links, "")
}

#[test]
fn resolver_hides_nothing() {
    let text = named(r#"detector: (mode: deep), resolver: (ttl: "300 ms")"#);
    shows(&text, ("dns", Sabotage::ResolverHidesNothing), |s| s.kill("da/1"), ALL, HALF);
}

#[test]
fn resolver_ignores_policy() {
    let text = named(r#"resolver: (policy: failover, ttl: "300 ms")"#);
    shows(&text, ("dns", Sabotage::ResolverIgnoresPolicy), |s| s.kill("db/1"), ALL, HALF);
}

#[test]
fn wrong_shard() {
    let db = r#"(id: "db", kind: key_value_store, sharding: (shards: 2, strategy: range(splits: [0.9])))"#;
    let text = drawing(db, STRAIGHT, "");
    shows(&text, ("users", Sabotage::WrongShard), |s| s.kill("db/1/1"), 0.02..=0.22, 0.78..=0.98);
}

#[test]
fn stick_to_first() {
    let lb = format!(r#"(id: "lb", kind: load_balancer), {WEB_AND_DB}"#);
    let links = format!(
        r#"(id: "in", from: "users", to: "lb"), (id: "mid", from: "lb", to: "web", policy: (tries: 1)), {TO_DB}"#
    );
    let text = drawing(&lb, &links, "");
    shows(&text, ("lb", Sabotage::StickToFirst), |s| s.cut(&["web/1"], &["db/1"]), HALF, NOTHING);
}

#[test]
fn ack_before_work() {
    let components =
        r#"(id: "q", kind: queue), (id: "mail", kind: worker), (id: "out", kind: external_system)"#;
    let links = r#"(id: "in", from: "users", to: "q", interaction: publish),
        (id: "take", from: "q", to: "mail", interaction: subscribe), (id: "send", from: "mail", to: "out")"#;
    let text = drawing(components, links, "");
    let done = |wrong: &[(&str, Sabotage)]| {
        let mut small = Small::start_wrong(&text, wrong);
        small.load();
        small.await_success("j", ALL);
        small.kill("out/1");
        let counts = small.measure("j", 500);
        let effect = counts.effects["j/mail"];
        effect.done as f64 / (effect.done + effect.late) as f64
    };
    assert!(done(&[]) < 0.05, "nobody sends the mail");
    assert!(
        done(&[("mail", Sabotage::AckBeforeWork)]) > 0.95,
        "a worker that confirms first is not told apart"
    );
}
