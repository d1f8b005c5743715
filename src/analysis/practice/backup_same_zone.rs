//! Backups beside their original: what takes the one takes the other.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::ZoneId;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "backup-same-zone",
        title: "Backup beside its original",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A fire, a flood, a stolen account or a wrong delete of a whole zone takes the data and its backup at \
              once; that is the day for which the backup was made.",
        detected: "A backup states its zone, and every instance of what it saves stands in that zone. Where a \
              replica group has other copies elsewhere it is a note.",
        fix: "Keep backups in another zone, best in another region and under another account.",
        false_alarm: "The zone is only a name for where the backup is begun, and it is copied on from there.",
        source: "The 3-2-1 rule of backups (Krogh 2005); Google SRE book, chapter 26: data integrity",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (index, c) in facts.design.components.iter().enumerate() {
        let Some(backup) = c.data.as_ref().and_then(|d| d.backup.as_ref()) else { continue };
        let Some(zone) = backup.zone.as_ref().and_then(|z| facts.deployment.zone_index(z.as_str())) else {
            continue;
        };
        if !facts.stands_wholly_in(index, zone) {
            continue;
        }
        let group = facts.deployment.group_of[index].map(|g| &facts.deployment.groups[g]);
        let elsewhere = group.is_some_and(|g| g.members.iter().any(|m| !facts.stands_wholly_in(*m, zone)));
        let severity = if elsewhere { Severity::Info } else { Severity::Warning };
        let place = &facts.design.zones[zone].id;
        let text =
            format!("{} and its backup both stand in {}", facts.name(c), facts.zone_name(place.as_str()));
        let mut finding = facts.about(RULE.card, severity, c, text);
        let other: Option<&ZoneId> = facts
            .deployment
            .zones
            .iter()
            .enumerate()
            .filter(|(i, z)| z.is_leaf(*i) && !z.chain.contains(&zone))
            .map(|(_, z)| &z.id)
            .find(|z| !c.zones.contains(z));
        if let Some(other) = other {
            let moved = Change::component(c, |c| {
                if let Some(backup) = c.data.as_mut().and_then(|d| d.backup.as_mut()) {
                    backup.zone = Some(other.clone());
                }
            });
            finding =
                finding.fix(format!("Keep backups in {}", facts.zone_name(other.as_str())), vec![moved]);
        }
        out.push(finding);
    }
}
