//! One copy of a replicated log: what a primary does to have a write acknowledged, and what a backup does with it.
//!
//! A primary adds a record to its journal, sends it to the others and acknowledges it when the mode's copies are durable:
//! none (asynchronous), k (semi-synchronous), all (synchronous) or a majority (consensus; after Raft, Ongaro and
//! Ousterhout 2014, with leases in place of randomized elections). A backup whose log does not continue the primary's is
//! given a whole copy.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Node;
use super::data::{Change, Data};
use super::journal::Journal;
use super::leader::Standing;
use super::pool::post;
use super::request::Reply;
use crate::design::{Failover, LinkId, OnBackupLoss, PrimaryBackup, Replication, Sync};
use crate::live::spec::{Group, Sabotage};
use crate::live::wire::{FromNode, InstanceId, Level};

/// Records sent at once.
const BATCH: usize = 256;

/// How a group keeps copies, as far as one log with one leader can.
#[derive(Clone, Debug)]
pub(super) enum Mode {
    /// One copy, or copies that nobody feeds: the first serves.
    Alone,
    /// Primary and backups.
    Backups(PrimaryBackup),
    /// A majority.
    Majority {
        /// Silence after which followers elect.
        detect_after: Duration,
    },
}

impl Mode {
    /// Reads the drawn mode; `None` where no single log keeps it.
    pub fn of(replication: &Replication) -> Option<Self> {
        match replication {
            Replication::None => Some(Mode::Alone),
            Replication::PrimaryBackup(settings) => Some(Mode::Backups(settings.clone())),
            Replication::Consensus(settings) => {
                let ms = settings.election_timeout.map_or(1000.0, |t| t.get());
                Some(Mode::Majority { detect_after: super::request::millis(ms) })
            }
            Replication::Chain(_) | Replication::Quorum(_) | Replication::MultiPrimary(_) => None,
        }
    }

    /// Silence after which a leader counts as lost.
    pub fn detect_after(&self) -> Duration {
        match self {
            Mode::Alone => Duration::from_secs(1),
            Mode::Backups(settings) => settings.detect_after().duration().max(Duration::from_millis(50)),
            Mode::Majority { detect_after } => (*detect_after).max(Duration::from_millis(50)),
        }
    }

    /// Whether another replica takes over by itself.
    pub fn is_automatic(&self) -> bool {
        match self {
            Mode::Alone => false,
            Mode::Backups(settings) => settings.failover == Failover::Automatic,
            Mode::Majority { .. } => true,
        }
    }
}

/// One record of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The leader's term.
    #[serde(rename = "t")]
    pub term: u64,
    /// Its place in the log, from 1.
    #[serde(rename = "i")]
    pub index: u64,
    /// What it changes.
    #[serde(rename = "c")]
    pub change: Change,
}

/// A line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Record(Record),
    Term(u64),
    /// Everything up to a record.
    Base {
        at: (u64, u64),
        data: Box<Data>,
    },
}

/// What a primary knows of a backup.
#[derive(Clone, Debug)]
pub(super) struct Backup {
    next: u64,
    matched: u64,
    /// When it last answered.
    answered: Option<Instant>,
    /// Since when it has been waited for in vain.
    since: Instant,
    /// Whether writes may be acknowledged without it for now.
    released: bool,
    /// Its log does not continue this one's: it needs a whole copy.
    wants_copy: bool,
}

/// The state of one copy.
pub(super) struct State {
    /// The highest term seen.
    pub term: u64,
    /// Whether this copy leads.
    pub leads: bool,
    /// Who leads, as far as it knows.
    pub leader: Option<InstanceId>,
    /// When the leader was last heard of, and had heard of us.
    pub heard: Instant,
    /// Until when this leader's majority holds; `None` where no votes are taken.
    pub lease_until: Option<Instant>,
    base: (u64, u64),
    records: Vec<Record>,
    /// Journal line of each record's append: (index, line).
    lines: Vec<(u64, u64)>,
    durable: u64,
    committed: u64,
    data: Data,
    /// The others, where this copy leads.
    pub backups: BTreeMap<InstanceId, Backup>,
    /// Copies that the voters know to have everything.
    pub in_sync: Vec<InstanceId>,
    /// Whether the voters have confirmed `in_sync`.
    pub in_sync_confirmed: bool,
}

