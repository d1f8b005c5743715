//! Pictures that leave the program.

use linchpin::design::{Component, Design, Kind, Point};
use linchpin::export::{self, ExportError, Picture};
use linchpin::scene::{Live, LiveState, Loss, Overlay, Severity, Shade};
use resvg::usvg;

use super::sample;

fn write(name: &str, bytes: &[u8]) {
    // For people who want to look: `LINCHPIN_PICTURES=<folder>`.
    if let Some(folder) = std::env::var_os("LINCHPIN_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).expect("the folder takes files");
    }
}

fn svg(picture: &Picture) -> String {
    let bytes = export::by_id("svg").expect("registered").write(picture).expect("a sample is small");
    String::from_utf8(bytes).expect("SVG is text")
}

fn png(picture: &Picture) -> Vec<u8> {
    export::by_id("png").expect("registered").write(picture).expect("a sample is small")
}

/// Width and height from the header of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

fn parse(svg: &str) -> usvg::Tree {
    let mut options = usvg::Options::default();
    for weight in linchpin::scene::font::Weight::ALL {
        options.fontdb_mut().load_font_data(weight.bytes().to_vec());
    }
    usvg::Tree::from_str(svg, &options).expect("our SVG parses")
}

fn texts(group: &usvg::Group) -> usize {
    let one = |node: &usvg::Node| match node {
        usvg::Node::Group(g) => texts(g),
        usvg::Node::Text(t) => usize::from(!t.flattened().children().is_empty()),
        _ => 0,
    };
    group.children().iter().map(one).sum()
}

/// The drawn shop while one store is killed.
fn running() -> Overlay {
    let design = sample::drawn_shop();
    let mut overlay = Overlay { running: true, ..Overlay::default() };
    for (i, c) in design.components.iter().enumerate() {
        let rate = 40.0 + 31.0 * i as f64;
        overlay.mark(&c.id).live =
            Some(Live { rate: Some(rate), latency_ms: Some(1.5 + i as f64), ..Live::default() });
    }
    overlay.mark("orders-db").live = Some(Live { state: LiveState::Killed, ..Live::default() });
    overlay.mark("checkout").live = Some(Live {
        state: LiveState::Impaired,
        rate: Some(310.0),
        error_share: Some(0.63),
        ..Live::default()
    });
    overlay.mark("checkout-us").live =
        Some(Live { state: LiveState::Paused, up: Some((1, 2)), ..Live::default() });
    overlay.mark("catalogue-us").live = Some(Live { state: LiveState::Starting, ..Live::default() });
    overlay.mark("checkout-to-orders-db").witness = true;
    overlay.mark("orders-db-to-orders-db-us").loss = Some(Loss::Down);
    overlay.mark("edge-eu-to-catalogue").live =
        Some(Live { rate: Some(1240.0), latency_ms: Some(3.2), ..Live::default() });
    overlay
}

/// The drawn shop with findings and a hovered store.
fn blast() -> Overlay {
    let mut overlay = Overlay { focus: true, ..Overlay::default() };
    overlay.mark("orders-db").severity = Some(Severity::Error);
    overlay.mark("orders-db").selected = true;
    overlay.mark("identity").severity = Some(Severity::Warning);
    for id in ["checkout", "gateway-eu", "gateway-eu-to-checkout", "checkout-to-orders-db"] {
        overlay.mark(id).loss = Some(Loss::Lost);
    }
    for id in ["edge-eu", "shoppers", "edge-eu-to-gateway-eu"] {
        overlay.mark(id).loss = Some(Loss::Part);
    }
    overlay.mark("us-east-b").loss = Some(Loss::Down);
    overlay.mark("us-east-b").severity = Some(Severity::Advice);
    overlay
}

