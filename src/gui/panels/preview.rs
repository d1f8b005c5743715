//! A change before it is made: what it changes, which findings it takes away and brings, and what it does to how long
//! each journey is served.

use egui::Ui;
use serde_json::Value;

use crate::design::Design;
use crate::edit::{Command, Edit, Item};
use crate::gui::command::{Action, Effect};
use crate::gui::context::{Ctx, Preview};
use crate::gui::style::{self, size};
use crate::gui::widgets::{self, Emphasis, paint_text};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// Findings of a kind that are listed.
const LISTED: usize = 4;
/// Changes that are listed.
const CHANGES: usize = 11;

/// Shows the change that is thought about, if there is one.
pub(super) fn preview_ui(ui: &Ui, ctx: &Ctx<'_>) {
    let Some(command) = &ctx.view.preview else { return };
    let (pressed, away) = widgets::modal(ui, "preview", &command.label, 480.0, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        widgets::head(ui, "What it changes");
        let lines = changes(ctx.design, command);
        // One line more is no longer than saying that there is one.
        let shown = if lines.len() > CHANGES + 1 { CHANGES } else { lines.len() };
        for line in &lines[..shown] {
            widgets::paragraph(ui, line, size::BODY, Ink::Text1);
        }
        if shown < lines.len() {
            widgets::caption(ui, &format!("and {} more", lines.len() - shown));
        }
        widgets::head(ui, "What that does");
        match ctx.preview {
            None => {
                widgets::paragraph(ui, "It is being tried on a copy.", size::BODY, Ink::Text2);
            }
            Some(preview) if !preview.refused.is_empty() => {
                widgets::paragraph(ui, &preview.refused, size::BODY, Ink::Bad);
            }
            Some(preview) => does(ui, ctx, preview),
        }
        ui.add_space(8.0);
        let able = ctx.preview.is_none_or(|p| p.refused.is_empty());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let button = |ui: &mut Ui, text: &str, icon: Option<Icon>, emphasis: Emphasis| {
                ui.add_enabled_ui(able, |ui| widgets::button(ui, text, icon, emphasis)).inner
            };
            if button(ui, "Make this change", None, Emphasis::Primary).clicked() {
                return Some(Wish::Make);
            }
            if widgets::button(ui, "Leave it", None, Emphasis::Plain).clicked() {
                return Some(Wish::Leave);
            }
            let hint = "Runs the design as it is and a copy with this change as live clusters, one after the other, and breaks \
                        the same things in both. The design stays as it is.";
            let prove = button(ui, "Prove side by side", Some(Icon::Proof), Emphasis::Plain);
            prove.on_hover_text(hint).clicked().then_some(Wish::Prove)
        })
        .inner
    });
    match pressed {
        Some(Wish::Make) => ctx.commands.edit(command.clone()),
        Some(Wish::Prove) => ctx.commands.effect(Effect::Compare(command.clone())),
        Some(Wish::Leave) | None => {}
    }
    // The window puts it away itself once both designs are being tried, and only then.
    if away || matches!(pressed, Some(Wish::Make | Wish::Leave)) {
        ctx.commands.view(Action::Preview(None));
    }
}

/// What a person wants of a change that is thought about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Make,
    Prove,
    Leave,
}

fn does(ui: &mut Ui, ctx: &Ctx<'_>, preview: &Preview) {
    findings(ui, &preview.gone, "taken away", Icon::Check, Ink::Good);
    findings(ui, &preview.come, "that it brings", Icon::Warning, Ink::Warn);
    if preview.gone.is_empty() && preview.come.is_empty() {
        widgets::paragraph(ui, "No finding comes or goes.", size::BODY, Ink::Text2);
    }
    let mut same = 0;
    for journey in &ctx.design.journeys {
        let before = ctx.impact.availability.get(journey.id.as_str()).map(|a| a.value);
        let (Some(before), Some(after)) = (before, preview.availability.get(journey.id.as_str()).copied())
        else {
            continue;
        };
        let (then, now) = (words::percent(before), words::percent(after));
        if then == now {
            same += 1;
            continue;
        }
        let (line, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 22.0), egui::Sense::hover());
        let color = style::ink(ui, Ink::Text1);
        let title = format!("{} is served", journey.title());
        paint_text(ui, line, egui::Align::Min, &title, (size::BODY, Weight::Regular, color));
        let ink = if after > before { Ink::Good } else { Ink::Bad };
        let color = style::ink(ui, ink);
        let width = paint_text(ui, line, egui::Align::Max, &now, (size::BODY, Weight::SemiBold, color));
        let rest = egui::Rect::from_min_max(line.min, line.max - egui::vec2(width + 8.0, 0.0));
        let color = style::ink(ui, Ink::Text2);
        paint_text(ui, rest, egui::Align::Max, &format!("{then}  →"), (size::BODY, Weight::Regular, color));
    }
    if same > 0 {
        let text = format!(
            "{} served as before.",
            if same == 1 { "1 journey is".to_owned() } else { format!("{same} journeys are") }
        );
        widgets::paragraph(ui, &text, size::LABEL, Ink::Text2);
    }
}

