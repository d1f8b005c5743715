//! Cuts a deployment into what each node is to be.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Awaited, ClientJourney, Delivery, Group, Hop, Lane, NodeSpec, Pair, Role, Sabotage, Slot, Subscription,
    Target, Targets, Telemetry,
};
use crate::deploy::{Deployment, Effect, Route, VisitedSlot, replica_gives, stands_in_slot};
use crate::design::{
    Consistency, Detector, DetectorMode, Interaction, Kind, LinkId, Merge, Op, QuorumCoordinator, ReadFrom,
    Replication, Sharding, When, ZoneId,
};
use crate::live::wire::InstanceId;

/// One process to start.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its name: an instance's, or `client/1`, `client/2`… for each place where a client's users stand.
    pub instance: InstanceId,
    /// Index of its component.
    pub component: usize,
    /// Index of the leaf zone it stands on.
    pub zone: Option<usize>,
    /// Whether it only makes load.
    pub is_client: bool,
    /// What it is to be.
    pub spec: NodeSpec,
}

/// Cuts a deployment into specifications: every instance in order, then the clients.
///
/// # Errors
/// One sentence for the first component whose mode can be drawn but does not run yet.
pub fn derive(deployment: &Deployment) -> Result<Vec<Planned>, String> {
    derive_sabotaged(deployment, &BTreeMap::new())
}

/// As [`derive()`], with components that do something wrong on purpose, by id.
///
/// # Errors
/// As [`derive()`].
pub fn derive_sabotaged(
    deployment: &Deployment,
    sabotaged: &BTreeMap<String, Sabotage>,
) -> Result<Vec<Planned>, String> {
    Deriver { d: deployment, sabotaged }.all()
}

struct Deriver<'a> {
    d: &'a Deployment,
    sabotaged: &'a BTreeMap<String, Sabotage>,
}

