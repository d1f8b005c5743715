//! A note: what it says and what it is about.

use egui::Ui;

use super::form::Form;
use super::header::{Head, head};
use super::send_at;
use crate::design::{Design, ElementId};
use crate::edit::{Command, Edit, ItemRef};
use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::{widgets, words};
use crate::scene::{Icon, Ink};

/// The properties of the note at an index.
pub(super) fn note_ui(ui: &mut Ui, ctx: &Ctx<'_>, at: usize) {
    let Some(note) = ctx.design.notes.get(at) else { return };
    let id = format!("note:{at}");
    let it = Head {
        id: &id,
        icon: Icon::Note,
        ink: Ink::Warn,
        name: "Note",
        renames: false,
        line: "A remark on the drawing",
    };
    head(ui, &it, |ui| {
        if widgets::icon_button_sized(ui, Icon::Trash, "Delete", 24.0).clicked() {
            ctx.commands.edit(Command::new("Delete note", [Edit::Remove(ItemRef::Note(at))]));
            ctx.commands.view(Action::Select(Vec::new()));
        }
    });
    let mut form = Form::new(ctx, &id);
    let mut copy = note.clone();
    form.long_text(ui, "Text", &mut copy.text, "What should people know?");
    let candidates = elements(ctx.design);
    form.chips(ui, "About", &mut copy.about, &candidates, ("the design", "What it is about"));
    send_at(&form, "note", at, *note != copy, || copy.into());
}

/// Everything that a note or decision can be about.
pub(super) fn elements(design: &Design) -> Vec<(ElementId, String)> {
    let named = |id: ElementId| {
        let name = words::element(design, id.as_str());
        (id, name)
    };
    (design.components.iter().map(|c| ElementId::from(&c.id)))
        .chain(design.zones.iter().map(|z| ElementId::from(&z.id)))
        .chain(design.links.iter().map(|l| ElementId::from(&l.id)))
        .map(named)
        .collect()
}
