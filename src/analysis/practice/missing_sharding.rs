//! Overlooked sharding: one primary is to hold, or to write, more than one machine does well.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Bytes, Component, ElementId, Kind, Op, Sharding, Strategy};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "missing-sharding",
        title: "Missing sharding",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "What does not fit one machine has to be split; splitting a store that was never meant to be split means \
              choosing a key, rewriting queries and moving the data while users write to it.",
        detected: "A store that is not sharded holds more than 1 TB now or within a year at its stated growth, or the \
                   journeys write more to it each second than half of what one instance takes.",
        fix: "Choose a sharding key and a number of shards that keeps each below 500 GB.",
        false_alarm: "The engine splits by itself, or the machine is known to be large enough for good.",
        source: "Kleppmann, Designing Data-Intensive Applications, chapter 6 (O'Reilly 2017)",
    },
    check,
};

/// Above this one primary is slow to copy, to back up and to restore.
const ONE_SHARD_MAX: Bytes = Bytes(1e12);
/// What a shard should hold after the split.
const SHARD_AIM: Bytes = Bytes(500e9);
/// Share of the capacity of one instance that writes may take.
const WRITE_SHARE_MAX: f64 = 0.5;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (index, c) in facts.design.components.iter().enumerate() {
        // Object stores and warehouses split by themselves.
        let splits_itself = matches!(c.kind, Kind::ObjectStore | Kind::Warehouse);
        if !c.kind.is_store() || splits_itself || c.shards() > 1 {
            continue;
        }
        out.extend(judge(facts, c, index));
    }
}

fn judge(facts: &Facts<'_>, c: &Component, index: usize) -> Option<Finding> {
    let now = c.data.as_ref().and_then(|d| d.size).unwrap_or_default();
    let year = in_a_year(c);
    let writes = writes_each_second(facts, index);
    let capacity = c.service.capacity().get();
    let (text, shards) = if now > ONE_SHARD_MAX {
        (format!("{} holds {now} on one primary", facts.name(c)), year.get().max(now.get()) / SHARD_AIM.get())
    } else if year > ONE_SHARD_MAX {
        (
            format!("{} holds {now} on one primary and will hold {year} in a year", facts.name(c)),
            year.get() / SHARD_AIM.get(),
        )
    } else if writes > WRITE_SHARE_MAX * capacity {
        let text = format!(
            "{} takes {writes:.0} writes a second on one primary, which is {:.0} % of what it can",
            facts.name(c),
            100.0 * writes / capacity
        );
        (text, writes / (0.3 * capacity))
    } else {
        return None;
    };
    let shards = (shards.ceil() as u32).clamp(2, 64);
    let mut split = c.clone();
    // One more shard later should not move every key.
    let stated =
        c.sharding.clone().unwrap_or(Sharding { strategy: Strategy::Rendezvous, ..Sharding::default() });
    split.sharding = Some(Sharding { shards, ..stated });
    Some(
        Finding::new(RULE.card.id, Severity::Warning, vec![ElementId::from(&c.id)], text)
            .journeys(facts.journeys_through(&c.id))
            .witness(facts.way_to(&c.id))
            .fix(format!("Split it into {shards} shards"), vec![Change::ReplaceComponent(Box::new(split))]),
    )
}

/// What one copy holds a year from now.
fn in_a_year(c: &Component) -> Bytes {
    let Some(data) = &c.data else { return Bytes::default() };
    let size = data.size.unwrap_or_default().get();
    let growth = data.growth.unwrap_or_default().get();
    let grown = size + 365.0 * growth;
    match data.retention {
        Some(kept) => Bytes(grown.min(size.max(growth * kept.get() / 86_400_000.0))),
        None => Bytes(grown),
    }
}

fn writes_each_second(facts: &Facts<'_>, index: usize) -> f64 {
    let writes = facts.visits(index).filter(|(_, h)| matches!(h.op, Op::Write | Op::Call));
    // A journey that nobody drew has no rate that anybody stated.
    let routes = writes.map(|(r, _)| &facts.routes()[r]).filter(|r| facts.drawn(r).is_some());
    routes.map(|r| r.rate.get()).sum()
}
