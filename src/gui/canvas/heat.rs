//! Heat: cards tinted by what their loss costs, what part they have in losing a journey, or with how many others.

use crate::analysis::failure::availability::{assumed, assumed_of_zone};
use crate::design::ElementId;
use crate::gui::context::{Ctx, Impact};
use crate::gui::figures::{self, CutSets, Extent};
use crate::gui::view::Heat;
use crate::gui::words;
use crate::scene::Overlay;

/// Minutes of a year.
const YEAR_MIN: f64 = 525_600.0;

/// Tints each component and zone by what is asked for.
pub(super) fn heat(ctx: &Ctx<'_>, out: &mut Overlay) {
    match ctx.view.heat {
        Heat::Off => {}
        Heat::Loss | Heat::Year => by_cost(ctx, out),
        Heat::Importance | Heat::Distance => by_cut_sets(ctx, out),
    }
}

/// What the loss of each component and zone would cost, over all journeys by their share of the traffic.
fn by_cost(ctx: &Ctx<'_>, out: &mut Overlay) {
    let rates: Vec<(&str, f64)> =
        ctx.design.journeys.iter().map(|j| (j.id.as_str(), j.rate().get().max(0.0))).collect();
    let all: f64 = rates.iter().map(|(_, r)| r).sum();
    // Journeys that are not drawn weigh the same.
    let weight = |id: &str| match rates.iter().find(|(j, _)| *j == id) {
        Some((_, rate)) if all > 0.0 => *rate,
        _ => 1.0,
    };
    let cost = |impact: &Impact| {
        let sum: f64 = impact.journeys.iter().map(|j| weight(&j.id)).sum();
        let lost: f64 = impact.journeys.iter().map(|j| weight(&j.id) * (1.0 - j.share)).sum();
        if sum > 0.0 { lost / sum } else { 0.0 }
    };
    let down: Vec<(ElementId, f64)> = (ctx.design.components.iter())
        .filter(|c| c.kind != crate::design::Kind::Client)
        .map(|c| {
            let one = c.reliability.unwrap_or_else(|| assumed(c.kind)).unavailability();
            // All copies at once; what they share is counted where it is drawn, at the zone.
            (ElementId::from(&c.id), one.powi(i32::try_from(c.replicas.max(1)).unwrap_or(i32::MAX)))
        })
        .chain(ctx.design.zones.iter().map(|z| {
            let one = z.reliability.unwrap_or_else(|| assumed_of_zone(z.kind)).unavailability();
            (ElementId::from(&z.id), one)
        }))
        .collect();
    for (id, unavailable) in down {
        let Some(cost) = ctx.impact_of(id.as_str()).map(cost) else { continue };
        let (level, words) = match ctx.view.heat {
            Heat::Off | Heat::Importance | Heat::Distance => continue,
            Heat::Loss if cost <= 0.0 => (0.0, "no request fails".to_owned()),
            Heat::Loss => (cost, format!("{} fail without it", words::percent(cost))),
            Heat::Year => {
                let minutes = cost * unavailable * YEAR_MIN;
                // From a minute to a day and a half, by decades: what is worth telling apart.
                let level = ((minutes.max(1e-9).log10()) / 3.3).clamp(0.0, 1.0);
                (level, minutes_words(minutes))
            }
        };
        out.mark(id).heat = Some(crate::scene::Heat { level: level as f32, words });
    }
}

/// What part each component and zone has in losing a journey, and with how many others; of several journeys the worst. Those
/// of which nothing is known yet say nothing.
fn by_cut_sets(ctx: &Ctx<'_>, out: &mut Overlay) {
    let known: Vec<&CutSets> = figures::journeys(ctx.design)
        .into_iter()
        .filter_map(|j| ctx.figures.cut_sets.get(&(j, Extent::Whole)))
        .map(|dated| &*dated.figure)
        .collect();
    if known.is_empty() {
        return;
    }
    // Sets of more elements than this are not all listed.
    let listed_to = known.iter().filter_map(|k| k.listed_to()).min();
    let components = ctx.design.components.iter().filter(|c| c.kind != crate::design::Kind::Client);
    let ids = components
        .map(|c| ElementId::from(&c.id))
        .chain(ctx.design.zones.iter().map(|z| ElementId::from(&z.id)));
    for id in ids {
        let parts = || known.iter().filter_map(|k| k.parts.get(id.as_str()));
        let (level, words) = if ctx.view.heat == Heat::Importance {
            let share = parts().map(|p| p.importance).fold(0.0, f64::max);
            let words = if share > 0.0 {
                format!("in {} of losses", words::percent(share))
            } else {
                "takes no part".to_owned()
            };
            (share, words)
        } else {
            match (parts().filter_map(|p| p.order).min(), listed_to) {
                (Some(1), _) => (1.0, "alone is enough".to_owned()),
                (Some(2), _) => (0.6, "with one other".to_owned()),
                (Some(n), _) => (0.9 / n as f64, format!("with {} others", n - 1)),
                (None, Some(to)) => (0.0, format!("with more than {}", to.saturating_sub(1))),
                (None, None) => (0.0, "takes no part".to_owned()),
            }
        };
        out.mark(id).heat = Some(crate::scene::Heat { level: level as f32, words });
    }
}

fn minutes_words(minutes: f64) -> String {
    match minutes {
        m if m <= 0.0 => "costs nothing".to_owned(),
        m if m < 1.0 / 60.0 => "< 1 s a year".to_owned(),
        m if m < 1.0 => format!("{:.0} s a year", m * 60.0),
        m if m < 120.0 => format!("{m:.0} min a year"),
        m => format!("{:.1} h a year", m / 60.0),
    }
}
