//! What every element means: what its loss alone takes, what that costs in a year, and the classic measures of importance.

use std::collections::{BTreeMap, BTreeSet};

use egui::Ui;

use super::{Answer, OLD, State, extent, follow, line, row_of, whole, working};
use crate::analysis::failure::loss::{Loss, Losses};
use crate::analysis::failure::solve::{Importance, Method};
use crate::design::{ElementId, JourneyId};
use crate::gui::context::Ctx;
use crate::gui::figures::{CutSets, Dated};
use crate::gui::widgets::{self, Column, Row, Table};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

const COLUMNS: [Column; 10] = [
    Column::fixed("", 16.0),
    Column::grows("Element", 120.0, 1.0).sorting(),
    Column::fixed("Down a year", 86.0)
        .yielding(3)
        .right()
        .falling()
        .meaning("How long it is down in a year, from its MTBF and MTTR, or from what is assumed of its kind."),
    Column::fixed("Lost alone", 76.0)
        .right()
        .falling()
        .meaning("The share of the requests that fail while it is down and nothing else is, once all that acts by itself has acted."),
    Column::fixed("Costs a year", 86.0)
        .right()
        .falling()
        .meaning("Its expected loss: the share that it loses alone, times how long it is down, as time in a year in which all requests would fail."),
    Column::fixed("F-V", 56.0)
        .yielding(1)
        .right()
        .falling()
        .meaning("Fussell-Vesely: given that the journey is lost, the chance that a cut set with this element is down (Fussell 1975)."),
    Column::fixed("Birnbaum", 68.0)
        .yielding(5)
        .right()
        .falling()
        .meaning("How much more likely the journey is lost with it down than with it up: the chance that it decides (Birnbaum 1969)."),
    Column::fixed("RAW", 58.0)
        .yielding(2)
        .right()
        .falling()
        .meaning("Risk achievement worth: how many times as likely the journey is lost once this is down (Vesely et al. 1983)."),
    Column::fixed("RRW", 52.0)
        .yielding(6)
        .right()
        .falling()
        .meaning("Risk reduction worth: how many times less likely the journey would be lost if this never failed (Vesely et al. 1983)."),
    Column::fixed("If doubled", 84.0)
        .yielding(4)
        .right()
        .falling()
        .meaning("The time in a year that the journey would be lost less if this were two, independent, of which one is enough."),
];

/// From this column on the figures are of one journey.
const OF_ONE: usize = 5;

/// One row: an element with what is known of it.
struct Known<'a> {
    id: &'a ElementId,
    name: &'a str,
    down: Option<f64>,
    loss: Option<&'a Loss>,
    importance: Option<&'a Importance>,
}

impl Known<'_> {
    fn costs(&self) -> Option<f64> {
        match self.loss {
            // Whatever it takes, nobody said how often.
            Some(_) if self.down.is_none() => None,
            Some(loss) => Some(loss.expected),
            None => Some(0.0),
        }
    }

    /// What a column sorts by; what is unknown counts as least.
    fn key(&self, column: usize) -> f64 {
        let rated = |f: fn(&Importance) -> f64| self.importance.filter(|_| self.down.is_some()).map(f);
        let found = match column {
            2 => self.down,
            3 => Some(self.loss.map_or(0.0, |l| l.share_lost)),
            4 => self.costs(),
            5 => rated(|i| i.fussell_vesely),
            6 => self.importance.map(|i| i.birnbaum),
            7 => self.importance.map(|i| i.raw),
            8 => rated(|i| i.rrw),
            9 => rated(|i| i.gain_if_doubled),
            _ => None,
        };
        found.unwrap_or(-1.0)
    }
}

pub(super) fn elements_ui(ui: &mut Ui, ctx: &Ctx<'_>, journey: &JourneyId, state: &mut State) {
    let shown = &ctx.view.reliability;
    let sets = ctx.figures.cut_sets.get(&(journey.clone(), shown.extent)).filter(|_| !shown.all_traffic);
    let Some(losses) = &ctx.figures.losses else {
        line(ui, ctx, &Answer::working(""), false, |_| {});
        working(ui);
        return;
    };
    let is_old = losses.of != ctx.figures.meaning || sets.is_some_and(|s| s.of != ctx.figures.meaning);
    let of =
        if shown.all_traffic { &losses.figure.traffic[..] } else { of_journey(ctx, &losses.figure, journey) };
    let rows = rows(losses, of, sets);
    let said = answer(ctx, &rows, &losses.figure, sets);
    line(ui, ctx, &said, is_old, |ui| extent(ui, ctx, sets));
    if rows.is_empty() {
        let sentence =
            "No element takes anything from it by itself, and none is known to take part in losing it.";
        widgets::empty(ui, Icon::Check, sentence, None);
        return;
    }
    ui.scope(|ui| {
        if is_old {
            ui.multiply_opacity(OLD);
        }
        table(ui, ctx, rows, rate(ctx, journey), state);
    });
}

