//! The hand on the canvas: what is pressed, dragged and let go, and what that asks for.

use egui::{CursorIcon, Event, Key, Modifiers, PointerButton, Pos2, Response, Ui, Vec2};

use crate::design::{ComponentId, ElementId, Kind, Point, Rect, ZoneId, ZoneKind};
use crate::edit::{Command, Edit, EditError, commands};
use crate::gui::command::{Action, Effect, Fault, Request, Say};
use crate::gui::context::Ctx;
use crate::gui::view::{Tool, WhatIf};
use crate::layout::{CARD, Side};
use crate::scene::{Corner, HitTarget, What};

use super::Canvas;
use super::guides::{self, Guide};
use super::moves::{self, Move};
use super::walk::{self, Direction};

/// How far the pointer goes until a press is a drag, in screen points.
const DRAG_MIN: f32 = 4.0;
/// How far beside a thin thing the pointer still means it, in screen points.
const REACH: f32 = 5.0;
/// How far from a card a link being drawn is drawn to it, in screen points.
const MAGNET: f32 = 28.0;
/// Two clicks within this many seconds are one double click.
const DOUBLE_SECS: f64 = 0.4;
/// Smallest zone, in drawing points.
const ZONE_MIN: f32 = 64.0;

/// What the hand is doing.
pub enum Hand {
    /// Nothing.
    Idle,
    /// Has pressed and not moved yet.
    Pressed {
        /// Where, on screen.
        at: Pos2,
        /// On what.
        target: Option<HitTarget>,
        /// With what held down.
        modifiers: Modifiers,
    },
    /// Moves cards and zones.
    Moving {
        /// What it has hold of.
        what: Box<Move>,
        /// Where it took hold, on the drawing.
        grab: Point,
        /// What it is in line with.
        guides: Vec<Guide>,
        /// The zone it would stand in.
        zone: Option<ZoneId>,
    },
    /// Changes the size of a zone.
    Resizing {
        /// Which.
        zone: ZoneId,
        /// Its frame before.
        frame: Rect,
        /// By which corner.
        corner: Corner,
        /// What gets a place of its own.
        pins: Vec<Edit>,
    },
    /// Draws a frame around what is to be selected.
    Marquee {
        /// Where it began, on the drawing.
        from: Point,
        /// What was selected before and stays so.
        keep: Vec<ElementId>,
    },
    /// Draws a link.
    Connecting {
        /// From which card.
        from: ComponentId,
        /// Where on its edge.
        side: Option<Side>,
        /// To which card, and why not if not.
        over: Option<(ComponentId, Result<(), String>)>,
    },
    /// Moves the view.
    Panning,
    /// Draws a zone.
    DrawingZone {
        /// Of which kind.
        kind: ZoneKind,
        /// Where it began, on the drawing.
        from: Point,
    },
    /// Draws a cut through links.
    Cutting {
        /// Where it began, on the drawing.
        from: Point,
    },
}

/// The last click, to tell double clicks.
#[derive(Clone, Debug, Default)]
struct LastClick {
    at: f64,
    target: Option<HitTarget>,
}

/// Takes what pointer and keys do.
pub fn input(ui: &Ui, ctx: &Ctx<'_>, canvas: &mut Canvas, response: &Response) {
    let covered = std::mem::take(&mut canvas.covered);
    let ours = |pos: Pos2| {
        response.rect.contains(pos)
            && ui.ctx().layer_id_at(pos).is_none_or(|layer| layer == ui.layer_id())
            && !covered.iter().any(|r| r.contains(pos))
    };
    let (events, modifiers, pointer, space) =
        ui.input(|i| (i.events.clone(), i.modifiers, i.pointer.latest_pos(), i.key_down(Key::Space)));
    // An open menu has the arrow keys and Escape, whether or not anything in it has the focus.
    let keys_free = !ui.ctx().egui_wants_keyboard_input() && !egui::Popup::is_any_open(ui.ctx());
    for event in &events {
        match event {
            Event::PointerButton { pos, button, pressed: true, modifiers } if ours(*pos) => {
                // Whoever clicks on the drawing has finished typing elsewhere.
                if let Some(focus) = ui.ctx().memory(|m| m.focused()) {
                    ui.ctx().memory_mut(|m| m.surrender_focus(focus));
                }
                press(ctx, canvas, *pos, *button, *modifiers, space && keys_free);
            }
            Event::PointerButton { pos, button, pressed: false, modifiers } => {
                release(ui, ctx, canvas, *pos, *button, *modifiers, ours(*pos));
            }
            Event::PointerMoved(pos) => drag(ctx, canvas, *pos, modifiers),
            _ => {}
        }
    }
    if keys_free {
        keys(ui, ctx, canvas);
    }
    let over = pointer.filter(|p| ours(*p));
    if let Some(at) = over {
        wheel(ui, canvas, at);
    }
    hover(ui, canvas, over);
    if let Hand::Panning = canvas.hand {
        let by = ui.input(|i| i.pointer.delta());
        canvas.camera = canvas.camera.panned(by);
        canvas.flight = None;
    }
    cursor(ui, ctx, canvas, over.is_some(), space && keys_free);
}

