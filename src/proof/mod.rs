//! Predictions held against a live cluster.
//!
//! A *claim* says what a world does to a journey. [`plan()`] lists the worlds worth trying, each with the claims of every
//! journey ([`Experiment`]); [`run()`] tries them one after the other in a [`Laboratory`] and gives each claim a
//! [`Verdict`]. The comparison reads only what clients measured: between a baseline before and a baseline after, in a
//! window that begins when everything that the prediction counts on has had its time (detection, failover, expiry).
//!
//! The statistics are fixed before measuring: at least 300 requests of each journey, more where a share is predicted,
//! so that a share that is as predicted lies within 5 points but once in some ten thousand times. Served means at
//! least 99 % ok, lost at most 1 %. A claim whose baseline was not sound, or whose load generator lagged, is tried
//! again, at most three times; every attempt is recorded.
//!
//! Never: a route, a world or a prediction handed to a node; a tolerance that depends on the outcome.

mod claim;
mod comparison;
mod laboratory;
mod pace;
mod pairs;
mod plan;
mod record;
mod run;
mod trial;

pub use claim::{Attempt, Claim, Observed, Predicted, ProofReport, Verdict, judge, requests_wanted};
pub use comparison::{CommonFaults, Comparison, Turn};
pub use laboratory::{ClusterLaboratory, Laboratory, LaboratoryError, Measured};
pub use pace::{TOTAL_PER_S, pace};
pub use pairs::{pair, pairs};
pub use plan::{Experiment, FaultClass, plan, plan_while, sample, settle_time};
pub use record::{Record, RecordError, fingerprint};
pub use run::{Progress, ProofOptions, run};
pub use trial::Trial;
