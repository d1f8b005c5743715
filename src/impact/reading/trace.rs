//! The ways of a reading: through which needs a journey is lost, and who takes over where it is not.
//!
//! The walk is that of the direct reading itself, asked once more for its reasons: a slot that is not served is followed
//! to the target that fails it, down to what is gone; a slot that lost a target and is served all the same names those
//! that serve it. O(client zones x key classes x hops x callers x targets).

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::{Ask, Candidate, KeyClasses, Meets, ROUNDING, Walk, touches_shards};
use crate::deploy::{Deployment, Route, VisitedSlot};
use crate::design::{
    CacheWrites, DetectorMode, ElementId, Keys, Kind, Need, Op, ReadFrom, Replication, When,
};
use crate::impact::copies::{View, Wanted};
use crate::impact::world::{Conditions, Endpoint, World};
use crate::impact::{Reading, Served};

/// Client zones times key classes that are followed for who takes over; beyond, what they would add is not told.
const WALKS_MAX: usize = 64;

/// Why the reading of a journey came out as it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The way along which some client zone or key class is not served in full; the worst of them.
    pub failing: Option<Failing>,
    /// Each slot that lost a target and is served all the same, nearest to the client first.
    pub saved: Vec<Saved>,
}

/// A way from the client to what is gone: each need on it fails because the next does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// The client, then links and instances (of what keeps copies, the component) in turn.
    pub path: Vec<ElementId>,
    /// What its end lacks: instances, links.
    pub gone: Vec<ElementId>,
    /// In what way.
    pub why: Why,
}

/// In what way the end of a failing path fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The link is down.
    LinkDown,
    /// All targets are down.
    Down,
    /// Some are down, and the rest cannot be reached.
    CutOff,
    /// Too few replicas or voters are left to answer or acknowledge.
    TooFewCopies,
    /// Fewer instances are up than are said to be needed.
    TooFewHealthy,
    /// A deep check leaves the targets out.
    DeepCheck,
    /// Nobody consumes what the journey waits for.
    NoConsumer,
    /// It could not be served either if nothing were broken.
    Never,
}

impl Why {
    /// What is said of what is gone: `database/1 is down`.
    pub fn sentence(self, gone: &str, several: bool) -> String {
        let is = if several { "are" } else { "is" };
        match self {
            Why::LinkDown | Why::Down => format!("{gone} {is} down"),
            Why::CutOff => format!("{gone} {is} down or out of reach"),
            Why::TooFewCopies => format!("without {gone} too few copies or voters are left"),
            Why::TooFewHealthy => format!("without {gone} too few instances are up"),
            Why::DeepCheck => format!("without {gone} no target passes its deep check"),
            Why::NoConsumer => format!("nobody consumes without {gone}"),
            Why::Never => "not even with everything up".to_owned(),
        }
    }

    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Why::LinkDown => "link_down",
            Why::Down => "down",
            Why::CutOff => "cut_off",
            Why::TooFewCopies => "too_few_copies",
            Why::TooFewHealthy => "too_few_healthy",
            Why::DeepCheck => "deep_check",
            Why::NoConsumer => "no_consumer",
            Why::Never => "never",
        }
    }
}

/// A slot that lost a target and is served all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The way to who takes over: the client, then links and instances in turn. All of it is up.
    pub path: Vec<ElementId>,
    /// The targets that it lost: instances, links.
    pub lost: Vec<ElementId>,
    /// Who serves in their place; empty where nobody needs to.
    pub by: Vec<ElementId>,
    /// How it is saved.
    pub how: How,
}

/// How a slot that lost a target is served all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// Other targets serve.
    Others,
    /// The copies that are left suffice.
    Copies,
    /// A way round an inline cache.
    Bypass,
    /// An inline cache answers by itself.
    Cached,
    /// The need is optional: the request goes on without it.
    Optional,
}

