//! Chips and pills: a word that stands for a thing.

use egui::{
    Color32, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::button::focus_ring;
use super::icon::paint_icon;
use super::text::{elided, paint_text};
use crate::gui::style::{self, size};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// A chip that can be pressed; pressed ones are filled.
pub fn chip(ui: &mut Ui, text: &str, selected: bool) -> Response {
    let width =
        elided(ui, text, size::CAPTION, Weight::Medium, Color32::WHITE, f32::INFINITY).size().x + 18.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, selected, text));
    let (fill, line, ink) = if selected {
        (style::faint(ui, Ink::Accent, 0.16), style::faint(ui, Ink::Accent, 0.5), Ink::Text1)
    } else if response.hovered() {
        (style::ink(ui, Ink::Pressed), style::ink(ui, Ink::Line), Ink::Text1)
    } else {
        (style::ink(ui, Ink::Raised), style::ink(ui, Ink::Line), Ink::Text2)
    };
    ui.painter().rect(rect, CornerRadius::same(12), fill, Stroke::new(1.0, line), StrokeKind::Inside);
    paint_text(ui, rect, egui::Align::Center, text, (size::CAPTION, Weight::Medium, style::ink(ui, ink)));
    focus_ring(ui, rect, &response, 12);
    response
}

/// What was done to a chip that can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChipDone {
    /// The chip was pressed.
    Pressed,
    /// Its cross was pressed.
    Removed,
}

/// A chip with a cross.
pub fn removable_chip(ui: &mut Ui, text: &str) -> Option<ChipDone> {
    let most = ui.available_width().max(60.0);
    let wanted =
        elided(ui, text, size::LABEL, Weight::Medium, Color32::WHITE, f32::INFINITY).size().x + 10.0 + 22.0;
    let (rect, response) = ui.allocate_exact_size(vec2(wanted.min(most), 24.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, text));
    ui.painter().rect_filled(rect, CornerRadius::same(6), style::ink(ui, Ink::Pressed));
    let words = Rect::from_min_max(rect.min + vec2(8.0, 0.0), rect.max - vec2(22.0, 0.0));
    paint_text(ui, words, egui::Align::Min, text, (size::LABEL, Weight::Medium, style::ink(ui, Ink::Text1)));
    let cross = Rect::from_center_size(pos2(rect.right() - 12.0, rect.center().y), vec2(18.0, 18.0));
    let remove = ui.interact(cross, response.id.with("remove"), Sense::click());
    remove.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, format!("Remove {text}")));
    let ink = if remove.hovered() || remove.has_focus() { Ink::Bad } else { Ink::Text3 };
    paint_icon(
        ui,
        Icon::Cross,
        Rect::from_center_size(cross.center(), vec2(10.0, 10.0)),
        style::ink(ui, ink),
    );
    focus_ring(ui, rect, &response, 6);
    if remove.clicked() { Some(ChipDone::Removed) } else { response.clicked().then_some(ChipDone::Pressed) }
}

/// Paints a count on its pill, from the left middle, and returns its width.
pub fn badge(ui: &Ui, at: egui::Pos2, text: &str) -> f32 {
    let galley = elided(ui, text, size::HEAD, Weight::Medium, style::ink(ui, Ink::Text2), f32::INFINITY);
    let width = galley.size().x + 11.0;
    let rect = Rect::from_min_size(pos2(at.x, at.y - 8.5), vec2(width, 17.0));
    ui.painter().rect_filled(rect, CornerRadius::same(9), style::ink(ui, Ink::Pressed));
    let place = rect.center() - galley.size() / 2.0;
    ui.painter().galley(place, galley, style::ink(ui, Ink::Text2));
    width
}

/// Paints a dot that says a state.
pub fn state_dot(ui: &Ui, center: egui::Pos2, ink: Ink) {
    ui.painter().circle_filled(center, 4.0, style::ink(ui, ink));
}

/// A count with a triangle of a severity; a press turns it on or off.
pub fn count_chip(ui: &mut Ui, count: usize, ink: Ink, on: bool, name: &str) -> Response {
    let text = count.to_string();
    let width =
        elided(ui, &text, size::CAPTION, Weight::Medium, Color32::WHITE, f32::INFINITY).size().x + 38.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, on, name));
    let fill = if response.hovered() { Ink::Pressed } else { Ink::Raised };
    if on || response.hovered() {
        ui.painter().rect_filled(rect, CornerRadius::same(12), style::ink(ui, fill));
    }
    let ink = if on { ink } else { Ink::Text3 };
    severity_mark(ui, pos2(rect.left() + 14.0, rect.center().y), ink);
    let words = Rect::from_min_max(rect.min + vec2(26.0, 0.0), rect.max);
    let text_ink = if on { Ink::Text1 } else { Ink::Text3 };
    paint_text(ui, words, egui::Align::Min, &text, (size::CAPTION, Weight::Medium, style::ink(ui, text_ink)));
    focus_ring(ui, rect, &response, 12);
    response.on_hover_text(name)
}

/// Paints the triangle of a severity.
pub fn severity_mark(ui: &Ui, center: egui::Pos2, ink: Ink) {
    let points = vec![center + vec2(0.0, -5.5), center + vec2(6.0, 4.5), center + vec2(-6.0, 4.5)];
    let color = style::ink(ui, ink);
    ui.painter().add(egui::Shape::convex_polygon(points, color, Stroke::new(1.5, color)));
}