impl State {
    /// Term and index of the last record.
    pub fn last(&self) -> (u64, u64) {
        self.records.last().map_or(self.base, |r| (r.term, r.index))
    }

    fn term_at(&self, index: u64) -> Option<u64> {
        if index == self.base.1 {
            return Some(self.base.0);
        }
        let at = index.checked_sub(self.base.1 + 1)?;
        self.records.get(at as usize).map(|r| r.term)
    }
}

/// One copy of one shard.
pub(super) struct Replica {
    /// The group's name.
    pub group_name: String,
    /// The group.
    pub group: Group,
    /// The shard, from 0.
    pub shard: usize,
    /// Who this copy is.
    pub me: InstanceId,
    /// Its place among the replicas of the shard.
    pub order: usize,
    /// The mode.
    pub mode: Mode,
    /// The state.
    pub state: RefCell<State>,
    /// The journal.
    pub journal: Rc<Journal>,
    /// Something has changed: a record, an acknowledgement, a role.
    pub changed: Notify,
    /// A record waits to be sent.
    more: Notify,
    /// Between two signs of life.
    pub beat: Duration,
    /// Whether it held data when it started.
    pub had_data: bool,
    /// A hand-over is under way.
    pub handing_over: Cell<bool>,
}

/// What a leader sends.
#[derive(Debug, Serialize, Deserialize)]
struct Append {
    term: u64,
    leader: InstanceId,
    prev: (u64, u64),
    records: Vec<Record>,
    committed: u64,
    /// Milliseconds since the leader last heard of the addressee.
    heard_ms: Option<u64>,
}

/// What a backup answers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Appended {
    term: u64,
    /// Everything up to here is durable; `None` where nothing was taken.
    matched: Option<u64>,
    /// Begin again from here…
    need: Option<u64>,
    /// …or with a whole copy.
    need_copy: bool,
    /// The sender must step down although its term is not lower.
    yields: bool,
}

/// A whole copy.
#[derive(Debug, Serialize, Deserialize)]
struct Copy {
    term: u64,
    leader: InstanceId,
    at: (u64, u64),
    data: Box<Data>,
}