/// The place of the drawing under a place on the window.
pub fn world(canvas: &Canvas, at: Pos2) -> Point {
    canvas.camera.to_world(canvas.rect, at)
}

fn hit(canvas: &Canvas, at: Pos2) -> Option<HitTarget> {
    canvas.picture.scene().hit(world(canvas, at), REACH / canvas.camera.zoom)
}

/// The element that a target belongs to, where it is one that can be selected.
pub fn element_of(target: &HitTarget) -> Option<ElementId> {
    match target {
        HitTarget::Card(id) | HitTarget::Port(id, _) | HitTarget::Slot(id, _) => Some(ElementId::from(id)),
        HitTarget::Severity(id) => Some(id.clone()),
        HitTarget::Link(id) => Some(ElementId::from(id)),
        HitTarget::ZoneTitle(id) | HitTarget::ZoneBorder(id) | HitTarget::ZoneHandle(id, _) => {
            Some(ElementId::from(id))
        }
        HitTarget::Note(n) => Some(ElementId::new(format!("note:{n}"))),
        HitTarget::ZoneInside(_) => None,
    }
}

fn press(
    ctx: &Ctx<'_>,
    canvas: &mut Canvas,
    at: Pos2,
    button: PointerButton,
    modifiers: Modifiers,
    space: bool,
) {
    if !matches!(canvas.hand, Hand::Idle) {
        return;
    }
    let target = hit(canvas, at);
    match button {
        PointerButton::Middle => canvas.hand = Hand::Panning,
        PointerButton::Secondary => {
            let selected = target.as_ref().and_then(element_of);
            if let Some(id) = selected
                && !ctx.view.selection.contains(id.as_str())
            {
                ctx.commands.view(Action::Select(vec![id]));
            }
            canvas.menu = Some((target, world(canvas, at)));
        }
        PointerButton::Primary => {
            canvas.hand = match ctx.view.tool {
                _ if space => Hand::Panning,
                Tool::Pan => Hand::Panning,
                Tool::Zone(kind) => Hand::DrawingZone { kind, from: guides::to_grid(world(canvas, at)) },
                Tool::Connect => match &target {
                    Some(HitTarget::Card(id) | HitTarget::Port(id, _) | HitTarget::Slot(id, _)) => {
                        Hand::Connecting { from: id.clone(), side: None, over: None }
                    }
                    _ => Hand::Pressed { at, target, modifiers },
                },
                Tool::Select if ctx.live.is_none() => match &target {
                    Some(HitTarget::Port(id, side)) => {
                        Hand::Connecting { from: id.clone(), side: Some(*side), over: None }
                    }
                    _ => Hand::Pressed { at, target, modifiers },
                },
                Tool::Select | Tool::Place(_) | Tool::WhatIf => Hand::Pressed { at, target, modifiers },
            };
        }
        _ => {}
    }
}

