//! The binary.

use std::process::ExitCode;

use linchpin::cli::{self, Io, Next};
use linchpin::live;

fn main() -> ExitCode {
    // The child processes come first: nothing graphical, no option parser, nothing that a node does not need.
    let verb = std::env::args_os().nth(1);
    if let Some(child) = verb.as_ref().and_then(|verb| verb.to_str()).and_then(live::child_process) {
        return child();
    }

    let (mut input, mut out, mut err) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let mut io = Io { input: &mut input, out: &mut out, err: &mut err };
    match cli::run(std::env::args_os(), &mut io) {
        Next::Exit(code) => ExitCode::from(code),
        Next::Window(design) => match window(design.clone()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                let failure = cli::no_window(&reason, design.as_deref());
                ExitCode::from(cli::fail(&failure, &mut io))
            }
        },
    }
}

#[cfg(feature = "gui")]
fn window(design: Option<std::path::PathBuf>) -> Result<(), String> {
    linchpin::gui::run(design)
}

#[cfg(not(feature = "gui"))]
fn window(_: Option<std::path::PathBuf>) -> Result<(), String> {
    Err("this build has none".to_owned())
}
