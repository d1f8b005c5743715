//! Where to begin: the templates, the recent files, an empty drawing.

use std::path::PathBuf;

use egui::{Align2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, accesskit::Role};

use crate::file::TEMPLATES;
use crate::gui::canvas::paint;
use crate::gui::context::Ctx;
use crate::gui::fonts::font;
use crate::scene::font::{Weight, wrap};
use crate::scene::{Icon, Ink};

/// What was chosen.
pub(super) enum Choice {
    Empty,
    Open,
    Recent(PathBuf),
    Template(String),
}

/// Shows the gallery; returns what was chosen.
pub(super) fn show(ui: &mut Ui, ctx: &Ctx<'_>, recent: &[PathBuf]) -> Option<Choice> {
    let mut chosen = None;
    let width = (ui.available_width() - 12.0) / 2.0;
    ui.spacing_mut().item_spacing = Vec2::new(12.0, 12.0);
    egui::ScrollArea::vertical().max_height(440.0).show(ui, |ui| {
        for pair in TEMPLATES.chunks(2) {
            ui.horizontal(|ui| {
                for template in pair {
                    if card(ui, ctx, template.name, &template.about(), width) {
                        chosen = Some(Choice::Template(template.name.to_owned()));
                    }
                }
            });
        }
        if !recent.is_empty() {
            ui.add_space(4.0);
            let head = egui::RichText::new("Recent").font(font(11.0, Weight::SemiBold));
            ui.label(head.color(paint::color(ctx.theme, Ink::Text2)));
            ui.spacing_mut().item_spacing.y = 2.0;
            for path in recent.iter().take(6) {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                if ui.link(name).on_hover_text(path.display().to_string()).clicked() {
                    chosen = Some(Choice::Recent(path.clone()));
                }
            }
        }
    });
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        if ui.button("Empty drawing").clicked() {
            chosen = Some(Choice::Empty);
        }
        if ui.button("Open a file…").clicked() {
            chosen = Some(Choice::Open);
        }
    });
    chosen
}

fn card(ui: &mut Ui, ctx: &Ctx<'_>, name: &str, about: &str, width: f32) -> bool {
    let color = |ink: Ink| paint::color(ctx.theme, ink);
    let (place, response) = ui.allocate_exact_size(Vec2::new(width, 84.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Template {name}")));
    let (fill, line) =
        if response.hovered() { (Ink::Pressed, Ink::Accent) } else { (Ink::Raised, Ink::Line) };
    ui.painter().rect(place, 10.0, color(fill), Stroke::new(1.0, color(line)), StrokeKind::Middle);
    let icon = Rect::from_min_size(place.min + Vec2::new(14.0, 13.0), Vec2::splat(16.0));
    paint::icon(ui.painter(), Icon::Template, icon, color(Ink::Accent));
    ui.painter().text(
        place.min + Vec2::new(38.0, 21.0),
        Align2::LEFT_CENTER,
        name,
        font(13.0, Weight::SemiBold),
        color(Ink::Text1),
    );
    for (n, line) in wrap(about, 11.5, Weight::Regular, width - 28.0, 3).iter().enumerate() {
        ui.painter().text(
            place.min + Vec2::new(14.0, 44.0 + 14.0 * n as f32),
            Align2::LEFT_CENTER,
            line,
            font(11.5, Weight::Regular),
            color(Ink::Text2),
        );
    }
    response.clicked()
}
