//! Edits, each of which yields its inverse, and commands, which are edits under one label.

use crate::design::{ComponentId, Design, LinkDrawing, LinkId, Point, Problem, Rect, ZoneId, is_valid_id};

use super::item::{Item, ItemRef};
use super::rename;

/// What one entry of the Edit menu does: edits that happen together or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Command {
    /// What the Edit menu says after "Undo": `Add service`, `Move 3 components`.
    pub label: String,
    /// What is done, in order.
    pub edits: Vec<Edit>,
}

impl Command {
    /// A command of those edits.
    pub fn new(label: impl Into<String>, edits: impl IntoIterator<Item = Edit>) -> Self {
        Self { label: label.into(), edits: edits.into_iter().collect() }
    }

    /// Whether it touches nothing but where things are drawn.
    pub fn only_draws(&self) -> bool {
        self.edits.iter().all(Edit::only_draws)
    }

    /// The same, followed by what another does.
    #[must_use]
    pub fn then(mut self, next: Command) -> Self {
        self.edits.extend(next.edits);
        self
    }
}

/// One change of a design.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Puts a new item into its list.
    Insert {
        /// Where; absent is the end.
        index: Option<usize>,
        /// What.
        item: Item,
    },
    /// Takes an item out. References to it must be gone by the end of the command.
    Remove(ItemRef),
    /// Puts an item in the place of the one with the same id.
    Replace(Item),
    /// Puts an item in the place of the one at an index of its list, whatever that one's id: for notes and
    /// decisions, which have none.
    ReplaceAt {
        /// Where.
        index: usize,
        /// What.
        item: Item,
    },
    /// Moves an item within its list; the order of lists carries meaning (leaves, failover).
    Reorder {
        /// What.
        item: ItemRef,
        /// Its index afterwards.
        to: usize,
    },
    /// Gives an element or journey another id and changes everything that names it.
    Rename {
        /// The id now.
        from: String,
        /// The id afterwards.
        to: String,
    },
    /// Says where a card is drawn; `None` leaves it to automatic placement.
    DrawComponent(ComponentId, Option<Point>),
    /// Says what frame a zone has; `None` leaves it to automatic placement.
    DrawZone(ZoneId, Option<Rect>),
    /// Says how a link is drawn; `None` leaves it to automatic routing.
    DrawLink(LinkId, Option<LinkDrawing>),
    /// Sets the name of the design and what it is for.
    SetHead {
        /// Shown in titles.
        name: String,
        /// What it is for.
        about: String,
    },
}

impl Edit {
    fn only_draws(&self) -> bool {
        matches!(self, Edit::DrawComponent(..) | Edit::DrawZone(..) | Edit::DrawLink(..))
    }
}

/// Why a command was refused; the design is as it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EditError {
    /// The edit names something that is not there.
    #[error("there is no {0}")]
    Missing(String),
    /// The new item's id is taken.
    #[error("the id `{0}` is already taken; choose another")]
    Taken(String),
    /// The text cannot be an id.
    #[error("`{0}` cannot be an id; use 1 to 64 letters, digits, `-`, `_` or `.`")]
    BadId(String),
    /// The design would become unsound.
    #[error("{0}")]
    Unsound(Problem),
    /// What was asked for makes no sense; the text says why and what to do.
    #[error("{0}")]
    Refused(String),
}

/// Applies edits in order and returns the edits that undo them, in the order in which to apply them. Edits that
/// change nothing leave no trace.
///
/// Checks only what an edit itself needs; [`Session::apply`](super::Session::apply) also checks that the design
/// stays sound.
///
/// # Errors
/// The first edit that cannot be applied, with everything before it taken back.
pub fn apply(design: &mut Design, edits: &[Edit]) -> Result<Vec<Edit>, EditError> {
    let mut undo = Vec::new();
    for edit in edits {
        if let Err(error) = apply_one(design, edit, &mut undo) {
            revert(design, undo);
            return Err(error);
        }
    }
    undo.reverse();
    Ok(undo)
}

/// Takes back edits whose inverses were collected in the order of doing.
fn revert(design: &mut Design, mut undo: Vec<Edit>) {
    let mut forward = Vec::new();
    while let Some(edit) = undo.pop() {
        apply_one(design, &edit, &mut forward).expect("an inverse applies to the design it was made from");
    }
}

