//! The live cluster behind the window: a thread that owns it, carries faults out, and says how it stands.
//!
//! What is shown of it ([`LiveView`]) is made twice a second from what the processes report and what clients measure;
//! what is predicted for the faults in force comes from `impact`, as in the design.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::deploy::{self, Deployment};
use crate::design::{Design, ElementId, LinkId};
use crate::impact::{self, Cut, Down, Reading, Side, World};
use crate::live::cluster::{Cluster, ClusterSpec, LaunchOptions};
use crate::live::event::{ClusterEvent, FaultChange, Phase, Snapshot};
use crate::live::fault::Fault as LiveFault;
use crate::live::wire::{self, Level, clock};

use super::command::{Fault, Tone};
use super::context::{
    FaultSpan, InstanceLive, JourneyLive, LinkLive, LiveEvent, LivePhase, LiveView, NodeState, Sample,
};
use super::crossing::goes_through;
use super::meter::{Counts, Meter, Passage, Rate, passage};

/// How often the view is made anew.
const EVERY: Duration = Duration::from_millis(500);
/// Requests need that long to end before they are counted.
const ENDED_US: u64 = 1_000_000;
/// Success is over that much time.
const RECENT_US: u64 = 3_000_000;
/// Who leads is settled by then for the first time.
const FIRST_ELECTIONS_MS: u64 = 8_000;
/// Events and lines of logs that are kept.
const KEPT_MAX: usize = 500;
/// Seconds of a journey that are kept.
const SAMPLES_MAX: usize = 300;

/// What the thread is told.
enum Order {
    Fault(Fault),
    Stop,
}

/// A cluster under way, from the window's side. Dropping it ends the cluster.
pub struct Runner {
    orders: Sender<Order>,
    shared: Arc<Shared>,
    seen: u64,
}

struct Shared {
    view: Mutex<Option<LiveView>>,
    generation: AtomicU64,
}

impl Shared {
    fn show(&self, view: Option<LiveView>) {
        *self.view.lock().unwrap_or_else(PoisonError::into_inner) = view;
        self.generation.fetch_add(1, Ordering::Release);
    }
}

impl Runner {
    /// Starts a design; `wake` is called whenever there is something new to see.
    pub fn start(design: Design, wake: impl Fn() + Send + 'static) -> Self {
        let (orders, receive) = channel();
        let shared =
            Arc::new(Shared { view: Mutex::new(Some(LiveView::default())), generation: AtomicU64::new(1) });
        let of_thread = shared.clone();
        let started = std::thread::Builder::new().name("cluster".to_owned()).spawn(move || {
            let show = |view: Option<LiveView>| {
                of_thread.show(view);
                wake();
            };
            if let Err(why) = follow(&design, &receive, &show) {
                show(Some(LiveView { phase: LivePhase::Failed(why), ..LiveView::default() }));
            }
        });
        if let Err(error) = started {
            let phase = LivePhase::Failed(format!("no thread can be started: {error}"));
            shared.show(Some(LiveView { phase, ..LiveView::default() }));
        }
        Self { orders, shared, seen: 0 }
    }

