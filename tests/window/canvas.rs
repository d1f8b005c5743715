//! The hand on the canvas.

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use linchpin::design::{Component, Design, Interaction, Kind, Link, Point, Rect, Zone, ZoneId};
use linchpin::gui::command::{Action, Request, UiCommand};
use linchpin::gui::context::Outcome;
use linchpin::gui::view::Tool;

use crate::hand::{CTRL, Person};

/// A client, a service, a store, and an empty zone beside them; all with places of their own.
fn small() -> Design {
    let mut d = Design { name: "Small".into(), ..Design::default() };
    d.components = vec![
        Component::new("users", Kind::Client),
        Component::new("web", Kind::Service),
        Component::new("db", Kind::RelationalStore),
    ];
    d.links = vec![Link::new("users-web", "users", "web")];
    d.zones = vec![Zone { id: "eu".into(), ..Zone::default() }];
    for (id, x, y) in [("users", 0.0, 0.0), ("web", 0.0, 160.0), ("db", 0.0, 320.0)] {
        d.drawing.components.insert(id.into(), Point { x, y });
    }
    d.drawing.zones.insert("eu".into(), Rect { x: 320.0, y: 0.0, w: 400.0, h: 400.0 });
    d
}

fn at(person: &Person, x: f32, y: f32) -> egui::Pos2 {
    person.on_screen(Point { x, y })
}

#[test]
fn a_component_is_picked_up_in_the_palette_put_down_and_named() {
    let mut p = Person::with(Design::default());
    p.harness().get_by_label("Service").click();
    p.frames(3);
    assert_eq!(p.app().view().tool, Tool::Place(Kind::Service));
    let middle = at(&p, 100.0, 100.0);
    p.click(middle);
    assert_eq!(p.design().components.len(), 1);
    p.frames(2);
    p.write("Checkout");
    p.key(Key::Enter);
    let component = &p.design().components[0];
    assert_eq!(
        (component.id.as_str(), component.name.as_str(), component.kind),
        ("checkout", "Checkout", Kind::Service)
    );
    assert!(p.design().drawing.components.contains_key("checkout"));
    assert_eq!(p.selected(), ["checkout"]);
    assert_eq!(p.app().view().tool, Tool::Select);
}

#[test]
fn a_component_put_down_in_a_zone_stands_in_it() {
    let mut p = Person::with(small());
    p.send(Request::View(Action::PickUp(Kind::Cache)));
    let inside = at(&p, 520.0, 200.0);
    p.click(inside);
    p.key(Key::Escape);
    assert_eq!(p.design().component("cache").unwrap().zones, vec![ZoneId::new("eu")]);
    assert_eq!(p.undo_labels(), ["Add Cache"]);
}

#[test]
fn a_link_is_drawn_from_the_edge_of_a_card_to_another() {
    let mut p = Person::with(small());
    let from = p.port_of("web");
    let to = p.middle_of("db");
    p.drag(from, to);
    let link = p.design().links.last().unwrap();
    assert_eq!((link.from.as_str(), link.to.as_str(), link.interaction), ("web", "db", Interaction::Call));
    assert_eq!(p.selected(), [link.id.as_str()]);
    p.key_with(CTRL, Key::Z);
    assert_eq!(*p.design(), small());
}

#[test]
fn a_link_that_makes_no_sense_is_refused_with_the_reason() {
    let mut p = Person::with(small());
    let (from, to) = (p.port_of("web"), p.middle_of("users"));
    p.drag(from, to);
    assert_eq!(*p.design(), small());
    assert_eq!(p.app().messages(), ["No link there"]);
}

#[test]
fn a_card_dragged_into_a_zone_stands_in_it_and_one_undo_takes_it_out() {
    let mut p = Person::with(small());
    let (from, to) = (p.middle_of("web"), at(&p, 520.0, 200.0));
    p.drag(from, to);
    assert_eq!(p.design().component("web").unwrap().zones, vec![ZoneId::new("eu")]);
    assert_eq!(p.undo_labels(), ["Move web"]);
    p.key_with(CTRL, Key::Z);
    assert_eq!(*p.design(), small());
    p.key_with(CTRL, Key::Y);
    assert_eq!(p.design().component("web").unwrap().zones, vec![ZoneId::new("eu")]);
    // And out again.
    let (from, to) = (p.middle_of("web"), at(&p, 86.0, 240.0));
    p.drag(from, to);
    assert_eq!(p.design().component("web").unwrap().zones, Vec::<ZoneId>::new());
}

#[test]
fn escape_calls_a_drag_off() {
    let mut p = Person::with(small());
    let (from, to) = (p.middle_of("web"), at(&p, 520.0, 200.0));
    p.press(from);
    p.pull(from, to);
    assert_ne!(*p.design(), small());
    p.key(Key::Escape);
    assert_eq!(*p.design(), small());
    p.let_go(to);
    assert_eq!((p.design(), p.undo_labels().len()), (&small(), 0));
}

