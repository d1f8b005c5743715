//! The expansion of a design: instances on places, replica groups, and the routes of its journeys.
//!
//! [`expand`] answers "what exactly would run, where, and who would call whom". Everything that a drawing leaves
//! unsaid is filled in here, once: the slots in force ([`slots_of`]), the members of a replica group ([`Group`]), the
//! steps of a journey that nobody drew and the time that each try may take ([`Route`]), the shard of a key
//! ([`KeyPlacement`]). Indices are positions in the lists of the design; instances are listed component by component,
//! shard by shard, replica by replica.
//!
//! Never: files, sockets, clocks, worlds, probabilities.

mod group;
mod keys;
mod place;
mod route;
mod slots;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

pub use group::{Group, implies, replica_gives};
pub use keys::{KeyPlacement, jump, key_weights, mix, shard_shares};
pub use place::{ClientZone, ZonePlace};
pub use route::{Effect, Hop, Route, VisitedSlot};
pub use slots::{EffectiveSlot, slots_of, slots_of_all, stands_in_slot};

use crate::design::{ComponentId, Design, DetectorMode, ElementId, Interaction, LinkId, Spread, ZoneId};

/// A design, expanded.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// What was expanded.
    pub design: Arc<Design>,
    /// Zones in file order.
    pub zones: Vec<ZonePlace>,
    /// Components in file order.
    pub components: Vec<Placed>,
    /// Every instance. Clients have none: they are described by the routes' client zones.
    pub instances: Vec<Instance>,
    /// Replica groups.
    pub groups: Vec<Group>,
    /// For each component its replica group.
    pub group_of: Vec<Option<usize>>,
    /// The journeys.
    pub routes: Vec<Route>,
    /// What deep checks ask, for each component that is deeply checked.
    pub probes: BTreeMap<usize, Route>,
    /// Active and standby of each drawn heartbeat pair of stateless components, by the index of either.
    pub pairs: BTreeMap<usize, (usize, usize)>,
    /// For each component the share of requests that falls on each of its shards; empty where it is not sharded. Placing
    /// every key takes long, and every world asks for it.
    pub shard_shares: Vec<Vec<f64>>,
    /// Copies that share a leaf zone although the design forbids it.
    pub crowded: Vec<ElementId>,
    by_name: ByName,
}

/// Positions by id; of those that share an id, the first.
#[derive(Clone, Debug)]
struct ByName {
    components: BTreeMap<ComponentId, usize>,
    zones: BTreeMap<ZoneId, usize>,
    links: BTreeMap<LinkId, usize>,
}

impl ByName {
    fn of(design: &Design) -> Self {
        fn first<T: Ord>(ids: impl DoubleEndedIterator<Item = T> + ExactSizeIterator) -> BTreeMap<T, usize> {
            ids.enumerate().rev().map(|(i, id)| (id, i)).collect()
        }
        Self {
            components: first(design.components.iter().map(|c| c.id.clone())),
            zones: first(design.zones.iter().map(|z| z.id.clone())),
            links: first(design.links.iter().map(|l| l.id.clone())),
        }
    }
}

/// Where the instances of a component are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The component.
    pub id: ComponentId,
    /// Its instances' indices; empty for clients.
    pub instances: Range<usize>,
    /// The leaves that it lists, in order.
    pub leaves: Vec<usize>,
}

/// One replica of one shard of a component; one process when live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// `web/2`, or `orders-db/2/1` where sharded.
    pub id: ElementId,
    /// Index of its component.
    pub component: usize,
    /// Its shard, from 0.
    pub shard: u32,
    /// Its replica within the shard, from 0.
    pub replica: u32,
    /// Index of the leaf zone it stands on.
    pub zone: Option<usize>,
    /// The first instance of its component with the same shard and zone. Nothing tells the two apart but what breaks: as
    /// callers they meet the same wherever nothing is cut.
    pub alike: usize,
}

impl Deployment {
    /// The index of a component.
    pub fn component_index(&self, id: &str) -> Option<usize> {
        self.by_name.components.get(id).copied()
    }

    /// The index of a link.
    pub fn link_index(&self, id: &str) -> Option<usize> {
        self.by_name.links.get(id).copied()
    }

    /// The index of an instance.
    pub fn instance_index(&self, id: &str) -> Option<usize> {
        let component = self.component_index(id.split('/').next()?)?;
        self.components[component].instances.clone().find(|i| self.instances[*i].id == *id)
    }

    /// The index of a zone.
    pub fn zone_index(&self, id: &str) -> Option<usize> {
        self.by_name.zones.get(id).copied()
    }

    /// The zones that an instance stands in, outermost first.
    pub fn chain_of(&self, instance: usize) -> &[usize] {
        self.instances[instance].zone.map_or(&[], |z| &self.zones[z].chain)
    }

    /// How many zones two places share, counted from the outermost: the larger, the nearer.
    pub fn shared_zones(&self, a: Option<usize>, b: Option<usize>) -> usize {
        let (Some(a), Some(b)) = (a, b) else { return 0 };
        self.zones[a].chain.iter().zip(&self.zones[b].chain).take_while(|(x, y)| x == y).count()
    }

