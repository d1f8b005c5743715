//! One change of a design as data: what a fix or a plan proposes before anybody has made it.
//!
//! Analyses try changes on copies; `edit` makes one undoable command of those that a person takes.

use serde::Serialize;

use super::Design;
use super::component::Component;
use super::id::ComponentId;
use super::journey::Journey;
use super::link::Link;
use super::record::Cause;
use super::zone::Zone;

/// One change of a design. Ids never change, and nothing is taken away.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The component of the same id becomes this.
    ReplaceComponent(Box<Component>),
    /// The link of the same id becomes this.
    ReplaceLink(Box<Link>),
    /// The journey of the same id becomes this.
    ReplaceJourney(Box<Journey>),
    /// A new component, drawn near another.
    AddComponent {
        /// With an id that is free.
        component: Box<Component>,
        /// Beside which it is drawn.
        near: Option<ComponentId>,
    },
    /// A new link.
    AddLink(Box<Link>),
    /// A new journey.
    AddJourney(Box<Journey>),
    /// A new zone.
    AddZone(Box<Zone>),
    /// The cause of the same id becomes this.
    ReplaceCause(Box<Cause>),
    /// A new cause.
    AddCause(Box<Cause>),
}

impl Change {
    /// The id of what it alters or adds.
    pub fn id(&self) -> &str {
        match self {
            Change::ReplaceComponent(c) | Change::AddComponent { component: c, .. } => c.id.as_str(),
            Change::ReplaceLink(l) | Change::AddLink(l) => l.id.as_str(),
            Change::ReplaceJourney(j) | Change::AddJourney(j) => j.id.as_str(),
            Change::AddZone(z) => z.id.as_str(),
            Change::ReplaceCause(c) | Change::AddCause(c) => c.id.as_str(),
        }
    }

    /// The component with something else about it.
    #[must_use]
    pub fn component(c: &Component, change: impl FnOnce(&mut Component)) -> Self {
        let mut changed = c.clone();
        change(&mut changed);
        Change::ReplaceComponent(Box::new(changed))
    }

    /// The link with something else about it.
    #[must_use]
    pub fn link(l: &Link, change: impl FnOnce(&mut Link)) -> Self {
        let mut changed = l.clone();
        change(&mut changed);
        Change::ReplaceLink(Box::new(changed))
    }

    /// Makes it. What replaces something that is not there does nothing.
    pub fn apply(&self, design: &mut Design) {
        match self {
            Change::ReplaceComponent(new) => {
                if let Some(old) = design.components.iter_mut().find(|c| c.id == new.id) {
                    *old = (**new).clone();
                }
            }
            Change::ReplaceLink(new) => {
                if let Some(old) = design.links.iter_mut().find(|l| l.id == new.id) {
                    *old = (**new).clone();
                }
            }
            Change::ReplaceJourney(new) => {
                if let Some(old) = design.journeys.iter_mut().find(|j| j.id == new.id) {
                    *old = (**new).clone();
                }
            }
            Change::AddComponent { component, .. } => design.components.push((**component).clone()),
            Change::AddLink(link) => design.links.push((**link).clone()),
            Change::AddJourney(journey) => design.journeys.push((**journey).clone()),
            Change::AddZone(zone) => design.zones.push((**zone).clone()),
            Change::ReplaceCause(new) => {
                if let Some(old) = design.causes.iter_mut().find(|c| c.id == new.id) {
                    *old = (**new).clone();
                }
            }
            Change::AddCause(cause) => design.causes.push((**cause).clone()),
        }
    }
}
