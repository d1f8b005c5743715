//! The canvas: the drawing, painted by our own painter, and the hand that draws on it.
//!
//! One widget takes the whole canvas; nothing on it is a widget of its own. What the pointer presses is decided by a
//! hit test at the place of the press, against the same picture that was painted. Only cards and zones in view are
//! told to screen readers and tests.
//!
//! What the hand does becomes [`Request`](super::command::Request)s: a drag is a gesture, shown as it goes and one
//! step when it ends.

mod access;
mod camera;
mod guides;
mod hand;
mod heat;
mod live;
mod menu;
mod minimap;
mod moves;
mod naming;
mod overlay;
pub mod paint;
mod picture;
mod pills;
mod sketch;
mod walk;

use egui::{Pos2, Rect, Sense, Ui};

use crate::design::{ElementId, Point};
use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::view::{Mode, Tool};
use crate::scene::{HitTarget, Ink};

pub use camera::Camera;
pub use overlay::focused;
pub use picture::Picture;
pub use walk::Direction;

use camera::Flight;
use hand::Hand;
use naming::Naming;

/// How long the pointer rests on something until it shows what its loss would do, in seconds.
const DWELL_SECS: f64 = 0.35;

/// What the canvas keeps between frames.
pub struct Canvas {
    camera: Camera,
    flight: Option<Flight>,
    picture: Picture,
    memory: paint::Memory,
    hand: Hand,
    naming: Option<Naming>,
    rect: Rect,
    /// What the pointer is over, and since when.
    hovered: Option<(ElementId, f64)>,
    /// What is under the pointer exactly.
    target: Option<HitTarget>,
    /// What the context menu is about, and where it was asked for.
    menu: Option<(Option<HitTarget>, Point)>,
    /// Whether the whole drawing is to be shown as soon as its places are known.
    fit_next: bool,
    /// The camera that showed the whole drawing last.
    fitted: Option<Camera>,
    /// When the camera last changed its scale.
    zoomed_at: f64,
    /// What lies on top of the drawing: journeys, map. Presses there are not meant for the drawing.
    covered: Vec<Rect>,
}

impl Default for Canvas {
    fn default() -> Self {
        Self {
            camera: Camera::default(),
            flight: None,
            picture: Picture::default(),
            memory: paint::Memory::default(),
            hand: Hand::Idle,
            naming: None,
            rect: Rect::from_min_size(Pos2::ZERO, egui::vec2(800.0, 600.0)),
            hovered: None,
            target: None,
            menu: None,
            fit_next: true,
            fitted: None,
            zoomed_at: f64::NEG_INFINITY,
            covered: Vec::new(),
        }
    }
}

impl Canvas {
    /// What is drawn.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// The place and scale of the view.
    pub fn camera(&self) -> Camera {
        self.camera
    }

    /// Where on the window a place of the drawing is.
    pub fn to_screen(&self, p: Point) -> Pos2 {
        self.camera.to_screen(self.rect, p)
    }

    /// The place of the drawing in the middle of the canvas.
    pub fn middle(&self) -> Point {
        self.camera.center
    }

    /// Whether the hand is dragging something.
    pub fn is_busy(&self) -> bool {
        !matches!(self.hand, Hand::Idle)
    }

    /// Another design follows: nothing of the last one stays.
    pub fn reset(&mut self, camera: Option<Camera>) {
        self.picture.reset();
        self.hand = Hand::Idle;
        self.naming = None;
        self.hovered = None;
        self.target = None;
        self.flight = None;
        self.fit_next = camera.is_none();
        self.camera = camera.unwrap_or_default();
    }

    /// Begins to change a name in place.
    pub fn begin_name(&mut self, ctx: &Ctx<'_>, id: &ElementId) {
        self.naming = Naming::begin(ctx.design, id);
    }

    /// Calls off what the hand is doing. Says whether it was doing anything.
    pub fn cancel(&mut self, ctx: &Ctx<'_>) -> bool {
        if self.naming.take().is_some() {
            return true;
        }
        hand::cancel(self, ctx)
    }

    /// Moves the view, in flight unless nothing is to move.
    pub fn fly_to(&mut self, to: Camera, now: f64, reduced_motion: bool) {
        if reduced_motion {
            self.camera = to;
            self.flight = None;
        } else {
            self.flight = Some(Flight::new(self.camera, to, now));
        }
    }

