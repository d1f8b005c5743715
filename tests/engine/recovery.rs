//! Recovery: tables worked out by hand from the rules in words, on small designs and on a template.

use linchpin::analysis::recovery::{Basis, DataLoss, Failure, JourneyRecovery, recoveries};
use linchpin::analysis::{self, Facts, Options};
use linchpin::deploy::expand;
use linchpin::design::{Design, Millis};
use linchpin::file::{Document, TEMPLATES};
use linchpin::impact::{Reading, World, evaluate};

fn design(text: &str) -> Design {
    Document::parse(text, "a test").unwrap_or_else(|e| panic!("{e}")).design().clone()
}

fn template(name: &str) -> Design {
    design(TEMPLATES.iter().find(|t| t.name == name).expect("a template").text)
}

fn of(design: &Design) -> Vec<JourneyRecovery> {
    recoveries(&Facts::new(design), |_| true)
}

/// One line for each failure: what is served at once and settled, the parts until it is back, and what is lost.
fn table(design: &Design) -> String {
    let mut text = String::new();
    for journey in of(design) {
        for f in &journey.failures {
            text.push_str(&format!("{} {}\n", journey.journey, line(f)));
        }
    }
    text
}

fn line(f: &Failure) -> String {
    let parts = |parts: &[linchpin::analysis::recovery::Part]| {
        parts.iter().map(|p| p.takes.to_string()).collect::<Vec<_>>().join(" + ")
    };
    let back = if f.back.parts.is_empty() { "not felt".to_owned() } else { parts(&f.back.parts) };
    let loss = match &f.loss {
        DataLoss::Nothing => "nothing".to_owned(),
        DataLoss::UpTo(span) => parts(&span.parts),
        DataLoss::Everything(_) => "everything".to_owned(),
    };
    format!("{} {}>{}: {back}; {loss}", f.element, f.at_once.0.word(), f.settled.0.word())
}

/// Users, a balancer, two web servers and a store; the words in brackets are what each test varies.
fn shop(edge: &str, link: &str, db: &str, journey: &str) -> Design {
    design(&format!(
        r#"(
    components: [
        (id: "users", kind: client),
        (id: "edge", kind: load_balancer, replicas: 2{edge}),
        (id: "web", kind: service, replicas: 2),
        (id: "db", kind: relational_store{db}),
    ],
    links: [
        (id: "users-edge", from: "users", to: "edge"),
        (id: "edge-web", from: "edge", to: "web"{link}),
        (id: "web-db", from: "web", to: "db"),
    ],
    journeys: [
        (id: "buy", client: "users", deadline: "2 s"{journey}, steps: [
            (link: "users-edge", then: [(link: "edge-web", then: [(link: "web-db", op: write)])]),
        ]),
    ],
)"#
    ))
}

#[test]
fn a_voted_failover_takes_detection_and_decision() {
    let voted = ", replicas: 3, replication: primary_backup(failover: automatic, voters: [\"db\"], detect_after: \"400 ms\")";
    // Two tries hide a lost edge or web server. The copies follow later: a second is assumed.
    assert_eq!(
        table(&shop("", "", voted, "")),
        "buy edge/1 served>served: not felt; nothing\n\
         buy web/1 served>served: not felt; nothing\n\
         buy db/1 lost>served: 400 ms + 400 ms; 1 s\n\
         buy db/2 served>served: not felt; nothing\n\
         buy db/3 served>served: not felt; nothing\n"
    );
    let synced = voted.replace("(failover", "(sync: semi_sync(1), failover");
    let table = table(&shop("", "", &synced, ""));
    assert!(table.contains("buy db/1 lost>served: 400 ms + 400 ms; nothing\n"), "{table}");
}

#[test]
fn an_unvoted_failover_asks_nobody_and_an_election_is_waited_for_twice() {
    let unvoted = ", replicas: 2, replication: primary_backup(failover: automatic)";
    let said = table(&shop("", "", unvoted, ""));
    assert!(said.contains("buy db/1 lost>served: 1 s; 1 s\n"), "{said}");
    let raft = ", replicas: 3, replication: consensus(election_timeout: \"300 ms\")";
    let said = table(&shop("", "", raft, ""));
    assert!(said.contains("buy db/1 lost>served: 300 ms + 300 ms; nothing\n"), "{said}");
    assert!(said.contains("buy db/2 served>served: not felt; nothing\n"), "{said}");
}

