//! Predicted beside measured: every claim, how it came out, and the ways to try claims.

use egui::{Id, Ui};

use crate::gui::command::{Action, Effect};
use crate::gui::context::{ClaimRow, ClaimVerdict, Ctx};
use crate::gui::style;
use crate::gui::widgets::{self, Column, Emphasis, Row, Sorting, Table};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// Claims of a sample.
const SAMPLE: usize = 12;

#[derive(Clone, Debug, Default)]
struct State {
    text: String,
    verdict: Option<ClaimVerdict>,
    sorting: Sorting,
    claim: Option<String>,
}

const COLUMNS: [Column; 8] = [
    Column::fixed("", 16.0),
    Column::grows("If this breaks", 170.0, 2.4).sorting(),
    Column::grows("Journey", 100.0, 1.2).sorting(),
    Column::fixed("Predicted", 104.0).sorting(),
    Column::fixed("Measured", 132.0).sorting(),
    Column::fixed("Verdict", 84.0).sorting(),
    Column::grows("Note", 90.0, 2.0),
    Column::fixed("", 64.0).right(),
];

/// The tab of the proof; `tools` is the strip beside the tabs.
pub(super) fn proof_ui(ui: &mut Ui, tools: &mut Ui, ctx: &Ctx<'_>) {
    let proof = ctx.proof;
    let mut state: State = super::memory(ui, "proof");
    if proof.claims.is_empty() {
        empty(ui, ctx);
        return;
    }
    widgets::search(tools, Id::unique("find-claim"), "Find a claim", "Find", &mut state.text, 150.0);
    bar(ui, ctx, &mut state);
    let rows = rows(ctx, &state);
    if rows.is_empty() {
        let pressed = widgets::empty(ui, Icon::Search, "No claim fits the filter.", Some("Show all claims"));
        if pressed.is_some_and(|r| r.clicked()) {
            state = State::default();
        }
    } else {
        table(ui, ctx, &rows, &mut state);
    }
    super::remember(ui, "proof", state);
}

fn empty(ui: &mut Ui, ctx: &Ctx<'_>) {
    if ctx.proof.running {
        let status = if ctx.proof.status.is_empty() {
            "The claims are being written down."
        } else {
            &ctx.proof.status
        };
        widgets::empty(ui, Icon::Proof, status, None);
        return;
    }
    if ctx.design.links.is_empty() {
        let sentence =
            "There is nothing to prove yet: draw a client, what it calls, and a link between them.";
        if widgets::empty(ui, Icon::Proof, sentence, Some("Start from a template…"))
            .is_some_and(|r| r.clicked())
        {
            ctx.commands.view(Action::OpenGallery);
        }
        return;
    }
    let sentence = if ctx.proof.status.is_empty() {
        "Break every instance, zone and cause of a live cluster in turn, and hold what its clients see against what \
         was predicted."
    } else {
        &ctx.proof.status
    };
    if widgets::empty(ui, Icon::Proof, sentence, Some("Prove every prediction")).is_some_and(|r| r.clicked())
    {
        ctx.commands.effect(Effect::Prove(Vec::new()));
    }
}

fn bar(ui: &mut Ui, ctx: &Ctx<'_>, state: &mut State) {
    let proof = ctx.proof;
    let of = |v: ClaimVerdict| proof.claims.iter().filter(|c| c.verdict == v).count();
    let tried = of(ClaimVerdict::Confirmed) + of(ClaimVerdict::Refuted) + of(ClaimVerdict::Inconclusive);
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.add_space(style::MARGIN);
        for v in [
            ClaimVerdict::Confirmed,
            ClaimVerdict::Refuted,
            ClaimVerdict::Inconclusive,
            ClaimVerdict::Waiting,
        ] {
            let n = of(v);
            if n > 0 {
                let on = state.verdict == Some(v);
                if widgets::chip(ui, &format!("{n} {}", v.label()), on).clicked() {
                    state.verdict = (!on).then_some(v);
                }
            }
        }
        ui.add_space(8.0);
        if proof.running {
            let part = tried as f32 / proof.claims.len().max(1) as f32;
            let line = if proof.status.is_empty() {
                format!("{tried} of {} claims", proof.claims.len())
            } else {
                proof.status.clone()
            };
            if widgets::progress(ui, "Proving", part, &line, Some("Stop proving")) {
                ctx.commands.effect(Effect::CancelProof);
            }
        } else {
            let whole = if tried == 0 { "Prove all" } else { "Prove all again" };
            if widgets::button(ui, whole, Some(Icon::Proof), Emphasis::Primary).clicked() {
                ctx.commands.effect(Effect::Prove(Vec::new()));
            }
            let waiting = of(ClaimVerdict::Waiting);
            if waiting > 0
                && tried > 0
                && widgets::button(ui, &format!("Go on with {waiting}"), None, Emphasis::Plain).clicked()
            {
                let ids = ids(proof.claims.iter().filter(|c| c.verdict == ClaimVerdict::Waiting));
                ctx.commands.effect(Effect::Prove(ids));
            }
            let old = ids(proof.claims.iter().filter(|c| proof.is_old(c)));
            if !old.is_empty()
                && old.len() < proof.claims.len()
                && widgets::button(
                    ui,
                    &format!("Again: {} of an older revision", old.len()),
                    None,
                    Emphasis::Plain,
                )
                .clicked()
            {
                ctx.commands.effect(Effect::Prove(old.clone()));
            }
            if !old.is_empty() && old.len() == proof.claims.len() {
                widgets::label(ui, "The design has changed since");
            }
            if proof.claims.len() > SAMPLE * 2
                && widgets::button(ui, &format!("A sample of {SAMPLE}"), None, Emphasis::Plain).clicked()
            {
                let step = proof.claims.len().div_ceil(SAMPLE);
                ctx.commands.effect(Effect::Prove(ids(proof.claims.iter().step_by(step))));
            }
            let about: Vec<String> = ids(proof.claims.iter().filter(|c| touches_selection(ctx, c)));
            if !about.is_empty() {
                let name = format!("Only the selection ({})", about.len());
                if widgets::button(ui, &name, None, Emphasis::Plain).clicked() {
                    ctx.commands.effect(Effect::Prove(about));
                }
            }
            if !proof.status.is_empty() {
                widgets::label(ui, &proof.status);
            }
        }
    });
    ui.add_space(4.0);
}

