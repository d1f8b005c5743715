//! Designs on disk: what is read, what is written, what is refused.

mod bad;
mod kept;
mod random;
mod saved;

use expect_test::{expect, expect_file};
use linchpin::design::{Design, Kind, Millis};
use linchpin::file::{Document, format_text, schema};

/// Written by hand in every way that is allowed.
const LOOSE: &str = include_str!("../fixtures/formats/v1/loose.ron");
/// The same in canonical form.
const CANONICAL: &str = include_str!("../fixtures/formats/v1/canonical.ron");

fn lines<T: ToString>(items: &[T]) -> String {
    items.iter().map(|i| i.to_string() + "\n").collect()
}

#[test]
fn loose_text_takes_canonical_form() {
    let canonical = format_text(LOOSE).unwrap();
    expect_file!["../fixtures/formats/v1/canonical.ron"].assert_eq(&canonical);
    let (loose, tidy) = (Document::parse(LOOSE, "a").unwrap(), Document::parse(&canonical, "b").unwrap());
    assert_eq!(loose.design(), tidy.design());
}

#[test]
fn canonical_text_comes_back_byte_for_byte() {
    let document = Document::parse(CANONICAL, "b").unwrap();
    assert_eq!(document.render(document.design()), CANONICAL);
    assert_eq!(format_text(CANONICAL).unwrap(), CANONICAL);
}