    /// What there is to see, if it is new: `Some(None)` once the cluster has ended.
    pub fn news(&mut self) -> Option<Option<LiveView>> {
        let generation = self.shared.generation.load(Ordering::Acquire);
        if generation == self.seen {
            return None;
        }
        self.seen = generation;
        Some(self.shared.view.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Does something to it.
    pub fn fault(&self, fault: Fault) {
        // The thread is gone only once the cluster is.
        let _ = self.orders.send(Order::Fault(fault));
    }

    /// Ends it.
    pub fn stop(&self) {
        let _ = self.orders.send(Order::Stop);
    }
}

fn follow(design: &Design, orders: &Receiver<Order>, show: &dyn Fn(Option<LiveView>)) -> Result<(), String> {
    let deployment = deploy::expand(design);
    let spec = ClusterSpec::of(&deployment)?;
    let mut view = LiveView {
        phase: LivePhase::Starting { ready: 0, of: u32::try_from(spec.nodes.len()).unwrap_or(u32::MAX) },
        ..LiveView::default()
    };
    show(Some(view.clone()));
    let cluster = Cluster::launch(spec, &LaunchOptions::default()).map_err(|e| e.to_string())?;
    let events = cluster.events();
    let mut watch =
        Watch { deployment: &deployment, began: Instant::now(), meter: Meter::default(), next_sample_us: 0 };
    loop {
        match orders.recv_timeout(EVERY) {
            Ok(Order::Fault(fault)) => {
                if let Err(why) = watch.apply(&cluster, fault) {
                    watch.say(&mut view, Tone::Bad, why, None);
                }
            }
            Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        for event in events.try_iter() {
            watch.take(&mut view, event);
        }
        if let LivePhase::Failed(why) = &view.phase {
            return Err(why.clone());
        }
        watch.look(&cluster, &mut view);
        show(Some(view.clone()));
    }
    view.phase = LivePhase::Stopping;
    show(Some(view));
    let ended = cluster.stop().map(|_| ()).map_err(|e| e.to_string());
    show(None);
    ended
}

struct Watch<'a> {
    deployment: &'a Deployment,
    began: Instant,
    meter: Meter,
    next_sample_us: u64,
}

impl Watch<'_> {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn say(&self, view: &mut LiveView, tone: Tone, text: String, subject: Option<ElementId>) {
        view.events.push_back(LiveEvent { at_ms: self.now_ms(), tone, text, subject });
        while view.events.len() > KEPT_MAX {
            view.events.pop_front();
        }
    }

    fn take(&mut self, view: &mut LiveView, event: ClusterEvent) {
        match event {
            ClusterEvent::Ready(ready) => {
                let text = format!("{} nodes ready after {:.0} ms", ready.nodes, ready.ready_ms);
                self.say(view, Tone::Good, text, None);
            }
            ClusterEvent::Node { instance, state, note, .. } => {
                let tone = match state {
                    wire::NodeState::Ready => Tone::Good,
                    wire::NodeState::Died => Tone::Bad,
                    wire::NodeState::Paused | wire::NodeState::Stopped => Tone::Warn,
                    // Thirty starts at once are no news.
                    wire::NodeState::Starting => return,
                };
                if state == wire::NodeState::Ready && matches!(view.phase, LivePhase::Starting { .. }) {
                    return;
                }
                let why = if note.is_empty() { String::new() } else { format!(": {note}") };
                self.say(view, tone, format!("{instance} is {}{why}", state.label()), Some(instance));
            }
            // Who leads first is no news either.
            ClusterEvent::Role { .. } if view.faults.is_empty() && self.now_ms() < FIRST_ELECTIONS_MS => {}
            ClusterEvent::Role { instance, role, term } => {
                let text = format!("{instance} is now {role} (term {term})");
                self.say(view, Tone::Warn, text, Some(instance));
            }
            ClusterEvent::Log { instance, level, text, .. } => {
                if level == Level::Debug {
                    return;
                }
                let whose = instance.unwrap_or_else(|| ElementId::new("run"));
                view.log.push_back((whose, text));
                while view.log.len() > KEPT_MAX {
                    view.log.pop_front();
                }
            }
            ClusterEvent::Fault { fault, what, .. } => {
                let names: Vec<String> =
                    fault.on.iter().chain(&fault.against).map(ToString::to_string).collect();
                let label = format!("{} {}", fault.kind.replace('-', " "), names.join(", "));
                let subject = fault.on.first().cloned();
                let now = self.now_ms();
                match what {
                    FaultChange::Applied => {
                        view.faults.push(FaultSpan {
                            from_ms: now,
                            to_ms: None,
                            label: label.clone(),
                            subject: subject.clone(),
                        });
                        self.say(view, Tone::Bad, label, subject);
                    }
                    FaultChange::Healed => {
                        if let Some(span) =
                            view.faults.iter_mut().find(|f| f.to_ms.is_none() && f.label == label)
                        {
                            span.to_ms = Some(now);
                        }
                        self.say(view, Tone::Good, format!("{label}: over"), subject);
                    }
                    FaultChange::Failed(why) => self.say(view, Tone::Bad, format!("{label}: {why}"), subject),
                }
            }
            ClusterEvent::Failed { why } => view.phase = LivePhase::Failed(why),
            ClusterEvent::Load { .. }
            | ClusterEvent::Metrics { .. }
            | ClusterEvent::Traffic { .. }
            | ClusterEvent::Stopped => {}
        }
    }

