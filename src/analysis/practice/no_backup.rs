//! No backup: copies follow every mistake within milliseconds.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Backup, Data, ElementId, Kind, Millis};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-backup",
        title: "No backup",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Replicas protect from lost machines, not from a wrong delete, a bad release or a thief: those are copied \
              as faithfully as everything else.",
        detected: "A store states what it holds or how it grows, but no backup.",
        fix: "State a backup, where it is kept, and whether a restore has been tried.",
        false_alarm: "The data can be built again from another store, as that of a search index.",
        source: "Beyer et al., Site Reliability Engineering, chapter 26: data integrity (O'Reilly 2016)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in &facts.design.components {
        // What these hold is derived from elsewhere.
        let is_derived = matches!(c.kind, Kind::SearchIndex | Kind::Warehouse);
        let Some(data) = c.data.as_ref().filter(|_| c.kind.is_store() && !is_derived) else { continue };
        if (data.size.is_none() && data.growth.is_none()) || data.backup.is_some() {
            continue;
        }
        let backup = Backup { every: Millis(86_400_000.0), zone: None, restore_tested: false };
        let mut saved = c.clone();
        saved.data = Some(Data { backup: Some(backup), ..data.clone() });
        out.push(
            Finding::new(
                RULE.card.id,
                Severity::Warning,
                vec![ElementId::from(&c.id)],
                format!("{} is never backed up: a wrong delete is gone from every copy", facts.name(c)),
            )
            .journeys(facts.journeys_through(&c.id))
            .witness(vec![ElementId::from(&c.id)])
            .fix("Back it up every day", vec![Change::ReplaceComponent(Box::new(saved))]),
        );
    }
}
