//! What stops which journey: every single loss, tried on the meaning of the drawing.
//!
//! [`Losses`] evaluates the settled world of each element that could fail alone, once for all rules of this family.
//! A loss that leaves a journey lost is a single point of failure; one that leaves part of it is said more quietly.
//!
//! Source: order-1 minimal cut sets, Barlow and Proschan, Statistical Theory of Reliability (1975).
//!
//! [`journeys`] turns the same structure functions into fault trees, [`solve`] answers what is asked of any fault tree: minimal
//! cut sets, their number, probability, importance; [`availability`] adds up what that gives for each journey.
//!
//! Never: load.

pub mod availability;
pub mod bdd;
pub mod bounds;
pub mod count;
pub mod effort;
mod factors;
pub mod hidden_cause;
pub mod importance;
pub mod journeys;
mod list;
pub mod loss;
pub mod modules;
pub mod order;
pub mod sample;
pub mod solve;
pub mod spof_cause;
pub mod spof_component;
pub mod spof_instance;
pub mod spof_link;
pub mod spof_zone;
pub mod table;
pub mod tree;
pub mod what_if;
pub mod zbdd;

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::facts::{counted, listed};
use super::{Change, Experiment, Facts, Finding, Fix, Severity};
use crate::deploy::{self, Route};
use crate::design::{CauseId, ComponentId, ElementId, JourneyId, Kind, Replication, ZoneId};
use crate::impact::{self, Baseline, Conditions, JourneyOutcome, Outcome, World};

/// More worlds than this are not tried; elements that come later in the file are then not spoken of.
const WORLDS_MAX: usize = 4_000;
/// Below this a share has not changed.
const SHARE_EPSILON: f64 = 1e-9;

/// What every single loss leaves of the journeys.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    /// Instances, in file order; of those that are alike, the first.
    pub instances: Vec<Loss>,
    /// Zones in which something stands.
    pub zones: Vec<Loss>,
    /// Drawn causes.
    pub causes: Vec<Loss>,
    /// Components of more than one instance.
    pub components: Vec<Loss>,
    /// Links that some journey visits.
    pub links: Vec<Loss>,
}

/// What one loss leaves of the journeys that it hurts.
#[derive(Clone, Debug)]
pub struct Loss {
    /// What is lost.
    pub element: ElementId,
    /// How many elements beside it are alike in kind, place and use, so that what is said of it is true of each.
    pub alike: usize,
    /// Journeys of which nothing is served, by their position among the routes.
    pub lost: Vec<usize>,
    /// Journeys of which part is served, with the share that is lost.
    pub part: Vec<(usize, f64)>,
}

impl Losses {
    /// Tries every single loss. Says nothing of a design that cannot be expanded in full.
    pub fn of(facts: &Facts<'_>) -> Self {
        Self::tried(facts, true, &|| true)
    }

    /// Tries the loss of every instance, zone and cause; before each it is asked whether to go on.
    pub(super) fn of_elements(facts: &Facts<'_>, go_on: &(dyn Fn() -> bool + Sync)) -> Self {
        Self::tried(facts, false, go_on)
    }

    fn tried(facts: &Facts<'_>, with_wholes: bool, go_on: &(dyn Fn() -> bool + Sync)) -> Self {
        if !facts.problems.is_empty() || facts.routes().is_empty() {
            return Self::default();
        }
        let deployment = &facts.deployment;
        let feels = felt_components(facts);
        let used: BTreeSet<usize> = feels.iter().flatten().copied().collect();
        let baseline = Baseline::new(deployment);
        let tried = |elements: Vec<(ElementId, usize)>| -> Vec<Loss> {
            elements
                .into_par_iter()
                .take(WORLDS_MAX)
                .filter(|_| go_on())
                .map(|(element, alike)| {
                    let conditions = Conditions::new(deployment, &World::losing(element.clone()));
                    compare(element, alike, baseline.fresh(), |route| baseline.changed(&conditions, route))
                })
                .filter(|loss| !loss.lost.is_empty() || !loss.part.is_empty())
                .collect()
        };
        let is_used = |zone: usize| {
            (0..deployment.instances.len()).any(|i| {
                used.contains(&deployment.instances[i].component) && deployment.chain_of(i).contains(&zone)
            })
        };
        let visited: BTreeSet<usize> =
            facts.routes().iter().flat_map(|r| r.hops.iter().map(|h| h.link)).collect();
        let one = |id: ElementId| (id, 0);
        let elements = Self {
            instances: merged(tried(distinct_instances(facts, &used))),
            zones: tried(
                (0..deployment.zones.len())
                    .filter(|z| is_used(*z))
                    .map(|z| one(ElementId::from(&deployment.zones[z].id)))
                    .collect(),
            ),
            causes: tried(facts.design.causes.iter().map(|c| one(ElementId::from(&c.id))).collect()),
            ..Self::default()
        };
        if !with_wholes {
            return elements;
        }
        Self {
            components: tried(
                used.iter()
                    .filter(|c| deployment.components[**c].instances.len() > 1)
                    .map(|c| one(ElementId::from(&deployment.components[*c].id)))
                    .collect(),
            ),
            links: tried(
                visited.into_iter().map(|l| one(ElementId::from(&facts.design.links[l].id))).collect(),
            ),
            ..elements
        }
    }
}

