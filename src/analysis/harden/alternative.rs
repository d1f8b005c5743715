//! A second target under an `any` need, a way round an inline cache, and needs made optional.

use super::change::{Draft, Remedy};
use crate::analysis::{Change, Facts};
use crate::design::{
    Component, ComponentId, Detector, DetectorMode, Interaction, Journey, JourneyId, Kind, Link, LinkId,
    Need, Op, Slot, Step,
};

/// What lets callers do without a component.
pub(super) fn alternatives(facts: &Facts<'_>, component: &str, journeys: &[JourneyId]) -> Vec<Draft> {
    let Some(c) = facts.component(component) else { return Vec::new() };
    let mut drafts = Vec::new();
    if c.kind == Kind::ExternalSystem {
        drafts.extend(second_provider(facts, c));
    }
    if matches!(c.kind, Kind::Cache | Kind::Cdn) {
        drafts.extend(way_round(facts, c));
    }
    drafts.extend(made_optional(facts, c, journeys));
    drafts
}

/// Somebody else's second system beside the first, with health checks and one `any` need over both.
fn second_provider(facts: &Facts<'_>, c: &Component) -> Option<Draft> {
    let mut taken = facts.design.clone();
    let id = ComponentId::new(taken.mint_id(&format!("{}-2", c.id)));
    let name = if c.name.is_empty() { String::new() } else { format!("{} 2", c.name) };
    let second = Component { id: id.clone(), name, ..c.clone() };
    taken.components.push(second.clone());
    let mut changes = vec![Change::AddComponent { component: Box::new(second), near: Some(c.id.clone()) }];
    let mut journeys = facts.design.journeys.clone();
    let calls = facts.links_to(&c.id).iter().filter(|l| l.interaction == Interaction::Call);
    for link in calls {
        let caller = facts.component(&link.from)?;
        let mut new = Link { to: id.clone(), label: String::new(), ..(*link).clone() };
        new.id = LinkId::new(taken.mint_id(&format!("{}-2", link.id)));
        if !caller.kind.spreads() {
            // A slot that holds more than this link has a need of its own.
            if caller.slots.iter().any(|s| s.name == link.slot) {
                return None;
            }
            let slot = Slot { name: c.id.to_string(), need: Need::Any, ..Slot::default() };
            new.slot = slot.name.clone();
            changes.push(Change::link(link, |l| l.slot = c.id.to_string()));
            amend(&mut changes, caller, |caller| {
                caller.slots.push(slot);
                caller
                    .detector
                    .get_or_insert(Detector { mode: DetectorMode::Shallow, ..Detector::default() });
            });
        }
        for journey in &mut journeys {
            beside(&mut journey.steps, &link.id, &|step| Step { link: new.id.clone(), ..step.clone() });
        }
        taken.links.push(new.clone());
        changes.push(Change::AddLink(Box::new(new)));
    }
    changes.extend(changed(&facts.design.journeys, journeys));
    let title = format!("Take a second {}, with health checks over both", c.title());
    Some(Draft::new(Remedy::Alternative, title, changes))
}

/// A bypass from each caller of an inline cache to what stands behind it.
fn way_round(facts: &Facts<'_>, c: &Component) -> Option<Draft> {
    let behind = facts.links_from(&c.id).iter().find(|l| l.interaction == Interaction::Call)?;
    let mut taken = facts.design.clone();
    let mut journeys = facts.design.journeys.clone();
    let mut changes = Vec::new();
    for link in facts.links_to(&c.id).iter().filter(|l| l.interaction == Interaction::Call) {
        let mut new = Link::new(
            LinkId::new(taken.mint_id(&format!("{}-round-{}", link.from, c.id))),
            link.from.clone(),
            behind.to.clone(),
        );
        new.interaction = Interaction::Bypass;
        new.tls = behind.tls;
        new.authentication = behind.authentication;
        for journey in &mut journeys {
            let along = |step: &Step| {
                let inner = step.then.iter().find(|s| s.link == behind.id);
                let op = inner.and_then(|s| s.op).or(step.op).or(Some(Op::Call));
                let base = inner.cloned().unwrap_or_default();
                Step { link: new.id.clone(), op, ..base }
            };
            beside(&mut journey.steps, &link.id, &along);
        }
        taken.links.push(new.clone());
        changes.push(Change::AddLink(Box::new(new)));
    }
    if changes.is_empty() {
        return None;
    }
    changes.extend(changed(&facts.design.journeys, journeys));
    Some(Draft::new(Remedy::Bypass, format!("Let callers go round {}", c.title()), changes))
}

/// The need for a component made optional in every caller whose only need of it is this link. Whether requests may be
/// answered without it is for a person to say; nothing is proposed of what is more than read, of what a client or a balancer
/// calls, and of what carries requests further.
fn made_optional(facts: &Facts<'_>, c: &Component, journeys: &[JourneyId]) -> Option<Draft> {
    let routes = || facts.routes().iter().filter(|r| journeys.contains(&r.journey));
    let index = facts.index(&c.id)?;
    let is_asked_only = matches!(c.kind, Kind::Cache | Kind::Cdn | Kind::SearchIndex | Kind::ModelServer);
    let written = routes().flat_map(|r| &r.hops).any(|h| {
        // A call may do anything: charge a card, say. Only a read is sure to do nothing that would be missed later.
        let only_reads = h.op == Op::Read || (is_asked_only && h.op == Op::Call);
        h.target == index && (!only_reads || !h.slots.is_empty())
    });
    let carries = c.kind.is_messaging() || (c.kind.is_store() && !matches!(c.kind, Kind::SearchIndex));
    if written || carries || matches!(c.kind, Kind::Firewall | Kind::IdentityProvider | Kind::Coordinator) {
        return None;
    }
    let mut changes = Vec::new();
    for link in facts.links_to(&c.id).iter().filter(|l| l.interaction == Interaction::Call) {
        let caller = facts.component(&link.from)?;
        if caller.kind == Kind::Client || caller.kind.spreads() || !link.slot.is_empty() {
            return None;
        }
        let name = link.id.to_string();
        changes.push(Change::link(link, |l| l.slot.clone_from(&name)));
        amend(&mut changes, caller, |caller| {
            caller.slots.push(Slot { name, need: Need::Optional, ..Slot::default() });
        });
    }
    let title = format!("Answer without {} while it is gone", c.title());
    (!changes.is_empty()).then(|| Draft::new(Remedy::Optional, title, changes))
}

/// Changes a component, on top of what is changed of it already.
fn amend(changes: &mut Vec<Change>, c: &Component, change: impl FnOnce(&mut Component)) {
    let known = changes.iter_mut().find_map(|known| match known {
        Change::ReplaceComponent(known) if known.id == c.id => Some(known),
        _ => None,
    });
    match known {
        Some(known) => change(known),
        None => changes.push(Change::component(c, change)),
    }
}

/// Puts a further step after each one along a link, in all depths.
pub(super) fn beside(steps: &mut Vec<Step>, link: &LinkId, further: &dyn Fn(&Step) -> Step) {
    let mut at = 0;
    while at < steps.len() {
        beside(&mut steps[at].then, link, further);
        if steps[at].link == *link {
            let new = further(&steps[at]);
            steps.insert(at + 1, new);
            at += 1;
        }
        at += 1;
    }
}

/// The journeys that are not what they were.
pub(super) fn changed(before: &[Journey], after: Vec<Journey>) -> Vec<Change> {
    let pairs = before.iter().zip(after);
    pairs.filter(|(a, b)| *a != b).map(|(_, b)| Change::ReplaceJourney(Box::new(b))).collect()
}
