//! Cards: a tinted one for something that matters, the empty state of a place, and a number with its name.

use egui::{CornerRadius, Frame, Margin, Response, Ui, vec2};

use super::button::{Emphasis, button};
use super::icon::paint_icon;
use super::text::{line, paragraph};
use crate::gui::style::{self, RADIUS_CARD, size};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// A card tinted by what it means.
pub fn card<R>(ui: &mut Ui, ink: Ink, add: impl FnOnce(&mut Ui) -> R) -> R {
    let fill = match ink {
        Ink::Bad | Ink::Warn | Ink::Good | Ink::Accent => style::faint(ui, ink, 0.09),
        other => style::ink(ui, other),
    };
    Frame::new()
        .fill(fill)
        .corner_radius(CornerRadius::same(RADIUS_CARD))
        .inner_margin(Margin { left: 14, right: 14, top: 12, bottom: 12 })
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(16.0, 4.0);
            add(ui)
        })
        .inner
}

/// What an empty place says: what to do next in one sentence, with one button.
pub fn empty(ui: &mut Ui, icon: Icon, sentence: &str, action: Option<&str>) -> Option<Response> {
    let height = if action.is_some() { 104.0 } else { 64.0 };
    let space = ((ui.available_height() - height) / 2.0).clamp(8.0, 72.0);
    ui.add_space(space);
    ui.vertical_centered(|ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        let (rect, _) = ui.allocate_exact_size(vec2(22.0, 22.0), egui::Sense::hover());
        paint_icon(ui, icon, rect, style::ink(ui, Ink::Text3));
        ui.add_space(2.0);
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width().min(460.0));
            paragraph(ui, sentence, size::BODY, Ink::Text2);
        });
        action.map(|text| {
            ui.add_space(2.0);
            button(ui, text, None, Emphasis::Plain)
        })
    })
    .inner
}

/// A number with its name below.
pub fn metric(ui: &mut Ui, value: &str, name: &str, ink: Ink) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        line(ui, value, size::CARD, Weight::SemiBold, ink);
        line(ui, name, size::CAPTION, Weight::Regular, Ink::Text2);
    });
}
