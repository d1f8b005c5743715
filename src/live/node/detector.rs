//! How a caller notices that a target is bad, and that it is good again (the four detectors; semantics rule 15).
//!
//! Nobody tells a node of a fault. `connect` and `passive` learn from requests and take a target back after a check of
//! their own, so that no user's request is sacrificed; `shallow` and `deep` learn from regular checks alone.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use super::Node;
use super::pool::{NoAnswer, get};
use super::request::{Ask, Mode, millis};
use crate::design::{Detector, DetectorMode, LinkId};
use crate::live::spec::{Lane, Sabotage, Slot, Targets};
use crate::live::wire::InstanceId;

/// A failed check is repeated that often before a target that *answers* is left out: one that serves some requests
/// and not others is not a dead one.
const CONFIRMATIONS: u32 = 10;
const CONFIRM_PAUSE: Duration = Duration::from_millis(20);

type Way = (LinkId, InstanceId);

/// What a caller has learned of its targets.
#[derive(Default)]
pub(super) struct Detectors {
    /// Targets that do not answer, or whose checks fail.
    ways: RefCell<BTreeMap<Way, State>>,
    /// Targets that answer a certain hop with errors only (`passive`).
    hops: RefCell<BTreeMap<(String, InstanceId), State>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    out: bool,
    /// Known from tries that timed out, not from refusals.
    silent: bool,
    misses: u32,
    checking: bool,
}

impl Detectors {
    /// Whether the caller may try a target.
    pub fn is_eligible(&self, detector: Detector, lane: &Lane, target: &InstanceId) -> bool {
        // What another hop's timeouts have taught is no help to one whose own tries do not fit (rule 18).
        let way_out = self
            .ways
            .borrow()
            .get(&(lane.link.clone(), target.clone()))
            .is_some_and(|s| s.out && (lane.fits || !s.silent));
        let hop_out = detector.mode == DetectorMode::Passive
            && self.hops.borrow().get(&(lane.hop.clone(), target.clone())).is_some_and(|s| s.out);
        !way_out && !hop_out
    }

    /// Whether a target along a link is left out.
    pub fn is_out(&self, link: &LinkId, target: &InstanceId) -> bool {
        self.ways.borrow().get(&(link.clone(), target.clone())).is_some_and(|s| s.out)
    }

    /// Every target that is left out at the moment.
    pub fn all_out(&self) -> Vec<(LinkId, String)> {
        self.ways
            .borrow()
            .iter()
            .filter(|(_, s)| s.out)
            .map(|((l, t), _)| (l.clone(), t.to_string()))
            .collect()
    }

    /// Takes every target back.
    pub fn reset(&self) {
        self.ways.borrow_mut().values_mut().for_each(|s| (s.out, s.misses) = (false, 0));
        self.hops.borrow_mut().values_mut().for_each(|s| (s.out, s.misses) = (false, 0));
    }
}

/// A request was refused, or (`silent`) a try timed out before the caller's own time was over.
pub(super) fn learn_unreachable(
    node: &Rc<Node>,
    detector: Detector,
    (link, round_trip_ms): (&LinkId, f64),
    target: &InstanceId,
    silent: bool,
) {
    if node.is_sabotaged(Sabotage::BlindDetector)
        || !matches!(detector.mode, DetectorMode::Connect | DetectorMode::Passive)
    {
        return;
    }
    let way = (link.clone(), target.clone());
    {
        let mut ways = node.detectors.ways.borrow_mut();
        let state = ways.entry(way.clone()).or_default();
        (state.out, state.silent) = (true, silent);
        if std::mem::replace(&mut state.checking, true) {
            return;
        }
    }
    let node = node.clone();
    tokio::task::spawn_local(async move {
        // The first check comes at once: a hiccup should not cost a target a whole interval.
        loop {
            let answer = ask_health(&node, &way, detector.interval().duration(), round_trip_ms).await;
            if answer == Ok(true) {
                break;
            }
            if let Some(state) = node.detectors.ways.borrow_mut().get_mut(&way) {
                state.silent = answer == Err(NoAnswer::Silent);
            }
            tokio::time::sleep(detector.interval().duration()).await;
        }
        if let Some(state) = node.detectors.ways.borrow_mut().get_mut(&way) {
            *state = State::default();
        }
    });
}

/// A target answered a request of a hop, well or with an error.
pub(super) fn learn_answer(node: &Rc<Node>, detector: Detector, lane: &Lane, target: &InstanceId, ok: bool) {
    if detector.mode != DetectorMode::Passive || node.is_sabotaged(Sabotage::BlindDetector) {
        return;
    }
    let key = (lane.hop.clone(), target.clone());
    {
        let mut hops = node.detectors.hops.borrow_mut();
        let state = hops.entry(key.clone()).or_default();
        if ok {
            state.misses = 0;
            return;
        }
        state.misses += 1;
        if state.misses < detector.threshold() || std::mem::replace(&mut state.checking, true) {
            return;
        }
    }
    let (node, lane) = (node.clone(), lane.clone());
    tokio::task::spawn_local(async move {
        let set = |out: bool, done: bool| {
            if let Some(state) = node.detectors.hops.borrow_mut().get_mut(&key) {
                *state = State { out, checking: !done, ..State::default() };
            }
        };
        for _ in 0..CONFIRMATIONS {
            if serves_trial(&node, &lane, &key.1).await {
                set(false, true);
                return;
            }
            tokio::time::sleep(CONFIRM_PAUSE).await;
        }
        set(true, false);
        loop {
            tokio::time::sleep(detector.interval().duration()).await;
            if serves_trial(&node, &lane, &key.1).await {
                break;
            }
        }
        set(false, true);
    });
}

