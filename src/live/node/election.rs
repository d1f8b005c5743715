//! Who leads a replica group: votes, leases and taking over.
//!
//! A leader holds a lease from a majority of the voters and renews it several times within the time after which it counts
//! as lost; without the majority it steps down before any voter may grant another (check-quorum). A candidate first asks
//! whether it would be voted for and only then is (pre-vote; Ongaro's thesis, 9.6). Voters remember what they granted
//! over a restart, and for one detection time after it grant nothing. Without voters, whoever loses sight of the primary
//! takes over: the drawn split brain.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::leader::Standing;
use super::pool::{get, post};
use super::replica::{Mode, Replica};
use super::request::Reply;
use super::{Node, Part};
use crate::live::spec::Sabotage;
use crate::live::wire::{InstanceId, Level};

/// What is asked of a voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wish {
    /// Would you?
    PreVote,
    /// Do.
    Vote,
    /// Go on.
    Renew,
    /// No longer.
    Release,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ballot {
    wish: Wish,
    group: String,
    shard: usize,
    term: u64,
    candidate: InstanceId,
    last: (u64, u64),
    detect_ms: u64,
    /// Copies that have everything; only they may take over.
    in_sync: Vec<InstanceId>,
    /// Whether a voter that is a copy itself must not have more than the candidate.
    strict: bool,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Verdict {
    granted: bool,
    term: u64,
}

/// What this node has granted, as a voter of any group.
pub(super) struct Votes {
    grants: RefCell<BTreeMap<String, Grant>>,
    path: PathBuf,
    /// Set where the node has run before: its earlier grants may still hold elsewhere.
    restarted: Option<Instant>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Grant {
    term: u64,
    holder: Option<InstanceId>,
    in_sync: Vec<InstanceId>,
    #[serde(skip)]
    until: Option<Instant>,
}

impl Votes {
    /// Reads what an earlier start granted.
    pub fn open(dir: &std::path::Path, restarts: u32) -> Self {
        let path = dir.join("votes.json");
        let grants =
            std::fs::read(&path).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default();
        Self { grants: RefCell::new(grants), path, restarted: (restarts > 0).then(Instant::now) }
    }

    fn keep(&self) {
        let beside = self.path.with_extension("new");
        let bytes = serde_json::to_vec(&*self.grants.borrow()).unwrap_or_default();
        // A voter that cannot write forgets on restart, and grants nothing for a detection time then.
        let _ = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, &self.path));
    }

    fn judge(&self, node: &Node, ballot: &Ballot) -> Verdict {
        let now = Instant::now();
        let detect = Duration::from_millis(ballot.detect_ms);
        let key = format!("{}/{}", ballot.group, ballot.shard);
        let mut grants = self.grants.borrow_mut();
        let grant = grants.entry(key).or_default();
        let held = grant.until.is_some_and(|u| u > now) && grant.holder.as_ref() != Some(&ballot.candidate);
        let own = grant.holder.as_ref() == Some(&ballot.candidate);
        let no = Verdict { granted: false, term: grant.term };
        match ballot.wish {
            Wish::Release => {
                if own && ballot.term == grant.term {
                    grant.until = None;
                }
                return Verdict { granted: true, term: grant.term };
            }
            Wish::Renew => {
                if held || ballot.term < grant.term || (ballot.term == grant.term && !own) {
                    return no;
                }
            }
            Wish::PreVote | Wish::Vote => {
                let resting = self.restarted.is_some_and(|r| now.duration_since(r) < detect);
                let old = ballot.term < grant.term || (ballot.term == grant.term && !own);
                let behind = !grant.in_sync.is_empty() && !grant.in_sync.contains(&ballot.candidate);
                let poorer = ballot.strict && own_last(node, ballot).is_some_and(|mine| ballot.last < mine);
                if held || resting || old || behind || poorer {
                    return no;
                }
            }
        }
        if ballot.wish != Wish::PreVote {
            let changed = grant.term != ballot.term || !own || grant.in_sync != ballot.in_sync;
            *grant = Grant {
                term: ballot.term,
                holder: Some(ballot.candidate.clone()),
                in_sync: ballot.in_sync.clone(),
                until: Some(now + detect),
            };
            if changed {
                drop(grants);
                self.keep();
            }
        }
        Verdict { granted: true, term: ballot.term }
    }
}

fn own_last(node: &Node, ballot: &Ballot) -> Option<(u64, u64)> {
    let Part::Member(member) = &node.part else { return None };
    let replica = member.replica()?;
    (replica.group_name == ballot.group && replica.shard == ballot.shard)
        .then(|| replica.state.borrow().last())
}

