//! `templates`: the designs to start from.
//!
//! JSON, version 1: `{"version", "templates": [{"name", "about"}]}`.

use serde_json::json;

use super::{Failure, Format, Io, Outcome, write_json};

/// A design to start from.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Names it on the command line.
    pub name: &'static str,
    /// The whole file.
    pub text: &'static str,
}

/// Every template, the one to begin with first.
pub static TEMPLATES: &[Template] = &[];

impl Template {
    /// What it teaches: the first sentence of the comment at its head.
    pub fn about(&self) -> String {
        let head: Vec<&str> = self
            .text
            .lines()
            .map_while(|line| line.strip_prefix("//"))
            .map(str::trim)
            .take_while(|line| !line.is_empty())
            .collect();
        head.join(" ")
    }
}

/// Arguments of `templates`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How they are listed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        match self.format {
            Format::Json => {
                let list: Vec<_> =
                    TEMPLATES.iter().map(|t| json!({ "name": t.name, "about": t.about() })).collect();
                write_json(io, &json!({ "version": 1, "templates": list }))?;
            }
            Format::Text => {
                let width = TEMPLATES.iter().map(|t| t.name.len()).max().unwrap_or(0);
                for t in TEMPLATES {
                    writeln!(io.out, "{:<width$}  {}", t.name, t.about())?;
                }
            }
        }
        Ok(Outcome::Fine)
    }
}
