//! Conflicting writes: both sides of a partition write the same key, and one of the two writes disappears.

use super::{named, sizes, view};
use crate::analysis::facts::listed;
use crate::analysis::{Change, Experiment, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, ElementId, Merge, MultiPrimary, Quorum, Replication};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "conflicting-writes",
        title: "Conflicting writes are lost",
        family: RuleFamily::Consistency,
        severity: Severity::Warning,
        why: "Two users change the same thing on two sides; both are told that it is saved, and the clock that runs ahead \
              decides whose change stays.",
        detected: "Some partition between the zones of the replicas lets two sides acknowledge writes to the same key, and \
                   the mode resolves them by last write wins: multi-primary so merged, or a quorum that is sloppy or whose \
                   W is half of N or less.",
        fix: "Keep both writes (siblings or a replicated data type), or ask for a majority of N.",
        false_alarm: "Every key has one writer, or the values are only ever added.",
        source: "DeCandia et al., Dynamo (SOSP 2007), section 4.4; Shapiro et al., Conflict-free Replicated Data Types (2011)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for group in &facts.deployment.groups {
        let mended = match &group.mode {
            Replication::MultiPrimary(m) if m.merge == Merge::LastWriteWins => {
                Replication::MultiPrimary(MultiPrimary { merge: Merge::VectorClocks })
            }
            Replication::Quorum(q) => {
                let (n, r, w) = sizes(q, group.homes(0).len());
                if !q.sloppy && 2 * w > n {
                    continue;
                }
                let majority = (n / 2 + 1) as u32;
                let r = (r as u32).max(n as u32 + 1 - majority);
                Replication::Quorum(Quorum { w: (w as u32).max(majority), r, sloppy: false, ..q.clone() })
            }
            _ => continue,
        };
        let seen = view(&facts.deployment, group);
        let Some(split) = seen.partitions.iter().find(|p| p.is_split) else { continue };
        let members: Vec<&Component> = group.members.iter().map(|m| &facts.design.components[*m]).collect();
        let text = format!(
            "while {} cannot reach each other, both sides of {} write the same keys, and the later clock wins",
            named(facts, split),
            listed(members.iter().map(|c| facts.name(c)), 2),
        );
        let title = match &mended {
            Replication::Quorum(q) => {
                format!("Ask {} of {} for each write", q.w, sizes(q, group.homes(0).len()).0)
            }
            _ => "Keep both writes as siblings".to_owned(),
        };
        let with_mode = members.iter().find(|c| c.replication.is_some());
        let mut finding = Finding::new(
            RULE.card.id,
            Severity::Warning,
            members.iter().map(|c| ElementId::from(&c.id)).collect(),
            text,
        )
        .journeys(facts.journeys_through(&members[0].id))
        .witness(facts.way_to(&members[0].id));
        if let Some(c) = with_mode {
            let new = Component { replication: Some(mended), ..(*c).clone() };
            finding = finding.fix(title, vec![Change::ReplaceComponent(Box::new(new))]);
        }
        if let Some(cuts) = &split.cuts {
            finding = finding.experiment(Experiment { cut: cuts.clone(), ..Experiment::default() });
        }
        out.push(finding);
    }
}