/// Instances of one component that take the same from the same journeys, as one loss: shards, say.
fn merged(losses: Vec<Loss>) -> Vec<Loss> {
    let same = |a: &Loss, b: &Loss| {
        let whole = |l: &'_ Loss| l.element.as_str().find('/').unwrap_or(l.element.as_str().len());
        a.element.as_str()[..whole(a)] == b.element.as_str()[..whole(b)]
            && a.lost == b.lost
            && a.part.len() == b.part.len()
            && a.part.iter().zip(&b.part).all(|(x, y)| x.0 == y.0 && (x.1 - y.1).abs() < 0.01)
    };
    let mut kept: Vec<Loss> = Vec::new();
    for loss in losses {
        match kept.iter_mut().find(|k| same(k, &loss)) {
            Some(first) => first.alike += 1 + loss.alike,
            None => kept.push(loss),
        }
    }
    kept
}

fn compare(
    element: ElementId,
    alike: usize,
    fresh: &[JourneyOutcome],
    after: impl Fn(usize) -> Option<JourneyOutcome>,
) -> Loss {
    let mut loss = Loss { element, alike, lost: Vec::new(), part: Vec::new() };
    for (route, was) in fresh.iter().enumerate() {
        // What is lost when nothing is broken is not the fault of what breaks.
        if was.outcome == Outcome::Lost {
            continue;
        }
        let Some(is) = after(route).filter(|is| !is.unstable) else { continue };
        if is.outcome == Outcome::Lost {
            loss.lost.push(route);
        } else if is.share < was.share - SHARE_EPSILON {
            loss.part.push((route, was.share - is.share));
        }
    }
    loss
}

/// For each route the components whose loss it can feel: what it visits, what that keeps its copies with, who votes there,
/// and what deep checks ask.
pub(super) fn felt_components(facts: &Facts<'_>) -> Vec<BTreeSet<usize>> {
    let deployment = &facts.deployment;
    let probed: Vec<usize> =
        deployment.probes.values().flat_map(|r| r.hops.iter().map(|h| h.target)).collect();
    let of = |route: &Route| {
        let visited: BTreeSet<usize> =
            route.hops.iter().map(|h| h.target).chain(probed.iter().copied()).collect();
        with_company(facts, visited)
    };
    deployment.routes.iter().map(of).collect()
}

/// Components, and those that they keep copies with, stand in for, or let vote.
fn with_company(facts: &Facts<'_>, visited: BTreeSet<usize>) -> BTreeSet<usize> {
    let company = visited.iter().flat_map(|c| impact::company_of(&facts.deployment, *c));
    let mut used: BTreeSet<usize> = company.chain(visited.iter().copied()).collect();
    used.retain(|c| facts.design.components[*c].kind != Kind::Client);
    used
}

/// One instance for each set that is alike, with the number of the others.
///
/// Nothing is cut in these worlds, so that stateless replicas differ only where a resolver prefers the nearest; of replicas
/// that keep copies the first leads, the last may be a tail, and those between are alike.
pub(super) fn distinct_instances(facts: &Facts<'_>, used: &BTreeSet<usize>) -> Vec<(ElementId, usize)> {
    let deployment = &facts.deployment;
    let mut found: Vec<(ElementId, usize)> = Vec::new();
    for &c in used {
        let resolves = |id: &ComponentId| {
            facts.component(id).is_some_and(|from| from.kind == Kind::Dns || from.resolver.is_some())
        };
        let place_matters = facts.links_to(&deployment.components[c].id).iter().any(|l| resolves(&l.from));
        let group = deployment.group_of[c].map(|g| &deployment.groups[g]);
        let mut seen: Vec<(u32, usize, usize)> = Vec::new();
        for i in deployment.components[c].instances.clone() {
            let instance = &deployment.instances[i];
            let role = match group.filter(|g| g.ring_n == 0) {
                Some(group) => {
                    let shard = group.shards.iter().find(|s| s.contains(&i)).map_or(&[][..], Vec::as_slice);
                    match shard.iter().position(|r| *r == i).unwrap_or(0) {
                        0 => 0,
                        last if last + 1 == shard.len() => 2,
                        _ => 1,
                    }
                }
                None if group.is_some() => i,
                None if place_matters => instance.zone.map_or(0, |z| z + 1),
                None => 0,
            };
            match seen.iter().find(|(shard, r, _)| (*shard, *r) == (instance.shard, role)) {
                Some((_, _, at)) => found[*at].1 += 1,
                None => {
                    seen.push((instance.shard, role, found.len()));
                    found.push((instance.id.clone(), 0));
                }
            }
        }
    }
    found
}

