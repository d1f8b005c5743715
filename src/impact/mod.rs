//! World in, outcome out: what a failure does to each journey.
//!
//! [`evaluate`] answers, for a [`World`] (what is down, what is cut), whether each journey is served, degraded,
//! served in part or lost, and with what share, in one of two [`Reading`]s: *at once*, when only the callers' own
//! retries have acted, and *settled*, after detection, failover and the expiry of cached answers. The rules are
//! written in words in `tests/semantics/README.md` and held by the corpus beside it.
//!
//! [`Structure`] is the same meaning compiled for one question, *can some choice of targets serve this journey?*, to a graph of
//! and, or and at-least gates over basic events (Birnbaum, Esary and Saunders 1961 call it the structure function of
//! a coherent system). It is read 64 worlds at a time and is what cut sets and availability are computed from.
//!
//! Never: files, sockets, clocks, live measurements.

mod baseline;
mod cold;
mod copies;
mod outcome;
mod pick;
mod reading;
mod structure;
mod world;

pub use baseline::{Baseline, Carried, JourneyBaseline, company_of};
pub use cold::cannot_start_cold;
pub use outcome::{EffectOutcome, JourneyOutcome, Outcome};
pub use pick::{Served, Target, at_least, pick};
pub use reading::{Failing, How, Saved, Trace, Why, evaluate, read_route, trace, witness};
pub use structure::{Event, Gate, Structure, compile, compile_elements};
pub use world::{Conditions, Cut, Down, Endpoint, Side, World};

/// When a world is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// Before anything but the callers' own retries has acted.
    AtOnce,
    /// After detection, failover, cached answers and cache hits have run out.
    #[default]
    Settled,
}
