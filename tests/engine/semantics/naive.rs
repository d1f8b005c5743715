//! The naive evaluator: what a drawing means, transcribed rule by rule from `tests/semantics/README.md` and section 3
//! of the design, from `Design` alone.
//!
//! For every client zone and every key class the journey is walked recursively; each hop gives, for one caller, the
//! share of its requests that are served and the share that are served in full. Nothing is compiled, cached or pruned: it
//! may be exponential, and is meant to be plainly right.

mod classes;
mod cold;
mod effect;
mod group;
mod journey;
mod pick;
mod place;

use std::cell::Cell;
use std::collections::BTreeMap;

use linchpin::design::{CacheWrites, Consistency, Design, Interaction, Need, Op, When};

pub use cold::stuck_cold;
use group::{Ask, Group};
use journey::{Node, SlotOf, effects, is_inline, is_inline_cache, journeys, slot_of};
use place::{Actor, Place};

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

    // ---- What a target does: rules 13, 21, 23, 24 ----

    /// A stateless instance that is up and reachable serves a request.
    fn serve(&self, cx: &Context, instance: usize, node: &Node, left: f64) -> Out {
        if !self.enough_healthy(instance) {
            return Out::ZERO;
        }
        let owner = self.target(node);
        // Rule 37: "What a cache answers by itself is a matter of its own component."
        let own = self.place.component(self.place.instances[instance].component);
        let cache = own.cache.clone().unwrap_or_default();
        let inline = is_inline(self.design(), own.kind, node);
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
}

/// Whether some of these steps lead to the effect that is followed.
fn on_way<N: std::borrow::Borrow<Node>>(cx: &Context, nodes: &[N]) -> bool {
    cx.effect.as_ref().is_some_and(|effect| nodes.iter().any(|n| n.borrow().leads_to(effect)))
}

/// The chance that at least k of independent events happen.
fn at_least(k: usize, chances: &[f64]) -> f64 {
    match chances.split_first() {
        _ if k == 0 => 1.0,
        None => 0.0,
        Some((first, rest)) => first * at_least(k - 1, rest) + (1.0 - first) * at_least(k, rest),
    }
}
