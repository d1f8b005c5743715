//! Line icons, and the tile that a kind's icon stands on.

use egui::{Color32, CornerRadius, Pos2, Rect, Shape, Stroke, Ui, vec2};

use crate::design::Kind;
use crate::gui::style;
use crate::scene::icon::{GRID, STROKE};
use crate::scene::{Icon, Ink};

/// Paints an icon into a square.
pub fn paint_icon(ui: &Ui, icon: Icon, frame: Rect, color: Color32) {
    let scale = frame.width() / GRID;
    let stroke = Stroke::new((STROKE * scale).max(1.0), color);
    let shapes = icon.polylines().iter().map(|line| {
        let points: Vec<Pos2> = line.iter().map(|p| frame.min + vec2(p[0], p[1]) * scale).collect();
        Shape::line(points, stroke)
    });
    ui.painter().extend(shapes);
}

/// Paints a kind's icon on its tile.
pub fn tile(ui: &Ui, kind: Kind, frame: Rect) {
    tile_of(ui, Icon::Kind(kind), Ink::of_kind(kind), frame);
}

/// Paints an icon on a tile of its own colour.
pub fn tile_of(ui: &Ui, icon: Icon, ink: Ink, frame: Rect) {
    let radius = (frame.width() / 4.0).round() as u8;
    ui.painter().rect_filled(frame, CornerRadius::same(radius), style::faint(ui, ink, 0.16));
    let side = (frame.width() * 0.62).round();
    paint_icon(ui, icon, Rect::from_center_size(frame.center(), vec2(side, side)), style::ink(ui, ink));
}
