//! How a node fills its slots: which targets it tries, for how long, and what it makes of the answers (semantics rules
//! 14 to 22).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use super::metrics::TryEnd;
use super::pool::{NoAnswer, post};
use super::request::{Ask, Mode, Reply, millis};
use super::resolver::{Answer, Named};
use super::{Node, breaker, detector, leader, waiting};
use crate::design::{Balance, Keys, LinkId, Need, Op, ResolvePolicy, When};
use crate::live::spec::{Lane, Sabotage, Slot, Targets};
use crate::live::wire::InstanceId;

/// What filling slots gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Filled {
    /// Something optional failed.
    pub degraded: bool,
    /// What the last served call answered.
    pub body: bytes::Bytes,
    /// The hops, by number, whose messages a queue has accepted.
    pub began: BTreeSet<u32>,
}

/// Why a slot could not be filled.
#[derive(Clone, Debug)]
pub(super) struct Unfilled {
    /// One line for people.
    pub why: String,
    /// The hops whose messages a queue had accepted, where all that failed is that their effects were not done in time.
    pub began: Option<BTreeSet<u32>>,
}

impl Unfilled {
    fn because(why: impl Into<String>) -> Self {
        Self { why: why.into(), began: None }
    }
}

type Filling<'a> = Pin<Box<dyn Future<Output = Result<Filled, Unfilled>> + 'a>>;

/// What a caller remembers between requests, besides what its detectors know.
#[derive(Default)]
pub(super) struct Memory {
    /// Until when a cached need holds, by hop and slot.
    holds_until: RefCell<BTreeMap<(Rc<str>, String), Instant>>,
    /// Answers of resolvers, by hop of the lane.
    answers: RefCell<BTreeMap<String, (Instant, Rc<Answer>)>>,
    /// The order of the current round, by hop and slot.
    rounds: RefCell<BTreeMap<(Rc<str>, String), Vec<String>>>,
    /// Requests under way, by link and target.
    under_way: RefCell<BTreeMap<(LinkId, String), u32>>,
}

impl Memory {
    /// Forgets everything that was cached.
    pub fn reset(&self) {
        self.holds_until.borrow_mut().clear();
        self.answers.borrow_mut().clear();
        self.rounds.borrow_mut().clear();
    }
}

/// Fills slots one after another, all of them or none.
///
/// # Errors
/// The first needed slot that cannot be filled.
pub(super) fn fill<'a>(node: &'a Rc<Node>, slots: &'a [Slot], ask: &'a Ask) -> Filling<'a> {
    Box::pin(async move {
        let mut filled = Filled::default();
        if node.is_sabotaged(Sabotage::IgnoreNeeds) {
            return Ok(filled);
        }
        for slot in slots {
            if matches!(slot.when, When::AtStart | When::AtFailover) {
                continue;
            }
            let skipped = match ask.mode {
                Mode::Probe => slot.need == Need::Optional || slot.when != When::EachRequest,
                Mode::Serve | Mode::Trial => false,
            };
            if skipped {
                continue;
            }
            let got = fill_slot(node, slot, ask, None).await.map_err(|mut unfilled| {
                if let Some(began) = &mut unfilled.began {
                    began.extend(&filled.began);
                }
                unfilled
            })?;
            filled.degraded |= got.degraded;
            filled.began.extend(got.began);
            if !got.body.is_empty() {
                filled.body = got.body;
            }
        }
        Ok(filled)
    })
}

/// Fills one slot; `answer` is what a resolver has said of its targets.
async fn fill_slot(
    node: &Rc<Node>,
    slot: &Slot,
    ask: &Ask,
    answer: Option<&Answer>,
) -> Result<Filled, Unfilled> {
    let key = (ask.hop.clone(), slot.name.clone());
    let resolves = slot.lanes.iter().any(|l| l.op == Op::Resolve);
    let cached = matches!(slot.when, When::Every(_)) && !resolves && ask.mode == Mode::Serve;
    if cached && node.memory.holds_until.borrow().get(&key).is_some_and(|until| *until > Instant::now()) {
        return Ok(Filled::default());
    }
    let lanes: Vec<&Lane> = slot.lanes.iter().collect();
    let need = match slot.need {
        Need::Any | Need::KOf(_) if node.is_sabotaged(Sabotage::EverySlotAll) => Need::All,
        Need::Optional if node.is_sabotaged(Sabotage::OptionalNeeded) => Need::All,
        need => need,
    };
    let mut filled = Filled::default();
    let mut take = |got: Filled| {
        filled.degraded |= got.degraded;
        filled.began.extend(got.began);
        if !got.body.is_empty() {
            filled.body = got.body;
        }
    };
    match need {
        Need::Any => take(fill_any(node, slot, &lanes, ask, answer).await?),
        Need::All => {
            for lane in &lanes {
                take(fill_any(node, slot, &[lane], ask, answer).await?);
            }
        }
        Need::KOf(k) => {
            let (mut served, mut why) = (0, Unfilled::because("too few lanes"));
            for lane in &lanes {
                match fill_any(node, slot, &[lane], ask, answer).await {
                    Ok(got) => {
                        take(got);
                        served += 1;
                    }
                    Err(unfilled) => why = unfilled,
                }
            }
            // What is visited less than k times can hold no more than it visits.
            if served < (k as usize).min(lanes.len()) {
                return Err(why);
            }
        }
        Need::Optional => {
            for lane in &lanes {
                match fill_any(node, slot, &[lane], ask, answer).await {
                    Ok(got) => take(got),
                    Err(_) => take(Filled { degraded: true, ..Filled::default() }),
                }
            }
        }
    }
    if let (true, When::Every(t)) = (cached, slot.when) {
        node.memory.holds_until.borrow_mut().insert(key, Instant::now() + t.duration());
    }
    Ok(filled)
}