    /// A view of the whole drawing.
    pub fn fit(&self) -> Camera {
        let scene = self.picture.scene();
        if scene.elements.is_empty() {
            return Camera::default();
        }
        Camera::fitting(self.rect, &scene.bounds, 1.0)
    }

    /// A view of some elements; as now, if none of them is drawn.
    pub fn view_of(&self, ids: &[ElementId]) -> Camera {
        let scene = self.picture.scene();
        let frames = ids.iter().filter_map(|id| {
            let whole = id.as_str().split('/').next().unwrap_or_default();
            scene.element(whole).map(|e| e.frame)
        });
        match frames.reduce(|a, b| a.union(&b)) {
            Some(frame) => Camera::fitting(self.rect, &frame.grown(60.0), self.camera.zoom.max(1.0)),
            None => self.camera,
        }
    }

    /// The part of the drawing that is seen.
    pub fn seen(&self) -> crate::design::Rect {
        self.camera.seen(self.rect)
    }

    /// Whether the camera stands where somebody has seen it stand.
    pub fn has_been_seen(&self) -> bool {
        !self.fit_next
    }

    /// Shows the whole drawing as soon as its next picture is there.
    pub fn fit_next(&mut self) {
        self.fit_next = true;
    }

    /// Closer or further away by a factor, around the middle.
    pub fn zoomed(&self, factor: f32) -> Camera {
        self.camera.zoomed(self.rect, self.rect.center(), factor)
    }

    /// Brings the picture up to date without painting it, as the first thing of a frame.
    fn refresh(&mut self, ui: &Ui, ctx: &Ctx<'_>) {
        let now = ui.input(|i| i.time);
        let hovered = ctx.view.hovered.clone().or_else(|| self.hovered.as_ref().map(|(id, _)| id.clone()));
        let dwelt = match &self.hovered {
            Some((_, since)) => now - since >= DWELL_SECS,
            None => hovered.is_some(),
        };
        if self.hovered.is_some() && !dwelt {
            ui.ctx().request_repaint_after_secs(DWELL_SECS as f32);
        }
        let overlay = overlay::overlay(ctx, hovered.as_ref(), dwelt, self.is_busy());
        self.picture.refresh(ctx.design, ctx.session.revision, overlay, ui.ctx());
    }
}

/// Shows the canvas and takes what the hand does on it.
pub fn canvas_ui(ui: &mut Ui, ctx: &Ctx<'_>, canvas: &mut Canvas) {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    if canvas.rect.size() != rect.size() && canvas.fitted == Some(canvas.camera) {
        // Nobody has moved the view since the whole was shown: it goes on showing the whole.
        canvas.fit_next = true;
    }
    canvas.rect = rect;
    canvas.refresh(ui, ctx);
    let now = ui.input(|i| i.time);
    if canvas.fit_next && !(canvas.picture.is_busy() && canvas.picture.scene().elements.is_empty()) {
        canvas.fit_next = false;
        canvas.camera = canvas.fit();
        canvas.fitted = Some(canvas.camera);
    }
    if let Some(flight) = canvas.flight {
        let (camera, arrived) = flight.at(now);
        if camera.zoom != canvas.camera.zoom {
            canvas.zoomed_at = now;
        }
        canvas.camera = camera;
        if arrived {
            canvas.flight = None;
        }
        ui.ctx().request_repaint();
    }

    hand::input(ui, ctx, canvas, &response);

    let painter = ui.painter_at(rect);
    ground(&painter, ctx, canvas);
    canvas.memory.begin(ui.ctx(), ctx.theme.shade);
    let moving = now - canvas.zoomed_at < 0.15;
    if moving {
        ui.ctx().request_repaint_after_secs(0.16);
    }
    let view = paint::View { camera: canvas.camera, canvas: rect, theme: ctx.theme, moving };
    paint::scene(&painter, &mut canvas.memory, canvas.picture.scene(), canvas.picture.generation, view);
    live::dots(ui, &painter, ctx, canvas);
    live::legend(&painter, ctx, canvas);
    sketch::show(ui, &painter, ctx, canvas);
    access::tell(ui, ctx, canvas);
    if ctx.view.layout.minimap {
        minimap::show(ui, ctx, canvas);
    }
    pills::show(ui, ctx, canvas);
    menu::show(ctx, canvas, &response);
    naming::show(ui, ctx, canvas);
    if ctx.design.components.is_empty()
        && ctx.design.zones.is_empty()
        && matches!(ctx.view.tool, Tool::Select)
    {
        empty(ui, ctx, canvas);
    }
    tooltip(ctx, canvas, response);
}

