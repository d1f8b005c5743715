//! A form of labelled rows: label left, control right, unit inside the field, defaults greyed with a way back to them.
//!
//! The sections change a copy of what is selected through these rows; where the copy differs at the end of the frame,
//! it becomes one command, labelled by the row that changed.

use std::fmt::Display;
use std::str::FromStr;

use egui::{Id, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::gui::context::Ctx;
use crate::gui::style::{self, CONTROL, GAP, size};
use crate::gui::widgets::{self, ChipDone, Field, paint_text};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// What a field without a value says.
#[derive(Clone, Copy, Debug)]
pub enum Absent<'a, T> {
    /// That value is in force.
    Default(T),
    /// There is no value, and this is what that means.
    Means(&'a str),
}

/// A form under way.
pub struct Form<'a> {
    /// What the window knows.
    pub ctx: &'a Ctx<'a>,
    /// Names the fields apart from those of other elements.
    pub id: Id,
    /// The label of the row that changed something in this frame.
    pub changed: Option<String>,
}

impl<'a> Form<'a> {
    /// A form about an element.
    pub fn new(ctx: &'a Ctx<'a>, about: &str) -> Self {
        Self { ctx, id: Id::unique(("inspector", about)), changed: None }
    }

    /// Says that a row changed something.
    pub fn touch(&mut self, label: &str) {
        self.changed = Some(label.to_owned());
    }

    /// Rows inside belong to a part of the element: the third slot, the second step.
    pub fn within<R>(&mut self, part: impl egui::AsIdSalt, add: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.id;
        self.id = self.id.with(part);
        let result = add(self);
        self.id = before;
        result
    }

    /// A row: the label, then what `add` puts into the width that it is handed. Returns that, and whether the way back
    /// to the default was pressed.
    pub fn row<R>(
        &mut self,
        ui: &mut Ui,
        label: &str,
        hint: &str,
        set: bool,
        add: impl FnOnce(&mut Self, &mut Ui, f32) -> R,
    ) -> (R, bool) {
        let top = ui.cursor().min;
        let whole = ui.available_width();
        let label_width = label_width(whole);
        let control = whole - label_width;
        let name = Rect::from_min_size(top, vec2(label_width - 22.0, CONTROL));
        let color = style::ink(ui, Ink::Text2);
        paint_text(ui, name, egui::Align::Min, label, (size::LABEL, Weight::Regular, color));
        let over = Rect::from_min_size(top, vec2(whole, CONTROL));
        if !hint.is_empty() {
            ui.interact(name, self.id.with((label, "hint")), Sense::hover()).on_hover_text(hint);
        }
        let mut reset = false;
        if set {
            let at =
                Rect::from_center_size(pos2(top.x + label_width - 13.0, over.center().y), vec2(18.0, 18.0));
            // Not in the way of the Tab key: emptying the field does the same.
            let response = ui.interact(at, self.id.with((label, "reset")), Sense::CLICK);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Reset {label}")));
            if ui.rect_contains_pointer(over) {
                let ink = if response.hovered() { Ink::Text1 } else { Ink::Text3 };
                let icon = Rect::from_center_size(at.center(), vec2(12.0, 12.0));
                widgets::paint_icon(ui, Icon::Undo, icon, style::ink(ui, ink));
            }
            reset = response.clicked();
            response.on_hover_text("Back to the default");
        }
        let place = Rect::from_min_size(pos2(top.x + label_width, top.y), vec2(control, CONTROL));
        let builder = UiBuilder::new()
            .id_salt((label, self.id))
            .max_rect(place)
            .layout(egui::Layout::top_down(egui::Align::Min));
        let mut child = ui.new_child(builder);
        child.spacing_mut().item_spacing = vec2(4.0, 4.0);
        let result = add(self, &mut child, control);
        let height = child.min_rect().height().max(CONTROL);
        ui.allocate_rect(Rect::from_min_size(top, vec2(whole, height)), Sense::hover());
        if ui.spacing().item_spacing.y < GAP {
            ui.add_space(GAP - ui.spacing().item_spacing.y);
        }
        (result, reset)
    }

