//! Findings as text: each rule on designs that it must speak about and on designs that it must leave alone.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use linchpin::analysis::{self, Options, RULES, Report, RuleFamily, Severity};
use linchpin::design::{Accepted, Component, Design, Kind, Link};
use linchpin::file::Document;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/designs")
}

fn read(path: &Path) -> Design {
    Document::open(path).unwrap_or_else(|e| panic!("{e}")).design().clone()
}

/// The fixtures of a rule whose names end so, with their stems.
fn of_rule(rule: &str, ending: &str) -> Vec<(String, PathBuf)> {
    let rule = rule.replace('-', "_");
    let mut found: Vec<(String, PathBuf)> = std::fs::read_dir(fixtures())
        .expect("the fixtures are there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "ron"))
        .map(|path| (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), path))
        .filter(|(stem, _)| owner(stem) == Some(&rule) && stem.ends_with(ending))
        .collect();
    found.sort();
    found
}

/// The rule that a fixture is for: the longest rule name that it begins with.
fn owner(stem: &str) -> Option<&'static String> {
    static NAMES: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    let names = NAMES.get_or_init(|| RULES.iter().map(|r| r.card.id.replace('-', "_")).collect());
    names
        .iter()
        .filter(|n| stem.strip_prefix(n.as_str()).is_some_and(|rest| rest.starts_with('_')))
        .max_by_key(|n| n.len())
}

fn only(rule: &str) -> Options {
    Options { only: vec![rule.to_owned()], ..Options::default() }
}

fn shown(report: &Report) -> String {
    let mut text = String::new();
    for f in &report.findings {
        let _ = writeln!(text, "{} {}\n    {}\n    {}", f.severity.label(), f.id, f.title, f.text);
        let list = |ids: Vec<&str>| ids.join(" ");
        let _ = writeln!(text, "    subjects {}", list(f.subjects.iter().map(|e| e.as_str()).collect()));
        let _ = writeln!(text, "    journeys {}", list(f.journeys.iter().map(|e| e.as_str()).collect()));
        let _ = writeln!(text, "    witness  {}", list(f.witness.iter().map(|e| e.as_str()).collect()));
        if let Some(fix) = &f.fix {
            let _ = writeln!(text, "    fix      {} ({} changes)", fix.title, fix.changes.len());
        }
        if let Some(experiment) = &f.experiment {
            let _ = writeln!(text, "    try      {}", experiment.arguments().join(" "));
        }
    }
    text.lines().map(|l| format!("{}\n", l.trim_end())).collect()
}

#[test]
fn every_rule_fires_where_it_must_and_says_this() {
    for rule in RULES {
        let fires = of_rule(rule.card.id, "_fires");
        assert!(!fires.is_empty(), "{} has no fixture that fires", rule.card.id);
        for (stem, path) in fires {
            let design = read(&path);
            assert_eq!(design.problems(), [], "{stem} is a sound design");
            let report = analysis::run(&design, &only(rule.card.id));
            assert!(!report.findings.is_empty(), "{stem} finds nothing");
            assert!(
                report.findings.iter().all(|f| f.severity <= rule.card.severity),
                "{stem} is graver than its card"
            );
            expect_file![fixtures().join(format!("{stem}.txt"))].assert_eq(&shown(&report));
        }
    }
}

#[test]
fn every_rule_is_quiet_where_it_must() {
    for rule in RULES {
        let quiet = of_rule(rule.card.id, "_quiet");
        assert!(!quiet.is_empty(), "{} has no fixture that stays quiet", rule.card.id);
        for (stem, path) in quiet {
            let design = read(&path);
            assert_eq!(design.problems(), [], "{stem} is a sound design");
            let report = analysis::run(&design, &only(rule.card.id));
            assert_eq!(shown(&report), "", "{stem}");
        }
    }
}

#[test]
fn no_fixture_is_forgotten() {
    for entry in std::fs::read_dir(fixtures()).expect("the fixtures are there") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(owner(&stem).is_some(), "{stem} belongs to no rule");
        assert!(stem.ends_with("_fires") || stem.ends_with("_quiet"), "{stem} says neither fires nor quiet");
    }
}