/// Whether a target serves a trial of a hop: the same way down, changing nothing that anybody reads.
pub(super) async fn serves_trial(node: &Rc<Node>, lane: &Lane, target: &InstanceId) -> bool {
    let zone = node.zone_text.clone();
    let ask =
        Ask::new(&lane.hop, node.new_op_id("trial"), fastrand::u64(..), zone, Mode::Trial, lane.timeout_ms);
    super::caller::send(node, lane, target, &ask, ask.left()).await.is_ok_and(|r| r.is_ok())
}

/// Whether a target is well, or why it says nothing.
async fn ask_health(
    node: &Node,
    way: &Way,
    interval: Duration,
    round_trip_ms: f64,
) -> Result<bool, NoAnswer> {
    let link = (way.0 != sibling_link()).then_some(&way.0);
    let sent = node.pool.send(&way.1, link, get("/health"), check_timeout(interval, round_trip_ms)).await;
    sent.map(|r| r.status() == 200)
}

/// How long a check waits: a connection takes up to three round trips.
fn check_timeout(interval: Duration, round_trip_ms: f64) -> Duration {
    interval.max(Duration::from_millis(300)) + millis(4.0 * round_trip_ms)
}

/// Starts the regular checks that the slots of a node ask for.
pub(super) fn watch(node: &Rc<Node>) {
    let mut watched: BTreeMap<Way, Watch> = BTreeMap::new();
    let resolver = node.is_resolver();
    for slot in node.spec.all_slots() {
        for lane in &slot.lanes {
            collect(slot, lane, resolver, &mut watched);
        }
    }
    for (way, watch) in watched {
        tokio::task::spawn_local(check_for_ever(node.clone(), way, watch));
    }
    if node.spec.min_healthy > 1 {
        for sibling in &node.spec.siblings {
            let way = (sibling_link(), sibling.clone());
            let detector = Detector { mode: DetectorMode::Shallow, ..Detector::default() };
            let watch = Watch { detector, on_the_spot: false, round_trip_ms: 0.0 };
            tokio::task::spawn_local(check_for_ever(node.clone(), way, watch));
        }
    }
}

/// A regular check.
#[derive(Clone, Copy)]
struct Watch {
    detector: Detector,
    /// Made beside the target, whatever lies between it and this node.
    on_the_spot: bool,
    round_trip_ms: f64,
}

fn collect(slot: &Slot, lane: &Lane, resolver: bool, watched: &mut BTreeMap<Way, Watch>) {
    let mode = match slot.detector.mode {
        _ if lane.standing => DetectorMode::Shallow,
        mode @ (DetectorMode::Shallow | DetectorMode::Deep) => mode,
        _ => return,
    };
    let Targets::Instances(targets) = &lane.to else { return };
    for target in targets {
        // A resolver's checks stand beside what they check: where the resolver stands must not matter (rule 20).
        watched.insert(
            (lane.link.clone(), target.id.clone()),
            Watch {
                detector: Detector { mode, ..slot.detector },
                on_the_spot: resolver && !lane.standing,
                round_trip_ms: lane.round_trip_ms,
            },
        );
    }
}

/// The name under which siblings are watched; no drawn link joins them.
pub(super) fn sibling_link() -> LinkId {
    LinkId::new("-")
}

async fn check_for_ever(node: Rc<Node>, way: Way, watch: Watch) {
    let Watch { detector, on_the_spot, round_trip_ms } = watch;
    let interval = detector.interval().duration().max(Duration::from_millis(20));
    // Nodes start together; their checks should not go on marching in step.
    tokio::time::sleep(interval.mul_f64(fastrand::f64())).await;
    let link = (way.0 != sibling_link()).then_some(&way.0);
    let deep = detector.mode == DetectorMode::Deep;
    let path = if deep { "/health/deep" } else { "/health" };
    let mut misses = 0;
    loop {
        let least = if deep { super::deep::TIME } else { Duration::ZERO };
        let timeout = least + check_timeout(interval, round_trip_ms);
        let check = async || {
            let sent = if on_the_spot {
                node.pool.send_as(&way.1, &way.1, None, get(path), timeout).await
            } else {
                node.pool.send(&way.1, link, get(path), timeout).await
            };
            sent.map(|r| r.status() == 200)
        };
        let mut good = check().await;
        if misses + 1 >= detector.threshold() && good == Ok(false) {
            for _ in 0..CONFIRMATIONS {
                tokio::time::sleep(CONFIRM_PAUSE).await;
                good = check().await;
                if good != Ok(false) {
                    break;
                }
            }
        }
        misses = if good == Ok(true) { 0 } else { misses + 1 };
        let out = misses >= detector.threshold() && !node.is_sabotaged(Sabotage::BlindDetector);
        if misses == 0 || out {
            node.detectors.ways.borrow_mut().entry(way.clone()).or_default().out = out;
        }
        tokio::time::sleep(interval).await;
    }
}

/// How many instances of the node's own component are up, itself included.
pub(super) fn siblings_up(node: &Node) -> u32 {
    let link = sibling_link();
    let up: BTreeSet<_> = node.spec.siblings.iter().filter(|s| !node.detectors.is_out(&link, s)).collect();
    up.len() as u32 + 1
}

/// Whether some instance at the other end of a lane is up.
pub(super) async fn somebody_is_up(node: &Rc<Node>, lane: &Lane) -> bool {
    let targets: Vec<InstanceId> = match &lane.to {
        Targets::Instances(targets) => targets.iter().map(|t| t.id.clone()).collect(),
        Targets::Group(name) => node.spec.groups.get(name).map(|g| g.shards.concat()).unwrap_or_default(),
    };
    for target in targets {
        let way = (lane.link.clone(), target);
        if ask_health(node, &way, Duration::from_millis(250), lane.round_trip_ms).await == Ok(true) {
            return true;
        }
    }
    false
}
