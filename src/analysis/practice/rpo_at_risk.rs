//! Recovery points: what a loss may cost against what the design would lose.

use std::collections::BTreeSet;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Backup, Component, Failover, Millis, Op, Replication, Sync};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "rpo-at-risk",
        title: "Loses more than was promised",
        family: RuleFamily::Practice,
        severity: Severity::Error,
        why: "The promise says how much work may be lost; the interval of the backups or checkpoints says how much \
              is lost. If the second is the longer, the promise is broken on the day it is needed.",
        detected: "A drawn journey states a recovery point objective and writes to something whose loss goes back \
              further: a single copy to its last backup, state to its last checkpoint, and a failover to an \
              asynchronous backup beyond an objective of zero.",
        fix: "Save more often, or acknowledge only what a second copy has.",
        false_alarm: "The journey can be repeated from elsewhere, such as a log of events.",
        source: "ISO 22301, recovery point objective; Google SRE book, chapter 26: data integrity",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.drawn_routes() {
        let objective = facts.drawn(route).and_then(|j| j.objective.as_ref());
        let Some(rpo) = objective.and_then(|o| o.rpo) else { continue };
        for (i, hop) in route.hops.iter().enumerate() {
            let c = facts.target_of(hop);
            let changes = matches!(hop.op, Op::Write | Op::Call | Op::Publish | Op::Deliver);
            let Some((loss, fix)) = loss(facts, hop.target, c, rpo).filter(|_| changes) else { continue };
            if !said.insert((route.journey.as_str(), c.id.as_str())) {
                continue;
            }
            let may = if rpo.get() > 0.0 { rpo.to_string() } else { "nothing".to_owned() };
            let text = format!("{} may lose {may}, and with {} it loses {loss}", route.title, facts.name(c));
            let mut finding = facts
                .about(RULE.card, Severity::Error, c, text)
                .named([c.id.as_str(), route.journey.as_str()])
                .journeys([route.journey.clone()])
                .witness(facts.way(route, i));
            if let Some((title, change)) = fix {
                finding = finding.fix(title, vec![change]);
            }
            out.push(finding);
        }
    }
}

type Mend = Option<(String, Change)>;

/// What the loss of a component costs, where that is more than may be lost, and what would mend it.
fn loss(facts: &Facts<'_>, index: usize, c: &Component, rpo: Millis) -> Option<(String, Mend)> {
    let data = c.data.clone().unwrap_or_default();
    if let Some(every) = data.checkpoint.filter(|e| *e > rpo) {
        let often = (rpo.get() > 0.0).then(|| {
            let often = Change::component(c, |c| c.data.get_or_insert_default().checkpoint = Some(rpo));
            (format!("Write its state every {rpo}"), often)
        });
        return Some((format!("up to {every} since its last checkpoint"), often));
    }
    let group = facts.deployment.group_of[index]
        .map(|g| &facts.deployment.groups[g])
        .filter(|_| c.kind.is_store())?;
    match &group.mode {
        Replication::None => match &data.backup {
            Some(backup) if backup.every <= rpo => None,
            Some(backup) => {
                let often = (rpo.get() > 0.0).then(|| {
                    let backup = Backup { every: rpo, ..backup.clone() };
                    let often =
                        Change::component(c, |c| c.data.get_or_insert_default().backup = Some(backup));
                    (format!("Back it up every {rpo}"), often)
                });
                Some((format!("up to {} since its last backup", backup.every), often))
            }
            None => Some(("everything: it has one copy and no backup".to_owned(), None)),
        },
        Replication::PrimaryBackup(pb)
            if pb.sync == Sync::Async && pb.failover == Failover::Automatic && rpo.get() <= 0.0 =>
        {
            Some(("what its backups lack when the primary is lost".to_owned(), None))
        }
        _ => None,
    }
}