#[test]
fn where_nothing_takes_over_it_is_restarted_repaired_or_a_person_acts() {
    let one = |db: &str, journey: &str| {
        let said = table(&shop("", "", db, journey));
        said.lines().last().expect("the store is the last").to_owned()
    };
    let backed = ", data: (backup: (every: \"1 d\"))";
    // Until somebody notices 5 min, until a person has acted 25 min.
    assert_eq!(one("", ""), "buy db/1 lost>lost: 5 min + 25 min; everything");
    assert_eq!(one(backed, ""), "buy db/1 lost>lost: 5 min + 25 min; 1 d");
    assert_eq!(one(backed, ", probe: \"30 s\""), "buy db/1 lost>lost: 30 s + 25 min; 1 d");
    assert_eq!(one(", restart: after(\"7 s\")", ""), "buy db/1 lost>lost: 7 s; everything");
    assert_eq!(
        one(", reliability: (mtbf: \"90 d\", mttr: \"2 h\")", ""),
        "buy db/1 lost>lost: 2 h; everything"
    );
    // A checkpoint is no further back than it says, a backup may be further.
    assert_eq!(
        one(", data: (checkpoint: \"10 min\", backup: (every: \"1 h\"))", ""),
        "buy db/1 lost>lost: 5 min + 25 min; 1 h"
    );
    let manual = ", replicas: 2, replication: primary_backup()";
    let said = table(&shop("", "", manual, ""));
    assert!(said.contains("buy db/1 lost>lost: 5 min + 25 min; 1 s\n"), "{said}");
    assert!(said.contains("buy db/2 served>served: not felt; nothing\n"), "{said}");
}

#[test]
fn a_backup_that_is_insisted_on_is_waited_for() {
    let patient =
        ", replicas: 2, replication: primary_backup(sync: sync, on_backup_loss: async_after(\"3 s\"))";
    let said = table(&shop("", "", patient, ""));
    assert!(said.contains("buy db/2 lost>served: 3 s; nothing\n"), "{said}");
}

#[test]
fn with_one_try_the_checks_of_the_balancer_count() {
    let edge = ", detector: (mode: shallow, interval: \"200 ms\", threshold: 3)";
    let said = table(&shop(edge, ", policy: (tries: 1)", ", restart: after(\"1 s\")", ""));
    // A check that has just been passed, and three that are missed.
    assert!(said.contains("buy web/1 part>served: 200 ms + 600 ms; nothing\n"), "{said}");
    // `connect` sees it in the try that fails.
    let said = table(&shop("", ", policy: (tries: 1)", ", restart: after(\"1 s\")", ""));
    assert!(said.contains("buy web/1 served>served: not felt; nothing\n"), "{said}");
}

#[test]
fn a_standby_waits_for_missed_beats() {
    let pair = design(
        r#"(
    components: [
        (id: "users", kind: client),
        (id: "active", kind: load_balancer),
        (id: "standby", kind: load_balancer),
        (id: "web", kind: service, replicas: 2),
    ],
    links: [
        (id: "users-active", from: "users", to: "active"),
        (id: "active-web", from: "active", to: "web"),
        (id: "standby-web", from: "standby", to: "web"),
        (id: "beat", from: "active", to: "standby", interaction: heartbeat, heartbeat: (every: "100 ms", misses: 4, fenced: true)),
    ],
    journeys: [(id: "look", client: "users", deadline: "2 s")],
)"#,
    );
    let said = table(&pair);
    assert!(said.contains("look active/1 lost>served: 100 ms + 400 ms; nothing\n"), "{said}");
}

