//! The plan that hardens a design, from the window: shown to be thought about, ended early, called off.

use std::time::{Duration, Instant};

use egui_kittest::kittest::{NodeT, Queryable};
use linchpin::design::{Component, Design, Kind, Link, Zone};
use linchpin::gui::command::{Action, Request};

use crate::hand::Person;

/// A front that calls so many services, none of which has a second instance.
fn fan(services: usize) -> Design {
    let mut d = Design::default();
    for z in ["a", "b", "c"] {
        d.zones.push(Zone { id: z.into(), ..Zone::default() });
    }
    d.components.push(Component::new("users", Kind::Client));
    let front = Component {
        replicas: 2,
        zones: vec!["a".into(), "b".into()],
        ..Component::new("front", Kind::Gateway)
    };
    d.components.push(front);
    d.links.push(Link::new("enter", "users", "front"));
    for n in 0..services {
        let (id, zone) = (format!("s{n}"), ["a", "b", "c"][n % 3]);
        let zones = vec![zone.into()];
        d.components.push(Component { zones, ..Component::new(id.as_str(), Kind::Service) });
        d.links.push(Link::new(format!("l{n}"), "front", id.as_str()));
    }
    d
}

fn wait(p: &mut Person, what: &str, done: impl Fn(&mut Person) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !done(p) {
        assert!(Instant::now() < deadline, "{what} did not come");
        std::thread::sleep(Duration::from_millis(5));
        p.frames(1);
    }
}

fn is_shown(p: &mut Person, label: &str) -> bool {
    p.harness().query_by_label(label).is_some()
}

#[test]
fn a_plan_is_shown_before_anything_changes() {
    let design = fan(3);
    let mut p = Person::with(design.clone());
    p.send(Request::View(Action::Harden));
    wait(&mut p, "a plan", |p| p.app().view().preview.is_some());
    assert_eq!(*p.design(), design);
    wait(&mut p, "what it does", |p| is_shown(p, "Make this change"));
    p.press_on("Make this change");
    assert!(p.design().components.iter().filter(|c| c.replicas > 1).count() > 3);
}

#[test]
fn a_long_search_keeps_nobody_waiting_and_is_called_off() {
    let design = fan(120);
    let mut p = Person::with(design.clone());
    p.send(Request::View(Action::Harden));
    wait(&mut p, "a word about the search", |p| is_shown(p, "Looking for a plan"));
    // The findings come although the plan is still being looked for.
    wait(&mut p, "the analysis", |p| p.app().is_analysed());
    assert!(is_shown(&mut p, "Looking for a plan"), "the search was over too soon for this test");
    p.harness().get_by_label("Cancel").click();
    wait(&mut p, "the end of it", |p| !is_shown(p, "Looking for a plan"));
    p.frames(4);
    assert!(p.app().view().preview.is_none() && *p.design() == design);
}

#[test]
fn a_search_that_is_enough_shows_what_it_has_found() {
    let mut p = Person::with(fan(120));
    p.send(Request::View(Action::Harden));
    wait(&mut p, "a first step", |p| {
        p.harness().query_by_label("Show what is found").is_some_and(|n| !n.accesskit_node().is_disabled())
    });
    p.harness().get_by_label("Show what is found").click();
    wait(&mut p, "what was found", |p| p.app().view().preview.is_some());
    let edits = p.app().view().preview.as_ref().map_or(0, |command| command.edits.len());
    assert!(edits > 0, "{edits} edits");
}
