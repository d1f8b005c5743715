//! Where the view stands, and how it gets from one place to another.

use egui::{Pos2, Rect, Vec2};
use serde::{Deserialize, Serialize};

use crate::design;

/// Furthest away and closest.
const ZOOM: (f32, f32) = (0.02, 4.0);
/// How long a flight takes, in seconds.
const FLIGHT_SECS: f64 = 0.2;

/// The place and scale of the view: screen = (world - `center`) * `zoom` + middle of the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// The place of the drawing in the middle of the canvas.
    pub center: design::Point,
    /// Screen points a drawing point.
    pub zoom: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self { center: design::Point { x: 0.0, y: 0.0 }, zoom: 1.0 }
    }
}

impl Camera {
    /// Where a place of the drawing is on a canvas.
    pub fn to_screen(self, canvas: Rect, p: design::Point) -> Pos2 {
        canvas.center() + Vec2::new(p.x - self.center.x, p.y - self.center.y) * self.zoom
    }

    /// The place of the drawing under a place on a canvas.
    pub fn to_world(self, canvas: Rect, p: Pos2) -> design::Point {
        let v = (p - canvas.center()) / self.zoom;
        design::Point { x: self.center.x + v.x, y: self.center.y + v.y }
    }

    /// Where a frame of the drawing is on a canvas.
    pub fn rect_to_screen(self, canvas: Rect, r: &design::Rect) -> Rect {
        Rect::from_min_size(
            self.to_screen(canvas, design::Point { x: r.x, y: r.y }),
            Vec2::new(r.w, r.h) * self.zoom,
        )
    }

    /// The part of the drawing that a canvas shows.
    pub fn seen(self, canvas: Rect) -> design::Rect {
        let min = self.to_world(canvas, canvas.min);
        design::Rect { x: min.x, y: min.y, w: canvas.width() / self.zoom, h: canvas.height() / self.zoom }
    }

    /// The same view, closer by a factor, with what is under a place of the canvas staying there.
    pub fn zoomed(self, canvas: Rect, at: Pos2, factor: f32) -> Self {
        let zoom = (self.zoom * factor).clamp(ZOOM.0, ZOOM.1);
        let under = self.to_world(canvas, at);
        let off = (at - canvas.center()) / zoom;
        Self { center: design::Point { x: under.x - off.x, y: under.y - off.y }, zoom }
    }

    /// The same view, moved on the canvas.
    pub fn panned(self, by: Vec2) -> Self {
        let center =
            design::Point { x: self.center.x - by.x / self.zoom, y: self.center.y - by.y / self.zoom };
        Self { center, ..self }
    }

    /// A view of a whole frame of the drawing, no closer than `zoom_max`, clear of what covers the canvas at its top.
    pub fn fitting(canvas: Rect, frame: &design::Rect, zoom_max: f32) -> Self {
        const MARGIN: f32 = 32.0;
        /// The row of journeys covers that much.
        const TOP: f32 = 24.0;
        let room = Vec2::new(
            (canvas.width() - 2.0 * MARGIN).max(50.0),
            (canvas.height() - 2.0 * MARGIN - TOP).max(50.0),
        );
        let zoom = (room.x / frame.w.max(1.0)).min(room.y / frame.h.max(1.0)).clamp(ZOOM.0, zoom_max);
        let center =
            design::Point { x: frame.x + frame.w / 2.0, y: frame.y + frame.h / 2.0 - TOP / 2.0 / zoom };
        Self { center, zoom }
    }
}

/// A view on its way to another.
#[derive(Clone, Copy, Debug)]
pub struct Flight {
    from: Camera,
    to: Camera,
    began: f64,
}

impl Flight {
    /// Sets out at a time, in seconds.
    pub fn new(from: Camera, to: Camera, now: f64) -> Self {
        Self { from, to, began: now }
    }

    /// Where the view is at a time; the flag says whether it has arrived.
    pub fn at(&self, now: f64) -> (Camera, bool) {
        let t = ((now - self.began) / FLIGHT_SECS).clamp(0.0, 1.0) as f32;
        if t >= 1.0 {
            return (self.to, true);
        }
        let eased = 1.0 - (1.0 - t).powi(3);
        let mix = |a: f32, b: f32| a + (b - a) * eased;
        // Scale is felt as a ratio.
        let zoom = (mix(self.from.zoom.ln(), self.to.zoom.ln())).exp();
        let center = design::Point {
            x: mix(self.from.center.x, self.to.center.x),
            y: mix(self.from.center.y, self.to.center.y),
        };
        (Camera { center, zoom }, false)
    }
}
