//! From counters to figures that can be read.

use std::collections::BTreeMap;

use linchpin::design::{Component, Design, ElementId, Interaction, Kind, Link};
use linchpin::gui::meter::{Counts, Meter, Passage, Rate, passage};

fn one(requests: u64, errors: u64) -> Counts {
    BTreeMap::from([("web/1".into(), (requests, errors))])
}

#[test]
fn a_rate_does_not_depend_on_when_one_looks() {
    let (mut m, db) = (Meter::default(), ElementId::new("db/1"));
    for n in 0..8 {
        m.take(&db, 1_000_000 + n * 500_000, one(n * 10, n), Some(2.0));
        // Looking twice at the same report changes nothing.
        m.take(&db, 1_000_000 + n * 500_000, one(n * 10, n), Some(2.0));
    }
    let rates = m.rates(&db, 4_600_000);
    assert_eq!(rates[&ElementId::new("web/1")], Rate { asked: 20.0, failed: 2.0 });
    assert_eq!(m.latency_ms(&db, 4_600_000), Some(2.0));
    // Silent for seconds: nothing is known.
    assert!(m.rates(&db, 9_000_000).is_empty());
    assert_eq!(m.latency_ms(&db, 9_000_000), None);
}

#[test]
fn what_replicas_say_to_each_other_is_no_work() {
    let mut d = Design {
        components: vec![
            Component::new("users", Kind::Client),
            Component::new("dns", Kind::Dns),
            Component::new("web", Kind::Service),
            Component::new("db", Kind::RelationalStore),
            Component::new("backup", Kind::RelationalStore),
        ],
        links: vec![
            Link::new("users-dns", "users", "dns"),
            Link::new("dns-web", "dns", "web"),
            Link::new("web-db", "web", "db"),
            Link::new("copy", "db", "backup"),
        ],
        ..Design::default()
    };
    d.links[0].interaction = Interaction::Resolve;
    d.links[3].interaction = Interaction::Replicate;
    let of = |a: &str, b: &str| passage(&d, &ElementId::new(a), &ElementId::new(b));
    assert_eq!(of("web/1", "db/1"), Passage::Work(Some("web-db".into())));
    assert_eq!(of("users/1", "web/2"), Passage::Work(Some("dns-web".into())));
    assert_eq!(of("db/2", "db/1"), Passage::Among(None));
    assert_eq!(of("db/1", "backup/1"), Passage::Among(Some("copy".into())));
    assert_eq!(of("backup/1", "db/1"), Passage::Among(Some("copy".into())));
}
