//! Requests that stand still at a step until the effects before it are done (semantics rule 38).
//!
//! Each keeper of messages is asked for everything that waits for it at once: a journey whose effects are late holds a
//! request for as long as its deadline allows, and hundreds that asked each for itself would be the load.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;

use super::Node;
use super::effects::{Known, TICK, ask_keeper};
use crate::live::spec::Awaited;
use crate::live::wire::InstanceId;

/// What waits at a node.
#[derive(Default)]
pub(super) struct Waiting {
    open: RefCell<BTreeMap<Rc<str>, Vec<Rc<Wait>>>>,
    /// Keepers that are being asked.
    asked: RefCell<BTreeSet<InstanceId>>,
}

struct Wait {
    /// Effects that are not known to be done.
    open: RefCell<Vec<Awaited>>,
    done: Notify,
}

/// Takes a wait off the list when its request goes on, or is given up.
struct Listed<'a> {
    waiting: &'a Waiting,
    id: &'a Rc<str>,
    wait: Rc<Wait>,
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        let mut open = self.waiting.open.borrow_mut();
        if let Some(waits) = open.get_mut(self.id) {
            waits.retain(|w| !Rc::ptr_eq(w, &self.wait));
            if waits.is_empty() {
                open.remove(self.id);
            }
        }
    }
}

impl Waiting {
    /// The operations that wait for something that a keeper knows.
    fn for_keeper(&self, keeper: &InstanceId) -> BTreeSet<Rc<str>> {
        let waits = |w: &Rc<Wait>| w.open.borrow().iter().any(|e| e.keepers.contains(keeper));
        let open = self.open.borrow();
        open.iter().filter(|(_, all)| all.iter().any(waits)).map(|(id, _)| id.clone()).collect()
    }

    fn learn(&self, known: &Known) {
        let open = self.open.borrow();
        for (id, known) in known {
            for wait in open.get(id.as_str()).into_iter().flatten() {
                let is_done = |e: &Awaited| known.get(&e.effect).is_some_and(|p| p.done);
                wait.open.borrow_mut().retain(|e| !is_done(e));
                if wait.open.borrow().is_empty() {
                    wait.done.notify_one();
                }
            }
        }
    }
}

/// Waits until the effects of an operation are done.
///
/// # Errors
/// The name of one that is not done in time.
pub(super) async fn until_done(
    node: &Rc<Node>,
    effects: &[Awaited],
    id: &Rc<str>,
    left: Duration,
) -> Result<(), String> {
    if effects.is_empty() {
        return Ok(());
    }
    let wait = Rc::new(Wait { open: RefCell::new(effects.to_vec()), done: Notify::new() });
    node.waiting.open.borrow_mut().entry(id.clone()).or_default().push(wait.clone());
    let listed = Listed { waiting: &node.waiting, id, wait };
    for keeper in effects.iter().flat_map(|e| &e.keepers) {
        if node.waiting.asked.borrow_mut().insert(keeper.clone()) {
            tokio::task::spawn_local(ask(node.clone(), keeper.clone()));
        }
    }
    match tokio::time::timeout(left, listed.wait.done.notified()).await {
        Ok(()) => Ok(()),
        Err(_) => Err(listed.wait.open.borrow().first().map(|e| e.effect.clone()).unwrap_or_default()),
    }
}

/// Asks a keeper for as long as somebody waits for what it knows.
async fn ask(node: Rc<Node>, keeper: InstanceId) {
    loop {
        tokio::time::sleep(TICK).await;
        let ids = node.waiting.for_keeper(&keeper);
        if ids.is_empty() {
            node.waiting.asked.borrow_mut().remove(&keeper);
            return;
        }
        let known = ask_keeper(node.clone(), keeper.clone(), ids).await;
        node.waiting.learn(&known);
    }
}
