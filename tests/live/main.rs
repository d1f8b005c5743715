//! Real processes on loopback.

mod wire;
