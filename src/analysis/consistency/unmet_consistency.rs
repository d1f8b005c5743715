//! A required consistency that the store never gives, partition or not.

use std::collections::BTreeSet;

use super::{model_name, sizes, strength};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::{Group, Hop, implies, replica_gives};
use crate::design::{
    Component, Consistency, ElementId, Journey, LinkId, Merge, MultiPrimary, Op, Quorum, ReadFrom,
    Replication, Step,
};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "unmet-consistency",
        title: "Required consistency is never given",
        family: RuleFamily::Consistency,
        severity: Severity::Error,
        why: "The journey asks for answers of a strength that the store cannot give even when all is well; what is built \
              on it shows old or contradictory data.",
        detected: "A step requires a model that its reads do not keep by the mode of the store: reads from any replica of a \
                   primary-backup, chain or consensus group beyond a prefix of the history, quorums with R + W at or below N \
                   beyond eventual, several primaries beyond what their merge gives.",
        fix: "Read from the leader, enlarge the quorums, or ask for less.",
        false_alarm: "None: either the requirement or the mode is not what was meant.",
        source: "Consistency map of jepsen.io; Gifford, Weighted Voting (SOSP 1979)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.routes() {
        for (i, hop) in route.hops.iter().enumerate() {
            let Some(group) = facts.deployment.group_of[hop.target].map(|g| &facts.deployment.groups[g])
            else {
                continue;
            };
            let Some(wanted) = hop.consistency.filter(|c| !gives(group, hop, *c)) else { continue };
            let link = facts.link_of(hop);
            if !said.insert((route.journey.as_str(), link.id.as_str())) {
                continue;
            }
            let store = facts.target_of(hop);
            let from = match hop.from {
                ReadFrom::Any | ReadFrom::Nearest => "reads any replica of",
                ReadFrom::Leader | ReadFrom::Quorum => "uses",
            };
            let text = format!(
                "{} asks for {} and {from} {}, which gives that at no time",
                route.title,
                model_name(wanted),
                facts.name(store)
            );
            let mut finding =
                Finding::new(RULE.card.id, Severity::Error, vec![ElementId::from(&store.id)], text)
                    .named([route.journey.as_str(), link.id.as_str()])
                    .journeys([route.journey.clone()])
                    .witness(facts.way(route, i));
            if let Some((title, change)) = mend(facts, group, route.journey.as_str(), hop, store, wanted) {
                finding = finding.fix(title, vec![change]);
            }
            out.push(finding);
        }
    }
}

/// Whether an answer of this step keeps the model while nothing is broken.
fn gives(group: &Group, hop: &Hop, wanted: Consistency) -> bool {
    if !matches!(hop.op, Op::Read | Op::Call) {
        return true;
    }
    let by_one = hop.op == Op::Read && matches!(hop.from, ReadFrom::Any | ReadFrom::Nearest);
    if by_one && group.shards.iter().any(|s| s.len() > 1) {
        replica_gives(&group.mode, wanted)
    } else {
        implies(strength(group), wanted)
    }
}

fn mend(
    facts: &Facts<'_>,
    group: &Group,
    journey: &str,
    hop: &Hop,
    store: &Component,
    wanted: Consistency,
) -> Option<(String, Change)> {
    let by_one = matches!(hop.from, ReadFrom::Any | ReadFrom::Nearest);
    if by_one && implies(strength(group), wanted) {
        let mut mended = Journey::clone(facts.design.journey(journey)?);
        read_from_leader(&mut mended.steps, &facts.link_of(hop).id);
        return Some(("Read from the leader".to_owned(), Change::ReplaceJourney(Box::new(mended))));
    }
    let mode = match &group.mode {
        Replication::Quorum(q) => {
            let (n, _, _) = sizes(q, group.homes(0).len());
            let majority = (n / 2 + 1) as u32;
            Replication::Quorum(Quorum { r: majority, w: majority, sloppy: false, ..q.clone() })
        }
        Replication::MultiPrimary(_) if implies(Consistency::Causal, wanted) => {
            Replication::MultiPrimary(MultiPrimary { merge: Merge::Crdt })
        }
        _ => return None,
    };
    if by_one || group.members.len() > 1 {
        return None;
    }
    let title = match &mode {
        Replication::Quorum(q) => format!("Read and write {} copies", q.w),
        _ => "Merge by a replicated data type".to_owned(),
    };
    let change = Component { replication: Some(mode), ..store.clone() };
    Some((title, Change::ReplaceComponent(Box::new(change))))
}

fn read_from_leader(steps: &mut [Step], link: &LinkId) {
    for step in steps {
        if step.link == *link {
            step.from = ReadFrom::Leader;
        }
        read_from_leader(&mut step.then, link);
    }
}
