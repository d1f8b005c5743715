//! Cold start: what can come up when everything is down.
//!
//! Running systems are the greatest fixed point of their needs: two services that need each other keep each other up.
//! Cold starts are the least: neither of the two can be first. Where they differ, an outage of everything does not
//! end by itself.

use std::collections::BTreeMap;

use crate::deploy::{EffectiveSlot, slots_of_all};
use crate::design::{ComponentId, Design, Kind, Need, When};

/// Components other than clients that serve while running but cannot start from cold, in file order.
///
/// Counted are all needs but optional ones and those felt at failover; nothing is cached yet. A queue does not need its
/// consumers; a resolver needs nothing of what it names, but who asks it does. O(components x links).
pub fn cannot_start_cold(design: &Design) -> Vec<ComponentId> {
    let index: BTreeMap<&str, usize> =
        design.components.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
    let slots: Vec<Vec<EffectiveSlot>> = slots_of_all(design);
    let mut up = vec![false; design.components.len()];
    loop {
        let mut changed = false;
        for c in 0..up.len() {
            if !up[c]
                && (design.components[c].kind == Kind::Dns
                    || holds(design, &index, &slots, &up, c, &mut vec![c]))
            {
                up[c] = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    (0..up.len())
        .filter(|c| !up[*c] && design.components[*c].kind != Kind::Client)
        .map(|c| design.components[c].id.clone())
        .collect()
}

/// Whether the slots of a component hold with what is up. `asked` guards against resolvers that name each other.
fn holds(
    design: &Design,
    index: &BTreeMap<&str, usize>,
    slots: &[Vec<EffectiveSlot>],
    up: &[bool],
    component: usize,
    asked: &mut Vec<usize>,
) -> bool {
    slots[component].iter().all(|slot| {
        if slot.need == Need::Optional || slot.when == When::AtFailover {
            return true;
        }
        let mut served = 0;
        for link in &slot.links {
            let Some(&target) = index.get(design.links[*link].to.as_str()) else { continue };
            let names = design.components[target].kind == Kind::Dns && !asked.contains(&target);
            let behind = if names {
                asked.push(target);
                let behind = holds(design, index, slots, up, target, asked);
                asked.pop();
                behind
            } else {
                true
            };
            served += usize::from(up[target] && behind);
        }
        match slot.need {
            Need::All => served == slot.links.len(),
            Need::Any => served > 0,
            Need::KOf(k) => served >= k as usize,
            Need::Optional => true,
        }
    })
}
