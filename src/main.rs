//! The binary.

use std::process::ExitCode;

use linchpin::cli::{self, Io, Next};

fn main() -> ExitCode {
    let (mut input, mut out, mut err) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let mut io = Io { input: &mut input, out: &mut out, err: &mut err };
    match cli::run(std::env::args_os(), &mut io) {
        Next::Exit(code) => ExitCode::from(code),
        Next::Window(design) => {
            let failure = cli::no_window("this build has none", design.as_deref());
            ExitCode::from(cli::fail(&failure, &mut io))
        }
    }
}
