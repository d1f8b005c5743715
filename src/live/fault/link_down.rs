//! A link fails: nothing that is sent along it arrives, either way.

use std::collections::BTreeSet;

use super::{Fault, FaultCard, FaultError, Plan, Take, rule};
use crate::design::LinkId;
use crate::live::topology::Topology;
use crate::live::wire::{Rule, RuleEffect, Set};

pub(super) const CARD: FaultCard = FaultCard {
    id: "link-down",
    title: "Link down",
    about: "What is sent along the links vanishes, both ways; nobody is told.",
    takes: &[Take::Links],
    plan,
};

fn plan(fault: &Fault, topology: &Topology) -> Result<Plan, FaultError> {
    let links = fault.links_named(topology);
    if links.is_empty() {
        return Err(FaultError::Wants { fault: CARD.id, wants: "name links of the design" });
    }
    Ok(Plan { rules: silence(&links), ..Plan::default() })
}

/// The rules that silence links.
pub(super) fn silence(links: &BTreeSet<LinkId>) -> Vec<Rule> {
    links.iter().map(|link| rule(&Set::All, &Set::All, Some(link), RuleEffect::Cut)).collect()
}
