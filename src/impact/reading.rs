//! The direct reading: what share of each journey a world leaves served.
//!
//! For one client zone and one choice of key classes everything but the picks of callers is determined, so the
//! reading walks the route once, asking of each hop and caller for the probability of being served
//! (`pick`), and of each replica group what it gives (`copies`). What a target instance makes of a hop does not
//! depend on who asked, so it is remembered: O(hops x callers x targets) in all.

mod keys;
mod trace;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use super::copies::{View, Wanted};
use super::outcome::{EffectOutcome, JourneyOutcome, Outcome, ROUNDING};
use super::pick::{Served, Target, at_least, pick};
use super::world::{Conditions, Down, Endpoint};
use super::{Reading, World};
use crate::deploy::{Deployment, Effect, Hop, Route, VisitedSlot};
use crate::design::{
    CacheSettings, CacheWrites, DetectorMode, Interaction, Keys, Kind, Need, Op, ReadFrom, Replication,
    ResolvePolicy, When,
};

pub(super) use keys::{KeyClasses, key_space, touches_shards};
pub use trace::{Failing, How, Saved, Trace, Why, trace, witness};

/// Reads every journey in a world. O(journeys x client zones x key classes x hops x callers x targets).
pub fn evaluate(deployment: &Deployment, world: &World, reading: Reading) -> Vec<JourneyOutcome> {
    let conditions = Conditions::new(deployment, world);
    deployment.routes.iter().map(|route| read_route(deployment, &conditions, route, reading)).collect()
}

/// Reads one journey under given conditions.
pub fn read_route(
    deployment: &Deployment,
    conditions: &Conditions,
    route: &Route,
    reading: Reading,
) -> JourneyOutcome {
    let keys = KeyClasses::of(deployment, route);
    read_keeping(deployment, conditions, route, &keys, reading, Keeping::Nothing)
}

/// As [`read_route`], with what is known of the unbroken world.
pub(super) fn read_keeping(
    deployment: &Deployment,
    conditions: &Conditions,
    route: &Route,
    keys: &KeyClasses,
    reading: Reading,
    keeping: Keeping<'_>,
) -> JourneyOutcome {
    let mut share = 0.0;
    let mut degraded_share = 0.0;
    let mut apart = [0.0; 2];
    let mut unstable = false;
    let mut effects: Vec<EffectOutcome> = route
        .effects
        .iter()
        .map(|e| EffectOutcome { id: e.id.clone(), done: 0.0, late: 0.0, never: 0.0 })
        .collect();
    let ops = [has_op(deployment, route, true), has_op(deployment, route, false)];
    for zone in &route.zones {
        let asker = Endpoint::Client { component: route.client, zone: zone.zone };
        let mut choice = 0;
        keys.each(|classes, weight| {
            let weight = weight * zone.weight;
            let new_walk = |only: Ops| Walk {
                only,
                id: (choice, only, None),
                keeping,
                ..Walk::new(deployment, conditions, route, reading, classes, keys)
            };
            let walk = new_walk(Ops::All);
            let served = walk.slots(&route.root, asker);
            share += weight * served.served;
            degraded_share += weight * (served.served - served.full);
            unstable |= walk.unstable.get();
            for (k, only) in [Ops::Reads, Ops::Writes].into_iter().enumerate() {
                // Where the journey does both, each alone; where it does one, that is the whole.
                if ops[0] && ops[1] {
                    apart[k] += weight * new_walk(only).slots(&route.root, asker).served;
                } else {
                    apart[k] += weight * served.served;
                }
            }
            for (effect, outcome) in route.effects.iter().zip(&mut effects) {
                let (done, late) = walk.effect(effect, asker);
                outcome.done += weight * done;
                outcome.late += weight * late;
                outcome.never += weight * (1.0 - done - late).max(0.0);
            }
            choice += 1;
        });
    }
    JourneyOutcome {
        journey: route.journey.clone(),
        outcome: Outcome::of(share, degraded_share),
        share: tidy(share),
        degraded_share: tidy(degraded_share),
        reads: ops[0].then(|| tidy(apart[0])),
        writes: ops[1].then(|| tidy(apart[1])),
        unstable,
        effects: effects
            .into_iter()
            .map(|e| EffectOutcome { done: tidy(e.done), late: tidy(e.late), never: tidy(e.never), ..e })
            .collect(),
    }
}