/// The dots of the grid, fewer from afar.
fn ground(painter: &egui::Painter, ctx: &Ctx<'_>, canvas: &Canvas) {
    painter.rect_filled(canvas.rect, 0.0, paint::color(ctx.theme, Ink::Canvas));
    let zoom = canvas.camera.zoom;
    let mut step = 24.0;
    while step * zoom < 16.0 {
        step *= 2.0;
    }
    if step > 400.0 {
        return;
    }
    let seen = canvas.camera.seen(canvas.rect);
    let dot = paint::color(ctx.theme, Ink::Grid);
    let mut mesh = egui::Mesh::default();
    // On whole pixels: between two, some dots would be paler than others.
    let pixel = 1.0 / painter.ctx().pixels_per_point();
    let side = ((1.2 * zoom.clamp(0.8, 1.5)) / pixel).round().max(1.0) * pixel;
    let snapped = |v: f32| (v / pixel).round() * pixel;
    let mut y = (seen.y / step).floor() * step;
    while y < seen.y + seen.h {
        let mut x = (seen.x / step).floor() * step;
        while x < seen.x + seen.w {
            let at = canvas.camera.to_screen(canvas.rect, Point { x, y });
            let at = Pos2::new(snapped(at.x), snapped(at.y));
            mesh.add_colored_rect(Rect::from_min_size(at, egui::Vec2::splat(side)), dot);
            x += step;
        }
        y += step;
    }
    painter.add(mesh);
}

/// What to do first, in one sentence with one button.
fn empty(ui: &mut Ui, ctx: &Ctx<'_>, canvas: &mut Canvas) {
    let area = Rect::from_center_size(canvas.rect.center(), egui::vec2(420.0, 96.0));
    let mut inner = ui
        .new_child(egui::UiBuilder::new().max_rect(area).layout(egui::Layout::top_down(egui::Align::Center)));
    let hint = match ctx.view.mode {
        Mode::Design => "Drag a component here from the left, or start from a template.",
        Mode::Run | Mode::Prove | Mode::Share => "There is nothing to run yet. Start from a template.",
    };
    inner.label(
        egui::RichText::new(hint)
            .font(super::fonts::font(13.0, crate::scene::font::Weight::Regular))
            .color(paint::color(ctx.theme, Ink::Text2)),
    );
    inner.add_space(12.0);
    let primary = super::widgets::Emphasis::Primary;
    let button = super::widgets::button(&mut inner, "Start from a template…", None, primary);
    canvas.covered.push(button.rect);
    if button.clicked() {
        ctx.commands.view(Action::OpenGallery);
    }
}

fn tooltip(ctx: &Ctx<'_>, canvas: &Canvas, response: egui::Response) {
    if canvas.is_busy() {
        return;
    }
    let text = match &canvas.target {
        Some(HitTarget::Severity(id)) => {
            let report = ctx.report;
            report
                .and_then(|r| {
                    r.open().find(|f| {
                        f.subjects.first().is_some_and(|s| s.as_str().split('/').next() == Some(id.as_str()))
                    })
                })
                .map(|f| f.text.clone())
        }
        Some(HitTarget::Slot(id, slot)) => {
            let component = ctx.design.component(id.as_str());
            component.map(|c| {
                let what = c.slots.iter().find(|s| s.name == *slot).map(|s| s.need);
                match what.unwrap_or(if c.kind.spreads() {
                    crate::design::Need::Any
                } else {
                    crate::design::Need::All
                }) {
                    crate::design::Need::All => format!("{} needs all of these", c.title()),
                    crate::design::Need::Any => format!("{} needs any one of these", c.title()),
                    crate::design::Need::KOf(k) => format!("{} needs {k} of these", c.title()),
                    crate::design::Need::Optional => format!("{} can do without these", c.title()),
                }
            })
        }
        Some(HitTarget::Link(id)) => canvas.picture.scene().element(id.as_str()).map(|e| e.title.clone()),
        _ => None,
    };
    if let Some(text) = text {
        response.on_hover_text_at_pointer(text);
    }
}
