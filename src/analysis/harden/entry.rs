//! A second entry beside the first, behind names that fail over.

use super::alternative::changed;
use super::change::{Draft, Remedy};
use super::spread::other_leaves;
use crate::analysis::{Change, Facts};
use crate::design::{
    Component, ComponentId, Interaction, Kind, Link, LinkId, Op, ResolvePolicy, Resolver, Step,
};

/// A second balancer, gateway or firewall like the one that clients call, in another zone where there is one, and a pair of
/// name servers that name the first and, once it is lost, the second.
pub(super) fn second_entry(facts: &Facts<'_>, component: &str) -> Option<Draft> {
    let c = facts.component(component)?;
    let index = facts.index(component)?;
    if !matches!(c.kind, Kind::LoadBalancer | Kind::Gateway | Kind::Firewall) {
        return None;
    }
    let entering: Vec<&Link> =
        facts.links_to(&c.id).iter().copied().filter(|l| l.interaction == Interaction::Call).collect();
    let by_client =
        |l: &&Link| facts.component(&l.from).is_some_and(|f| f.kind == Kind::Client && l.slot.is_empty());
    if entering.is_empty() || !entering.iter().all(by_client) {
        return None;
    }
    let mut taken = facts.design.clone();
    let mut changes = Vec::new();
    let add = |new: Component, taken: &mut crate::design::Design| {
        taken.components.push(new.clone());
        Change::AddComponent { component: Box::new(new), near: Some(c.id.clone()) }
    };

    let mut second = c.clone();
    second.id = ComponentId::new(taken.mint_id(&format!("{}-2", c.id)));
    if !c.name.is_empty() {
        second.name = format!("{} 2", c.name);
    }
    if let [only] = facts.deployment.components[index].leaves[..]
        && let Some(other) = other_leaves(facts, only, &|leaf| leaf == only).first()
    {
        second.zones = vec![facts.deployment.zones[*other].id.clone()];
    }
    changes.push(add(second.clone(), &mut taken));
    let mut names = Component::new(ComponentId::new(taken.mint_id("names")), Kind::Dns);
    names.name = "Names".to_owned();
    names.replicas = 2;
    names.resolver = Some(Resolver { policy: ResolvePolicy::Failover, ttl: None });
    names.security.internet_facing = c.security.internet_facing;
    changes.push(add(names.clone(), &mut taken));

    let mut link =
        |from: &ComponentId, to: &ComponentId, how: Interaction, taken: &mut crate::design::Design| {
            let id = LinkId::new(taken.mint_id(&format!("{from}-{to}")));
            let mut new = Link::new(id, from.clone(), to.clone());
            new.interaction = how;
            if let Some(like) = entering.first().filter(|_| *from == names.id) {
                new.tls = like.tls;
                new.authentication = like.authentication;
            }
            taken.links.push(new.clone());
            changes.push(Change::AddLink(Box::new(new.clone())));
            new.id
        };
    let to_first = link(&names.id, &c.id, Interaction::Resolve, &mut taken);
    let to_second = link(&names.id, &second.id, Interaction::Resolve, &mut taken);
    let mut onward: Vec<(LinkId, LinkId)> = Vec::new();
    for l in facts.links_from(&c.id) {
        let id = link(&second.id, &l.to, l.interaction, &mut taken);
        onward.push((l.id.clone(), id));
    }
    let mut asking: Vec<(LinkId, LinkId)> = Vec::new();
    for l in &entering {
        let id = link(&l.from, &names.id, Interaction::Resolve, &mut taken);
        asking.push((l.id.clone(), id));
    }
    // The copies of the onward links keep what the drawn ones say.
    for (old, new) in &onward {
        let (Some(old), Some(at)) = (facts.design.link(old.as_str()), position(&changes, new)) else {
            continue;
        };
        let like = Link { id: new.clone(), from: second.id.clone(), ..old.clone() };
        changes[at] = Change::AddLink(Box::new(like));
    }
    let mut journeys = facts.design.journeys.clone();
    for journey in &mut journeys {
        for step in &mut journey.steps {
            let Some((_, ask)) = asking.iter().find(|(entry, _)| *entry == step.link) else { continue };
            let first =
                Step { link: to_first.clone(), op: step.op, then: step.then.clone(), ..Step::default() };
            let mut then = step.then.clone();
            renamed(&mut then, &onward);
            let other = Step { link: to_second.clone(), op: step.op, then, ..Step::default() };
            *step = Step {
                link: ask.clone(),
                op: Some(Op::Resolve),
                then: vec![first, other],
                ..Step::default()
            };
        }
    }
    let drawn = facts.design.journeys.iter().any(|j| !j.steps.is_empty());
    changes.extend(changed(&facts.design.journeys, journeys));
    // Nobody takes the old way any more. A link cannot be taken away by a fix: what is derived would still follow it.
    if !drawn {
        return None;
    }
    let title = format!("Put a second {} beside the first, and names that fail over to it", c.title());
    Some(Draft::new(Remedy::SecondEntry, title, changes))
}

fn position(changes: &[Change], link: &LinkId) -> Option<usize> {
    changes.iter().position(|c| matches!(c, Change::AddLink(l) if l.id == *link))
}

/// The same steps along other links.
fn renamed(steps: &mut [Step], by: &[(LinkId, LinkId)]) {
    for step in steps {
        if let Some((_, new)) = by.iter().find(|(old, _)| *old == step.link) {
            step.link = new.clone();
        }
    }
}
