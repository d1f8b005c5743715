//! Real processes on loopback.

mod fabric;
mod rig;
mod wire;
