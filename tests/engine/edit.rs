//! Every command can be taken back exactly, and none leaves a name that leads nowhere.

use linchpin::design::{
    Accepted, Component, Design, ElementId, Interaction, Journey, Kind, Link, Point, PrimaryBackup, Rect,
    Replication, Step, Zone, ZoneId, ZoneKind,
};
use linchpin::edit::{Command, Edit, EditError, Item, ItemRef, Session, commands};
use proptest::prelude::*;

fn component(id: &str, kind: Kind) -> Component {
    Component::new(id, kind)
}

fn zone(id: &str, parent: Option<&str>) -> Zone {
    Zone { id: id.into(), parent: parent.map(ZoneId::new), ..Zone::default() }
}

/// A shop: a client, a service behind a balancer, a store that votes on its failover, a queue and its worker.
fn shop() -> Design {
    let mut d = Design { name: "Shop".into(), ..Design::default() };
    d.zones = vec![zone("eu", None), zone("eu-a", Some("eu")), zone("eu-b", Some("eu"))];
    d.components = vec![
        component("users", Kind::Client),
        component("lb", Kind::LoadBalancer),
        component("web", Kind::Service),
        component("db", Kind::RelationalStore),
        component("events", Kind::Queue),
        component("mailer", Kind::Worker),
        component("votes", Kind::Coordinator),
    ];
    d.components[2].zones = vec!["eu-a".into(), "eu-b".into()];
    d.components[3].zones = vec!["eu-a".into()];
    d.components[3].replicas = 2;
    d.components[3].replication = Some(Replication::PrimaryBackup(PrimaryBackup {
        voters: vec!["votes".into()],
        ..Default::default()
    }));
    d.components[0].client_weights.insert("eu-a".into(), 2.0);
    for (id, from, to) in [
        ("users-lb", "users", "lb"),
        ("lb-web", "lb", "web"),
        ("web-db", "web", "db"),
        ("web-events", "web", "events"),
        ("events-mailer", "events", "mailer"),
    ] {
        d.links.push(Link::new(id, from, to));
    }
    d.links[3].interaction = Interaction::Publish;
    d.links[4].interaction = Interaction::Subscribe;
    let step = |link: &str, then: Vec<Step>| Step { link: link.into(), then, ..Step::default() };
    let mut buy = Journey::new("buy", "users");
    buy.steps = vec![step(
        "users-lb",
        vec![step("lb-web", vec![step("web-db", vec![]), step("web-events", vec![])])],
    )];
    d.journeys.push(buy);
    d.causes.push(linchpin::design::Cause {
        id: "power".into(),
        members: vec!["web/1".into(), "db".into(), "eu-a".into(), "web-db".into()],
        ..Default::default()
    });
    d.notes.push(linchpin::design::Note { text: "hot".into(), about: vec!["db/1".into()], at: None });
    d.accepted.push(Accepted { finding: "spof@db".into(), reason: "cheap".into(), ..Default::default() });
    d.accepted.push(Accepted { finding: "cap@db+web".into(), reason: "known".into(), ..Default::default() });
    d.drawing.components.insert("web".into(), Point { x: 40.0, y: 80.0 });
    d.drawing.zones.insert("eu-a".into(), Rect { x: 0.0, y: 0.0, w: 400.0, h: 300.0 });
    assert_eq!(d.problems(), vec![]);
    d
}

#[test]
fn first_name_also_gives_the_id_and_later_names_leave_it() {
    let mut s = Session::new(Design::default());
    let (add, id) = commands::add_component(s.design(), Kind::Service, None, None);
    s.apply(add).unwrap();
    assert_eq!(s.design().components[0].title(), "Service");
    s.apply(commands::set_name(s.design(), id.as_str(), "Check out").unwrap()).unwrap();
    assert_eq!(s.design().components[0].id, *"check-out");
    assert_eq!(s.design().components[0].title(), "Check out");
    assert!(s.design().drawing.components.contains_key("check-out"));
    s.apply(commands::set_name(s.design(), "check-out", "Pay").unwrap()).unwrap();
    assert_eq!(
        (s.design().components[0].id.as_str(), s.design().components[0].title()),
        ("check-out", "Pay")
    );
}

