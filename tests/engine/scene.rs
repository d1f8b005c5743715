//! A design as a picture.

use expect_test::expect;
use linchpin::design::{Component, Design, Kind, Need, Note, Point, Rect, ZoneKind};
use linchpin::layout::{self, Side};
use linchpin::scene::font::{self, Weight};
use linchpin::scene::{
    self, Anchor, Corner, HitTarget, Icon, Ink, Live, LiveState, Loss, Overlay, Rgba, Scene, Severity, Shade,
    Shape, Theme, What,
};
use proptest::prelude::*;

use super::sample;

fn picture(design: &Design, overlay: &Overlay) -> Scene {
    let drawing = layout::complete(design);
    let routes = layout::route(design, &drawing);
    scene::build(design, &drawing, &routes, overlay)
}

/// A picture as text: one line an element, one a shape.
fn text(scene: &Scene) -> String {
    let mut out = String::new();
    for e in &scene.elements {
        let f = &e.frame;
        out.push_str(&format!("{} {} {},{} {}x{}", e.what.label(), e.id, f.x, f.y, f.w, f.h));
        out.push_str(&if e.opacity < 1.0 { format!(" at {}\n", e.opacity) } else { "\n".to_owned() });
        for s in &e.shapes {
            out.push_str("  ");
            match s {
                Shape::Rect { rect, fill, stroke, .. } => {
                    let fill = fill.map(|p| format!(" {:?}", p.ink)).unwrap_or_default();
                    let stroke =
                        stroke.map(|s| format!(" border {:?} {}", s.paint.ink, s.width)).unwrap_or_default();
                    out.push_str(&format!("rect {},{} {}x{}{fill}{stroke}", rect.x, rect.y, rect.w, rect.h));
                }
                Shape::Path { points, stroke, .. } => {
                    let list: Vec<String> = points.iter().map(|p| format!("{},{}", p.x, p.y)).collect();
                    out.push_str(&format!("path {} {:?} {}", list.join(" "), stroke.paint.ink, stroke.width));
                }
                Shape::Polygon { points, fill, .. } => {
                    out.push_str(&format!("polygon of {} {:?}", points.len(), fill.ink));
                }
                Shape::Circle { center, radius, .. } => {
                    out.push_str(&format!("circle {},{} {radius}", center.x, center.y));
                }
                Shape::Text { at, text, size, paint, .. } => {
                    out.push_str(&format!("text {},{} {size} {:?} {text:?}", at.x, at.y, paint.ink));
                }
                Shape::Icon { icon, size, .. } => out.push_str(&format!("icon {} {size}", icon.name())),
            }
            out.push('\n');
        }
    }
    out
}

