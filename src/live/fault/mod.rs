//! Faults: what can be done to a live cluster, one a file, all in [`FAULTS`].
//!
//! A [`Fault`] is data: what it is, on which elements of the drawing, how much. [`Fault::plan`] finds the processes that
//! these stand for and says what to do ([`Step`]) and what the network does from then on; undoing follows from that.
//!
//! Never: a process, a socket, a prediction.

mod clock_skew;
mod delay;
mod disk_full;
mod fail_zone;
mod isolate;
mod kill;
mod link_down;
mod loss;
mod lying_disk;
mod one_way;
mod partition;
mod pause;
mod power_loss;
mod reset;
mod restart;
mod slow_disk;
mod throttle;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::topology::Topology;
use super::wire::{ClockFault, DiskFault, InstanceId, Rule, RuleEffect, Set};
use crate::design::{ElementId, LinkId};

/// Every fault, in the order in which it is offered.
pub const FAULTS: &[FaultCard] = &[
    kill::CARD,
    power_loss::CARD,
    pause::CARD,
    restart::CARD,
    fail_zone::CARD,
    partition::CARD,
    one_way::CARD,
    isolate::CARD,
    link_down::CARD,
    delay::CARD,
    loss::CARD,
    throttle::CARD,
    reset::CARD,
    slow_disk::CARD,
    disk_full::CARD,
    lying_disk::CARD,
    clock_skew::CARD,
];

/// The card of a fault by its id.
pub fn card(id: &str) -> Option<&'static FaultCard> {
    FAULTS.iter().find(|card| card.id == id)
}

/// What a fault is.
#[derive(Clone, Copy, Debug)]
pub struct FaultCard {
    /// Its id, as written in drills.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What happens, in one sentence.
    pub about: &'static str,
    /// What it wants to know.
    pub takes: &'static [Take],
    plan: fn(&Fault, &Topology) -> Result<Plan, FaultError>,
}

/// What a fault wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Take {
    /// Instances, components, zones or causes: `on`.
    On,
    /// Zones: `on`.
    Zones,
    /// Links: `on`.
    Links,
    /// The other side: `against`; everything else if it is not said.
    Against,
    /// Only along one link: `link`, if said.
    Along,
    /// `latency_ms` and `jitter_ms`.
    Delay,
    /// `share`, 0..1.
    Share,
    /// `bits_per_s`.
    Speed,
    /// `offset_ms` and `drift_ppm`.
    Clock,
}

/// A fault: what, on whom, how much.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fault {
    /// The id of its card.
    pub kind: String,
    /// On which elements; of a fault between two sides: the one side.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<ElementId>,
    /// Of a fault between two sides: the other side. A side that is left out is everything else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<ElementId>,
    /// Only on connections along this link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkId>,
    /// How long something takes more, in milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub latency_ms: f64,
    /// Up to this more, by chance, in milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub jitter_ms: f64,
    /// Which share, 0..1.
    #[serde(skip_serializing_if = "is_zero")]
    pub share: f64,
    /// How fast, in bits a second.
    #[serde(skip_serializing_if = "is_zero")]
    pub bits_per_s: f64,
    /// How far a clock is ahead, in milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub offset_ms: f64,
    /// How much a clock gains, in microseconds a second.
    #[serde(skip_serializing_if = "is_zero")]
    pub drift_ppm: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// Why a fault cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no such fault.
    #[error("there is no fault `{0}`; there are {known}", known = known())]
    Unknown(String),
    /// There is no such element.
    #[error("`{0}` is no instance, component, zone, link or cause of this cluster")]
    NoSuchElement(ElementId),
    /// The elements stand for no process that the fault can act on.
    #[error("{fault}: {elements} stands for no process that could fail (clients never do)")]
    Nobody {
        /// The fault.
        fault: &'static str,
        /// What was named.
        elements: String,
    },
    /// Something that the fault wants to know is missing or makes no sense.
    #[error("{fault}: {wants}")]
    Wants {
        /// The fault.
        fault: &'static str,
        /// What.
        wants: &'static str,
    },
}

