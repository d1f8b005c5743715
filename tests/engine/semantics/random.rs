//! Random small drawings and worlds, made again from their seed, and shrunk to what still fails.

use fastrand::Rng;
use linchpin::design::*;

use super::naive::World;

const KINDS: [Kind; 22] = [
    Kind::Service,
    Kind::Service,
    Kind::Service,
    Kind::Service,
    Kind::Gateway,
    Kind::LoadBalancer,
    Kind::LoadBalancer,
    Kind::Dns,
    Kind::Cdn,
    Kind::Cache,
    Kind::Cache,
    Kind::RelationalStore,
    Kind::RelationalStore,
    Kind::KeyValueStore,
    Kind::DocumentStore,
    Kind::Queue,
    Kind::Stream,
    Kind::Worker,
    Kind::Coordinator,
    Kind::Peer,
    Kind::Monitoring,
    Kind::IdentityProvider,
];

/// One in n.
fn one_in(r: &mut Rng, n: usize) -> bool {
    r.usize(0..n) == 0
}

fn pick<'a, T>(r: &mut Rng, of: &'a [T]) -> &'a T {
    &of[r.usize(0..of.len())]
}

/// A drawing of two to eight components.
pub fn drawing(seed: u64) -> Design {
    let mut r = Rng::with_seed(seed);
    let r = &mut r;
    let mut d = Design { name: format!("random {seed}"), ..Design::default() };
    for z in 0..r.usize(0..5) {
        let parent = (z > 0 && one_in(r, 3)).then(|| ZoneId::new(format!("z{}", r.usize(0..z))));
        d.zones.push(Zone { id: ZoneId::new(format!("z{z}")), parent, ..Zone::default() });
    }
    let clients = if one_in(r, 6) { 2 } else { 1 };
    for c in 0..clients {
        let mut client = Component::new(format!("u{c}"), Kind::Client);
        client.zones = zones(r, &d);
        for zone in client.zones.clone() {
            if one_in(r, 3) {
                client.client_weights.insert(zone, r.u32(1..5).into());
            }
        }
        dress(r, &mut client);
        d.components.push(client);
    }
    for c in 0..r.usize(1..7) {
        let kind = *pick(r, &KINDS);
        let mut component = Component::new(format!("c{c}"), kind);
        component.replicas = *pick(r, &[1, 1, 2, 2, 3]);
        component.zones = zones(r, &d);
        if !kind.is_replicated() && one_in(r, 5) {
            component.min_healthy = r.u32(1..=component.replicas);
        }
        dress(r, &mut component);
        if kind == Kind::Dns {
            component.slots.clear();
        }
        // Open: sharded caches under `keys: all` and deep checks.
        if kind.is_replicated() && one_in(r, 4) {
            component.sharding = Some(sharding(r));
        }
        if matches!(kind, Kind::Cache | Kind::Cdn) && one_in(r, 2) {
            component.cache = Some(CacheSettings {
                hit_ratio: one_in(r, 2).then_some(0.5),
                serve_stale: one_in(r, 2),
                writes: if one_in(r, 3) { CacheWrites::Back } else { CacheWrites::Through },
                ..CacheSettings::default()
            });
        }
        if kind == Kind::Dns {
            let policy =
                *pick(r, &[ResolvePolicy::Nearest, ResolvePolicy::Weighted, ResolvePolicy::Failover]);
            component.resolver = Some(Resolver { policy, ttl: None });
        }
        d.components.push(component);
    }
    // Whether a publish that is not felt at each request ever happens is nobody's question.
    if d.components.iter().any(|c| c.kind.is_messaging()) {
        for slot in d.components.iter_mut().flat_map(|c| &mut c.slots) {
            slot.when = When::EachRequest;
        }
    }
    // Open: whether a passive detector judges a group over all keys.
    if d.components.iter().any(|c| c.sharding.is_some()) {
        for detector in d.components.iter_mut().filter_map(|c| c.detector.as_mut()) {
            if detector.mode == DetectorMode::Passive {
                detector.mode = DetectorMode::Shallow;
            }
        }
    }
    modes(r, &mut d);
    links(r, &mut d);
    for c in 0..r.usize(0..3) {
        let members = (0..r.usize(1..4)).map(|_| ElementId::new(element(r, &d))).collect();
        d.causes.push(Cause { id: CauseId::new(format!("why{c}")), members, ..Cause::default() });
    }
    if one_in(r, 2) {
        for j in 0..r.usize(1..3) {
            let mut journey = Journey::new(format!("j{j}"), "u0");
            journey.consistency = one_in(r, 4).then(|| consistency(r, &d));
            journey.deadline = one_in(r, 5).then_some(Millis(1000.0));
            journey.steps = steps(r, &d, "u0", &mut Vec::new(), 0);
            d.journeys.push(journey);
        }
    }
    d
}

