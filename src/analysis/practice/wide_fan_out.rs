//! Wide fan-out: one request that waits for many others at once.

use std::collections::BTreeSet;

use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::{Hop, VisitedSlot};
use crate::design::{ElementId, Keys, Need, Op};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "wide-fan-out",
        title: "Wide fan-out",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "Whoever waits for all of n answers waits for the slowest: if one answer in a hundred is slow, of \
              requests that need ten of them one in ten is, and of those that need a hundred two in three are.",
        detected: "In a drawn journey one component needs eight or more answers for one request: its needed targets, \
              a sharded store that is asked for all keys counting once for each shard.",
        fix: "Ask fewer, answer with what has come in time (an optional or k-of-n need), or keep a ready-made \
              answer.",
        false_alarm: "The targets are fast and even, and nobody has promised a 99th percentile.",
        source: "Dean and Barroso, The Tail at Scale (CACM 56(2), 2013)",
    },
    check,
};

/// From this many on the slowest of them decides.
const WIDTH_MIN: u32 = 8;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.drawn_routes() {
        for hop in route.hops.iter().filter(|h| !h.standing) {
            let caller = facts.target_of(hop);
            let width: u32 = hop.slots.iter().map(|s| awaited(facts, &route.hops, s)).sum();
            if width < WIDTH_MIN || !said.insert(caller.id.as_str()) {
                continue;
            }
            // Of a hundred answers one is slow.
            let slow = 100.0 * (1.0 - 0.99_f64.powi(width as i32));
            let text = format!(
                "one request to {} waits for {width} answers: if each is slow once in a hundred times, it is {slow:.0} times",
                facts.name(caller)
            );
            let targets =
                hop.slots.iter().flat_map(|s| &s.hops).map(|h| &facts.target_of(&route.hops[*h]).id);
            out.push(
                Finding::new(RULE.card.id, Severity::Info, vec![ElementId::from(&caller.id)], text)
                    .journeys([route.journey.clone()])
                    .witness(std::iter::once(&caller.id).chain(targets).map(ElementId::from).collect()),
            );
        }
    }
}

/// How many answers a request waits for in a slot.
fn awaited(facts: &Facts<'_>, hops: &[Hop], slot: &VisitedSlot) -> u32 {
    let waits = |h: &&usize| !matches!(hops[**h].op, Op::Publish | Op::Deliver);
    let each = slot
        .hops
        .iter()
        .filter(waits)
        .map(|h| if hops[*h].keys == Keys::All { facts.target_of(&hops[*h]).shards() } else { 1 });
    match slot.need {
        Need::All => each.sum(),
        Need::Any => each.max().unwrap_or(0),
        Need::KOf(k) => each.sum::<u32>().min(k),
        Need::Optional => 0,
    }
}
