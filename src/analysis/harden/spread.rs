//! Copies over more zones, and causes taken apart: against what takes all copies at once.

use std::collections::BTreeSet;

use super::change::{Draft, Remedy};
use super::copies::set_majority;
use super::standing::{Cut, CutClass};
use crate::analysis::{Change, Facts};
use crate::design::{Cause, CauseId, Component, ElementId, JourneyId, Kind, Replication, Zone, ZoneId};

/// Leaf zones like a given one that are not to be avoided: those beside it first, then those that hold most.
pub(super) fn other_leaves(facts: &Facts<'_>, like: usize, avoid: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let deployment = &facts.deployment;
    let zone = |z: usize| &facts.design.zones[z];
    let trust = |z: usize| {
        let chain = deployment.zones[z].chain.iter().rev();
        chain.map(|z| zone(*z).trust).find(|t| *t != crate::design::Trust::Inherited)
    };
    let mut others: Vec<usize> = (0..deployment.zones.len())
        .filter(|z| deployment.zones[*z].is_leaf(*z) && *z != like && !avoid(*z))
        .filter(|z| zone(*z).kind == zone(like).kind && trust(*z) == trust(like))
        .collect();
    others.sort_by_key(|z| {
        let beside = deployment.zones[*z].parent == deployment.zones[like].parent;
        let held = deployment.instances.iter().filter(|i| i.zone == Some(*z)).count();
        (!beside, std::cmp::Reverse(held), *z)
    });
    others
}

/// Places outside what fails: existing zones first, new ones beside what fails where they do not suffice.
struct Places {
    found: Vec<ZoneId>,
    new: Vec<Change>,
}

impl Places {
    fn outside(facts: &Facts<'_>, like: usize, failing: usize, avoid: &dyn Fn(usize) -> bool) -> Self {
        let deployment = &facts.deployment;
        let mut found: Vec<ZoneId> = other_leaves(facts, like, avoid)
            .into_iter()
            .take(2)
            .map(|z| deployment.zones[z].id.clone())
            .collect();
        let original = &facts.design.zones[failing];
        let mut new = Vec::new();
        let mut number = 2;
        while found.len() < 2 {
            let id = loop {
                let id = format!("{}-{number}", original.id);
                number += 1;
                if !facts.design.has_id(&id) {
                    break id;
                }
            };
            let name = if original.name.is_empty() {
                String::new()
            } else {
                format!("{} {}", original.name, number - 1)
            };
            let zone = Zone { id: ZoneId::new(id.as_str()), name, ..original.clone() };
            found.push(zone.id.clone());
            new.push(Change::AddZone(Box::new(zone)));
        }
        Self { found, new }
    }

    /// The shown name of the first.
    fn name(&self, facts: &Facts<'_>) -> String {
        let new = self.new.iter().find_map(|c| match c {
            Change::AddZone(zone) if zone.id == self.found[0] => Some(&**zone),
            _ => None,
        });
        let zone = new.or_else(|| facts.design.zone(self.found[0].as_str()));
        zone.filter(|z| !z.name.is_empty()).map_or_else(|| self.found[0].to_string(), |z| z.name.clone())
    }
}

/// Everything that the journeys use and that stands too much in what fails also stands outside it.
pub(super) fn spread_out_of(facts: &Facts<'_>, cut: &Cut, journeys: &[JourneyId]) -> Vec<Draft> {
    let deployment = &facts.deployment;
    let zones_of = |(class, element): (CutClass, &ElementId)| -> Vec<usize> {
        match class {
            CutClass::Instance => Vec::new(),
            CutClass::Zone => deployment.zone_index(element.as_str()).into_iter().collect(),
            CutClass::Cause => {
                let members = facts.design.cause(element.as_str()).map(|c| c.members.as_slice());
                members.unwrap_or_default().iter().filter_map(|m| deployment.zone_index(m.as_str())).collect()
            }
        }
    };
    let failing: BTreeSet<usize> = cut.members().flat_map(zones_of).collect();
    let Some(&first) = failing.first() else { return Vec::new() };
    let avoid = |leaf: usize| deployment.zones[leaf].chain.iter().any(|z| failing.contains(z));
    let used: BTreeSet<usize> = used_by(facts, journeys);
    let Some(like) =
        used.iter().flat_map(|c| deployment.components[*c].leaves.iter().copied()).find(|leaf| avoid(*leaf))
    else {
        return Vec::new();
    };
    let places = Places::outside(facts, like, first, &avoid);
    let mut changes = places.new.clone();
    for &index in &used {
        if let Some(change) = spread(facts, index, &places.found, &avoid) {
            changes.push(change);
        }
    }
    if changes.len() == places.new.len() {
        return Vec::new();
    }
    let title_of = |(class, element): (CutClass, &ElementId)| -> Option<String> {
        let name = match class {
            CutClass::Instance => return None,
            CutClass::Zone => facts.design.zone(element.as_str()).map(|z| z.name.clone()),
            CutClass::Cause => facts.design.cause(element.as_str()).map(|c| c.name.clone()),
        };
        Some(name.filter(|n| !n.is_empty()).unwrap_or_else(|| element.to_string()))
    };
    let name = cut.members().filter_map(title_of).collect::<Vec<_>>().join(" and ");
    let to = places.name(facts);
    let title = format!("Let what stands only in {name} also stand in {to}");
    vec![Draft::new(Remedy::Spread, title, changes)]
}

