//! Laws of the meaning (DESIGN 3.6), on random drawings. Each failure prints the seed that makes it again.

use fastrand::Rng;
use linchpin::deploy::{Deployment, Route, expand};
use linchpin::design::*;
use linchpin::impact::{
    Conditions, Cut, Down, Event, Outcome, Reading, Structure, World, cannot_start_cold, compile,
    compile_elements, evaluate,
};

const DRAWINGS: u64 = 200;

/// A small drawing: a client, two to six components in layers, up to three leaf zones, slots of every need.
pub(crate) fn drawing(seed: u64) -> Design {
    let mut r = Rng::with_seed(seed);
    let mut d = Design { name: format!("Random {seed}"), ..Design::default() };
    for z in 0..r.usize(0..4) {
        let parent = (z > 0 && r.bool()).then(|| ZoneId::new(format!("z{}", r.usize(0..z))));
        d.zones.push(Zone { id: ZoneId::new(format!("z{z}")), parent, ..Zone::default() });
    }
    let zones = |r: &mut Rng| -> Vec<ZoneId> {
        let mut listed: Vec<ZoneId> = d.zones.iter().map(|z| z.id.clone()).filter(|_| r.bool()).collect();
        r.shuffle(&mut listed);
        listed
    };
    let mut client = Component::new("client", Kind::Client);
    client.zones = zones(&mut r);
    let mut components = vec![client];
    for c in 0..r.usize(2..7) {
        let kinds =
            [Kind::Service, Kind::LoadBalancer, Kind::Gateway, Kind::RelationalStore, Kind::KeyValueStore];
        let mut new = Component::new(format!("c{c}"), kinds[r.usize(0..kinds.len())]);
        new.replicas = r.u32(1..4);
        new.zones = zones(&mut r);
        if !new.kind.is_replicated() && r.u8(0..5) == 0 {
            new.min_healthy = r.u32(1..=new.replicas);
        }
        if new.kind.is_store() && r.bool() {
            new.replication = Some(match r.u8(0..7) {
                0 => {
                    Replication::PrimaryBackup(PrimaryBackup { sync: Sync::Sync, ..PrimaryBackup::default() })
                }
                1 => Replication::PrimaryBackup(PrimaryBackup {
                    failover: Failover::Automatic,
                    voters: vec![new.id.clone()],
                    ..PrimaryBackup::default()
                }),
                2 => Replication::Chain(Chain::default()),
                3 => Replication::Consensus(Consensus::default()),
                4 => Replication::Quorum(Quorum::default()),
                5 => Replication::MultiPrimary(MultiPrimary::default()),
                _ => Replication::None,
            });
        }
        if new.kind.is_store() && r.u8(0..3) == 0 {
            new.sharding = Some(Sharding { shards: r.u32(2..4), ..Sharding::default() });
        }
        if r.bool() {
            let need = [Need::All, Need::Any, Need::KOf(r.u32(1..3)), Need::Optional][r.usize(0..4)];
            new.slots.push(Slot { name: "s".into(), need, ..Slot::default() });
        }
        components.push(new);
    }
    let n = components.len();
    for from in 0..n - 1 {
        if components[from].kind.is_store() {
            continue;
        }
        for to in from + 1..n {
            if r.u8(0..5) < 2 || (from == 0 && to == 1) {
                let mut link =
                    Link::new(format!("l{from}{to}"), components[from].id.clone(), components[to].id.clone());
                if !components[from].slots.is_empty() && r.bool() {
                    link.slot = "s".into();
                }
                d.links.push(link);
            }
        }
    }
    d.components = components;
    assert_eq!(d.problems(), vec![], "seed {seed}");
    d
}

fn random_world(r: &mut Rng, deployment: &Deployment) -> World {
    let mut world = World::fresh();
    for instance in &deployment.instances {
        if r.u8(0..4) == 0 {
            world = world.and_down(instance.id.clone(), if r.bool() { Down::Refusing } else { Down::Silent });
        }
    }
    for link in &deployment.design.links {
        if r.u8(0..12) == 0 {
            world = world.and_down(ElementId::from(&link.id), Down::Silent);
        }
    }
    for zone in &deployment.design.zones {
        if r.u8(0..5) == 0 {
            world = world.and_cut(Cut::parse(&format!("{}:*", zone.id)).expect("a cut"));
        }
    }
    world
}

/// Whether some client zone and key class can be served, by the structure function.
fn can(structures: &[Structure], conditions: &Conditions) -> bool {
    structures.iter().any(|s| s.can_under(conditions))
}

