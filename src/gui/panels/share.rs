//! The mode Share: what leaves the program.

use egui::{Ui, vec2};

use crate::gui::command::{Effect, UiCommand};
use crate::gui::context::Ctx;
use crate::gui::style::{self, size};
use crate::gui::widgets::{self, Emphasis};
use crate::gui::words;
use crate::scene::{Icon, Ink};

/// The right panel while sharing.
pub fn share_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    ui.spacing_mut().item_spacing = vec2(8.0, 6.0);
    widgets::title(ui, "Share this design");
    let d = ctx.design;
    let what = format!(
        "{}, {}, {}",
        words::counted(d.components.len(), "component"),
        words::counted(d.links.len(), "link"),
        words::counted(d.journeys.len(), "journey")
    );
    widgets::label(ui, &what);
    ui.add_space(6.0);
    widgets::head(ui, "Picture");
    let able = UiCommand::ExportSvg.available(ctx);
    let wide = vec2(ui.available_width(), style::CONTROL);
    ui.add_enabled_ui(able.is_ok(), |ui| {
        if widgets::button_in(ui, wide, "Export as SVG…", Some(Icon::Export), Emphasis::Primary).clicked() {
            ctx.commands.effect(Effect::Export("svg".to_owned()));
        }
        if widgets::button_in(ui, wide, "Export as PNG…", Some(Icon::Export), Emphasis::Plain).clicked() {
            ctx.commands.effect(Effect::Export("png".to_owned()));
        }
    });
    let hint = match able {
        Ok(()) => "The picture is the one on the canvas, at any size as SVG, in pixels as PNG.",
        Err(_) => "The drawing is empty: draw something first.",
    };
    widgets::paragraph(ui, hint, size::LABEL, Ink::Text2);
    ui.add_space(6.0);
    widgets::head(ui, "File");
    let place = ctx.session.path.map_or_else(|| "Not saved yet".to_owned(), |p| p.display().to_string());
    widgets::line(ui, &place, size::LABEL, crate::scene::font::Weight::Regular, Ink::Text1);
    ui.horizontal(|ui| {
        if widgets::button(ui, "Save as…", Some(Icon::Save), Emphasis::Plain).clicked() {
            ctx.commands.effect(Effect::SaveAs);
        }
        if let Some(path) = ctx.session.path
            && widgets::button(ui, "Copy its path", Some(Icon::Copy), Emphasis::Plain).clicked()
        {
            ctx.commands.effect(Effect::CopyText(path.display().to_string()));
        }
    });
    let text = "A design is plain text with stable ids: keep it in version control beside the code, and a review shows \
                what changed.";
    widgets::paragraph(ui, text, size::LABEL, Ink::Text2);
    ui.add_space(6.0);
    widgets::head(ui, "Findings as text");
    if let Some(report) = ctx.report {
        let open = report.open().count();
        let name = format!("Copy {}", words::counted(open, "finding"));
        ui.add_enabled_ui(open > 0, |ui| {
            if widgets::button_in(ui, wide, &name, Some(Icon::Copy), Emphasis::Plain).clicked() {
                let lines: Vec<String> =
                    report.open().map(|f| format!("{}: {} ({})", f.severity.label(), f.text, f.id)).collect();
                ctx.commands.effect(Effect::CopyText(lines.join("\n")));
            }
        });
    }
}
