//! Cannot start cold: components that keep each other up and of which none can be the first to come up.

use std::collections::BTreeSet;

use super::circle::circles;
use crate::analysis::facts::listed;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::slots_of;
use crate::design::{Component, ElementId, Need, Slot, When};
use crate::impact;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "cannot-start-cold",
        title: "Cannot start cold",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "While it runs, each finds the others. After an outage of everything none of them comes up, because \
              each waits for another, and nobody finds out before the night on which it matters.",
        detected: "Needs are followed twice: once from everything being up (the greatest fixed point), once from \
              nothing being up (the least). What serves in the first and not in the second, and stands in a circle \
              of needs, is named.",
        fix: "Let one of them start without the others: make its need optional, or break the circle with a queue.",
        false_alarm: "One of the needs is not felt at start; then its slot can say when it is.",
        source: "Tarski, A Lattice-Theoretical Fixpoint Theorem (1955); Google SRE book, chapter 22: slow startup",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    // A link that leads nowhere is never served; that is a problem of the drawing and not of its start.
    if !facts.problems.is_empty() {
        return;
    }
    let stuck: BTreeSet<usize> =
        impact::cannot_start_cold(facts.design).iter().filter_map(|id| facts.index(id)).collect();
    let mut arrows: Vec<(usize, usize)> = Vec::new();
    for &c in &stuck {
        for slot in slots_of(facts.design, &facts.design.components[c]) {
            if slot.need == Need::Optional || slot.when == When::AtFailover {
                continue;
            }
            let to = slot.links.iter().filter_map(|l| facts.index(&facts.design.links[*l].to));
            arrows.extend(to.filter(|t| stuck.contains(t) && *t != c).map(|t| (c, t)));
        }
    }
    let circles = circles(arrows);
    let others = stuck.len() - circles.iter().map(Vec::len).sum::<usize>();
    for circle in circles {
        let members: Vec<&Component> = circle.iter().map(|c| &facts.design.components[*c]).collect();
        let also = if others > 0 { ", nor does what needs them" } else { "" };
        let text = format!(
            "{} need each other: after an outage of all of them none comes up{also}",
            listed(members.iter().map(|c| facts.name(c)), 4),
        );
        let subjects: Vec<ElementId> = members.iter().map(|c| ElementId::from(&c.id)).collect();
        let mut journeys = Vec::new();
        for c in &members {
            journeys.extend(
                facts
                    .journeys_through(&c.id)
                    .into_iter()
                    .filter(|j| !journeys.contains(j))
                    .collect::<Vec<_>>(),
            );
        }
        let mut finding = Finding::new(RULE.card.id, Severity::Warning, subjects, text)
            .journeys(journeys)
            .witness(round(facts, &circle));
        if let Some((title, changes)) = loosen(facts, &circle) {
            finding = finding.fix(title, changes);
        }
        out.push(finding);
    }
}

/// Once round the circle: components and the links between them.
fn round(facts: &Facts<'_>, circle: &[usize]) -> Vec<ElementId> {
    let mut way = vec![ElementId::from(&facts.design.components[circle[0]].id)];
    let mut at = circle[0];
    let mut seen = BTreeSet::from([at]);
    loop {
        let inside = |l: &&&crate::design::Link| facts.index(&l.to).is_some_and(|t| circle.contains(&t));
        let links = facts.links_from(&facts.design.components[at].id);
        let on = |l: &&&crate::design::Link| facts.index(&l.to).is_some_and(|t| !seen.contains(&t));
        let Some(link) = links.iter().filter(inside).find(on).or(links.iter().find(inside)) else {
            return way;
        };
        way.extend([ElementId::from(&link.id), ElementId::from(&link.to)]);
        let Some(next) = facts.index(&link.to).filter(|t| seen.insert(*t)) else { return way };
        at = next;
    }
}

/// The last of them starts without the others.
fn loosen(facts: &Facts<'_>, circle: &[usize]) -> Option<(String, Vec<Change>)> {
    let last = &facts.design.components[*circle.last()?];
    let mut names = std::iter::once("later".to_owned()).chain((2..).map(|n| format!("later-{n}")));
    let name = names.find(|n| last.slots.iter().all(|s| s.name != *n))?;
    let mut changes = vec![Change::component(last, |c| {
        c.slots.push(Slot { name: name.clone(), need: Need::Optional, ..Slot::default() });
    })];
    for link in facts.links_from(&last.id) {
        if facts.index(&link.to).is_some_and(|t| circle.contains(&t))
            && crate::deploy::stands_in_slot(facts.design, link)
        {
            changes.push(Change::link(link, |l| l.slot.clone_from(&name)));
        }
    }
    Some((format!("Let {} do without what it needs in the circle", facts.name(last)), changes))
}
