//! A partition in one direction: `against` no longer hears `on`, which hears it still.

use super::{Fault, FaultCard, FaultError, Plan, Take, rule};
use crate::live::topology::Topology;
use crate::live::wire::RuleEffect;

pub(super) const CARD: FaultCard = FaultCard {
    id: "one-way-partition",
    title: "One-way partition",
    about: "What the one side sends to the other vanishes; the way back is open.",
    takes: &[Take::On, Take::Against, Take::Along],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    let (here, there) = fault.sides(CARD.id, topology)?;
    Ok(Plan { rules: vec![rule(&here, &there, fault.link.as_ref(), RuleEffect::Cut)], ..Plan::default() })
}
