//! Every single loss, read once for all rules that ask what alone stops a journey.
//!
//! After an edit only what the edit touches is read again ([`Carried`]); the rest is what it was.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::loss::WORLDS_MAX;
use crate::analysis::Facts;
use crate::deploy::Route;
use crate::design::{ComponentId, ElementId, Kind};
use crate::impact::{self, Carried, Conditions, JourneyOutcome, Outcome, World};

/// Below this a share has not changed.
const SHARE_EPSILON: f64 = 1e-9;

/// What every single loss leaves of the journeys.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    /// Instances, in file order; of those that are alike, the first.
    pub instances: Vec<Loss>,
    /// Zones in which something stands.
    pub zones: Vec<Loss>,
    /// Drawn causes.
    pub causes: Vec<Loss>,
    /// Components of more than one instance.
    pub components: Vec<Loss>,
    /// Links that some journey visits.
    pub links: Vec<Loss>,
    /// How many more there are that were not tried: of each sort only so many are, in file order.
    pub untried: usize,
    /// What each leaves of the journeys that feel it, by their position among the routes; for the next edit.
    left: BTreeMap<ElementId, Vec<(usize, Left)>>,
    /// Elements of which an edit has left every reading as it was.
    as_before: BTreeSet<ElementId>,
}

/// What a loss leaves of a journey.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Left {
    outcome: Outcome,
    share: f64,
    unstable: bool,
}

/// What an element is, as far as it matters to whether the loss of it was read before.
#[derive(Clone, Copy, Debug)]
enum Sort {
    /// An instance of a component, or all of them.
    Of(usize),
    Link(usize),
    /// A zone or a cause: much at once.
    Many,
}

/// What one loss leaves of the journeys that it hurts.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// What is lost.
    pub element: ElementId,
    /// How many elements beside it are alike in kind, place and use, so that what is said of it is true of each.
    pub alike: usize,
    /// Journeys of which nothing is served, by their position among the routes.
    pub lost: Vec<usize>,
    /// Journeys of which part is served, with the share that is lost.
    pub part: Vec<(usize, f64)>,
}

impl Losses {
    /// Tries every single loss. Says nothing of a design that cannot be expanded in full.
    pub fn of(facts: &Facts<'_>) -> Self {
        Self::tried(facts, true, &|| true)
    }

    /// Tries the loss of every instance, zone and cause; before each it is asked whether to go on.
    pub(in crate::analysis) fn of_elements(facts: &Facts<'_>, go_on: &(dyn Fn() -> bool + Sync)) -> Self {
        Self::tried(facts, false, go_on)
    }

    /// Whether an edit has left what the loss of an element does, and all that this follows from, as it was.
    pub(in crate::analysis) fn is_as_before(&self, element: &ElementId) -> bool {
        self.as_before.contains(element)
    }

