//! Which pairs of failures are worth trying: some that take a journey down only together, and as many that do not.
//!
//! All pairs are too many for a live cluster, so they are drawn: the pairs that count from the minimal cut sets of order
//! two of every journey, the others among the elements that some journey needs.

use std::collections::BTreeSet;

use super::plan::{Experiment, FaultClass, claims};
use crate::analysis::failure::journeys::{Scope, lost};
use crate::analysis::failure::solve::{Question, solve};
use crate::deploy::Deployment;
use crate::design::ElementId;
use crate::impact::{Conditions, Down, Outcome, Reading, World, evaluate};

/// Cut sets of a journey that are drawn from.
const CUTS_MAX: usize = 1 << 14;
/// Draws for each pair that is no cut.
const DRAWS: usize = 64;

type Pair = (ElementId, ElementId);

/// Up to `count` pairs of instances, zones or causes that lose a journey which neither loses alone, and up to `count`
/// pairs that lose none; the same for the same seed. Pairs of which one takes the other along are not drawn.
///
/// Solves the fault tree of every journey to order two.
pub fn pairs(deployment: &Deployment, count: usize, seed: u64) -> Vec<Experiment> {
    let mut random = fastrand::Rng::with_seed(seed);
    let Drawn { cuts, elements } = draw(deployment);
    let mut cuts: Vec<Pair> = cuts.into_iter().collect();
    random.shuffle(&mut cuts);
    let mut chosen: Vec<Pair> = cuts.iter().take(count).cloned().collect();

    let elements: Vec<ElementId> = elements.into_iter().collect();
    let mut harmless: BTreeSet<Pair> = BTreeSet::new();
    for _ in 0..count * DRAWS {
        if harmless.len() == count || elements.len() < 2 {
            break;
        }
        let drawn = random.choose_multiple(elements.iter(), 2);
        let pair = ordered(drawn[0].clone(), drawn[1].clone());
        if is_harmless(deployment, &pair) {
            harmless.insert(pair);
        }
    }
    chosen.extend(harmless);
    chosen.into_iter().map(|(a, b)| pair(deployment, a, b)).collect()
}

/// Every pair that loses a journey which neither loses alone, each once, in the order of their names.
pub(super) fn cut_pairs(deployment: &Deployment) -> BTreeSet<Pair> {
    draw(deployment).cuts
}

/// What pairs are drawn from.
struct Drawn {
    /// The minimal cut sets of order two of all journeys.
    cuts: BTreeSet<Pair>,
    /// What some journey needs.
    elements: BTreeSet<ElementId>,
}

fn draw(deployment: &Deployment) -> Drawn {
    let question = Question {
        order: Some(2),
        listed_max: CUTS_MAX,
        probability: false,
        importance: false,
        ..Question::default()
    };
    let (mut cuts, mut elements) = (BTreeSet::new(), BTreeSet::new());
    for route in &deployment.routes {
        let tree = lost(deployment, route, Scope::default());
        let name = |event: u32| ElementId::new(tree.events[event as usize].name.as_str());
        elements.extend((0..tree.events.len() as u32).map(name));
        let listed = solve(&tree, &question).ok().and_then(|s| s.cut_sets).map(|c| c.listed);
        for set in listed.iter().flatten() {
            if let [a, b] = set[..] {
                cuts.insert(ordered(name(a), name(b)));
            }
        }
    }
    Drawn { cuts, elements }
}

/// Two failures at once, and what becomes of every journey.
pub fn pair(deployment: &Deployment, a: ElementId, b: ElementId) -> Experiment {
    let pair = ordered(a, b);
    let (fault, world) = (format!("{}+{}", pair.0, pair.1), world(&pair));
    let claims = claims(&fault, &evaluate(deployment, &world, Reading::Settled));
    Experiment { fault, class: FaultClass::Pair, world, claims }
}

fn ordered(a: ElementId, b: ElementId) -> Pair {
    if a <= b { (a, b) } else { (b, a) }
}

fn world((a, b): &Pair) -> World {
    World::losing(a.clone()).and_down(b.clone(), Down::Refusing)
}

/// Whether each of two failures adds something to the other, and no journey is lost by both.
fn is_harmless(deployment: &Deployment, pair: &Pair) -> bool {
    let left = |world: &World| {
        let conditions = Conditions::new(deployment, world);
        (0..deployment.instances.len()).filter(|i| conditions.is_up(*i)).count()
    };
    let both = world(pair);
    let alone = left(&World::losing(pair.0.clone())).min(left(&World::losing(pair.1.clone())));
    left(&both) < alone
        && evaluate(deployment, &both, Reading::Settled)
            .iter()
            .all(|journey| journey.outcome != Outcome::Lost && !journey.unstable)
}
