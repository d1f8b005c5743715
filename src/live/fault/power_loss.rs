//! A power cut: the process ends, and everything that no fsync had made durable is gone.

use super::{Fault, FaultCard, FaultError, Plan, Step, Take};
use crate::live::topology::Topology;

pub(super) const CARD: FaultCard = FaultCard {
    id: "power-loss",
    title: "Power loss",
    about: "Ends the processes and takes from their disks what no fsync had made durable.",
    takes: &[Take::On],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    Ok(Plan { steps: vec![Step::PowerLoss(fault.targets(CARD.id, topology)?)], rules: Vec::new() })
}