fn known() -> String {
    FAULTS.iter().map(|card| card.id).collect::<Vec<_>>().join(", ")
}

/// Something done to processes.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Ended at once.
    Kill(BTreeSet<InstanceId>),
    /// Ended, and what no fsync made durable is lost.
    PowerLoss(BTreeSet<InstanceId>),
    /// Stopped where they stand.
    Pause(BTreeSet<InstanceId>),
    /// Ended and started again.
    Restart(BTreeSet<InstanceId>),
    /// Their disks.
    Disk(BTreeSet<InstanceId>, DiskFault),
    /// Their clocks.
    Clock(BTreeSet<InstanceId>, ClockFault),
    /// Connections from one set to another are reset, once.
    Reset(Set, Set, Option<LinkId>),
}

/// What a fault amounts to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Done to processes, in turn.
    pub steps: Vec<Step>,
    /// What the network does until the fault is healed.
    pub rules: Vec<Rule>,
}

impl Plan {
    /// The instances that it keeps from running.
    pub fn down(&self) -> BTreeSet<InstanceId> {
        let of = |step: &Step| match step {
            Step::Kill(these) | Step::PowerLoss(these) => these.clone(),
            _ => BTreeSet::new(),
        };
        self.steps.iter().flat_map(of).collect()
    }

    /// The instances that it stops where they stand.
    pub fn paused(&self) -> BTreeSet<InstanceId> {
        let of = |step: &Step| if let Step::Pause(these) = step { these.clone() } else { BTreeSet::new() };
        self.steps.iter().flat_map(of).collect()
    }

    /// What it does to disks.
    pub fn disks(&self) -> BTreeMap<InstanceId, DiskFault> {
        let of = |step: &Step| match step {
            Step::Disk(these, disk) => these.iter().map(|i| (i.clone(), *disk)).collect(),
            _ => Vec::new(),
        };
        self.steps.iter().flat_map(of).collect()
    }

    /// What it does to clocks.
    pub fn clocks(&self) -> BTreeMap<InstanceId, ClockFault> {
        let of = |step: &Step| match step {
            Step::Clock(these, clock) => these.iter().map(|i| (i.clone(), *clock)).collect(),
            _ => Vec::new(),
        };
        self.steps.iter().flat_map(of).collect()
    }
}

