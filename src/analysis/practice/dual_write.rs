//! One request, two places that keep it, and nothing that ties them together.

use std::collections::BTreeSet;

use crate::analysis::facts::{computes, listed};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, Kind, Link, Need, Op};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "dual-write",
        title: "Dual write",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A crash between the two writes leaves the order without its event, or the event without its order, and \
              no later run notices: each place is consistent in itself. It happens on every deployment, to a few.",
        detected: "In a drawn journey one component writes or publishes to two or more stores, queues or streams that are not \
              copies of each other, users wait for it, and more than one of these links states no outbox. Work behind a queue \
              is left alone: it is delivered again until both are done.",
        fix: "Write once, together with a record of what is still to be sent; send it from that record until it is \
              acknowledged (transactional outbox), or let the log of the first feed the second (change data capture).",
        false_alarm: "The second can be rebuilt from the first, and something compares the two regularly.",
        source: "Richardson, Microservices Patterns, chapter 3: transactional outbox (Manning 2018); Kleppmann, Designing \
              Data-Intensive Applications, chapter 11 (O'Reilly 2017)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.drawn_routes() {
        for (i, hop) in route.hops.iter().enumerate() {
            let c = facts.target_of(hop);
            if !(computes(c.kind) || c.kind == Kind::Worker) || facts.is_in_effect(route, i) {
                continue;
            }
            let slots = hop.slots.iter().filter(|s| s.need != Need::Optional);
            let mut places: BTreeSet<usize> = BTreeSet::new();
            let mut links: Vec<&Link> = Vec::new();
            for write in slots.flat_map(|s| &s.hops).map(|h| &route.hops[*h]) {
                let target = facts.target_of(write);
                let keeps = target.kind.is_store() || target.kind.is_messaging();
                let is_write = matches!(write.op, Op::Write | Op::Publish) && !write.standing;
                let Some(group) = facts.deployment.group_of[write.target].filter(|_| keeps && is_write)
                else {
                    continue;
                };
                if places.insert(group) {
                    links.push(facts.link_of(write));
                }
            }
            // One of them is the write that the others are recorded with.
            let open: Vec<&Link> = links.iter().copied().filter(|l| !l.outbox).collect();
            if links.len() < 2 || open.len() < 2 || !said.insert(c.id.as_str()) {
                continue;
            }
            let names = links.iter().filter_map(|l| facts.component(&l.to)).map(|t| facts.name(t));
            let text = format!(
                "{} writes to {}, and a crash between leaves one without the other",
                facts.name(c),
                listed(names, 4)
            );
            let changes = open[1..].iter().map(|l| Change::link(l, |l| l.outbox = true)).collect();
            let mut witness = facts.way(route, i);
            witness.extend(links.iter().flat_map(|l| [ElementId::from(&l.id), ElementId::from(&l.to)]));
            out.push(
                facts
                    .about(RULE.card, Severity::Warning, c, text)
                    .witness(witness)
                    .fix("Send it from an outbox", changes),
            );
        }
    }
}
