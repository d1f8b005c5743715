//! Single instances whose loss stops a journey.

use super::{Loss, finding, proven, single};
use crate::analysis::consistency::voting;
use crate::analysis::{Change, Facts, Finding, Fix, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, Failover, PrimaryBackup, Replication, Sync};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "spof-instance",
        title: "Single point of failure: instance",
        family: RuleFamily::Failure,
        severity: Severity::Error,
        why: "Processes and machines fail every few months; the day this one does, nobody is served until it is back.",
        detected: "Each instance is taken away alone, failover and detection have their time, and the journeys are read \
                   again. Lost is an error, part a warning. Replicas that are alike are tried once.",
        fix: "Run a second instance where any will do; keep copies with a failover that decides by a majority where data is \
              at stake. The fix that is offered has been tried on the drawing.",
        false_alarm: "The instance stands for something that is redundant inside, such as a managed service: give it the \
                      replicas that it has.",
        source: "Order-1 minimal cut sets; Google SRE book, chapter 3: N + 1",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let losses = &facts.losses().instances;
    let drafts = losses.iter().map(|l| (l, if l.lost.is_empty() { None } else { mend(facts, l) }));
    for (loss, fix) in losses.iter().zip(proven(facts, drafts.collect())) {
        let name = facts.element_name(loss.element.as_str());
        let mut found = finding(facts, RULE.card.id, loss, &name, Severity::Error, Severity::Warning);
        found.fix = fix;
        out.push(found);
    }
}

fn mend(facts: &Facts<'_>, loss: &Loss) -> Option<Fix> {
    let c = facts.component(loss.element.as_str().split('/').next()?)?;
    let index = facts.index(&c.id)?;
    let Some(group) = facts.deployment.group_of[index].map(|g| &facts.deployment.groups[g]) else {
        let replicas = c.replicas.max(c.min_healthy) + 1;
        let change = Change::ReplaceComponent(Box::new(Component { replicas, ..c.clone() }));
        return Some(single(format!("Run {replicas} instances of {}", facts.name(c)), change));
    };
    match &group.mode {
        Replication::None => {
            let mode = Replication::PrimaryBackup(PrimaryBackup {
                sync: Sync::SemiSync(1),
                failover: Failover::Automatic,
                voters: vec![c.id.clone()],
                ..PrimaryBackup::default()
            });
            let copied = Component { replicas: 3, replication: Some(mode), ..c.clone() };
            let title = format!("Keep three copies of {} that vote on the primary", facts.name(c));
            Some(single(title, Change::ReplaceComponent(Box::new(copied))))
        }
        Replication::PrimaryBackup(pb) => {
            let members: Vec<&Component> =
                group.members.iter().map(|m| &facts.design.components[*m]).collect();
            let automatic = PrimaryBackup { failover: Failover::Automatic, ..pb.clone() };
            let (title, changes) = voting(facts, group, &automatic, &members);
            Some(Fix { title: format!("Promote automatically: {}", uncapital(&title)), changes })
        }
        Replication::Consensus(_) if c.replicas < 3 => {
            let change = Change::ReplaceComponent(Box::new(Component { replicas: 3, ..c.clone() }));
            Some(single(format!("Run three replicas of {}", facts.name(c)), change))
        }
        _ => None,
    }
}

/// The text as it goes on in a sentence.
pub(in crate::analysis) fn uncapital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