fn zones(r: &mut Rng, d: &Design) -> Vec<ZoneId> {
    let mut listed: Vec<ZoneId> =
        d.zones.iter().map(|z| z.id.clone()).filter(|_| r.usize(0..3) > 0).collect();
    r.shuffle(&mut listed);
    listed
}

/// Slots and a detector.
fn dress(r: &mut Rng, component: &mut Component) {
    if one_in(r, 2) {
        let mode = *pick(
            r,
            &[DetectorMode::Connect, DetectorMode::Passive, DetectorMode::Shallow, DetectorMode::Deep],
        );
        component.detector = Some(Detector { mode, ..Detector::default() });
    }
    for s in 0..r.usize(0..3) {
        component.slots.push(Slot {
            name: format!("s{s}"),
            need: *pick(r, &[Need::All, Need::Any, Need::Any, Need::KOf(1), Need::KOf(2), Need::Optional]),
            when: *pick(
                r,
                &[
                    When::EachRequest,
                    When::EachRequest,
                    When::EachRequest,
                    When::AtStart,
                    When::AtFailover,
                    When::Every(Millis(1000.0)),
                ],
            ),
            tries: *pick(r, &[0, 0, 1, 2, 3]),
            ..Slot::default()
        });
    }
}

fn sharding(r: &mut Rng) -> Sharding {
    let strategy = match r.usize(0..3) {
        0 => Strategy::Hash,
        1 => Strategy::Range { splits: vec![0.25] },
        _ => Strategy::Jump,
    };
    Sharding {
        shards: 2,
        strategy,
        key: if one_in(r, 2) { "k".to_owned() } else { String::new() },
        ..Sharding::default()
    }
}

fn consistency(r: &mut Rng, d: &Design) -> Consistency {
    use Consistency::*;
    // Open: what follows from the `sequential` of a consensus follower.
    let follows = d
        .components
        .iter()
        .any(|c| c.kind == Kind::Coordinator || matches!(c.replication, Some(Replication::Consensus(_))))
        || d.links.iter().any(|l| matches!(l.replication, Some(Replication::Consensus(_))));
    if follows {
        return *pick(r, &[Linearizable, Sequential, MonotonicWrites, WritesFollowReads, Eventual]);
    }
    *pick(
        r,
        &[
            Linearizable,
            Sequential,
            Causal,
            ReadYourWrites,
            MonotonicReads,
            MonotonicWrites,
            WritesFollowReads,
            Eventual,
        ],
    )
}

