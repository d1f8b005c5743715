//! What a plan is to reach, and what it says: its steps, and where they lead.

use super::change::Remedy;
use super::standing::{Cost, Cut, Standing};
use crate::analysis::failure::availability::Availability;
use crate::analysis::{Change, Fix};
use crate::design::{Design, JourneyId};

/// What a plan is to reach.
#[derive(Clone, Debug, Default)]
pub struct Goal {
    /// The journeys that count; empty: all.
    pub journeys: Vec<JourneyId>,
    /// The availability that each must have, 0..1. Absent: what its objective says; where it says nothing, that no instance,
    /// zone or cause alone stops it.
    pub target: Option<f64>,
    /// Elements that may be altered or added in all.
    pub changes_max: Option<usize>,
    /// Whether needs may be made optional: a promise taken back, so that nobody does it unasked.
    pub optional: bool,
}

/// One step of a plan.
#[derive(Clone, Debug)]
pub struct PlanStep {
    /// The cut that it was chosen against.
    pub cut: Cut,
    /// What no longer stops a journey after it that did before: single elements, and in a step against a pair those of the worst
    /// pairs that it removes.
    pub removes: Vec<Cut>,
    /// What sort of change it is.
    pub remedy: Remedy,
    /// The change, to be made after those before it.
    pub fix: Fix,
    /// Elements that it alters or adds.
    pub changes: usize,
    /// The availability of each journey after it, in route order.
    pub availability: Vec<Availability>,
    /// What alone still stops each journey after it: how many of each, in route order.
    pub points: Vec<usize>,
    /// What it costs more a month; `None` where the design does not say.
    pub added_cost: Option<f64>,
}

/// A journey that a plan leaves short of what it is to reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmet {
    /// The journey.
    pub journey: JourneyId,
    /// Its target, where it has one.
    pub target: Option<f64>,
    /// What still stops it alone.
    pub points: Vec<Cut>,
}

/// Steps of a plan at most.
pub const STEPS_MAX: usize = 200;

/// Steps that lead to a target, or as near to it as verified advices lead.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the design stands before.
    pub before: Standing,
    /// What is done, in order.
    pub steps: Vec<PlanStep>,
    /// The design after all steps.
    pub design: Design,
    /// Where it stands then.
    pub after: Standing,
    /// Journeys that are short of the goal; empty: it is reached.
    pub unmet: Vec<Unmet>,
    /// Whether the goal was given up because more changes than allowed would be needed.
    pub is_out_of_changes: bool,
    /// Whether the search was ended from outside: what there is stands, but more or less may have done better.
    pub is_ended: bool,
}

impl Plan {
    /// Whether the goal was given up because the plan has as many steps as one may have: made, they leave room for another plan.
    pub fn is_out_of_steps(&self) -> bool {
        !self.is_ended && !self.unmet.is_empty() && self.steps.len() >= STEPS_MAX
    }

    /// Elements altered or added in all.
    pub fn changes(&self) -> usize {
        self.steps.iter().map(|s| s.changes).sum()
    }

    /// What all of it costs more a month than a design; `None` where something that is added has no stated cost.
    pub fn added_cost(&self, before: &Design) -> Option<f64> {
        Cost::added(before, &self.design)
    }

    /// All steps as one fix: one undoable command.
    pub fn fix(&self) -> Fix {
        let count = self.steps.len();
        let title = match &self.steps[..] {
            [only] => only.fix.title.clone(),
            _ => format!("Harden the design in {count} steps"),
        };
        let mut changes: Vec<Change> = Vec::new();
        for change in self.steps.iter().flat_map(|s| &s.fix.changes) {
            lay_over(&mut changes, change);
        }
        Fix { title, changes }
    }
}

/// Adds a change to those before it; of what was changed or added before, only the last state is kept.
fn lay_over(changes: &mut Vec<Change>, change: &Change) {
    let done = changes.iter_mut().any(|before| match (before, change) {
        (
            Change::ReplaceComponent(old) | Change::AddComponent { component: old, .. },
            Change::ReplaceComponent(new),
        ) if old.id == new.id => {
            old.clone_from(new);
            true
        }
        (Change::ReplaceLink(old) | Change::AddLink(old), Change::ReplaceLink(new)) if old.id == new.id => {
            old.clone_from(new);
            true
        }
        (Change::ReplaceJourney(old) | Change::AddJourney(old), Change::ReplaceJourney(new))
            if old.id == new.id =>
        {
            old.clone_from(new);
            true
        }
        (Change::ReplaceCause(old) | Change::AddCause(old), Change::ReplaceCause(new))
            if old.id == new.id =>
        {
            old.clone_from(new);
            true
        }
        _ => false,
    });
    if !done {
        changes.push(change.clone());
    }
}
