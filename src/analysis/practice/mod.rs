//! The anti-patterns of the field: what experience says will hurt, whatever the numbers are.
//!
//! Never: what a world does to a journey; that is `failure`.

mod circle;

pub mod autoscaling_headroom;
pub mod backup_same_zone;
pub mod cache_only_copy;
pub mod cannot_start_cold;
pub mod chatty_across_regions;
pub mod cold_cache;
pub mod cold_start;
pub mod data_growth;
pub mod database_as_queue;
pub mod deep_health_check;
pub mod early_redelivery;
pub mod hasty_failover;
pub mod ignored_cap;
pub mod late_timeout;
pub mod long_call_chain;
pub mod long_dns_ttl;
pub mod missing_api_version;
pub mod missing_health_check;
pub mod missing_sharding;
pub mod monitor_in_same_zone;
pub mod no_alerts;
pub mod no_backup;
pub mod no_breaker;
pub mod no_bulkhead;
pub mod no_consumer;
pub mod no_dead_letter;
pub mod no_logging;
pub mod no_monitoring;
pub mod no_retention;
pub mod no_spare_capacity;
pub mod no_timeout;
pub mod no_tracing;
pub mod restore_untested;
pub mod retry_amplification;
pub mod retry_without_backoff;
pub mod rpo_at_risk;
pub mod rto_at_risk;
pub mod shallow_health_check;
pub mod shared_database;
pub mod slow_consumer;
pub mod start_dependency;
pub mod state_in_stateless_tier;
pub mod sticky_sessions;
pub mod synchronous_cycle;
pub mod unbounded_queue;
pub mod unsafe_retry;
pub mod unused_component;
pub mod unwatched_entry;
pub mod vertical_only_scaling;
pub mod volatile_queue;
pub mod wide_fan_out;
pub mod write_back_loss;