    /// A remark below a head or a row.
    pub fn note(&mut self, ui: &mut Ui, text: &str) {
        widgets::paragraph(ui, text, size::CAPTION, Ink::Text2);
    }

    /// A line of text.
    pub fn text(&mut self, ui: &mut Ui, label: &str, value: &mut String, hint: &str) {
        let done = self.row(ui, label, "", false, |form, ui, width| {
            let field = Field { name: label, value, hint, unit: "", width };
            field.show(ui, form.id.with(label), |_| Ok(()))
        });
        if let Some(text) = done.0 {
            *value = text;
            self.touch(label);
        }
    }

    /// Several lines of text, under their label.
    pub fn long_text(&mut self, ui: &mut Ui, label: &str, value: &mut String, hint: &str) {
        widgets::label(ui, label);
        if let Some(text) = widgets::text_area(ui, self.id.with(label), label, value, hint, 3) {
            *value = text;
            self.touch(label);
        }
        ui.add_space(GAP);
    }

    /// A quantity with its unit; empty is absent.
    pub fn quantity<T>(
        &mut self,
        ui: &mut Ui,
        label: &str,
        value: &mut Option<T>,
        absent: Absent<'_, T>,
        (note, hint): (&str, &str),
    ) where
        T: Copy + Display + FromStr + PartialEq,
        T::Err: Display,
    {
        let (shown, unit) = value.map_or((String::new(), String::new()), |v| split(&v.to_string()));
        let (grey, base) = match absent {
            Absent::Default(d) => (format!("{d} (default)"), split(&d.to_string()).1),
            Absent::Means(text) => (text.to_owned(), String::new()),
        };
        let assumed = if unit.is_empty() { base } else { unit.clone() };
        let tail = if value.is_some() && !note.is_empty() { format!("{unit} {note}") } else { unit };
        let parse = |text: &str| parse::<T>(text, &assumed);
        let (done, reset) = self.row(ui, label, hint, value.is_some(), |form, ui, width| {
            let field = Field { name: label, value: &shown, hint: &grey, unit: &tail, width };
            field.show(ui, form.id.with(label), |t| if t.is_empty() { Ok(()) } else { parse(t).map(|_| ()) })
        });
        let new = match done {
            _ if reset => None,
            Some(text) if text.is_empty() => None,
            Some(text) => parse(&text).ok(),
            None => return,
        };
        if new != *value {
            *value = new;
            self.touch(label);
        }
    }

    /// A quantity that is always there.
    pub fn needed<T>(&mut self, ui: &mut Ui, label: &str, value: &mut T, hint: &str)
    where
        T: Copy + Display + FromStr + PartialEq,
        T::Err: Display,
    {
        let (shown, unit) = split(&value.to_string());
        let parse = |text: &str| parse::<T>(text, &unit);
        let done = self.row(ui, label, hint, false, |form, ui, width| {
            let field = Field { name: label, value: &shown, hint: "", unit: &unit, width };
            field.show(ui, form.id.with(label), |t| parse(t).map(|_| ()))
        });
        if let Some(new) = done.0.and_then(|t| parse(&t).ok())
            && new != *value
        {
            *value = new;
            self.touch(label);
        }
    }

