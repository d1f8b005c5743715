//! Key classes: which shard, and which place on a ring, a request falls on.
//!
//! Groups that are split alike by one key fall together, all others independently (semantics rule 36), so that a journey is read once
//! for each choice of classes and weighed by its share.

use std::collections::BTreeSet;

use crate::deploy::{Deployment, Hop, Route};
use crate::design::{Keys, Sharding};

/// Combinations of key classes that are told apart; beyond, further keys are averaged where they are touched.
const CLASS_COMBINATIONS_MAX: usize = 4096;

/// The key classes that a route tells apart: groups that split alike move together, others independently.
#[derive(Debug)]
pub(in crate::impact) struct KeyClasses {
    /// Groups, then components (for sharded ones that keep no data).
    pub(super) spaces: usize,
    /// For each independent draw: the key spaces that follow it, each with what one step of it adds to the class, and
    /// the weight of each outcome.
    dimensions: Vec<(Vec<(usize, usize)>, Vec<f64>)>,
}

impl KeyClasses {
    pub(in crate::impact) fn of(deployment: &Deployment, route: &Route) -> Self {
        let touched: BTreeSet<usize> = route.hops.iter().map(|h| key_space(deployment, h.target)).collect();
        let mut alike: Vec<(&Sharding, usize)> = Vec::new();
        let mut dimensions: Vec<(Vec<(usize, usize)>, Vec<f64>)> = Vec::new();
        let mut combinations = 1;
        for space in touched {
            let (first, shards, places) = match deployment.groups.get(space) {
                Some(group) => (group.members[0], group.shards.len(), group.ring_places()),
                None => {
                    let component = space - deployment.groups.len();
                    (component, deployment.design.components[component].shards() as usize, 1)
                }
            };
            let sharding = deployment.design.components[first].sharding.as_ref().filter(|_| shards > 1);
            let key = sharding.filter(|s| !s.key.is_empty());
            let like = alike.iter().find(|(s, _)| key == Some(*s)).map(|(_, d)| *d);
            let more = places * if like.is_some() { 1 } else { shards };
            if combinations * more > CLASS_COMBINATIONS_MAX {
                continue;
            }
            combinations *= more;
            let even = |n: usize| vec![1.0 / n as f64; n];
            match like {
                Some(d) => dimensions[d].0.push((space, places)),
                None if shards > 1 => {
                    if let Some(key) = key {
                        alike.push((key, dimensions.len()));
                    }
                    let weights =
                        sharding.map_or_else(|| even(shards), |_| deployment.shard_shares[first].clone());
                    dimensions.push((vec![(space, places)], weights));
                }
                None => {}
            }
            if places > 1 {
                dimensions.push((vec![(space, 1)], even(places)));
            }
        }
        Self { spaces: deployment.groups.len() + deployment.components.len(), dimensions }
    }

    /// Whether the same keys fall together with the same weights as in another deployment, of which `same` says for each
    /// component where it stands in this one.
    pub(in crate::impact) fn is_as(
        &self,
        deployment: &Deployment,
        other: &Self,
        others: &Deployment,
        same: &[Option<usize>],
    ) -> bool {
        let owner = |d: &Deployment, space: usize| match d.groups.get(space) {
            Some(group) => group.members[0],
            None => space - d.groups.len(),
        };
        self.dimensions.len() == other.dimensions.len()
            && self.dimensions.iter().zip(&other.dimensions).all(|((was, then), (is, now))| {
                let mut was: Vec<_> =
                    was.iter().map(|(s, step)| (Some(owner(deployment, *s)), *step)).collect();
                let mut is: Vec<_> = is.iter().map(|(s, step)| (same[owner(others, *s)], *step)).collect();
                was.sort_unstable();
                is.sort_unstable();
                then == now && was == is
            })
    }

    /// How many choices there are.
    pub(in crate::impact) fn count(&self) -> usize {
        self.dimensions.iter().map(|(_, weights)| weights.len()).product()
    }

    /// Calls back with each choice of a class for each group (`None`: averaged or single) and its weight.
    pub(in crate::impact) fn each(&self, mut visit: impl FnMut(&[Option<usize>], f64)) {
        let mut at = vec![0; self.dimensions.len()];
        loop {
            let mut classes = vec![None; self.spaces];
            let mut weight = 1.0;
            for (d, (spaces, weights)) in self.dimensions.iter().enumerate() {
                weight *= weights[at[d]];
                for (space, step) in spaces {
                    classes[*space] = Some(classes[*space].unwrap_or(0) + at[d] * step);
                }
            }
            if weight > 0.0 {
                visit(&classes, weight);
            }
            let mut d = 0;
            loop {
                if d == at.len() {
                    return;
                }
                at[d] += 1;
                if at[d] < self.dimensions[d].1.len() {
                    break;
                }
                at[d] = 0;
                d += 1;
            }
        }
    }
}

/// The key space of a component: its group's, or its own.
pub(in crate::impact) fn key_space(deployment: &Deployment, component: usize) -> usize {
    deployment.group_of[component].unwrap_or(deployment.groups.len() + component)
}

/// Whether a hop touches every key of a sharded component that keeps no data.
pub(in crate::impact) fn touches_shards(deployment: &Deployment, hop: &Hop) -> bool {
    hop.keys == Keys::All
        && deployment.group_of[hop.target].is_none()
        && deployment.design.components[hop.target].shards() > 1
}
