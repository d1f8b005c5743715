//! The anti-patterns of the field: what experience says will hurt, whatever the numbers are.
//!
//! Never: what a world does to a journey; that is `failure`.

pub mod no_monitoring;
