//! Deletion, with everything that would be left pointing nowhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::design::{Design, ElementId, Replication, Step, ZoneId};
use crate::edit::{Command, Edit, ItemRef};

use super::count;

/// Deletes elements, by their ids: components with their links, journeys' steps along those links, their places in
/// causes, votes and drawing; of a zone only the frame, what it held moves to the zone around it.
///
/// A journey whose client goes, goes too. One whose every step goes stays and follows all links again. Ids that name
/// nothing are passed over.
pub fn delete<S: AsRef<str>>(design: &Design, ids: &[S]) -> Command {
    let gone: BTreeSet<&str> = ids.iter().map(AsRef::as_ref).collect();
    let components: BTreeSet<&str> =
        design.components.iter().map(|c| c.id.as_str()).filter(|id| gone.contains(id)).collect();
    let zones: BTreeSet<&str> =
        design.zones.iter().map(|z| z.id.as_str()).filter(|id| gone.contains(id)).collect();
    let links: BTreeSet<&str> = (design.links.iter())
        .filter(|l| {
            gone.contains(l.id.as_str())
                || components.contains(l.from.as_str())
                || components.contains(l.to.as_str())
        })
        .map(|l| l.id.as_str())
        .collect();
    let is_gone = |id: &ElementId| {
        let id = id.as_str();
        let whole = id.split('/').next().unwrap_or_default();
        components.contains(whole) || zones.contains(id) || links.contains(id) || gone.contains(id)
    };
    let around = surviving_parents(design, &zones);

    let mut edits = Vec::new();
    for journey in &design.journeys {
        if gone.contains(journey.id.as_str()) || components.contains(journey.client.as_str()) {
            edits.push(Edit::Remove(ItemRef::Journey(journey.id.clone())));
        } else {
            let mut copy = journey.clone();
            if prune(&mut copy.steps, &links) {
                edits.push(Edit::Replace(copy.into()));
            }
        }
    }
    for cause in &design.causes {
        let members: Vec<ElementId> = cause.members.iter().filter(|m| !is_gone(m)).cloned().collect();
        if gone.contains(cause.id.as_str()) || (members.is_empty() && !cause.members.is_empty()) {
            edits.push(Edit::Remove(ItemRef::Cause(cause.id.clone())));
        } else if members.len() != cause.members.len() {
            edits.push(Edit::Replace(crate::design::Cause { members, ..cause.clone() }.into()));
        }
    }
    for (index, note) in design.notes.iter().enumerate() {
        let about: Vec<ElementId> = note.about.iter().filter(|e| !is_gone(e)).cloned().collect();
        if about.len() != note.about.len() {
            edits.push(Edit::ReplaceAt { index, item: crate::design::Note { about, ..note.clone() }.into() });
        }
    }
    for (index, decision) in design.decisions.iter().enumerate() {
        let about: Vec<ElementId> = decision.about.iter().filter(|e| !is_gone(e)).cloned().collect();
        if about.len() != decision.about.len() {
            let item = crate::design::Decision { about, ..decision.clone() }.into();
            edits.push(Edit::ReplaceAt { index, item });
        }
    }
    for link in &design.links {
        if links.contains(link.id.as_str()) {
            edits.push(Edit::Remove(ItemRef::Link(link.id.clone())));
        } else if let Some(mode) = &link.replication {
            let mut copy = link.clone();
            let mut mode = mode.clone();
            if take_votes(&mut mode, &components) {
                copy.replication = Some(mode);
                edits.push(Edit::Replace(copy.into()));
            }
        }
    }
    for component in &design.components {
        if components.contains(component.id.as_str()) {
            edits.push(Edit::Remove(ItemRef::Component(component.id.clone())));
            continue;
        }
        let mut copy = component.clone();
        copy.zones = move_out(&component.zones, &around);
        copy.client_weights.retain(|zone, _| !zones.contains(zone.as_str()));
        if let Some(backup) = copy.data.as_mut().and_then(|d| d.backup.as_mut())
            && backup.zone.as_ref().is_some_and(|z| zones.contains(z.as_str()))
        {
            backup.zone = None;
        }
        if let Some(mode) = &mut copy.replication {
            take_votes(mode, &components);
        }
        if copy != *component {
            edits.push(Edit::Replace(copy.into()));
        }
    }
    for zone in &design.zones {
        if zones.contains(zone.id.as_str()) {
            edits.push(Edit::Remove(ItemRef::Zone(zone.id.clone())));
        } else if let Some(parent) = &zone.parent
            && let Some(outer) = around.get(parent.as_str())
        {
            edits.push(Edit::Replace(crate::design::Zone { parent: outer.clone(), ..zone.clone() }.into()));
        }
    }
    let drawing = &design.drawing;
    edits.extend(
        (drawing.components.keys())
            .filter(|id| components.contains(id.as_str()))
            .map(|id| Edit::DrawComponent(id.clone(), None)),
    );
    edits.extend(
        (drawing.zones.keys())
            .filter(|id| zones.contains(id.as_str()))
            .map(|id| Edit::DrawZone(id.clone(), None)),
    );
    edits.extend(
        (drawing.links.keys())
            .filter(|id| links.contains(id.as_str()))
            .map(|id| Edit::DrawLink(id.clone(), None)),
    );
    Command::new(label(design, &gone, components.len(), zones.len()), edits)
}