/// The finding of a loss: graver where a journey is lost than where a part of it is.
fn finding(
    facts: &Facts<'_>,
    rule: &'static str,
    loss: &Loss,
    name: &str,
    lost: Severity,
    part: Severity,
) -> Finding {
    let title = |r: usize| facts.routes()[r].title.as_str();
    let mut said = Vec::new();
    if !loss.lost.is_empty() {
        said.push(format!("stops {}", listed(loss.lost.iter().map(|r| title(*r)), 3)));
    }
    if !loss.part.is_empty() {
        let worst = loss.part.iter().map(|(_, share)| *share).fold(0.0, f64::max);
        let names = listed(loss.part.iter().map(|(r, _)| title(*r)), 3);
        let upto = if loss.part.len() > 1 { "up to " } else { "" };
        said.push(format!("takes {upto}{} of {names}", percent(worst)));
    }
    let others = match loss.alike {
        0 => String::new(),
        1 => " (and so does its twin)".to_owned(),
        n => format!(" (and so does each of the {n} alike)"),
    };
    let severity = if loss.lost.is_empty() { part } else { lost };
    let journeys: BTreeSet<usize> =
        loss.lost.iter().copied().chain(loss.part.iter().map(|(r, _)| *r)).collect();
    let first = loss.lost.first().copied().or(loss.part.first().map(|(r, _)| *r)).unwrap_or(0);
    let (does, hit) = if loss.lost.is_empty() {
        ("takes part of", loss.part.iter().map(|(r, _)| *r).collect())
    } else {
        ("stops", loss.lost.clone())
    };
    let what = if let [only] = hit[..] { title(only).to_owned() } else { counted(hit.len(), "journey") };
    Finding::new(
        rule,
        severity,
        vec![loss.element.clone()],
        format!("{name} alone {}{others}", said.join(" and ")),
    )
    .titled(format!("{} {does} {what}", capital(name)))
    .journeys(journeys.into_iter().map(|r| facts.routes()[r].journey.clone()))
    .witness(way_through(facts, &facts.routes()[first], &loss.element))
    .experiment(Experiment::down(loss.element.clone()))
}

/// The advisory that groups, for one journey, what alone would stop it.
fn advisory(
    facts: &Facts<'_>,
    rule: &'static str,
    losses: &[Loss],
    route: usize,
    said: impl Fn(usize, &str) -> String,
) -> Option<Finding> {
    let stops: Vec<&Loss> = losses.iter().filter(|l| l.lost.contains(&route)).collect();
    let first = stops.first()?;
    let r = &facts.routes()[route];
    let names: Vec<String> = stops.iter().map(|l| facts.element_name(l.element.as_str())).collect();
    let names = listed(names.iter().map(String::as_str), 5);
    let text = said(stops.len(), &names);
    Some(
        Finding::new(rule, Severity::Info, stops.iter().map(|l| l.element.clone()).collect(), text)
            .named([r.journey.as_str()])
            .journeys([r.journey.clone()])
            .witness(way_through(facts, r, &first.element))
            .experiment(Experiment::down(first.element.clone())),
    )
}

/// The way of a journey to what is lost. Where the element itself is not on it, it is named at the end.
fn way_through(facts: &Facts<'_>, route: &Route, element: &ElementId) -> Vec<ElementId> {
    let mut way = impact::witness(&facts.deployment, route, &World::losing(element.clone()));
    if way.len() == 1 {
        way = by_group(facts, route, element).unwrap_or(way);
    }
    let whole = element.as_str().split('/').next().unwrap_or_default();
    let is_instance = element.as_str() != whole;
    if is_instance && way.last().is_some_and(|last| last.as_str() == whole) {
        // The way ends at the component; the finding is about one instance of it.
        way.pop();
    }
    if !way.contains(element) {
        way.push(element.clone());
    }
    way
}

