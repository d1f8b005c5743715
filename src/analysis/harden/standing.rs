//! Where a design stands: what alone stops which journey, how available each is, what it costs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::trials::Trials;
use super::watch::Watch;
use crate::analysis::failure::Losses;
use crate::analysis::failure::availability::Availability;
use crate::analysis::{Facts, Options, RuleFamily, Severity};
use crate::deploy::Deployment;
use crate::design::{Component, Design, ElementId, Kind};
use crate::impact::{JourneyOutcome, Reading, World, evaluate};

/// Below this two shares or chances are the same.
const EPSILON: f64 = 1e-9;

/// What sort of element a cut is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CutClass {
    /// An instance.
    Instance,
    /// A zone.
    Zone,
    /// A cause.
    Cause,
}

impl CutClass {
    /// The plain name.
    pub fn word(self) -> &'static str {
        match self {
            CutClass::Instance => "instance",
            CutClass::Zone => "zone",
            CutClass::Cause => "cause",
        }
    }
}

/// An element whose loss alone stops a journey, or a pair of which neither does but both do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cut {
    /// Its sort.
    pub class: CutClass,
    /// The element; for the instances of a component that are all cuts, the component.
    pub element: ElementId,
    /// Of a pair the other one.
    pub beside: Option<(CutClass, ElementId)>,
}

impl Cut {
    /// One element alone.
    pub(super) fn of(class: CutClass, element: ElementId) -> Cut {
        Cut { class, element, beside: None }
    }

    /// Its elements, one or two.
    pub fn members(&self) -> impl Iterator<Item = (CutClass, &ElementId)> {
        let other = self.beside.as_ref().map(|(class, element)| (*class, element));
        std::iter::once((self.class, &self.element)).chain(other)
    }

    /// Its elements by their ids: `web`, or `web + orders`.
    pub fn title(&self) -> String {
        self.members().map(|(_, element)| element.as_str()).collect::<Vec<_>>().join(" + ")
    }

    /// The same, with the component in place of its instance.
    pub(super) fn whole(&self) -> Cut {
        let whole = |(class, element): (CutClass, &ElementId)| match element.as_str().split_once('/') {
            Some((component, _)) if class == CutClass::Instance => (class, ElementId::new(component)),
            _ => (class, element.clone()),
        };
        let mut members: Vec<(CutClass, ElementId)> = self.members().map(whole).collect();
        members.sort();
        let beside = if members.len() > 1 { members.pop() } else { None };
        let (class, element) = members.remove(0);
        Cut { class, element, beside }
    }

    /// Whether another is this one or, of a component, one of its instances.
    pub(super) fn covers(&self, other: &Cut) -> bool {
        *self == *other || *self == other.whole()
    }
}

/// What a design costs a month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cost {
    /// The sum of what is stated.
    pub stated: f64,
    /// Components of which nothing is stated, in file order.
    pub unstated: Vec<ElementId>,
}

impl Cost {
    fn of(design: &Design) -> Self {
        let mut cost = Cost::default();
        for c in design.components.iter().filter(|c| c.kind != Kind::Client) {
            if c.cost_per_month > 0.0 {
                cost.stated += c.cost_per_month * f64::from(c.shards()) * f64::from(c.replicas);
            } else {
                cost.unstated.push(ElementId::from(&c.id));
            }
        }
        cost
    }

    /// What a change from one design to another costs more a month; `None` where something that it adds has no stated cost.
    pub fn added(before: &Design, after: &Design) -> Option<f64> {
        let instances = |c: &Component| c.shards() * c.replicas;
        let grown = after.components.iter().filter(|c| {
            let was = before.component(c.id.as_str());
            c.kind != Kind::Client && was.is_none_or(|was| instances(was) != instances(c))
        });
        let is_stated = grown.clone().all(|c| c.cost_per_month > 0.0);
        is_stated.then(|| Cost::of(after).stated - Cost::of(before).stated)
    }
}

/// Where a design stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The availability of each journey, in route order.
    pub availability: Vec<Availability>,
    /// What alone stops each journey, in route order.
    pub points: Vec<BTreeSet<Cut>>,
    /// What it costs.
    pub cost: Cost,
    design: Arc<Design>,
    detail: OnceLock<Detail>,
}

/// What takes longer to know, and is asked of few.
#[derive(Clone, Debug)]
struct Detail {
    /// Each journey with nothing broken.
    fresh: Vec<JourneyOutcome>,
    /// For each journey and each element (instances by their component) the largest share that its loss takes.
    taken: BTreeMap<(usize, ElementId), f64>,
    /// Findings about consistency that are more than notes.
    grave: BTreeSet<String>,
}

/// What sort of element an id names.
pub(super) fn class_of(deployment: &Deployment, id: &str) -> CutClass {
    if deployment.zone_index(id).is_some() {
        CutClass::Zone
    } else if deployment.design.cause(id).is_some() {
        CutClass::Cause
    } else {
        CutClass::Instance
    }
}

