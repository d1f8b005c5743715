//! The bar at the top: the menu behind the mark, the file, the modes, the command search, and the run under way.

use egui::{Align2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, accesskit::Role};

use crate::gui::canvas::paint;
use crate::gui::command::registry::Group;
use crate::gui::command::{Action, UiCommand};
use crate::gui::context::{Ctx, LivePhase};
use crate::gui::fonts::font;
use crate::gui::view::Mode;
use crate::scene::font::{Weight, ellipsis};
use crate::scene::{Icon, Ink};

/// Height of the bar.
pub const HEIGHT: f32 = 48.0;

/// Shows the bar. `right` is the width of what stands below on the right, with which the search lines up.
pub fn show(ui: &mut Ui, ctx: &Ctx<'_>, name: &str, recent: &[std::path::PathBuf], right: f32) {
    let bar = ui.max_rect();
    let color = |ink: Ink| paint::color(ctx.theme, ink);
    let y = bar.center().y;

    let mark = Rect::from_min_size(egui::pos2(bar.min.x + 12.0, y - 16.0), Vec2::new(104.0, 32.0));
    let menu = ui.interact(mark, ui.scope_id().with("menu"), Sense::click());
    menu.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Menu"));
    if menu.hovered() {
        ui.painter().rect_filled(mark, 7.0, color(Ink::Pressed));
    }
    let square = Rect::from_center_size(egui::pos2(mark.min.x + 17.0, y), Vec2::splat(24.0));
    paint::icon(ui.painter(), Icon::Mark, square, color(Ink::Accent));
    ui.painter().text(
        egui::pos2(mark.min.x + 37.0, y),
        Align2::LEFT_CENTER,
        "Linchpin",
        font(13.5, Weight::SemiBold),
        color(Ink::Text1),
    );
    egui::Popup::menu(&menu).show(|ui| main_menu(ui, ctx, recent));

    // A long name pushes the modes aside, up to a point.
    let most = if bar.width() > 1200.0 { 240.0 } else { 116.0 };
    let shown = ellipsis(name, 12.5, Weight::Regular, most);
    let galley = ui.painter().layout_no_wrap(shown, font(12.5, Weight::Regular), color(Ink::Text2));
    let wide = galley.size().x;
    let left = (mark.max.x + 6.0 + wide + 30.0).max(bar.min.x + 262.0);
    let modes = Rect::from_min_size(egui::pos2(left, y - 15.0), Vec2::new(282.0, 30.0));
    let room = modes.min.x - mark.max.x - 30.0;
    let clip =
        Rect::from_min_max(egui::pos2(mark.max.x + 2.0, bar.min.y), egui::pos2(modes.min.x - 8.0, bar.max.y));
    let at = egui::pos2(mark.max.x + 6.0, y - galley.size().y / 2.0);
    ui.painter_at(clip).galley(at, galley, color(Ink::Text2));
    let file = Rect::from_min_size(egui::pos2(at.x, y - 10.0), Vec2::new(wide.min(room) + 14.0, 20.0));
    let file = ui.interact(file, ui.scope_id().with("file"), Sense::hover());
    let state = if ctx.session.unsaved { "not saved" } else { "saved" };
    file.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}, {state}")));
    if ctx.session.unsaved {
        ui.painter().circle_filled(egui::pos2(at.x + wide.min(room) + 9.0, y + 0.5), 3.0, color(Ink::Accent));
    }
    let path =
        ctx.session.path.map_or_else(|| "not saved to a file yet".to_owned(), |p| p.display().to_string());
    file.on_hover_text(format!("{path} ({state})"));

    modes_ui(ui, ctx, modes);

    let search_right = (bar.max.x - right - 20.0).max(modes.max.x + 200.0);
    let search = Rect::from_min_max(
        egui::pos2((search_right - 282.0).max(modes.max.x + 16.0), y - 15.0),
        egui::pos2(search_right.min(bar.max.x - 12.0), y + 15.0),
    );
    if search.width() > 60.0 {
        search_ui(ui, ctx, search);
    }
    running_ui(ui, ctx, Rect::from_min_max(egui::pos2(search.max.x + 12.0, bar.min.y), bar.max));
}

