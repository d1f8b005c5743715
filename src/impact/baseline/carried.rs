//! From a deployment to the one after an edit: which single losses leave a journey just what they left it before.
//!
//! What a loss leaves of a journey follows from the hops that feel it, from the way between them and the client, and from what
//! the slots beside that way give while nothing is broken. Where all of that is as it was, so is the answer: nothing has to be
//! read again. An edit of one component of hundreds moves what stands behind and before it, and little else.
//!
//! Journeys that a [`Baseline`] does not write down, that somebody checks deeply, or of which a step touches every shard of
//! something are always read again; so is every loss where zones, causes or client zones have changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Baseline, Known, company_of};
use crate::deploy::{Deployment, Hop, VisitedSlot};
use crate::impact::reading::{Ops, WalkId, touches_shards};
use crate::impact::{Endpoint, Served};

/// What is as it was before an edit.
#[derive(Debug, Default)]
pub struct Carried {
    /// For each journey after the edit; `None` where all of it has to be read again.
    routes: Vec<Option<Kept>>,
    components: Twins,
    links: Twins,
}

/// Which elements of a sort were there before, by their indices.
#[derive(Debug, Default)]
struct Twins {
    /// For each that is there after the edit.
    before: Vec<Option<usize>>,
    /// For each that was there before it.
    after: Vec<Option<usize>>,
}

impl Twins {
    fn of(before: Vec<Option<usize>>, count_before: usize) -> Self {
        let mut after = vec![None; count_before];
        for (is, was) in before.iter().enumerate() {
            if let Some(was) = was {
                after[*was] = Some(is);
            }
        }
        Self { before, after }
    }

    /// Those of both lists, as they are counted after the edit; of what was only there before, nothing.
    fn of_either<'k>(
        &self,
        was: impl Iterator<Item = &'k usize>,
        is: impl Iterator<Item = &'k usize>,
    ) -> BTreeSet<usize> {
        was.filter_map(|e| self.after[*e]).chain(is.copied()).collect()
    }
}

/// A journey that is partly as it was.
#[derive(Debug)]
struct Kept {
    /// Its position before.
    before: usize,
    /// Components that were there before and of which a loss has to be read again.
    components: BTreeSet<usize>,
    /// Links likewise.
    links: BTreeSet<usize>,
}

impl Carried {
    /// Compares two deployments by what their baselines say. O(hops log hops + components x company of a component).
    pub fn between(before: (&Deployment, &Baseline), after: (&Deployment, &Baseline)) -> Self {
        let (old, new) = (before.0, after.0);
        let is_read_alike = before.1.reading == after.1.reading;
        if !is_read_alike || old.zones != new.zones || old.design.causes != new.design.causes {
            return Self::default();
        }
        let components = Twins::of(same_components(old, new), old.components.len());
        let link_before = |l: &crate::design::Link| old.link_index(l.id.as_str());
        let links = Twins::of(new.design.links.iter().map(link_before).collect(), old.design.links.len());
        let pairs_as_before =
            old.pairs.is_empty() && new.pairs.is_empty() || old.design.links == new.design.links;
        let routes = (0..new.routes.len())
            .map(|r| {
                let at = old.routes.iter().position(|o| o.journey == new.routes[r].journey)?;
                let known = (before.1.known[at].as_ref()?, after.1.known[r].as_ref()?);
                let routes = (at, r);
                let edit =
                    Edit { old, new, components: &components, links: &links, routes, known, pairs_as_before };
                edit.kept()
            })
            .collect();
        Self { routes, components, links }
    }

    /// Where the journey stood before, if the loss of a component, or of any of its instances, leaves what it left then.
    pub fn of_component(&self, route: usize, component: usize) -> Option<usize> {
        let kept = self.routes.get(route)?.as_ref()?;
        let was_there = self.components.before[component].is_some();
        (was_there && !kept.components.contains(&component)).then_some(kept.before)
    }

    /// The same for the loss of a link.
    pub fn of_link(&self, route: usize, link: usize) -> Option<usize> {
        let kept = self.routes.get(route)?.as_ref()?;
        (self.links.before[link].is_some() && !kept.links.contains(&link)).then_some(kept.before)
    }
}

/// One journey before and after.
struct Edit<'a> {
    old: &'a Deployment,
    new: &'a Deployment,
    /// Components that are as they were.
    components: &'a Twins,
    /// Links of the same id.
    links: &'a Twins,
    routes: (usize, usize),
    known: (&'a Known, &'a Known),
    /// Whether the links of heartbeat pairs are as they were, or there are no pairs.
    pairs_as_before: bool,
}

