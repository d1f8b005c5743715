//! Real processes on loopback.

mod dial;
mod echoes;
mod fabric;
mod faults;
mod harden;
mod leftovers;
mod nodes;
mod rig;
mod run;
mod sabotage;
mod semantics;
mod small;
mod store;
mod supervisor;
mod templates;
mod typed;
mod wire;
