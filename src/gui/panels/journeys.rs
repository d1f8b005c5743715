//! What users do: each journey with its rate, its promises, its way, how it fares, and the single losses that hurt it
//! most.

use egui::Ui;

use crate::design::{Design, ElementId, Journey, Step};
use crate::edit::commands;
use crate::gui::command::Action;
use crate::gui::context::{Ctx, Outcome};
use crate::gui::widgets::{self, Column, Row, Sorting, Table};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

const COLUMNS: [Column; 8] = [
    Column::fixed("", 12.0),
    Column::grows("Journey", 110.0, 1.0),
    Column::fixed("Rate", 64.0).right(),
    Column::fixed("Deadline", 66.0).right(),
    Column::fixed("Available", 84.0).right(),
    Column::fixed("Objective", 78.0).right(),
    Column::grows("Way", 170.0, 2.6),
    Column::grows("Worst single losses", 150.0, 2.0),
];

/// The tab of the journeys.
pub(super) fn journeys_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let journeys = &ctx.design.journeys;
    if journeys.is_empty() {
        empty(ui, ctx);
        return;
    }
    let selected =
        ctx.view.selection.single().and_then(|id| journeys.iter().position(|j| j.id.as_str() == id.as_str()));
    let table = Table {
        id: "journeys",
        columns: &COLUMNS,
        rows: journeys.len() + 1,
        selected,
        sorting: Sorting::default(),
    };
    let mut add = false;
    let done = table.show(ui, |i, row| match journeys.get(i) {
        Some(j) => draw(row, ctx, j),
        None => {
            row.named("Add a journey");
            add |= row.link(1, "Add a journey");
        }
    });
    if add {
        begin(ctx);
    }
    let of = |i: usize| journeys.get(i).map(|j| ElementId::new(j.id.as_str()));
    if let Some(id) = done.chosen.and_then(of) {
        ctx.commands.view(Action::Select(vec![id]));
    }
    if let Some(j) = done.opened.and_then(|i| journeys.get(i)) {
        ctx.commands.view(Action::ZoomTo(reach(ctx.design, j)));
    }
    if let Some(id) = done.hovered.and_then(of) {
        ctx.commands.view(Action::Hover(id));
    }
}

/// What to do next where there is no journey.
pub(super) fn empty(ui: &mut Ui, ctx: &Ctx<'_>) {
    if ctx.design.components.iter().any(|c| c.kind == crate::design::Kind::Client) {
        let sentence = "No journey is drawn, so each client is taken to ask everything it reaches: draw what users \
                        really do.";
        if widgets::empty(ui, Icon::Journey, sentence, Some("Add a journey")).is_some_and(|r| r.clicked()) {
            begin(ctx);
        }
    } else {
        let sentence = "Journeys begin at clients: put clients on the canvas first.";
        if widgets::empty(ui, Icon::Journey, sentence, Some("Pick up clients")).is_some_and(|r| r.clicked()) {
            ctx.commands.view(Action::PickUp(crate::design::Kind::Client));
        }
    }
}

/// Adds a journey of the first client and selects it.
pub(crate) fn begin(ctx: &Ctx<'_>) {
    let Some(client) = ctx.design.components.iter().find(|c| c.kind == crate::design::Kind::Client) else {
        return;
    };
    let name = format!("Journey {}", ctx.design.journeys.len() + 1);
    let (command, id) = commands::add_journey(ctx.design, &name, &client.id);
    ctx.commands.edit(command);
    ctx.commands.view(Action::Select(vec![ElementId::new(id.as_str())]));
}

