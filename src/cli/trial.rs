//! Experiments carried out on a live cluster, with what whoever waits is told meanwhile; `prove` and `harden --prove` do it alike.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::status::Status;
use super::{Failure, Io};
use crate::deploy::Deployment;
use crate::live::spec::Sabotage;
use crate::proof::{self, ClusterLaboratory, Experiment, Progress, ProofReport, Record, Verdict, pace};

/// How a cluster is tried.
#[derive(Default)]
pub(super) struct Trial {
    /// Requests a second of all journeys together.
    pub(super) rate: f64,
    /// Fixes what the cluster does by chance.
    pub(super) seed: u64,
    /// Components that are wrong on purpose.
    pub(super) sabotage: BTreeMap<String, Sabotage>,
    /// Set from outside to end it; what was judged until then is told.
    pub(super) cancel: Arc<AtomicBool>,
}

impl Trial {
    /// Starts a cluster, tries every experiment on it and stops it.
    ///
    /// # Errors
    /// If the cluster does not start.
    pub(super) fn carry_out(
        &self,
        deployment: &mut Deployment,
        experiments: Vec<Experiment>,
        record: Option<&mut Record>,
        io: &mut Io<'_>,
    ) -> Result<ProofReport, Failure> {
        let options = pace(deployment, &experiments, self.rate);
        let mut laboratory =
            ClusterLaboratory::launch(deployment, self.seed, &self.sabotage, self.cancel.clone())
                .map_err(|e| Failure::new(e.to_string()))?;
        let status = Status::new();
        let report =
            proof::run(experiments, &options, &mut laboratory, record, &self.cancel, &mut |progress| {
                tell(io, &status, &progress)
            });
        laboratory.stop();
        status.clear(io.err);
        Ok(report)
    }
}

fn tell(io: &mut Io<'_>, status: &Status, progress: &Progress) {
    match progress {
        Progress::Trying { index, of, fault, attempt } => {
            let again = if *attempt > 1 { format!(", try {attempt}") } else { String::new() };
            status.show(io.err, &format!("{}/{of} {fault}{again}", index + 1));
        }
        Progress::Judged(claims) => {
            for claim in claims.iter().filter(|c| !matches!(c.verdict, Some(Verdict::Confirmed) | None)) {
                let why = claim.attempts.last().map_or("", |a| a.why.as_str());
                let verdict = claim.verdict.map_or("", Verdict::word);
                status.say(io.err, &format!("{verdict}: {} ({why})", claim.id));
            }
        }
    }
}
