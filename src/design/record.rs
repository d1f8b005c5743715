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

impl Point {
    /// A place.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// The distance to another place, in points.
    pub fn distance(self, other: Point) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

impl Rect {
    /// A frame.
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x, y, w, h }
    }

    /// Right edge.
    pub fn right(&self) -> f32 {
        self.x + self.w
    }

    /// Bottom edge.
    pub fn bottom(&self) -> f32 {
        self.y + self.h
    }

    /// The middle.
    pub fn center(&self) -> Point {
        Point { x: self.x + self.w / 2.0, y: self.y + self.h / 2.0 }
    }

    /// Whether a place lies in it or on its edge.
    pub fn contains(&self, p: Point) -> bool {
        p.x >= self.x && p.x <= self.right() && p.y >= self.y && p.y <= self.bottom()
    }

    /// Whether another frame lies in it wholly.
    pub fn encloses(&self, other: &Rect) -> bool {
        other.x >= self.x
            && other.y >= self.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }

    /// Whether the two share more than an edge.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// The smallest frame around both.
    pub fn union(&self, other: &Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Rect { x, y, w: self.right().max(other.right()) - x, h: self.bottom().max(other.bottom()) - y }
    }

    /// The frame moved outwards by so much on every side; inwards where negative.
    pub fn grown(&self, by: f32) -> Rect {
        Rect { x: self.x - by, y: self.y - by, w: self.w + 2.0 * by, h: self.h + 2.0 * by }
    }
}