/// Picks among all targets of the lanes; where that fails, goes the ways round.
async fn fill_any(
    node: &Rc<Node>,
    slot: &Slot,
    lanes: &[&Lane],
    ask: &Ask,
    answer: Option<&Answer>,
) -> Result<Filled, Unfilled> {
    if let [lane] = lanes
        && lane.op == Op::WaitForEffect
    {
        return wait(node, lane, ask).await;
    }
    let first = pick_for_keys(node, slot, lanes, ask, answer).await;
    let ways_round: Vec<&Lane> = lanes.iter().flat_map(|l| l.bypass.iter()).collect();
    if first.is_ok() || ways_round.is_empty() {
        return first;
    }
    let mut last = first;
    for lane in ways_round {
        last = pick(node, slot, &[lane], ask, None, None).await;
        if last.is_ok() {
            break;
        }
    }
    last
}

/// A shard to ask of the instances that one link leads to, whatever the request's key.
type OfShard<'a> = (&'a LinkId, u32);

/// Picks for the key of the request; for a step that touches every key of what is sharded and keeps no data, once for each
/// shard (rule 34).
async fn pick_for_keys(
    node: &Rc<Node>,
    slot: &Slot,
    lanes: &[&Lane],
    ask: &Ask,
    answer: Option<&Answer>,
) -> Result<Filled, Unfilled> {
    let touches_all = |l: &&Lane| {
        l.keys == Keys::All
            && matches!(l.to, Targets::Instances(_))
            && l.sharding.as_ref().is_some_and(|s| s.shards > 1)
    };
    let Some(lane) = lanes.iter().copied().find(touches_all) else {
        return pick(node, slot, lanes, ask, answer, None).await;
    };
    let mut filled = Filled::default();
    for shard in 0..lane.sharding.as_ref().map_or(1, |s| s.shards) {
        let got = pick(node, slot, lanes, ask, answer, Some((&lane.link, shard))).await?;
        filled.degraded |= got.degraded;
        filled.began.extend(got.began);
        filled.body = got.body;
    }
    Ok(filled)
}

/// One target that may be tried.
#[derive(Clone)]
struct Candidate<'a> {
    lane: &'a Lane,
    /// `None`: whoever serves the key in the lane's group.
    instance: Option<InstanceId>,
    name: String,
    rank: u32,
    weight: f64,
}

fn candidates<'a>(
    node: &Node,
    lanes: &[&'a Lane],
    ask: &Ask,
    answer: Option<&Answer>,
    asked: Option<OfShard<'_>>,
) -> Vec<Candidate<'a>> {
    let mut found = Vec::new();
    for &lane in lanes.iter().filter(|l| !l.cannot) {
        let of_key = |s| node.keys.shard(s, s.shards.max(1) as usize, ask.seed) as u32;
        let shard = match asked {
            Some((link, shard)) if lane.link == *link => Some(shard),
            _ => lane.sharding.as_ref().map(of_key),
        };
        match &lane.to {
            Targets::Instances(targets) => {
                let weight = lane.weight / targets.len().max(1) as f64;
                let of_shard = targets.iter().filter(|t| shard.is_none_or(|s| t.shard == s));
                found.extend(of_shard.map(|t| Candidate {
                    lane,
                    instance: Some(t.id.clone()),
                    name: t.id.to_string(),
                    rank: t.rank,
                    weight,
                }));
            }
            Targets::Group(group) => found.push(Candidate {
                lane,
                instance: None,
                name: group.clone(),
                rank: 0,
                weight: lane.weight,
            }),
        }
    }
    if let Some(answer) = answer {
        found.retain_mut(|c| {
            let named: Option<&Named> =
                answer.named.iter().find(|n| n.link == c.lane.link && n.target == c.name);
            if let Some(named) = named {
                (c.rank, c.weight) = (named.rank, named.weight);
            }
            named.is_some()
        });
    }
    found
}