impl Edit<'_> {
    fn kept(&self) -> Option<Kept> {
        let (was, is) = (&self.old.routes[self.routes.0], &self.new.routes[self.routes.1]);
        let can_be_told = |d: &Deployment, known: &Known, r: usize| {
            !known.is_deep && !d.routes[r].hops.iter().any(|h| touches_shards(d, h))
        };
        let is_told = can_be_told(self.old, self.known.0, self.routes.0)
            && can_be_told(self.new, self.known.1, self.routes.1)
            && self.components.before[is.client] == Some(was.client)
            && was.zones == is.zones
            && self.known.0.keys.is_as(self.old, &self.known.1.keys, self.new, &self.components.before);
        if !is_told {
            return None;
        }
        // The same hop is the one along the same link behind the same hop.
        let by_way: HashMap<(Option<usize>, usize), usize> =
            was.hops.iter().enumerate().map(|(h, hop)| ((hop.parent, hop.link), h)).collect();
        let mut twin: Vec<Option<usize>> = Vec::with_capacity(is.hops.len());
        for hop in &is.hops {
            let parent = match hop.parent {
                None => Some(None),
                Some(p) => twin[p].map(Some),
            };
            let way = parent.zip(self.links.before[hop.link]);
            twin.push(way.and_then(|w| by_way.get(&w).copied()));
        }
        let is_itself: Vec<bool> = (0..is.hops.len()).map(|h| self.is_itself(h, &twin)).collect();
        // Whoever asks the slot of a hop looks at all hops of that slot, and at the ways round them.
        let mut stands = vec![false; is.hops.len()];
        let ask = |slots: &[VisitedSlot], whole: bool, stands: &mut [bool]| {
            for slot in slots {
                let with_ways_round =
                    || slot.hops.iter().flat_map(|h| std::iter::once(h).chain(&is.hops[*h].bypass));
                let all = whole && with_ways_round().all(|h| is_itself[*h]);
                with_ways_round().for_each(|h| stands[*h] = all);
            }
        };
        ask(&is.root, self.slots_are_as_before(&was.root, &is.root, &twin), &mut stands);
        // Parents stand before children.
        for h in 0..is.hops.len() {
            let whole = stands[h];
            ask(&is.hops[h].slots, whole, &mut stands);
        }
        let moved = |now: &[usize], then: Option<&Vec<usize>>| {
            let mut twins: Vec<Option<usize>> = now.iter().map(|h| twin[*h].filter(|_| stands[*h])).collect();
            twins.sort_unstable();
            let mut then: Vec<Option<usize>> = then.into_iter().flatten().map(|h| Some(*h)).collect();
            then.sort_unstable();
            twins != then
        };
        // What the journey visits neither before nor after is as it was.
        let moved_of =
            |twins: &Twins, was: &BTreeMap<usize, Vec<usize>>, is: &BTreeMap<usize, Vec<usize>>| {
                let mut either = twins.of_either(was.keys(), is.keys());
                either.retain(|e| {
                    let now = is.get(e).map_or(&[][..], Vec::as_slice);
                    moved(now, twins.before[*e].and_then(|e| was.get(&e)))
                });
                either
            };
        let (was, is) = self.known;
        let components = moved_of(self.components, &was.of_component, &is.of_component);
        let links = moved_of(self.links, &was.of_link, &is.of_link);
        Some(Kept { before: self.routes.0, components, links })
    }

    /// Whether a hop, what it ends at and what is given behind it are as they were.
    fn is_itself(&self, h: usize, twin: &[Option<usize>]) -> bool {
        let Some(t) = twin[h] else { return false };
        let (was, is) = (&self.old.routes[self.routes.0].hops[t], &self.new.routes[self.routes.1].hops[h]);
        let paired = |c: usize| self.new.pairs.contains_key(&c);
        let caller = is.parent.map(|p| self.new.routes[self.routes.1].hops[p].target);
        is_called_as_before(was, is)
            && self.components.before[is.target] == Some(was.target)
            && self.old.design.links[was.link] == self.new.design.links[is.link]
            && (self.pairs_as_before || !(paired(is.target) || caller.is_some_and(paired)))
            && is.bypass.iter().map(|b| twin[*b]).eq(was.bypass.iter().map(|b| Some(*b)))
            && self.slots_are_as_before(&was.slots, &is.slots, twin)
    }

    /// Whether slots ask the same of the same hops, and give every caller what they gave.
    fn slots_are_as_before(&self, was: &[VisitedSlot], is: &[VisitedSlot], twin: &[Option<usize>]) -> bool {
        let alike = |(was, is): (&VisitedSlot, &VisitedSlot)| {
            let hops = is.hops.iter().map(|h| twin[*h]).eq(was.hops.iter().map(|h| Some(*h)));
            hops && VisitedSlot { hops: Vec::new(), ..was.clone() }
                == VisitedSlot { hops: Vec::new(), ..is.clone() }
        };
        was.len() == is.len()
            && was.iter().zip(is).all(alike)
            && was.iter().zip(is).all(|(was, is)| match (was.hops.first(), is.hops.first()) {
                (Some(t), Some(h)) => self.is_given_as_before(*t, *h),
                _ => true,
            })
    }

    /// Whether the slot that begins with a hop gives every caller what it gave, in every walk of the journey.
    fn is_given_as_before(&self, was: usize, is: usize) -> bool {
        let walks = |known: &Known| -> Vec<WalkId> {
            known.pages.keys().filter(|(_, ops, way)| (*ops, *way) == (Ops::All, None)).copied().collect()
        };
        let ids = walks(self.known.1);
        ids == walks(self.known.0)
            && ids.iter().all(|id| {
                let (then, now) = (&self.known.0.pages[id][was], &self.known.1.pages[id][is]);
                let given = |((resolver, caller), served): &((bool, Endpoint), Served)| {
                    let Some(caller) = self.caller_before(*caller) else { return false };
                    then.iter().any(|(asked, given)| *asked == (*resolver, caller) && given == served)
                };
                then.len() == now.len() && now.iter().all(given)
            })
    }

    /// A caller as it was counted before.
    fn caller_before(&self, caller: Endpoint) -> Option<Endpoint> {
        match caller {
            Endpoint::Instance(i) => {
                let c = self.new.instances[i].component;
                let place = i - self.new.components[c].instances.start;
                Some(Endpoint::Instance(
                    self.old.components[self.components.before[c]?].instances.start + place,
                ))
            }
            Endpoint::Client { component, zone } => {
                Some(Endpoint::Client { component: self.components.before[component]?, zone })
            }
        }
    }
}