impl How {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            How::Others => "others",
            How::Copies => "copies",
            How::Bypass => "bypass",
            How::Cached => "cached",
            How::Optional => "optional",
        }
    }
}

/// Why a journey came out as it did under given conditions. See [`Trace`].
pub fn trace(deployment: &Deployment, conditions: &Conditions, route: &Route, reading: Reading) -> Trace {
    let keys = KeyClasses::of(deployment, route);
    let mut worst: Option<(f64, Failing)> = None;
    let mut saving = Saving::default();
    let mut walks = 0;
    for zone in &route.zones {
        let asker = Endpoint::Client { component: route.client, zone: zone.zone };
        let start = vec![ElementId::from(&deployment.components[route.client].id)];
        keys.each(|classes, _| {
            let walk = Walk::new(deployment, conditions, route, reading, classes, &keys);
            let served = walk.slots(&route.root, asker).served;
            if served < 1.0 - ROUNDING
                && worst.as_ref().is_none_or(|(least, _)| served < *least)
                && let Some(failing) = walk.failing_of(&route.root, asker, &start)
            {
                worst = Some((served, failing));
            }
            if served > ROUNDING && walks < WALKS_MAX {
                walks += 1;
                saving.seen.clear();
                walk.saved_of(&route.root, asker, &start, &mut saving);
            }
        });
    }
    saving.found.sort_by_key(|s| s.path.len());
    Trace { failing: worst.map(|(_, failing)| failing), saved: saving.found }
}

/// What has been found so far, and where the walk has been.
#[derive(Default)]
struct Saving {
    found: Vec<Saved>,
    seen: BTreeSet<(usize, usize)>,
}

impl Saving {
    fn add(&mut self, saved: Saved) {
        let same = |s: &Saved| s.lost == saved.lost && s.by == saved.by && s.how == saved.how;
        if !self.found.iter().any(same) {
            self.found.push(saved);
        }
    }
}

fn with(path: &[ElementId], more: impl IntoIterator<Item = ElementId>) -> Vec<ElementId> {
    path.iter().cloned().chain(more).collect()
}

fn fails(served: Served) -> bool {
    served.served < 1.0 - ROUNDING
}

