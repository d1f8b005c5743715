//! Rules 1 to 6: instances and where they stand, who is down, which messages a cut stops.

use std::collections::BTreeSet;

use linchpin::design::{Component, Design, Kind};

use super::{Reading, World};

/// One instance after expansion.
#[derive(Clone, Debug)]
pub struct Instance {
    pub name: String,
    /// Index in `design.components`.
    pub component: usize,
    /// From 0.
    pub shard: usize,
    /// The leaf zone it stands on.
    pub leaf: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Up,
    Refusing,
    Silent,
}

/// Who sends and receives messages: an instance, or the clients of one component in one leaf zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    Instance(usize),
    Client { component: usize, leaf: Option<String> },
}

/// The drawing laid out, and what the world does to it.
pub struct Place<'a> {
    pub design: &'a Design,
    pub reading: Reading,
    pub instances: Vec<Instance>,
    pub state: Vec<State>,
    pub link_up: Vec<bool>,
    cuts: Vec<(BTreeSet<Actor>, BTreeSet<Actor>)>,
}

impl<'a> Place<'a> {
    pub fn new(design: &'a Design, world: &World, reading: Reading) -> Self {
        let mut instances = Vec::new();
        for (index, c) in design.components.iter().enumerate() {
            let leaves = leaves_of(design, c);
            for shard in 0..c.shards() as usize {
                for replica in 0..c.replicas as usize {
                    // Rule 1: "Instance (shard s, replica r), counted from 0, stands on leaf (s + r) mod leaves."
                    let leaf = (!leaves.is_empty()).then(|| leaves[(shard + replica) % leaves.len()].clone());
                    // Rule 2: "Instances are named from 1: `web/2`; with shards > 1 `db/2/1` is shard 2, replica 1."
                    let name = if c.shards() > 1 {
                        format!("{}/{}/{}", c.id, shard + 1, replica + 1)
                    } else {
                        format!("{}/{}", c.id, replica + 1)
                    };
                    instances.push(Instance { name, component: index, shard, leaf });
                }
            }
        }
        let mut place = Place {
            design,
            reading,
            state: vec![State::Up; instances.len()],
            instances,
            link_up: vec![true; design.links.len()],
            cuts: Vec::new(),
        };
        for element in &world.down {
            place.fail(element, State::Refusing);
        }
        // Rule 4: "what is both is silent".
        for element in &world.silent {
            place.fail(element, State::Silent);
        }
        for (from, to) in &world.cut {
            place.cut(from, to);
        }
        place
    }

    pub fn settled(&self) -> bool {
        self.reading == Reading::Settled
    }

    pub fn component_index(&self, id: &str) -> usize {
        self.design.components.iter().position(|c| c.id == *id).expect("a sound design")
    }