async fn pick(
    node: &Rc<Node>,
    slot: &Slot,
    lanes: &[&Lane],
    ask: &Ask,
    answer: Option<&Answer>,
    asked: Option<OfShard<'_>>,
) -> Result<Filled, Unfilled> {
    // A link that closes a loop is no target to pick: where it holds it fills the slot, else the others may (rule 19).
    let (closing, lanes): (Vec<&Lane>, Vec<&Lane>) = lanes.iter().copied().partition(|l| l.standing);
    let mut unheld = None;
    for lane in closing {
        match standing(node, lane) {
            Ok(filled) => return Ok(filled),
            Err(unfilled) => unheld = Some(unfilled),
        }
    }
    if let (Some(unfilled), true) = (unheld, lanes.is_empty()) {
        return Err(unfilled);
    }
    let all = candidates(node, &lanes, ask, answer, asked);
    let drawn = match (slot.need, &lanes[..]) {
        (Need::Any, _) => slot.tries,
        (_, [lane]) => lane.tries,
        _ => slot.tries,
    };
    let tries = if node.is_sabotaged(Sabotage::NoRetry) { 1 } else { drawn.max(1) };
    let mut tried: Vec<String> = Vec::new();
    let mut why = Unfilled::because(format!("{}: no eligible target", slot.name));
    for number in 0..tries {
        if number > 0 {
            let grown = if slot.jittered {
                f64::from(1 << number.min(10)) / 2.0 * (0.5 + fastrand::f64())
            } else {
                1.0
            };
            let pause = millis(slot.backoff_ms * grown * ask.scale);
            if !pause.is_zero() {
                tokio::time::sleep(pause.min(ask.left())).await;
            }
        }
        let left: Vec<&Candidate> = all
            .iter()
            .filter(|c| match tried.last() {
                Some(last) if node.is_sabotaged(Sabotage::RetrySameTarget) => c.name == *last,
                _ => {
                    !tried.contains(&c.name)
                        && match &c.instance {
                            Some(target) => node.detectors.is_eligible(slot.detector, c.lane, target),
                            None => !leader::is_out(node, c.lane, ask),
                        }
                }
            })
            .collect();
        let weighted = answer.is_some_and(|a| a.policy == ResolvePolicy::Weighted);
        let Some(chosen) = choose(node, slot, ask, &left, number, weighted) else { break };
        tried.push(chosen.name.clone());
        let (end, got) = attempt(node, slot, chosen, ask).await;
        match got {
            Ok(filled) => return Ok(filled),
            Err(unfilled) => why = unfilled,
        }
        let moves_on = match end {
            TryEnd::Ok => true,
            TryEnd::Refused => true,
            TryEnd::Silent => chosen.lane.fits,
            TryEnd::Error => chosen.lane.idempotent,
        };
        if !moves_on || ask.left() < Duration::from_millis(2) {
            break;
        }
    }
    Err(why)
}

/// Waits until the effects before a step are done (rule 38); nothing is sent along its link.
async fn wait(node: &Rc<Node>, lane: &Lane, ask: &Ask) -> Result<Filled, Unfilled> {
    if ask.mode != Mode::Serve {
        return Ok(Filled::default());
    }
    match waiting::until_done(node, &lane.awaits, &ask.op_id, ask.left()).await {
        Ok(()) => Ok(Filled::default()),
        Err(effect) => Err(Unfilled {
            why: format!("{}: {effect} is not done in time", lane.link),
            began: Some(BTreeSet::new()),
        }),
    }
}

/// Whether some instance of a target that closes a loop is up (rule 19).
fn standing(node: &Node, lane: &Lane) -> Result<Filled, Unfilled> {
    let Targets::Instances(targets) = &lane.to else { return Ok(Filled::default()) };
    if targets.iter().any(|t| !node.detectors.is_out(&lane.link, &t.id)) {
        return Ok(Filled::default());
    }
    Err(Unfilled::because(format!("{}: nobody is up at the other end", lane.link)))
}

