//! How long each single failure is felt by a journey, part by part, and what data it costs, beside what is promised.

use egui::Ui;

use super::{Answer, OLD, State, follow, line, row_of, working};
use crate::analysis::recovery::{Basis, DataLoss, Failure, JourneyRecovery, Part, Span};
use crate::design::{ElementId, JourneyId};
use crate::gui::command::Action;
use crate::gui::context::{Ctx, Outcome};
use crate::gui::figures::Dated;
use crate::gui::widgets::{self, Column, Row, Table};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

const COLUMNS: [Column; 6] = [
    Column::fixed("", 16.0),
    Column::grows("If this fails", 140.0, 1.0).sorting(),
    Column::fixed("Then", 112.0)
        .sorting()
        .meaning("What is served at once, while callers can only try again, and once everything that acts by itself has acted."),
    Column::fixed("Back after", 84.0)
        .right()
        .falling()
        .meaning("RTO: until as much is served as before, at most, as the sum of the parts beside it (ISO 22301)."),
    Column::grows("Which is", 190.0, 2.6)
        .yielding(1)
        .meaning("The parts of that time, one after the other; the pointer on them says which property each comes from."),
    Column::grows("May lose", 128.0, 0.6)
        .falling()
        .meaning("RPO: what was acknowledged within that time before the failure may be gone if what failed never comes back (ISO 22301)."),
];

pub(super) fn recovery_ui(ui: &mut Ui, ctx: &Ctx<'_>, journey: &JourneyId, state: &mut State) {
    let Some(dated) = ctx.figures.recovery.get(journey) else {
        line(ui, ctx, &Answer::working(""), false, |_| {});
        working(ui);
        return;
    };
    let found = &*dated.figure;
    let is_old = dated.of != ctx.figures.meaning;
    let promises = found.rto.is_some() || found.rpo.is_some();
    let drawn = ctx.design.journey(journey.as_str()).is_some();
    line(ui, ctx, &answer(dated), is_old, |ui| {
        if !promises
            && drawn
            && ui.available_width() > 330.0
            && widgets::link(ui, "State what is promised").clicked()
        {
            ctx.commands.view(Action::Select(vec![ElementId::new(journey.as_str())]));
        }
    });
    if found.failures.is_empty() {
        widgets::empty(ui, Icon::Check, "No single failure is felt by this journey.", None);
        return;
    }
    ui.scope(|ui| {
        if is_old {
            ui.multiply_opacity(OLD);
        }
        table(ui, ctx, dated, state);
    });
}

fn table(ui: &mut Ui, ctx: &Ctx<'_>, dated: &Dated<JourneyRecovery>, state: &mut State) {
    let found = &*dated.figure;
    let mut rows: Vec<(&Failure, String)> = (found.failures.iter())
        .map(|f| (f, named(dated, f)))
        .filter(|(_, name)| state.finds([name.as_str()]))
        .collect();
    if rows.is_empty() {
        let pressed =
            widgets::empty(ui, Icon::Search, "No failure is of that name.", Some("Show all failures"));
        if pressed.is_some_and(|r| r.clicked()) {
            state.text.clear();
        }
        return;
    }
    let back = |f: &Failure| f.back.total().get();
    // Broken promises first, then what is felt longest, then what loses most.
    rows.sort_by(|(a, _), (b, _)| {
        let by = misses(found, b).cmp(&misses(found, a)).then(back(b).total_cmp(&back(a)));
        by.then(b.loss.reach_ms().total_cmp(&a.loss.reach_ms()))
    });
    if let Some(column) = state.recovery.column {
        rows.sort_by(|(a, name), (b, other)| {
            let order = match column {
                1 => name.cmp(other),
                2 => (a.settled.0, a.at_once.0).cmp(&(b.settled.0, b.at_once.0)),
                3 => back(a).total_cmp(&back(b)),
                _ => a.loss.reach_ms().total_cmp(&b.loss.reach_ms()),
            };
            if state.recovery.down { order.reverse() } else { order }
        });
    }
    let selected = row_of(ctx, state, rows.iter().map(|(f, _)| &f.element));
    let table =
        Table { id: "recovery", columns: &COLUMNS, rows: rows.len(), selected, sorting: state.recovery };
    let done = table.show(ui, |i, row| draw(row, ctx, found, rows[i].0, &rows[i].1));
    if let Some(sorting) = done.sort {
        state.recovery = sorting;
    }
    follow(ctx, state, &done, |i| rows.get(i).map(|(f, _)| f.element.clone()));
}

/// What fails, and how many others of which the same is true.
fn named(dated: &Dated<JourneyRecovery>, f: &Failure) -> String {
    let name = dated.name(&f.element);
    match f.alike {
        0 => name.to_owned(),
        n => format!("{name} and {n} alike"),
    }
}