fn mode(r: &mut Rng, d: &Design, replicas: u32, own: &ComponentId) -> Replication {
    let coordinators: Vec<ComponentId> = d
        .components
        .iter()
        .filter(|c| c.kind == Kind::Coordinator && c.id != *own)
        .map(|c| c.id.clone())
        .collect();
    match r.usize(0..8) {
        // Copies without replication, and joined groups that shard apart, are what nobody should draw.
        0 if replicas == 1 => Replication::None,
        1 => Replication::Chain(Chain {
            coordinator: if coordinators.is_empty() { None } else { Some(pick(r, &coordinators).clone()) },
        }),
        2 => Replication::Consensus(Consensus::default()),
        3 => {
            let n = if one_in(r, 2) { 0 } else { r.u32(1..=replicas) };
            let most = if n == 0 { replicas } else { n };
            Replication::Quorum(Quorum {
                n,
                r: r.u32(0..=most),
                w: r.u32(0..=most),
                sloppy: one_in(r, 3),
                coordinator: if one_in(r, 2) {
                    QuorumCoordinator::Client
                } else {
                    QuorumCoordinator::Replica
                },
            })
        }
        4 => Replication::MultiPrimary(MultiPrimary {
            merge: if one_in(r, 2) { Merge::Crdt } else { Merge::LastWriteWins },
        }),
        _ => {
            let mut voters = Vec::new();
            if one_in(r, 2) {
                if one_in(r, 2) {
                    voters.push(own.clone());
                }
                if let Some(c) = coordinators.first() {
                    voters.push(c.clone());
                }
            }
            Replication::PrimaryBackup(PrimaryBackup {
                sync: *pick(r, &[Sync::Async, Sync::SemiSync(1), Sync::Sync]),
                failover: if one_in(r, 2) { Failover::Automatic } else { Failover::Manual },
                voters,
                on_backup_loss: if one_in(r, 2) {
                    OnBackupLoss::Block
                } else {
                    OnBackupLoss::AsyncAfter(Millis(1000.0))
                },
                detect_after: None,
            })
        }
    }
}

fn modes(r: &mut Rng, d: &mut Design) {
    for at in 0..d.components.len() {
        let (kind, replicas, id) = {
            let c = &d.components[at];
            (c.kind, c.replicas, c.id.clone())
        };
        if kind.is_replicated() && one_in(r, 2) {
            let mut stated = mode(r, d, replicas, &id);
            // Open: the ring of a sharded quorum.
            if let Replication::Quorum(q) = &mut stated
                && d.components[at].sharding.is_some()
            {
                (q.n, q.r, q.w) = (0, 0, 0);
            }
            d.components[at].replication = Some(stated);
        }
    }
}

/// Whether a replicate link between two stores leaves no doubt who is the primary and which shard goes with which.
fn may_join(d: &Design, from: usize, to: usize) -> bool {
    let (f, t) = (&d.components[from], &d.components[to]);
    let joined = |l: &&Link| l.interaction == Interaction::Replicate && (l.to == t.id || l.from == t.id);
    from < to && f.sharding.is_none() && t.sharding.is_none() && d.links.iter().filter(joined).count() == 0
}

