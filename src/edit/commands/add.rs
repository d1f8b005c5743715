//! New things, and new values for old ones.

use crate::design::{
    Accepted, Cause, CauseId, Component, ComponentId, Design, ElementId, Journey, JourneyId, Kind, Note,
    Point, Rect, Zone, ZoneId, ZoneKind,
};
use crate::edit::{Command, Edit, Item};

use super::free_place;

/// Adds a component of a kind, with an id minted from the name (absent: the kind's). Without a place it goes beside
/// what is there.
pub fn add_component(
    design: &Design,
    kind: Kind,
    name: Option<&str>,
    at: Option<Point>,
) -> (Command, ComponentId) {
    let name = name.map(str::trim).filter(|n| !n.is_empty());
    let id = ComponentId::new(design.mint_id(name.unwrap_or(kind.label())));
    let mut component = Component::new(id.clone(), kind);
    component.name = match name {
        Some(name) => name.to_owned(),
        // A number is told apart from the kind in what is shown as well.
        None => match id.as_str().rsplit_once('-').map(|(_, n)| n.parse::<u32>()) {
            Some(Ok(n)) => format!("{} {n}", kind.label()),
            _ => kind.label().to_owned(),
        },
    };
    let at = at.unwrap_or_else(|| free_place(design));
    let command = Command::new(
        format!("Add {}", component.title()),
        [Edit::Insert { index: None, item: component.into() }, Edit::DrawComponent(id.clone(), Some(at))],
    );
    (command, id)
}

/// Adds a zone with a frame, inside another or at the top.
pub fn add_zone(
    design: &Design,
    kind: ZoneKind,
    name: Option<&str>,
    frame: Rect,
    parent: Option<&ZoneId>,
) -> (Command, ZoneId) {
    let name = name.map(str::trim).filter(|n| !n.is_empty());
    let id = ZoneId::new(design.mint_id(name.unwrap_or(kind.label())));
    let zone = Zone {
        id: id.clone(),
        name: name.unwrap_or_default().to_owned(),
        kind,
        parent: parent.cloned(),
        ..Zone::default()
    };
    let command = Command::new(
        format!("Add {} {id}", kind.label()),
        [Edit::Insert { index: None, item: zone.into() }, Edit::DrawZone(id.clone(), Some(frame))],
    );
    (command, id)
}

/// Names a set of elements that fail together.
pub fn add_cause(design: &Design, name: &str, members: Vec<ElementId>) -> (Command, CauseId) {
    let id = CauseId::new(design.mint_id(name));
    let cause = Cause { id: id.clone(), name: name.to_owned(), members, reliability: None };
    (Command::new(format!("Add cause {name}"), [Edit::Insert { index: None, item: cause.into() }]), id)
}

/// Adds a journey that begins at a client.
pub fn add_journey(design: &Design, name: &str, client: &ComponentId) -> (Command, JourneyId) {
    let id = JourneyId::new(design.mint_id(name));
    let mut journey = Journey::new(id.clone(), client.clone());
    journey.name = name.to_owned();
    (Command::new(format!("Add journey {name}"), [Edit::Insert { index: None, item: journey.into() }]), id)
}

/// Adds a remark.
pub fn add_note(text: &str, about: Vec<ElementId>, at: Option<Point>) -> Command {
    Command::new(
        "Add note",
        [Edit::Insert { index: None, item: Note { text: text.to_owned(), about, at }.into() }],
    )
}

/// Accepts a finding with a reason; one that is already accepted gets the new reason.
pub fn accept(design: &Design, accepted: Accepted) -> Command {
    let known = design.accepted.iter().any(|a| a.finding == accepted.finding);
    let item: Item = accepted.into();
    Command::new(
        "Accept finding",
        [if known { Edit::Replace(item) } else { Edit::Insert { index: None, item } }],
    )
}

/// Gives an element other properties; its id stays.
pub fn replace(label: impl Into<String>, item: impl Into<Item>) -> Command {
    Command::new(label, [Edit::Replace(item.into())])
}
