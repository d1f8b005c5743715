//! Names for people: how an element is called in a finding's words. Ids stay in the finding's fields.
//!
//! An element is called by the name that somebody gave it; where two components share a name, the id follows in brackets,
//! and only there.

use std::collections::BTreeMap;

use super::Facts;
use super::facts::counted;
use super::{Finding, RuleCard};
use crate::design::{Component, Design, Link, Zone};

/// The names of components that alone would not say which is meant, with their ids in brackets.
#[derive(Debug, Default)]
pub(super) struct Ambiguous<'a>(BTreeMap<&'a str, String>);

impl<'a> Ambiguous<'a> {
    /// Of a design. O(components).
    pub fn of(design: &'a Design) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&Component>> = BTreeMap::new();
        for c in &design.components {
            by_name.entry(c.title()).or_default().push(c);
        }
        let shared = by_name.into_values().filter(|of| of.len() > 1).flatten();
        Self(shared.map(|c| (c.id.as_str(), with_id(c.title(), c.id.as_str()))).collect())
    }
}

fn with_id(name: &str, id: &str) -> String {
    if name == id { id.to_owned() } else { format!("{name} ({id})") }
}

impl Facts<'_> {
    /// How a component is called: its name, and its id in brackets where another has the same name.
    pub fn name<'s>(&'s self, c: &'s Component) -> &'s str {
        self.ambiguous.0.get(c.id.as_str()).map_or_else(|| c.title(), String::as_str)
    }

    /// How a zone of that id is called.
    pub fn zone_name<'s>(&'s self, id: &'s str) -> &'s str {
        self.design.zone(id).map_or(id, zone_title)
    }

    /// How a link is called: by its ends.
    pub fn link_name(&self, link: &Link) -> String {
        let end = |id: &str| self.component(id).map_or_else(|| id.to_owned(), |c| self.name(c).to_owned());
        format!("{} → {}", end(link.from.as_str()), end(link.to.as_str()))
    }

    /// How any element is called: component, instance (`replica 2 of Web`, or by the component alone where it is the only
    /// one), zone, link, cause or journey. What is none of these is called by its id.
    pub fn element_name(&self, id: &str) -> String {
        if let Some(c) = self.component(id) {
            return self.name(c).to_owned();
        }
        if let Some(z) = self.deployment.zone_index(id).map(|z| &self.design.zones[z]) {
            return zone_title(z).to_owned();
        }
        if let Some(l) = self.deployment.link_index(id).map(|l| &self.design.links[l]) {
            return self.link_name(l);
        }
        if let Some(cause) = self.design.cause(id) {
            return if cause.name.is_empty() { id.to_owned() } else { cause.name.clone() };
        }
        if let Some(j) = self.design.journey(id) {
            return j.title().to_owned();
        }
        let mut parts = id.split('/');
        let Some(c) = parts.next().and_then(|whole| self.component(whole)) else { return id.to_owned() };
        let name = self.name(c);
        match (parts.next(), parts.next()) {
            (Some(_), None) if c.replicas <= 1 => name.to_owned(),
            (Some(replica), None) => format!("replica {replica} of {name}"),
            (Some(shard), Some(_)) if c.replicas <= 1 => format!("shard {shard} of {name}"),
            (Some(shard), Some(replica)) => format!("replica {replica} of shard {shard} of {name}"),
            (None, _) => name.to_owned(),
        }
    }

    /// A few words for a list: what is wrong and with what.
    pub(super) fn headline(&self, card: &RuleCard, finding: &Finding) -> String {
        let of = match (&finding.subjects[..], &finding.journeys[..]) {
            ([only], _) => self.element_name(only.as_str()),
            (_, [only]) => self.element_name(only.as_str()),
            ([], _) => return card.title.to_owned(),
            (many, _) => {
                let all = |is: &dyn Fn(&str) -> bool| many.iter().all(|e| is(e.as_str()));
                let noun = match () {
                    () if all(&|e| self.component(e).is_some()) => "component",
                    () if all(&|e| self.deployment.link_index(e).is_some()) => "link",
                    () => "element",
                };
                counted(many.len(), noun)
            }
        };
        format!("{}: {of}", card.title)
    }
}

/// The name of a zone.
fn zone_title(zone: &Zone) -> &str {
    if zone.name.is_empty() { zone.id.as_str() } else { &zone.name }
}
