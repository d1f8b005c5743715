//! Which worlds are worth trying, and how long each needs to settle.

use std::collections::BTreeSet;
use std::time::Duration;

use super::claim::{Claim, Predicted};
use crate::deploy::Deployment;
use crate::design::{DetectorMode, ElementId, Kind, Replication, When};
use crate::impact::{Baseline, Cut, JourneyOutcome, Reading, World};

/// One world to try, with what is claimed of each journey in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// The fault in words; unique within a plan.
    pub fault: String,
    /// What sort of fault it is.
    pub class: FaultClass,
    /// The world.
    pub world: World,
    /// One claim for each journey and effect.
    pub claims: Vec<Claim>,
}

/// The sort of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultClass {
    /// One instance is killed.
    Instance,
    /// A zone fails: all that stands in it.
    Zone,
    /// A cause strikes: all its members.
    Cause,
    /// A zone is cut off from the rest.
    Boundary,
    /// Two of the first three at a time.
    Pair,
}

impl FaultClass {
    /// The plain name.
    pub fn label(self) -> &'static str {
        match self {
            FaultClass::Instance => "instance",
            FaultClass::Zone => "zone",
            FaultClass::Cause => "cause",
            FaultClass::Boundary => "boundary",
            FaultClass::Pair => "pair",
        }
    }
}

/// Every instance, zone, cause and zone boundary against every journey and effect.
///
/// Instances of what only watches are left in: that losing them stops nothing is a claim too. Zones in which nothing
/// stands are left out. Claims about outcomes that a partition leaves open (`unstable`) are not made.
///
/// O(worlds x hops that feel them), after one reading of the unbroken deployment; for a boundary the whole deployment is read.
pub fn plan(deployment: &Deployment) -> Vec<Experiment> {
    let baseline = Baseline::new(deployment, Reading::Settled);
    plan_while(deployment, &baseline, &mut || true).unwrap_or_default()
}

/// The same from a settled baseline of the deployment; before every world it is asked whether to go on, and after a no there is
/// none.
pub fn plan_while(
    deployment: &Deployment,
    baseline: &Baseline,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Vec<Experiment>> {
    worlds(deployment)
        .map(|(fault, class, world)| {
            let claims = go_on().then(|| claims(&fault, &baseline.evaluate(deployment, &world)))?;
            Some(Experiment { fault, class, world, claims })
        })
        .collect()
}

/// Each world worth trying, with the fault in words.
fn worlds(deployment: &Deployment) -> impl Iterator<Item = (String, FaultClass, World)> {
    let populated: BTreeSet<usize> =
        (0..deployment.instances.len()).flat_map(|i| deployment.chain_of(i)).copied().collect();
    let zones: Vec<&str> = populated.into_iter().map(|z| deployment.zones[z].id.as_str()).collect();
    let losing = |id: &str, class: FaultClass| (id.to_owned(), class, World::losing(ElementId::new(id)));
    let boundary = |zone: &str| {
        let text = format!("{zone}:*");
        let cuts = Cut::parse(&text).unwrap_or_default();
        (text, FaultClass::Boundary, World::fresh().and_cut(cuts))
    };
    let instances = deployment.instances.iter().map(move |i| losing(i.id.as_str(), FaultClass::Instance));
    let failing = zones.clone().into_iter().map(move |z| losing(z, FaultClass::Zone));
    let causes = deployment.design.causes.iter().map(move |c| losing(c.id.as_str(), FaultClass::Cause));
    instances.chain(failing).chain(causes).chain(zones.into_iter().map(boundary))
}

/// What is claimed of every journey and effect in a world, from how each journey fares in it.
pub(super) fn claims(fault: &str, outcomes: &[JourneyOutcome]) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut add = |journey: &str, effect: bool, predicted: Predicted| {
        claims.push(Claim {
            id: format!("{fault}@{journey}"),
            fault: fault.to_owned(),
            journey: journey.to_owned(),
            effect,
            predicted,
            observed: None,
            verdict: None,
            attempts: Vec::new(),
        });
    };
    for outcome in outcomes {
        if outcome.unstable {
            continue;
        }
        add(outcome.journey.as_str(), false, Predicted::of_journey(outcome));
        for effect in &outcome.effects {
            add(&effect.id, true, Predicted::of_effect(effect));
        }
    }
    claims
}

