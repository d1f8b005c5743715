//! How a design becomes harder to take down: the smallest change that removes each single point of failure, and plans of
//! such changes that reach a target.
//!
//! [`advise`] answers, for each instance, zone and cause whose loss alone stops a journey, which changes remove that cut; every
//! advice has been applied to a copy and the copy analyzed again: it is not offered if the cut is still there, if anything
//! else is lost that was not lost before, or if it buys availability with consistency. [`plan()`] strings advices together
//! until a target is reached.
//!
//! Which changes are drafted follows the common remedies: N + 1 over zones (Google SRE book, chapter 3), majorities (Gifford
//! 1979), failover by name (RFC 1034 round robin and its weighted descendants), and breaking the tie of common causes
//! (Fleming 1974).

mod alternative;
mod change;
mod copies;
mod entry;
mod plan;
mod spread;
mod standing;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub use change::{Advice, Remedy};
pub use plan::{Goal, Plan, PlanStep, Unmet, plan};
pub use standing::{Cost, Cut, CutClass, Standing};

use super::Facts;
use crate::design::{Design, JourneyId};
use change::Care;

/// Cuts that are advised on at most; those that come later in the file wait until earlier ones are gone.
const CUTS_MAX: usize = 48;

/// What is known of one cut and how to remove it.
#[derive(Clone, Debug)]
pub struct Advised {
    /// What alone stops journeys.
    pub cut: Cut,
    /// The journeys that it stops, in file order.
    pub journeys: Vec<JourneyId>,
    /// What removes it, the smallest change first. Empty: nothing that was drafted does.
    pub advices: Vec<Advice>,
}

/// For each cut of order 1 the changes that remove it, in the order instances, zones, causes.
///
/// Cuts through instances of one component are one: the same change removes them. O(cuts x drafts x analysis).
pub fn advise(design: &Design) -> Vec<Advised> {
    advise_on(design, &Standing::of(design), |_| true, None, Care::Full)
}

/// Advice on the cuts of some journeys, or on one of them.
fn advise_on(
    design: &Design,
    before: &Standing,
    of: impl Fn(&JourneyId) -> bool,
    only: Option<&Cut>,
    care: Care,
) -> Vec<Advised> {
    if !design.problems().is_empty() {
        return Vec::new();
    }
    let facts = Facts::new(design);
    let mut cuts: BTreeMap<Cut, Vec<JourneyId>> = BTreeMap::new();
    for (route, points) in facts.routes().iter().zip(&before.points) {
        for cut in points.iter().filter(|_| of(&route.journey)) {
            let stopped = cuts.entry(cut.whole()).or_default();
            if !stopped.contains(&route.journey) {
                stopped.push(route.journey.clone());
            }
        }
    }
    cuts.retain(|cut, _| only.is_none_or(|only| only == cut));
    let cuts: Vec<(Cut, Vec<JourneyId>)> = cuts.into_iter().take(CUTS_MAX).collect();
    cuts.into_par_iter()
        .map(|(cut, journeys)| {
            let advices = change::advices(&facts, before, &cut, &journeys, care);
            Advised { cut, journeys, advices }
        })
        .collect()
}