/// How many promises a failure breaks.
fn misses(found: &JourneyRecovery, f: &Failure) -> usize {
    let broken = [found.meets_rto(f), found.meets_rpo(f)];
    broken.iter().filter(|meets| **meets == Some(false)).count()
}

fn draw(row: &mut Row<'_>, ctx: &Ctx<'_>, found: &JourneyRecovery, f: &Failure, name: &str) {
    let frame = row.cell(0);
    let at = egui::pos2(frame.left() + 8.0, frame.center().y);
    let promises = found.rto.is_some() || found.rpo.is_some();
    if misses(found, f) > 0 {
        widgets::severity_mark(row.ui, at, Ink::Bad);
    } else if promises {
        row.icon(0, Icon::Check, Ink::Good);
    }
    row.text(1, name, Weight::Medium, Ink::Text1);
    let (now, then) = (f.at_once.0, f.settled.0);
    let text =
        if now == then { then.word().to_owned() } else { format!("{}, then {}", now.word(), then.word()) };
    let ink = if then < Outcome::Degraded { words::outcome_ink(then) } else { Ink::Text1 };
    row.text(2, &text, Weight::Regular, ink);
    if f.back.parts.is_empty() {
        row.text(3, "not felt", Weight::Regular, Ink::Text3);
        row.text(4, "—", Weight::Regular, Ink::Text3);
    } else {
        let ink = if found.meets_rto(f) == Some(false) { Ink::Bad } else { Ink::Text1 };
        row.explained(3, &f.back.total().to_string(), &told(&f.back), Weight::Medium, ink);
        row.explained(4, &f.back.words(), &told(&f.back), Weight::Regular, Ink::Text2);
    }
    let bad = if found.meets_rpo(f) == Some(false) { Ink::Bad } else { Ink::Text1 };
    let whose = f.loses.as_ref().map_or_else(String::new, |c| words::element(ctx.design, c.as_str()));
    match &f.loss {
        DataLoss::Nothing => row.text(5, "nothing", Weight::Regular, Ink::Text3),
        DataLoss::UpTo(span) => {
            row.explained(5, &format!("{} of {whose}", span.total()), &told(span), Weight::Medium, bad);
        }
        DataLoss::Everything(why) => {
            row.explained(5, &format!("all of {whose}"), why, Weight::Medium, bad);
        }
    }
}

/// The parts of a time, a line each, with the property that each comes from.
fn told(span: &Span) -> String {
    let one = |p: &Part| {
        let source = match (p.basis, p.source.as_str()) {
            (Basis::Stated, source) => source.to_owned(),
            (basis, "") => basis.word().to_owned(),
            (basis, source) => format!("{}: {source}", basis.word()),
        };
        format!("{} {}  [{source}]", p.takes, p.what)
    };
    span.parts.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn answer(dated: &Dated<JourneyRecovery>) -> Answer {
    let found = &*dated.figure;
    let longest = found.failures.iter().max_by(|a, b| a.back.total().get().total_cmp(&b.back.total().get()));
    let worst = found.failures.iter().max_by(|a, b| a.loss.reach_ms().total_cmp(&b.loss.reach_ms()));
    let head = match longest.filter(|f| f.back.total().get() > 0.0) {
        Some(f) => format!("Back within {} of any single failure", f.back.total()),
        None => "No single failure is felt".to_owned(),
    };
    let mut rest = Vec::new();
    match worst.map(|f| &f.loss) {
        Some(DataLoss::Everything(_)) => rest.push("one of them may lose everything".to_owned()),
        Some(DataLoss::UpTo(span)) => rest.push(format!("may lose {} of data", span.total())),
        _ => rest.push("loses no data".to_owned()),
    }
    let mut ink = Ink::Text1;
    let promises: Vec<String> = [
        found.rto.map(|t| format!("back within {t}")),
        found
            .rpo
            .map(|t| if t.get() > 0.0 { format!("{t} of data at most") } else { "no data lost".to_owned() }),
    ]
    .into_iter()
    .flatten()
    .collect();
    if promises.is_empty() {
        rest.push("nothing is promised".to_owned());
    } else {
        let broken = found.failures.iter().filter(|f| misses(found, f) > 0).count();
        if broken > 0 {
            ink = Ink::Bad;
        }
        let of = words::counted(found.failures.len(), "failure");
        let kept =
            if broken == 0 { "kept by every one".to_owned() } else { format!("broken by {broken} of {of}") };
        rest.push(format!("promised: {}, {kept}", promises.join(" and ")));
    }
    let hint = longest
        .map_or_else(String::new, |f| format!("Longest: {}, {}", dated.name(&f.element), f.back.told()));
    Answer { head, ink, rest: rest.join(" · "), hint }
}
