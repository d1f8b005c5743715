//! The design itself, when nothing is selected: its name, what it holds, its decisions, its causes, what was accepted.

use egui::Ui;

use super::form::Form;
use super::header::{Head, head};
use super::note::elements;
use super::send_at;
use crate::analysis::Severity;
use crate::design::{CauseId, Decision, DecisionStatus, ElementId};
use crate::edit::{Command, Edit, ItemRef, commands};
use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::style::size;
use crate::gui::view::BottomTab;
use crate::gui::widgets::{self, Emphasis};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// The properties of the design.
pub(super) fn design_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let d = ctx.design;
    let shown = if d.name.is_empty() { "Untitled design" } else { &d.name };
    let line = match ctx.session.path.and_then(|p| p.file_name()) {
        Some(name) => name.to_string_lossy().into_owned(),
        None => "Not saved yet".to_owned(),
    };
    let it =
        Head { id: "design", icon: Icon::Mark, ink: Ink::Accent, name: shown, renames: true, line: &line };
    if let Some(name) = head(ui, &it, |_| {}) {
        let about = d.about.clone();
        ctx.commands.edit(Command::new("Name the design", [Edit::SetHead { name, about }]));
    }
    if d.components.is_empty() {
        ui.add_space(4.0);
        let text = "Pick up a component on the left and put it down on the canvas, or begin with an architecture that \
                    is already drawn.";
        widgets::paragraph(ui, text, size::BODY, Ink::Text2);
    }
    let mut form = Form::new(ctx, "design");
    if widgets::section(ui, "What it is for", true) {
        let mut about = d.about.clone();
        if let Some(text) = widgets::text_area(
            ui,
            form.id.with("about"),
            "What it is for",
            &about,
            "One or two sentences for reviewers",
            3,
        ) {
            about = text;
            let name = d.name.clone();
            ctx.commands.edit(Command::new("Say what the design is for", [Edit::SetHead { name, about }]));
        }
    }
    if !d.components.is_empty() && widgets::section(ui, "What it holds", true) {
        holds(ui, ctx);
    }
    if widgets::section(ui, "What fails together", true) {
        causes(ui, ctx);
    }
    if widgets::section(ui, "Decisions", true) {
        decisions(ui, ctx, &mut form);
    }
    if !d.accepted.is_empty() && widgets::section(ui, "Accepted findings", false) {
        accepted(ui, ctx);
    }
}

fn holds(ui: &mut Ui, ctx: &Ctx<'_>) {
    let d = ctx.design;
    let instances: usize = d
        .components
        .iter()
        .filter(|c| c.kind != crate::design::Kind::Client)
        .map(|c| c.replicas as usize * c.shards() as usize)
        .sum();
    let rows = [
        ("Components", d.components.len()),
        ("Instances when it runs", instances),
        ("Links", d.links.len()),
        ("Zones", d.zones.len()),
        ("Journeys", d.journeys.len()),
        ("Notes", d.notes.len()),
    ];
    for (name, n) in rows {
        pair(ui, name, &words::count(n as u64), Ink::Text1);
    }
    if let Some(report) = ctx.report {
        let of = |s: Severity| report.open().filter(|f| f.severity == s).count();
        let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
        let text = format!("{}, {}", words::counted(errors, "error"), words::counted(warnings, "warning"));
        let ink = if errors > 0 {
            Ink::Bad
        } else if warnings > 0 {
            Ink::Warn
        } else {
            Ink::Good
        };
        pair(ui, "Findings", &text, ink);
        if report.untried > 0 {
            let untried = format!("Too large for all single losses: {} were not tried", report.untried);
            widgets::paragraph(ui, &untried, size::LABEL, Ink::Warn);
        }
        for problem in report.problems.iter().take(3) {
            widgets::paragraph(ui, &problem.to_string(), size::LABEL, Ink::Bad);
        }
        if widgets::link(ui, "Show the findings").clicked() {
            ctx.commands.view(Action::SetTab(BottomTab::Findings));
        }
        let is_weak = report.open().any(|f| f.rule.starts_with("spof-") && f.severity > Severity::Info);
        if is_weak && widgets::link(ui, "Harden the design…").clicked() {
            ctx.commands.view(Action::Harden);
        }
    }
}

