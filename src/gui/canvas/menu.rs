//! The menu of a right click: what can be done to what is under the pointer.

use egui::{Response, Ui};

use crate::design::{ElementId, ZoneKind};
use crate::gui::command::{Action, Effect, Fault, Request, UiCommand};
use crate::gui::context::{Ctx, NodeState};
use crate::scene::HitTarget;

use super::Canvas;

/// Shows the menu while it is open.
pub fn show(ctx: &Ctx<'_>, canvas: &Canvas, response: &Response) {
    let Some((target, at)) = &canvas.menu else { return };
    response.context_menu(|ui| {
        ui.set_min_width(190.0);
        match target {
            Some(HitTarget::Card(id) | HitTarget::Port(id, _) | HitTarget::Slot(id, _)) => {
                component(ui, ctx, &ElementId::from(id));
            }
            Some(HitTarget::Link(id)) => link(ui, ctx, id.as_str()),
            Some(
                HitTarget::ZoneTitle(id)
                | HitTarget::ZoneBorder(id)
                | HitTarget::ZoneHandle(id, _)
                | HitTarget::ZoneInside(id),
            ) => zone(ui, ctx, &ElementId::from(id)),
            Some(HitTarget::Severity(id)) => component(ui, ctx, id),
            Some(HitTarget::Note(_)) | None => ground(ui, ctx),
        }
        let _ = at;
    });
}

fn item(ui: &mut Ui, title: &str, request: Request, ctx: &Ctx<'_>) {
    if ui.button(title).clicked() {
        ctx.commands.send(request);
        ui.close();
    }
}

fn named(ui: &mut Ui, command: UiCommand, ctx: &Ctx<'_>) {
    let keys = command.keys().first().map(|k| ui.ctx().format_shortcut(k)).unwrap_or_default();
    let allowed = command.available(ctx);
    let button = egui::Button::new(command.title()).shortcut_text(keys);
    let response = ui.add_enabled(allowed.is_ok(), button);
    if response.clicked() {
        ctx.commands.named(command);
        ui.close();
    }
    if let Err(why) = allowed {
        response.on_disabled_hover_text(why);
    }
}

fn fault(ui: &mut Ui, title: &str, fault: Fault, ctx: &Ctx<'_>) {
    item(ui, title, Request::Effect(Effect::Fault(fault)), ctx);
}

fn component(ui: &mut Ui, ctx: &Ctx<'_>, id: &ElementId) {
    if let Some(live) = ctx.live {
        let component = crate::design::ComponentId::new(id.as_str());
        let instances: Vec<(ElementId, NodeState)> =
            live.instances_of(&component).map(|(i, l)| (i.clone(), l.state)).collect();
        let several = instances.len() > 1;
        if several {
            fault(ui, "Kill all", Fault::Kill(id.clone()), ctx);
            fault(ui, "Restart all", Fault::Restart(id.clone()), ctx);
            ui.separator();
        }
        for (instance, state) in instances {
            let of = |verb: &str| if several { format!("{verb} {instance}") } else { verb.to_owned() };
            match state {
                NodeState::Up | NodeState::Starting => {
                    fault(ui, &of("Kill"), Fault::Kill(instance.clone()), ctx);
                    fault(ui, &of("Pause"), Fault::Pause(instance.clone()), ctx);
                }
                NodeState::Paused => {
                    fault(ui, &of("Resume"), Fault::Resume(instance.clone()), ctx);
                    fault(ui, &of("Kill"), Fault::Kill(instance.clone()), ctx);
                }
                NodeState::Down => fault(ui, &of("Restart"), Fault::Restart(instance.clone()), ctx),
            }
        }
        return;
    }
    item(ui, "What if it is lost", Request::View(Action::ToggleDown(id.clone())), ctx);
    ui.separator();
    named(ui, UiCommand::Name, ctx);
    named(ui, UiCommand::Duplicate, ctx);
    named(ui, UiCommand::Copy, ctx);
    named(ui, UiCommand::MakeCause, ctx);
    ui.separator();
    named(ui, UiCommand::Delete, ctx);
}

fn link(ui: &mut Ui, ctx: &Ctx<'_>, id: &str) {
    let Some(link) = ctx.design.link(id) else { return };
    let (from, to) = (ElementId::from(&link.from), ElementId::from(&link.to));
    if let Some(live) = ctx.live {
        let cut = live.links.get(id).is_some_and(|l| l.cut);
        if cut {
            fault(ui, "Mend", Fault::Heal { from, to }, ctx);
        } else {
            fault(ui, "Cut both ways", Fault::Cut { from: from.clone(), to: to.clone(), both: true }, ctx);
            fault(ui, "Cut this way only", Fault::Cut { from, to, both: false }, ctx);
        }
        return;
    }
    item(ui, "What if it is cut", Request::View(Action::ToggleDown(ElementId::new(id))), ctx);
    if ctx.design.drawing.links.contains_key(id) {
        let command = crate::edit::commands::draw("Route by itself", [], [], [(link.id.clone(), None)]);
        item(ui, "Route by itself", Request::Edit(command), ctx);
    }
    ui.separator();
    named(ui, UiCommand::Name, ctx);
    named(ui, UiCommand::Delete, ctx);
}

fn zone(ui: &mut Ui, ctx: &Ctx<'_>, id: &ElementId) {
    let zone = crate::design::ZoneId::new(id.as_str());
    if ctx.live.is_some() {
        fault(ui, "Fail the zone", Fault::FailZone(zone.clone()), ctx);
        fault(ui, "Cut it off", Fault::IsolateZone(zone.clone()), ctx);
        fault(ui, "Bring it back", Fault::RestoreZone(zone), ctx);
        return;
    }
    item(ui, "What if it fails", Request::View(Action::ToggleDown(id.clone())), ctx);
    ui.separator();
    named(ui, UiCommand::Name, ctx);
    named(ui, UiCommand::Duplicate, ctx);
    ui.separator();
    named(ui, UiCommand::Delete, ctx);
}

fn ground(ui: &mut Ui, ctx: &Ctx<'_>) {
    named(ui, UiCommand::Paste, ctx);
    named(ui, UiCommand::SelectAll, ctx);
    ui.menu_button("Draw a zone", |ui| {
        for kind in ZoneKind::ALL {
            item(ui, kind.label(), Request::View(Action::PickUpZone(kind)), ctx);
        }
    });
    ui.separator();
    named(ui, UiCommand::ZoomFit, ctx);
    named(ui, UiCommand::Tidy, ctx);
    if ctx.live.is_some() {
        named(ui, UiCommand::HealAll, ctx);
    }
}