/// Answers a ballot.
pub(super) fn vote(node: &Rc<Node>, body: &[u8]) -> Reply {
    match serde_json::from_slice::<Ballot>(body) {
        Ok(ballot) => Reply::json(&node.votes.judge(node, &ballot)),
        Err(error) => Reply::error(400, error.to_string()),
    }
}

/// Asks all voters; true as soon as a majority has granted. A higher term that some voter knows comes back too.
async fn ask_voters(
    node: &Rc<Node>,
    replica: &Rc<Replica>,
    wish: Wish,
    term: u64,
    timeout: Duration,
) -> (bool, u64) {
    let voters = replica.group.voters.clone();
    let ballot = {
        let state = replica.state.borrow();
        let in_sync = match &replica.mode {
            // Whoever takes over from an asynchronous primary may lack something: that is what was drawn.
            Mode::Backups(s) if s.sync == crate::design::Sync::Async => Vec::new(),
            Mode::Backups(_) if wish == Wish::Renew => state.in_sync.clone(),
            Mode::Backups(_) | Mode::Majority { .. } | Mode::Alone => Vec::new(),
        };
        Ballot {
            wish,
            group: replica.group_name.clone(),
            shard: replica.shard,
            term,
            candidate: replica.me.clone(),
            last: state.last(),
            detect_ms: replica.mode.detect_after().as_millis() as u64,
            in_sync,
            strict: matches!(replica.mode, Mode::Majority { .. }),
        }
    };
    let majority = voters.len() / 2 + 1;
    let (sender, mut receiver) = mpsc::unbounded_channel();
    for voter in voters {
        if voter == replica.me {
            let _ = sender.send(node.votes.judge(node, &ballot));
            continue;
        }
        let (node, sender, link) = (node.clone(), sender.clone(), replica.link_to(&voter).cloned());
        let request = post("/vote", serde_json::to_vec(&ballot).unwrap_or_default());
        tokio::task::spawn_local(async move {
            let sent = node.pool.send(&voter, link.as_ref(), request, timeout).await;
            let verdict = sent.ok().and_then(|r| serde_json::from_slice(r.body()).ok());
            let _ = sender.send(verdict.unwrap_or_default());
        });
    }
    drop(sender);
    let (mut granted, mut highest) = (0, 0);
    while let Some(verdict) = receiver.recv().await {
        highest = highest.max(verdict.term);
        granted += usize::from(verdict.granted);
        if granted >= majority {
            return (true, highest);
        }
    }
    (false, highest)
}