fn modes_ui(ui: &Ui, ctx: &Ctx<'_>, place: Rect) {
    let color = |ink: Ink| paint::color(ctx.theme, ink);
    let painter = ui.painter();
    painter.rect_filled(place, 7.0, color(Ink::Raised));
    let width = place.width() / Mode::ALL.len() as f32;
    for (n, mode) in Mode::ALL.into_iter().enumerate() {
        let segment = Rect::from_min_size(
            egui::pos2(place.min.x + n as f32 * width, place.min.y),
            Vec2::new(width, place.height()),
        );
        let response = ui.interact(segment, ui.scope_id().with(("mode", n)), Sense::click());
        let active = ctx.view.mode == mode;
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, active, mode.title()));
        let inner = segment.shrink(3.0);
        if active {
            let fill = if ctx.theme.shade == crate::scene::Shade::Dark { Ink::Pressed } else { Ink::Panel };
            let line = Stroke::new(1.0, color(Ink::Line));
            painter.rect(inner, 5.0, color(fill), line, StrokeKind::Middle);
        } else if response.hovered() {
            painter.rect_filled(inner, 5.0, color(Ink::Pressed).gamma_multiply(0.5));
        }
        let (weight, ink) =
            if active { (Weight::SemiBold, Ink::Text1) } else { (Weight::Regular, Ink::Text2) };
        painter.text(segment.center(), Align2::CENTER_CENTER, mode.title(), font(12.5, weight), color(ink));
        if response.clicked() {
            ctx.commands.view(Action::SetMode(mode));
        }
    }
}

