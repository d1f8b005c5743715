//! Who can reach what: the ways from the open internet into the design.
//!
//! Never: what fails; nobody has to be evil for that.

mod guards;

pub mod central_authentication;
pub mod credentials_in_clear;
pub mod exposed_admin;
pub mod flat_network;
pub mod missing_authentication;
pub mod no_audit_log;
pub mod no_rate_limit;
pub mod no_waf;
pub mod open_entry;
pub mod secret_in_design;
pub mod store_on_internet;
pub mod trust_jump;
pub mod unauthenticated_link;
pub mod unencrypted_at_rest;
pub mod unencrypted_link;
pub mod unguarded_egress;

use std::collections::BTreeSet;

use super::Facts;
use crate::design::{Component, ElementId, Interaction, Kind, Link, Trust};

/// The way of a request from outside to a component, and the components on it that pass it on unread.
#[derive(Clone, Debug)]
struct Way<'a> {
    /// Where it ends.
    end: &'a Component,
    /// Components and links from the outsider to the end.
    elements: Vec<ElementId>,
    /// Whether something on it, the end included, limits or inspects requests.
    is_guarded: bool,
}

/// Whether anybody on the internet can be this.
fn is_outside(facts: &Facts<'_>, c: &Component) -> bool {
    // A zone says where users are near to; that anybody may be one of them can be said beside it.
    if c.kind == Kind::Client && c.security.internet_facing {
        return true;
    }
    match trust_of(facts, c) {
        Trust::Internet => true,
        Trust::Perimeter | Trust::Private | Trust::Restricted => false,
        // Users whom nobody has placed come from anywhere.
        Trust::Inherited => c.kind == Kind::Client,
    }
}

/// The trust of the zones of a component: that of the least trusted; `Inherited` where none is stated.
fn trust_of(facts: &Facts<'_>, c: &Component) -> Trust {
    let stated = |zone: &str| {
        let place = facts.deployment.zone_index(zone)?;
        let chain = &facts.deployment.zones[place].chain;
        chain.iter().rev().map(|z| facts.design.zones[*z].trust).find(|t| *t != Trust::Inherited)
    };
    c.zones.iter().filter_map(|z| stated(z.as_str())).min().unwrap_or_default()
}

/// What keeps data or messages that are worth stealing.
fn keeps_data(c: &Component) -> bool {
    c.kind.is_store() || c.kind.is_messaging() || matches!(c.kind, Kind::Cache | Kind::Coordinator)
}

/// What hands a request on without looking at what it asks for.
fn passes_on(kind: Kind) -> bool {
    matches!(kind, Kind::Dns | Kind::Firewall | Kind::LoadBalancer | Kind::Cdn)
}

/// What limits or inspects requests. A firewall without settings counts: it was drawn for that.
fn guards(c: &Component) -> bool {
    let set = c.firewall.as_ref().is_some_and(|f| f.rate_limit.is_some() || f.waf || f.ddos);
    c.kind == Kind::Firewall || set
}

/// Every way by which outsiders reach a component that reads their requests. O(components + links), as a component is
/// passed at most twice: once guarded, once not.
fn ways_in<'a>(facts: &Facts<'a>) -> Vec<Way<'a>> {
    let mut ways = Vec::new();
    let mut seen: BTreeSet<(&str, bool)> = BTreeSet::new();
    let mut open: Vec<Way<'a>> = facts
        .design
        .components
        .iter()
        .filter(|c| is_outside(facts, c))
        .map(|c| Way { end: c, elements: vec![ElementId::from(&c.id)], is_guarded: false })
        .collect();
    open.reverse();
    while let Some(way) = open.pop() {
        let mut next: Vec<Way<'a>> = facts
            .links_from(&way.end.id)
            .iter()
            .filter(|l| carries(l))
            .filter_map(|l| {
                let end = facts.component(&l.to)?;
                let mut elements = way.elements.clone();
                elements.push(ElementId::from(&l.id));
                elements.push(ElementId::from(&l.to));
                Some(Way { end, elements, is_guarded: way.is_guarded || guards(end) })
            })
            .filter(|w| seen.insert((w.end.id.as_str(), w.is_guarded)))
            .collect();
        next.reverse();
        for w in next {
            if passes_on(w.end.kind) { open.push(w) } else { ways.push(w) }
        }
    }
    ways
}

fn carries(link: &Link) -> bool {
    matches!(
        link.interaction,
        Interaction::Call | Interaction::Publish | Interaction::Resolve | Interaction::Bypass
    )
}
