//! A fix as a command: what a finding proposes becomes one undoable step.

use crate::analysis::{Change, Fix};
use crate::design::{Design, Point};
use crate::edit::commands::place_near;
use crate::edit::{Command, Edit};

/// The command that makes all the changes of a fix together.
pub fn command_of_fix(design: &Design, fix: &Fix) -> Command {
    let mut edits = Vec::new();
    let mut taken: Vec<Point> = design.drawing.components.values().copied().collect();
    for change in &fix.changes {
        match change {
            Change::ReplaceComponent(c) => edits.push(Edit::Replace((**c).clone().into())),
            Change::ReplaceLink(l) => edits.push(Edit::Replace((**l).clone().into())),
            Change::ReplaceJourney(j) => edits.push(Edit::Replace((**j).clone().into())),
            Change::AddComponent { component, near } => {
                edits.push(Edit::Insert { index: None, item: (**component).clone().into() });
                let at = place_near(design, near.as_ref(), &taken);
                taken.push(at);
                edits.push(Edit::DrawComponent(component.id.clone(), Some(at)));
            }
            Change::AddLink(l) => edits.push(Edit::Insert { index: None, item: (**l).clone().into() }),
            Change::AddJourney(j) => edits.push(Edit::Insert { index: None, item: (**j).clone().into() }),
            Change::AddZone(z) => edits.push(Edit::Insert { index: None, item: (**z).clone().into() }),
            Change::ReplaceCause(c) => edits.push(Edit::Replace((**c).clone().into())),
            Change::AddCause(c) => edits.push(Edit::Insert { index: None, item: (**c).clone().into() }),
        }
    }
    Command::new(fix.title.clone(), edits)
}