#[test]
fn a_fix_mends_its_finding_and_keeps_the_design_sound() {
    let mut fixed = 0;
    for rule in RULES {
        for (stem, path) in of_rule(rule.card.id, "_fires") {
            let design = read(&path);
            for finding in analysis::run(&design, &only(rule.card.id)).findings {
                let Some(fix) = &finding.fix else { continue };
                let after = fix.applied_to(&design);
                assert_ne!(after, design, "{stem}: {} changes nothing", finding.id);
                assert_eq!(after.problems(), [], "{stem}: the fix of {}", finding.id);
                let left = analysis::run(&after, &only(rule.card.id));
                assert!(
                    left.findings.iter().all(|f| f.id != finding.id),
                    "{stem}: {} is still there",
                    finding.id
                );
                fixed += 1;
            }
        }
    }
    assert!(fixed >= 15, "only {fixed} fixes were tried");
}

#[test]
fn findings_point_at_what_the_design_has() {
    for rule in RULES {
        for (stem, path) in of_rule(rule.card.id, "_fires") {
            let design = read(&path);
            for f in analysis::run(&design, &only(rule.card.id)).findings {
                assert_eq!(f.rule, rule.card.id);
                assert!(f.id.split('@').next() == Some(rule.card.id), "{stem}: {}", f.id);
                let known = |id: &str| design.has_id(id.split('/').next().unwrap_or_default());
                assert!(f.subjects.iter().chain(&f.witness).all(|e| known(e.as_str())), "{stem}: {f:?}");
                assert!(!f.text.ends_with('.') && !f.text.contains('\n'), "{stem}: {}", f.text);
                let clients = |id: &str| design.component(id).is_some();
                assert!(
                    f.journeys.iter().all(|j| design.journey(j.as_str()).is_some() || clients(j.as_str())),
                    "{stem}"
                );
            }
        }
    }
}