#[test]
fn samples_become_pictures_in_both_themes() {
    let shown = [
        ("drawn", sample::drawn_shop(), Overlay::default()),
        ("running", sample::drawn_shop(), running()),
        ("blast", sample::drawn_shop(), blast()),
        ("arranged", sample::shop(), Overlay::default()),
        ("three", sample::three(), Overlay::default()),
    ];
    for (name, design, overlay) in shown {
        for (shade, word) in [(Shade::Dark, "dark"), (Shade::Light, "light")] {
            let picture =
                Picture { shade, overlay: overlay.clone(), scale: 1.5, grid: true, ..Picture::of(&design) };
            let text = svg(&picture);
            let tree = parse(&text);
            assert_eq!(texts(tree.root()), text.matches("<text ").count(), "every text of {name} has glyphs");
            write(&format!("{name}-{word}.svg"), text.as_bytes());
            let pixels = png(&picture);
            let expected = |v: f32| (v * 1.5).ceil() as u32;
            assert_eq!(size(&pixels), (expected(tree.size().width()), expected(tree.size().height())));
            write(&format!("{name}-{word}.png"), &pixels);
        }
    }
}

#[test]
fn the_same_design_gives_the_same_bytes() {
    let design = sample::shop();
    let picture = Picture { scale: 0.5, ..Picture::of(&design) };
    assert_eq!(svg(&picture), svg(&Picture { scale: 0.5, ..Picture::of(&design) }));
    assert_eq!(png(&picture), png(&picture));
}

#[test]
fn every_element_has_an_id_and_a_title() {
    let design = sample::shop();
    let text = svg(&Picture::of(&design));
    let ids: Vec<&str> = text.split("<g id=\"").skip(1).filter_map(|s| s.split('"').next()).collect();
    assert_eq!(ids.len(), design.components.len() + design.links.len() + design.zones.len());
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    assert!(
        text.contains(
            "<g id=\"card-orders-db\" class=\"card\"><title>orders-db, Primary, 1 instance</title>"
        )
    );
    assert!(!text.contains("<filter") && !text.contains("<script"));
}

#[test]
fn names_cannot_break_out_of_the_text() {
    let mut design = Design { name: "</title><script>alert(1)</script>".into(), ..Design::default() };
    let name = "<b>&\"'\u{1}]]>".to_owned();
    design.components.push(Component { name, ..Component::new("x", Kind::Service) });
    let text = svg(&Picture::of(&design));
    assert!(!text.contains("<script") && !text.contains("<b>") && !text.contains('\u{1}'));
    parse(&text);
}

#[test]
fn the_design_comes_back_out_of_its_picture() {
    let design = sample::three();
    let source = "(name: \"a ]]> b <metadata id=\\\"linchpin-design\\\"> ü\", // </metadata>\n)\n]]>";
    let picture = Picture { source: Some(source), ..Picture::of(&design) };
    for bytes in [svg(&picture).into_bytes(), png(&picture)] {
        assert_eq!(export::embedded_design(&bytes).as_deref(), Some(source));
        let bare = export::without_design(&bytes);
        assert_eq!(export::embedded_design(&bare), None);
        let plain = Picture { source: None, ..picture.clone() };
        assert!(bare == svg(&plain).into_bytes() || bare == png(&plain));
        // Damaged files are refused, not believed.
        for cut in [0, 7, 20, 40, bytes.len() / 2] {
            let _ = export::embedded_design(&bytes[..cut]);
        }
    }
    assert!(svg(&picture).ends_with("</metadata>\n</svg>\n"), "the design stands last");
    parse(&svg(&picture));
    assert_eq!(export::embedded_design(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffiTXt"), None);
    assert_eq!(export::embedded_design(b"no picture"), None);
}

#[test]
fn a_picture_that_is_too_large_is_refused() {
    let mut design = sample::three();
    design.drawing.components.insert("db".into(), Point::new(90_000.0, 0.0));
    design.drawing.components.insert("web".into(), Point::new(0.0, 0.0));
    let picture = Picture::of(&design);
    let refused = export::by_id("png").expect("registered").write(&picture);
    assert!(matches!(refused, Err(ExportError::TooLarge { .. })));
    assert!(export::by_id("pdf").is_none());
}
