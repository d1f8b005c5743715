//! The program as a person types it, from the folder of the project.

use std::process::Command;

use serde_json::Value;

use super::rig::PROGRAM;

/// Runs a command to its end: its exit code, the JSON that it printed, and what it said besides.
pub fn linchpin(arguments: &[&str]) -> (i32, Value, String) {
    let out = Command::new(PROGRAM)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let json = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
    (out.status.code().unwrap_or(-1), json, said)
}
