//! A zone fails: everything that stands in it ends.

use super::{Fault, FaultCard, FaultError, Plan, Step, Take};
use crate::live::topology::Topology;

pub(super) const CARD: FaultCard = FaultCard {
    id: "fail-zone",
    title: "Fail zone",
    about: "Ends every process that stands in the zones.",
    takes: &[Take::Zones],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    if !fault.on.iter().all(|element| topology.is_zone(element)) {
        return Err(FaultError::Wants { fault: CARD.id, wants: "name zones only" });
    }
    Ok(Plan { steps: vec![Step::Kill(fault.targets(CARD.id, topology)?)], rules: Vec::new() })
}
