//! One node: the process that one instance runs as.
//!
//! Never: another instance's address, a route, a world or a prediction.

mod echo;

use std::process::ExitCode;

use super::wire::{FromNode, NodeStart, child};

/// The node process: `linchpin node`.
pub fn main() -> ExitCode {
    child::follow_parent();
    let start: NodeStart = match child::first_line() {
        Ok(start) => start,
        Err(error) => {
            eprintln!("no start: {error}");
            return ExitCode::from(2);
        }
    };
    let tell = child::Teller::new();
    if start.spec["role"] == "echo" {
        return echo::run(&start, &tell);
    }
    tell.say(FromNode::Refused { why: format!("the role {} does not run yet", start.spec["role"]) });
    tell.flush(std::time::Duration::from_secs(1));
    ExitCode::from(2)
}
