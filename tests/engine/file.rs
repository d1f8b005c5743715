//! Designs on disk: what is read, what is written, what is refused.

use expect_test::{expect, expect_file};
use linchpin::design::Millis;
use linchpin::file::{Document, format_text};

const LOOSE: &str = include_str!("../fixtures/formats/v1/loose.ron");

fn lines<T: ToString>(items: &[T]) -> String {
    items.iter().map(|i| i.to_string() + "\n").collect()
}

#[test]
fn loose_text_takes_canonical_form() {
    let canonical = format_text(LOOSE).unwrap();
    expect_file!["../fixtures/formats/v1/canonical.ron"].assert_eq(&canonical);
    assert_eq!(format_text(&canonical).unwrap(), canonical, "the canonical form is one");
    let (loose, tidy) = (Document::parse(LOOSE, "a").unwrap(), Document::parse(&canonical, "b").unwrap());
    assert_eq!(loose.design(), tidy.design());
}

#[test]
fn what_is_not_understood_is_told_and_kept() {
    let document = Document::parse(LOOSE, "loose.ron").unwrap();
    expect![[r#"
        7:21: future_section: unknown field `future_section`: ignored and kept
        10:138: links[web-db].policy.hedge: unknown field `hedge`: ignored and kept
        11:66: links[users-web].interaction: there is no interaction `teleport`: ignored and kept (write one of call, publish, subscribe, resolve, replicate, heartbeat, telemetry, bypass)
        27:22: components[web].quantum: unknown field `quantum`: ignored and kept
        37:52: zones[b].kind: there is no kind `moon_base`: ignored and kept (write one of region, datacenter, rack, host, segment)
    "#]].assert_eq(&lines(document.warnings()));
}

#[test]
fn an_edit_keeps_comments_and_what_is_not_understood() {
    let document = Document::parse(LOOSE, "loose.ron").unwrap();
    let before = document.render(document.design());
    let mut design = document.design().clone();
    design.components.retain(|c| c.id != "db");
    design.components[1].replicas = 5;
    design.links.retain(|l| l.id != "web-db");
    design.journeys.clear();
    design.links[0].policy.timeout = Some(Millis(250.0));
    let after = document.render(&design);
    assert_eq!(Document::parse(&after, "after").unwrap().design(), &design);
    let kept: Vec<&str> = before.lines().filter(|l| after.lines().any(|a| a == *l)).collect();
    for comment in [
        "// A shop, written",
        "components: [ // the boxes",
        "/* The shop",
        "// one is enough",
        "// No more",
        "// that is all",
        "/* The end. */",
        "quantum: entangled(with: \"db\"),",
        "interaction: teleport,",
        "kind: moon_base",
        "r#\"Says \"hello\".\"#",
        "(a: 1, deep: {\"k\": Some('x')}),",
    ] {
        assert!(kept.iter().any(|l| l.contains(comment)), "{comment} is lost in\n{after}");
    }
    // What was removed went with its comments.
    assert!(!after.contains("The only way"), "{after}");
}