    /// Makes the view anew.
    fn look(&mut self, cluster: &Cluster, view: &mut LiveView) {
        view.elapsed_ms = self.now_ms();
        let snapshot = cluster.snapshot();
        let ready = snapshot.nodes.values().filter(|n| n.state == Some(wire::NodeState::Ready)).count();
        match &snapshot.phase {
            Phase::Running => {
                if matches!(view.phase, LivePhase::Starting { .. }) {
                    view.phase = LivePhase::Running;
                }
            }
            Phase::Failed(why) => view.phase = LivePhase::Failed(why.clone()),
            _ => {
                let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                view.phase = LivePhase::Starting { ready: count(ready), of: count(snapshot.nodes.len()) };
            }
        }
        self.instances(&snapshot, view);
        view.cuts = cuts(&snapshot);
        for link in &self.deployment.design.links {
            let down = snapshot.faults.values().any(|f| {
                (f.kind == "link-down" && f.on.iter().any(|e| *e == *link.id.as_str()))
                    || f.link.as_ref() == Some(&link.id)
            });
            if let Some(live) = view.links.get_mut(&link.id) {
                live.cut = down
                    || view.cuts.iter().any(|(a, b)| goes_through(&self.deployment.design, link, (a, b)));
            }
        }
        self.journeys(cluster, &snapshot, view);
    }

    fn instances(&mut self, snapshot: &Snapshot, view: &mut LiveView) {
        let now_us = clock::now_us();
        for (instance, node) in &snapshot.nodes {
            let counts: Counts =
                node.upstreams().into_iter().map(|(from, c)| (from, (c.requests, c.errors))).collect();
            let latency = node.metrics.latency.quantile_ms(0.5);
            self.meter.take(instance, node.metrics.at_us, counts, latency);
        }
        view.instances.clear();
        let mut links: BTreeMap<LinkId, (Rate, Option<f64>)> = BTreeMap::new();
        for (instance, node) in &snapshot.nodes {
            let latency_ms = self.meter.latency_ms(instance, now_us);
            let mut work = Rate::default();
            for (from, rate) in self.meter.rates(instance, now_us) {
                let (link, failed) = match passage(&self.deployment.design, from, instance) {
                    Passage::Work(link) => {
                        work.asked += rate.asked;
                        work.failed += rate.failed;
                        (link, rate.failed)
                    }
                    Passage::Among(link) => (link, 0.0),
                };
                if let Some(link) = link {
                    let (sum, slowest) = links.entry(link).or_default();
                    sum.asked += rate.asked;
                    sum.failed += failed;
                    *slowest = match (*slowest, latency_ms) {
                        (Some(a), Some(b)) => Some(a.max(b)),
                        (a, b) => a.or(b),
                    };
                }
            }
            let state = match node.state {
                None | Some(wire::NodeState::Starting) => NodeState::Starting,
                Some(wire::NodeState::Ready) => NodeState::Up,
                Some(wire::NodeState::Paused) => NodeState::Paused,
                Some(wire::NodeState::Stopped | wire::NodeState::Died) => NodeState::Down,
            };
            view.instances.insert(
                instance.clone(),
                InstanceLive {
                    state,
                    pid: node.pid.filter(|_| node.is_alive()),
                    address: node.address.map(|a| a.to_string()).unwrap_or_default(),
                    rate: Some(work.asked),
                    error_share: (work.asked > 0.0).then(|| (work.failed / work.asked).min(1.0)),
                    latency_ms,
                },
            );
        }
        view.links = (links.into_iter())
            .map(|(id, (sum, latency_ms))| {
                let error_share = if sum.asked > 0.0 { (sum.failed / sum.asked).min(1.0) } else { 0.0 };
                (id, LinkLive { rate: sum.asked, error_share, latency_ms, cut: false })
            })
            .collect();
        for link in &self.deployment.design.links {
            view.links.entry(link.id.clone()).or_default();
        }
    }

