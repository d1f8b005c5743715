//! The places beside the canvas: components on the left, tabs at the bottom.

use egui::Ui;

use super::context::Ctx;

/// The components to draw with, by family.
pub fn palette_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let _ = (ui, ctx);
}

/// The tabs of the mode at hand and what the chosen one shows.
pub fn bottom_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let _ = (ui, ctx);
}
