//! What people and newer versions wrote stays through edits.

use expect_test::expect;
use linchpin::design::{
    Cause, Component, Design, Failover, Kind, Link, Millis, Point, PrimaryBackup, Replication, Slot,
};
use linchpin::file::{Document, format_text};

use super::{CANONICAL, LOOSE};

/// What a change does to the text, line by line.
fn changed(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut table = vec![vec![0usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            table[i][j] =
                if old[i] == new[j] { table[i + 1][j + 1] + 1 } else { table[i + 1][j].max(table[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && table[i + 1][j] >= table[i][j + 1]) {
            out += &format!("-{}\n", old[i]);
            i += 1;
        } else {
            out += &format!("+{}\n", new[j]);
            j += 1;
        }
    }
    out
}

fn component<'a>(design: &'a mut Design, id: &str) -> &'a mut Component {
    design.components.iter_mut().find(|c| c.id == *id).unwrap()
}

fn edited(text: &str, edit: impl FnOnce(&mut Design)) -> String {
    let document = Document::parse(text, "shop.ron").unwrap();
    let mut design = document.design().clone();
    edit(&mut design);
    let after = document.render(&design);
    let again = Document::parse_unchecked(&after, "after.ron").unwrap();
    assert_eq!(again.design(), &design, "{after}");
    assert_eq!(again.render(&design), after, "an edit leaves canonical form");
    changed(&format_text(text).unwrap(), &after)
}

#[test]
fn an_edit_touches_only_what_it_changes() {
    let said = edited(LOOSE, |d| {
        component(d, "web").replicas = 5;
        component(d, "web").slots.push(Slot { name: "data".to_owned(), ..Slot::default() });
        d.links[0].policy.timeout = Some(Millis(250.0));
        d.drawing.components.insert("db".into(), Point { x: 7.25, y: -3.0 });
    });
    expect![[r#"
        -            replicas: 0x3,
        +            replicas: 5,
        +            slots: [(name: "data", need: all)],
        -                timeout: "0.3 s",
        +                timeout: "250 ms",
        +            "db": (x: 7.25, y: -3),
    "#]]
    .assert_eq(&said);
}

#[test]
fn what_is_removed_takes_its_comments_along() {
    let said = edited(LOOSE, |d| {
        d.components.retain(|c| c.id != "db");
        d.links.retain(|l| l.id != "web-db");
        d.journeys.clear();
        component(d, "web").min_healthy = 1;
    });
    expect![[r#"
        -        (
        -            id: "db",
        -            kind: relational_store,
        -            replicas: 2,
        -            zones: ["a", "b"],
        -            replication: primary_backup(
        -                sync: sync,
        -                failover: automatic,
        -                voters: ["db"], /* last */
        -            ),
        -            sharding: (shards: 2, strategy: consistent_hash(virtual_nodes: 64)),
        -            data: (size: "18GB", growth: "200 MB/day"),
        -            cost_per_month: 12.50,
        -        ),
        -        // The only way to the data.
        -            id: "web-db",
        -            from: "web",
        -            to: "db",
        -            policy: (
        -                timeout: "0.3 s",
        -                /* shed soon */
        -                tries: 1_0,
        -                hedge: true,
        -            ),
        -        ),
        -        (
        -    journeys: [
        -        (
        -            id: "buy",
        -            client: "users",
        -            consistency: linearizable,
        -            steps: [(link: "users-web", then: [(link: "web-db", op: write)])],
        -        ),
        -    ],
    "#]]
    .assert_eq(&said);
}

#[test]
fn what_is_new_is_written_plainly() {
    let said = edited(LOOSE, |d| {
        d.name = "Shop \"2\"\nand\tmore \u{202e}".to_owned();
        let mut store = Component::new("store", Kind::DocumentStore);
        store.replication = Some(Replication::PrimaryBackup(PrimaryBackup {
            failover: Failover::Automatic,
            voters: vec!["store".into()],
            ..PrimaryBackup::default()
        }));
        store.cost_per_month = 12.0;
        d.components.insert(1, store);
        d.links.push(Link::new("web-store", "web", "store"));
        d.causes.push(Cause {
            id: "power".into(),
            members: vec!["a".into(), "web".into()],
            ..Cause::default()
        });
    });
    expect![[r#"
        -    name: "Shop",
        +    name: "Shop \"2\"\nand\tmore \u{202e}",
        +        (
        +            id: "store",
        +            kind: document_store,
        +            replication: primary_backup(failover: automatic, voters: ["store"]),
        +            cost_per_month: 12,
        +        ),
        +        (id: "web-store", from: "web", to: "store"),
        +    causes: [
        +        (id: "power", members: ["a", "web"]),
        +    ],
    "#]]
    .assert_eq(&said);
}

#[test]
fn what_was_not_understood_stays_until_it_is_replaced() {
    let text = "Design(components: [(id: \"a\", kind: client), (id: \"b\", kind: service, policy_x: 1, detector: (mode: psychic, range: 5), restart: sometimes(3), replication: gossip(3), data: (size: \"1 GB\", tier: hot), security: (admin: true, zero_trust: yes))])";
    let untouched = edited(text, |d| component(d, "b").replicas = 2);
    expect![[r#"
        +            replicas: 2,
    "#]]
    .assert_eq(&untouched);
    let replaced = edited(text, |d| {
        let b = component(d, "b");
        b.restart = linchpin::design::Restart::After(Millis(5000.0));
        b.replication = Some(Replication::None);
        // Goes with all that it holds.
        b.data = None;
        // Back to its defaults: what is not known of stays.
        b.security.admin = false;
    });
    expect![[r#"
        -            restart: sometimes(3),
        +            restart: after("5 s"),
        -            replication: gossip(3),
        -            data: (size: "1 GB", tier: hot),
        -            security: (admin: true, zero_trust: yes),
        +            replication: none,
        +            security: (zero_trust: yes),
    "#]]
    .assert_eq(&replaced);
}

/// Where something may stand between two tokens: beside every bracket, comma and colon outside texts and comments.
fn gaps(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut gaps) = (text.find("Design").unwrap(), Vec::new());
    while at < bytes.len() {
        let skip =
            |end: &str, from: usize| text[from..].find(end).map_or(text.len(), |i| from + i + end.len());
        match bytes[at] {
            b'r' if text[at..].starts_with("r#\"") => at = skip("\"#", at + 3),
            b'"' => at = skip("\"", at + 1),
            b'\'' => at = skip("'", at + 1),
            b'/' if text[at..].starts_with("//") => at = skip("\n", at) - 1,
            b'/' if text[at..].starts_with("/*") => at = skip("*/", at),
            b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b':' => {
                gaps.extend([at, at + 1]);
                at += 1;
            }
            _ => at += 1,
        }
    }
    gaps.dedup();
    gaps
}

#[test]
fn a_comment_anywhere_survives() {
    for text in [LOOSE, CANONICAL] {
        let plain = Document::parse(text, "plain").unwrap();
        let gaps = gaps(text);
        assert!(gaps.len() > 200);
        for gap in gaps {
            for comment in ["/* here */", "// here\n", "\n\n// here\n\n", " /* he\n  re */\r\n"] {
                let noted = format!("{}{comment}{}", &text[..gap], &text[gap..]);
                let document = Document::parse(&noted, "noted").unwrap();
                assert_eq!(document.design(), plain.design());
                let once = document.render(document.design());
                let kept = comment.trim().replace("\r\n", "\n");
                assert_eq!(once.matches(&kept).count(), 1, "{comment:?} at {gap}:\n{once}");
                let twice = format_text(&once).unwrap();
                assert_eq!(twice, once, "{comment:?} at {gap}");
            }
        }
    }
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_tolerated() {
    let windows = format!("\u{feff}{}", LOOSE.replace('\n', "\r\n"));
    let document = Document::parse(&windows, "w").unwrap();
    assert_eq!(document.design(), Document::parse(LOOSE, "l").unwrap().design());
    assert_eq!(document.render(document.design()), CANONICAL);
    assert_eq!(document.warnings()[0].line, 7);
}
