//! The structure function: whether some choice of targets serves a journey, as a graph of gates over basic events.
//!
//! One [`Structure`] stands for one journey, client zone and choice of key classes, in the settled reading. Gates are
//! shared where they are equal (hash-consing), so the graph grows with hops x instances, not with paths. It is monotone:
//! no event that stops being fine ever makes a gate true. To stay so it leaves open *who* leads: any replica that could
//! lead counts, which differs from the direct reading only under partitions that are not transitive.

use std::collections::{BTreeMap, HashMap};

use super::reading::{KeyClasses, key_space, touches_shards};
use super::world::{Conditions, Endpoint};
use crate::deploy::{ClientZone, Deployment, Group, Route, VisitedSlot, replica_gives};
use crate::design::{
    CacheWrites, Consistency, DetectorMode, Failover, Keys, Kind, Merge, Need, OnBackupLoss, Op,
    QuorumCoordinator, ReadFrom, Replication, Sync, When,
};

/// Something that can be fine or broken by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// An instance, by index.
    Instance(usize),
    /// A zone, by index.
    Zone(usize),
    /// A cause, by its index in the design.
    Cause(usize),
    /// A link, by its index in the design.
    Link(usize),
    /// Messages from one place arrive at another (made on demand for places in different zones or outside).
    Path(Endpoint, Endpoint),
}

/// A node of the graph. Operands are indices of earlier nodes, ascending and distinct.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// Always.
    True,
    /// Never.
    False,
    /// While a basic event is fine; an index into [`Structure::events`].
    Event(usize),
    /// While all operands are.
    And(Vec<usize>),
    /// While one operand is.
    Or(Vec<usize>),
    /// While at least that many operands are.
    AtLeast(usize, Vec<usize>),
}

/// The structure function of one journey for one client zone and one choice of key classes.
#[derive(Clone, Debug)]
pub struct Structure {
    /// Share of the journey's requests that it speaks for.
    pub weight: f64,
    /// Index of the client zone in the route.
    pub client_zone: usize,
    /// Basic events, in order of first use.
    pub events: Vec<Event>,
    /// Gates, operands before users.
    pub gates: Vec<Gate>,
    /// Index of the gate that says whether the journey can be served.
    pub top: usize,
}

impl Structure {
    /// Whether the journey can be served, for 64 worlds at a time: bit w of `fine[e]` says whether event e is fine in
    /// world w, bit w of the result whether the journey can be served there. O(gates + operands).
    pub fn can(&self, fine: &[u64]) -> u64 {
        let mut values: Vec<u64> = Vec::with_capacity(self.gates.len());
        for gate in &self.gates {
            let value = match gate {
                Gate::True => u64::MAX,
                Gate::False => 0,
                Gate::Event(e) => fine[*e],
                Gate::And(operands) => operands.iter().fold(u64::MAX, |all, o| all & values[*o]),
                Gate::Or(operands) => operands.iter().fold(0, |any, o| any | values[*o]),
                Gate::AtLeast(k, operands) => at_least(*k, operands.iter().map(|o| values[*o])),
            };
            values.push(value);
        }
        values[self.top]
    }

    /// Whether an event is fine under given conditions, for each event in order, as one bit.
    ///
    /// Conditions have already carried zones, components and causes down to instances, so those events read as fine.
    pub fn fine(&self, conditions: &Conditions) -> Vec<u64> {
        self.events
            .iter()
            .map(|event| {
                let fine = match event {
                    Event::Instance(i) => conditions.is_up(*i),
                    Event::Zone(_) | Event::Cause(_) => true,
                    Event::Link(l) => conditions.link_is_up(*l),
                    Event::Path(a, b) => conditions.passes(*a, *b),
                };
                u64::from(fine)
            })
            .collect()
    }

    /// Whether the journey can be served under given conditions.
    pub fn can_under(&self, conditions: &Conditions) -> bool {
        self.can(&self.fine(conditions)) & 1 == 1
    }
}