fn findings(ui: &mut Ui, texts: &[String], word: &str, icon: Icon, ink: Ink) {
    if texts.is_empty() {
        return;
    }
    let title = format!("{} {word}", words::counted(texts.len(), "finding"));
    widgets::line(ui, &title, size::BODY, Weight::SemiBold, ink);
    for text in texts.iter().take(LISTED) {
        let (line, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 20.0), egui::Sense::hover());
        let at = egui::Rect::from_center_size(
            egui::pos2(line.left() + 7.0, line.center().y),
            egui::vec2(12.0, 12.0),
        );
        widgets::paint_icon(ui, icon, at, style::ink(ui, ink));
        let rest = egui::Rect::from_min_max(line.min + egui::vec2(22.0, 0.0), line.max);
        let color = style::ink(ui, Ink::Text2);
        paint_text(ui, rest, egui::Align::Min, &words::sentence(text), (size::LABEL, Weight::Regular, color));
    }
    if texts.len() > LISTED {
        widgets::caption(ui, &format!("and {} more", texts.len() - LISTED));
    }
    ui.add_space(4.0);
}

/// What a command changes, a line each.
fn changes(design: &Design, command: &Command) -> Vec<String> {
    let mut out = Vec::new();
    for edit in &command.edits {
        match edit {
            Edit::Insert { item, .. } => out.push(format!("{} is added", name(design, item))),
            Edit::Replace(item) => {
                let before = match item {
                    Item::Component(c) => design.component(c.id.as_str()).map(json),
                    Item::Link(l) => design.link(l.id.as_str()).map(json),
                    Item::Journey(j) => design.journey(j.id.as_str()).map(json),
                    Item::Zone(z) => design.zone(z.id.as_str()).map(json),
                    Item::Cause(c) => design.cause(c.id.as_str()).map(json),
                    _ => None,
                };
                let after = match item {
                    Item::Component(c) => json(c),
                    Item::Link(l) => json(l),
                    Item::Journey(j) => json(j),
                    Item::Zone(z) => json(z),
                    Item::Cause(c) => json(c),
                    _ => Value::Null,
                };
                let name = name(design, item);
                let mut fields = Vec::new();
                differences("", &before.unwrap_or_default(), &after, &mut fields);
                out.extend(fields.into_iter().map(|f| format!("{name}: {f}")));
            }
            Edit::Remove(_) => out.push("Something is taken out".to_owned()),
            _ => {}
        }
    }
    out
}

fn json(of: &impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}

fn name(design: &Design, item: &Item) -> String {
    match item {
        Item::Component(c) => c.title().to_owned(),
        Item::Link(l) => {
            let end = |id: &str| words::element(design, id);
            format!("{} → {}", end(l.from.as_str()), end(l.to.as_str()))
        }
        Item::Journey(j) => j.title().to_owned(),
        Item::Zone(z) => crate::scene::zone_title(z).to_owned(),
        Item::Cause(c) => {
            if c.name.is_empty() {
                c.id.to_string()
            } else {
                c.name.clone()
            }
        }
        _ => "Something".to_owned(),
    }
}

/// Where two values differ: `replicas 1 → 2`.
fn differences(path: &str, before: &Value, after: &Value, out: &mut Vec<String>) {
    if before == after {
        return;
    }
    if let (Value::Object(a), Value::Object(b)) = (before, after) {
        let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            let plain = key.replace('_', " ");
            let inner = if path.is_empty() { plain } else { format!("{path}, {plain}") };
            differences(&inner, a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), out);
        }
        return;
    }
    let shown = |v: &Value| match v {
        // A value that is left out is the default; that of replicas everybody knows.
        Value::Null if path == "replicas" => Some("1".to_owned()),
        Value::Null => Some("default".to_owned()),
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(if *b { "yes" } else { "no" }.to_owned()),
        Value::Array(list) if list.iter().all(Value::is_string) => {
            let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            Some(if words.is_empty() { "none".to_owned() } else { words.join(", ") })
        }
        _ => None,
    };
    out.push(match (shown(before), shown(after)) {
        (Some(a), Some(b)) => format!("{path} {a} → {b}"),
        _ => format!("{path} changes"),
    });
}
