//! The naive evaluator: what a drawing means, transcribed rule by rule from `tests/semantics/README.md` and section 3
//! of the design, from `Design` alone.
//!
//! For every client zone and every key class the journey is walked recursively; each hop gives, for one caller, the
//! share of its requests that are served and the share that are served in full. Nothing is compiled, cached or pruned: it
//! may be exponential, and is meant to be plainly right.

mod classes;
mod cold;
mod group;
mod journey;
mod place;

use std::cell::Cell;
use std::collections::BTreeMap;

use linchpin::design::{
    CacheWrites, Consistency, Design, DetectorMode, Interaction, Journey, Need, Op, Replication,
    ResolvePolicy, When,
};

pub use cold::stuck_cold;
use group::{Ask, Group, Meeting};
use journey::{Node, SlotOf, derive, effects, is_inline_cache, journeys, slot_of};
use place::{Actor, Place, State};

/// What is broken at an instant (rule 4).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    /// Elements that refuse.
    pub down: Vec<String>,
    /// Elements that are silent.
    pub silent: Vec<String>,
    /// Directed cuts, from one side to another.
    pub cut: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    AtOnce,
    Settled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Lost,
    Part,
    Degraded,
    Served,
}

/// What comes of one journey in one world.
#[derive(Clone, Debug, PartialEq)]
pub struct JourneyOutcome {
    pub id: String,
    pub outcome: Outcome,
    pub share: f64,
    pub degraded_share: f64,
    /// Name, done, late, never.
    pub effects: Vec<(String, f64, f64, f64)>,
    pub unstable: bool,
}

/// Shares this close are the same.
const EPSILON: f64 = 1e-9;

/// Every journey's outcome in a world.
pub fn evaluate(design: &Design, world: &World, reading: Reading) -> Vec<JourneyOutcome> {
    let place = Place::new(design, world, reading);
    let unstable = Cell::new(false);
    let eval = Eval { groups: group::groups(&place), place: &place, unstable: &unstable };
    journeys(design)
        .into_iter()
        .map(|(journey, nodes)| {
            unstable.set(false);
            let client = place.component_index(journey.client.as_str());
            let left = journey.deadline().get();
            let mut total = Out::ZERO;
            let names = effects(&nodes);
            let mut claims: Vec<(String, f64, f64, f64)> =
                names.iter().map(|n| (n.clone(), 0.0, 0.0, 0.0)).collect();
            let classes = eval.key_classes(&nodes);
            // Rule 36: "Outcomes are weighted over the classes"; section 3.5: "A journey's share is weighted over client
            // zones and key classes".
            for (leaf, zone_share) in place.client_zones(client) {
                let caller = Actor::Client { component: client, leaf };
                for (class, class_share) in &classes {
                    let weight = zone_share * class_share;
                    let mut cx = Context {
                        class: class.clone(),
                        classes: classes.clone(),
                        required: journey.consistency,
                        effect: None,
                        waits: BTreeMap::new(),
                        checking: Vec::new(),
                    };
                    for claim in &mut claims {
                        cx.effect = Some(claim.0.clone());
                        let out = eval.slots(&cx, &caller, &Hop::at(client), &nodes, left);
                        let (done, late) = (out.done, out.acked - out.done);
                        claim.1 += weight * done;
                        claim.2 += weight * late;
                        claim.3 += weight * (1.0 - out.acked);
                        // Rule 38: "it holds with the share done / (done + late) of each effect before it in the journey,
                        // 0 where nothing was acknowledged."
                        let ratio = if out.acked > EPSILON { done / out.acked } else { 0.0 };
                        cx.waits.insert(claim.0.clone(), ratio);
                    }
                    cx.effect = None;
                    total =
                        total.plus(eval.slots(&cx, &caller, &Hop::at(client), &nodes, left).times(weight));
                }
            }
            let degraded_share = total.served - total.full;
            // Rule 39: "Share 1 is `served` (or `degraded`, if an optional slot failed for some), share 0 `lost`, else
            // `part`."
            let outcome = if total.served < EPSILON {
                Outcome::Lost
            } else if total.served < 1.0 - EPSILON {
                Outcome::Part
            } else if degraded_share > EPSILON {
                Outcome::Degraded
            } else {
                Outcome::Served
            };
            JourneyOutcome {
                id: journey.id.as_str().to_owned(),
                outcome,
                share: total.served,
                degraded_share,
                effects: claims,
                unstable: unstable.get(),
            }
        })
        .collect()
}

