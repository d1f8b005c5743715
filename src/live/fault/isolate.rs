//! Isolation: the elements hear themselves and each other, and nobody outside.

use super::{Fault, FaultCard, FaultError, Plan, Take};
use crate::live::topology::Topology;
use crate::live::wire::RuleEffect;

pub(super) const CARD: FaultCard = FaultCard {
    id: "isolate",
    title: "Isolate",
    about: "Cuts the elements off from everything outside them, both ways.",
    takes: &[Take::On],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    if !fault.against.is_empty() {
        return Err(FaultError::Wants {
            fault: CARD.id,
            wants: "it is against everything else; leave `against` out",
        });
    }
    fault.between(CARD.id, topology, RuleEffect::Cut)
}