fn structures(deployment: &Deployment) -> Vec<(&Route, Vec<Structure>)> {
    deployment.routes.iter().map(|r| (r, compile(deployment, r))).collect()
}

#[test]
fn lost_is_exactly_what_the_structure_function_cannot_serve() {
    let mut compared = 0;
    for seed in 0..DRAWINGS {
        let deployment = expand(&drawing(seed));
        let compiled = structures(&deployment);
        let mut r = Rng::with_seed(seed ^ 0xabcd);
        for _ in 0..12 {
            let world = random_world(&mut r, &deployment);
            let conditions = Conditions::new(&deployment, &world);
            let outcomes = evaluate(&deployment, &world, Reading::Settled);
            for ((_, structures), outcome) in compiled.iter().zip(outcomes) {
                if outcome.unstable {
                    continue;
                }
                compared += 1;
                assert_eq!(
                    can(structures, &conditions),
                    outcome.outcome != Outcome::Lost,
                    "seed {seed}, world {world:?}, {outcome:?}"
                );
            }
        }
    }
    assert!(compared > 1000, "only {compared} comparisons");
}

#[test]
fn where_only_elements_fail_the_smaller_structure_serves_the_same_share() {
    let mut compared = 0;
    for seed in 0..DRAWINGS {
        let deployment = expand(&drawing(seed));
        let mut r = Rng::with_seed(seed ^ 0xe1e);
        for _ in 0..6 {
            let elements = deployment.instances.iter().map(|i| i.id.clone());
            let zones = deployment.zones.iter().map(|z| ElementId::from(&z.id));
            let causes = deployment.design.causes.iter().map(|c| ElementId::from(&c.id));
            let mut world = World::fresh();
            for element in elements.chain(zones).chain(causes).filter(|_| r.u8(0..5) == 0) {
                world = world.and_down(element, Down::Refusing);
            }
            let conditions = Conditions::new(&deployment, &world);
            let share = |structures: &[Structure]| -> f64 {
                let served = structures.iter().filter(|s| s.can_under(&conditions));
                served.map(|s| s.weight).sum()
            };
            for route in &deployment.routes {
                let (all, elements) = (compile(&deployment, route), compile_elements(&deployment, route));
                let (all, elements) = (share(&all), share(&elements));
                assert!((all - elements).abs() < 1e-9, "seed {seed}, {world:?}: {all} and {elements}");
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "only {compared} comparisons");
}

#[test]
fn more_faults_never_turn_lost_into_can() {
    for seed in 0..DRAWINGS {
        let deployment = expand(&drawing(seed));
        let mut r = Rng::with_seed(seed ^ 0x77);
        for (_, structures) in structures(&deployment) {
            for s in structures {
                let fewer: Vec<u64> = s.events.iter().map(|_| r.u64(..) | r.u64(..)).collect();
                let more: Vec<u64> = fewer.iter().map(|f| f & (r.u64(..) | r.u64(..))).collect();
                assert_eq!(s.can(&more) & !s.can(&fewer), 0, "seed {seed}");
            }
        }
    }
}

#[test]
fn sixty_four_worlds_at_a_time_are_the_same_as_one_by_one() {
    for seed in 0..60 {
        let deployment = expand(&drawing(seed));
        let mut r = Rng::with_seed(seed);
        for (_, structures) in structures(&deployment) {
            for s in structures {
                let fine: Vec<u64> = s.events.iter().map(|_| r.u64(..) | r.u64(..)).collect();
                let together = s.can(&fine);
                for w in 0..64 {
                    let alone: Vec<u64> = fine.iter().map(|f| f >> w & 1).collect();
                    assert_eq!(s.can(&alone) & 1, together >> w & 1, "seed {seed}, world {w}");
                }
            }
        }
    }
}

/// Worlds of instances alone, by name, so that they mean the same in two drawings.
fn named_worlds(r: &mut Rng, deployment: &Deployment) -> World {
    let mut world = World::fresh();
    for instance in deployment.instances.iter().filter(|_| r.u8(0..3) == 0) {
        world = world.and_down(instance.id.clone(), Down::Refusing);
    }
    world
}

fn can_each(design: &Design, world: &World) -> Vec<bool> {
    let deployment = expand(design);
    let conditions = Conditions::new(&deployment, world);
    structures(&deployment).iter().map(|(_, s)| can(s, &conditions)).collect()
}

#[test]
fn a_copy_added_to_an_any_pool_never_lowers_can() {
    let mut tried = 0;
    for seed in 0..DRAWINGS {
        let before = drawing(seed);
        let Some(at) =
            before.components.iter().position(|c| !c.kind.is_replicated() && c.kind != Kind::Client)
        else {
            continue;
        };
        let mut after = before.clone();
        after.components[at].replicas += 1;
        let mut r = Rng::with_seed(seed);
        for _ in 0..8 {
            let world = named_worlds(&mut r, &expand(&before));
            for (was, is) in can_each(&before, &world).into_iter().zip(can_each(&after, &world)) {
                tried += 1;
                assert!(
                    !was || is,
                    "seed {seed}, {} gains a copy, world {world:?}",
                    before.components[at].id
                );
            }
        }
    }
    assert!(tried > 500);
}

#[test]
fn a_required_slot_never_raises_can_and_an_optional_one_never_changes_it() {
    for seed in 0..DRAWINGS {
        let before = drawing(seed);
        let Some(caller) = before.components.iter().find(|c| c.kind == Kind::Service) else { continue };
        let extra = Component::new("extra", Kind::Service);
        let with = |need: Need| {
            let mut after = before.clone();
            after.components.push(extra.clone());
            let c = after.components.iter_mut().find(|c| c.id == caller.id).expect("the caller");
            c.slots.push(Slot { name: "extra-slot".into(), need, ..Slot::default() });
            let mut link = Link::new("to-extra", caller.id.clone(), "extra");
            link.slot = "extra-slot".into();
            after.links.push(link);
            after
        };
        let mut r = Rng::with_seed(seed);
        for _ in 0..6 {
            let mut world = named_worlds(&mut r, &expand(&before));
            if r.bool() {
                world = world.and_down("extra/1", Down::Refusing);
            }
            let was = can_each(&before, &world);
            for (was, is) in was.iter().zip(can_each(&with(Need::All), &world)) {
                assert!(*was || !is, "seed {seed}: a required slot raised can in {world:?}");
            }
            assert_eq!(was, can_each(&with(Need::Optional), &world), "seed {seed}, world {world:?}");
        }
    }
}

#[test]
fn single_failures_found_by_the_structure_function_are_those_found_by_trying() {
    for seed in 0..DRAWINGS {
        let deployment = expand(&drawing(seed));
        for (index, (_, structures)) in structures(&deployment).into_iter().enumerate() {
            for (i, instance) in deployment.instances.iter().enumerate() {
                let by_events = structures.iter().any(|s| {
                    let fine: Vec<u64> =
                        s.events.iter().map(|e| u64::from(*e != Event::Instance(i))).collect();
                    s.can(&fine) & 1 == 1
                });
                let tried =
                    &evaluate(&deployment, &World::losing(instance.id.clone()), Reading::Settled)[index];
                assert_eq!(by_events, tried.outcome != Outcome::Lost, "seed {seed}, {}", instance.id);
            }
        }
    }
}

#[test]
fn shares_are_shares() {
    for seed in 0..DRAWINGS {
        let deployment = expand(&drawing(seed));
        let mut r = Rng::with_seed(seed ^ 0x5a5a);
        for _ in 0..6 {
            let world = random_world(&mut r, &deployment);
            for reading in [Reading::AtOnce, Reading::Settled] {
                for o in evaluate(&deployment, &world, reading) {
                    assert!((0.0..=1.0).contains(&o.share), "seed {seed}: {o:?}");
                    assert!(
                        o.degraded_share >= 0.0 && o.degraded_share <= o.share + 1e-9,
                        "seed {seed}: {o:?}"
                    );
                }
            }
        }
        for o in evaluate(&deployment, &World::fresh(), Reading::Settled) {
            let unmet = deployment
                .design
                .components
                .iter()
                .any(|c| c.slots.iter().any(|s| matches!(s.need, Need::KOf(_))));
            assert!(o.outcome == Outcome::Served || unmet, "seed {seed}: nothing is broken, and yet {o:?}");
        }
    }
}

#[test]
fn two_services_that_need_each_other_cannot_start_from_cold() {
    let components = vec![
        Component::new("users", Kind::Client),
        Component::new("orders", Kind::Service),
        Component::new("stock", Kind::Service),
        Component::new("db", Kind::RelationalStore),
    ];
    let links = vec![
        Link::new("a", "users", "orders"),
        Link::new("b", "orders", "stock"),
        Link::new("c", "stock", "orders"),
        Link::new("d", "stock", "db"),
    ];
    let mut d = Design { components, links, ..Design::default() };
    let serving = &evaluate(&expand(&d), &World::fresh(), Reading::Settled)[0];
    assert_eq!(serving.outcome, Outcome::Served, "running, they keep each other up");
    let cold: Vec<String> = cannot_start_cold(&d).iter().map(ToString::to_string).collect();
    assert_eq!(cold, ["orders", "stock"]);
    d.links.remove(2);
    assert!(cannot_start_cold(&d).is_empty());
}

#[test]
fn availability_is_what_all_combinations_of_failures_add_up_to() {
    use linchpin::analysis::failure::availability::{Method, availability};
    let mut compared = 0;
    for seed in 0..DRAWINGS {
        let mut design = drawing(seed);
        let mut r = Rng::with_seed(seed ^ 0x99);
        // Rates that matter, so that a mistake shows.
        for c in &mut design.components {
            c.reliability = Some(Reliability { mtbf: Millis(1.0 + r.f64() * 9.0), mttr: Millis(1.0) });
        }
        for z in &mut design.zones {
            z.reliability = Some(Reliability { mtbf: Millis(1.0 + r.f64() * 9.0), mttr: Millis(1.0) });
        }
        let deployment = expand(&design);
        for (figure, (_, structures)) in availability(&deployment).into_iter().zip(structures(&deployment)) {
            if structures.iter().any(|s| variables(s).len() > 12) {
                continue;
            }
            assert_eq!(figure.method, Method::Exact);
            let brute: f64 = structures.iter().map(|s| s.weight * by_all_combinations(&deployment, s)).sum();
            assert!((brute - figure.value).abs() < 1e-12, "seed {seed}: {brute} by hand, {figure:?}");
            compared += 1;
        }
    }
    assert!(compared > 60, "only {compared} drawings were small enough");
}

/// The events that can fail in the long run.
fn variables(s: &Structure) -> Vec<usize> {
    (0..s.events.len()).filter(|e| matches!(s.events[*e], Event::Instance(_) | Event::Zone(_))).collect()
}

fn by_all_combinations(deployment: &Deployment, s: &Structure) -> f64 {
    let variables = variables(s);
    let down = |e: usize| {
        match s.events[e] {
            Event::Instance(i) => deployment.design.components[deployment.instances[i].component].reliability,
            Event::Zone(z) => deployment.design.zones[z].reliability,
            _ => None,
        }
        .map_or(0.0, Reliability::unavailability)
    };
    (0..1_u32 << variables.len())
        .map(|failed| {
            let mut fine = vec![u64::MAX; s.events.len()];
            let mut chance = 1.0;
            for (bit, e) in variables.iter().enumerate() {
                let fails = failed >> bit & 1 == 1;
                chance *= if fails { down(*e) } else { 1.0 - down(*e) };
                if fails {
                    fine[*e] = 0;
                }
            }
            if s.can(&fine) & 1 == 1 { chance } else { 0.0 }
        })
        .sum()
}

/// Merging two zones can raise availability where a journey needs both (one fate instead of two); what it can never do
/// is make the loss of a zone milder.
#[test]
fn a_merged_zone_stops_all_that_either_zone_stopped() {
    let mut stopped = 0;
    for seed in 0..DRAWINGS {
        let before = drawing(seed);
        let leaf = |z: &Zone| !before.zones.iter().any(|o| o.parent.as_ref() == Some(&z.id));
        let leaves: Vec<&Zone> = before.zones.iter().filter(|z| leaf(z) && z.parent.is_none()).collect();
        let [a, b, ..] = leaves.as_slice() else { continue };
        let apart = expand(&before);
        let mut merged = apart.clone();
        let (ia, ib) = (merged.zone_index(a.id.as_str()), merged.zone_index(b.id.as_str()));
        for instance in merged.instances.iter_mut().filter(|i| i.zone == ib) {
            instance.zone = ia;
        }
        let lost = |deployment: &Deployment, zone: &Zone| -> Vec<bool> {
            evaluate(deployment, &World::losing(ElementId::from(&zone.id)), Reading::Settled)
                .iter()
                .map(|o| o.outcome == Outcome::Lost)
                .collect()
        };
        for ((with_a, with_b), together) in
            lost(&apart, a).into_iter().zip(lost(&apart, b)).zip(lost(&merged, a))
        {
            stopped += usize::from(with_a || with_b);
            assert!(together || !(with_a || with_b), "seed {seed}: merging {} and {} helped", a.id, b.id);
        }
    }
    assert!(stopped > 8, "only {stopped} losses to speak of");
}