fn apply_one(design: &mut Design, edit: &Edit, undo: &mut Vec<Edit>) -> Result<(), EditError> {
    match edit {
        Edit::Insert { index, item } => {
            let len = item.list_len(design);
            let at = index.unwrap_or(len).min(len);
            let reference = item.reference(at);
            match &reference {
                ItemRef::Component(id) => free(design, id.as_str())?,
                ItemRef::Zone(id) => free(design, id.as_str())?,
                ItemRef::Link(id) => free(design, id.as_str())?,
                ItemRef::Cause(id) => free(design, id.as_str())?,
                ItemRef::Journey(id) => free(design, id.as_str())?,
                ItemRef::Accepted(id) if reference.index(design).is_some() => {
                    return Err(EditError::Taken(id.clone()));
                }
                ItemRef::Accepted(_) | ItemRef::Note(_) | ItemRef::Decision(_) => {}
            }
            item.clone().insert(design, at);
            undo.push(Edit::Remove(reference));
        }
        Edit::Remove(reference) => {
            let index = find(design, reference)?;
            let item = Item::remove(design, reference, index);
            undo.push(Edit::Insert { index: Some(index), item });
        }
        Edit::Replace(item) => {
            if matches!(item, Item::Note(_) | Item::Decision(_)) {
                return Err(EditError::Refused(
                    "notes and decisions have no id; replace them by their index".to_owned(),
                ));
            }
            let index = find(design, &item.reference(0))?;
            replace_at(design, index, item, undo);
        }
        Edit::ReplaceAt { index, item } => {
            if *index >= item.list_len(design) {
                return Err(EditError::Missing(item.reference(*index).describe()));
            }
            replace_at(design, *index, item, undo);
        }
        Edit::Reorder { item, to } => {
            let index = find(design, item)?;
            let taken = Item::remove(design, item, index);
            let at = (*to).min(taken.list_len(design));
            let reference = taken.reference(at);
            taken.insert(design, at);
            if at != index {
                undo.push(Edit::Reorder { item: reference, to: index });
            }
        }
        Edit::Rename { from, to } => {
            if from != to {
                if ItemRef::of_id(design, from).is_none() {
                    return Err(EditError::Missing(format!("element `{from}`")));
                }
                free(design, to)?;
                for edit in rename::edits(design, from, to) {
                    apply_one(design, &edit, undo)?;
                }
            }
        }
        Edit::DrawComponent(id, at) => {
            let map = &mut design.drawing.components;
            let before = match at {
                Some(point) => map.insert(id.clone(), *point),
                None => map.remove(id),
            };
            if before != *at {
                undo.push(Edit::DrawComponent(id.clone(), before));
            }
        }
        Edit::DrawZone(id, frame) => {
            let map = &mut design.drawing.zones;
            let before = match frame {
                Some(rect) => map.insert(id.clone(), *rect),
                None => map.remove(id),
            };
            if before != *frame {
                undo.push(Edit::DrawZone(id.clone(), before));
            }
        }
        Edit::DrawLink(id, drawing) => {
            let map = &mut design.drawing.links;
            let before = match drawing {
                Some(drawing) => map.insert(id.clone(), drawing.clone()),
                None => map.remove(id),
            };
            if before != *drawing {
                undo.push(Edit::DrawLink(id.clone(), before));
            }
        }
        Edit::SetHead { name, about } => {
            if (&design.name, &design.about) != (name, about) {
                undo.push(Edit::SetHead {
                    name: std::mem::replace(&mut design.name, name.clone()),
                    about: std::mem::replace(&mut design.about, about.clone()),
                });
            }
        }
    }
    Ok(())
}

fn replace_at(design: &mut Design, index: usize, item: &Item, undo: &mut Vec<Edit>) {
    let before = item.clone().swap(design, index);
    if before != *item {
        undo.push(Edit::ReplaceAt { index, item: before });
    }
}

fn find(design: &Design, reference: &ItemRef) -> Result<usize, EditError> {
    reference.index(design).ok_or_else(|| EditError::Missing(reference.describe()))
}

fn free(design: &Design, id: &str) -> Result<(), EditError> {
    if !is_valid_id(id) {
        Err(EditError::BadId(id.to_owned()))
    } else if design.has_id(id) {
        Err(EditError::Taken(id.to_owned()))
    } else {
        Ok(())
    }
}
