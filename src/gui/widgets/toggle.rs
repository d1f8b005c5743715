//! A switch.

use egui::{CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::button::focus_ring;
use crate::gui::style;
use crate::scene::Ink;

/// On or off; returns the response, `clicked` where it was turned.
pub fn toggle(ui: &mut Ui, name: &str, on: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(30.0, 18.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, on, name));
    let t = ui.ctx().animate_bool_with_time(response.id, on, style::QUICK);
    let off = style::ink(ui, Ink::Pressed);
    let fill = off.lerp_to_gamma(style::ink(ui, Ink::Accent), t);
    let line = if on { fill } else { style::ink(ui, Ink::Line) };
    ui.painter().rect(rect, CornerRadius::same(9), fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let x = egui::lerp(rect.left() + 9.0..=rect.right() - 9.0, t);
    let knob = if on { style::on_accent(ui) } else { style::ink(ui, Ink::Text2) };
    ui.painter().circle_filled(pos2(x, rect.center().y), 6.0, knob);
    focus_ring(ui, Rect::from_center_size(rect.center(), rect.size() + vec2(4.0, 4.0)), &response, 11);
    response
}
