//! What the rules say: a table of findings, gravest first, with its filter, its grouping, its fixes and its evidence.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use egui::{Id, Ui};

use super::explain::{Acceptance, rule_card};
use crate::analysis::{self, Finding, Report, Severity};
use crate::design::ElementId;
use crate::edit::commands::carry_out;
use crate::edit::{Command, Edit, ItemRef};
use crate::gui::command::{Action, Effect};
use crate::gui::context::{ClaimVerdict, Ctx};
use crate::gui::widgets::{self, Column, Row, Sorting, Table};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// By what findings are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Grouping {
    #[default]
    None,
    Journey,
    Severity,
    Rule,
    Zone,
}

impl Grouping {
    const ALL: [(Grouping, &'static str); 5] = [
        (Grouping::None, "Not grouped"),
        (Grouping::Journey, "By journey"),
        (Grouping::Severity, "By severity"),
        (Grouping::Rule, "By rule"),
        (Grouping::Zone, "By zone"),
    ];
}

#[derive(Clone, Debug, Default)]
struct State {
    text: String,
    hidden: BTreeSet<Severity>,
    accepted: bool,
    grouping: Grouping,
    sorting: Sorting,
    explaining: Option<String>,
    accepting: Option<Acceptance>,
}

/// One row of the table.
enum Entry<'a> {
    Group(String, usize),
    Finding(&'a Finding),
}

/// How wide the choice of a grouping is, a count of findings without its digits but with the gap beside it, the words beside the
/// count of those that are accepted, and at least the search.
const GROUPING: f32 = 118.0;
const CHIP: f32 = 44.0;
const ACCEPTED: f32 = 50.0;
const SEARCH_MIN: f32 = 56.0;
/// What the tools need beside the tabs, with three counts of two digits.
pub(super) const TOOLS_MIN: f32 = 44.0 + GROUPING + 3.0 * (CHIP + 16.0) + SEARCH_MIN + 30.0;

const COLUMNS: [Column; 7] = [
    Column::fixed("", 16.0),
    Column::grows("Finding", 232.0, 2.4).sorting(),
    Column::fixed("Rule", 184.0).sorting().yielding(1),
    Column::grows("Where", 92.0, 0.6).sorting().yielding(2),
    Column::grows("Fix", 200.0, 1.6),
    Column::fixed("", 52.0),
    Column::fixed("Evidence", 104.0).right().sorting(),
];

/// The tab of the findings; `tools` is the strip beside the tabs.
pub(super) fn findings_ui(ui: &mut Ui, tools: &mut Ui, ctx: &Ctx<'_>) {
    let Some(report) = ctx.report else {
        widgets::empty(ui, Icon::Gauge, "The rules are being asked about this design.", None);
        return;
    };
    let mut state: State = super::memory(ui, "findings");
    if !report.findings.is_empty() {
        toolbar(tools, report, &mut state);
    }
    let entries = entries(ctx, report, &state);
    if entries.is_empty() {
        nothing(ui, ctx, report, &mut state);
    } else {
        table(ui, ctx, &entries, &mut state);
    }
    if let Some(rule) = state.explaining.clone()
        && !rule_card(ui, &rule)
    {
        state.explaining = None;
    }
    if let Some(accepting) = &mut state.accepting
        && !accepting.show(ui, ctx)
    {
        state.accepting = None;
    }
    super::preview::preview_ui(ui, ctx);
    super::remember(ui, "findings", state);
}

/// From the right. The counts are always there, the grouping as long as there is room, and the search gets the rest.
fn toolbar(ui: &mut Ui, report: &Report, state: &mut State) {
    let counts: Vec<(Severity, usize)> = [Severity::Info, Severity::Warning, Severity::Error]
        .into_iter()
        .map(|severity| (severity, report.open().filter(|f| f.severity == severity).count()))
        .filter(|(_, n)| *n > 0)
        .collect();
    let accepted = report.findings.len() - report.open().count();
    let chip = |n: usize| CHIP + 8.0 * n.to_string().len() as f32;
    let chips: f32 = counts.iter().map(|(_, n)| chip(*n)).sum();
    let room = ui.available_width() - chips - if accepted > 0 { chip(accepted) } else { 0.0 };
    if room > GROUPING || state.grouping != Grouping::default() {
        let shown = Grouping::ALL.iter().find(|(g, _)| *g == state.grouping).map_or("", |(_, t)| t);
        let options: Vec<(&str, &str)> = Grouping::ALL.iter().map(|(_, t)| (*t, "")).collect();
        if let Some(i) = widgets::choice(ui, "Group findings", shown, false, &options, GROUPING - 6.0) {
            state.grouping = Grouping::ALL[i].0;
        }
    }
    if accepted > 0 {
        // In words where there is room for words.
        let pressed = if room > GROUPING + SEARCH_MIN + ACCEPTED {
            widgets::chip(ui, &format!("{accepted} accepted"), state.accepted)
        } else {
            let ink = Ink::Good;
            widgets::count_chip(ui, accepted, ink, state.accepted, &format!("Show {accepted} accepted"))
        };
        if pressed.clicked() {
            state.accepted = !state.accepted;
        }
    }
    for (severity, n) in counts {
        let on = !state.hidden.contains(&severity);
        let name = match severity {
            Severity::Info => format!("{n} info"),
            other => words::counted(n, other.label()),
        };
        if widgets::count_chip(ui, n, words::severity_ink(severity), on, &format!("Show {name}")).clicked()
            && !state.hidden.remove(&severity)
        {
            state.hidden.insert(severity);
        }
    }
    let room = ui.available_width();
    if room >= SEARCH_MIN || !state.text.is_empty() {
        let width = room.clamp(SEARCH_MIN, 180.0);
        widgets::search(ui, Id::unique("find-finding"), "Find a finding", "Find", &mut state.text, width);
    }
}

fn entries<'a>(ctx: &Ctx<'_>, report: &'a Report, state: &State) -> Vec<Entry<'a>> {
    let text = state.text.trim().to_lowercase();
    let mut found: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|f| if f.accepted.is_some() { state.accepted } else { !state.hidden.contains(&f.severity) })
        .filter(|f| {
            text.is_empty()
                || f.title.to_lowercase().contains(&text)
                || f.text.to_lowercase().contains(&text)
                || rule_title(f).to_lowercase().contains(&text)
                || where_words(ctx, f).to_lowercase().contains(&text)
        })
        .collect();
    if let Some(column) = state.sorting.column {
        found.sort_by(|a, b| {
            let order = match column {
                1 => a.title.cmp(&b.title),
                2 => rule_title(a).cmp(rule_title(b)),
                3 => where_words(ctx, a).cmp(&where_words(ctx, b)),
                6 => evidence(ctx, a).0.cmp(&evidence(ctx, b).0),
                _ => Ordering::Equal,
            };
            if state.sorting.down { order.reverse() } else { order }
        });
    }
    let groups: Vec<(String, Vec<&Finding>)> = match state.grouping {
        Grouping::None => return found.into_iter().map(Entry::Finding).collect(),
        Grouping::Severity => [Severity::Error, Severity::Warning, Severity::Info]
            .into_iter()
            .map(|s| {
                let of = found.iter().copied().filter(|f| f.severity == s).collect();
                (words::sentence(s.label()), of)
            })
            .collect(),
        Grouping::Rule => analysis::RULES
            .iter()
            .map(|r| {
                (r.card.title.to_owned(), found.iter().copied().filter(|f| f.rule == r.card.id).collect())
            })
            .collect(),
        Grouping::Zone => {
            let mut groups: Vec<(String, Vec<&Finding>)> = (ctx.design.zones.iter())
                .map(|z| {
                    let of = found.iter().copied().filter(|f| zones_of(ctx, f).contains(&z.id.as_str()));
                    (crate::scene::zone_title(z).to_owned(), of.collect())
                })
                .collect();
            let rest = found.iter().copied().filter(|f| zones_of(ctx, f).is_empty()).collect();
            groups.push(("In no zone".to_owned(), rest));
            groups
        }
        Grouping::Journey => {
            let mut ids: Vec<&str> = Vec::new();
            for f in &found {
                for j in &f.journeys {
                    if !ids.contains(&j.as_str()) {
                        ids.push(j.as_str());
                    }
                }
            }
            let mut groups: Vec<(String, Vec<&Finding>)> = ids
                .into_iter()
                .map(|id| {
                    let of = found.iter().copied().filter(|f| f.journeys.iter().any(|j| *j == *id)).collect();
                    (words::element(ctx.design, id), of)
                })
                .collect();
            let rest = found.iter().copied().filter(|f| f.journeys.is_empty()).collect();
            groups.push(("The design as a whole".to_owned(), rest));
            groups
        }
    };
    groups
        .into_iter()
        .filter(|(_, of)| !of.is_empty())
        .flat_map(|(title, of)| {
            std::iter::once(Entry::Group(title, of.len())).chain(of.into_iter().map(Entry::Finding))
        })
        .collect()
}