fn draw(row: &mut Row<'_>, ctx: &Ctx<'_>, j: &Journey) {
    let live = ctx.live.and_then(|l| l.journeys.get(&j.id)).and_then(|l| l.success);
    let worst = worst(ctx, j.id.as_str());
    let objective = j.objective.as_ref().and_then(|o| o.availability);
    let long_run = ctx.impact.availability.get(j.id.as_str());
    let ink = match (live, objective, long_run) {
        (Some(s), ..) => words::outcome_ink(super::live::outcome_of(s)),
        (None, Some(o), Some(a)) => {
            if a.value < o {
                Ink::Bad
            } else {
                Ink::Good
            }
        }
        (None, None, _) if gravest(ctx, j) == Some(crate::analysis::Severity::Error) => Ink::Bad,
        (None, None, _) if gravest(ctx, j) == Some(crate::analysis::Severity::Warning) => Ink::Warn,
        (None, None, Some(_)) => Ink::Good,
        (None, _, None) => Ink::Text3,
    };
    let frame = row.cell(0);
    widgets::state_dot(row.ui, egui::pos2(frame.left() + 6.0, frame.center().y), ink);
    row.text(1, j.title(), Weight::Medium, Ink::Text1);
    let stated = |is: bool| if is { Ink::Text1 } else { Ink::Text3 };
    row.text(2, &words::rate(j.rate().get()), Weight::Regular, stated(j.rate.is_some()));
    row.text(3, &j.deadline().to_string(), Weight::Regular, stated(j.deadline.is_some()));
    let text = long_run.map_or_else(|| "…".to_owned(), |a| words::percent(a.value));
    row.text(4, &text, Weight::Medium, if ink == Ink::Bad { Ink::Bad } else { Ink::Text1 });
    let text = objective.map_or_else(|| "—".to_owned(), words::percent);
    row.text(5, &text, Weight::Regular, stated(objective.is_some()));
    row.text(6, &way(ctx.design, j), Weight::Regular, Ink::Text2);
    let losses = match (worst.as_slice(), ctx.impact.by_element.is_empty()) {
        ([], true) => "being computed".to_owned(),
        ([], false) => "none alone".to_owned(),
        (some, _) => some
            .iter()
            .take(3)
            .map(|(o, share, name)| match o {
                Outcome::Part => format!("{name} ({} served)", words::percent(*share)),
                _ => format!("{name} ({})", o.word()),
            })
            .collect::<Vec<_>>()
            .join(", "),
    };
    row.text(7, &losses, Weight::Regular, if worst.is_empty() { Ink::Text3 } else { Ink::Text1 });
}

/// The gravest open finding that speaks of a journey.
fn gravest(ctx: &Ctx<'_>, j: &Journey) -> Option<crate::analysis::Severity> {
    ctx.report.and_then(|r| r.open().filter(|f| f.journeys.contains(&j.id)).map(|f| f.severity).max())
}

/// The losses of single elements that hurt a journey, worst first: outcome, share that is left, name.
pub(crate) fn worst(ctx: &Ctx<'_>, journey: &str) -> Vec<(Outcome, f64, String)> {
    let mut found: Vec<(Outcome, f64, String)> = ctx
        .impact
        .by_element
        .iter()
        .filter(|(id, _)| id.as_str() != journey)
        .filter_map(|(id, impact)| {
            let j = impact.journeys.iter().find(|j| j.id == journey)?;
            (j.outcome < Outcome::Degraded)
                .then(|| (j.outcome, j.share, words::element(ctx.design, id.as_str())))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    found
}

/// The way of a journey in words: `web → checkout → (orders-db, events)`.
pub(crate) fn way(design: &Design, j: &Journey) -> String {
    if j.steps.is_empty() {
        let client = words::element(design, j.client.as_str());
        return format!("everything that {client} reaches");
    }
    branch(design, &j.steps)
}

fn branch(design: &Design, steps: &[Step]) -> String {
    let one = |s: &Step| {
        let target = design
            .link(s.link.as_str())
            .map_or_else(|| s.link.to_string(), |l| words::element(design, l.to.as_str()));
        match s.then.as_slice() {
            [] => target,
            then => format!("{target} → {}", branch(design, then)),
        }
    };
    match steps {
        [s] => one(s),
        many => format!("({})", many.iter().map(one).collect::<Vec<_>>().join(", ")),
    }
}

fn reach(design: &Design, j: &Journey) -> Vec<ElementId> {
    fn walk(design: &Design, steps: &[Step], out: &mut Vec<ElementId>) {
        for s in steps {
            if let Some(l) = design.link(s.link.as_str()) {
                out.push(ElementId::from(&l.to));
            }
            walk(design, &s.then, out);
        }
    }
    let mut out = vec![ElementId::from(&j.client)];
    walk(design, &j.steps, &mut out);
    out
}
