//! Who stands where: what a fault needs to know to find the processes that an element of the drawing stands for.
//!
//! Never: who calls whom, a prediction.

use std::collections::{BTreeMap, BTreeSet};

use super::wire::{InstanceId, Rule, RuleEffect, Set};
use crate::deploy::Deployment;
use crate::design::{ComponentId, ElementId, LinkId, Network, ZoneId};

/// An instance and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The instance.
    pub instance: InstanceId,
    /// Its component.
    pub component: ComponentId,
    /// The zones around it, outermost first.
    pub zones: Vec<ZoneId>,
    /// Whether it only makes load. Clients are never down; cuts do apply to them.
    pub is_client: bool,
}

/// Everything that a fault can name.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    standings: Vec<Standing>,
    zones: BTreeSet<ZoneId>,
    links: BTreeMap<LinkId, Network>,
    causes: BTreeMap<ElementId, Vec<ElementId>>,
}

/// What an element stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meant {
    /// Instances, clients included.
    pub instances: BTreeSet<InstanceId>,
    /// Links.
    pub links: BTreeSet<LinkId>,
}

impl Topology {
    /// That of a deployment whose processes are these.
    pub fn new(deployment: &Deployment, standings: Vec<Standing>) -> Self {
        let design = &deployment.design;
        Self {
            standings,
            zones: design.zones.iter().map(|z| z.id.clone()).collect(),
            links: design.links.iter().map(|l| (l.id.clone(), l.network.clone())).collect(),
            causes: design.causes.iter().map(|c| (ElementId::from(&c.id), c.members.clone())).collect(),
        }
    }

    /// Only instances: no zones, links or causes are known but those that the instances name.
    pub fn of_instances(standings: Vec<Standing>) -> Self {
        let zones = standings.iter().flat_map(|s| s.zones.clone()).collect();
        Self { standings, zones, ..Self::default() }
    }

    /// Every instance and its place.
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// The instances that make load.
    pub fn clients(&self) -> Vec<InstanceId> {
        self.standings.iter().filter(|s| s.is_client).map(|s| s.instance.clone()).collect()
    }

    /// Whether the instance only makes load.
    pub fn is_client(&self, instance: &InstanceId) -> bool {
        self.standings.iter().any(|s| s.is_client && s.instance == *instance)
    }

    /// Whether it is a zone.
    pub fn is_zone(&self, element: &ElementId) -> bool {
        self.zones.contains(element.as_str())
    }

    /// What an instance, component, zone, link or cause stands for; `None` if nothing has that name.
    pub fn meant(&self, element: &ElementId) -> Option<Meant> {
        let mut meant = Meant::default();
        if let Some(members) = self.causes.get(element) {
            // A cause within a cause would go round in circles.
            for member in members.iter().filter(|m| !self.causes.contains_key(*m)) {
                let of_member = self.meant(member)?;
                meant.instances.extend(of_member.instances);
                meant.links.extend(of_member.links);
            }
            return Some(meant);
        }
        if self.links.contains_key(element.as_str()) {
            meant.links.insert(LinkId::new(element));
            return Some(meant);
        }
        let name = element.as_str();
        meant.instances = self
            .standings
            .iter()
            .filter(|s| s.instance == *name || s.component == *name || s.zones.iter().any(|z| *z == *name))
            .map(|s| s.instance.clone())
            .collect();
        (!meant.instances.is_empty() || self.is_zone(element)).then_some(meant)
    }

    /// The rules that the drawn networks amount to: each link's own, both ways, on every connection along it.
    pub fn drawn_rules(&self) -> BTreeMap<String, Rule> {
        let mut rules = BTreeMap::new();
        for (id, network) in &self.links {
            let mut lay = |what: &str, effect: RuleEffect| {
                let rule = Rule { from: Set::All, to: Set::All, link: Some(id.clone()), effect };
                rules.insert(format!("drawn {id} {what}"), rule);
            };
            let (latency_ms, jitter_ms) =
                (network.latency.map_or(0.0, |t| t.get()), network.jitter.map_or(0.0, |t| t.get()));
            if latency_ms > 0.0 || jitter_ms > 0.0 {
                lay("delay", RuleEffect::Delay { latency_ms, jitter_ms });
            }
            if network.loss > 0.0 {
                lay("loss", RuleEffect::Loss { share: network.loss });
            }
            if let Some(speed) = network.bandwidth {
                lay("speed", RuleEffect::Throttle { bits_per_s: speed.get() });
            }
        }
        rules
    }
}
