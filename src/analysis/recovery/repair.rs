//! Until what is lost is back, where nothing takes over: it is started again, repaired, or a person acts.

use std::collections::BTreeSet;

use super::{Basis, FailureClass, Part, Span, mode_path};
use crate::analysis::Facts;
use crate::analysis::failure::availability::assumed_of_zone;
use crate::deploy::Route;
use crate::design::{Component, ElementId, Failover, Kind, Millis, Replication, Restart};

/// Until somebody learns of it, where no probe tells.
const NOTICED: Millis = Millis(5.0 * 60_000.0);
/// Until a person who has been told is awake, has understood, and has acted.
const ACTED: Millis = Millis(25.0 * 60_000.0);

/// The longest of the repairs that a journey waits for.
pub(super) fn span(
    facts: &Facts<'_>,
    route: &Route,
    felt: &BTreeSet<usize>,
    element: &ElementId,
    class: FailureClass,
    lost: &BTreeSet<usize>,
) -> Span {
    let mut hit: BTreeSet<usize> =
        lost.iter().map(|i| facts.deployment.instances[*i].component).filter(|c| felt.contains(c)).collect();
    // What a journey does without is repaired too, but nobody waits for it.
    let needed = |c: &usize| !is_only_watching(facts.design.components[*c].kind);
    hit.retain(needed);
    match class {
        FailureClass::Instance => {}
        FailureClass::Zone => {
            let Some(zone) = facts.design.zone(element.as_str()) else { return Span::default() };
            let stated = zone.reliability.map(|r| r.mttr);
            let mttr = stated.unwrap_or(assumed_of_zone(zone.kind).mttr);
            let basis = if stated.is_some() { Basis::Stated } else { Basis::Assumed };
            let what = format!("until {} is back", facts.zone_name(zone.id.as_str()));
            let source = format!("zones[{}].reliability.mttr", zone.id);
            let mut parts = vec![Part::new(what, mttr, source, basis)];
            let starts = hit.iter().filter_map(|c| start(facts, &facts.design.components[*c]));
            parts.extend(longest(starts.map(|p| Span { parts: vec![p] })).parts);
            return Span { parts };
        }
        FailureClass::Cause => {
            if let Some(r) = facts.design.cause(element.as_str()).and_then(|c| c.reliability) {
                let source = format!("causes[{element}].reliability.mttr");
                let what = "until what brought it about is repaired";
                return Span { parts: vec![Part::new(what, r.mttr, source, Basis::Stated)] };
            }
            if hit.is_empty() {
                return Span { parts: by_person(facts, route, "until a person has mended it") };
            }
        }
    }
    longest(hit.into_iter().map(|c| of_component(facts, route, c)))
}

fn is_only_watching(kind: Kind) -> bool {
    kind.is_insight() || kind == Kind::Client
}

fn longest(spans: impl Iterator<Item = Span>) -> Span {
    spans.fold(Span::default(), Span::longer)
}

/// Until a component that has lost instances is as it was.
fn of_component(facts: &Facts<'_>, route: &Route, component: usize) -> Span {
    let c = &facts.design.components[component];
    if let Some(part) = start(facts, c) {
        let mut parts = vec![part];
        if c.kind == Kind::Function {
            let function = c.function.clone().unwrap_or_default();
            parts.push(Part::of(
                "until it is warm",
                function.cold_start,
                function.cold_start(),
                format!("components[{}].function.cold_start", c.id),
            ));
        }
        return Span { parts };
    }
    if let Some(r) = c.reliability {
        let source = format!("components[{}].reliability.mttr", c.id);
        return Span { parts: vec![Part::new("until it is repaired", r.mttr, source, Basis::Stated)] };
    }
    let group = facts.deployment.group_of[component].map(|g| &facts.deployment.groups[g]);
    let chooses = group.filter(|g| {
        matches!(&g.mode, Replication::PrimaryBackup(pb) if pb.failover == Failover::Manual)
            && g.shards.iter().all(|s| s.len() > 1)
    });
    match chooses {
        Some(group) => {
            let mut parts = by_person(facts, route, "until a person has chosen a new primary");
            if let Some(last) = parts.last_mut() {
                last.source = format!("{}.failover", mode_path(facts, group));
            }
            Span { parts }
        }
        None => {
            let mut parts = by_person(facts, route, "until a person has brought it back");
            if let Some(last) = parts.last_mut() {
                last.source = format!("components[{}].restart", c.id);
            }
            Span { parts }
        }
    }
}

/// Until it is started again by itself, where it is.
fn start(facts: &Facts<'_>, c: &Component) -> Option<Part> {
    let Restart::After(time) = c.restart else { return None };
    let what = format!("until {} is started again", facts.name(c));
    Some(Part::new(what, time, format!("components[{}].restart", c.id), Basis::Stated))
}

/// Until somebody has noticed and a person has acted.
fn by_person(facts: &Facts<'_>, route: &Route, acts: &str) -> Vec<Part> {
    let source = format!("journeys[{}].probe", route.journey);
    let noticed = match facts.drawn(route).and_then(|j| j.probe) {
        Some(every) => Part::new("until a probe fails", every, source, Basis::Stated),
        None => Part::new("until somebody notices", NOTICED, source, Basis::Assumed),
    };
    vec![noticed, Part::new(acts, ACTED, "", Basis::Assumed)]
}
