//! Proofs against a laboratory that is made up: what the comparison concludes must not depend on a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use linchpin::deploy::{Deployment, expand};
use linchpin::design::{Component, Design, Journey, Kind, Link};
use linchpin::file::{Document, TEMPLATES};
use linchpin::impact::{Baseline, Reading, World, evaluate};
use linchpin::live::wire::OutcomeCounts;
use linchpin::proof::{
    CommonFaults, Comparison, Laboratory, LaboratoryError, Measured, Predicted, ProofOptions, Verdict, pace,
    pairs, plan, plan_while, requests_wanted, run, sample,
};

use crate::semantics::random;

/// Two web servers behind a balancer, and one database.
fn shop() -> Deployment {
    let mut design = Design { name: "Shop".into(), ..Design::default() };
    design.components = vec![
        Component::new("users", Kind::Client),
        Component::new("balancer", Kind::LoadBalancer),
        Component { replicas: 2, ..Component::new("web", Kind::Service) },
        Component::new("db", Kind::RelationalStore),
    ];
    design.links = vec![
        Link::new("enter", "users", "balancer"),
        Link::new("spread", "balancer", "web"),
        Link::new("query", "web", "db"),
    ];
    design.journeys = vec![Journey::new("buy", "users")];
    assert_eq!(design.problems(), vec![]);
    expand(&design)
}

/// Measures what a drawing says, after `lie` has had its way with it.
struct MadeUp<F: Fn(&World, f64) -> f64> {
    deployment: Deployment,
    world: World,
    now_us: u64,
    /// What each slice of time was like: its start and the share served in it.
    history: Vec<(u64, f64)>,
    lag_ms: Vec<f64>,
    lie: F,
    sent: u64,
}

impl<F: Fn(&World, f64) -> f64> MadeUp<F> {
    fn new(deployment: &Deployment, lie: F) -> Self {
        let mut new = Self {
            deployment: deployment.clone(),
            world: World::fresh(),
            now_us: 0,
            history: Vec::new(),
            lag_ms: Vec::new(),
            lie,
            sent: 0,
        };
        new.turn();
        new
    }

    fn turn(&mut self) {
        let truth = evaluate(&self.deployment, &self.world, Reading::Settled)[0].share;
        self.history.push((self.now_us, (self.lie)(&self.world, truth)));
    }
}

impl<F: Fn(&World, f64) -> f64> Laboratory for MadeUp<F> {
    fn now_us(&self) -> u64 {
        self.now_us
    }
    fn pass(&mut self, time: Duration) -> Result<(), LaboratoryError> {
        self.now_us += time.as_micros() as u64;
        Ok(())
    }
    fn break_it(&mut self, world: &World) -> Result<(), LaboratoryError> {
        self.world = world.clone();
        self.turn();
        Ok(())
    }
    fn heal(&mut self) -> Result<(), LaboratoryError> {
        self.world = World::fresh();
        self.turn();
        Ok(())
    }
    fn measured(&mut self, from_us: u64, to_us: u64) -> Measured {
        let share = self.history.iter().rev().find(|(at, _)| *at <= from_us).map_or(1.0, |(_, s)| *s);
        let sent = (to_us - from_us) / 10_000;
        let ok = (sent as f64 * share).round() as u64;
        self.sent += sent;
        let counts = OutcomeCounts { offered: sent, ok, failed: sent - ok, ..OutcomeCounts::default() };
        let lag = if self.lag_ms.is_empty() { 0.0 } else { self.lag_ms.remove(0) };
        Measured { journeys: BTreeMap::from([("buy".to_owned(), counts)]), lag_p99_ms: lag }
    }
}

fn options() -> ProofOptions {
    ProofOptions {
        settle: Duration::from_secs(1),
        deadline: Duration::from_secs(1),
        rates: BTreeMap::from([("buy".to_owned(), 100.0)]),
        without_baseline: BTreeSet::new(),
        lag_max_ms: 50.0,
    }
}

fn prove<F: Fn(&World, f64) -> f64>(laboratory: &mut MadeUp<F>) -> linchpin::proof::ProofReport {
    let plan = plan(&laboratory.deployment);
    run(plan, &options(), laboratory, None, &AtomicBool::new(false), &mut |_| {})
}