fn nothing(ui: &mut Ui, ctx: &Ctx<'_>, report: &Report, state: &mut State) {
    if report.open().next().is_some() || (!report.findings.is_empty() && !state.text.is_empty()) {
        let pressed =
            widgets::empty(ui, Icon::Search, "No finding fits the filter.", Some("Show all findings"));
        if pressed.is_some_and(|r| r.clicked()) {
            state.text.clear();
            state.hidden.clear();
        }
    } else if ctx.design.components.is_empty() {
        let sentence =
            "Draw two components and a link between them, and what would take them down stands here.";
        widgets::empty(ui, Icon::Template, sentence, None);
    } else {
        let sentence = format!(
            "None of the {} rules has anything to say about this design. Hold its predictions against a live cluster.",
            analysis::RULES.len()
        );
        if widgets::empty(ui, Icon::Check, &sentence, Some("Prove every prediction"))
            .is_some_and(|r| r.clicked())
        {
            ctx.commands.effect(Effect::Prove(Vec::new()));
        }
    }
}

fn table(ui: &mut Ui, ctx: &Ctx<'_>, entries: &[Entry<'_>], state: &mut State) {
    let at = |i: usize| match &entries[i] {
        Entry::Finding(f) => Some(*f),
        Entry::Group(..) => None,
    };
    let selected = ctx
        .view
        .finding
        .as_ref()
        .and_then(|id| (0..entries.len()).find(|i| at(*i).is_some_and(|f| f.id == *id)));
    let table =
        Table { id: "findings", columns: &COLUMNS, rows: entries.len(), selected, sorting: state.sorting };
    let (mut explain, mut accept) = (None, None);
    let done = table.show(ui, |i, row| match &entries[i] {
        Entry::Group(title, n) => row.heading(title, &words::counted(*n, "finding")),
        Entry::Finding(f) => draw(row, ctx, f, selected == Some(i), &mut explain, &mut accept),
    });
    if let Some(f) = done.chosen.and_then(at) {
        let again = ctx.view.finding.as_ref() == Some(&f.id);
        ctx.commands.view(Action::FocusFinding((!again).then(|| f.id.clone())));
        if let Some(first) = f.subjects.first().filter(|_| !again) {
            ctx.commands.view(Action::Select(vec![first.clone()]));
        }
    }
    if let Some(f) = done.opened.and_then(at) {
        ctx.commands.view(Action::ZoomTo(reach(f)));
    }
    if let Some(first) = done.hovered.and_then(at).and_then(|f| f.subjects.first()) {
        ctx.commands.view(Action::Hover(first.clone()));
    }
    if let Some(sorting) = done.sort {
        state.sorting = sorting;
    }
    if explain.is_some() {
        state.explaining = explain;
    }
    if accept.is_some() {
        state.accepting = accept;
    }
}

