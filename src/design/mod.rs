//! What a drawing is: the types of a design, written once.
//!
//! A [`Design`] is plain data: components, zones, links, causes, journeys, what people noted and accepted, and,
//! apart from the model, where things are drawn. Nothing in it is derived; what a value is when it is not stated is
//! said by the accessor beside the field ([`Component::detector`], [`Policy::tries`]) and nowhere else.
//!
//! [`Design::problems`] says what makes a design impossible to expand: ids that clash, names that lead nowhere,
//! zones in a circle. Everything softer is a finding and belongs to `analysis`.
//!
//! Never: files, sockets, clocks, threads, egui.

mod change;
mod component;
mod id;
mod journey;
mod kind;
mod link;
mod record;
mod replication;
mod sharding;
mod slot;
mod units;
mod validate;
mod zone;

pub use change::Change;
pub use component::{
    Backup, Balance, CacheSettings, CacheWrites, Component, Data, Distribution, FirewallSettings,
    FunctionSettings, Interface, QueueSettings, Release, Reliability, ResolvePolicy, Resolver, Restart,
    Scale, Security, Sensitivity, Service, Sessions, Spread,
};
pub use id::{CauseId, ComponentId, ElementId, ID_BYTES_MAX, JourneyId, LinkId, ZoneId, is_valid_id, slug};
pub use journey::{Journey, Keys, Objective, Op, ReadFrom, Step};
pub use kind::{Family, Kind};
pub use link::{Authentication, Breaker, Heartbeat, Interaction, Link, Network, Policy};
pub use record::{Accepted, Cause, Decision, DecisionStatus, Drawing, LinkDrawing, Note, Point, Rect};
pub use replication::{
    Chain, Consensus, ConsensusProtocol, Consistency, Failover, Merge, MultiPrimary, OnBackupLoss,
    PrimaryBackup, Quorum, QuorumCoordinator, Replication, Sync,
};
pub use sharding::{KEYS_MAX, KeyDistribution, KeyShape, Sharding, Strategy};
pub use slot::{Detector, DetectorMode, Need, Slot, When};
pub use units::{BadQuantity, BitsPerSecond, Bytes, BytesPerDay, Millis, PerSecond};
pub use validate::{LIMITS, Limits, Problem};
pub use zone::{Trust, Zone, ZoneKind};

use serde::{Deserialize, Serialize};

/// A whole drawing with its properties.
///
/// The order of each list is the order of the file; the leaves of a zone, the links of a failover and the replicas
/// of a group take their order from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Design {
    /// Shown in the title and in exports.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Failure domains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// Boxes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// Arrows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Sets of elements that fail together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// What users do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub journeys: Vec<Journey>,
    /// Remarks on the drawing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Architecture decision records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// Findings that somebody has accepted with a reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Accepted>,
    /// Where things are drawn; no analysis reads it.
    #[serde(skip_serializing_if = "is_default")]
    pub drawing: Drawing,
}

impl Design {
    /// Whether it differs from another in nothing that an analysis looks at: at most in where things are drawn and in what is
    /// accepted.
    pub fn means_the_same_as(&self, other: &Design) -> bool {
        let Design {
            name,
            about,
            zones,
            components,
            links,
            causes,
            journeys,
            notes,
            decisions,
            accepted: _,
            drawing: _,
        } = self;
        (name, about, zones, components) == (&other.name, &other.about, &other.zones, &other.components)
            && (links, causes, journeys) == (&other.links, &other.causes, &other.journeys)
            && (notes, decisions) == (&other.notes, &other.decisions)
    }

    /// The component of that id.
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|c| c.id == *id)
    }

    /// The zone of that id.
    pub fn zone(&self, id: &str) -> Option<&Zone> {
        self.zones.iter().find(|z| z.id == *id)
    }

    /// The link of that id.
    pub fn link(&self, id: &str) -> Option<&Link> {
        self.links.iter().find(|l| l.id == *id)
    }

    /// The journey of that id.
    pub fn journey(&self, id: &str) -> Option<&Journey> {
        self.journeys.iter().find(|j| j.id == *id)
    }

    /// The cause of that id.
    pub fn cause(&self, id: &str) -> Option<&Cause> {
        self.causes.iter().find(|c| c.id == *id)
    }

    /// Links that start at a component, in file order.
    pub fn links_from<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Link> {
        self.links.iter().filter(move |l| l.from == *id)
    }

    /// Links that end at a component, in file order.
    pub fn links_to<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Link> {
        self.links.iter().filter(move |l| l.to == *id)
    }

    /// The zones directly inside a zone, in file order.
    pub fn zones_in<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Zone> {
        self.zones.iter().filter(move |z| z.parent.as_ref().is_some_and(|p| *p == *id))
    }

    /// Whether an id is taken by any element or journey.
    pub fn has_id(&self, id: &str) -> bool {
        self.component(id).is_some()
            || self.zone(id).is_some()
            || self.link(id).is_some()
            || self.cause(id).is_some()
            || self.journey(id).is_some()
    }

    /// A free id minted from a name: its slug, with a number where that is taken.
    pub fn mint_id(&self, name: &str) -> String {
        free_id(name, |id| self.has_id(id))
    }

    /// What makes this design impossible to expand; empty when it is sound. See [`Problem`].
    pub fn problems(&self) -> Vec<Problem> {
        validate::problems(self)
    }
}

/// An id minted from a name where it is known which are taken: its slug, with a number where that is.
///
/// # Panics
/// If every id is taken.
pub fn free_id(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let base = slug(name);
    if !is_taken(&base) {
        return base;
    }
    (2..).map(|n| format!("{base}-{n}")).find(|id| !is_taken(id)).expect("the numbers do not end")
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_one(value: &u32) -> bool {
    *value == 1
}

fn one() -> u32 {
    1
}