#[test]
fn a_cluster_that_does_what_the_drawing_says_confirms_every_claim() {
    let deployment = shop();
    let report = prove(&mut MadeUp::new(&deployment, |_, truth| truth));
    let predicted: Vec<(String, String)> =
        report.claims.iter().map(|c| (c.fault.clone(), c.predicted.outcome.clone())).collect();
    let expected = [("balancer/1", "lost"), ("web/1", "served"), ("web/2", "served"), ("db/1", "lost")];
    assert_eq!(predicted, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!(report.count(Verdict::Confirmed), 4, "{report:#?}");
    assert!(report.claims.iter().all(|c| c.attempts.len() == 1));
}

#[test]
fn a_cluster_that_survives_what_it_should_not_is_refuted_and_so_is_the_reverse() {
    let deployment = shop();
    let db_down = World::losing("db/1");
    let report = prove(&mut MadeUp::new(&deployment, |w, truth| if *w == db_down { 1.0 } else { truth }));
    let refuted: Vec<&str> = report
        .claims
        .iter()
        .filter(|c| c.verdict == Some(Verdict::Refuted))
        .map(|c| c.fault.as_str())
        .collect();
    assert_eq!(refuted, ["db/1"]);

    let web_down = World::losing("web/2");
    let report = prove(&mut MadeUp::new(&deployment, |w, truth| if *w == web_down { 0.97 } else { truth }));
    let refuted: Vec<&str> = report
        .claims
        .iter()
        .filter(|c| c.verdict == Some(Verdict::Refuted))
        .map(|c| c.fault.as_str())
        .collect();
    assert_eq!(refuted, ["web/2"], "97 % is not served");
}

#[test]
fn a_cluster_that_is_broken_before_anything_is_done_to_it_proves_nothing() {
    let deployment = shop();
    let report = prove(&mut MadeUp::new(&deployment, |_, truth| truth * 0.9));
    assert_eq!(report.count(Verdict::Inconclusive), 4);
    assert!(report.claims.iter().all(|c| c.attempts.len() == 3), "three tries, then no more");
    assert!(report.claims[0].attempts[0].why.contains("baseline before"));
}

#[test]
fn a_lagging_generator_is_tried_again_and_recorded() {
    let deployment = shop();
    let mut laboratory = MadeUp::new(&deployment, |_, truth| truth);
    // Baseline, window: the second reading is the first window.
    laboratory.lag_ms = vec![0.0, 400.0];
    let report = prove(&mut laboratory);
    let first = &report.claims[0];
    assert_eq!(first.attempts.len(), 2);
    assert_eq!(first.attempts[0].verdict, Verdict::Inconclusive);
    assert!(first.attempts[0].why.contains("lagged"), "{}", first.attempts[0].why);
    assert_eq!(first.verdict, Some(Verdict::Confirmed));
}

#[test]
fn the_number_of_requests_is_fixed_by_the_prediction_alone() {
    let of = |share: f64| requests_wanted(&Predicted { outcome: "part".into(), share, degraded_share: 0.0 });
    assert_eq!(of(1.0), 300);
    assert_eq!(of(0.0), 300);
    assert_eq!(of(0.5), 1600);
    assert!(of(0.9) > 300 && of(0.9) < 1600);
}

#[test]
fn a_sample_is_the_same_for_the_same_seed_and_covers_every_outcome() {
    let deployment = shop();
    let a = sample(plan(&deployment), 2, 7);
    assert_eq!(a, sample(plan(&deployment), 2, 7));
    let outcomes: std::collections::BTreeSet<&str> =
        a.iter().flat_map(|e| e.claims.iter().map(|c| c.predicted.outcome.as_str())).collect();
    assert_eq!(outcomes.len(), 2, "served and lost both stand in a sample of two");
}

#[test]
fn a_plan_claims_what_each_world_says_when_it_is_read_alone() {
    let drawn =
        TEMPLATES.iter().map(|t| Document::parse(t.text, t.name).expect("it can be read").design().clone());
    let mut claimed = 0;
    for design in drawn.chain((0..150).map(random::drawing)) {
        let deployment = expand(&design);
        for experiment in plan(&deployment) {
            let mut outcomes = evaluate(&deployment, &experiment.world, Reading::Settled);
            outcomes.retain(|o| !o.unstable);
            let journeys: Vec<(&str, Predicted)> =
                outcomes.iter().map(|o| (o.journey.as_str(), Predicted::of_journey(o))).collect();
            let effects: Vec<(&str, Predicted)> = outcomes
                .iter()
                .flat_map(|o| &o.effects)
                .map(|e| (e.id.as_str(), Predicted::of_effect(e)))
                .collect();
            for (of_effects, expected) in [(false, journeys), (true, effects)] {
                let claims = experiment.claims.iter().filter(|c| c.effect == of_effects);
                let said: Vec<(&str, Predicted)> =
                    claims.map(|c| (c.journey.as_str(), c.predicted.clone())).collect();
                assert_eq!(said, expected, "{}: {}", design.name, experiment.fault);
                claimed += said.len();
            }
        }
    }
    assert!(claimed > 2_000, "{claimed}");
}

#[test]
fn a_plan_that_is_called_off_asks_no_further_world() {
    let deployment = shop();
    let baseline = Baseline::new(&deployment, Reading::Settled);
    let mut asked = 0;
    let mut twice = || {
        asked += 1;
        asked <= 2
    };
    assert_eq!(plan_while(&deployment, &baseline, &mut twice), None);
    assert_eq!(asked, 3);
    assert_eq!(plan_while(&deployment, &baseline, &mut || true), Some(plan(&deployment)));
}

/// What the text says of each journey, by its own evaluation: lost or not.
fn lost(deployment: &Deployment, world: &World) -> BTreeSet<String> {
    let outcomes = evaluate(deployment, world, Reading::Settled);
    outcomes.iter().filter(|o| o.share == 0.0).map(|o| o.journey.to_string()).collect()
}

#[test]
fn of_pairs_half_lose_what_neither_loses_alone_and_half_lose_nothing() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/three-tier.ron"))
        .expect("a template");
    let deployment =
        expand(linchpin::file::Document::parse(&text, "three-tier.ron").expect("a design").design());
    let tried = pairs(&deployment, 6, 7);
    assert_eq!(tried, pairs(&deployment, 6, 7));
    assert_ne!(tried, pairs(&deployment, 6, 8), "another seed draws others");
    let (mut cuts, mut harmless) = (0, 0);
    for experiment in &tried {
        let both = lost(&deployment, &experiment.world);
        let [(a, _), (b, _)] = &experiment.world.down[..] else { panic!("{:?}", experiment.world) };
        let alone: BTreeSet<String> =
            [a, b].into_iter().flat_map(|e| lost(&deployment, &World::losing(e.clone()))).collect();
        if both.is_empty() {
            harmless += 1;
        } else {
            assert!(both.difference(&alone).next().is_some(), "{}: {both:?} {alone:?}", experiment.fault);
            cuts += 1;
        }
        assert!(experiment.claims.iter().all(|c| c.fault == experiment.fault));
    }
    assert_eq!((cuts, harmless), (6, 6));
}

