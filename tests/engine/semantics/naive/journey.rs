//! Rules 7 to 12: which links stand in which slot, and the tree of steps that a journey takes.

use linchpin::design::{
    Consistency, Design, Interaction, Journey, Keys, Kind, Link, Need, Op, ReadFrom, Step, When,
};

/// One visited step.
#[derive(Clone, Debug)]
pub struct Node {
    /// Index in `design.links`.
    pub link: usize,
    pub op: Op,
    pub from: ReadFrom,
    pub consistency: Option<Consistency>,
    pub idempotent: bool,
    pub keys: Keys,
    /// Of a `deliver` step.
    pub effect: String,
    /// Closes a loop.
    pub standing: bool,
    /// Of a `wait_for_effect` step: the effects before it.
    pub waits: Vec<String>,
    pub then: Vec<Node>,
}

impl Node {
    /// Whether this step or one below it delivers the effect.
    pub fn leads_to(&self, effect: &str) -> bool {
        (self.op == Op::Deliver && self.effect == effect) || self.then.iter().any(|n| n.leads_to(effect))
    }
}

/// The slot that a link stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotOf {
    pub key: SlotKey,
    pub need: Need,
    pub when: When,
    /// 0: not stated.
    pub tries: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotKey {
    Named(String),
    /// The shared slot of DNS, CDN and balancers.
    Spread,
    Own(usize),
}

/// Rules 7 and 8.
pub fn slot_of(design: &Design, index: usize) -> Option<SlotOf> {
    use Interaction::{Bypass, Call, Heartbeat, Replicate, Resolve, Telemetry};
    let link = &design.links[index];
    let (from, to) = (design.component(link.from.as_str())?, design.component(link.to.as_str())?);
    // "A link belongs to no slot if it is `telemetry`, `heartbeat`, `replicate` or `bypass`, or if an insight component
    // (monitoring, logging, tracing) is at either end: it is never needed."
    if matches!(link.interaction, Telemetry | Heartbeat | Replicate | Bypass)
        || from.kind.is_insight()
        || to.kind.is_insight()
    {
        return None;
    }
    // "A link that names a slot stands in it."
    if !link.slot.is_empty() {
        let slot = from.slots.iter().find(|s| s.name == link.slot).expect("a sound design");
        return Some(SlotOf {
            key: SlotKey::Named(slot.name.clone()),
            need: slot.need,
            when: slot.when,
            tries: slot.tries,
        });
    }
    // "links out of DNS, CDN and balancers share one slot, need `any`"
    if matches!(from.kind, Kind::Dns | Kind::Cdn | Kind::LoadBalancer) {
        return Some(SlotOf { key: SlotKey::Spread, need: Need::Any, when: When::EachRequest, tries: 0 });
    }
    let own = |need, when| Some(SlotOf { key: SlotKey::Own(index), need, when, tries: 0 });
    // "a `resolve` link is `every` ttl of the resolver"
    if link.interaction == Resolve {
        return own(Need::All, When::Every(to.resolver.clone().unwrap_or_default().ttl()));
    }
    // "a link to a coordinator is `at_failover`"
    if to.kind == Kind::Coordinator {
        return own(Need::All, When::AtFailover);
    }
    // "a link to a cache that has no outgoing call itself, where the caller also has a call link to a store, is
    // `optional` (cache beside)"
    let calls = |l: &&Link| l.interaction == Call;
    let beside = to.kind == Kind::Cache
        && design.links_from(to.id.as_str()).filter(calls).count() == 0
        && design
            .links_from(from.id.as_str())
            .filter(calls)
            .any(|l| design.component(l.to.as_str()).is_some_and(|c| c.kind.is_store()));
    // "any other link has a slot of its own, need `all`"
    own(if beside { Need::Optional } else { Need::All }, When::EachRequest)
}

/// Every journey with its steps: those drawn, and one for each client that has none (rule 10).
pub fn journeys(design: &Design) -> Vec<(Journey, Vec<Node>)> {
    let mut all: Vec<Journey> = design.journeys.clone();
    for c in &design.components {
        let named = design.journeys.iter().any(|j| j.client == c.id);
        if c.kind == Kind::Client && !named && design.links_from(c.id.as_str()).next().is_some() {
            all.push(Journey::new(c.id.as_str(), c.id.as_str()));
        }
    }
    all.into_iter()
        .map(|journey| {
            let mut nodes = if journey.steps.is_empty() {
                derive(design, journey.client.as_str())
            } else {
                drawn(design, &journey.steps, None, &mut vec![journey.client.as_str().to_owned()])
            };
            number(&mut nodes, &mut Vec::new());
            waits(&mut nodes, &mut Vec::new());
            (journey, nodes)
        })
        .collect()
}

