//! Client: begins journeys at the drawn rate, whatever becomes of the earlier ones, and says how they ended.
//!
//! The load is open: intended starts are drawn ahead (Poisson), nothing waits for an answer, and latency counts from the
//! intended start, so that a stall is felt by every request that it would have met (no coordinated omission; Tene).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::effects::Watch;
use super::request::{Ask, Mode};
use super::{Node, caller, effects};
use crate::deploy::mix;
use crate::design::JourneyId;
use crate::live::spec::ClientJourney;
use crate::live::wire::{FromNode, Latency, LoadOrder, LoadReport, LoadSlice, OutcomeCounts, clock};

/// Between two reports.
const REPORT_EVERY: Duration = Duration::from_millis(200);
/// Different operations: seeds from which keys are drawn, unless each is to be a new one.
const SEEDS: u64 = 1 << 16;

/// What a client counts.
#[derive(Default)]
pub(super) struct Client {
    order: Cell<LoadOrder>,
    changed: Notify,
    fresh: RefCell<BTreeMap<(u64, JourneyId), OutcomeCounts>>,
    lag: RefCell<Latency>,
    in_flight: Cell<u64>,
    said_at_rest: Cell<bool>,
    /// What becomes of the effects.
    pub effects: Watch,
}

impl Client {
    /// Switched off.
    pub fn new() -> Self {
        Self { order: Cell::new(LoadOrder { on: false, ..LoadOrder::default() }), ..Self::default() }
    }

    /// Does as told.
    pub fn obey(&self, order: LoadOrder) {
        self.order.set(order);
        self.changed.notify_waiters();
    }

    /// Counts something of a request that was meant to start at an instant.
    pub fn count(&self, at: Instant, journey: &JourneyId, f: impl FnOnce(&mut OutcomeCounts)) {
        let start = LoadSlice::start_of(clock::at_us(at.into_std()));
        f(self.fresh.borrow_mut().entry((start, journey.clone())).or_default());
    }

    /// What is new since the last time; `None` if nothing is.
    pub fn report(&self) -> Option<LoadReport> {
        let at_rest = !self.order.get().on && self.in_flight.get() == 0;
        let is_news = self.said_at_rest.replace(at_rest) != at_rest;
        let fresh = std::mem::take(&mut *self.fresh.borrow_mut());
        let lag = self.lag.borrow_mut().take();
        let slices: Vec<LoadSlice> = fresh
            .into_iter()
            .map(|((start_us, journey), counts)| LoadSlice { start_us, journey, counts })
            .collect();
        (is_news || !slices.is_empty()).then(|| LoadReport {
            slices,
            lag,
            in_flight: self.in_flight.get(),
            at_rest,
        })
    }
}

/// Starts the journeys and the reports.
pub(super) fn start(node: &Rc<Node>, client: &Rc<Client>, journeys: &[ClientJourney]) {
    for journey in journeys {
        tokio::task::spawn_local(drive(node.clone(), client.clone(), Rc::new(journey.clone())));
    }
    tokio::task::spawn_local(effects::run(node.clone(), client.clone()));
    let (node, client) = (node.clone(), client.clone());
    tokio::task::spawn_local(async move {
        loop {
            tokio::time::sleep(REPORT_EVERY).await;
            if let Some(report) = client.report() {
                node.tell.say(FromNode::Load(report));
            }
        }
    });
}

async fn drive(node: Rc<Node>, client: Rc<Client>, journey: Rc<ClientJourney>) {
    let most = (journey.rate * journey.deadline_ms / 1e3 * 3.0).max(512.0) as u64;
    let mut due = Instant::now();
    loop {
        let order = client.order.get();
        let rate = journey.rate * order.rate_factor;
        if !order.on || rate <= 0.0 {
            client.changed.notified().await;
            due = Instant::now();
            continue;
        }
        due += Duration::from_secs_f64((-fastrand::f64().max(1e-12).ln() / rate).min(3600.0));
        // A change of the rate must not wait for a start that was drawn at the old one.
        loop {
            let changed = client.changed.notified();
            if tokio::time::timeout_at(due, changed).await.is_err() {
                break;
            }
            if client.order.get() != order {
                due = Instant::now();
                break;
            }
        }
        if client.order.get() != order {
            continue;
        }
        client.count(due, &journey.journey, |c| c.offered += 1);
        if client.in_flight.get() >= most {
            client.count(due, &journey.journey, |c| c.shed += 1);
            continue;
        }
        client.lag.borrow_mut().record(due.elapsed());
        client.in_flight.set(client.in_flight.get() + 1);
        tokio::task::spawn_local(operation(node.clone(), client.clone(), journey.clone(), due));
    }
}

async fn operation(node: Rc<Node>, client: Rc<Client>, journey: Rc<ClientJourney>, due: Instant) {
    let deadline = Duration::from_secs_f64(journey.deadline_ms / 1e3);
    let seeds = if client.order.get().fresh_keys { u64::MAX } else { SEEDS };
    let seed = mix(fastrand::u64(..seeds));
    let zone = node.zone_text.clone();
    let root = format!("{}/", journey.journey);
    let ask = Ask::new(&root, node.new_op_id(""), seed, zone, Mode::Serve, journey.deadline_ms);
    let ended = tokio::time::timeout(deadline, caller::fill(&node, &journey.slots, &ask)).await;
    client.in_flight.set(client.in_flight.get().saturating_sub(1));
    let took = due.elapsed();
    let ok = matches!(ended, Ok(Ok(_)));
    client.count(due, &journey.journey, |c| match &ended {
        Ok(Ok(filled)) => {
            c.ok += 1;
            c.degraded += u64::from(filled.degraded);
            c.latency.record(took);
        }
        Ok(Err(_)) if took < deadline.mul_f64(0.95) => c.failed += 1,
        _ => c.timed_out += 1,
    });
    node.metrics.add(if ok { "operations_ok" } else { "operations_lost" }, 1.0);
    if let Ok(Err(unfilled)) = &ended {
        node.say_why(&unfilled.why);
    }
    if !journey.effects.is_empty() {
        // A step that waits counts as holding for the effects themselves (semantics rule 38).
        let began = ended.ok().and_then(|e| e.map_or_else(|u| u.began, |f| Some(f.began)));
        client.effects.follow(&client, &ask.op_id, &journey, due, began);
    }
}
