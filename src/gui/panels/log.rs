//! What the nodes say: the last lines of the selected instances.

use egui::{Id, Label, RichText, ScrollArea, Ui};

use crate::design::ElementId;
use crate::gui::context::Ctx;
use crate::gui::style::{self, size};
use crate::gui::{widgets, words};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// The tab of the log; `tools` is the strip beside the tabs.
pub(super) fn log_ui(ui: &mut Ui, tools: &mut Ui, ctx: &Ctx<'_>) {
    let Some(live) = ctx.live else {
        super::live::not_running(ui, ctx);
        return;
    };
    let mut text: String = super::memory(tools, "log");
    widgets::search(tools, Id::unique("find-log"), "Find in the log", "Find", &mut text, 180.0);
    super::remember(tools, "log", text.clone());
    let said: Vec<_> = live.log.iter().filter(|(id, _)| concerns(ctx, id)).collect();
    if said.is_empty() {
        let sentence = if ctx.view.selection.is_empty() {
            "Select a component or an instance to read what it says."
        } else {
            "What is selected has said nothing yet."
        };
        widgets::empty(ui, Icon::File, sentence, None);
        return;
    }
    let wanted = text.trim().to_lowercase();
    let lines: Vec<_> = said
        .into_iter()
        .filter(|(id, line)| {
            wanted.is_empty() || line.to_lowercase().contains(&wanted) || id.as_str().contains(&wanted)
        })
        .collect();
    ui.add_space(6.0);
    ScrollArea::vertical().id_salt("log").auto_shrink([false, false]).stick_to_bottom(true).show_rows(
        ui,
        18.0,
        lines.len(),
        |ui, range| {
            for (id, line) in &lines[range] {
                ui.horizontal(|ui| {
                    ui.set_height(18.0);
                    ui.add_space(style::MARGIN);
                    let who = words::element(ctx.design, id.as_str());
                    let (rect, _) = ui.allocate_exact_size(egui::vec2(150.0, 18.0), egui::Sense::hover());
                    let color = style::ink(ui, Ink::Text3);
                    widgets::paint_text(
                        ui,
                        rect,
                        egui::Align::Min,
                        &who,
                        (size::CAPTION, Weight::Regular, color),
                    );
                    let ink = if line.contains("error") || line.contains("refused") {
                        Ink::Bad
                    } else {
                        Ink::Text2
                    };
                    let rich = RichText::new(line)
                        .font(style::font(11.5, Weight::Regular))
                        .color(style::ink(ui, ink));
                    ui.add(Label::new(rich).truncate().selectable(true));
                });
            }
        },
    );
}

/// Whether a line of an instance is shown: it, its component or a zone that its component lists is selected, or
/// nothing is.
pub(crate) fn concerns(ctx: &Ctx<'_>, instance: &ElementId) -> bool {
    let selection = &ctx.view.selection;
    let whole = instance.as_str().split('/').next().unwrap_or_default();
    let zones = || ctx.design.component(whole).into_iter().flat_map(|c| &c.zones);
    selection.is_empty()
        || selection
            .ids()
            .iter()
            .any(|id| id == instance || id.as_str() == whole || zones().any(|z| z.as_str() == id.as_str()))
}