fn drag(ctx: &Ctx<'_>, canvas: &mut Canvas, at: Pos2, modifiers: Modifiers) {
    if let Hand::Pressed { at: from, .. } = &canvas.hand
        && from.distance(at) >= DRAG_MIN
    {
        begin_drag(ctx, canvas);
    }
    let here = world(canvas, at);
    let zoom = canvas.camera.zoom;
    match &mut canvas.hand {
        Hand::Moving { what, grab, guides, zone } => {
            let moved =
                Rect { x: what.lead.x + here.x - grab.x, y: what.lead.y + here.y - grab.y, ..what.lead };
            let (rest, lines) = if modifiers.alt {
                (Point { x: moved.x, y: moved.y }, Vec::new())
            } else {
                guides::snap(moved, &what.neighbors, 6.0 / zoom)
            };
            let (dx, dy) = (rest.x - what.lead.x, rest.y - what.lead.y);
            *guides = lines;
            *zone = what.zone_under(dx, dy);
            ctx.commands.gesture(what.command(ctx.design, dx, dy, false));
        }
        Hand::Resizing { zone, frame, corner, pins } => {
            let to = guides::to_grid(here);
            let frame = resized(*frame, *corner, to);
            let mut command = Command::new(format!("Resize {zone}"), pins.iter().cloned());
            command.edits.push(Edit::DrawZone(zone.clone(), Some(frame)));
            ctx.commands.gesture(command);
        }
        Hand::Connecting { from, .. } => {
            let from = from.clone();
            let target = magnet(canvas, at, &from);
            let found = target.map(|to| {
                let allowed =
                    commands::connect(ctx.design, &from, &to).map(|_| ()).map_err(|e| e.to_string());
                (to, allowed)
            });
            if let Hand::Connecting { over, .. } = &mut canvas.hand {
                *over = found;
            }
        }
        Hand::Marquee { from, keep } => {
            let frame = between(*from, here);
            let mut ids = keep.clone();
            ids.extend(canvas.picture.scene().within(&frame));
            ctx.commands.view(Action::Select(ids));
        }
        Hand::Idle
        | Hand::Pressed { .. }
        | Hand::Panning
        | Hand::DrawingZone { .. }
        | Hand::Cutting { .. } => {}
    }
}

/// A press has become a drag: of what was pressed.
fn begin_drag(ctx: &Ctx<'_>, canvas: &mut Canvas) {
    let Hand::Pressed { at, target, modifiers } = std::mem::replace(&mut canvas.hand, Hand::Idle) else {
        return;
    };
    let grab = world(canvas, at);
    let tool = ctx.view.tool;
    if let Tool::Place(_) = tool {
        canvas.hand = Hand::Pressed { at, target, modifiers };
        return;
    }
    if tool == Tool::WhatIf {
        canvas.hand = Hand::Cutting { from: grab };
        return;
    }
    canvas.hand = match &target {
        Some(HitTarget::ZoneHandle(id, corner)) => match canvas.picture.drawing().zones.get(id) {
            Some(frame) => Hand::Resizing {
                zone: id.clone(),
                frame: *frame,
                corner: *corner,
                pins: moves::pins(ctx.design, canvas.picture.drawing()),
            },
            None => Hand::Idle,
        },
        Some(target) if element_of(target).is_some() && !matches!(target, HitTarget::Link(_)) => {
            let Some(id) = element_of(target) else { return };
            let mut ids = ctx.view.selection.ids().to_vec();
            if !ids.contains(&id) {
                if !(modifiers.shift || modifiers.command) {
                    ids.clear();
                }
                ids.push(id.clone());
                ctx.commands.view(Action::Select(ids.clone()));
            }
            match Move::of(ctx.design, canvas.picture.drawing(), &ids, &id) {
                Some(what) => {
                    let what = Box::new(what);
                    Hand::Moving { what, grab, guides: Vec::new(), zone: None }
                }
                None => Hand::Idle,
            }
        }
        _ => {
            let add = modifiers.shift || modifiers.command;
            let keep = if add { ctx.view.selection.ids().to_vec() } else { Vec::new() };
            Hand::Marquee { from: grab, keep }
        }
    };
}

