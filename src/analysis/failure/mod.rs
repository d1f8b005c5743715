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
mod single;
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

use super::facts::{counted, listed};
use super::{Change, Experiment, Facts, Finding, Fix, Severity};
use crate::deploy::{self, Route};
use crate::design::{CauseId, ElementId, JourneyId, Replication, ZoneId};
use crate::impact::{self, Baseline, Conditions, Outcome, Reading, World};

pub use single::{Loss, Losses};
pub(super) use single::{distinct_instances, felt_components};

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
    let mut mends = vec![false; drafts.len()];
    for (n, (loss, fix)) in drafts.iter().enumerate() {
        let Some(fix) = fix else { continue };
        // What follows from what an edit has left as it was is as it was.
        let known = facts.before().and_then(|b| b.fixes.get(&loss.element)).filter(|(tried, _)| tried == fix);
        if let Some((_, mended)) = known.filter(|_| facts.losses().is_as_before(&loss.element)) {
            mends[n] = *mended;
            continue;
        }
        let touched: BTreeSet<String> = fix.changes.iter().map(|c| c.id().to_owned()).collect();
        match batches.iter_mut().find(|(taken, _)| taken.is_disjoint(&touched)) {
            Some((taken, members)) => {
                taken.extend(touched);
                members.push(n);
            }
            None => batches.push((touched, vec![n])),
        }
    }
    let mut untold: BTreeSet<usize> = BTreeSet::new();
    for (_, members) in batches {
        let mut after = facts.design.clone();
        for change in members.iter().filter_map(|n| drafts[*n].1.as_ref()).flat_map(|f| &f.changes) {
            change.apply(&mut after);
        }
        if !after.problems().is_empty() {
            // Which of them makes it unsound is not known, and another time it may be alone.
            untold.extend(members);
            continue;
        }
        let deployment = deploy::expand(&after);
        let baseline = Baseline::new(&deployment, Reading::Settled);
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
    if let Ok(mut tried) = facts.fixes.lock() {
        for (n, (loss, fix)) in drafts.iter().enumerate().filter(|(n, _)| !untold.contains(n)) {
            if let Some(fix) = fix {
                tried.insert(loss.element.clone(), (fix.clone(), mends[n]));
            }
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
