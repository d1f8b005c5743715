//! Advice and plans: each is applied and read again by worlds, and held to remove its cut and to lose nothing else.

use std::collections::BTreeMap;

use linchpin::analysis::harden::{Advice, CutClass, Goal, Remedy, STEPS_MAX, advise, plan};
use linchpin::deploy::{Deployment, expand};
use linchpin::design::{Component, Design, ElementId, JourneyId, Kind, Link};
use linchpin::file::{Document, TEMPLATES};
use linchpin::impact::{JourneyOutcome, Outcome, Reading, World, evaluate};

fn template(name: &str) -> Design {
    let t = TEMPLATES.iter().find(|t| t.name == name).expect("a template");
    Document::parse(t.text, t.name).expect("sound").design().clone()
}

fn read(text: &str) -> Design {
    Document::parse(text, "drawn").unwrap_or_else(|e| panic!("{e}")).design().clone()
}

fn losing(deployment: &Deployment, element: &ElementId) -> Vec<JourneyOutcome> {
    evaluate(deployment, &World::losing(element.clone()), Reading::Settled)
}

/// The least share of each journey that any loss leaves: by component for instances, by id for zones and causes.
fn least(deployment: &Deployment) -> BTreeMap<(String, JourneyId), f64> {
    let mut worlds: Vec<(String, ElementId)> = Vec::new();
    for i in &deployment.instances {
        worlds.push((deployment.components[i.component].id.to_string(), i.id.clone()));
    }
    worlds.extend(deployment.zones.iter().map(|z| (z.id.to_string(), ElementId::from(&z.id))));
    worlds.extend(deployment.design.causes.iter().map(|c| (c.id.to_string(), ElementId::from(&c.id))));
    let mut least = BTreeMap::new();
    for (name, element) in worlds {
        for o in losing(deployment, &element) {
            let share = if o.unstable { 1.0 } else { o.share };
            let known: &mut f64 = least.entry((name.clone(), o.journey)).or_insert(1.0);
            *known = known.min(share);
        }
    }
    least
}

/// The cut is gone for every journey that it stopped, and no loss takes more than before.
fn holds(what: &str, before: &Design, advice: &Advice, journeys: &[JourneyId]) {
    let what = format!("{what}: {} against {}", advice.fix.title, advice.cut.element);
    assert_eq!(advice.fix.applied_to(before), advice.design, "{what}");
    assert!(advice.design.problems().is_empty(), "{what}");
    assert_eq!(advice.changes, advice.fix.changes.len(), "{what}");
    let (old, new) = (expand(before), expand(&advice.design));
    let cut = &advice.cut.element;
    let elements: Vec<ElementId> = match advice.cut.class {
        CutClass::Instance => new
            .instances
            .iter()
            .filter(|i| *new.components[i.component].id.as_str() == *cut.as_str())
            .map(|i| i.id.clone())
            .collect(),
        CutClass::Zone | CutClass::Cause => vec![cut.clone()],
    };
    assert!(!elements.is_empty(), "{what}");
    for element in &elements {
        for o in losing(&new, element).iter().filter(|o| journeys.contains(&o.journey)) {
            assert!(o.outcome != Outcome::Lost || o.unstable, "{what}: {element} still stops {}", o.journey);
        }
    }
    if advice.remedy == Remedy::Optional {
        return;
    }
    let fresh = |d: &Deployment| evaluate(d, &World::fresh(), Reading::Settled);
    for (was, is) in fresh(&old).iter().zip(fresh(&new)) {
        assert!(is.journey == was.journey && is.share >= was.share - 1e-9, "{what}: {is:?}");
    }
    let before = least(&old);
    for ((element, journey), share) in least(&new) {
        let was = before.get(&(element.clone(), journey.clone())).copied().unwrap_or(1.0);
        assert!(share >= was - 1e-9, "{what}: losing {element} leaves {share} of {journey} and left {was}");
    }
}

