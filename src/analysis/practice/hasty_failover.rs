//! Hasty failovers: a slow network is taken for a dead primary.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Group;
use crate::design::{Failover, Heartbeat, Interaction, Link, Millis, Network, Replication};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "hasty-failover",
        title: "Failover too hasty",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Every slow second becomes a failover, every failover a moment without writes, and the old primary, \
              which was well, has to be shut out. Under load it goes round and round.",
        detected: "The time after which a primary counts as lost is less than five round trips of the slowest drawn \
              replicate or heartbeat link between the copies, by its stated latency and jitter.",
        fix: "Wait longer, at least ten round trips, or measure the network before you trust it.",
        false_alarm: "The stated latency is that of a rare bad day.",
        source: "Ongaro and Ousterhout, In Search of an Understandable Consensus Algorithm (USENIX ATC 2014), \
              section 5.6",
    },
    check,
};

/// Fewer round trips than this, and a hiccup is a failover.
const TRIPS_MIN: f64 = 5.0;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for group in &facts.deployment.groups {
        let detect = match &group.mode {
            Replication::PrimaryBackup(pb) if pb.failover == Failover::Automatic => pb.detect_after(),
            Replication::Consensus(c) => c.election_timeout.unwrap_or(Millis(1000.0)),
            _ => continue,
        };
        let links = group.replicate_links.iter().map(|l| &facts.design.links[*l]);
        let Some(slowest) = links.max_by(|a, b| trip(&a.network).total_cmp(&trip(&b.network))) else {
            continue;
        };
        if detect.get() >= TRIPS_MIN * trip(&slowest.network) {
            continue;
        }
        let text = format!(
            "a primary counts as lost after {detect}, and one round trip along {} takes up to {}",
            facts.link_name(slowest),
            Millis(trip(&slowest.network))
        );
        let finding = facts.about_link(RULE.card, Severity::Warning, slowest, text);
        out.push(match patient(facts, group, Millis((2.0 * TRIPS_MIN * trip(&slowest.network)).ceil())) {
            Some((title, change)) => finding.fix(title, vec![change]),
            None => finding,
        });
    }
    for link in facts.design.links.iter().filter(|l| l.interaction == Interaction::Heartbeat) {
        let beat = link.heartbeat.unwrap_or_default();
        let detect = Millis(beat.every().get() * f64::from(beat.misses()));
        if detect.get() >= TRIPS_MIN * trip(&link.network) {
            continue;
        }
        let text = format!(
            "the standby takes over after {detect} of silence, and one round trip along {} takes up to {}",
            facts.link_name(link),
            Millis(trip(&link.network))
        );
        let every = Millis((2.0 * TRIPS_MIN * trip(&link.network) / f64::from(beat.misses())).ceil());
        let slower = Change::link(link, |l| l.heartbeat = Some(Heartbeat { every: Some(every), ..beat }));
        out.push(
            facts
                .about_link(RULE.card, Severity::Warning, link, text)
                .fix(format!("Beat every {every}"), vec![slower]),
        );
    }
}

/// The longest that a message and its answer take, in milliseconds.
fn trip(network: &Network) -> f64 {
    let one_way = network.latency.unwrap_or_default().get() + network.jitter.unwrap_or_default().get();
    2.0 * one_way
}

/// The drawn mode with a longer wait.
fn patient(facts: &Facts<'_>, group: &Group, wait: Millis) -> Option<(String, Change)> {
    let mut mode = group.mode.clone();
    match &mut mode {
        Replication::PrimaryBackup(pb) => pb.detect_after = Some(wait),
        Replication::Consensus(c) => c.election_timeout = Some(wait),
        _ => return None,
    }
    let mut links = group.replicate_links.iter().map(|l| &facts.design.links[*l]);
    let drawn: &Link = links.find(|l| l.replication.is_some())?;
    Some((format!("Wait {wait}"), Change::link(drawn, |l| l.replication = Some(mode))))
}