#[test]
fn a_moved_card_comes_to_rest_in_line_with_its_neighbors() {
    let mut p = Person::with(small());
    let from = p.middle_of("db");
    p.drag(from, from + egui::Vec2::new(3.0, 60.0));
    let rest = p.design().drawing.components["db"];
    assert_eq!(rest.x, 0.0, "in line with the cards above");
    assert_eq!(rest.y % 8.0, 0.0);
    assert!(rest.y > 320.0);
}

#[test]
fn a_frame_around_cards_selects_them_and_delete_takes_them_away_with_their_links() {
    let mut p = Person::with(small());
    let (from, to) = (at(&p, -30.0, -30.0), at(&p, 200.0, 230.0));
    p.drag(from, to);
    assert_eq!(p.selected(), ["users", "web"]);
    p.key(Key::Delete);
    assert!(p.design().links.is_empty());
    let left: Vec<&str> = p.design().components.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(left, ["db"]);
    assert!(p.selected().is_empty());
    p.key_with(CTRL, Key::Z);
    assert_eq!(*p.design(), small());
}

#[test]
fn shift_adds_to_the_selection_and_the_arrows_move_all_of_it() {
    let mut p = Person::with(small());
    p.click(p.middle_of("users"));
    p.click_with(p.middle_of("db"), Modifiers::SHIFT);
    assert_eq!(p.selected(), ["users", "db"]);
    p.key(Key::ArrowRight);
    p.key_with(Modifiers::SHIFT, Key::ArrowDown);
    let places = &p.design().drawing.components;
    assert_eq!(places["users"], Point { x: 8.0, y: 1.0 });
    assert_eq!(places["db"], Point { x: 8.0, y: 321.0 });
    assert_eq!(places["web"], Point { x: 0.0, y: 160.0 });
}