fn draw(
    row: &mut Row<'_>,
    ctx: &Ctx<'_>,
    f: &Finding,
    selected: bool,
    explain: &mut Option<String>,
    accept: &mut Option<Acceptance>,
) {
    let quiet = f.accepted.is_some();
    let ink = if quiet { Ink::Text3 } else { words::severity_ink(f.severity) };
    let frame = row.cell(0);
    widgets::severity_mark(row.ui, egui::pos2(frame.left() + 8.0, frame.center().y), ink);
    row.explained(1, &f.title, &f.text, Weight::Medium, if quiet { Ink::Text2 } else { Ink::Text1 });
    row.text(2, rule_title(f), Weight::Regular, Ink::Text2);
    row.text(3, &where_words(ctx, f), Weight::Regular, Ink::Text2);
    match &f.fix {
        Some(fix) if !quiet => {
            if row.link(4, &fix.title) {
                let command = carry_out(ctx.design, fix.title.as_str(), &fix.changes);
                ctx.commands.view(Action::Preview(Some(command)));
            }
        }
        _ => row.text(4, "—", Weight::Regular, Ink::Text3),
    }
    if row.hovered || selected {
        row.buttons(5, |ui| {
            if quiet {
                if widgets::icon_button_sized(ui, Icon::Undo, "No longer accept this", 24.0).clicked() {
                    let remove = Edit::Remove(ItemRef::Accepted(f.id.clone()));
                    ctx.commands.edit(Command::new("No longer accept finding", [remove]));
                }
            } else if widgets::icon_button_sized(ui, Icon::Check, "Accept this finding…", 24.0).clicked() {
                *accept = Some(Acceptance::of(f));
            }
            if widgets::icon_button_sized(ui, Icon::Help, "Explain this rule", 24.0).clicked() {
                *explain = Some(f.rule.to_owned());
            }
        });
    }
    let (words, ink, claims) = evidence(ctx, f);
    if claims.is_empty() || ctx.proof.running {
        row.text(6, &words, Weight::Regular, ink);
    } else if row.link(6, &words) {
        ctx.commands.effect(Effect::Prove(claims));
    }
}

