//! A full disk: every write fails.

use super::{Fault, FaultCard, FaultError, Plan, Step, Take};
use crate::live::topology::Topology;
use crate::live::wire::DiskFault;

pub(super) const CARD: FaultCard = FaultCard {
    id: "disk-full",
    title: "Disk full",
    about: "Every write of the nodes fails for lack of space.",
    takes: &[Take::On],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    let disk = DiskFault { full: true, ..DiskFault::default() };
    Ok(Plan { steps: vec![Step::Disk(fault.targets(CARD.id, topology)?, disk)], rules: Vec::new() })
}
