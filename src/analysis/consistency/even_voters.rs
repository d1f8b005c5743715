//! Even numbers of voters: one more machine, and not one failure more survived.

use std::collections::BTreeSet;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Group;
use crate::design::{Component, Failover, Replication};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "even-voters",
        title: "Even number of voters",
        family: RuleFamily::Consistency,
        severity: Severity::Warning,
        why: "A majority of four is three, so that four voters survive one failure like three do, and a cut in the \
              middle stops both halves. Of two, each alone stops everything: worse than one.",
        detected: "The voters of a consensus group or of an automatic failover are even in number. Two are a \
              warning, four and more a note.",
        fix: "Add a voter, or take one away: three, five or seven.",
        false_alarm: "One of them is being replaced at this moment.",
        source: "Gifford, Weighted Voting (SOSP 1979); Ongaro and Ousterhout, Raft (USENIX ATC 2014)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for group in &facts.deployment.groups {
        let Some((voters, count)) = voters(facts, group).filter(|(_, n)| *n > 0 && n % 2 == 0) else {
            continue;
        };
        let Some(first) = voters.first().filter(|v| said.insert(v.id.as_str())) else { continue };
        let (severity, text) = if count == 2 {
            let text = format!("two vote for {}, and the loss of either stops it", facts.name(first));
            (Severity::Warning, text)
        } else {
            let survives = count / 2 - 1;
            let text = format!(
                "{count} vote for {}: they survive the loss of {survives}, as {} would",
                facts.name(first),
                count - 1
            );
            (Severity::Info, text)
        };
        let mut finding = facts.about(RULE.card, severity, first, text);
        if let [only] = voters[..] {
            let odd = Change::component(only, |c| c.replicas += 1);
            finding = finding.fix(format!("Let {} vote", count + 1), vec![odd]);
        }
        out.push(finding);
    }
}

/// Who votes in a group, and how many they are.
fn voters<'a>(facts: &Facts<'a>, group: &Group) -> Option<(Vec<&'a Component>, u32)> {
    let shard = group.shards.first()?;
    match &group.mode {
        Replication::Consensus(_) => {
            let members = group.members.iter().map(|m| &facts.design.components[*m]).collect();
            Some((members, u32::try_from(shard.len()).ok()?))
        }
        // Where nobody else votes, split brain is the finding.
        Replication::PrimaryBackup(pb) if pb.failover == Failover::Automatic => {
            let named: Vec<&Component> = pb.voters.iter().filter_map(|v| facts.component(v)).collect();
            let count = named.iter().map(|v| v.replicas).sum();
            Some((named, count))
        }
        _ => None,
    }
}
