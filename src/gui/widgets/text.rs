//! Text: one line that is shortened where it does not fit, or a paragraph that is broken.

use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, Galley, Label, Pos2, Rect, Response, RichText, Ui};

use crate::gui::style::{self, size};
use crate::scene::Ink;
use crate::scene::font::Weight;

/// A line of text laid out, shortened with `…` at a width.
pub fn elided(
    ui: &Ui,
    text: &str,
    font_size: f32,
    weight: Weight,
    color: Color32,
    width: f32,
) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), style::font(font_size, weight), color);
    job.wrap =
        TextWrapping { max_width: width.max(0.0), max_rows: 1, break_anywhere: true, ..Default::default() };
    ui.painter().layout_job(job)
}

/// Paints a line of text against an edge of a frame, in the middle of its height, and returns its width.
pub fn paint_text(
    ui: &Ui,
    frame: Rect,
    align: egui::Align,
    text: &str,
    (font_size, weight, color): (f32, Weight, Color32),
) -> f32 {
    let galley = elided(ui, text, font_size, weight, color, frame.width());
    let width = galley.size().x;
    let at: Pos2 = match align {
        egui::Align::Min => Align2::LEFT_CENTER.align_size_within_rect(galley.size(), frame).min,
        egui::Align::Center => Align2::CENTER_CENTER.align_size_within_rect(galley.size(), frame).min,
        egui::Align::Max => Align2::RIGHT_CENTER.align_size_within_rect(galley.size(), frame).min,
    };
    ui.painter().galley(at, galley, color);
    width
}

/// One line in the flow, shortened where it does not fit; the whole text on hover.
pub fn line(ui: &mut Ui, text: &str, font_size: f32, weight: Weight, ink: Ink) -> Response {
    let rich = RichText::new(text).font(style::font(font_size, weight)).color(style::ink(ui, ink));
    ui.add(Label::new(rich).truncate())
}

/// A panel's title.
pub fn title(ui: &mut Ui, text: &str) -> Response {
    line(ui, text, size::TITLE, Weight::SemiBold, Ink::Text1)
}

/// A label.
pub fn label(ui: &mut Ui, text: &str) -> Response {
    line(ui, text, size::LABEL, Weight::Regular, Ink::Text2)
}

/// A caption.
pub fn caption(ui: &mut Ui, text: &str) -> Response {
    line(ui, text, size::CAPTION, Weight::Regular, Ink::Text2)
}

/// Text over as many lines as it needs.
pub fn paragraph(ui: &mut Ui, text: &str, font_size: f32, ink: Ink) -> Response {
    let rich = RichText::new(text).font(style::font(font_size, Weight::Regular)).color(style::ink(ui, ink));
    ui.add(Label::new(rich).wrap())
}

/// The same in a weight.
pub fn paragraph_weighted(ui: &mut Ui, text: &str, font_size: f32, weight: Weight, ink: Ink) -> Response {
    let rich = RichText::new(text).font(style::font(font_size, weight)).color(style::ink(ui, ink));
    ui.add(Label::new(rich).wrap())
}
