//! How far long work has come, with a way to end it.

use egui::{CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::button::{Emphasis, button};
use super::text::line;
use crate::gui::style::{self, size};
use crate::scene::Ink;
use crate::scene::font::Weight;

/// A bar with what is going on and, where it can be ended, a button; says whether that was pressed. `part` is 0..=1.
pub fn progress(ui: &mut Ui, name: &str, part: f32, words: &str, cancel: Option<&str>) -> bool {
    let mut cancelled = false;
    ui.horizontal(|ui| {
        let width = (ui.available_width() - if cancel.is_some() { 300.0 } else { 200.0 }).clamp(80.0, 360.0);
        let (rect, response) = ui.allocate_exact_size(vec2(width, 8.0), Sense::hover());
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, name);
            info.value = Some(f64::from(part));
            info
        });
        ui.painter().rect_filled(rect, CornerRadius::same(4), style::ink(ui, Ink::Pressed));
        let mut done = rect;
        done.set_width(rect.width() * part.clamp(0.0, 1.0));
        ui.painter().rect_filled(
            Rect::intersect(done, rect),
            CornerRadius::same(4),
            style::ink(ui, Ink::Accent),
        );
        if let Some(text) = cancel {
            cancelled = button(ui, text, None, Emphasis::Plain).clicked();
        }
        line(ui, words, size::LABEL, Weight::Regular, Ink::Text2);
    });
    cancelled
}