/// Two regions behind DNS, one try each, so that users wait until their answer has run out.
fn regions(backup: &str, zone: &str) -> Design {
    design(&format!(
        r#"(
    zones: [(id: "east", kind: region{zone}), (id: "west", kind: region)],
    components: [
        (id: "users", kind: client, zones: ["east", "west"]),
        (id: "dns", kind: dns, replicas: 2, detector: (mode: shallow, interval: "500 ms"), resolver: (policy: nearest, ttl: "30 s")),
        (id: "web-east", kind: service, zones: ["east"]),
        (id: "web-west", kind: service, zones: ["west"]),
        (id: "db", kind: relational_store, zones: ["east"], data: (backup: (every: "6 h"{backup}))),
    ],
    links: [
        (id: "users-dns", from: "users", to: "dns", interaction: resolve),
        (id: "dns-east", from: "dns", to: "web-east", interaction: resolve, policy: (tries: 1)),
        (id: "dns-west", from: "dns", to: "web-west", interaction: resolve, policy: (tries: 1)),
        (id: "east-db", from: "web-east", to: "db"),
        (id: "west-db", from: "web-west", to: "db"),
    ],
    journeys: [
        (id: "look", client: "users", deadline: "2 s", steps: [
            (link: "users-dns", then: [(link: "dns-east"), (link: "dns-west")]),
        ]),
        (id: "buy", client: "users", deadline: "2 s", steps: [
            (link: "users-dns", then: [
                (link: "dns-east", then: [(link: "east-db", op: write)]),
                (link: "dns-west", then: [(link: "west-db", op: write)]),
            ]),
        ]),
    ],
)"#
    ))
}

#[test]
fn dns_is_followed_when_checks_have_missed_and_answers_have_run_out() {
    // What refuses is left out in the try itself, whatever DNS still says.
    let said = table(&regions("", ""));
    assert!(said.contains("look east served>served: not felt; nothing\n"), "{said}");
    // What answers with errors, because its own store is gone, is left out when DNS has seen it by a deep check.
    let deep = design(
        r#"(
    zones: [(id: "east", kind: region), (id: "west", kind: region)],
    components: [
        (id: "users", kind: client, zones: ["east", "west"]),
        (id: "dns", kind: dns, replicas: 2, detector: (mode: deep, interval: "500 ms"), resolver: (policy: nearest, ttl: "30 s")),
        (id: "web-east", kind: service, zones: ["east"]),
        (id: "web-west", kind: service, zones: ["west"]),
        (id: "db-east", kind: relational_store, zones: ["east"]),
        (id: "db-west", kind: relational_store, zones: ["west"]),
    ],
    links: [
        (id: "users-dns", from: "users", to: "dns", interaction: resolve),
        (id: "dns-east", from: "dns", to: "web-east", interaction: resolve, policy: (tries: 1)),
        (id: "dns-west", from: "dns", to: "web-west", interaction: resolve, policy: (tries: 1)),
        (id: "east-db", from: "web-east", to: "db-east"),
        (id: "west-db", from: "web-west", to: "db-west"),
    ],
    journeys: [
        (id: "look", client: "users", deadline: "2 s", steps: [
            (link: "users-dns", then: [
                (link: "dns-east", then: [(link: "east-db", op: read)]),
                (link: "dns-west", then: [(link: "west-db", op: read)]),
            ]),
        ]),
    ],
)"#,
    );
    let said = table(&deep);
    // 500 ms until the next check, two missed, then the old answer.
    assert!(said.contains("look db-east/1 part>served: 500 ms + 1 s + 30 s; nothing\n"), "{said}");
}

#[test]
fn a_place_comes_back_when_it_does_and_takes_the_backups_that_stand_in_it() {
    let said = table(&regions("", ""));
    // A region is assumed to be gone for four hours; a backup whose place nobody states is elsewhere.
    assert!(said.contains("buy east lost>lost: 4 h; 6 h\n"), "{said}");
    let stated = table(&regions(", zone: \"east\"", ", reliability: (mtbf: \"3650 d\", mttr: \"90 min\")"));
    assert!(stated.contains("buy east lost>lost: 1.5 h; everything\n"), "{stated}");
    assert!(stated.contains("buy db/1 lost>lost: 5 min + 25 min; 6 h\n"), "{stated}");
}