/// Components that some of the journeys visit, with those that vote on them or keep copies for them.
fn used_by(facts: &Facts<'_>, journeys: &[JourneyId]) -> BTreeSet<usize> {
    let deployment = &facts.deployment;
    let routes = facts.routes().iter().filter(|r| journeys.contains(&r.journey));
    let visited: BTreeSet<usize> = routes.flat_map(|r| r.hops.iter().map(|h| h.target)).collect();
    let mut used = visited.clone();
    for group in visited.iter().filter_map(|c| deployment.group_of[*c]).map(|g| &deployment.groups[g]) {
        used.extend(group.members.iter().copied());
        let voters = match &group.mode {
            Replication::PrimaryBackup(pb) => pb.voters.as_slice(),
            Replication::Chain(chain) => chain.coordinator.as_slice(),
            _ => &[],
        };
        used.extend(voters.iter().filter_map(|v| facts.index(v)));
    }
    used.retain(|c| {
        let kind = facts.design.components[*c].kind;
        kind != Kind::Client && !kind.is_insight()
    });
    used
}

/// The component with enough of it outside what is avoided, if it is not so already.
fn spread(
    facts: &Facts<'_>,
    index: usize,
    others: &[ZoneId],
    avoid: &dyn Fn(usize) -> bool,
) -> Option<Change> {
    let deployment = &facts.deployment;
    let c = &facts.design.components[index];
    let instances = deployment.components[index].instances.clone();
    let all = instances.len();
    let inside = instances.filter(|i| deployment.instances[*i].zone.is_some_and(avoid)).count();
    let group = deployment.group_of[index].map(|g| &deployment.groups[g]);
    let mut new = c.clone();
    let own: Vec<ZoneId> =
        deployment.components[index].leaves.iter().map(|z| deployment.zones[*z].id.clone()).collect();
    match group.map(|g| (&g.mode, g.members.len())) {
        None | Some((Replication::MultiPrimary(_), 1)) => {
            let needed = (c.min_healthy as usize).max(1);
            if all == 0 || all - inside >= needed {
                return None;
            }
            // Instances go round over the zones: as many of its own as it has instances for, then the other.
            let stay = if needed > 1 { 1 } else { (c.replicas as usize).min(own.len()) };
            new.zones = own.iter().take(stay).chain(others.first()).cloned().collect();
            new.replicas = c.replicas.max(new.zones.len() as u32).max(2 * needed as u32);
        }
        Some((Replication::Chain(_), _)) => return None,
        Some((mode, 1)) => {
            let outside = all - inside;
            let votes_elsewhere = matches!(mode, Replication::PrimaryBackup(pb)
                if !pb.voters.is_empty() && !pb.voters.contains(&c.id));
            if votes_elsewhere {
                if outside > 0 {
                    return None;
                }
                new.zones = own.first().into_iter().chain(others.first()).cloned().collect();
                new.replicas = c.replicas.max(2);
            } else {
                let is_majority = !matches!(mode, Replication::None) && 2 * outside > all;
                if is_majority {
                    return None;
                }
                // One inside, the others outside: of three no place holds two.
                new.zones = own.first().into_iter().chain(others.iter().take(2)).cloned().collect();
                new.replicas = c.replicas.max(3);
                set_majority(facts, index, &mut new);
            }
        }
        // Of two components that keep copies for each other, the one that comes second moves.
        Some((_, _)) => {
            let group = group?;
            let (first, rest) = group.members.split_first()?;
            let stands_inside = |m: &usize| {
                let mut i = deployment.components[*m].instances.clone();
                i.all(|i| deployment.instances[i].zone.is_some_and(avoid))
            };
            if index == *first || !rest.contains(&index) || !group.members.iter().all(stands_inside) {
                return None;
            }
            new.zones = others.iter().take(1).cloned().collect();
        }
    }
    (new != *c).then(|| Change::ReplaceComponent(Box::new(new)))
}

/// A cause taken apart into two halves that never strike together: a release in stages, two power feeds, certificates that
/// expire on different days.
pub(super) fn split(facts: &Facts<'_>, cause: &str) -> Vec<Draft> {
    let Some(cause) = facts.design.cause(cause) else { return Vec::new() };
    let mut halves: [Vec<ElementId>; 2] = [Vec::new(), Vec::new()];
    let mut changes = Vec::new();
    let mut turn = 0;
    for member in &cause.members {
        match facts.component(member.as_str()) {
            Some(c) if c.kind != Kind::Client && c.shards() == 1 => {
                let mut replicas = c.replicas;
                if replicas == 1 && !c.kind.is_replicated() {
                    replicas = 2;
                    changes.push(Change::ReplaceComponent(Box::new(Component { replicas, ..c.clone() })));
                }
                for r in 0..replicas {
                    halves[r as usize % 2].push(ElementId::new(format!("{}/{}", c.id, r + 1)));
                }
            }
            _ => {
                halves[turn % 2].push(member.clone());
                turn += 1;
            }
        }
    }
    if halves.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let title = if cause.name.is_empty() { cause.id.to_string() } else { cause.name.clone() };
    let [one, other] = halves;
    let second = Cause {
        id: CauseId::new(facts.mint_id(&format!("{}-later", cause.id))),
        name: if cause.name.is_empty() { String::new() } else { format!("{}, second half", cause.name) },
        members: other,
        reliability: cause.reliability,
    };
    changes.push(Change::ReplaceCause(Box::new(Cause { members: one, ..cause.clone() })));
    changes.push(Change::AddCause(Box::new(second)));
    let title = format!("Let {title} strike one half at a time: stage it, or feed the halves apart");
    vec![Draft::new(Remedy::Stagger, title, changes)]
}
