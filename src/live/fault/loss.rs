//! Loss between two sides, or along links: packets are sent again, and felt as delay.

use super::{Fault, FaultCard, FaultError, Plan, Take};
use crate::live::topology::Topology;
use crate::live::wire::RuleEffect;

pub(super) const CARD: FaultCard = FaultCard {
    id: "loss",
    title: "Loss",
    about: "A share of the packets between the two sides is lost and sent again, as TCP does: felt as delay.",
    takes: &[Take::On, Take::Against, Take::Along, Take::Share],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    if !(fault.share > 0.0 && fault.share < 1.0) {
        return Err(FaultError::Wants { fault: CARD.id, wants: "say which `share`: above 0 and below 1" });
    }
    fault.between(CARD.id, topology, RuleEffect::Loss { share: fault.share })
}
