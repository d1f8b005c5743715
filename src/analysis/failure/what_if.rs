//! What a world leaves of each journey, and why: the way that fails, who takes over where it does not, and what would have
//! to fail besides.
//!
//! The ways are those of the direct reading ([`impact::trace`]); what would have to fail besides are the minimal cut sets of
//! order 1 and 2 of the journey's fault tree with everything that is broken set to failed. Under a partition that is not
//! transitive those leave open who leads.

use rayon::prelude::*;

use super::journeys::{Scope, lost_besides};
use super::solve::{Question, solve};
use crate::deploy::{Deployment, Route};
use crate::design::ElementId;
use crate::impact::{self, Conditions, JourneyOutcome, Outcome, Reading, Trace, World};

/// Further sets that are listed for a journey.
const SETS_MAX: usize = 64;
/// The largest further set.
const ORDER_MAX: u32 = 2;
/// Nodes of a diagram: what is asked here is answered at once or said to be unknown.
const NODES_MAX: usize = 1 << 20;

/// What becomes of a journey in a world, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What is left of it.
    pub outcome: JourneyOutcome,
    /// The way that fails and who takes over.
    pub trace: Trace,
    /// What would lose it besides. `None` if it is lost, or read at once.
    pub besides: Option<Besides>,
}

/// The smallest further sets that would lose a journey.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Besides {
    /// Minimal sets of instances, zones and causes, smallest first.
    pub sets: Vec<Vec<ElementId>>,
    /// How many more there are of one or two elements.
    pub more: u64,
    /// Whether the budget sufficed; without, nothing is listed.
    pub is_known: bool,
}

/// What becomes of every journey in a world, in route order.
pub fn what_if(deployment: &Deployment, world: &World, reading: Reading) -> Vec<Answer> {
    let conditions = Conditions::new(deployment, world);
    deployment
        .routes
        .par_iter()
        .map(|route| {
            let outcome = impact::read_route(deployment, &conditions, route, reading);
            let trace = impact::trace(deployment, &conditions, route, reading);
            let besides = (outcome.outcome != Outcome::Lost && reading == Reading::Settled)
                .then(|| besides(deployment, &conditions, route));
            Answer { outcome, trace, besides }
        })
        .collect()
}

/// The smallest further sets that would lose a journey that is not lost.
pub fn besides(deployment: &Deployment, conditions: &Conditions<'_>, route: &Route) -> Besides {
    let tree = lost_besides(deployment, route, Scope::default(), conditions);
    let question = Question {
        order: Some(ORDER_MAX),
        listed_max: 1 << 16,
        probability: false,
        importance: false,
        nodes_max: NODES_MAX,
        ..Question::default()
    };
    // Nobody raises a flag; what else can stop is the budget.
    let Some(cut_sets) = solve(&tree, &question).ok().and_then(|s| s.cut_sets) else {
        return Besides::default();
    };
    if cut_sets.complete_to.is_some_and(|to| to < ORDER_MAX) {
        return Besides::default();
    }
    let named = |set: &Vec<u32>| -> Vec<ElementId> {
        set.iter().map(|e| ElementId::new(tree.events[*e as usize].name.as_str())).collect()
    };
    let sets: Vec<Vec<ElementId>> = cut_sets.listed.iter().take(SETS_MAX).map(named).collect();
    let total: f64 = cut_sets.total().to_string().parse().unwrap_or(f64::MAX);
    // So many pairs that a float rounds are so many that nobody counts them.
    let more = (total - sets.len() as f64).max(0.0) as u64;
    Besides { sets, more, is_known: true }
}
