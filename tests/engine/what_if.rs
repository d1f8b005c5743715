//! `what-if`: the way that fails, who takes over, and what would have to fail besides; told, and held against the worlds.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use fastrand::Rng;
use linchpin::analysis::failure::what_if::{Answer, what_if};
use linchpin::cli::{self, Io, Next};
use linchpin::deploy::{Deployment, expand};
use linchpin::design::ElementId;
use linchpin::file::{Document, TEMPLATES};
use linchpin::impact::{Conditions, Cut, Down, Outcome, Reading, World, evaluate};

fn told(template: &str, arguments: &[&str], expected: &Expect) {
    let text = TEMPLATES.iter().find(|t| t.name == template).expect("a template").text;
    let (mut input, mut out, mut err) = (text.as_bytes(), Vec::new(), Vec::new());
    let mut io = Io { input: &mut input, out: &mut out, err: &mut err };
    let words = ["linchpin", "what-if", "-"].into_iter().chain(arguments.iter().copied());
    assert_eq!(cli::run(words.map(Into::into), &mut io), Next::Exit(0), "{}", String::from_utf8_lossy(&err));
    expected.assert_eq(&String::from_utf8(out).expect("text is UTF-8"));
}

#[test]
fn the_way_that_fails_leads_to_what_is_gone() {
    told(
        "client-server",
        &["--down", "database"],
        &expect![[r#"
        read-page  lost
                   fails:  users → server/1 → database (database/1 is down)
        save-page  lost
                   fails:  users → server/1 → database (database/1 is down)
    "#]],
    );
    told(
        "three-tier",
        &["--down", "database/1,zone-b"],
        &expect![[r#"
            look    lost
                    fails:  users → balancer/1 → web/1 → app/1 → database (without database/1, database/2 too few copies or voters are left)
            change  lost
                    fails:  users → balancer/1 → web/1 → app/1 → database (without database/1, database/2 too few copies or voters are left)
        "#]],
    );
}

#[test]
fn who_takes_over_is_named_with_the_way_to_them() {
    told(
        "three-tier",
        &["--down", "database/1", "--down", "web/2", "--down", "cache"],
        &expect![[r#"
        look    degraded  100.0 % without something optional
                saved:  web/1, web/3 for web/2 (users → balancer/1 → web/1)
                saved:  goes on without cache/1, which is optional (users → balancer/1 → web/1 → app/1)
                saved:  database/2 answers without database/1 (users → balancer/1 → web/1 → app/1 → database/2)
                besides: lost if also zone-b; zone-c; database/2; database/3; balancer/1 + balancer/2; zone-a + balancer/2; and 2 more
        change  served
                saved:  web/1, web/3 for web/2 (users → balancer/1 → web/1)
                saved:  database/2 answers without database/1 (users → balancer/1 → web/1 → app/1 → database/2)
                besides: lost if also zone-b; zone-c; database/2; database/3; balancer/1 + balancer/2; zone-a + balancer/2; and 2 more
    "#]],
    );
    told(
        "ecommerce",
        &["--down", "shield-eu", "--cut", "eu-west-a:eu-west-b"],
        &expect![[r#"
        browse     served
                   saved:  shield-us/1 for shield-eu/1 (shoppers → dns/1 → shield-us/1)
                   besides: lost if also registrar; certificate; gateway-release; us-east; shield-us/1; us-east-a; and 13 more
        log-in     served
                   saved:  shield-us/1 for shield-eu/1 (shoppers → dns/1 → shield-us/1)
                   saved:  accounts/1 answers without voters/1 (shoppers → dns/1 → shield-us/1 → edge-us/1 → gateway-us/1 → identity/1 → accounts/1)
                   besides: lost if also registrar; certificate; gateway-release; us-east; us-east-a; shield-us/1; and 32 more
        search     served
                   saved:  shield-us/1 for shield-eu/1 (shoppers → dns/1 → shield-us/1)
                   besides: lost if also registrar; certificate; gateway-release; us-east; shield-us/1; us-east-a; and 13 more
        check-out  served
                   fulfilment-eu: never
                   fulfilment-us: done
                   saved:  shield-us/1 for shield-eu/1 (shoppers → dns/1 → shield-us/1)
                   saved:  carts/1 answers without voters/1 (shoppers → dns/1 → shield-us/1 → edge-us/1 → gateway-us/1 → cart/1 → carts/1)
                   besides: lost if also registrar; certificate; gateway-release; us-east; us-east-a; shield-us/1; and 48 more
    "#]],
    );
}

#[test]
fn what_is_read_at_once_says_nothing_of_later_failures() {
    told(
        "three-tier",
        &["--down", "database/1", "--at-once"],
        &expect![[r#"
        look    lost
                fails:  users → balancer/1 → web/1 → app/1 → database (without database/1 too few copies or voters are left)
        change  lost
                fails:  users → balancer/1 → web/1 → app/1 → database (without database/1 too few copies or voters are left)
    "#]],
    );
}

fn random_world(r: &mut Rng, deployment: &Deployment) -> World {
    let mut world = World::fresh();
    for instance in deployment.instances.iter().filter(|_| r.u8(0..5) == 0).collect::<Vec<_>>() {
        world = world.and_down(instance.id.clone(), if r.bool() { Down::Refusing } else { Down::Silent });
    }
    for link in &deployment.design.links {
        if r.u8(0..14) == 0 {
            world = world.and_down(ElementId::from(&link.id), Down::Refusing);
        }
    }
    for zone in &deployment.design.zones {
        if r.u8(0..7) == 0 {
            world = world.and_cut(Cut::parse(&format!("{}:*", zone.id)).expect("a cut"));
        }
    }
    world
}

/// Whether a journey is lost in a world with more down; `None` where that is left open.
fn is_lost(deployment: &Deployment, world: &World, more: &[&ElementId], journey: usize) -> Option<bool> {
    let world = more.iter().fold(world.clone(), |w, e| w.and_down((*e).clone(), Down::Refusing));
    let outcome = &evaluate(deployment, &world, Reading::Settled)[journey];
    (!outcome.unstable).then_some(outcome.outcome == Outcome::Lost)
}

/// Each further set loses the journey and no true part of it does; and whatever single loss is not among them loses nothing.
fn besides_are_minimal(
    what: &str,
    deployment: &Deployment,
    world: &World,
    answers: &[Answer],
) -> (usize, usize) {
    let (mut tried, mut singles) = (0, 0);
    for (journey, answer) in answers.iter().enumerate() {
        let lost = answer.outcome.outcome == Outcome::Lost;
        let Some(besides) = &answer.besides else {
            assert!(lost, "{what}: {answer:?}");
            continue;
        };
        assert!(!lost && besides.is_known, "{what}: {answer:?}");
        if answer.outcome.unstable {
            continue;
        }
        for set in besides.sets.iter().take(24) {
            let all: Vec<&ElementId> = set.iter().collect();
            let says = is_lost(deployment, world, &all, journey);
            assert_ne!(
                says,
                Some(false),
                "{what}: {world:?} and {set:?} do not lose {}",
                answer.outcome.journey
            );
            for one in set.iter().filter(|_| set.len() > 1) {
                let says = is_lost(deployment, world, &[one], journey);
                assert_ne!(
                    says,
                    Some(true),
                    "{what}: {world:?} and {one} alone lose {}",
                    answer.outcome.journey
                );
            }
            tried += 1;
        }
        let told: BTreeSet<&ElementId> = besides.sets.iter().filter(|s| s.len() == 1).flatten().collect();
        for instance in deployment.instances.iter().filter(|i| !told.contains(&i.id)).take(12) {
            let says = is_lost(deployment, world, &[&instance.id], journey);
            assert_ne!(says, Some(true), "{what}: {world:?}: {} is not told", instance.id);
            singles += 1;
        }
    }
    (tried, singles)
}

/// All that stands on a saving way is up; who is lost is not among those who take over.
fn saving_ways_are_up(what: &str, deployment: &Deployment, world: &World, answers: &[Answer]) -> usize {
    let conditions = Conditions::new(deployment, world);
    let mut ways = 0;
    for saved in answers.iter().flat_map(|a| &a.trace.saved) {
        assert!(!saved.lost.is_empty(), "{what}: {saved:?}");
        for element in saved.path.iter().chain(&saved.by) {
            let id = element.as_str();
            let up = match (
                deployment.instance_index(id),
                deployment.design.links.iter().position(|l| l.id == *id),
            ) {
                (Some(i), _) => conditions.is_up(i),
                (None, Some(l)) => conditions.link_is_up(l),
                (None, None) => deployment.component_index(id).is_some(),
            };
            assert!(up, "{what}: {world:?}: {id} is not up: {saved:?}");
        }
        assert!(saved.by.iter().all(|b| !saved.lost.contains(b)), "{what}: {saved:?}");
        ways += 1;
    }
    ways
}

/// A way is told where something is lost, and what is gone at its end is broken in that world.
fn failing_ways_end_at_what_is_broken(
    what: &str,
    deployment: &Deployment,
    world: &World,
    answers: &[Answer],
) -> usize {
    let conditions = Conditions::new(deployment, world);
    let mut ways = 0;
    for answer in answers {
        let all_served = answer.outcome.share >= 1.0;
        assert_eq!(answer.trace.failing.is_none(), all_served, "{what}: {world:?}: {answer:?}");
        let Some(failing) = &answer.trace.failing else { continue };
        for id in failing.gone.iter().map(ElementId::as_str) {
            let broken = match (
                deployment.instance_index(id),
                deployment.design.links.iter().position(|l| l.id == *id),
            ) {
                (Some(i), _) => !conditions.is_up(i) || conditions.is_cut(),
                (None, Some(l)) => !conditions.link_is_up(l),
                (None, None) => false,
            };
            assert!(broken, "{what}: {world:?}: {id} is not broken: {failing:?}");
        }
        ways += 1;
    }
    ways
}

#[test]
fn ways_and_further_sets_are_what_worlds_say() {
    let (mut sets, mut singles, mut saved, mut failing) = (0, 0, 0, 0);
    let mut hold = |what: &str, deployment: &Deployment, world: &World| {
        let answers = what_if(deployment, world, Reading::Settled);
        let (tried, alone) = besides_are_minimal(what, deployment, world, &answers);
        (sets, singles) = (sets + tried, singles + alone);
        saved += saving_ways_are_up(what, deployment, world, &answers);
        failing += failing_ways_end_at_what_is_broken(what, deployment, world, &answers);
    };
    for seed in 0..200 {
        let deployment = expand(&super::impact::drawing(seed));
        let mut r = Rng::with_seed(seed ^ 0x77);
        for _ in 0..6 {
            hold(&format!("seed {seed}"), &deployment, &random_world(&mut r, &deployment));
        }
    }
    for template in TEMPLATES {
        let document = Document::parse(template.text, template.name).expect("a template");
        let deployment = expand(document.design());
        let mut r = Rng::with_seed(5);
        hold(template.name, &deployment, &World::fresh());
        for _ in 0..4 {
            hold(template.name, &deployment, &random_world(&mut r, &deployment));
        }
    }
    assert!(
        sets > 1000 && singles > 1000 && saved > 300 && failing > 300,
        "{sets} {singles} {saved} {failing}"
    );
}