    fn tried(facts: &Facts<'_>, with_wholes: bool, go_on: &(dyn Fn() -> bool + Sync)) -> Self {
        if !facts.problems.is_empty() || facts.routes().is_empty() {
            return Self::default();
        }
        let deployment = &facts.deployment;
        let feels = felt_components(facts);
        let used: BTreeSet<usize> = feels.iter().flatten().copied().collect();
        let baseline = facts.baseline();
        let before = facts.before();
        let carried = before.map(|b| Carried::between((&b.deployment, &b.baseline), (deployment, baseline)));
        // Where a journey stood before the edit, if that leaves what a loss leaves of it as it was.
        let stood = |sort: Sort, route: usize| match sort {
            Sort::Of(component) => carried.as_ref()?.of_component(route, component),
            Sort::Link(link) => carried.as_ref()?.of_link(route, link),
            Sort::Many => None,
        };
        let routes = deployment.routes.len();
        // With whether nothing had to be read again.
        let read = |element: &ElementId, sort: Sort| -> (Vec<(usize, Left)>, bool) {
            let conditions = OnceCell::new();
            let mut as_before = true;
            let now = |route| {
                let conditions =
                    conditions.get_or_init(|| Conditions::new(deployment, &World::losing(element.clone())));
                let is = baseline.changed(conditions, route)?;
                Some(Left { outcome: is.outcome, share: is.share, unstable: is.unstable })
            };
            let then = before.and_then(|b| b.losses.left.get(element));
            let known = |route| -> Option<Option<Left>> {
                let (at, then) = (stood(sort, route)?, then?);
                Some(then.iter().find(|(r, _)| *r == at).map(|(_, left)| *left))
            };
            let left = (0..routes).filter_map(|r| {
                let known = known(r);
                as_before &= known.is_some();
                Some((r, known.unwrap_or_else(|| now(r))?))
            });
            (left.collect(), as_before)
        };
        let as_before: RefCell<BTreeSet<ElementId>> = RefCell::default();
        let left: RefCell<BTreeMap<ElementId, Vec<(usize, Left)>>> = RefCell::default();
        let untried = Cell::new(0);
        let tried = |elements: Vec<(ElementId, usize, Sort)>| -> Vec<Loss> {
            untried.set(untried.get() + elements.len().saturating_sub(WORLDS_MAX));
            let all: Vec<(ElementId, usize, (Vec<(usize, Left)>, bool))> = elements
                .into_par_iter()
                .take(WORLDS_MAX)
                .filter(|_| go_on())
                .map(|(element, alike, sort)| {
                    let left = read(&element, sort);
                    (element, alike, left)
                })
                .collect();
            let losses = all
                .iter()
                .map(|(element, alike, (left, _))| compare(element.clone(), *alike, baseline.fresh(), left));
            let losses = losses.filter(|loss| !loss.lost.is_empty() || !loss.part.is_empty()).collect();
            for (element, _, (of_one, is_as_before)) in all {
                if is_as_before {
                    as_before.borrow_mut().insert(element.clone());
                }
                left.borrow_mut().insert(element, of_one);
            }
            losses
        };
        let is_used = |zone: usize| {
            (0..deployment.instances.len()).any(|i| {
                used.contains(&deployment.instances[i].component) && deployment.chain_of(i).contains(&zone)
            })
        };
        let visited: BTreeSet<usize> =
            facts.routes().iter().flat_map(|r| r.hops.iter().map(|h| h.link)).collect();
        let zones = (0..deployment.zones.len()).filter(|z| is_used(*z));
        let many = |id: ElementId| (id, 0, Sort::Many);
        let mut losses = Self {
            instances: merged(tried(
                distinct_instances(facts, &used)
                    .into_iter()
                    .map(|d| (d.element, d.alike, Sort::Of(d.component)))
                    .collect(),
            )),
            zones: tried(zones.map(|z| many(ElementId::from(&deployment.zones[z].id))).collect()),
            causes: tried(facts.design.causes.iter().map(|c| many(ElementId::from(&c.id))).collect()),
            ..Self::default()
        };
        if with_wholes {
            let several = used.iter().filter(|c| deployment.components[**c].instances.len() > 1);
            let whole = |c: &usize| (ElementId::from(&deployment.components[*c].id), 0, Sort::Of(*c));
            losses.components = tried(several.map(whole).collect());
            let link = |l: usize| (ElementId::from(&facts.design.links[l].id), 0, Sort::Link(l));
            losses.links = tried(visited.into_iter().map(link).collect());
        }
        losses.untried = untried.get();
        losses.left = left.into_inner();
        losses.as_before = as_before.into_inner();
        losses
    }
}

/// Instances of one component that take the same from the same journeys, as one loss: shards, say.
fn merged(losses: Vec<Loss>) -> Vec<Loss> {
    let whole = |l: &Loss| l.element.as_str().find('/').unwrap_or(l.element.as_str().len());
    let of_one = |a: &Loss, b: &Loss| a.element.as_str()[..whole(a)] == b.element.as_str()[..whole(b)];
    let same = |a: &Loss, b: &Loss| {
        a.lost == b.lost
            && a.part.len() == b.part.len()
            && a.part.iter().zip(&b.part).all(|(x, y)| x.0 == y.0 && (x.1 - y.1).abs() < 0.01)
    };
    let mut kept: Vec<Loss> = Vec::new();
    for loss in losses {
        // Those of one component follow one another.
        let begin = kept.iter().rposition(|k| !of_one(k, &loss)).map_or(0, |k| k + 1);
        match kept[begin..].iter_mut().find(|k| same(k, &loss)) {
            Some(first) => first.alike += 1 + loss.alike,
            None => kept.push(loss),
        }
    }
    kept
}

