//! A pause: the process stands still with its sockets open. What a long garbage collection, a frozen virtual machine or
//! an overloaded host looks like from outside.

use super::{Fault, FaultCard, FaultError, Plan, Step, Take};
use crate::live::topology::Topology;

pub(super) const CARD: FaultCard = FaultCard {
    id: "pause",
    title: "Pause",
    about: "Stops the processes where they stand (SIGSTOP): their sockets stay open and silent.",
    takes: &[Take::On],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    fault.down(CARD.id, topology, Step::Pause)
}
