//! A change beside the design as it is: what the clients of both live clusters saw of the same faults, line by line.

use egui::{Align, Layout, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use crate::gui::command::{Action, Effect};
use crate::gui::context::{ClaimRow, ClaimVerdict, ComparisonView, Ctx};
use crate::gui::style::{CONTROL, size};
use crate::gui::widgets::{self, Column, Emphasis, Row, Sorting, Table};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

#[derive(Clone, Debug, Default)]
struct State {
    sorting: Sorting,
    claim: Option<String>,
}

const COLUMNS: [Column; 7] = [
    Column::grows("If this breaks", 150.0, 2.0).sorting(),
    Column::grows("Journey", 90.0, 1.2).sorting(),
    Column::fixed("", 16.0),
    Column::grows("As drawn", 150.0, 1.2)
        .sorting()
        .meaning("What clients saw on the live cluster of the design as it is."),
    Column::fixed("", 16.0),
    Column::grows("After the change", 150.0, 1.2)
        .sorting()
        .meaning("What clients saw of the same fault on the live cluster of a copy with the change."),
    Column::grows("Note", 80.0, 1.6).yielding(1),
];

/// The tab of the comparison.
pub(super) fn comparison_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let Some(view) = ctx.comparison else {
        empty(ui, ctx);
        return;
    };
    let mut state: State = super::memory(ui, "comparison");
    head(ui, ctx, view);
    if view.rows.is_empty() {
        if view.running {
            widgets::empty(ui, Icon::Proof, &format!("{}…", words::sentence(&view.status)), None);
        } else {
            let pressed =
                widgets::empty(ui, Icon::Warning, &words::sentence(&view.status), Some("Put it away"));
            if pressed.is_some_and(|r| r.clicked()) {
                ctx.commands.view(Action::DropComparison);
            }
        }
    } else {
        table(ui, ctx, view, &mut state);
    }
    super::remember(ui, "comparison", state);
}

fn empty(ui: &mut Ui, ctx: &Ctx<'_>) {
    let sentence = "Preview a fix of a finding, or a plan that hardens the design, and prove it here: the design as it is and a \
                    copy with the change run as live clusters, and the same things break in both.";
    let can = !ctx.design.links.is_empty();
    let pressed = widgets::empty(ui, Icon::Proof, sentence, can.then_some("Harden the design…"));
    if pressed.is_some_and(|r| r.clicked()) {
        ctx.commands.view(Action::Harden);
    }
}

/// Whether the change can still be made, as far as the design at hand says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The design is the one that it was tried on.
    Open,
    /// The design is the one after the change.
    Made,
    /// The design is another.
    Other,
}

fn standing(ctx: &Ctx<'_>, view: &ComparisonView) -> Standing {
    match ctx.proof.design {
        d if d == view.designs.0 => Standing::Open,
        d if d == view.designs.1 => Standing::Made,
        _ => Standing::Other,
    }
}

/// The change with what can be done now, and below how far it is or what came of it.
fn head(ui: &mut Ui, ctx: &Ctx<'_>, view: &ComparisonView) {
    ui.add_space(8.0);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), CONTROL), Sense::hover());
    let inner = rect.shrink2(vec2(20.0, 0.0));
    let side = |from: f32, to: f32, layout: Layout| {
        let part = Rect::from_min_max(pos2(from, inner.top()), pos2(to, inner.bottom()));
        UiBuilder::new().max_rect(part).layout(layout)
    };
    let mut right = ui.new_child(side(inner.left(), inner.right(), Layout::right_to_left(Align::Center)));
    right.spacing_mut().item_spacing.x = 8.0;
    buttons(&mut right, ctx, view);
    let end = right.min_rect().left() - 16.0;
    let mut left = ui.new_child(side(inner.left(), end, Layout::left_to_right(Align::Center)));
    widgets::line(&mut left, &view.command.label, size::CARD, Weight::SemiBold, Ink::Text1);
    let of = view.claims().count();
    if of > 0 {
        let judged = view.claims().filter(|c| c.is_judged()).count();
        ui.horizontal(|ui| {
            ui.set_min_height(CONTROL);
            ui.spacing_mut().item_spacing.x = 10.0;
            ui.add_space(20.0);
            if view.running {
                let part = judged as f32 / of as f32;
                widgets::progress(ui, "Comparing", part, &words::sentence(&view.status), None);
            } else {
                let (text, ink) = outcome(view, judged, of);
                widgets::line(ui, &text, size::BODY, Weight::Regular, ink);
            }
        });
    }
    ui.add_space(4.0);
}

/// What can be done now, from the right.
fn buttons(ui: &mut Ui, ctx: &Ctx<'_>, view: &ComparisonView) {
    if view.running {
        if widgets::button(ui, "Stop comparing", None, Emphasis::Plain).clicked() {
            ctx.commands.effect(Effect::CancelComparison);
        }
        return;
    }
    if view.rows.is_empty() {
        return;
    }
    let standing = standing(ctx, view);
    if standing == Standing::Open
        && widgets::button(ui, "Make this change", None, Emphasis::Primary).clicked()
    {
        ctx.commands.edit(view.command.clone());
    }
    if widgets::button(ui, "Put it away", None, Emphasis::Plain).clicked() {
        ctx.commands.view(Action::DropComparison);
    }
    let (text, weight, ink) = match standing {
        Standing::Open => {
            let again = if view.claims().all(ClaimRow::is_judged) { "Try both again" } else { "Start over" };
            if widgets::button(ui, again, Some(Icon::Proof), Emphasis::Plain).clicked() {
                ctx.commands.effect(Effect::Compare(view.command.clone()));
            }
            return;
        }
        Standing::Made => ("Made; undo takes it back", Weight::SemiBold, Ink::Good),
        Standing::Other => ("The design has changed since", Weight::Regular, Ink::Warn),
    };
    widgets::line(ui, text, size::BODY, weight, ink);
}

