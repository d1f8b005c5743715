//! What stands between users outside and what answers them, and what it is said to do.

use std::collections::BTreeSet;

use super::{guards, ways_in};
use crate::analysis::Facts;
use crate::analysis::facts::computes;
use crate::design::{Component, ElementId, FirewallSettings};

/// A way in that is guarded.
pub(super) struct Guarded<'a> {
    /// What answers.
    pub end: &'a Component,
    /// The first guard on the way that states what it does.
    pub guard: &'a Component,
    /// From the users to the end.
    pub way: Vec<ElementId>,
}

/// The guarded ways on which guards state what they do and none of them does this; one for each guard.
pub(super) fn lacking<'a>(facts: &Facts<'a>, does: impl Fn(&FirewallSettings) -> bool) -> Vec<Guarded<'a>> {
    let mut said = BTreeSet::new();
    let mut found = Vec::new();
    for way in ways_in(facts).into_iter().filter(|w| w.is_guarded && computes(w.end.kind)) {
        let on_way = || way.elements.iter().filter_map(|e| facts.component(e.as_str())).filter(|c| guards(c));
        // A firewall that states nothing may do anything.
        if on_way().any(|c| c.firewall.as_ref().is_none_or(&does)) {
            continue;
        }
        let Some(guard) = on_way().next().filter(|g| said.insert(g.id.as_str())) else { continue };
        found.push(Guarded { end: way.end, guard, way: way.elements });
    }
    found
}
