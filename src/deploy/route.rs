//! Routes: each journey as a tree of hops with every default filled in.
//!
//! A route is what the structure function is compiled from and what the live nodes are told piece by piece, so that
//! the two can differ only in physics. Deriving a journey that is not drawn follows every link that stands in a slot,
//! depth first; a link back to a component on the path is a standing need.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::place::{ClientZone, client_zones};
use super::slots::{EffectiveSlot, slots_among};
use super::{Placed, ZonePlace};
use crate::design::{
    Consistency, Design, Detector, Interaction, Journey, JourneyId, Keys, Kind, LIMITS, Millis, Need, Op,
    PerSecond, ReadFrom, ResolvePolicy, Step, When,
};

/// One journey, ready to be followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The journey; of a derived one, the client's id.
    pub journey: JourneyId,
    /// Its name for people.
    pub title: String,
    /// Index of the component where it begins.
    pub client: usize,
    /// Where its users stand.
    pub zones: Vec<ClientZone>,
    /// Time after which the client gives up.
    pub deadline: Millis,
    /// Requests a second over all client zones.
    pub rate: PerSecond,
    /// The slots that the client fills.
    pub root: Vec<VisitedSlot>,
    /// Every hop, parents before children.
    pub hops: Vec<Hop>,
    /// What happens behind queues.
    pub effects: Vec<Effect>,
    /// Whether the tree was cut off at the limit of steps.
    pub truncated: bool,
}

/// One step along one link.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// Index of the link.
    pub link: usize,
    /// Index of the component that it ends at.
    pub target: usize,
    /// The hop that reached the caller; `None` at the client.
    pub parent: Option<usize>,
    /// What is done.
    pub op: Op,
    /// Which replicas may answer a read.
    pub from: ReadFrom,
    /// What the answer must keep.
    pub consistency: Option<Consistency>,
    /// Whether an error may be answered by trying elsewhere.
    pub idempotent: bool,
    /// The keys touched.
    pub keys: Keys,
    /// Whether it only asks that the target be up (a link that closes a loop).
    pub standing: bool,
    /// Distinct targets that a request tries where the hop is picked for on its own.
    pub tries: u32,
    /// Time that one try may take, stated or derived.
    pub timeout: Millis,
    /// Whether all tries at it fit in the time that the caller has left.
    pub fits: bool,
    /// Weight of the link among those of a weighted resolver.
    pub weight: f64,
    /// The slots that the journey visits at the target.
    pub slots: Vec<VisitedSlot>,
    /// Hops along `bypass` links beside this one, tried when the way through its (inline cache) target fails.
    pub bypass: Vec<usize>,
}

/// A slot of a caller and the hops that the journey makes in it.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitedSlot {
    /// As in [`EffectiveSlot`].
    pub name: String,
    /// What it asks of the hops.
    pub need: Need,
    /// When it is felt.
    pub when: When,
    /// Distinct targets that a request tries where the slot picks among all its hops.
    pub tries: u32,
    /// Pause before a further try.
    pub backoff: Millis,
    /// How its caller notices bad targets.
    pub detector: Detector,
    /// Whether all tries fit in the time that the caller has left.
    pub fits: bool,
    /// Of a resolver's slot: which targets the answer names first.
    pub policy: Option<ResolvePolicy>,
    /// The hops in it, in link order.
    pub hops: Vec<usize>,
}

/// The work behind a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// `journey/name`.
    pub id: String,
    /// The hop that publishes.
    pub publish: usize,
    /// The hop that delivers.
    pub deliver: usize,
}

impl Route {
    /// The hop that a hop was made from, up to the client.
    pub fn path_to(&self, hop: usize) -> Vec<usize> {
        let mut path = vec![hop];
        while let Some(parent) = self.hops[path[path.len() - 1]].parent {
            path.push(parent);
        }
        path.reverse();
        path
    }
}

