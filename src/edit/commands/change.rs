//! What somebody proposes, made into one undoable command.

use crate::design::{Change, Design, Point};
use crate::edit::{Command, Edit};

use super::place_near;

/// The command that makes all these changes together. What is new is drawn near what it belongs to; where nothing is drawn
/// nothing needs a place.
pub fn carry_out<'c>(
    design: &Design,
    label: impl Into<String>,
    changes: impl IntoIterator<Item = &'c Change>,
) -> Command {
    let mut edits = Vec::new();
    let mut taken: Vec<Point> = design.drawing.components.values().copied().collect();
    let is_drawn = !taken.is_empty();
    for change in changes {
        let insert = |item| Edit::Insert { index: None, item };
        edits.push(match change {
            Change::ReplaceComponent(c) => Edit::Replace((**c).clone().into()),
            Change::ReplaceLink(l) => Edit::Replace((**l).clone().into()),
            Change::ReplaceJourney(j) => Edit::Replace((**j).clone().into()),
            Change::ReplaceCause(c) => Edit::Replace((**c).clone().into()),
            Change::AddComponent { component, .. } => insert((**component).clone().into()),
            Change::AddLink(l) => insert((**l).clone().into()),
            Change::AddJourney(j) => insert((**j).clone().into()),
            Change::AddZone(z) => insert((**z).clone().into()),
            Change::AddCause(c) => insert((**c).clone().into()),
        });
        if let Change::AddComponent { component, near } = change
            && is_drawn
        {
            let at = place_near(design, near.as_ref(), &taken);
            taken.push(at);
            edits.push(Edit::DrawComponent(component.id.clone(), Some(at)));
        }
    }
    Command::new(label, edits)
}
