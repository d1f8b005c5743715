//! `schema`: the JSON schema of the design format.

use super::{Failure, Io, Outcome, write_json};
use crate::design::Design;

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

impl Arguments {
    #[expect(clippy::unused_self, reason = "every verb is executed alike")]
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let schema = schemars::schema_for!(Design);
        write_json(io, schema.as_value())?;
        Ok(Outcome::Fine)
    }
}
