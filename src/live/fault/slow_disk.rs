//! A slow disk: every write and fsync takes longer.

use super::{Fault, FaultCard, FaultError, Plan, Step, Take};
use crate::live::topology::Topology;
use crate::live::wire::DiskFault;

pub(super) const CARD: FaultCard = FaultCard {
    id: "slow-disk",
    title: "Slow disk",
    about: "Every write and fsync of the nodes takes `latency_ms` longer.",
    takes: &[Take::On, Take::Delay],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    if fault.latency_ms.is_nan() || fault.latency_ms <= 0.0 {
        return Err(FaultError::Wants { fault: CARD.id, wants: "say how long: `latency_ms` above 0" });
    }
    let disk = DiskFault { delay_ms: fault.latency_ms, ..DiskFault::default() };
    Ok(Plan { steps: vec![Step::Disk(fault.targets(CARD.id, topology)?, disk)], rules: Vec::new() })
}
