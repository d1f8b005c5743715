//! Cold caches: the store behind lives only as long as the cache is warm.

use std::collections::BTreeMap;

use crate::analysis::facts::stated_capacity;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Route;
use crate::design::{ElementId, Kind, Op, PerSecond, ReadFrom};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "cold-cache",
        title: "Cold cache",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "After a restart or a flush all reads go to the store at once, which cannot take them; they time out, \
              so that nothing gets into the cache, and the outage goes on although everything is up again.",
        detected: "The reads that drawn journeys make of a cache or CDN are more than the stated time or capacity of \
              the store behind it takes each second, and with the hit ratio (stated, or 80 %) they are not.",
        fix: "Make the store stand the whole load, let only a few misses through at a time, or warm the cache before \
              it takes traffic.",
        false_alarm: "The cache keeps its entries over a restart, and never restarts as a whole.",
        source: "Bronson et al., Metastable Failures in Distributed Systems (HotOS 2021); Nygard, Release It!, \
              chapter 4",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    // Reads a second of each pair of cache and store, and whether any replica may answer.
    let mut pairs: BTreeMap<(usize, usize), (f64, bool)> = BTreeMap::new();
    for route in facts.drawn_routes() {
        for (cache, store) in read_pairs(facts, route) {
            let pair =
                pairs.entry((route.hops[cache].target, route.hops[store].target)).or_insert((0.0, true));
            pair.0 += route.rate.get();
            pair.1 &= matches!(route.hops[store].from, ReadFrom::Any | ReadFrom::Nearest);
        }
    }
    for ((cache, store), (rate, any)) in pairs {
        let (cache, store) = (&facts.design.components[cache], &facts.design.components[store]);
        let Some(each) = stated_capacity(store) else { continue };
        let copies = if any { store.replicas.max(1) } else { 1 };
        let takes = each * f64::from(copies) * f64::from(store.shards());
        let missed = 1.0 - cache.cache.clone().unwrap_or_default().hit_ratio();
        if rate <= takes || rate * missed >= takes {
            continue;
        }
        let text = format!(
            "{} takes {takes:.0} reads a second and {} keeps {:.0} of {rate:.0} away from it: when that is empty, all of them come",
            facts.name(store),
            facts.name(cache),
            rate * (1.0 - missed),
        );
        let enough = PerSecond((each * 1.2 * rate / takes).ceil());
        let grown = Change::component(store, |c| c.service.capacity = Some(enough));
        let way = [&cache.id, &store.id].map(ElementId::from);
        let subjects = vec![way[0].clone(), way[1].clone()];
        out.push(
            Finding::new(RULE.card.id, Severity::Warning, subjects, text)
                .journeys(facts.journeys_through(&cache.id))
                .witness(way.to_vec())
                .fix(format!("Let an instance of {} take {enough}", facts.name(store)), vec![grown]),
        );
    }
}

/// Hops that read a cache, each with the hop that reads the store which answers where the cache does not.
fn read_pairs(facts: &Facts<'_>, route: &Route) -> Vec<(usize, usize)> {
    let kind = |h: usize| facts.target_of(&route.hops[h]).kind;
    let reads = |h: &usize| route.hops[*h].op == Op::Read;
    let caches = (0..route.hops.len()).filter(reads).filter(|h| matches!(kind(*h), Kind::Cache | Kind::Cdn));
    let store_of = |cache: usize| {
        let hop = &route.hops[cache];
        let stores = || (0..route.hops.len()).filter(reads).filter(|h| kind(*h).is_store());
        let below = stores().find(|s| route.hops[*s].parent == Some(cache));
        below.or_else(|| stores().find(|s| hop.parent.is_some() && route.hops[*s].parent == hop.parent))
    };
    caches.filter_map(|c| Some((c, store_of(c)?))).collect()
}
