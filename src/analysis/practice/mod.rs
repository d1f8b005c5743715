//! The anti-patterns of the field: what experience says will hurt, whatever the numbers are.
//!
//! Never: what a world does to a journey; that is `failure`.

mod circle;

pub mod autoscaling_headroom;
pub mod cache_only_copy;
pub mod cannot_start_cold;
pub mod cold_cache;
pub mod cold_start;
pub mod data_growth;
pub mod database_as_queue;
pub mod early_redelivery;
pub mod ignored_cap;
pub mod late_timeout;
pub mod long_call_chain;
pub mod missing_health_check;
pub mod missing_sharding;
pub mod no_backup;
pub mod no_breaker;
pub mod no_bulkhead;
pub mod no_consumer;
pub mod no_dead_letter;
pub mod no_logging;
pub mod no_monitoring;
pub mod no_spare_capacity;
pub mod no_timeout;
pub mod no_tracing;
pub mod retry_amplification;
pub mod retry_without_backoff;
pub mod shared_database;
pub mod slow_consumer;
pub mod state_in_stateless_tier;
pub mod sticky_sessions;
pub mod synchronous_cycle;
pub mod unbounded_queue;
pub mod unsafe_retry;
pub mod vertical_only_scaling;
pub mod volatile_queue;
pub mod wide_fan_out;
pub mod write_back_loss;
