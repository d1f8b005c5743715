//! Many worlds of one deployment, each of which breaks little.
//!
//! What a slot gives while nothing is broken it gives in every world in which nothing behind it is broken. [`Baseline`]
//! reads the unbroken deployment once and writes down what each slot gives to each kind of caller; a further world then
//! costs only the way from the client to what is down, O(hops on it), and a journey that feels nothing of it costs nothing. The
//! answer is that of [`evaluate`](super::evaluate), figure by figure. Where a world holds cuts, or a journey is judged across its
//! branches (it waits for an effect, somebody in it checks deeply what is broken, or it has too many key classes to write
//! down), the whole of it is read.

mod carried;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::outcome::JourneyOutcome;
use super::reading::{Keeping, KeyClasses, Pages, read_keeping, read_route};
use super::world::{Conditions, World};
use super::{Reading, evaluate};
use crate::deploy::{Deployment, Route};
use crate::design::{DetectorMode, Op, Replication};

pub use carried::Carried;

/// A journey with more than so many hops times choices of key classes is not written down.
const WRITTEN_MAX: usize = 200_000;

/// What the slots of a deployment give while nothing is broken, in one reading; asked about worlds of that deployment.
#[derive(Debug)]
pub struct Baseline {
    reading: Reading,
    fresh: Vec<JourneyOutcome>,
    /// For each journey what was written down, where that helps.
    known: Vec<Option<Known>>,
    /// What deep checks ask.
    probed: Felt,
}

/// What one journey makes of the unbroken deployment: a part of a [`Baseline`].
#[derive(Debug)]
pub struct JourneyBaseline {
    fresh: JourneyOutcome,
    known: Option<Known>,
}

/// What is known of one journey.
#[derive(Debug)]
struct Known {
    keys: KeyClasses,
    pages: Pages,
    /// Hops that ask a component, or something that this one keeps copies with, stands in for or votes on.
    of_component: BTreeMap<usize, Vec<usize>>,
    /// Hops that go along a link, or ask something that has its copies or beats along it.
    of_link: BTreeMap<usize, Vec<usize>>,
    /// For each hop those that depend on what its target makes of it.
    above: Vec<Vec<usize>>,
    /// Whether somebody in it checks deeply.
    is_deep: bool,
}

/// Components and links on which something depends.
#[derive(Debug, Default)]
struct Felt {
    components: BTreeSet<usize>,
    links: BTreeSet<usize>,
}

impl Baseline {
    /// Reads the unbroken deployment. O(that of [`evaluate`](super::evaluate)).
    pub fn new(deployment: &Deployment, reading: Reading) -> Self {
        let all = (0..deployment.routes.len()).map(|r| JourneyBaseline::new(deployment, r, reading));
        Self::of_journeys(deployment, reading, all.collect())
    }

    /// The same of journeys that have been read one by one, in route order.
    pub fn of_journeys(deployment: &Deployment, reading: Reading, journeys: Vec<JourneyBaseline>) -> Self {
        let mut probed = Felt::default();
        for hop in deployment.probes.values().flat_map(|r| (0..r.hops.len()).map(move |h| (r, h))) {
            let felt = felt_at(deployment, hop.0, hop.1);
            probed.components.extend(felt.components);
            probed.links.extend(felt.links);
        }
        let (fresh, known) = journeys.into_iter().map(|j| (j.fresh, j.known)).unzip();
        Self { reading, fresh, known, probed }
    }

    /// How each journey fares while nothing is broken, in route order.
    pub fn fresh(&self) -> &[JourneyOutcome] {
        &self.fresh
    }

    /// How each journey of the deployment fares in a world, in route order.
    pub fn evaluate(&self, deployment: &Deployment, world: &World) -> Vec<JourneyOutcome> {
        if !world.cuts.is_empty() {
            return evaluate(deployment, world, self.reading);
        }
        let conditions = Conditions::new(deployment, world);
        (0..deployment.routes.len()).map(|r| self.read(&conditions, r)).collect()
    }

    /// How one journey fares.
    ///
    /// # Panics
    /// If there is no such route.
    pub fn read(&self, conditions: &Conditions<'_>, route: usize) -> JourneyOutcome {
        self.changed(conditions, route).unwrap_or_else(|| self.fresh[route].clone())
    }

    /// How one journey fares; `None` if it feels nothing of what is broken.
    ///
    /// # Panics
    /// If there is no such route.
    pub fn changed(&self, conditions: &Conditions<'_>, route: usize) -> Option<JourneyOutcome> {
        let deployment = conditions.deployment();
        let of = &deployment.routes[route];
        let whole = || Some(read_route(deployment, conditions, of, self.reading));
        let Some(known) = self.known[route].as_ref().filter(|_| !conditions.is_cut()) else {
            return whole();
        };
        if known.is_deep && self.probed.feels(conditions) {
            return whole();
        }
        let broken = known.broken(conditions)?;
        let keeping = Keeping::Reads(&known.pages, &broken);
        Some(read_keeping(deployment, conditions, of, &known.keys, self.reading, keeping))
    }
}

