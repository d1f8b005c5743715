//! The places of the window and what stands in them.

use egui::{Frame, Panel, Rect, Ui};

use super::{App, prompts, search, topbar};
use crate::gui::canvas::{canvas_ui, paint};
use crate::gui::planner::Wish;
use crate::gui::{inspector, panels};
use crate::scene::Ink;

/// Width of the components.
const LEFT: f32 = 212.0;
/// Width of the inspector.
const RIGHT: f32 = 312.0;
/// Below this width of the window the inspector gives way.
const NARROW: f32 = 860.0;

impl App {
    /// Lays the window out.
    pub(super) fn show(&mut self, ui: &mut Ui) {
        let theme = App::theme(ui.ctx());
        let name = self.name();
        let title = format!("{name}{} – Linchpin", if self.session.is_unsaved() { " •" } else { "" });
        // Sending asks for another frame, so it is sent only when it says something new.
        if title != self.title {
            ui.ctx().send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
        if let Some(size) = ui.input(|i| i.viewport().inner_rect.map(|r| r.size())) {
            self.side.window = Some((size.x, size.y));
        }
        let window = ui.max_rect();
        let covered = self.prompt.is_some() || self.search.is_some();
        let Self { session, document, view, known, commands, canvas, .. } = self;
        let ctx = App::context(session, document, view, known, commands, theme);
        let panel = Frame::new().fill(paint::color(theme, Ink::Panel));
        let line = paint::color(theme, Ink::Line);
        let layout = view.layout;
        let right = layout.right && window.width() >= NARROW;

        Panel::top("bar")
            .exact_size(topbar::HEIGHT)
            .resizable(false)
            .show_separator_line(false)
            .frame(panel)
            .show(ui, |ui| {
                topbar::show(ui, &ctx, &name, &self.side.recent, if right { RIGHT } else { 0.0 });
                edge(ui, Edge::Bottom, line);
            });
        if layout.left {
            Panel::left("components")
                .exact_size(LEFT)
                .resizable(false)
                .show_separator_line(false)
                .frame(panel)
                .show(ui, |ui| {
                    edge(ui, Edge::Right, line);
                    panels::palette_ui(ui, &ctx);
                });
        }
        if right {
            Panel::right("inspector")
                .exact_size(RIGHT)
                .resizable(false)
                .show_separator_line(false)
                .frame(panel)
                .show(ui, |ui| {
                    edge(ui, Edge::Left, line);
                    inspector::inspector_ui(ui, &ctx);
                });
        }
        let mut height = layout.bottom_height;
        if layout.bottom {
            let shown = Panel::bottom("tabs")
                .default_size(layout.bottom_height)
                .size_range(120.0..=(window.height() * 0.7).max(160.0))
                .resizable(true)
                .show_separator_line(false)
                .frame(panel)
                .show(ui, |ui| {
                    edge(ui, Edge::Top, line);
                    ui.set_min_height(ui.available_height());
                    panels::bottom_ui(ui, &ctx);
                });
            height = shown.response.rect.height();
        }
        let middle = egui::CentralPanel::no_frame().show(ui, |ui| {
            canvas_ui(ui, &ctx, canvas);
            ui.min_rect()
        });
        if covered {
            search::show(ui, &ctx, &mut self.search, canvas);
            prompts::show(ui, &ctx, &mut self.prompt, &self.side.recent);
        }
        match self.planner.as_ref().and_then(|planner| Some((planner, planner.show(ui)?))) {
            Some((planner, Wish::Enough)) => planner.enough(),
            Some((_, Wish::Cancel)) => self.planner = None,
            None => {}
        }
        self.toasts.show(ui, theme, middle.inner);
        self.view.layout.bottom_height = height;
        self.answer_prompt();
    }
}

enum Edge {
    Top,
    Bottom,
    Left,
    Right,
}

/// A hairline along an edge of a place.
fn edge(ui: &Ui, edge: Edge, color: egui::Color32) {
    let r: Rect = ui.max_rect();
    let stroke = egui::Stroke::new(1.0, color);
    match edge {
        Edge::Top => ui.painter().hline(r.x_range(), r.min.y + 0.5, stroke),
        Edge::Bottom => ui.painter().hline(r.x_range(), r.max.y - 0.5, stroke),
        Edge::Left => ui.painter().vline(r.min.x + 0.5, r.y_range(), stroke),
        Edge::Right => ui.painter().vline(r.max.x - 0.5, r.y_range(), stroke),
    };
}
