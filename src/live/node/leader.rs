//! How a caller finds who serves a key in a replica group, and asks it.
//!
//! A caller knows the members of a group, not their roles. It asks who it believes leads; a member that does not lead
//! says who does; where nobody answers, all members are asked until one of them serves.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};

use super::metrics::TryEnd;
use super::pool::{NoAnswer, get};
use super::request::{Ask, Mode, Reply, STATUS_NOT_LEADER};
use super::{Node, caller, detector};
use crate::design::{Detector, Keys, LinkId, Op, ReadFrom, Replication};
use crate::live::spec::{Group, Lane, Sabotage, Slot};
use crate::live::wire::InstanceId;

/// How long members may take to say who leads.
const SEARCH_TIMEOUT: Duration = Duration::from_millis(700);
/// Between two rounds of a search.
const SEARCH_PAUSE: Duration = Duration::from_millis(200);
/// A search that nobody waits for any more ends after so many rounds.
const SEARCH_ROUNDS: u32 = 25;

/// What a member says of itself: `GET /group/<group>/<shard>`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Standing {
    /// Whether it leads, or passes requests on to who does.
    pub serves: bool,
    /// Its term.
    pub term: u64,
    /// Who leads, as far as it knows.
    pub leader: Option<InstanceId>,
    /// The last record that it has: term and index.
    pub last: (u64, u64),
}

#[derive(Default)]
struct Known {
    leader: Option<InstanceId>,
    /// Whether the group has been asked for before: then an unknown leader is a lost one.
    met: bool,
    /// How the group as a whole fails, as the last search found it; `None` while it is not known to.
    fails: Option<TryEnd>,
    searching: bool,
    rounds_left: u32,
    found: Rc<Notify>,
}

/// Leaders that a caller knows, by link, group and shard.
#[derive(Default)]
pub(super) struct Leaders(RefCell<BTreeMap<Place, Known>>);

impl Leaders {
    /// Forgets them.
    pub fn reset(&self) {
        self.0.borrow_mut().values_mut().for_each(|k| {
            if !k.searching {
                (k.leader, k.met, k.fails) = (None, false, None);
            }
        });
    }
}

/// Asks a group: the shard of the key, or every shard where every key is touched.
pub(super) async fn ask_group(
    node: &Rc<Node>,
    slot: &Slot,
    lane: &Lane,
    ask: &Ask,
    timeout: Duration,
) -> (TryEnd, Result<Reply, NoAnswer>) {
    let crate::live::spec::Targets::Group(name) = &lane.to else {
        return (TryEnd::Error, Ok(Reply::error(500, "not a group")));
    };
    let Some(group) = node.spec.groups.get(name) else {
        return (TryEnd::Error, Ok(Reply::error(500, format!("unknown group {name}"))));
    };
    let mut last = (TryEnd::Error, Ok(Reply::error(500, "no shard")));
    let until = tokio::time::Instant::now() + timeout;
    for shard in shards(node, lane, group, ask) {
        let left = until.saturating_duration_since(tokio::time::Instant::now());
        last = ask_shard(node, slot, lane, ask, left, (name, group, shard)).await;
        if last.0 != TryEnd::Ok {
            break;
        }
    }
    last
}

/// The shards that a request touches.
fn shards(node: &Node, lane: &Lane, group: &Group, ask: &Ask) -> Vec<usize> {
    if lane.keys == Keys::All || ask.mode == Mode::Probe {
        return (0..group.shards.len()).collect();
    }
    let own = node.keys.shard(&group.sharding, group.shards.len(), ask.seed);
    let wrong = usize::from(node.is_sabotaged(Sabotage::WrongShard));
    vec![(own + wrong) % group.shards.len().max(1)]
}

/// Whether any replica will do.
fn may_ask_anyone(lane: &Lane, group: &Group, ask: &Ask) -> bool {
    match &group.mode {
        Replication::Quorum(_) | Replication::MultiPrimary(_) => true,
        _ => {
            lane.op == Op::Read
                && ask.mode != Mode::Probe
                && matches!(lane.from, ReadFrom::Any | ReadFrom::Nearest)
        }
    }
}

/// Whether a group is seen to refuse or to be silent as a whole, so that it is no target to pick (semantics rule 15):
/// a caller sees what refuses, and what is silent if a try at it fits.
pub(super) fn is_out(node: &Rc<Node>, lane: &Lane, ask: &Ask) -> bool {
    let crate::live::spec::Targets::Group(name) = &lane.to else { return false };
    let Some(group) = node.spec.groups.get(name).filter(|g| !may_ask_anyone(lane, g, ask)) else {
        return false;
    };
    shards(node, lane, group, ask).into_iter().any(|shard| {
        let place = Place { link: lane.link.clone(), group: name.clone(), shard };
        let fails = node.leaders.0.borrow().get(&place).and_then(|k| k.fails);
        let out = match fails {
            Some(TryEnd::Refused) => true,
            Some(TryEnd::Silent) => lane.fits,
            Some(TryEnd::Ok | TryEnd::Error) | None => false,
        };
        if out {
            // Nobody asks it any more: only a search finds it again.
            search(node, &place, &group.shards[shard]);
        }
        out
    })
}