    /// A whole number between two bounds, with steps up and down. Where `zero` says something, 0 is allowed and means
    /// that.
    pub fn count(
        &mut self,
        ui: &mut Ui,
        label: &str,
        value: &mut u32,
        (least, most): (u32, u32),
        zero: &str,
        (unit, hint): (&str, &str),
    ) {
        let shown = if *value == 0 && !zero.is_empty() { String::new() } else { value.to_string() };
        let check = |t: &str| -> Result<u32, String> {
            if t.is_empty() && !zero.is_empty() {
                return Ok(0);
            }
            match t.parse::<u32>() {
                Ok(n) if (least..=most).contains(&n) || (n == 0 && !zero.is_empty()) => Ok(n),
                _ => Err(format!("a whole number from {least} to {most}")),
            }
        };
        let before = *value;
        let set = !zero.is_empty() && *value != 0;
        let (step, reset) = self.row(ui, label, hint, set, |form, ui, width| {
            let steps = unit.is_empty();
            let inner = if steps { width - 52.0 } else { width };
            let mut new = None;
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                let field = Field { name: label, value: &shown, hint: zero, unit, width: inner };
                let done = field.show(ui, form.id.with(label), |t| check(t).map(|_| ()));
                new = done.and_then(|t| check(&t).ok());
                if steps {
                    let down =
                        widgets::icon_button_sized(ui, Icon::Minus, &format!("One less, {label}"), 24.0);
                    if down.clicked() {
                        new = Some(before.saturating_sub(1).max(least));
                    }
                    let up = widgets::icon_button_sized(ui, Icon::Plus, &format!("One more, {label}"), 24.0);
                    if up.clicked() {
                        new = Some((before + 1).clamp(least, most));
                    }
                }
            });
            new
        });
        let new = if reset { Some(0) } else { step };
        if let Some(n) = new
            && n != *value
        {
            *value = n;
            self.touch(label);
        }
    }

    /// A share, shown in percent; empty is absent.
    pub fn share(&mut self, ui: &mut Ui, label: &str, value: &mut Option<f64>, absent: &str, hint: &str) {
        let shown = value.map(|v| plain(v * 100.0)).unwrap_or_default();
        let check = |t: &str| match t.trim_end_matches('%').trim().parse::<f64>() {
            Ok(p) if (0.0..=100.0).contains(&p) => Ok(p / 100.0),
            _ => Err("a share from 0 to 100 %".to_owned()),
        };
        let (done, reset) = self.row(ui, label, hint, value.is_some(), |form, ui, width| {
            let unit = if value.is_some() { "%" } else { "" };
            let field = Field { name: label, value: &shown, hint: absent, unit, width };
            field.show(ui, form.id.with(label), |t| if t.is_empty() { Ok(()) } else { check(t).map(|_| ()) })
        });
        let new = match done {
            _ if reset => None,
            Some(text) if text.is_empty() => None,
            Some(text) => check(&text).ok(),
            None => return,
        };
        if new != *value {
            *value = new;
            self.touch(label);
        }
    }

    /// A number between two bounds.
    pub fn number(
        &mut self,
        ui: &mut Ui,
        label: &str,
        value: &mut f64,
        (least, most): (f64, f64),
        (unit, hint): (&str, &str),
    ) {
        let shown = plain(*value);
        let check = |t: &str| match t.parse::<f64>() {
            Ok(n) if (least..=most).contains(&n) => Ok(n),
            _ if most >= f64::MAX => Err(format!("a number from {} up", plain(least))),
            _ => Err(format!("a number from {} to {}", plain(least), plain(most))),
        };
        let done = self.row(ui, label, hint, false, |form, ui, width| {
            let field = Field { name: label, value: &shown, hint: "", unit, width };
            field.show(ui, form.id.with(label), |t| check(t).map(|_| ()))
        });
        if let Some(new) = done.0.and_then(|t| check(&t).ok())
            && new != *value
        {
            *value = new;
            self.touch(label);
        }
    }

    /// Yes or no.
    pub fn toggle(&mut self, ui: &mut Ui, label: &str, value: &mut bool, hint: &str) {
        let clicked = self.row(ui, label, hint, false, |_, ui, _| {
            ui.add_space(5.0);
            widgets::toggle(ui, label, *value).clicked()
        });
        if clicked.0 {
            *value = !*value;
            self.touch(label);
        }
    }

    /// One of several: value, name, remark. The value that is the type's default is shown greyed.
    pub fn choice<T: Clone + PartialEq>(
        &mut self,
        ui: &mut Ui,
        label: &str,
        value: &mut T,
        default: Option<&T>,
        options: &[(T, &str, &str)],
        hint: &str,
    ) {
        let at = options.iter().position(|(v, ..)| v == value);
        let current = at.map_or("", |i| options[i].1);
        let is_default = default.is_some_and(|d| d == value);
        let menu: Vec<(&str, &str)> = options.iter().map(|(_, name, note)| (*name, *note)).collect();
        let set = default.is_some() && !is_default;
        let (done, reset) = self.row(ui, label, hint, set, |_, ui, width| {
            widgets::choice(ui, label, current, is_default, &menu, width)
        });
        let new = if reset { default.cloned() } else { done.map(|i| options[i].0.clone()) };
        if let Some(new) = new
            && new != *value
        {
            *value = new;
            self.touch(label);
        }
    }

    /// One of two or three with short names.
    pub fn segments<T: Clone + PartialEq>(
        &mut self,
        ui: &mut Ui,
        label: &str,
        value: &mut T,
        options: &[(T, &str)],
        hint: &str,
    ) {
        let names: Vec<&str> = options.iter().map(|(_, n)| *n).collect();
        let at = options.iter().position(|(v, _)| v == value).unwrap_or(usize::MAX);
        let done =
            self.row(ui, label, hint, false, |_, ui, width| widgets::segmented(ui, label, &names, at, width));
        if let Some(i) = done.0 {
            *value = options[i].0.clone();
            self.touch(label);
        }
    }

    /// Names of other elements as chips, with a menu of those that can be added. A press on a chip selects it.
    pub fn chips<T>(
        &mut self,
        ui: &mut Ui,
        label: &str,
        value: &mut Vec<T>,
        candidates: &[(T, String)],
        (none, hint): (&str, &str),
    ) where
        T: Clone + PartialEq + AsRef<str>,
    {
        let mut next = None;
        let ctx = self.ctx;
        self.row(ui, label, hint, false, |_, ui, width| {
            ui.set_width(width);
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
                ui.add_space(0.0);
                for (i, item) in value.iter().enumerate() {
                    let name = candidates
                        .iter()
                        .find(|(id, _)| id == item)
                        .map_or_else(|| item.as_ref().to_owned(), |(_, name)| name.clone());
                    match ui.push_id(i, |ui| widgets::removable_chip(ui, &name)).inner {
                        Some(ChipDone::Removed) => {
                            let mut list = value.clone();
                            list.remove(i);
                            next = Some(list);
                        }
                        Some(ChipDone::Pressed) => {
                            let id = crate::design::ElementId::new(item.as_ref());
                            ctx.commands.view(crate::gui::command::Action::Select(vec![id]));
                        }
                        None => {}
                    }
                }
                let free: Vec<&(T, String)> =
                    candidates.iter().filter(|(id, _)| !value.contains(id)).collect();
                if free.is_empty() {
                    if value.is_empty() {
                        widgets::line(ui, none, size::BODY, Weight::Regular, Ink::Text3);
                    }
                    return;
                }
                let menu: Vec<(&str, &str)> = free
                    .iter()
                    .map(|(id, name)| (name.as_str(), if name == id.as_ref() { "" } else { id.as_ref() }))
                    .collect();
                let (shown, width) =
                    if value.is_empty() { (none, ui.available_width()) } else { ("Add", 64.0) };
                let add = format!("Add to {}", label.to_lowercase());
                if let Some(i) = widgets::choice(ui, &add, shown, true, &menu, width) {
                    let mut list = value.clone();
                    list.push(free[i].0.clone());
                    next = Some(list);
                }
            });
        });
        if let Some(list) = next {
            *value = list;
            self.touch(label);
        }
    }
}

/// How wide the labels are in a form of a width.
pub fn label_width(whole: f32) -> f32 {
    (whole * 0.443).clamp(92.0, 150.0)
}

/// `("4", "ms")`, `("12", "k/s")`.
fn split(text: &str) -> (String, String) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    (text[..end].to_owned(), text[end..].trim().to_owned())
}

/// Reads what was typed; a bare number is in the unit that the field shows.
fn parse<T: FromStr>(text: &str, unit: &str) -> Result<T, String>
where
    T::Err: Display,
{
    let bare = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '_');
    let whole = if bare && !unit.is_empty() { format!("{text} {unit}") } else { text.to_owned() };
    whole.parse::<T>().map_err(|e| e.to_string())
}

/// A number without a tail of zeros.
pub fn plain(v: f64) -> String {
    let text = format!("{v:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