#[test]
fn every_part_says_where_it_comes_from() {
    let all = of(&shop(
        "",
        "",
        ", replicas: 3, replication: primary_backup(failover: automatic, voters: [\"db\"])",
        "",
    ));
    let db = all[0].failures.iter().find(|f| f.element == *"db/1").expect("the primary is lost");
    let said: Vec<(&str, Basis)> = db.back.parts.iter().map(|p| (p.source.as_str(), p.basis)).collect();
    let path = "components[db].replication.detect_after";
    assert_eq!(said, [(path, Basis::Default), (path, Basis::Default)]);
    assert!(!db.needs_repair);
    let DataLoss::UpTo(lag) = &db.loss else { panic!("{:?}", db.loss) };
    assert_eq!(lag.parts[0].basis, Basis::Assumed);
    assert_eq!(db.loses.as_ref().map(|c| c.as_str()), Some("db"));
}

#[test]
fn three_tiers_keep_what_they_promise() {
    let design = template("three-tier");
    let expected = "\
change balancer/1 served>served: not felt; nothing
change web/1 served>served: not felt; nothing
change app/1 served>served: not felt; nothing
change database/1 lost>served: 500 ms + 500 ms; nothing
change database/2 served>served: not felt; nothing
change database/3 served>served: not felt; nothing
change zone-a lost>served: 500 ms + 500 ms; nothing
change zone-b served>served: not felt; nothing
change zone-c served>served: not felt; nothing
";
    let said: String =
        table(&design).lines().filter(|l| l.starts_with("change ")).map(|l| format!("{l}\n")).collect();
    assert_eq!(said, expected);
    for journey in of(&design) {
        assert_eq!(journey.rto, Some(Millis(10_000.0)), "{} promises", journey.title);
        assert!(journey.failures.iter().all(|f| journey.meets_rto(f) == Some(true)));
        assert!(journey.failures.iter().all(|f| journey.meets_rpo(f) != Some(false)));
    }
    let report = analysis::run(&design, &Options::default());
    assert!(report.findings.iter().all(|f| !matches!(f.rule, "rto-at-risk" | "rpo-at-risk")));
}

/// What is served again without repair is what settles; what is not felt takes no time; a sum has no negative part.
#[test]
fn times_agree_with_what_settles_on_every_template() {
    for template in TEMPLATES {
        for journey in of(&design(template.text)) {
            assert!(!journey.failures.is_empty(), "{}: {}", template.name, journey.title);
            for f in &journey.failures {
                let what = format!("{}: {} {}", template.name, journey.title, line(f));
                assert_eq!(f.needs_repair, f.settled.1 < 1.0 - 1e-9, "{what}");
                if f.needs_repair {
                    assert!(f.back.total() >= Millis(60_000.0), "a template repairs by hand: {what}");
                } else if f.at_once.1 >= 1.0 - 1e-9 {
                    assert!(f.back.parts.is_empty(), "{what}");
                } else {
                    assert!(!f.back.parts.is_empty() && f.back.total() < Millis(60_000.0), "{what}");
                }
                assert!(f.back.parts.iter().all(|p| p.takes.get() >= 0.0 && !p.what.is_empty()), "{what}");
            }
        }
    }
}

/// A shop that asks a web tier over two zones and posts to a queue; the words in brackets are what each test varies.
fn posting(shop: &str, ask: &str) -> Design {
    design(&format!(
        r#"(
    zones: [(id: "a"), (id: "b")],
    components: [
        (id: "users", kind: client),
        (id: "shop", kind: service, replicas: 2{shop}),
        (id: "web", kind: service, replicas: 2, zones: ["a", "b"]),
        (id: "jobs", kind: queue, replicas: 3, replication: primary_backup(
            failover: automatic, voters: ["jobs"], detect_after: "400 ms")),
        (id: "worker", kind: worker, restart: after("20 s")),
    ],
    links: [
        (id: "enter", from: "users", to: "shop"),
        (id: "ask", from: "shop", to: "web", policy: ({ask})),
        (id: "post", from: "shop", to: "jobs", interaction: publish),
        (id: "take", from: "jobs", to: "worker", interaction: subscribe),
    ],
    journeys: [(id: "buy", client: "users", deadline: "2 s", steps: [
        (link: "enter", then: [(link: "ask"), (link: "post", then: [(link: "take", effect: "mail")])]),
    ])],
)"#
    ))
}

