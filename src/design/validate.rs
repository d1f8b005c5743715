//! What makes a design impossible to expand.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Component, ComponentId, Design, Interaction, Journey, Kind, Link, Replication, Step, Strategy,
    is_valid_id,
};

/// How much a design may hold; every list and loop over it is bounded by these.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Components.
    pub components: usize,
    /// Zones.
    pub zones: usize,
    /// Links.
    pub links: usize,
    /// Journeys.
    pub journeys: usize,
    /// Instances of one component, shards times replicas.
    pub instances_of_one: u32,
    /// Instances in all.
    pub instances: u64,
    /// Steps of one journey, written or derived.
    pub steps: usize,
    /// Steps one inside the other.
    pub depth: usize,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    components: 20_000,
    zones: 5_000,
    links: 60_000,
    journeys: 1_000,
    instances_of_one: 10_000,
    instances: 100_000,
    steps: 4_096,
    depth: 64,
};

/// One reason why a design cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where in the design, as a path of field names and ids: `links[l1].from`.
    pub path: String,
    /// What is wrong, in one sentence without a full stop.
    pub what: String,
    /// What to do about it, in one sentence without a full stop.
    pub help: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; {}", self.path, self.what, self.help)
    }
}

struct Check<'a> {
    design: &'a Design,
    /// By id; a design may hold tens of thousands.
    components: BTreeMap<&'a str, &'a Component>,
    links: BTreeMap<&'a str, &'a Link>,
    problems: Vec<Problem>,
}

pub(super) fn problems(design: &Design) -> Vec<Problem> {
    // Of a doubled id the first counts, as in `Design::component`.
    let components = design.components.iter().rev().map(|c| (c.id.as_str(), c)).collect();
    let links = design.links.iter().rev().map(|l| (l.id.as_str(), l)).collect();
    let mut check = Check { design, components, links, problems: Vec::new() };
    check.sizes();
    if !check.problems.is_empty() {
        return check.problems;
    }
    check.ids();
    check.zones();
    check.components();
    check.links();
    check.causes();
    for journey in &design.journeys {
        check.journey(journey);
    }
    check.problems
}

