//! A design as a picture: the one list of shapes that the canvas, SVG and PNG all draw.
//!
//! How to use it:
//! ```
//! use linchpin::design::{Component, Design, Kind, Link, Point};
//! use linchpin::{layout, scene};
//!
//! let mut design = Design::default();
//! design.components = vec![Component::new("web", Kind::Service), Component::new("db", Kind::RelationalStore)];
//! design.links = vec![Link::new("web-db", "web", "db")];
//! let drawing = layout::complete(&design); // what has no place gets one
//! let routes = layout::route(&design, &drawing); // or a `layout::Router`, which remembers
//! let picture = scene::build(&design, &drawing, &routes, &scene::Overlay::default());
//! let place = drawing.components["web"];
//! let target = picture.hit(Point::new(place.x + 80.0, place.y + 30.0), 4.0);
//! assert!(matches!(target, Some(scene::HitTarget::Card(id)) if id == *"web"));
//! ```
//!
//! - [`Scene::elements`] are in paint order: zones (outermost first), links, cards, notes. Each holds its shapes in
//!   world coordinates (points, y downwards). A painter fades a whole element by [`Element::opacity`], resolves each
//!   [`Paint`] through [`Theme::of`], flattens [`Shape::Path`] with [`flatten`], and draws [`Shape::Icon`] from
//!   [`Icon::polylines`]. A dark and a light picture have the same shapes.
//! - [`Scene::visible`] culls; [`Scene::hit`] finds what is under the pointer; [`Scene::within`] serves the marquee.
//!   All three use a uniform grid.
//! - [`Element::path`] of a link is its center line from start to end, corners rounded: animate along it with
//!   [`along`].
//! - What is laid over the design (findings, focus, what is lost, how it runs) comes in as [`Overlay`], plain data.
//!
//! Never: files, sockets, clocks, threads, egui, and no number that the design or the overlay does not hold.

pub mod font;
pub mod icon;
pub mod theme;

mod build;
mod card;
mod connector;
mod hit;
mod note;
mod overlay;
mod shape;
mod words;
mod zone;

pub use build::build;
pub use hit::{Corner, HitTarget, Part};
pub use icon::Icon;
pub use overlay::{Heat, Live, LiveState, Loss, Mark, Overlay, Severity};
pub use shape::{Anchor, Dash, Paint, Shape, Stroke, corner, flatten};
pub use theme::{Ink, Rgba, Shade, Theme};
pub use words::{kind_line, link_label, need_label, zone_title};

use crate::design::{ElementId, Point, Rect};

/// How far an element steps back when something else is in focus.
pub const DIM: f32 = 0.32;

/// A design as a picture.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// What is drawn, in paint order.
    pub elements: Vec<Element>,
    /// The smallest frame around everything, links and labels included.
    pub bounds: Rect,
    index: hit::Index,
}

/// What an element of a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A zone's container.
    Zone,
    /// A link.
    Link,
    /// A component's card.
    Card,
    /// A note.
    Note,
}

impl What {
    /// The plain name, for ids and classes.
    pub fn label(self) -> &'static str {
        match self {
            What::Zone => "zone",
            What::Link => "link",
            What::Card => "card",
            What::Note => "note",
        }
    }
}

/// One thing of a design as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// The id of the zone, link or component; of a note `note:0`, `note:1`… by its place in the design.
    pub id: ElementId,
    /// What it is.
    pub what: What,
    /// The frame of the thing itself: the card, the zone, the stretch of the link.
    pub frame: Rect,
    /// The frame of all that it paints.
    pub bounds: Rect,
    /// For the whole element, 0..=1.
    pub opacity: f32,
    /// What to draw, in order.
    pub shapes: Vec<Shape>,
    /// Of a link: its center line from start to end. Empty elsewhere.
    pub path: Vec<Point>,
    /// What it is in one line of words, for screen readers and `<title>`.
    pub title: String,
    /// Places on it that mean something of their own, topmost first.
    pub parts: Vec<(Rect, Part)>,
}

impl Scene {
    /// The element of an id.
    pub fn element(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|e| e.id == *id)
    }

    /// The indices, in paint order, of the elements that may paint into a frame.
    pub fn visible(&self, frame: &Rect) -> Vec<usize> {
        self.index.touching(frame).into_iter().filter(|i| self.elements[*i].bounds.overlaps(frame)).collect()
    }

    /// The ids of the cards and notes that lie wholly inside a frame, and of zones that do.
    pub fn within(&self, frame: &Rect) -> Vec<ElementId> {
        self.visible(frame)
            .into_iter()
            .map(|i| &self.elements[i])
            .filter(|e| e.what != What::Link && frame.encloses(&e.frame))
            .map(|e| e.id.clone())
            .collect()
    }

    /// What is under a point; `reach` is how far beside a thin thing still counts, in world points.
    pub fn hit(&self, at: Point, reach: f32) -> Option<HitTarget> {
        hit::hit(self, at, reach)
    }
}

/// The length of a line through points.
pub fn length(path: &[Point]) -> f32 {
    path.windows(2).map(|w| w[0].distance(w[1])).sum()
}

/// The place on a line so many points from its start; its ends where that is outside. `None` for an empty line.
pub fn along(path: &[Point], distance: f32) -> Option<Point> {
    let mut left = distance.max(0.0);
    for pair in path.windows(2) {
        let step = pair[0].distance(pair[1]);
        if step > 0.0 && left <= step {
            let t = left / step;
            return Some(Point::new(
                pair[0].x + (pair[1].x - pair[0].x) * t,
                pair[0].y + (pair[1].y - pair[0].y) * t,
            ));
        }
        left -= step;
    }
    path.last().copied()
}
