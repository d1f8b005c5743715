//! How long each single failure is felt by a journey, part by part, and what data it costs, beside what is promised.

use egui::Ui;

use super::{Answer, OLD, State, follow, line, row_of, working};
use crate::analysis::recovery::{
    Basis, DataLoss, EffectFailure, EffectRecovery, Failure, JourneyRecovery, Part, Span,
};
use crate::design::{ComponentId, ElementId, JourneyId};
use crate::gui::command::Action;
use crate::gui::context::Ctx;
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

/// A single failure as it is told in a row: what it does to the request, or to the work behind a queue.
struct Told<'a> {
    element: &'a ElementId,
    /// What fails, how, and how many others of which the same is true.
    name: String,
    /// What is left at once, and settled: the share, and the word for it.
    at_once: (f64, &'static str),
    settled: (f64, &'static str),
    ink: Ink,
    back: &'a Span,
    /// What may be gone, and of whose data; of the work behind a queue that is not asked.
    loss: Option<(&'a DataLoss, Option<&'a ComponentId>)>,
    /// Whether it keeps what is promised, where something is.
    meets: [Option<bool>; 2],
}

impl<'a> Told<'a> {
    fn of_request(dated: &Dated<JourneyRecovery>, found: &JourneyRecovery, f: &'a Failure) -> Self {
        Self {
            element: &f.element,
            name: named(dated, &f.element, f.alike),
            at_once: (f.at_once.1, f.at_once.0.word()),
            settled: (f.settled.1, f.settled.0.word()),
            ink: words::outcome_ink(f.settled.0),
            back: &f.back,
            loss: Some((&f.loss, f.loses.as_ref())),
            meets: [found.meets_rto(f), found.meets_rpo(f)],
        }
    }

    fn of_effect(dated: &Dated<JourneyRecovery>, f: &'a EffectFailure) -> Self {
        let ink = match f.settled.word() {
            "done" => Ink::Good,
            "never" => Ink::Bad,
            _ => Ink::Warn,
        };
        Self {
            element: &f.element,
            name: named(dated, &f.element, f.alike),
            at_once: (f.at_once.done, f.at_once.word()),
            settled: (f.settled.done, f.settled.word()),
            ink,
            back: &f.back,
            loss: None,
            meets: [None; 2],
        }
    }

    fn reach_ms(&self) -> f64 {
        self.loss.map_or(0.0, |(loss, _)| loss.reach_ms())
    }

    /// How many promises it breaks.
    fn misses(&self) -> usize {
        self.meets.iter().filter(|meets| **meets == Some(false)).count()
    }
}

/// What fails, and how many others of which the same is true.
fn named(dated: &Dated<JourneyRecovery>, element: &ElementId, alike: usize) -> String {
    let name = dated.name(element);
    match alike {
        0 => name.to_owned(),
        n => format!("{name} and {n} alike"),
    }
}

/// The single failures of a request, with the zones that are felt otherwise when they go silent; or those of one effect.
fn all<'a>(dated: &'a Dated<JourneyRecovery>, effect: Option<&'a EffectRecovery>) -> Vec<Told<'a>> {
    let found = &*dated.figure;
    if let Some(effect) = effect {
        return effect.failures.iter().map(|f| Told::of_effect(dated, f)).collect();
    }
    let refusing = found.failures.iter().map(|f| Told::of_request(dated, found, f));
    let silent = found.felt_silent().map(|f| {
        let told = Told::of_request(dated, found, f);
        // What is lost of data is the same whichever way it goes, and said once.
        Told { name: format!("{}, gone silent", told.name), loss: None, meets: [told.meets[0], None], ..told }
    });
    refusing.chain(silent).collect()
}

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
    let effect = found.effects.iter().find(|e| Some(&e.effect) == state.effect.as_ref());
    let rows = all(dated, effect);
    line(ui, ctx, &answer(found, effect, &rows), is_old, |ui| {
        of_what(ui, ctx, found, state);
        if !promises
            && drawn
            && ui.available_width() > 520.0
            && widgets::link(ui, "State what is promised").clicked()
        {
            ctx.commands.view(Action::Select(vec![ElementId::new(journey.as_str())]));
        }
    });
    if rows.is_empty() {
        let what = if effect.is_some() { "this work" } else { "this journey" };
        widgets::empty(ui, Icon::Check, &format!("No single failure is felt by {what}."), None);
        return;
    }
    ui.scope(|ui| {
        if is_old {
            ui.multiply_opacity(OLD);
        }
        table(ui, ctx, rows, state);
    });
}

/// The choice between the request and the work behind its queues, where there is such.
fn of_what(ui: &mut Ui, ctx: &Ctx<'_>, found: &JourneyRecovery, state: &mut State) {
    if found.effects.is_empty() {
        return;
    }
    let names: Vec<String> = found.effects.iter().map(|e| title_of(ctx, &e.effect)).collect();
    let mut options = vec![("The request", "")];
    options.extend(names.iter().map(|n| (n.as_str(), "behind a queue")));
    let at = found.effects.iter().position(|e| Some(&e.effect) == state.effect.as_ref());
    let at = at.map_or(0, |i| i + 1);
    if let Some(i) = widgets::choice(ui, "Of what", options[at].0, false, &options, 140.0) {
        state.effect = i.checked_sub(1).map(|i| found.effects[i].effect.clone());
    }
}

/// The name of an effect: that of its consumer, where nobody gave it another.
fn title_of(ctx: &Ctx<'_>, effect: &str) -> String {
    let name = effect.split_once('/').map_or(effect, |(_, name)| name);
    words::element(ctx.design, name)
}

