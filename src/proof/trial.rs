//! A plan carried out on a live cluster from its start to its end; every way to prove does it alike.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::claim::ProofReport;
use super::laboratory::{ClusterLaboratory, LaboratoryError};
use super::pace::{TOTAL_PER_S, pace};
use super::plan::Experiment;
use super::record::Record;
use super::run::{Progress, run};
use crate::deploy::Deployment;
use crate::live::spec::Sabotage;

/// How a cluster is tried.
pub struct Trial {
    /// Requests a second of all journeys together.
    pub rate: f64,
    /// Fixes what the cluster does by chance.
    pub seed: u64,
    /// Components that are wrong on purpose, and how.
    pub sabotage: BTreeMap<String, Sabotage>,
    /// Set from outside to end it; what was judged until then is reported.
    pub cancel: Arc<AtomicBool>,
}

impl Default for Trial {
    fn default() -> Self {
        Self {
            rate: TOTAL_PER_S,
            seed: 1,
            sabotage: BTreeMap::new(),
            cancel: Arc::new(AtomicBool::new(false)),
        }
    }
}

impl Trial {
    /// Starts a cluster at the pace that the experiments want, tries every experiment on it and stops it.
    ///
    /// # Errors
    /// If the cluster does not start. What goes wrong later is the report's trouble.
    pub fn carry_out(
        &self,
        deployment: &mut Deployment,
        experiments: Vec<Experiment>,
        record: Option<&mut Record>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ProofReport, LaboratoryError> {
        let options = pace(deployment, &experiments, self.rate);
        let mut laboratory =
            ClusterLaboratory::launch(deployment, self.seed, &self.sabotage, self.cancel.clone())?;
        let report = run(experiments, &options, &mut laboratory, record, &self.cancel, progress);
        laboratory.stop();
        Ok(report)
    }
}
