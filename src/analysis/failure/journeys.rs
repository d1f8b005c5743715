//! The fault trees of a design: one for each journey, over its instances, zones, causes and, if asked for, links.
//!
//! A structure function says what must be fine for a journey to be served; its fault tree is the same read the other way
//! round: and becomes or, at least k of n becomes at least n - k + 1. The top is the journey being lost, so that all client
//! zones and key classes of it must fail; a second tree can ask for a part of it being lost.
//!
//! Source: Barlow and Proschan, Statistical Theory of Reliability (1975), on dual structures.

use std::collections::BTreeMap;

use super::availability::{chance_of, reliability_of};
use super::tree::{FaultTree, Gate, GateId};
use crate::deploy::{self, Deployment, Route};
use crate::design::{Design, Millis};
use crate::impact::{self, Conditions, Event, Structure, compile, compile_elements};

/// What is asked: which kinds of elements may fail, where instances, zones and causes always may, and over what time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scope {
    /// Drawn links.
    pub links: bool,
    /// The length of a mission: a time that begins with everything fine, and in which nothing is repaired. Events then have
    /// the probability of failing within it; without, that of being failed at some moment in the long run.
    ///
    /// Source: NASA, Fault Tree Handbook with Aerospace Applications (2002), chapter 7.
    pub mission: Option<Millis>,
}

/// The fault trees of all journeys of a design being lost, in route order.
pub fn of_design(design: &Design, scope: Scope) -> Vec<FaultTree> {
    let deployment = deploy::expand(design);
    deployment.routes.iter().map(|route| lost(&deployment, route, scope)).collect()
}

/// The fault tree of a journey that is lost: nobody is served, whatever the client's zone and the key.
pub fn lost(deployment: &Deployment, route: &Route, scope: Scope) -> FaultTree {
    lost_by(deployment, route, &structures(deployment, route, scope), scope)
}

/// The structure functions that a scope asks for.
pub(in crate::analysis) fn structures(
    deployment: &Deployment,
    route: &Route,
    scope: Scope,
) -> Vec<Structure> {
    if scope.links { compile(deployment, route) } else { compile_elements(deployment, route) }
}

/// The fault tree of a journey that is lost, by its structure functions.
pub(in crate::analysis) fn lost_by(
    deployment: &Deployment,
    route: &Route,
    structures: &[Structure],
    scope: Scope,
) -> FaultTree {
    let mut growing = Growing::new(deployment, route.journey.as_str(), scope);
    let tops = structures.iter().map(|s| growing.failure_of(s)).collect();
    growing.done(Gate::And(tops))
}

/// The fault tree of a journey that is lost, given what is broken already: the top fails on what would have to fail
/// besides. Partitions of the world count; further ones do not.
pub fn lost_besides(
    deployment: &Deployment,
    route: &Route,
    scope: Scope,
    given: &Conditions<'_>,
) -> FaultTree {
    let structures = compile(deployment, route);
    let mut growing =
        Growing { given: Some(given), ..Growing::new(deployment, route.journey.as_str(), scope) };
    let tops = structures.iter().map(|s| growing.failure_of(s)).collect();
    growing.done(Gate::And(tops))
}

/// The fault tree of a journey of which a part is lost: some client zone or key is not served.
pub fn lost_in_part(deployment: &Deployment, route: &Route, scope: Scope) -> FaultTree {
    let structures = structures(deployment, route, scope);
    let mut growing = Growing::new(deployment, &format!("{}/part", route.journey), scope);
    let tops = structures.iter().map(|s| growing.failure_of(s)).collect();
    growing.done(Gate::Or(tops))
}

/// The fault tree of one structure function.
pub fn of_structure(deployment: &Deployment, structure: &Structure, scope: Scope) -> FaultTree {
    let mut growing = Growing::new(deployment, "", scope);
    let top = growing.failure_of(structure);
    growing.tree.top = top;
    growing.tree
}

/// A tree that structures are added to; events are shared between them.
struct Growing<'d> {
    deployment: &'d Deployment,
    scope: Scope,
    /// What is broken already.
    given: Option<&'d Conditions<'d>>,
    tree: FaultTree,
    events: BTreeMap<Event, GateId>,
}

impl<'d> Growing<'d> {
    fn new(deployment: &'d Deployment, name: &str, scope: Scope) -> Self {
        Self { deployment, scope, given: None, tree: FaultTree::new(name), events: BTreeMap::new() }
    }

    fn done(mut self, top: Gate) -> FaultTree {
        self.tree.top = self.tree.add(top);
        self.tree
    }

    fn event(&mut self, event: Event) -> GateId {
        if let Some(known) = self.events.get(&event) {
            return *known;
        }
        let deployment = self.deployment;
        let is_broken = self.given.is_some_and(|given| match event {
            Event::Instance(i) => !given.is_up(i),
            Event::Link(l) => !given.link_is_up(l),
            Event::Path(a, b) => !given.passes(a, b),
            // They are carried down to instances and links.
            Event::Zone(_) | Event::Cause(_) => false,
        });
        if is_broken {
            let gate = self.tree.add(Gate::Constant(true));
            self.events.insert(event, gate);
            return gate;
        }
        let name = match event {
            Event::Instance(i) => Some(deployment.instances[i].id.to_string()),
            Event::Zone(z) => Some(deployment.zones[z].id.to_string()),
            Event::Cause(c) => Some(deployment.design.causes[c].id.to_string()),
            Event::Link(l) => self.scope.links.then(|| deployment.design.links[l].id.to_string()),
            // Partitions are what consistency is asked about.
            Event::Path(..) => None,
        };
        let gate = match name {
            Some(name) => self.tree.event(name, Some(self.chance(event))),
            None => self.tree.add(Gate::Constant(false)),
        };
        self.events.insert(event, gate);
        gate
    }

    fn chance(&self, event: Event) -> f64 {
        match self.scope.mission {
            None => chance_of(self.deployment, event),
            Some(time) => reliability_of(self.deployment, event).map_or(0.0, |r| r.failure_within(time)),
        }
    }

    fn failure_of(&mut self, structure: &Structure) -> GateId {
        let mut new: Vec<GateId> = Vec::with_capacity(structure.gates.len());
        for gate in &structure.gates {
            let of = |operands: &[usize]| operands.iter().map(|o| new[*o]).collect::<Vec<GateId>>();
            let gate = match gate {
                impact::Gate::True => Gate::Constant(false),
                impact::Gate::False => Gate::Constant(true),
                impact::Gate::Event(e) => {
                    new.push(self.event(structure.events[*e]));
                    continue;
                }
                impact::Gate::And(operands) => Gate::Or(of(operands)),
                impact::Gate::Or(operands) => Gate::And(of(operands)),
                impact::Gate::AtLeast(k, operands) => match operands.len().checked_sub(*k) {
                    Some(spare) => Gate::AtLeast(spare as u32 + 1, of(operands)),
                    None => Gate::Constant(true),
                },
            };
            new.push(self.tree.add(gate));
        }
        new[structure.top]
    }
}
