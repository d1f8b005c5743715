//! `fmt`: designs in canonical form, comments and unknown fields kept; the text before is kept as `<name>.bak`.

use std::path::PathBuf;

use super::{Failure, Io, Outcome, is_dash, read_unchecked};

/// Arguments of `fmt`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Design files; `-` reads standard input and writes to standard output.
    #[arg(required = true)]
    designs: Vec<PathBuf>,
    /// Change nothing; name the files that are not in canonical form and give exit code 1 if there are any.
    #[arg(long)]
    check: bool,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::Fine;
        for path in &self.designs {
            let mut document = read_unchecked(path, io)?;
            let canonical = document.render(document.design());
            let is_canonical = canonical == document.text();
            if self.check {
                if !is_canonical {
                    writeln!(io.out, "{}", document.shown_name())?;
                    outcome = Outcome::Found;
                }
            } else if is_dash(path) {
                io.out.write_all(canonical.as_bytes())?;
            } else if !is_canonical {
                let design = document.design().clone();
                document.save(&design).map_err(|e| Failure::new(e.to_string()))?;
            }
        }
        Ok(outcome)
    }
}