impl JourneyBaseline {
    /// Reads one journey of the unbroken deployment.
    ///
    /// # Panics
    /// If there is no such route.
    pub fn new(deployment: &Deployment, route: usize, reading: Reading) -> Self {
        let world = World::fresh();
        let conditions = Conditions::new(deployment, &world);
        let route = &deployment.routes[route];
        let keys = KeyClasses::of(deployment, route);
        if !is_worth_writing(route, &keys) {
            return Self { fresh: read_route(deployment, &conditions, route, reading), known: None };
        }
        let pages = RefCell::default();
        let keeping = Keeping::Writes(&pages);
        let fresh = read_keeping(deployment, &conditions, route, &keys, reading, keeping);
        let known = (!fresh.unstable).then(|| Known::of(deployment, route, keys, pages.into_inner()));
        Self { fresh, known }
    }
}

impl Felt {
    fn feels(&self, conditions: &Conditions<'_>) -> bool {
        !self.components.is_disjoint(conditions.hurt()) || !self.links.is_disjoint(conditions.lost_links())
    }
}

impl Known {
    fn of(deployment: &Deployment, route: &Route, keys: KeyClasses, pages: Pages) -> Self {
        let mut known = Self {
            keys,
            pages,
            of_component: BTreeMap::new(),
            of_link: BTreeMap::new(),
            above: vec![Vec::new(); route.hops.len()],
            is_deep: false,
        };
        let slots = route.root.iter().chain(route.hops.iter().flat_map(|h| &h.slots));
        known.is_deep = slots.into_iter().any(|s| s.detector.mode == DetectorMode::Deep);
        for (h, hop) in route.hops.iter().enumerate() {
            let felt = felt_at(deployment, route, h);
            for component in felt.components {
                known.of_component.entry(component).or_default().push(h);
            }
            for link in felt.links {
                known.of_link.entry(link).or_default().push(h);
            }
            for below in hop.slots.iter().flat_map(|s| &s.hops).chain(&hop.bypass) {
                known.above[*below].push(h);
            }
        }
        known
    }

    /// For each hop whether it feels what is broken; `None` if none does.
    fn broken(&self, conditions: &Conditions<'_>) -> Option<Vec<bool>> {
        let components = conditions.hurt().iter().filter_map(|c| self.of_component.get(c));
        let links = conditions.lost_links().iter().filter_map(|l| self.of_link.get(l));
        let mut open: Vec<usize> = components.chain(links).flatten().copied().collect();
        if open.is_empty() {
            return None;
        }
        let mut broken = vec![false; self.above.len()];
        while let Some(h) = open.pop() {
            if !std::mem::replace(&mut broken[h], true) {
                open.extend(&self.above[h]);
            }
        }
        Some(broken)
    }
}

/// Whether what slots give depends only on what is behind them, and fits.
fn is_worth_writing(route: &Route, keys: &KeyClasses) -> bool {
    !route.hops.iter().any(|h| h.op == Op::WaitForEffect)
        && route.hops.len().saturating_mul(keys.count()) <= WRITTEN_MAX
}

/// What is felt at the end of a hop itself, behind which nothing is called yet.
fn felt_at(deployment: &Deployment, route: &Route, hop: usize) -> Felt {
    let hop = &route.hops[hop];
    let design = &deployment.design;
    let mut components = company_of(deployment, hop.target);
    components.insert(hop.target);
    let mut links = BTreeSet::from([hop.link]);
    if let Some(group) = deployment.group_of[hop.target] {
        links.extend(deployment.groups[group].replicate_links.iter().copied());
    }
    // Beats, and a standby's own links.
    let caller = deployment.component_index(design.links[hop.link].from.as_str());
    for end in [Some(hop.target), caller].into_iter().flatten() {
        let Some((active, standby)) = deployment.pairs.get(&end) else { continue };
        let ids = [&deployment.components[*active].id, &deployment.components[*standby].id];
        let of_pair = |l: &crate::design::Link| ids.contains(&&l.from) || ids.contains(&&l.to);
        links.extend(design.links.iter().enumerate().filter(|(_, l)| of_pair(l)).map(|(k, _)| k));
    }
    Felt { components, links }
}

/// The components that one keeps copies with, stands in for, or lets vote.
pub fn company_of(deployment: &Deployment, component: usize) -> BTreeSet<usize> {
    let mut company = BTreeSet::new();
    if let Some((active, standby)) = deployment.pairs.get(&component) {
        company.extend([*active, *standby]);
    }
    if let Some(group) = deployment.group_of[component].map(|g| &deployment.groups[g]) {
        company.extend(group.members.iter().copied());
        let voters = match &group.mode {
            Replication::PrimaryBackup(pb) => pb.voters.as_slice(),
            Replication::Chain(chain) => chain.coordinator.as_slice(),
            _ => &[],
        };
        company.extend(voters.iter().filter_map(|v| deployment.component_index(v.as_str())));
    }
    company
}