#[test]
fn every_advice_removes_its_cut_and_loses_nothing_else() {
    let (mut cuts, mut advices) = (0, 0);
    let mut hold = |what: &str, design: &Design| {
        for advised in advise(design) {
            cuts += 1;
            for advice in &advised.advices {
                advices += 1;
                holds(what, design, advice, &advised.journeys);
            }
        }
    };
    for template in TEMPLATES {
        hold(template.name, &self::template(template.name));
    }
    for seed in 0..40 {
        hold(&format!("seed {seed}"), &super::impact::drawing(seed));
    }
    assert!(cuts > 60 && advices > 60, "{cuts} cuts, {advices} advices");
}

/// What is advised against an element, as words.
fn remedies(design: &Design, against: &str) -> Vec<Remedy> {
    let advised = advise(design);
    let of = advised.iter().find(|a| *a.cut.element.as_str() == *against);
    of.unwrap_or_else(|| panic!("{against} is no cut")).advices.iter().map(|a| a.remedy).collect()
}

const PAID: &str = r#"Design(
    format: 1,
    name: "Paid",
    zones: [(id: "a", kind: datacenter), (id: "b", kind: datacenter), (id: "c", kind: datacenter)],
    components: [
        (id: "users", kind: client),
        (id: "balancer", kind: load_balancer, zones: ["a"], cost_per_month: 20),
        (id: "web", kind: service, replicas: 2, zones: ["a", "b"], cost_per_month: 50),
        (id: "front", kind: cache, zones: ["b"], replicas: 1),
        (id: "picks", kind: model_server, zones: ["b"]),
        (id: "bank", kind: external_system),
        (id: "orders", kind: relational_store, zones: ["a"], cost_per_month: 100),
    ],
    links: [
        (id: "enter", from: "users", to: "balancer"),
        (id: "serve", from: "balancer", to: "web"),
        (id: "look", from: "web", to: "front"),
        (id: "fill", from: "front", to: "orders"),
        (id: "save", from: "web", to: "orders"),
        (id: "pay", from: "web", to: "bank"),
        (id: "pick", from: "web", to: "picks"),
    ],
    causes: [(id: "release", name: "Bad release", members: ["web"], reliability: (mtbf: "90 d", mttr: "30 min"))],
    journeys: [
        (id: "browse", client: "users", steps: [(link: "enter", then: [(link: "serve", then: [
            (link: "look", op: read, then: [(link: "fill", op: read)]),
            (link: "pick", op: read),
        ])])]),
        (id: "buy", client: "users", objective: (availability: 0.999), steps: [(link: "enter", then: [
            (link: "serve", then: [(link: "save", op: write), (link: "pay")]),
        ])]),
    ],
)"#;

#[test]
fn each_kind_of_cut_gets_the_remedy_of_its_kind() {
    let design = read(PAID);
    assert_eq!(remedies(&design, "orders"), [Remedy::Quorum]);
    assert!(remedies(&design, "balancer").contains(&Remedy::Replica));
    assert!(remedies(&design, "balancer").contains(&Remedy::SecondEntry));
    assert_eq!(remedies(&design, "bank"), [Remedy::Alternative]);
    assert!(remedies(&design, "front").contains(&Remedy::Bypass));
    assert_eq!(remedies(&design, "picks").last(), Some(&Remedy::Optional), "for a person to say, so last");
    assert_eq!(remedies(&design, "release"), [Remedy::Stagger]);
    assert_eq!(remedies(&design, "a"), [Remedy::Spread]);
}

#[test]
fn what_an_advice_costs_is_said_where_the_design_says_it() {
    let advised = advise(&read(PAID));
    let cost = |against: &str, remedy: Remedy| {
        let of = advised.iter().find(|a| *a.cut.element.as_str() == *against).expect("a cut");
        of.advices.iter().find(|a| a.remedy == remedy).expect("an advice").added_cost
    };
    assert_eq!(cost("orders", Remedy::Quorum), Some(200.0));
    assert_eq!(cost("balancer", Remedy::Replica), Some(20.0));
    assert_eq!(cost("release", Remedy::Stagger), Some(0.0));
    assert_eq!(cost("picks", Remedy::Replica), None, "nobody said what it costs");
}

