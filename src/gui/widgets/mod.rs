//! The small parts that panels and inspector are built of, all of one look and all with a name that a screen reader
//! can say.
//!
//! A widget is a function that takes the [`Ui`](egui::Ui) and plain values and returns what the person did.
//!
//! Never: the design, the analyses, the live cluster.

mod button;
mod card;
mod chart;
mod chip;
mod field;
mod icon;
mod menu;
mod modal;
mod progress;
mod section;
mod segmented;
mod table;
mod text;
mod toast;
mod toggle;

pub use button::{Emphasis, button, button_in, icon_button, icon_button_sized, link};
pub use card::{card, empty, metric};
pub use chart::{Band, Chart, Line, bars, meter};
pub use chip::{ChipDone, badge, chip, count_chip, removable_chip, severity_mark, state_dot};
pub use field::{Field, search, text_area};
pub use icon::{paint_icon, tile, tile_of};
pub use menu::{MenuRow, choice, menu_row};
pub use modal::modal;
pub use progress::progress;
pub use section::{column_head, head, section};
pub use segmented::{segmented, tabs};
pub use table::{Align, Column, Row, Sorting, Table, TableResponse};
pub use text::{caption, elided, label, line, paint_text, paragraph, paragraph_weighted, title};
pub use toast::{Toast, Toasts};
pub use toggle::toggle;