impl Replica {
    /// Opens a copy and reads what it holds.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open(
        node: &NodeParts<'_>,
        name: &str,
        group: &Group,
        shard: usize,
        mode: Mode,
    ) -> io::Result<Self> {
        let members = group.shards.get(shard).cloned().unwrap_or_default();
        let order = members.iter().position(|m| m == node.me).unwrap_or(0);
        let (journal, lines) = Journal::open::<Line>(&node.dir.join("log"), node.hasty)?;
        let mut state = State {
            term: 0,
            leads: false,
            leader: None,
            heard: Instant::now(),
            lease_until: None,
            base: (0, 0),
            records: Vec::new(),
            lines: Vec::new(),
            durable: 0,
            committed: 0,
            data: Data::default(),
            backups: BTreeMap::new(),
            in_sync: members.clone(),
            in_sync_confirmed: true,
        };
        let had_data = !lines.is_empty();
        for line in lines {
            match line {
                Line::Term(term) => state.term = state.term.max(term),
                Line::Base { at, data } => {
                    (state.base, state.data) = (at, *data);
                    state.records.clear();
                    state.committed = at.1;
                }
                Line::Record(record) => {
                    state.term = state.term.max(record.term);
                    if record.index == state.last().1 + 1 {
                        state.records.push(record);
                    }
                }
            }
        }
        state.durable = state.last().1;
        let beat = (mode.detect_after() / 5).clamp(Duration::from_millis(20), Duration::from_millis(250));
        Ok(Self {
            group_name: name.to_owned(),
            group: group.clone(),
            shard,
            me: node.me.clone(),
            order,
            mode,
            state: RefCell::new(state),
            journal,
            changed: Notify::new(),
            more: Notify::new(),
            beat,
            had_data,
            handing_over: Cell::new(false),
        })
    }

    /// The replicas of the shard.
    pub fn members(&self) -> &[InstanceId] {
        &self.group.shards[self.shard]
    }

    /// The others.
    pub fn others(&self) -> impl Iterator<Item = &InstanceId> {
        self.members().iter().filter(|m| **m != self.me)
    }

    /// Whether this copy may serve as leader now.
    pub fn leads_now(&self, node: &Node) -> bool {
        let state = self.state.borrow();
        state.leads
            && (node.is_sabotaged(Sabotage::NoStepDown)
                || state.lease_until.is_none_or(|until| until > Instant::now()))
    }

    /// Whether it follows a leader that is alive and hears it.
    pub fn follows_now(&self) -> bool {
        let state = self.state.borrow();
        !state.leads && state.leader.is_some() && state.heard.elapsed() < self.mode.detect_after()
    }

    /// To whom it passes requests on, if to anybody: a follower of an elected leader does (rules 28 and 30). A backup
    /// that reaches the drawn primary does not: who asks it should ask the primary.
    pub fn forwards_to(&self) -> Option<InstanceId> {
        if !self.follows_now() {
            return None;
        }
        let leader = self.state.borrow().leader.clone()?;
        let forwards = match &self.mode {
            Mode::Alone => false,
            Mode::Backups(s) => {
                s.failover == Failover::Automatic
                    && self.group.voters.is_empty()
                    && self.members().first() != Some(&leader)
            }
            Mode::Majority { .. } => true,
        };
        forwards.then_some(leader)
    }

    /// What it says of itself.
    pub fn standing(&self, node: &Node) -> Standing {
        let leads = self.leads_now(node);
        let serves = leads || self.forwards_to().is_some();
        let state = self.state.borrow();
        let leader = if leads { Some(self.me.clone()) } else { state.leader.clone() };
        Standing { serves, term: state.term, leader, last: state.last() }
    }

    /// The link that joins this copy's component with another's, if one is drawn.
    pub fn link_to(&self, other: &InstanceId) -> Option<&LinkId> {
        let component = |i: &InstanceId| i.as_str().split('/').next().unwrap_or_default().to_owned();
        let (mine, theirs) = (component(&self.me), component(other));
        self.group
            .copy_links
            .iter()
            .find(|(a, b, _)| (*a == *mine && *b == *theirs) || (*a == *theirs && *b == *mine))
            .map(|(_, _, link)| link)
    }

    /// Reads what is acknowledged.
    pub fn read<T>(&self, f: impl FnOnce(&Data) -> T) -> T {
        f(&self.state.borrow().data)
    }

    /// Makes this copy the leader of a term.
    pub fn lead(self: &Rc<Self>, node: &Rc<Node>, term: u64, lease_until: Option<Instant>) {
        {
            let mut state = self.state.borrow_mut();
            state.term = term;
            state.leads = true;
            state.leader = Some(self.me.clone());
            state.lease_until = lease_until;
            let next = state.last().1 + 1;
            let now = Instant::now();
            let released = self.insists_on_nobody();
            state.backups = self
                .others()
                .map(|o| {
                    (
                        o.clone(),
                        Backup { next, matched: 0, answered: None, since: now, released, wants_copy: false },
                    )
                })
                .collect();
            state.in_sync = self.members().to_vec();
            state.in_sync_confirmed = true;
            self.journal.add(&Line::Term(term));
            // A new primary takes over all that it has. A majority's leader may count only records of its own term.
            if !matches!(self.mode, Mode::Majority { .. }) {
                let last = state.last().1;
                apply_upto(&mut state, last);
            }
        }
        if matches!(self.mode, Mode::Majority { .. }) {
            self.add(Change::Nothing);
        }
        let role = if matches!(self.mode, Mode::Majority { .. }) { "leader" } else { "primary" };
        node.tell.say(FromNode::Role { role: role.into(), term });
        node.metrics.set("leads", 1.0);
        node.metrics.set("term", term as f64);
        for other in self.others() {
            tokio::task::spawn_local(feed(node.clone(), self.clone(), other.clone(), term));
        }
        self.changed.notify_waiters();
    }

    /// Stops leading.
    pub fn step_down(&self, node: &Node, term: u64, why: &str) {
        {
            let mut state = self.state.borrow_mut();
            if term > state.term {
                state.term = term;
                self.journal.add(&Line::Term(term));
            }
            if !state.leads {
                return;
            }
            state.leads = false;
            state.leader = None;
            state.lease_until = None;
            state.backups.clear();
            state.heard = Instant::now();
        }
        node.tell.log(Level::Info, format!("steps down: {why}"));
        node.tell.say(FromNode::Role { role: "backup".into(), term });
        node.metrics.set("leads", 0.0);
        self.changed.notify_waiters();
        self.more.notify_waiters();
    }

    fn add(&self, change: Change) -> u64 {
        let mut state = self.state.borrow_mut();
        let index = state.last().1 + 1;
        let record = Record { term: state.term, index, change };
        let line = self.journal.add(&Line::Record(record.clone()));
        state.records.push(record);
        state.lines.push((index, line));
        drop(state);
        self.more.notify_waiters();
        index
    }

    /// Has a change acknowledged.
    ///
    /// # Errors
    /// The answer to give instead.
    pub async fn propose(&self, node: &Node, change: Change, until: Instant) -> Result<(), Reply> {
        if !self.leads_now(node) {
            return Err(self.not_leader());
        }
        if let Some(why) = self.journal.broken() {
            return Err(Reply::error(507, why));
        }
        if node.is_sabotaged(Sabotage::AckBeforeReplication) {
            let index = self.add(change);
            apply_upto(&mut self.state.borrow_mut(), index);
            return Ok(());
        }
        if let Some(why) = self.waits_in_vain() {
            return Err(Reply::error(503, why));
        }
        let term = self.state.borrow().term;
        let index = self.add(change);
        loop {
            // Registered before looking, so that no change slips between the two.
            let changed = self.changed.notified();
            {
                let state = self.state.borrow();
                if !state.leads || state.term != term {
                    return Err(Reply::error(503, "lost its role before the write was acknowledged"));
                }
                if state.committed >= index {
                    return Ok(());
                }
            }
            if let Some(why) = self.journal.broken() {
                return Err(Reply::error(507, why));
            }
            let wait = self.beat.min(until.saturating_duration_since(Instant::now()));
            if wait.is_zero() {
                return Err(Reply::error(504, "the copies did not acknowledge in time"));
            }
            let _ = tokio::time::timeout(wait, changed).await;
            if let Some(why) = self.waits_in_vain() {
                return Err(Reply::error(503, why));
            }
        }
    }

    /// The answer of who does not lead.
    pub fn not_leader(&self) -> Reply {
        Reply::not_leader(self.state.borrow().leader.clone().filter(|l| *l != self.me))
    }

    /// How many backups must have a write, where so many are insisted on.
    fn insisted(&self, state: &State) -> usize {
        let there = state.backups.values().filter(|b| !b.released).count();
        match &self.mode {
            Mode::Alone => 0,
            Mode::Backups(s) => match s.sync {
                Sync::Async => 0,
                Sync::SemiSync(k) => {
                    let drawn = (k as usize).min(state.backups.len());
                    if self.may_release() || self.insists_on_nobody() { drawn.min(there) } else { drawn }
                }
                Sync::Sync => there,
            },
            Mode::Majority { .. } => self.members().len() / 2,
        }
    }

    /// Whether it leads as a backup that took over without asking anybody (semantics rule 28).
    fn insists_on_nobody(&self) -> bool {
        self.order != 0 && self.mode.is_automatic() && self.group.voters.is_empty()
    }

    /// Whether writes go on without a backup that is lost for long enough.
    fn may_release(&self) -> bool {
        let Mode::Backups(s) = &self.mode else { return false };
        let by_voters = s.failover == Failover::Automatic && !self.group.voters.is_empty();
        by_voters || matches!(s.on_backup_loss, OnBackupLoss::AsyncAfter(_))
    }

    fn release_after(&self) -> Duration {
        match &self.mode {
            Mode::Backups(PrimaryBackup { on_backup_loss: OnBackupLoss::AsyncAfter(t), .. }) => t.duration(),
            _ => self.mode.detect_after(),
        }
    }

    /// Says so if too many backups are out of reach for a write to be acknowledged: waiting would only cost the caller
    /// its time.
    fn waits_in_vain(&self) -> Option<String> {
        let state = self.state.borrow();
        let patience = (self.beat * 4).max(Duration::from_millis(700));
        let reached = state
            .backups
            .values()
            .filter(|b| !b.released && b.answered.map_or(b.since, |a| a.max(b.since)).elapsed() < patience);
        (reached.count() < self.insisted(&state))
            .then(|| "waits for a backup that it does not reach".to_owned())
    }

    /// Acknowledges what has enough copies.
    pub fn advance(&self, node: &Node) {
        {
            let mut state = self.state.borrow_mut();
            if !state.leads {
                return;
            }
            let needed = self.insisted(&state);
            let mut matched: Vec<u64> = state
                .backups
                .values()
                .filter(|b| !b.released || matches!(self.mode, Mode::Majority { .. }))
                .map(|b| b.matched)
                .collect();
            matched.sort_unstable_by(|a, b| b.cmp(a));
            let copied = if needed == 0 { u64::MAX } else { matched.get(needed - 1).copied().unwrap_or(0) };
            let upto = copied.min(state.durable);
            if upto <= state.committed {
                return;
            }
            // Of an earlier term, nothing is acknowledged before something of the own term is (Raft, 5.4.2).
            if matches!(self.mode, Mode::Majority { .. }) && state.term_at(upto) != Some(state.term) {
                return;
            }
            apply_upto(&mut state, upto);
        }
        node.metrics.set("records", self.state.borrow().committed as f64);
        self.changed.notify_waiters();
    }

    /// Follows what the journal has made durable. To be spawned once.
    pub async fn follow_disk(self: Rc<Self>, node: Rc<Node>) {
        let mut durable = self.journal.durable();
        while durable.changed().await.is_ok() {
            let line = *durable.borrow_and_update();
            {
                let mut state = self.state.borrow_mut();
                let upto = state.lines.partition_point(|(_, l)| *l <= line);
                if upto > 0 {
                    let index = state.lines[upto - 1].0;
                    state.durable = state.durable.max(index).min(state.last().1);
                    state.lines.drain(..upto);
                }
            }
            self.advance(&node);
            self.changed.notify_waiters();
        }
    }

    /// Lets go of backups that are lost for too long, and takes back those that have caught up. Returns whether the set
    /// of copies in sync has changed.
    pub fn review_backups(&self, node: &Node) {
        if !self.may_release() {
            return;
        }
        let voted = matches!(&self.mode, Mode::Backups(s) if s.failover == Failover::Automatic)
            && !self.group.voters.is_empty();
        {
            let mut state = self.state.borrow_mut();
            if !state.leads {
                return;
            }
            let last = state.last().1;
            let after = self.release_after();
            let mut in_sync = vec![self.me.clone()];
            let mut releases = Vec::new();
            for (id, backup) in &mut state.backups {
                let silent = backup.answered.map_or(backup.since, |a| a.max(backup.since)).elapsed();
                if backup.released && silent < after && backup.matched >= last {
                    backup.released = false;
                } else if !backup.released && silent >= after {
                    releases.push(id.clone());
                    continue;
                }
                if !backup.released {
                    in_sync.push(id.clone());
                }
            }
            if in_sync.len() != state.in_sync.len() || in_sync.iter().any(|i| !state.in_sync.contains(i)) {
                state.in_sync = in_sync;
                state.in_sync_confirmed = !voted;
            }
            // Without the voters' word, a copy that was let go could still be made primary.
            if state.in_sync_confirmed {
                for id in releases {
                    if let Some(backup) = state.backups.get_mut(&id) {
                        backup.released = true;
                    }
                }
            }
        }
        self.advance(node);
    }

    /// Whether a copy has everything that this leader has.
    pub fn has_all(&self, other: &InstanceId) -> bool {
        let state = self.state.borrow();
        state.backups.get(other).is_some_and(|b| b.matched >= state.last().1 && b.answered.is_some())
    }
}