fn pair(ui: &mut Ui, name: &str, value: &str, ink: Ink) {
    let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 20.0), egui::Sense::hover());
    let color = crate::gui::style::ink(ui, Ink::Text2);
    widgets::paint_text(ui, rect, egui::Align::Min, name, (size::LABEL, Weight::Regular, color));
    let color = crate::gui::style::ink(ui, ink);
    widgets::paint_text(ui, rect, egui::Align::Max, value, (size::BODY, Weight::Medium, color));
}

fn causes(ui: &mut Ui, ctx: &Ctx<'_>) {
    let select = |id: &CauseId| ctx.commands.view(Action::Select(vec![ElementId::from(id)]));
    if ctx.design.causes.is_empty() {
        widgets::paragraph(
            ui,
            "Power, a rack switch, a certificate: name what takes several elements down at once.",
            size::LABEL,
            Ink::Text2,
        );
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        for cause in &ctx.design.causes {
            let chip = widgets::chip(ui, &words::element(ctx.design, cause.id.as_str()), false);
            if chip.hovered() {
                ctx.commands.view(Action::Hover(ElementId::from(&cause.id)));
            }
            if chip.clicked() {
                select(&cause.id);
            }
        }
    });
    if widgets::button(ui, "Add a cause", Some(Icon::Plus), Emphasis::Plain).clicked() {
        let name = format!("Cause {}", ctx.design.causes.len() + 1);
        let (command, id) = commands::add_cause(ctx.design, &name, Vec::new());
        ctx.commands.edit(command);
        select(&id);
    }
}

fn decisions(ui: &mut Ui, ctx: &Ctx<'_>, form: &mut Form<'_>) {
    let candidates = elements(ctx.design);
    for (i, decision) in ctx.design.decisions.iter().enumerate() {
        let title = if decision.title.is_empty() { "Untitled decision" } else { &decision.title };
        let open = ui.push_id(("decision", i), |ui| widgets::section(ui, title, false)).inner;
        if !open {
            continue;
        }
        form.changed = None;
        let mut copy = decision.clone();
        form.within(("decision", i), |form| {
            widgets::card(ui, Ink::Raised, |ui| {
                ui.spacing_mut().item_spacing.y = 6.0;
                form.text(ui, "Decided", &mut copy.title, "in one line");
                form.choice(
                    ui,
                    "Stands",
                    &mut copy.status,
                    Some(&DecisionStatus::Proposed),
                    &[
                        (DecisionStatus::Proposed, "Proposed", "under discussion"),
                        (DecisionStatus::Accepted, "Accepted", "in force"),
                        (DecisionStatus::Superseded, "Superseded", "no longer"),
                    ],
                    "Where it stands",
                );
                form.text(ui, "Date", &mut copy.date, "year-month-day");
                form.long_text(ui, "Context", &mut copy.context, "Why it came up");
                form.long_text(ui, "Consequences", &mut copy.consequences, "What follows from it");
                form.chips(ui, "About", &mut copy.about, &candidates, ("the design", "What it is about"));
                if widgets::link(ui, "Remove this decision").clicked() {
                    ctx.commands.edit(Command::new("Delete decision", [Edit::Remove(ItemRef::Decision(i))]));
                }
            });
        });
        send_at(form, "decision", i, *decision != copy, || copy.into());
    }
    if widgets::button(ui, "Add a decision", Some(Icon::Plus), Emphasis::Plain).clicked() {
        let n = ctx.design.decisions.len() + 1;
        let decision =
            Decision { title: format!("Decision {n}"), date: words::today(), ..Decision::default() };
        ctx.commands
            .edit(Command::new("Add decision", [Edit::Insert { index: None, item: decision.into() }]));
    }
}

fn accepted(ui: &mut Ui, ctx: &Ctx<'_>) {
    for a in &ctx.design.accepted {
        widgets::card(ui, Ink::Raised, |ui| {
            widgets::line(ui, &a.finding, size::LABEL, Weight::Medium, Ink::Text1);
            widgets::paragraph(ui, &a.reason, size::LABEL, Ink::Text2);
            let mut by = a.owner.clone();
            for (word, value) in [("", &a.date), ("until ", &a.until)] {
                if !value.is_empty() {
                    if !by.is_empty() {
                        by.push_str(", ");
                    }
                    by.push_str(word);
                    by.push_str(value);
                }
            }
            if !by.is_empty() {
                widgets::caption(ui, &by);
            }
            if widgets::link(ui, "No longer accept").clicked() {
                let remove = Edit::Remove(ItemRef::Accepted(a.finding.clone()));
                ctx.commands.edit(Command::new("No longer accept finding", [remove]));
            }
        });
    }
}
