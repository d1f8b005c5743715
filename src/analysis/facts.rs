//! What every rule needs to know of a design, gathered once: its expansion, its elements by id, its links by end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;

use super::failure::Losses;
use super::names::Ambiguous;
use super::recovery::{JourneyRecovery, recoveries};
use super::sharding::{Balance, balance};
use super::{Finding, Fix, RuleCard, Severity};
use crate::deploy::{self, Deployment, Hop, Route, VisitedSlot};
use crate::design::{
    Component, ComponentId, Design, ElementId, Journey, JourneyId, Kind, Link, Need, Op, Problem, free_id,
};
use crate::impact::{Baseline, JourneyBaseline, Reading};

/// What is known of a design that is about to be another.
#[derive(Debug)]
pub(super) struct Before {
    pub deployment: Deployment,
    pub baseline: Baseline,
    pub losses: Losses,
    /// Of each loss the fix that was drafted, and whether it mends.
    pub fixes: BTreeMap<ElementId, (Fix, bool)>,
}

/// A design and what is derived from it once for all rules.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The design itself.
    pub design: &'a Design,
    /// Its expansion; what makes no sense is left out of it.
    pub deployment: Deployment,
    /// What makes the design impossible to expand in full.
    pub problems: Vec<Problem>,
    /// How evenly each sharded component spreads its requests, in file order.
    pub balances: Vec<(ComponentId, Balance)>,
    components: BTreeMap<&'a str, usize>,
    journeys: BTreeMap<&'a str, &'a Journey>,
    of_kind: BTreeMap<Kind, Vec<&'a Component>>,
    /// For each component the hops that end at it, by their journey and their place in it.
    visits: Vec<Vec<(usize, usize)>>,
    out: Vec<Vec<&'a Link>>,
    into: Vec<Vec<&'a Link>>,
    before: Option<Arc<Before>>,
    baseline: OnceLock<Baseline>,
    baseline_at_once: OnceLock<Baseline>,
    losses: OnceLock<Losses>,
    promised: OnceLock<Vec<JourneyRecovery>>,
    /// Fixes that have been tried, by the loss that they are to mend.
    pub(super) fixes: Mutex<BTreeMap<ElementId, (Fix, bool)>>,
    pub(super) ambiguous: Ambiguous<'a>,
}

impl<'a> Facts<'a> {
    /// Gathers the facts.
    pub fn new(design: &'a Design) -> Self {
        Self::after(design, None)
    }

    /// Gathers the facts of a design that was another before; they are the same as without it, and come sooner.
    pub(super) fn after(design: &'a Design, before: Option<Arc<Before>>) -> Self {
        let mut components = BTreeMap::new();
        for (i, c) in design.components.iter().enumerate() {
            components.entry(c.id.as_str()).or_insert(i);
        }
        let mut of_kind: BTreeMap<Kind, Vec<&Component>> = BTreeMap::new();
        for c in &design.components {
            of_kind.entry(c.kind).or_default().push(c);
        }
        let mut journeys = BTreeMap::new();
        for j in &design.journeys {
            journeys.entry(j.id.as_str()).or_insert(j);
        }
        let deployment = deploy::expand(design);
        let mut visits = vec![Vec::new(); design.components.len()];
        for (r, route) in deployment.routes.iter().enumerate() {
            for (h, hop) in route.hops.iter().enumerate() {
                visits[hop.target].push((r, h));
            }
        }
        let mut out = vec![Vec::new(); design.components.len()];
        let mut into = vec![Vec::new(); design.components.len()];
        for link in &design.links {
            if let (Some(&from), Some(&to)) =
                (components.get(link.from.as_str()), components.get(link.to.as_str()))
                && from != to
            {
                out[from].push(link);
                into[to].push(link);
            }
        }
        let balances = design
            .components
            .iter()
            .filter_map(|c| Some((c.id.clone(), balance(c.sharding.as_ref().filter(|s| s.shards > 1)?))))
            .collect();
        Self {
            design,
            deployment,
            problems: design.problems(),
            balances,
            components,
            journeys,
            of_kind,
            visits,
            out,
            into,
            before,
            baseline: OnceLock::new(),
            baseline_at_once: OnceLock::new(),
            losses: OnceLock::new(),
            promised: OnceLock::new(),
            fixes: Mutex::default(),
            ambiguous: Ambiguous::of(design),
        }
    }

    /// What was known before the last edit.
    pub(super) fn before(&self) -> Option<&Before> {
        self.before.as_deref()
    }

    /// What is to be known at the next edit; `None` if nobody asked for losses.
    pub(super) fn remembered(self) -> Option<Before> {
        let (baseline, losses) = (self.baseline.into_inner()?, self.losses.into_inner()?);
        let fixes = self.fixes.into_inner().unwrap_or_default();
        Some(Before { deployment: self.deployment, baseline, losses, fixes })
    }