impl Fault {
    /// A fault of that kind on these elements.
    pub fn new(kind: &str, on: impl IntoIterator<Item = impl Into<ElementId>>) -> Self {
        Self { kind: kind.to_owned(), on: on.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// With the other side.
    #[must_use]
    pub fn against(mut self, these: impl IntoIterator<Item = impl Into<ElementId>>) -> Self {
        self.against = these.into_iter().map(Into::into).collect();
        self
    }

    /// Only along a link.
    #[must_use]
    pub fn along(mut self, link: impl Into<LinkId>) -> Self {
        self.link = Some(link.into());
        self
    }

    /// In words: `kill web/1`, `partition zone-a from zone-b`.
    pub fn describe(&self) -> String {
        let names = |these: &[ElementId]| these.iter().map(ElementId::as_str).collect::<Vec<_>>().join(", ");
        let mut text =
            format!("{} {}", card(&self.kind).map_or(self.kind.as_str(), |c| c.title), names(&self.on));
        if !self.against.is_empty() {
            text.push_str(" / ");
            text.push_str(&names(&self.against));
        }
        if let Some(link) = &self.link {
            text.push_str(" along ");
            text.push_str(link.as_str());
        }
        text
    }

    /// What it amounts to in a cluster.
    ///
    /// # Errors
    /// [`FaultError`], in words for a person.
    pub fn plan(&self, topology: &Topology) -> Result<Plan, FaultError> {
        let card = card(&self.kind).ok_or_else(|| FaultError::Unknown(self.kind.clone()))?;
        (card.plan)(self, topology)
    }

    /// The processes that `on` stands for, clients left out.
    fn targets(&self, fault: &'static str, topology: &Topology) -> Result<BTreeSet<InstanceId>, FaultError> {
        let mut found = side(&self.on, topology)?;
        found.retain(|i| !topology.is_client(i));
        if found.is_empty() {
            let elements = self.on.iter().map(ElementId::as_str).collect::<Vec<_>>().join(", ");
            let elements = if elements.is_empty() { "nothing".to_owned() } else { elements };
            return Err(FaultError::Nobody { fault, elements });
        }
        Ok(found)
    }

    /// What keeps the elements from working: the step for their processes, silence for links (which a cause may hold).
    fn down(
        &self,
        fault: &'static str,
        topology: &Topology,
        step: fn(BTreeSet<InstanceId>) -> Step,
    ) -> Result<Plan, FaultError> {
        let links = self.links_named(topology);
        let steps = match self.targets(fault, topology) {
            Ok(targets) => vec![step(targets)],
            Err(FaultError::Nobody { .. }) if !links.is_empty() => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Plan { steps, rules: link_down::silence(&links) })
    }

    /// The two sides, clients included; one that is not said is everything else. Where one side lies inside the other, the outer one means what is outside the
    /// inner one.
    fn sides(&self, fault: &'static str, topology: &Topology) -> Result<(Set, Set), FaultError> {
        let (mut here, mut there) = (side(&self.on, topology)?, side(&self.against, topology)?);
        match (self.on.is_empty(), self.against.is_empty()) {
            (true, true) => {
                return Err(FaultError::Wants { fault, wants: "say between whom: `on` and `against`" });
            }
            (false, true) => return Ok((Set::Of(here.clone()), Set::AllBut(here))),
            (true, false) => return Ok((Set::AllBut(there.clone()), Set::Of(there))),
            (false, false) => {}
        }
        if here.is_superset(&there) {
            here.retain(|i| !there.contains(i));
        } else if there.is_superset(&here) {
            there.retain(|i| !here.contains(i));
        }
        Ok((Set::Of(here), Set::Of(there)))
    }

    /// The effect on what travels between the two sides, both ways.
    fn between(
        &self,
        fault: &'static str,
        topology: &Topology,
        effect: RuleEffect,
    ) -> Result<Plan, FaultError> {
        // Naming links alone means all that travels along them.
        let links = self.links_named(topology);
        if !links.is_empty() && self.against.is_empty() {
            let all = |link: &LinkId| rule(&Set::All, &Set::All, Some(link), effect);
            return Ok(Plan { rules: links.iter().map(all).collect(), ..Plan::default() });
        }
        let (here, there) = self.sides(fault, topology)?;
        let rules = vec![
            rule(&here, &there, self.link.as_ref(), effect),
            rule(&there, &here, self.link.as_ref(), effect),
        ];
        Ok(Plan { rules, ..Plan::default() })
    }

    /// The links that `on` stands for.
    fn links_named(&self, topology: &Topology) -> BTreeSet<LinkId> {
        self.on.iter().filter_map(|e| topology.meant(e)).flat_map(|m| m.links).collect()
    }
}

fn rule(from: &Set, to: &Set, link: Option<&LinkId>, effect: RuleEffect) -> Rule {
    Rule { from: from.clone(), to: to.clone(), link: link.cloned(), effect }
}

/// The instances that elements stand for.
fn side(elements: &[ElementId], topology: &Topology) -> Result<BTreeSet<InstanceId>, FaultError> {
    let mut found = BTreeSet::new();
    for element in elements {
        let meant = topology.meant(element).ok_or_else(|| FaultError::NoSuchElement(element.clone()))?;
        found.extend(meant.instances);
    }
    Ok(found)
}