/// The title of the rule of a finding.
pub(super) fn rule_title(f: &Finding) -> &'static str {
    analysis::rule(f.rule).map_or(f.rule, |r| r.card.title)
}

/// The zones that a finding speaks of: those among its subjects, and those in which its subjects stand.
fn zones_of<'a>(ctx: &Ctx<'a>, f: &Finding) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    for subject in &f.subjects {
        let whole = subject.as_str().split('/').next().unwrap_or_default();
        if let Some(zone) = ctx.design.zone(whole) {
            out.push(zone.id.as_str());
        } else if let Some(c) = ctx.design.component(whole) {
            out.extend(c.zones.iter().filter_map(|z| ctx.design.zone(z.as_str())).map(|z| z.id.as_str()));
        }
    }
    out
}

fn where_words(ctx: &Ctx<'_>, f: &Finding) -> String {
    words::elements(ctx.design, &f.subjects, 2)
}

fn reach(f: &Finding) -> Vec<ElementId> {
    f.subjects.iter().chain(&f.witness).cloned().collect()
}

/// What was measured about a finding: the word, its colour, and the claims that could still be tried.
fn evidence(ctx: &Ctx<'_>, f: &Finding) -> (String, Ink, Vec<String>) {
    if let Some(a) = &f.accepted {
        let by = if a.owner.is_empty() { "accepted".to_owned() } else { format!("accepted, {}", a.owner) };
        return (by, Ink::Text2, Vec::new());
    }
    let Some(experiment) = &f.experiment else { return ("—".to_owned(), Ink::Text3, Vec::new()) };
    let of = ctx.proof.claims.iter().filter(|c| {
        let down: Vec<&ElementId> = experiment.down.iter().chain(&experiment.silent).collect();
        !down.is_empty()
            && c.elements.len() == down.len()
            && c.elements.iter().all(|e| down.contains(&e))
            && (f.journeys.is_empty() || f.journeys.contains(&c.journey))
    });
    let grave = |v: ClaimVerdict| match v {
        ClaimVerdict::Confirmed => 0,
        ClaimVerdict::Waiting => 1,
        ClaimVerdict::Trying => 2,
        ClaimVerdict::Inconclusive => 3,
        ClaimVerdict::Refuted => 4,
    };
    let Some(worst) = of.clone().max_by_key(|c| grave(c.verdict)) else {
        return ("not tried".to_owned(), Ink::Text3, Vec::new());
    };
    let all = || of.clone().map(|c| c.id.clone()).collect();
    if ctx.proof.is_old(worst) && matches!(worst.verdict, ClaimVerdict::Confirmed | ClaimVerdict::Refuted) {
        // It was found of another revision: not evidence any more, but worth trying again.
        return (format!("{} before", short(worst.verdict)), Ink::Text2, all());
    }
    match worst.verdict {
        ClaimVerdict::Confirmed => {
            (format!("proven {}", words::ago(worst.tried_at_s)), Ink::Good, Vec::new())
        }
        ClaimVerdict::Refuted => ("refuted".to_owned(), Ink::Bad, Vec::new()),
        ClaimVerdict::Inconclusive => ("inconclusive".to_owned(), Ink::Warn, Vec::new()),
        ClaimVerdict::Trying => ("trying".to_owned(), Ink::Accent, Vec::new()),
        ClaimVerdict::Waiting => ("try it".to_owned(), Ink::Accent, all()),
    }
}

fn short(verdict: ClaimVerdict) -> &'static str {
    if verdict == ClaimVerdict::Confirmed { "proven" } else { "refuted" }
}