/// The losses of a journey: they stand in the order of the routes, which is that of the journeys.
fn of_journey<'a>(ctx: &Ctx<'_>, losses: &'a Losses, journey: &JourneyId) -> &'a [Loss] {
    let all = crate::gui::figures::journeys(ctx.design);
    let at = all.iter().position(|j| j == journey);
    at.and_then(|i| losses.journeys.get(i)).map_or(&[], Vec::as_slice)
}

fn rows<'a>(
    dated: &'a Dated<Losses>,
    losses: &'a [Loss],
    sets: Option<&'a Dated<CutSets>>,
) -> Vec<Known<'a>> {
    let by_id: BTreeMap<&ElementId, &Loss> = losses.iter().map(|l| (&l.element, l)).collect();
    let meanings = sets.map_or(&[][..], |s| &s.figure.elements);
    let seen: BTreeSet<&ElementId> = meanings.iter().map(|m| &m.element).collect();
    let known = |id: &'a ElementId, importance| Known {
        id,
        name: dated.name(id),
        down: dated.chance(id),
        loss: by_id.get(id).copied(),
        importance,
    };
    let mut rows: Vec<Known<'a>> = meanings.iter().map(|m| known(&m.element, Some(&m.importance))).collect();
    rows.extend(losses.iter().filter(|l| !seen.contains(&l.element)).map(|l| known(&l.element, None)));
    // What costs most first; what nobody stated could cost anything.
    rows.sort_by(|a, b| {
        let cost = |k: &Known<'_>| k.costs().unwrap_or(f64::INFINITY);
        let share = |k: &Known<'_>| k.importance.map_or(0.0, |i| i.criticality);
        let by = cost(b).total_cmp(&cost(a)).then(share(b).total_cmp(&share(a)));
        by.then_with(|| a.id.cmp(b.id))
    });
    rows
}

/// Requests a second of what is ranked, where somebody stated them.
fn rate(ctx: &Ctx<'_>, journey: &JourneyId) -> Option<f64> {
    let shown = &ctx.view.reliability;
    let mut of = ctx.design.journeys.iter().filter(|j| shown.all_traffic || j.id == *journey).peekable();
    of.peek()?;
    of.map(|j| j.rate.map(|r| r.get())).sum()
}

fn table(ui: &mut Ui, ctx: &Ctx<'_>, mut rows: Vec<Known<'_>>, rate: Option<f64>, state: &mut State) {
    rows.retain(|k| state.finds([k.name]));
    if rows.is_empty() {
        let pressed =
            widgets::empty(ui, Icon::Search, "No element has that name.", Some("Show all elements"));
        if pressed.is_some_and(|r| r.clicked()) {
            state.text.clear();
        }
        return;
    }
    if let Some(column) = state.elements.column {
        rows.sort_by(|a, b| {
            let order = match column {
                1 => a.name.cmp(b.name),
                n => a.key(n).total_cmp(&b.key(n)),
            };
            if state.elements.down { order.reverse() } else { order }
        });
    }
    let selected = row_of(ctx, state, rows.iter().map(|k| k.id));
    // Importance is of one journey: of all of them together there is what each element costs.
    let columns = if ctx.view.reliability.all_traffic { &COLUMNS[..OF_ONE] } else { &COLUMNS[..] };
    let table = Table { id: "elements", columns, rows: rows.len(), selected, sorting: state.elements };
    let done = table.show(ui, |i, row| draw(row, ctx, &rows[i], rate));
    if let Some(sorting) = done.sort {
        state.elements = sorting;
    }
    follow(ctx, state, &done, |i| rows.get(i).map(|k| k.id.clone()));
}