impl Deriver<'_> {
    fn all(&self) -> Result<Vec<Planned>, String> {
        for group in &self.d.groups {
            self.runs(group)?;
        }
        let hops = self.hops();
        let mut planned = Vec::new();
        for (index, instance) in self.d.instances.iter().enumerate() {
            let c = instance.component;
            let mut spec = NodeSpec {
                role: self.role(index),
                min_healthy: self.d.design.components[c].min_healthy,
                siblings: self.siblings(index),
                hops: hops.get(&c).cloned().unwrap_or_default(),
                deep: self.d.probes.get(&c).map(|r| self.slots(r, &r.root, c)),
                subscriptions: self.subscriptions(c),
                telemetry: self.telemetry(c, |k| matches!(k, Kind::Logging | Kind::Tracing)),
                pair: self.pair(c),
                ..self.blank(c, instance.zone)
            };
            self.add_groups(&mut spec);
            let (instance, zone) = (instance.id.clone(), instance.zone);
            planned.push(Planned { instance, component: c, zone, is_client: false, spec });
        }
        for (index, component) in self.d.design.components.iter().enumerate() {
            let routes: Vec<&Route> = self.d.routes.iter().filter(|r| r.client == index).collect();
            let Some(first) = routes.first() else { continue };
            for (number, place) in first.zones.iter().enumerate() {
                let journeys = routes
                    .iter()
                    .map(|r| ClientJourney {
                        journey: r.journey.clone(),
                        rate: r.rate.get() * place.weight,
                        deadline_ms: r.deadline.get(),
                        slots: self.slots(r, &r.root, index),
                        effects: r.effects.iter().map(|e| self.awaited(r, e)).collect(),
                    })
                    .collect();
                let mut spec = NodeSpec { role: Role::Client { journeys }, ..self.blank(index, place.zone) };
                self.add_groups(&mut spec);
                // A device that begins journeys is a component too: who makes its load has a name of its own.
                let maker = if self.d.components[index].instances.is_empty() { "" } else { "client/" };
                let instance = InstanceId::new(format!("{}/{maker}{}", component.id, number + 1));
                planned.push(Planned { instance, component: index, zone: place.zone, is_client: true, spec });
            }
        }
        Ok(planned)
    }

    /// The other copies that count for `min_healthy`: those of the same shard (rule 13).
    fn siblings(&self, index: usize) -> Vec<InstanceId> {
        let own = &self.d.instances[index];
        self.d.components[own.component]
            .instances
            .clone()
            .filter(|i| *i != index && self.d.instances[*i].shard == own.shard)
            .map(|i| self.d.instances[i].id.clone())
            .collect()
    }

    fn blank(&self, component: usize, zone: Option<usize>) -> NodeSpec {
        let component = &self.d.design.components[component];
        NodeSpec {
            role: Role::Stateless,
            component: component.id.clone(),
            kind: component.kind,
            zones: self.zone_ids(zone),
            work: component.service.clone(),
            min_healthy: 1,
            siblings: Vec::new(),
            hops: BTreeMap::new(),
            deep: None,
            groups: BTreeMap::new(),
            subscriptions: Vec::new(),
            telemetry: Vec::new(),
            pair: None,
            sabotage: self.sabotaged.get(component.id.as_str()).copied(),
        }
    }

    /// Whether a group's way of keeping copies runs.
    fn runs(&self, group: &crate::deploy::Group) -> Result<(), String> {
        let component = &self.d.design.components[group.members[0]];
        let refuse = |what: &str| {
            Err(format!("{}: {what} can be drawn and analyzed but does not run yet", component.id))
        };
        match &group.mode {
            Replication::None | Replication::PrimaryBackup(_) | Replication::Consensus(_) => Ok(()),
            Replication::Chain(_) => refuse("chain replication"),
            _ if component.kind.is_messaging() => refuse("a queue without a leader"),
            Replication::Quorum(q) if q.coordinator == QuorumCoordinator::Client => {
                refuse("a quorum that the client gathers")
            }
            Replication::Quorum(_) => Ok(()),
            Replication::MultiPrimary(m) if matches!(m.merge, Merge::LastWriteWins | Merge::Crdt) => Ok(()),
            Replication::MultiPrimary(_) => refuse("merging by siblings or by the application"),
        }
    }

    fn role(&self, index: usize) -> Role {
        let c = self.d.instances[index].component;
        let component = &self.d.design.components[c];
        if let Some(group) = self.d.group_of[c] {
            let shards = &self.d.groups[group].shards;
            return Role::Member {
                group: self.group_name(group),
                shard: shards.iter().position(|s| s.contains(&index)).unwrap_or(0),
                queue: component.kind.is_messaging().then(|| component.queue.clone().unwrap_or_default()),
                gossips: component.kind == Kind::Peer,
            };
        }
        match component.kind {
            Kind::Dns => Role::Resolver,
            Kind::Cdn | Kind::Cache => Role::Cache(component.cache.clone().unwrap_or_default()),
            Kind::Firewall => Role::Firewall(component.firewall.clone().unwrap_or_default()),
            Kind::Function => Role::Function(component.function.clone().unwrap_or_default()),
            Kind::Monitoring => Role::Monitor { targets: self.telemetry(c, |_| true) },
            Kind::Logging | Kind::Tracing => Role::Collector,
            _ => Role::Stateless,
        }
    }

    fn instances_of(&self, component: usize) -> impl Iterator<Item = InstanceId> {
        self.d.components[component].instances.clone().map(|i| self.d.instances[i].id.clone())
    }

    fn zone_ids(&self, leaf: Option<usize>) -> Vec<ZoneId> {
        let chain = leaf.map_or(&[][..], |z| &self.d.zones[z].chain);
        chain.iter().map(|z| self.d.zones[*z].id.clone()).collect()
    }

    fn group_name(&self, group: usize) -> String {
        self.d.design.components[self.d.groups[group].members[0]].id.to_string()
    }

    /// The hops that end at each component, by `journey/number`.
    fn hops(&self) -> BTreeMap<usize, BTreeMap<String, Hop>> {
        let mut all: BTreeMap<usize, BTreeMap<String, Hop>> = BTreeMap::new();
        for route in self.d.routes.iter().chain(self.d.probes.values()) {
            for (number, hop) in
                route.hops.iter().enumerate().filter(|(_, h)| !h.standing || h.op == Op::Deliver)
            {
                let behind = route.effects.iter().filter(|e| e.publish == number);
                let effects = behind.map(|e| Delivery {
                    effect: e.id.clone(),
                    link: self.link_id(route.hops[e.deliver].link),
                    hop: hop_name(route, e.deliver),
                });
                let resolver = self.d.design.components[hop.target].resolver.clone();
                let group = self.d.group_of[hop.target].map(|g| &self.d.groups[g]);
                let own = Hop {
                    op: hop.op,
                    from: group.map_or(hop.from, |g| source(g, hop.op, hop.from, hop.consistency).0),
                    keys: hop.keys,
                    slots: self.slots(route, &hop.slots, hop.target),
                    effects: effects.collect(),
                    policy: (hop.op == Op::Resolve).then(|| resolver.unwrap_or_default().policy),
                };
                let mut ends = vec![hop.target];
                if let Some(&(active, standby)) = self.d.pairs.get(&hop.target) {
                    ends = vec![active, standby];
                }
                // A link to any member of a group is a link to the group.
                if let Some(group) = self.d.group_of[hop.target] {
                    ends.clone_from(&self.d.groups[group].members);
                }
                for end in ends {
                    let mut own = own.clone();
                    self.take_own_links(&mut own.slots, hop.target, end);
                    all.entry(end).or_default().insert(hop_name(route, number), own);
                }
            }
        }
        all
    }

    /// A standby takes its own link where it has one of that sort to the same component (rule 37).
    fn take_own_links(&self, slots: &mut [Slot], drawn: usize, end: usize) {
        if !self.d.pairs.contains_key(&end) {
            return;
        }
        let ids = |c: usize| &self.d.components[c].id;
        let links = &self.d.design.links;
        for lane in slots.iter_mut().flat_map(|s| &mut s.lanes) {
            let along = links.iter().find(|l| l.id == lane.link && l.from == *ids(drawn));
            let own = along.and_then(|l| {
                links.iter().find(|o| o.from == *ids(end) && o.to == l.to && o.interaction == l.interaction)
            });
            if let Some(own) = own.filter(|_| end != drawn) {
                lane.link = own.id.clone();
            }
        }
    }

    fn awaited(&self, route: &Route, effect: &Effect) -> Awaited {
        let queue = route.hops[effect.publish].target;
        let members = self.d.group_of[queue].map_or(vec![queue], |g| self.d.groups[g].members.clone());
        let instances = members.iter().flat_map(|c| self.d.components[*c].instances.clone());
        Awaited {
            effect: effect.id.clone(),
            publish: effect.publish as u32,
            keepers: instances.map(|i| self.d.instances[i].id.clone()).collect(),
        }
    }

    fn link_id(&self, link: usize) -> LinkId {
        self.d.design.links[link].id.clone()
    }

    fn slots(&self, route: &Route, visited: &[VisitedSlot], caller: usize) -> Vec<Slot> {
        let component = &self.d.design.components[caller];
        let policy = |hop: &usize| &self.d.design.links[route.hops[*hop].link].policy;
        let slot = |slot: &VisitedSlot| Slot {
            name: slot.name.clone(),
            need: slot.need,
            when: slot.when,
            tries: slot.tries,
            backoff_ms: slot.backoff.get(),
            jittered: slot.hops.iter().any(|h| policy(h).jittered),
            detector: slot.detector,
            balance: (component.kind == Kind::LoadBalancer).then_some(component.balance),
            lanes: slot.hops.iter().map(|h| self.lane(route, *h, Some(slot.when))).collect(),
        };
        visited.iter().map(slot).collect()
    }

    fn lane(&self, route: &Route, number: usize, when: Option<When>) -> Lane {
        let hop = &route.hops[number];
        let link = &self.d.design.links[hop.link];
        let group = self.d.group_of[hop.target];
        let (from, cannot) = group.map_or((ReadFrom::Leader, false), |g| {
            source(&self.d.groups[g], hop.op, hop.from, hop.consistency)
        });
        let to = match group {
            Some(group) if !hop.standing => Targets::Group(self.group_name(group)),
            _ => Targets::Instances(self.targets(hop.target)),
        };
        let sharded = group.is_none() && self.d.design.components[hop.target].shards() > 1 && !hop.standing;
        let mut walk = Vec::new();
        if hop.op == Op::Resolve {
            walk = self.slots(route, &hop.slots, hop.target);
            for slot in &mut walk {
                // Who walks the answer is the asker, and it sees what a connection shows (rule 20).
                slot.detector = Detector { mode: DetectorMode::Connect, ..slot.detector };
                slot.balance = None;
            }
        }
        Lane {
            link: link.id.clone(),
            hop: hop_name(route, number),
            op: hop.op,
            from,
            keys: hop.keys,
            idempotent: hop.idempotent,
            timeout_ms: hop.timeout.get(),
            tries: hop.tries,
            fits: hop.fits,
            round_trip_ms: 2.0
                * (link.network.latency.map_or(0.0, |t| t.get())
                    + link.network.jitter.map_or(0.0, |t| t.get())),
            cannot,
            sharding: sharded.then(|| self.sharding(hop.target)),
            weight: hop.weight,
            standing: hop.standing,
            to,
            walk,
            bypass: hop.bypass.iter().map(|b| self.lane(route, *b, None)).collect(),
            awaits: match hop.op {
                Op::WaitForEffect => {
                    let before = route.effects.iter().filter(|e| e.deliver < number);
                    before.map(|e| self.awaited(route, e)).collect()
                }
                _ => Vec::new(),
            },
            breaker: link.policy.breaker.clone(),
            in_flight_max: link.policy.in_flight_max,
            ttl_ms: match when {
                Some(When::Every(t)) => Some(t.get()),
                _ => None,
            },
        }
    }

    fn targets(&self, component: usize) -> Vec<Target> {
        let of = |component: usize, rank: u32| {
            self.d.components[component].instances.clone().map(move |i| {
                let instance = &self.d.instances[i];
                let zones = self.zone_ids(instance.zone);
                Target { id: instance.id.clone(), rank, shard: instance.shard, zones }
            })
        };
        match self.d.pairs.get(&component) {
            Some(&(active, standby)) => of(active, 0).chain(of(standby, 1)).collect(),
            None => of(component, 0).collect(),
        }
    }

    fn sharding(&self, component: usize) -> Sharding {
        let component = &self.d.design.components[component];
        let mut sharding = component.sharding.clone().unwrap_or_default();
        if sharding.key.is_empty() {
            sharding.key = component.id.to_string();
        }
        sharding
    }

    /// Tells a node of the groups that it has to do with.
    fn add_groups(&self, spec: &mut NodeSpec) {
        let mut names = BTreeSet::new();
        spec.hops.values().for_each(|h| groups_of(&h.slots, &mut names));
        spec.deep.iter().for_each(|s| groups_of(s, &mut names));
        match &spec.role {
            Role::Client { journeys } => journeys.iter().for_each(|j| groups_of(&j.slots, &mut names)),
            Role::Member { group, .. } => drop(names.insert(group.clone())),
            _ => {}
        }
        names.extend(spec.subscriptions.iter().map(|s| s.group.clone()));
        for (index, group) in self.d.groups.iter().enumerate() {
            let name = self.group_name(index);
            if names.contains(&name) {
                spec.groups.insert(name, self.group(group));
            }
        }
    }

    fn group(&self, group: &crate::deploy::Group) -> Group {
        let voters = match &group.mode {
            Replication::PrimaryBackup(settings) => {
                let named = settings.voters.iter().filter_map(|v| self.d.component_index(v.as_str()));
                named.flat_map(|c| self.instances_of(c).collect::<Vec<_>>()).collect()
            }
            _ => Vec::new(),
        };
        let shards = |m: &usize| (self.d.design.components[*m].shards(), std::cmp::Reverse(*m));
        let sharded = group.members.iter().copied().max_by_key(shards);
        let instance = |i: &usize| &self.d.instances[*i];
        let link = |l: &usize| {
            let link = &self.d.design.links[*l];
            (link.from.clone(), link.to.clone(), link.id.clone())
        };
        let place = |i: &usize| (instance(i).id.clone(), self.zone_ids(instance(i).zone));
        Group {
            shards: group.shards.iter().map(|s| s.iter().map(|i| instance(i).id.clone()).collect()).collect(),
            mode: group.mode.clone(),
            voters,
            sharding: self.sharding(sharded.unwrap_or(group.members[0])),
            ring_n: group.ring_n,
            copy_links: group.replicate_links.iter().map(link).collect(),
            places: group.shards.iter().flatten().map(place).collect(),
        }
    }

    fn subscriptions(&self, component: usize) -> Vec<Subscription> {
        let own = &self.d.design.components[component].id;
        let links = self.d.design.links.iter().filter(|l| {
            l.interaction == Interaction::Subscribe && l.to == *own && stands_in_slot(&self.d.design, l)
        });
        links
            .filter_map(|l| {
                let queue = self.d.component_index(l.from.as_str())?;
                let delivers =
                    |r: &Route| r.effects.iter().any(|e| self.link_id(r.hops[e.deliver].link) == l.id);
                let group = self.d.group_of[queue].filter(|_| self.d.routes.iter().any(delivers))?;
                Some(Subscription { link: l.id.clone(), group: self.group_name(group) })
            })
            .collect()
    }

    /// Telemetry links of a component and who is at their other end.
    fn telemetry(&self, component: usize, wanted: impl Fn(Kind) -> bool) -> Vec<Telemetry> {
        let own = &self.d.design.components[component];
        let links = self.d.design.links.iter().filter(|l| l.from == own.id || l.to == own.id);
        links
            .filter_map(|l| {
                let other = if l.from == own.id { &l.to } else { &l.from };
                let other = self.d.component_index(other.as_str())?;
                let kind = self.d.design.components[other].kind;
                let watches =
                    l.interaction == Interaction::Telemetry || own.kind.is_insight() || kind.is_insight();
                let instances: Vec<InstanceId> = self.instances_of(other).collect();
                (watches && wanted(kind) && !instances.is_empty())
                    .then(|| Telemetry { link: l.id.clone(), instances })
            })
            .collect()
    }

    fn pair(&self, component: usize) -> Option<Pair> {
        let &(active, standby) = self.d.pairs.get(&component)?;
        let (from, to) = (&self.d.components[active].id, &self.d.components[standby].id);
        let mut links = self.d.design.links.iter();
        let link =
            links.find(|l| l.interaction == Interaction::Heartbeat && l.from == *from && l.to == *to)?;
        let beat = link.heartbeat.unwrap_or_default();
        let is_active = component == active;
        Some(Pair {
            active: is_active,
            link: link.id.clone(),
            others: self.instances_of(if is_active { standby } else { active }).collect(),
            every_ms: beat.every().get(),
            misses: beat.misses(),
        })
    }
}

