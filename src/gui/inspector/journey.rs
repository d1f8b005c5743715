//! A journey: who begins it, how often, what was promised, and the tree of its steps.

use egui::Ui;

use super::form::{Absent, Form};
use super::steps;
use crate::design::{ComponentId, Consistency, Journey, Kind, Millis, Objective, PerSecond};
use crate::gui::context::{Ctx, Outcome};
use crate::gui::style::size;
use crate::gui::{panels, widgets, words};
use crate::scene::Ink;
use crate::scene::font::Weight;

/// Every model with its name; `None` first.
pub(super) const MODELS: [(Option<Consistency>, &str, &str); 9] = [
    (None, "not stated", ""),
    (Some(Consistency::Linearizable), "Linearizable", "as if one copy"),
    (Some(Consistency::Sequential), "Sequential", "one order for all"),
    (Some(Consistency::Causal), "Causal", "causes first"),
    (Some(Consistency::ReadYourWrites), "Read your writes", "a session's own"),
    (Some(Consistency::MonotonicReads), "Monotonic reads", "time never goes back"),
    (Some(Consistency::MonotonicWrites), "Monotonic writes", "in order"),
    (Some(Consistency::WritesFollowReads), "Writes follow reads", ""),
    (Some(Consistency::Eventual), "Eventual", "copies converge"),
];

/// The properties of a journey.
pub(super) fn journey_ui(ui: &mut Ui, form: &mut Form<'_>, j: &mut Journey) {
    availability(ui, form.ctx, j);
    if widgets::section(ui, "Load", true) {
        load(ui, form, j);
    }
    if widgets::section(ui, "Promise", true) {
        promise(ui, form, j);
    }
    if widgets::section(ui, "Steps", true) {
        let client = j.client.clone();
        if j.steps.is_empty() {
            form.note(ui, "No step is drawn: the journey goes along every call and publish link that its client reaches.");
        }
        steps::steps_ui(ui, form, &client, &mut j.steps, 0);
    }
    if widgets::section(ui, "Worst single losses", true) {
        losses(ui, form.ctx, j.id.as_str());
    }
}

/// How much of the journey can be served in the long run, beside what was promised.
fn availability(ui: &mut Ui, ctx: &Ctx<'_>, j: &Journey) {
    widgets::head(ui, "Availability");
    let Some(a) = ctx.impact.availability.get(j.id.as_str()) else {
        widgets::paragraph(ui, "Being computed.", size::LABEL, Ink::Text2);
        return;
    };
    let objective = j.objective.as_ref().and_then(|o| o.availability);
    let ink = match objective {
        Some(o) if a.value < o => Ink::Warn,
        _ => Ink::Good,
    };
    ui.add_space(2.0);
    // Nines are told apart on a scale of nines: 90 % is a quarter of the bar, 99.99 % all of it.
    let nines = (-(1.0 - a.value).max(1e-12).log10() / 4.0).clamp(0.0, 1.0);
    let width = ui.available_width();
    widgets::meter(ui, "Availability", nines, ink, width);
    let (rect, _) = ui.allocate_exact_size(egui::vec2(width, 18.0), egui::Sense::hover());
    let text = format!("{} now", words::percent(a.value));
    let color = crate::gui::style::ink(ui, Ink::Text1);
    widgets::paint_text(ui, rect, egui::Align::Min, &text, (size::LABEL, Weight::SemiBold, color));
    let text =
        objective.map_or_else(|| "no objective".to_owned(), |o| format!("objective {}", words::percent(o)));
    let color = crate::gui::style::ink(ui, Ink::Text2);
    widgets::paint_text(ui, rect, egui::Align::Max, &text, (size::LABEL, Weight::Regular, color));
    let how = if a.exact {
        "Exact, for the failure rates that are stated or assumed.".to_owned()
    } else {
        format!(
            "Between {} and {}: true bounds, or drawn with 95 % confidence.",
            words::percent(a.lower),
            words::percent(a.upper)
        )
    };
    widgets::paragraph(ui, &how, size::CAPTION, Ink::Text2);
}