/// The target to try next among those that are left.
fn choose<'a>(
    node: &Node,
    slot: &Slot,
    ask: &Ask,
    left: &[&'a Candidate<'a>],
    number: u32,
    weighted: bool,
) -> Option<&'a Candidate<'a>> {
    let rank = left.iter().map(|c| c.rank).min()?;
    let best: Vec<&Candidate> = left.iter().copied().filter(|c| c.rank == rank).collect();
    if node.is_sabotaged(Sabotage::StickToFirst) {
        return best.first().copied();
    }
    if weighted {
        let total: f64 = best.iter().map(|c| c.weight.max(0.0)).sum();
        let mut at = fastrand::f64() * total;
        for candidate in &best {
            at -= candidate.weight.max(0.0);
            if at < 0.0 {
                return Some(candidate);
            }
        }
    }
    // A further try goes anywhere else: what chance or turn decided is behind us.
    let balance = if number == 0 { slot.balance } else { None };
    match balance {
        Some(Balance::RoundRobin) => {
            let mut rounds = node.memory.rounds.borrow_mut();
            let round = rounds.entry((ask.hop.clone(), slot.name.clone())).or_default();
            // Each round is a new order, so that two callers in step do not share a target for ever.
            let mut found = None;
            while found.is_none() {
                match round.pop() {
                    Some(name) => found = best.iter().position(|c| c.name == name),
                    None => {
                        *round = best.iter().map(|c| c.name.clone()).collect();
                        fastrand::shuffle(round);
                    }
                }
            }
            best.get(found?).copied()
        }
        Some(Balance::LeastConnections) => {
            let under_way = node.memory.under_way.borrow();
            let load =
                |c: &Candidate| under_way.get(&(c.lane.link.clone(), c.name.clone())).copied().unwrap_or(0);
            let least = best.iter().map(|c| load(c)).min()?;
            let idle: Vec<_> = best.into_iter().filter(|c| load(c) == least).collect();
            idle.get(fastrand::usize(..idle.len())).copied()
        }
        Some(Balance::Hash) => {
            // Highest random weight, so that a lost target moves only its own keys.
            best.into_iter().max_by_key(|c| {
                let name = c
                    .name
                    .bytes()
                    .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| crate::deploy::mix(h ^ u64::from(b)));
                crate::deploy::mix(ask.seed ^ name)
            })
        }
        None => best.get(fastrand::usize(..best.len())).copied(),
    }
}

/// One try at one target.
async fn attempt(
    node: &Rc<Node>,
    slot: &Slot,
    candidate: &Candidate<'_>,
    ask: &Ask,
) -> (TryEnd, Result<Filled, Unfilled>) {
    let lane = candidate.lane;
    if lane.op == Op::Resolve {
        return match resolve(node, slot, lane, candidate.instance.as_ref(), ask).await {
            Ok(answer) => (TryEnd::Ok, walk(node, lane, ask, &answer).await),
            Err((end, why)) => (end, Err(why)),
        };
    }
    let full = millis(lane.timeout_ms * ask.scale);
    let timeout = if lane.fits { full.min(ask.left()) } else { ask.left() };
    let key = (lane.link.clone(), candidate.name.clone());
    {
        let mut under_way = node.memory.under_way.borrow_mut();
        let count = under_way.entry(key.clone()).or_default();
        if lane.in_flight_max > 0 && *count >= lane.in_flight_max {
            return (TryEnd::Error, Err(Unfilled::because(format!("{}: too many under way", lane.link))));
        }
        *count += 1;
    }
    let _under_way = UnderWay { node, key: &key };
    let (end, reply) = match &candidate.instance {
        Some(target) => {
            if breaker::is_open(node, lane, target) {
                return (TryEnd::Error, Err(Unfilled::because(format!("{}: breaker open", lane.link))));
            }
            let sent = send(node, lane, target, ask, timeout).await;
            let end = match &sent {
                Ok(reply) if reply.is_ok() => TryEnd::Ok,
                Ok(_) => TryEnd::Error,
                Err(NoAnswer::Refused) => TryEnd::Refused,
                Err(NoAnswer::Silent) => TryEnd::Silent,
            };
            let way = (&lane.link, lane.round_trip_ms);
            match end {
                TryEnd::Refused => detector::learn_unreachable(node, slot.detector, way, target, false),
                // A try that was cut short says nothing about its target (rule 18).
                TryEnd::Silent if lane.fits && timeout >= full && ask.scale > 0.5 => {
                    detector::learn_unreachable(node, slot.detector, way, target, true);
                }
                TryEnd::Ok => detector::learn_answer(node, slot.detector, lane, target, true),
                TryEnd::Error => detector::learn_answer(node, slot.detector, lane, target, false),
                TryEnd::Silent => {}
            }
            breaker::learn(node, lane, target, end == TryEnd::Ok);
            node.metrics.tried(&lane.link, target.as_str(), end);
            (end, sent)
        }
        None => {
            let (end, reply) = leader::ask_group(node, slot, lane, ask, timeout).await;
            node.metrics.tried(&lane.link, &candidate.name, end);
            (end, reply)
        }
    };
    let got = match reply {
        Ok(reply) if reply.is_ok() => {
            Ok(Filled { degraded: reply.degraded, body: reply.body, began: reply.began })
        }
        Ok(reply) => {
            let why = String::from_utf8_lossy(&reply.body);
            Err(Unfilled::because(format!("{}: {}", candidate.name, why.trim())))
        }
        Err(NoAnswer::Refused) => Err(Unfilled::because(format!("{}: refused", candidate.name))),
        Err(NoAnswer::Silent) => Err(Unfilled::because(format!("{}: no answer", candidate.name))),
    };
    (end, got)
}

