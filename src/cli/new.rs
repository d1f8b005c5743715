//! `new`: a design from a template.

use std::path::PathBuf;

use super::{Failure, Io, Outcome, is_dash};
use crate::file::TEMPLATES;

/// Arguments of `new`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Template; `linchpin templates` lists them.
    template: String,
    /// File to write; `-` writes to standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Overwrite a file that is there.
    #[arg(long)]
    force: bool,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let Some(template) = TEMPLATES.iter().find(|t| t.name == self.template) else {
            let names: Vec<&str> = TEMPLATES.iter().map(|t| t.name).collect();
            return Err(Failure::new(format!(
                "there is no template `{}`; there are {}",
                self.template,
                names.join(", ")
            )));
        };
        if is_dash(&self.output) {
            io.out.write_all(template.text.as_bytes())?;
            return Ok(Outcome::Fine);
        }
        let name = self.output.display();
        let mut options = std::fs::OpenOptions::new();
        options.write(true);
        if self.force {
            options.create(true).truncate(true)
        } else {
            options.create_new(true)
        };
        let mut file = options.open(&self.output).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Failure::new(format!("{name}: the file is there already; --force overwrites it"))
            }
            _ => Failure::new(format!("{name}: {e}")),
        })?;
        std::io::Write::write_all(&mut file, template.text.as_bytes())
            .map_err(|e| Failure::new(format!("{name}: {e}")))?;
        Ok(Outcome::Fine)
    }
}
