//! A wrong clock: ahead, behind, or drifting away.

use super::{Fault, FaultCard, FaultError, Plan, Step, Take};
use crate::live::topology::Topology;
use crate::live::wire::ClockFault;

pub(super) const CARD: FaultCard = FaultCard {
    id: "clock-skew",
    title: "Clock skew",
    about: "The clocks of the nodes are ahead (or behind) and gain (or lose) from now on.",
    takes: &[Take::On, Take::Clock],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    let clock = ClockFault { offset_ms: fault.offset_ms, drift_ppm: fault.drift_ppm };
    let is_sound = clock.offset_ms.is_finite() && clock.drift_ppm.is_finite();
    if !is_sound || clock == ClockFault::default() {
        return Err(FaultError::Wants { fault: CARD.id, wants: "say how wrong: `offset_ms` or `drift_ppm`" });
    }
    Ok(Plan { steps: vec![Step::Clock(fault.targets(CARD.id, topology)?, clock)], rules: Vec::new() })
}