/// What a replica needs to know of its node before there is one.
pub(super) struct NodeParts<'a> {
    /// Who it is.
    pub me: &'a InstanceId,
    /// Its folder.
    pub dir: &'a std::path::Path,
    /// Whether its journal lies about fsync.
    pub hasty: bool,
}

fn apply_upto(state: &mut State, upto: u64) {
    while state.committed < upto {
        let at = (state.committed + 1).checked_sub(state.base.1 + 1);
        let Some(record) = at.and_then(|at| state.records.get(at as usize)).cloned() else { break };
        state.data.apply(&record.change);
        state.committed = record.index;
    }
}

/// Keeps one backup fed for as long as this copy leads the term.
async fn feed(node: Rc<Node>, replica: Rc<Replica>, to: InstanceId, term: u64) {
    let path = |what: &str| format!("/replica/{what}");
    loop {
        let more = replica.more.notified();
        let (request, whole, upto) = {
            let state = replica.state.borrow();
            if !state.leads || state.term != term {
                return;
            }
            let Some(backup) = state.backups.get(&to) else { return };
            let next = backup.next.max(1);
            let heard_ms = backup.answered.map(|a| a.elapsed().as_millis() as u64);
            match state.term_at(next - 1).filter(|_| !backup.wants_copy) {
                Some(prev_term) => {
                    let from = (next - state.base.1 - 1) as usize;
                    let records: Vec<Record> = state.records.iter().skip(from).take(BATCH).cloned().collect();
                    let upto = next - 1 + records.len() as u64;
                    let append = Append {
                        term,
                        leader: replica.me.clone(),
                        prev: (prev_term, next - 1),
                        records,
                        committed: state.committed,
                        heard_ms,
                    };
                    (post(&path("append"), serde_json::to_vec(&append).unwrap_or_default()), false, upto)
                }
                None => {
                    let at = (state.term_at(state.committed).unwrap_or(term), state.committed);
                    let copy =
                        Copy { term, leader: replica.me.clone(), at, data: Box::new(state.data.clone()) };
                    (post(&path("copy"), serde_json::to_vec(&copy).unwrap_or_default()), true, at.1)
                }
            }
        };
        let timeout = replica.mode.detect_after().max(Duration::from_millis(500));
        let sent = node.pool.send(&to, replica.link_to(&to), request, timeout).await;
        let answer = sent.ok().and_then(|r| serde_json::from_slice::<Appended>(r.body()).ok());
        let mut behind = false;
        if let Some(answer) = answer {
            if answer.term > term || answer.yields {
                replica.step_down(&node, answer.term, &format!("{to} knows of term {}", answer.term));
                return;
            }
            let mut state = replica.state.borrow_mut();
            let last = state.last().1;
            if let Some(backup) = state.backups.get_mut(&to) {
                if let Some(matched) = answer.matched {
                    backup.answered = Some(Instant::now());
                    backup.matched = matched.min(last);
                    backup.wants_copy &= !whole;
                    backup.next = if whole { upto + 1 } else { matched + 1 };
                    behind = backup.next <= last;
                } else if answer.need_copy {
                    backup.answered = Some(Instant::now());
                    backup.wants_copy = true;
                    behind = true;
                } else if let Some(need) = answer.need {
                    backup.answered = Some(Instant::now());
                    backup.next = need;
                    behind = true;
                }
            }
            drop(state);
            replica.advance(&node);
            replica.changed.notify_waiters();
        }
        if !behind {
            let _ = tokio::time::timeout(replica.beat, more).await;
        }
    }
}

