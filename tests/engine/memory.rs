//! After an edit only what it touches is read again, and nothing that is said differs from what a first look says.

use fastrand::Rng;
use linchpin::analysis::{self, Memory, Options};
use linchpin::deploy::{Deployment, expand};
use linchpin::design::{Accepted, Design, DetectorMode, ElementId, Millis, Need, Point, Replication};
use linchpin::edit::Session;
use linchpin::file::{Document, TEMPLATES};
use linchpin::impact::{Baseline, Carried, Conditions, Reading, World};

use crate::edit::random_command;
use crate::semantics::random;

/// The design after one more edit by a random hand; `None` if it would be unsound.
fn edited(design: &Design, r: &mut Rng) -> Option<Design> {
    let mut d = design.clone();
    if d.components.is_empty() {
        return None;
    }
    let c = r.usize(0..d.components.len());
    let l = (!d.links.is_empty()).then(|| r.usize(0..d.links.len()));
    match r.u8(0..12) {
        0..=2 => d.components[c].replicas = r.u32(1..5),
        3 => d.components[c].min_healthy = r.u32(0..3),
        4 => {
            let mut detector = d.components[c].detector();
            detector.mode = *pick(
                r,
                &[DetectorMode::Connect, DetectorMode::Passive, DetectorMode::Shallow, DetectorMode::Deep],
            );
            d.components[c].detector = Some(detector);
        }
        5 => d.components[c].replication = [None, Some(Replication::None)][r.usize(0..2)].clone(),
        6 => d.links[l?].policy.timeout = Some(Millis(f64::from(r.u32(1..4000)))),
        7 => d.links[l?].policy.tries = r.u32(1..4),
        8 => d.components[c].zones.clear(),
        9 => {
            let slot = d.components[c].slots.first_mut()?;
            slot.need = *pick(r, &[Need::All, Need::Any, Need::Optional]);
        }
        _ => {
            let mut session = Session::new(d);
            let command = random_command(session.design(), (r.u8(..), r.u16(..), r.u16(..)))?;
            session.apply(command).ok()?;
            d = session.design().clone();
        }
    }
    d.problems().is_empty().then_some(d)
}

fn pick<'t, T>(r: &mut Rng, list: &'t [T]) -> &'t T {
    &list[r.usize(0..list.len())]
}

/// What has been compared.
#[derive(Default, Debug)]
struct Seen {
    carried: usize,
    moved: usize,
}

impl Seen {
    /// What is carried over from one design to the next is what a plain reading finds.
    fn hold(&mut self, about: &str, before: &Deployment, after: &Deployment) {
        let read = |d: &Deployment| Baseline::new(d, Reading::Settled);
        let (was, is) = (read(before), read(after));
        let carried = Carried::between((before, &was), (after, &is));
        let instances = after.instances.iter().map(|i| (i.id.clone(), i.component));
        let wholes = after.components.iter().enumerate().map(|(c, placed)| (ElementId::from(&placed.id), c));
        for (element, component) in instances.chain(wholes) {
            for route in 0..after.routes.len() {
                let then = carried.of_component(route, component);
                self.compare(about, (before, &was), (after, &is), &element, (then, route));
            }
        }
        for (l, link) in after.design.links.iter().enumerate() {
            for route in 0..after.routes.len() {
                let then = carried.of_link(route, l);
                self.compare(about, (before, &was), (after, &is), &ElementId::from(&link.id), (then, route));
            }
        }
    }

    fn compare(
        &mut self,
        about: &str,
        before: (&Deployment, &Baseline),
        after: (&Deployment, &Baseline),
        element: &ElementId,
        (then, now): (Option<usize>, usize),
    ) {
        let Some(then) = then else {
            self.moved += 1;
            return;
        };
        let left = |(d, baseline): (&Deployment, &Baseline), route| {
            let world = World::losing(element.clone());
            // Nothing where the journey does not feel it.
            let is = baseline.changed(&Conditions::new(d, &world), route);
            is.map(|is| (is.outcome, is.share, is.degraded_share, is.unstable))
        };
        assert_eq!(left(before, then), left(after, now), "{about}: {element}, journey {now}");
        self.carried += 1;
    }
}

#[test]
fn what_an_edit_does_not_touch_is_what_it_was() {
    let mut seen = Seen::default();
    for seed in 0..1_000 {
        let mut r = Rng::with_seed(seed);
        let mut design = random::drawing(seed);
        for step in 0..8 {
            let Some(next) = edited(&design, &mut r) else { continue };
            seen.hold(&format!("seed {seed}, edit {step}"), &expand(&design), &expand(&next));
            design = next;
        }
    }
    for template in TEMPLATES {
        let mut r = Rng::with_seed(7);
        let mut design =
            Document::parse(template.text, template.name).expect("it can be read").design().clone();
        for step in 0..12 {
            let Some(next) = edited(&design, &mut r) else { continue };
            seen.hold(&format!("{}, edit {step}", template.name), &expand(&design), &expand(&next));
            design = next;
        }
    }
    println!("{seen:?}");
    assert!(seen.carried > seen.moved / 4 && seen.moved > 1000, "{seen:?}");
}

#[test]
fn a_report_after_an_edit_is_that_of_a_first_look() {
    let options = Options::default();
    let starts =
        TEMPLATES.iter().map(|t| Document::parse(t.text, t.name).expect("it can be read").design().clone());
    for (n, mut design) in starts.chain((0..120).map(random::drawing)).enumerate() {
        let mut r = Rng::with_seed(n as u64);
        let mut memory = Memory::default();
        assert_eq!(memory.run(&design, &options), analysis::run(&design, &options), "start {n}");
        for step in 0..6 {
            design = edited(&design, &mut r).unwrap_or(design);
            assert_eq!(
                memory.run(&design, &options),
                analysis::run(&design, &options),
                "start {n}, edit {step}"
            );
        }
    }
}

#[test]
fn a_card_that_moves_and_a_finding_that_is_accepted_change_no_other_word() {
    let text = TEMPLATES.iter().find(|t| t.name == "three-tier").expect("it is there").text;
    let mut design = Document::parse(text, "three-tier").expect("it can be read").design().clone();
    let on = |day: &str| Options { today: Some(day.to_owned()), ..Options::default() };
    let mut memory = Memory::default();
    let before = memory.run(&design, &on("2026-01-01"));
    let moved = design.components[1].id.clone();
    design.drawing.components.insert(moved, Point { x: 7.0, y: 9.0 });
    let finding = before.findings[0].id.clone();
    let until = "2026-02-01".to_owned();
    design.accepted.push(Accepted { finding, reason: "known".into(), until, ..Accepted::default() });
    let after = memory.run(&design, &on("2026-01-15"));
    assert!(after.findings[0].accepted.is_some());
    assert_eq!(after, analysis::run(&design, &on("2026-01-15")));
    // The acceptance has run out, and nothing else has happened.
    let later = memory.run(&design, &on("2026-03-01"));
    assert!(later.findings[0].accepted.is_none());
    assert_eq!(later, before);
}