fn ids<'a>(claims: impl Iterator<Item = &'a ClaimRow>) -> Vec<String> {
    claims.map(|c| c.id.clone()).collect()
}

/// Whether a claim breaks something that is selected, or speaks of a selected journey.
fn touches_selection(ctx: &Ctx<'_>, claim: &ClaimRow) -> bool {
    ctx.view.selection.ids().iter().any(|id| {
        claim.journey.as_str() == id.as_str()
            || claim.elements.iter().any(|e| e == id || e.as_str().split('/').next() == Some(id.as_str()))
    })
}

fn rows<'a>(ctx: &Ctx<'a>, state: &State) -> Vec<&'a ClaimRow> {
    let text = state.text.trim().to_lowercase();
    let mut rows: Vec<&ClaimRow> = ctx
        .proof
        .claims
        .iter()
        .filter(|c| state.verdict.is_none_or(|v| c.verdict == v))
        .filter(|c| {
            text.is_empty()
                || c.fault.to_lowercase().contains(&text)
                || words::fault(ctx.design, &c.fault).to_lowercase().contains(&text)
                || words::claimed(ctx.design, c).to_lowercase().contains(&text)
        })
        .collect();
    if let Some(column) = state.sorting.column {
        rows.sort_by(|a, b| {
            let order = match column {
                1 => a.fault.cmp(&b.fault),
                2 => (&a.journey, &a.effect).cmp(&(&b.journey, &b.effect)),
                3 => a.predicted_share.total_cmp(&b.predicted_share),
                4 => a.observed_share.unwrap_or(-1.0).total_cmp(&b.observed_share.unwrap_or(-1.0)),
                _ => grave(b.verdict).cmp(&grave(a.verdict)),
            };
            if state.sorting.down { order.reverse() } else { order }
        });
    }
    rows
}

fn grave(v: ClaimVerdict) -> u8 {
    match v {
        ClaimVerdict::Refuted => 4,
        ClaimVerdict::Inconclusive => 3,
        ClaimVerdict::Trying => 2,
        ClaimVerdict::Waiting => 1,
        ClaimVerdict::Confirmed => 0,
    }
}

fn table(ui: &mut Ui, ctx: &Ctx<'_>, rows: &[&ClaimRow], state: &mut State) {
    let selected = state.claim.as_ref().and_then(|id| rows.iter().position(|c| c.id == *id));
    let table = Table { id: "proof", columns: &COLUMNS, rows: rows.len(), selected, sorting: state.sorting };
    let done = table.show(ui, |i, row| draw(row, ctx, rows[i], selected == Some(i)));
    if let Some(claim) = done.chosen.map(|i| rows[i]) {
        state.claim = Some(claim.id.clone());
        if !claim.elements.is_empty() {
            ctx.commands.view(Action::Select(claim.elements.clone()));
        }
    }
    if let Some(claim) = done.opened.map(|i| rows[i]) {
        ctx.commands.view(Action::ZoomTo(claim.elements.clone()));
    }
    if let Some(first) = done.hovered.and_then(|i| rows[i].elements.first()) {
        ctx.commands.view(Action::Hover(first.clone()));
    }
    if let Some(sorting) = done.sort {
        state.sorting = sorting;
    }
}

fn draw(row: &mut Row<'_>, ctx: &Ctx<'_>, c: &ClaimRow, selected: bool) {
    let old = ctx.proof.is_old(c);
    let ink = if old { Ink::Text3 } else { words::verdict_ink(c.verdict) };
    row.icon(0, words::verdict_icon(c.verdict), ink);
    row.text(1, &words::fault(ctx.design, &c.fault), Weight::Medium, Ink::Text1);
    row.text(2, &words::claimed(ctx.design, c), Weight::Regular, Ink::Text2);
    let share = |s: f64| words::percent(s);
    let predicted = match c.predicted_share {
        s if s <= 0.0 || s >= 1.0 => c.predicted.word().to_owned(),
        s => format!("{} {}", c.predicted.word(), share(s)),
    };
    row.text(3, &predicted, Weight::Regular, words::outcome_ink(c.predicted));
    let measured = match c.observed_share {
        Some(s) => format!("{} of {}", share(s), words::count(c.requests)),
        None => "—".to_owned(),
    };
    row.text(4, &measured, Weight::Regular, Ink::Text1);
    row.text(5, c.verdict.label(), Weight::Regular, ink);
    let note = match (c.note.is_empty(), c.attempts) {
        _ if old => format!("of an older revision, {}", words::ago(c.tried_at_s)),
        (false, _) => c.note.clone(),
        (true, 0) => String::new(),
        (true, 1) => words::ago(c.tried_at_s),
        (true, n) => format!("{n} tries, {}", words::ago(c.tried_at_s)),
    };
    row.text(6, &note, Weight::Regular, Ink::Text2);
    if (row.hovered || selected) && !ctx.proof.running {
        let name = if c.attempts > 0 { "Try again" } else { "Try it" };
        if row.link(7, name) {
            ctx.commands.effect(Effect::Prove(vec![c.id.clone()]));
        }
    }
}