/// What comes of one request at one hop, as shares.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Out {
    /// Served.
    served: f64,
    /// Served with nothing optional missing.
    full: f64,
    /// While an effect is followed: its publish was acknowledged.
    acked: f64,
    /// While an effect is followed: done.
    done: f64,
}

impl Out {
    const ZERO: Out = Out { served: 0.0, full: 0.0, acked: 0.0, done: 0.0 };
    const ONE: Out = Out { served: 1.0, full: 1.0, acked: 0.0, done: 0.0 };

    fn yes(served: bool) -> Out {
        if served { Out::ONE } else { Out::ZERO }
    }

    fn share(served: f64) -> Out {
        Out { served, full: served, ..Out::ZERO }
    }

    fn plus(self, o: Out) -> Out {
        Out {
            served: self.served + o.served,
            full: self.full + o.full,
            acked: self.acked + o.acked,
            done: self.done + o.done,
        }
    }

    fn times(self, w: f64) -> Out {
        Out { served: self.served * w, full: self.full * w, acked: self.acked * w, done: self.done * w }
    }

    /// This, and where it does not serve, that.
    fn or_else(self, next: Out) -> Out {
        self.plus(next.times(1.0 - self.served))
    }

    /// On a hop of a way, beside the way (rule 38): "whatever fails the request makes the effect *never*".
    fn beside(self) -> Out {
        Out { acked: self.served, done: self.served, ..self }
    }

    /// This and that, independent.
    fn and(self, o: Out) -> Out {
        Out {
            served: self.served * o.served,
            full: self.full * o.full,
            acked: self.acked * o.acked,
            done: self.done * o.done,
        }
    }
}

/// Under which circumstances a request is judged.
#[derive(Clone)]
struct Context {
    /// The key class: for each split, which part.
    class: Class,
    /// Every key class of the journey with its share.
    classes: Vec<(Class, f64)>,
    required: Option<Consistency>,
    /// The effect that is followed.
    effect: Option<String>,
    /// What a `wait_for_effect` step finds.
    waits: BTreeMap<String, f64>,
    /// Deep checks under way: of these instances. Not empty: every key class is asked for.
    checking: Vec<usize>,
}

/// For each split of keys, the part that a request's key falls on.
type Class = BTreeMap<String, usize>;

/// Whose slots are walked, and how.
#[derive(Clone, Copy)]
struct Hop {
    /// The component that the slots are drawn at.
    owner: usize,
    /// Rule 20: the slots are a resolver's and walked by its asker.
    resolver: bool,
}

impl Hop {
    fn at(owner: usize) -> Self {
        Hop { owner, resolver: false }
    }
}

/// Something to try.
struct Target {
    /// Index in the visited nodes of the slot.
    node: usize,
    what: What,
    /// Lower ranks are tried first.
    rank: (usize, usize),
    weight: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Of a stateless component.
    Instance(usize),
    /// Rule 24: "A group is one target of a pick".
    Group,
    Resolver,
}

/// How a target meets a try.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Refuses,
    Silent,
    /// What is not served of it is an error.
    Answers(Out),
}

struct Eval<'a, 'd> {
    place: &'a Place<'d>,
    groups: Vec<Group>,
    unstable: &'a Cell<bool>,
}

impl Eval<'_, '_> {
    fn design(&self) -> &Design {
        self.place.design
    }

    fn target(&self, node: &Node) -> usize {
        self.place.component_index(self.design().links[node.link].to.as_str())
    }

    fn group_of(&self, component: usize) -> Option<&Group> {
        self.groups.iter().find(|g| g.members.contains(&component))
    }

    // ---- Slots: rules 9, 11, 14, 22 ----

    /// What comes of a request at a caller, given the steps that the journey visits from there.
    fn slots(&self, cx: &Context, caller: &Actor, hop: &Hop, nodes: &[Node], left: f64) -> Out {
        // Rule 38: what a queue delivers is an effect and no need of the queue.
        let visited: Vec<&Node> = nodes.iter().filter(|n| n.op != Op::Deliver).collect();
        let bypasses: Vec<&Node> =
            visited.iter().copied().filter(|n| self.interaction(n) == Interaction::Bypass).collect();
        let mut slots: Vec<(SlotOf, Vec<&Node>)> = Vec::new();
        for node in visited.iter().copied() {
            // Rule 7: a link in no slot is never needed.
            let Some(slot) = slot_of(self.design(), node.link) else { continue };
            match slots.iter_mut().find(|(s, _)| s.key == slot.key) {
                Some((_, members)) => members.push(node),
                None => slots.push((slot, vec![node])),
            }
        }
        let mut total: Option<Out> = None;
        for (slot, members) in &slots {
            let out = self.slot(cx, caller, hop, slot, members, &bypasses, left);
            let out = if on_way(cx, nodes) && !on_way(cx, members) { out.beside() } else { out };
            total = Some(total.map_or(out, |t| t.and(out)));
        }
        total.unwrap_or(Out::ONE)
    }