#[test]
fn a_second_one_of_a_kind_is_told_apart() {
    let mut s = Session::new(Design::default());
    for _ in 0..2 {
        let (add, _) = commands::add_component(s.design(), Kind::Queue, None, None);
        s.apply(add).unwrap();
    }
    let titles: Vec<&str> = s.design().components.iter().map(|c| c.title()).collect();
    assert_eq!(titles, ["Queue", "Queue 2"]);
    let places: Vec<&Point> = s.design().drawing.components.values().collect();
    assert_ne!(places[0], places[1]);
}

#[test]
fn what_happens_along_a_link_follows_from_its_ends() {
    use Interaction::*;
    for (from, to, expected) in [
        (Kind::Client, Kind::Dns, Some(Resolve)),
        (Kind::Dns, Kind::LoadBalancer, Some(Resolve)),
        (Kind::LoadBalancer, Kind::Service, Some(Call)),
        (Kind::Service, Kind::Queue, Some(Publish)),
        (Kind::Queue, Kind::Worker, Some(Subscribe)),
        (Kind::Stream, Kind::Service, Some(Subscribe)),
        (Kind::RelationalStore, Kind::DocumentStore, Some(Replicate)),
        (Kind::Service, Kind::Monitoring, Some(Telemetry)),
        (Kind::Cache, Kind::RelationalStore, Some(Call)),
        (Kind::RelationalStore, Kind::Stream, Some(Publish)),
        (Kind::Service, Kind::Client, None),
        (Kind::RelationalStore, Kind::Service, None),
        (Kind::Queue, Kind::RelationalStore, None),
    ] {
        assert_eq!(commands::interaction_between(from, to).ok(), expected, "{from:?} to {to:?}");
    }
}

#[test]
fn nonsense_links_are_refused_with_a_reason() {
    let d = shop();
    for (from, to, reason) in [
        ("web", "web", "A link needs two different ends"),
        ("web", "db", "web already has that link to db"),
        ("web", "users", "Clients begin what happens; nothing leads to them"),
        ("db", "web", "A store answers and does not call; draw the link the other way"),
    ] {
        match commands::connect(&d, &from.into(), &to.into()) {
            Err(EditError::Refused(why)) => assert_eq!(why, reason),
            other => panic!("{from} to {to}: {other:?}"),
        }
    }
}

#[test]
fn deleting_takes_everything_along_that_named_it_and_comes_back_as_one_step() {
    let before = shop();
    let mut s = Session::new(before.clone());
    s.apply(commands::delete(s.design(), &["db", "eu-a", "votes"])).unwrap();
    let d = s.design();
    assert_eq!(d.problems(), vec![]);
    assert!(d.component("db").is_none() && d.link("web-db").is_none());
    let members: Vec<&str> = d.causes[0].members.iter().map(ElementId::as_str).collect();
    assert_eq!(members, ["web/1"]);
    assert!(d.notes[0].about.is_empty());
    // What stood in the zone stands in the zone around it.
    let zones: Vec<&str> = d.component("web").unwrap().zones.iter().map(ZoneId::as_str).collect();
    assert_eq!(zones, ["eu", "eu-b"]);
    assert!(d.component("users").unwrap().client_weights.is_empty());
    assert_eq!(
        d.journeys[0].steps[0].then[0].then.len(),
        1,
        "the step along web-db is gone, the publish stays"
    );
    assert!(s.undo());
    assert_eq!(*s.design(), before);
    assert!(!s.undo());
}

#[test]
fn a_journey_goes_with_its_client() {
    let mut s = Session::new(shop());
    s.apply(commands::delete(s.design(), &["users"])).unwrap();
    assert!(s.design().journeys.is_empty());
    assert_eq!(s.design().problems(), vec![]);
}

#[test]
fn an_id_changes_wherever_it_is_named() {
    let before = shop();
    let mut s = Session::new(before.clone());
    s.apply(commands::rename("db", "orders")).unwrap();
    let d = s.design();
    assert_eq!(d.problems(), vec![]);
    assert_eq!(d.link("web-db").unwrap().to, *"orders");
    assert_eq!(d.notes[0].about[0].as_str(), "orders/1");
    assert_eq!(d.causes[0].members[1].as_str(), "orders");
    let accepted: Vec<&str> = d.accepted.iter().map(|a| a.finding.as_str()).collect();
    assert_eq!(accepted, ["spof@orders", "cap@orders+web"]);
    s.apply(commands::rename("eu-a", "dublin")).unwrap();
    s.apply(commands::rename("votes", "quorum")).unwrap();
    s.apply(commands::rename("lb-web", "spread")).unwrap();
    assert_eq!(s.design().problems(), vec![]);
    assert!(s.design().drawing.zones.contains_key("dublin"));
    for _ in 0..4 {
        s.undo();
    }
    assert_eq!(*s.design(), before);
}

