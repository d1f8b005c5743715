//! Which links a cut goes through: what lies between two components, instances or zones.

use crate::design::{Design, ElementId, Link};

/// Whether a cut between two sides goes through a link. A zone cut off from everything is named as both sides.
pub fn goes_through(design: &Design, link: &Link, (a, b): (&ElementId, &ElementId)) -> bool {
    let (from, to) = (link.from.as_str(), link.to.as_str());
    if a == b {
        return is_within(design, from, a.as_str()) != is_within(design, to, a.as_str());
    }
    let between = |x: &ElementId, y: &ElementId| {
        is_within(design, from, x.as_str()) && is_within(design, to, y.as_str())
    };
    between(a, b) || between(b, a)
}

/// Whether a component is an element, has it as one of its instances, or lists a zone that is it or lies in it.
fn is_within(design: &Design, component: &str, element: &str) -> bool {
    if element.split('/').next() == Some(component) {
        return true;
    }
    design.component(component).is_some_and(|c| {
        c.zones.iter().any(|zone| {
            let mut at = design.zone(zone.as_str());
            // A circle of zones ends with the zones.
            for _ in 0..=design.zones.len() {
                let Some(zone) = at else { return false };
                if zone.id == *element {
                    return true;
                }
                at = zone.parent.as_ref().and_then(|p| design.zone(p.as_str()));
            }
            false
        })
    })
}