    /// The instances that an element stands for: itself, those of a component, those inside a zone, those of a cause's
    /// members. Links stand for none.
    pub fn instances_of(&self, element: &str) -> Vec<usize> {
        let mut found = Vec::new();
        self.collect_instances(element, &mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    fn collect_instances(&self, element: &str, found: &mut Vec<usize>) {
        if let Some(c) = self.component_index(element) {
            found.extend(self.components[c].instances.clone());
        } else if let Some(z) = self.zone_index(element) {
            found.extend((0..self.instances.len()).filter(|i| self.chain_of(*i).contains(&z)));
        } else if let Some(i) = self.instance_index(element) {
            found.push(i);
        } else if let Some(cause) = self.design.cause(element) {
            for member in cause.members.iter().filter(|m| self.design.cause(m.as_str()).is_none()) {
                self.collect_instances(member.as_str(), found);
            }
        }
    }
}

/// Expands a design. Never fails: what makes no sense is left out (see [`Design::problems`]).
///
/// O(instances + steps of the journeys); no journey has more than [`LIMITS.steps`](crate::design::LIMITS) hops.
pub fn expand(design: &Design) -> Deployment {
    let zones = place::zones(design);
    let mut components = Vec::with_capacity(design.components.len());
    let mut instances = Vec::new();
    let mut crowded = Vec::new();
    for (index, component) in design.components.iter().enumerate() {
        let start = instances.len();
        let leaves = place::leaves(&component.zones, &zones);
        if component.kind != crate::design::Kind::Client {
            let shards = component.shards();
            for shard in 0..shards {
                let mut taken: Vec<Option<usize>> = Vec::new();
                let mut firsts: Vec<(Option<usize>, usize)> = Vec::new();
                for replica in 0..component.replicas {
                    let zone =
                        (!leaves.is_empty()).then(|| leaves[(shard + replica) as usize % leaves.len()]);
                    let id = ElementId::new(if shards > 1 {
                        format!("{}/{}/{}", component.id, shard + 1, replica + 1)
                    } else {
                        format!("{}/{}", component.id, replica + 1)
                    });
                    if component.spread == Spread::Require && taken.contains(&zone) {
                        crowded.push(id.clone());
                    }
                    taken.push(zone);
                    let alike = match firsts.iter().find(|(z, _)| *z == zone) {
                        Some((_, first)) => *first,
                        None => {
                            firsts.push((zone, instances.len()));
                            instances.len()
                        }
                    };
                    instances.push(Instance { id, component: index, shard, replica, zone, alike });
                }
            }
        }
        components.push(Placed { id: component.id.clone(), instances: start..instances.len(), leaves });
    }
    let (groups, group_of) = group::groups(design, &components);
    let index = route::Index::of(design);
    let routes = route::routes(&index, &zones, &components);
    let pairs = pairs(design);
    let probes = deeply_checked(design, &pairs)
        .into_iter()
        .map(|component| (component, route::probe(&index, &components, component)))
        .collect();
    Deployment {
        shard_shares: design
            .components
            .iter()
            .map(|c| c.sharding.as_ref().map_or(Vec::new(), shard_shares))
            .collect(),
        pairs,
        design: Arc::new(design.clone()),
        zones,
        components,
        instances,
        groups,
        group_of,
        routes,
        probes,
        crowded,
        by_name: ByName::of(design),
    }
}

/// Components that some caller checks deeply. Of a heartbeat pair, which is one address, both answer the check.
fn deeply_checked(design: &Design, pairs: &BTreeMap<usize, (usize, usize)>) -> Vec<usize> {
    let asks = |c: &&crate::design::Component| c.detector().mode == DetectorMode::Deep;
    let asking: BTreeSet<&ComponentId> = design.components.iter().filter(asks).map(|c| &c.id).collect();
    let mut found: Vec<usize> = design
        .links
        .iter()
        .filter(|l| asking.contains(&l.from) && stands_in_slot(design, l))
        .filter_map(|l| design.components.iter().position(|c| c.id == l.to))
        .flat_map(|c| pairs.get(&c).map_or([c, c], |(active, standby)| [*active, *standby]))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Heartbeat pairs of components that keep no data; pairs of stores are replica groups.
fn pairs(design: &Design) -> BTreeMap<usize, (usize, usize)> {
    let index = |id: &ComponentId| design.components.iter().position(|c| c.id == *id);
    let mut pairs = BTreeMap::new();
    for link in design.links.iter().filter(|l| l.interaction == Interaction::Heartbeat) {
        if let (Some(active), Some(standby)) = (index(&link.from), index(&link.to))
            && !design.components[active].kind.is_replicated()
            && !design.components[standby].kind.is_replicated()
        {
            pairs.entry(active).or_insert((active, standby));
            pairs.entry(standby).or_insert((active, standby));
        }
    }
    pairs
}