#[test]
fn what_is_silent_has_to_time_out_first() {
    let silent = |design: &Design| -> String {
        let lines = of(design).into_iter().flat_map(|j| j.silent).map(|f| format!("{}\n", line(&f)));
        lines.collect()
    };
    // Two requests have to fail, each after its time; what refuses is passed over at once.
    let passive = posting(", detector: (mode: passive)", "tries: 1, timeout: \"700 ms\"");
    assert_eq!(silent(&passive), "a part>served: 1.4 s; nothing\nb part>served: 1.4 s; nothing\n");
    assert!(table(&passive).contains("buy a part>served: 0 ms; nothing\n"), "{}", table(&passive));
    // Two tries do not fit in the time: a caller that only looks at refusals never gets past what is silent.
    let slow = posting("", "tries: 2, timeout: \"1500 ms\"");
    assert_eq!(silent(&slow), "a part>part: 3 h; nothing\nb part>part: 3 h; nothing\n");
    assert!(table(&slow).contains("buy a served>served: not felt; nothing\n"));
    // Checks see it whatever requests do.
    let checked = posting(", detector: (mode: shallow)", "tries: 2, timeout: \"1500 ms\"");
    assert_eq!(
        silent(&checked),
        "a part>served: 250 ms + 500 ms; nothing\nb part>served: 250 ms + 500 ms; nothing\n"
    );
}

#[test]
fn the_work_behind_a_queue_has_failures_of_its_own() {
    let said: String = of(&posting("", ""))
        .into_iter()
        .flat_map(|j| j.effects)
        .flat_map(|e| e.failures.into_iter().map(move |f| (e.effect.clone(), f)))
        .map(|(effect, f)| {
            let parts: Vec<String> = f.back.parts.iter().map(|p| p.takes.to_string()).collect();
            let repair = if f.needs_repair { ", repaired" } else { "" };
            format!(
                "{effect} {} {}>{}: {}{repair}\n",
                f.element,
                f.at_once.word(),
                f.settled.word(),
                parts.join(" + ")
            )
        })
        .collect();
    // Without a primary nothing is taken in; without a worker the messages wait. The journey itself feels only the first.
    assert_eq!(
        said,
        "buy/mail jobs/1 never>done: 400 ms + 400 ms\nbuy/mail worker/1 late>late: 20 s, repaired\n"
    );
    // What has no queue has no effect.
    assert!(of(&shop("", "", "", "")).iter().all(|j| j.effects.is_empty()));
}

/// The work behind a queue is as bad as the journey or worse only by what stands behind it: on every template whatever takes an
/// effect takes some of it, and whatever is settled as before takes less than a minute.
#[test]
fn effects_and_silent_zones_agree_with_what_settles_on_every_template() {
    let (mut effects, mut silent) = (0, 0);
    for template in TEMPLATES {
        let design = design(template.text);
        let fresh = evaluate(&expand(&design), &World::fresh(), Reading::Settled);
        let whole = |id: &str| -> f64 {
            let mut of = fresh.iter().flat_map(|j| &j.effects);
            of.find(|e| e.id == id).expect("an effect").done
        };
        for journey in of(&design) {
            for f in journey.effects.iter().flat_map(|e| &e.failures) {
                effects += 1;
                let what = format!("{}: {} {}", template.name, f.settled.id, f.element);
                let whole = whole(&f.settled.id) - 1e-9;
                assert!(f.at_once.done < whole || f.settled.done < whole, "{what}");
                assert_eq!(f.needs_repair, f.settled.done < whole, "{what}");
                assert_eq!(f.back.total() < Millis(60_000.0), !f.needs_repair, "{what}: {}", f.back.told());
            }
            for f in &journey.silent {
                silent += 1;
                let what = format!("{}: {} {}", template.name, journey.title, line(f));
                // Silence is never milder than refusal.
                let refusing = journey.failures.iter().find(|r| r.element == f.element);
                let refusing = refusing.unwrap_or_else(|| panic!("{what}"));
                assert!(f.at_once.1 <= refusing.at_once.1 + 1e-9, "{what}, {}", line(refusing));
                assert!(f.settled.1 <= refusing.settled.1 + 1e-9, "{what}, {}", line(refusing));
            }
        }
    }
    assert!(effects > 3 && silent > 20, "{effects} effects, {silent} zones");
}
