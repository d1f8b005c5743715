//! Text that a person types: one line with its unit inside the field, several lines, and a search.
//!
//! A field keeps a draft of its own while it has the keyboard and hands it over once: on Enter, when the keyboard goes
//! elsewhere, or when something else is pressed. Escape throws the draft away.

use egui::{
    CornerRadius, Frame, Id, Key, Margin, Rect, Response, Stroke, StrokeKind, TextEdit, Ui, UiBuilder, vec2,
};

use super::icon::paint_icon;
use super::text::{elided, paint_text, paragraph};
use crate::gui::style::{self, CONTROL, RADIUS, size};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// A field of one line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Field<'a> {
    /// Said by a screen reader.
    pub name: &'a str,
    /// What is in force, as it is typed.
    pub value: &'a str,
    /// Shown greyed while there is no value.
    pub hint: &'a str,
    /// At the right edge, inside.
    pub unit: &'a str,
    /// How wide, in points.
    pub width: f32,
}

impl Field<'_> {
    /// Shows the field; returns a text once it is handed over and differs. `check` says why a text cannot be taken:
    /// it is then kept and the reason shown.
    pub fn show(self, ui: &mut Ui, id: Id, check: impl Fn(&str) -> Result<(), String>) -> Option<String> {
        let mut draft = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_else(|| self.value.to_owned());
        let focused = ui.memory(|m| m.has_focus(id));
        let error = if draft == self.value { None } else { check(draft.trim()).err() };
        let mut result = None;
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let (rect, _) = ui.allocate_exact_size(vec2(self.width, CONTROL), egui::Sense::hover());
            let unit_width = if self.unit.is_empty() {
                0.0
            } else {
                let color = style::ink(ui, Ink::Text3);
                elided(ui, self.unit, size::CAPTION, Weight::Regular, color, self.width * 0.6).size().x + 8.0
            };
            let line = if error.is_some() {
                Ink::Bad
            } else if focused {
                Ink::Accent
            } else {
                Ink::Line
            };
            ui.painter().rect(
                rect,
                CornerRadius::same(RADIUS),
                style::ink(ui, Ink::Raised),
                Stroke::new(1.0, style::ink(ui, line)),
                StrokeKind::Inside,
            );
            let mut words = rect.shrink2(vec2(10.0, 0.0));
            words.max.x -= unit_width;
            let before = draft.clone();
            let response = edit_line(ui, words, id, self.name, &mut draft, self.hint);
            if draft.is_empty() || !self.unit.is_empty() {
                let place = Rect::from_min_max(rect.min, rect.max - vec2(10.0, 0.0));
                let ink = Ink::Text3;
                paint_text(
                    ui,
                    place,
                    egui::Align::Max,
                    self.unit,
                    (size::CAPTION, Weight::Regular, style::ink(ui, ink)),
                );
            }
            let escaped = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Escape));
            let pressed_beside = response.has_focus()
                && ui.input(|i| {
                    i.pointer.any_pressed() && i.pointer.interact_pos().is_some_and(|p| !rect.contains(p))
                });
            if escaped {
                ui.data_mut(|d| d.remove::<String>(id));
            } else if response.lost_focus() || pressed_beside {
                if pressed_beside {
                    response.surrender_focus();
                }
                let text = draft.trim().to_owned();
                if text == self.value {
                    ui.data_mut(|d| d.remove::<String>(id));
                } else if check(&text).is_ok() {
                    ui.data_mut(|d| d.remove::<String>(id));
                    result = Some(text);
                } else {
                    ui.data_mut(|d| d.insert_temp(id, draft.clone()));
                }
            } else if response.has_focus() && (draft != before || draft != self.value) {
                ui.data_mut(|d| d.insert_temp(id, draft.clone()));
            }
            if let Some(error) = &error
                && !focused
            {
                ui.set_max_width(self.width);
                paragraph(ui, error, size::CAPTION, Ink::Bad);
            }
        });
        result
    }
}

