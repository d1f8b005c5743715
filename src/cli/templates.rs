//! `templates`: the designs to start from.
//!
//! JSON, version 1: `{"version", "templates": [{"name", "about"}]}`.

use serde_json::json;

use crate::file::TEMPLATES;

use super::{Failure, Format, Io, Outcome, write_json};

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
