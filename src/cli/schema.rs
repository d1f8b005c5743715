//! `schema`: the JSON schema of the design format.

use super::{Failure, Io, Outcome, write_json};

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

impl Arguments {
    #[expect(clippy::unused_self, reason = "every verb is executed alike")]
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let schema = crate::file::schema();
        write_json(io, &schema)?;
        Ok(Outcome::Fine)
    }
}
