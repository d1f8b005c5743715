//! Recovery: for each single failure of each journey, how long until it is served as before, and how much of what was
//! acknowledged may be gone.
//!
//! Every answer is a sum of named parts, each with the property that it comes from and whether somebody stated it, a default
//! stands in for it, or it is assumed ([`Basis`]). What takes over by itself takes detection, decision and switching
//! ([`Span`] of `switch`); where nothing takes over, what is lost has to come back (`repair`). Parts of one branch follow
//! one another; branches run side by side, and the longest counts.
//!
//! What fails is gone: connections to it are refused. Zones are asked about once more as gone silent, a network that swallows
//! everything: then a try has to time out first. Work behind queues is told apart, effect by effect. The times are upper bounds of the parts that a drawing knows: load, the length of queues and what a restore has to copy
//! are no part of it. Data loss is judged as if what is lost never came back, as a burnt disk does not.
//!
//! Source: ISO 22301 for recovery time and point; AWS Resilience Hub for the classes of disruption.
//!
//! Never: load, probabilities, files, clocks.

mod loss;
mod repair;
mod switch;

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::Facts;
use super::failure::{distinct_instances, felt_components};
use crate::deploy::Route;
use crate::design::{ComponentId, ElementId, JourneyId, Millis};
use crate::impact::{Baseline, Conditions, Down, EffectOutcome, JourneyOutcome, Outcome, World};

pub use loss::DataLoss;

/// More single failures than this are not tried; elements that come later in the file are then not spoken of.
const FAILURES_MAX: usize = 4_000;
/// Below this a share has not changed.
const SHARE_EPSILON: f64 = 1e-9;

/// Where the length of a part comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Somebody stated it in the drawing.
    Stated,
    /// The default of a property that nobody stated.
    Default,
    /// Nothing in the drawing could state it, or nobody did and there is no default.
    Assumed,
}

impl Basis {
    /// The word for people and for JSON.
    pub fn word(self) -> &'static str {
        match self {
            Basis::Stated => "stated",
            Basis::Default => "default",
            Basis::Assumed => "assumed",
        }
    }
}

/// One part of a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What takes that long, to be read after the time: `until the primary counts as lost`.
    pub what: String,
    /// How long at most.
    pub takes: Millis,
    /// The property that says so, as a path: `components[db].replication.detect_after`. Of what is assumed, the property that
    /// would say so; empty where there is none.
    pub source: String,
    /// Who says so.
    pub basis: Basis,
}

impl Part {
    fn new(what: impl Into<String>, takes: Millis, source: impl Into<String>, basis: Basis) -> Self {
        Self { what: what.into(), takes, source: source.into(), basis }
    }

    /// A part from a property that may be stated.
    fn of(what: impl Into<String>, stated: Option<Millis>, otherwise: Millis, source: String) -> Self {
        let basis = if stated.is_some() { Basis::Stated } else { Basis::Default };
        Self::new(what, stated.unwrap_or(otherwise), source, basis)
    }
}

/// Parts that follow one another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// In the order of time; empty takes no time.
    pub parts: Vec<Part>,
}

impl Span {
    /// How long all of it takes.
    pub fn total(&self) -> Millis {
        Millis(self.parts.iter().map(|p| p.takes.get()).sum())
    }

    /// The parts in words: `500 ms until the primary counts as lost, 500 ms until voters have chosen another`.
    pub fn words(&self) -> String {
        self.parts.iter().map(|p| format!("{} {}", p.takes, p.what)).collect::<Vec<_>>().join(", ")
    }

    /// The sum and its parts in words; of a single part the part alone says both.
    pub fn told(&self) -> String {
        match &self.parts[..] {
            [_] => self.words(),
            _ => format!("{}: {}", self.total(), self.words()),
        }
    }

    fn longer(self, other: Span) -> Span {
        if other.total() > self.total() { other } else { self }
    }
}

/// What sort of element fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureClass {
    /// One instance.
    Instance,
    /// A zone with all that stands in it.
    Zone,
    /// A drawn cause.
    Cause,
}

impl FailureClass {
    /// The word for people and for JSON.
    pub fn word(self) -> &'static str {
        match self {
            FailureClass::Instance => "instance",
            FailureClass::Zone => "zone",
            FailureClass::Cause => "cause",
        }
    }
}

/// What one single failure does to a journey, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What fails; of instances that are alike, the first.
    pub element: ElementId,
    /// How many elements beside it are alike.
    pub alike: usize,
    /// What sort of element it is.
    pub class: FailureClass,
    /// What is served before anything but the callers' own tries has acted.
    pub at_once: (Outcome, f64),
    /// What is served once everything that acts by itself has acted.
    pub settled: (Outcome, f64),
    /// Until as much is served as before.
    pub back: Span,
    /// Whether something has to be repaired or somebody has to act; else it comes back by itself.
    pub needs_repair: bool,
    /// What may be gone of what was acknowledged.
    pub loss: DataLoss,
    /// Whose data that is.
    pub loses: Option<ComponentId>,
}

