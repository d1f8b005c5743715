//! Tables: rows of 32 points, no lines between columns, at most one accent a row. Only rows in view are laid out.

use egui::{
    CornerRadius, CursorIcon, EventFilter, Id, Key, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

use super::button::focus_ring;
use super::icon::paint_icon;
use super::section::column_head;
use super::text::{elided, paint_text};
use crate::gui::style::{self, RADIUS, ROW, size};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

pub use egui::Align;

/// A column: its head, how wide it is, and against which edge it stands.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// In small capitals; empty has no head.
    pub title: &'static str,
    /// Points that it has at least.
    pub min: f32,
    /// Its share of the width that is left over; 0 keeps it as it is.
    pub grow: f32,
    /// Against which edge its text stands.
    pub align: Align,
    /// Whether a press on the head sorts by it.
    pub sorts: bool,
    /// Whether the first press puts the largest first.
    pub falls: bool,
    /// What the head means, shown when the pointer is on it; may be empty.
    pub hint: &'static str,
    /// Left out where the room is too small for all, the greatest number first; 0 always stays.
    pub yields: u8,
}

impl Column {
    /// A column of a fixed width.
    pub const fn fixed(title: &'static str, width: f32) -> Self {
        Self {
            title,
            min: width,
            grow: 0.0,
            align: Align::Min,
            sorts: false,
            falls: false,
            hint: "",
            yields: 0,
        }
    }

    /// A column that takes a share of what is left over.
    pub const fn grows(title: &'static str, min: f32, grow: f32) -> Self {
        Self { title, min, grow, align: Align::Min, sorts: false, falls: false, hint: "", yields: 0 }
    }

    /// The same, against the right edge.
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.align = Align::Max;
        self
    }

    /// The same, and it sorts.
    #[must_use]
    pub const fn sorting(mut self) -> Self {
        self.sorts = true;
        self
    }

    /// The same, and it sorts, the largest first.
    #[must_use]
    pub const fn falling(mut self) -> Self {
        self.sorts = true;
        self.falls = true;
        self
    }

    /// The same, and it is left out where room is short, the greatest number first.
    #[must_use]
    pub const fn yielding(mut self, order: u8) -> Self {
        self.yields = order;
        self
    }

    /// The same, and it says what it means.
    #[must_use]
    pub const fn meaning(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }
}

/// How a table is sorted: by which column, and whether downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sorting {
    /// The column; `None` is the order of the data.
    pub column: Option<usize>,
    /// Whether the largest comes first.
    pub down: bool,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// Stable.
    pub id: &'a str,
    /// From left to right.
    pub columns: &'a [Column],
    /// How many rows there are.
    pub rows: usize,
    /// The row that is selected.
    pub selected: Option<usize>,
    /// How it is sorted, to be shown in the head.
    pub sorting: Sorting,
}

/// What was done to a table.
#[derive(Clone, Copy, Debug, Default)]
pub struct TableResponse {
    /// The row that was pressed or reached with the arrow keys.
    pub chosen: Option<usize>,
    /// The row that was pressed twice, or entered.
    pub opened: Option<usize>,
    /// The row under the pointer.
    pub hovered: Option<usize>,
    /// The sorting that was asked for.
    pub sort: Option<Sorting>,
}

/// A row while it is drawn.
pub struct Row<'u> {
    /// Where widgets of the row are added.
    pub ui: &'u mut Ui,
    cells: Vec<Rect>,
    aligns: Vec<Align>,
    id: Id,
    /// Whether the pointer is over it.
    pub hovered: bool,
    name: String,
    heading: bool,
}