    /// Works out what rules share. Rules that are asked side by side need it there: it is itself made side by side, and whoever
    /// waits for the first to ask may be the one whose help that needs.
    pub(super) fn gather(&self) {
        self.losses();
        self.promised();
    }

    /// The deployment while nothing is broken, settled; read at the first call.
    pub fn baseline(&self) -> &Baseline {
        self.baseline.get_or_init(|| self.read(Reading::Settled))
    }

    /// The same at once.
    pub(super) fn baseline_at_once(&self) -> &Baseline {
        self.baseline_at_once.get_or_init(|| self.read(Reading::AtOnce))
    }

    fn read(&self, reading: Reading) -> Baseline {
        let journeys = (0..self.routes().len()).into_par_iter();
        let read = journeys.map(|r| JourneyBaseline::new(&self.deployment, r, reading)).collect();
        Baseline::of_journeys(&self.deployment, reading, read)
    }

    /// What every single loss leaves of the journeys; tried at the first call.
    pub fn losses(&self) -> &Losses {
        self.losses.get_or_init(|| Losses::of(self))
    }

    /// How many single losses were not tried, if any rule asked for them.
    pub(super) fn untried(&self) -> usize {
        self.losses.get().map_or(0, |losses| losses.untried)
    }

    /// The recovery of the journeys that promise a time or a point; worked out at the first call.
    pub(super) fn promised(&self) -> &[JourneyRecovery] {
        let promises = |r: &Route| {
            let objective = self.drawn(r).and_then(|j| j.objective.as_ref());
            objective.is_some_and(|o| o.rto.is_some() || o.rpo.is_some())
        };
        self.promised.get_or_init(|| recoveries(self, promises))
    }

