//! Paints the shapes of a picture with egui: the same shapes that SVG and PNG draw.
//!
//! Only what is in view is painted. Text is left out where it could not be read, and from afar each element is one
//! rectangle or line of a single mesh that is kept while nothing changes.

use std::collections::HashMap;
use std::sync::Arc;

use egui::epaint::{Mesh, PathShape, PathStroke, RectShape, TextShape};
use egui::{Color32, CornerRadius, Galley, Painter, Pos2, Rect, Shape as Painted, Stroke, StrokeKind, Vec2};

use crate::design::Point;
use crate::gui::fonts;
use crate::scene::font::Weight;
use crate::scene::{self, Anchor, Dash, Element, Icon, Ink, Paint, Scene, Shape, Theme, What};

use super::camera::Camera;

/// Text smaller than this on screen is left out, in points.
const TEXT_MIN: f32 = 5.5;
/// Below this scale everything is a plain rectangle or line.
const FAR_ZOOM: f32 = 0.14;
/// Texts kept before they are forgotten.
const GALLEYS_MAX: usize = 8_000;

/// An ink as egui's color.
pub fn color(theme: &Theme, ink: Ink) -> Color32 {
    rgba(theme.color(ink))
}

/// A color as egui's.
pub fn rgba(c: scene::Rgba) -> Color32 {
    Color32::from_rgba_unmultiplied(c.r, c.g, c.b, c.a)
}

fn mix(theme: &Theme, paint: Paint, opacity: f32) -> Color32 {
    rgba(theme.color(paint.ink).faded(paint.opacity * opacity))
}

/// Draws a line icon into a square.
pub fn icon(painter: &Painter, icon: Icon, square: Rect, tint: Color32) {
    let scale = square.width() / scene::icon::GRID;
    let stroke = Stroke::new((scene::icon::STROKE * scale).max(1.0), tint);
    for line in icon.polylines() {
        let points: Vec<Pos2> =
            line.iter().map(|[x, y]| square.min + Vec2::new(x * scale, y * scale)).collect();
        painter.add(path(points, stroke));
    }
}

fn path(mut points: Vec<Pos2>, stroke: Stroke) -> Painted {
    let closed = points.len() > 2 && points[0].distance(points[points.len() - 1]) < 0.01;
    if closed {
        points.pop();
    }
    Painted::Path(PathShape { points, closed, fill: Color32::TRANSPARENT, stroke: PathStroke::from(stroke) })
}

/// Laid-out texts and the mesh for afar, kept between frames.
#[derive(Default)]
pub struct Memory {
    galleys: HashMap<(u32, Weight), HashMap<String, Arc<Galley>>>,
    count: usize,
    pixels_per_point: f32,
    shade: scene::Shade,
    filled: f32,
    far: Option<(u64, Camera, Rect, scene::Shade, Arc<Mesh>)>,
}

impl Memory {
    /// Forgets what was laid out for another screen, or once the letters in the window's texture have been drawn anew:
    /// with the theme, and when the texture was full.
    pub fn begin(&mut self, ctx: &egui::Context, shade: scene::Shade) {
        let pixels_per_point = ctx.pixels_per_point();
        let filled = ctx.fonts(|f| f.font_atlas_fill_ratio());
        let anew = self.pixels_per_point != pixels_per_point || self.shade != shade || filled < self.filled;
        if anew || self.count > GALLEYS_MAX {
            *self = Self { pixels_per_point, shade, ..Self::default() };
        }
        self.filled = filled;
    }

    fn galley(&mut self, painter: &Painter, text: &str, size: f32, weight: Weight) -> Arc<Galley> {
        // Sizes are kept in 32nds of a point.
        let key = ((size * 32.0).round() as u32, weight);
        let kept = self.galleys.entry(key).or_default();
        if let Some(galley) = kept.get(text) {
            return galley.clone();
        }
        let font = fonts::font(key.0 as f32 / 32.0, weight);
        let galley = painter.layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER);
        kept.insert(text.to_owned(), galley.clone());
        self.count += 1;
        galley
    }
}