/// A backup's part: `append` and `copy`.
pub(super) async fn receive(node: &Rc<Node>, replica: &Rc<Replica>, what: &str, body: &[u8]) -> Reply {
    match what {
        "append" => match serde_json::from_slice::<Append>(body) {
            Ok(append) => Reply::json(&take(node, replica, append).await),
            Err(error) => Reply::error(400, error.to_string()),
        },
        "copy" => match serde_json::from_slice::<Copy>(body) {
            Ok(copy) => Reply::json(&take_copy(node, replica, copy).await),
            Err(error) => Reply::error(400, error.to_string()),
        },
        _ => Reply::error(404, "nothing here"),
    }
}

/// Whether to listen to who claims to lead; the answer to give where not.
fn accept(node: &Node, replica: &Replica, term: u64, leader: &InstanceId) -> Result<(), Appended> {
    let (own_term, leads, current, heard) = {
        let s = replica.state.borrow();
        (s.term, s.leads, s.leader.clone(), s.heard)
    };
    let refuse = |yields: bool| Err(Appended { term: own_term, yields, ..Appended::default() });
    if term < own_term {
        return refuse(false);
    }
    let order = |id: &InstanceId| replica.members().iter().position(|m| m == id).unwrap_or(usize::MAX);
    if leads && term == own_term {
        // Both made themselves primary while they could not see each other: the first in the drawn order stays.
        if order(leader) > replica.order {
            return refuse(true);
        }
        replica.step_down(node, term, &format!("{leader} leads the same term and comes first"));
    } else if leads {
        replica.step_down(node, term, &format!("{leader} leads term {term}"));
    } else if let Some(current) = current.filter(|c| c != leader)
        && replica.group.voters.is_empty()
        && matches!(replica.mode, Mode::Backups(_))
        && replica.mode.is_automatic()
        && heard.elapsed() < replica.mode.detect_after()
    {
        // Nobody votes here, so somebody who lost sight of the primary may have made itself one. Who sees the primary
        // stays with it.
        let _ = current;
        return Err(Appended { term, ..Appended::default() });
    }
    let mut state = replica.state.borrow_mut();
    if term > state.term {
        state.term = term;
        replica.journal.add(&Line::Term(term));
    }
    if state.leader.as_ref() != Some(leader) {
        state.leader = Some(leader.clone());
        drop(state);
        node.tell.say(FromNode::Role { role: "backup".into(), term });
        node.metrics.set("term", term as f64);
    }
    Ok(())
}

