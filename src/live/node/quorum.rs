//! Quorum member: versions on N homes, W acknowledgements for a write, R answers for a read (Dynamo, SOSP 2007).
//!
//! The replica that was reached gathers. Versions are Lamport pairs (counter, replica) and the greater wins, which also
//! serves several primaries with last-write-wins: there every replica is a home and one acknowledgement, its own, is
//! enough. A home that misses a write is told later (hinted handoff).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::Node;
use super::detector::{learn_unreachable, sibling_link};
use super::journal::Journal;
use super::pool::{NoAnswer, post};
use super::replica::NodeParts;
use super::request::{Ask, Mode, Reply};
use crate::deploy::mix;
use crate::design::{Detector, Keys, Op, ReadFrom, Replication};
use crate::live::spec::{Group, Hop, Sabotage};
use crate::live::wire::InstanceId;

/// A version: a counter, then the replica that gave it.
type Version = (u64, u32);

/// One replica.
pub(super) struct QuorumMember {
    group: Group,
    me: InstanceId,
    members: Vec<InstanceId>,
    order: u32,
    n: usize,
    r: usize,
    w: usize,
    sloppy: bool,
    table: RefCell<BTreeMap<u32, (Version, String)>>,
    journal: Rc<Journal>,
    /// What a home has missed: the newest write of each key. A home that is in it has a task that tells it.
    hints: RefCell<BTreeMap<InstanceId, BTreeMap<u32, Put>>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Put {
    /// Absent: only asks whether it could.
    key: Option<u32>,
    version: Version,
    value: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Got {
    version: Version,
    value: String,
}

impl QuorumMember {
    /// Opens a replica and reads what it holds.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open(node: &NodeParts<'_>, group: &Group, shard: usize) -> io::Result<Self> {
        let members = group.shards.get(shard).cloned().unwrap_or_default();
        let (journal, lines) = Journal::open::<Put>(&node.dir.join("versions"), node.hasty)?;
        let mut table = BTreeMap::new();
        for put in lines {
            if let Some(key) = put.key {
                table.insert(key, (put.version, put.value));
            }
        }
        let all = members.len().max(1);
        let (n, r, w, sloppy) = match &group.mode {
            Replication::Quorum(q) => {
                let n = if q.n == 0 { all } else { (q.n as usize).min(all) };
                let or_majority = |k: u32| if k == 0 { n / 2 + 1 } else { k as usize };
                (n, or_majority(q.r), or_majority(q.w), q.sloppy)
            }
            _ => (all, 1, 1, false),
        };
        Ok(Self {
            group: group.clone(),
            me: node.me.clone(),
            order: members.iter().position(|m| m == node.me).unwrap_or(0) as u32,
            members,
            n,
            r,
            w,
            sloppy,
            table: RefCell::new(table),
            journal,
            hints: RefCell::default(),
        })
    }

    /// The journal.
    pub fn journal(&self) -> &Rc<Journal> {
        &self.journal
    }

    /// The key class of a key: the place of its first home on the ring.
    fn class(&self, key: u32) -> usize {
        if self.group.ring_n > 0 { (mix(u64::from(key)) % self.members.len() as u64) as usize } else { 0 }
    }

    /// The replicas to ask for a key class: its homes, and for a sloppy quorum the others after them.
    fn homes(&self, class: usize) -> Vec<InstanceId> {
        let all = self.members.len();
        let count = if self.sloppy { all } else { self.n };
        (0..count).map(|k| self.members[(class + k) % all].clone()).collect()
    }

    /// Serves one hop as the gathering replica.
    pub async fn serve(self: &Rc<Self>, node: &Rc<Node>, hop: &Hop, ask: &Ask) -> Reply {
        let key = node.keys.key(&self.group.sharding, self.group.shards.len(), ask.seed);
        let real = ask.mode == Mode::Serve;
        let writes = ask.mode == Mode::Probe || matches!(hop.op, Op::Call | Op::Write | Op::Publish);
        let reads = ask.mode == Mode::Probe || matches!(hop.op, Op::Call | Op::Read);
        if writes {
            let counter = self.table.borrow().get(&key).map_or(0, |(v, _)| v.0) + 1;
            let put = Put {
                key: real.then_some(key),
                version: (counter, self.order),
                value: ask.op_id.to_string(),
            };
            let w = if node.is_sabotaged(Sabotage::AckBeforeReplication) { 0 } else { self.w };
            if self.gather(node, "put", &put, self.class(key), w, ask.left()).await.is_none() {
                return Reply::error(503, format!("fewer than {w} copies acknowledged"));
            }
        }
        let local = matches!(hop.from, ReadFrom::Any | ReadFrom::Nearest) && hop.op == Op::Read;
        if reads && local && ask.mode != Mode::Probe {
            if !self.homes(self.class(key)).contains(&self.me) {
                return Reply::error(503, "no copy of this key is kept here");
            }
            let value = self.table.borrow().get(&key).map(|(_, v)| v.clone());
            return Reply::ok(value.unwrap_or_default());
        }
        let mut value = String::new();
        if reads {
            let question = Put { key: Some(key), version: (0, 0), value: String::new() };
            let class = self.class(key);
            let Some(answers) = self.gather(node, "get", &question, class, self.r, ask.left()).await else {
                return Reply::error(503, format!("fewer than {} copies answered", self.r));
            };
            value = answers.into_iter().max_by_key(|g| g.version).unwrap_or_default().value;
        }
        // Whoever touches every key needs the homes of every class.
        if self.group.ring_n > 0 && (hop.keys == Keys::All || ask.mode == Mode::Probe) {
            let nothing = Put { key: None, version: (0, 0), value: String::new() };
            let enough = match (writes, reads) {
                (true, true) => self.w.max(self.r),
                (true, false) => self.w,
                _ => self.r,
            };
            for class in 0..self.members.len() {
                if self.gather(node, "put", &nothing, class, enough, ask.left()).await.is_none() {
                    return Reply::error(503, "too few homes of some keys are in reach");
                }
            }
        }
        Reply::ok(value)
    }

    /// Asks the homes of a key class until enough have answered; `None` where they have not.
    async fn gather(
        self: &Rc<Self>,
        node: &Rc<Node>,
        what: &str,
        put: &Put,
        class: usize,
        enough: usize,
        time: Duration,
    ) -> Option<Vec<Got>> {
        let link = sibling_link();
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let (mut asked, mut own) = (0, false);
        for home in self.homes(class) {
            if home == self.me {
                own = true;
                continue;
            }
            // What did not answer lately is told later; waiting for it would only cost the caller its time.
            if node.detectors.is_out(&link, &home) {
                self.hint(node, &home, what, put);
                continue;
            }
            asked += 1;
            let (this, node, path, put) =
                (self.clone(), node.clone(), format!("/replica/{what}"), put.clone());
            let (sender, link, what) = (sender.clone(), link.clone(), what.to_owned());
            tokio::task::spawn_local(async move {
                let body = serde_json::to_vec(&put).unwrap_or_default();
                let timeout = Duration::from_millis(500).min(time);
                let sent = node.pool.send(&home, None, post(&path, body), timeout).await;
                if let Err(why) = &sent {
                    let silent = *why == NoAnswer::Silent;
                    learn_unreachable(&node, Detector::default(), (&link, 100.0), &home, silent);
                }
                let got = sent.ok().filter(|r| r.status() == 200);
                let got = got.and_then(|r| serde_json::from_slice::<Got>(r.body()).ok());
                if got.is_none() {
                    this.hint(&node, &home, &what, &put);
                }
                let _ = sender.send(got);
            });
        }
        drop(sender);
        // The own disk works while the others are asked.
        let mut answers = Vec::new();
        if own {
            answers.push(self.local(what, put).await?);
        }
        let mut heard = 0;
        while answers.len() < enough && heard < asked {
            match tokio::time::timeout(time, receiver.recv()).await {
                Ok(Some(got)) => {
                    heard += 1;
                    answers.extend(got);
                }
                _ => break,
            }
        }
        (answers.len() >= enough).then_some(answers)
    }

    /// Remembers a write that a home has missed, and tells the home once it answers again.
    fn hint(self: &Rc<Self>, node: &Rc<Node>, home: &InstanceId, what: &str, put: &Put) {
        let Some(key) = put.key.filter(|_| what == "put") else { return };
        let mut hints = self.hints.borrow_mut();
        if let Some(waiting) = hints.get_mut(home) {
            waiting.insert(key, put.clone());
            return;
        }
        hints.insert(home.clone(), BTreeMap::from([(key, put.clone())]));
        let (own, node, home) = (self.clone(), node.clone(), home.clone());
        tokio::task::spawn_local(async move {
            loop {
                let more = own.hints.borrow().get(&home).is_some_and(|w| !w.is_empty());
                let known = node.detectors.is_out(&sibling_link(), &home);
                tokio::time::sleep(Duration::from_millis(if more && !known { 5 } else { 500 })).await;
                if node.detectors.is_out(&sibling_link(), &home) {
                    continue;
                }
                let next = own.hints.borrow().get(&home).and_then(|w| w.values().next().cloned());
                let Some(put) = next else { break };
                let body = serde_json::to_vec(&put).unwrap_or_default();
                let timeout = Duration::from_millis(500);
                if node.pool.send(&home, None, post("/replica/put", body), timeout).await.is_ok()
                    && let (Some(key), Some(waiting)) = (put.key, own.hints.borrow_mut().get_mut(&home))
                    && waiting.get(&key).is_some_and(|p| p.version == put.version)
                {
                    waiting.remove(&key);
                }
            }
            own.hints.borrow_mut().remove(&home);
        });
    }

    async fn local(&self, what: &str, put: &Put) -> Option<Got> {
        let Some(key) = put.key else { return Some(Got::default()) };
        if what == "get" {
            let table = self.table.borrow();
            let (version, value) = table.get(&key).cloned().unwrap_or_default();
            return Some(Got { version, value });
        }
        let line = {
            let mut table = self.table.borrow_mut();
            let newer = table.get(&key).is_none_or(|(v, _)| *v < put.version);
            if newer {
                table.insert(key, (put.version, put.value.clone()));
                self.journal.add(put)
            } else {
                0
            }
        };
        self.journal.until_durable(line).await.ok()?;
        Some(Got { version: put.version, value: String::new() })
    }

    /// `POST /replica/put` and `/replica/get`: from the gathering replica.
    pub async fn receive(&self, what: &str, body: &[u8]) -> Reply {
        match serde_json::from_slice::<Put>(body) {
            Ok(put) if matches!(what, "put" | "get") => match self.local(what, &put).await {
                Some(got) => Reply::json(&got),
                None => Reply::error(507, "the disk takes nothing"),
            },
            Ok(_) => Reply::error(404, "nothing here"),
            Err(error) => Reply::error(400, error.to_string()),
        }
    }
}