async fn ask_shard(
    node: &Rc<Node>,
    slot: &Slot,
    lane: &Lane,
    ask: &Ask,
    timeout: Duration,
    (name, group, shard): (&str, &Group, usize),
) -> (TryEnd, Result<Reply, NoAnswer>) {
    let members = &group.shards[shard];
    if may_ask_anyone(lane, group, ask) {
        return ask_anyone(node, slot, lane, ask, timeout, group, members).await;
    }
    ask_leader(node, lane, ask, timeout, (name, shard, members)).await
}

/// Asks replicas one after another, in any order or the nearest first, until one serves.
async fn ask_anyone(
    node: &Rc<Node>,
    slot: &Slot,
    lane: &Lane,
    ask: &Ask,
    timeout: Duration,
    group: &Group,
    members: &[InstanceId],
) -> (TryEnd, Result<Reply, NoAnswer>) {
    // Each replica is a target of its own; what refuses or is silent is left out until a check finds it again.
    let detector = Detector { mode: crate::design::DetectorMode::Connect, ..slot.detector };
    let mut order: Vec<&InstanceId> =
        members.iter().filter(|m| !node.detectors.is_out(&lane.link, m)).collect();
    fastrand::shuffle(&mut order);
    if lane.from == ReadFrom::Nearest {
        order.sort_by_key(|m| std::cmp::Reverse(node.shared_zones(group.places.get(*m))));
    }
    let mut last = (TryEnd::Refused, Err(NoAnswer::Refused));
    let until = tokio::time::Instant::now() + timeout;
    let share = timeout / members.len().max(1) as u32;
    for (at, member) in order.iter().enumerate() {
        let left = until.saturating_duration_since(tokio::time::Instant::now());
        let time = if at + 1 == order.len() { left } else { share.min(left) };
        let sent = caller::send(node, lane, member, ask, time).await;
        match sent {
            Ok(reply) if reply.is_ok() => return (TryEnd::Ok, Ok(reply)),
            Ok(reply) => last = (TryEnd::Error, Ok(reply)),
            Err(why) => {
                let silent = why == NoAnswer::Silent;
                detector::learn_unreachable(node, detector, (&lane.link, lane.round_trip_ms), member, silent);
                let end = if why == NoAnswer::Refused { TryEnd::Refused } else { TryEnd::Silent };
                last = (end, Err(why));
            }
        }
    }
    last
}

/// A shard of a group as seen along a link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The link.
    pub link: LinkId,
    /// The group.
    pub group: String,
    /// The shard, from 0.
    pub shard: usize,
}

async fn ask_leader(
    node: &Rc<Node>,
    lane: &Lane,
    ask: &Ask,
    timeout: Duration,
    (name, shard, members): (&str, usize, &[InstanceId]),
) -> (TryEnd, Result<Reply, NoAnswer>) {
    let place = Place { link: lane.link.clone(), group: name.to_owned(), shard };
    ask_at(node, &place, members, timeout, async |to, time| caller::send(node, lane, &to, ask, time).await)
        .await
}

