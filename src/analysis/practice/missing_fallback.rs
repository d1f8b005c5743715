//! Optional needs of which nobody has said what is given in their place.

use std::collections::BTreeSet;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, Kind, Need};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "missing-fallback",
        title: "Optional, but no fallback stated",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "That a request does without something is a wish until the code has an answer for that case. A fallback \
              that nobody has written down is one that nobody has written, and the first outage shows it.",
        detected: "A drawn journey visits an optional slot that states no fallback. A cache beside what it caches is left \
              alone, and so are slots of which another link leads on: these are their own fallback.",
        fix: "Say what users get instead (an empty list, yesterday's, a default) and try it.",
        false_alarm: "Leaving it out is the whole of the fallback; then say that.",
        source: "Nygard, Release It!, chapter 5: fail fast and fallbacks (Pragmatic Bookshelf 2018); Hystrix, fallback",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.drawn_routes() {
        let callers = std::iter::once((route.client, &route.root))
            .chain(route.hops.iter().map(|h| (h.target, &h.slots)));
        for (caller, slot) in callers.flat_map(|(c, slots)| slots.iter().map(move |s| (c, s))) {
            let [hop] = slot.hops[..] else { continue };
            let c = &facts.design.components[caller];
            let target = facts.target_of(&route.hops[hop]);
            let drawn = c.slots.iter().find(|s| s.name == slot.name);
            let is_open = drawn.is_some_and(|s| s.fallback.trim().is_empty());
            if slot.need != Need::Optional
                || !is_open
                || target.kind == Kind::Cache
                || target.kind.is_insight()
                || !said.insert((caller, slot.name.clone()))
            {
                continue;
            }
            let text = format!(
                "{} may do without {}, and nobody has said what it answers then",
                facts.name(c),
                facts.name(target)
            );
            let named = Change::component(c, |c| {
                if let Some(s) = c.slots.iter_mut().find(|s| s.name == slot.name) {
                    s.fallback = "left out".to_owned();
                }
            });
            let finding = Finding::new(RULE.card.id, Severity::Info, vec![ElementId::from(&c.id)], text)
                .named([c.id.as_str(), slot.name.as_str()])
                .titled(format!("No fallback for {}", facts.name(target)))
                .journeys([route.journey.clone()])
                .witness(facts.way(route, hop));
            out.push(finding.fix("Say that it is left out", vec![named]));
        }
    }
}
