//! How a design becomes harder to take down: the smallest change that removes each single point of failure, and plans of
//! such changes that reach a target.
//!
//! [`advise`] answers, for each instance, zone and cause whose loss alone stops a journey, which changes remove that cut; every
//! advice has been applied to a copy and the copy analyzed again: it is not offered if the cut is still there, if anything
//! else is lost that was not lost before, or if it buys availability with consistency. [`plan()`] strings advices together
//! until a target is reached; where nothing alone stops a journey any more that still misses its target, it goes on with the
//! pairs that do. [`advise_while`] and [`plan_while`] do the same before somebody who may end them.
//!
//! Which changes are drafted follows the common remedies: N + 1 over zones (Google SRE book, chapter 3), majorities (Gifford
//! 1979), failover by name (RFC 1034 round robin and its weighted descendants), and breaking the tie of common causes
//! (Fleming 1974).

mod alternative;
mod change;
mod copies;
mod entry;
mod pair;
mod plan;
mod search;
mod spread;
mod standing;
mod trials;
mod watch;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub use change::{Advice, Remedy};
pub use plan::{Goal, Plan, PlanStep, STEPS_MAX, Unmet};
pub use search::{plan, plan_while};
pub use standing::{Cost, Cut, CutClass, Standing};
pub use watch::{Progress, Watch};

use super::Facts;
use crate::design::{Design, JourneyId};
use change::{Care, Case};
use trials::Trials;

/// Cuts that are advised on at a time; those that come later in the file wait until earlier ones are gone.
const CUTS_MAX: usize = 1_000;

/// What is known of one cut and how to remove it.
#[derive(Clone, Debug)]
pub struct Advised {
    /// What stops journeys.
    pub cut: Cut,
    /// The journeys that it stops, in file order.
    pub journeys: Vec<JourneyId>,
    /// What removes it, the smallest change first. Empty: nothing that was drafted does.
    pub advices: Vec<Advice>,
    /// Whether everything that was drafted was tried: false where the search was ended before.
    pub is_tried: bool,
}

/// For each cut of order 1 the changes that remove it, in the order instances, zones, causes.
///
/// Cuts through instances of one component are one: the same change removes them. O(cuts x drafts x analysis).
pub fn advise(design: &Design) -> Vec<Advised> {
    advise_while(design, Watch::NOBODY)
}

/// As [`advise`]; when it is ended, cuts that it did not come to have no advices.
pub fn advise_while(design: &Design, watch: Watch<'_>) -> Vec<Advised> {
    let trials = Trials::new(watch);
    let before = trials.standing(design);
    let cuts = single_points(design, &before, |_| true);
    advised(design, &before, cuts, Care::Full, None, &trials)
}

/// What alone stops some journeys, with those that each stops, in file order.
fn single_points(
    design: &Design,
    before: &Standing,
    of: impl Fn(&JourneyId) -> bool,
) -> BTreeMap<Cut, Vec<JourneyId>> {
    let mut cuts: BTreeMap<Cut, Vec<JourneyId>> = BTreeMap::new();
    if !design.problems().is_empty() {
        return cuts;
    }
    for (a, points) in before.availability.iter().zip(&before.points).filter(|(a, _)| of(&a.journey)) {
        for cut in points {
            let stopped = cuts.entry(cut.whole()).or_default();
            if !stopped.contains(&a.journey) {
                stopped.push(a.journey.clone());
            }
        }
    }
    cuts
}

/// What removes each of some cuts: everything that is drafted, or only what is of a sort and title.
fn advised(
    design: &Design,
    before: &Standing,
    cuts: impl IntoIterator<Item = (Cut, Vec<JourneyId>)>,
    care: Care,
    only: Option<(Remedy, &str)>,
    trials: &Trials<'_>,
) -> Vec<Advised> {
    let cuts: Vec<(Cut, Vec<JourneyId>)> = cuts.into_iter().take(CUTS_MAX).collect();
    if cuts.is_empty() {
        return Vec::new();
    }
    let facts = Facts::new(design);
    cuts.into_par_iter()
        .map(|(cut, journeys)| {
            let case = Case { facts: &facts, before, cut: &cut, journeys: &journeys, care, only, trials };
            let advices = case.advices();
            Advised { cut, journeys, advices, is_tried: trials.go_on() }
        })
        .collect()
}
