//! Delay between two sides, or along links.

use super::{Fault, FaultCard, FaultError, Plan, Take};
use crate::live::topology::Topology;
use crate::live::wire::RuleEffect;

pub(super) const CARD: FaultCard = FaultCard {
    id: "delay",
    title: "Delay",
    about: "What travels between the two sides arrives later, each way.",
    takes: &[Take::On, Take::Against, Take::Along, Take::Delay],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    let (latency_ms, jitter_ms) = (fault.latency_ms, fault.jitter_ms);
    if !(latency_ms >= 0.0 && jitter_ms >= 0.0 && latency_ms + jitter_ms > 0.0) {
        return Err(FaultError::Wants {
            fault: CARD.id,
            wants: "say how long: `latency_ms` or `jitter_ms` above 0",
        });
    }
    fault.between(CARD.id, topology, RuleEffect::Delay { latency_ms, jitter_ms })
}