#[test]
fn three_boxes_as_shapes() {
    expect![[r#"
        link users-to-web 126,96 0x47
          path 126,96 126,136.5 Text3 1.6
          polygon of 3 Text3
        link web-to-db 126,204 0x52
          path 126,204 126,249.5 Text3 1.6
          polygon of 3 Text3
        card users 40,40 172x56
          rect 40,42 172x56 Shadow
          rect 40,40 172x56 Card border Line 1
          rect 50,52 32x32 Text2
          icon client 20
          text 92,65 13 Text1 "users"
          text 92,82 11 Text2 "Clients"
        card web 40,148 172x56
          rect 45,143 172x56 Card border Line 1
          rect 40,150 172x56 Shadow
          rect 40,148 172x56 Card border Line 1
          rect 50,160 32x32 Family(Compute)
          icon service 20
          text 200,173 11 Text2 "×2"
          text 92,173 13 Text1 "web"
          text 92,190 11 Text2 "Service"
        card db 40,256 172x56
          rect 40,258 172x56 Shadow
          rect 40,256 172x56 Card border Line 1
          rect 50,268 32x32 Family(Data)
          icon relational_store 20
          text 92,281 13 Text1 "db"
          text 92,298 11 Text2 "Relational store"
    "#]]
    .assert_eq(&text(&picture(&sample::three(), &Overlay::default())));
}

#[test]
fn a_killed_and_a_lost_card_as_shapes() {
    let mut overlay = Overlay { focus: true, running: true, ..Overlay::default() };
    overlay.mark("db").live = Some(Live { state: LiveState::Killed, ..Live::default() });
    overlay.mark("db").loss = Some(Loss::Down);
    overlay.mark("web").loss = Some(Loss::Lost);
    overlay.mark("web").severity = Some(Severity::Error);
    overlay.mark("web-to-db").witness = true;
    expect![[r#"
        link users-to-web 126,96 0x47 at 0.32
          path 126,96 126,136.5 Text3 1.6
          polygon of 3 Text3
        link web-to-db 126,204 0x52
          path 126,204 126,249.5 Bad 2.2
          polygon of 3 Bad
        card users 40,40 172x56 at 0.32
          rect 40,42 172x56 Shadow
          rect 40,40 172x56 Card border Line 1
          rect 50,52 32x32 Text2
          icon client 20
          text 92,65 13 Text1 "users"
          text 92,82 11 Text2 "Clients"
        card web 40,148 172x56
          rect 45,143 172x56 Card border Line 1
          rect 40,150 172x56 Shadow
          rect 40,148 172x56 Card border Bad 2
          rect 50,160 32x32 Family(Compute)
          icon service 20
          text 200,173 11 Text2 "×2"
          text 92,173 13 Text1 "web"
          text 92,190 11 Text2 "Service"
          circle 196,189 3.5
          polygon of 3 Bad
          path 210,146.8 210,150.4 Canvas 1.5
          circle 210,152.9 0.9
        card db 40,256 172x56
          rect 40,258 172x56 Shadow
          rect 40,256 172x56 Card border Bad 2
          rect 50,268 32x32 Family(Data)
          icon relational_store 20
          text 92,281 13 Text1 "db"
          text 92,298 11 Text2 "killed"
          path 191,292 201,302 Bad 2.4
          path 191,302 201,292 Bad 2.4
    "#]]
    .assert_eq(&text(&picture(&sample::three(), &overlay)));
}

#[test]
fn text_is_readable_in_both_themes() {
    for shade in [Shade::Dark, Shade::Light] {
        let theme = Theme::of(shade);
        for ink in [Ink::Text1, Ink::Text2] {
            for ground in [Ink::Panel, Ink::Raised, Ink::Canvas, Ink::Card, Ink::Pressed] {
                let ratio = theme.color(ink).contrast(theme.color(ground));
                assert!(ratio >= 4.5, "{shade:?}: {ink:?} on {ground:?} is {ratio:.2}:1");
            }
        }
        // Lines and icons need 3:1 against what they lie on.
        for ink in
            Ink::ALL.into_iter().filter(|i| matches!(i, Ink::Family(_) | Ink::Good | Ink::Warn | Ink::Bad))
        {
            let ratio = theme.color(ink).contrast(theme.color(Ink::Card));
            assert!(ratio >= 3.0, "{shade:?}: {ink:?} is {ratio:.2}:1");
        }
    }
    assert_eq!(Theme::of(Shade::Dark).color(Ink::Bad), Rgba::parse("#f2645f").expect("a colour"));
    assert_eq!(Rgba::parse("#12"), None);
    assert_eq!(Rgba::parse("#äöü12"), None);
}

#[test]
fn every_icon_is_drawn_and_stays_on_its_grid() {
    let mut seen = std::collections::BTreeMap::new();
    for icon in Icon::all() {
        let lines = icon.polylines();
        assert!(!lines.is_empty(), "{} has no path", icon.name());
        for p in lines.iter().flatten() {
            assert!(
                (0.5..=15.5).contains(&p[0]) && (0.5..=15.5).contains(&p[1]),
                "{} leaves its grid: {p:?}",
                icon.name()
            );
        }
        if let Some(other) = seen.insert(icon.path(), icon.name()) {
            panic!("{} looks like {other}", icon.name());
        }
    }
}

#[test]
fn path_data_is_flattened_exactly() {
    let half_circle = &scene::icon::polylines("M0 0a5 5 0 0 1 10 0").expect("path data")[0];
    assert!(half_circle.iter().all(|p| ((p[0] - 5.0).hypot(p[1]) - 5.0).abs() < 1e-3), "{half_circle:?}");
    assert!(half_circle.iter().all(|p| p[1] <= 1e-3), "the sweep goes over the top: {half_circle:?}");
    let touching = &scene::icon::polylines("M1 1l.5.5-1-1z").expect("numbers may touch")[0];
    assert_eq!(touching, &[[1.0, 1.0], [1.5, 1.5], [0.5, 0.5], [1.0, 1.0]]);
    assert_eq!(scene::icon::polylines("M1 1x2"), None);
}

#[test]
fn the_typeface_has_what_we_write() {
    let mut all = String::from("…×→≥≤µ°·–—▾▴✓✕←↑↓•0123456789 äöüßŁźЖдΩλ%/()[]{}<>“”‘’€£");
    for kind in Kind::ALL {
        all.push_str(kind.label());
    }
    for zone in ZoneKind::ALL {
        all.push_str(zone.label());
    }
    for weight in Weight::ALL {
        assert_eq!(font::missing(&all, weight), Vec::<char>::new());
    }
    assert_eq!(font::missing("a漢b漢", Weight::Regular), vec!['漢']);
}

#[test]
fn digits_are_tabular() {
    for weight in Weight::ALL {
        let one = font::width("1", 10.0, weight);
        for digit in '0'..='9' {
            assert_eq!(font::width(&digit.to_string(), 10.0, weight), one, "{digit} in {weight:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shortened_text_fits(words in "\\PC{0,40}", size in 8.0_f32..16.0, room in 0.0_f32..200.0) {
        let short = font::ellipsis(&words, size, Weight::SemiBold, room);
        prop_assert!(font::width(&short, size, Weight::SemiBold) <= room || short.is_empty());
        if font::width(&words, size, Weight::SemiBold) <= room {
            prop_assert_eq!(short, words);
        }
    }

    #[test]
    fn wrapped_text_fits(words in "[a-zA-Z ]{0,160}", lines in 1..5_usize) {
        let wrapped = font::wrap(&words, 11.5, Weight::Regular, 120.0, lines);
        prop_assert!(wrapped.len() <= lines);
        for line in wrapped {
            prop_assert!(font::width(&line, 11.5, Weight::Regular) <= 120.0);
        }
    }

    #[test]
    fn nothing_written_leaves_its_card(name in "\\PC{1,60}", replicas in 1..4_000_u32, kind in 0..30_usize) {
        let mut design = Design::default();
        design.components.push(Component { name, replicas, ..Component::new("x", Kind::ALL[kind]) });
        let mut overlay = Overlay { running: true, ..Overlay::default() };
        overlay.mark("x").live = Some(Live {
            up: Some((1, 4_000)), rate: Some(123_456.0), error_share: Some(0.0123), ..Live::default()
        });
        let scene = picture(&design, &overlay);
        let card = &scene.elements[0];
        for s in &card.shapes {
            if let Shape::Text { at, anchor, width, .. } = s {
                let left = match anchor {
                    Anchor::Start => at.x,
                    Anchor::Middle => at.x - width / 2.0,
                    Anchor::End => at.x - width,
                };
                prop_assert!(left >= card.frame.x && left + width <= card.frame.right() - 8.0, "{:?}", s);
            }
        }
    }
}

#[test]
fn slots_show_where_links_leave() {
    let scene = picture(&sample::drawn_shop(), &Overlay::default());
    let pills = |id: &str| -> Vec<String> {
        let parts = &scene.element(id).expect("it is drawn").parts;
        parts
            .iter()
            .filter_map(|(_, p)| if let scene::Part::Slot(s) = p { Some(s.clone()) } else { None })
            .collect()
    };
    assert_eq!(pills("edge-eu"), vec![String::new()]);
    assert_eq!(pills("gateway-eu"), Vec::<String>::new(), "one link each is the default");
    assert_eq!(scene::need_label(Need::KOf(2), 3), "2 of 3");
    let shop = picture(&sample::shop(), &Overlay::default());
    let words: Vec<&str> = shop
        .element("checkout")
        .expect("it is drawn")
        .shapes
        .iter()
        .filter_map(|s| if let Shape::Text { text, .. } = s { Some(text.as_str()) } else { None })
        .collect();
    assert_eq!(words, ["×3", "checkout", "Service", "optional"]);
}

#[test]
fn what_is_under_the_pointer() {
    let design = sample::drawn_shop();
    let mut overlay = Overlay::default();
    overlay.mark("us-east").selected = true;
    overlay.mark("checkout").hovered = true;
    overlay.mark("orders-db").severity = Some(Severity::Error);
    let mut design = design;
    design.notes.push(Note {
        text: "Ask the owners".into(),
        at: Some(Point::new(236.0, 400.0)),
        ..Note::default()
    });
    let scene = picture(&design, &overlay);
    let hit = |x: f32, y: f32| scene.hit(Point::new(x, y), 4.0);
    assert_eq!(hit(250.0, 190.0), Some(HitTarget::Card("shoppers".into())));
    assert_eq!(hit(548.0, 234.0), Some(HitTarget::Slot("edge-eu".into(), String::new())));
    assert_eq!(hit(744.0, 348.0), Some(HitTarget::Port("checkout".into(), Side::Bottom)));
    assert_eq!(hit(744.0, 390.0), Some(HitTarget::Link("checkout-to-orders-db".into())));
    assert_eq!(hit(829.0, 436.0), Some(HitTarget::Severity("orders-db".into())));
    assert_eq!(hit(460.0, 402.0), Some(HitTarget::ZoneTitle("eu-west-b".into())));
    assert_eq!(hit(444.0, 580.0), Some(HitTarget::ZoneBorder("eu-west-b".into())));
    assert_eq!(hit(700.0, 580.0), Some(HitTarget::ZoneInside("eu-west-b".into())));
    assert_eq!(hit(866.0, 112.0), Some(HitTarget::ZoneHandle("us-east".into(), Corner::TopLeft)));
    assert_eq!(hit(300.0, 410.0), Some(HitTarget::Note(0)));
    assert_eq!(hit(100.0, 100.0), None);
    let ids: Vec<String> =
        scene.within(&Rect::new(440.0, 400.0, 400.0, 220.0)).iter().map(ToString::to_string).collect();
    assert_eq!(ids, ["order-events", "orders-db", "fulfilment"]);
}

#[test]
fn what_is_visible_is_what_lies_in_view() {
    let mut design = Design::default();
    for i in 0..10_000_usize {
        let id = format!("c{i}");
        design.components.push(Component::new(id.as_str(), Kind::Service));
        let at = Point::new((i % 100) as f32 * 220.0, (i / 100) as f32 * 100.0);
        design.drawing.components.insert(id.as_str().into(), at);
    }
    let scene = scene::build(&design, &design.drawing, &layout::Routes::default(), &Overlay::default());
    let view = Rect::new(5_000.0, 3_000.0, 1_600.0, 1_000.0);
    let seen = scene.visible(&view);
    let all: Vec<usize> =
        (0..scene.elements.len()).filter(|i| scene.elements[*i].bounds.overlaps(&view)).collect();
    assert_eq!(seen, all);
    assert!(seen.len() < 120);
    assert_eq!(
        scene.hit(Point::new(22.0 * 220.0 + 5.0, 4_005.0), 3.0),
        Some(HitTarget::Card("c4022".into()))
    );
}

#[test]
fn zones_come_first_and_marked_links_last() {
    let mut overlay = Overlay::default();
    overlay.mark("gateway-eu-to-checkout").witness = true;
    let scene = picture(&sample::drawn_shop(), &overlay);
    let kinds: Vec<What> = scene.elements.iter().map(|e| e.what).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
    let last = scene.elements.iter().rfind(|e| e.what == What::Link).expect("there are links");
    assert_eq!(last.id, *"gateway-eu-to-checkout");
}

#[test]
fn focus_dims_what_is_not_meant() {
    let mut overlay = Overlay { focus: true, ..Overlay::default() };
    overlay.mark("orders-db").hovered = true;
    overlay.mark("checkout").loss = Some(Loss::Part);
    let scene = picture(&sample::drawn_shop(), &overlay);
    let opacity = |id: &str| scene.element(id).expect("it is drawn").opacity;
    assert_eq!((opacity("orders-db"), opacity("checkout"), opacity("eu-west")), (1.0, 1.0, 1.0));
    assert_eq!((opacity("catalogue"), opacity("edge-us-to-gateway-us")), (scene::DIM, scene::DIM));
}

#[test]
fn a_dot_can_travel_along_a_link() {
    let scene = picture(&sample::drawn_shop(), &Overlay::default());
    let path = &scene.element("shop.example-to-edge-us").expect("it is drawn").path;
    let length = scene::length(path);
    let (start, end) =
        (scene::along(path, 0.0).expect("a line"), scene::along(path, length).expect("a line"));
    assert!(start.distance(path[0]) < 0.01 && end.distance(path[path.len() - 1]) < 0.1);
    assert!(scene::along(path, length / 2.0).expect("a line").distance(start) > 20.0);
    assert_eq!(scene::along(&[], 1.0), None);
}

#[test]
fn words_say_what_matters() {
    let d = sample::drawn_shop();
    let line = |id: &str| scene::kind_line(&d, d.component(id).expect("it is there"));
    assert_eq!(line("shoppers"), "12k/s");
    assert_eq!(line("shop.example"), "DNS, nearest");
    assert_eq!(line("order-events"), "Queue, durable");
    assert_eq!(
        (line("orders-db"), line("orders-db-us")),
        ("Primary".to_owned(), "Backup, manual".to_owned())
    );
    let replicate = d.links.last().expect("there are links");
    assert_eq!(scene::link_label(replicate).as_deref(), Some("async replication  80 ms"));
}