#[test]
fn a_taken_or_malformed_id_is_refused() {
    let mut s = Session::new(shop());
    let revision = s.revision();
    assert_eq!(s.apply(commands::rename("db", "eu")), Err(EditError::Taken("eu".into())));
    assert_eq!(s.apply(commands::rename("db", "a/b")), Err(EditError::BadId("a/b".into())));
    assert_eq!(s.apply(commands::rename("nobody", "x")), Err(EditError::Missing("element `nobody`".into())));
    assert_eq!((s.design(), s.revision()), (&shop(), revision));
}

#[test]
fn a_command_that_would_leave_a_dangling_name_changes_nothing() {
    let mut s = Session::new(shop());
    let only = Command::new("Remove", [Edit::Remove(ItemRef::Component("db".into()))]);
    assert!(matches!(s.apply(only), Err(EditError::Unsound(_))));
    // The second edit fails, so the first is taken back.
    let half = Command::new(
        "Half",
        [
            Edit::DrawComponent("web".into(), None),
            Edit::Insert { index: None, item: component("web", Kind::Service).into() },
        ],
    );
    assert_eq!(s.apply(half), Err(EditError::Taken("web".into())));
    assert_eq!(*s.design(), shop());
    assert!(!s.is_unsaved());
}

#[test]
fn a_drag_is_one_step_and_can_be_aborted() {
    let mut s = Session::new(shop());
    let to = |x: f32| commands::draw("Move web", [("web".into(), Point { x, y: 0.0 })], [], []);
    s.begin("Move web");
    for x in 0..20 {
        s.update(&to(x as f32)).unwrap();
    }
    assert_eq!(s.design().drawing.components["web"].x, 19.0);
    s.abort();
    assert_eq!(*s.design(), shop());
    s.begin("Move web");
    s.update(&to(8.0)).unwrap();
    s.update(&to(16.0)).unwrap();
    s.commit();
    assert_eq!(s.log().labels().collect::<Vec<_>>(), ["Move web"]);
    s.undo();
    assert_eq!(*s.design(), shop());
    s.redo();
    assert_eq!(s.design().drawing.components["web"].x, 16.0);
}

#[test]
fn a_gesture_that_ends_where_it_began_is_no_step() {
    let mut s = Session::new(shop());
    s.begin("Move web");
    s.update(&commands::draw("Move web", [("web".into(), Point { x: 0.0, y: 0.0 })], [], [])).unwrap();
    s.update(&commands::draw("Move web", [("web".into(), Point { x: 40.0, y: 80.0 })], [], [])).unwrap();
    s.commit();
    assert_eq!(s.log().undo_label(), None);
    assert!(!s.is_unsaved());
}

#[test]
fn the_unsaved_mark_follows_undo_and_redo() {
    let mut s = Session::new(shop());
    let name = |s: &mut Session, n: &str| {
        let c = Command::new("Name", [Edit::SetHead { name: n.into(), about: String::new() }]);
        s.apply(c).unwrap();
    };
    assert!(!s.is_unsaved());
    name(&mut s, "A");
    s.mark_saved();
    name(&mut s, "B");
    assert!(s.is_unsaved());
    s.undo();
    assert!(!s.is_unsaved());
    s.undo();
    assert!(s.is_unsaved());
    s.redo();
    assert!(!s.is_unsaved());
    s.undo();
    name(&mut s, "C");
    assert!(s.is_unsaved(), "the saved state cannot be reached any more");
}

#[test]
fn the_log_keeps_the_last_five_hundred_steps() {
    let mut s = Session::new(Design::default());
    for n in 0..600 {
        s.apply(Command::new("Name", [Edit::SetHead { name: n.to_string(), about: String::new() }])).unwrap();
    }
    let mut undone = 0;
    while s.undo() {
        undone += 1;
    }
    assert_eq!((undone, s.design().name.as_str()), (500, "99"));
    assert!(s.is_unsaved());
}