/// Takes rounding out of shares that are none or all.
fn tidy(share: f64) -> f64 {
    if share < ROUNDING {
        0.0
    } else if share > 1.0 - ROUNDING {
        1.0
    } else {
        share
    }
}

fn has_op(deployment: &Deployment, route: &Route, reads: bool) -> bool {
    route.hops.iter().any(|h| {
        deployment.group_of[h.target].is_some()
            && match h.op {
                Op::Call => true,
                Op::Read => reads,
                Op::Write | Op::Publish => !reads,
                Op::Resolve | Op::Deliver | Op::WaitForEffect => false,
            }
    })
}

/// The kinds of operation that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ops {
    All,
    Reads,
    Writes,
}

/// A candidate target of a slot, as its caller meets it.
struct Candidate {
    instance: Option<usize>,
    rank: usize,
    weight: f64,
    meets: Meets,
    served: Served,
    idempotent: bool,
    fits: bool,
    hop: usize,
}

/// What a caller meets at a target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meets {
    /// Something that answers.
    Answers,
    /// A refused connection.
    Refuses,
    /// Nothing.
    Nothing,
}

/// A slot as it is being asked.
struct Ask<'a> {
    slot: &'a VisitedSlot,
    /// Whether it is a resolver's, walked by whoever asked.
    resolver: bool,
    /// Whether a resolver in it need not be asked again.
    answer_known: bool,
}

/// Which of the walks of a route: the choice of key classes by number, the operations that count, the publish that is watched.
pub(super) type WalkId = (usize, Ops, Option<usize>);

/// What slots give in each walk: at the place of the slot's first hop, to each kind of caller, told apart by whether the slot is a
/// resolver's.
pub(super) type Pages = BTreeMap<WalkId, Vec<Vec<((bool, Endpoint), Served)>>>;

/// What a walk does with what is known of the unbroken world.
#[derive(Clone, Copy)]
pub(super) enum Keeping<'a> {
    /// It knows nothing.
    Nothing,
    /// It is the unbroken world that is walked: what is found is written down.
    Writes(&'a RefCell<Pages>),
    /// What is written holds, but not of the hops that feel what is broken.
    Reads(&'a Pages, &'a [bool]),
}

struct Walk<'a> {
    deployment: &'a Deployment,
    conditions: &'a Conditions<'a>,
    route: &'a Route,
    reading: Reading,
    classes: &'a [Option<usize>],
    only: Ops,
    /// All choices of key classes of the journey, for what is judged over all of them.
    keys: &'a KeyClasses,
    /// Whether this is a deep check: a group is asked for every key class.
    probing: bool,
    /// The way to a publish. While it is not empty, `full` means served *and* published.
    way: BTreeSet<usize>,
    id: WalkId,
    keeping: Keeping<'a>,
    remembered: RefCell<BTreeMap<(usize, usize), Served>>,
    deep: RefCell<BTreeMap<usize, bool>>,
    unstable: Cell<bool>,
}

impl<'a> Walk<'a> {
    fn new(
        deployment: &'a Deployment,
        conditions: &'a Conditions<'a>,
        route: &'a Route,
        reading: Reading,
        classes: &'a [Option<usize>],
        keys: &'a KeyClasses,
    ) -> Self {
        Self {
            deployment,
            conditions,
            route,
            reading,
            classes,
            only: Ops::All,
            keys,
            probing: false,
            way: BTreeSet::new(),
            id: (0, Ops::All, None),
            keeping: Keeping::Nothing,
            remembered: RefCell::default(),
            deep: RefCell::default(),
            unstable: Cell::new(false),
        }
    }