fn search_ui(ui: &Ui, ctx: &Ctx<'_>, place: Rect) {
    let color = |ink: Ink| paint::color(ctx.theme, ink);
    let response = ui.interact(place, ui.scope_id().with("search"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Search or run a command"));
    let fill = if response.hovered() { Ink::Pressed } else { Ink::Raised };
    let painter = ui.painter_at(place.expand(1.0));
    painter.rect(place, 7.0, color(fill), Stroke::new(1.0, color(Ink::Line)), StrokeKind::Middle);
    let icon = Rect::from_center_size(egui::pos2(place.min.x + 21.0, place.center().y), Vec2::splat(16.0));
    paint::icon(&painter, Icon::Search, icon, color(Ink::Text2));
    painter.text(
        egui::pos2(place.min.x + 38.0, place.center().y),
        Align2::LEFT_CENTER,
        "Search or run a command",
        font(12.0, Weight::Regular),
        color(Ink::Text3),
    );
    if let Some(keys) = UiCommand::Palette.keys().first()
        && place.width() > 250.0
    {
        painter.text(
            egui::pos2(place.max.x - 12.0, place.center().y),
            Align2::RIGHT_CENTER,
            ui.ctx().format_shortcut(keys).replace('+', " "),
            font(11.0, Weight::Regular),
            color(Ink::Text3),
        );
    }
    if response.clicked() {
        ctx.commands.view(Action::OpenPalette);
    }
}

/// The run under way: how long, and a way to end it; else a way to begin.
fn running_ui(ui: &Ui, ctx: &Ctx<'_>, place: Rect) {
    let color = |ink: Ink| paint::color(ctx.theme, ink);
    if place.width() < 60.0 {
        return;
    }
    let painter = ui.painter_at(place);
    let y = place.center().y;
    let stop = ctx.live.is_some();
    let width = if stop { 74.0 } else { 66.0 };
    let button =
        Rect::from_min_size(egui::pos2(place.max.x - 16.0 - width, y - 15.0), Vec2::new(width, 30.0));
    if let Some(live) = ctx.live {
        let (text, ink) = match &live.phase {
            LivePhase::Starting { ready, of } => (format!("starting {ready} of {of}"), Ink::Warn),
            LivePhase::Running => {
                let secs = live.elapsed_ms / 1000;
                (format!("running {}:{:02}", secs / 60, secs % 60), Ink::Good)
            }
            LivePhase::Stopping => ("stopping".to_owned(), Ink::Text3),
            LivePhase::Failed(_) => ("did not run".to_owned(), Ink::Bad),
        };
        let at = egui::pos2(button.min.x - 14.0, y);
        let drawn =
            painter.text(at, Align2::RIGHT_CENTER, text, font(12.0, Weight::Medium), color(Ink::Text1));
        painter.circle_filled(egui::pos2(drawn.min.x - 10.0, y), 4.0, color(ink));
    }
    let command = if stop { UiCommand::Stop } else { UiCommand::Run };
    let allowed = command.available(ctx);
    let response = ui.interact(button, ui.scope_id().with("run"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, allowed.is_ok(), command.title()));
    let (fill, ink) = if stop {
        (color(Ink::Raised), color(Ink::Text1))
    } else if ctx.theme.shade == crate::scene::Shade::Dark {
        (color(Ink::Accent), color(Ink::Canvas))
    } else {
        (color(Ink::Accent), egui::Color32::WHITE)
    };
    let fade = if allowed.is_ok() { 1.0 } else { 0.4 };
    let fill = if response.hovered() { fill.gamma_multiply(0.88 * fade) } else { fill.gamma_multiply(fade) };
    painter.rect_filled(button, 7.0, fill);
    let icon = if stop { Icon::Stop } else { Icon::Play };
    let square = Rect::from_center_size(egui::pos2(button.min.x + 18.0, y), Vec2::splat(14.0));
    paint::icon(&painter, icon, square, ink.gamma_multiply(fade));
    let label = if stop { "Stop" } else { "Run" };
    let at = egui::pos2(button.min.x + 30.0, y);
    painter.text(at, Align2::LEFT_CENTER, label, font(12.5, Weight::SemiBold), ink.gamma_multiply(fade));
    if response.clicked() {
        ctx.commands.named(command);
    }
    let keys = command.keys().first().map(|k| ui.ctx().format_shortcut(k)).unwrap_or_default();
    response.on_hover_text(match allowed {
        Ok(()) => format!("{} ({keys})", command.title()),
        Err(why) => format!("{}: {why}", command.title()),
    });
}

fn main_menu(ui: &mut Ui, ctx: &Ctx<'_>, recent: &[std::path::PathBuf]) {
    ui.set_min_width(180.0);
    for group in Group::ALL {
        ui.menu_button(group.title(), |ui| {
            ui.set_min_width(260.0);
            if group == Group::File && !recent.is_empty() {
                ui.menu_button("Open recent", |ui| {
                    for path in recent {
                        if ui.button(path.display().to_string()).clicked() {
                            ctx.commands.effect(crate::gui::command::Effect::OpenPath(path.clone()));
                            ui.close();
                        }
                    }
                });
            }
            for command in UiCommand::ALL.iter().copied().filter(|c| c.group() == group) {
                let title = match command {
                    UiCommand::Undo => label("Undo", ctx.session.undo_label),
                    UiCommand::Redo => label("Redo", ctx.session.redo_label),
                    other => other.title().to_owned(),
                };
                let keys = command.keys().first().map(|k| ui.ctx().format_shortcut(k)).unwrap_or_default();
                let allowed = command.available(ctx);
                let response = ui
                    .add_enabled(allowed.is_ok(), egui::Button::new(title).shortcut_text(keys).frame(false));
                if response.clicked() {
                    ctx.commands.named(command);
                    ui.close();
                }
                if let Err(why) = allowed {
                    response.on_disabled_hover_text(why);
                }
            }
        });
    }
}

fn label(verb: &str, what: Option<&str>) -> String {
    match what {
        Some(what) => {
            let mut rest = what.chars();
            let lower: String = rest.next().into_iter().flat_map(char::to_lowercase).chain(rest).collect();
            format!("{verb} {lower}")
        }
        None => verb.to_owned(),
    }
}