impl Check<'_> {
    fn say(&mut self, path: impl Into<String>, what: impl Into<String>, help: impl Into<String>) {
        // A broken file can be wrong in every line; a reader acts on the first few.
        if self.problems.len() < 200 {
            self.problems.push(Problem { path: path.into(), what: what.into(), help: help.into() });
        }
    }

    fn sizes(&mut self) {
        let d = self.design;
        for (name, have, most) in [
            ("components", d.components.len(), LIMITS.components),
            ("zones", d.zones.len(), LIMITS.zones),
            ("links", d.links.len(), LIMITS.links),
            ("journeys", d.journeys.len(), LIMITS.journeys),
        ] {
            if have > most {
                self.say(name, format!("{have} {name} are more than {most}"), "split the design");
            }
        }
        let instances = d.components.iter().map(|c| u64::from(c.replicas) * u64::from(c.shards()));
        let total = instances.fold(0u64, u64::saturating_add);
        if total > LIMITS.instances {
            self.say(
                "components",
                format!("{total} instances are more than {}", LIMITS.instances),
                "lower replicas or shards",
            );
        }
    }

    fn ids(&mut self) {
        let d = self.design;
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        let all = (d.zones.iter().map(|z| ("zones", z.id.as_str())))
            .chain(d.components.iter().map(|c| ("components", c.id.as_str())))
            .chain(d.links.iter().map(|l| ("links", l.id.as_str())))
            .chain(d.causes.iter().map(|c| ("causes", c.id.as_str())))
            .chain(d.journeys.iter().map(|j| ("journeys", j.id.as_str())));
        for (section, id) in all {
            if !is_valid_id(id) {
                self.say(
                    format!("{section}[{id}].id"),
                    format!("`{id}` cannot be an id"),
                    "use 1 to 64 letters, digits, `-`, `_` or `.`",
                );
            }
            if let Some(first) = seen.insert(id, section) {
                self.say(
                    format!("{section}[{id}].id"),
                    format!("the id `{id}` is already taken in {first}"),
                    "give one of the two another id; ids are shared by all elements",
                );
            }
        }
    }

    fn zones(&mut self) {
        let d = self.design;
        let index: BTreeMap<&str, usize> =
            d.zones.iter().enumerate().map(|(i, z)| (z.id.as_str(), i)).collect();
        let around = |i: usize| d.zones[i].parent.as_ref().and_then(|p| index.get(p.as_str()).copied());
        // The walk on which each zone was seen first: a walk that meets itself has closed a circle.
        let mut seen: Vec<Option<usize>> = vec![None; d.zones.len()];
        for (walk, zone) in d.zones.iter().enumerate() {
            if let Some(p) = &zone.parent
                && !index.contains_key(p.as_str())
            {
                self.say(
                    format!("zones[{}].parent", zone.id),
                    format!("there is no zone `{p}`"),
                    "name a zone of this design or leave parent out",
                );
            }
            let mut at = Some(walk);
            while let Some(i) = at
                && seen[i].is_none()
            {
                seen[i] = Some(walk);
                at = around(i);
            }
            if let Some(met) = at
                && seen[met] == Some(walk)
            {
                self.circle(met, around);
            }
        }
    }

    /// Reports the circle of parents that a zone stands in, at its first zone in file order.
    fn circle(&mut self, met: usize, around: impl Fn(usize) -> Option<usize>) {
        let d = self.design;
        let mut members = vec![met];
        while let Some(next) = around(members[members.len() - 1]).filter(|next| *next != met) {
            members.push(next);
        }
        let first = (0..members.len()).min_by_key(|i| members[*i]).unwrap_or_default();
        members.rotate_left(first);
        let mut names: Vec<&str> = members.iter().map(|i| d.zones[*i].id.as_str()).collect();
        names.push(names[0]);
        if names.len() > 8 {
            names.splice(4..names.len() - 2, ["…"]);
        }
        self.say(
            format!("zones[{}].parent", d.zones[members[0]].id),
            format!("zones stand in a circle: {}", names.join(" in ")),
            "take one parent out",
        );
    }

    fn component_exists(&mut self, path: &str, id: &ComponentId) {
        if !self.components.contains_key(id.as_str()) {
            self.say(path, format!("there is no component `{id}`"), "name a component of this design");
        }
    }

    fn components(&mut self) {
        let d = self.design;
        let zones: BTreeSet<&str> = d.zones.iter().map(|z| z.id.as_str()).collect();
        for c in &d.components {
            let at = |field: &str| format!("components[{}].{field}", c.id);
            if c.replicas == 0 {
                self.say(
                    at("replicas"),
                    "a component needs at least one instance",
                    "set replicas to 1 or more",
                );
            }
            if u64::from(c.replicas) * u64::from(c.shards()) > u64::from(LIMITS.instances_of_one) {
                self.say(
                    at("replicas"),
                    format!("{} x {} instances are too many", c.shards(), c.replicas),
                    format!("keep shards x replicas at or below {}", LIMITS.instances_of_one),
                );
            }
            if c.min_healthy == 0 || c.min_healthy > c.replicas.max(1) {
                self.say(
                    at("min_healthy"),
                    format!("{} of {} instances cannot be asked for", c.min_healthy, c.replicas),
                    "choose 1 to replicas",
                );
            }
            for zone in &c.zones {
                if !zones.contains(zone.as_str()) {
                    self.say(at("zones"), format!("there is no zone `{zone}`"), "name a zone of this design");
                }
            }
            for zone in c.client_weights.keys() {
                if !zones.contains(zone.as_str()) {
                    self.say(
                        at("client_weights"),
                        format!("there is no zone `{zone}`"),
                        "name a zone of this design",
                    );
                }
            }
            if c.client_weights.values().any(|w| !w.is_finite() || *w < 0.0) {
                self.say(
                    at("client_weights"),
                    "a weight is not a number of 0 or more",
                    "write weights such as 2 and 1",
                );
            }
            let mut names = BTreeSet::new();
            for slot in &c.slots {
                if slot.name.is_empty() || !names.insert(slot.name.as_str()) {
                    self.say(
                        at("slots"),
                        format!("the slot name `{}` is empty or used twice", slot.name),
                        "give each slot its own name",
                    );
                }
            }
            if let Some(mode) = &c.replication {
                self.replication(&at("replication"), mode, c.replicas);
            }
            if let Some(s) = &c.sharding
                && let Strategy::Range { splits } = &s.strategy
                && !splits.is_empty()
            {
                let sound = splits.len() + 1 == s.shards.max(1) as usize
                    && splits.iter().all(|p| *p > 0.0 && *p < 1.0)
                    && splits.is_sorted_by(|a, b| a < b);
                if !sound {
                    self.say(
                        at("sharding"),
                        "the split points do not fit the shards",
                        "give one fewer than shards, ascending, between 0 and 1",
                    );
                }
            }
        }
    }

    fn replication(&mut self, path: &str, mode: &Replication, replicas: u32) {
        match mode {
            Replication::PrimaryBackup(pb) => {
                for voter in &pb.voters {
                    self.component_exists(path, voter);
                }
            }
            Replication::Chain(chain) => {
                if let Some(c) = &chain.coordinator {
                    self.component_exists(path, c);
                }
            }
            Replication::Quorum(q) => {
                let n = if q.n == 0 { replicas } else { q.n };
                if n > replicas || q.r > n || q.w > n {
                    self.say(
                        path,
                        format!("n {n}, r {}, w {} do not fit {replicas} replicas", q.r, q.w),
                        "keep r and w at or below n, and n at or below replicas",
                    );
                }
            }
            Replication::None | Replication::Consensus(_) | Replication::MultiPrimary(_) => {}
        }
    }

    fn links(&mut self) {
        for link in &self.design.links {
            let at = |field: &str| format!("links[{}].{field}", link.id);
            self.component_exists(&at("from"), &link.from);
            self.component_exists(&at("to"), &link.to);
            if link.from == link.to {
                self.say(
                    at("to"),
                    format!("the link leads from `{}` to itself", link.from),
                    "choose another end",
                );
            }
            if !link.slot.is_empty()
                && let Some(from) = self.components.get(link.from.as_str()).copied()
                && !from.slots.iter().any(|s| s.name == link.slot)
            {
                self.say(
                    at("slot"),
                    format!("`{}` has no slot `{}`", link.from, link.slot),
                    "declare the slot on the component or leave it out",
                );
            }
            if link.network.loss.is_nan() || !(0.0..1.0).contains(&link.network.loss) {
                self.say(
                    at("network.loss"),
                    "loss is a share of 0 or more and below 1",
                    "write 0.01 for one percent",
                );
            }
            if link.interaction == Interaction::Subscribe
                && let Some(from) = self.components.get(link.from.as_str()).copied()
                && !from.kind.is_messaging()
            {
                self.say(
                    at("from"),
                    format!(
                        "messages can only be subscribed to from a queue or stream, and `{}` is a {}",
                        from.id,
                        from.kind.label().to_lowercase()
                    ),
                    "draw a subscribe link from the queue to its consumer",
                );
            }
            if let Some(mode) = &link.replication {
                let replicas = [&link.from, &link.to]
                    .iter()
                    .filter_map(|id| self.components.get(id.as_str()).copied())
                    .map(|c| c.replicas)
                    .fold(0, u32::saturating_add);
                self.replication(&at("replication"), mode, replicas);
            }
        }
    }

    fn causes(&mut self) {
        for cause in &self.design.causes {
            for member in &cause.members {
                let whole = member.as_str().split('/').next().unwrap_or_default();
                let known = self.components.contains_key(whole)
                    || self.design.zone(member.as_str()).is_some()
                    || self.links.contains_key(member.as_str());
                if !known {
                    self.say(
                        format!("causes[{}].members", cause.id),
                        format!("there is no component, zone or link `{member}`"),
                        "name an element of this design",
                    );
                }
            }
        }
    }

    fn journey(&mut self, journey: &Journey) {
        let path = format!("journeys[{}]", journey.id);
        match self.components.get(journey.client.as_str()).copied() {
            None => self.component_exists(&format!("{path}.client"), &journey.client),
            Some(c) if c.kind != Kind::Client && c.kind != Kind::EdgeDevice => self.say(
                format!("{path}.client"),
                format!("`{}` is a {}, not a client", c.id, c.kind.label().to_lowercase()),
                "begin the journey at a client or an edge device",
            ),
            Some(_) => {}
        }
        if !journey.share.is_finite() || journey.share < 0.0 {
            self.say(
                format!("{path}.share"),
                "the share is not a number of 0 or more",
                "write 1 for an equal share",
            );
        }
        if journey.probe.is_some_and(|every| every.get() <= 0.0) {
            self.say(
                format!("{path}.probe"),
                "a probe cannot run without a pause",
                "write for example \"1 min\" or leave it out",
            );
        }
        let mut count = 0;
        self.steps(&path, &journey.client, &journey.steps, &mut Vec::new(), &mut count);
        if count > LIMITS.steps {
            self.say(path, format!("{count} steps are more than {}", LIMITS.steps), "split the journey");
        }
    }

    fn steps<'a>(
        &mut self,
        path: &str,
        at: &ComponentId,
        steps: &'a [Step],
        trail: &mut Vec<&'a str>,
        count: &mut usize,
    ) {
        *count += steps.len();
        if *count > LIMITS.steps {
            return;
        }
        for step in steps {
            let here = format!("{path}.steps[{}]", step.link);
            let Some(link) = self.links.get(step.link.as_str()).copied() else {
                self.say(here, format!("there is no link `{}`", step.link), "name a link of this design");
                continue;
            };
            // A resolver's answer is used by its caller, so what follows starts where the resolver's links start.
            if link.from != *at {
                self.say(
                    here.clone(),
                    format!("the link `{}` starts at `{}`, but the journey is at `{at}`", link.id, link.from),
                    "follow a link that starts where the step before ended",
                );
            }
            if trail.contains(&step.link.as_str()) || trail.len() >= LIMITS.depth {
                self.say(
                    here.clone(),
                    format!(
                        "the link `{}` occurs twice on one path or the path is deeper than {}",
                        link.id, LIMITS.depth
                    ),
                    "end the path there",
                );
                continue;
            }
            trail.push(step.link.as_str());
            self.steps(&here, &link.to.clone(), &step.then, trail, count);
            trail.pop();
        }
    }
}
