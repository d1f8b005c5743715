//! How fast a proof asks: so many requests a second in all, shared so that every journey's window is full at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::claim::{REQUESTS_MIN, requests_wanted};
use super::plan::{Experiment, settle_time};
use super::run::ProofOptions;
use crate::deploy::Deployment;
use crate::design::PerSecond;

/// Requests a second of all journeys together, where nobody says otherwise: what two cores carry through some fifty
/// processes without lagging.
pub const TOTAL_PER_S: f64 = 150.0;
/// Lateness of the load generator (99th percentile, milliseconds) beyond which a window is not trusted.
const LAG_MAX_MS: f64 = 100.0;
/// Of the capacity that the smallest survivor has, so much is used: impact is free of load.
const CAPACITY_USED_MAX: f64 = 0.3;

/// Gives the journeys of a deployment the rates at which a plan is tried, and says how to try it.
///
/// A journey of which a share is predicted needs more requests than one that is served or lost, and is asked for more
/// often: `total_per_s` in all, each journey in proportion to the largest window that the plan wants of it. No component
/// gets more than 30 % of what one instance of it can do (the worst that can be left of it), and no rate limit is felt.
pub fn pace(deployment: &mut Deployment, plan: &[Experiment], total_per_s: f64) -> ProofOptions {
    let mut wanted: BTreeMap<&str, f64> =
        deployment.routes.iter().map(|r| (r.journey.as_str(), REQUESTS_MIN as f64)).collect();
    for claim in plan.iter().flat_map(|e| &e.claims) {
        if let Some(most) = wanted.get_mut(claim.journey_asked()) {
            *most = most.max(requests_wanted(&claim.predicted) as f64);
        }
    }
    let all: f64 = wanted.values().sum();
    let mut rates: BTreeMap<String, f64> =
        wanted.into_iter().map(|(id, wanted)| (id.to_owned(), total_per_s * wanted / all)).collect();
    let within = within_capacity(deployment, &rates);
    rates.values_mut().for_each(|rate| *rate = (*rate * within).max(1e-3));
    for route in &mut deployment.routes {
        route.rate = PerSecond(rates[route.journey.as_str()]);
    }
    let deadline_ms = deployment.routes.iter().map(|r| r.deadline.get()).fold(0.0, f64::max);
    ProofOptions {
        settle: settle_time(deployment),
        deadline: Duration::from_secs_f64(deadline_ms / 1e3),
        rates,
        without_baseline: BTreeSet::new(),
        lag_max_ms: LAG_MAX_MS,
    }
}

/// By how much rates must be slowed so that no capacity and no rate limit is felt; at most 1.
fn within_capacity(deployment: &Deployment, rates: &BTreeMap<String, f64>) -> f64 {
    let components = &deployment.design.components;
    let mut asked = vec![0.0; components.len()];
    for route in &deployment.routes {
        for hop in &route.hops {
            asked[hop.target] += rates[route.journey.as_str()];
        }
    }
    let mut factor: f64 = 1.0;
    for (component, asked) in components.iter().zip(asked) {
        let limit = component.firewall.as_ref().and_then(|f| f.rate_limit).map_or(f64::INFINITY, |r| r.get());
        if asked > 0.0 {
            factor = factor.min(CAPACITY_USED_MAX * component.service.capacity().get().min(limit) / asked);
        }
    }
    factor
}