/// What a painter needs to know of the view.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The place and scale.
    pub camera: Camera,
    /// The canvas on screen.
    pub canvas: Rect,
    /// The colors.
    pub theme: &'a Theme,
    /// Whether the scale is changing: texts then take the nearest of few sizes.
    pub moving: bool,
}

impl View<'_> {
    fn point(&self, p: Point) -> Pos2 {
        self.camera.to_screen(self.canvas, p)
    }
}

/// Paints what is in view.
pub fn scene(painter: &Painter, memory: &mut Memory, scene: &Scene, generation: u64, view: View<'_>) {
    let seen = view.camera.seen(view.canvas);
    if view.camera.zoom < FAR_ZOOM {
        let fresh = memory.far.as_ref().is_some_and(|(g, c, r, s, _)| {
            *g == generation && *c == view.camera && *r == view.canvas && *s == view.theme.shade
        });
        if !fresh {
            let mesh = Arc::new(far(scene, &scene.visible(&seen), view));
            memory.far = Some((generation, view.camera, view.canvas, view.theme.shade, mesh));
        }
        if let Some((.., mesh)) = &memory.far {
            painter.add(Painted::Mesh(mesh.clone()));
        }
        return;
    }
    for i in scene.visible(&seen) {
        element(painter, memory, &scene.elements[i], view);
    }
}

/// Paints one element.
pub fn element(painter: &Painter, memory: &mut Memory, element: &Element, view: View<'_>) {
    for shape in &element.shapes {
        self::shape(painter, memory, shape, element.opacity, view);
    }
}

fn shape(painter: &Painter, memory: &mut Memory, shape: &Shape, opacity: f32, view: View<'_>) {
    let zoom = view.camera.zoom;
    let theme = view.theme;
    let line = |s: &scene::Stroke| Stroke::new((s.width * zoom).max(0.6), mix(theme, s.paint, opacity));
    match shape {
        // A pill whose words cannot be read is left out with them.
        Shape::Rect { rect, .. } if rect.h < 22.0 && rect.w > rect.h && rect.h * zoom < 10.0 => {}
        Shape::Rect { rect, radius, fill, stroke } => {
            let r = view.camera.rect_to_screen(view.canvas, rect);
            let corner = CornerRadius::same((radius * zoom).round().clamp(0.0, 255.0) as u8);
            let fill = fill.map_or(Color32::TRANSPARENT, |p| mix(theme, p, opacity));
            let dashed = stroke.as_ref().is_some_and(|s| s.dash != Dash::Solid);
            let border = match stroke {
                Some(s) if !dashed => line(s),
                _ => Stroke::NONE,
            };
            painter.add(RectShape::new(r, corner, fill, border, StrokeKind::Middle));
            if let (true, Some(s)) = (dashed, stroke) {
                let outline = rounded(rect, *radius);
                let points: Vec<Pos2> = outline.iter().map(|p| view.point(*p)).collect();
                stroked(painter, points, s.dash, line(s), zoom);
            }
        }
        Shape::Path { points, radius, stroke } => {
            let flat = scene::flatten(points, *radius, 0.15 / zoom);
            let points: Vec<Pos2> = flat.into_iter().map(|p| view.point(p)).collect();
            stroked(painter, points, stroke.dash, line(stroke), zoom);
        }
        Shape::Polygon { points, fill, stroke } => {
            let points: Vec<Pos2> = points.iter().map(|p| view.point(*p)).collect();
            let border = stroke.as_ref().map_or(Stroke::NONE, line);
            painter.add(Painted::convex_polygon(points, mix(theme, *fill, opacity), border));
        }
        Shape::Circle { center, radius, fill, stroke } => {
            let fill = fill.map_or(Color32::TRANSPARENT, |p| mix(theme, p, opacity));
            let border = stroke.as_ref().map_or(Stroke::NONE, line);
            painter.circle(view.point(*center), radius * zoom, fill, border);
        }
        Shape::Text { at, anchor, size, weight, paint, text, .. } => {
            let wanted = size * zoom;
            if wanted < TEXT_MIN {
                return;
            }
            let size = if view.moving { nearest_size(wanted) } else { wanted };
            let galley = memory.galley(painter, text, size, *weight);
            let at = view.point(*at);
            let left = match anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => galley.size().x / 2.0,
                Anchor::End => galley.size().x,
            };
            let place = Pos2::new(at.x - left, at.y - baseline(&galley));
            painter.add(
                TextShape::new(place, galley, Color32::PLACEHOLDER)
                    .with_override_text_color(mix(theme, *paint, opacity)),
            );
        }
        Shape::Icon { icon: which, at, size, paint } => {
            if size * zoom < 5.0 {
                return;
            }
            let square = Rect::from_min_size(view.point(*at), Vec2::splat(size * zoom));
            icon(painter, *which, square, mix(theme, *paint, opacity));
        }
    }
}

