//! The inspector: what is typed, chosen and pressed there, and the design that comes of it.

use egui::Key;
use egui_kittest::kittest::Queryable;
use linchpin::design::{
    Component, Design, ElementId, Journey, Kind, Link, Millis, Need, Point, Replication, Zone,
};
use linchpin::gui::command::{Action, Request};

use crate::hand::{CTRL, Person};

/// A client, two services and a store in a row, and a zone beside them.
fn shop() -> Design {
    let mut d = Design { name: "Shop".into(), ..Design::default() };
    d.components = vec![
        Component::new("users", Kind::Client),
        Component::new("web", Kind::Service),
        Component::new("cart", Kind::Service),
        Component::new("db", Kind::RelationalStore),
    ];
    d.links = vec![
        Link::new("users-web", "users", "web"),
        Link::new("web-cart", "web", "cart"),
        Link::new("web-db", "web", "db"),
    ];
    d.zones = vec![Zone { id: "eu".into(), ..Zone::default() }];
    for (i, id) in ["users", "web", "cart", "db"].into_iter().enumerate() {
        d.drawing.components.insert(id.into(), Point { x: 0.0, y: 120.0 * i as f32 });
    }
    d.drawing.zones.insert("eu".into(), linchpin::design::Rect { x: 400.0, y: 0.0, w: 200.0, h: 200.0 });
    d
}

fn with_selected(design: Design, ids: &[&str]) -> Person {
    let mut p = Person::with(design);
    p.send(Request::View(Action::Select(ids.iter().map(ElementId::new).collect())));
    p.frames(3);
    p
}

/// Replaces what a field holds, without leaving it.
fn fill(p: &mut Person, field: &str, text: &str) {
    p.harness().get_by_label(field).focus();
    p.frames(2);
    p.key_with(CTRL, Key::A);
    p.write(text);
}

/// Opens a field's menu and takes an option of it, as a person does: waiting until the panel stands still (findings
/// arrive from another thread and move what is below them) and until the menu is there.
fn choose(p: &mut Person, field: &str, option: &str) {
    p.harness().get_by_label(field).scroll_to_me();
    p.still(field, |h| h.query_by_label(field).map(|n| n.rect()));
    p.harness().get_by_label(field).click();
    p.still(option, |h| h.query_by_role_and_label(egui::Role::MenuItem, option).map(|n| n.rect()));
    p.harness().get_by_role_and_label(egui::Role::MenuItem, option).click();
    p.frames(3);
}

#[test]
fn enter_commits_a_field_as_one_step_that_can_be_taken_back() {
    let mut p = with_selected(shop(), &["web"]);
    fill(&mut p, "Replicas", "3");
    p.key(Key::Enter);
    assert_eq!(p.design().component("web").unwrap().replicas, 3);
    assert_eq!(p.undo_labels(), ["Change replicas of web"]);
    p.key_with(CTRL, Key::Z);
    assert_eq!(p.design().component("web").unwrap().replicas, 1);
}

#[test]
fn escape_throws_away_what_was_typed() {
    let mut p = with_selected(shop(), &["web"]);
    fill(&mut p, "Service time", "7 ms");
    p.key(Key::Escape);
    p.frames(2);
    assert_eq!(p.design().component("web").unwrap().service.time, None);
    assert!(p.undo_labels().is_empty());
}

#[test]
fn a_bare_number_is_in_the_unit_that_the_field_shows_and_nothing_is_the_default() {
    let mut d = shop();
    d.components[1].service.time = Some(Millis(1500.0));
    let mut p = with_selected(d, &["web"]);
    fill(&mut p, "Service time", "2");
    p.key(Key::Enter);
    assert_eq!(p.design().component("web").unwrap().service.time, Some(Millis(2000.0)));
    fill(&mut p, "Service time", "40 ms");
    p.key(Key::Enter);
    assert_eq!(p.design().component("web").unwrap().service.time, Some(Millis(40.0)));
    p.harness().get_by_label("Service time").focus();
    p.frames(2);
    p.key_with(CTRL, Key::A);
    p.key(Key::Backspace);
    p.key(Key::Enter);
    assert_eq!(p.design().component("web").unwrap().service.time, None);
}

#[test]
fn what_cannot_be_taken_changes_nothing_and_says_why() {
    let mut p = with_selected(shop(), &["web"]);
    fill(&mut p, "Service time", "soon");
    p.key(Key::Enter);
    p.frames(3);
    assert_eq!(p.design().component("web").unwrap().service.time, None);
    assert!(p.harness().query_by_label_contains("`soon` is not a time").is_some());
    fill(&mut p, "Replicas", "0");
    p.key(Key::Enter);
    assert_eq!(p.design().component("web").unwrap().replicas, 1);
}