/// Sees to it that the group has a leader, for as long as the node runs. To be spawned once.
pub(super) async fn run(node: Rc<Node>, replica: Rc<Replica>) {
    let first = replica.order == 0;
    if !replica.mode.is_automatic() {
        if first {
            let term = replica.state.borrow().term.max(1);
            replica.lead(&node, term, None);
        }
        loop {
            tokio::time::sleep(replica.beat.max(Duration::from_millis(100))).await;
            replica.review_backups(&node);
        }
    }
    let voted = !replica.group.voters.is_empty();
    let detect = replica.mode.detect_after();
    // A design that starts afresh starts with its drawn primary.
    if first && !replica.had_data {
        while !replica.leads_now(&node) && !replica.follows_now() {
            campaign(&node, &replica).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let mut yielded = 0;
    loop {
        let begun = Instant::now();
        let leads = replica.state.borrow().leads;
        if leads && voted {
            renew(&node, &replica).await;
        } else if leads {
            replica.review_backups(&node);
        } else {
            let patience = detect + replica.beat * replica.order as u32;
            let silent = replica.state.borrow().heard.elapsed();
            if silent >= patience && (first || !node.is_sabotaged(Sabotage::NeverPromote)) {
                if yielded < 3 && somebody_has_more(&node, &replica).await {
                    yielded += 1;
                } else {
                    yielded = 0;
                    campaign(&node, &replica).await;
                }
            }
        }
        tokio::time::sleep(replica.beat.saturating_sub(begun.elapsed()).max(Duration::from_millis(5))).await;
    }
}

async fn renew(node: &Rc<Node>, replica: &Rc<Replica>) {
    let detect = replica.mode.detect_after();
    replica.review_backups(node);
    let (term, announced) = {
        let state = replica.state.borrow();
        (state.term, state.in_sync.clone())
    };
    let begun = Instant::now();
    let (held, highest) = ask_voters(node, replica, Wish::Renew, term, detect.mul_f64(0.5)).await;
    if highest > term && !node.is_sabotaged(Sabotage::NoStepDown) {
        replica.step_down(node, highest, "the voters know of a later term");
        return;
    }
    if held {
        let mut state = replica.state.borrow_mut();
        if state.leads && state.term == term {
            // Less than what the voters grant: this clock may be slower than theirs.
            state.lease_until = Some(begun + detect.mul_f64(0.85));
            state.in_sync_confirmed |= state.in_sync == announced;
        }
    }
    let over = replica.state.borrow().lease_until.is_some_and(|until| until <= Instant::now());
    if over && !node.is_sabotaged(Sabotage::NoStepDown) {
        replica.step_down(node, term, "no majority of the voters is in reach");
    }
}

/// Tries to become the leader.
async fn campaign(node: &Rc<Node>, replica: &Rc<Replica>) {
    let detect = replica.mode.detect_after();
    let mut term = replica.state.borrow().term + 1;
    if replica.group.voters.is_empty() || node.is_sabotaged(Sabotage::PromoteWithoutVoters) {
        node.tell.log(Level::Info, format!("takes over in term {term}, asking nobody"));
        replica.lead(node, term, None);
        return;
    }
    let timeout = detect.mul_f64(0.5);
    let (would, highest) = ask_voters(node, replica, Wish::PreVote, term, timeout).await;
    if !would {
        if highest >= term {
            // Next time with a term that they have not yet granted.
            let mut state = replica.state.borrow_mut();
            state.term = state.term.max(highest);
        }
        return;
    }
    if replica.follows_now() || replica.state.borrow().leads {
        return;
    }
    term = replica.state.borrow().term + 1;
    let begun = Instant::now();
    let (won, _) = ask_voters(node, replica, Wish::Vote, term, timeout).await;
    if won && replica.state.borrow().term < term {
        node.tell.log(Level::Info, format!("elected in term {term}"));
        replica.lead(node, term, Some(begun + detect.mul_f64(0.85)));
    } else {
        ask_voters(node, replica, Wish::Release, term, timeout).await;
    }
}

/// Whether another replica in reach has records that this one lacks.
async fn somebody_has_more(node: &Rc<Node>, replica: &Rc<Replica>) -> bool {
    let mine = replica.state.borrow().last();
    let path = format!("/group/{}/{}", replica.group_name, replica.shard);
    let (sender, mut receiver) = mpsc::unbounded_channel();
    for other in replica.others() {
        let (node, other, path, sender) = (node.clone(), other.clone(), path.clone(), sender.clone());
        let link = replica.link_to(&other).cloned();
        tokio::task::spawn_local(async move {
            let sent = node.pool.send(&other, link.as_ref(), get(&path), Duration::from_millis(300)).await;
            let standing = sent.ok().and_then(|r| serde_json::from_slice::<Standing>(r.body()).ok());
            let _ = sender.send(standing);
        });
    }
    drop(sender);
    while let Some(standing) = receiver.recv().await {
        if standing.is_some_and(|s| s.last > mine) {
            return true;
        }
    }
    false
}

/// Asks the first replica in the drawn order to lead again, once it has everything. To be spawned on a reset.
pub(super) async fn hand_over(node: Rc<Node>, replica: Rc<Replica>) {
    if replica.order == 0 || replica.handing_over.replace(true) {
        return;
    }
    let first = replica.members()[0].clone();
    for _ in 0..100 {
        if !replica.leads_now(&node) {
            break;
        }
        if replica.has_all(&first) {
            let term = replica.state.borrow().term;
            replica.step_down(&node, term, "hands over to the drawn primary");
            if !replica.group.voters.is_empty() {
                ask_voters(&node, &replica, Wish::Release, term, Duration::from_millis(500)).await;
            }
            let request = post("/replica/lead", bytes::Bytes::new());
            let link = replica.link_to(&first).cloned();
            let _ = node.pool.send(&first, link.as_ref(), request, Duration::from_millis(500)).await;
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    replica.handing_over.set(false);
}

/// Makes this copy lead: asked by the leader that hands over, or by an operator.
pub(super) async fn take_over(node: &Rc<Node>, replica: &Rc<Replica>) {
    for _ in 0..20 {
        if replica.leads_now(node) {
            return;
        }
        if replica.mode.is_automatic() {
            campaign(node, replica).await;
        } else {
            let term = replica.state.borrow().term + 1;
            replica.lead(node, term, None);
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
