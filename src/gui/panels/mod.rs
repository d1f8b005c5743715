//! The places beside the canvas: on the left what to draw with, or what to break with; at the bottom the tabs of the
//! mode at hand, one file each.
//!
//! What a panel remembers of itself (a search, a sorting) lives in egui's memory under the panel's name, not in the
//! design.
//!
//! Never: how a request is carried out.

mod bottom;
mod comparison;
mod consistency;
mod explain;
mod faults;
mod findings;
mod journeys;
mod live;
mod log;
mod palette;
mod preview;
mod proof;
mod reliability;
mod sharding;
mod share;
mod timeline;

pub use bottom::bottom_ui;
pub(crate) use journeys::worst;
pub(crate) use log::concerns;
pub use palette::palette_ui;
pub use share::share_ui;

use egui::Ui;

/// What a panel remembers of itself between two frames.
pub(crate) fn memory<T: Clone + Default + Send + Sync + 'static>(ui: &Ui, name: &'static str) -> T {
    ui.data(|d| d.get_temp::<T>(egui::Id::unique(("panel", name)))).unwrap_or_default()
}

/// Keeps what a panel wants to remember.
pub(crate) fn remember<T: Clone + Send + Sync + 'static>(ui: &Ui, name: &'static str, value: T) {
    ui.data_mut(|d| d.insert_temp(egui::Id::unique(("panel", name)), value));
}
