//! Where things stand and how lines run.

use linchpin::design::{Component, Design, Drawing, Interaction, Kind, Link, Point, Rect, Zone, ZoneId};
use linchpin::layout::{self, CARD, Route, Router, Side};
use proptest::prelude::*;

use super::sample;

const KINDS: [Kind; 8] = [
    Kind::Client,
    Kind::LoadBalancer,
    Kind::Gateway,
    Kind::Service,
    Kind::Queue,
    Kind::Worker,
    Kind::RelationalStore,
    Kind::Monitoring,
];

/// Any design: components in any zones, zones in any zones (circles too), links between any two.
fn any_design() -> impl Strategy<Value = Design> {
    let zones = prop::collection::vec(prop::option::of(0..6_usize), 0..6);
    let components =
        prop::collection::vec((0..KINDS.len(), 1..5_u32, prop::collection::vec(0..6_usize, 0..3)), 1..22);
    let links = prop::collection::vec((0..22_usize, 0..22_usize, 0..8_usize), 0..34);
    (zones, components, links).prop_map(|(zones, components, links)| {
        let mut d = Design::default();
        let n = zones.len();
        let zone_id = |i: usize| ZoneId::new(format!("z{i}"));
        for (i, parent) in zones.iter().enumerate() {
            let parent = parent.filter(|p| *p < n && *p != i).map(zone_id);
            d.zones.push(Zone { id: zone_id(i), parent, ..Zone::default() });
        }
        for (i, (kind, replicas, zones)) in components.into_iter().enumerate() {
            let zones = zones.into_iter().filter(|z| *z < n).map(zone_id).collect();
            d.components.push(Component { replicas, zones, ..Component::new(format!("c{i}"), KINDS[kind]) });
        }
        let m = d.components.len();
        for (i, (from, to, what)) in links.into_iter().enumerate() {
            let link = Link::new(format!("l{i}"), format!("c{}", from % m), format!("c{}", to % m));
            d.links.push(Link { interaction: Interaction::ALL[what], ..link });
        }
        d
    })
}

/// The same design with cards on an uneven raster, never closer than 30 points.
fn scattered(mut design: Design, jitter: &[(f32, f32)]) -> Design {
    for (i, c) in design.components.iter().enumerate() {
        let (dx, dy) = jitter[i % jitter.len()];
        let (column, row) = ((i % 5) as f32, (i / 5) as f32);
        let at = Point::new(column * 260.0 + dx * 44.0, row * 150.0 + dy * 50.0);
        design.drawing.components.insert(c.id.clone(), at);
    }
    design
}

fn outline(design: &Design, drawing: &Drawing, id: &str) -> Rect {
    layout::outline(design.component(id).expect("it is there"), drawing.components[id])
}

/// What is wrong with a route, in words.
fn wrong(design: &Design, drawing: &Drawing, link: &Link, route: &Route) -> Option<String> {
    let (from, to) =
        (outline(design, drawing, link.from.as_str()), outline(design, drawing, link.to.as_str()));
    let on = |p: Point, r: &Rect, side: Side| match side {
        Side::Left => (p.x - r.x).abs() < 0.1 && p.y >= r.y && p.y <= r.bottom(),
        Side::Right => (p.x - r.right()).abs() < 0.1 && p.y >= r.y && p.y <= r.bottom(),
        Side::Top => (p.y - r.y).abs() < 0.1 && p.x >= r.x && p.x <= r.right(),
        Side::Bottom => (p.y - r.bottom()).abs() < 0.1 && p.x >= r.x && p.x <= r.right(),
    };
    let (first, last) = (route.points.first()?, route.points.last()?);
    if !on(*first, &from, route.from_side) || !on(*last, &to, route.to_side) {
        return Some(format!("{} does not end on borders: {route:?} {from:?} {to:?}", link.id));
    }
    for (k, pair) in route.points.windows(2).enumerate() {
        if (pair[0].x - pair[1].x).abs() > 0.1 && (pair[0].y - pair[1].y).abs() > 0.1 {
            return Some(format!("{} is not orthogonal: {:?}", link.id, route.points));
        }
        let (x, y) = (pair[0].x.min(pair[1].x), pair[0].y.min(pair[1].y));
        let stretch = Rect::new(x, y, pair[0].x.max(pair[1].x) - x, pair[0].y.max(pair[1].y) - y);
        for c in &design.components {
            let card = outline(design, drawing, c.id.as_str()).grown(-0.2);
            let own = (c.id == link.from && k == 0) || (c.id == link.to && k + 2 == route.points.len());
            if card.overlaps(&stretch.grown(0.01)) && !own {
                return Some(format!("{} runs through {}: {:?}", link.id, c.id, route.points));
            }
        }
    }
    None
}

fn ancestors<'a>(design: &'a Design, zone: &'a str) -> Vec<&'a str> {
    let mut out = vec![zone];
    while let Some(p) = design.zone(out[out.len() - 1]).and_then(|z| z.parent.as_ref()) {
        if out.contains(&p.as_str()) || design.zone(p.as_str()).is_none() {
            break;
        }
        out.push(p.as_str());
    }
    out
}