fn release(
    ui: &Ui,
    ctx: &Ctx<'_>,
    canvas: &mut Canvas,
    at: Pos2,
    button: PointerButton,
    modifiers: Modifiers,
    ours: bool,
) {
    if button == PointerButton::Secondary {
        return;
    }
    if button == PointerButton::Primary
        && let Tool::Place(kind) = ctx.view.tool
    {
        // Also when the press was on the component in the palette.
        canvas.hand = Hand::Idle;
        if ours {
            put_down(ctx, canvas, kind, at, modifiers.shift);
        }
        return;
    }
    let here = world(canvas, at);
    match std::mem::replace(&mut canvas.hand, Hand::Idle) {
        Hand::Pressed { target, .. } => click(ui, ctx, target, modifiers),
        Hand::Moving { .. } | Hand::Resizing { .. } => ctx.commands.gesture_end(),
        Hand::Connecting { from, over, .. } => match over {
            Some((to, _)) => match commands::connect(ctx.design, &from, &to) {
                Ok((command, id)) => {
                    ctx.commands.edit(command);
                    ctx.commands.view(Action::Select(vec![ElementId::from(&id)]));
                }
                Err(EditError::Refused(why)) => {
                    ctx.commands.view(Action::Say(Say::warn("No link there", why)));
                }
                Err(error) => ctx.commands.try_edit(Err(error)),
            },
            None => ctx.commands.view(Action::Select(vec![ElementId::from(&from)])),
        },
        Hand::DrawingZone { kind, from } => {
            draw_zone(ctx, canvas, kind, between(from, guides::to_grid(here)))
        }
        Hand::Cutting { from } => cut(ctx, canvas, from, here),
        Hand::Idle | Hand::Panning | Hand::Marquee { .. } => {}
    }
}

fn click(ui: &Ui, ctx: &Ctx<'_>, target: Option<HitTarget>, modifiers: Modifiers) {
    let now = ui.input(|i| i.time);
    let last = ui.data_mut(|d| {
        let id = egui::Id::unique("canvas-last-click");
        let last: LastClick = d.get_temp(id).unwrap_or_default();
        d.insert_temp(id, LastClick { at: now, target: target.clone() });
        last
    });
    let element = target.as_ref().and_then(element_of);
    if ctx.view.tool == Tool::WhatIf {
        if let Some(id) = element {
            ctx.commands.view(Action::ToggleDown(id));
        }
        return;
    }
    let double = now - last.at <= DOUBLE_SECS && last.target == target && element.is_some();
    if double
        && ctx.live.is_none()
        && let Some(id) = &element
    {
        ctx.commands.view(Action::BeginName(id.clone()));
        return;
    }
    match element {
        Some(id) if modifiers.shift || modifiers.command => ctx.commands.view(Action::Toggle(id)),
        Some(id) => ctx.commands.view(Action::Select(vec![id])),
        None if modifiers.shift || modifiers.command => {}
        None => {
            // The ground of a zone selects it; the ground of the drawing selects nothing.
            let zone = match &target {
                Some(HitTarget::ZoneInside(id)) => vec![ElementId::from(id)],
                _ => Vec::new(),
            };
            ctx.commands.view(Action::Select(zone));
            ctx.commands.view(Action::FocusFinding(None));
        }
    }
}

fn put_down(ctx: &Ctx<'_>, canvas: &mut Canvas, kind: Kind, at: Pos2, again: bool) {
    let here = world(canvas, at);
    let corner = guides::to_grid(Point { x: here.x - CARD.w / 2.0, y: here.y - CARD.h / 2.0 });
    let (mut command, id) = commands::add_component(ctx.design, kind, None, Some(corner));
    command.edits.extend(moves::pins(ctx.design, canvas.picture.drawing()));
    if let Some(zone) = moves::zone_at(ctx.design, canvas.picture.drawing(), here) {
        // The component is not in the design yet, so its zone goes into what is inserted.
        for edit in &mut command.edits {
            if let Edit::Insert { item: crate::edit::Item::Component(c), .. } = edit {
                c.zones = vec![zone.clone()];
            }
        }
    }
    ctx.commands.edit(command);
    let id = ElementId::from(&id);
    ctx.commands.view(Action::Select(vec![id.clone()]));
    if !again {
        ctx.commands.view(Action::SetTool(Tool::Select));
        ctx.commands.view(Action::BeginName(id));
    }
}

