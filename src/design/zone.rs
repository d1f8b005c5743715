//! Failure domains drawn as containers.

use serde::{Deserialize, Serialize};

use super::component::Reliability;
use super::id::ZoneId;
use super::is_default;

/// A failure domain: what it holds fails with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Zone {
    /// Pinned id.
    pub id: ZoneId,
    /// Shown name; empty shows the id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What sort of domain.
    pub kind: ZoneKind,
    /// The zone around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<ZoneId>,
    /// How far what stands in it is trusted.
    #[serde(skip_serializing_if = "is_default")]
    pub trust: Trust,
    /// How often it fails as a whole and how long that lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
    /// Free text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub about: String,
}

/// The sort of a zone, widest first.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// A geographic region.
    Region,
    /// A datacenter or availability zone.
    #[default]
    Datacenter,
    /// A rack.
    Rack,
    /// One machine.
    Host,
    /// A network segment.
    Segment,
}

impl ZoneKind {
    /// Every kind, widest first.
    pub const ALL: [ZoneKind; 5] =
        [ZoneKind::Region, ZoneKind::Datacenter, ZoneKind::Rack, ZoneKind::Host, ZoneKind::Segment];

    /// The plain name.
    pub fn label(self) -> &'static str {
        match self {
            ZoneKind::Region => "region",
            ZoneKind::Datacenter => "zone",
            ZoneKind::Rack => "rack",
            ZoneKind::Host => "host",
            ZoneKind::Segment => "segment",
        }
    }
}

/// How far what stands in a zone is trusted.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// As much as the zone around it; at the top, private.
    #[default]
    Inherited,
    /// The open internet.
    Internet,
    /// Reachable from outside, defended.
    Perimeter,
    /// Only for the system itself.
    Private,
    /// More closely guarded still.
    Restricted,
}