impl Row<'_> {
    /// The frame of a cell.
    pub fn cell(&self, column: usize) -> Rect {
        self.cells[column]
    }

    /// Whether a column is left out for want of room.
    fn is_out(&self, column: usize) -> bool {
        self.cells[column].width() <= 0.0
    }

    /// What a screen reader says of the row; otherwise the texts of its cells.
    pub fn named(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    /// Marks the row as the heading of a group: it cannot be chosen.
    pub fn heading(&mut self, text: &str, note: &str) {
        self.heading = true;
        text.clone_into(&mut self.name);
        let frame = self.cells.iter().fold(Rect::NOTHING, |a, b| a.union(*b));
        let color = style::ink(self.ui, Ink::Text1);
        let width = paint_text(self.ui, frame, Align::Min, text, (size::LABEL, Weight::SemiBold, color));
        let rest = Rect::from_min_max(pos2(frame.left() + width + 10.0, frame.top()), frame.max);
        let color = style::ink(self.ui, Ink::Text2);
        let width2 = paint_text(self.ui, rest, Align::Min, note, (size::CAPTION, Weight::Regular, color));
        let from = rest.left() + width2 + if note.is_empty() { 0.0 } else { 10.0 };
        self.ui.painter().hline(from..=frame.right(), frame.center().y + 0.5, style::hairline(self.ui));
    }

    /// Writes a text into a cell; where it is cut short, the whole is shown on hover.
    pub fn text(&mut self, column: usize, text: &str, weight: Weight, ink: Ink) {
        let font_size = if weight == Weight::Regular { size::LABEL } else { size::BODY };
        self.text_sized(column, text, font_size, weight, ink);
    }

    /// Short words in a cell, with what they stand for when the pointer is on them.
    pub fn explained(&mut self, column: usize, short: &str, whole: &str, weight: Weight, ink: Ink) {
        self.text(column, short, weight, ink);
        if self.hovered && !self.is_out(column) && short != whole {
            let over = self.ui.interact(self.cells[column], self.id.with(("whole", column)), Sense::hover());
            over.on_hover_text(whole);
        }
    }

    /// The same in another size.
    pub fn text_sized(&mut self, column: usize, text: &str, font_size: f32, weight: Weight, ink: Ink) {
        if self.is_out(column) {
            return;
        }
        let frame = self.cells[column];
        let color = style::ink(self.ui, ink);
        let galley = elided(self.ui, text, font_size, weight, color, frame.width());
        let x = match self.aligns[column] {
            Align::Min => frame.left(),
            Align::Center => frame.center().x - galley.size().x / 2.0,
            Align::Max => frame.right() - galley.size().x,
        };
        let cut = galley.elided;
        self.ui.painter().galley(pos2(x, frame.center().y - galley.size().y / 2.0), galley, color);
        if cut && self.hovered {
            let over = self.ui.interact(frame, self.id.with(("cut", column)), Sense::hover());
            over.on_hover_text(text);
        }
        if !self.heading && !text.is_empty() && text != "—" {
            if !self.name.is_empty() {
                self.name.push_str(", ");
            }
            self.name.push_str(text);
        }
    }

    /// A bar over the start of a cell as long as a part of 0..=1, with words after it.
    pub fn bar(&mut self, column: usize, part: f64, words: &str, ink: Ink) {
        const LONG: f32 = 44.0;
        if self.is_out(column) {
            return;
        }
        let frame = self.cells[column];
        let at = Rect::from_min_size(pos2(frame.left(), frame.center().y - 2.0), vec2(LONG, 4.0));
        self.ui.painter().rect_filled(at, CornerRadius::same(2), style::ink(self.ui, Ink::Pressed));
        let mut done = at;
        done.set_width((LONG * part.clamp(0.0, 1.0) as f32).max(if part > 0.0 { 2.0 } else { 0.0 }));
        self.ui.painter().rect_filled(done, CornerRadius::same(2), style::ink(self.ui, ink));
        self.text(column, words, Weight::Regular, Ink::Text1);
    }

    /// Paints an icon at the start of a cell.
    pub fn icon(&mut self, column: usize, icon: Icon, ink: Ink) {
        if self.is_out(column) {
            return;
        }
        let frame = self.cells[column];
        let at = Rect::from_center_size(pos2(frame.left() + 7.0, frame.center().y), vec2(14.0, 14.0));
        paint_icon(self.ui, icon, at, style::ink(self.ui, ink));
    }

    /// A quiet action in a cell; says whether it was pressed.
    pub fn link(&mut self, column: usize, text: &str) -> bool {
        if self.is_out(column) {
            return false;
        }
        let frame = self.cells[column];
        let galley = elided(
            self.ui,
            text,
            size::LABEL,
            Weight::Medium,
            style::ink(self.ui, Ink::Accent),
            frame.width(),
        );
        let x =
            if self.aligns[column] == Align::Max { frame.right() - galley.size().x } else { frame.left() };
        let at = Rect::from_min_size(pos2(x, frame.center().y - 11.0), vec2(galley.size().x, 22.0));
        let response = self.ui.interact(at, self.id.with(("link", column)), Sense::click());
        let enabled = self.ui.is_enabled();
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, text));
        let color = style::ink(self.ui, if response.hovered() { Ink::Text1 } else { Ink::Accent });
        let cut = galley.elided;
        paint_text(self.ui, at, Align::Min, text, (size::LABEL, Weight::Medium, color));
        focus_ring(self.ui, at.expand2(vec2(3.0, 0.0)), &response, 4);
        let clicked = response.clicked();
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        if cut {
            response.on_hover_text(text);
        }
        clicked
    }

    /// Widgets in a cell, from its right edge. Not for columns that can be left out.
    pub fn buttons<R>(&mut self, column: usize, add: impl FnOnce(&mut Ui) -> R) -> R {
        let layout = egui::Layout::right_to_left(egui::Align::Center);
        let builder =
            UiBuilder::new().id_salt(self.id.with(column)).max_rect(self.cells[column]).layout(layout);
        let mut child = self.ui.new_child(builder);
        child.spacing_mut().item_spacing.x = 4.0;
        add(&mut child)
    }
}

