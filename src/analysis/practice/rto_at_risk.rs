//! Recovery times: how long it takes to be back against how long it may take.

use std::collections::BTreeSet;

use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, Failover, Millis, Op, ReadFrom, Replication, Restart};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "rto-at-risk",
        title: "Back later than was promised",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A promise of minutes cannot rest on a person who has to wake up, log in and decide. What recovers by \
              itself takes its detection time; what does not takes a person.",
        detected: "A drawn journey states a recovery time objective and needs a store with manual failover or with \
              one copy and no restart, for which 30 minutes or the stated time to repair are reckoned; or its \
              failover or restart takes longer than the objective.",
        fix: "Let voters choose a new primary by themselves, detect earlier, or promise less.",
        false_alarm: "A person is always awake and practised; then state the time to repair.",
        source: "ISO 22301, recovery time objective; AWS Resilience Hub: estimated workload RTO",
    },
    check,
};

/// Until a person is awake, has understood, and has acted.
const PERSON: Millis = Millis(30.0 * 60_000.0);

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.drawn_routes() {
        let objective = facts.drawn(route).and_then(|j| j.objective.as_ref());
        let Some(rto) = objective.and_then(|o| o.rto) else { continue };
        for (i, hop) in route.hops.iter().enumerate().filter(|(i, _)| !facts.is_in_effect(route, *i)) {
            let c = facts.target_of(hop);
            // Any copy answers these, whoever leads.
            if hop.op == Op::Read
                && matches!(hop.from, ReadFrom::Any | ReadFrom::Nearest)
                && has_copies(facts, hop.target)
            {
                continue;
            }
            let Some((takes, why)) = recovery(facts, hop.target, c).filter(|(t, _)| *t > rto) else {
                continue;
            };
            if !said.insert((route.journey.as_str(), c.id.as_str())) {
                continue;
            }
            let text = format!(
                "{} is to be back within {rto}, and {} takes {takes}: {why}",
                route.title,
                facts.name(c)
            );
            out.push(
                facts
                    .about(RULE.card, Severity::Warning, c, text)
                    .named([c.id.as_str(), route.journey.as_str()])
                    .journeys([route.journey.clone()])
                    .witness(facts.way(route, i)),
            );
        }
    }
}

fn has_copies(facts: &Facts<'_>, index: usize) -> bool {
    let group = facts.deployment.group_of[index].map(|g| &facts.deployment.groups[g]);
    group.is_some_and(|g| g.shards.iter().all(|s| s.len() > 1))
}

/// How long it takes until what is lost with a primary or only copy is back, and by whom.
fn recovery(facts: &Facts<'_>, index: usize, c: &Component) -> Option<(Millis, &'static str)> {
    let group = &facts.deployment.groups[facts.deployment.group_of[index]?];
    let repaired = c.reliability.map(|r| r.mttr);
    match &group.mode {
        Replication::None => Some(match (c.restart, repaired) {
            (Restart::After(time), _) => (time, "it is started again"),
            (Restart::Never, Some(time)) => (time, "its stated time to repair"),
            (Restart::Never, None) => (PERSON, "it has one copy, and a person has to bring it back"),
        }),
        Replication::PrimaryBackup(pb) if pb.failover == Failover::Manual => {
            Some((repaired.unwrap_or(PERSON), "a person has to choose a new primary"))
        }
        Replication::PrimaryBackup(pb) => Some((pb.detect_after(), "until the primary counts as lost")),
        Replication::Consensus(c) => {
            Some((c.election_timeout.unwrap_or(Millis(1000.0)), "until the leader counts as lost"))
        }
        Replication::Chain(_) | Replication::Quorum(_) | Replication::MultiPrimary(_) => None,
    }
}
