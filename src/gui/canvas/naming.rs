//! Changing a name in place.

use egui::{Id, Key, TextEdit, Ui, Vec2};

use crate::design::{Design, ElementId};
use crate::edit::commands;
use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::fonts::font;
use crate::scene::What;
use crate::scene::font::Weight;

use super::Canvas;

/// A name being changed.
pub struct Naming {
    id: ElementId,
    text: String,
    /// Whether the field has been given the keyboard.
    begun: bool,
}

impl Naming {
    /// Begins with the name of an element; `None` if it has none to change.
    pub fn begin(design: &Design, id: &ElementId) -> Option<Self> {
        let text = if let Some(c) = design.component(id.as_str()) {
            c.title().to_owned()
        } else if let Some(z) = design.zone(id.as_str()) {
            crate::scene::zone_title(z).to_owned()
        } else {
            design.link(id.as_str())?.label.clone()
        };
        Some(Self { id: id.clone(), text, begun: false })
    }
}

/// Shows the field over the name, and takes the name when it is done.
pub fn show(ui: &Ui, ctx: &Ctx<'_>, canvas: &mut Canvas) {
    let Some(naming) = &mut canvas.naming else { return };
    let Some(element) = canvas.picture.scene().element(naming.id.as_str()) else {
        // Just put down: it is in the next picture.
        if ctx.design.has_id(naming.id.as_str()) {
            ui.ctx().request_repaint();
        } else {
            canvas.naming = None;
        }
        return;
    };
    let frame = canvas.camera.rect_to_screen(canvas.rect, &element.frame);
    let zoom = canvas.camera.zoom;
    let (at, width) = match element.what {
        What::Card => (frame.min + Vec2::new(48.0, 7.0) * zoom, (frame.width() - 56.0 * zoom).max(90.0)),
        What::Zone => (frame.min + Vec2::new(10.0, 6.0) * zoom, 160.0),
        What::Link | What::Note => (frame.center() - Vec2::new(70.0, 12.0), 140.0),
    };
    let size = (13.0 * zoom).clamp(11.0, 20.0);
    let mut done = None;
    egui::Area::new(Id::unique("name-in-place"))
        .order(egui::Order::Middle)
        .fixed_pos(at)
        .constrain(false)
        .show(ui.ctx(), |ui| {
            let output = TextEdit::singleline(&mut naming.text)
                .font(font(size, Weight::SemiBold))
                .desired_width(width)
                .margin(egui::Margin::symmetric(4, 2))
                .align(egui::Align2::LEFT_CENTER)
                .char_limit(80)
                .show(ui);
            let response = output.response.response;
            response.widget_info(|| {
                egui::WidgetInfo::text_edit(true, naming.text.clone(), naming.text.clone(), "Name")
            });
            if !naming.begun {
                naming.begun = true;
                response.request_focus();
                let mut state = output.state;
                let all = egui::text::CCursorRange::two(
                    egui::text::CCursor::new(0),
                    egui::text::CCursor::new(naming.text.chars().count()),
                );
                state.cursor.set_char_range(Some(all));
                state.store(ui.ctx(), response.id);
            } else if response.lost_focus() {
                done = Some(!ui.input(|i| i.key_pressed(Key::Escape)));
            }
        });
    let Some(keep) = done else { return };
    let Some(naming) = canvas.naming.take() else { return };
    if keep {
        match commands::set_name(ctx.design, naming.id.as_str(), &naming.text) {
            Ok(command) => {
                // The first name also gives the id; the selection follows it.
                let renamed = command.edits.iter().find_map(|e| match e {
                    crate::edit::Edit::Rename { to, .. } => Some(ElementId::new(to)),
                    _ => None,
                });
                ctx.commands.edit(command);
                if let Some(id) = renamed {
                    ctx.commands.view(Action::Select(vec![id]));
                }
            }
            Err(error) => ctx.commands.try_edit(Err(error)),
        }
    }
}
