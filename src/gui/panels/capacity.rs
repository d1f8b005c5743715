//! How much the design can take: not computed yet, and said so.

use egui::Ui;

use crate::gui::command::{Action, Effect};
use crate::gui::context::Ctx;
use crate::gui::view::BottomTab;
use crate::gui::widgets;
use crate::scene::Icon;

/// The tab of the capacity.
pub(super) fn capacity_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let sentence =
        "Utilisation and bottlenecks are not computed yet: run the design and read its latency under load.";
    if widgets::empty(ui, Icon::Gauge, sentence, Some("Run as a live cluster")).is_some_and(|r| r.clicked()) {
        if ctx.live.is_some() {
            ctx.commands.view(Action::SetTab(BottomTab::Live));
        } else {
            ctx.commands.effect(Effect::Run);
        }
    }
}