    pub fn component(&self, index: usize) -> &'a Component {
        &self.design.components[index]
    }

    pub fn instances_of(&self, component: usize) -> Vec<usize> {
        (0..self.instances.len()).filter(|i| self.instances[*i].component == component).collect()
    }

    /// The instances of one shard of a component, in replica order.
    pub fn replicas_of(&self, component: usize, shard: usize) -> Vec<usize> {
        self.instances_of(component).into_iter().filter(|i| self.instances[*i].shard == shard).collect()
    }

    pub fn up(&self, instance: usize) -> bool {
        self.state[instance] == State::Up
    }

    fn fail(&mut self, element: &str, how: State) {
        // Rule 4: "`down` names instances, components (all instances), zones (all instances that stand inside), links
        // or causes (their members)".
        if let Some(cause) = self.design.cause(element) {
            for member in cause.members.clone() {
                self.fail(member.as_str(), how);
            }
        } else if let Some(link) = self.design.links.iter().position(|l| l.id == *element) {
            self.link_up[link] = false;
        } else {
            for i in 0..self.instances.len() {
                let instance = &self.instances[i];
                let c = self.component(instance.component);
                let hit =
                    instance.name == element || c.id == *element || self.inside(&instance.leaf, element);
                // Rule 3: "Clients are never down".
                if hit && c.kind != Kind::Client {
                    self.state[i] = how;
                }
            }
        }
    }

    fn inside(&self, leaf: &Option<String>, zone: &str) -> bool {
        chain(self.design, leaf).iter().any(|z| z == zone)
    }

    /// Everything that sends or receives.
    fn actors(&self) -> BTreeSet<Actor> {
        let mut all: BTreeSet<Actor> = (0..self.instances.len()).map(Actor::Instance).collect();
        // Rule 10: only clients and edge devices begin journeys; nobody else stands anywhere but in instances.
        let begins = |c: &Component| matches!(c.kind, Kind::Client | Kind::EdgeDevice);
        for (index, _) in self.design.components.iter().enumerate().filter(|(_, c)| begins(c)) {
            for (leaf, _) in self.client_zones(index) {
                all.insert(Actor::Client { component: index, leaf });
            }
        }
        all
    }

    fn side(&self, name: &str) -> BTreeSet<Actor> {
        let stands = |actor: &Actor| match actor {
            // "A client's zone counts as its place."
            Actor::Client { component, leaf } => {
                self.component(*component).id == *name || self.inside(leaf, name)
            }
            Actor::Instance(i) => {
                let instance = &self.instances[*i];
                instance.name == name
                    || self.component(instance.component).id == *name
                    || self.inside(&instance.leaf, name)
            }
        };
        self.actors().into_iter().filter(stands).collect()
    }

    fn cut(&mut self, from: &str, to: &str) {
        // Rule 5: "a side is a zone, a component, an instance or `*` (everything not in the other side)".
        let (mut a, mut b) = (self.side(from), self.side(to));
        if from == "*" {
            a = self.actors().difference(&b).cloned().collect();
        } else if to == "*" {
            b = self.actors().difference(&a).cloned().collect();
        } else if a.is_subset(&b) {
            // "Where one side lies inside the other, the outer one means what of it is outside the inner one."
            b = b.difference(&a).cloned().collect();
        } else if b.is_subset(&a) {
            a = a.difference(&b).cloned().collect();
        }
        self.cuts.push((a, b));
    }

    /// Rule 5: "A message from a to b is stopped if a is on the first side and b on the second."
    pub fn message(&self, a: &Actor, b: &Actor) -> bool {
        a == b || !self.cuts.iter().any(|(from, to)| from.contains(a) && to.contains(b))
    }

    /// Both directions, without a link.
    pub fn both_ways(&self, a: &Actor, b: &Actor) -> bool {
        self.message(a, b) && self.message(b, a)
    }

    /// Rule 6: "Calls and publishes need both directions", along a link that is up.
    pub fn path_both_ways(&self, link: usize, a: &Actor, b: usize) -> bool {
        self.link_up[link] && self.both_ways(a, &Actor::Instance(b))
    }

    /// Up and reachable both ways along a link.
    pub fn reaches(&self, link: usize, a: &Actor, b: usize) -> bool {
        self.up(b) && self.path_both_ways(link, a, b)
    }

    /// Rule 6: "Replica traffic, elections and health checks need both directions between the instances, and the
    /// `replicate` link up where one is drawn between the two components." Both must be up.
    pub fn replica_reach(&self, a: usize, b: usize) -> bool {
        use linchpin::design::Interaction::Replicate;
        let (ca, cb) = (self.instances[a].component, self.instances[b].component);
        let (ia, ib) = (&self.component(ca).id, &self.component(cb).id);
        let drawn: Vec<usize> = (0..self.design.links.len())
            .filter(|l| {
                let link = &self.design.links[*l];
                link.interaction == Replicate
                    && ((link.from == *ia && link.to == *ib) || (link.from == *ib && link.to == *ia))
            })
            .collect();
        let link_holds = drawn.is_empty() || drawn.iter().any(|l| self.link_up[*l]);
        self.up(a)
            && self.up(b)
            && (a == b || (link_holds && self.both_ways(&Actor::Instance(a), &Actor::Instance(b))))
    }

    /// Rule 3: the client zones of a component with their shares, which add up to 1.
    pub fn client_zones(&self, component: usize) -> Vec<(Option<String>, f64)> {
        let c = self.component(component);
        if c.zones.is_empty() {
            return vec![(None, 1.0)];
        }
        let mut shares: Vec<(Option<String>, f64)> =
            leaves_of(self.design, c).into_iter().map(|leaf| (Some(leaf), 0.0)).collect();
        for zone in &c.zones {
            // "Its weight per listed zone (`client_weights`, default 1) is shared equally by that zone's leaves."
            let weight = c.client_weights.get(zone.as_str()).copied().unwrap_or(1.0);
            let leaves = leaves_in(self.design, zone.as_str());
            for leaf in &leaves {
                for share in &mut shares {
                    if share.0.as_ref() == Some(leaf) {
                        share.1 += weight / leaves.len() as f64;
                    }
                }
            }
        }
        let total: f64 = shares.iter().map(|s| s.1).sum();
        for share in &mut shares {
            share.1 /= total;
        }
        shares
    }

    /// Rule 17: "the length of the common chain of zones from the outermost".
    pub fn zones_shared(&self, a: &Actor, b: usize) -> usize {
        let of = |actor: &Actor| match actor {
            Actor::Instance(i) => chain(self.design, &self.instances[*i].leaf),
            Actor::Client { leaf, .. } => chain(self.design, leaf),
        };
        let (x, y) = (of(a), of(&Actor::Instance(b)));
        x.iter().zip(y.iter()).take_while(|(p, q)| p == q).count()
    }
}

/// The zones around a leaf, outermost first, the leaf last.
fn chain(design: &Design, leaf: &Option<String>) -> Vec<String> {
    let mut zones = Vec::new();
    let mut at = leaf.clone();
    while let Some(zone) = at {
        at = design.zone(&zone).and_then(|z| z.parent.as_ref()).map(|p| p.as_str().to_owned());
        zones.insert(0, zone);
    }
    zones
}

/// Rule 1: "A *leaf* is a zone that holds no zone." Those of a zone, in file order.
fn leaves_in(design: &Design, zone: &str) -> Vec<String> {
    let all = design.zones.iter().map(|z| z.id.as_str());
    all.filter(|z| design.zones_in(z).next().is_none())
        .filter(|z| chain(design, &Some((*z).to_owned())).iter().any(|around| around == zone))
        .map(str::to_owned)
        .collect()
}

/// Rule 1: "`zones: [a, b]` lists the leaves of `a`, then those of `b`, each once, in file order."
fn leaves_of(design: &Design, component: &Component) -> Vec<String> {
    let mut leaves: Vec<String> = Vec::new();
    for zone in &component.zones {
        for leaf in leaves_in(design, zone.as_str()) {
            if !leaves.contains(&leaf) {
                leaves.push(leaf);
            }
        }
    }
    leaves
}
