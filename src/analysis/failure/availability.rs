//! The availability of each journey: the share of requests that can be served in the long run.
//!
//! Each instance, zone and cause is down independently with its steady-state unavailability, MTTR / (MTBF + MTTR); where
//! nothing is stated, with the assumption of its kind ([`assumed`]). Links and partitions count as fine. The figure is
//! exact where the decision diagram of the structure function fits its budget, and sampled with a 95 % interval where it
//! does not; it always says which.
//!
//! Source: Barlow and Proschan, Statistical Theory of Reliability (1975); Bryant 1986 for the diagrams.

use super::diagram::Diagram;
use crate::deploy::Deployment;
use crate::design::{JourneyId, Kind, Millis, Reliability, ZoneKind};
use crate::impact::{Event, Structure, compile};

/// Nodes of a diagram at most, for each client zone and key class.
const NODES_MAX: usize = 200_000;
/// Worlds that are drawn where a diagram does not fit.
const SAMPLES: usize = 1 << 17;

/// How a figure was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By decision diagrams.
    Exact,
    /// By drawing worlds; the bounds are a 95 % confidence interval.
    Sampled,
}

impl Method {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Method::Exact => "exact",
            Method::Sampled => "sampled",
        }
    }
}

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

/// The probability that each event of a structure is fine.
fn fine(deployment: &Deployment, structure: &Structure) -> Vec<f64> {
    let design = &deployment.design;
    structure
        .events
        .iter()
        .map(|event| {
            let reliability = match event {
                Event::Instance(i) => {
                    let component = &design.components[deployment.instances[*i].component];
                    Some(component.reliability.unwrap_or_else(|| assumed(component.kind)))
                }
                Event::Zone(z) => {
                    let zone = &design.zones[*z];
                    Some(zone.reliability.unwrap_or_else(|| assumed_of_zone(zone.kind)))
                }
                // A cause is drawn because it matters; without a rate there is nothing to count.
                Event::Cause(c) => design.causes[*c].reliability,
                Event::Link(_) | Event::Path(..) => None,
            };
            reliability.map_or(1.0, |r| 1.0 - r.unavailability())
        })
        .collect()
}

/// The availability of every journey, in route order.
pub fn availability(deployment: &Deployment) -> Vec<Availability> {
    deployment
        .routes
        .iter()
        .map(|route| {
            let mut total = Availability {
                journey: route.journey.clone(),
                value: 0.0,
                lower: 0.0,
                upper: 0.0,
                method: Method::Exact,
            };
            for structure in compile(deployment, route) {
                let fine = fine(deployment, &structure);
                let (value, error, method) = one(&structure, &fine);
                total.value += structure.weight * value;
                total.lower += structure.weight * (value - error).max(0.0);
                total.upper += structure.weight * (value + error).min(1.0);
                if method == Method::Sampled {
                    total.method = Method::Sampled;
                }
            }
            total
        })
        .collect()
}

/// Value, half the width of its interval, and how it was made.
fn one(structure: &Structure, fine: &[f64]) -> (f64, f64, Method) {
    // An event that is always fine is no variable.
    let mut known = structure.clone();
    for gate in &mut known.gates {
        if let crate::impact::Gate::Event(e) = gate
            && fine[*e] >= 1.0
        {
            *gate = crate::impact::Gate::True;
        }
    }
    let mut diagram = Diagram::new(NODES_MAX);
    match diagram.of(&known) {
        Ok(top) => (diagram.probability(top, fine), 0.0, Method::Exact),
        Err(_) => {
            let value = sampled(&known, fine);
            let error = 1.96 * (value * (1.0 - value) / SAMPLES as f64).sqrt() + 1.0 / SAMPLES as f64;
            (value, error, Method::Sampled)
        }
    }
}

/// Draws worlds, 64 at a time, always the same ones.
fn sampled(structure: &Structure, fine: &[f64]) -> f64 {
    let mut random = fastrand::Rng::with_seed(0x11c4);
    let mut served = 0_u64;
    for _ in 0..SAMPLES / 64 {
        let bits: Vec<u64> = fine
            .iter()
            .map(|p| {
                if *p >= 1.0 {
                    u64::MAX
                } else {
                    (0..64).fold(0, |b, k| b | (u64::from(random.f64() < *p) << k))
                }
            })
            .collect();
        served += u64::from(structure.can(&bits).count_ones());
    }
    served as f64 / (SAMPLES / 64 * 64) as f64
}