impl Table<'_> {
    /// Shows the table over what room there is.
    pub fn show(self, ui: &mut Ui, mut draw: impl FnMut(usize, &mut Row<'_>)) -> TableResponse {
        let mut done = TableResponse::default();
        let width = ui.available_width();
        let lanes = self.lanes(width);
        self.head(ui, &lanes, &mut done);

        let table_id = Id::unique(("table", self.id));
        let wish: Option<usize> = ui.data_mut(|d| d.remove_temp(table_id.with("show")));
        let mut area = ScrollArea::vertical().id_salt(self.id).auto_shrink([false, false]);
        if let Some(row) = wish {
            let height = ui.available_height();
            let at = ui.data(|d| d.get_temp::<f32>(table_id.with("offset"))).unwrap_or(0.0);
            let (top, bottom) = (row as f32 * ROW, (row + 1) as f32 * ROW);
            if top < at {
                area = area.vertical_scroll_offset(top);
            } else if bottom > at + height {
                area = area.vertical_scroll_offset(bottom - height);
            }
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut move_to = None;
        let out = area.show_rows(ui, ROW, self.rows, |ui, range| {
            for i in range {
                self.row(ui, i, &lanes, table_id, &mut done, &mut move_to, &mut draw);
            }
        });
        ui.data_mut(|d| d.insert_temp(table_id.with("offset"), out.state.clamped_offset().y));
        if let Some(to) = move_to {
            ui.memory_mut(|m| m.request_focus(table_id.with(to)));
            ui.data_mut(|d| d.insert_temp(table_id.with("show"), to));
        }
        done
    }

    /// Left and right edge of each column, for a table of that width at x = 0.
    fn lanes(&self, width: f32) -> Vec<(f32, f32)> {
        let gap = 14.0;
        let inner = width - 2.0 * PAD;
        let need = |shown: &[bool]| -> f32 {
            let all = self.columns.iter().zip(shown).filter(|(_, shown)| **shown);
            all.map(|(c, _)| c.min + gap).sum::<f32>() - gap
        };
        let mut shown = vec![true; self.columns.len()];
        while need(&shown) > inner {
            let stays = |i: &usize| self.columns[*i].yields == 0 || !shown[*i];
            let next = (0..self.columns.len()).filter(|i| !stays(i)).max_by_key(|i| self.columns[*i].yields);
            let Some(next) = next else { break };
            shown[next] = false;
        }
        let fixed = need(&shown);
        let grow: f32 = self.columns.iter().zip(&shown).filter(|(_, s)| **s).map(|(c, _)| c.grow).sum();
        // Where the room is too small for all, the growing columns give way first.
        let spare = inner - fixed;
        let flexible: f32 = (self.columns.iter().zip(&shown))
            .filter(|(c, shown)| **shown && c.grow > 0.0)
            .map(|(c, _)| c.min)
            .sum();
        let mut x = PAD;
        self.columns
            .iter()
            .zip(&shown)
            .map(|(c, shown)| {
                if !shown {
                    return (x, x);
                }
                let w = if spare >= 0.0 {
                    c.min + if grow > 0.0 { spare * c.grow / grow } else { 0.0 }
                } else if c.grow > 0.0 && flexible > 0.0 {
                    (c.min + spare * c.min / flexible).max(24.0)
                } else {
                    c.min
                };
                let lane = (x, x + w);
                x += w + gap;
                lane
            })
            .collect()
    }

    fn head(&self, ui: &mut Ui, lanes: &[(f32, f32)], done: &mut TableResponse) {
        if self.columns.iter().all(|c| c.title.is_empty()) {
            return;
        }
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
        for (i, (column, lane)) in self.columns.iter().zip(lanes).enumerate() {
            if column.title.is_empty() || lane.1 <= lane.0 {
                continue;
            }
            let cell = Rect::from_x_y_ranges(rect.left() + lane.0..=rect.left() + lane.1, rect.y_range());
            let sorted = self.sorting.column == Some(i);
            let mut ink = if sorted { Ink::Text2 } else { Ink::Text3 };
            if column.sorts {
                let response = ui.interact(cell, Id::unique((self.id, "head", i)), Sense::click());
                response.widget_info(|| {
                    WidgetInfo::labeled(
                        Role::ColumnHeader,
                        true,
                        format!("Sort by {}", column.title.to_lowercase()),
                    )
                });
                if response.hovered() {
                    ink = Ink::Text1;
                }
                focus_ring(ui, cell.expand2(vec2(4.0, -4.0)), &response, 4);
                if response.clicked() {
                    let first = column.falls;
                    done.sort = Some(match (sorted, self.sorting.down == first) {
                        (false, _) => Sorting { column: Some(i), down: first },
                        (true, true) => Sorting { column: Some(i), down: !first },
                        (true, false) => Sorting::default(),
                    });
                }
                if !column.hint.is_empty() {
                    response.on_hover_text(column.hint);
                }
            } else if !column.hint.is_empty() {
                let response = ui.interact(cell, Id::unique((self.id, "hint", i)), Sense::hover());
                response.on_hover_text(column.hint);
            }
            let width = column_head(ui, cell, column.align, column.title, ink);
            if sorted {
                let x = match column.align {
                    Align::Max => cell.right() - width - 8.0,
                    _ => cell.left() + width + 8.0,
                };
                let icon = if self.sorting.down { Icon::ChevronDown } else { Icon::ChevronUp };
                let at = Rect::from_center_size(pos2(x, cell.center().y), vec2(8.0, 8.0));
                paint_icon(ui, icon, at, style::ink(ui, Ink::Text2));
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one pass over the rows")]
    fn row(
        &self,
        ui: &mut Ui,
        i: usize,
        lanes: &[(f32, f32)],
        table_id: Id,
        done: &mut TableResponse,
        move_to: &mut Option<usize>,
        draw: &mut impl FnMut(usize, &mut Row<'_>),
    ) {
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
        let id = table_id.with(i);
        let response = ui.interact(rect, id, Sense::click());
        let selected = self.selected == Some(i);
        let over = ui.rect_contains_pointer(rect);
        let plate = rect.shrink2(vec2(8.0, 1.0));
        let ground = ui.painter().add(egui::Shape::Noop);
        let cells = lanes
            .iter()
            .map(|lane| Rect::from_x_y_ranges(rect.left() + lane.0..=rect.left() + lane.1, rect.y_range()))
            .collect();
        let aligns = self.columns.iter().map(|c| c.align).collect();
        let mut row = Row { ui, cells, aligns, id, hovered: over, name: String::new(), heading: false };
        draw(i, &mut row);
        let (name, heading) = (row.name, row.heading);
        if heading {
            response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &name));
            if response.has_focus() {
                // The arrow keys pass over it.
                let down = ui.data(|d| d.get_temp(table_id.with("down"))).unwrap_or(true);
                let to = if down { i + 1 } else { i.saturating_sub(1) };
                if to < self.rows && to != i {
                    done.chosen = Some(to);
                    *move_to = Some(to);
                }
            }
            return;
        }
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, &name));
        let fill = if selected {
            style::faint(ui, Ink::Accent, 0.12)
        } else if over {
            style::faint(ui, Ink::Text1, 0.045)
        } else {
            egui::Color32::TRANSPARENT
        };
        ui.painter().set(ground, egui::epaint::RectShape::filled(plate, CornerRadius::same(RADIUS), fill));
        if response.has_focus() && !selected {
            focus_ring(ui, plate, &response, RADIUS);
        }
        if over {
            done.hovered = Some(i);
        }
        if response.clicked() {
            done.chosen = Some(i);
            response.request_focus();
        }
        if response.double_clicked() {
            done.opened = Some(i);
        }
        if response.has_focus() {
            let filter = EventFilter { vertical_arrows: true, ..Default::default() };
            ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
            let (up, down, enter) = ui.input(|k| {
                (k.key_pressed(Key::ArrowUp), k.key_pressed(Key::ArrowDown), k.key_pressed(Key::Enter))
            });
            let to = match (up, down) {
                (true, _) if i > 0 => Some(i - 1),
                (_, true) if i + 1 < self.rows => Some(i + 1),
                _ => None,
            };
            if let Some(to) = to {
                done.chosen = Some(to);
                *move_to = Some(to);
                ui.data_mut(|d| d.insert_temp(table_id.with("down"), to > i));
            }
            if enter {
                done.opened = Some(i);
            }
        }
    }
}

/// Between the edge of the table and its first column.
const PAD: f32 = 20.0;
