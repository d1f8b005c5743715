//! What the failure engine says of a design, made ready to be looked at: minimal cut sets with what each contributes, what
//! every element means to a journey and costs by itself, and how long each single failure is felt.
//!
//! Plain data and the functions that make it; `reckoner` decides when, on a thread of its own. A figure remembers which
//! meaning of the design it is about, so that an old one can be shown as old until the new one is there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::analysis::Facts;
use crate::analysis::failure::availability::chance_of;
use crate::analysis::failure::effort::Clock;
use crate::analysis::failure::journeys::{Scope, lost, lost_in_part};
use crate::analysis::failure::loss::{Losses, losses_while};
use crate::analysis::failure::solve::{self, Importance, Solution, solve};
use crate::analysis::recovery::{JourneyRecovery, recoveries_while};
use crate::deploy::Deployment;
use crate::design::{Design, ElementId, JourneyId, Kind};
use crate::impact::{self, Event};
use crate::scene::zone_title;

/// Time for one figure; what does not fit gets bounds.
const WITHIN: Duration = Duration::from_secs(4);
/// Cut sets that are listed at most; only whole orders are.
const LISTED_MAX: usize = 2_000;
/// Nodes of decision diagrams at a time: some 80 MB.
const NODES_MAX: usize = 2 << 20;

/// One figure that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// What every element takes by itself, from each journey and from all traffic.
    Losses,
    /// Minimal cut sets, probability and importance for a journey.
    CutSets(JourneyId, Extent),
    /// How long each single failure is felt by a journey, and what data it costs.
    Recovery(JourneyId),
}

/// How much of a journey is meant to be lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// All of it: nobody is served, whatever the client's zone and the key.
    #[default]
    Whole,
    /// Some client zone or key class is not served.
    Part,
}

/// A figure with the meaning of the design that it is about.
#[derive(Clone, Debug)]
pub struct Dated<T> {
    /// The meaning, as [`Figures::meaning`] counts them.
    pub of: u64,
    /// The figure.
    pub figure: Arc<T>,
    /// What it speaks of, as it was then.
    pub elements: Arc<Elements>,
}

impl<T> Dated<T> {
    /// The name of an element.
    pub fn name<'a>(&'a self, id: &'a ElementId) -> &'a str {
        self.elements.get(id).map_or(id.as_str(), |e| e.name.as_str())
    }

    /// The share of the time that an element is down, 0..=1; `None` of a cause without a rate.
    pub fn chance(&self, id: &ElementId) -> Option<f64> {
        self.elements.get(id)?.chance
    }
}

/// An element that can fail.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// Its name; the only instance of a component bears the component's.
    pub name: String,
    /// The share of the time that it is down, 0..=1; `None` of a cause without a rate.
    pub chance: Option<f64>,
}

/// Instances, zones and causes.
pub type Elements = BTreeMap<ElementId, Element>;

/// What has been reckoned so far.
#[derive(Debug, Default)]
pub struct Figures {
    /// Grows with every change that means something; moving a card does not.
    pub meaning: u64,
    /// What elements take by themselves.
    pub losses: Option<Dated<Losses>>,
    /// By journey and extent.
    pub cut_sets: BTreeMap<(JourneyId, Extent), Dated<CutSets>>,
    /// By journey.
    pub recovery: BTreeMap<JourneyId, Dated<JourneyRecovery>>,
}

impl Figures {
    /// Whether a figure is known of the design as it is.
    pub fn has(&self, figure: &Figure) -> bool {
        let of = match figure {
            Figure::Losses => self.losses.as_ref().map(|d| d.of),
            Figure::CutSets(journey, extent) => self.cut_sets.get(&(journey.clone(), *extent)).map(|d| d.of),
            Figure::Recovery(journey) => self.recovery.get(journey).map(|d| d.of),
        };
        of == Some(self.meaning)
    }

    /// What an element costs by itself: the expected share of all requests, 0..=1, of a component the sum over its
    /// instances one at a time. `None` where it is not known, or not of the design as it is.
    pub fn expected_loss(&self, element: &str) -> Option<f64> {
        let losses = self.losses.as_ref().filter(|l| l.of == self.meaning)?;
        // What was left out for want of time may be worse than what was not.
        if losses.figure.truncated {
            return None;
        }
        let of = |id: &str| id == element || id.split_once('/').is_some_and(|(whole, _)| whole == element);
        let all = losses.figure.traffic.iter();
        Some(all.filter(|l| of(l.element.as_str())).map(|l| l.expected).sum())
    }

