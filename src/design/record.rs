//! What people add to a drawing: causes, notes, decisions, acceptances, and where things are drawn.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::component::Reliability;
use super::id::{CauseId, ComponentId, ElementId, LinkId, ZoneId};
use super::is_default;

/// A named set of elements that fail together: power, a rack switch, a certificate, a configuration push.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Cause {
    /// Pinned id.
    pub id: CauseId,
    /// Shown name; empty shows the id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Components, instances, zones and links that it takes down.
    pub members: Vec<ElementId>,
    /// How often it happens and how long it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
}

/// A remark on the drawing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Note {
    /// What it says.
    pub text: String,
    /// What it is about; empty is the whole design.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<ElementId>,
    /// Where it is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Point>,
}

/// An architecture decision record (Nygard 2011).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Decision {
    /// What was decided, in one line.
    pub title: String,
    /// Where it stands.
    #[serde(skip_serializing_if = "is_default")]
    pub status: DecisionStatus,
    /// When, as year-month-day.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// Why it came up.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub context: String,
    /// What follows from it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub consequences: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<ElementId>,
}

/// Where a decision stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionStatus {
    /// Under discussion.
    #[default]
    Proposed,
    /// In force.
    Accepted,
    /// No longer in force.
    Superseded,
}

/// A finding that somebody has accepted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Accepted {
    /// The finding's stable id, `rule@subject…`.
    pub finding: String,
    /// Why it is acceptable.
    pub reason: String,
    /// Who says so.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// When, as year-month-day.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// Until when, as year-month-day; empty is for good.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub until: String,
}

/// Where things are drawn, in points; y grows downwards.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Drawing {
    /// The top left corner of each card.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub components: BTreeMap<ComponentId, Point>,
    /// The frame of each zone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub zones: BTreeMap<ZoneId, Rect>,
    /// Bends that a person gave a link.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<LinkId, LinkDrawing>,
}

/// A place on the drawing, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Point {
    /// Rightwards.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// A frame on the drawing, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

/// How a link is drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct LinkDrawing {
    /// Corners between its ends, in order; empty is routed automatically.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bends: Vec<Point>,
}