#[test]
fn a_plan_reaches_its_target_step_by_step_and_as_one_fix() {
    for (name, target) in [
        ("client-server", None),
        ("client-server", Some(0.9997)),
        ("n-tier", None),
        ("ecommerce-fragile", Some(0.9993)),
    ] {
        let design = template(name);
        let goal = Goal { target, ..Goal::default() };
        let found = plan(&design, &goal);
        assert_eq!(found.unmet, vec![], "{name}");
        assert!(!found.steps.is_empty(), "{name}");
        let mut by_steps = design.clone();
        for step in &found.steps {
            by_steps = step.fix.applied_to(&by_steps);
        }
        assert_eq!(by_steps, found.design, "{name}");
        assert_eq!(found.fix().applied_to(&design), found.design, "{name}");
        for (a, points) in found.after.availability.iter().zip(&found.after.points) {
            match target {
                Some(target) => assert!(a.lower >= target, "{name}: {a:?}"),
                None => assert!(points.is_empty(), "{name}: {points:?}"),
            }
        }
        // No single advice that touches less would have done.
        for advice in advise(&design).into_iter().flat_map(|a| a.advices) {
            let enough = match target {
                Some(target) => advice.standing.availability.iter().all(|a| a.lower >= target),
                None => advice.standing.points.iter().all(|p| p.is_empty()),
            };
            let fair = advice.remedy != Remedy::Optional;
            assert!(!enough || !fair || advice.changes >= found.changes(), "{name}: {}", advice.fix.title);
        }
    }
}

#[test]
fn a_plan_keeps_to_its_journeys_its_objectives_and_its_changes() {
    let design = read(PAID);
    let buy = Goal { journeys: vec!["buy".into()], ..Goal::default() };
    let found = plan(&design, &buy);
    assert_eq!(found.unmet, vec![]);
    let buys = found.after.availability.iter().find(|a| *a.journey.as_str() == *"buy").expect("a journey");
    assert!(buys.lower >= 0.999, "its own objective: {buys:?}");
    assert!(found.steps.iter().all(|s| *s.cut.element.as_str() != *"picks"), "browse was not asked for");

    let one = plan(&design, &Goal { changes_max: Some(1), target: Some(0.99999), ..Goal::default() });
    assert!(one.changes() <= 1 && one.is_out_of_changes && !one.unmet.is_empty(), "{:?}", one.unmet);
    let none = plan(&design, &Goal { target: Some(0.5), ..Goal::default() });
    assert!(none.steps.is_empty() && none.unmet.is_empty());
    let unasked = plan(&design, &Goal::default());
    assert!(unasked.steps.iter().all(|s| s.remedy != Remedy::Optional));
}

#[test]
fn a_plan_that_has_all_the_steps_it_may_says_so() {
    let mut design = Design::default();
    design.components.push(Component::new("users", Kind::Client));
    design.components.push(Component { replicas: 2, ..Component::new("front", Kind::Service) });
    design.links.push(Link::new("enter", "users", "front"));
    for s in 0..STEPS_MAX + 1 {
        let id = format!("s{s}");
        design.components.push(Component::new(id.as_str(), Kind::Service));
        design.links.push(Link::new(format!("to-{id}").as_str(), "front", id.as_str()));
    }
    let goal = Goal::default();
    let found = plan(&design, &goal);
    assert_eq!(
        (found.steps.len(), found.is_out_of_steps(), found.is_out_of_changes),
        (STEPS_MAX, true, false)
    );
    let rest = plan(&found.design, &goal);
    assert_eq!((rest.steps.len(), rest.is_out_of_steps(), rest.unmet.len()), (1, false, 0));
}
