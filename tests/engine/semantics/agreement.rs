//! The engine held to the corpus, and to the naive evaluator on random drawings.
//!
//! The naive evaluator and `impact` are written apart from the same text. Where they differ one of them is wrong, and the
//! text says which.

use linchpin::deploy::expand;
use linchpin::design::{Design, ElementId, Kind};
use linchpin::file::{Document, TEMPLATES};
use linchpin::impact;

use super::corpus::{CaseReading, cases, mistakes};
use super::naive::{self, JourneyOutcome, Outcome, Reading, World};
use super::random;

/// A world of the naive evaluator in the engine's words.
fn world_of(world: &World) -> impact::World {
    let mut theirs = impact::World::fresh();
    for element in &world.down {
        theirs = theirs.and_down(element.as_str(), impact::Down::Refusing);
    }
    for element in &world.silent {
        theirs = theirs.and_down(element.as_str(), impact::Down::Silent);
    }
    for (from, to) in &world.cut {
        theirs = theirs.and_cut(impact::Cut::parse(&format!("{from}>{to}")).expect("a directed cut"));
    }
    theirs
}

/// The engine's answer, in the words of the naive evaluator.
pub fn engine(design: &Design, world: &World, reading: Reading) -> Vec<JourneyOutcome> {
    let reading = match reading {
        Reading::AtOnce => impact::Reading::AtOnce,
        Reading::Settled => impact::Reading::Settled,
    };
    impact::evaluate(&expand(design), &world_of(world), reading)
        .into_iter()
        .map(|j| {
            let prefix = format!("{}/", j.journey);
            JourneyOutcome {
                id: j.journey.as_str().to_owned(),
                outcome: match j.outcome {
                    impact::Outcome::Lost => Outcome::Lost,
                    impact::Outcome::Part => Outcome::Part,
                    impact::Outcome::Degraded => Outcome::Degraded,
                    impact::Outcome::Served => Outcome::Served,
                },
                share: j.share,
                degraded_share: j.degraded_share,
                effects: j
                    .effects
                    .into_iter()
                    .map(|e| (e.id.trim_start_matches(&prefix).to_owned(), e.done, e.late, e.never))
                    .collect(),
                unstable: j.unstable,
            }
        })
        .collect()
}

