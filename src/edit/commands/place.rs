//! Where things are drawn, and which zone they stand in.

use crate::design::{ComponentId, Design, LinkDrawing, LinkId, Point, Rect, ZoneId};
use crate::edit::{Command, Edit, EditError};

use super::count;

/// Width and height of a card, in points.
pub const CARD: (f32, f32) = (172.0, 56.0);

/// Draws cards, zones and links at other places.
pub fn draw(
    label: impl Into<String>,
    components: impl IntoIterator<Item = (ComponentId, Point)>,
    zones: impl IntoIterator<Item = (ZoneId, Rect)>,
    links: impl IntoIterator<Item = (LinkId, Option<LinkDrawing>)>,
) -> Command {
    Command::new(
        label,
        (components.into_iter().map(|(id, at)| Edit::DrawComponent(id, Some(at))))
            .chain(zones.into_iter().map(|(id, frame)| Edit::DrawZone(id, Some(frame))))
            .chain(links.into_iter().map(|(id, drawing)| Edit::DrawLink(id, drawing))),
    )
}

/// A free place for one more card: below the lowest one that the drawing states, on the left.
pub fn free_place(design: &Design) -> Point {
    let places = design.drawing.components.values();
    let Some(lowest) = places.clone().map(|p| p.y).reduce(f32::max) else { return Point { x: 0.0, y: 0.0 } };
    let left = places.map(|p| p.x).reduce(f32::min).unwrap_or_default();
    Point { x: left, y: lowest + CARD.1 + 40.0 }
}

/// A free place for one more card below or beside another; without another that is drawn, [`free_place`]. `taken` are
/// places of cards, drawn or about to be.
pub fn place_near(design: &Design, near: Option<&ComponentId>, taken: &[Point]) -> Point {
    let Some(from) = near.and_then(|id| design.drawing.components.get(id)).copied() else {
        return free_place(design);
    };
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

/// Puts components into a zone, or takes them out of all.
///
/// # Errors
/// [`EditError::Missing`] if a component or the zone is not there.
pub fn place_into(
    design: &Design,
    components: &[ComponentId],
    zone: Option<&ZoneId>,
) -> Result<Command, EditError> {
    if let Some(zone) = zone
        && design.zone(zone.as_str()).is_none()
    {
        return Err(EditError::Missing(format!("zone `{zone}`")));
    }
    let mut edits = Vec::new();
    for id in components {
        let mut copy = design
            .component(id.as_str())
            .ok_or_else(|| EditError::Missing(format!("component `{id}`")))?
            .clone();
        copy.zones = zone.cloned().into_iter().collect();
        edits.push(Edit::Replace(copy.into()));
    }
    let what = match components {
        [one] => design.component(one.as_str()).map_or(one.as_str(), |c| c.title()).to_owned(),
        many => count(many.len(), "component"),
    };
    Ok(Command::new(
        match zone {
            Some(zone) => format!("Place {what} in {zone}"),
            None => format!("Take {what} out of its zone"),
        },
        edits,
    ))
}

/// Puts a zone into another, or to the top.
///
/// # Errors
/// [`EditError::Missing`] if one of them is not there, [`EditError::Refused`] if the one lies in the other.
pub fn place_zone_into(
    design: &Design,
    zone: &ZoneId,
    parent: Option<&ZoneId>,
) -> Result<Command, EditError> {
    let find =
        |id: &ZoneId| design.zone(id.as_str()).ok_or_else(|| EditError::Missing(format!("zone `{id}`")));
    let mut copy = find(zone)?.clone();
    let mut at = parent;
    for _ in 0..=design.zones.len() {
        let Some(id) = at else { break };
        if id == zone {
            return Err(EditError::Refused("A zone cannot stand in itself".to_owned()));
        }
        at = find(id)?.parent.as_ref();
    }
    copy.parent = parent.cloned();
    Ok(Command::new(
        match parent {
            Some(parent) => format!("Place {zone} in {parent}"),
            None => format!("Take {zone} out of its zone"),
        },
        [Edit::Replace(copy.into())],
    ))
}