/// Steps of 8 %: a zoom in motion then needs few sizes.
fn nearest_size(size: f32) -> f32 {
    let step = 1.08_f32.ln();
    ((size.ln() / step).round() * step).exp()
}

fn baseline(galley: &Galley) -> f32 {
    let row = galley.rows.first();
    row.and_then(|r| r.row.glyphs.first().map(|g| r.pos.y + g.pos.y)).unwrap_or_default()
}

fn stroked(painter: &Painter, points: Vec<Pos2>, dash: Dash, stroke: Stroke, zoom: f32) {
    match dash {
        Dash::Solid => {
            painter.add(path(points, stroke));
        }
        Dash::Dashed { on, off } => {
            painter.extend(Painted::dashed_line(
                &points,
                stroke,
                (on * zoom).max(1.0),
                (off * zoom).max(1.0),
            ));
        }
        Dash::Dotted { every } => {
            let gap = (every * zoom).max(1.5);
            painter.extend(Painted::dotted_line(&points, stroke.color, gap, stroke.width / 2.0));
        }
    }
}

/// The outline of a rectangle with round corners, as a closed line.
fn rounded(rect: &crate::design::Rect, radius: f32) -> Vec<Point> {
    let (l, t, r, b) = (rect.x, rect.y, rect.x + rect.w, rect.y + rect.h);
    let radius = radius.min(rect.w / 2.0).min(rect.h / 2.0);
    let middle = Point { x: (l + r) / 2.0, y: t };
    let corners = [
        middle,
        Point { x: r, y: t },
        Point { x: r, y: b },
        Point { x: l, y: b },
        Point { x: l, y: t },
        middle,
    ];
    scene::flatten(&corners, radius, 0.15)
}

fn far(scene: &Scene, visible: &[usize], view: View<'_>) -> Mesh {
    let mut mesh = Mesh::default();
    for i in visible {
        let element = &scene.elements[*i];
        match element.what {
            What::Zone | What::Card | What::Note => {
                let fill = element.shapes.iter().find_map(|s| match s {
                    Shape::Rect { stroke: Some(s), .. } => Some(mix(view.theme, s.paint, element.opacity)),
                    _ => None,
                });
                let tile = element.shapes.iter().find_map(|s| match s {
                    Shape::Icon { paint, .. } => Some(mix(view.theme, *paint, element.opacity * 0.8)),
                    _ => None,
                });
                let rect = view.camera.rect_to_screen(view.canvas, &element.frame);
                let color = if element.what == What::Zone {
                    color(view.theme, Ink::Text3).gamma_multiply(0.10)
                } else {
                    tile.or(fill).unwrap_or_else(|| color(view.theme, Ink::Text2))
                };
                mesh.add_colored_rect(
                    rect.expand2(Vec2::splat(0.0).max(Vec2::splat(1.0 - rect.width()) / 2.0)),
                    color,
                );
            }
            What::Link => {
                let tint = color(view.theme, Ink::Text3).gamma_multiply(0.5 * element.opacity);
                for pair in element.path.windows(2) {
                    let (a, b) = (view.point(pair[0]), view.point(pair[1]));
                    let along = (b - a).normalized();
                    let side = Vec2::new(-along.y, along.x) * 0.5;
                    let at = mesh.vertices.len() as u32;
                    for p in [a + side, b + side, b - side, a - side] {
                        mesh.colored_vertex(p, tint);
                    }
                    mesh.add_triangle(at, at + 1, at + 2);
                    mesh.add_triangle(at, at + 2, at + 3);
                }
            }
        }
    }
    mesh
}