/// What came of it, in a line.
fn outcome(view: &ComparisonView, judged: usize, of: usize) -> (String, Ink) {
    let wrong = |v: ClaimVerdict| view.claims().filter(|c| c.verdict == v).count();
    let (refuted, open) = (wrong(ClaimVerdict::Refuted), wrong(ClaimVerdict::Inconclusive));
    let (lost, kept) = view.lost_and_kept();
    if refuted > 0 {
        return (
            format!("{} refuted: the drawing is wrong about this design", words::counted(refuted, "claim")),
            Ink::Bad,
        );
    }
    if judged < of {
        let why = if view.status.is_empty() { String::new() } else { format!(" · {}", view.status) };
        return (format!("{judged} of {} judged{why}", words::counted(of, "claim")), Ink::Warn);
    }
    let rest = if open > 0 { format!(" · {open} inconclusive") } else { String::new() };
    match (lost, kept) {
        (0, _) => (format!("{} judged{rest}", words::counted(of, "claim")), Ink::Text2),
        (n, k) => {
            let ink = if n == k && open == 0 { Ink::Good } else { Ink::Text2 };
            (format!("{n} confirmed lost as drawn, {k} of them confirmed kept after the change{rest}"), ink)
        }
    }
}

fn table(ui: &mut Ui, ctx: &Ctx<'_>, view: &ComparisonView, state: &mut State) {
    let mut rows: Vec<&(ClaimRow, Option<ClaimRow>)> = view.rows.iter().collect();
    if let Some(column) = state.sorting.column {
        let share = |c: &ClaimRow| c.observed_share.unwrap_or(c.predicted_share);
        let after = |r: &(ClaimRow, Option<ClaimRow>)| r.1.as_ref().map_or(-1.0, share);
        rows.sort_by(|a, b| {
            let order = match column {
                0 => a.0.fault.cmp(&b.0.fault),
                1 => (&a.0.journey, &a.0.effect).cmp(&(&b.0.journey, &b.0.effect)),
                3 => share(&a.0).total_cmp(&share(&b.0)),
                _ => after(a).total_cmp(&after(b)),
            };
            if state.sorting.down { order.reverse() } else { order }
        });
    }
    let selected = state.claim.as_ref().and_then(|id| rows.iter().position(|r| r.0.id == *id));
    let table =
        Table { id: "comparison", columns: &COLUMNS, rows: rows.len(), selected, sorting: state.sorting };
    let done = table.show(ui, |i, row| draw(row, ctx, rows[i]));
    if let Some((claim, _)) = done.chosen.map(|i| rows[i]) {
        state.claim = Some(claim.id.clone());
        if !claim.elements.is_empty() {
            ctx.commands.view(Action::Select(claim.elements.clone()));
        }
    }
    if let Some((claim, _)) = done.opened.map(|i| rows[i]) {
        ctx.commands.view(Action::ZoomTo(claim.elements.clone()));
    }
    if let Some(first) = done.hovered.and_then(|i| rows[i].0.elements.first()) {
        ctx.commands.view(Action::Hover(first.clone()));
    }
    if let Some(sorting) = done.sort {
        state.sorting = sorting;
    }
}

fn draw(row: &mut Row<'_>, ctx: &Ctx<'_>, (before, after): &(ClaimRow, Option<ClaimRow>)) {
    row.text(0, &words::fault(ctx.design, &before.fault), Weight::Medium, Ink::Text1);
    row.text(1, &words::claimed(ctx.design, before), Weight::Regular, Ink::Text2);
    side(row, 2, before);
    match after {
        Some(after) => side(row, 4, after),
        None => row.text(5, "not there", Weight::Regular, Ink::Text3),
    }
    let note = [Some(before), after.as_ref()].into_iter().flatten().find(|c| {
        matches!(c.verdict, ClaimVerdict::Refuted | ClaimVerdict::Inconclusive) && !c.note.is_empty()
    });
    row.text(6, note.map_or("", |c| &c.note), Weight::Regular, Ink::Text2);
}

/// What was seen on one side, or what is predicted while nothing was.
fn side(row: &mut Row<'_>, column: usize, claim: &ClaimRow) {
    row.icon(column, words::verdict_icon(claim.verdict), words::verdict_ink(claim.verdict));
    let word = claim.predicted.word();
    let text = match claim.observed_share {
        Some(share) if claim.is_judged() => {
            format!("{} of {}", words::percent(share), words::count(claim.requests))
        }
        _ => format!("{word} predicted"),
    };
    let ink = match claim.verdict {
        ClaimVerdict::Confirmed => words::outcome_ink(claim.predicted),
        ClaimVerdict::Refuted => Ink::Bad,
        _ => Ink::Text2,
    };
    let text = if claim.verdict == ClaimVerdict::Confirmed { format!("{word}, {text}") } else { text };
    row.text(column + 1, &text, Weight::Regular, ink);
}