#[test]
fn the_drawing_can_be_walked_by_keys() {
    let mut p = Person::with(small());
    p.click(p.middle_of("users"));
    p.key_with(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(p.selected(), ["web"]);
    p.key_with(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(p.selected(), ["db"]);
    p.key_with(Modifiers::ALT, Key::ArrowUp);
    assert_eq!(p.selected(), ["web"]);
    p.key(Key::F2);
    p.write("Front");
    p.key(Key::Enter);
    assert_eq!(p.design().component("web").unwrap().name, "Front");
    p.key(Key::Escape);
    assert!(p.selected().is_empty());
}

#[test]
fn a_double_click_changes_the_name() {
    let mut p = Person::with(small());
    let middle = p.middle_of("db");
    p.click(middle);
    p.click(middle);
    p.write("Orders");
    p.key(Key::Enter);
    let db = p.design().component("db").unwrap();
    assert_eq!(db.title(), "Orders");
}

#[test]
fn a_zone_drawn_around_cards_takes_them_in_and_moves_with_them() {
    let mut p = Person::with(small());
    p.send(Request::View(Action::PickUpZone(linchpin::design::ZoneKind::Rack)));
    let (from, to) = (at(&p, -40.0, -64.0), at(&p, 240.0, 248.0));
    p.drag(from, to);
    p.key(Key::Escape);
    let zone = p.design().zones.last().unwrap().id.clone();
    assert_eq!(p.design().component("users").unwrap().zones, vec![zone.clone()]);
    assert_eq!(p.design().component("web").unwrap().zones, vec![zone.clone()]);
    assert!(p.design().component("db").unwrap().zones.is_empty());
    // By its name it is dragged, with all it holds.
    let frame = p.frame_of(zone.as_str());
    let name = at(&p, frame.x + 24.0, frame.y + 14.0);
    let before = p.design().drawing.components["web"];
    p.drag(name, name + egui::Vec2::new(0.0, 80.0));
    let after = p.design().drawing.components["web"];
    assert!(after.y > before.y + 20.0, "{before:?} {after:?}");
    assert_eq!(p.design().component("web").unwrap().zones, vec![zone]);
    assert_eq!(p.design().problems(), vec![]);
}

#[test]
fn a_copy_goes_through_the_clipboard() {
    let mut p = Person::with(small());
    p.click(p.middle_of("users"));
    p.click_with(p.middle_of("web"), Modifiers::SHIFT);
    p.harness().event(Event::Copy);
    p.frames(2);
    p.harness().event(Event::Paste("whatever other programs put there".into()));
    p.frames(3);
    assert_eq!(p.design().components.len(), 5);
    assert!(p.design().links.iter().any(|l| l.from == *"users-2" && l.to == *"web-2"));
    p.key_with(CTRL, Key::D);
    assert_eq!(p.design().components.len(), 7);
    assert_eq!(p.design().problems(), vec![]);
}

#[test]
fn pointing_at_a_component_shows_what_its_loss_would_take_down() {
    let mut design = small();
    design.links.push(Link::new("web-db", "web", "db"));
    let mut p = Person::with(design);
    p.until("the impact of every loss", |app| app.impact().of_element("db").is_some());
    let impact = p.app().impact().of_element("db").unwrap().clone();
    assert_eq!(impact.journeys[0].outcome, Outcome::Lost);
    p.hover(p.middle_of("db"));
    p.frames(20);
    assert!(impact.elements.contains_key("web"), "the way to it is shown: {:?}", impact.elements);
    assert!(p.harness().query_by_label_contains("lost").is_some(), "the journey says that it is lost");
}

#[test]
fn pointing_at_a_zone_marks_all_that_it_holds_as_down() {
    let mut p = Person::at(include_str!("../../templates/ecommerce-fragile.ron"));
    p.until("the analysis", linchpin::gui::App::is_analysed);
    let frame = p.frame_of("rack-1");
    p.hover(p.on_screen(Point { x: frame.x + 20.0, y: frame.y + 16.0 }));
    p.frames(20);
    let scene = p.app().canvas().picture().scene();
    for inside in ["balancer", "gateway"] {
        let card = scene.element(inside).unwrap();
        assert!(card.title.contains("down"), "{}", card.title);
        assert_eq!(card.opacity, 1.0, "{inside} is not set back");
    }
    assert!(scene.element("database").unwrap().opacity < 0.5);
}

#[test]
fn what_losses_cost_is_written_on_the_cards() {
    let mut p = Person::at(include_str!("../../templates/ecommerce-fragile.ron"));
    p.until("the analysis", linchpin::gui::App::is_analysed);
    p.send(Request::Named(UiCommand::Heat));
    let title = |p: &Person, id: &str| p.app().canvas().picture().scene().element(id).unwrap().title.clone();
    assert!(title(&p, "balancer").contains("100 % fail without it"), "{}", title(&p, "balancer"));
    assert!(title(&p, "fulfilment").contains("no request fails"), "{}", title(&p, "fulfilment"));
    p.send(Request::Named(UiCommand::Heat));
    assert!(title(&p, "balancer").contains("a year"), "{}", title(&p, "balancer"));
    p.send(Request::Named(UiCommand::Heat));
    assert!(!title(&p, "balancer").contains("a year"));
}

#[test]
fn the_findings_are_gone_through_by_a_key() {
    let mut p = Person::at(include_str!("../../templates/ecommerce-fragile.ron"));
    p.until("the analysis", linchpin::gui::App::is_analysed);
    let ids: Vec<String> = p.app().report().unwrap().open().map(|f| f.id.clone()).collect();
    p.key(Key::F8);
    assert_eq!(p.app().view().finding.as_deref(), Some(ids[0].as_str()));
    p.key(Key::F8);
    assert_eq!(p.app().view().finding.as_deref(), Some(ids[1].as_str()));
    p.key_with(Modifiers::SHIFT, Key::F8);
    p.key_with(Modifiers::SHIFT, Key::F8);
    assert_eq!(p.app().view().finding.as_deref(), ids.last().map(String::as_str));
}

#[test]
fn a_what_if_gathers_what_is_down() {
    let mut p = Person::with(small());
    p.send(Request::Named(UiCommand::ToolWhatIf));
    p.click(p.middle_of("web"));
    p.click(p.middle_of("db"));
    let down: Vec<String> =
        p.app().view().what_if.as_ref().unwrap().down.iter().map(ToString::to_string).collect();
    assert_eq!(down, ["db", "web"]);
    let world = p.app().view().what_if.clone().unwrap();
    p.until("the outcome of the world", |app| app.impact().of_world(&world).is_some());
    p.key(Key::Escape);
    p.key(Key::Escape);
    assert_eq!(p.app().view().what_if, None);
    assert_eq!(*p.design(), small());
}

#[test]
fn cards_are_told_to_screen_readers_by_their_names() {
    let mut p = Person::with(small());
    let card = p.harness().get_by_role_and_label(egui::accesskit::Role::ListItem, "web");
    card.click();
    p.frames(3);
    assert_eq!(p.selected(), ["web"]);
}

#[test]
fn every_named_command_can_be_asked_for_without_harm() {
    for command in UiCommand::ALL {
        let mut p = Person::with(small());
        p.click(p.middle_of("web"));
        p.send(Request::Named(*command));
        p.frames(3);
        assert_eq!(p.design().problems(), vec![], "{command:?}");
    }
}
