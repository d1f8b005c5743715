//! What must fail together to lose a journey: its minimal cut sets, the greatest contribution first. A set that is chosen
//! is tried as a what-if on the canvas.

use egui::Ui;

use super::{Answer, OLD, State, extent, line, only, order_word, working};
use crate::analysis::failure::solve::{Estimate, Method};
use crate::design::JourneyId;
use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::figures::{CutSet, CutSets, Dated};
use crate::gui::view::WhatIf;
use crate::gui::widgets::{self, Column, Row, Table};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// Larger sets are shown when they are asked for.
const ORDER_USUAL: usize = 3;

const COLUMNS: [Column; 6] = [
    Column::fixed("", 16.0),
    Column::fixed("Order", 44.0)
        .yielding(1)
        .sorting().meaning("How many elements must be down at the same time."),
    Column::grows("Fail together", 200.0, 1.0)
        .sorting()
        .meaning("A minimal cut set: with all of these down the journey is lost, with any one of them up it is not."),
    Column::fixed("Chance", 76.0)
        .yielding(2)
        .right()
        .falling()
        .meaning("The share of the time that all of it is down, each element independently, MTTR / (MTBF + MTTR)."),
    Column::fixed("In a year", 92.0)
        .right()
        .falling()
        .meaning("The same as time in a year of 365 days."),
    Column::fixed("Share", 112.0)
        .right()
        .falling()
        .meaning("How often this set is down when the journey is lost. Sets overlap, so that the shares add up to a little more than all."),
];

pub(super) fn cut_sets_ui(ui: &mut Ui, ctx: &Ctx<'_>, journey: &JourneyId, state: &mut State) {
    let shown = &ctx.view.reliability;
    let dated = ctx.figures.cut_sets.get(&(journey.clone(), shown.extent));
    let Some(dated) = dated else {
        line(ui, ctx, &Answer::working(""), false, |_| {});
        working(ui);
        return;
    };
    let found = &*dated.figure;
    let is_old = dated.of != ctx.figures.meaning;
    line(ui, ctx, &answer(ctx, journey, dated), is_old, |ui| extent(ui, ctx, Some(dated)));
    if found.sets.is_empty() {
        nothing(ui, found);
        return;
    }
    ui.scope(|ui| {
        if is_old {
            ui.multiply_opacity(OLD);
        }
        table(ui, ctx, dated, state);
    });
}

fn nothing(ui: &mut Ui, found: &CutSets) {
    let sets = found.solution.cut_sets.as_ref();
    if sets.is_some_and(|s| s.always) {
        let sentence = "It is lost as it stands, without any failure: something that it needs is not there.";
        widgets::empty(ui, Icon::Warning, sentence, None);
    } else if sets.is_some_and(|s| s.total().to_string() == "0" && s.complete_to.is_none()) {
        let sentence = "Nothing that is drawn can fail in such a way that this journey is lost.";
        widgets::empty(ui, Icon::Check, sentence, None);
    } else {
        let sentence = "There are too many sets to list any order whole in the time.";
        widgets::empty(ui, Icon::Info, sentence, None);
    }
}