/// What one single failure does to an effect, the work behind a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectFailure {
    /// What fails; of instances that are alike, the first.
    pub element: ElementId,
    /// How many elements beside it are alike.
    pub alike: usize,
    /// What sort of element it is.
    pub class: FailureClass,
    /// What becomes of it before anything but the callers' own tries has acted.
    pub at_once: EffectOutcome,
    /// What becomes of it once everything that acts by itself has acted.
    pub settled: EffectOutcome,
    /// Until as much of it is done as before.
    pub back: Span,
    /// Whether something has to be repaired or somebody has to act; else it comes back by itself.
    pub needs_repair: bool,
}

/// The single failures of an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectRecovery {
    /// `journey/effect`.
    pub effect: String,
    /// Every single failure that leaves some of it undone, late or lost, for a while or for good, in file order.
    pub failures: Vec<EffectFailure>,
}

/// The single failures of a journey.
#[derive(Clone, Debug, PartialEq)]
pub struct JourneyRecovery {
    /// The journey.
    pub journey: JourneyId,
    /// Its name.
    pub title: String,
    /// The recovery time that it promises.
    pub rto: Option<Millis>,
    /// The recovery point that it promises.
    pub rpo: Option<Millis>,
    /// Every single failure that it can feel: instances, zones, causes, in file order.
    pub failures: Vec<Failure>,
    /// The zones among them once more, gone silent in place of refusing. What is lost of data is the same and not said again.
    pub silent: Vec<Failure>,
    /// Its effects, in their order.
    pub effects: Vec<EffectRecovery>,
}

impl JourneyRecovery {
    /// The zones that are felt otherwise when they go silent than when they refuse.
    pub fn felt_silent(&self) -> impl Iterator<Item = &Failure> {
        self.silent.iter().filter(|f| {
            let refusing = self.failures.iter().find(|r| r.element == f.element);
            refusing.is_none_or(|r| (&r.back, r.at_once, r.settled) != (&f.back, f.at_once, f.settled))
        })
    }

    /// Whether a failure is over within the promised time; `None` where nothing is promised.
    pub fn meets_rto(&self, failure: &Failure) -> Option<bool> {
        self.rto.map(|rto| failure.back.total() <= rto)
    }

    /// Whether no more is lost than was promised; `None` where nothing is promised.
    pub fn meets_rpo(&self, failure: &Failure) -> Option<bool> {
        self.rpo.map(|rpo| match &failure.loss {
            DataLoss::Nothing => true,
            DataLoss::UpTo(span) => span.total() <= rpo,
            DataLoss::Everything(_) => false,
        })
    }
}

/// The recovery of the journeys that are asked for. Says nothing of a design that cannot be expanded in full.
///
/// O(elements x journeys) readings, side by side.
pub fn recoveries(facts: &Facts<'_>, wanted: impl Fn(&Route) -> bool) -> Vec<JourneyRecovery> {
    recoveries_while(facts, wanted, &|| true)
}

/// As [`recoveries`]; before every failure it is asked whether to go on, and what comes after a no is left out.
pub fn recoveries_while(
    facts: &Facts<'_>,
    wanted: impl Fn(&Route) -> bool,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Vec<JourneyRecovery> {
    if !facts.problems.is_empty() {
        return Vec::new();
    }
    let feels = felt_components(facts);
    let routes = facts.routes().iter().zip(&feels).enumerate().filter(|(_, (r, _))| wanted(r));
    routes.map(|(at, (_, felt))| of_route(facts, at, felt, go_on)).collect()
}

fn of_route(
    facts: &Facts<'_>,
    at: usize,
    felt: &BTreeSet<usize>,
    go_on: &(dyn Fn() -> bool + Sync),
) -> JourneyRecovery {
    let deployment = &facts.deployment;
    let route = &facts.routes()[at];
    let mut elements: Vec<(ElementId, usize, FailureClass)> = distinct_instances(facts, felt)
        .into_iter()
        .map(|d| (d.element, d.alike, FailureClass::Instance))
        .collect();
    let whole = |id: ElementId, class| (id, 0, class);
    elements.extend(deployment.zones.iter().map(|z| whole(ElementId::from(&z.id), FailureClass::Zone)));
    elements.extend(facts.design.causes.iter().map(|c| whole(ElementId::from(&c.id), FailureClass::Cause)));
    let readings = Readings { at_once: facts.baseline_at_once(), settled: facts.baseline() };
    let fresh = &readings.settled.fresh()[at];
    let found: Vec<(Option<Failure>, Option<Failure>, Vec<Option<EffectFailure>>)> = elements
        .into_par_iter()
        .take(FAILURES_MAX)
        .filter_map(|(element, alike, class)| {
            if !go_on() {
                return None;
            }
            let lost: BTreeSet<usize> = deployment.instances_of(element.as_str()).into_iter().collect();
            let is_felt = lost.iter().any(|i| felt.contains(&deployment.instances[*i].component));
            // A cause may hold links alone.
            if !is_felt && class != FailureClass::Cause {
                return None;
            }
            let case = Case { facts, readings, at, route, felt, fresh, element, alike, class, lost, is_felt };
            let silent = (class == FailureClass::Zone).then(|| case.failure(Down::Silent)).flatten();
            Some((case.failure(Down::Refusing), silent, case.effects()))
        })
        .collect();
    let (mut failures, mut silent) = (Vec::new(), Vec::new());
    let mut effects: Vec<EffectRecovery> =
        route.effects.iter().map(|e| EffectRecovery { effect: e.id.clone(), failures: Vec::new() }).collect();
    for (refusing, when_silent, of_effects) in found {
        failures.extend(refusing);
        silent.extend(when_silent);
        for (effect, failure) in effects.iter_mut().zip(of_effects) {
            effect.failures.extend(failure);
        }
    }
    let objective = facts.drawn(route).and_then(|j| j.objective.as_ref());
    JourneyRecovery {
        journey: route.journey.clone(),
        title: route.title.clone(),
        rto: objective.and_then(|o| o.rto),
        rpo: objective.and_then(|o| o.rpo),
        failures,
        silent,
        effects,
    }
}

/// The unbroken deployment, read in both ways: before the failures are gone through, as whoever goes through them side by side
/// cannot wait for one another.
#[derive(Clone, Copy)]
struct Readings<'c> {
    at_once: &'c Baseline,
    settled: &'c Baseline,
}