fn load(ui: &mut Ui, form: &mut Form<'_>, j: &mut Journey) {
    let clients: Vec<(ComponentId, &str, &str)> = form
        .ctx
        .design
        .components
        .iter()
        .filter(|c| c.kind == Kind::Client)
        .map(|c| (c.id.clone(), c.title(), ""))
        .collect();
    let before = j.client.clone();
    form.choice(ui, "Begun by", &mut j.client, None, &clients, "The clients that begin it");
    if j.client != before {
        j.steps.clear();
    }
    form.quantity(
        ui,
        "Rate",
        &mut j.rate,
        Absent::Default(PerSecond(20.0 * j.share)),
        ("", "Requests a second over all client zones"),
    );
    form.number(
        ui,
        "Share",
        &mut j.share,
        (0.0, 1e6),
        ("", "Of the client's requests, relative to its other journeys"),
    );
    form.quantity(
        ui,
        "Deadline",
        &mut j.deadline,
        Absent::Default(Millis(5000.0)),
        ("", "Time after which the client gives up"),
    );
    form.quantity(
        ui,
        "Probed every",
        &mut j.probe,
        Absent::Means("not probed"),
        ("", "How often a synthetic probe does the same from outside; read by the rules"),
    );
}

fn promise(ui: &mut Ui, form: &mut Form<'_>, j: &mut Journey) {
    let mut o: Objective = j.objective.clone().unwrap_or_default();
    form.share(ui, "Availability", &mut o.availability, "not promised", "Share of requests served");
    form.quantity(
        ui,
        "p99",
        &mut o.p99,
        Absent::Means("not promised"),
        ("", "99th percentile of the time of a served request"),
    );
    form.quantity(
        ui,
        "Recovery time",
        &mut o.rto,
        Absent::Means("not promised"),
        ("RTO", "Until it is served again"),
    );
    form.quantity(
        ui,
        "Recovery point",
        &mut o.rpo,
        Absent::Means("not promised"),
        ("RPO", "How much written data may be lost"),
    );
    if o != j.objective.clone().unwrap_or_default() {
        j.objective = (o != Objective::default()).then_some(o);
    }
    form.choice(
        ui,
        "Consistency",
        &mut j.consistency,
        Some(&None),
        &MODELS,
        "What reads and writes must keep, where a step does not say",
    );
}

fn losses(ui: &mut Ui, ctx: &Ctx<'_>, journey: &str) {
    let worst = panels::worst(ctx, journey);
    if worst.is_empty() {
        let text = if ctx.impact.by_element.is_empty() {
            "Being computed."
        } else {
            "No loss of a single element stops it or a part of it."
        };
        widgets::paragraph(ui, text, size::LABEL, Ink::Text2);
        return;
    }
    for (outcome, share, name) in worst.iter().take(8) {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 22.0), egui::Sense::hover());
        let ink = words::outcome_ink(*outcome);
        widgets::state_dot(ui, egui::pos2(rect.left() + 5.0, rect.center().y), ink);
        let words = match outcome {
            Outcome::Part => format!("{} served", words::percent(*share)),
            other => other.word().to_owned(),
        };
        let color = crate::gui::style::ink(ui, ink);
        let used =
            widgets::paint_text(ui, rect, egui::Align::Max, &words, (size::LABEL, Weight::Medium, color));
        let left = egui::Rect::from_min_max(
            rect.min + egui::vec2(16.0, 0.0),
            rect.max - egui::vec2(used + 8.0, 0.0),
        );
        let color = crate::gui::style::ink(ui, Ink::Text1);
        widgets::paint_text(ui, left, egui::Align::Min, name, (size::LABEL, Weight::Regular, color));
    }
    if worst.len() > 8 {
        widgets::caption(ui, &format!("and {} more", worst.len() - 8));
    }
}
