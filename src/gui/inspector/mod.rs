//! What is known about the selection, and its properties.

use egui::Ui;

use super::context::Ctx;

/// The inspector of what is selected; of the whole design if nothing is.
pub fn inspector_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let _ = (ui, ctx);
}
