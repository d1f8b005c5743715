//! Buttons: one primary action in a place, plain ones, quiet links, and icons.

use egui::{
    Color32, CornerRadius, CursorIcon, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

use super::icon::paint_icon;
use super::text::{elided, paint_text};
use crate::gui::style::{self, CONTROL, RADIUS, size};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Emphasis {
    /// One among others.
    #[default]
    Plain,
    /// The thing to do here.
    Primary,
    /// Breaks something.
    Danger,
}

/// A button as wide as its text.
pub fn button(ui: &mut Ui, text: &str, icon: Option<Icon>, emphasis: Emphasis) -> Response {
    let weight = if emphasis == Emphasis::Primary { Weight::SemiBold } else { Weight::Medium };
    let text_width = elided(ui, text, size::LABEL, weight, Color32::WHITE, f32::INFINITY).size().x;
    let width = text_width + 24.0 + if icon.is_some() { 20.0 } else { 0.0 };
    button_in(ui, vec2(width.min(ui.available_width().max(40.0)), CONTROL), text, icon, emphasis)
}

/// A button of a size.
pub fn button_in(
    ui: &mut Ui,
    desired: egui::Vec2,
    text: &str,
    icon: Option<Icon>,
    emphasis: Emphasis,
) -> Response {
    let (rect, response) = ui.allocate_exact_size(desired, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, text));
    if ui.is_rect_visible(rect) {
        let hover = ui.ctx().animate_bool_with_time(response.id, response.hovered() && enabled, style::QUICK);
        let (fill, line, color) = match emphasis {
            Emphasis::Plain => {
                let base = style::ink(ui, Ink::Raised);
                (
                    base.lerp_to_gamma(style::ink(ui, Ink::Pressed), hover),
                    style::ink(ui, Ink::Line),
                    style::ink(ui, Ink::Text1),
                )
            }
            Emphasis::Primary => {
                let base = style::ink(ui, Ink::Accent);
                let fill = base.lerp_to_gamma(style::ink(ui, Ink::Text1), hover * 0.12);
                (fill, Color32::TRANSPARENT, style::on_accent(ui))
            }
            Emphasis::Danger => (
                style::faint(ui, Ink::Bad, 0.10 + 0.08 * hover),
                style::faint(ui, Ink::Bad, 0.45),
                style::ink(ui, Ink::Bad),
            ),
        };
        let fill = if response.is_pointer_button_down_on() { style::ink(ui, Ink::Pressed) } else { fill };
        let fill = if emphasis == Emphasis::Primary && response.is_pointer_button_down_on() {
            style::faint(ui, Ink::Accent, 0.8)
        } else {
            fill
        };
        ui.painter().rect(rect, CornerRadius::same(RADIUS), fill, Stroke::new(1.0, line), StrokeKind::Inside);
        let weight = if emphasis == Emphasis::Primary { Weight::SemiBold } else { Weight::Medium };
        let inner = rect.shrink2(vec2(8.0, 0.0));
        let galley = elided(
            ui,
            text,
            size::LABEL,
            weight,
            color,
            inner.width() - if icon.is_some() { 20.0 } else { 0.0 },
        );
        let whole = galley.size().x + if icon.is_some() { 20.0 } else { 0.0 };
        let mut x = inner.center().x - whole / 2.0;
        if let Some(icon) = icon {
            let at = Rect::from_center_size(egui::pos2(x + 7.0, inner.center().y), vec2(14.0, 14.0));
            paint_icon(ui, icon, at, color);
            x += 20.0;
        }
        ui.painter().galley(egui::pos2(x, inner.center().y - galley.size().y / 2.0), galley, color);
        focus_ring(ui, rect, &response, RADIUS);
    }
    response
}

/// A quiet action in the flow of a text.
pub fn link(ui: &mut Ui, text: &str) -> Response {
    let galley = elided(ui, text, size::BODY, Weight::SemiBold, Color32::WHITE, ui.available_width());
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, 20.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, text));
    let ink = if response.hovered() { Ink::Text1 } else { Ink::Accent };
    let color = style::ink(ui, ink);
    paint_text(ui, rect, egui::Align::Min, text, (size::BODY, Weight::SemiBold, color));
    focus_ring(ui, rect.expand(2.0), &response, 4);
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// A button that is only an icon; the name is said and shown on hover.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    icon_button_sized(ui, icon, name, CONTROL)
}

/// The same of another size.
pub fn icon_button_sized(ui: &mut Ui, icon: Icon, name: &str, side: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    if ui.is_rect_visible(rect) {
        if response.hovered() {
            ui.painter().rect_filled(rect, CornerRadius::same(RADIUS), style::ink(ui, Ink::Pressed));
        }
        let ink = if response.hovered() { Ink::Text1 } else { Ink::Text2 };
        let inner = (side * 0.55).round();
        paint_icon(ui, icon, Rect::from_center_size(rect.center(), vec2(inner, inner)), style::ink(ui, ink));
        focus_ring(ui, rect, &response, RADIUS);
    }
    response.on_hover_text(name)
}

/// The outline of what has the keyboard.
pub(super) fn focus_ring(ui: &Ui, rect: Rect, response: &Response, radius: u8) {
    if response.has_focus() {
        ui.painter().rect_stroke(
            rect,
            CornerRadius::same(radius),
            Stroke::new(1.5, style::ink(ui, Ink::Accent)),
            StrokeKind::Inside,
        );
    }
}