    /// Forgets what is about journeys that are no longer there.
    pub fn purge(&mut self, journeys: &[JourneyId]) {
        self.cut_sets.retain(|(j, _), _| journeys.contains(j));
        self.recovery.retain(|j, _| journeys.contains(j));
    }
}

/// One minimal cut set.
#[derive(Clone, Debug, PartialEq)]
pub struct CutSet {
    /// What must fail together.
    pub elements: Vec<ElementId>,
    /// The share of the time that all of it is down, 0..=1; `None` where a cause in it has no rate.
    pub chance: Option<f64>,
    /// Not more than this, whatever the rates that nobody stated.
    pub at_most: f64,
}

/// What an element means to a journey.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// Instance, zone or cause.
    pub element: ElementId,
    /// The measures.
    pub importance: Importance,
}

/// The cut sets of a journey and what follows from them.
#[derive(Clone, Debug)]
pub struct CutSets {
    /// Whether there are several client zones or key classes, so that a part of it can be lost.
    pub has_parts: bool,
    /// Numbers of sets, probability, and how each was made.
    pub solution: Solution,
    /// The sets that are listed, the greatest contribution first.
    pub sets: Vec<CutSet>,
    /// Every element that can be part of it, in file order.
    pub elements: Vec<Meaning>,
    /// Causes without a rate that take part: they count as never failing in every probability.
    pub unrated: Vec<ElementId>,
    /// What part components, zones and causes have in it; of a component the greatest of its instances.
    pub parts: BTreeMap<String, Part>,
}

/// The part of an element in losing a journey.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    /// The size of the smallest minimal cut set that it is in, where such a one is listed.
    pub order: Option<usize>,
    /// Its Fussell-Vesely importance, 0..=1.
    pub importance: f64,
}

impl CutSets {
    /// The order up to which all minimal cut sets are listed; `None` if all of any order are.
    pub fn listed_to(&self) -> Option<u32> {
        let sets = self.solution.cut_sets.as_ref()?;
        [sets.listed_to, sets.complete_to].into_iter().flatten().min()
    }
}

/// The journeys that figures can be asked for: drawn ones in file order, then one for each client that has none, by the
/// client's id.
pub fn journeys(design: &Design) -> Vec<JourneyId> {
    let derived = design.components.iter().filter(|c| {
        c.kind == Kind::Client
            && design.links_from(c.id.as_str()).next().is_some()
            && !design.journeys.iter().any(|j| j.client == c.id)
    });
    let drawn = design.journeys.iter().map(|j| j.id.clone());
    drawn.chain(derived.map(|c| JourneyId::new(c.id.as_str()))).collect()
}

/// Every instance, zone and cause, with its name and how much of the time it is down.
pub fn elements(deployment: &Deployment) -> Elements {
    let design = &deployment.design;
    let mut bearers: BTreeMap<&str, usize> = BTreeMap::new();
    for c in &design.components {
        *bearers.entry(c.title()).or_default() += 1;
    }
    let mut out = Elements::new();
    for (i, instance) in deployment.instances.iter().enumerate() {
        let c = &design.components[instance.component];
        // Two of the same name are told apart by their ids.
        let title = if bearers[c.title()] > 1 { c.id.as_str() } else { c.title() };
        let name = match instance.id.as_str().split_once('/') {
            Some((_, part)) if c.replicas * c.shards() > 1 => format!("{title}/{part}"),
            _ => title.to_owned(),
        };
        out.insert(
            instance.id.clone(),
            Element { name, chance: Some(chance_of(deployment, Event::Instance(i))) },
        );
    }
    for (i, z) in deployment.zones.iter().enumerate() {
        let name = design.zone(z.id.as_str()).map_or_else(|| z.id.to_string(), |z| zone_title(z).to_owned());
        out.insert(
            ElementId::from(&z.id),
            Element { name, chance: Some(chance_of(deployment, Event::Zone(i))) },
        );
    }
    for (i, c) in design.causes.iter().enumerate() {
        let name = if c.name.is_empty() { c.id.to_string() } else { c.name.clone() };
        let chance = c.reliability.map(|_| chance_of(deployment, Event::Cause(i)));
        out.insert(ElementId::from(&c.id), Element { name, chance });
    }
    out
}