#[test]
fn a_copy_stands_apart_from_what_it_was_taken_of() {
    let mut s = Session::new(shop());
    let fragment = commands::copy(s.design(), &["web", "db"], |_| Some(Point::default()), |_| None);
    assert_eq!(fragment.links.len(), 1);
    let (paste, new) = commands::paste(s.design(), &fragment, 24.0, 24.0);
    s.apply(paste).unwrap();
    assert_eq!(new, ["web-2", "db-2"]);
    let d = s.design();
    assert_eq!(d.problems(), vec![]);
    assert!(d.links.iter().any(|l| l.from == *"web-2" && l.to == *"db-2"));
    assert_eq!(d.drawing.components["web-2"], Point { x: 64.0, y: 104.0 });
    // Into another drawing, without the zones and voters that it does not have.
    let mut other = Session::new(Design::default());
    let (paste, new) = commands::paste(other.design(), &fragment, 0.0, 0.0);
    other.apply(paste).unwrap();
    assert_eq!(new, ["web", "db"]);
    assert_eq!(other.design().problems(), vec![]);
}

#[test]
fn a_zone_is_copied_with_what_it_holds() {
    let d = shop();
    let fragment = commands::copy(&d, &["eu"], |_| None, |_| None);
    let zones: Vec<&str> = fragment.zones.iter().map(|z| z.id.as_str()).collect();
    let components: Vec<&str> = fragment.components.iter().map(|c| c.id.as_str()).collect();
    assert_eq!((zones, components), (vec!["eu", "eu-a", "eu-b"], vec!["web", "db"]));
    let mut s = Session::new(d);
    let (paste, _) = commands::paste(s.design(), &fragment, 0.0, 500.0);
    s.apply(paste).unwrap();
    assert_eq!(s.design().component("db-2").unwrap().zones, vec![ZoneId::new("eu-a-2").clone()]);
    assert_eq!(s.design().problems(), vec![]);
}

#[test]
fn zones_cannot_be_put_into_themselves() {
    let mut s = Session::new(shop());
    let refused = commands::place_zone_into(s.design(), &"eu".into(), Some(&"eu-b".into()));
    assert_eq!(refused, Err(EditError::Refused("A zone cannot stand in itself".into())));
    let out = commands::place_zone_into(s.design(), &"eu-b".into(), None).unwrap();
    s.apply(out).unwrap();
    assert_eq!(s.design().zone("eu-b").unwrap().parent, None);
}

#[test]
fn the_order_of_a_list_can_change_and_come_back() {
    let mut s = Session::new(shop());
    s.apply(Command::new("Order", [Edit::Reorder { item: ItemRef::Zone("eu-b".into()), to: 0 }])).unwrap();
    let order: Vec<&str> = s.design().zones.iter().map(|z| z.id.as_str()).collect();
    assert_eq!(order, ["eu-b", "eu", "eu-a"]);
    s.undo();
    assert_eq!(*s.design(), shop());
}

