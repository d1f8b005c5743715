//! Zones as places: leaves, chains and who stands where.

use std::collections::BTreeMap;

use crate::design::{Component, Design, ZoneId};

/// A zone and its place in the nesting; its index is its position in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZonePlace {
    /// The zone.
    pub id: ZoneId,
    /// Index of the zone around it.
    pub parent: Option<usize>,
    /// Indices from the outermost zone to this one, itself included.
    pub chain: Vec<usize>,
    /// Indices of the leaves inside, itself if it is one, in file order.
    pub leaves: Vec<usize>,
}

impl ZonePlace {
    /// Whether it holds no other zone.
    pub fn is_leaf(&self, own_index: usize) -> bool {
        self.leaves == [own_index]
    }
}

/// Resolves the nesting. Zones in a circle or with an unknown parent count as outermost. O(zones x depth).
pub(super) fn zones(design: &Design) -> Vec<ZonePlace> {
    let index: BTreeMap<&str, usize> =
        design.zones.iter().enumerate().map(|(i, z)| (z.id.as_str(), i)).collect();
    let parents: Vec<Option<usize>> =
        design.zones.iter().map(|z| z.parent.as_ref().and_then(|p| index.get(p.as_str()).copied())).collect();
    let mut places: Vec<ZonePlace> = Vec::with_capacity(parents.len());
    for (i, zone) in design.zones.iter().enumerate() {
        let mut chain = vec![i];
        let mut at = parents[i];
        while let Some(p) = at {
            if chain.contains(&p) {
                chain.truncate(1);
                break;
            }
            chain.push(p);
            at = parents[p];
        }
        chain.reverse();
        let parent = chain.len().checked_sub(2).map(|k| chain[k]);
        places.push(ZonePlace { id: zone.id.clone(), parent, chain, leaves: Vec::new() });
    }
    let mut has_child = vec![false; places.len()];
    for place in &places {
        if let Some(p) = place.parent {
            has_child[p] = true;
        }
    }
    for leaf in (0..places.len()).filter(|i| !has_child[*i]) {
        for k in places[leaf].chain.clone() {
            places[k].leaves.push(leaf);
        }
    }
    places
}

/// The leaves that a list of zones means: those of each in turn, each once.
pub(super) fn leaves(listed: &[ZoneId], zones: &[ZonePlace]) -> Vec<usize> {
    let mut found = Vec::new();
    for id in listed {
        let Some(zone) = zones.iter().find(|z| z.id == *id) else { continue };
        for leaf in &zone.leaves {
            if !found.contains(leaf) {
                found.push(*leaf);
            }
        }
    }
    found
}

/// Where the users of a client stand, with the share of its requests that comes from there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClientZone {
    /// Index of the leaf zone; `None` is outside every zone.
    pub zone: Option<usize>,
    /// Share of the client's requests, 0..1; the shares of one client add to 1.
    pub weight: f64,
}

/// The client zones of a client: the leaves it lists, or one outside.
///
/// The weight of a listed zone is shared equally by its leaves; a leaf that is listed twice counts once for each.
pub(super) fn client_zones(client: &Component, zones: &[ZonePlace]) -> Vec<ClientZone> {
    let mut weights: Vec<(usize, f64)> = Vec::new();
    for id in &client.zones {
        let inside = leaves(std::slice::from_ref(id), zones);
        let weight = client.client_weights.get(id).copied().unwrap_or(1.0) / inside.len().max(1) as f64;
        for leaf in inside {
            match weights.iter_mut().find(|(l, _)| *l == leaf) {
                Some((_, w)) => *w += weight,
                None => weights.push((leaf, weight)),
            }
        }
    }
    let total: f64 = weights.iter().map(|(_, w)| w).sum();
    if weights.is_empty() || total <= 0.0 {
        return vec![ClientZone { zone: weights.first().map(|(l, _)| *l), weight: 1.0 }];
    }
    weights
        .into_iter()
        .filter(|(_, w)| *w > 0.0)
        .map(|(leaf, w)| ClientZone { zone: Some(leaf), weight: w / total })
        .collect()
}
