//! Uncontrolled data growth: what grows is never thrown away, or not before the place is full.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Bytes, Component, Data, ElementId, Millis};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "data-growth",
        title: "Uncontrolled data growth",
        family: RuleFamily::Practice,
        severity: Severity::Error,
        why: "A full disk stops every write at once, usually at night, and a store that has never deleted anything \
              does not learn it in time.",
        detected: "A component states growth but neither retention nor archiving; where its limit is stated, the day on \
                   which it is full follows from size, growth and limit. Or it keeps more than fits: growth x retention \
                   above the limit.",
        fix: "State how long records are kept, archive old ones, or raise the limit.",
        false_alarm: "Records must be kept for ever by law, and somebody raises the limit in time.",
        source: "Nygard, Release It!, chapter 5: unbounded result sets, steady state (Pragmatic Bookshelf 2018)",
    },
    check,
};

const DAY_MS: f64 = 86_400_000.0;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in &facts.design.components {
        if let Some(data) = &c.data {
            out.extend(judge(facts, c, data));
        }
    }
}

/// Whoever fills up later than this many days from now has been replaced before.
const DISTANT_DAYS: f64 = 3650.0;

fn judge(facts: &Facts<'_>, c: &Component, data: &Data) -> Option<Finding> {
    let growth = data.growth.filter(|g| g.get() > 0.0)?;
    let (severity, text) = match (data.retention, data.limit) {
        (Some(kept), Some(limit)) => {
            let steady = Bytes(growth.get() * kept.get() / DAY_MS);
            if steady <= limit || data.archived {
                return None;
            }
            let text = format!(
                "{} keeps {kept} of {growth}, which is {}, and {limit} fit",
                facts.name(c),
                rounded(steady)
            );
            (Severity::Warning, text)
        }
        (Some(_), None) => return None,
        (None, _) if data.archived => return None,
        (None, Some(limit)) => {
            let free = limit.get() - data.size.unwrap_or_default().get();
            let days = (free / growth.get()).max(0.0);
            let severity = match days {
                d if d < 30.0 => Severity::Error,
                d if d < 365.0 => Severity::Warning,
                // No machine lives that long, and no design either.
                d if d >= DISTANT_DAYS => return None,
                _ => Severity::Info,
            };
            (
                severity,
                format!(
                    "{} grows by {growth}, keeps everything, and is full in {}",
                    facts.name(c),
                    span(days)
                ),
            )
        }
        (None, None) => {
            (Severity::Warning, format!("{} grows by {growth} and keeps everything for ever", facts.name(c)))
        }
    };
    let days = match data.limit {
        // A fifth stays free, for what compaction and backups need.
        Some(limit) => (0.8 * limit.get() / growth.get()).floor().max(1.0),
        None => 365.0,
    };
    let mut kept = c.clone();
    kept.data = Some(Data { retention: Some(Millis(days * DAY_MS)), ..data.clone() });
    Some(
        Finding::new(RULE.card.id, severity, vec![ElementId::from(&c.id)], text)
            .journeys(facts.journeys_through(&c.id))
            .witness(vec![ElementId::from(&c.id)])
            .fix(format!("Keep records for {}", span(days)), vec![Change::ReplaceComponent(Box::new(kept))]),
    )
}

fn span(days: f64) -> String {
    match days.floor() {
        d if d < 1.0 => "less than a day".to_owned(),
        1.0 => "1 day".to_owned(),
        d if d < 1000.0 => format!("{d} days"),
        d => format!("{:.1} years", d / 365.0),
    }
}

fn rounded(bytes: Bytes) -> Bytes {
    let magnitude = 10_f64.powf(bytes.get().max(1.0).log10().floor() - 2.0);
    Bytes((bytes.get() / magnitude).round() * magnitude)
}
