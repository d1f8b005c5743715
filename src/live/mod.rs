//! The live cluster: a design as real processes on this machine.
//!
//! [`wire`] is the protocol; `node` is what one process does; the fabric is the network between them, which can be
//! broken; the supervisor starts and ends the processes; the parent's side is the cluster handle that window and command
//! line use.
//!
//! Never: the window, the command line, a prediction.

pub mod address;
pub mod cluster;
pub mod event;
pub mod fabric;
pub mod fault;
pub mod load;
pub mod node;
pub mod runfile;
pub mod spec;
pub mod supervisor;
pub mod topology;
pub mod wire;

use std::process::ExitCode;

/// The child process that a first argument asks for: `linchpin node` and its like.
pub fn child_process(verb: &str) -> Option<fn() -> ExitCode> {
    match verb {
        "fabric" => Some(fabric::main),
        "node" => Some(node::main),
        "supervise" => Some(supervisor::main),
        _ => None,
    }
}