fn draw(row: &mut Row<'_>, ctx: &Ctx<'_>, k: &Known<'_>, rate: Option<f64>) {
    let (icon, ink) = match ctx.design.component(whole(k.id)) {
        Some(c) => (Icon::Kind(c.kind), Ink::of_kind(c.kind)),
        None if ctx.design.zone(k.id.as_str()).is_some() => (Icon::Zone, Ink::Text2),
        None => (Icon::Warning, Ink::Text2),
    };
    row.icon(0, icon, ink);
    row.text(1, k.name, Weight::Medium, Ink::Text1);
    match k.down {
        Some(down) => row.text(2, &words::in_a_year(down), Weight::Regular, Ink::Text2),
        None => {
            let why =
                "Nobody stated how often it fails, and nothing is assumed of a cause: it counts as never.";
            row.explained(2, "no rate", why, Weight::Regular, Ink::Text2);
        }
    }
    let share = k.loss.map_or(0.0, |l| l.share_lost);
    let ink = match share {
        s if s >= 1.0 - 1e-9 => Ink::Bad,
        s if s > 0.0 => Ink::Warn,
        _ => Ink::Text3,
    };
    let text = if share > 0.0 { words::percent(share) } else { "nothing".to_owned() };
    row.text(3, &text, if share > 0.0 { Weight::Medium } else { Weight::Regular }, ink);
    match k.costs() {
        Some(cost) if cost > 0.0 => {
            let whole = rate.map_or_else(String::new, |r| requests(cost, r));
            let text = words::in_a_year(cost);
            let whole = if whole.is_empty() { text.clone() } else { whole };
            row.explained(4, &text, &whole, Weight::Medium, Ink::Text1);
        }
        _ => row.text(4, "—", Weight::Regular, Ink::Text3),
    }
    if ctx.view.reliability.all_traffic {
        return;
    }
    let Some(i) = k.importance else {
        for column in OF_ONE..COLUMNS.len() {
            row.text(column, "—", Weight::Regular, Ink::Text3);
        }
        return;
    };
    // What follows from how often it fails is not known without a rate.
    let mut cell = |column: usize, needs_rate: bool, text: String| {
        if needs_rate && k.down.is_none() {
            row.text(column, "—", Weight::Regular, Ink::Text3);
        } else {
            row.text(column, &text, Weight::Regular, Ink::Text1);
        }
    };
    cell(5, true, words::percent(i.fussell_vesely));
    cell(6, false, words::probability(i.birnbaum));
    cell(7, false, times(i.raw));
    cell(8, true, times(i.rrw));
    cell(
        9,
        true,
        if i.gain_if_doubled > 0.0 { words::in_a_year(i.gain_if_doubled) } else { "nothing".to_owned() },
    );
}

/// `× 4.2`, `× 43,000`: a factor of at least one.
fn times(factor: f64) -> String {
    match factor {
        f if f.is_infinite() => "∞".to_owned(),
        f if f >= 1e6 => format!("{f:.1e}"),
        f if f >= 100.0 => words::count(f.round() as u64),
        f if f >= 10.0 => format!("{f:.0}"),
        f if f >= 1.995 => format!("{f:.1}"),
        f => format!("{f:.2}"),
    }
}

/// A share of all requests as their number in a year, at a stated rate.
fn requests(share: f64, rate: f64) -> String {
    let n = share * rate * 365.0 * 86_400.0;
    let n = if n < 1.0 {
        "less than one request".to_owned()
    } else {
        words::counted(n.round() as usize, "request")
    };
    format!("{n} a year, at {}", words::rate(rate))
}

fn answer(ctx: &Ctx<'_>, rows: &[Known<'_>], losses: &Losses, sets: Option<&Dated<CutSets>>) -> Answer {
    let takes = rows.iter().filter(|k| k.loss.is_some()).count();
    let worst = rows.iter().filter(|k| k.down.is_some()).find(|k| k.costs().is_some_and(|c| c > 0.0));
    let gravest = rows.iter().filter_map(|k| Some((k, k.importance?.fussell_vesely)));
    let gravest = gravest.filter(|(_, share)| *share > 0.0).max_by(|a, b| a.1.total_cmp(&b.1));
    let head = match (worst, gravest) {
        (Some(k), _) => format!("{} costs most: {}", k.name, words::per_year(k.costs().unwrap_or_default())),
        (None, Some((k, share))) => {
            format!("{} takes part in {} of its losses", k.name, words::percent(share))
        }
        (None, None) if takes > 0 => "What takes something alone has no rate".to_owned(),
        (None, None) => "Nothing costs anything alone".to_owned(),
    };
    let mut rest = vec![format!("{takes} of {} take something alone", words::counted(rows.len(), "element"))];
    if losses.truncated {
        rest.push("not all were tried".to_owned());
    }
    if !ctx.view.reliability.all_traffic {
        match sets.map(|s| (s.figure.solution.importance_method, s.figure.solution.fussell_vesely_is_exact)) {
            Some((Some(Method::Exact), true)) => rest.push("importance exact".to_owned()),
            Some((Some(Method::Exact), false)) => rest.push("F-V at most, the rest exact".to_owned()),
            Some((Some(_), _)) => rest.push("importance from sums over cut sets".to_owned()),
            Some((None, _)) => rest.push("importance did not fit the time".to_owned()),
            None => rest.push("importance is being reckoned".to_owned()),
        }
    }
    Answer { head, ink: Ink::Text1, rest: rest.join(" · "), hint: String::new() }
}
