//! Long-lived DNS answers: users go on asking for what is gone.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::stands_in_slot;
use crate::design::{Kind, Millis};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "long-dns-ttl",
        title: "Answers kept too long",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "DNS leads users away from a lost region only when their old answer has run out. With an hour, the \
              failover that took a second takes an hour, and some resolvers keep answers longer still.",
        detected: "DNS that names several targets states that an answer is used longer than a minute; longer than \
              ten minutes, or longer than the recovery time that a journey through it promises, it is a warning.",
        fix: "Shorten it to a minute or less before you need it.",
        false_alarm: "The targets share an address that moves with them (anycast).",
        source: "RFC 1035; Beyer et al., Site Reliability Engineering, chapter 19: load balancing with DNS",
    },
    check,
};

const NOTED: Millis = Millis(60_000.0);
const LONG: Millis = Millis(600_000.0);

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| c.kind == Kind::Dns) {
        let targets = facts.links_from(&c.id).iter().filter(|l| stands_in_slot(facts.design, l)).count();
        let Some(ttl) = c.resolver.as_ref().and_then(|r| r.ttl).filter(|t| *t > NOTED) else { continue };
        if targets < 2 {
            continue;
        }
        let through = facts.journeys_through(&c.id);
        let promised = through
            .iter()
            .filter_map(|j| facts.design.journey(j.as_str())?.objective.as_ref()?.rto)
            .min_by(|a, b| a.get().total_cmp(&b.get()));
        let severity = if ttl > LONG || promised.is_some_and(|rto| ttl > rto) {
            Severity::Warning
        } else {
            Severity::Info
        };
        let text = format!(
            "users go on asking for a lost target for up to {ttl}, as long as answers of {} are used",
            facts.name(c)
        );
        let short = Change::component(c, |c| c.resolver.get_or_insert_default().ttl = Some(NOTED));
        out.push(
            facts.about(RULE.card, severity, c, text).fix(format!("Use answers for {NOTED}"), vec![short]),
        );
    }
}