fn table(ui: &mut Ui, ctx: &Ctx<'_>, mut rows: Vec<Told<'_>>, state: &mut State) {
    rows.retain(|r| state.finds([r.name.as_str()]));
    if rows.is_empty() {
        let pressed =
            widgets::empty(ui, Icon::Search, "No failure is of that name.", Some("Show all failures"));
        if pressed.is_some_and(|r| r.clicked()) {
            state.text.clear();
        }
        return;
    }
    let back = |r: &Told<'_>| r.back.total().get();
    // Broken promises first, then what is felt longest, then what loses most.
    rows.sort_by(|a, b| {
        let by = b.misses().cmp(&a.misses()).then(back(b).total_cmp(&back(a)));
        by.then(b.reach_ms().total_cmp(&a.reach_ms()))
    });
    if let Some(column) = state.recovery.column {
        rows.sort_by(|a, b| {
            let order = match column {
                1 => a.name.cmp(&b.name),
                2 => a.settled.0.total_cmp(&b.settled.0).then(a.at_once.0.total_cmp(&b.at_once.0)),
                3 => back(a).total_cmp(&back(b)),
                _ => a.reach_ms().total_cmp(&b.reach_ms()),
            };
            if state.recovery.down { order.reverse() } else { order }
        });
    }
    let selected = row_of(ctx, state, rows.iter().map(|r| r.element));
    let table =
        Table { id: "recovery", columns: &COLUMNS, rows: rows.len(), selected, sorting: state.recovery };
    let done = table.show(ui, |i, row| draw(row, ctx, &rows[i]));
    if let Some(sorting) = done.sort {
        state.recovery = sorting;
    }
    follow(ctx, state, &done, |i| rows.get(i).map(|r| r.element.clone()));
}

fn draw(row: &mut Row<'_>, ctx: &Ctx<'_>, told: &Told<'_>) {
    let frame = row.cell(0);
    let at = egui::pos2(frame.left() + 8.0, frame.center().y);
    if told.misses() > 0 {
        widgets::severity_mark(row.ui, at, Ink::Bad);
    } else if told.meets.iter().any(Option::is_some) {
        row.icon(0, Icon::Check, Ink::Good);
    }
    row.text(1, &told.name, Weight::Medium, Ink::Text1);
    let (now, then) = (told.at_once.1, told.settled.1);
    let text = if now == then { then.to_owned() } else { format!("{now}, then {then}") };
    let ink = if told.settled.0 < 1.0 { told.ink } else { Ink::Text1 };
    row.text(2, &text, Weight::Regular, ink);
    if told.back.parts.is_empty() {
        row.text(3, "not felt", Weight::Regular, Ink::Text3);
        row.text(4, "—", Weight::Regular, Ink::Text3);
    } else {
        let ink = if told.meets[0] == Some(false) { Ink::Bad } else { Ink::Text1 };
        row.explained(3, &told.back.total().to_string(), &parts(told.back), Weight::Medium, ink);
        row.explained(4, &told.back.words(), &parts(told.back), Weight::Regular, Ink::Text2);
    }
    let bad = if told.meets[1] == Some(false) { Ink::Bad } else { Ink::Text1 };
    let Some((loss, whose)) = told.loss else {
        row.text(5, "—", Weight::Regular, Ink::Text3);
        return;
    };
    let whose = whose.map_or_else(String::new, |c| words::element(ctx.design, c.as_str()));
    match loss {
        DataLoss::Nothing => row.text(5, "nothing", Weight::Regular, Ink::Text3),
        DataLoss::UpTo(span) => {
            row.explained(5, &format!("{} of {whose}", span.total()), &parts(span), Weight::Medium, bad);
        }
        DataLoss::Everything(why) => {
            row.explained(5, &format!("all of {whose}"), why, Weight::Medium, bad);
        }
    }
}

/// The parts of a time, a line each, with the property that each comes from.
fn parts(span: &Span) -> String {
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

fn answer(found: &JourneyRecovery, effect: Option<&EffectRecovery>, rows: &[Told<'_>]) -> Answer {
    let longest = rows.iter().max_by(|a, b| a.back.total().get().total_cmp(&b.back.total().get()));
    let worst = rows.iter().max_by(|a, b| a.reach_ms().total_cmp(&b.reach_ms()));
    let again = if effect.is_some() { "Done again" } else { "Back" };
    let head = match longest.filter(|r| r.back.total().get() > 0.0) {
        Some(r) => format!("{again} within {} of any single failure", r.back.total()),
        None => "No single failure is felt".to_owned(),
    };
    let hint = longest.map_or_else(String::new, |r| format!("Longest: {}, {}", r.name, r.back.told()));
    if effect.is_some() {
        let never = rows.iter().filter(|r| r.settled.1 == "never").count();
        let rest = match never {
            0 => "what is acknowledged waits until then".to_owned(),
            n => format!(
                "nothing is accepted while {} lasts",
                if n == 1 { "one of them" } else { "some of them" }
            ),
        };
        return Answer { head, ink: Ink::Text1, rest, hint };
    }
    let mut rest = Vec::new();
    match worst.and_then(|r| r.loss).map(|(loss, _)| loss) {
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
        let broken = rows.iter().filter(|r| r.misses() > 0).count();
        if broken > 0 {
            ink = Ink::Bad;
        }
        let of = words::counted(rows.len(), "failure");
        let kept =
            if broken == 0 { "kept by every one".to_owned() } else { format!("broken by {broken} of {of}") };
        rest.push(format!("promised: {}, {kept}", promises.join(" and ")));
    }
    Answer { head, ink, rest: rest.join(" · "), hint }
}