    fn interaction(&self, node: &Node) -> Interaction {
        self.design().links[node.link].interaction
    }

    #[expect(clippy::too_many_arguments, reason = "one for each thing that the rules speak of")]
    fn slot(
        &self,
        cx: &Context,
        caller: &Actor,
        hop: &Hop,
        slot: &SlotOf,
        members: &[&Node],
        bypasses: &[&Node],
        left: f64,
    ) -> Out {
        // Rule 9: "`at_start` and `at_failover` needs are not felt by a running design. `every t` needs are cached: served
        // at once, felt when settled."
        let felt = match slot.when {
            When::EachRequest => true,
            When::AtStart | When::AtFailover => false,
            When::Every(_) => self.place.settled(),
        };
        // Rule 20: "The `when` of a slot that a resolve link stands in is about reaching the resolver alone, which at once is
        // cached whatever the slot says."
        let asked = |n: &Node| felt || n.op == Op::Resolve;
        if !members.iter().any(|n| asked(n)) {
            return Out::ONE;
        }
        let felt_reach = felt && self.place.settled();
        let pick = |nodes: &[&Node], slot_tries: u32| {
            self.pick(cx, caller, hop, nodes, slot_tries, felt_reach, left)
        };
        // Rule 22: "where the link to the cache (an `any` slot: the slot) serves c and the bypass b, the need is met with
        // c + (1 − c) × b."
        let round = |nodes: &[&Node], out: Out| {
            if !nodes.iter().any(|n| is_inline_cache(self.design(), n)) {
                return out;
            }
            bypasses.iter().fold(out, |c, b| c.or_else(self.pick(cx, caller, hop, &[*b], 0, true, left)))
        };
        if slot.need == Need::Any {
            // Rule 19: "in an `any` slot a standing link that holds fills the slot."
            if members.iter().any(|n| !asked(n) || (n.standing && self.stands(cx, caller, n))) {
                return Out::ONE;
            }
            let calls: Vec<&Node> = members.iter().copied().filter(|n| !n.standing).collect();
            // Rule 16: "`tries` […] (of the slot; else the largest of its visited links; else 2)"; "a link that states none
            // counts as 2".
            let largest = calls.iter().map(|n| self.design().links[n.link].policy.tries()).max().unwrap_or(2);
            let tries = if slot.tries > 0 { slot.tries } else { largest };
            return round(&calls, pick(&calls, tries));
        }
        // Rule 14: "With `all`, `k_of` and `optional`, each visited link is picked for on its own".
        let outs: Vec<Out> = members
            .iter()
            .map(|n| {
                if !asked(n) {
                    Out::ONE
                } else if n.standing {
                    Out::yes(self.stands(cx, caller, n))
                } else {
                    // Rule 34: "`keys: all` needs every key class." A group sees to that itself.
                    let group = self.group_of(self.target(n)).is_some();
                    let classes = if group { vec![cx.class.clone()] } else { self.classes_of_step(cx, n) };
                    classes
                        .into_iter()
                        .map(|class| {
                            let mut cx = cx.clone();
                            cx.class = class;
                            round(&[*n], self.pick(&cx, caller, hop, &[*n], slot.tries, felt_reach, left))
                        })
                        .reduce(Out::and)
                        .unwrap_or(Out::ONE)
                }
            })
            .collect();
        let way: Vec<bool> = members.iter().map(|n| on_way(cx, &[*n])).collect();
        let beside: Vec<Out> = outs.iter().zip(&way).filter(|(_, w)| !**w).map(|(o, _)| *o).collect();
        let leading = outs.iter().zip(&way).filter(|(_, w)| **w).map(|(o, _)| *o).reduce(Out::and);
        match slot.need {
            Need::KOf(k) => {
                let k = k as usize;
                let served =
                    |of: &[Out], k: usize| at_least(k, &of.iter().map(|o| o.served).collect::<Vec<_>>());
                // What leads to the effect must be served, and enough of the others.
                let rest = served(&beside, k.saturating_sub(outs.len() - beside.len()));
                Out {
                    served: served(&outs, k),
                    // Rule 39: "A `k_of` slot is full if k of its links are served in full".
                    full: at_least(k, &outs.iter().map(|o| o.full).collect::<Vec<_>>()),
                    acked: leading.map_or(0.0, |o| o.acked * rest),
                    done: leading.map_or(0.0, |o| o.done * rest),
                }
            }
            // "always served, degraded where it failed"; rule 38: "an `optional` slot on the way must have been served".
            Need::Optional => Out {
                served: 1.0,
                full: outs.iter().map(|o| o.full).product(),
                acked: leading.map_or(0.0, |o| o.acked),
                done: leading.map_or(0.0, |o| o.done),
            },
            _ => {
                let any_way = leading.is_some();
                let each = outs.iter().zip(&way).map(|(o, w)| if any_way && !w { o.beside() } else { *o });
                each.reduce(Out::and).unwrap_or(Out::ONE)
            }
        }
    }

