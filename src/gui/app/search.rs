//! The command palette: every command, and every element and finding to go to, found by a few letters.

use egui::{
    Align2, Area, Id, Key, Rect, Sense, Stroke, StrokeKind, TextEdit, Ui, Vec2, WidgetInfo, accesskit::Role,
};

use crate::design::ElementId;
use crate::gui::canvas::{Canvas, paint};
use crate::gui::command::{Action, Request, UiCommand};
use crate::gui::context::Ctx;
use crate::gui::fonts::font;
use crate::scene::font::{Weight, ellipsis};
use crate::scene::{Icon, Ink};

const WIDTH: f32 = 560.0;
const ROW: f32 = 34.0;
const ROWS_MAX: usize = 11;

/// A search under way.
#[derive(Default)]
pub(super) struct Search {
    text: String,
    chosen: usize,
}

struct Entry {
    title: String,
    group: &'static str,
    icon: Icon,
    keys: String,
    refused: Option<&'static str>,
    requests: Vec<Request>,
}

/// Shows the search while it is open.
pub(super) fn show(ui: &Ui, ctx: &Ctx<'_>, search: &mut Option<Search>, _canvas: &Canvas) {
    let Some(state) = search else { return };
    let window = ui.ctx().content_rect();
    let color = |ink: Ink| paint::color(ctx.theme, ink);
    let entries = found(ui, ctx, &state.text);
    let (up, down, enter, escape) = ui.input(|i| {
        (
            i.num_presses(Key::ArrowUp),
            i.num_presses(Key::ArrowDown),
            i.key_pressed(Key::Enter),
            i.key_pressed(Key::Escape),
        )
    });
    let last = entries.len().saturating_sub(1);
    state.chosen = (state.chosen + down).saturating_sub(up).min(last);
    let mut picked = enter.then_some(state.chosen);
    let mut close = escape;
    let veil = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Middle, Id::unique("search-veil")));
    veil.rect_filled(window, 0.0, egui::Color32::from_black_alpha(90));
    let area = Area::new(Id::unique("search"))
        .order(egui::Order::Foreground)
        .fixed_pos(egui::pos2(window.center().x - WIDTH / 2.0, window.min.y + 84.0))
        .show(ui.ctx(), |ui| {
            let frame = egui::Frame::new()
                .fill(color(Ink::Panel))
                .stroke(Stroke::new(1.0, color(Ink::Line)))
                .corner_radius(12)
                .shadow(ui.visuals().window_shadow)
                .inner_margin(8);
            frame.show(ui, |ui| {
                ui.set_width(WIDTH - 16.0);
                ui.spacing_mut().item_spacing.y = 2.0;
                let field = TextEdit::singleline(&mut state.text)
                    .hint_text("Search components, findings and commands")
                    .font(font(14.0, Weight::Regular))
                    .margin(egui::Margin::symmetric(10, 8))
                    .desired_width(f32::INFINITY)
                    .show(ui)
                    .response
                    .response;
                field.widget_info(|| {
                    WidgetInfo::text_edit(true, state.text.clone(), state.text.clone(), "Search")
                });
                field.request_focus();
                if field.changed() {
                    state.chosen = 0;
                }
                ui.add_space(4.0);
                let first = state.chosen.saturating_sub(ROWS_MAX - 1);
                for (n, entry) in entries.iter().enumerate().skip(first).take(ROWS_MAX) {
                    if row(ui, ctx, entry, n == state.chosen) {
                        picked = Some(n);
                    }
                }
                if entries.is_empty() {
                    let text = egui::RichText::new("Nothing is called that. Try fewer letters.");
                    ui.label(text.color(color(Ink::Text2)));
                }
            });
        });
    let outside = ui.input(|i| {
        i.pointer.any_pressed() && i.pointer.interact_pos().is_some_and(|p| !area.response.rect.contains(p))
    });
    close |= outside;
    if let Some(entry) = picked.and_then(|n| entries.into_iter().nth(n))
        && entry.refused.is_none()
    {
        for request in entry.requests {
            ctx.commands.send(request);
        }
        close = true;
    }
    if close {
        *search = None;
    }
}