/// Every route of a design: drawn journeys in file order, then one for each client that has none.
pub(super) fn routes(index: &Index<'_>, zones: &[ZonePlace], placed: &[Placed]) -> Vec<Route> {
    let design = index.design;
    let drawn = |journey: &Journey| {
        let client = index.component(journey.client.as_str())?;
        let mut builder = Builder::new(index, placed, journey.consistency);
        let root = if journey.steps.is_empty() {
            builder.derive(client, None, journey.deadline())
        } else {
            builder.follow(client, None, &journey.steps, journey.deadline())
        };
        let (id, title) = (journey.id.clone(), journey.title());
        Some(builder.finish(id, title, client, root, journey.deadline(), journey.rate(), zones))
    };
    let mut routes: Vec<Route> = design.journeys.iter().filter_map(drawn).collect();
    for (client, component) in design.components.iter().enumerate() {
        let is_drawn = || design.journeys.iter().any(|j| j.client == component.id);
        let calls = || index.leaving(component.id.as_str()).next().is_some();
        if component.kind == Kind::Client && calls() && !is_drawn() {
            let journey = Journey::new(component.id.as_str(), component.id.clone());
            let mut builder = Builder::new(index, placed, None);
            let root = builder.derive(client, None, journey.deadline());
            routes.push(builder.finish(
                journey.id.clone(),
                component.title(),
                client,
                root,
                journey.deadline(),
                journey.rate(),
                zones,
            ));
        }
    }
    routes
}

/// The derived route that starts at a component: what a deep check of one of its instances asks.
pub(super) fn probe(index: &Index<'_>, placed: &[Placed], component: usize) -> Route {
    let mut builder = Builder::new(index, placed, None);
    let deadline = Millis(1000.0);
    let root = builder.derive(component, None, deadline);
    let c = &index.design.components[component];
    Route {
        zones: Vec::new(),
        ..builder.finish(
            JourneyId::new(format!("probe:{}", c.id)),
            c.title(),
            component,
            root,
            deadline,
            PerSecond(0.0),
            &[],
        )
    }
}

/// The time of a hop.
#[derive(Clone, Copy)]
struct Time {
    /// Of one try.
    timeout: Millis,
    /// Left to the caller.
    left: Millis,
}

/// What a design has by its names, and the slots of each component once they were asked for.
pub(super) struct Index<'a> {
    design: &'a Design,
    components: BTreeMap<&'a str, usize>,
    links: BTreeMap<&'a str, usize>,
    /// The links by where they start, in file order.
    leaving: BTreeMap<&'a str, Vec<usize>>,
    slots: Vec<OnceCell<Vec<EffectiveSlot>>>,
}

impl<'a> Index<'a> {
    pub(super) fn of(design: &'a Design) -> Self {
        let mut links = BTreeMap::new();
        let mut leaving: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, link) in design.links.iter().enumerate() {
            links.entry(link.id.as_str()).or_insert(i);
            leaving.entry(link.from.as_str()).or_default().push(i);
        }
        let components = design.components.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
        let slots = design.components.iter().map(|_| OnceCell::new()).collect();
        Self { design, components, links, leaving, slots }
    }

    fn component(&self, id: &str) -> Option<usize> {
        self.components.get(id).copied()
    }

    fn leaving(&self, component: &str) -> impl Iterator<Item = usize> {
        self.leaving.get(component).into_iter().flatten().copied()
    }

    fn slots_of(&self, component: usize) -> &[EffectiveSlot] {
        self.slots[component].get_or_init(|| {
            let of = &self.design.components[component];
            let find = |id: &str| self.component(id).map(|c| &self.design.components[c]);
            slots_among(self.design, of, self.leaving(of.id.as_str()), &find)
        })
    }
}

struct Builder<'a> {
    design: &'a Design,
    index: &'a Index<'a>,
    placed: &'a [Placed],
    consistency: Option<Consistency>,
    hops: Vec<Hop>,
    /// Components from the client to where the builder stands.
    path: Vec<usize>,
    truncated: bool,
    /// The drawn name of the effect that a deliver hop begins.
    effect_names: BTreeMap<usize, String>,
}

