//! The search for a plan: what is remembered changes nothing, threads change nothing, it ends when it is told to, and where nothing
//! alone stops a journey it goes on with pairs.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use linchpin::analysis::failure::availability::availability;
use linchpin::analysis::failure::journeys::{Scope, of_design};
use linchpin::analysis::harden::{
    Goal, Plan, Progress, Remedy, Standing, Watch, advise_while, plan, plan_while,
};
use linchpin::deploy::expand;
use linchpin::design::Design;
use linchpin::file::{Document, TEMPLATES};
use linchpin::impact::{Down, Outcome, Reading, World, evaluate};

fn read(text: &str) -> Design {
    Document::parse(text, "test").unwrap_or_else(|e| panic!("{e}")).design().clone()
}

/// Layers of services over three zones, each of which calls two of the next; one in four stands alone. Three journeys enter
/// at every third service of the first layer.
fn layered(layers: usize, width: usize) -> Design {
    let (mut components, mut links) = (String::new(), String::new());
    let next = |layer: usize, i: usize, k: usize| (2 * i + 7 * k + layer) % width;
    for layer in 0..layers {
        for i in 0..width {
            let n = layer * width + i;
            let replicas = if (n + layer).is_multiple_of(4) { 1 } else { 2 };
            let zones = (0..replicas).map(|r| format!("\"z{}\"", (n + r) % 3)).collect::<Vec<_>>().join(", ");
            let _ = write!(
                components,
                "(id: \"s{layer}x{i}\", kind: service, replicas: {replicas}, zones: [{zones}]),"
            );
            if layer + 1 < layers {
                for k in 0..2 {
                    let to = next(layer, i, k);
                    let _ = write!(
                        links,
                        "(id: \"l{layer}x{i}x{k}\", from: \"s{layer}x{i}\", to: \"s{}x{to}\"),",
                        layer + 1
                    );
                }
            }
            if layer == 0 {
                let _ = write!(links, "(id: \"in{i}\", from: \"gate\", to: \"s0x{i}\"),");
            }
        }
    }
    let mut journeys = String::new();
    for j in 0..3 {
        let mut steps = String::new();
        for i in (0..width).filter(|i| i % 3 == j) {
            let _ = write!(steps, "(link: \"in{i}\", then: [{}]),", way(layers, width, 0, i));
        }
        let _ = write!(
            journeys,
            "(id: \"j{j}\", client: \"users\", steps: [(link: \"enter\", then: [{steps}])]),"
        );
    }
    read(&format!(
        "Design(format: 1, name: \"Layered\",
            zones: [(id: \"z0\"), (id: \"z1\"), (id: \"z2\")],
            components: [(id: \"users\", kind: client),
                (id: \"gate\", kind: gateway, replicas: 3, zones: [\"z0\", \"z1\", \"z2\"]), {components}],
            links: [(id: \"enter\", from: \"users\", to: \"gate\"), {links}],
            journeys: [{journeys}],
        )"
    ))
}

/// The first call of a service in each layer, and both in the first.
fn way(layers: usize, width: usize, layer: usize, i: usize) -> String {
    if layer + 1 == layers {
        return String::new();
    }
    let calls = if layer == 0 { 2 } else { 1 };
    (0..calls)
        .map(|k| {
            let then = way(layers, width, layer + 1, (2 * i + 7 * k + layer) % width);
            format!("(link: \"l{layer}x{i}x{k}\", then: [{then}]),")
        })
        .collect()
}

/// Everything that a plan says, as text.
fn told(plan: &Plan) -> String {
    let mut out = String::new();
    for step in &plan.steps {
        let removes: Vec<String> = step.removes.iter().map(linchpin::analysis::harden::Cut::title).collect();
        let _ = writeln!(
            out,
            "{} against {}: {} changes, {:?}, {:?}, {:?}, removes {}",
            step.fix.title,
            step.cut.title(),
            step.changes,
            step.availability,
            step.points,
            step.added_cost,
            removes.join(", ")
        );
    }
    let _ = writeln!(out, "{:?} {}", plan.unmet, plan.is_ended);
    out
}

#[test]
fn what_is_remembered_is_what_is_found_anew() {
    let mut seen = 0;
    let mut hold = |what: &str, design: &Design| {
        let found = plan(design, &Goal::default());
        let mut at = design.clone();
        for step in &found.steps {
            at = step.fix.applied_to(&at);
            assert_eq!(step.availability, availability(&expand(&at)), "{what}: {}", step.fix.title);
            let points: Vec<usize> = Standing::of(&at).points.iter().map(|p| p.len()).collect();
            assert_eq!(step.points, points, "{what}: {}", step.fix.title);
            seen += 1;
        }
        assert_eq!(found.before.availability, availability(&expand(design)), "{what}");
        assert_eq!(found.after.availability, availability(&expand(&found.design)), "{what}");
        // No journey is ever less available than before.
        for (was, is) in found.before.availability.iter().zip(&found.after.availability) {
            assert!(is.value >= was.value - 1e-12, "{what}: {was:?} and then {is:?}");
        }
    };
    for template in TEMPLATES {
        hold(template.name, &read(template.text));
    }
    for seed in 0..30 {
        hold(&format!("seed {seed}"), &super::impact::drawing(seed));
    }
    hold("layered", &layered(3, 6));
    assert!(seen > 40, "{seen} steps");
}

#[test]
fn a_plan_is_the_same_with_one_thread_and_with_many() {
    let with = |threads: usize, design: &Design, goal: &Goal| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| told(&plan(design, goal)))
    };
    for (design, target) in
        [(layered(3, 6), None), (layered(2, 6), Some(0.999_999)), (super::impact::drawing(7), None)]
    {
        let goal = Goal { target, ..Goal::default() };
        let one = with(1, &design, &goal);
        assert_eq!(one, with(4, &design, &goal));
        assert_eq!(one, with(1, &design, &goal), "asked again");
    }
}

#[test]
fn a_search_that_is_ended_tells_what_it_has_found() {
    let design = layered(4, 9);
    let whole = plan(&design, &Goal::default());
    assert!(!whole.is_ended && whole.unmet.is_empty() && whole.steps.len() > 3, "{}", whole.steps.len());
    let told_steps = AtomicUsize::new(0);
    let tell = |p: Progress| {
        told_steps.fetch_max(p.steps, Ordering::Relaxed);
    };
    // As soon as there are two steps.
    let go_on = || told_steps.load(Ordering::Relaxed) < 2;
    let some = plan_while(&design, &Goal::default(), Watch { go_on: &go_on, tell: &tell });
    assert!(some.is_ended && some.steps.len() == 2 && !some.unmet.is_empty(), "{} steps", some.steps.len());
    for (a, b) in some.steps.iter().zip(&whole.steps) {
        assert_eq!((&a.fix, &a.availability), (&b.fix, &b.availability), "the beginning of the whole plan");
    }
    assert_eq!(some.fix().applied_to(&design), some.design);
    assert_eq!(some.after.points, Standing::of(&some.design).points);

    // At once, and at any moment in between: never long after it was told to, and never a step that makes anything worse.
    let begin = Instant::now();
    let none = plan_while(&design, &Goal::default(), Watch { go_on: &|| false, tell: &|_| {} });
    assert!(none.is_ended && none.steps.is_empty() && none.design == design);
    let quick = begin.elapsed();
    let began = Instant::now();
    let full = plan(&design, &Goal::default());
    let full_time = began.elapsed();
    assert_eq!(told(&full), told(&whole));
    assert!(quick < full_time, "{quick:?} and {full_time:?}");
    for share in 1..5 {
        let begin = Instant::now();
        let limit = full_time.mul_f64(f64::from(share) / 5.0);
        let go_on = || begin.elapsed() < limit;
        let some = plan_while(&design, &Goal::default(), Watch { go_on: &go_on, tell: &|_| {} });
        let late = begin.elapsed().saturating_sub(limit);
        assert!(late < Duration::from_secs(2), "{late:?} after its end at {limit:?} of {full_time:?}");
        assert_eq!(some.fix().applied_to(&design), some.design);
        for (was, is) in some.before.points.iter().zip(&some.after.points) {
            assert!(is.iter().all(|cut| was.contains(cut)), "{is:?}");
        }
    }
    let advised = advise_while(&design, Watch { go_on: &|| false, tell: &|_| {} });
    assert!(advised.iter().all(|a| !a.is_tried && a.advices.is_empty()) && !advised.is_empty());
}

const PAIRED: &str = r#"Design(
    format: 1,
    name: "Paired",
    zones: [(id: "a"), (id: "b"), (id: "c")],
    components: [
        (id: "users", kind: client),
        (id: "web", kind: service, replicas: 2, zones: ["a", "b"], reliability: (mtbf: "10 d", mttr: "1 h"), cost_per_month: 10),
        (id: "db", kind: relational_store, replicas: 3, zones: ["a", "b", "c"], cost_per_month: 100,
            replication: primary_backup((failover: automatic, sync: semi_sync(1), voters: ["db"]))),
    ],
    links: [(id: "enter", from: "users", to: "web"), (id: "ask", from: "web", to: "db")],
    journeys: [(id: "buy", client: "users", objective: (availability: 0.99999), steps: [
        (link: "enter", then: [(link: "ask", op: write)]),
    ])],
)"#;

#[test]
fn where_nothing_alone_stops_a_journey_the_worst_pairs_are_removed() {
    let design = read(PAIRED);
    let before = Standing::of(&design);
    assert!(before.points.iter().all(|p| p.is_empty()) && before.availability[0].lower < 0.99999);
    let found = plan(&design, &Goal::default());
    assert_eq!(found.unmet, vec![], "{}", told(&found));
    let [step] = &found.steps[..] else { panic!("{}", told(&found)) };
    assert_eq!((step.cut.title().as_str(), step.remedy), ("web + web", Remedy::Replica));
    assert!(step.removes.contains(&step.cut), "{}", told(&found));
    assert_eq!(step.added_cost, Some(10.0));
    // Tried on the meaning of the drawing: no two instances of it stop the journey any more.
    let hardened = expand(&found.design);
    let names: Vec<_> =
        hardened.instances.iter().filter(|i| i.id.as_str().starts_with("web/")).map(|i| &i.id).collect();
    assert_eq!(names.len(), 3);
    for a in &names {
        for b in names.iter().filter(|b| b != &a) {
            let world = World::losing((*a).clone()).and_down((**b).clone(), Down::Refusing);
            let outcomes = evaluate(&hardened, &world, Reading::Settled);
            assert!(outcomes.iter().all(|o| o.outcome != Outcome::Lost), "{a} and {b}");
        }
    }
    // Where no target is missed nobody asks about pairs.
    let mut content = design.clone();
    content.journeys[0].objective = None;
    assert!(plan(&content, &Goal::default()).steps.is_empty());
}

#[test]
fn each_pair_that_a_step_removes_stopped_something_before_and_nothing_after() {
    let mut seen = 0;
    for seed in 0..25 {
        let design = super::impact::drawing(seed);
        let found = plan(&design, &Goal { target: Some(0.999_999), ..Goal::default() });
        let mut at = design;
        for step in &found.steps {
            let next = step.fix.applied_to(&at);
            for pair in step.removes.iter().filter(|cut| cut.beside.is_some()) {
                seen += 1;
                assert!(is_cut(&at, &pair.title()), "seed {seed}: {} was no cut", pair.title());
                if *pair == step.cut {
                    let (was, is) = (stopped(&at, &pair.title()), stopped(&next, &pair.title()));
                    assert!(is.len() < was.len(), "seed {seed}: {} stops {is:?}", pair.title());
                }
            }
            at = next;
        }
        assert_eq!(at, found.design, "seed {seed}");
    }
    assert!(seen > 5, "{seen} pairs");
}

fn is_cut(design: &Design, pair: &str) -> bool {
    !stopped(design, pair).is_empty()
}

/// The journeys whose tree fails when some two elements of a pair do, by their names.
fn stopped(design: &Design, pair: &str) -> Vec<String> {
    let members: Vec<&str> = pair.split(" + ").collect();
    let [these, those] = members[..] else { panic!("{pair} is no pair") };
    let is_of = |name: &str, whole: &str| {
        name.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut found = Vec::new();
    for tree in of_design(design, Scope::default()) {
        let fails = |a: usize, b: usize| {
            let failed: Vec<[u64; 1]> =
                (0..tree.events.len()).map(|e| [if e == a || e == b { 1 } else { 0 }]).collect();
            tree.fails::<1>(&failed)[0] & 1 == 1
        };
        let named = |whole: &str| -> Vec<usize> {
            (0..tree.events.len()).filter(|e| is_of(&tree.events[*e].name, whole)).collect()
        };
        let (these, those) = (named(these), named(those));
        if these.iter().any(|a| those.iter().any(|b| a != b && fails(*a, *b))) {
            found.push(tree.name.clone());
        }
    }
    found
}