fn draw_zone(ctx: &Ctx<'_>, canvas: &Canvas, kind: ZoneKind, frame: Rect) {
    if frame.w < ZONE_MIN || frame.h < ZONE_MIN {
        ctx.commands.view(Action::Say(Say::warn(
            "A zone needs more room",
            "Drag a frame around what fails together.",
        )));
        return;
    }
    let drawing = canvas.picture.drawing();
    // The zone around it is the innermost that holds it all.
    let parent = (drawing.zones.iter())
        .filter(|(id, r)| r.encloses(&frame) && ctx.design.zone(id.as_str()).is_some())
        .max_by_key(|(id, _)| moves::ancestors(ctx.design, id).len())
        .map(|(id, _)| id.clone());
    let (mut command, id) = commands::add_zone(ctx.design, kind, None, frame, parent.as_ref());
    command.edits.extend(moves::pins(ctx.design, drawing));
    for c in &ctx.design.components {
        let inside =
            drawing.components.get(&c.id).is_some_and(|p| frame.encloses(&Rect { x: p.x, y: p.y, ..CARD }));
        if inside && crate::layout::home(ctx.design, c) == parent {
            let mut copy = c.clone();
            copy.zones = vec![id.clone()];
            command.edits.push(Edit::Replace(copy.into()));
        }
    }
    for z in &ctx.design.zones {
        let inside = drawing.zones.get(&z.id).is_some_and(|r| frame.encloses(r));
        if inside && z.parent == parent {
            let mut copy = z.clone();
            copy.parent = Some(id.clone());
            command.edits.push(Edit::Replace(copy.into()));
        }
    }
    ctx.commands.edit(command);
    let id = ElementId::from(&id);
    ctx.commands.view(Action::SetTool(Tool::Select));
    ctx.commands.view(Action::Select(vec![id.clone()]));
    ctx.commands.view(Action::BeginName(id));
}

/// Cuts what the line crosses: between the outermost zones that the ends of a link do not share, or between the ends
/// themselves.
fn cut(ctx: &Ctx<'_>, canvas: &Canvas, from: Point, to: Point) {
    let mut pairs = std::collections::BTreeSet::new();
    for element in canvas.picture.scene().elements.iter().filter(|e| e.what == What::Link) {
        if element.path.windows(2).any(|p| crosses(p[0], p[1], from, to))
            && let Some(link) = ctx.design.link(element.id.as_str())
        {
            let side = |c: &ComponentId| -> Vec<ZoneId> {
                let home = ctx.design.component(c.as_str()).and_then(|c| crate::layout::home(ctx.design, c));
                let mut way: Vec<ZoneId> = home
                    .iter()
                    .cloned()
                    .chain(home.iter().flat_map(|z| moves::ancestors(ctx.design, z)))
                    .collect();
                way.reverse();
                way
            };
            let (a, b) = (side(&link.from), side(&link.to));
            let pair = a.iter().zip(&b).find(|(x, y)| x != y).map_or_else(
                || (ElementId::from(&link.from), ElementId::from(&link.to)),
                |(x, y)| (ElementId::from(x), ElementId::from(y)),
            );
            pairs.insert(if pair.0 <= pair.1 { pair } else { (pair.1, pair.0) });
        }
    }
    if pairs.is_empty() {
        ctx.commands.view(Action::Say(Say::warn("Nothing is cut", "Draw the cut across one or more links.")));
        return;
    }
    if ctx.live.is_some() {
        for (from, to) in pairs {
            ctx.commands.effect(Effect::Fault(Fault::Cut { from, to, both: true }));
        }
        return;
    }
    let mut world: WhatIf = ctx.view.what_if.clone().unwrap_or_default();
    world.cuts.extend(pairs);
    ctx.commands.view(Action::SetWhatIf(Some(world)));
}

fn crosses(a: Point, b: Point, c: Point, d: Point) -> bool {
    let turn = |p: Point, q: Point, r: Point| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    (turn(a, b, c) > 0.0) != (turn(a, b, d) > 0.0) && (turn(c, d, a) > 0.0) != (turn(c, d, b) > 0.0)
}