/// Bit-sliced counting: for each of 64 worlds, whether at least k of the words have its bit.
fn at_least(k: usize, words: impl Iterator<Item = u64>) -> u64 {
    // reached[j] has the bits of the worlds in which at least j + 1 words so far were set.
    let mut reached = vec![0_u64; k];
    if k == 0 {
        return u64::MAX;
    }
    for word in words {
        for j in (1..k).rev() {
            reached[j] |= reached[j - 1] & word;
        }
        reached[0] |= word;
    }
    reached[k - 1]
}

/// Compiles a journey: one structure for each client zone and choice of key classes. O(hops x callers x targets).
pub fn compile(deployment: &Deployment, route: &Route) -> Vec<Structure> {
    compiled(deployment, route, &route.zones, true)
}

/// Compiles a journey for worlds in which only instances, zones and causes fail: every link by itself and every path is fine.
/// Where a caller stands then means nothing, so there is one structure for each choice of key classes, which speaks for
/// all client zones. O(hops x targets).
pub fn compile_elements(deployment: &Deployment, route: &Route) -> Vec<Structure> {
    let weight = route.zones.iter().map(|z| z.weight).sum();
    let somewhere = route.zones.first().map(|z| ClientZone { weight, ..*z });
    compiled(deployment, route, somewhere.as_slice(), false)
}

fn compiled(deployment: &Deployment, route: &Route, zones: &[ClientZone], wires: bool) -> Vec<Structure> {
    let keys = KeyClasses::of(deployment, route);
    let causes = Causes::of(deployment);
    let mut structures = Vec::new();
    for (client_zone, zone) in zones.iter().enumerate() {
        let asker = Endpoint::Client { component: route.client, zone: zone.zone };
        keys.each(|classes, weight| {
            let mut compiler = Compiler {
                deployment,
                causes: &causes,
                wires,
                classes: classes.to_vec(),
                events: Vec::new(),
                event_index: HashMap::new(),
                gates: Vec::new(),
                gate_index: HashMap::new(),
                up: BTreeMap::new(),
                served: BTreeMap::new(),
                behind: BTreeMap::new(),
                checked: BTreeMap::new(),
            };
            let top = compiler.slots(route, &route.root, asker);
            structures.push(Structure {
                weight: weight * zone.weight,
                client_zone,
                events: compiler.events,
                gates: compiler.gates,
                top,
            });
        });
    }
    structures
}

/// Which causes take what.
struct Causes {
    /// For each instance.
    of_instance: Vec<Vec<usize>>,
    /// For each link.
    of_link: BTreeMap<usize, Vec<usize>>,
}

impl Causes {
    fn of(deployment: &Deployment) -> Self {
        let mut causes =
            Self { of_instance: vec![Vec::new(); deployment.instances.len()], of_link: BTreeMap::new() };
        let design = &deployment.design;
        for (index, cause) in design.causes.iter().enumerate() {
            for instance in deployment.instances_of(cause.id.as_str()) {
                causes.of_instance[instance].push(index);
            }
            for (l, link) in design.links.iter().enumerate() {
                if cause.members.iter().any(|m| *m == *link.id.as_str()) {
                    causes.of_link.entry(l).or_default().push(index);
                }
            }
        }
        causes
    }
}

struct Compiler<'a> {
    deployment: &'a Deployment,
    causes: &'a Causes,
    /// Whether links and paths may be broken.
    wires: bool,
    classes: Vec<Option<usize>>,
    events: Vec<Event>,
    event_index: HashMap<Event, usize>,
    gates: Vec<Gate>,
    gate_index: HashMap<Gate, usize>,
    /// Instances with all that can take them down.
    up: BTreeMap<usize, usize>,
    /// What an instance makes of a hop of the journey itself (not of probes).
    served: BTreeMap<(usize, usize), usize>,
    /// What a hop of the journey itself needs, where all that serve it need the same.
    behind: BTreeMap<usize, usize>,
    /// Deep checks: `None` while one is being compiled.
    checked: BTreeMap<usize, Option<usize>>,
}