impl<'a> Builder<'a> {
    fn new(index: &'a Index<'a>, placed: &'a [Placed], consistency: Option<Consistency>) -> Self {
        Self {
            design: index.design,
            index,
            placed,
            consistency,
            hops: Vec::new(),
            path: Vec::new(),
            truncated: false,
            effect_names: BTreeMap::new(),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one route, used twice")]
    fn finish(
        self,
        journey: JourneyId,
        title: &str,
        client: usize,
        root: Vec<VisitedSlot>,
        deadline: Millis,
        rate: PerSecond,
        zones: &[ZonePlace],
    ) -> Route {
        let mut effects = Vec::new();
        for (deliver, hop) in self.hops.iter().enumerate() {
            if let (Op::Deliver, Some(publish)) = (hop.op, hop.parent) {
                let link = &self.design.links[hop.link];
                let name = self.effect_names.get(&deliver).filter(|n| !n.is_empty());
                let name = name.map_or(link.to.as_str(), String::as_str);
                let base = format!("{journey}/{name}");
                let taken = |id: &str| effects.iter().any(|e: &Effect| e.id == id);
                let numbered = (2..).map(|n| format!("{base}-{n}"));
                let id = std::iter::once(base.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or(base);
                effects.push(Effect { id, publish, deliver });
            }
        }
        Route {
            journey,
            title: title.to_owned(),
            client,
            zones: client_zones(&self.design.components[client], zones),
            deadline,
            rate,
            root,
            hops: self.hops,
            effects,
            truncated: self.truncated,
        }
    }

    /// All links of a component that stand in slots, followed as far as they go.
    fn derive(&mut self, at: usize, parent: Option<usize>, budget: Millis) -> Vec<VisitedSlot> {
        let component = &self.design.components[at];
        let mut steps: Vec<Step> = self
            .index
            .slots_of(at)
            .iter()
            .flat_map(|s| s.links.iter())
            .map(|l| Step { link: self.design.links[*l].id.clone(), ..Step::default() })
            .collect();
        steps.extend(self.along(component, &[Interaction::Subscribe, Interaction::Bypass]));
        self.visit(at, parent, &steps, budget, true)
    }

    fn along(&self, component: &crate::design::Component, which: &[Interaction]) -> Vec<Step> {
        self.index
            .leaving(component.id.as_str())
            .map(|l| &self.design.links[l])
            .filter(|l| which.contains(&l.interaction))
            .map(|l| Step { link: l.id.clone(), ..Step::default() })
            .collect()
    }

    /// The drawn steps.
    fn follow(
        &mut self,
        at: usize,
        parent: Option<usize>,
        steps: &[Step],
        budget: Millis,
    ) -> Vec<VisitedSlot> {
        self.visit(at, parent, steps, budget, false)
    }

    fn visit(
        &mut self,
        at: usize,
        parent: Option<usize>,
        steps: &[Step],
        budget: Millis,
        derived: bool,
    ) -> Vec<VisitedSlot> {
        self.path.push(at);
        let component = &self.design.components[at];
        let mut visited = Vec::new();
        let by_link: BTreeMap<usize, &Step> =
            steps.iter().filter_map(|s| Some((self.link_index(s)?, s))).collect();
        for slot in self.index.slots_of(at) {
            let links: Vec<usize> = slot.links.iter().copied().filter(|l| by_link.contains_key(l)).collect();
            if links.is_empty() {
                continue;
            }
            visited.push(self.slot(component, parent, slot, &links, &by_link, budget, derived));
        }
        // Ways round inline caches hang on the hop that they go round.
        for (&link, step) in &by_link {
            match self.design.links[link].interaction {
                Interaction::Bypass => {
                    let first_cache = visited.iter().flat_map(|s| s.hops.iter()).copied().find(|h| {
                        let kind = self.design.components[self.hops[*h].target].kind;
                        matches!(kind, Kind::Cache | Kind::Cdn) && !self.hops[*h].slots.is_empty()
                    });
                    if let Some(cache) = first_cache
                        && let Some(hop) =
                            self.hop(parent, link, step, Time { timeout: budget, left: budget }, derived)
                    {
                        self.hops[cache].bypass.push(hop);
                    }
                }
                Interaction::Subscribe => {
                    self.hop(parent, link, step, Time { timeout: budget, left: budget }, derived);
                }
                _ => {}
            }
        }
        self.path.pop();
        visited
    }

    fn link_index(&self, step: &Step) -> Option<usize> {
        self.index.links.get(step.link.as_str()).copied()
    }

    #[expect(clippy::too_many_arguments, reason = "one recursive step, called once")]
    fn slot(
        &mut self,
        caller: &crate::design::Component,
        parent: Option<usize>,
        slot: &EffectiveSlot,
        links: &[usize],
        by_link: &BTreeMap<usize, &Step>,
        budget: Millis,
        derived: bool,
    ) -> VisitedSlot {
        let policies = || links.iter().map(|l| &self.design.links[*l].policy);
        let tries =
            if slot.tries > 0 { slot.tries } else { policies().map(|p| p.tries()).max().unwrap_or(2) };
        let backoff = policies().map(|p| p.backoff()).fold(Millis(0.0), |a, b| if b > a { b } else { a });
        let shared: usize = links.iter().map(|l| self.targets(*l)).sum();
        let is_resolver = caller.kind == Kind::Dns || caller.resolver.is_some();
        let hops: Vec<usize> = links
            .iter()
            .filter_map(|l| {
                let policy = &self.design.links[*l].policy;
                let own_tries = if slot.tries > 0 { slot.tries } else { policy.tries() };
                let (tries, distinct) = match slot.need {
                    Need::Any => (tries, shared),
                    _ => (own_tries, self.targets(*l)),
                };
                // A second try needs a second target; where there is none, the first has all the time.
                let used = f64::from(tries.clamp(1, distinct.clamp(1, 1 << 16) as u32));
                let pauses = (used - 1.0) * policy.backoff().get();
                let timeout = policy.timeout.unwrap_or(Millis(((budget.get() - pauses) / used).max(1.0)));
                let fits = policy.timeout.is_none() || used * timeout.get() + pauses <= budget.get();
                let hop = self.hop(parent, *l, by_link[l], Time { timeout, left: budget }, derived)?;
                self.hops[hop].tries = own_tries;
                self.hops[hop].fits = fits;
                Some(hop)
            })
            .collect();
        let fits = hops.iter().all(|h| self.hops[*h].fits);
        VisitedSlot {
            name: slot.name.clone(),
            need: slot.need,
            when: slot.when,
            tries,
            backoff,
            detector: caller.detector(),
            fits,
            policy: is_resolver.then(|| caller.resolver.clone().unwrap_or_default().policy),
            hops,
        }
    }

    /// How many distinct targets a link offers: the instances at its other end, or one group.
    fn targets(&self, link: usize) -> usize {
        let link = &self.design.links[link];
        let Some(to) = self.index.component(link.to.as_str()) else { return 0 };
        let component = &self.design.components[to];
        if component.kind.is_replicated() { 1 } else { self.placed[to].instances.len() }
    }

    fn hop(
        &mut self,
        parent: Option<usize>,
        link_index: usize,
        step: &Step,
        time: Time,
        derived: bool,
    ) -> Option<usize> {
        let link = &self.design.links[link_index];
        let target = self.index.component(link.to.as_str())?;
        if self.hops.len() >= LIMITS.steps || self.path.len() > LIMITS.depth {
            self.truncated = true;
            return None;
        }
        let kind = self.design.components[target].kind;
        let op = step.op.unwrap_or(match link.interaction {
            Interaction::Publish => Op::Publish,
            Interaction::Resolve
                if kind == Kind::Dns || self.design.components[target].resolver.is_some() =>
            {
                Op::Resolve
            }
            Interaction::Subscribe => Op::Deliver,
            _ => Op::Call,
        });
        let own = self.hops.len();
        let standing = self.path.contains(&target);
        self.hops.push(Hop {
            link: link_index,
            target,
            parent,
            op,
            from: step.from,
            consistency: step.consistency.or(self.consistency),
            idempotent: step.idempotent.unwrap_or(!matches!(op, Op::Write | Op::Publish)),
            keys: step.keys,
            standing,
            tries: link.policy.tries(),
            timeout: time.timeout,
            fits: true,
            weight: link.weight.unwrap_or(1.0),
            slots: Vec::new(),
            bypass: Vec::new(),
        });
        if op == Op::Deliver {
            self.effect_names.insert(own, step.effect.clone());
        }
        if !standing {
            // A resolver's answer is walked by whoever asked, on the asker's time; a consumer has its own.
            let budget = match op {
                Op::Deliver => {
                    let queue = self.design.component(link.from.as_str()).and_then(|c| c.queue.clone());
                    queue.unwrap_or_default().redeliver_after()
                }
                Op::Resolve => time.left,
                _ => time.timeout,
            };
            let slots = if derived {
                self.derive(target, Some(own), budget)
            } else {
                self.follow(target, Some(own), &step.then, budget)
            };
            self.hops[own].slots = slots;
        }
        Some(own)
    }
}
