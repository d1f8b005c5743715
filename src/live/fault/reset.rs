//! Connections break: those between two sides are reset, once; new ones can be opened.

use super::{Fault, FaultCard, FaultError, Plan, Step, Take};
use crate::live::topology::Topology;

pub(super) const CARD: FaultCard = FaultCard {
    id: "reset",
    title: "Reset connections",
    about: "Breaks every open connection between the two sides, once; new ones can be opened.",
    takes: &[Take::On, Take::Against, Take::Along],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    let (here, there) = fault.sides(CARD.id, topology)?;
    let steps = vec![
        Step::Reset(here.clone(), there.clone(), fault.link.clone()),
        Step::Reset(there, here, fault.link.clone()),
    ];
    Ok(Plan { steps, rules: Vec::new() })
}
