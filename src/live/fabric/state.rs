//! What the fabric knows: where instances listen, the rules, the ways in use, the connections, the counts.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;

use tokio::sync::Notify;

use super::rules::{Profile, Rules};
use crate::live::wire::child::Teller;
use crate::live::wire::{FabricStart, FromFabric, InstanceId, MaybeLink, RunId, Set, ToFabric, Traffic};

type Path = (InstanceId, InstanceId, MaybeLink);

/// Bytes from one instance to another along one link: what happens to them now.
pub(super) struct Way {
    profile: Cell<Profile>,
    /// Grows with each change of the profile.
    version: Cell<u64>,
    changed: Notify,
}

impl Way {
    pub fn profile(&self) -> Profile {
        self.profile.get()
    }

    pub fn version(&self) -> u64 {
        self.version.get()
    }

    /// Resolves at the next change.
    pub fn changed(&self) -> impl Future<Output = ()> + '_ {
        self.changed.notified()
    }
}

/// What has passed between a caller and a target along one link.
#[derive(Default)]
pub(super) struct Counts {
    total: RefCell<Traffic>,
    dirty: Cell<bool>,
}

impl Counts {
    /// Changes the totals.
    pub fn note(&self, change: impl FnOnce(&mut Traffic)) {
        change(&mut self.total.borrow_mut());
        self.dirty.set(true);
    }
}

/// One connection, as far as others need to know it.
pub(super) struct Carried {
    path: Path,
    /// Ends it with a reset.
    pub reset: Rc<Notify>,
}

/// All of it. One thread, so cells will do.
pub(super) struct State {
    pub run: RunId,
    places: RefCell<BTreeMap<InstanceId, Option<SocketAddr>>>,
    rules: RefCell<Rules>,
    ways: RefCell<BTreeMap<Path, Rc<Way>>>,
    counts: RefCell<BTreeMap<Path, Rc<Counts>>>,
    carried: RefCell<BTreeMap<u64, Carried>>,
    next_connection: Cell<u64>,
    tell: Teller,
}

impl State {
    pub fn new(start: FabricStart, tell: Teller) -> Self {
        Self {
            run: start.run,
            places: RefCell::default(),
            rules: RefCell::new(Rules::new(start.rules)),
            ways: RefCell::default(),
            counts: RefCell::default(),
            carried: RefCell::default(),
            next_connection: Cell::new(0),
            tell,
        }
    }

    /// Does what it is told; gives the number to confirm, if there is one.
    pub fn obey(&self, order: ToFabric) -> Option<u64> {
        match order {
            ToFabric::Place { instance, at } => {
                self.places.borrow_mut().insert(instance, at);
                None
            }
            ToFabric::Change { set, clear, seq } => {
                self.rules.borrow_mut().change(set, &clear);
                self.rules_changed();
                Some(seq)
            }
            ToFabric::Reset { from, to, link, seq } => {
                self.reset(&from, &to, &link);
                Some(seq)
            }
            ToFabric::Slow { factor, seq } => {
                self.rules.borrow_mut().slow_down(factor);
                self.rules_changed();
                Some(seq)
            }
        }
    }

    fn rules_changed(&self) {
        let rules = self.rules.borrow();
        for ((from, to, link), way) in self.ways.borrow().iter() {
            let profile = rules.profile(from, to, link);
            if profile != way.profile.get() {
                way.profile.set(profile);
                way.version.set(way.version.get() + 1);
                way.changed.notify_waiters();
            }
        }
    }

    fn reset(&self, from: &Set, to: &Set, link: &MaybeLink) {
        for carried in self.carried.borrow().values() {
            let (a, b, along) = &carried.path;
            let matches = from.contains(a.as_str()) && to.contains(b.as_str());
            if matches && (link.is_none() || link == along) {
                carried.reset.notify_one();
            }
        }
    }

    /// Whether the instance takes part in the run.
    pub fn knows(&self, instance: &InstanceId) -> bool {
        self.places.borrow().contains_key(instance)
    }

    /// Where an instance listens, if its process is there.
    pub fn place(&self, instance: &InstanceId) -> Option<SocketAddr> {
        self.places.borrow().get(instance).copied().flatten()
    }

    /// The way of bytes from one instance to another.
    pub fn way(&self, from: &InstanceId, to: &InstanceId, link: &MaybeLink) -> Rc<Way> {
        let path = (from.clone(), to.clone(), link.clone());
        let mut ways = self.ways.borrow_mut();
        let way = ways.entry(path).or_insert_with(|| {
            Rc::new(Way {
                profile: Cell::new(self.rules.borrow().profile(from, to, link)),
                version: Cell::new(0),
                changed: Notify::new(),
            })
        });
        way.clone()
    }

    /// The counts of connections from one instance to another.
    pub fn counts(&self, from: &InstanceId, to: &InstanceId, link: &MaybeLink) -> Rc<Counts> {
        let path = (from.clone(), to.clone(), link.clone());
        let mut counts = self.counts.borrow_mut();
        let of_path = counts.entry(path).or_insert_with(|| {
            let total =
                Traffic { from: from.clone(), to: to.clone(), link: link.clone(), ..Traffic::default() };
            Rc::new(Counts { total: RefCell::new(total), dirty: Cell::new(false) })
        });
        of_path.clone()
    }

    /// Enters a connection; it is struck off when the entry is dropped.
    pub fn enter(self: &Rc<Self>, from: &InstanceId, to: &InstanceId, link: &MaybeLink) -> Entry {
        let number = self.next_connection.get();
        self.next_connection.set(number + 1);
        let reset = Rc::new(Notify::new());
        let path = (from.clone(), to.clone(), link.clone());
        self.carried.borrow_mut().insert(number, Carried { path, reset: reset.clone() });
        let counts = self.counts(from, to, link);
        counts.note(|t| t.open += 1);
        Entry { state: self.clone(), number, reset, counts }
    }

    /// Connections that are open.
    pub fn connections(&self) -> usize {
        self.carried.borrow().len()
    }

    /// What has changed since the last time.
    pub fn take_traffic(&self) -> Vec<Traffic> {
        let counts = self.counts.borrow();
        let changed = counts.values().filter(|c| c.dirty.replace(false));
        changed.map(|c| c.total.borrow().clone()).collect()
    }

    /// Says something to the supervisor.
    pub fn log(&self, text: String) {
        self.tell.send(&FromFabric::Log { text });
    }
}

/// A connection in the list of connections.
pub(super) struct Entry {
    state: Rc<State>,
    number: u64,
    /// Told to end with a reset.
    pub reset: Rc<Notify>,
    /// The counts of its path.
    pub counts: Rc<Counts>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.state.carried.borrow_mut().remove(&self.number);
        self.counts.note(|t| t.open -= 1);
    }
}
