//! A narrow way between two sides, or along links.

use super::{Fault, FaultCard, FaultError, Plan, Take};
use crate::live::topology::Topology;
use crate::live::wire::RuleEffect;

pub(super) const CARD: FaultCard = FaultCard {
    id: "throttle",
    title: "Throttle",
    about: "Each connection between the two sides passes at most so many bits a second, each way.",
    takes: &[Take::On, Take::Against, Take::Along, Take::Speed],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    if !(fault.bits_per_s > 0.0 && fault.bits_per_s.is_finite()) {
        return Err(FaultError::Wants { fault: CARD.id, wants: "say how fast: `bits_per_s` above 0" });
    }
    fault.between(CARD.id, topology, RuleEffect::Throttle { bits_per_s: fault.bits_per_s })
}