    fn journeys(&mut self, cluster: &Cluster, snapshot: &Snapshot, view: &mut LiveView) {
        let until = clock::now_us().saturating_sub(ENDED_US);
        let recent = cluster.window(until.saturating_sub(RECENT_US), until);
        if self.next_sample_us == 0 {
            self.next_sample_us = until / 1_000_000 * 1_000_000;
        }
        let mut seconds = Vec::new();
        while self.next_sample_us + 1_000_000 <= until {
            seconds.push(cluster.window(self.next_sample_us, self.next_sample_us + 1_000_000));
            self.next_sample_us += 1_000_000;
        }
        let fates = impact::evaluate(self.deployment, &world(snapshot), Reading::Settled);
        for (route, fate) in self.deployment.routes.iter().zip(fates) {
            let live: &mut JourneyLive = view.journeys.entry(route.journey.clone()).or_default();
            live.success = recent.journeys.get(&route.journey).and_then(wire::OutcomeCounts::success);
            live.predicted_share = Some(fate.share);
            live.predicted = Some(fate.outcome);
            for second in &seconds {
                let Some(counts) = second.journeys.get(&route.journey) else { continue };
                let age_ms = until.saturating_sub(second.from_us) / 1000 + ENDED_US / 1000;
                push(
                    &mut live.samples,
                    Sample {
                        at_ms: view.elapsed_ms.saturating_sub(age_ms),
                        offered: counts.offered,
                        ok: counts.ok,
                        failed: counts.failed + counts.timed_out + counts.shed,
                        p50_ms: counts.latency.quantile_ms(0.5),
                        p99_ms: counts.latency.quantile_ms(0.99),
                    },
                );
            }
        }
    }

