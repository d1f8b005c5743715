//! A question that has to be answered before anything else.

use egui::{Color32, Frame, Id, Margin, Modal, Ui, vec2};

use super::text::title;
use crate::gui::style;
use crate::scene::Ink;

/// Shows a modal of a width; says whether it should close because the person pressed Escape or beside it.
pub fn modal<R>(ui: &Ui, id: &str, heading: &str, width: f32, add: impl FnOnce(&mut Ui) -> R) -> (R, bool) {
    let veil = Color32::from_black_alpha(if ui.visuals().dark_mode { 150 } else { 70 });
    let frame = Frame::popup(ui.style())
        .fill(style::ink(ui, Ink::Panel))
        .corner_radius(egui::CornerRadius::same(14))
        .inner_margin(Margin::same(20));
    let shown = Modal::new(Id::unique(id)).backdrop_color(veil).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(width.min(ui.ctx().content_rect().width() - 80.0));
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        if !heading.is_empty() {
            title(ui, heading);
        }
        add(ui)
    });
    let close = shown.should_close();
    (shown.inner, close)
}
