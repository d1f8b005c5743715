//! A timeout that is longer than the caller's: nobody is left to hear the answer, and no second try fits.

use std::collections::BTreeSet;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::{Hop, Route, VisitedSlot};
use crate::design::{ElementId, Kind, Link, Millis, Need, Op, Policy};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "late-timeout",
        title: "Timeout longer than the caller's",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "When the caller has given up, the rest is work for nobody; and a silent target uses up all the time, so \
              that the second target is never asked although it would have answered.",
        detected: "Tries x timeout + pauses of a slot are longer than the time that the caller has left: the journey's \
                   deadline at the client, below it the timeout of the try that is being served. Only tries at distinct \
                   targets count.",
        fix: "Shorten the timeout until all tries fit.",
        false_alarm: "The work must go on after the caller has left; then a queue says so better.",
        source: "Dean and Barroso, The Tail at Scale (CACM 56(2), 2013); Google SRE book, chapter 22: deadline propagation",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.routes() {
        judge(facts, route, &route.root, route.deadline, None, &mut said, out);
        for (i, hop) in route.hops.iter().enumerate() {
            // A consumer has its own time, and a resolver's answer is walked by the asker.
            if hop.op != Op::Deliver && facts.target_of(hop).kind != Kind::Dns {
                judge(facts, route, &hop.slots, hop.timeout, Some(i), &mut said, out);
            }
        }
    }
}

fn judge<'a>(
    facts: &Facts<'a>,
    route: &Route,
    slots: &[VisitedSlot],
    left: Millis,
    at: Option<usize>,
    said: &mut BTreeSet<&'a str>,
    out: &mut Vec<Finding>,
) {
    for slot in slots {
        let tries = f64::from(slot.tries.min(targets(facts, route, slot)).max(1));
        let pauses = (tries - 1.0) * slot.backoff.get();
        let late: Vec<(usize, &Hop, &'a Link)> = slot
            .hops
            .iter()
            .map(|h| (*h, &route.hops[*h], facts.link_of(&route.hops[*h])))
            .filter(|(_, h, l)| l.policy.timeout.is_some() && tries * h.timeout.get() + pauses > left.get())
            .collect();
        for (i, hop, link) in late {
            if !said.insert(link.id.as_str()) {
                continue;
            }
            let needs = Millis(tries * hop.timeout.get() + pauses);
            let caller =
                at.map_or(&facts.design.components[route.client], |a| facts.target_of(&route.hops[a]));
            let tries_text = if tries > 1.0 {
                format!("{tries} tries of {}", hop.timeout)
            } else {
                hop.timeout.to_string()
            };
            let text = format!(
                "{} waits {tries_text} for {}, {needs} in all, but has only {} left for it in {}",
                facts.name(caller),
                facts.name(facts.target_of(hop)),
                tidy(left),
                route.title,
            );
            let fitting = Millis((0.95 * (left.get() - pauses) / tries).floor());
            let mut finding =
                Finding::new(RULE.card.id, Severity::Warning, vec![ElementId::from(&link.id)], text)
                    .journeys([route.journey.clone()])
                    .witness(facts.way(route, i));
            if fitting.get() >= 1.0 {
                let policy = Policy { timeout: Some(fitting), ..link.policy.clone() };
                let change = Change::ReplaceLink(Box::new(Link { policy, ..link.clone() }));
                finding = finding.fix(format!("Shorten the timeout to {fitting}"), vec![change]);
            }
            out.push(finding);
        }
    }
}

fn tidy(time: Millis) -> Millis {
    Millis(time.get().round())
}

/// How many distinct targets a slot offers to one request.
fn targets(facts: &Facts<'_>, route: &Route, slot: &VisitedSlot) -> u32 {
    let of = |h: &usize| {
        let target = facts.target_of(&route.hops[*h]);
        if target.kind.is_replicated() { 1 } else { target.replicas.max(1) }
    };
    let each = slot.hops.iter().map(of);
    if slot.need == Need::Any { each.sum() } else { each.max().unwrap_or(1) }
}
