//! Gossip: peers tell each other who lives (after SWIM and the heartbeat counters of van Renesse et al. 1998).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use super::Node;
use super::pool::post;
use super::request::Reply;
use crate::live::wire::InstanceId;

/// Between two rounds.
const EVERY: Duration = Duration::from_millis(500);
/// A counter that stands still for so long belongs to the dead.
const DEAD_AFTER: Duration = Duration::from_secs(4);

/// What a peer knows of the others.
pub(super) struct Gossip {
    me: InstanceId,
    known: RefCell<BTreeMap<InstanceId, (u64, Instant)>>,
}

impl Gossip {
    /// Knows of the drawn members only.
    pub fn new(me: &InstanceId, members: &[InstanceId]) -> Self {
        let now = Instant::now();
        Self { me: me.clone(), known: RefCell::new(members.iter().map(|m| (m.clone(), (0, now))).collect()) }
    }

    fn view(&self) -> BTreeMap<InstanceId, u64> {
        self.known.borrow().iter().map(|(id, (count, _))| (id.clone(), *count)).collect()
    }

    fn merge(&self, view: BTreeMap<InstanceId, u64>) {
        let now = Instant::now();
        let mut known = self.known.borrow_mut();
        for (id, count) in view {
            if let Some((mine, at)) = known.get_mut(&id)
                && count > *mine
            {
                (*mine, *at) = (count, now);
            }
        }
    }

    fn alive(&self) -> usize {
        let known = self.known.borrow();
        known.iter().filter(|(id, (_, at))| **id == self.me || at.elapsed() < DEAD_AFTER).count()
    }

    /// `POST /replica/gossip`.
    pub fn receive(&self, body: &[u8]) -> Reply {
        match serde_json::from_slice(body) {
            Ok(view) => {
                self.merge(view);
                Reply::json(&self.view())
            }
            Err(error) => Reply::error(400, error.to_string()),
        }
    }

    /// Talks for as long as the node runs. To be spawned once.
    pub async fn run(self: Rc<Self>, node: Rc<Node>) {
        loop {
            tokio::time::sleep(EVERY.mul_f64(0.75 + 0.5 * fastrand::f64())).await;
            if let Some((count, at)) = self.known.borrow_mut().get_mut(&self.me) {
                (*count, *at) = (*count + 1, Instant::now());
            }
            node.metrics.set("members_alive", self.alive() as f64);
            let others: Vec<InstanceId> =
                self.known.borrow().keys().filter(|k| **k != self.me).cloned().collect();
            if others.is_empty() {
                continue;
            }
            let to = &others[fastrand::usize(..others.len())];
            let request = post("/replica/gossip", serde_json::to_vec(&self.view()).unwrap_or_default());
            if let Ok(answer) = node.pool.send(to, None, request, EVERY).await
                && let Ok(view) = serde_json::from_slice(answer.body())
            {
                self.merge(view);
            }
        }
    }
}