    /// Rule 19: "A standing need holds if some instance of the target is up and reachable both ways."
    fn stands(&self, cx: &Context, caller: &Actor, node: &Node) -> bool {
        let target = self.target(node);
        let mut instances = self.place.instances_of(target);
        if self.group_of(target).is_none() {
            // Rule 37: an instance that stands in has the address, too.
            instances.extend(self.pool(&cx.class, target).into_iter().map(|(i, _)| i));
        }
        instances.iter().any(|i| self.place.reaches(node.link, caller, *i))
    }

    // ---- One pick: rules 15 to 18 ----

    #[expect(clippy::too_many_arguments, reason = "one for each thing that the rules speak of")]
    fn pick(
        &self,
        cx: &Context,
        caller: &Actor,
        hop: &Hop,
        nodes: &[&Node],
        slot_tries: u32,
        felt: bool,
        left: f64,
    ) -> Out {
        // Rule 38: "A `wait_for_effect` step sends nothing".
        if let [node] = nodes
            && node.op == Op::WaitForEffect
        {
            // "For the effects themselves it counts as holding."
            if cx.effect.is_some() {
                return Out::ONE;
            }
            return Out::share(node.waits.iter().map(|e| cx.waits.get(e).copied().unwrap_or(0.0)).product());
        }
        let tries_of = |n: &Node| {
            if slot_tries > 0 { slot_tries } else { self.design().links[n.link].policy.tries() }
        };
        let tries = nodes.first().map_or(0, |n| tries_of(n));
        let (targets, behind) = self.targets(cx, caller, hop, nodes);
        let behind = behind.max(1) as f64;
        let mut drawn = Vec::new();
        for target in &targets {
            let node = nodes[target.node];
            // Rule 18: "tries × timeout + (tries − 1) × backoff is at most the time that the caller has left"
            // "Here tries are no more than the distinct targets".
            let policy = &self.design().links[node.link].policy;
            let (t, backoff) = (f64::from(tries).min(behind), policy.backoff().get());
            // "A timeout that is not stated is derived so that it fits".
            let timeout = policy.timeout.map_or(((left - (t - 1.0) * backoff) / t).max(0.0), |m| m.get());
            let fits = t * timeout + (t - 1.0) * backoff <= left + EPSILON;
            let answer = self.answer(cx, caller, node, target.what, felt, timeout, left);
            if !self.hidden(cx, caller, hop, node, target.what, felt, timeout, left, answer, fits) {
                // Rule 16: "It moves on from a target that refuses or times out, and, if the step is idempotent, from one
                // that answers with an error." Rule 18: where it does not fit, "a try at it ends the request".
                let (out, moves_on) = match answer {
                    Answer::Refuses => (Out::ZERO, true),
                    Answer::Silent => (Out::ZERO, fits),
                    Answer::Answers(out) => (out, node.idempotent),
                };
                drawn.push(Drawn { out, moves_on, rank: target.rank, weight: target.weight });
            }
        }
        draw(&drawn.iter().collect::<Vec<_>>(), tries)
    }

