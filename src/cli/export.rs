//! `export`: pictures of a design, with its text inside, so that they open again, and its fault trees.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{Failure, Io, Outcome, is_dash, read_document};
use crate::export::{self, EXPORTERS, Picture};
use crate::scene::Shade;

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Design file; `-` reads standard input.
    design: PathBuf,
    /// Format: svg, png or mef. Absent: by the name of the output.
    #[arg(long, value_name = "FORMAT")]
    to: Option<String>,
    /// File to write; `-` writes to standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Colours.
    #[arg(long, value_enum, default_value_t)]
    theme: Theme,
    /// Pixels a point, for formats that have pixels.
    #[arg(long, default_value_t = 2.0)]
    scale: f32,
    /// Leave the text of the design out of the picture; it does not open again then.
    #[arg(long)]
    without_source: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Theme {
    #[default]
    Light,
    Dark,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let named = self.output.extension().map(|e| e.to_string_lossy().to_lowercase());
        let format = self.to.clone().or(named).unwrap_or_default();
        let Some(exporter) = export::by_id(&format) else {
            let known: Vec<&str> = EXPORTERS.iter().map(|e| e.id).collect();
            return Err(Failure::new(format!(
                "there is no format `{format}`; --to takes {}",
                known.join(" or ")
            )));
        };
        if !(self.scale > 0.0 && self.scale <= 16.0) {
            return Err(Failure::new(format!("--scale {} is not between 0 and 16", self.scale)));
        }
        let document = read_document(&self.design, io)?;
        let picture = Picture {
            shade: if self.theme == Theme::Dark { Shade::Dark } else { Shade::Light },
            scale: self.scale,
            source: (!self.without_source).then(|| document.text()),
            ..Picture::of(document.design())
        };
        let bytes = exporter.write(&picture).map_err(|e| Failure::new(e.to_string()))?;
        if is_dash(&self.output) {
            io.out.write_all(&bytes)?;
        } else {
            std::fs::write(&self.output, bytes)
                .map_err(|e| Failure::new(format!("{}: {e}", self.output.display())))?;
        }
        Ok(Outcome::Fine)
    }
}
