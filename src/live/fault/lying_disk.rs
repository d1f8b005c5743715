//! A disk that says yes to fsync and makes nothing durable, as a cache without a battery does.

use super::{Fault, FaultCard, FaultError, Plan, Step, Take};
use crate::live::topology::Topology;
use crate::live::wire::DiskFault;

pub(super) const CARD: FaultCard = FaultCard {
    id: "lying-disk",
    title: "Lying disk",
    about: "Says yes to fsync and makes nothing durable: a power loss takes everything since.",
    takes: &[Take::On],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    let disk = DiskFault { drop_unsynced: true, ..DiskFault::default() };
    Ok(Plan { steps: vec![Step::Disk(fault.targets(CARD.id, topology)?, disk)], rules: Vec::new() })
}
