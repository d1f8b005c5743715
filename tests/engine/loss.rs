//! What each element takes from journeys by itself: against the naive evaluator, against the structure functions, and by the order
//! in which an engineer would put it.

use std::collections::BTreeMap;

use linchpin::analysis;
use linchpin::analysis::failure::loss::{Batch, Losses, losses};
use linchpin::deploy::{Deployment, expand};
use linchpin::design::{
    Component, Design, ElementId, Interaction, Journey, Kind, Link, PerSecond, Sharding, Zone,
};
use linchpin::file::{Document, TEMPLATES};
use linchpin::impact::{self, Conditions, Outcome, Reading, World, compile};

use crate::semantics::{naive, random};

/// Instances, zones and causes.
fn elements(deployment: &Deployment) -> Vec<String> {
    let instances = deployment.instances.iter().map(|i| i.id.to_string());
    let zones = deployment.design.zones.iter().map(|z| z.id.to_string());
    instances.chain(zones).chain(deployment.design.causes.iter().map(|c| c.id.to_string())).collect()
}

#[test]
fn every_loss_is_what_the_naive_evaluator_finds_when_each_element_is_lost_in_turn() {
    let (mut compared, mut partial) = (0, 0);
    for seed in 0..150 {
        let design = random::drawing(seed);
        let deployment = expand(&design);
        let found = losses(&deployment);
        assert!(!found.truncated);
        let fresh = naive::evaluate(&design, &naive::World::default(), naive::Reading::Settled);
        for element in elements(&deployment) {
            let world = naive::World { down: vec![element.clone()], ..naive::World::default() };
            let after = naive::evaluate(&design, &world, naive::Reading::Settled);
            let (mut total, mut rates) = (0.0, 0.0);
            for (r, (was, is)) in fresh.iter().zip(&after).enumerate() {
                let by_hand = if is.unstable { 0.0 } else { (was.share - is.share).max(0.0) };
                let told = found.journeys[r].iter().find(|l| l.element == *element.as_str());
                let told = told.map_or(0.0, |l| l.share_lost);
                assert!((told - by_hand).abs() < 1e-6, "seed {seed}, {element}: {told}, by hand {by_hand}");
                total += deployment.routes[r].rate.get() * by_hand;
                rates += deployment.routes[r].rate.get();
                partial += usize::from(by_hand > 1e-6 && by_hand < 1.0 - 1e-6);
                compared += 1;
            }
            let told = found.traffic.iter().find(|l| l.element == *element.as_str());
            let told = told.map_or(0.0, |l| l.share_lost);
            let by_hand = if rates > 0.0 { total / rates } else { told };
            assert!((told - by_hand).abs() < 1e-6, "seed {seed}, {element}: {told} of all traffic");
        }
    }
    assert!(compared > 1000 && partial > 30, "{compared} compared, {partial} of them partial");
}

#[test]
fn a_batch_says_of_every_single_failure_what_its_world_says() {
    let mut hit = 0;
    for seed in 0..200 {
        let design = random::drawing(seed);
        let deployment = expand(&design);
        let batch = Batch::of(&deployment);
        let found = batch.single_failures();
        for (route, found) in deployment.routes.iter().zip(found) {
            let structures = compile(&deployment, route);
            let fine = Conditions::new(&deployment, &World::fresh());
            for element in elements(&deployment) {
                let world = World::losing(ElementId::new(element.as_str()));
                let conditions = Conditions::new(&deployment, &world);
                let by_hand: f64 = structures
                    .iter()
                    .filter(|s| s.can_under(&fine) && !s.can_under(&conditions))
                    .map(|s| s.weight)
                    .sum();
                let told = found.get(element.as_str()).copied().unwrap_or(0.0);
                assert!((told - by_hand).abs() < 1e-9, "seed {seed}, {element}: {told}, by hand {by_hand}");
                hit += usize::from(by_hand > 0.0);
            }
        }
    }
    assert!(hit > 200, "only {hit}");
}

