//! Uneven shards: one shard does the work of several.

use super::{Balance, PEAK_OVER_MEAN_MAX, balance, compare, strategy_name};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, KeyShape, Sharding, Strategy};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "shard-imbalance",
        title: "Uneven shards",
        family: RuleFamily::Sharding,
        severity: Severity::Warning,
        why: "The store is full when its hottest shard is full: with a peak of twice the mean, half of the machines are \
              paid for and idle while users wait for one of them.",
        detected: "Every key of the stated distribution is placed by the stated strategy. Said where the hottest shard \
                   draws more than 1.5 times the mean, and more than 1.15 times what a perfect hash would leave of it, which \
                   the hottest key sets.",
        fix: "Choose a strategy or split points that spread the keys; the best of those compared is proposed.",
        false_alarm: "Range scans matter more than balance, and the hottest shard has machines to match.",
        source: "Karger et al., Consistent Hashing and Random Trees (STOC 1997); Lamping and Veach (2014)",
    },
    check,
};

/// Above a perfect hash by this factor, the strategy is to blame and not the hottest key.
const ABOVE_PERFECT: f64 = 1.15;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (id, now) in &facts.balances {
        let Some(c) = facts.component(id) else { continue };
        let Some(sharding) = &c.sharding else { continue };
        if is_even(now, sharding.shards) {
            continue;
        }
        let text = format!(
            "shard {} of {} draws {:.0} % of the requests, {:.1} times the mean, under {} with {} keys",
            now.hottest + 1,
            facts.name(c),
            100.0 * now.shares[now.hottest],
            now.peak_over_mean,
            strategy_name(&sharding.strategy),
            shape_name(&sharding.keys.shape),
        );
        let mut finding = Finding::new(RULE.card.id, Severity::Warning, vec![ElementId::from(&c.id)], text)
            .journeys(facts.journeys_through(&c.id))
            .witness(facts.way_to(&c.id));
        if let Some((strategy, better)) = proposal(sharding, now) {
            let title = format!(
                "Split by {}: peak {:.2} instead of {:.2} times the mean",
                strategy_name(&strategy),
                better.peak_over_mean,
                now.peak_over_mean
            );
            let mut split = c.clone();
            split.sharding = Some(Sharding { strategy, ..sharding.clone() });
            finding = finding.fix(title, vec![Change::ReplaceComponent(Box::new(split))]);
        }
        out.push(finding);
    }
}

/// Whether the strategy is not to blame: even a perfect hash puts the hottest key on top of its share of the others.
fn is_even(b: &Balance, shards: u32) -> bool {
    let by_perfect_hash = b.hottest_key * f64::from(shards) + 1.0 - b.hottest_key;
    b.peak_over_mean <= PEAK_OVER_MEAN_MAX.max(ABOVE_PERFECT * by_perfect_hash)
}

/// The best strategy, where it mends the finding. Ranges stay ranges if better split points will do, as somebody wanted
/// to scan them.
fn proposal(sharding: &Sharding, now: &Balance) -> Option<(Strategy, Balance)> {
    let mends = |b: &Balance| is_even(b, sharding.shards);
    if matches!(sharding.strategy, Strategy::Range { .. }) {
        let strategy = Strategy::Range { splits: super::even_splits(sharding) };
        let better = balance(&Sharding { strategy: strategy.clone(), ..sharding.clone() });
        if mends(&better) {
            return Some((strategy, better));
        }
    }
    compare(sharding)
        .into_iter()
        .skip(1)
        .filter(|(_, b)| b.peak_over_mean < now.peak_over_mean && mends(b))
        .min_by(|(_, a), (_, b)| a.peak_over_mean.total_cmp(&b.peak_over_mean))
}

fn shape_name(shape: &KeyShape) -> &'static str {
    match shape {
        KeyShape::Uniform => "uniform",
        KeyShape::Zipf { .. } => "Zipf",
        KeyShape::Normal { .. } => "normally distributed",
        KeyShape::HotKeys { .. } => "some hot",
    }
}
