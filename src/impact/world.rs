//! Worlds: what is broken at an instant.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::deploy::Deployment;
use crate::design::ElementId;

/// What is broken at an instant: elements that are down and directions that are cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct World {
    /// Elements that are down, each refusing or silent.
    pub down: Vec<(ElementId, Down)>,
    /// Directions in which nothing arrives.
    pub cuts: Vec<Cut>,
}

/// How something that is down meets a caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Down {
    /// The process is gone: connections are refused.
    #[default]
    Refusing,
    /// Paused or black-holed: nothing comes back.
    Silent,
}

/// A directed cut: messages from one side to the other do not arrive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cut {
    /// Where messages come from.
    pub from: Side,
    /// Where they would go.
    pub to: Side,
}

/// One side of a cut.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// A zone, a component or an instance.
    Element(ElementId),
    /// Everything that is not on the other side.
    Rest,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Side::Element(id) => id.fmt(f),
            Side::Rest => f.write_str("*"),
        }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}>{}", self.from, self.to)
    }
}

impl Cut {
    /// Reads `A:B` (both directions) or `A>B` (one); a side is an element's id or `*`.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn parse(text: &str) -> Result<Vec<Cut>, String> {
        let side = |s: &str| match s.trim() {
            "*" => Side::Rest,
            id => Side::Element(ElementId::new(id)),
        };
        let (a, b, both) = match (text.split_once('>'), text.split_once(':')) {
            (Some((a, b)), _) => (a, b, false),
            (None, Some((a, b))) => (a, b, true),
            (None, None) => {
                return Err(format!("`{text}` is not a cut; write A:B for both directions or A>B for one"));
            }
        };
        if a.trim().is_empty() || b.trim().is_empty() {
            return Err(format!("`{text}` lacks a side; write A:B, with * for everything else"));
        }
        let mut cuts = vec![Cut { from: side(a), to: side(b) }];
        if both {
            cuts.push(Cut { from: side(b), to: side(a) });
        }
        Ok(cuts)
    }
}

impl FromStr for Side {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "*" { Side::Rest } else { Side::Element(ElementId::new(text)) })
    }
}

impl World {
    /// Nothing is broken.
    pub fn fresh() -> Self {
        Self::default()
    }

    /// Only that element is down, refusing.
    pub fn losing(element: impl Into<ElementId>) -> Self {
        Self { down: vec![(element.into(), Down::Refusing)], cuts: Vec::new() }
    }

    /// Adds an element that is down.
    #[must_use]
    pub fn and_down(mut self, element: impl Into<ElementId>, how: Down) -> Self {
        self.down.push((element.into(), how));
        self
    }

    /// Adds cuts.
    #[must_use]
    pub fn and_cut(mut self, cuts: impl IntoIterator<Item = Cut>) -> Self {
        self.cuts.extend(cuts);
        self
    }

    /// Names in this world that the design does not have.
    pub fn unknown(&self, deployment: &Deployment) -> Vec<ElementId> {
        let sides = self.cuts.iter().flat_map(|c| [&c.from, &c.to]).filter_map(|s| match s {
            Side::Element(id) => Some(id),
            Side::Rest => None,
        });
        let is_client = |id: &str| {
            deployment
                .component_index(id)
                .is_some_and(|c| deployment.design.components[c].kind == crate::design::Kind::Client)
        };
        let places = |id: &str| {
            deployment.component_index(id).is_some()
                || deployment.zone_index(id).is_some()
                || deployment.instance_index(id).is_some()
        };
        let mut unknown: Vec<ElementId> = self
            .down
            .iter()
            .map(|(id, _)| id)
            .filter(|id| {
                let id = id.as_str();
                let known = places(id)
                    || deployment.design.link(id).is_some()
                    || deployment.design.cause(id).is_some();
                !known || is_client(id)
            })
            .chain(sides.filter(|id| !places(id.as_str())))
            .cloned()
            .collect();
        unknown.sort();
        unknown.dedup();
        unknown
    }
}

/// A place from which or to which messages go: an instance, or the users of a client in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// An instance, by index.
    Instance(usize),
    /// The users of a client component in a leaf zone.
    Client {
        /// Index of the client component.
        component: usize,
        /// Index of the leaf zone.
        zone: Option<usize>,
    },
}

/// A world laid over a deployment: fast answers to "is it up" and "does it get through".
#[derive(Clone, Debug)]
pub struct Conditions<'a> {
    deployment: &'a Deployment,
    instances: Vec<Option<Down>>,
    links: Vec<bool>,
    cuts: Vec<(Members, Members)>,
    /// Components of which some instance is down.
    hurt: BTreeSet<usize>,
    /// Links that are down.
    lost_links: BTreeSet<usize>,
}

/// Who is on one side of a cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Members {
    instances: Vec<bool>,
    clients: Vec<(usize, Option<usize>)>,
}

impl Members {
    fn contains(&self, end: Endpoint) -> bool {
        match end {
            Endpoint::Instance(i) => self.instances[i],
            Endpoint::Client { component, zone } => self.clients.contains(&(component, zone)),
        }
    }