#[test]
fn values_are_what_was_written() {
    let document = Document::parse(LOOSE, "loose.ron").unwrap();
    let d = document.design();
    assert_eq!(d.name, "Shop");
    let web = d.component("web").unwrap();
    assert_eq!((web.replicas, web.kind, web.about.as_str()), (3, Kind::Service, "Says \"hello\"."));
    assert_eq!(web.zones.iter().map(|z| z.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    let policy = &d.link("web-db").unwrap().policy;
    assert_eq!((policy.timeout, policy.tries), (Some(Millis(300.0)), 10));
    assert_eq!(d.journeys[0].steps[0].then[0].link, "web-db");
    assert_eq!(d.drawing.components["users"].y, 2.5);
}

#[test]
fn what_is_not_understood_is_told() {
    let document = Document::parse(LOOSE, "loose.ron").unwrap();
    expect![[r#"
        7:21: future_section: unknown field `future_section`: ignored and kept
        10:138: links[web-db].policy.hedge: unknown field `hedge`: ignored and kept
        11:66: links[users-web].interaction: there is no interaction `teleport`: ignored and kept (write one of call, publish, subscribe, resolve, replicate, heartbeat, telemetry, bypass)
        27:22: components[web].quantum: unknown field `quantum`: ignored and kept
        37:52: zones[b].kind: there is no kind `moon_base`: ignored and kept (write one of region, datacenter, rack, host, segment)
    "#]]
    .assert_eq(&lines(document.warnings()));
    let typo = Document::parse("Design(components: [(id: \"a\", kind: client, replcas: 2)])", "t").unwrap();
    assert_eq!(
        lines(typo.warnings()),
        "1:54: components[a].replcas: unknown field `replcas`: ignored and kept; did you mean `replicas`?\n"
    );
}

#[test]
fn a_fresh_design_is_written_whole() {
    let mut design = Design { name: "New".to_owned(), ..Design::default() };
    design.components.push(linchpin::design::Component::new("web", Kind::Service));
    let document = Document::new(design.clone());
    assert_eq!(document.design(), &design);
    expect![[r#"
        Design(
            format: 1,
            name: "New",
            components: [
                (id: "web", kind: service),
            ],
        )
    "#]]
    .assert_eq(&document.render(&design));
}

#[test]
fn elements_and_properties_have_a_place() {
    let document = Document::parse(CANONICAL, "c").unwrap();
    let place = |element: &str| {
        document.locate(element).map_or("nowhere".to_owned(), |l| {
            let line = CANONICAL.lines().nth(l.line as usize - 1).unwrap();
            let from = line.chars().skip(l.column as usize - 1).collect::<String>();
            from.chars().take(24).collect()
        })
    };
    let places: Vec<String> = [
        "a",
        "users",
        "web/2",
        "db/1/2",
        "component:web",
        "components[web].replicas",
        "components[web].kind",
        "components[web].firewall.waf",
        "components[db].replication.failover",
        "links[web-db].policy.timeout",
        "journeys[buy].steps[users-web].steps[web-db].op",
        "drawing.components[web].y",
        "components[#1].name",
        "components",
        "nobody",
    ]
    .iter()
    .map(|e| format!("{e}: {}", place(e)))
    .collect();
    expect![[r#"
        a: (id: "a", kind: host),
        users: (id: "users", name: "Use
        web/2: (
        db/1/2: (
        component:web: (
        components[web].replicas: 0x3,
        components[web].kind: service,
        components[web].firewall.waf: (
        components[db].replication.failover: automatic,
        links[web-db].policy.timeout: "0.3 s",
        journeys[buy].steps[users-web].steps[web-db].op: write)])],
        drawing.components[web].y: 40),
        components[#1].name: "Users", kind: client),
        components: [ // the boxes
        nobody: nowhere
    "#]]
    .assert_eq(&lines(&places));
}

#[test]
fn the_schema_names_every_section_and_kind() {
    let schema = schema();
    let properties = schema["properties"].as_object().unwrap();
    let sections: Vec<&String> = properties.keys().take(5).collect();
    assert_eq!(sections, ["format", "name", "about", "zones", "components"]);
    let text = schema.to_string();
    for kind in Kind::ALL {
        let name = serde_json::to_string(&kind).unwrap();
        assert!(text.contains(&name), "{name}");
    }
    for section in ["links", "causes", "journeys", "notes", "decisions", "accepted", "drawing"] {
        assert!(properties.contains_key(section), "{section}");
    }
}

/// A large design is no reason to wait.
#[test]
fn five_megabytes_are_read_and_written_quickly() {
    let mut design = Design { name: "Large".to_owned(), ..Design::default() };
    for i in 0..9_000 {
        let mut c = linchpin::design::Component::new(format!("service-{i}"), Kind::Service);
        c.name = format!("Service {i}");
        c.about = "What this service is there for, in a sentence of some length.".to_owned();
        (c.owner, c.replicas, c.tags) = ("team-blue".to_owned(), 3, vec!["a".to_owned(), "b".to_owned()]);
        c.service.time = Some(Millis(5.0));
        design.drawing.components.insert(c.id.clone(), linchpin::design::Point::new(i as f32, 10.5));
        design.components.push(c);
        for to in [i / 2, i / 3].into_iter().filter(|to| *to != i) {
            let mut l = linchpin::design::Link::new(
                format!("l-{i}-{to}-{}", design.links.len()),
                format!("service-{i}"),
                format!("service-{to}"),
            );
            l.label = "asks for prices".to_owned();
            l.policy.timeout = Some(Millis(250.0));
            design.links.push(l);
        }
    }
    let start = std::time::Instant::now();
    let text = Document::new(design.clone()).render(&design);
    let written = start.elapsed();
    assert!((5 << 20..8 << 20).contains(&text.len()), "{}", text.len());
    let start = std::time::Instant::now();
    let document = Document::parse_unchecked(&text, "large.ron").unwrap();
    let read = start.elapsed();
    let start = std::time::Instant::now();
    assert_eq!(document.first_problem(), None);
    let checked = start.elapsed();
    let start = std::time::Instant::now();
    assert_eq!(document.render(&design), text);
    let rendered = start.elapsed();
    println!("new and render {written:?}, parse {read:?}, problems {checked:?}, render {rendered:?}");
    // Far above what it takes unoptimised on a busy machine; quadratic work would still be above it.
    assert!(read.as_secs() < 30 && rendered.as_secs() < 40 && checked.as_secs() < 30);
}

/// Every design shown by an older release must open for ever.
#[test]
fn every_fixture_of_every_format_opens() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    let mut seen = 0;
    for format in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(format.unwrap().path()).unwrap() {
            let document = Document::open(file.unwrap().path()).unwrap();
            assert!(!document.design().components.is_empty());
            seen += 1;
        }
    }
    assert!(seen >= 2);
}