#[test]
fn cards_are_complete_and_ids_unique() {
    let mut ids = BTreeSet::new();
    for rule in RULES {
        let card = rule.card;
        assert!(ids.insert(card.id), "{} twice", card.id);
        assert!(card.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", card.id);
        for text in [card.title, card.why, card.detected, card.fix, card.false_alarm, card.source] {
            assert!(text.len() > 5, "{}: {text:?}", card.id);
            assert!(!text.contains("  "), "{}: {text:?}", card.id);
        }
        assert_eq!(analysis::rule(card.id).map(|r| r.card), Some(card));
    }
    assert_eq!(analysis::rule("no-such-rule").map(|r| r.card.id), None);
    for family in RuleFamily::ALL {
        assert!(RULES.iter().any(|r| r.card.family == family), "{family:?} has no rule");
    }
}

#[test]
fn an_accepted_finding_is_marked_until_its_day() {
    let mut design = read(&fixtures().join("no_backup_fires.ron"));
    let id = "no-backup@orders-db";
    let report = analysis::run(&design, &Options::default());
    assert!(report.open().any(|f| f.id == id));

    design.accepted.push(Accepted {
        finding: id.to_owned(),
        reason: "it is a copy".to_owned(),
        until: "2026-06-30".to_owned(),
        ..Accepted::default()
    });
    let accepted = |today: Option<&str>| {
        let options = Options { today: today.map(str::to_owned), ..Options::default() };
        let report = analysis::run(&design, &options);
        let finding = report.findings.iter().find(|f| f.id == id).expect("it is marked, not dropped");
        assert_eq!(finding.accepted.is_none(), report.open().any(|f| f.id == id));
        finding.accepted.is_some()
    };
    assert!(accepted(None));
    assert!(accepted(Some("2026-06-30")));
    assert!(!accepted(Some("2026-07-01")));
}

#[test]
fn the_gravest_comes_first_and_twice_is_the_same() {
    let design = read(&fixtures().join("data_growth_fires.ron"));
    let report = analysis::run(&design, &Options::default());
    assert!(report.findings.is_sorted_by(|a, b| a.severity >= b.severity));
    assert_eq!(report.worst(), Some(Severity::Error));
    assert_eq!(analysis::run(&design, &Options::default()), report);
}

#[test]
fn nothing_is_said_of_nothing_and_broken_designs_do_not_stop_it() {
    assert_eq!(analysis::run(&Design::default(), &Options::default()).findings, []);
    let mut design = read(&fixtures().join("split_brain_fires.ron"));
    design.links.push(Link::new("dangling", "users", "nowhere"));
    design.components.push(Component::new("users", Kind::Service));
    design.components[2].zones.push("no-zone".into());
    design.zones[0].parent = Some("us-east".into());
    design.zones[1].parent = Some("eu-west".into());
    design.journeys[0].steps[0].link = "gone".into();
    let report = analysis::run(&design, &Options::default());
    assert!(report.problems.len() >= 4, "{:?}", report.problems);
}

#[test]
fn sharding_measures_agree_with_the_textbook() {
    use analysis::sharding::{gini, variation};
    let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
    assert!(close(gini(&[1.0, 1.0, 1.0, 1.0]), 0.0));
    assert!(close(gini(&[0.0, 0.0, 0.0, 1.0]), 0.75));
    assert!(close(gini(&[1.0, 2.0, 3.0, 4.0]), 0.25) && close(variation(&[1.0, 2.0, 3.0, 4.0]), 0.447_213_6));
    assert!(close(gini(&[5.0, 3.0, 1.0, 1.0]), 0.35) && close(variation(&[5.0, 3.0, 1.0, 1.0]), 0.663_325));
}

/// Rows of services over sharded stores: a design of that many components, three replicas each, in six zones.
fn wide(rows: usize) -> Design {
    use linchpin::design::{
        Consistency, KeyShape, PrimaryBackup, Replication, Sharding, Step, Strategy, Zone,
    };
    let mut design = Design::default();
    let zones: Vec<String> = (0..6).map(|z| format!("z{z}")).collect();
    design.zones.extend(zones.iter().map(|z| Zone { id: z.as_str().into(), ..Zone::default() }));
    design.components.push(Component::new("users", Kind::Client));
    design.components.push(Component { replicas: 2, ..Component::new("gateway", Kind::Gateway) });
    design.links.push(Link::new("in", "users", "gateway"));
    for row in 0..rows {
        let (service, store) = (format!("s{row}"), format!("d{row}"));
        let three = zones.iter().skip(row % 3).step_by(2).map(|z| z.as_str().into()).collect::<Vec<_>>();
        design.components.push(Component {
            replicas: 3,
            zones: three.clone(),
            ..Component::new(service.as_str(), Kind::Service)
        });
        let voted = PrimaryBackup {
            failover: linchpin::design::Failover::Automatic,
            voters: vec![store.as_str().into()],
            ..PrimaryBackup::default()
        };
        design.components.push(Component {
            replicas: 3,
            zones: three,
            replication: Some(Replication::PrimaryBackup(voted)),
            sharding: (row % 5 == 0).then(|| Sharding {
                shards: 4,
                strategy: Strategy::Rendezvous,
                key: String::new(),
                keys: linchpin::design::KeyDistribution { shape: KeyShape::Zipf { exponent: 1.0 }, count: 0 },
            }),
            ..Component::new(store.as_str(), Kind::RelationalStore)
        });
        design.links.push(Link::new(format!("g{row}"), "gateway", service.as_str()));
        design.links.push(Link::new(format!("q{row}"), service.as_str(), store.as_str()));
    }
    for j in 0..6 {
        let mut journey = linchpin::design::Journey::new(format!("j{j}"), "users");
        journey.consistency = Some(Consistency::Linearizable);
        let step =
            |link: String, then: Vec<Step>| Step { link: link.as_str().into(), then, ..Step::default() };
        let rows = (0..rows).filter(|row| row % 6 == j);
        let steps = rows.map(|r| step(format!("g{r}"), vec![step(format!("q{r}"), Vec::new())])).collect();
        journey.steps = vec![step("in".to_owned(), steps)];
        design.journeys.push(journey);
    }
    design
}

#[test]
fn a_wide_design_is_judged_whole() {
    let design = wide(12);
    assert_eq!(design.problems(), []);
    let report = analysis::run(&design, &Options::default());
    assert_eq!((report.stores.len(), report.balances.len()), (12, 3));
    let of = |rule: &str| report.findings.iter().filter(|f| f.rule == rule).count();
    // Every replica is spare; each of six journeys needs its gateway, services and stores as a whole. Every third row has
    // three replicas on the two zones z2 and z4, so that z2, or for odd shards z4, holds two of three votes.
    assert_eq!((of("spof-instance"), of("spof-zone"), of("spof-component"), of("spof-link")), (0, 2, 6, 6));
}
