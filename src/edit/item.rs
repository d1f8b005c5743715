//! The things that a design lists, as one type, and how each of them is named.

use crate::design::{
    Accepted, Cause, CauseId, Component, ComponentId, Decision, Design, Journey, JourneyId, Link, LinkId,
    Note, Zone, ZoneId,
};

/// One entry of one of the lists of a design.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A box.
    Component(Box<Component>),
    /// A failure domain.
    Zone(Box<Zone>),
    /// An arrow.
    Link(Box<Link>),
    /// Elements that fail together.
    Cause(Cause),
    /// What users do.
    Journey(Box<Journey>),
    /// A remark.
    Note(Note),
    /// A decision record.
    Decision(Box<Decision>),
    /// An accepted finding.
    Accepted(Box<Accepted>),
}

/// Names one entry of one of the lists of a design.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemRef {
    /// The component of that id.
    Component(ComponentId),
    /// The zone of that id.
    Zone(ZoneId),
    /// The link of that id.
    Link(LinkId),
    /// The cause of that id.
    Cause(CauseId),
    /// The journey of that id.
    Journey(JourneyId),
    /// The note at that index.
    Note(usize),
    /// The decision at that index.
    Decision(usize),
    /// The acceptance of the finding of that id.
    Accepted(String),
}

impl ItemRef {
    /// What an id names in a design: a component, zone, link, cause or journey.
    pub fn of_id(design: &Design, id: &str) -> Option<Self> {
        if let Some(c) = design.component(id) {
            Some(Self::Component(c.id.clone()))
        } else if let Some(z) = design.zone(id) {
            Some(Self::Zone(z.id.clone()))
        } else if let Some(l) = design.link(id) {
            Some(Self::Link(l.id.clone()))
        } else if let Some(c) = design.cause(id) {
            Some(Self::Cause(c.id.clone()))
        } else {
            design.journey(id).map(|j| Self::Journey(j.id.clone()))
        }
    }

    /// What sort of thing it names and which, for messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Component(id) => format!("component `{id}`"),
            Self::Zone(id) => format!("zone `{id}`"),
            Self::Link(id) => format!("link `{id}`"),
            Self::Cause(id) => format!("cause `{id}`"),
            Self::Journey(id) => format!("journey `{id}`"),
            Self::Note(at) => format!("note {}", at + 1),
            Self::Decision(at) => format!("decision {}", at + 1),
            Self::Accepted(id) => format!("acceptance of `{id}`"),
        }
    }

    /// Where it stands in its list.
    pub(super) fn index(&self, design: &Design) -> Option<usize> {
        match self {
            Self::Component(id) => design.components.iter().position(|c| c.id == *id),
            Self::Zone(id) => design.zones.iter().position(|z| z.id == *id),
            Self::Link(id) => design.links.iter().position(|l| l.id == *id),
            Self::Cause(id) => design.causes.iter().position(|c| c.id == *id),
            Self::Journey(id) => design.journeys.iter().position(|j| j.id == *id),
            Self::Note(at) => (*at < design.notes.len()).then_some(*at),
            Self::Decision(at) => (*at < design.decisions.len()).then_some(*at),
            Self::Accepted(id) => design.accepted.iter().position(|a| a.finding == *id),
        }
    }
}

impl Item {
    /// How the item is named; notes and decisions by the index given, as they have no id.
    pub(super) fn reference(&self, index: usize) -> ItemRef {
        match self {
            Self::Component(c) => ItemRef::Component(c.id.clone()),
            Self::Zone(z) => ItemRef::Zone(z.id.clone()),
            Self::Link(l) => ItemRef::Link(l.id.clone()),
            Self::Cause(c) => ItemRef::Cause(c.id.clone()),
            Self::Journey(j) => ItemRef::Journey(j.id.clone()),
            Self::Note(_) => ItemRef::Note(index),
            Self::Decision(_) => ItemRef::Decision(index),
            Self::Accepted(a) => ItemRef::Accepted(a.finding.clone()),
        }
    }

    /// How long the list is that such an item stands in.
    pub(super) fn list_len(&self, design: &Design) -> usize {
        match self {
            Self::Component(_) => design.components.len(),
            Self::Zone(_) => design.zones.len(),
            Self::Link(_) => design.links.len(),
            Self::Cause(_) => design.causes.len(),
            Self::Journey(_) => design.journeys.len(),
            Self::Note(_) => design.notes.len(),
            Self::Decision(_) => design.decisions.len(),
            Self::Accepted(_) => design.accepted.len(),
        }
    }

    /// Puts it into its list; the index must be at most the length.
    pub(super) fn insert(self, design: &mut Design, index: usize) {
        match self {
            Self::Component(c) => design.components.insert(index, *c),
            Self::Zone(z) => design.zones.insert(index, *z),
            Self::Link(l) => design.links.insert(index, *l),
            Self::Cause(c) => design.causes.insert(index, c),
            Self::Journey(j) => design.journeys.insert(index, *j),
            Self::Note(n) => design.notes.insert(index, n),
            Self::Decision(d) => design.decisions.insert(index, *d),
            Self::Accepted(a) => design.accepted.insert(index, *a),
        }
    }

    /// Takes the item at an index out of the list that a reference names; the index must be in the list.
    pub(super) fn remove(design: &mut Design, list: &ItemRef, index: usize) -> Self {
        match list {
            ItemRef::Component(_) => design.components.remove(index).into(),
            ItemRef::Zone(_) => design.zones.remove(index).into(),
            ItemRef::Link(_) => design.links.remove(index).into(),
            ItemRef::Cause(_) => design.causes.remove(index).into(),
            ItemRef::Journey(_) => design.journeys.remove(index).into(),
            ItemRef::Note(_) => design.notes.remove(index).into(),
            ItemRef::Decision(_) => design.decisions.remove(index).into(),
            ItemRef::Accepted(_) => design.accepted.remove(index).into(),
        }
    }

    /// Puts it in the place of the item at an index of its list and hands that one back.
    pub(super) fn swap(self, design: &mut Design, index: usize) -> Self {
        use std::mem::replace;
        match self {
            Self::Component(c) => replace(&mut design.components[index], *c).into(),
            Self::Zone(z) => replace(&mut design.zones[index], *z).into(),
            Self::Link(l) => replace(&mut design.links[index], *l).into(),
            Self::Cause(c) => replace(&mut design.causes[index], c).into(),
            Self::Journey(j) => replace(&mut design.journeys[index], *j).into(),
            Self::Note(n) => replace(&mut design.notes[index], n).into(),
            Self::Decision(d) => replace(&mut design.decisions[index], *d).into(),
            Self::Accepted(a) => replace(&mut design.accepted[index], *a).into(),
        }
    }
}

macro_rules! from {
    ($($plain:ident: $wrap:expr),* $(,)?) => {
        $(impl From<$plain> for Item {
            fn from(value: $plain) -> Self {
                Self::$plain($wrap(value))
            }
        })*
    };
}

from! {
    Component: Box::new,
    Zone: Box::new,
    Link: Box::new,
    Cause: std::convert::identity,
    Journey: Box::new,
    Note: std::convert::identity,
    Decision: Box::new,
    Accepted: Box::new,
}