/// Mostly forwards, so that most drawings have few loops.
fn links(r: &mut Rng, d: &mut Design) {
    let count = d.components.len();
    let mut next = 0;
    for to in 0..count {
        for from in 0..count {
            let (f, t) = (&d.components[from], &d.components[to]);
            if from == to || t.kind == Kind::Client {
                continue;
            }
            let names = f.kind == Kind::Dns || t.kind == Kind::Dns;
            let wanted = if from > to { !names && one_in(r, 14) } else { one_in(r, 2) };
            if !wanted {
                continue;
            }
            let mut link = Link::new(format!("l{next}"), f.id.as_str(), t.id.as_str());
            next += 1;
            link.interaction = match (f.kind, t.kind) {
                // Open: whose needs the engine asks when a sharded store calls out, and how near a group is.
                (a, b)
                    if (a.is_replicated()
                        && f.sharding.is_some()
                        && (!a.is_messaging() || b == Kind::Dns))
                        || (a == Kind::Dns && b.is_replicated()) =>
                {
                    Interaction::Telemetry
                }
                (_, Kind::Dns) => Interaction::Resolve,
                (Kind::Monitoring, _) | (_, Kind::Monitoring) if one_in(r, 2) => Interaction::Telemetry,
                (Kind::Monitoring, t) if t.is_messaging() => Interaction::Telemetry,
                (f, Kind::Monitoring) if f.is_messaging() => Interaction::Telemetry,
                (f, t) if f.is_store() && t.is_store() && !may_join(d, from, to) => Interaction::Telemetry,
                (Kind::Dns, _) if one_in(r, 2) => Interaction::Resolve,
                (Kind::Client | Kind::Dns, _) => Interaction::Call,
                (f, t) if f.is_messaging() && !t.is_replicated() => Interaction::Subscribe,
                (f, _) if f.is_messaging() => Interaction::Telemetry,
                (f, t) if f.is_store() && t.is_store() => Interaction::Replicate,
                (f, t) if f.is_replicated() && (t.is_messaging() || !one_in(r, 3)) => Interaction::Telemetry,
                (_, t) if t.is_messaging() => Interaction::Publish,
                (a, b) if a == b && !a.is_replicated() && f.sharding == t.sharding && one_in(r, 4) => {
                    Interaction::Heartbeat
                }
                (_, t) if t.is_store() && one_in(r, 5) => Interaction::Bypass,
                _ if one_in(r, 16) => Interaction::Telemetry,
                _ => Interaction::Call,
            };
            // Open: a slot that is not felt and holds a resolve link besides others.
            if !f.slots.is_empty() && link.interaction != Interaction::Resolve && one_in(r, 2) {
                link.slot = pick(r, &f.slots).name.clone();
            }
            link.policy.tries = *pick(r, &[0, 0, 0, 1, 2, 3]);
            if one_in(r, 6) {
                link.policy.timeout = Some(Millis(*pick(r, &[300.0, 900.0, 2600.0])));
            }
            if one_in(r, 8) {
                link.policy.backoff = Some(Millis(100.0));
            }
            if f.kind == Kind::Dns && one_in(r, 2) {
                link.weight = Some(r.u32(1..4).into());
            }
            if link.interaction == Interaction::Replicate && one_in(r, 2) {
                let replicas = f.replicas + t.replicas;
                let id = f.id.clone();
                link.replication = Some(mode(r, d, replicas, &id));
            }
            d.links.push(link);
        }
    }
    // Open: whether the two of a pair are one or two targets to the arithmetic of time.
    let pairs = d.links.iter().filter(|l| l.interaction == Interaction::Heartbeat);
    let paired: Vec<ComponentId> = pairs.flat_map(|l| [l.from.clone(), l.to.clone()]).collect();
    for link in d.links.iter_mut().filter(|l| paired.contains(&l.to)) {
        link.policy.timeout = None;
    }
    // A heartbeat beside a replicate link makes its failover automatic.
    for link in d.links.clone() {
        if link.interaction == Interaction::Replicate && one_in(r, 4) {
            let mut beat = Link::new(format!("h{}", link.id), link.from.as_str(), link.to.as_str());
            beat.interaction = Interaction::Heartbeat;
            d.links.push(beat);
        }
    }
}

/// Some of the links that lead on, with all sorts of operations.
fn steps(r: &mut Rng, d: &Design, at: &str, path: &mut Vec<String>, depth: usize) -> Vec<Step> {
    let mut made = Vec::new();
    if depth > 4 {
        return made;
    }
    for link in d.links_from(at) {
        use Interaction::{Heartbeat, Replicate, Telemetry};
        if matches!(link.interaction, Heartbeat | Replicate | Telemetry)
            || path.contains(&link.id.as_str().to_owned())
            || one_in(r, 4)
        {
            continue;
        }
        path.push(link.id.as_str().to_owned());
        let then = steps(r, d, link.to.as_str(), path, depth + 1);
        path.pop();
        let op = match link.interaction {
            Interaction::Publish | Interaction::Resolve | Interaction::Subscribe => None,
            _ => *pick(r, &[None, None, Some(Op::Call), Some(Op::Read), Some(Op::Read), Some(Op::Write)]),
        };
        // Open: what a read would hand to a consumer.
        let delivers = then
            .iter()
            .any(|s| d.link(s.link.as_str()).is_some_and(|l| l.interaction == Interaction::Subscribe));
        let op = op.filter(|op| *op != Op::Read || !delivers);
        made.push(Step {
            link: link.id.clone(),
            op,
            // Open: a call that states where it reads from.
            from: if op == Some(Op::Read) {
                *pick(r, &[ReadFrom::Leader, ReadFrom::Any, ReadFrom::Nearest, ReadFrom::Quorum])
            } else {
                ReadFrom::Leader
            },
            consistency: one_in(r, 6).then(|| consistency(r, d)),
            idempotent: *pick(r, &[None, None, Some(true), Some(false)]),
            keys: if one_in(r, 6) { Keys::All } else { Keys::One },
            effect: String::new(),
            then,
        });
    }
    made
}

