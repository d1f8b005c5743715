//! What the failure engine says of a journey, in three pages: what must fail together to lose it, what every element
//! means to it and costs, and how long each single failure is felt.
//!
//! The figures are made elsewhere (`reckoner`) and only of the page that is open; old ones are dimmed until the new ones
//! are there.
//!
//! Never: how a figure is made.

mod cut_sets;
mod elements;
mod recovery;

use egui::{Align, Id, Layout, Ui, UiBuilder, vec2};

use crate::design::{Design, ElementId, JourneyId};
use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::figures::{self, CutSets, Dated, Extent};
use crate::gui::style::{CONTROL, size};
use crate::gui::view::{ReliabilityPage, ReliabilityView};
use crate::gui::widgets::{self, Sorting, TableResponse};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// What the tab remembers of itself.
#[derive(Clone, Debug, Default)]
struct State {
    text: String,
    sets: Sorting,
    elements: Sorting,
    recovery: Sorting,
    /// The row that was chosen last among elements or failures: several instances are of one component.
    picked: Option<ElementId>,
    /// The effect of which recovery is shown; without, that of the request.
    effect: Option<String>,
    /// Whether cut sets beyond the usual order are shown.
    larger: bool,
}

impl State {
    /// Whether one of these names is looked for.
    fn finds<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> bool {
        let text = self.text.trim().to_lowercase();
        // Nothing is looked at where nothing is looked for: there may be thousands.
        text.is_empty() || names.into_iter().any(|n| n.to_lowercase().contains(&text))
    }
}

/// Beside the tabs there must be this room for the tools.
const ROOM: f32 = 190.0;
/// How opaque figures are that are about an older design.
const OLD: f32 = 0.45;

/// The tab of reliability; `tools` is the strip beside the tabs.
pub(super) fn reliability_ui(ui: &mut Ui, tools: &mut Ui, ctx: &Ctx<'_>) {
    let Some(journey) = ctx.view.reliability.journey(ctx.design) else {
        super::journeys::empty(ui, ctx);
        return;
    };
    if !ctx.impact.refused.is_empty() {
        let sentence = format!("Nothing can be reckoned yet: {}", ctx.impact.refused);
        widgets::empty(ui, Icon::Warning, &sentence, None);
        return;
    }
    let mut state: State = super::memory(ui, "reliability");
    if tools.available_width() >= ROOM {
        toolbar(tools, ctx, &journey, &mut state);
    } else {
        // Beside the tabs there is no room: a row of its own.
        ui.add_space(8.0);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), CONTROL), egui::Sense::hover());
        let layout = Layout::right_to_left(Align::Center);
        let mut row = ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(20.0, 0.0))).layout(layout));
        row.spacing_mut().item_spacing = vec2(6.0, 0.0);
        toolbar(&mut row, ctx, &journey, &mut state);
    }
    match ctx.view.reliability.page {
        ReliabilityPage::CutSets => cut_sets::cut_sets_ui(ui, ctx, &journey, &mut state),
        ReliabilityPage::Elements => elements::elements_ui(ui, ctx, &journey, &mut state),
        ReliabilityPage::Recovery => recovery::recovery_ui(ui, ctx, &journey, &mut state),
    }
    super::remember(ui, "reliability", state);
}

fn toolbar(ui: &mut Ui, ctx: &Ctx<'_>, journey: &JourneyId, state: &mut State) {
    let shown = &ctx.view.reliability;
    let ids = figures::journeys(ctx.design);
    let titles: Vec<String> = ids.iter().map(|id| words::element(ctx.design, id.as_str())).collect();
    let with_all = shown.page == ReliabilityPage::Elements && ids.len() > 1;
    let mut options: Vec<(&str, &str)> = titles.iter().map(|t| (t.as_str(), "")).collect();
    if with_all {
        options.push((ALL, "by their rates"));
    }
    let at = ids.iter().position(|id| id == journey).unwrap_or(0);
    let current = if with_all && shown.all_traffic { ALL } else { options[at].0 };
    let room = ui.available_width();
    if let Some(i) = widgets::choice(ui, "Journey", current, false, &options, (room * 0.5).clamp(90.0, 168.0))
    {
        let journey = ids.get(i).or(shown.journey.as_ref()).cloned();
        let all_traffic = i >= ids.len();
        show(ctx, ReliabilityView { journey, all_traffic, ..shown.clone() });
    }
    let room = ui.available_width();
    if room > 90.0 {
        let id = Id::unique("find-element-of-figures");
        widgets::search(ui, id, "Find an element", "Find", &mut state.text, (room - 8.0).min(150.0));
    }
}

const ALL: &str = "All traffic";

fn show(ctx: &Ctx<'_>, shown: ReliabilityView) {
    ctx.commands.view(Action::ShowReliability(shown));
}

/// The answer of a page in a line.
struct Answer {
    /// What is said first, louder.
    head: String,
    ink: Ink,
    /// What follows.
    rest: String,
    /// More about it, on hover; may be empty.
    hint: String,
}

impl Answer {
    fn working(what: &str) -> Self {
        Self { head: String::new(), ink: Ink::Text2, rest: what.to_owned(), hint: String::new() }
    }
}