    fn is_inside(&self, other: &Members) -> bool {
        self.instances.iter().zip(&other.instances).all(|(a, b)| !a || *b)
            && self.clients.iter().all(|c| other.clients.contains(c))
    }

    fn without(&self, other: &Members) -> Members {
        Members {
            instances: self.instances.iter().zip(&other.instances).map(|(a, b)| *a && !b).collect(),
            clients: self.clients.iter().filter(|c| !other.clients.contains(c)).copied().collect(),
        }
    }
}

impl<'a> Conditions<'a> {
    /// Lays a world over a deployment; names that are not there have no effect (see [`World::unknown`]).
    /// O(instances x elements of the world).
    pub fn new(deployment: &'a Deployment, world: &World) -> Self {
        let mut instances = vec![None; deployment.instances.len()];
        let mut links = vec![true; deployment.design.links.len()];
        let mut hurt = BTreeSet::new();
        let mut lost_links = BTreeSet::new();
        for (element, how) in &world.down {
            for i in deployment.instances_of(element.as_str()) {
                hurt.insert(deployment.instances[i].component);
                // What is both is silent: nobody is there to refuse.
                if instances[i] != Some(Down::Silent) {
                    instances[i] = Some(*how);
                }
            }
            let members: Vec<&str> = match deployment.design.cause(element.as_str()) {
                Some(cause) => cause.members.iter().map(ElementId::as_str).collect(),
                None => vec![element.as_str()],
            };
            for k in members.into_iter().filter_map(|m| deployment.link_index(m)) {
                links[k] = false;
                lost_links.insert(k);
            }
        }
        let everyone = if world.cuts.is_empty() { Members::default() } else { everyone(deployment) };
        let cuts = world
            .cuts
            .iter()
            .map(|cut| {
                let (from, to) = match (&cut.from, &cut.to) {
                    (Side::Element(a), Side::Element(b)) => (members(deployment, a), members(deployment, b)),
                    (Side::Element(a), Side::Rest) => {
                        let a = members(deployment, a);
                        let rest = everyone.without(&a);
                        (a, rest)
                    }
                    (Side::Rest, Side::Element(b)) => {
                        let b = members(deployment, b);
                        (everyone.without(&b), b)
                    }
                    (Side::Rest, Side::Rest) => (everyone.without(&everyone), everyone.without(&everyone)),
                };
                match (from.is_inside(&to), to.is_inside(&from)) {
                    (true, _) => (from.clone(), to.without(&from)),
                    (false, true) => (from.without(&to), to),
                    (false, false) => (from, to),
                }
            })
            .collect();
        Self { deployment, instances, links, cuts, hurt, lost_links }
    }

    /// The components of which some instance is down.
    pub(super) fn hurt(&self) -> &BTreeSet<usize> {
        &self.hurt
    }

    /// The links that are down.
    pub(super) fn lost_links(&self) -> &BTreeSet<usize> {
        &self.lost_links
    }

    /// The deployment that this is about.
    pub fn deployment(&self) -> &'a Deployment {
        self.deployment
    }

    /// How an instance is down, if it is.
    pub fn down(&self, instance: usize) -> Option<Down> {
        self.instances[instance]
    }

    /// Whether an instance is up.
    pub fn is_up(&self, instance: usize) -> bool {
        self.instances[instance].is_none()
    }

    /// Whether a link is up.
    pub fn link_is_up(&self, link: usize) -> bool {
        self.links[link]
    }

    /// Whether anything is cut at all.
    pub fn is_cut(&self) -> bool {
        !self.cuts.is_empty()
    }

    /// Whether messages from a arrive at b, links apart.
    pub fn passes(&self, a: Endpoint, b: Endpoint) -> bool {
        !self.cuts.iter().any(|(from, to)| from.contains(a) && to.contains(b))
    }

    /// Whether messages pass both ways, links apart.
    pub fn passes_both(&self, a: Endpoint, b: Endpoint) -> bool {
        self.cuts.is_empty() || (self.passes(a, b) && self.passes(b, a))
    }
}

fn everyone(deployment: &Deployment) -> Members {
    let mut clients: Vec<(usize, Option<usize>)> =
        deployment.routes.iter().flat_map(|r| r.zones.iter().map(|z| (r.client, z.zone))).collect();
    clients.sort_unstable();
    clients.dedup();
    Members { instances: vec![true; deployment.instances.len()], clients }
}

fn members(deployment: &Deployment, element: &ElementId) -> Members {
    let mut found = Members { instances: vec![false; deployment.instances.len()], clients: Vec::new() };
    for i in deployment.instances_of(element.as_str()) {
        found.instances[i] = true;
    }
    let zone = deployment.zone_index(element.as_str());
    let component = deployment.component_index(element.as_str());
    found.clients = everyone(deployment)
        .clients
        .into_iter()
        .filter(|(c, z)| {
            component == Some(*c)
                || zone.is_some_and(|zone| z.is_some_and(|z| deployment.zones[z].chain.contains(&zone)))
        })
        .collect();
    found
}
