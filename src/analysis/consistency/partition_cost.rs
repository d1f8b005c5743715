//! What a partition costs a journey: the side on which its required consistency means no answer.

use std::collections::BTreeSet;

use super::partition::{Partition, partitions};
use super::{PartitionView, SideView, model_name, named, partition_view};
use crate::analysis::facts::listed;
use crate::analysis::{Experiment, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::{Group, Hop, Route, implies, replica_gives};
use crate::design::{Consistency, ElementId, Kind, Op, ReadFrom};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "partition-cost",
        title: "A partition costs availability or consistency",
        family: RuleFamily::Consistency,
        severity: Severity::Error,
        why: "During a partition a store can refuse on one side, or answer on both and be wrong. The journey has said \
              what its answers must keep; this is what that costs, and on which side.",
        detected: "A step states a required consistency. For every partition between the zones of the store's replicas, each \
                   side that has replicas and callers is asked whether it can still read and write, and what the answers \
                   are worth. Wrong answers are an error. A refusal is a note where no store could do better (linearizable \
                   and sequential), else a warning.",
        fix: "Accept the refusal, ask for less, or choose a mode that keeps the requirement on every side.",
        false_alarm: "The zones never lose each other while both have users.",
        source: "Gilbert and Lynch (2002); Bailis et al., Highly Available Transactions (VLDB 2013)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let deployment = &facts.deployment;
    for (g, group) in deployment.groups.iter().enumerate() {
        let store = &facts.design.components[group.members[0]];
        let steps: Vec<(&Route, usize, &Hop, Consistency)> = facts
            .routes()
            .iter()
            .flat_map(|r| r.hops.iter().enumerate().map(move |(i, h)| (r, i, h)))
            .filter(|(_, _, h)| deployment.group_of[h.target] == Some(g))
            .filter_map(|(r, i, h)| h.consistency.map(|c| (r, i, h, c)))
            .collect();
        if steps.is_empty() {
            continue;
        }
        let all: Vec<(Partition, PartitionView)> = partitions(deployment, group)
            .into_iter()
            .map(|p| {
                let seen = partition_view(deployment, group, &p);
                (p, seen)
            })
            .collect();
        let mut said = BTreeSet::new();
        for (route, i, hop, wanted) in steps {
            let cost = all
                .iter()
                .find_map(|(p, seen)| cost(facts, route, group, hop, wanted, p, seen).map(|c| (seen, c)));
            let Some((seen, (side, what, severity))) = cost else { continue };
            if !said.insert((route.journey.as_str(), what)) {
                continue;
            }
            let zones: Vec<&str> = side.zones.iter().map(|z| facts.zone_name(z.as_str())).collect();
            let place =
                if zones.is_empty() { "outside".to_owned() } else { format!("in {}", zones.join(" and ")) };
            // Of two sides, the one that suffers is told as the one that cannot reach the other.
            let others: Vec<&SideView> = seen.sides.iter().filter(|s| !std::ptr::eq(*s, side)).collect();
            let apart = match &others[..] {
                [other] if !side.zones.is_empty() && !other.zones.is_empty() => {
                    let names = |s: &SideView| listed(s.zones.iter().map(|z| facts.zone_name(z.as_str())), 5);
                    format!("{} cannot reach {}", names(side), names(other))
                }
                _ => format!("{} cannot reach each other", named(facts, seen)),
            };
            let text = match what {
                What::Wrong => format!(
                    "while {apart}, {} gets answers from {} that are only {} and not {}",
                    route.title,
                    facts.name(store),
                    model_name(seen.model),
                    model_name(wanted),
                ),
                What::NoWrite | What::NoRead => format!(
                    "while {apart}, {} cannot {} {} {place}{}",
                    route.title,
                    if what == What::NoWrite { "write to" } else { "read" },
                    facts.name(store),
                    if severity == Severity::Info {
                        format!(": that is the price of being {}", model_name(wanted))
                    } else {
                        format!(", although {} could be kept on every side", model_name(wanted))
                    },
                ),
            };
            let word = match what {
                What::Wrong => "wrong",
                What::NoWrite => "write",
                What::NoRead => "read",
            };
            let name = facts.name(store);
            let title = match what {
                What::Wrong => format!("Partition: wrong answers from {name}"),
                What::NoWrite => format!("Partition: no writes to {name} {place}"),
                What::NoRead => format!("Partition: no reads of {name} {place}"),
            };
            let mut finding = Finding::new(RULE.card.id, severity, vec![ElementId::from(&store.id)], text)
                .titled(title)
                .named([route.journey.as_str(), store.id.as_str(), word])
                .journeys([route.journey.clone()])
                .witness(facts.way(route, i));
            if let Some(cuts) = &seen.cuts {
                finding = finding.experiment(Experiment { cut: cuts.clone(), ..Experiment::default() });
            }
            out.push(finding);
        }
    }
}

/// What a partition takes from a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Wrong,
    NoWrite,
    NoRead,
}

fn cost<'v>(
    facts: &Facts<'_>,
    route: &Route,
    group: &Group,
    hop: &Hop,
    wanted: Consistency,
    partition: &Partition,
    seen: &'v PartitionView,
) -> Option<(&'v SideView, What, Severity)> {
    let callers = caller_blocks(facts, route, hop, partition);
    let refusal = if matches!(wanted, Consistency::Linearizable | Consistency::Sequential) {
        Severity::Info
    } else {
        Severity::Warning
    };
    let by_one = hop.op == Op::Read && matches!(hop.from, ReadFrom::Any | ReadFrom::Nearest);
    for (block, side) in seen.sides.iter().enumerate() {
        if side.ability.replicas == 0 || !callers.contains(&block) {
            continue;
        }
        // Two sides that write are wrong for both; the modes that always are, are said by `unmet-consistency`.
        let was_right = implies(super::strength(group), wanted);
        if seen.is_split && !by_one && was_right && !implies(seen.model, wanted) && side.ability.write > 0.0 {
            return Some((side, What::Wrong, Severity::Error));
        }
        let writes = matches!(hop.op, Op::Write | Op::Call | Op::Publish);
        if writes && side.ability.write < 1.0 {
            return Some((side, What::NoWrite, refusal));
        }
        let reads = match hop.op {
            Op::Read if by_one && replica_gives(&group.mode, wanted) => side.ability.stale,
            Op::Read | Op::Call => side.ability.read,
            _ => 1.0,
        };
        if reads < 1.0 {
            return Some((side, What::NoRead, refusal));
        }
    }
    None
}

/// The sides on which the callers of a step stand.
fn caller_blocks(facts: &Facts<'_>, route: &Route, hop: &Hop, partition: &Partition) -> BTreeSet<usize> {
    let deployment = &facts.deployment;
    let caller = facts.caller_of(hop).filter(|c| c.kind != Kind::Client);
    let places: Vec<Option<usize>> = match caller.and_then(|c| facts.index(&c.id)) {
        Some(c) => deployment.components[c].instances.clone().map(|i| deployment.instances[i].zone).collect(),
        None => route.zones.iter().map(|z| z.zone).collect(),
    };
    places.into_iter().filter_map(|p| partition.block_of(deployment, p)).collect()
}