    /// The targets of the visited links of a slot that a resolver does not hide, and how many there are with those hidden.
    fn targets(&self, cx: &Context, caller: &Actor, hop: &Hop, nodes: &[&Node]) -> (Vec<Target>, usize) {
        let resolver = self.place.component(hop.owner);
        let policy = hop.resolver.then(|| resolver.resolver.clone().unwrap_or_default().policy);
        let mut targets: Vec<Target> = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let c = self.target(node);
            let weight = self.design().links[node.link].weight.unwrap_or(1.0);
            // Rule 17: "`failover` (in the order of the links)".
            let link_rank = if policy == Some(ResolvePolicy::Failover) { node.link } else { 0 };
            // "targets that share most zones with the asker first"; "a group is as near as its nearest member".
            let near = |instances: &[usize]| match policy {
                Some(ResolvePolicy::Nearest) => {
                    usize::MAX
                        - instances.iter().map(|i| self.place.zones_shared(caller, *i)).max().unwrap_or(0)
                }
                _ => link_rank,
            };
            let weighted = policy == Some(ResolvePolicy::Weighted);
            if node.op == Op::Resolve {
                let weight = if weighted { weight } else { 1.0 };
                let rank = (near(&self.place.instances_of(c)), 0);
                targets.push(Target { node: index, what: What::Resolver, rank, weight });
            } else if self.group_of(c).is_some() {
                let weight = if weighted { weight } else { 1.0 };
                let rank = (near(&self.members(&cx.class, c)), 0);
                targets.push(Target { node: index, what: What::Group, rank, weight });
            } else {
                let pool = self.pool(&cx.class, c);
                for (i, pair_rank) in &pool {
                    let rank = near(&[*i]);
                    // "by link weights, a link's weight shared equally by all its instances"
                    let weight = if weighted { weight / pool.len() as f64 } else { 1.0 };
                    // Rule 16: "An instance that several links of the slot lead to is one target, by the first."
                    if !targets.iter().any(|t| t.what == What::Instance(*i)) {
                        let what = What::Instance(*i);
                        targets.push(Target { node: index, what, rank: (rank, *pair_rank), weight });
                    }
                }
            }
        }
        // Rule 20: "the resolver's own detector, if `shallow` or `deep`, hides besides what is down, or whose needs fail,
        // wherever the resolver stands. […] If the resolver hides everything, it answers everything."
        let behind = targets.len();
        let mode = resolver.detector().mode;
        if hop.resolver && self.place.settled() && matches!(mode, DetectorMode::Shallow | DetectorMode::Deep)
        {
            let shown = |t: &Target| {
                let node = nodes[t.node];
                match t.what {
                    What::Instance(i) => {
                        self.place.up(i) && (mode == DetectorMode::Shallow || self.healthy(cx, i))
                    }
                    What::Group => {
                        let members = self.members(&cx.class, self.target(node));
                        members.iter().any(|r| self.place.up(*r))
                    }
                    What::Resolver => true,
                }
            };
            if targets.iter().any(shown) {
                targets.retain(shown);
            }
        }
        (targets, behind)
    }

    /// The instances that serve the address of a stateless component, each with its rank (rules 36 and 37).
    fn pool(&self, class: &Class, component: usize) -> Vec<(usize, usize)> {
        let of_key = |c: usize| self.place.replicas_of(c, self.shard(class, c));
        let id = &self.place.component(component).id;
        let stateless = |c: &str| self.design().component(c).is_some_and(|c| !c.kind.is_replicated());
        let beat = self.design().links.iter().position(|l| {
            l.interaction == Interaction::Heartbeat
                && (l.from == *id || l.to == *id)
                && stateless(l.from.as_str())
                && stateless(l.to.as_str())
        });
        let Some(beat) = beat else {
            return of_key(component).into_iter().map(|i| (i, 0)).collect();
        };
        let link = &self.design().links[beat];
        let first = self.place.component_index(link.from.as_str());
        let second = self.place.component_index(link.to.as_str());
        let firsts = of_key(first);
        let mut pool: Vec<(usize, usize)> = firsts.iter().map(|i| (*i, 0)).collect();
        if self.place.settled() {
            for s in of_key(second) {
                // Rule 37: "An instance of the second stands in […] only while it hears no beat: the `heartbeat` link is
                // down, or no instance of the first is up with a path to it, one way."
                let hears = self.place.link_up[beat]
                    && self.place.instances_of(first).iter().any(|f| {
                        self.place.up(*f) && self.place.message(&Actor::Instance(*f), &Actor::Instance(s))
                    });
                if !hears {
                    pool.push((s, 1));
                }
            }
        }
        pool
    }

    /// Rule 37: "where it has a link of its own to the same component, it takes that one".
    fn own_link(&self, caller: &Actor, node: &Node) -> usize {
        let link = &self.design().links[node.link];
        let Actor::Instance(i) = caller else { return node.link };
        let own = &self.place.component(self.place.instances[*i].component).id;
        if *own == link.from || self.interaction(node) == Interaction::Subscribe {
            return node.link;
        }
        let paired = self.design().links.iter().any(|l| {
            l.interaction == Interaction::Heartbeat
                && ((l.from == *own && l.to == link.from) || (l.to == *own && l.from == link.from))
        });
        let same = self
            .design()
            .links
            .iter()
            .position(|l| l.from == *own && l.to == link.to && l.interaction == link.interaction);
        if paired { same.unwrap_or(node.link) } else { node.link }
    }

    fn members(&self, class: &Class, component: usize) -> Vec<usize> {
        let shard = self.shard(class, component);
        let group = self.group_of(component).expect("asked of groups only");
        group.members.iter().flat_map(|m| self.place.replicas_of(*m, shard)).collect()
    }

    fn meeting<'s>(
        &'s self,
        class: &Class,
        caller: &Actor,
        link: usize,
        component: usize,
    ) -> Meeting<'s, 's> {
        Meeting {
            place: self.place,
            group: self.group_of(component).expect("asked of groups only"),
            replicas: self.members(class, component),
            ring: self.ring(class, component),
            caller: caller.clone(),
            link,
            unstable: self.unstable,
        }
    }

    /// How a target meets a try.
    #[expect(clippy::too_many_arguments, reason = "one for each thing that the rules speak of")]
    fn answer(
        &self,
        cx: &Context,
        caller: &Actor,
        node: &Node,
        what: What,
        felt: bool,
        timeout: f64,
        left: f64,
    ) -> Answer {
        let link = self.own_link(caller, node);
        let c = self.target(node);
        let meets = |i: usize| match self.place.state[i] {
            // A refusal must come back, too.
            _ if !self.place.path_both_ways(link, caller, i) => State::Silent,
            state => state,
        };
        match what {
            What::Instance(i) => match meets(i) {
                State::Up => Answer::Answers(self.serve(cx, i, node, timeout)),
                State::Refusing => Answer::Refuses,
                State::Silent => Answer::Silent,
            },
            What::Group => {
                // Rule 24: "it refuses if all its members of the key's shard are down refusing, is silent if otherwise none
                // of them is up and reachable, and answers with an error if some member answers and the group does not
                // serve."
                // With `keys: all` those of every shard.
                let classes = self.classes_of_step(cx, node);
                let all: Vec<usize> = classes.iter().flat_map(|k| self.members(k, c)).collect();
                if all.iter().all(|i| meets(*i) == State::Refusing) {
                    Answer::Refuses
                } else if !all.iter().any(|i| meets(*i) == State::Up) {
                    Answer::Silent
                } else {
                    Answer::Answers(self.serve_group(cx, caller, link, node, timeout))
                }
            }
            What::Resolver => {
                // Rule 20: "A `resolve` step reaches the resolver (some instance up and reachable both ways; cached at
                // once)."
                let all = self.place.instances_of(c);
                if !felt || all.iter().any(|i| meets(*i) == State::Up) {
                    // "What follows it starts at the resolver's links but is walked by the asker […]; the time left is
                    // the asker's."
                    let hop = Hop { owner: c, resolver: true };
                    Answer::Answers(self.slots(cx, caller, &hop, &node.then, left))
                } else if all.iter().all(|i| meets(*i) == State::Refusing) {
                    Answer::Refuses
                } else {
                    Answer::Silent
                }
            }
        }
    }

    /// Whether the caller's detector sees that a target is bad (rule 15).
    #[expect(clippy::too_many_arguments, reason = "one for each thing that the rules speak of")]
    fn hidden(
        &self,
        cx: &Context,
        caller: &Actor,
        hop: &Hop,
        node: &Node,
        what: What,
        felt: bool,
        timeout: f64,
        left: f64,
        answer: Answer,
        fits: bool,
    ) -> bool {
        // Rule 20: what a resolver names is walked by the asker with `connect`.
        let mode = if hop.resolver {
            DetectorMode::Connect
        } else {
            self.place.component(hop.owner).detector().mode
        };
        // "*At once* `passive`, `shallow` and `deep` have seen nothing yet, so that every target is eligible and only tries
        // help; `connect` acts at once."
        if !self.place.settled() && mode != DetectorMode::Connect {
            return false;
        }
        match (mode, answer) {
            (_, Answer::Refuses) => true,
            // "silent or unreachable if a try times out before the caller's own time is over"; rule 18: "Where it does not
            // fit, a silent or unreachable target stays eligible for `connect` and `passive`".
            (DetectorMode::Connect | DetectorMode::Passive, Answer::Silent) => fits,
            // Rule 18: "`shallow` and `deep` see it when settled."
            (DetectorMode::Shallow | DetectorMode::Deep, Answer::Silent) => true,
            // "`connect` does not see errors"
            (DetectorMode::Connect | DetectorMode::Shallow, Answer::Answers(_)) => false,
            // "`passive` sees besides any target that answers none of this hop's requests"; "What a target answers none of
            // is judged over all key classes."
            (DetectorMode::Passive, Answer::Answers(_)) => cx.classes.iter().all(|(class, share)| {
                let mut cx = cx.clone();
                cx.class = class.clone();
                cx.effect = None;
                match self.answer(&cx, caller, node, what, felt, timeout, left) {
                    Answer::Answers(out) => out.served < EPSILON || *share < EPSILON,
                    _ => true,
                }
            }),
            (DetectorMode::Deep, Answer::Answers(out)) => match what {
                What::Instance(i) => !self.healthy(cx, i),
                // "Of a group it sees whether it serves what is asked."
                What::Group | What::Resolver => out.served < EPSILON,
            },
        }
    }

    /// What a deep check of an instance finds (rule 15).
    fn healthy(&self, cx: &Context, instance: usize) -> bool {
        // "a check that leads back to itself counts as healthy"
        if cx.checking.contains(&instance) {
            return true;
        }
        let c = self.place.instances[instance].component;
        // "or that fewer than `min_healthy` of its instances are up"
        if !self.enough_healthy(instance) {
            return false;
        }
        // "all its slots with need other than optional felt at each request or every t, over all their links (as a derived journey
        // that starts there; every shard of a store must be able to read and write)"
        let mut nodes = derive(self.design(), self.place.component(c).id.as_str());
        nodes.retain(|n| match slot_of(self.design(), n.link) {
            Some(slot) => {
                slot.need != Need::Optional && matches!(slot.when, When::EachRequest | When::Every(_))
            }
            None => true,
        });
        let mut cx = cx.clone();
        cx.checking.push(instance);
        cx.effect = None;
        cx.required = None;
        // "the default deadline, asked by the instance itself"; "Its needs fail if that derived journey […] is lost"
        let deadline = Journey::new("check", "").deadline().get();
        self.slots(&cx, &Actor::Instance(instance), &Hop::at(c), &nodes, deadline).served > EPSILON
    }

    /// Rule 13: "at least `min_healthy` instances of its component are up"; rule 36: of its shard.
    fn enough_healthy(&self, instance: usize) -> bool {
        let i = &self.place.instances[instance];
        let up =
            self.place.replicas_of(i.component, i.shard).into_iter().filter(|r| self.place.up(*r)).count();
        up >= self.place.component(i.component).min_healthy as usize
    }

    // ---- What a target does: rules 13, 21, 23, 24 ----

    /// A stateless instance that is up and reachable serves a request.
    fn serve(&self, cx: &Context, instance: usize, node: &Node, left: f64) -> Out {
        if !self.enough_healthy(instance) {
            return Out::ZERO;
        }
        let owner = self.target(node);
        let c = self.place.component(owner);
        let cache = c.cache.clone().unwrap_or_default();
        let inline = is_inline_cache(self.design(), node);
        // Rule 21: "A write to a `back` cache needs the cache alone."
        if inline && cache.writes == CacheWrites::Back && node.op == Op::Write {
            return Out::ONE;
        }
        let behind = self.slots(cx, &Actor::Instance(instance), &Hop::at(owner), &node.then, left);
        // "With `serve_stale`, reads (and calls) that find the way behind dead are served with the hit ratio as share; *at
        // once* with any inline cache. So where the way behind serves s, the cache serves s + (1 − s) × hit ratio."
        let hits =
            inline && matches!(node.op, Op::Read | Op::Call) && (cache.serve_stale || !self.place.settled());
        if hits { behind.or_else(Out::share(cache.hit_ratio())) } else { behind }
    }

    /// A group serves a request, if it does.
    fn serve_group(&self, cx: &Context, caller: &Actor, link: usize, node: &Node, left: f64) -> Out {
        let c = self.target(node);
        let ask = Ask { op: node.op, from: node.from, required: node.consistency.or(cx.required) };
        let mut total = Out::ONE;
        for (nth, class) in self.classes_of_step(cx, node).into_iter().enumerate() {
            let meeting = self.meeting(&class, caller, link, c);
            let Some(replica) = meeting.serves(ask) else { return Out::ZERO };
            let mut cx = cx.clone();
            cx.class = class;
            // Rule 12: "What a replicated component itself calls, it calls from the replica that answers the step".
            let mut out = self.slots(&cx, &Actor::Instance(replica), &Hop::at(c), &node.then, left);
            if let Some(effect) = cx.effect.clone()
                && node.then.iter().any(|n| n.op == Op::Deliver && n.leads_to(&effect))
            {
                let (acked, done) = self.delivered(&cx, &meeting, replica, node, &effect);
                out.acked = out.served * acked;
                out.done = out.served * done;
            }
            total = if nth == 0 { out } else { total.and(out) };
        }
        total
    }

    // ---- Effects: rule 38 ----

    /// What comes of an acknowledged publish: the share that is published for the effect, and the share that is done.
    fn delivered(
        &self,
        cx: &Context,
        publish: &Meeting,
        taken_by: usize,
        node: &Node,
        effect: &str,
    ) -> (f64, f64) {
        let mut total = (1.0, 1.0);
        for deliver in node.then.iter().filter(|n| n.op == Op::Deliver && n.leads_to(effect)) {
            let queue = self.place.component_index(self.design().links[deliver.link].from.as_str());
            // "A consumer's time is the queue's `redeliver_after`."
            let left = self.place.component(queue).queue.clone().unwrap_or_default().redeliver_after().get();
            let consumer = self.target(deliver);
            let (mut nobody_acks, mut nobody_done) = (1.0, 1.0);
            for (i, _) in self.pool(&cx.class, consumer) {
                let me = Actor::Instance(i);
                let meeting = self.meeting(&cx.class, &me, deliver.link, queue);
                // "The serving replica: of primary-backup groups the one that took the publish; of multi-primary groups any
                // that both publisher and consumer reach; else the consumer must be able to read from the leader."
                let receives = match meeting.group.mode {
                    Replication::None | Replication::PrimaryBackup(_) => meeting.reach(taken_by),
                    Replication::MultiPrimary(_) => {
                        meeting.replicas.iter().any(|r| publish.reach(*r) && meeting.reach(*r))
                    }
                    _ => meeting.read_leader().is_some(),
                };
                if !self.place.up(i) || !self.enough_healthy(i) || !receives {
                    continue;
                }
                if deliver.effect == effect {
                    let mut cx = cx.clone();
                    cx.effect = None;
                    let out = self.slots(&cx, &me, &Hop::at(consumer), &deliver.then, left);
                    nobody_done *= 1.0 - out.served;
                } else {
                    // "An effect behind an effect is published by a consumer instance of the first."
                    let out = self.slots(cx, &me, &Hop::at(consumer), &deliver.then, left);
                    nobody_acks *= 1.0 - out.acked;
                    nobody_done *= 1.0 - out.done;
                }
            }
            // "done = acknowledged × (1 − Π(1 − s))"
            let acked = if deliver.effect == effect { 1.0 } else { 1.0 - nobody_acks };
            total = (total.0 * acked, total.1 * (1.0 - nobody_done));
        }
        total
    }
}