#[test]
fn a_press_on_the_canvas_commits_what_was_typed_before_the_selection_changes() {
    let mut p = with_selected(shop(), &["web"]);
    fill(&mut p, "Replicas", "4");
    let other = p.middle_of("cart");
    p.click(other);
    assert_eq!(p.selected(), ["cart"]);
    assert_eq!(p.design().component("web").unwrap().replicas, 4);
    assert_eq!(p.design().component("cart").unwrap().replicas, 1);
}

#[test]
fn the_name_is_changed_in_place() {
    let mut p = with_selected(shop(), &["cart"]);
    fill(&mut p, "Name", "Basket");
    p.key(Key::Enter);
    assert!(p.design().components.iter().any(|c| c.title() == "Basket"), "{:?}", p.undo_labels());
}

#[test]
fn a_mode_is_chosen_from_its_menu_and_brings_the_replicas_that_it_needs() {
    let mut p = with_selected(shop(), &["db"]);
    choose(&mut p, "Mode", "Consensus");
    let db = p.design().component("db").unwrap();
    assert!(matches!(db.replication, Some(Replication::Consensus(_))));
    assert_eq!(db.replicas, 3);
    assert_eq!(p.undo_labels().len(), 1);
}

#[test]
fn a_zone_is_added_as_a_chip_and_taken_away_by_its_cross() {
    let mut p = with_selected(shop(), &["web"]);
    choose(&mut p, "Add to zones", "eu");
    assert_eq!(p.design().component("web").unwrap().zones, ["eu"]);
    p.press_on("Remove eu");
    assert!(p.design().component("web").unwrap().zones.is_empty());
}

#[test]
fn links_are_put_into_a_drawn_slot() {
    let mut p = with_selected(shop(), &["web"]);
    p.press_on("Add a slot");
    assert_eq!(p.design().component("web").unwrap().slots[0].need, Need::Any);
    choose(&mut p, "Add to links", "cart");
    assert_eq!(p.design().link("web-cart").unwrap().slot, "slot-1");
    p.press_on("Remove this slot");
    assert!(p.design().component("web").unwrap().slots.is_empty());
    assert_eq!(p.design().link("web-cart").unwrap().slot, "");
}

#[test]
fn steps_are_added_to_a_journey() {
    let mut d = shop();
    d.journeys.push(Journey::new("browse", "users"));
    let mut p = with_selected(d, &["browse"]);
    choose(&mut p, "Add a step from users", "web");
    let steps = &p.design().journey("browse").unwrap().steps;
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].link, "users-web");
}

#[test]
fn several_components_get_a_common_value_in_one_step() {
    let mut p = with_selected(shop(), &["web", "cart"]);
    fill(&mut p, "Replicas", "2");
    p.key(Key::Enter);
    let replicas = |p: &Person, id: &str| p.design().component(id).unwrap().replicas;
    assert_eq!((replicas(&p, "web"), replicas(&p, "cart"), replicas(&p, "db")), (2, 2, 1));
    assert_eq!(p.undo_labels(), ["Change replicas of 2 components"]);
}

#[test]
fn every_sort_of_element_has_an_inspector_whose_inputs_all_have_names() {
    let mut d = shop();
    d.components = Kind::ALL.iter().map(|k| Component::new(format!("c-{k:?}").to_lowercase(), *k)).collect();
    d.links = vec![Link::new("l", "c-client", "c-service")];
    d.journeys = vec![Journey::new("j", "c-client")];
    d.causes = vec![linchpin::design::Cause { id: "power".into(), ..Default::default() }];
    d.notes = vec![linchpin::design::Note { text: "Look".into(), ..Default::default() }];
    d.decisions = vec![linchpin::design::Decision { title: "Use one".into(), ..Default::default() }];
    d.drawing = Default::default();
    let mut ids: Vec<String> = d.components.iter().map(|c| c.id.to_string()).collect();
    ids.extend(["l", "j", "power", "note:0", "eu"].map(str::to_owned));
    let mut p = Person::with(d);
    for id in ids {
        p.send(Request::View(Action::Select(vec![ElementId::new(&id)])));
        p.frames(2);
        // Panics where an input has no name.
        p.harness().check_accessibility();
    }
    p.send(Request::View(Action::Select(Vec::new())));
    p.frames(2);
    p.harness().check_accessibility();
}