    /// The component of that id.
    pub fn component(&self, id: impl AsRef<str>) -> Option<&'a Component> {
        self.index(id).map(|i| &self.design.components[i])
    }

    /// The position of a component in the design.
    pub fn index(&self, id: impl AsRef<str>) -> Option<usize> {
        self.components.get(id.as_ref()).copied()
    }

    /// The components of a kind, in file order.
    pub fn of_kind(&self, kind: Kind) -> &[&'a Component] {
        self.of_kind.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The hops that end at a component, each with its journey, in the order of the routes and their hops.
    pub fn visits(&self, component: usize) -> impl Iterator<Item = (usize, &Hop)> {
        self.visits[component].iter().map(|(r, h)| (*r, &self.routes()[*r].hops[*h]))
    }

    /// Whether an id names something of the design.
    pub(super) fn is_taken(&self, id: &str) -> bool {
        self.index(id).is_some()
            || self.deployment.zone_index(id).is_some()
            || self.deployment.link_index(id).is_some()
            || self.journeys.contains_key(id)
            || self.design.cause(id).is_some()
    }

    /// As [`Design::mint_id`], sooner: O(log elements).
    pub(super) fn mint_id(&self, name: &str) -> String {
        free_id(name, |id| self.is_taken(id))
    }

    /// The links that start at a component and lead to another, in file order.
    pub fn links_from(&self, id: impl AsRef<str>) -> &[&'a Link] {
        self.index(id).map_or(&[], |i| &self.out[i])
    }

    /// The links that come to a component from another, in file order.
    pub fn links_to(&self, id: impl AsRef<str>) -> &[&'a Link] {
        self.index(id).map_or(&[], |i| &self.into[i])
    }

    /// The routes of all journeys, drawn and derived.
    pub fn routes(&self) -> &[Route] {
        &self.deployment.routes
    }

    /// The journey of a route, where somebody drew it.
    pub fn drawn(&self, route: &Route) -> Option<&'a Journey> {
        self.journeys.get(route.journey.as_str()).copied()
    }

    /// The link of a hop.
    pub fn link_of(&self, hop: &Hop) -> &'a Link {
        &self.design.links[hop.link]
    }

    /// The component that a hop starts at.
    pub fn caller_of(&self, hop: &Hop) -> Option<&'a Component> {
        self.component(&self.design.links[hop.link].from)
    }

    /// The component that a hop ends at.
    pub fn target_of(&self, hop: &Hop) -> &'a Component {
        &self.design.components[hop.target]
    }

    /// Whether nobody waits for a hop: it stands behind a queue.
    pub fn is_in_effect(&self, route: &Route, hop: usize) -> bool {
        route.path_to(hop).iter().any(|h| route.hops[*h].op == Op::Deliver)
    }

    /// The components and links from the client to the end of a hop, in the order of the request.
    pub fn way(&self, route: &Route, hop: usize) -> Vec<ElementId> {
        let mut way = vec![ElementId::from(&self.design.components[route.client].id)];
        for h in route.path_to(hop) {
            let link = self.link_of(&route.hops[h]);

            way.push(ElementId::from(&link.id));
            way.push(ElementId::from(&link.to));
        }
        way
    }

    /// The journeys that visit a component, in the order of the routes.
    pub fn journeys_through(&self, component: &ComponentId) -> Vec<JourneyId> {
        let Some(index) = self.index(component) else { return Vec::new() };
        let mut routes: Vec<usize> = self.visits[index].iter().map(|(r, _)| *r).collect();
        routes.dedup();
        routes.into_iter().map(|r| self.routes()[r].journey.clone()).collect()
    }

    /// The way of the first journey that visits a component, from its client; empty where none does.
    pub fn way_to(&self, component: &ComponentId) -> Vec<ElementId> {
        let Some(index) = self.index(component) else { return Vec::new() };
        self.visits[index].first().map_or_else(Vec::new, |(r, h)| self.way(&self.routes()[*r], *h))
    }

    /// A finding about a component, with the journeys that visit it and the way to it.
    pub(super) fn about(
        &self,
        card: &'static RuleCard,
        severity: Severity,
        c: &Component,
        text: String,
    ) -> Finding {
        let mut way = self.way_to(&c.id);
        if way.is_empty() {
            way.push(ElementId::from(&c.id));
        }
        Finding::new(card.id, severity, vec![ElementId::from(&c.id)], text)
            .journeys(self.journeys_through(&c.id))
            .witness(way)
    }

    /// A finding about a link, with the journeys that go along it.
    pub(super) fn about_link(
        &self,
        card: &'static RuleCard,
        severity: Severity,
        l: &Link,
        text: String,
    ) -> Finding {
        let along = |r: &&Route| r.hops.iter().any(|h| self.link_of(h).id == l.id);
        Finding::new(card.id, severity, vec![ElementId::from(&l.id)], text)
            .journeys(self.routes().iter().filter(along).map(|r| r.journey.clone()))
            .witness(vec![ElementId::from(&l.from), ElementId::from(&l.id), ElementId::from(&l.to)])
    }

    /// The routes of the journeys that somebody drew: what is derived is nobody's statement.
    pub(super) fn drawn_routes(&self) -> impl Iterator<Item = &Route> {
        self.routes().iter().filter(|r| self.drawn(r).is_some())
    }

    /// Requests a second that reach each component along drawn journeys: spread evenly over what is picked from, and
    /// behind a cache what it does not answer. O(hops).
    pub(super) fn rates(&self) -> Vec<f64> {
        let mut rates = vec![0.0; self.design.components.len()];
        for route in self.drawn_routes() {
            self.add_rates(route, &route.root, route.rate.get(), &mut rates);
        }
        rates
    }

    fn add_rates(&self, route: &Route, slots: &[VisitedSlot], rate: f64, rates: &mut [f64]) {
        for slot in slots {
            let each = if slot.need == Need::Any { rate / slot.hops.len().max(1) as f64 } else { rate };
            for hop in slot.hops.iter().map(|h| &route.hops[*h]) {
                rates[hop.target] += each;
                let target = self.target_of(hop);
                let answers = matches!(target.kind, Kind::Cache | Kind::Cdn) && hop.op == Op::Read;
                let missed =
                    if answers { 1.0 - target.cache.clone().unwrap_or_default().hit_ratio() } else { 1.0 };
                self.add_rates(route, &hop.slots, each * missed, rates);
            }
        }
    }

    /// Whether all instances of a component stand in a zone.
    pub(super) fn stands_wholly_in(&self, component: usize, zone: usize) -> bool {
        let instances = self.deployment.components[component].instances.clone();
        !instances.is_empty() && instances.into_iter().all(|i| self.deployment.chain_of(i).contains(&zone))
    }
}

/// What one instance takes, where its time or its capacity is stated: the default is nobody's measurement.
pub(super) fn stated_capacity(c: &Component) -> Option<f64> {
    (c.service.capacity.is_some() || c.service.time.is_some()).then(|| c.service.capacity().get())
}

/// What answers requests by its own work and by calling others.
pub(super) fn computes(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Service | Kind::Function | Kind::Gateway | Kind::ModelServer | Kind::IdentityProvider
    )
}

/// `1 component`, `2 components`.
pub(super) fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Names in a sentence: `a`, `a and b`, `a, b and c`; beyond `most` the rest is counted.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>, most: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.len() > most {
        return format!("{} and {} more", names[..most].join(", "), names.len() - most);
    }
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
