//! Resolver: names targets and carries no requests (semantics rules 17 and 20).
//!
//! The answer lists the targets that the resolver's detector has nothing against, in the order of its policy. If it has
//! something against every one of them, it lists them all: a wrong answer may still be right, no answer never is.

use serde::{Deserialize, Serialize};

use super::Node;
use super::request::{Ask, Reply};
use crate::design::{LinkId, ResolvePolicy};
use crate::live::spec::{Hop, Sabotage, Targets};

/// What a resolver answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The policy by which the targets are ordered.
    pub policy: ResolvePolicy,
    /// The targets.
    pub named: Vec<Named>,
}

/// One named target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Named {
    /// The resolver's link that leads to it.
    pub link: LinkId,
    /// An instance or a replica group.
    pub target: String,
    /// Lower is tried first.
    pub rank: u32,
    /// Its share where the policy is weighted.
    pub weight: f64,
}

/// Answers one question.
pub(super) fn serve(node: &Node, hop: &Hop, ask: &Ask) -> Reply {
    let policy = hop.policy.unwrap_or_default();
    let asker: Vec<&str> = ask.zone.split(',').filter(|z| !z.is_empty()).collect();
    let mut shown = Vec::new();
    let mut hidden = Vec::new();
    for (order, lane) in hop.slots.iter().flat_map(|s| &s.lanes).enumerate() {
        let mut add = |target: &str, weight: f64, zones: &[crate::design::ZoneId], out: bool| {
            let rank = match policy {
                _ if node.is_sabotaged(Sabotage::ResolverIgnoresPolicy) => 0,
                ResolvePolicy::Nearest => {
                    let shared = zones.iter().zip(&asker).take_while(|(a, b)| **a == ***b).count();
                    64 - shared.min(64) as u32
                }
                ResolvePolicy::Failover => order as u32,
                ResolvePolicy::Weighted => 0,
            };
            let named = Named { link: lane.link.clone(), target: target.to_owned(), rank, weight };
            if out && !node.is_sabotaged(Sabotage::ResolverHidesNothing) {
                hidden.push(named)
            } else {
                shown.push(named)
            }
        };
        match &lane.to {
            Targets::Instances(targets) => {
                let weight = lane.weight / targets.len().max(1) as f64;
                for t in targets {
                    add(t.id.as_str(), weight, &t.zones, node.detectors.is_out(&lane.link, &t.id));
                }
            }
            Targets::Group(name) => {
                let first = node.spec.groups.get(name).and_then(|g| g.places.get(g.shards.first()?.first()?));
                add(name, lane.weight, first.map_or(&[], Vec::as_slice), false);
            }
        }
    }
    let named = if shown.is_empty() { hidden } else { shown };
    Reply::json(&Answer { policy, named })
}
