//! How the data of each sharded store is spread.

use egui::Ui;

use crate::gui::context::Ctx;
use crate::gui::widgets;
use crate::scene::Icon;

/// The tab of the sharding.
pub(super) fn sharding_ui(ui: &mut Ui, _ctx: &Ctx<'_>) {
    widgets::empty(ui, Icon::Shards, "The balance of shards is not computed yet.", None);
}
