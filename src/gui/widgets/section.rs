//! Heads of sections, with a hairline to the edge, and heads of columns.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::button::focus_ring;
use super::icon::paint_icon;
use super::text::paint_text;
use crate::gui::style::{self, size};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// The head of a section that can be folded; the state is kept. Says whether it is open.
pub fn section(ui: &mut Ui, title: &str, open_at_first: bool) -> bool {
    let id = ui.make_persistent_id(("section", title));
    let mut open = ui.data_mut(|d| *d.get_persisted_mut_or(id, open_at_first));
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
    if response.clicked() {
        open = !open;
        ui.data_mut(|d| d.insert_persisted(id, open));
    }
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, enabled, open, title));
    let quiet = !open && !response.hovered();
    let ink = if quiet { Ink::Text2 } else { Ink::Text1 };
    let width =
        paint_text(ui, rect, egui::Align::Min, title, (size::CAPTION, Weight::SemiBold, style::ink(ui, ink)));
    let fold = !open || response.hovered();
    let right = rect.right() - if fold { 16.0 } else { 0.0 };
    ui.painter().hline(rect.left() + width + 10.0..=right, rect.center().y + 0.5, style::hairline(ui));
    if fold {
        let at = Rect::from_center_size(pos2(rect.right() - 6.0, rect.center().y), vec2(12.0, 12.0));
        let icon = if open { Icon::ChevronDown } else { Icon::ChevronRight };
        paint_icon(ui, icon, at, style::ink(ui, Ink::Text3));
    }
    focus_ring(ui, rect, &response, 4);
    open
}

/// A head in the flow that cannot be folded.
pub fn head(ui: &mut Ui, title: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    let color = style::ink(ui, Ink::Text1);
    let width = paint_text(ui, rect, egui::Align::Min, title, (size::CAPTION, Weight::SemiBold, color));
    ui.painter().hline(rect.left() + width + 10.0..=rect.right(), rect.center().y + 0.5, style::hairline(ui));
}

/// Paints the head of a column: small spaced capitals.
pub fn column_head(ui: &Ui, frame: Rect, align: egui::Align, title: &str, ink: Ink) -> f32 {
    let spaced: String = title.to_uppercase();
    let galley = {
        let mut job = egui::text::LayoutJob::default();
        let format = egui::TextFormat {
            font_id: style::font(size::HEAD, Weight::SemiBold),
            color: style::ink(ui, ink),
            extra_letter_spacing: 0.6,
            ..Default::default()
        };
        job.append(&spaced, 0.0, format);
        job.wrap.max_rows = 1;
        job.wrap.max_width = frame.width();
        job.wrap.break_anywhere = true;
        ui.painter().layout_job(job)
    };
    let x = match align {
        egui::Align::Min => frame.left(),
        egui::Align::Center => frame.center().x - galley.size().x / 2.0,
        egui::Align::Max => frame.right() - galley.size().x,
    };
    let width = galley.size().x;
    ui.painter().galley(pos2(x, frame.center().y - galley.size().y / 2.0), galley, style::ink(ui, ink));
    width
}