fn between(a: Point, b: Point) -> Rect {
    Rect { x: a.x.min(b.x), y: a.y.min(b.y), w: (a.x - b.x).abs(), h: (a.y - b.y).abs() }
}

fn resized(frame: Rect, corner: Corner, to: Point) -> Rect {
    let (right, bottom) = (frame.x + frame.w, frame.y + frame.h);
    let left_of = |x: f32| x.min(right - ZONE_MIN);
    let above = |y: f32| y.min(bottom - ZONE_MIN);
    let (x0, x1) = match corner {
        Corner::TopLeft | Corner::BottomLeft => (left_of(to.x), right),
        Corner::TopRight | Corner::BottomRight => (frame.x, to.x.max(frame.x + ZONE_MIN)),
    };
    let (y0, y1) = match corner {
        Corner::TopLeft | Corner::TopRight => (above(to.y), bottom),
        Corner::BottomLeft | Corner::BottomRight => (frame.y, to.y.max(frame.y + ZONE_MIN)),
    };
    Rect { x: x0, y: y0, w: x1 - x0, h: y1 - y0 }
}

/// The card that a link being drawn is drawn to: under the pointer, or near it.
fn magnet(canvas: &Canvas, at: Pos2, from: &ComponentId) -> Option<ComponentId> {
    if let Some(HitTarget::Card(id) | HitTarget::Port(id, _) | HitTarget::Slot(id, _)) = hit(canvas, at)
        && id != *from
    {
        return Some(id);
    }
    let here = world(canvas, at);
    let reach = MAGNET / canvas.camera.zoom;
    let near = Rect { x: here.x - reach, y: here.y - reach, w: 2.0 * reach, h: 2.0 * reach };
    let scene = canvas.picture.scene();
    let distance = |r: &Rect| {
        let dx = (r.x - here.x).max(here.x - (r.x + r.w)).max(0.0);
        let dy = (r.y - here.y).max(here.y - (r.y + r.h)).max(0.0);
        dx.hypot(dy)
    };
    let mut best: Option<(f32, ComponentId)> = None;
    for i in scene.visible(&near) {
        let element = &scene.elements[i];
        let d = distance(&element.frame);
        if element.what == What::Card
            && element.id != *from.as_str()
            && d <= reach
            && best.as_ref().is_none_or(|(b, _)| d < *b)
        {
            best = Some((d, ComponentId::new(element.id.as_str())));
        }
    }
    best.map(|(_, id)| id)
}

fn wheel(ui: &Ui, canvas: &mut Canvas, at: Pos2) {
    let (zoom, scroll, now) = ui.input(|i| (i.zoom_delta(), i.smooth_scroll_delta(), i.time));
    if zoom != 1.0 {
        canvas.camera = canvas.camera.zoomed(canvas.rect, at, zoom);
        canvas.flight = None;
        canvas.zoomed_at = now;
    } else if scroll != Vec2::ZERO {
        canvas.camera = canvas.camera.panned(scroll);
        canvas.flight = None;
    }
}

fn hover(ui: &Ui, canvas: &mut Canvas, over: Option<Pos2>) {
    if canvas.is_busy() {
        canvas.target = None;
        return;
    }
    let before = canvas.hovered.as_ref().map(|(id, _)| id.clone());
    canvas.target = over.and_then(|at| hit(canvas, at));
    let id = canvas.target.as_ref().and_then(element_of);
    if id != before {
        let now = ui.input(|i| i.time);
        canvas.hovered = id.map(|id| (id, now));
        ui.ctx().request_repaint();
    }
}

