//! Real processes on loopback.

mod echoes;
mod fabric;
mod leftovers;
mod rig;
mod supervisor;
mod wire;