/// The line above a page: which page, the answer, and at the right what `add` adds.
fn line(ui: &mut Ui, ctx: &Ctx<'_>, answer: &Answer, is_old: bool, add: impl FnOnce(&mut Ui)) {
    ui.add_space(8.0);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), CONTROL), egui::Sense::hover());
    let inner = rect.shrink2(vec2(20.0, 0.0));
    let mut row = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    row.spacing_mut().item_spacing = vec2(6.0, 0.0);
    let titles = ReliabilityPage::ALL.map(ReliabilityPage::title);
    let shown = &ctx.view.reliability;
    let at = ReliabilityPage::ALL.iter().position(|p| *p == shown.page).unwrap_or(0);
    if let Some(i) = widgets::segmented(&mut row, "Show", &titles, at, 216.0) {
        show(ctx, ReliabilityView { page: ReliabilityPage::ALL[i], ..shown.clone() });
    }
    let mut right = row.new_child(
        UiBuilder::new()
            .max_rect(row.available_rect_before_wrap())
            .layout(Layout::right_to_left(Align::Center)),
    );
    right.spacing_mut().item_spacing = vec2(8.0, 0.0);
    add(&mut right);
    let words = egui::Rect::from_min_max(
        egui::pos2(row.min_rect().right() + 14.0, inner.top()),
        egui::pos2(right.min_rect().left() - 14.0, inner.bottom()),
    );
    let mut words =
        ui.new_child(UiBuilder::new().max_rect(words).layout(Layout::left_to_right(Align::Center)));
    words.spacing_mut().item_spacing = vec2(8.0, 0.0);
    if is_old {
        words.multiply_opacity(OLD);
    }
    if !answer.head.is_empty() {
        let said = widgets::line(&mut words, &answer.head, size::CARD, Weight::SemiBold, answer.ink);
        if !answer.hint.is_empty() {
            said.on_hover_text(&answer.hint);
        }
    }
    if !answer.rest.is_empty() && words.available_width() > 40.0 {
        widgets::line(&mut words, &answer.rest, size::LABEL, Weight::Regular, Ink::Text2);
    }
    ui.add_space(4.0);
}

/// The choice of how much is meant to be lost, where a part can be.
fn extent(ui: &mut Ui, ctx: &Ctx<'_>, sets: Option<&Dated<CutSets>>) {
    const OPTIONS: [(Extent, &str, &str); 2] =
        [(Extent::Whole, "For everyone", ""), (Extent::Part, "For someone", "a zone or a key")];
    let shown = &ctx.view.reliability;
    if sets.is_none_or(|s| !s.figure.has_parts) {
        return;
    }
    let at = OPTIONS.iter().position(|(e, ..)| *e == shown.extent).unwrap_or(0);
    let options = OPTIONS.map(|(_, text, note)| (text, note));
    if let Some(i) = widgets::choice(ui, "How much is lost", OPTIONS[at].1, false, &options, 124.0) {
        show(ctx, ReliabilityView { extent: OPTIONS[i].0, ..shown.clone() });
    }
}

/// The component instead of its only instance; anything else as it is.
fn only(design: &Design, id: &ElementId) -> ElementId {
    let component = design.component(whole(id)).filter(|c| c.replicas * c.shards() == 1);
    component.map_or_else(|| id.clone(), |c| ElementId::from(&c.id))
}

/// The component of an instance; anything else as it is.
fn whole(id: &ElementId) -> &str {
    id.as_str().split('/').next().unwrap_or_default()
}

/// The row of what is selected: the one that was chosen, or the first of the component.
fn row_of<'e>(
    ctx: &Ctx<'_>,
    state: &State,
    rows: impl Iterator<Item = &'e ElementId> + Clone,
) -> Option<usize> {
    let selected = ctx.view.selection.single()?;
    let picked = state.picked.as_ref().filter(|p| whole(p) == whole(selected));
    let exact = picked.and_then(|p| rows.clone().position(|r| r == p));
    exact.or_else(|| rows.clone().position(|r| whole(r) == whole(selected)))
}

/// Does what was done to a table of elements.
fn follow(ctx: &Ctx<'_>, state: &mut State, done: &TableResponse, at: impl Fn(usize) -> Option<ElementId>) {
    if let Some(id) = done.chosen.and_then(&at) {
        ctx.commands.view(Action::Select(vec![ElementId::new(whole(&id))]));
        state.picked = Some(id);
    }
    if let Some(id) = done.opened.and_then(&at) {
        ctx.commands.view(Action::ZoomTo(vec![ElementId::new(whole(&id))]));
    }
    if let Some(id) = done.hovered.and_then(&at) {
        ctx.commands.view(Action::Hover(only(ctx.design, &id)));
    }
}

/// A page whose figures are not there yet.
fn working(ui: &mut Ui) {
    widgets::empty(ui, Icon::Gauge, "The figures of this design are being reckoned.", None);
}

/// The word of a small order: `one`, `two`, `three`.
fn order_word(order: usize) -> String {
    const WORDS: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    order.checked_sub(1).and_then(|i| WORDS.get(i)).map_or_else(|| order.to_string(), |w| (*w).to_owned())
}