#[test]
fn the_engine_finds_what_was_worked_out_by_hand() {
    let mut wrong = Vec::new();
    let mut worlds = 0;
    for case in cases() {
        for world in &case.worlds {
            worlds += 1;
            let reading = match world.reading {
                CaseReading::AtOnce => Reading::AtOnce,
                CaseReading::Settled => Reading::Settled,
            };
            for mistake in mistakes(world, &engine(&case.design, &world.world(), reading)) {
                wrong.push(format!(
                    "{}, rules {:?}: {}\n    {}\n    {mistake}",
                    case.file,
                    case.rules,
                    case.about,
                    world.title()
                ));
            }
        }
        if let Some(stuck) = &case.stuck_cold {
            let got: Vec<String> =
                impact::cannot_start_cold(&case.design).iter().map(|c| c.as_str().to_owned()).collect();
            if got != *stuck {
                wrong.push(format!(
                    "{}: {}\n    cannot start cold: expected {stuck:?}, got {got:?}",
                    case.file, case.about
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {worlds} worlds:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a baseline has been held to.
#[derive(Default)]
struct Held {
    worlds: usize,
    journeys: usize,
    unmoved: usize,
}

impl Held {
    /// In each of some worlds a baseline says to the last digit what a reading of that world alone says.
    fn hold(&mut self, about: &str, design: &Design, worlds: impl IntoIterator<Item = impact::World>) {
        let deployment = expand(design);
        let readings = [impact::Reading::AtOnce, impact::Reading::Settled];
        let baselines = readings.map(|reading| (reading, impact::Baseline::new(&deployment, reading)));
        for (reading, baseline) in &baselines {
            let fresh = impact::evaluate(&deployment, &impact::World::fresh(), *reading);
            assert_eq!(baseline.fresh(), fresh, "{about}, {reading:?}");
        }
        let mut singles: Vec<ElementId> = deployment.instances.iter().map(|i| i.id.clone()).collect();
        singles.extend(design.components.iter().map(|c| ElementId::from(&c.id)));
        singles.extend(design.zones.iter().map(|z| ElementId::from(&z.id)));
        singles.extend(design.links.iter().map(|l| ElementId::from(&l.id)));
        singles.extend(design.causes.iter().map(|c| ElementId::from(&c.id)));
        let pairs = singles
            .windows(2)
            .map(|w| impact::World::losing(w[0].clone()).and_down(w[1].clone(), impact::Down::Silent));
        let singles = singles.iter().map(|e| impact::World::losing(e.clone()));
        for world in worlds.into_iter().chain(singles).chain(pairs) {
            self.worlds += 1;
            let conditions = impact::Conditions::new(&deployment, &world);
            for (reading, baseline) in &baselines {
                let alone = impact::evaluate(&deployment, &world, *reading);
                assert_eq!(baseline.evaluate(&deployment, &world), alone, "{about}, {reading:?}, {world:?}");
                let routes = 0..deployment.routes.len();
                self.journeys += routes.len();
                self.unmoved += routes.filter(|r| baseline.changed(&conditions, *r).is_none()).count();
            }
        }
    }
}

#[test]
fn a_baseline_reads_each_world_as_if_it_were_the_only_one() {
    let mut held = Held::default();
    for case in cases() {
        held.hold(&case.about, &case.design, case.worlds.iter().map(|w| world_of(&w.world())));
    }
    for template in TEMPLATES {
        let document = Document::parse(template.text, template.name).expect("it can be read");
        held.hold(template.name, document.design(), []);
    }
    for seed in seeds().0 {
        let design = random::drawing(seed);
        let worlds = (0..WORLDS).map(|n| world_of(&random::world(&design, seed, n)));
        held.hold(&format!("seed {seed}"), &design, worlds);
    }
    println!("{} worlds, {} of {} journeys unmoved", held.worlds, held.unmoved, held.journeys);
    assert!(held.worlds > 10_000 && held.unmoved * 20 > held.journeys, "too little is told apart");
}

/// How many random drawings the suite looks at, and how many worlds of each.
const DRAWINGS: u64 = 600;
const WORLDS: u64 = 6;

/// Where the two differ, in words; nothing where they agree.
pub fn difference(design: &Design, world: &World, reading: Reading) -> Option<String> {
    let ours = naive::evaluate(design, world, reading);
    let theirs = engine(design, world, reading);
    if ours.len() != theirs.len() {
        return Some(format!("{} journeys, the engine has {}", ours.len(), theirs.len()));
    }
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    // Open: how the engine numbers effects of one name, and whether an answer from a cache has published.
    let told_apart = ours.iter().any(|j| j.effects.iter().any(|e| e.0.ends_with("-2")));
    let published_by_cache = design.links.iter().any(|l| {
        let messaging = |c: &str| design.component(c).is_some_and(|c| c.kind.is_messaging());
        let caching =
            |c: &str| design.component(c).is_some_and(|c| matches!(c.kind, Kind::Cache | Kind::Cdn));
        (messaging(l.to.as_str()) || messaging(l.from.as_str()))
            && design.components.iter().any(|c| caching(c.id.as_str()))
    });
    let effects_open = told_apart || published_by_cache;
    for (a, b) in ours.iter().zip(&theirs) {
        if a.unstable || b.unstable {
            // Rule 35: not scored. Whether it is unstable is compared where the corpus says so.
            continue;
        }
        let effects = a.effects.len() == b.effects.len()
            && a.effects
                .iter()
                .zip(&b.effects)
                .all(|(x, y)| x.0 == y.0 && near(x.1, y.1) && near(x.2, y.2) && near(x.3, y.3));
        if a.id != b.id
            || a.outcome != b.outcome
            || !near(a.share, b.share)
            || !near(a.degraded_share, b.degraded_share)
            || !(effects || effects_open)
        {
            return Some(format!("naive  {a:?}\nengine {b:?}"));
        }
    }
    None
}

/// Seeds to look at: those of the suite, or `SEMANTICS_SEEDS=from-to`, which also goes on after the first difference.
fn seeds() -> (std::ops::Range<u64>, bool) {
    let asked = std::env::var("SEMANTICS_SEEDS").ok();
    let range = asked.as_deref().and_then(|s| s.split_once('-'));
    match range.and_then(|(a, b)| Some(a.parse().ok()?..b.parse().ok()?)) {
        Some(range) => (range, true),
        None => (0..DRAWINGS, false),
    }
}

#[test]
fn the_engine_agrees_with_the_naive_evaluator_on_random_drawings() {
    let (seeds, all) = seeds();
    let (mut compared, mut unstable, mut differing) = (0, 0, 0);
    for seed in seeds {
        let design = random::drawing(seed);
        assert_eq!(design.problems(), [], "seed {seed}");
        for number in 0..WORLDS {
            let world = random::world(&design, seed, number);
            let reading = if number % 3 == 2 { Reading::AtOnce } else { Reading::Settled };
            compared += 1;
            unstable += usize::from(naive::evaluate(&design, &world, reading).iter().any(|j| j.unstable));
            if difference(&design, &world, reading).is_some() {
                differing += 1;
                let (small, least) =
                    random::shrink(design.clone(), world, |d, w| difference(d, w, reading).is_some());
                let text =
                    ron::ser::to_string_pretty(&small, ron::ser::PrettyConfig::default().depth_limit(2))
                        .expect("it can be written");
                let why = difference(&small, &least, reading).unwrap_or_default();
                println!("seed {seed}, world {number}\n{text}\n{least:?} {reading:?}\n{why}\n");
                if all {
                    break;
                }
                panic!("the engine and the naive evaluator differ on seed {seed}");
            }
        }
    }
    println!("{compared} worlds compared, {unstable} unstable, {differing} drawings differ");
    assert_eq!(differing, 0, "drawings on which the engine and the naive evaluator differ");
    assert!(unstable * 10 < compared, "{unstable} of {compared} worlds are unstable: too little is compared");
}