/// A bare line of text inside a frame that is already painted.
fn edit_line(ui: &mut Ui, rect: Rect, id: Id, name: &str, text: &mut String, hint: &str) -> Response {
    let mut child = ui
        .new_child(UiBuilder::new().max_rect(rect).layout(egui::Layout::left_to_right(egui::Align::Center)));
    child.shrink_clip_rect(rect.expand(1.0));
    let hint = egui::RichText::new(hint)
        .font(style::font(size::BODY, Weight::Regular))
        .color(style::ink(ui, Ink::Text3));
    let edit = TextEdit::singleline(text)
        .id(id)
        .frame(Frame::NONE)
        .margin(Margin::ZERO)
        .desired_width(rect.width())
        .min_size(rect.size())
        .align(egui::Align2::LEFT_CENTER)
        .font(style::font(size::BODY, Weight::Medium))
        .text_color(style::ink(ui, Ink::Text1))
        .hint_text(hint);
    let response = child.add(edit);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.to_owned()));
    response
}

/// Several lines of text; handed over when the keyboard goes elsewhere or with Ctrl+Enter.
pub fn text_area(ui: &mut Ui, id: Id, name: &str, value: &str, hint: &str, rows: usize) -> Option<String> {
    let mut draft = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_else(|| value.to_owned());
    let focused = ui.memory(|m| m.has_focus(id));
    let line = if focused { Ink::Accent } else { Ink::Line };
    let frame = Frame::new()
        .fill(style::ink(ui, Ink::Raised))
        .stroke(Stroke::new(1.0, style::ink(ui, line)))
        .corner_radius(CornerRadius::same(RADIUS))
        .inner_margin(Margin { left: 10, right: 10, top: 6, bottom: 6 });
    let shown = frame.show(ui, |ui| {
        let hint = egui::RichText::new(hint)
            .font(style::font(size::BODY, Weight::Regular))
            .color(style::ink(ui, Ink::Text3));
        let edit = TextEdit::multiline(&mut draft)
            .id(id)
            .frame(Frame::NONE)
            .margin(Margin::ZERO)
            .desired_rows(rows)
            .desired_width(ui.available_width())
            .font(style::font(size::BODY, Weight::Regular))
            .text_color(style::ink(ui, Ink::Text1))
            .hint_text(hint);
        ui.add(edit)
    });
    let response = shown.inner;
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.to_owned()));
    let rect = shown.response.rect;
    let escaped = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Escape));
    let done = response.has_focus()
        && ui.input(|i| {
            (i.pointer.any_pressed() && i.pointer.interact_pos().is_some_and(|p| !rect.contains(p)))
                || (i.modifiers.command && i.key_pressed(Key::Enter))
        });
    if escaped {
        ui.data_mut(|d| d.remove::<String>(id));
        return None;
    }
    if response.lost_focus() || done {
        if done {
            response.surrender_focus();
        }
        ui.data_mut(|d| d.remove::<String>(id));
        let text = draft.trim_end().to_owned();
        return (text != value).then_some(text);
    }
    if response.has_focus() && draft != value {
        ui.data_mut(|d| d.insert_temp(id, draft));
    }
    None
}

/// A search: what is typed is in force at once. Escape empties it.
pub fn search(ui: &mut Ui, id: Id, name: &str, hint: &str, text: &mut String, width: f32) -> Response {
    let (rect, _) = ui.allocate_exact_size(vec2(width, CONTROL), egui::Sense::hover());
    let focused = ui.memory(|m| m.has_focus(id));
    let line = if focused { Ink::Accent } else { Ink::Line };
    ui.painter().rect(
        rect,
        CornerRadius::same(RADIUS),
        style::ink(ui, Ink::Raised),
        Stroke::new(1.0, style::ink(ui, line)),
        StrokeKind::Inside,
    );
    let lens = Rect::from_center_size(egui::pos2(rect.left() + 15.0, rect.center().y), vec2(14.0, 14.0));
    paint_icon(ui, Icon::Search, lens, style::ink(ui, Ink::Text3));
    let words = Rect::from_min_max(rect.min + vec2(28.0, 0.0), rect.max - vec2(10.0, 0.0));
    let response = edit_line(ui, words, id, name, text, hint);
    if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Escape)) {
        text.clear();
    }
    response
}
