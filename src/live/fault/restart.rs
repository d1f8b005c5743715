//! A restart: the process ends and begins anew on the same files.

use super::{Fault, FaultCard, FaultError, Plan, Step, Take};
use crate::live::topology::Topology;

pub(super) const CARD: FaultCard = FaultCard {
    id: "restart",
    title: "Restart",
    about: "Ends the processes and starts them again on the same files.",
    takes: &[Take::On],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    Ok(Plan { steps: vec![Step::Restart(fault.targets(CARD.id, topology)?)], rules: Vec::new() })
}