#[test]
fn a_proof_goes_on_where_it_stopped() {
    let deployment = shop();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("proof.jsonl");
    let stop = AtomicBool::new(false);
    let mut record = linchpin::proof::Record::open(&path, &deployment.design).expect("a record");
    let first = run(
        plan(&deployment),
        &options(),
        &mut MadeUp::new(&deployment, |_, truth| truth),
        Some(&mut record),
        &stop,
        &mut |p| {
            if matches!(p, linchpin::proof::Progress::Judged(_)) {
                stop.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        },
    );
    assert!(first.cancelled);
    assert_eq!(first.count(Verdict::Confirmed), 1);

    let mut record = linchpin::proof::Record::open(&path, &deployment.design).expect("a record");
    assert_eq!(record.known.len(), 1);
    let mut tried = Vec::new();
    let second = run(
        plan(&deployment),
        &options(),
        &mut MadeUp::new(&deployment, |_, truth| truth),
        Some(&mut record),
        &AtomicBool::new(false),
        &mut |p| {
            if let linchpin::proof::Progress::Trying { fault, .. } = p {
                tried.push(fault);
            }
        },
    );
    assert_eq!(tried, ["web/1", "web/2", "db/1"]);
    assert_eq!(second.count(Verdict::Confirmed), 4);

    let mut other = (*deployment.design).clone();
    other.components[2].replicas = 3;
    assert!(linchpin::proof::Record::open(&path, &other).is_err(), "a record of another design is refused");
}

#[test]
fn journeys_share_the_load_by_what_their_windows_want_and_nobody_gets_more_than_survivors_carry() {
    let mut deployment = shop();
    let mut twin = deployment.routes[0].clone();
    twin.journey = "look".into();
    deployment.routes.push(twin);
    let mut experiments = plan(&deployment);
    for claim in experiments.iter_mut().flat_map(|e| &mut e.claims).filter(|c| c.journey == "look") {
        claim.predicted = Predicted { outcome: "part".into(), share: 0.5, degraded_share: 0.0 };
    }
    let how = pace(&mut deployment, &experiments, 95.0);
    // Half of 1600 requests lies within 5 points but once in ten thousand times; 300 are enough for all or nothing.
    assert_eq!((how.rates["buy"], how.rates["look"]), (95.0 * 300.0 / 1900.0, 95.0 * 1600.0 / 1900.0));
    assert_eq!(deployment.routes[1].rate.get(), how.rates["look"]);

    let smallest =
        deployment.design.components.iter().map(|c| c.service.capacity().get()).fold(1e9, f64::min);
    let how = pace(&mut deployment, &experiments, 1e9);
    let together: f64 = how.rates.values().sum();
    assert!((together - 0.3 * smallest).abs() < 1e-6, "{together} of {smallest}");
}

/// The shop with so many web servers.
fn shop_of(web: u32) -> Deployment {
    let mut design = Design::clone(&shop().design);
    design.components[2].replicas = web;
    expand(&design)
}

#[test]
fn a_change_is_tried_with_what_it_makes_come_out_differently() {
    let words = |f: &CommonFaults| -> Vec<String> {
        let pairs = f.pairs.iter().map(|(a, b)| format!("{a}+{b}"));
        f.alone.iter().cloned().chain(pairs).collect()
    };
    let of = |a: u32, b: u32| words(&CommonFaults::of_change(&shop_of(a), &shop_of(b)));
    assert_eq!(of(1, 2), ["web/1"], "what is lost either way tells nothing");
    assert_eq!(of(2, 3), ["web/1+web/2"], "only both at once tell two servers from three");
    assert_eq!(of(3, 4), [""; 0], "three at once are not tried");
    assert_eq!(of(2, 1), ["web/1"], "it tells what is taken away too");
    let faults = CommonFaults::of_change(&shop_of(2), &shop_of(3));
    let claims: Vec<String> =
        faults.experiments(&shop_of(3)).iter().map(|e| e.claims[0].predicted.outcome.clone()).collect();
    assert_eq!(claims, ["served"]);
    assert_eq!(faults.experiments(&shop_of(1)), vec![], "what is not there is not tried");
}

#[test]
fn a_loss_counts_as_gone_only_if_both_clusters_show_it() {
    let (before, after) = (shop_of(1), shop_of(2));
    let faults = CommonFaults::of_change(&before, &after);
    let prove = |deployment: &Deployment, lie: fn(&World, f64) -> f64| {
        let plan = faults.experiments(deployment);
        run(plan, &options(), &mut MadeUp::new(deployment, lie), None, &AtomicBool::new(false), &mut |_| {})
    };
    let honest = |_: &World, truth: f64| truth;
    let never_better = |w: &World, _: f64| if *w == World::fresh() { 1.0 } else { 0.0 };
    let never_worse = |_: &World, _: f64| 1.0;
    let told = |a: fn(&World, f64) -> f64, b: fn(&World, f64) -> f64| {
        let both = Comparison { before: prove(&before, a), after: prove(&after, b) };
        (both.lost_before(), both.kept_after(), both.is_fine())
    };
    assert_eq!(told(honest, honest), (1, 1, true));
    assert_eq!(told(honest, never_better), (1, 0, false));
    assert_eq!(told(never_worse, honest), (0, 0, false));
}
