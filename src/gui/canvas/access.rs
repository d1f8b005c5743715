//! Tells screen readers and tests what is on the canvas: cards, zones and links in view, each under its name.

use egui::accesskit::{Action, Role};
use egui::{Sense, Ui, WidgetInfo};

use crate::gui::command;
use crate::gui::context::Ctx;
use crate::scene::What;

use super::Canvas;

/// At most that many; a canvas seen from afar is no list to read.
const TOLD_MAX: usize = 200;

/// Tells what is in view.
pub fn tell(ui: &Ui, ctx: &Ctx<'_>, canvas: &Canvas) {
    let scene = canvas.picture.scene();
    let seen = canvas.camera.seen(canvas.rect);
    let visible = scene.visible(&seen);
    if visible.len() > TOLD_MAX {
        return;
    }
    for i in visible {
        let element = &scene.elements[i];
        let rect = canvas.camera.rect_to_screen(canvas.rect, &element.frame).intersect(canvas.rect);
        let id = ui.scope_id().with(("element", element.id.as_str()));
        let response = ui.interact(rect, id, Sense::hover());
        let role = match element.what {
            What::Card => Role::ListItem,
            What::Zone => Role::Group,
            What::Link => Role::Link,
            What::Note => Role::Note,
        };
        let selected = ctx.view.selection.contains(element.id.as_str());
        let label = match element.what {
            What::Card => ctx.design.component(element.id.as_str()).map_or("", |c| c.title()).to_owned(),
            What::Zone => ctx
                .design
                .zone(element.id.as_str())
                .map_or_else(String::new, |z| format!("{} {}", crate::scene::zone_title(z), z.kind.label())),
            What::Link | What::Note => element.title.clone(),
        };
        response.widget_info(|| WidgetInfo::selected(role, true, selected, &label));
        if ui.input(|i| i.has_accesskit_action_request(id, Action::Click)) {
            ctx.commands.view(command::Action::Select(vec![element.id.clone()]));
        }
    }
}
