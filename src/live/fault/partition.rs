//! A network partition: two sides that no longer hear each other. Both keep running.

use super::{Fault, FaultCard, FaultError, Plan, Take};
use crate::live::topology::Topology;
use crate::live::wire::RuleEffect;

pub(super) const CARD: FaultCard = FaultCard {
    id: "partition",
    title: "Partition",
    about: "What either side sends to the other vanishes; nobody is told.",
    takes: &[Take::On, Take::Against, Take::Along],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    fault.between(CARD.id, topology, RuleEffect::Cut)
}