/// One element that is lost to a route.
struct Case<'c> {
    facts: &'c Facts<'c>,
    readings: Readings<'c>,
    /// The position of the route.
    at: usize,
    route: &'c Route,
    felt: &'c BTreeSet<usize>,
    /// The route with nothing lost.
    fresh: &'c JourneyOutcome,
    element: ElementId,
    alike: usize,
    class: FailureClass,
    /// The instances that are lost with it.
    lost: BTreeSet<usize>,
    /// Whether the route uses any of them.
    is_felt: bool,
}

impl Case<'_> {
    /// What is left of the route at once, and settled.
    fn read(&self, how: Down) -> (JourneyOutcome, JourneyOutcome) {
        let world = World::fresh().and_down(self.element.clone(), how);
        let conditions = Conditions::new(&self.facts.deployment, &world);
        let by = |baseline: &Baseline| baseline.read(&conditions, self.at);
        (by(self.readings.at_once), by(self.readings.settled))
    }

    /// Until what was less is as much as before.
    fn back(&self, is_less_at_once: bool, is_less: bool, how: Down) -> Span {
        if is_less {
            repair::span(self.facts, self.route, self.felt, &self.element, self.class, &self.lost)
        } else if is_less_at_once {
            switch::span(self.facts, self.route, &self.lost, how)
        } else {
            Span::default()
        }
    }

    /// What it does to the journey; `None` where that cannot be told or it is not felt.
    fn failure(&self, how: Down) -> Option<Failure> {
        let (at_once, settled) = self.read(how);
        let less = |o: &JourneyOutcome| o.share < self.fresh.share - SHARE_EPSILON;
        if settled.unstable || (!self.is_felt && !less(&settled)) {
            return None;
        }
        let needs_repair = less(&settled);
        let (loss, loses) = loss::of(self.facts, self.route, &self.element, self.class, &self.lost);
        Some(Failure {
            element: self.element.clone(),
            alike: self.alike,
            class: self.class,
            at_once: (at_once.outcome, at_once.share),
            settled: (settled.outcome, settled.share),
            back: self.back(less(&at_once), needs_repair, how),
            needs_repair,
            loss,
            loses,
        })
    }

    /// What it does to each effect; `None` for one that it leaves as it was.
    fn effects(&self) -> Vec<Option<EffectFailure>> {
        if self.fresh.effects.is_empty() {
            return Vec::new();
        }
        let how = Down::Refusing;
        let (at_once, settled) = self.read(how);
        let readings = at_once.effects.into_iter().zip(settled.effects);
        let each = self.fresh.effects.iter().zip(readings).map(|(fresh, (at_once, is))| {
            let less = |e: &EffectOutcome| e.done < fresh.done - SHARE_EPSILON;
            let (first, needs_repair) = (less(&at_once), less(&is));
            (!settled.unstable && (first || needs_repair)).then(|| EffectFailure {
                element: self.element.clone(),
                alike: self.alike,
                class: self.class,
                back: self.back(first, needs_repair, how),
                at_once,
                settled: is,
                needs_repair,
            })
        });
        each.collect()
    }
}

/// The path of the property that gives a group its mode.
fn mode_path(facts: &Facts<'_>, group: &crate::deploy::Group) -> String {
    let members = || group.members.iter().map(|m| &facts.design.components[*m]);
    let links = group.replicate_links.iter().map(|l| &facts.design.links[*l]);
    match links.into_iter().find(|l| l.replication.is_some()).filter(|_| group.members.len() > 1) {
        Some(link) => format!("links[{}].replication", link.id),
        None => {
            let stated = members().find(|c| c.replication.is_some());
            let c = stated.unwrap_or(&facts.design.components[group.members[0]]);
            format!("components[{}].replication", c.id)
        }
    }
}