impl Compiler<'_> {
    fn gate(&mut self, gate: Gate) -> usize {
        if let Some(known) = self.gate_index.get(&gate) {
            return *known;
        }
        self.gates.push(gate.clone());
        self.gate_index.insert(gate, self.gates.len() - 1);
        self.gates.len() - 1
    }

    fn event(&mut self, event: Event) -> usize {
        let index = *self.event_index.entry(event).or_insert_with(|| {
            self.events.push(event);
            self.events.len() - 1
        });
        self.gate(Gate::Event(index))
    }

    fn and(&mut self, mut operands: Vec<usize>) -> usize {
        operands.retain(|o| self.gates[*o] != Gate::True);
        operands.sort_unstable();
        operands.dedup();
        if operands.iter().any(|o| self.gates[*o] == Gate::False) {
            return self.gate(Gate::False);
        }
        match operands.len() {
            0 => self.gate(Gate::True),
            1 => operands[0],
            _ => self.gate(Gate::And(operands)),
        }
    }

    fn or(&mut self, mut operands: Vec<usize>) -> usize {
        operands.retain(|o| self.gates[*o] != Gate::False);
        operands.sort_unstable();
        operands.dedup();
        if operands.iter().any(|o| self.gates[*o] == Gate::True) {
            return self.gate(Gate::True);
        }
        match operands.len() {
            0 => self.gate(Gate::False),
            1 => operands[0],
            _ => self.gate(Gate::Or(operands)),
        }
    }

    fn at_least(&mut self, k: usize, operands: Vec<usize>) -> usize {
        let sure = operands.iter().filter(|o| self.gates[**o] == Gate::True).count();
        let mut open: Vec<usize> =
            operands.into_iter().filter(|o| !matches!(self.gates[*o], Gate::True | Gate::False)).collect();
        let k = k.saturating_sub(sure);
        if k == 0 {
            return self.gate(Gate::True);
        }
        if k > open.len() {
            return self.gate(Gate::False);
        }
        if k == 1 {
            return self.or(open);
        }
        if k == open.len() {
            return self.and(open);
        }
        // Equal operands count as often as they stand here, so they are kept apart.
        open.sort_unstable();
        self.gate(Gate::AtLeast(k, open))
    }

    /// An instance with all that can take it down: itself, its zones, its causes.
    fn up(&mut self, instance: usize) -> usize {
        if let Some(known) = self.up.get(&instance) {
            return *known;
        }
        let mut operands = vec![self.event(Event::Instance(instance))];
        for zone in self.deployment.chain_of(instance) {
            operands.push(self.event(Event::Zone(*zone)));
        }
        let causes = self.causes;
        for cause in &causes.of_instance[instance] {
            operands.push(self.event(Event::Cause(*cause)));
        }
        let up = self.and(operands);
        self.up.insert(instance, up);
        up
    }

    fn link(&mut self, link: usize) -> usize {
        let mut operands = Vec::new();
        if self.wires {
            operands.push(self.event(Event::Link(link)));
        }
        let causes = self.causes;
        for cause in causes.of_link.get(&link).into_iter().flatten() {
            operands.push(self.event(Event::Cause(*cause)));
        }
        self.and(operands)
    }

    /// Messages pass both ways.
    fn path(&mut self, a: Endpoint, b: Endpoint) -> usize {
        if a == b || !self.wires {
            return self.gate(Gate::True);
        }
        let there = self.event(Event::Path(a, b));
        let back = self.event(Event::Path(b, a));
        self.and(vec![there, back])
    }

    fn reach(&mut self, caller: Endpoint, instance: usize) -> usize {
        let up = self.up(instance);
        let path = self.path(caller, Endpoint::Instance(instance));
        self.and(vec![up, path])
    }

    fn slots(&mut self, route: &Route, slots: &[VisitedSlot], caller: Endpoint) -> usize {
        let all = slots.iter().map(|s| self.slot(route, s, caller, false)).collect();
        self.and(all)
    }

    fn slot(&mut self, route: &Route, slot: &VisitedSlot, caller: Endpoint, resolved: bool) -> usize {
        if matches!(slot.when, When::AtFailover | When::AtStart) {
            return self.gate(Gate::True);
        }
        let deep = slot.detector.mode == DetectorMode::Deep && !resolved;
        let each: Vec<usize> = slot.hops.iter().map(|h| self.hop(route, *h, caller, deep)).collect();
        match slot.need {
            Need::All => self.and(each),
            Need::Any => self.or(each),
            Need::KOf(k) => self.at_least(k as usize, each),
            Need::Optional => self.gate(Gate::True),
        }
    }

    fn hop(&mut self, route: &Route, hop_index: usize, caller: Endpoint, deep: bool) -> usize {
        let through = self.through(route, hop_index, caller, deep);
        let mut ways = vec![through];
        for bypass in &route.hops[hop_index].bypass {
            ways.push(self.through(route, *bypass, caller, false));
        }
        self.or(ways)
    }

    fn through(&mut self, route: &Route, hop_index: usize, caller: Endpoint, deep: bool) -> usize {
        let hop = &route.hops[hop_index];
        if !touches_shards(self.deployment, hop) {
            return self.through_shard(route, hop_index, caller, deep);
        }
        let space = key_space(self.deployment, hop.target);
        let all = (0..self.deployment.design.components[hop.target].shards() as usize)
            .map(|shard| {
                let mut classes = self.classes.clone();
                classes.resize(classes.len().max(space + 1), None);
                classes[space] = Some(shard);
                self.with_classes(classes, |c| c.through_shard(route, hop_index, caller, deep))
            })
            .collect();
        self.and(all)
    }

    fn through_shard(&mut self, route: &Route, hop_index: usize, caller: Endpoint, deep: bool) -> usize {
        let hop = &route.hops[hop_index];
        let link = self.link(hop.link);
        let mut instances: Vec<usize> = self.deployment.components[hop.target].instances.clone().collect();
        if let Some(&(active, standby)) = self.deployment.pairs.get(&hop.target) {
            instances = self.deployment.components[active].instances.clone().collect();
            instances.extend(self.deployment.components[standby].instances.clone());
        }
        if self.deployment.group_of[hop.target].is_none()
            && let Some(shard) = self.classes.get(key_space(self.deployment, hop.target)).copied().flatten()
        {
            instances.retain(|i| self.deployment.instances[*i].shard as usize == shard);
        }
        if hop.standing || hop.op == Op::Resolve {
            let any = instances.iter().map(|i| self.reach(caller, *i)).collect();
            let any = self.or(any);
            let reached = self.and(vec![link, any]);
            if hop.standing {
                return reached;
            }
            let mut all = vec![reached];
            for slot in &hop.slots {
                all.push(self.slot(route, slot, caller, true));
            }
            return self.and(all);
        }
        if let Some(group) = self.deployment.group_of[hop.target] {
            let given = self.group(route, hop_index, group, caller);
            return self.and(vec![link, given]);
        }
        let ways = instances
            .iter()
            .map(|i| {
                let reach = self.reach(caller, *i);
                let serves = self.instance(route, hop_index, *i);
                let checked = if deep { self.needs_hold(*i) } else { self.gate(Gate::True) };
                (reach, self.and(vec![serves, checked]))
            })
            .collect();
        let any = self.any(ways);
        self.and(vec![link, any])
    }

    /// One of several that can be reached and serves. Where all need the same to serve, that stands apart, once.
    fn any(&mut self, ways: Vec<(usize, usize)>) -> usize {
        if let Some((_, needs)) = ways.first().copied().filter(|first| ways.iter().all(|w| w.1 == first.1)) {
            let reached = ways.into_iter().map(|(reach, _)| reach).collect();
            let reached = self.or(reached);
            return self.and(vec![reached, needs]);
        }
        let ways = ways.into_iter().map(|(reach, needs)| self.and(vec![reach, needs])).collect();
        self.or(ways)
    }

    /// What an instance that is up makes of a hop.
    fn instance(&mut self, route: &Route, hop_index: usize, instance: usize) -> usize {
        let is_probe = route.zones.is_empty();
        if !is_probe && let Some(known) = self.served.get(&(hop_index, instance)) {
            return *known;
        }
        let hop = &route.hops[hop_index];
        let index = self.deployment.instances[instance].component;
        let component = &self.deployment.design.components[index];
        let shard = self.deployment.instances[instance].shard;
        let mut siblings: Vec<usize> = self.deployment.components[index].instances.clone().collect();
        siblings.retain(|i| self.deployment.instances[*i].shard == shard);
        let up = siblings.into_iter().map(|i| self.up(i)).collect();
        let healthy = if component.min_healthy > 1 {
            self.at_least(component.min_healthy as usize, up)
        } else {
            self.gate(Gate::True)
        };
        let settings = component.cache.clone().unwrap_or_default();
        let is_cache = matches!(component.kind, Kind::Cache | Kind::Cdn);
        let alone = is_cache
            && match hop.op {
                Op::Write => settings.writes == CacheWrites::Back,
                _ => settings.serve_stale && settings.hit_ratio() > 0.0,
            };
        let behind = if alone { self.gate(Gate::True) } else { self.behind(route, hop_index, instance) };
        let serves = self.and(vec![healthy, behind]);
        if !is_probe {
            self.served.insert((hop_index, instance), serves);
        }
        serves
    }

    /// What an instance needs to serve a hop.
    fn behind(&mut self, route: &Route, hop_index: usize, instance: usize) -> usize {
        let is_same_for_all = !self.wires && !route.zones.is_empty();
        if is_same_for_all && let Some(known) = self.behind.get(&hop_index) {
            return *known;
        }
        let needs = self.slots(route, &route.hops[hop_index].slots, Endpoint::Instance(instance));
        if is_same_for_all {
            self.behind.insert(hop_index, needs);
        }
        needs
    }

    /// Compiles something for another choice of key classes.
    fn with_classes(&mut self, classes: Vec<Option<usize>>, what: impl FnOnce(&mut Self) -> usize) -> usize {
        let own = std::mem::replace(&mut self.classes, classes);
        let known = (std::mem::take(&mut self.served), std::mem::take(&mut self.behind));
        let gate = what(self);
        self.classes = own;
        (self.served, self.behind) = known;
        gate
    }

    fn needs_hold(&mut self, instance: usize) -> usize {
        match self.checked.get(&instance) {
            Some(Some(known)) => return *known,
            // A circle of deep checks supports itself: the greatest fixed point.
            Some(None) => return self.gate(Gate::True),
            None => {}
        }
        let Some(probe) = self.deployment.probes.get(&self.deployment.instances[instance].component) else {
            return self.gate(Gate::True);
        };
        self.checked.insert(instance, None);
        let mut choices: Vec<Vec<Option<usize>>> = Vec::new();
        KeyClasses::of(self.deployment, probe).each(|classes, _| choices.push(classes.to_vec()));
        let all = choices
            .into_iter()
            .map(|classes| {
                self.with_classes(classes, |c| c.slots(probe, &probe.root, Endpoint::Instance(instance)))
            })
            .collect();
        let holds = self.and(all);
        self.checked.insert(instance, Some(holds));
        holds
    }

    fn group(&mut self, route: &Route, hop_index: usize, group_index: usize, caller: Endpoint) -> usize {
        let hop = &route.hops[hop_index];
        let deployment = self.deployment;
        let group = &deployment.groups[group_index];
        let (reads, writes) = match hop.op {
            Op::Call => (true, true),
            Op::Write | Op::Publish => (false, true),
            Op::Read | Op::Resolve | Op::Deliver | Op::WaitForEffect => (true, false),
        };
        let one = |compiler: &mut Self, class: usize| {
            let mut all = Vec::new();
            if writes {
                all.push(compiler.strong(group, caller, class, true, None));
            }
            if reads {
                let single = hop.op != Op::Call && matches!(hop.from, ReadFrom::Any | ReadFrom::Nearest);
                // A quorum has no leader to fall back on: a single replica answers for itself.
                let mut ways = match &group.mode {
                    Replication::Quorum(_) if single => Vec::new(),
                    _ => vec![compiler.strong(group, caller, class, false, hop.consistency)],
                };
                let weak = single && hop.consistency.is_none_or(|c| replica_gives(&group.mode, c));
                if weak {
                    for replica in group.homes(class) {
                        ways.push(compiler.reach(caller, replica));
                    }
                }
                all.push(compiler.or(ways));
            }
            compiler.and(all)
        };
        let chosen = self.classes.get(group_index).copied().flatten();
        let given = match (hop.keys, chosen) {
            (Keys::One, Some(class)) => one(self, class),
            (Keys::One, None) if group.classes() <= 1 => one(self, 0),
            // Averaged keys: some of them can be served if one class can.
            (Keys::One, None) => {
                let ways = (0..group.classes()).map(|c| one(self, c)).collect();
                self.or(ways)
            }
            (Keys::All, _) => {
                let all = (0..group.classes()).map(|c| one(self, c)).collect();
                self.and(all)
            }
        };
        let mut all = vec![given];
        if !hop.slots.is_empty() {
            let replicas = group.replicas(chosen.unwrap_or(0)).to_vec();
            let ways = replicas
                .into_iter()
                .map(|r| {
                    let reach = self.reach(caller, r);
                    (reach, self.behind(route, hop_index, r))
                })
                .collect();
            all.push(self.any(ways));
        }
        self.and(all)
    }

    fn linked(&mut self, group: &Group, a: usize, b: usize) -> usize {
        let up = [self.up(a), self.up(b)];
        if a == b {
            return up[0];
        }
        let deployment = self.deployment;
        let (ca, cb) = (deployment.instances[a].component, deployment.instances[b].component);
        let (ca, cb) = (&deployment.components[ca].id, &deployment.components[cb].id);
        let wires: Vec<usize> = group
            .replicate_links
            .iter()
            .copied()
            .filter(|l| {
                let link = &deployment.design.links[*l];
                (link.from == *ca && link.to == *cb) || (link.from == *cb && link.to == *ca)
            })
            .collect();
        let wire = if wires.is_empty() {
            self.gate(Gate::True)
        } else {
            let ways = wires.into_iter().map(|l| self.link(l)).collect();
            self.or(ways)
        };
        let path = self.path(Endpoint::Instance(a), Endpoint::Instance(b));
        self.and(vec![up[0], up[1], wire, path])
    }

    fn majority(&mut self, group: &Group, replica: usize, voters: &[usize]) -> usize {
        let up = self.up(replica);
        let heard = voters.iter().map(|v| self.linked(group, replica, *v)).collect();
        let enough = self.at_least(voters.len() / 2 + 1, heard);
        self.and(vec![up, enough])
    }

    /// All instances of the named components; of the group's own, those of the shard.
    fn voters(
        &self,
        group: &Group,
        replicas: &[usize],
        components: &[crate::design::ComponentId],
    ) -> Vec<usize> {
        let mut all: Vec<usize> = components
            .iter()
            .filter_map(|id| self.deployment.component_index(id.as_str()))
            .flat_map(|c| self.deployment.components[c].instances.clone().map(move |i| (c, i)))
            .filter(|(c, i)| !group.members.contains(c) || replicas.contains(i))
            .map(|(_, i)| i)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// A write, or a read at full strength.
    fn strong(
        &mut self,
        group: &Group,
        caller: Endpoint,
        class: usize,
        write: bool,
        consistency: Option<Consistency>,
    ) -> usize {
        let replicas = group.replicas(class).to_vec();
        let Some(&first) = replicas.first() else { return self.gate(Gate::False) };
        match &group.mode {
            Replication::None => self.reach(caller, first),
            Replication::PrimaryBackup(pb) if pb.failover == Failover::Automatic => {
                let voters = self.voters(group, &replicas, &pb.voters);
                let ways = replicas
                    .iter()
                    .map(|r| {
                        let reach = self.reach(caller, *r);
                        let may_lead = if voters.is_empty() {
                            self.gate(Gate::True)
                        } else {
                            self.majority(group, *r, &voters)
                        };
                        self.and(vec![reach, may_lead])
                    })
                    .collect();
                self.or(ways)
            }
            Replication::PrimaryBackup(pb) => {
                let reach = self.reach(caller, first);
                let wanted = match (pb.sync, pb.on_backup_loss, write) {
                    (_, _, false) | (Sync::Async, _, _) | (_, OnBackupLoss::AsyncAfter(_), _) => 0,
                    (Sync::SemiSync(k), OnBackupLoss::Block, true) => (k as usize).min(replicas.len() - 1),
                    (Sync::Sync, OnBackupLoss::Block, true) => replicas.len() - 1,
                };
                let backups = replicas[1..].iter().map(|b| self.linked(group, first, *b)).collect();
                let enough = self.at_least(wanted, backups);
                self.and(vec![reach, enough])
            }
            Replication::Chain(chain) => match &chain.coordinator {
                None if write => {
                    let mut all = vec![self.reach(caller, first)];
                    for pair in replicas.windows(2) {
                        all.push(self.linked(group, pair[0], pair[1]));
                    }
                    self.and(all)
                }
                None => {
                    let tail = replicas[replicas.len() - 1];
                    self.reach(caller, tail)
                }
                Some(id) => {
                    let coordinators = self.voters(group, &replicas, std::slice::from_ref(id));
                    let mut ways: Vec<usize> = replicas
                        .iter()
                        .map(|r| {
                            let reach = self.reach(caller, *r);
                            let member = self.majority(group, *r, &coordinators);
                            self.and(vec![reach, member])
                        })
                        .collect();
                    // Nobody to re-form it: the chain is as drawn.
                    let mut drawn =
                        vec![self.reach(caller, if write { first } else { replicas[replicas.len() - 1] })];
                    for pair in replicas.windows(2).filter(|_| write) {
                        drawn.push(self.linked(group, pair[0], pair[1]));
                    }
                    ways.push(self.and(drawn));
                    self.or(ways)
                }
            },
            Replication::Consensus(_) => {
                let ways = replicas
                    .iter()
                    .map(|leader| {
                        let leads = self.majority(group, *leader, &replicas);
                        let via = replicas
                            .iter()
                            .map(|f| {
                                let reach = self.reach(caller, *f);
                                let linked = self.linked(group, *f, *leader);
                                self.and(vec![reach, linked])
                            })
                            .collect();
                        let via = self.or(via);
                        self.and(vec![leads, via])
                    })
                    .collect();
                self.or(ways)
            }
            Replication::Quorum(q) => {
                let homes = group.homes(class);
                let majority = homes.len() / 2 + 1;
                let r = if q.r == 0 { majority } else { q.r as usize };
                let w = if q.w == 0 { majority } else { q.w as usize };
                let strong = r + w > homes.len();
                if !write && !strong && consistency.is_some_and(|c| c != Consistency::Eventual) {
                    return self.gate(Gate::False);
                }
                let wanted = if write { w } else { r };
                let answering = if q.sloppy { replicas.clone() } else { homes };
                match q.coordinator {
                    QuorumCoordinator::Client => {
                        let heard = answering.iter().map(|h| self.reach(caller, *h)).collect();
                        self.at_least(wanted, heard)
                    }
                    QuorumCoordinator::Replica => {
                        let ways = replicas
                            .iter()
                            .map(|c| {
                                let reach = self.reach(caller, *c);
                                let heard = answering.iter().map(|h| self.linked(group, *c, *h)).collect();
                                let enough = self.at_least(wanted, heard);
                                self.and(vec![reach, enough])
                            })
                            .collect();
                        self.or(ways)
                    }
                }
            }
            Replication::MultiPrimary(mp) => {
                let gives = write
                    || consistency.is_none_or(|c| {
                        c == Consistency::Eventual
                            || (mp.merge == Merge::Crdt && replica_gives(&group.mode, c))
                    });
                if !gives {
                    return self.gate(Gate::False);
                }
                let ways = replicas.iter().map(|r| self.reach(caller, *r)).collect();
                self.or(ways)
            }
        }
    }
}