fn row(ui: &mut Ui, ctx: &Ctx<'_>, entry: &Entry, chosen: bool) -> bool {
    let color = |ink: Ink| paint::color(ctx.theme, ink);
    let (place, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::MenuItem, entry.refused.is_none(), chosen, &entry.title));
    if chosen || response.hovered() {
        let fill = if chosen { color(Ink::Accent).gamma_multiply(0.16) } else { color(Ink::Pressed) };
        ui.painter().rect(place, 7.0, fill, Stroke::NONE, StrokeKind::Middle);
    }
    let fade = if entry.refused.is_some() { 0.45 } else { 1.0 };
    let y = place.center().y;
    let square = Rect::from_center_size(egui::pos2(place.min.x + 18.0, y), Vec2::splat(16.0));
    paint::icon(ui.painter(), entry.icon, square, color(Ink::Text2).gamma_multiply(fade));
    let title = ellipsis(&entry.title, 13.0, Weight::Regular, place.width() - 180.0);
    ui.painter().text(
        egui::pos2(place.min.x + 38.0, y),
        Align2::LEFT_CENTER,
        title,
        font(13.0, Weight::Regular),
        color(Ink::Text1).gamma_multiply(fade),
    );
    let right = entry.refused.unwrap_or(if entry.keys.is_empty() { entry.group } else { &entry.keys });
    ui.painter().text(
        egui::pos2(place.max.x - 10.0, y),
        Align2::RIGHT_CENTER,
        right,
        font(11.0, Weight::Regular),
        color(Ink::Text3),
    );
    response.clicked()
}

fn found(ui: &Ui, ctx: &Ctx<'_>, text: &str) -> Vec<Entry> {
    let mut scored: Vec<(i32, usize, Entry)> = Vec::new();
    let mut add = |title: String, entry: &dyn Fn(String) -> Entry| {
        if let Some(score) = fuzzy(text, &title) {
            scored.push((score, scored.len(), entry(title)));
        }
    };
    for command in UiCommand::ALL.iter().copied().filter(|c| *c != UiCommand::Palette) {
        add(command.title().to_owned(), &|title| Entry {
            title,
            group: command.group().title(),
            icon: Icon::ChevronRight,
            keys: command.keys().first().map(|k| ui.ctx().format_shortcut(k)).unwrap_or_default(),
            refused: command.available(ctx).err(),
            requests: vec![Request::Named(command)],
        });
    }
    // Without a letter there is no telling which of hundreds of elements is meant.
    if !text.is_empty() {
        let go = |id: ElementId| {
            vec![Request::View(Action::Select(vec![id.clone()])), Request::View(Action::ZoomTo(vec![id]))]
        };
        for c in &ctx.design.components {
            add(c.title().to_owned(), &|title| Entry {
                title,
                group: c.kind.label(),
                icon: Icon::Kind(c.kind),
                keys: String::new(),
                refused: None,
                requests: go(ElementId::from(&c.id)),
            });
        }
        for z in &ctx.design.zones {
            add(crate::scene::zone_title(z).to_owned(), &|title| Entry {
                title,
                group: z.kind.label(),
                icon: Icon::Zone,
                keys: String::new(),
                refused: None,
                requests: go(ElementId::from(&z.id)),
            });
        }
        for f in ctx.report.iter().flat_map(|r| r.open()) {
            add(f.text.clone(), &|title| Entry {
                title,
                group: "finding",
                icon: Icon::Warning,
                keys: String::new(),
                refused: None,
                requests: vec![Request::View(Action::FocusFinding(Some(f.id.clone())))],
            });
        }
    }
    // What cannot be done now stands last.
    scored.sort_by(|a, b| {
        let refused = |e: &Entry| e.refused.is_some();
        refused(&a.2).cmp(&refused(&b.2)).then(b.0.cmp(&a.0)).then(a.1.cmp(&b.1))
    });
    scored.truncate(60);
    scored.into_iter().map(|(_, _, e)| e).collect()
}

/// How well letters fit a title: all of them in order, better at the beginning of words and side by side.
fn fuzzy(letters: &str, title: &str) -> Option<i32> {
    let mut score = 0;
    let mut previous = None;
    let title: Vec<char> = title.chars().flat_map(char::to_lowercase).collect();
    let mut from = 0;
    for letter in letters.chars().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()) {
        let at = (from..title.len()).find(|i| title[*i] == letter)?;
        score += 1;
        if at == 0 || !title[at - 1].is_alphanumeric() {
            score += 6;
        }
        if previous.is_some_and(|p| p + 1 == at) {
            score += 8;
        }
        previous = Some(at);
        from = at + 1;
    }
    Some(score * 10 - title.len() as i32 / 4)
}

#[cfg(test)]
mod tests {
    use super::fuzzy;

    #[test]
    fn letters_in_order_are_found_and_beginnings_of_words_weigh_more() {
        assert!(fuzzy("zf", "Zoom to fit").is_some());
        assert!(fuzzy("fz", "Zoom to fit").is_none());
        assert!(fuzzy("save", "Save") > fuzzy("save", "Show all vertices"));
        assert!(fuzzy("", "anything").is_some());
    }
}