fn cursor(ui: &Ui, ctx: &Ctx<'_>, canvas: &Canvas, over: bool, space: bool) {
    let icon = match &canvas.hand {
        Hand::Panning => CursorIcon::Grabbing,
        Hand::Moving { .. } => CursorIcon::Grabbing,
        Hand::Connecting { over: Some((_, Err(_))), .. } => CursorIcon::NotAllowed,
        Hand::Connecting { .. } | Hand::DrawingZone { .. } | Hand::Cutting { .. } => CursorIcon::Crosshair,
        Hand::Resizing { corner, .. } => diagonal(*corner),
        Hand::Idle | Hand::Pressed { .. } | Hand::Marquee { .. } if !over => return,
        Hand::Idle | Hand::Pressed { .. } | Hand::Marquee { .. } => match (ctx.view.tool, &canvas.target) {
            _ if space => CursorIcon::Grab,
            (Tool::Pan, _) => CursorIcon::Grab,
            (Tool::Zone(_) | Tool::WhatIf | Tool::Connect, _) => CursorIcon::Crosshair,
            (Tool::Place(_), _) => CursorIcon::Copy,
            (_, Some(HitTarget::Port(..))) => CursorIcon::Crosshair,
            (_, Some(HitTarget::ZoneHandle(_, corner))) => diagonal(*corner),
            (
                _,
                Some(
                    HitTarget::Card(_)
                    | HitTarget::Link(_)
                    | HitTarget::ZoneTitle(_)
                    | HitTarget::ZoneBorder(_),
                ),
            ) => CursorIcon::PointingHand,
            _ => CursorIcon::Default,
        },
    };
    ui.ctx().set_cursor_icon(icon);
}

fn diagonal(corner: Corner) -> CursorIcon {
    match corner {
        Corner::TopLeft | Corner::BottomRight => CursorIcon::ResizeNwSe,
        Corner::TopRight | Corner::BottomLeft => CursorIcon::ResizeNeSw,
    }
}

/// Calls off what the hand is doing. Says whether it was doing anything.
pub fn cancel(canvas: &mut Canvas, ctx: &Ctx<'_>) -> bool {
    match std::mem::replace(&mut canvas.hand, Hand::Idle) {
        Hand::Idle => false,
        Hand::Moving { .. } | Hand::Resizing { .. } => {
            ctx.commands.send(Request::GestureAbort);
            true
        }
        _ => true,
    }
}

fn keys(ui: &Ui, ctx: &Ctx<'_>, canvas: &mut Canvas) {
    const ARROWS: [(Key, Direction); 4] = [
        (Key::ArrowLeft, Direction::Left),
        (Key::ArrowRight, Direction::Right),
        (Key::ArrowUp, Direction::Up),
        (Key::ArrowDown, Direction::Down),
    ];
    if ui.input(|i| i.key_pressed(Key::Escape)) {
        if cancel(canvas, ctx) {
        } else if ctx.view.tool != Tool::Select {
            ctx.commands.view(Action::SetTool(Tool::Select));
        } else if ctx.view.what_if.is_some() {
            ctx.commands.view(Action::SetWhatIf(None));
        } else if ctx.view.finding.is_some() {
            ctx.commands.view(Action::FocusFinding(None));
        } else {
            ctx.commands.view(Action::Select(Vec::new()));
        }
    }
    for (key, direction) in ARROWS {
        let pressed = ui.input(|i| i.key_pressed(key).then_some(i.modifiers));
        let Some(modifiers) = pressed else { continue };
        if modifiers.alt || ctx.view.selection.is_empty() {
            let from = ctx.view.selection.ids().last();
            if let Some(next) = walk::walk(ctx.design, canvas.picture.scene(), from, direction) {
                show(ui, ctx, canvas, &next);
                ctx.commands.view(Action::Select(vec![next]));
            }
        } else if !modifiers.command && ctx.live.is_none() {
            let step = if modifiers.shift { 1.0 } else { guides::GRID };
            let ids = ctx.view.selection.ids();
            let (sx, sy) = direction.step();
            if let Some(lead) = ids.first()
                && let Some(what) = Move::of(ctx.design, canvas.picture.drawing(), ids, lead)
            {
                ctx.commands.edit(what.command(ctx.design, sx * step, sy * step, true));
            }
        }
    }
}

/// Brings a card into view if it is not.
fn show(ui: &Ui, ctx: &Ctx<'_>, canvas: &mut Canvas, id: &ElementId) {
    let seen = canvas.camera.seen(canvas.rect);
    let Some(element) = canvas.picture.scene().element(id.as_str()) else { return };
    if !seen.encloses(&element.frame) {
        let to = super::Camera { center: element.frame.center(), ..canvas.camera };
        canvas.fly_to(to, ui.input(|i| i.time), ctx.view.layout.reduced_motion);
    }
}
