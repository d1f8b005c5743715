//! Pairs that stop a journey although neither does alone: what is left to mend where nothing alone stops it any more.
//!
//! They are the minimal cut sets of order two, put together by component, and count by the chance that both have failed.

use std::collections::BTreeMap;

use super::standing::{Cut, class_of};
use super::trials::{Sketch, Trials};
use crate::analysis::failure::effort::Clock;
use crate::analysis::failure::solve::{Question, solve};
use crate::design::ElementId;

/// Sets of a journey that are looked through.
const LISTED_MAX: usize = 1 << 14;

/// The pairs that stop a journey, what contributes most to its being lost first, at most so many.
pub(super) fn worst_pairs(sketch: &Sketch, route: usize, most: usize, trials: &Trials<'_>) -> Vec<Cut> {
    let tree = sketch.lost(route);
    let clock = || if trials.go_on() { 0.0 } else { 1.0 };
    let question = Question {
        order: Some(2),
        listed_max: LISTED_MAX,
        probability: false,
        importance: false,
        clock: Some(Clock(&clock)),
        ..Question::default()
    };
    let listed = solve(&tree, &question).ok().and_then(|s| s.cut_sets).map(|c| c.listed);
    let mut chances: BTreeMap<Cut, f64> = BTreeMap::new();
    for set in listed.into_iter().flatten() {
        let [a, b] = set[..] else { continue };
        let event = |e: u32| {
            let event = &tree.events[e as usize];
            let class = class_of(sketch.deployment(), &event.name);
            (class, ElementId::new(event.name.as_str()), event.probability.unwrap_or(0.0))
        };
        let ((class, element, chance), (other_class, other, other_chance)) = (event(a), event(b));
        let pair = Cut { class, element, beside: Some((other_class, other)) };
        *chances.entry(pair.whole()).or_default() += chance * other_chance;
    }
    let mut pairs: Vec<(Cut, f64)> = chances.into_iter().filter(|(_, chance)| *chance > 0.0).collect();
    pairs.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    pairs.into_iter().take(most).map(|(pair, _)| pair).collect()
}
