//! What a partition costs each replicated store.

use egui::Ui;

use crate::gui::context::Ctx;
use crate::gui::widgets;
use crate::scene::Icon;

/// The tab of the consistency.
pub(super) fn consistency_ui(ui: &mut Ui, _ctx: &Ctx<'_>) {
    widgets::empty(ui, Icon::Balance, "What partitions cost is not computed yet.", None);
}