/// The effects of a tree, in the order of its steps, each once.
pub fn effects(nodes: &[Node]) -> Vec<String> {
    let mut names = Vec::new();
    for node in nodes {
        let own = (node.op == Op::Deliver).then(|| node.effect.clone());
        for name in own.into_iter().chain(effects(&node.then)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// Rule 38: "Deliver steps of one name in one journey are told apart as `name`, `name-2`, …".
fn number(nodes: &mut [Node], names: &mut Vec<String>) {
    for node in nodes {
        if node.op == Op::Deliver {
            let name = node.effect.clone();
            let mut copy = 2;
            while names.contains(&node.effect) {
                node.effect = format!("{name}-{copy}");
                copy += 1;
            }
            names.push(node.effect.clone());
        }
        number(&mut node.then, names);
    }
}

/// Rule 38: "each effect before it in the journey".
fn waits(nodes: &mut [Node], before: &mut Vec<String>) {
    for node in nodes {
        if node.op == Op::WaitForEffect {
            node.waits = before.clone();
        }
        if node.op == Op::Deliver && !before.contains(&node.effect) {
            before.push(node.effect.clone());
        }
        waits(&mut node.then, before);
    }
}

fn node(design: &Design, index: usize, above: Option<Op>, step: &Step) -> Node {
    let link = &design.links[index];
    let to = design.component(link.to.as_str()).expect("a sound design");
    // Rule 12: "Along publish links it is `publish`, along resolve links `resolve`, along subscribe links `deliver`."
    // Rule 20: "A step along a resolve link that follows a resolve step is the asker's own request, a `call` unless it
    // says otherwise, except to another DNS component."
    let op = step.op.unwrap_or(match link.interaction {
        Interaction::Publish => Op::Publish,
        Interaction::Resolve if above == Some(Op::Resolve) && to.kind != Kind::Dns => Op::Call,
        Interaction::Resolve => Op::Resolve,
        Interaction::Subscribe => Op::Deliver,
        _ => Op::Call,
    });
    Node {
        link: index,
        op,
        from: step.from,
        consistency: step.consistency,
        // "Reads, calls and resolves are idempotent unless the step says otherwise; writes and publishes are not."
        idempotent: step.idempotent.unwrap_or(matches!(op, Op::Read | Op::Call | Op::Resolve)),
        keys: step.keys,
        effect: if step.effect.is_empty() { to.id.as_str().to_owned() } else { step.effect.clone() },
        standing: false,
        waits: Vec::new(),
        then: Vec::new(),
    }
}

fn drawn(design: &Design, steps: &[Step], above: Option<Op>, path: &mut Vec<String>) -> Vec<Node> {
    let mut nodes = Vec::new();
    for step in steps {
        let index = design.links.iter().position(|l| l.id == step.link).expect("a sound design");
        // Rule 7: a link in no slot is never needed, and nothing below it is; a bypass apart (rule 22).
        if slot_of(design, index).is_none() && design.links[index].interaction != Interaction::Bypass {
            continue;
        }
        let mut made = node(design, index, above, step);
        let to = design.links[index].to.as_str().to_owned();
        // Rule 10: "So does a drawn step to such a component."
        if path.contains(&to) {
            made.standing = true;
        } else {
            path.push(to);
            made.then = drawn(design, &step.then, Some(made.op), path);
            path.pop();
        }
        nodes.push(made);
    }
    nodes
}

/// Rule 10: the derived journey of a component.
pub fn derive(design: &Design, start: &str) -> Vec<Node> {
    derived(design, start, None, &mut vec![start.to_owned()])
}

fn derived(design: &Design, at: &str, above: Option<Op>, path: &mut Vec<String>) -> Vec<Node> {
    use Interaction::{Bypass, Call, Publish, Resolve, Subscribe};
    let visit = |index: usize, path: &mut Vec<String>| {
        let mut made = node(design, index, above, &Step::default());
        let to = design.links[index].to.as_str().to_owned();
        // "A link whose target component is already on the path (the client included) closes a loop"
        if path.contains(&to) {
            made.standing = true;
        } else {
            path.push(to.clone());
            made.then = derived(design, &to, Some(made.op), path);
            path.pop();
        }
        made
    };
    let mut nodes = Vec::new();
    for (index, link) in design.links.iter().enumerate() {
        // "along every call, publish, resolve and subscribe link that is in a slot, in file order, depth first"
        if link.from == *at
            && matches!(link.interaction, Call | Publish | Resolve | Subscribe)
            && slot_of(design, index).is_some()
        {
            nodes.push(visit(index, path));
        }
    }
    // Rule 22: "A derived journey visits the bypass links of a component that it visits an inline cache from."
    if nodes.iter().any(|n| is_inline_cache(design, n)) {
        for (index, link) in design.links.iter().enumerate() {
            if link.from == *at && link.interaction == Bypass {
                nodes.push(visit(index, path));
            }
        }
    }
    nodes
}

/// Rule 21: "A cache or CDN with visited outgoing links is inline".
pub fn is_inline_cache(design: &Design, node: &Node) -> bool {
    let to = design.component(design.links[node.link].to.as_str()).expect("a sound design");
    is_inline(design, to.kind, node)
}

/// The same of whoever stands at the end of the node's link.
pub fn is_inline(design: &Design, kind: Kind, node: &Node) -> bool {
    matches!(kind, Kind::Cache | Kind::Cdn) && node.then.iter().any(|n| slot_of(design, n.link).is_some())
}
