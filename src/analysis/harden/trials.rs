//! Designs tried one after the other: what was solved for one of them is remembered for the next.
//!
//! A change leaves most structure functions as they are, and copies of a service look alike: a fault tree of the same gates
//! and the same chances has the same probability, whatever its events are called. So answers are kept by what they are
//! about, and a plan is the same whoever asked first. What alone stops a journey is found before its availability, which takes
//! longer: many a change is refused for the first.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::standing::{Cut, CutClass, Standing, class_of};
use super::watch::{Progress, Watch};
use crate::analysis::failure::availability::{question, together};
use crate::analysis::failure::effort::Clock;
use crate::analysis::failure::journeys::{Scope, lost_by, of_structure};
use crate::analysis::failure::solve::{Estimate, Question, solve};
use crate::analysis::failure::tree::{FaultTree, Gate};
use crate::deploy::{self, Deployment};
use crate::design::{Design, ElementId};
use crate::impact::{Structure, compile_elements};

/// What was solved, and who watches.
#[derive(Debug)]
pub(super) struct Trials<'w> {
    watch: Watch<'w>,
    solved: Mutex<HashMap<[u64; 2], Estimate>>,
    is_over: AtomicBool,
    tried: AtomicUsize,
    steps: AtomicUsize,
    unmet: AtomicUsize,
}

/// A design with what alone stops its journeys.
#[derive(Debug)]
pub(super) struct Sketch {
    deployment: Deployment,
    structures: Vec<Vec<Structure>>,
    /// What alone stops each journey, in route order.
    pub(super) points: Vec<BTreeSet<Cut>>,
}

impl Sketch {
    /// Expands and compiles a design. O(journeys x structure).
    pub(super) fn of(design: &Design) -> Self {
        let deployment = deploy::expand(design);
        let (mut structures, mut points) = (Vec::new(), Vec::new());
        for route in &deployment.routes {
            let own = compile_elements(&deployment, route);
            let tree = lost_by(&deployment, route, &own, Scope::default());
            let names = tree.single_points().into_iter().map(|e| tree.events[e as usize].name.as_str());
            points.push(names.map(|n| Cut::of(class_of(&deployment, n), ElementId::new(n))).collect());
            structures.push(own);
        }
        Self { deployment, structures, points }
    }

    /// The expansion.
    pub(super) fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The fault tree of a journey that is lost, by its position among the routes.
    pub(super) fn lost(&self, route: usize) -> FaultTree {
        lost_by(&self.deployment, &self.deployment.routes[route], &self.structures[route], Scope::default())
    }

    /// Whether a pair stops a journey: for a component, whether one of its instances does. Two of the same component are two
    /// of its instances.
    pub(super) fn is_stopped_by(&self, route: usize, pair: &Cut) -> bool {
        let tree = self.lost(route);
        let is_of = |name: &str, (class, element): (CutClass, &ElementId)| {
            let of = name.strip_prefix(element.as_str());
            of.is_some_and(|rest| rest.is_empty() || (class == CutClass::Instance && rest.starts_with('/')))
        };
        let members: Vec<Vec<u32>> = pair
            .members()
            .map(|m| {
                let named = tree.events.iter().enumerate().filter(|(_, e)| is_of(&e.name, m));
                named.map(|(e, _)| e as u32).collect()
            })
            .collect();
        let [these, those] = &members[..] else { return false };
        let pairs: Vec<(u32, u32)> =
            these.iter().flat_map(|a| those.iter().map(move |b| (*a, *b))).filter(|(a, b)| a != b).collect();
        let mut values = Vec::new();
        pairs.chunks(64).any(|worlds| {
            let failed = |e: u32| {
                let bits = worlds.iter().enumerate().filter(|(_, (a, b))| *a == e || *b == e);
                [bits.fold(0_u64, |word, (w, _)| word | 1 << w)]
            };
            tree.fails_with::<1>(failed, &mut values)[0] & (u64::MAX >> (64 - worlds.len())) != 0
        })
    }
}

impl<'w> Trials<'w> {
    pub(super) fn new(watch: Watch<'w>) -> Self {
        Self {
            watch,
            solved: Mutex::default(),
            is_over: AtomicBool::new(false),
            tried: AtomicUsize::new(0),
            steps: AtomicUsize::new(0),
            unmet: AtomicUsize::new(0),
        }
    }

    /// Whether to go on; once it is over it stays so.
    pub(super) fn go_on(&self) -> bool {
        if !self.is_over.load(Ordering::Relaxed) && !(self.watch.go_on)() {
            self.is_over.store(true, Ordering::Relaxed);
        }
        !self.is_over.load(Ordering::Relaxed)
    }

    /// Tells that one more change was tried.
    pub(super) fn tell_tried(&self) {
        self.tried.fetch_add(1, Ordering::Relaxed);
        self.tell();
    }

    /// Tells where the plan stands.
    pub(super) fn tell_plan(&self, steps: usize, unmet: usize) {
        self.steps.store(steps, Ordering::Relaxed);
        self.unmet.store(unmet, Ordering::Relaxed);
        self.tell();
    }

    fn tell(&self) {
        let now = |n: &AtomicUsize| n.load(Ordering::Relaxed);
        (self.watch.tell)(Progress {
            tried: now(&self.tried),
            steps: now(&self.steps),
            unmet: now(&self.unmet),
        });
    }

    /// Where a design stands.
    pub(super) fn standing(&self, design: &Design) -> Standing {
        self.finished(Sketch::of(design))
    }

    /// The rest of what is known of a sketch. Once the search is over, the figures are only bounds.
    pub(super) fn finished(&self, sketch: Sketch) -> Standing {
        let Sketch { deployment, structures, points } = sketch;
        let of_routes = deployment.routes.iter().zip(&structures);
        let availability = of_routes
            .map(|(route, structures)| {
                let solved = |s: &Structure| self.solved(&of_structure(&deployment, s, Scope::default()));
                together(&route.journey, structures.iter().map(|s| (s.weight, solved(s))))
            })
            .collect();
        Standing::new(deployment.design, availability, points)
    }

    /// The chance that the top of a tree fails, remembered by gates and chances.
    fn solved(&self, tree: &FaultTree) -> Option<Estimate> {
        let key = key_of(tree);
        let memory = || self.solved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = memory().get(&key) {
            return Some(*known);
        }
        // While the search goes on no time passes, so that the answer is the same on every machine.
        let clock = || if self.go_on() { 0.0 } else { 1.0 };
        let question = Question { clock: Some(Clock(&clock)), ..question() };
        let found = solve(tree, &question).ok()?.probability?;
        if self.go_on() {
            memory().insert(key, found);
        }
        Some(found)
    }
}

/// What the probability of a tree follows from, as a number that no two trees share in practice.
fn key_of(tree: &FaultTree) -> [u64; 2] {
    let hashed = |salt: u64| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        tree.top.hash(&mut hasher);
        for gate in &tree.gates {
            match gate {
                Gate::Event(e) => {
                    let chance = tree.events[*e as usize].probability.map(f64::to_bits);
                    (0_u8, *e, chance).hash(&mut hasher);
                }
                other => (1_u8, other).hash(&mut hasher),
            }
        }
        hasher.finish()
    };
    [hashed(1), hashed(2)]
}
