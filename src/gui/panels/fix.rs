//! A fix as a command: what a finding proposes becomes one undoable step.

use crate::analysis::{Change, Fix};
use crate::design::{Design, Point};
use crate::edit::commands::{CARD, free_place};
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
                let beside = near.as_ref().and_then(|id| design.drawing.components.get(id)).copied();
                let at = beside.map_or_else(|| free_place(design), |p| near_free(p, &taken));
                taken.push(at);
                edits.push(Edit::DrawComponent(component.id.clone(), Some(at)));
            }
            Change::AddLink(l) => edits.push(Edit::Insert { index: None, item: (**l).clone().into() }),
            Change::AddJourney(j) => edits.push(Edit::Insert { index: None, item: (**j).clone().into() }),
        }
    }
    Command::new(fix.title.clone(), edits)
}

/// A place below or beside another that no card covers.
fn near_free(from: Point, taken: &[Point]) -> Point {
    let (dx, dy) = (CARD.0 + 24.0, CARD.1 + 40.0);
    let free = |p: &Point| taken.iter().all(|t| (t.x - p.x).abs() >= CARD.0 || (t.y - p.y).abs() >= CARD.1);
    (1..12)
        .flat_map(|ring| {
            let r = ring as f32;
            [(0.0, r), (r, 0.0), (r, r), (-r, r), (-r, 0.0), (0.0, -r)]
        })
        .map(|(i, j)| Point::new(from.x + dx * i, from.y + dy * j))
        .find(free)
        .unwrap_or(Point::new(from.x + dx, from.y + dy * 12.0))
}