fn table(ui: &mut Ui, ctx: &Ctx<'_>, dated: &Dated<CutSets>, state: &mut State) {
    let found = &*dated.figure;
    let lost = found.solution.probability.map_or(0.0, |p| p.value);
    let mut rows: Vec<&CutSet> = found.sets.iter().filter(|set| state.finds(names(dated, set))).collect();
    let large = rows.iter().filter(|set| set.elements.len() > ORDER_USUAL).count();
    // Where there are no others, the larger ones are what there is to see.
    let hides = large > 0 && large < rows.len() && !state.larger;
    if hides {
        rows.retain(|set| set.elements.len() <= ORDER_USUAL);
    }
    if let Some(column) = state.sets.column {
        rows.sort_by(|a, b| {
            let order = match column {
                1 => a.elements.len().cmp(&b.elements.len()),
                2 => names(dated, a).cmp(&names(dated, b)),
                _ => a.at_most.total_cmp(&b.at_most),
            };
            if state.sets.down { order.reverse() } else { order }
        });
    }
    if rows.is_empty() {
        let pressed =
            widgets::empty(ui, Icon::Search, "No set has an element of that name.", Some("Show all sets"));
        if pressed.is_some_and(|r| r.clicked()) {
            state.text.clear();
        }
        return;
    }
    let note = unlisted(found);
    let more = hides
        .then(|| format!("Show {} of more than {}", words::counted(large, "set"), order_word(ORDER_USUAL)));
    let tried = ctx.view.what_if.as_ref().filter(|w| w.cuts.is_empty());
    let is_tried = |set: &CutSet| {
        tried.is_some_and(|w| {
            w.down.len() == set.elements.len() && set.elements.iter().all(|e| w.down.contains(e))
        })
    };
    let selected = rows.iter().position(|set| is_tried(set));
    let ends = usize::from(more.is_some()) + usize::from(note.is_some());
    let table =
        Table { id: "cut-sets", columns: &COLUMNS, rows: rows.len() + ends, selected, sorting: state.sets };
    let mut larger = false;
    let done = table.show(ui, |i, row| match (rows.get(i), &more, &note) {
        (Some(set), ..) => draw(row, set, &names(dated, set), lost),
        (None, Some(more), _) if i == rows.len() => {
            row.named(more);
            larger |= row.link(2, more);
        }
        (None, _, Some(note)) => row.heading("", note),
        _ => {}
    });
    state.larger |= larger || (more.is_some() && done.opened == Some(rows.len()));
    if let Some(sorting) = done.sort {
        state.sets = sorting;
    }
    if let Some(set) = done.chosen.and_then(|i| rows.get(i)) {
        // A second press leaves it; the second of two in a row means it.
        let leaves = done.chosen == selected && done.opened.is_none();
        let world =
            (!leaves).then(|| WhatIf { down: set.elements.iter().cloned().collect(), ..WhatIf::default() });
        ctx.commands.view(Action::SetWhatIf(world));
    }
    if let Some(set) = done.opened.and_then(|i| rows.get(i)) {
        ctx.commands.view(Action::ZoomTo(set.elements.clone()));
    }
    if let Some(set) = done.hovered.and_then(|i| rows.get(i))
        && let [one] = &set.elements[..]
    {
        ctx.commands.view(Action::Hover(only(ctx.design, one)));
    }
}

fn names<'a>(dated: &'a Dated<CutSets>, set: &'a CutSet) -> Vec<&'a str> {
    set.elements.iter().map(|e| dated.name(e)).collect()
}

fn draw(row: &mut Row<'_>, set: &CutSet, names: &[&str], lost: f64) {
    let alone = set.elements.len() == 1;
    if alone {
        let frame = row.cell(0);
        let ink = if set.chance.is_some() { Ink::Bad } else { Ink::Warn };
        widgets::severity_mark(row.ui, egui::pos2(frame.left() + 8.0, frame.center().y), ink);
    }
    row.text(1, &set.elements.len().to_string(), Weight::Regular, Ink::Text2);
    row.text(2, &names.join("  +  "), Weight::Medium, Ink::Text1);
    match set.chance {
        Some(chance) => {
            row.text(3, &words::probability(chance), Weight::Regular, Ink::Text1);
            row.text(4, &words::in_a_year(chance), Weight::Regular, Ink::Text1);
            let share = if lost > 0.0 { (chance / lost).min(1.0) } else { 0.0 };
            row.bar(5, share, &words::percent(share), if alone { Ink::Bad } else { Ink::Accent });
        }
        None => {
            let why = "A cause in it has no rate of failure: state one, and it counts.";
            row.explained(3, "no rate", why, Weight::Regular, Ink::Text2);
            row.text(4, "—", Weight::Regular, Ink::Text3);
            row.text(5, "—", Weight::Regular, Ink::Text3);
        }
    }
}

/// What is not listed: orders that are counted only, or not even that.
fn unlisted(found: &CutSets) -> Option<String> {
    let sets = found.solution.cut_sets.as_ref()?;
    let mut said = Vec::new();
    if let Some(to) = sets.listed_to {
        let counts = sets.by_order.iter().enumerate().skip(to as usize).filter(|(_, n)| n.to_string() != "0");
        let counts: Vec<String> = counts.map(|(i, n)| format!("{n} of {}", order_word(i + 1))).collect();
        if !counts.is_empty() {
            said.push(format!("counted and not listed: {}", counts.join(", ")));
        }
    }
    if let Some(to) = sets.complete_to {
        said.push(format!(
            "sets of more than {} were not counted: they did not fit the time",
            order_word(to as usize)
        ));
    }
    (!said.is_empty()).then(|| words::sentence(&said.join("; ")))
}