/// The name of an instance, a component, a zone or a link.
fn element(r: &mut Rng, d: &Design) -> String {
    match r.usize(0..10) {
        0 if !d.zones.is_empty() => pick(r, &d.zones).id.as_str().to_owned(),
        1 if !d.links.is_empty() => pick(r, &d.links).id.as_str().to_owned(),
        2 => pick(r, &d.components).id.as_str().to_owned(),
        _ => instance(r, d),
    }
}

fn instance(r: &mut Rng, d: &Design) -> String {
    let c = pick(r, &d.components);
    let replica = r.u32(1..=c.replicas);
    if c.shards() > 1 {
        format!("{}/{}/{replica}", c.id, r.u32(1..=c.shards()))
    } else {
        format!("{}/{replica}", c.id)
    }
}

fn side(r: &mut Rng, d: &Design) -> String {
    match r.usize(0..3) {
        0 if !d.zones.is_empty() => pick(r, &d.zones).id.as_str().to_owned(),
        1 => pick(r, &d.components).id.as_str().to_owned(),
        _ => instance(r, d),
    }
}

/// A world of a drawing, made again from its seed and number.
pub fn world(d: &Design, seed: u64, number: u64) -> World {
    let mut r = Rng::with_seed(seed.wrapping_mul(1000).wrapping_add(number + 1));
    let r = &mut r;
    let mut w = World::default();
    for _ in 0..r.usize(0..4) {
        let name = if !d.causes.is_empty() && one_in(r, 8) {
            pick(r, &d.causes).id.as_str().to_owned()
        } else {
            element(r, d)
        };
        if one_in(r, 3) { w.silent.push(name) } else { w.down.push(name) }
    }
    for _ in 0..r.usize(0..3) {
        let a = side(r, d);
        let b = if one_in(r, 8) { "*".to_owned() } else { side(r, d) };
        if one_in(r, 2) {
            w.cut.push((b.clone(), a.clone()));
        }
        w.cut.push((a, b));
    }
    w
}

