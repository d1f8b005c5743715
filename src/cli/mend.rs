//! A fix carried out on a design: the same undoable command that the window makes of it.

use super::Failure;
use crate::analysis::{Change, Fix};
use crate::design::{Design, Point};
use crate::edit::commands::place_near;
use crate::edit::{Command, Edit, Session};

/// The design after a fix.
///
/// # Errors
/// If the design would become unsound; nothing that an advice proposes does that.
pub(super) fn mended(design: &Design, fix: &Fix) -> Result<Design, Failure> {
    let mut session = Session::new(design.clone());
    let command = command_of_fix(design, fix);
    session.apply(command).map_err(|e| Failure::new(format!("{}: {e}", fix.title)))?;
    Ok(session.design().clone())
}

fn command_of_fix(design: &Design, fix: &Fix) -> Command {
    let mut edits = Vec::new();
    let mut taken: Vec<Point> = design.drawing.components.values().copied().collect();
    for change in &fix.changes {
        edits.push(match change {
            Change::ReplaceComponent(c) => Edit::Replace((**c).clone().into()),
            Change::ReplaceLink(l) => Edit::Replace((**l).clone().into()),
            Change::ReplaceJourney(j) => Edit::Replace((**j).clone().into()),
            Change::ReplaceCause(c) => Edit::Replace((**c).clone().into()),
            Change::AddComponent { component, .. } => {
                Edit::Insert { index: None, item: (**component).clone().into() }
            }
            Change::AddLink(l) => Edit::Insert { index: None, item: (**l).clone().into() },
            Change::AddJourney(j) => Edit::Insert { index: None, item: (**j).clone().into() },
            Change::AddZone(z) => Edit::Insert { index: None, item: (**z).clone().into() },
            Change::AddCause(c) => Edit::Insert { index: None, item: (**c).clone().into() },
        });
        // Where nothing is drawn nothing needs a place.
        if let Change::AddComponent { component, near } = change
            && !design.drawing.components.is_empty()
        {
            let at = place_near(design, near.as_ref(), &taken);
            taken.push(at);
            edits.push(Edit::DrawComponent(component.id.clone(), Some(at)));
        }
    }
    Command::new(fix.title.clone(), edits)
}
