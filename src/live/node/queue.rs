//! Queue and stream: messages kept until their work is confirmed, delivered again where it is not.
//!
//! Deliveries under way are remembered by the leader alone: a new leader delivers again what nobody has confirmed, so a
//! message is worked on at least once. A consumer is only handed messages if it has seen the queue's last answer: one
//! that can ask but cannot hear would swallow them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Node;
use super::data::Change;
use super::replica::Replica;
use super::request::Reply;
use crate::design::{LinkId, QueueSettings};
use crate::live::wire::InstanceId;

/// How long a consumer that failed at a message is passed over for it.
const PASS_OVER: Duration = Duration::from_millis(400);

/// What a consumer asks.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pull {
    /// Its subscribe link.
    pub link: LinkId,
    /// The number of the last answer that it has seen; 0 at first.
    pub seen: u64,
    /// Messages that it can take.
    pub most: usize,
    /// How long to wait for one, in milliseconds.
    pub wait_ms: u64,
}

/// What it gets.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pulled {
    /// To be said next time.
    pub number: u64,
    /// The messages.
    pub messages: Vec<Delivered>,
}

/// A message to work on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Delivered {
    /// The operation.
    pub op: String,
    /// The seed of its keys.
    pub seed: u64,
    /// Where its client stands.
    pub zone: String,
    /// The effect.
    pub effect: String,
    /// The hop to serve.
    pub hop: String,
    /// Time until it is delivered again, in milliseconds.
    pub time_ms: f64,
}

/// What a consumer reports.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Finished {
    /// The operation.
    pub op: String,
    /// The effect.
    pub effect: String,
    /// The hops whose messages another queue has accepted meanwhile.
    #[serde(default)]
    pub began: BTreeSet<u32>,
}

/// Deliveries under way.
#[derive(Default)]
pub(super) struct Flights {
    /// A message has come in, or come back.
    pub more: Notify,
    flying: RefCell<BTreeMap<(String, String), Flight>>,
    consumers: RefCell<BTreeMap<InstanceId, u64>>,
}

#[derive(Clone)]
struct Flight {
    until: Instant,
    deliveries: u32,
    /// Who failed at it last, and until when that counts.
    passed_over: Option<(InstanceId, Instant)>,
}

/// `POST /queue/pull`, `/queue/done`, `/queue/back`.
pub(super) async fn serve(
    node: &Rc<Node>,
    replica: &Rc<Replica>,
    settings: &QueueSettings,
    flights: &Flights,
    what: &str,
    from: &str,
    body: &[u8],
) -> Reply {
    if !replica.leads_now(node) {
        return replica.not_leader();
    }
    match what {
        "pull" => match serde_json::from_slice::<Pull>(body) {
            Ok(ask) => pull(node, replica, settings, flights, &InstanceId::new(from), &ask).await,
            Err(error) => Reply::error(400, error.to_string()),
        },
        "done" => match serde_json::from_slice::<Finished>(body) {
            Ok(done) => {
                flights.flying.borrow_mut().remove(&(done.op.clone(), done.effect.clone()));
                let Finished { op, effect, began } = done;
                let change = Change::Done { op, effect, given_up: false, began };
                let until = Instant::now() + Duration::from_secs(2);
                match replica.propose(node, change, until).await {
                    Ok(()) => Reply::ok("done\n"),
                    Err(reply) => reply,
                }
            }
            Err(error) => Reply::error(400, error.to_string()),
        },
        "back" => match serde_json::from_slice::<Finished>(body) {
            Ok(back) => {
                let now = Instant::now();
                if let Some(flight) = flights.flying.borrow_mut().get_mut(&(back.op, back.effect)) {
                    flight.until = now + Duration::from_millis(50);
                    flight.passed_over = Some((InstanceId::new(from), now + PASS_OVER));
                }
                Reply::ok("taken back\n")
            }
            Err(error) => Reply::error(400, error.to_string()),
        },
        _ => Reply::error(404, "nothing here"),
    }
}

async fn pull(
    node: &Rc<Node>,
    replica: &Rc<Replica>,
    settings: &QueueSettings,
    flights: &Flights,
    from: &InstanceId,
    ask: &Pull,
) -> Reply {
    let number = fastrand::u64(1..);
    let hears = flights.consumers.borrow_mut().insert(from.clone(), number) == Some(ask.seen);
    if !hears {
        return Reply::json(&Pulled { number, messages: Vec::new() });
    }
    let until = Instant::now() + Duration::from_millis(ask.wait_ms.min(5_000));
    loop {
        let more = flights.more.notified();
        let messages = due(node, replica, settings, flights, from, ask);
        node.metrics.set("messages_waiting", replica.read(|d| d.messages.len()) as f64);
        let left = until.saturating_duration_since(Instant::now());
        if !messages.is_empty() || left.is_zero() || !replica.leads_now(node) {
            return Reply::json(&Pulled { number, messages });
        }
        // Also looks now and then for deliveries whose time is over, if there are any messages at all.
        let idle = replica.read(|d| d.messages.is_empty());
        let nap = if idle { left } else { left.min(Duration::from_millis(50)) };
        let _ = tokio::time::timeout(nap, more).await;
    }
}

fn due(
    node: &Rc<Node>,
    replica: &Rc<Replica>,
    settings: &QueueSettings,
    flights: &Flights,
    from: &InstanceId,
    ask: &Pull,
) -> Vec<Delivered> {
    let now = Instant::now();
    let mut flying = flights.flying.borrow_mut();
    let mut taken = Vec::new();
    let mut hopeless = Vec::new();
    replica.read(|data| {
        for message in data.messages.values() {
            for delivery in message.deliveries.iter().filter(|d| d.link == ask.link) {
                if taken.len() >= ask.most {
                    return;
                }
                let key = (message.op.clone(), delivery.effect.clone());
                let known = flying.get(&key).cloned();
                if known.as_ref().is_some_and(|f| {
                    f.until > now
                        || f.passed_over.as_ref().is_some_and(|(who, until)| who == from && *until > now)
                }) {
                    continue;
                }
                let deliveries = known.map_or(0, |f| f.deliveries) + 1;
                if settings.deliveries_max > 0 && deliveries > settings.deliveries_max {
                    hopeless.push(key);
                    continue;
                }
                let time = settings.redeliver_after().duration();
                flying.insert(key, Flight { until: now + time, deliveries, passed_over: None });
                taken.push(Delivered {
                    op: message.op.clone(),
                    seed: message.seed,
                    zone: message.zone.clone(),
                    effect: delivery.effect.clone(),
                    hop: delivery.hop.clone(),
                    time_ms: time.as_secs_f64() * 1e3,
                });
            }
        }
    });
    for (op, effect) in hopeless {
        let (node, replica) = (node.clone(), replica.clone());
        tokio::task::spawn_local(async move {
            node.metrics.add("messages_set_aside", 1.0);
            let change = Change::Done { op, effect, given_up: true, began: BTreeSet::new() };
            let _ = replica.propose(&node, change, Instant::now() + Duration::from_secs(2)).await;
        });
    }
    taken
}
