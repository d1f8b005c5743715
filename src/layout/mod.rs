//! Where things stand and how lines run: automatic placement and orthogonal routing.
//!
//! - [`complete`] gives a place to what has none and leaves the rest alone; [`arrange`] places everything anew.
//! - [`route()`] leads every link from card to card around the others. [`Router`] does the same and remembers, so that
//!   while a card is dragged only the links that are touched are led anew.
//!
//! Everything is deterministic: the same design and drawing give the same result, in the order of the file.
//!
//! Sources: layers and barycentres after Sugiyama, Tagawa and Toda 1981; coordinates by isotonic regression (pool
//! adjacent violators); routing after Wybrow, Marriott and Stuckey, *Orthogonal connector routing*, GD 2009: a sparse
//! visibility grid, A* with a price for bends, then nudging of parallel stretches.
//!
//! Never: text widths, colours, files, clocks, threads, egui.

mod astar;
mod label;
mod layered;
mod nudge;
mod place;
mod route;
mod straight;
mod tree;

pub use place::{arrange, complete};
pub use route::{Router, route};
pub use tree::home;

use std::collections::BTreeMap;

use crate::design::{Component, ComponentId, Drawing, LinkId, Point, Rect};

/// The size of a card, in points; its place is not meant.
pub const CARD: Rect = Rect::new(0.0, 0.0, 172.0, 56.0);

/// The frame of a component's card.
pub fn card(drawing: &Drawing, id: &ComponentId) -> Option<Rect> {
    drawing.components.get(id).map(|p| Rect { x: p.x, y: p.y, ..CARD })
}

/// How far each further sheet of a stack stands out, to the right and up, in points.
pub const SHEET: f32 = 5.0;

/// How many sheets the card of so many instances shows: at most three.
pub fn sheets(component: &Component) -> u32 {
    component.replicas.max(1).saturating_mul(component.shards()).min(3)
}

/// The frame of a component's card together with the sheets of its stack: what links end at and run around.
pub fn outline(component: &Component, at: Point) -> Rect {
    let out = SHEET * (sheets(component) - 1) as f32;
    Rect::new(at.x, at.y - out, CARD.w + out, CARD.h + out)
}

/// A side of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Left.
    Left,
    /// Top.
    Top,
    /// Right.
    Right,
    /// Bottom.
    Bottom,
}

impl Side {
    /// All four.
    pub const ALL: [Side; 4] = [Side::Left, Side::Top, Side::Right, Side::Bottom];

    /// The middle of that side of a frame.
    pub fn middle(self, frame: &Rect) -> Point {
        let c = frame.center();
        match self {
            Side::Left => Point::new(frame.x, c.y),
            Side::Top => Point::new(c.x, frame.y),
            Side::Right => Point::new(frame.right(), c.y),
            Side::Bottom => Point::new(c.x, frame.bottom()),
        }
    }

    /// One step outwards: x and y of -1, 0 or 1.
    pub fn outward(self) -> (f32, f32) {
        match self {
            Side::Left => (-1.0, 0.0),
            Side::Top => (0.0, -1.0),
            Side::Right => (1.0, 0.0),
            Side::Bottom => (0.0, 1.0),
        }
    }

    /// Whether it is the left or the right one.
    pub fn is_lateral(self) -> bool {
        matches!(self, Side::Left | Side::Right)
    }
}

/// How a link runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Its corners, from the border of the card where it starts to the border of the card where it ends.
    pub points: Vec<Point>,
    /// The side on which it leaves.
    pub from_side: Side,
    /// The side on which it arrives.
    pub to_side: Side,
    /// Where a label has most room.
    pub label: Option<LabelSpot>,
    /// Whether no way around the cards was looked for, because a bound was hit: the line may cross cards.
    pub plain: bool,
}

/// Where the label of a link has room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelSpot {
    /// The middle of the label.
    pub at: Point,
    /// How wide it may be, in points.
    pub width_max: f32,
}

/// How every link runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Routes {
    /// By link; a link whose ends have no place has no route.
    pub links: BTreeMap<LinkId, Route>,
}
