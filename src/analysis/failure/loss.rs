//! How much of the traffic each element takes with it: all of it, or the part that only it could serve.
//!
//! A minimal cut set says that a journey is lost; a shard of sixteen loses a sixteenth of it and is in none. So each instance,
//! zone and cause is lost alone, in the settled reading, and what the journeys then serve less is its *share lost*. Weighted
//! by how often the element is down it is the *expected* loss: the share of all requests that this element alone costs in the long
//! run. The worlds in which several are down are left out; their share is that of their chances multiplied.
//!
//! [`Batch`] answers the plainer question, which journeys cannot be served at all for whom, for every single failure at once.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::availability::chance_of;
use super::journeys::{Scope, of_structure};
use super::modules::simple;
use super::tree::FaultTree;
use crate::deploy::Deployment;
use crate::design::ElementId;
use crate::impact::{self, Baseline, Conditions, Event, Reading, World, compile_elements};

/// Below this a share has not changed.
const SHARE_EPSILON: f64 = 1e-9;
/// More elements than this are not tried one by one.
pub(super) const WORLDS_MAX: usize = 20_000;

/// What an element takes from a journey, or from all traffic.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// Instance, zone or cause.
    pub element: ElementId,
    /// Share of the requests that are lost while it is down and nothing else is, 0..=1.
    pub share_lost: f64,
    /// The same times the share of the time that it is down.
    pub expected: f64,
}

/// What every element takes from every journey.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    /// For each journey, in route order, what takes anything from it, the greatest expected loss first.
    pub journeys: Vec<Vec<Loss>>,
    /// What takes anything from all traffic, journeys weighted by their rates.
    pub traffic: Vec<Loss>,
    /// Whether there were more elements than are tried, or not enough time for all of them.
    pub truncated: bool,
}

/// Loses every instance, zone and cause alone and sees what the journeys then serve less.
pub fn losses(deployment: &Deployment) -> Losses {
    losses_while(deployment, &|| true)
}

/// As [`losses`]; before every element it is asked whether to go on. Zones and causes come first.
pub fn losses_while(deployment: &Deployment, go_on: &(dyn Fn() -> bool + Sync)) -> Losses {
    // Every one of them: what no structure function needs can still take a part, as the best of several answers does.
    let zones = (0..deployment.zones.len()).map(Event::Zone);
    let causes = (0..deployment.design.causes.len()).map(Event::Cause);
    let instances = (0..deployment.instances.len()).map(Event::Instance);
    let elements: Vec<(Event, ElementId)> = zones
        .chain(causes)
        .chain(instances)
        .filter_map(|event| Some((event, id_of(deployment, event)?)))
        .take(WORLDS_MAX + 1)
        .collect();
    let mut truncated = elements.len() > WORLDS_MAX;
    let elements = &elements[..elements.len().min(WORLDS_MAX)];
    let baseline = Baseline::new(deployment, Reading::Settled);
    let tried: Vec<Option<Vec<f64>>> = elements
        .par_iter()
        .map(|(_, id)| {
            if !go_on() {
                return None;
            }
            let conditions = Conditions::new(deployment, &World::losing(id.clone()));
            let taken = (baseline.fresh().iter().enumerate())
                .map(|(route, was)| {
                    let Some(is) = baseline.changed(&conditions, route) else { return 0.0 };
                    let lost = was.share - is.share;
                    if is.unstable || lost < SHARE_EPSILON { 0.0 } else { lost }
                })
                .collect();
            Some(taken)
        })
        .collect();
    truncated |= tried.iter().any(Option::is_none);
    let rates: f64 = deployment.routes.iter().map(|r| r.rate.get()).sum();
    let weight = |r: usize| {
        if rates > 0.0 {
            deployment.routes[r].rate.get() / rates
        } else {
            1.0 / deployment.routes.len() as f64
        }
    };
    let ranked = |share_of: &dyn Fn(&[f64]) -> f64| -> Vec<Loss> {
        let mut found: Vec<Loss> = elements
            .iter()
            .zip(&tried)
            .filter_map(|(element, taken)| Some((element, taken.as_deref()?)))
            .map(|((event, id), taken)| {
                let share_lost = share_of(taken);
                Loss { element: id.clone(), share_lost, expected: share_lost * chance_of(deployment, *event) }
            })
            .filter(|loss| loss.share_lost > 0.0)
            .collect();
        found.sort_by(|a, b| {
            let by = b.expected.total_cmp(&a.expected).then(b.share_lost.total_cmp(&a.share_lost));
            by.then_with(|| a.element.cmp(&b.element))
        });
        found
    };
    Losses {
        journeys: (0..deployment.routes.len()).map(|r| ranked(&|taken| taken[r])).collect(),
        traffic: ranked(&|taken| taken.iter().enumerate().map(|(r, lost)| weight(r) * lost).sum()),
        truncated,
    }
}

fn id_of(deployment: &Deployment, event: Event) -> Option<ElementId> {
    match event {
        Event::Instance(i) => Some(deployment.instances[i].id.clone()),
        Event::Zone(z) => Some(ElementId::from(&deployment.zones[z].id)),
        Event::Cause(c) => Some(ElementId::from(&deployment.design.causes[c].id)),
        Event::Link(_) | Event::Path(..) => None,
    }
}

/// The structure functions of a design made ready to be asked what every single failure does, again and again.
#[derive(Clone, Debug)]
pub struct Batch {
    /// For each journey the fault tree of each client zone and key class, with its share of the journey.
    journeys: Vec<Vec<(f64, FaultTree)>>,
}

impl Batch {
    /// Compiles every journey.
    pub fn of(deployment: &Deployment) -> Self {
        let journeys = deployment
            .routes
            .par_iter()
            .map(|route| {
                let ready = |s: impact::Structure| {
                    (s.weight, simple(&of_structure(deployment, &s, Scope::default())))
                };
                compile_elements(deployment, route).into_iter().map(ready).collect()
            })
            .collect();
        Self { journeys }
    }

    /// For each journey, in route order, the instances, zones and causes each of which alone leaves some client zone or key class
    /// unserved, whatever is chosen, with the share of the requests that these make. O(gates).
    pub fn single_failures(&self) -> Vec<BTreeMap<&str, f64>> {
        let mut found = Vec::with_capacity(self.journeys.len());
        for structures in &self.journeys {
            let mut lost: BTreeMap<&str, f64> = BTreeMap::new();
            for (weight, tree) in structures {
                for e in tree.single_points() {
                    *lost.entry(tree.events[e as usize].name.as_str()).or_default() += weight;
                }
            }
            found.push(lost);
        }
        found
    }
}