/// The cut sets of a journey; `None` if there is no such journey, or it was called off.
pub fn cut_sets(
    deployment: &Deployment,
    journey: &JourneyId,
    extent: Extent,
    cancel: &AtomicBool,
) -> Option<CutSets> {
    let begin = Instant::now();
    let route = deployment.routes.iter().find(|r| r.journey == *journey)?;
    let tree = match extent {
        Extent::Whole => lost(deployment, route, Scope::default()),
        Extent::Part => lost_in_part(deployment, route, Scope::default()),
    };
    let clock = || begin.elapsed().as_secs_f64() / WITHIN.as_secs_f64();
    let question = solve::Question {
        listed_max: LISTED_MAX,
        nodes_max: NODES_MAX,
        work_max: u64::MAX,
        clock: Some(Clock(&clock)),
        cancel: Some(cancel),
        ..solve::Question::default()
    };
    let solution = solve(&tree, &question).ok()?;
    let is_rated = |id: &str| deployment.design.cause(id).is_none_or(|c| c.reliability.is_some());
    let chance = |event: u32| {
        let event = &tree.events[event as usize];
        event.probability.filter(|_| is_rated(&event.name))
    };
    let element = |event: u32| ElementId::new(tree.events[event as usize].name.as_str());
    let listed = solution.cut_sets.iter().flat_map(|sets| &sets.listed).filter(|set| !set.is_empty());
    let mut sets: Vec<CutSet> = listed
        .map(|set| CutSet {
            elements: set.iter().map(|e| element(*e)).collect(),
            chance: set.iter().map(|e| chance(*e)).product(),
            at_most: set.iter().map(|e| chance(*e).unwrap_or(1.0)).product(),
        })
        .collect();
    sets.sort_by(|a, b| {
        let by = b.at_most.total_cmp(&a.at_most).then(a.elements.len().cmp(&b.elements.len()));
        by.then_with(|| a.elements.cmp(&b.elements))
    });
    let elements: Vec<Meaning> =
        (solution.importance.iter()).map(|i| Meaning { element: element(i.event), importance: *i }).collect();
    // One that decides nothing is not missed; where that is not known, each may be.
    let decides: BTreeSet<&str> = (solution.importance.iter())
        .filter(|i| i.birnbaum > 0.0)
        .map(|i| tree.events[i.event as usize].name.as_str())
        .collect();
    let unrated: Vec<ElementId> = (tree.events.iter().map(|e| e.name.as_str()))
        .filter(|e| !is_rated(e) && (solution.importance.is_empty() || decides.contains(e)))
        .map(ElementId::new)
        .collect();
    let whole = |id: &ElementId| id.as_str().split('/').next().unwrap_or_default().to_owned();
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for set in &sets {
        for element in &set.elements {
            let order = &mut parts.entry(whole(element)).or_default().order;
            *order = Some(order.map_or(set.elements.len(), |o| o.min(set.elements.len())));
        }
    }
    for meaning in &elements {
        let importance = &mut parts.entry(whole(&meaning.element)).or_default().importance;
        *importance = importance.max(meaning.importance.fussell_vesely);
    }
    Some(CutSets {
        parts,
        has_parts: impact::compile(deployment, route).len() > 1,
        unrated,
        solution,
        sets,
        elements,
    })
}

/// What every element takes by itself; `None` if it was called off.
pub fn losses(deployment: &Deployment, cancel: &AtomicBool) -> Option<Losses> {
    let end = Instant::now() + WITHIN;
    let found = losses_while(deployment, &|| !cancel.load(Ordering::Relaxed) && Instant::now() < end);
    (!cancel.load(Ordering::Relaxed)).then_some(found)
}

/// How long each single failure is felt by a journey; `None` if there is no such journey, or it was called off.
pub fn recovery(design: &Design, journey: &JourneyId, cancel: &AtomicBool) -> Option<JourneyRecovery> {
    let facts = Facts::new(design);
    let found = recoveries_while(&facts, |r| r.journey == *journey, &|| !cancel.load(Ordering::Relaxed));
    found.into_iter().next().filter(|_| !cancel.load(Ordering::Relaxed))
}
