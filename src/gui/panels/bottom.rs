//! The bottom panel: the tabs of the mode at hand, and what the chosen one shows.

use egui::{Rect, Ui, UiBuilder, pos2, vec2};

use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::view::{BottomTab, Place};
use crate::gui::widgets;
use crate::scene::Icon;

/// Beside the tabs, where nothing else is: the button that hides the panel.
const HIDES: f32 = 44.0;

/// The tabs of the mode at hand and what the chosen one shows.
pub fn bottom_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
    let tabs = ctx.view.mode.tabs();
    let tab = ctx.view.tab();
    let entries: Vec<(&str, Option<usize>)> = tabs.iter().map(|t| (t.title(), number(ctx, *t))).collect();
    let selected = tabs.iter().position(|t| *t == tab).unwrap_or(0);
    let top = ui.available_rect_before_wrap();
    // The same in all tabs of a mode, so that none moves when another is chosen.
    let beside = if tabs.contains(&BottomTab::Findings) { super::findings::TOOLS_MIN } else { HIDES };
    let (pressed, used) = widgets::tabs(ui, &entries, selected, beside);
    if let Some(i) = pressed {
        ctx.commands.view(Action::SetTab(tabs[i]));
    }
    let strip = Rect::from_min_max(pos2(used + 12.0, top.top()), pos2(top.right() - 8.0, top.top() + 38.0));
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    let mut tools = ui.new_child(UiBuilder::new().id_salt("tab-tools").max_rect(strip).layout(layout));
    tools.spacing_mut().item_spacing = vec2(6.0, 0.0);
    if widgets::icon_button(&mut tools, Icon::ChevronDown, "Hide this panel").clicked() {
        ctx.commands.view(Action::TogglePlace(Place::Bottom));
    }
    match tab {
        BottomTab::Findings => super::findings::findings_ui(ui, &mut tools, ctx),
        BottomTab::Journeys => super::journeys::journeys_ui(ui, ctx),
        BottomTab::Reliability => super::reliability::reliability_ui(ui, &mut tools, ctx),
        BottomTab::Consistency => super::consistency::consistency_ui(ui, ctx),
        BottomTab::Sharding => super::sharding::sharding_ui(ui, ctx),
        BottomTab::Proof => super::proof::proof_ui(ui, &mut tools, ctx),
        BottomTab::Comparison => super::comparison::comparison_ui(ui, ctx),
        BottomTab::Live => super::live::live_ui(ui, ctx),
        BottomTab::Timeline => super::timeline::timeline_ui(ui, ctx),
        BottomTab::Log => super::log::log_ui(ui, &mut tools, ctx),
    }
}

/// The count beside a tab's title.
fn number(ctx: &Ctx<'_>, tab: BottomTab) -> Option<usize> {
    match tab {
        BottomTab::Findings => ctx.report.map(|r| r.open().count()),
        BottomTab::Journeys => Some(ctx.design.journeys.len()),
        BottomTab::Proof => Some(ctx.proof.claims.len()),
        BottomTab::Comparison => ctx.comparison.map(|c| c.rows.len()),
        _ => None,
    }
}
