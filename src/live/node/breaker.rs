//! Circuit breakers (Nygard, Release It!): a target that failed several times in a row is not asked for a while.
//!
//! A breaker opens for a target that serves nothing; one that serves a part of its requests keeps its share. So a
//! breaker spares time and load and changes no outcome. It closes again after a trial of its own.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::{Node, detector};
use crate::live::spec::Lane;
use crate::live::wire::InstanceId;

/// Trials that must fail, besides the drawn number of requests, before a breaker opens.
const CONFIRMATIONS: u32 = 5;

#[derive(Clone, Copy, Default)]
struct State {
    failures: u32,
    open: bool,
    trying: bool,
}

/// The breakers of a caller.
#[derive(Default)]
pub(super) struct Breakers(RefCell<BTreeMap<(String, InstanceId), State>>);

impl Breakers {
    /// Closes all.
    pub fn reset(&self) {
        self.0.borrow_mut().values_mut().for_each(|s| (s.open, s.failures) = (false, 0));
    }
}

/// Whether a target must not be asked now.
pub(super) fn is_open(node: &Node, lane: &Lane, target: &InstanceId) -> bool {
    lane.breaker.is_some()
        && node.breakers.0.borrow().get(&(lane.hop.clone(), target.clone())).is_some_and(|s| s.open)
}

/// A request to a target has ended.
pub(super) fn learn(node: &Rc<Node>, lane: &Lane, target: &InstanceId, ok: bool) {
    let Some(breaker) = &lane.breaker else { return };
    let key = (lane.hop.clone(), target.clone());
    {
        let mut all = node.breakers.0.borrow_mut();
        let state = all.entry(key.clone()).or_default();
        if ok {
            state.failures = 0;
            return;
        }
        state.failures += 1;
        if state.failures < breaker.failures || std::mem::replace(&mut state.trying, true) {
            return;
        }
    }
    let (node, lane, reset) = (node.clone(), lane.clone(), breaker.reset.duration());
    tokio::task::spawn_local(async move {
        let set = |open: bool, done: bool| {
            node.breakers.0.borrow_mut().insert(key.clone(), State { failures: 0, open, trying: !done });
        };
        for _ in 0..CONFIRMATIONS {
            if detector::serves_trial(&node, &lane, &key.1).await {
                set(false, true);
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        set(true, false);
        loop {
            tokio::time::sleep(reset.max(Duration::from_millis(20))).await;
            if detector::serves_trial(&node, &lane, &key.1).await {
                break;
            }
        }
        set(false, true);
    });
}