struct UnderWay<'a> {
    node: &'a Node,
    key: &'a (LinkId, String),
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(count) = self.node.memory.under_way.borrow_mut().get_mut(self.key) {
            *count = count.saturating_sub(1);
        }
    }
}

/// Sends a hop to one instance.
pub(super) async fn send(
    node: &Rc<Node>,
    lane: &Lane,
    target: &InstanceId,
    ask: &Ask,
    timeout: Duration,
) -> Result<Reply, NoAnswer> {
    let mut request = post(&format!("/j/{}", lane.hop), bytes::Bytes::new());
    ask.write_headers(request.headers_mut(), lane.timeout_ms, timeout);
    let response = node.pool.send(target, Some(&lane.link), request, timeout).await?;
    Ok(Reply::read(response))
}

/// Asks a resolver, or remembers what it said.
async fn resolve(
    node: &Rc<Node>,
    slot: &Slot,
    lane: &Lane,
    target: Option<&InstanceId>,
    ask: &Ask,
) -> Result<Rc<Answer>, (TryEnd, Unfilled)> {
    if let Some((until, answer)) = node.memory.answers.borrow().get(&lane.hop)
        && *until > Instant::now()
    {
        return Ok(answer.clone());
    }
    let Some(target) = target else {
        return Err((TryEnd::Error, Unfilled::because(format!("{}: not a resolver", lane.link))));
    };
    let full = millis(lane.timeout_ms * ask.scale);
    let timeout = if lane.fits { full.min(ask.left()) } else { ask.left() };
    let sent = send(node, lane, target, ask, timeout).await;
    let (end, why) = match sent {
        Ok(reply) if reply.is_ok() => match serde_json::from_slice::<Answer>(&reply.body) {
            Ok(answer) => {
                node.metrics.tried(&lane.link, target.as_str(), TryEnd::Ok);
                let answer = Rc::new(answer);
                if let Some(ttl) = lane.ttl_ms {
                    let until = Instant::now() + millis(ttl);
                    node.memory.answers.borrow_mut().insert(lane.hop.clone(), (until, answer.clone()));
                }
                return Ok(answer);
            }
            Err(error) => (TryEnd::Error, format!("{target}: answer not understood: {error}")),
        },
        Ok(reply) => (TryEnd::Error, format!("{target}: {}", String::from_utf8_lossy(&reply.body).trim())),
        Err(NoAnswer::Refused) => (TryEnd::Refused, format!("{target}: refused")),
        Err(NoAnswer::Silent) => (TryEnd::Silent, format!("{target}: no answer")),
    };
    node.metrics.tried(&lane.link, target.as_str(), end);
    if end == TryEnd::Refused || (end == TryEnd::Silent && lane.fits && timeout >= full && ask.scale > 0.5) {
        detector::learn_unreachable(
            node,
            slot.detector,
            (&lane.link, lane.round_trip_ms),
            target,
            end == TryEnd::Silent,
        );
    }
    Err((end, Unfilled::because(why)))
}

/// Does what the answer of a resolver leads to, from where the asker stands (rule 20).
async fn walk(node: &Rc<Node>, lane: &Lane, ask: &Ask, answer: &Answer) -> Result<Filled, Unfilled> {
    let mut filled = Filled::default();
    // The slots behind belong to the resolver's hop: remembered apart from the asker's own.
    let ask = Ask { hop: lane.hop.as_str().into(), ..ask.clone() };
    for slot in &lane.walk {
        let got = Box::pin(fill_slot(node, slot, &ask, Some(answer))).await?;
        filled.degraded |= got.degraded;
        filled.began.extend(got.began);
        if !got.body.is_empty() {
            filled.body = got.body;
        }
    }
    Ok(filled)
}