/// Sends something to whoever leads a shard.
pub(super) async fn ask_at(
    node: &Rc<Node>,
    place: &Place,
    members: &[InstanceId],
    timeout: Duration,
    send: impl AsyncFn(InstanceId, Duration) -> Result<Reply, NoAnswer>,
) -> (TryEnd, Result<Reply, NoAnswer>) {
    let until = tokio::time::Instant::now() + timeout;
    let left = || until.saturating_duration_since(tokio::time::Instant::now());
    let known = || node.leaders.0.borrow().get(place).map(|k| (k.leader.clone(), k.met));
    let mut who = match known() {
        Some((Some(leader), _)) => Some(leader),
        Some((None, true)) => None,
        _ => members.first().cloned(),
    };
    let mut asked: Vec<InstanceId> = Vec::new();
    let mut last = (TryEnd::Error, Ok(Reply::error(503, "nobody leads the group")));
    for _ in 0..4 {
        let Some(target) = who.take() else {
            let found = search(node, place, members);
            let patience = left().min(Duration::from_millis(if asked.is_empty() { 100 } else { 400 }));
            let _ = tokio::time::timeout(patience, found.notified()).await;
            who = known().and_then(|(leader, _)| leader).filter(|l| !asked.contains(l));
            if who.is_none() {
                return last;
            }
            continue;
        };
        asked.push(target.clone());
        match send(target.clone(), left()).await {
            Ok(reply) if reply.status == STATUS_NOT_LEADER => {
                who = reply.leader.clone().filter(|l| members.contains(l) && !asked.contains(l));
                if who.is_none() {
                    forget(node, place);
                }
                last = (TryEnd::Error, Ok(reply));
            }
            Ok(reply) => {
                let end = if reply.is_ok() { TryEnd::Ok } else { TryEnd::Error };
                if reply.is_ok() {
                    let mut all = node.leaders.0.borrow_mut();
                    let known = all.entry(place.clone()).or_default();
                    (known.leader, known.met) = (Some(target), true);
                }
                return (end, Ok(reply));
            }
            Err(why) => {
                forget(node, place);
                // Whether or not this request can wait for it, the next ones want to know.
                search(node, place, members);
                let end = if why == NoAnswer::Refused { TryEnd::Refused } else { TryEnd::Silent };
                last = (end, Err(why));
                if why == NoAnswer::Silent {
                    return last;
                }
            }
        }
    }
    last
}

fn forget(node: &Node, place: &Place) {
    let mut all = node.leaders.0.borrow_mut();
    let known = all.entry(place.clone()).or_default();
    (known.leader, known.met) = (None, true);
}

/// Looks for the leader in the background, unless somebody does already.
fn search(node: &Rc<Node>, place: &Place, members: &[InstanceId]) -> Rc<Notify> {
    let found = {
        let mut all = node.leaders.0.borrow_mut();
        let known = all.entry(place.clone()).or_default();
        known.rounds_left = SEARCH_ROUNDS;
        if std::mem::replace(&mut known.searching, true) {
            return known.found.clone();
        }
        known.found.clone()
    };
    let (node, place, members) = (node.clone(), place.clone(), members.to_vec());
    tokio::task::spawn_local(async move {
        loop {
            let found = round(&node, &place, &members).await;
            {
                let mut all = node.leaders.0.borrow_mut();
                let known = all.entry(place.clone()).or_default();
                known.fails = found.as_ref().err().copied();
                known.rounds_left = known.rounds_left.saturating_sub(1);
                if found.is_ok() {
                    known.leader = found.ok();
                    known.rounds_left = 0;
                }
                known.found.notify_waiters();
                if known.rounds_left == 0 {
                    known.searching = false;
                    return;
                }
            }
            tokio::time::sleep(SEARCH_PAUSE).await;
        }
    });
    found
}

/// Asks every member once. The first replica has precedence: it is the drawn primary, and where two sides lead, who
/// reaches it stays with it.
///
/// # Errors
/// How the group fails as a whole: refused by all, answered by somebody who does not lead, else silent.
async fn round(node: &Rc<Node>, place: &Place, members: &[InstanceId]) -> Result<InstanceId, TryEnd> {
    let path = format!("/group/{}/{}", place.group, place.shard);
    let (sender, mut receiver) = mpsc::unbounded_channel();
    for (at, member) in members.iter().enumerate() {
        let (node, link, member) = (node.clone(), place.link.clone(), member.clone());
        let (path, sender) = (path.clone(), sender.clone());
        tokio::task::spawn_local(async move {
            let answer = node.pool.send(&member, Some(&link), get(&path), SEARCH_TIMEOUT).await;
            let end = match answer {
                Ok(r) if serde_json::from_slice::<Standing>(r.body()).is_ok_and(|s| s.serves) => TryEnd::Ok,
                Ok(_) => TryEnd::Error,
                Err(NoAnswer::Refused) => TryEnd::Refused,
                Err(NoAnswer::Silent) => TryEnd::Silent,
            };
            let _ = sender.send((at, end));
        });
    }
    drop(sender);
    let mut best: Option<usize> = None;
    let (mut refused, mut answered) = (0, false);
    let mut patience = SEARCH_TIMEOUT;
    while let Ok(Some((at, end))) = tokio::time::timeout(patience, receiver.recv()).await {
        refused += usize::from(end == TryEnd::Refused);
        answered |= end == TryEnd::Error;
        if end == TryEnd::Ok && best.is_none_or(|b| at < b) {
            best = Some(at);
            patience = Duration::from_millis(if at == 0 { 0 } else { 80 });
        }
        if best == Some(0) {
            break;
        }
    }
    match best {
        Some(at) => Ok(members[at].clone()),
        None if answered => Err(TryEnd::Error),
        None if refused == members.len() => Err(TryEnd::Refused),
        None => Err(TryEnd::Silent),
    }
}
