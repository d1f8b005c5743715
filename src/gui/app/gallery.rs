//! Where to begin: the templates as they are drawn, the recent files, an empty drawing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use egui::{Align2, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, accesskit::Role};

use crate::file::{Document, TEMPLATES, Template};
use crate::gui::canvas::{Camera, paint};
use crate::gui::context::Ctx;
use crate::gui::fonts::font;
use crate::gui::widgets::{self, Emphasis};
use crate::gui::words;
use crate::layout;
use crate::scene::font::{Weight, ellipsis, wrap};
use crate::scene::{self, Icon, Ink, Scene};

/// Columns of cards.
const COLUMNS: usize = 3;
/// Height of a picture.
const PICTURE: f32 = 132.0;
/// Height of a card.
const CARD: f32 = PICTURE + 78.0;

/// What was chosen.
pub(super) enum Choice {
    Empty,
    Open,
    Recent(PathBuf),
    Template(String),
}

/// A template as it is drawn.
struct Shown {
    title: String,
    size: String,
    scene: Scene,
}

/// Every template as it is drawn; drawn once, on a thread of its own, as the largest takes longer than a frame has.
fn pictures(ui: &Ui) -> Option<&'static BTreeMap<&'static str, Shown>> {
    static SHOWN: OnceLock<BTreeMap<&str, Shown>> = OnceLock::new();
    static BEGUN: OnceLock<()> = OnceLock::new();
    if BEGUN.set(()).is_ok() {
        let wake = ui.ctx().clone();
        // Without the thread the cards have no pictures, and that is all.
        let _ = std::thread::Builder::new().name("gallery".to_owned()).spawn(move || {
            let drawn = TEMPLATES.iter().filter_map(|t| Some((t.name, draw(t)?))).collect();
            let _ = SHOWN.set(drawn);
            wake.request_repaint();
        });
    }
    SHOWN.get()
}

fn draw(template: &Template) -> Option<Shown> {
    let document = Document::parse(template.text, template.name).ok()?;
    let design = document.design();
    let drawing = layout::complete(design);
    let mut scene =
        scene::build(design, &drawing, &layout::route(design, &drawing), &scene::Overlay::default());
    // A line is never thinner than a hair; small, that is too loud.
    for link in scene.elements.iter_mut().filter(|e| e.what == scene::What::Link) {
        link.opacity = 0.45;
    }
    let processes: usize = (design.components.iter())
        .filter(|c| c.kind != crate::design::Kind::Client)
        .map(|c| c.replicas as usize * c.shards() as usize)
        .sum();
    let title = if design.name.is_empty() { template.name.to_owned() } else { design.name.clone() };
    let size = format!(
        "{}, {}",
        words::counted(design.components.len(), "component"),
        if processes == 1 { "1 process".to_owned() } else { format!("{processes} processes") }
    );
    Some(Shown { title, size, scene })
}

/// Shows the gallery; returns what was chosen.
pub(super) fn show(ui: &mut Ui, ctx: &Ctx<'_>, recent: &[PathBuf]) -> Option<Choice> {
    let mut chosen = None;
    let pictures = pictures(ui);
    ui.spacing_mut().item_spacing = Vec2::new(12.0, 12.0);
    let width = ((ui.available_width() - 12.0 * (COLUMNS - 1) as f32) / COLUMNS as f32).max(120.0);
    let room = (ui.ctx().content_rect().height() - 220.0).max(CARD);
    egui::ScrollArea::vertical().max_height(room).show(ui, |ui| {
        for row in TEMPLATES.chunks(COLUMNS) {
            ui.horizontal(|ui| {
                for template in row {
                    if card(ui, ctx, template, pictures.and_then(|p| p.get(template.name)), width) {
                        chosen = Some(Choice::Template(template.name.to_owned()));
                    }
                }
            });
        }
    });
    ui.horizontal(|ui| {
        if widgets::button(ui, "Empty drawing", Some(Icon::Plus), Emphasis::Plain).clicked() {
            chosen = Some(Choice::Empty);
        }
        if widgets::button(ui, "Open a file…", Some(Icon::Folder), Emphasis::Plain).clicked() {
            chosen = Some(Choice::Open);
        }
        if !recent.is_empty() {
            ui.add_space(8.0);
            ui.spacing_mut().item_spacing.x = 16.0;
            widgets::label(ui, "Recent");
            for path in recent.iter().take(4) {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                if widgets::link(ui, &name).on_hover_text(path.display().to_string()).clicked() {
                    chosen = Some(Choice::Recent(path.clone()));
                }
            }
        }
    });
    chosen
}

fn card(ui: &mut Ui, ctx: &Ctx<'_>, template: &Template, shown: Option<&Shown>, width: f32) -> bool {
    let color = |ink: Ink| paint::color(ctx.theme, ink);
    let (place, response) = ui.allocate_exact_size(Vec2::new(width, CARD), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Template {}", template.name)));
    let hot = response.hovered() || response.has_focus();
    let line = Stroke::new(if hot { 1.5 } else { 1.0 }, color(if hot { Ink::Accent } else { Ink::Line }));
    let painter = ui.painter();
    painter.rect_filled(place, 10.0, color(Ink::Raised));
    let picture = Rect::from_min_size(place.min, Vec2::new(width, PICTURE));
    painter.rect_filled(picture, CornerRadius { nw: 10, ne: 10, sw: 0, se: 0 }, color(Ink::Canvas));
    if let Some(shown) = shown {
        miniature(ui, ctx, &shown.scene, picture.shrink(12.0));
    }
    painter.rect_stroke(place, 10.0, line, StrokeKind::Inside);
    let title = shown.map_or(template.name, |s| s.title.as_str());
    let left = place.min.x + 14.0;
    let size = shown.map_or("", |s| s.size.as_str());
    let size = painter.text(
        egui::pos2(place.max.x - 14.0, picture.max.y + 18.0),
        Align2::RIGHT_CENTER,
        size,
        font(11.0, Weight::Regular),
        color(Ink::Text2),
    );
    painter.text(
        egui::pos2(left, picture.max.y + 18.0),
        Align2::LEFT_CENTER,
        ellipsis(title, 13.0, Weight::SemiBold, size.min.x - left - 8.0),
        font(13.0, Weight::SemiBold),
        color(Ink::Text1),
    );
    for (n, line) in wrap(&template.about(), 11.5, Weight::Regular, width - 28.0, 2).iter().enumerate() {
        painter.text(
            egui::pos2(left, picture.max.y + 40.0 + 15.0 * n as f32),
            Align2::LEFT_CENTER,
            line,
            font(11.5, Weight::Regular),
            color(Ink::Text2),
        );
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked()
}

/// The whole of a drawing in a small place.
fn miniature(ui: &Ui, ctx: &Ctx<'_>, scene: &Scene, place: Rect) {
    let b = scene.bounds;
    let zoom = (place.width() / b.w.max(1.0)).min(place.height() / b.h.max(1.0)).min(0.5);
    let view = paint::View {
        camera: Camera { center: b.center(), zoom },
        canvas: place,
        theme: ctx.theme,
        moving: false,
    };
    // Too small for words, so there is nothing worth keeping between frames.
    let mut memory = paint::Memory::default();
    let painter = ui.painter_at(place.expand(8.0));
    for element in &scene.elements {
        paint::element(&painter, &mut memory, element, view);
    }
}
