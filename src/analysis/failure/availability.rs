//! The availability of each journey: the share of requests that can be served in the long run.
//!
//! Each instance, zone and cause is down independently with its steady-state unavailability, MTTR / (MTBF + MTTR); where
//! nothing is stated, with the assumption of its kind ([`assumed`]). Links and partitions count as fine. The figure is
//! exact where the decision diagrams of the structure function fit their budget; where they do not, it has true bounds or,
//! where those are wide, a sampled 95 % interval; it always says which.
//!
//! Source: Barlow and Proschan, Statistical Theory of Reliability (1975); Bryant 1986 for the diagrams.

use super::journeys::{Scope, of_structure};
pub use super::solve::Method;
use super::solve::{Estimate, Question, solve};
use super::tree::FaultTree;
use crate::deploy::Deployment;
use crate::design::{JourneyId, Kind, Millis, Reliability, ZoneKind};
use crate::impact::{Event, compile_elements};

/// Nodes of diagrams at most, for each client zone and key class.
const NODES_MAX: usize = 200_000;
/// Units of work at most, for each client zone and key class: a fraction of a second.
const WORK_MAX: u64 = 4_000_000;
/// Worlds that are drawn where a diagram does not fit and bounds are wide.
const WORLDS: usize = 1 << 17;

/// The availability of a journey.
#[derive(Clone, Debug, PartialEq)]
pub struct Availability {
    /// The journey.
    pub journey: JourneyId,
    /// Share of requests that can be served, 0..1.
    pub value: f64,
    /// Not less than this.
    pub lower: f64,
    /// Not more than this.
    pub upper: f64,
    /// How it was made.
    pub method: Method,
}

/// What is assumed of an instance of a kind where the drawing states nothing. These are round assumptions, not
/// measurements: a process that is redeployed every few weeks and comes back in minutes; a store whose repair needs a
/// person; somebody else's system with a promise of 99.9 %.
pub fn assumed(kind: Kind) -> Reliability {
    let days = |d: f64| Millis(d * 86_400e3);
    let minutes = |m: f64| Millis(m * 60e3);
    match kind {
        k if k.is_store() || k.is_messaging() => Reliability { mtbf: days(180.0), mttr: minutes(60.0) },
        Kind::ExternalSystem => Reliability { mtbf: days(30.0), mttr: minutes(43.0) },
        Kind::Dns | Kind::Cdn => Reliability { mtbf: days(365.0), mttr: minutes(30.0) },
        Kind::EdgeDevice | Kind::Peer => Reliability { mtbf: days(14.0), mttr: minutes(60.0) },
        _ => Reliability { mtbf: days(60.0), mttr: minutes(10.0) },
    }
}

/// What is assumed of a zone where the drawing states nothing: wider zones fail as a whole more rarely.
pub fn assumed_of_zone(kind: ZoneKind) -> Reliability {
    let days = |d: f64| Millis(d * 86_400e3);
    let hours = |h: f64| Millis(h * 3600e3);
    match kind {
        ZoneKind::Region => Reliability { mtbf: days(3650.0), mttr: hours(4.0) },
        ZoneKind::Datacenter => Reliability { mtbf: days(1095.0), mttr: hours(3.0) },
        ZoneKind::Rack | ZoneKind::Segment => Reliability { mtbf: days(730.0), mttr: hours(2.0) },
        ZoneKind::Host => Reliability { mtbf: days(365.0), mttr: hours(2.0) },
    }
}

/// What is assumed of a drawn link where it is asked for: a rule, a route or a certificate that closes it once a year and
/// is noticed within minutes.
pub fn assumed_of_link() -> Reliability {
    Reliability { mtbf: Millis(365.0 * 86_400e3), mttr: Millis(5.0 * 60e3) }
}

/// The rates of a basic event, stated or assumed for its kind; `None` where there is nothing to count.
pub fn reliability_of(deployment: &Deployment, event: Event) -> Option<Reliability> {
    let design = &deployment.design;
    match event {
        Event::Instance(i) => {
            let component = &design.components[deployment.instances[i].component];
            Some(component.reliability.unwrap_or_else(|| assumed(component.kind)))
        }
        Event::Zone(z) => {
            let zone = &design.zones[z];
            Some(zone.reliability.unwrap_or_else(|| assumed_of_zone(zone.kind)))
        }
        // A cause is drawn because it matters; without a rate there is nothing to count.
        Event::Cause(c) => design.causes[c].reliability,
        Event::Link(_) => Some(assumed_of_link()),
        Event::Path(..) => None,
    }
}

/// The probability that a basic event has failed at some moment, in the long run.
pub fn chance_of(deployment: &Deployment, event: Event) -> f64 {
    reliability_of(deployment, event).map_or(0.0, Reliability::unavailability)
}

/// The availability of every journey, in route order.
pub fn availability(deployment: &Deployment) -> Vec<Availability> {
    // Nobody raises a flag, and every event has a chance.
    let solved = |tree: &FaultTree| solve(tree, &question()).ok()?.probability;
    deployment
        .routes
        .iter()
        .map(|route| {
            let structures = compile_elements(deployment, route);
            let parts =
                structures.iter().map(|s| (s.weight, solved(&of_structure(deployment, s, Scope::default()))));
            together(&route.journey, parts)
        })
        .collect()
}

/// What is asked of each structure function.
pub(in crate::analysis) fn question<'a>() -> Question<'a> {
    Question {
        cut_sets: false,
        importance: false,
        nodes_max: NODES_MAX,
        work_max: WORK_MAX,
        worlds: WORLDS,
        ..Question::default()
    }
}

/// The availability of a journey by the weights of its structure functions and the chances that they fail.
pub(in crate::analysis) fn together(
    journey: &JourneyId,
    parts: impl IntoIterator<Item = (f64, Option<Estimate>)>,
) -> Availability {
    let mut total =
        Availability { journey: journey.clone(), value: 0.0, lower: 0.0, upper: 0.0, method: Method::Exact };
    for (weight, lost) in parts {
        let Some(lost) = lost else { continue };
        total.value += weight * (1.0 - lost.value);
        total.lower += weight * (1.0 - lost.upper);
        total.upper += weight * (1.0 - lost.lower);
        total.method = total.method.max(lost.method);
    }
    total
}