fn label(design: &Design, gone: &BTreeSet<&str>, components: usize, zones: usize) -> String {
    if let Some(id) = gone.first()
        && gone.len() == 1
    {
        let title = design.component(id).map_or(*id, |c| c.title());
        return format!("Delete {title}");
    }
    match (components, zones) {
        (n, 0) if n == gone.len() => format!("Delete {}", count(n, "component")),
        (0, n) if n == gone.len() => format!("Delete {}", count(n, "zone")),
        _ => format!("Delete {}", count(gone.len(), "element")),
    }
}

/// For each zone that goes, the nearest zone around it that stays.
fn surviving_parents<'a>(design: &'a Design, gone: &BTreeSet<&'a str>) -> BTreeMap<&'a str, Option<ZoneId>> {
    let parents: BTreeMap<&str, Option<&ZoneId>> =
        design.zones.iter().map(|z| (z.id.as_str(), z.parent.as_ref())).collect();
    let survivor = |zone: &str| {
        let mut at = parents.get(zone).copied().flatten();
        // A design may come with zones in a circle; as many steps as zones are enough for any that do not.
        for _ in 0..parents.len() {
            match at {
                Some(id) if gone.contains(id.as_str()) => at = parents.get(id.as_str()).copied().flatten(),
                _ => return at.cloned(),
            }
        }
        None
    };
    gone.iter().map(|zone| (*zone, survivor(zone))).collect()
}

/// The zones of a component when some of them go: each that goes gives way to the one around it.
fn move_out(zones: &[ZoneId], around: &BTreeMap<&str, Option<ZoneId>>) -> Vec<ZoneId> {
    let mut out: Vec<ZoneId> = Vec::with_capacity(zones.len());
    for zone in zones {
        let place = match around.get(zone.as_str()) {
            Some(outer) => outer.clone(),
            None => Some(zone.clone()),
        };
        if let Some(place) = place
            && (!around.contains_key(zone.as_str()) || !out.contains(&place))
        {
            out.push(place);
        }
    }
    out
}

/// Drops the steps along links that go, with what they cause. Says whether there were any.
fn prune(steps: &mut Vec<Step>, links: &BTreeSet<&str>) -> bool {
    let before = steps.len();
    steps.retain(|s| !links.contains(s.link.as_str()));
    let mut hit = steps.len() != before;
    for step in steps {
        hit |= prune(&mut step.then, links);
    }
    hit
}

/// Drops components that go from what votes or coordinates. Says whether there were any.
fn take_votes(mode: &mut Replication, gone: &BTreeSet<&str>) -> bool {
    match mode {
        Replication::PrimaryBackup(pb) => {
            let before = pb.voters.len();
            pb.voters.retain(|v| !gone.contains(v.as_str()));
            pb.voters.len() != before
        }
        Replication::Chain(chain) => {
            let hit = chain.coordinator.as_ref().is_some_and(|c| gone.contains(c.as_str()));
            if hit {
                chain.coordinator = None;
            }
            hit
        }
        Replication::None
        | Replication::Consensus(_)
        | Replication::Quorum(_)
        | Replication::MultiPrimary(_) => false,
    }
}
