//! Recorded operations and what checkers say of them: not there yet, and said so.

use egui::Ui;

use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::view::BottomTab;
use crate::gui::widgets;
use crate::scene::Icon;

/// The tab of the histories.
pub(super) fn histories_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let sentence = "Histories are not recorded yet, so no checker can judge consistency: what clients see of success \
                    and time stands under Live.";
    if widgets::empty(ui, Icon::Balance, sentence, Some("Show what clients see")).is_some_and(|r| r.clicked())
    {
        ctx.commands.view(Action::SetTab(BottomTab::Live));
    }
}