/// A part of a plan: `count` experiments, the same for the same seed. The first of each class and of each predicted
/// outcome come first, so that a small sample is not a narrow one.
pub fn sample(plan: Vec<Experiment>, count: usize, seed: u64) -> Vec<Experiment> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut order: Vec<usize> = (0..plan.len()).collect();
    random.shuffle(&mut order);
    let mut seen = BTreeSet::new();
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for index in order {
        let experiment = &plan[index];
        let fresh: Vec<(FaultClass, String)> =
            experiment.claims.iter().map(|c| (experiment.class, c.predicted.outcome.clone())).collect();
        let known = seen.len();
        seen.extend(fresh);
        let is_new = seen.len() > known;
        if is_new { first.push(index) } else { rest.push(index) }
    }
    first.extend(rest);
    first.truncate(count);
    first.sort_unstable();
    let mut plan: Vec<Option<Experiment>> = plan.into_iter().map(Some).collect();
    first.into_iter().filter_map(|i| plan[i].take()).collect()
}

/// How long everything that a settled prediction counts on may take: detection, failover, the expiry of cached answers
/// and entries. Read from the drawing, with room for a busy machine.
pub fn settle_time(deployment: &Deployment) -> Duration {
    let design = &deployment.design;
    let mut longest_ms: f64 = 500.0;
    for component in &design.components {
        let detector = component.detector();
        if matches!(detector.mode, DetectorMode::Shallow | DetectorMode::Deep | DetectorMode::Passive) {
            // One more interval for a check that had just begun, and its time-out.
            longest_ms = longest_ms.max(detector.interval().get() * f64::from(detector.threshold() + 2));
        }
        if let Some(resolver) = component.resolver.as_ref().filter(|_| component.kind == Kind::Dns) {
            longest_ms = longest_ms.max(resolver.ttl().get());
        } else if component.kind == Kind::Dns {
            longest_ms = longest_ms.max(1000.0);
        }
        if matches!(component.kind, Kind::Cache | Kind::Cdn) {
            longest_ms = longest_ms.max(component.cache.clone().unwrap_or_default().ttl().get());
        }
        for slot in &component.slots {
            if let When::Every(t) = slot.when {
                longest_ms = longest_ms.max(t.get());
            }
        }
        if component.kind.is_messaging() {
            longest_ms = longest_ms.max(component.queue.clone().unwrap_or_default().redeliver_after().get());
        }
    }
    // Silence is learned of by a try that times out; several silent targets by one after another.
    for hop in deployment.routes.iter().flat_map(|r| &r.hops).filter(|h| h.fits) {
        longest_ms = longest_ms.max(hop.timeout.get() * f64::from(hop.tries.min(2)));
    }
    for link in &design.links {
        if let Some(beat) = &link.heartbeat {
            longest_ms = longest_ms.max(beat.every().get() * f64::from(beat.misses() + 1));
        }
        if let Some(breaker) = &link.policy.breaker {
            longest_ms = longest_ms.max(breaker.reset.get());
        }
    }
    let mut failover_ms: f64 = 0.0;
    for group in &deployment.groups {
        let detect = match &group.mode {
            Replication::PrimaryBackup(pb) => pb.detect_after().get() * 2.0,
            Replication::Consensus(c) => c.election_timeout.map_or(1000.0, |t| t.get()) * 2.0,
            _ => 0.0,
        };
        failover_ms = failover_ms.max(detect);
    }
    // A failover has to be noticed by who calls, so the two follow each other.
    Duration::from_secs_f64((longest_ms + failover_ms) * 1.25 / 1e3 + 0.5)
}