async fn take(node: &Rc<Node>, replica: &Rc<Replica>, append: Append) -> Appended {
    if let Err(refusal) = accept(node, replica, append.term, &append.leader) {
        return refusal;
    }
    let (line, upto) = {
        let mut state = replica.state.borrow_mut();
        // One way is not enough: a leader that does not hear us is no leader of ours.
        if append.heard_ms.is_none_or(|ms| Duration::from_millis(ms) < replica.mode.detect_after()) {
            state.heard = Instant::now();
        }
        let answer = |need, need_copy| Appended { term: append.term, need, need_copy, ..Appended::default() };
        let last = state.last().1;
        if append.prev.1 > last {
            return answer(Some(last + 1), false);
        }
        if state.term_at(append.prev.1) != Some(append.prev.0) {
            return answer(None, true);
        }
        let mut line = 0;
        for record in append.records {
            match state.term_at(record.index) {
                Some(term) if term == record.term => {}
                Some(_) => return answer(None, true),
                None => {
                    line = replica.journal.add(&Line::Record(record.clone()));
                    state.lines.push((record.index, line));
                    state.records.push(record);
                }
            }
        }
        let last = state.last().1;
        apply_upto(&mut state, append.committed.min(last));
        (line, last)
    };
    if line > 0 && replica.journal.until_durable(line).await.is_err() {
        return Appended { term: append.term, ..Appended::default() };
    }
    // Records of an earlier append may still be on their way to the disk.
    let durable = {
        let s = replica.state.borrow();
        if line > 0 { upto } else { s.durable }
    };
    Appended { term: append.term, matched: Some(durable.min(upto)), ..Appended::default() }
}

async fn take_copy(node: &Rc<Node>, replica: &Rc<Replica>, copy: Copy) -> Appended {
    if let Err(refusal) = accept(node, replica, copy.term, &copy.leader) {
        return refusal;
    }
    node.tell.log(Level::Info, format!("takes a whole copy from {}", copy.leader));
    let line = {
        let mut state = replica.state.borrow_mut();
        state.heard = Instant::now();
        state.base = copy.at;
        state.records.clear();
        state.lines.clear();
        state.committed = copy.at.1;
        state.data = (*copy.data).clone();
        state.durable = 0;
        let term = state.term;
        let line = replica.journal.replace(&[Line::Term(term), Line::Base { at: copy.at, data: copy.data }]);
        state.lines.push((copy.at.1, line));
        line
    };
    if replica.journal.until_durable(line).await.is_err() {
        return Appended { term: copy.term, ..Appended::default() };
    }
    Appended { term: copy.term, matched: Some(copy.at.1), ..Appended::default() }
}