    /// Carries a fault out.
    fn apply(&self, cluster: &Cluster, fault: Fault) -> Result<(), String> {
        let make = |kind: &str, on: &[&ElementId], against: &[&ElementId]| {
            let fault = LiveFault {
                kind: kind.to_owned(),
                on: on.iter().map(|e| (*e).clone()).collect(),
                against: against.iter().map(|e| (*e).clone()).collect(),
                ..LiveFault::default()
            };
            // What becomes of it comes back as an event.
            cluster.inject(&fault).map(drop).map_err(|e| e.to_string())
        };
        let snapshot = cluster.snapshot();
        let heal = |mends: &dyn Fn(&LiveFault) -> bool| {
            let ids: Vec<_> = snapshot.faults.iter().filter(|(_, f)| mends(f)).map(|(id, _)| *id).collect();
            for id in &ids {
                drop(cluster.heal(*id));
            }
            !ids.is_empty()
        };
        let instances = |id: &ElementId| -> Vec<ElementId> {
            let inside = |i: &&ElementId| *i == id || i.as_str().split('/').next() == Some(id.as_str());
            snapshot.nodes.keys().filter(inside).cloned().collect()
        };
        match fault {
            Fault::Kill(id) => make("kill", &[&id], &[]),
            Fault::Pause(id) => make("pause", &[&id], &[]),
            Fault::Resume(id) => {
                if !heal(&|f| f.kind == "pause" && f.on.contains(&id)) {
                    drop(cluster.resume(&instances(&id)));
                }
                Ok(())
            }
            Fault::Restart(id) => {
                let whole = id.as_str().split('/').next().unwrap_or_default();
                let down = |f: &LiveFault| {
                    matches!(f.kind.as_str(), "kill" | "power-loss")
                        && f.on.iter().any(|e| {
                            *e == id
                                || (*id.as_str() == *whole && e.as_str().split('/').next() == Some(whole))
                        })
                };
                if !heal(&down) {
                    drop(cluster.restart(&instances(&id)));
                }
                Ok(())
            }
            Fault::FailZone(zone) => make("fail-zone", &[&ElementId::from(&zone)], &[]),
            Fault::IsolateZone(zone) => make("isolate", &[&ElementId::from(&zone)], &[]),
            Fault::RestoreZone(zone) => {
                let zone = ElementId::from(&zone);
                heal(&|f| f.on.contains(&zone) || f.against.contains(&zone));
                Ok(())
            }
            Fault::Cut { from, to, both: true } => make("partition", &[&from], &[&to]),
            Fault::Cut { from, to, both: false } => make("one-way-partition", &[&from], &[&to]),
            Fault::Heal { from, to } => {
                let between = |f: &LiveFault| {
                    matches!(f.kind.as_str(), "partition" | "one-way-partition")
                        && ((f.on.contains(&from) && f.against.contains(&to))
                            || (f.on.contains(&to) && f.against.contains(&from)))
                };
                if heal(&between) { Ok(()) } else { Err(format!("nothing is cut between {from} and {to}")) }
            }
            Fault::HealAll => {
                drop(cluster.heal_all());
                Ok(())
            }
        }
    }
}

fn push(samples: &mut VecDeque<Sample>, sample: Sample) {
    samples.push_back(sample);
    while samples.len() > SAMPLES_MAX {
        samples.pop_front();
    }
}

/// What is cut, by its two sides.
fn cuts(snapshot: &Snapshot) -> Vec<(ElementId, ElementId)> {
    let mut out = Vec::new();
    for fault in snapshot.faults.values() {
        match fault.kind.as_str() {
            "partition" | "one-way-partition" => {
                for a in &fault.on {
                    for b in &fault.against {
                        out.push((a.clone(), b.clone()));
                    }
                }
            }
            "isolate" => out.extend(fault.on.iter().map(|z| (z.clone(), z.clone()))),
            _ => {}
        }
    }
    out
}

/// The world that the faults in force make.
fn world(snapshot: &Snapshot) -> World {
    let mut world = World::fresh();
    for fault in snapshot.faults.values() {
        let down = |world: World, how: Down| fault.on.iter().fold(world, |w, id| w.and_down(id.clone(), how));
        match fault.kind.as_str() {
            "kill" | "power-loss" | "fail-zone" => world = down(world, Down::Refusing),
            "pause" | "link-down" => world = down(world, Down::Silent),
            "partition" | "one-way-partition" => {
                for a in &fault.on {
                    let sides: Vec<Side> = if fault.against.is_empty() {
                        vec![Side::Rest]
                    } else {
                        fault.against.iter().map(|b| Side::Element(b.clone())).collect()
                    };
                    for b in sides {
                        let a = Side::Element(a.clone());
                        world = world.and_cut([Cut { from: a.clone(), to: b.clone() }]);
                        if fault.kind == "partition" {
                            world = world.and_cut([Cut { from: b, to: a }]);
                        }
                    }
                }
            }
            "isolate" => {
                for zone in &fault.on {
                    let inside = Side::Element(zone.clone());
                    world = world.and_cut([
                        Cut { from: inside.clone(), to: Side::Rest },
                        Cut { from: Side::Rest, to: inside },
                    ]);
                }
            }
            // Slowness and lies change when and what, not whether.
            _ => {}
        }
    }
    world
}