/// What a random hand does next to a design: one of the commands people have.
pub(crate) fn random_command(d: &Design, (what, a, b): (u8, u16, u16)) -> Option<Command> {
    fn pick<T>(list: &[T], n: u16) -> Option<&T> {
        (!list.is_empty()).then(|| &list[usize::from(n) % list.len()])
    }
    let ids: Vec<String> = (d.components.iter().map(|c| c.id.to_string()))
        .chain(d.zones.iter().map(|z| z.id.to_string()))
        .chain(d.links.iter().map(|l| l.id.to_string()))
        .chain(d.causes.iter().map(|c| c.id.to_string()))
        .chain(d.journeys.iter().map(|j| j.id.to_string()))
        .collect();
    let at = Point { x: f32::from(a), y: f32::from(b) };
    match what % 14 {
        0 | 1 => Some(commands::add_component(d, *pick(&Kind::ALL, a)?, None, (b % 2 == 0).then_some(at)).0),
        2..=4 => {
            let (from, to) = (&pick(&d.components, a)?.id, &pick(&d.components, b)?.id);
            commands::connect(d, from, to).ok().map(|(c, _)| c)
        }
        5 => Some(commands::delete(d, &[pick(&ids, a)?, pick(&ids, b)?])),
        6 => {
            let parent = (b % 3 != 0).then(|| pick(&d.zones, b)).flatten().map(|z| z.id.clone());
            let frame = Rect { x: at.x, y: at.y, w: 300.0, h: 200.0 };
            Some(commands::add_zone(d, *pick(&ZoneKind::ALL, a)?, None, frame, parent.as_ref()).0)
        }
        7 => {
            let zone = (b % 4 != 0).then(|| pick(&d.zones, b)).flatten().map(|z| z.id.clone());
            commands::place_into(d, &[pick(&d.components, a)?.id.clone()], zone.as_ref()).ok()
        }
        8 => {
            let parent = (b % 4 != 0).then(|| pick(&d.zones, b)).flatten().map(|z| z.id.clone());
            commands::place_zone_into(d, &pick(&d.zones, a)?.id, parent.as_ref()).ok()
        }
        9 => commands::set_name(d, pick(&ids, a)?, &format!("Name {}", b % 5)).ok(),
        10 => Some(commands::rename(pick(&ids, a)?, &d.mint_id("other"))),
        11 => {
            let fragment = commands::copy(d, &[pick(&ids, a)?, pick(&ids, b)?], |_| Some(at), |_| None);
            Some(commands::paste(d, &fragment, 8.0, 8.0).0)
        }
        12 => {
            let client = d.components.iter().find(|c| c.kind == Kind::Client)?;
            if let Some(journey) = d.journeys.last()
                && a % 2 == 0
            {
                // A journey along the first link that leads out of its client.
                let mut copy = journey.clone();
                let link = d.links_from(journey.client.as_str()).next()?;
                let then =
                    d.links_from(link.to.as_str()).map(|l| Step { link: l.id.clone(), ..Step::default() });
                copy.steps = vec![Step { link: link.id.clone(), then: then.collect(), ..Step::default() }];
                return Some(commands::replace("Set steps", copy));
            }
            Some(commands::add_journey(d, "Buy", &client.id).0)
        }
        _ => {
            let members = vec![ElementId::new(pick(&ids, a)?), ElementId::new(pick(&ids, b)?)];
            let sound = |m: &ElementId| d.journey(m.as_str()).is_none() && d.cause(m.as_str()).is_none();
            Some(commands::add_cause(d, "Power", members.into_iter().filter(sound).collect()).0)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_stays_sound_and_is_taken_back_exactly(
        hand in prop::collection::vec((any::<u8>(), any::<u16>(), any::<u16>()), 1..60),
        from_shop in any::<bool>(),
    ) {
        let start = if from_shop { shop() } else { Design::default() };
        let mut s = Session::new(start.clone());
        let mut states = vec![start];
        for choice in hand {
            let Some(command) = random_command(s.design(), choice) else { continue };
            let label = command.label.clone();
            let revision = s.revision();
            let steps = s.log().labels().count();
            prop_assert_eq!(s.apply(command), Ok(()), "{}", label);
            prop_assert_eq!(s.design().problems(), vec![], "{}", label);
            if s.log().labels().count() > steps {
                prop_assert!(s.revision() > revision);
                prop_assert_ne!(s.design(), states.last().unwrap());
                states.push(s.design().clone());
            } else {
                prop_assert_eq!(s.design(), states.last().unwrap());
            }
        }
        for state in states.iter().rev().skip(1) {
            prop_assert!(s.undo());
            prop_assert_eq!(s.design(), state);
        }
        prop_assert!(!s.undo() && !s.is_unsaved());
        for state in states.iter().skip(1) {
            prop_assert!(s.redo());
            prop_assert_eq!(s.design(), state);
        }
        prop_assert!(!s.redo());
    }
}

#[test]
fn items_of_every_sort_go_in_and_out() {
    let mut s = Session::new(shop());
    let items: Vec<Item> = vec![
        component("c", Kind::Service).into(),
        zone("z", None).into(),
        Link::new("l", "web", "lb").into(),
        linchpin::design::Cause { id: "k".into(), ..Default::default() }.into(),
        Journey::new("j", "users").into(),
        linchpin::design::Note::default().into(),
        linchpin::design::Decision::default().into(),
        Accepted { finding: "x@y".into(), ..Default::default() }.into(),
    ];
    let count = items.len();
    for item in items {
        s.apply(Command::new("Insert", [Edit::Insert { index: Some(0), item }])).unwrap();
    }
    let full = s.design().clone();
    for _ in 0..count {
        s.undo();
    }
    assert_eq!(*s.design(), shop());
    for _ in 0..count {
        s.redo();
    }
    assert_eq!(*s.design(), full);
}
