//! The anti-patterns of the field: what experience says will hurt, whatever the numbers are.
//!
//! Never: what a world does to a journey; that is `failure`.

pub mod data_growth;
pub mod ignored_cap;
pub mod late_timeout;
pub mod missing_health_check;
pub mod missing_sharding;
pub mod no_backup;
pub mod no_consumer;
pub mod no_logging;
pub mod no_monitoring;
pub mod no_timeout;
pub mod unbounded_queue;
pub mod unsafe_retry;