/// The line that answers: how long it is lost, how that is known, and by how many sets.
fn answer(ctx: &Ctx<'_>, journey: &JourneyId, dated: &Dated<CutSets>) -> Answer {
    let found = &*dated.figure;
    let mut answer =
        Answer { head: String::new(), ink: Ink::Text1, rest: String::new(), hint: String::new() };
    let mut rest = Vec::new();
    if let Some(p) = found.solution.probability {
        answer.head = match p.method {
            Method::Bounds => format!("Lost at most {}", words::per_year(p.upper)),
            _ if p.upper <= 0.0 => "Never lost by what has a rate".to_owned(),
            _ => format!("Lost {}", words::per_year(p.value)),
        };
        let promised = ctx.design.journey(journey.as_str()).and_then(|j| j.objective.as_ref()?.availability);
        if promised.is_some_and(|o| 1.0 - p.lower < o) {
            answer.ink = Ink::Bad;
        }
        answer.hint = hint(&p);
        let n = found.unrated.len();
        let but = if n > 0 { format!(", {} unrated", words::counted(n, "cause")) } else { String::new() };
        rest.push(method(&p).to_owned() + &but);
    }
    rest.push(counts(found));
    rest.extend(found.solution.probability.as_ref().map(up));
    if !found.unrated.is_empty() {
        let n = found.unrated.len();
        let names: Vec<&str> = found.unrated.iter().take(8).map(|e| dated.name(e)).collect();
        let names = names.join(", ");
        answer.hint.push_str(&format!(
            "\n{names}: no rate is stated, so in every probability here {} as never failing.",
            if n == 1 { "it counts" } else { "they count" }
        ));
    }
    answer.rest = rest.join(" · ");
    answer
}

fn method(p: &Estimate) -> &'static str {
    match p.method {
        Method::Exact => "exact",
        Method::Bounds => "true bounds",
        Method::Sampled => "sampled",
    }
}

/// The share of the time that it is not lost.
fn up(p: &Estimate) -> String {
    let up = |p: f64| words::percent(1.0 - p);
    match p.method {
        Method::Exact => format!("{} up", up(p.value)),
        Method::Bounds | Method::Sampled => format!("{} to {} up", up(p.upper), up(p.lower)),
    }
}

fn hint(p: &Estimate) -> String {
    let said = |p: f64| format!("{p:.4e}");
    match p.method {
        Method::Exact => format!(
            "Lost with probability {} at any moment, exactly: from a decision diagram of the journey's structure.",
            said(p.value)
        ),
        Method::Bounds => format!(
            "Lost with a probability between {} and {}: true bounds, as the decision diagram did not fit the time.",
            said(p.lower),
            said(p.upper)
        ),
        Method::Sampled => format!(
            "Lost with a probability between {} and {} with 95 % confidence: drawn worlds, as neither the decision \
             diagram nor narrow bounds fitted the time.",
            said(p.lower),
            said(p.upper)
        ),
    }
}

/// `0 sets of one, 14 of two, 96 of three`.
pub(super) fn counts(found: &CutSets) -> String {
    let Some(sets) = &found.solution.cut_sets else {
        return "its cut sets did not fit the time".to_owned();
    };
    let mut said: Vec<String> = Vec::new();
    for (i, n) in sets.by_order.iter().enumerate().take(4) {
        // None of one is worth saying; none of four is not.
        if n.to_string() == "0" && i > 0 {
            continue;
        }
        let noun = match (said.is_empty(), n.to_string() == "1") {
            (true, true) => " set",
            (true, false) => " sets",
            _ => "",
        };
        said.push(format!("{n}{noun} of {}", order_word(i + 1)));
    }
    if sets.by_order.len() > 4 {
        said.push("more of larger orders".to_owned());
    }
    if said.is_empty() { "no cut set".to_owned() } else { said.join(", ") }
}
