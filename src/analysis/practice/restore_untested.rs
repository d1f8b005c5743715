//! Restores that nobody has tried: a backup is a hope until it has been read back.

use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "restore-untested",
        title: "Restore never tried",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "Backups fail silently for months: an expired key, a table left out, a format that the new version does \
              not read. It is found out on the day on which there is no other copy.",
        detected: "A component states a backup and does not state that a restore has been tried.",
        fix: "Restore into an empty place, compare, note how long it took, and say so in the backup; then do it \
              every quarter.",
        false_alarm: "None: either somebody has tried it and says so, or nobody knows.",
        source: "Beyer et al., Site Reliability Engineering, chapter 26: data integrity (O'Reilly 2016)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in &facts.design.components {
        let Some(backup) = c.data.as_ref().and_then(|d| d.backup.as_ref()) else { continue };
        if backup.restore_tested {
            continue;
        }
        // No fix: that somebody has tried is a fact, and not to be had by a click.
        let text =
            format!("{} is backed up every {}, and nobody has restored it yet", facts.name(c), backup.every);
        out.push(facts.about(RULE.card, Severity::Info, c, text));
    }
}