    /// Another walk under the same conditions. It knows which deep checks are under way: one that leads back to itself
    /// would else never end.
    fn beside<'b>(&'b self, route: &'b Route, classes: &'b [Option<usize>]) -> Walk<'b> {
        Walk {
            deep: RefCell::new(self.deep.borrow().clone()),
            ..Walk::new(self.deployment, self.conditions, route, self.reading, classes, self.keys)
        }
    }

    fn at_once(&self) -> bool {
        self.reading == Reading::AtOnce
    }

    /// All slots of a caller.
    fn slots(&self, slots: &[VisitedSlot], caller: Endpoint) -> Served {
        slots.iter().fold(Served::ALWAYS, |all, slot| all.and(self.slot(slot, caller, false)))
    }

    /// One slot; `resolver` says that it is a resolver's, walked by whoever asked. What is known of it from the
    /// unbroken world holds where nothing behind it is broken.
    fn slot(&self, slot: &VisitedSlot, caller: Endpoint, resolver: bool) -> Served {
        let Some(first) = slot.hops.first() else { return Served::ALWAYS };
        let kind = match caller {
            Endpoint::Instance(i) => Endpoint::Instance(self.kind_of(i)),
            Endpoint::Client { .. } => caller,
        };
        let asked = (resolver, kind);
        match self.keeping {
            Keeping::Nothing => self.ask_slot(slot, caller, resolver),
            Keeping::Writes(pages) => {
                let served = self.ask_slot(slot, caller, resolver);
                let mut pages = pages.borrow_mut();
                let page = pages.entry(self.id).or_insert_with(|| vec![Vec::new(); self.route.hops.len()]);
                if page[*first].iter().all(|(known, _)| *known != asked) {
                    page[*first].push((asked, served));
                }
                served
            }
            Keeping::Reads(pages, broken) => {
                let is_broken = |h: &usize| broken[*h] || self.hop(*h).bypass.iter().any(|b| broken[*b]);
                let page = if slot.hops.iter().any(is_broken) { None } else { pages.get(&self.id) };
                let known = page.and_then(|p| p[*first].iter().find(|(known, _)| *known == asked));
                known.map_or_else(|| self.ask_slot(slot, caller, resolver), |(_, served)| *served)
            }
        }
    }

    fn ask_slot(&self, slot: &VisitedSlot, caller: Endpoint, resolver: bool) -> Served {
        let felt = match slot.when {
            When::EachRequest => true,
            When::AtFailover | When::AtStart => false,
            When::Every(_) => !self.at_once(),
        };
        // `when` is about reaching a resolver; its answer has to be walked all the same.
        let felt_by = |h: &usize| felt || self.hop(*h).op == Op::Resolve;
        let hops: Vec<usize> = slot.hops.iter().copied().filter(felt_by).collect();
        if hops.is_empty() {
            return Served::ALWAYS;
        }
        let ask = Ask { slot, resolver, answer_known: !felt };
        let each = || -> Vec<Served> {
            hops.iter()
                .map(|h| self.round(*h, caller, self.try_targets(&ask, &[*h], self.hop(*h).tries, caller)))
                .collect()
        };
        let on_way = |h: &usize| self.way.contains(h);
        match slot.need {
            Need::All => each().into_iter().fold(Served::ALWAYS, Served::and),
            Need::Any => {
                let standing = hops.iter().filter(|h| self.hop(**h).standing);
                if standing.clone().any(|h| self.stands(*h, caller)) {
                    return Served::ALWAYS;
                }
                let picked: Vec<usize> = hops.iter().copied().filter(|h| !self.hop(*h).standing).collect();
                let mut through = self.try_targets(&ask, &picked, slot.tries, caller);
                for h in &picked {
                    through = self.round(*h, caller, through);
                }
                if self.way.is_empty() || picked.iter().any(on_way) {
                    through
                } else {
                    Served { full: through.served, ..through }
                }
            }
            Need::KOf(k) => {
                let each = each();
                let enough = at_least(k as usize, &each);
                match hops.iter().position(on_way) {
                    Some(at) => Served { served: enough.served, full: enough.served.min(each[at].full) },
                    None => enough,
                }
            }
            Need::Optional => hops.iter().zip(each()).fold(Served::ALWAYS, |all, (h, one)| {
                let full = if self.way.is_empty() || on_way(h) { one.full } else { 1.0 };
                all.and(Served { served: 1.0, full })
            }),
        }
    }

    /// Whether a standing need holds.
    fn stands(&self, hop: usize, caller: Endpoint) -> bool {
        let h = self.hop(hop);
        self.link_is_up(h, caller)
            && self.instances_at(h).iter().any(|(i, _)| self.meets(caller, *i) == Meets::Answers)
    }

    /// Whether the wire of a hop is up: the drawn link, or a standby's own of that sort to the same component.
    fn link_is_up(&self, hop: &Hop, caller: Endpoint) -> bool {
        let design = &self.deployment.design;
        let link = &design.links[hop.link];
        if let Endpoint::Instance(i) = caller {
            let own = &self.deployment.components[self.deployment.instances[i].component].id;
            if *own != link.from
                && let Some(other) = design
                    .links
                    .iter()
                    .position(|l| l.from == *own && l.to == link.to && l.interaction == link.interaction)
                && self.deployment.pairs.contains_key(&self.deployment.instances[i].component)
            {
                return self.conditions.link_is_up(other);
            }
        }
        self.conditions.link_is_up(hop.link)
    }

    fn hop(&self, hop: usize) -> &'a Hop {
        &self.route.hops[hop]
    }

    /// Adds the ways round an inline cache.
    fn round(&self, hop: usize, caller: Endpoint, through: Served) -> Served {
        self.hop(hop).bypass.iter().fold(through, |so_far, b| {
            if so_far.served >= 1.0 {
                return so_far;
            }
            let tries = self.hop(*b).tries;
            let targets: Vec<Target> = self
                .candidates(*b, caller, 0, false)
                .into_iter()
                .filter(|c| c.meets == Meets::Answers)
                .map(|c| Target { rank: c.rank, weight: c.weight, served: c.served, moves_on: c.idempotent })
                .collect();
            so_far.or_else(pick(&targets, tries, false))
        })
    }

    /// Tries the eligible targets of some hops of a slot: for a hop that touches every key of what is sharded and keeps
    /// no data, those of each shard.
    fn try_targets(&self, ask: &Ask, hops: &[usize], tries: u32, caller: Endpoint) -> Served {
        let Some(every) = hops.iter().map(|h| self.hop(*h)).find(|h| touches_shards(self.deployment, h))
        else {
            return self.try_eligible(ask, hops, tries, caller);
        };
        let space = key_space(self.deployment, every.target);
        let mut classes = self.classes.to_vec();
        classes.resize(self.keys.spaces.max(space + 1), None);
        let shards = self.deployment.design.components[every.target].shards() as usize;
        (0..shards).fold(Served::ALWAYS, |all, shard| {
            classes[space] = Some(shard);
            let walk = Walk {
                only: self.only,
                probing: self.probing,
                way: self.way.clone(),
                ..self.beside(self.route, &classes)
            };
            let served = walk.try_eligible(ask, hops, tries, caller);
            self.unstable.set(self.unstable.get() || walk.unstable.get());
            all.and(served)
        })
    }

    fn try_eligible(&self, ask: &Ask, hops: &[usize], tries: u32, caller: Endpoint) -> Served {
        let mut candidates: Vec<Candidate> = Vec::new();
        for (order, h) in hops.iter().enumerate() {
            let so_far = candidates.len();
            for c in self.candidates(*h, caller, order, ask.answer_known) {
                // Where several links lead to an instance it is one target, by the first.
                if c.instance.is_none() || candidates[..so_far].iter().all(|k| k.instance != c.instance) {
                    candidates.push(c);
                }
            }
        }
        let mut mode = ask.slot.detector.mode;
        if ask.resolver {
            self.rank(&mut candidates, ask.slot, caller);
            if !self.at_once() && mode >= DetectorMode::Shallow {
                let visible = |c: &Candidate| {
                    c.instance.is_none_or(|i| {
                        self.conditions.is_up(i) && (mode != DetectorMode::Deep || self.needs_hold(i))
                    })
                };
                if candidates.iter().any(visible) {
                    candidates.retain(visible);
                }
            }
            mode = DetectorMode::Connect;
        } else {
            // Without a resolver no link is preferred; only a standby comes after its active.
            candidates.iter_mut().for_each(|c| c.rank %= 2);
        }
        // A link that does not lead to the publish answers the request and publishes nothing.
        if !self.way.is_empty() && hops.iter().any(|h| self.way.contains(h)) {
            for c in candidates.iter_mut().filter(|c| !self.way.contains(&c.hop)) {
                c.served.full = 0.0;
            }
        }
        let targets: Vec<Target> = candidates.iter().filter_map(|c| self.as_eligible(c, mode)).collect();
        let weighted = ask.slot.policy == Some(ResolvePolicy::Weighted) && ask.resolver;
        pick(&targets, tries, weighted)
    }

    /// The candidate as a target to try, if the detector does not hide it.
    fn as_eligible(&self, c: &Candidate, mode: DetectorMode) -> Option<Target> {
        let target = |served: Served, moves_on: bool| {
            Some(Target { rank: c.rank, weight: c.weight, served, moves_on })
        };
        match c.meets {
            Meets::Answers => {
                let hidden = !self.at_once()
                    && match mode {
                        DetectorMode::Connect | DetectorMode::Shallow => false,
                        DetectorMode::Passive => c.served.served <= 0.0 && self.answers_none(c),
                        DetectorMode::Deep => !self.passes_deep_check(c),
                    };
                if hidden { None } else { target(c.served, c.idempotent) }
            }
            Meets::Refuses => {
                let hidden = mode == DetectorMode::Connect || !self.at_once();
                if hidden { None } else { target(Served::NEVER, true) }
            }
            Meets::Nothing => {
                let hidden = match mode {
                    DetectorMode::Connect => c.fits,
                    DetectorMode::Passive => c.fits && !self.at_once(),
                    DetectorMode::Shallow | DetectorMode::Deep => !self.at_once(),
                };
                if hidden { None } else { target(Served::NEVER, c.fits) }
            }
        }
    }

    /// Ranks the candidates of a resolver's answer by its policy.
    fn rank(&self, candidates: &mut [Candidate], slot: &VisitedSlot, caller: Endpoint) {
        match slot.policy {
            Some(ResolvePolicy::Nearest) => {
                let here = self.zone_of(caller);
                for c in candidates.iter_mut() {
                    let there = c.instance.and_then(|i| self.deployment.instances[i].zone);
                    // More shared zones first.
                    c.rank = usize::MAX - self.deployment.shared_zones(here, there);
                }
            }
            Some(ResolvePolicy::Failover) => {}
            Some(ResolvePolicy::Weighted) | None => candidates.iter_mut().for_each(|c| c.rank %= 2),
        }
    }

    fn zone_of(&self, end: Endpoint) -> Option<usize> {
        match end {
            Endpoint::Instance(i) => self.deployment.instances[i].zone,
            Endpoint::Client { zone, .. } => zone,
        }
    }

    /// The targets at the end of a hop. `order` is the hop's place in its slot, which ranks the answers of a failover
    /// resolver; `answer_known` says that a resolver need not be asked again.
    fn candidates(
        &self,
        hop_index: usize,
        caller: Endpoint,
        order: usize,
        answer_known: bool,
    ) -> Vec<Candidate> {
        let hop = self.hop(hop_index);
        let candidate =
            |instance: Option<usize>, standby: usize, weight: f64, meets: Meets, served: Served| Candidate {
                instance,
                rank: order * 2 + standby,
                weight,
                meets,
                served,
                idempotent: hop.idempotent,
                fits: hop.fits,
                hop: hop_index,
            };
        let one = |meets, served| vec![candidate(None, 0, hop.weight, meets, served)];
        if hop.standing {
            return if self.stands(hop_index, caller) {
                one(Meets::Answers, Served::ALWAYS)
            } else {
                one(Meets::Nothing, Served::NEVER)
            };
        }
        if hop.op == Op::WaitForEffect {
            // For the effects themselves the wait counts as holding.
            if !self.way.is_empty() {
                return one(Meets::Answers, Served::ALWAYS);
            }
            let waited = self
                .route
                .effects
                .iter()
                .filter(|e| e.deliver < hop_index)
                .map(|e| self.consumed(e, caller))
                .product();
            return one(Meets::Answers, Served { served: waited, full: waited });
        }
        if hop.op == Op::Resolve {
            if !(self.at_once() || answer_known || self.stands(hop_index, caller)) {
                return one(Meets::Nothing, Served::NEVER);
            }
            let walked = hop.slots.iter().fold(Served::ALWAYS, |all, s| all.and(self.slot(s, caller, true)));
            return one(Meets::Answers, walked);
        }
        let link_up = self.link_is_up(hop, caller);
        if let Some(group) = self.deployment.group_of[hop.target] {
            let (meets, served) = self.ask_group(hop_index, group, caller, link_up);
            return one(meets, served);
        }
        let targets = self.instances_at(hop);
        let count = targets.len().max(1) as f64;
        targets
            .into_iter()
            .map(|(i, standby)| {
                let meets = if link_up { self.meets(caller, i) } else { Meets::Nothing };
                let served =
                    if meets == Meets::Answers { self.instance(hop_index, i) } else { Served::NEVER };
                candidate(Some(i), standby, hop.weight / count, meets, served)
            })
            .collect()
    }

    /// The instances behind a hop with their rank: a standby's come second, once it hears no beat. Of a sharded component
    /// that keeps no data, those of the key's shard.
    fn instances_at(&self, hop: &Hop) -> Vec<(usize, usize)> {
        let of = |c: usize, rank: usize| {
            let class = self.classes.get(key_space(self.deployment, c)).copied().flatten();
            let shard = class.filter(|_| self.deployment.group_of[c].is_none());
            self.deployment.components[c]
                .instances
                .clone()
                .filter(move |i| shard.is_none_or(|s| self.deployment.instances[*i].shard as usize == s))
                .map(move |i| (i, rank))
        };
        match self.deployment.pairs.get(&hop.target) {
            Some(&(active, _)) if self.at_once() => of(active, 0).collect(),
            Some(&(active, standby)) => of(active, 0)
                .chain(of(standby, 1).filter(|(i, _)| !self.hears_beat(active, standby, *i)))
                .collect(),
            None => of(hop.target, 0).collect(),
        }
    }

    /// Whether a standby's instance hears its active.
    fn hears_beat(&self, active: usize, standby: usize, instance: usize) -> bool {
        let design = &self.deployment.design;
        let (from, to) = (&self.deployment.components[active].id, &self.deployment.components[standby].id);
        let wire = design.links.iter().enumerate().any(|(k, l)| {
            l.interaction == Interaction::Heartbeat
                && l.from == *from
                && l.to == *to
                && self.conditions.link_is_up(k)
        });
        wire && self.deployment.components[active].instances.clone().any(|a| {
            self.conditions.is_up(a)
                && self.conditions.passes(Endpoint::Instance(a), Endpoint::Instance(instance))
        })
    }

    fn meets(&self, caller: Endpoint, instance: usize) -> Meets {
        if !self.conditions.passes_both(caller, Endpoint::Instance(instance)) {
            return Meets::Nothing;
        }
        match self.conditions.down(instance) {
            None => Meets::Answers,
            Some(Down::Refusing) => Meets::Refuses,
            Some(Down::Silent) => Meets::Nothing,
        }
    }

    /// The instance that stands for all that meet the same as callers.
    fn kind_of(&self, instance: usize) -> usize {
        if self.conditions.is_cut() { instance } else { self.deployment.instances[instance].alike }
    }

    /// What an instance that is up makes of a hop.
    fn instance(&self, hop_index: usize, instance: usize) -> Served {
        let instance = self.kind_of(instance);
        if let Some(known) = self.remembered.borrow().get(&(hop_index, instance)) {
            return *known;
        }
        let hop = self.hop(hop_index);
        let component = &self.deployment.design.components[self.deployment.instances[instance].component];
        let served = if !self.enough_are_up(instance) {
            Served::NEVER
        } else {
            let behind = self.slots(&hop.slots, Endpoint::Instance(instance));
            if hop.slots.is_empty() { behind } else { self.through_cache(hop, component, behind) }
        };
        let served = if self.way.contains(&hop_index) || self.way.is_empty() {
            served
        } else {
            Served { full: served.served, ..served }
        };
        self.remembered.borrow_mut().insert((hop_index, instance), served);
        served
    }

    /// Whether `min_healthy` instances of an instance's component (of its shard) are up.
    fn enough_are_up(&self, instance: usize) -> bool {
        let own = &self.deployment.instances[instance];
        let wanted = self.deployment.design.components[own.component].min_healthy as usize;
        wanted <= 1
            || self.deployment.components[own.component]
                .instances
                .clone()
                .filter(|i| self.deployment.instances[*i].shard == own.shard && self.conditions.is_up(*i))
                .count()
                >= wanted
    }

    /// What an inline cache adds to the way behind it.
    fn through_cache(&self, hop: &Hop, component: &crate::design::Component, behind: Served) -> Served {
        if !matches!(component.kind, Kind::Cache | Kind::Cdn) {
            return behind;
        }
        let settings: CacheSettings = component.cache.clone().unwrap_or_default();
        if hop.op == Op::Write {
            return if settings.writes == CacheWrites::Back { Served::ALWAYS } else { behind };
        }
        if settings.serve_stale || self.at_once() {
            let hits = settings.hit_ratio().clamp(0.0, 1.0);
            // An answer from the cache has published nothing.
            let full = if self.way.is_empty() { hits } else { 0.0 };
            return behind.or_else(Served { served: hits, full });
        }
        behind
    }

    /// Whether a target answers no request of a hop, whatever the key.
    fn answers_none(&self, c: &Candidate) -> bool {
        let Some(instance) = c.instance else { return true };
        let mut none = true;
        self.keys.each(|classes, _| {
            none &= self.beside(self.route, classes).instance(c.hop, instance).served <= ROUNDING;
        });
        none
    }

    /// What a deep check sees of a target: of an instance its needs; of a group no more than that somebody answers.
    fn passes_deep_check(&self, c: &Candidate) -> bool {
        c.instance.is_none_or(|i| self.enough_are_up(i) && self.needs_hold(i))
    }

    /// Whether the needs of an instance hold as a deep check sees them: its derived route, every key class.
    fn needs_hold(&self, instance: usize) -> bool {
        if let Some(known) = self.deep.borrow().get(&instance) {
            return *known;
        }
        let component = self.deployment.instances[instance].component;
        let Some(probe) = self.deployment.probes.get(&component) else { return true };
        // A circle of deep checks supports itself: the greatest fixed point.
        self.deep.borrow_mut().insert(instance, true);
        let walk = Walk { probing: true, ..self.beside(probe, &[]) };
        let holds = walk.slots(&probe.root, Endpoint::Instance(instance)).served > ROUNDING;
        self.deep.borrow_mut().insert(instance, holds);
        holds
    }

    /// What a replica group gives for a hop.
    fn ask_group(
        &self,
        hop_index: usize,
        group_index: usize,
        caller: Endpoint,
        link_up: bool,
    ) -> (Meets, Served) {
        let hop = self.hop(hop_index);
        let group = &self.deployment.groups[group_index];
        let view = View { conditions: self.conditions, group, at_once: self.at_once() };
        if !link_up {
            return (Meets::Nothing, Served::NEVER);
        }
        let classes: Vec<(usize, f64)> = match (hop.keys, self.classes.get(group_index).copied().flatten()) {
            (Keys::All, _) => (0..group.classes()).map(|c| (c, 1.0)).collect(),
            _ if self.probing => (0..group.classes()).map(|c| (c, 1.0)).collect(),
            (Keys::One, Some(class)) => vec![(class, 1.0)],
            (Keys::One, None) => {
                let n = group.classes();
                (0..n).map(|c| (c, 1.0 / n as f64)).collect()
            }
        };
        let (reads, writes) = match hop.op {
            Op::Read => (true, false),
            Op::Write | Op::Publish => (false, true),
            Op::Call => (true, true),
            Op::Resolve | Op::Deliver | Op::WaitForEffect => (true, false),
        };
        let wanted = Wanted {
            read: reads && self.only != Ops::Writes,
            write: writes && self.only != Ops::Reads,
            // A call asks the leader, whatever a read would do.
            from: if hop.op == Op::Call { ReadFrom::Leader } else { hop.from },
            consistency: hop.consistency,
        };
        let mut share = 0.0;
        let mut meets = Meets::Refuses;
        let mut all = true;
        for (class, weight) in classes {
            let given = view.give(caller, class, wanted);
            if given.unstable {
                self.unstable.set(true);
            }
            all &= given.served;
            if given.served {
                share += weight;
            }
            for replica in group.replicas(class) {
                match self.meets(caller, *replica) {
                    Meets::Answers => meets = Meets::Answers,
                    Meets::Nothing if meets == Meets::Refuses => meets = Meets::Nothing,
                    Meets::Nothing | Meets::Refuses => {}
                }
            }
        }
        if hop.keys == Keys::All || self.probing {
            share = f64::from(u8::from(all));
        }
        let mut served = Served { served: share, full: share };
        if share > 0.0 && !hop.slots.is_empty() {
            let class = self.classes.get(group_index).copied().flatten().unwrap_or(0);
            let leader = view.answering_replica(caller, class);
            if let Some(leader) = leader {
                served = served.and(self.slots(&hop.slots, Endpoint::Instance(leader)));
            }
        }
        (meets, served)
    }

    /// Shares of an effect that is done and that is late, for a request of this client zone and these keys.
    fn effect(&self, effect: &Effect, asker: Endpoint) -> (f64, f64) {
        let path = self.route.path_to(effect.publish);
        // Behind another queue only what its consumer has done is published.
        let outer = path.iter().rposition(|h| self.hop(*h).op == Op::Deliver);
        let published = match outer {
            None => {
                let way = Walk {
                    way: path.iter().copied().collect(),
                    id: (self.id.0, Ops::All, Some(effect.publish)),
                    keeping: self.keeping,
                    ..self.beside(self.route, self.classes)
                };
                way.slots(&self.route.root, asker).full
            }
            Some(at) => {
                let before = self.route.effects.iter().find(|e| e.deliver == path[at]);
                before.map_or(0.0, |e| self.effect(e, asker).0)
            }
        };
        let consumed = self.consumed(effect, asker);
        (published * consumed, published * (1.0 - consumed))
    }

    /// Share of acknowledged messages that find a consumer. Where the client publishes, it is the asker; where the asker is
    /// none, it may be any.
    fn consumed(&self, effect: &Effect, asker: Endpoint) -> f64 {
        let publish = self.hop(effect.publish);
        let deliver = self.hop(effect.deliver);
        let Some(group_index) = self.deployment.group_of[publish.target] else { return 0.0 };
        if !self.conditions.link_is_up(deliver.link) {
            return 0.0;
        }
        let group = &self.deployment.groups[group_index];
        let view = View { conditions: self.conditions, group, at_once: self.at_once() };
        let read = Wanted { read: true, write: false, from: ReadFrom::Leader, consistency: None };
        let class = self.classes.get(group_index).copied().flatten().unwrap_or(0);
        let publishers: Vec<Endpoint> = match publish.parent {
            None => match asker {
                Endpoint::Client { .. } => vec![asker],
                Endpoint::Instance(_) => {
                    let client = |zone| Endpoint::Client { component: self.route.client, zone };
                    self.route.zones.iter().map(|z| client(z.zone)).collect()
                }
            },
            Some(p) => self
                .instances_at(self.hop(p))
                .into_iter()
                .map(|(i, _)| i)
                .filter(|i| self.conditions.is_up(*i))
                // Where nothing is cut, one is as good as another.
                .take(if self.conditions.is_cut() { usize::MAX } else { 1 })
                .map(Endpoint::Instance)
                .collect(),
        };
        let mut with_leader = 0.0;
        let mut found = 0.0;
        for publisher in publishers {
            let Some(leader) = view.serving_replica(publisher, class) else { continue };
            with_leader += 1.0;
            let hears = |consumer: usize| {
                let consumer = Endpoint::Instance(consumer);
                match &group.mode {
                    Replication::None | Replication::PrimaryBackup(_) => view.reaches(consumer, leader),
                    Replication::MultiPrimary(_) => group
                        .replicas(class)
                        .iter()
                        .any(|r| view.reaches(publisher, *r) && view.reaches(consumer, *r)),
                    Replication::Chain(_) | Replication::Consensus(_) | Replication::Quorum(_) => {
                        view.give(consumer, class, read).served
                    }
                }
            };
            // What fails is delivered again: a consumer that serves a part serves it in the end.
            let serves = |w: usize| {
                self.conditions.is_up(w) && hears(w) && self.instance(effect.deliver, w).served > ROUNDING
            };
            found += f64::from(u8::from(self.instances_at(deliver).iter().any(|(w, _)| serves(*w))));
        }
        if with_leader > 0.0 { found / with_leader } else { 0.0 }
    }
}
