//! What the window shows of a cluster, and what it asks of it; the cluster here is made up.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use egui::{Event, Modifiers, PointerButton};
use egui_kittest::kittest::Queryable;
use linchpin::design::{Component, Design, Kind, Link, Point};
use linchpin::edit::commands;
use linchpin::gui::command::{Action, Effect, Request, UiCommand};
use linchpin::gui::context::{InstanceLive, LinkLive, LivePhase, LiveView, NodeState};
use linchpin::gui::view::Mode;
use linchpin::scene::Shape;

use crate::hand::Person;

fn pair() -> Design {
    let mut d = Design {
        components: vec![Component::new("users", Kind::Client), Component::new("web", Kind::Service)],
        links: vec![Link::new("l", "users", "web")],
        ..Design::default()
    };
    d.components[1].replicas = 2;
    d.drawing.components.insert("users".into(), Point { x: 0.0, y: 0.0 });
    d.drawing.components.insert("web".into(), Point { x: 0.0, y: 160.0 });
    d
}

fn instance(state: NodeState) -> InstanceLive {
    InstanceLive {
        state,
        pid: Some(7),
        address: "127.0.0.1:9000".into(),
        rate: Some(20.0),
        error_share: Some(0.0),
        latency_ms: Some(2.0),
    }
}

fn cluster(second: NodeState) -> LiveView {
    LiveView {
        phase: LivePhase::Running,
        instances: BTreeMap::from([
            ("web/1".into(), instance(NodeState::Up)),
            ("web/2".into(), instance(second)),
        ]),
        links: BTreeMap::from([("l".into(), LinkLive { rate: 40.0, ..LinkLive::default() })]),
        ..LiveView::default()
    }
}

fn card(p: &Person) -> Vec<Shape> {
    p.app().canvas().picture().scene().element("web").unwrap().shapes.clone()
}

#[test]
fn a_killed_instance_changes_its_card() {
    let mut p = Person::with(pair());
    p.set_live(Some(cluster(NodeState::Up)));
    let well = card(&p);
    p.set_live(Some(cluster(NodeState::Down)));
    let hurt = card(&p);
    assert_ne!(well, hurt);
    p.set_live(None);
    assert_ne!(card(&p), hurt);
}

#[test]
fn a_right_click_on_a_running_component_offers_to_kill_each_instance() {
    let mut p = Person::with(pair());
    p.set_live(Some(cluster(NodeState::Paused)));
    let at = p.middle_of("web");
    p.hover(at);
    for pressed in [true, false] {
        p.harness().event(Event::PointerButton {
            pos: at,
            button: PointerButton::Secondary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        p.frames(1);
    }
    p.frames(3);
    for offered in ["Kill web/1", "Pause web/1", "Resume web/2", "Kill all"] {
        assert!(p.harness().query_by_label(offered).is_some(), "{offered} is not offered");
    }
    // Nothing runs behind what was made up, and the window says so.
    p.harness().get_by_label("Kill web/1").click();
    p.frames(4);
    assert_eq!(p.app().messages(), ["Nothing is running"]);
}

#[test]
fn links_are_not_drawn_while_it_runs() {
    let mut p = Person::with(pair());
    p.set_live(Some(cluster(NodeState::Up)));
    let (from, to) = (p.middle_of("web"), p.middle_of("users"));
    p.press(from);
    p.pull(from, to);
    p.let_go(to);
    assert_eq!(p.design().links.len(), 1);
}

#[test]
fn a_change_is_not_tried_beside_a_running_cluster_nor_where_nothing_could_tell() {
    let mut p = Person::with(pair());
    let mut link = p.design().links[0].clone();
    link.policy.timeout = Some(linchpin::design::Millis(700.0));
    let more_time = commands::replace("Change timeout", link);
    p.send(Request::View(Action::Preview(Some(more_time.clone()))));
    p.set_live(Some(cluster(NodeState::Up)));
    p.send(Request::Effect(Effect::Compare(more_time.clone())));
    assert_eq!(p.app().messages(), ["The cluster is running"]);
    assert_eq!(p.app().view().preview.as_ref(), Some(&more_time), "it is still thought about");
    p.set_live(None);
    p.send(Request::Effect(Effect::Compare(more_time)));
    assert_eq!((p.app().view().mode, &p.app().view().preview), (Mode::Prove, &None));
    let says = |p: &mut Person, words: &str| p.harness().query_by_label_contains(words).is_some();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !says(&mut p, "No failure is predicted to come out differently") {
        assert!(Instant::now() < deadline, "it is not said that nothing could tell");
        std::thread::sleep(Duration::from_millis(5));
        p.frames(1);
    }
    p.press_on("Put it away");
    assert!(says(&mut p, "Preview a fix of a finding"));
    assert_eq!(*p.design(), pair());
}

#[test]
fn a_design_with_nothing_in_it_does_not_run() {
    let mut p = Person::with(Design::default());
    p.send(Request::Named(UiCommand::Run));
    assert_eq!(p.app().messages(), ["Run as a live cluster"]);
    assert_eq!(p.app().view().mode, Mode::Design);
    p.send(Request::Effect(Effect::Stop));
    assert_eq!(*p.design(), Design::default());
}