impl Detail {
    /// O(single losses x journeys).
    fn of(design: &Design, trials: &Trials<'_>) -> Self {
        let facts = Facts::new(design);
        let deployment = &facts.deployment;
        let losses = Losses::of_elements(&facts, &|| trials.go_on());
        let mut taken: BTreeMap<(usize, ElementId), f64> = BTreeMap::new();
        for loss in losses.instances.iter().chain(&losses.zones).chain(&losses.causes) {
            let class = class_of(deployment, loss.element.as_str());
            let cut = Cut::of(class, loss.element.clone()).whole();
            let whole = loss.lost.iter().map(|r| (*r, 1.0));
            for (route, share) in whole.chain(loss.part.iter().copied()) {
                let most = taken.entry((route, cut.element.clone())).or_default();
                *most = most.max(share);
            }
        }
        let fresh = evaluate(deployment, &World::fresh(), Reading::Settled);
        Self { fresh, taken, grave: grave(design) }
    }
}

impl Standing {
    /// Reads a design. O(journeys x structure).
    pub fn of(design: &Design) -> Self {
        Trials::new(Watch::NOBODY).standing(design)
    }

    pub(super) fn new(
        design: Arc<Design>,
        availability: Vec<Availability>,
        points: Vec<BTreeSet<Cut>>,
    ) -> Self {
        Self { availability, points, cost: Cost::of(&design), design, detail: OnceLock::new() }
    }

    /// `None` once the search is over.
    fn detail(&self, trials: &Trials<'_>) -> Option<&Detail> {
        if self.detail.get().is_none() {
            let detail = Detail::of(&self.design, trials);
            if !trials.go_on() {
                return None;
            }
            return Some(self.detail.get_or_init(|| detail));
        }
        self.detail.get()
    }

    /// The first element that would newly stop a journey of a design that came from this one.
    pub(super) fn newly_stopped(&self, points: &[BTreeSet<Cut>]) -> Option<String> {
        if self.points.len() != points.len() {
            return Some("the journeys are not the same".to_owned());
        }
        let mut both = self.availability.iter().zip(self.points.iter().zip(points));
        both.find_map(|(was, (old, new))| {
            let new = new.iter().find(|c| !old.contains(c))?;
            Some(format!("{} would newly stop {}", new.element, was.journey))
        })
    }

    /// What a design that came from this one plainly loses: a new single point of failure, or availability. The quick part of
    /// [`worsened`](Self::worsened).
    pub(super) fn plainly_worsened(&self, after: &Standing) -> Option<String> {
        let journeys = |s: &Standing| s.availability.iter().map(|a| a.journey.clone()).collect::<Vec<_>>();
        if journeys(self) != journeys(after) {
            return Some("the journeys are not the same".to_owned());
        }
        self.newly_stopped(&after.points).or_else(|| {
            let mut both = self.availability.iter().zip(&after.availability);
            let less = both.find(|(was, is)| is.value < was.value - 1e-12);
            less.map(|(was, _)| format!("{} would be less available", was.journey))
        })
    }

    /// What a design that came from this one loses that this one does not; `None` if nothing. Elements that are new may take
    /// nothing from any journey.
    pub fn worsened(&self, after: &Standing) -> Option<String> {
        self.worsened_while(after, &Trials::new(Watch::NOBODY))
    }

    /// The same for a search; once it is over, nothing is known of anything that was not looked at yet.
    pub(super) fn worsened_while(&self, after: &Standing, trials: &Trials<'_>) -> Option<String> {
        if let Some(plain) = self.plainly_worsened(after) {
            return Some(plain);
        }
        let (Some(before), Some(after)) = (self.detail(trials), after.detail(trials)) else {
            return Some("the search is over".to_owned());
        };
        for (was, is) in before.fresh.iter().zip(&after.fresh) {
            if is.share < was.share - EPSILON || is.degraded_share > was.degraded_share + EPSILON {
                return Some(format!("{} is served less even with everything up", was.journey));
            }
            for (a, b) in was.effects.iter().zip(&is.effects) {
                if b.done < a.done - EPSILON {
                    return Some(format!("{} is done less even with everything up", a.id));
                }
            }
        }
        let more = after
            .taken
            .iter()
            .find(|(at, share)| **share > before.taken.get(at).copied().unwrap_or(0.0) + EPSILON);
        if let Some(((route, element), _)) = more {
            return Some(format!("{element} would take more of {}", before.fresh[*route].journey));
        }
        let new = after.grave.iter().find(|id| !before.grave.contains(*id));
        new.map(|id| format!("it would bring the finding {id}"))
    }
}

fn grave(design: &Design) -> BTreeSet<String> {
    let is_asked = |family| matches!(family, RuleFamily::Consistency);
    let only = crate::analysis::RULES
        .iter()
        .filter(|r| is_asked(r.card.family))
        .map(|r| r.card.id.to_owned())
        .collect();
    let report = crate::analysis::run(design, &Options { today: None, only });
    report.findings.into_iter().filter(|f| f.severity >= Severity::Warning).map(|f| f.id).collect()
}