/// What is wrong with a drawing that was made automatically, in words.
fn untidy(design: &Design, drawing: &Drawing) -> Option<String> {
    let cards: Vec<(&str, Rect)> =
        design.components.iter().map(|c| (c.id.as_str(), outline(design, drawing, c.id.as_str()))).collect();
    for (i, (a, r)) in cards.iter().enumerate() {
        for (b, s) in &cards[i + 1..] {
            if r.overlaps(s) {
                return Some(format!("{a} overlaps {b}"));
            }
        }
    }
    for c in &design.components {
        let home = layout::home(design, c);
        let card = layout::card(drawing, &c.id).expect("placed");
        let around = home.as_ref().map(|z| ancestors(design, z.as_str())).unwrap_or_default();
        for z in &design.zones {
            let frame = drawing.zones[&z.id];
            if around.contains(&z.id.as_str()) && Some(&z.id) == home.as_ref() && !frame.encloses(&card) {
                return Some(format!("{} stands outside of its zone {}", c.id, z.id));
            }
            if !around.contains(&z.id.as_str()) && frame.overlaps(&card) {
                return Some(format!("{} stands in the foreign zone {}", c.id, z.id));
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arranged_designs_are_tidy_and_the_same_each_time(design in any_design()) {
        let drawing = layout::arrange(&design);
        prop_assert_eq!(untidy(&design, &drawing), None);
        prop_assert_eq!(layout::arrange(&design), drawing);
    }

    #[test]
    fn completing_keeps_what_is_given_and_overlaps_nothing(
        design in any_design(),
        given in prop::collection::vec(any::<bool>(), 22),
        jitter in prop::collection::vec((0.0_f32..1.0, 0.0_f32..1.0), 7),
    ) {
        let mut design = scattered(design, &jitter);
        let ids: Vec<_> = design.components.iter().map(|c| c.id.clone()).collect();
        for (id, keep) in ids.iter().zip(&given) {
            if !keep {
                design.drawing.components.remove(id);
            }
        }
        let drawing = layout::complete(&design);
        let some_given = !design.drawing.components.is_empty();
        for (i, id) in ids.iter().enumerate() {
            if let Some(at) = design.drawing.components.get(id) {
                prop_assert_eq!(drawing.components[id], *at);
            }
            for other in &ids[i + 1..] {
                let (a, b) = (outline(&design, &drawing, id.as_str()), outline(&design, &drawing, other.as_str()));
                prop_assert!(!a.overlaps(&b), "{} overlaps {} (given: {})", id, other, some_given);
            }
        }
        prop_assert_eq!(drawing.zones.len(), design.zones.len());
    }

    #[test]
    fn links_run_orthogonally_between_borders_and_around_cards(
        design in any_design(),
        jitter in prop::collection::vec((0.0_f32..1.0, 0.0_f32..1.0), 7),
    ) {
        let design = scattered(design, &jitter);
        let drawing = layout::complete(&design);
        let routes = layout::route(&design, &drawing);
        for link in design.links.iter().filter(|l| l.from != l.to) {
            let route = &routes.links[&link.id];
            prop_assert!(!route.plain, "{} found no way", link.id);
            prop_assert_eq!(wrong(&design, &drawing, link, route), None);
            if let Some(spot) = route.label {
                let label = Rect::new(spot.at.x - spot.width_max / 2.0, spot.at.y - 9.0, spot.width_max, 18.0);
                for c in &design.components {
                    prop_assert!(!outline(&design, &drawing, c.id.as_str()).overlaps(&label), "label of {}", link.id);
                }
            }
        }
    }

    #[test]
    fn a_moved_card_leaves_every_line_sound(
        design in any_design(),
        jitter in prop::collection::vec((0.0_f32..1.0, 0.0_f32..1.0), 7),
        which in 0..22_usize,
        by in (-1.0_f32..1.0, -1.0_f32..1.0),
    ) {
        let mut design = scattered(design, &jitter);
        let mut router = Router::default();
        router.route(&design, &layout::complete(&design));
        let id = design.components[which % design.components.len()].id.clone();
        let at = design.drawing.components.get_mut(&id).expect("scattered");
        *at = Point::new(at.x + by.0 * 20.0, at.y + by.1 * 14.0);
        let drawing = layout::complete(&design);
        router.route(&design, &drawing);
        for link in design.links.iter().filter(|l| l.from != l.to) {
            prop_assert_eq!(wrong(&design, &drawing, link, &router.routes().links[&link.id]), None);
        }
        router.forget();
        prop_assert_eq!(router.route(&design, &drawing), &layout::route(&design, &drawing));
    }
}

#[test]
fn only_touched_links_are_led_anew() {
    let mut design = sample::shop();
    design.drawing = layout::complete(&design);
    let mut router = Router::default();
    router.route(&design, &design.drawing);
    assert_eq!(router.led(), design.links.len());
    router.route(&design, &design.drawing);
    assert_eq!(router.led(), 0);
    let mailer = design.drawing.components.get_mut("mailer").expect("it is placed");
    mailer.x += 6.0;
    router.route(&design, &design.drawing.clone());
    assert!((1..design.links.len() / 2).contains(&router.led()), "{} led", router.led());
}

#[test]
fn samples_are_led_soundly() {
    for design in [sample::drawn_shop(), sample::shop(), sample::three()] {
        let drawing = layout::complete(&design);
        let routes = layout::route(&design, &drawing);
        for link in &design.links {
            assert_eq!(wrong(&design, &drawing, link, &routes.links[&link.id]), None);
            assert!(!routes.links[&link.id].plain);
        }
        // No two lines share a stretch.
        for (i, a) in design.links.iter().enumerate() {
            for b in &design.links[i + 1..] {
                let (p, q) = (&routes.links[&a.id].points, &routes.links[&b.id].points);
                let shared: f32 = p.windows(2).flat_map(|s| q.windows(2).map(|t| shared(s, t))).sum();
                assert!(shared < 20.0, "{} and {} share {shared} points", a.id, b.id);
            }
        }
    }
}

/// How far two stretches run on the same line.
fn shared(s: &[Point], t: &[Point]) -> f32 {
    let one = |a: f32, b: f32, c: f32, d: f32| (a.max(b).min(c.max(d)) - a.min(b).max(c.min(d))).max(0.0);
    let near = |a: f32, b: f32| (a - b).abs() < 2.0;
    if near(s[0].x, s[1].x) && near(t[0].x, t[1].x) && near(s[0].x, t[0].x) {
        one(s[0].y, s[1].y, t[0].y, t[1].y)
    } else if near(s[0].y, s[1].y) && near(t[0].y, t[1].y) && near(s[0].y, t[0].y) {
        one(s[0].x, s[1].x, t[0].x, t[1].x)
    } else {
        0.0
    }
}

#[test]
fn bends_given_by_hand_are_kept() {
    let mut design = sample::three();
    design.drawing = layout::complete(&design);
    let bend =
        Point::new(design.drawing.components["web"].x + 260.0, design.drawing.components["users"].y + 28.0);
    design.drawing.links.entry("users-to-web".into()).or_default().bends = vec![bend];
    let routes = layout::route(&design, &design.drawing);
    let points = &routes.links["users-to-web"].points;
    let on_line = points.windows(2).any(|w| {
        let r = Rect::new(
            w[0].x.min(w[1].x),
            w[0].y.min(w[1].y),
            (w[0].x - w[1].x).abs(),
            (w[0].y - w[1].y).abs(),
        );
        r.grown(0.1).contains(bend)
    });
    assert!(on_line, "{points:?} misses {bend:?}");
}

#[test]
fn callers_stand_before_what_they_call() {
    let drawing = layout::arrange(&sample::three());
    let at = |id: &str| drawing.components[id];
    let right = at("users").x < at("web").x && at("web").x < at("db").x;
    let down = at("users").y < at("web").y && at("web").y < at("db").y;
    assert!(right || down, "{drawing:?}");
}

#[test]
fn a_new_card_is_placed_inside_its_zone() {
    let mut design = sample::drawn_shop();
    design
        .components
        .push(Component { zones: vec!["eu-west-b".into()], ..Component::new("audit", Kind::Logging) });
    let drawing = layout::complete(&design);
    let card = layout::card(&drawing, &"audit".into()).expect("placed");
    assert!(drawing.zones["eu-west-b"].encloses(&card));
    assert_eq!(drawing.zones["eu-west-b"], design.drawing.zones["eu-west-b"], "there was room");
}

#[test]
fn forty_cards_and_sixty_links_are_all_led_around() {
    let mut design = Design::default();
    for i in 0..40_usize {
        let id = format!("c{i}");
        design.components.push(Component::new(id.as_str(), Kind::Service));
        // Off the raster, so that no two cards share a line of the grid.
        let at = Point::new(
            (i % 8) as f32 * 240.0 + (i * 7 % 23) as f32,
            (i / 8) as f32 * 130.0 + (i * 5 % 19) as f32,
        );
        design.drawing.components.insert(id.as_str().into(), at);
    }
    for i in 0..60_usize {
        design.links.push(Link::new(
            format!("l{i}"),
            format!("c{}", i * 3 % 40),
            format!("c{}", (i * 11 + 5) % 40),
        ));
    }
    let drawing = layout::complete(&design);
    // However crowded, no link gives up and runs plainly through what is in its way.
    let routes = layout::route(&design, &drawing);
    let plain: Vec<_> = routes.links.iter().filter(|(_, r)| r.plain).map(|(id, _)| id).collect();
    assert!(plain.is_empty(), "{plain:?}");
    assert_eq!(routes.links.len(), 60);
}

#[test]
fn cards_have_the_size_that_the_look_gives() {
    assert_eq!((CARD.w, CARD.h), (172.0, 56.0));
}
