//! Several elements at once: what they have in common can be changed for all of them in one step.

use egui::Ui;

use super::form::{Absent, Form};
use super::header::{Head, head};
use super::placement::zones_of;
use crate::design::{Component, ElementId, Interaction, Kind, Link, Millis, Restart, Spread, ZoneId};
use crate::edit::{Command, Edit, commands};
use crate::gui::command::{Action, UiCommand};
use crate::gui::context::{Ctx, Outcome};
use crate::gui::style::size;
use crate::gui::view::WhatIf;
use crate::gui::widgets::{self, Emphasis};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// The properties that several elements share.
pub(super) fn many_ui(ui: &mut Ui, ctx: &Ctx<'_>, ids: &[ElementId]) {
    let d = ctx.design;
    let components: Vec<&Component> = ids.iter().filter_map(|id| d.component(id.as_str())).collect();
    let links: Vec<&Link> = ids.iter().filter_map(|id| d.link(id.as_str())).collect();
    let zones = ids.iter().filter(|id| d.zone(id.as_str()).is_some()).count();
    let mut parts = Vec::new();
    for (n, noun) in [(components.len(), "component"), (zones, "zone"), (links.len(), "link")] {
        if n > 0 {
            parts.push(words::counted(n, noun));
        }
    }
    let line = parts.join(", ");
    let title = format!("{} selected", ids.len());
    let it =
        Head { id: "many", icon: Icon::Select, ink: Ink::Accent, name: &title, renames: false, line: &line };
    head(ui, &it, |ui| {
        if widgets::icon_button_sized(ui, Icon::Trash, "Delete", 24.0).clicked() {
            ctx.commands.edit(commands::delete(d, ids));
            ctx.commands.view(Action::Select(Vec::new()));
        }
        if widgets::icon_button_sized(ui, Icon::Target, "Show them on the canvas", 24.0).clicked() {
            ctx.commands.view(Action::ZoomTo(ids.to_vec()));
        }
    });
    together(ui, ctx, ids);
    if !components.is_empty()
        && components.len() == ids.len()
        && widgets::section(ui, "Common properties", true)
    {
        common_components(ui, ctx, &components);
    }
    if !links.is_empty() && links.len() == ids.len() && widgets::section(ui, "Common properties", true) {
        common_links(ui, ctx, &links);
    }
    if widgets::section(ui, "Selected", true) {
        for id in ids {
            let name = words::element(d, id.as_str());
            if ui.push_id(id.as_str(), |ui| widgets::link(ui, &name)).inner.clicked() {
                ctx.commands.view(Action::Select(vec![id.clone()]));
            }
        }
    }
}

/// What the loss of all of them at once would do.
fn together(ui: &mut Ui, ctx: &Ctx<'_>, ids: &[ElementId]) {
    widgets::head(ui, "If all are lost at once");
    let world = WhatIf { down: ids.iter().cloned().collect(), ..WhatIf::default() };
    let tried = ctx.view.what_if.as_ref() == Some(&world);
    match ctx.impact.of_world(&world).filter(|_| tried) {
        Some(impact) => {
            let worst = impact.journeys.iter().map(|j| j.outcome).min().unwrap_or(Outcome::Served);
            widgets::card(ui, words::outcome_ink(worst), |ui| {
                for j in &impact.journeys {
                    let (rect, _) =
                        ui.allocate_exact_size(egui::vec2(ui.available_width(), 20.0), egui::Sense::hover());
                    let color = crate::gui::style::ink(ui, Ink::Text1);
                    widgets::paint_text(
                        ui,
                        rect,
                        egui::Align::Min,
                        &j.title,
                        (size::LABEL, Weight::Regular, color),
                    );
                    let text = match j.outcome {
                        Outcome::Part => format!("{} served", words::percent(j.share)),
                        other => other.word().to_owned(),
                    };
                    let color = crate::gui::style::ink(ui, words::outcome_ink(j.outcome));
                    widgets::paint_text(
                        ui,
                        rect,
                        egui::Align::Max,
                        &text,
                        (size::LABEL, Weight::SemiBold, color),
                    );
                }
                if widgets::link(ui, "End what if").clicked() {
                    ctx.commands.view(Action::SetWhatIf(None));
                }
            });
        }
        None => {
            ui.horizontal(|ui| {
                if widgets::button(ui, "What if", None, Emphasis::Plain).clicked() {
                    ctx.commands.view(Action::SetWhatIf(Some(world.clone())));
                }
                if widgets::button(ui, "Name a cause", None, Emphasis::Plain).clicked() {
                    ctx.commands.named(UiCommand::MakeCause);
                }
            });
        }
    }
}

/// The value that all share; `None` where they differ.
fn same<T: PartialEq + Clone>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|v| v == first).then_some(first)
}