fn compare(element: ElementId, alike: usize, fresh: &[JourneyOutcome], left: &[(usize, Left)]) -> Loss {
    let mut loss = Loss { element, alike, lost: Vec::new(), part: Vec::new() };
    for (route, is) in left {
        let was = &fresh[*route];
        // What is lost when nothing is broken is not the fault of what breaks.
        if was.outcome == Outcome::Lost || is.unstable {
            continue;
        }
        if is.outcome == Outcome::Lost {
            loss.lost.push(*route);
        } else if is.share < was.share - SHARE_EPSILON {
            loss.part.push((*route, was.share - is.share));
        }
    }
    loss
}

/// For each route the components whose loss it can feel: what it visits, what that keeps its copies with, who votes there,
/// and what deep checks ask.
pub(in crate::analysis) fn felt_components(facts: &Facts<'_>) -> Vec<BTreeSet<usize>> {
    let deployment = &facts.deployment;
    let probed: Vec<usize> =
        deployment.probes.values().flat_map(|r| r.hops.iter().map(|h| h.target)).collect();
    let of = |route: &Route| {
        let visited: BTreeSet<usize> =
            route.hops.iter().map(|h| h.target).chain(probed.iter().copied()).collect();
        with_company(facts, visited)
    };
    deployment.routes.iter().map(of).collect()
}

/// Components, and those that they keep copies with, stand in for, or let vote.
fn with_company(facts: &Facts<'_>, visited: BTreeSet<usize>) -> BTreeSet<usize> {
    let company = visited.iter().flat_map(|c| impact::company_of(&facts.deployment, *c));
    let mut used: BTreeSet<usize> = company.chain(visited.iter().copied()).collect();
    used.retain(|c| facts.design.components[*c].kind != Kind::Client);
    used
}

/// An instance that stands for all that are alike.
pub(in crate::analysis) struct Distinct {
    /// The first of them.
    pub element: ElementId,
    /// How many others there are.
    pub alike: usize,
    /// Their component.
    pub component: usize,
}

/// One instance for each set that is alike.
///
/// Nothing is cut in these worlds, so that stateless replicas differ only where a resolver prefers the nearest; of replicas
/// that keep copies the first leads, the last may be a tail, and those between are alike.
pub(in crate::analysis) fn distinct_instances(facts: &Facts<'_>, used: &BTreeSet<usize>) -> Vec<Distinct> {
    let deployment = &facts.deployment;
    let mut found: Vec<Distinct> = Vec::new();
    for &c in used {
        let resolves = |id: &ComponentId| {
            facts.component(id).is_some_and(|from| from.kind == Kind::Dns || from.resolver.is_some())
        };
        let place_matters = facts.links_to(&deployment.components[c].id).iter().any(|l| resolves(&l.from));
        let group = deployment.group_of[c].map(|g| &deployment.groups[g]);
        let mut seen: Vec<(u32, usize, usize)> = Vec::new();
        for i in deployment.components[c].instances.clone() {
            let instance = &deployment.instances[i];
            let role = match group.filter(|g| g.ring_n == 0) {
                Some(group) => {
                    let shard = group.shards.iter().find(|s| s.contains(&i)).map_or(&[][..], Vec::as_slice);
                    match shard.iter().position(|r| *r == i).unwrap_or(0) {
                        0 => 0,
                        last if last + 1 == shard.len() => 2,
                        _ => 1,
                    }
                }
                None if group.is_some() => i,
                None if place_matters => instance.zone.map_or(0, |z| z + 1),
                None => 0,
            };
            match seen.iter().find(|(shard, r, _)| (*shard, *r) == (instance.shard, role)) {
                Some((_, _, at)) => found[*at].alike += 1,
                None => {
                    seen.push((instance.shard, role, found.len()));
                    found.push(Distinct { element: instance.id.clone(), alike: 0, component: c });
                }
            }
        }
    }
    found
}