/// The way to the group whose voters or copies the element is among.
fn by_group(facts: &Facts<'_>, route: &Route, element: &ElementId) -> Option<Vec<ElementId>> {
    let gone: BTreeSet<usize> = facts
        .deployment
        .instances_of(element.as_str())
        .into_iter()
        .map(|i| facts.deployment.instances[i].component)
        .collect();
    let touches = |target: usize| {
        let Some(group) = facts.deployment.group_of[target].map(|g| &facts.deployment.groups[g]) else {
            return false;
        };
        let votes = match &group.mode {
            Replication::PrimaryBackup(pb) => {
                pb.voters.iter().any(|v| facts.index(v).is_some_and(|i| gone.contains(&i)))
            }
            Replication::Chain(c) => {
                c.coordinator.iter().any(|v| facts.index(v).is_some_and(|i| gone.contains(&i)))
            }
            _ => false,
        };
        votes || group.members.iter().any(|m| gone.contains(m))
    };
    let hop = route.hops.iter().position(|h| touches(h.target))?;
    Some(facts.way(route, hop))
}

/// The fixes that truly mend: after each, no journey that its loss stops is stopped any more.
///
/// Fixes of different elements are tried in one copy, each with its own loss: while only that is down, more copies of what is up
/// change nothing, and a copy for each of hundreds of fixes would take minutes.
fn proven(facts: &Facts<'_>, drafts: Vec<(&Loss, Option<Fix>)>) -> Vec<Option<Fix>> {
    let mut batches: Vec<(BTreeSet<String>, Vec<usize>)> = Vec::new();
    for (n, (_, fix)) in drafts.iter().enumerate() {
        let Some(fix) = fix else { continue };
        let touched: BTreeSet<String> = fix.changes.iter().map(|c| c.id().to_owned()).collect();
        match batches.iter_mut().find(|(taken, _)| taken.is_disjoint(&touched)) {
            Some((taken, members)) => {
                taken.extend(touched);
                members.push(n);
            }
            None => batches.push((touched, vec![n])),
        }
    }
    let mut mends = vec![false; drafts.len()];
    for (_, members) in batches {
        let mut after = facts.design.clone();
        for change in members.iter().filter_map(|n| drafts[*n].1.as_ref()).flat_map(|f| &f.changes) {
            change.apply(&mut after);
        }
        if !after.problems().is_empty() {
            continue;
        }
        let deployment = deploy::expand(&after);
        let baseline = Baseline::new(&deployment);
        for n in members {
            let loss = drafts[n].0;
            let conditions = Conditions::new(&deployment, &World::losing(loss.element.clone()));
            let stopped = |route: &usize| {
                let id: &JourneyId = &facts.routes()[*route].journey;
                let mut after = deployment.routes.iter().enumerate().filter(|(_, r)| r.journey == *id);
                after.any(|(r, _)| baseline.read(&conditions, r).outcome == Outcome::Lost)
            };
            mends[n] = !loss.lost.iter().any(stopped);
        }
    }
    drafts.into_iter().zip(mends).map(|((_, fix), mends)| fix.filter(|_| mends)).collect()
}

/// A name that we made up begins a title with a capital; one that somebody gave stays as it is.
fn capital(name: &str) -> String {
    let ours = ["replica ", "shard ", "the "].iter().any(|w| name.starts_with(w));
    let mut chars = name.chars();
    match chars.next().filter(|_| ours) {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => name.to_owned(),
    }
}

fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent >= 0.95 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

/// The shown name of a zone with its kind.
fn zone_name(facts: &Facts<'_>, id: &ZoneId) -> String {
    facts.design.zone(id.as_str()).map_or_else(
        || id.to_string(),
        |z| {
            // An id says little: the kind goes before it. A name speaks for itself.
            if z.name.is_empty() { format!("the {} {id}", z.kind.label()) } else { z.name.clone() }
        },
    )
}

/// The shown name of a cause.
fn cause_name(facts: &Facts<'_>, id: &CauseId) -> String {
    let cause = facts.design.cause(id.as_str());
    cause.filter(|c| !c.name.is_empty()).map_or_else(|| id.to_string(), |c| c.name.clone())
}

/// One change as a fix.
fn single(title: impl Into<String>, change: Change) -> Fix {
    Fix { title: title.into(), changes: vec![change] }
}