fn common_components(ui: &mut Ui, ctx: &Ctx<'_>, of: &[&Component]) {
    let mut form = Form::new(ctx, "many-components");
    let mut changed: Vec<Component> = of.iter().map(|c| (*c).clone()).collect();
    let all: Vec<(ZoneId, String)> = zones_of(ctx.design);

    let zones = same(of.iter().map(|c| c.zones.clone()));
    let mut value = zones.clone().unwrap_or_default();
    let none = if zones.is_some() { "anywhere" } else { "they differ" };
    form.chips(ui, "Zones", &mut value, &all, (none, "Sets the zones of all of them"));
    if Some(&value) != zones.as_ref() && form.changed.is_some() {
        changed.iter_mut().for_each(|c| c.zones.clone_from(&value));
    }
    let replicas = same(of.iter().map(|c| c.replicas));
    if of.iter().all(|c| c.kind != Kind::Client) {
        let mut value = replicas.unwrap_or(0);
        let hint = if replicas.is_none() { "they differ" } else { "" };
        form.count(ui, "Replicas", &mut value, (1, 1000), hint, ("", "Sets the replicas of all of them"));
        if value != 0 && Some(value) != replicas {
            changed.iter_mut().for_each(|c| c.replicas = value);
        }
        let spread = same(of.iter().map(|c| c.spread));
        let mut value = spread.unwrap_or_default();
        form.segments(
            ui,
            "Two in one zone",
            &mut value,
            &[(Spread::Prefer, "Allowed"), (Spread::Require, "Error")],
            "",
        );
        if Some(value) != spread && form.changed.as_deref() == Some("Two in one zone") {
            changed.iter_mut().for_each(|c| c.spread = value);
        }
        let restarts = same(of.iter().map(|c| c.restart != Restart::Never));
        let mut value = restarts.unwrap_or_default();
        form.segments(ui, "After a crash", &mut value, &[(false, "Stays down"), (true, "Restarts")], "");
        if form.changed.as_deref() == Some("After a crash") {
            let restart = if value { Restart::After(Millis(1000.0)) } else { Restart::Never };
            changed.iter_mut().for_each(|c| c.restart = restart);
        }
        let time = same(of.iter().map(|c| c.service.time));
        let mut value = time.flatten();
        let absent = if time.is_some() { Absent::Default(Millis(1.0)) } else { Absent::Means("they differ") };
        form.quantity(
            ui,
            "Service time",
            &mut value,
            absent,
            ("median", "Sets the service time of all of them"),
        );
        if Some(value) != time && form.changed.as_deref() == Some("Service time") {
            changed.iter_mut().for_each(|c| c.service.time = value);
        }
    }
    let owner = same(of.iter().map(|c| c.owner.clone()));
    let mut value = owner.clone().unwrap_or_default();
    let hint = if owner.is_some() { "not stated" } else { "they differ" };
    form.text(ui, "Owner", &mut value, hint);
    if form.changed.as_deref() == Some("Owner") {
        changed.iter_mut().for_each(|c| c.owner.clone_from(&value));
    }
    if let Some(row) = &form.changed {
        let edits: Vec<Edit> = changed
            .into_iter()
            .zip(of)
            .filter(|(new, old)| *new != ***old)
            .map(|(new, _)| Edit::Replace(new.into()))
            .collect();
        if !edits.is_empty() {
            let label =
                format!("Change {} of {}", row.to_lowercase(), words::counted(edits.len(), "component"));
            ctx.commands.edit(Command::new(label, edits));
        }
    }
}

fn common_links(ui: &mut Ui, ctx: &Ctx<'_>, of: &[&Link]) {
    let mut form = Form::new(ctx, "many-links");
    let mut changed: Vec<Link> = of.iter().map(|l| (*l).clone()).collect();
    let kind = same(of.iter().map(|l| l.interaction));
    let options: Vec<(Option<Interaction>, &str, &str)> = std::iter::once((None, "they differ", ""))
        .chain(Interaction::ALL.into_iter().map(|i| (Some(i), i.label(), "")))
        .skip(usize::from(kind.is_some()))
        .collect();
    let mut value = kind;
    form.choice(ui, "What happens", &mut value, None, &options, "Sets it for all of them");
    if let Some(kind) = value.filter(|_| form.changed.as_deref() == Some("What happens")) {
        changed.iter_mut().for_each(|l| l.interaction = kind);
    }
    let latency = same(of.iter().map(|l| l.network.latency));
    let mut value = latency.flatten();
    let absent = if latency.is_some() { Absent::Default(Millis(0.0)) } else { Absent::Means("they differ") };
    form.quantity(ui, "Latency", &mut value, absent, ("one way", "Sets the latency of all of them"));
    if form.changed.as_deref() == Some("Latency") {
        changed.iter_mut().for_each(|l| l.network.latency = value);
    }
    let timeout = same(of.iter().map(|l| l.policy.timeout));
    let mut value = timeout.flatten();
    let words_absent = if timeout.is_some() { "fits the deadline" } else { "they differ" };
    form.quantity(
        ui,
        "Timeout",
        &mut value,
        Absent::Means(words_absent),
        ("a try", "Sets the timeout of all of them"),
    );
    if form.changed.as_deref() == Some("Timeout") {
        changed.iter_mut().for_each(|l| l.policy.timeout = value);
    }
    let tries = same(of.iter().map(|l| l.policy.tries));
    let mut value = tries.unwrap_or(0);
    let zero = if tries.is_some() { "2 (default)" } else { "they differ" };
    form.count(ui, "Tries", &mut value, (1, 16), zero, ("", "Sets the tries of all of them"));
    if form.changed.as_deref() == Some("Tries") {
        changed.iter_mut().for_each(|l| l.policy.tries = value);
    }
    if let Some(row) = &form.changed {
        let edits: Vec<Edit> = changed
            .into_iter()
            .zip(of)
            .filter(|(new, old)| *new != ***old)
            .map(|(new, _)| Edit::Replace(new.into()))
            .collect();
        if !edits.is_empty() {
            let label = format!("Change {} of {}", row.to_lowercase(), words::counted(edits.len(), "link"));
            ctx.commands.edit(Command::new(label, edits));
        }
    }
}