fn groups_of(slots: &[Slot], names: &mut BTreeSet<String>) {
    for lane in slots.iter().flat_map(|s| &s.lanes) {
        for lane in std::iter::once(lane).chain(&lane.bypass) {
            if let Targets::Group(name) = &lane.to {
                names.insert(name.clone());
            }
            groups_of(&lane.walk, names);
        }
    }
}

/// Who may answer a read, and whether nobody can (rule 33).
fn source(
    group: &crate::deploy::Group,
    op: Op,
    from: ReadFrom,
    wanted: Option<Consistency>,
) -> (ReadFrom, bool) {
    let gives = wanted.is_none_or(|w| replica_gives(&group.mode, w));
    let reads = matches!(op, Op::Read | Op::Call);
    let anyone = matches!(from, ReadFrom::Any | ReadFrom::Nearest) && op == Op::Read;
    match &group.mode {
        Replication::Quorum(q) => {
            let all = group.shards.first().map_or(1, Vec::len) as u32;
            let n = if q.n == 0 { all } else { q.n.min(all) };
            let or_majority = |k: u32| if k == 0 { n / 2 + 1 } else { k };
            let is_weak = or_majority(q.r) + or_majority(q.w) <= n;
            (from, reads && !gives && (anyone || is_weak))
        }
        Replication::MultiPrimary(_) => (from, reads && !gives),
        _ if anyone && gives => (from, false),
        _ => (ReadFrom::Leader, false),
    }
}

fn hop_name(route: &Route, number: usize) -> String {
    format!("{}/{number}", route.journey)
}
