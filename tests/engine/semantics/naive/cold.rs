//! Rule 40: what cannot start from cold.

use linchpin::design::{Design, Interaction, Kind, Need, When};

use super::journey::{SlotOf, slot_of};

/// Rule 40: the components that serve when running but cannot start from cold.
pub fn stuck_cold(design: &Design) -> Vec<String> {
    // "the least fixed point of all needs but optional ones and those at failover"
    let mut started: Vec<&str> = Vec::new();
    loop {
        let next = design
            .components
            .iter()
            .find(|c| !started.contains(&c.id.as_str()) && may_start(design, c.id.as_str(), &started));
        match next {
            Some(c) => started.push(c.id.as_str()),
            None => break,
        }
    }
    // "A component other than a client"
    let reported = design.components.iter().filter(|c| c.kind != Kind::Client);
    reported.map(|c| c.id.as_str()).filter(|c| !started.contains(c)).map(str::to_owned).collect()
}

/// Whether a component's slots hold with what has started.
fn may_start(design: &Design, id: &str, started: &[&str]) -> bool {
    // "a resolver needs nothing of what it names, but who asks it does"
    let resolves = design.links_to(id).any(|l| l.interaction == Interaction::Resolve)
        || design.component(id).is_some_and(|c| c.kind == Kind::Dns);
    resolves || slots_start(design, id, started)
}

fn slots_start(design: &Design, id: &str, started: &[&str]) -> bool {
    let mut slots: Vec<(SlotOf, Vec<bool>)> = Vec::new();
    for (index, link) in design.links.iter().enumerate() {
        // "A queue does not need its consumers".
        if link.from != *id || link.interaction == Interaction::Subscribe {
            continue;
        }
        let Some(slot) = slot_of(design, index) else { continue };
        let mut ready = started.contains(&link.to.as_str());
        if link.interaction == Interaction::Resolve && ready {
            ready = slots_start(design, link.to.as_str(), started);
        }
        match slots.iter_mut().find(|(s, _)| s.key == slot.key) {
            Some((_, members)) => members.push(ready),
            None => slots.push((slot, vec![ready])),
        }
    }
    slots.iter().filter(|(s, _)| s.need != Need::Optional && s.when != When::AtFailover).all(
        |(slot, ready)| {
            let up = ready.iter().filter(|r| **r).count();
            match slot.need {
                Need::Any => up > 0,
                Need::KOf(k) => up >= k as usize,
                Need::All => up == ready.len(),
                Need::Optional => true,
            }
        },
    )
}