/// Whether the same is asked along a hop, in the same way.
fn is_called_as_before(was: &Hop, is: &Hop) -> bool {
    let plain = |h: &Hop| Hop {
        link: 0,
        target: 0,
        parent: None,
        slots: Vec::new(),
        bypass: Vec::new(),
        ..h.clone()
    };
    plain(was) == plain(is)
}

/// For each component after an edit its index before, where it is as it was: itself, where its instances stand, and all that
/// it keeps copies with, stands in for, or lets vote.
fn same_components(old: &Deployment, new: &Deployment) -> Vec<Option<usize>> {
    let own: Vec<Option<usize>> = (0..new.components.len())
        .map(|c| {
            let before = old.component_index(new.components[c].id.as_str())?;
            is_itself(old, before, new, c).then_some(before)
        })
        .collect();
    (0..new.components.len())
        .map(|c| own[c].filter(|_| company_of(new, c).iter().all(|other| own[*other].is_some())))
        .collect()
}

fn is_itself(old: &Deployment, was: usize, new: &Deployment, is: usize) -> bool {
    let places = |d: &Deployment, c: usize| -> Vec<(u32, u32, Option<usize>)> {
        d.instances[d.components[c].instances.clone()].iter().map(|i| (i.shard, i.replica, i.zone)).collect()
    };
    let id = |d: &Deployment, c: usize| d.components[c].id.clone();
    let group = |d: &Deployment, c: usize| {
        d.group_of[c].map(|g| {
            let group = &d.groups[g];
            let members: Vec<_> = group.members.iter().map(|m| id(d, *m)).collect();
            let links: Vec<_> = group.replicate_links.iter().map(|l| d.design.links[*l].clone()).collect();
            (members, group.mode.clone(), group.ring_n, links)
        })
    };
    let pair = |d: &Deployment, c: usize| d.pairs.get(&c).map(|(a, b)| (id(d, *a), id(d, *b)));
    old.design.components[was] == new.design.components[is]
        && places(old, was) == places(new, is)
        && old.shard_shares[was] == new.shard_shares[is]
        && group(old, was) == group(new, is)
        && pair(old, was) == pair(new, is)
}
