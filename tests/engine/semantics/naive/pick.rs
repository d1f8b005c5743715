//! Rules 15 to 18, 20 and 37: the targets of a slot, which of them a detector hides, and what the tries come to.

use linchpin::design::{DetectorMode, Interaction, Journey, Need, Op, ResolvePolicy, When};

use super::group::Meeting;
use super::journey::{Node, derive, slot_of};
use super::place::{Actor, State};
use super::{Class, Context, EPSILON, Eval, Hop, Out};

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

impl Eval<'_, '_> {
    #[expect(clippy::too_many_arguments, reason = "one for each thing that the rules speak of")]
    pub fn pick(
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
    pub fn pool(&self, class: &Class, component: usize) -> Vec<(usize, usize)> {
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

    /// Rule 37: "where it has a link of its own of the same interaction to the same component, it takes that one".
    pub fn own_link(&self, caller: &Actor, node: &Node) -> usize {
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

    pub fn members(&self, class: &Class, component: usize) -> Vec<usize> {
        let shard = self.shard(class, component);
        let group = self.group_of(component).expect("asked of groups only");
        group.members.iter().flat_map(|m| self.place.replicas_of(*m, shard)).collect()
    }

    pub fn meeting<'s>(
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
                // "Of a group it sees what `shallow` sees"
                What::Group => false,
                What::Resolver => out.served < EPSILON,
            },
        }
    }

    /// What a deep check of an instance finds (rule 15).
    pub fn healthy(&self, cx: &Context, instance: usize) -> bool {
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
    pub fn enough_healthy(&self, instance: usize) -> bool {
        let i = &self.place.instances[instance];
        let up =
            self.place.replicas_of(i.component, i.shard).into_iter().filter(|r| self.place.up(*r)).count();
        up >= self.place.component(i.component).min_healthy as usize
    }
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
