//! A crash: the process ends at once, its connections with it; callers are refused.

use super::{Fault, FaultCard, FaultError, Plan, Step, Take};
use crate::live::topology::Topology;

pub(super) const CARD: FaultCard = FaultCard {
    id: "kill",
    title: "Kill",
    about: "Ends the processes at once (SIGKILL); who calls them is refused.",
    takes: &[Take::On],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    fault.down(CARD.id, topology, Step::Kill)
}