/// Takes away whatever may go while the failure stays.
pub fn shrink(design: Design, world: World, fails: impl Fn(&Design, &World) -> bool) -> (Design, World) {
    let (mut d, mut w) = (design, world);
    loop {
        let mut smaller: Vec<(Design, World)> = Vec::new();
        for i in 0..w.down.len() {
            let mut x = w.clone();
            x.down.remove(i);
            smaller.push((d.clone(), x));
        }
        for i in 0..w.silent.len() {
            let mut x = w.clone();
            x.silent.remove(i);
            smaller.push((d.clone(), x));
        }
        for i in 0..w.cut.len() {
            let mut x = w.clone();
            x.cut.remove(i);
            smaller.push((d.clone(), x));
        }
        let mut with = |change: &dyn Fn(&mut Design)| {
            let mut x = d.clone();
            change(&mut x);
            if x != d {
                smaller.push((x, w.clone()));
            }
        };
        with(&|x| x.causes.clear());
        for i in 0..d.journeys.len() {
            with(&|x| {
                x.journeys.remove(i);
            });
            with(&|x| x.journeys[i].consistency = None);
            with(&|x| x.journeys[i].deadline = None);
            for path in 0..64_usize {
                with(&|x| {
                    prune(&mut x.journeys[i].steps, &mut path.clone());
                });
                with(&|x| {
                    plain(&mut x.journeys[i].steps, &mut path.clone());
                });
            }
        }
        for i in 0..d.links.len() {
            with(&|x| {
                let id = x.links[i].id.clone();
                x.links.remove(i);
                for journey in &mut x.journeys {
                    without(&mut journey.steps, &id);
                }
            });
            with(&|x| x.links[i].policy = Policy::default());
            with(&|x| x.links[i].policy.timeout = None);
            with(&|x| x.links[i].slot = String::new());
            with(&|x| x.links[i].weight = None);
            with(&|x| x.links[i].replication = None);
        }
        for i in 0..d.components.len() {
            with(&|x| {
                let id = x.components[i].id.clone();
                if !x.links.iter().any(|l| l.from == id || l.to == id)
                    && !x.journeys.iter().any(|j| j.client == id)
                {
                    x.components.remove(i);
                }
            });
            with(&|x| x.components[i].replicas = (x.components[i].replicas - 1).max(1));
            with(&|x| x.components[i].min_healthy = 1);
            with(&|x| x.components[i].zones.clear());
            with(&|x| x.components[i].client_weights.clear());
            with(&|x| x.components[i].detector = None);
            with(&|x| x.components[i].sharding = None);
            with(&|x| x.components[i].replication = None);
            with(&|x| x.components[i].cache = None);
            with(&|x| x.components[i].resolver = None);
            for s in 0..d.components[i].slots.len() {
                with(&|x| {
                    x.components[i].slots.remove(s);
                });
                with(&|x| x.components[i].slots[s].tries = 0);
                with(&|x| x.components[i].slots[s].when = When::EachRequest);
                with(&|x| x.components[i].slots[s].need = Need::All);
            }
            if d.components[i].kind != Kind::Service {
                with(&|x| {
                    if x.components[i].kind != Kind::Client {
                        x.components[i].kind = Kind::Service;
                    }
                });
            }
        }
        for i in 0..d.zones.len() {
            with(&|x| {
                x.zones.remove(i);
            });
            with(&|x| x.zones[i].parent = None);
        }
        let found = smaller.into_iter().find(|(x, y)| sensible(x) && fails(x, y));
        match found {
            Some((x, y)) => (d, w) = (x, y),
            None => return (d, w),
        }
    }
}

/// Whether a shrunk drawing is still one that could have been drawn.
fn sensible(d: &Design) -> bool {
    let replicated = |c: &ComponentId| d.component(c.as_str()).is_some_and(|c| c.kind.is_replicated());
    let beats_alone = d.links.iter().any(|l| {
        let joined = |r: &Link| r.interaction == Interaction::Replicate && r.from == l.from && r.to == l.to;
        l.interaction == Interaction::Heartbeat
            && (replicated(&l.from) || replicated(&l.to))
            && !d.links.iter().any(joined)
    });
    let kind = |c: &ComponentId| d.component(c.as_str()).map(|c| c.kind);
    let uneven = |l: &Link| {
        l.interaction == Interaction::Heartbeat && !replicated(&l.from) && kind(&l.from) != kind(&l.to)
    };
    d.problems().is_empty() && !beats_alone && !d.links.iter().any(uneven)
}

/// Takes away the n-th step of a tree.
fn prune(steps: &mut Vec<Step>, n: &mut usize) -> bool {
    for i in 0..steps.len() {
        if *n == 0 {
            steps.remove(i);
            return true;
        }
        *n -= 1;
        if prune(&mut steps[i].then, n) {
            return true;
        }
    }
    false
}

/// Leaves of the n-th step of a tree only where it leads.
fn plain(steps: &mut [Step], n: &mut usize) -> bool {
    for step in steps {
        if *n == 0 {
            *step = Step { link: step.link.clone(), then: std::mem::take(&mut step.then), ..Step::default() };
            return true;
        }
        *n -= 1;
        if plain(&mut step.then, n) {
            return true;
        }
    }
    false
}

fn without(steps: &mut Vec<Step>, link: &LinkId) {
    steps.retain(|s| s.link != *link);
    for step in steps {
        without(&mut step.then, link);
    }
}