/// An only balancer before four servers and a store of sixteen shards.
fn sixteen_shards() -> Design {
    let mut d = Design::default();
    d.zones.push(Zone { id: "hall".into(), ..Zone::default() });
    let one = |id: &str, kind: Kind, replicas: u32| Component {
        replicas,
        zones: vec!["hall".into()],
        ..Component::new(id, kind)
    };
    d.components.push(Component::new("users", Kind::Client));
    d.components.push(one("balancer", Kind::LoadBalancer, 1));
    d.components.push(one("app", Kind::Service, 4));
    d.components.push(one("store", Kind::KeyValueStore, 1));
    d.components[3].sharding = Some(Sharding { shards: 16, ..Sharding::default() });
    for (from, to) in [("users", "balancer"), ("balancer", "app"), ("app", "store")] {
        d.links.push(Link {
            interaction: Interaction::Call,
            ..Link::new(format!("{from}-{to}").as_str(), from, to)
        });
    }
    d.journeys.push(Journey { rate: Some(PerSecond(10.0)), ..Journey::new("look", "users") });
    d
}

fn places(found: &Losses) -> BTreeMap<&str, (usize, f64, f64)> {
    let numbered = found.traffic.iter().enumerate();
    numbered.map(|(i, l)| (l.element.as_str(), (i, l.share_lost, l.expected))).collect()
}

#[test]
fn a_shard_of_sixteen_ranks_below_the_only_balancer() {
    let found = losses(&expand(&sixteen_shards()));
    let places = places(&found);
    let (balancer, share, _) = places["balancer/1"];
    assert!((share - 1.0).abs() < 1e-9);
    let mut shards = 0.0;
    for shard in 1..=16 {
        let (place, share, expected) = places[format!("store/{shard}/1").as_str()];
        assert!(place > balancer, "{places:?}");
        assert!(share > 0.0 && share < 0.3 && expected < places["balancer/1"].2, "{places:?}");
        shards += share;
    }
    // Every request touches one of them.
    assert!((shards - 1.0).abs() < 1e-9, "{shards}");
    // Four servers stand in for each other.
    assert!(!places.contains_key("app/1"), "{places:?}");
    assert!((places["hall"].1 - 1.0).abs() < 1e-9);
}

#[test]
fn templates_rank_what_stops_everything_above_what_takes_a_part() {
    let mut partial = 0;
    for template in TEMPLATES {
        let design = Document::parse(template.text, template.name).expect("a template").design().clone();
        let found = losses(&expand(&design));
        for list in found.journeys.iter().chain([&found.traffic]) {
            assert!(list.is_sorted_by(|a, b| a.expected >= b.expected), "{}: {list:?}", template.name);
            for loss in list {
                assert!(
                    loss.share_lost > 0.0 && loss.share_lost <= 1.0 + 1e-9,
                    "{}: {loss:?}",
                    template.name
                );
                assert!(loss.expected < loss.share_lost, "{}: {loss:?}", template.name);
                partial += usize::from(loss.share_lost < 0.999);
            }
        }
        // Of two elements that are down as often, the one that takes more stands first.
        for (i, a) in found.traffic.iter().enumerate() {
            for b in &found.traffic[i..] {
                let (p, q) = (a.expected / a.share_lost, b.expected / b.share_lost);
                assert!(
                    (p - q).abs() > 1e-12 * p || a.share_lost >= b.share_lost - 1e-9,
                    "{}: {a:?} before {b:?}",
                    template.name
                );
            }
        }
    }
    assert!(partial > 5, "{partial}");
}

/// The rules try many fixes in one copy; each must hold in a copy of its own.
#[test]
fn a_fix_that_is_offered_mends_alone() {
    let options = analysis::Options {
        only: vec!["spof-instance".to_owned(), "spof-zone".to_owned()],
        ..analysis::Options::default()
    };
    let mut tried = 0;
    for seed in 0..300 {
        let design = random::drawing(seed);
        for finding in analysis::run(&design, &options).findings {
            let Some(fix) = &finding.fix else { continue };
            let world = World::losing(finding.subjects[0].clone());
            let outcomes = |d: &Design| impact::evaluate(&expand(d), &world, Reading::Settled);
            let (before, after) = (outcomes(&design), outcomes(&fix.applied_to(&design)));
            let fresh = impact::evaluate(&expand(&design), &World::fresh(), Reading::Settled);
            for ((was, is), fresh) in before.iter().zip(&after).zip(&fresh) {
                if was.outcome == Outcome::Lost && fresh.outcome != Outcome::Lost {
                    tried += 1;
                    assert_ne!(is.outcome, Outcome::Lost, "seed {seed}: {} of {}", fix.title, finding.id);
                }
            }
        }
    }
    assert!(tried > 200, "only {tried} were tried");
}
