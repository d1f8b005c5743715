//! Partitions: the ways in which the places of a replica group can fall apart.

use std::collections::BTreeSet;

use crate::deploy::{Deployment, Group};
use crate::design::{Replication, ZoneId};

/// More places than this are not taken apart one by one but by the zones around them.
const PLACES_MAX: usize = 5;

/// A place: a leaf zone, or outside of every zone.
pub(super) type Place = Option<usize>;

/// One way to fall apart: blocks of places that reach each other, and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Partition {
    /// The blocks, in file order of their first place.
    pub(super) blocks: Vec<Vec<Place>>,
    /// For each block the fewest, widest zones that hold its places and no other's; empty for outside.
    pub(super) covers: Vec<Vec<ZoneId>>,
}

impl Partition {
    /// The cuts that make it, in the words of `what-if`; `None` where they cannot be said by zones.
    pub(super) fn cuts(&self) -> Option<Vec<String>> {
        if let [a, b] = self.covers.as_slice() {
            match (a.as_slice(), b.as_slice()) {
                ([], []) => return None,
                ([one], []) | ([], [one]) => return Some(vec![format!("{one}:*")]),
                _ => {}
            }
        }
        if self.covers.iter().any(Vec::is_empty) {
            return None;
        }
        let mut cuts = Vec::new();
        for (i, a) in self.covers.iter().enumerate() {
            for b in &self.covers[i + 1..] {
                cuts.extend(a.iter().flat_map(|x| b.iter().map(move |y| format!("{x}:{y}"))));
            }
        }
        Some(cuts)
    }

    /// The block that a place belongs to: by itself, or because a cover holds it.
    pub(super) fn block_of(&self, deployment: &Deployment, place: Place) -> Option<usize> {
        if let Some(block) = self.blocks.iter().position(|b| b.contains(&place)) {
            return Some(block);
        }
        let chain = &deployment.zones[place?].chain;
        self.covers
            .iter()
            .position(|cover| cover.iter().any(|id| chain.iter().any(|z| deployment.zones[*z].id == *id)))
    }
}

/// The places of a group's replicas and of those who vote for it, in file order; outside first.
pub(super) fn places(deployment: &Deployment, group: &Group) -> Vec<Place> {
    let replicas = group.shards.iter().flatten().copied();
    let places: BTreeSet<Place> =
        replicas.chain(voters(deployment, group)).map(|i| deployment.instances[i].zone).collect();
    places.into_iter().collect()
}

/// The instances that vote on a failover, or that re-form a chain: of the group's own components those of all shards.
pub(super) fn voters(deployment: &Deployment, group: &Group) -> Vec<usize> {
    let components: Vec<&str> = match &group.mode {
        Replication::PrimaryBackup(pb) => pb.voters.iter().map(|v| v.as_str()).collect(),
        Replication::Chain(chain) => chain.coordinator.iter().map(|c| c.as_str()).collect(),
        _ => Vec::new(),
    };
    components.iter().flat_map(|c| deployment.instances_of(c)).collect()
}

/// Every way to fall apart, those with the fewest and widest blocks first.
///
/// Up to five places give every set partition (Bell numbers: 51 for five); more are taken apart by their outermost
/// zones, and one by one.
pub(super) fn partitions(deployment: &Deployment, group: &Group) -> Vec<Partition> {
    let places = places(deployment, group);
    let units: Vec<Vec<Place>> = if places.len() <= PLACES_MAX {
        places.iter().map(|p| vec![*p]).collect()
    } else {
        let mut regions: Vec<(Option<usize>, Vec<Place>)> = Vec::new();
        for place in &places {
            let outermost = place.map(|z| deployment.zones[z].chain[0]);
            match regions.iter_mut().find(|(r, _)| *r == outermost) {
                Some((_, of)) => of.push(*place),
                None => regions.push((outermost, vec![*place])),
            }
        }
        regions.into_iter().map(|(_, of)| of).collect()
    };
    let mut found: Vec<Vec<Vec<Place>>> =
        if units.len() <= PLACES_MAX { set_partitions(&units) } else { alone(&units) };
    if places.len() > PLACES_MAX {
        let ones: Vec<Vec<Place>> = places.iter().map(|p| vec![*p]).collect();
        found.extend(alone(&ones));
    }
    let mut partitions: Vec<Partition> = found
        .into_iter()
        .filter(|blocks| blocks.len() > 1)
        .map(|blocks| {
            let covers = (0..blocks.len()).map(|b| cover(deployment, &blocks, b)).collect();
            Partition { blocks, covers }
        })
        .collect();
    partitions.sort_by_key(|p| (p.blocks.len(), p.covers.iter().map(Vec::len).sum::<usize>()));
    partitions.dedup();
    partitions
}

/// All ways to put units into blocks.
fn set_partitions(units: &[Vec<Place>]) -> Vec<Vec<Vec<Place>>> {
    let mut all: Vec<Vec<Vec<Place>>> = vec![Vec::new()];
    for unit in units {
        let mut next = Vec::new();
        for blocks in all {
            for b in 0..blocks.len() {
                let mut joined = blocks.clone();
                joined[b].extend(unit);
                next.push(joined);
            }
            let mut apart = blocks;
            apart.push(unit.clone());
            next.push(apart);
        }
        all = next;
    }
    all
}

/// Each unit against the rest.
fn alone(units: &[Vec<Place>]) -> Vec<Vec<Vec<Place>>> {
    (0..units.len())
        .map(|i| {
            let rest =
                units.iter().enumerate().filter(|(k, _)| *k != i).flat_map(|(_, u)| u.clone()).collect();
            vec![units[i].clone(), rest]
        })
        .collect()
}

fn cover(deployment: &Deployment, blocks: &[Vec<Place>], own: usize) -> Vec<ZoneId> {
    let mut cover: Vec<ZoneId> = Vec::new();
    for zone in blocks[own].iter().flatten() {
        let holds_others = |z: usize| {
            let others = blocks.iter().enumerate().filter(|(b, _)| *b != own).flat_map(|(_, p)| p).flatten();
            others.into_iter().any(|o| deployment.zones[*o].chain.contains(&z))
        };
        let widest =
            deployment.zones[*zone].chain.iter().copied().find(|z| !holds_others(*z)).unwrap_or(*zone);
        let id = &deployment.zones[widest].id;
        if !cover.contains(id) {
            cover.push(id.clone());
        }
    }
    cover
}
