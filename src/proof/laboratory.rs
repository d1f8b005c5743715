//! Where claims are tried: a place in which faults can be made and clients measure.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::impact::World;
use crate::live::wire::OutcomeCounts;

/// What clients measured in a window, and whether the generator kept up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// By journey.
    pub journeys: BTreeMap<String, OutcomeCounts>,
    /// 99th percentile of how late requests were sent, in milliseconds.
    pub lag_p99_ms: f64,
}

/// Why a laboratory cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LaboratoryError(pub String);

/// A cluster under load, seen by who tries claims on it. Times are microseconds of one clock.
pub trait Laboratory {
    /// Now.
    fn now_us(&self) -> u64;

    /// Lets time pass, taking in what clients report; returns early if cancelled.
    fn pass(&mut self, time: Duration) -> Result<(), LaboratoryError>;

    /// Makes a world come true.
    fn break_it(&mut self, world: &World) -> Result<(), LaboratoryError>;

    /// Undoes every fault: cuts healed, processes started again, roles, caches and detectors as drawn.
    fn heal(&mut self) -> Result<(), LaboratoryError>;

    /// What clients measured of requests that were meant to start within a window.
    fn measured(&mut self, from_us: u64, to_us: u64) -> Measured;
}