impl Walk<'_> {
    fn instance_id(&self, instance: usize) -> ElementId {
        self.deployment.instances[instance].id.clone()
    }

    fn link_id(&self, hop: usize) -> ElementId {
        ElementId::from(&self.deployment.design.links[self.hop(hop).link].id)
    }

    fn component_id(&self, component: usize) -> ElementId {
        ElementId::from(&self.deployment.components[component].id)
    }

    /// The hops of a slot that are felt, as the reading takes them, and whether a resolver's answer is known.
    fn felt(&self, slot: &VisitedSlot) -> (Vec<usize>, bool) {
        let felt = match slot.when {
            When::EachRequest => true,
            When::AtFailover | When::AtStart => false,
            When::Every(_) => !self.at_once(),
        };
        let hops = slot.hops.iter().copied().filter(|h| felt || self.hop(*h).op == Op::Resolve);
        (hops.collect(), !felt)
    }

    /// The same walk for one shard of what keeps no data.
    fn at_shard<R>(&self, hop: usize, shard: usize, ask: impl FnOnce(&Walk<'_>) -> R) -> R {
        let space = super::key_space(self.deployment, self.hop(hop).target);
        let mut classes = self.classes.to_vec();
        classes.resize(self.keys.spaces.max(space + 1), None);
        classes[space] = Some(shard);
        ask(&Walk {
            only: self.only,
            probing: self.probing,
            deep: RefCell::new(self.deep.borrow().clone()),
            ..Walk::new(self.deployment, self.conditions, self.route, self.reading, &classes, self.keys)
        })
    }

    // Where it fails.

    fn failing_of(&self, slots: &[VisitedSlot], caller: Endpoint, path: &[ElementId]) -> Option<Failing> {
        let worst = slots
            .iter()
            .map(|s| (self.slot(s, caller, false).served, s))
            .filter(|(served, _)| *served < 1.0 - ROUNDING)
            .min_by(|a, b| a.0.total_cmp(&b.0))?;
        self.failing_in(worst.1, caller, false, path)
    }

    fn failing_in(
        &self,
        slot: &VisitedSlot,
        caller: Endpoint,
        resolver: bool,
        path: &[ElementId],
    ) -> Option<Failing> {
        let (hops, answer_known) = self.felt(slot);
        let ask = Ask { slot, resolver, answer_known };
        match slot.need {
            Need::Any => {
                let picked: Vec<usize> = hops.into_iter().filter(|h| !self.hop(*h).standing).collect();
                self.failing_targets(&ask, &picked, slot.tries, caller, path)
            }
            Need::All | Need::KOf(_) => {
                let served = |h: &usize| {
                    self.round(*h, caller, self.try_targets(&ask, &[*h], self.hop(*h).tries, caller)).served
                };
                let worst = hops
                    .into_iter()
                    .map(|h| (served(&h), h))
                    .filter(|(served, _)| *served < 1.0 - ROUNDING)
                    .min_by(|a, b| a.0.total_cmp(&b.0))?;
                self.failing_targets(&ask, &[worst.1], self.hop(worst.1).tries, caller, path)
            }
            Need::Optional => None,
        }
    }

    fn failing_targets(
        &self,
        ask: &Ask<'_>,
        hops: &[usize],
        tries: u32,
        caller: Endpoint,
        path: &[ElementId],
    ) -> Option<Failing> {
        let first = *hops.first()?;
        if let Some(every) = hops.iter().copied().find(|h| touches_shards(self.deployment, self.hop(*h)))
            && self
                .classes
                .get(super::key_space(self.deployment, self.hop(every).target))
                .copied()
                .flatten()
                .is_none()
        {
            let shards = self.deployment.design.components[self.hop(every).target].shards() as usize;
            return (0..shards).find_map(|shard| {
                self.at_shard(every, shard, |walk| {
                    fails(walk.try_eligible(ask, hops, tries, caller))
                        .then(|| walk.failing_targets(ask, hops, tries, caller, path))
                        .flatten()
                })
            });
        }
        let candidates = self.candidates_of(ask, hops, caller);
        // One that answers and serves least is followed: what lies deepest explains most.
        let followed = candidates
            .iter()
            .filter(|c| c.meets == Meets::Answers && fails(c.served))
            .min_by(|a, b| a.served.served.total_cmp(&b.served.served));
        if let Some(c) = followed
            && let Some(failing) = self.failing_behind(c, caller, path)
        {
            return Some(failing);
        }
        let links: Vec<usize> =
            hops.iter().copied().filter(|h| !self.link_is_up(self.hop(*h), caller)).collect();
        if let Some(link) = links.first().filter(|_| links.len() == hops.len()) {
            let gone = links.iter().map(|h| self.link_id(*h)).collect();
            return Some(Failing { path: with(path, [self.link_id(*link)]), gone, why: Why::LinkDown });
        }
        // A deep check hides what would have answered.
        if ask.slot.detector.mode == DetectorMode::Deep
            && let Some(c) =
                candidates.iter().find(|c| c.meets == Meets::Answers && !self.passes_deep_check(c))
        {
            return Some(self.failing_check(c, path));
        }
        let at = candidates.first().map_or(first, |c| c.hop);
        let end = with(path, [self.link_id(at), self.component_id(self.hop(at).target)]);
        let silent = candidates.iter().filter(|c| c.meets != Meets::Answers);
        let mut gone: Vec<ElementId> = silent.flat_map(|c| self.gone_of(c, caller)).collect();
        gone.sort();
        gone.dedup();
        let is_down = |id: &ElementId| {
            self.deployment.instance_index(id.as_str()).is_some_and(|i| !self.conditions.is_up(i))
        };
        let all_down = gone.iter().all(is_down);
        let why = match (gone.is_empty(), all_down) {
            (true, _) => Why::Never,
            (false, true) => Why::Down,
            (false, false) => Why::CutOff,
        };
        Some(Failing { path: end, gone, why })
    }

    /// The candidates of some hops, each target once.
    fn candidates_of(&self, ask: &Ask<'_>, hops: &[usize], caller: Endpoint) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = Vec::new();
        for (order, h) in hops.iter().enumerate() {
            for c in self.candidates(*h, caller, order, ask.answer_known) {
                if c.instance.is_none() || candidates.iter().all(|known| known.instance != c.instance) {
                    candidates.push(c);
                }
            }
        }
        candidates
    }

    /// What is gone of a candidate that does not answer.
    fn gone_of(&self, c: &Candidate, caller: Endpoint) -> Vec<ElementId> {
        let hop = self.hop(c.hop);
        if !self.link_is_up(hop, caller) {
            return vec![self.link_id(c.hop)];
        }
        match c.instance {
            Some(i) => vec![self.instance_id(i)],
            None => self.missing(hop.target, caller),
        }
    }

    /// The instances of a component, and of those it keeps copies with or lets vote, that are down or out of a caller's
    /// reach.
    fn missing(&self, target: usize, caller: Endpoint) -> Vec<ElementId> {
        let mut instances: Vec<usize> = self.deployment.components[target].instances.clone().collect();
        if let Some(g) = self.deployment.group_of[target] {
            let group = &self.deployment.groups[g];
            instances = match self.classes.get(g).copied().flatten() {
                Some(class) => group.replicas(class).to_vec(),
                None => group.shards.iter().flatten().copied().collect(),
            };
            let voters = match &group.mode {
                Replication::PrimaryBackup(pb) => pb.voters.as_slice(),
                Replication::Chain(chain) => chain.coordinator.as_slice(),
                _ => &[],
            };
            for v in voters.iter().filter_map(|v| self.deployment.component_index(v.as_str())) {
                if !group.members.contains(&v) {
                    instances.extend(self.deployment.components[v].instances.clone());
                }
            }
        }
        let is_gone = |i: &usize| self.meets(caller, *i) != Meets::Answers;
        let mut gone: Vec<ElementId> =
            instances.into_iter().filter(is_gone).map(|i| self.instance_id(i)).collect();
        gone.dedup();
        gone
    }

    /// The way on behind a target that answers and does not serve.
    fn failing_behind(&self, c: &Candidate, caller: Endpoint, path: &[ElementId]) -> Option<Failing> {
        let hop = self.hop(c.hop);
        let link = self.link_id(c.hop);
        if hop.op == Op::WaitForEffect {
            let waits = self.route.effects.iter().filter(|e| e.deliver < c.hop);
            let effect = waits.into_iter().find(|e| self.consumed(e, caller) < 1.0 - ROUNDING)?;
            let deliver = self.hop(effect.deliver);
            let end = with(path, [self.link_id(effect.deliver), self.component_id(deliver.target)]);
            let mut gone: Vec<ElementId> = self.deployment.components[deliver.target]
                .instances
                .clone()
                .filter(|i| !self.conditions.is_up(*i))
                .map(|i| self.instance_id(i))
                .collect();
            if !self.conditions.link_is_up(deliver.link) {
                gone.push(self.link_id(effect.deliver));
            }
            let why = if gone.is_empty() { Why::CutOff } else { Why::NoConsumer };
            return Some(Failing { path: end, gone, why });
        }
        if hop.op == Op::Resolve {
            let on = with(path, [link, self.component_id(hop.target)]);
            let slot = hop.slots.iter().find(|s| fails(self.slot(s, caller, true)))?;
            return self.failing_in(slot, caller, true, &on);
        }
        if let Some(group) = self.deployment.group_of[hop.target] {
            let on = with(path, [link, self.component_id(hop.target)]);
            if self.group_gives(c.hop, group, caller) {
                let class = self.classes.get(group).copied().flatten().unwrap_or(0);
                let leader = self.leader(group, caller, class)?;
                return self.failing_of(
                    &hop.slots,
                    Endpoint::Instance(leader),
                    &with(path, [self.link_id(c.hop), self.instance_id(leader)]),
                );
            }
            let mut gone = self.missing(hop.target, caller);
            let design = &self.deployment.design;
            for l in &self.deployment.groups[group].replicate_links {
                if !self.conditions.link_is_up(*l) {
                    gone.push(ElementId::from(&design.links[*l].id));
                }
            }
            let why = match gone.is_empty() {
                false => Why::TooFewCopies,
                // The copies are all there for the caller, and not for one another.
                true if self.conditions.is_cut() => Why::CutOff,
                true => Why::Never,
            };
            if why == Why::CutOff {
                gone = self.deployment.groups[group]
                    .shards
                    .iter()
                    .flatten()
                    .map(|i| self.instance_id(*i))
                    .collect();
            }
            return Some(Failing { path: on, gone, why });
        }
        let instance = c.instance?;
        let on = with(path, [link, self.instance_id(instance)]);
        if !self.enough_are_up(instance) {
            let own = &self.deployment.instances[instance];
            let gone = self.deployment.components[own.component]
                .instances
                .clone()
                .filter(|i| self.deployment.instances[*i].shard == own.shard && !self.conditions.is_up(*i))
                .map(|i| self.instance_id(i))
                .collect();
            return Some(Failing { path: on, gone, why: Why::TooFewHealthy });
        }
        self.failing_of(&hop.slots, Endpoint::Instance(instance), &on)
    }

    /// The way along which a deep check fails.
    fn failing_check(&self, c: &Candidate, path: &[ElementId]) -> Failing {
        let hop = self.hop(c.hop);
        let target = c.instance.map_or_else(|| self.component_id(hop.target), |i| self.instance_id(i));
        let on = with(path, [self.link_id(c.hop), target]);
        let found = c.instance.and_then(|i| {
            let probe = self.deployment.probes.get(&self.deployment.instances[i].component)?;
            let walk = Walk {
                probing: true,
                ..Walk::new(self.deployment, self.conditions, probe, self.reading, &[], self.keys)
            };
            walk.failing_of(&probe.root, Endpoint::Instance(i), &on)
        });
        match found {
            Some(found) => Failing { why: Why::DeepCheck, ..found },
            None => Failing { path: on, gone: Vec::new(), why: Why::DeepCheck },
        }
    }

    /// Whether a group itself gives what a hop wants, for all keys that the walk does not tell apart.
    fn group_gives(&self, hop_index: usize, group: usize, caller: Endpoint) -> bool {
        let hop = self.hop(hop_index);
        let view = self.view(group);
        let wanted = Wanted {
            read: !matches!(hop.op, Op::Write | Op::Publish),
            write: matches!(hop.op, Op::Write | Op::Publish | Op::Call),
            from: if hop.op == Op::Call { ReadFrom::Leader } else { hop.from },
            consistency: hop.consistency,
        };
        let chosen = self.classes.get(group).copied().flatten().filter(|_| hop.keys == Keys::One);
        let classes = chosen.map_or(0..self.deployment.groups[group].classes(), |c| c..c + 1);
        classes.into_iter().all(|c| view.give(caller, c, wanted).served)
    }

    fn view(&self, group: usize) -> View<'_> {
        View { conditions: self.conditions, group: &self.deployment.groups[group], at_once: self.at_once() }
    }

    fn leader(&self, group: usize, caller: Endpoint, class: usize) -> Option<usize> {
        self.view(group).answering_replica(caller, class)
    }

    // Where it is saved.

    fn saved_of(&self, slots: &[VisitedSlot], caller: Endpoint, path: &[ElementId], out: &mut Saving) {
        for slot in slots {
            self.saved_in(slot, caller, false, path, out);
        }
    }

    fn saved_in(
        &self,
        slot: &VisitedSlot,
        caller: Endpoint,
        resolver: bool,
        path: &[ElementId],
        out: &mut Saving,
    ) {
        let (hops, answer_known) = self.felt(slot);
        let ask = Ask { slot, resolver, answer_known };
        let picked: Vec<Vec<usize>> = match slot.need {
            Need::Any => vec![hops.iter().copied().filter(|h| !self.hop(*h).standing).collect()],
            _ => hops.iter().map(|h| vec![*h]).collect(),
        };
        let mut failed: Vec<ElementId> = Vec::new();
        let mut served: Vec<ElementId> = Vec::new();
        let mut way: Option<Vec<ElementId>> = None;
        for hops in picked.iter().filter(|h| !h.is_empty()) {
            let candidates = self.candidates_of(&ask, hops, caller);
            let hidden = |c: &Candidate| self.as_eligible(c, ask.slot.detector.mode).is_none() && !resolver;
            let (good, bad): (Vec<&Candidate>, Vec<&Candidate>) = candidates
                .iter()
                .partition(|c| c.meets == Meets::Answers && c.served.served > ROUNDING && !hidden(c));
            let lost: Vec<ElementId> = bad.iter().flat_map(|c| self.lost_of(c, caller)).collect();
            let Some(first) = good.first() else {
                self.saved_around(slot, hops, caller, path, &lost, out);
                failed.extend(lost);
                continue;
            };
            let mut by: Vec<ElementId> = good.iter().filter_map(|c| self.name_of(c, caller)).collect();
            by.dedup();
            let end = self.name_of(first, caller);
            let on = with(path, std::iter::once(self.link_id(first.hop)).chain(end));
            served.extend(by.iter().cloned());
            way.get_or_insert_with(|| on.clone());
            if !lost.is_empty() {
                out.add(Saved { path: on, lost, by, how: How::Others });
            }
            for c in good {
                self.saved_behind(c, caller, path, out);
            }
        }
        if let (Need::KOf(_), Some(path), false) = (slot.need, way, failed.is_empty()) {
            out.add(Saved { path, lost: failed, by: served, how: How::Others });
        }
    }

    /// What is lost of a candidate: itself, or if it is up and serves nothing, the candidate by its name.
    fn lost_of(&self, c: &Candidate, caller: Endpoint) -> Vec<ElementId> {
        if c.meets == Meets::Answers {
            return match c.instance {
                Some(i) => vec![self.instance_id(i)],
                None => vec![self.component_id(self.hop(c.hop).target)],
            };
        }
        self.gone_of(c, caller)
    }

    /// Who serves as a candidate: the instance, or of a group the replica that answers.
    fn name_of(&self, c: &Candidate, caller: Endpoint) -> Option<ElementId> {
        let hop = self.hop(c.hop);
        if let Some(i) = c.instance {
            return Some(self.instance_id(i));
        }
        if hop.op == Op::Resolve || hop.standing || hop.op == Op::WaitForEffect {
            let up = self.deployment.components[hop.target].instances.clone();
            return up
                .into_iter()
                .find(|i| self.meets(caller, *i) == Meets::Answers)
                .map(|i| self.instance_id(i));
        }
        let group = self.deployment.group_of[hop.target]?;
        let class = self.classes.get(group).copied().flatten().unwrap_or(0);
        self.leader(group, caller, class).map(|l| self.instance_id(l))
    }

    /// A hop whose targets are all lost and that is not missed: an optional need, or a way round.
    fn saved_around(
        &self,
        slot: &VisitedSlot,
        hops: &[usize],
        caller: Endpoint,
        path: &[ElementId],
        lost: &[ElementId],
        out: &mut Saving,
    ) {
        if lost.is_empty() {
            return;
        }
        for bypass in hops.iter().flat_map(|h| &self.hop(*h).bypass) {
            let targets = self.candidates(*bypass, caller, 0, false);
            let good: Vec<&Candidate> =
                targets.iter().filter(|c| c.meets == Meets::Answers && c.served.served > ROUNDING).collect();
            if let Some(first) = good.first() {
                let by: Vec<ElementId> = good.iter().filter_map(|c| self.name_of(c, caller)).collect();
                let on =
                    with(path, std::iter::once(self.link_id(*bypass)).chain(self.name_of(first, caller)));
                out.add(Saved { path: on, lost: lost.to_vec(), by, how: How::Bypass });
                return;
            }
        }
        if slot.need == Need::Optional {
            out.add(Saved { path: path.to_vec(), lost: lost.to_vec(), by: Vec::new(), how: How::Optional });
        }
    }

    /// Further down, behind a target that serves.
    fn saved_behind(&self, c: &Candidate, caller: Endpoint, path: &[ElementId], out: &mut Saving) {
        let hop = self.hop(c.hop);
        let Some(name) = self.name_of(c, caller) else { return };
        let on = with(path, [self.link_id(c.hop), name.clone()]);
        if hop.op == Op::Resolve {
            if !out.seen.insert((c.hop, usize::MAX)) {
                return;
            }
            let lost = self.missing(hop.target, caller);
            if !lost.is_empty() {
                out.add(Saved { path: on.clone(), lost, by: vec![name], how: How::Others });
            }
            for slot in &hop.slots {
                self.saved_in(slot, caller, true, &on, out);
            }
            return;
        }
        let at = match (c.instance, self.deployment.group_of[hop.target]) {
            (Some(i), _) => i,
            (None, Some(group)) => {
                let lost = self.missing(hop.target, caller);
                if !lost.is_empty() {
                    out.add(Saved { path: on.clone(), lost, by: vec![name.clone()], how: How::Copies });
                }
                let class = self.classes.get(group).copied().flatten().unwrap_or(0);
                let Some(leader) = self.leader(group, caller, class) else { return };
                leader
            }
            (None, None) => return,
        };
        if !out.seen.insert((c.hop, at)) {
            return;
        }
        let behind = Endpoint::Instance(at);
        let component = &self.deployment.design.components[self.deployment.instances[at].component];
        if matches!(component.kind, Kind::Cache | Kind::Cdn)
            && !hop.slots.is_empty()
            && self.slots(&hop.slots, behind).served <= ROUNDING
        {
            let writes_back = hop.op == Op::Write
                && component.cache.as_ref().is_some_and(|s| s.writes == CacheWrites::Back);
            if let Some(failing) = self.failing_of(&hop.slots, behind, &on)
                && (writes_back || hop.op != Op::Write)
            {
                out.add(Saved { path: on, lost: failing.gone, by: vec![name], how: How::Cached });
            }
            return;
        }
        self.saved_of(&hop.slots, behind, &on, out);
    }
}

/// The elements on the way of a journey that a world keeps from being served, nearest to the client first: the
/// witness of a finding.
pub fn witness(deployment: &Deployment, route: &Route, lost: &World) -> Vec<ElementId> {
    let conditions = Conditions::new(deployment, lost);
    let mut best: Vec<usize> = Vec::new();
    for hop in 0..route.hops.len() {
        let broken = route.hops[hop].op != Op::Deliver && {
            let h = &route.hops[hop];
            !conditions.link_is_up(h.link)
                || deployment.components[h.target].instances.clone().any(|i| !conditions.is_up(i))
        };
        if broken {
            let path = route.path_to(hop);
            if best.is_empty() || path.len() < best.len() {
                best = path;
            }
        }
    }
    let mut elements = vec![ElementId::from(&deployment.components[route.client].id)];
    for hop in best {
        let h = &route.hops[hop];
        elements.push(ElementId::from(&deployment.design.links[h.link].id));
        elements.push(ElementId::from(&deployment.components[h.target].id));
    }
    elements
}
