//! Names and ids.

use crate::design::{Design, Kind, slug};
use crate::edit::{Command, Edit, EditError, ItemRef};

/// Gives an element another shown name.
///
/// Ids are minted from the name and then pinned. A component that still has the id of its kind (`service-2`) has not
/// been named yet: it gets its id from the first name it is given.
///
/// # Errors
/// [`EditError::Missing`] if nothing has that id.
pub fn set_name(design: &Design, id: &str, name: &str) -> Result<Command, EditError> {
    let name = name.trim().to_owned();
    let missing = || EditError::Missing(format!("element `{id}`"));
    let mut edits = Vec::new();
    match ItemRef::of_id(design, id).ok_or_else(missing)? {
        ItemRef::Component(_) => {
            let mut copy = design.component(id).ok_or_else(missing)?.clone();
            let first =
                is_unnamed(copy.kind, id) && !name.is_empty() && slug(&name) != slug(copy.kind.label());
            copy.name = name.clone();
            edits.push(Edit::Replace(copy.into()));
            if first {
                edits.push(Edit::Rename { from: id.to_owned(), to: design.mint_id(&name) });
            }
        }
        ItemRef::Zone(_) => {
            let mut copy = design.zone(id).ok_or_else(missing)?.clone();
            let first = copy.name.is_empty() && has_id_of(copy.kind.label(), id) && !name.is_empty();
            copy.name = if first { String::new() } else { name.clone() };
            // A zone shows its id where it has no name; a name that is no slug must be kept as one.
            if first {
                let minted = design.mint_id(&name);
                if minted != name {
                    copy.name = name.clone();
                }
                edits.push(Edit::Replace(copy.into()));
                edits.push(Edit::Rename { from: id.to_owned(), to: minted });
            } else {
                edits.push(Edit::Replace(copy.into()));
            }
        }
        ItemRef::Link(_) => {
            let mut copy = design.link(id).ok_or_else(missing)?.clone();
            copy.label = name.clone();
            edits.push(Edit::Replace(copy.into()));
        }
        ItemRef::Cause(_) => {
            let mut copy = design.cause(id).ok_or_else(missing)?.clone();
            copy.name = name.clone();
            edits.push(Edit::Replace(copy.into()));
        }
        ItemRef::Journey(_) => {
            let mut copy = design.journey(id).ok_or_else(missing)?.clone();
            copy.name = name.clone();
            edits.push(Edit::Replace(copy.into()));
        }
        ItemRef::Note(_) | ItemRef::Decision(_) | ItemRef::Accepted(_) => return Err(missing()),
    }
    Ok(Command::new(format!("Name {}", if name.is_empty() { id } else { &name }), edits))
}

/// Gives an element or journey another id, everywhere it is named.
pub fn rename(from: &str, to: &str) -> Command {
    Command::new(
        format!("Change id {from} to {to}"),
        [Edit::Rename { from: from.to_owned(), to: to.to_owned() }],
    )
}

fn is_unnamed(kind: Kind, id: &str) -> bool {
    has_id_of(kind.label(), id)
}

fn has_id_of(label: &str, id: &str) -> bool {
    let base = slug(label);
    match id.strip_prefix(base.as_str()) {
        Some("") => true,
        Some(rest) => rest.strip_prefix('-').is_some_and(|n| n.parse::<u32>().is_ok()),
        None => false,
    }
}