/// Whether some of these steps lead to the effect that is followed.
fn on_way<N: std::borrow::Borrow<Node>>(cx: &Context, nodes: &[N]) -> bool {
    cx.effect.as_ref().is_some_and(|effect| nodes.iter().any(|n| n.borrow().leads_to(effect)))
}

/// One eligible target of a draw.
struct Drawn {
    out: Out,
    moves_on: bool,
    rank: (usize, usize),
    weight: f64,
}

/// Rules 16 and 17: up to `tries` distinct targets, rank by rank, within a rank by weight, without replacement.
fn draw(targets: &[&Drawn], tries: u32) -> Out {
    let Some(rank) = targets.iter().map(|t| t.rank).min() else { return Out::ZERO };
    if tries == 0 {
        return Out::ZERO;
    }
    let total: f64 = targets.iter().filter(|t| t.rank == rank).map(|t| t.weight).sum();
    let mut sum = Out::ZERO;
    for (index, target) in targets.iter().enumerate() {
        if target.rank == rank && target.weight > 0.0 {
            let mut rest = targets.to_vec();
            rest.remove(index);
            let next = if target.moves_on { draw(&rest, tries - 1) } else { Out::ZERO };
            sum = sum.plus(target.out.or_else(next).times(target.weight / total));
        }
    }
    sum
}

/// The chance that at least k of independent events happen.
fn at_least(k: usize, chances: &[f64]) -> f64 {
    match chances.split_first() {
        _ if k == 0 => 1.0,
        None => 0.0,
        Some((first, rest)) => first * at_least(k - 1, rest) + (1.0 - first) * at_least(k, rest),
    }
}
