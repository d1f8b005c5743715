//! Files that cannot be used: one clear line each, never a panic, never a wait.

use std::time::Instant;

use expect_test::expect;
use linchpin::file::{DEPTH_MAX, Document, FileError, format_text};

fn error(text: &str) -> FileError {
    match Document::parse(text, "shop.ron") {
        Ok(_) => panic!("this was read:\n{}", text.chars().take(500).collect::<String>()),
        Err(error) => error,
    }
}

#[test]
fn each_mistake_has_its_line() {
    let said: String = [
        // Syntax.
        "",
        "hello",
        "{ \"components\": [] }",
        "Shop(name: \"a\")",
        "Design(name: \"a\"",
        "Design(\n    name: \"a\n)",
        "Design(\n    name: \"a\"\n    about: \"b\",\n)",
        "Design(name: \"a\", components: [(id: \"web\", kind: service,, )])",
        "Design(components: [(id: \"web\", kind: load-balancer)])",
        "Design(components: [(id: \"web\", kind: service), (id: \"db\", replicas: 12abc)])",
        "Design(components: [(id: \"web\", kind: service, replicas = 3)])",
        "Design(name: \"a\") Design()",
        "Design(name: \"a\", name: \"b\")",
        "Design(name: \"C:\\data\")",
        "Design(/* what\n)",
        "Design(components: [(id: \"web\", kind: service])",
        "Design(a: (1, b: 2))",
        "Design(drawing: (components: {\"a\" (x: 1, y: 2)}))",
        // Wrong types.
        "Design(\n  components: [\n    (\n        id: \"web\",\n        kind: service,\n        replicas: \"three\",\n    ),\n  ],\n)",
        "Design(components: [(id: \"web\", kind: service, replicas: -1)])",
        "Design(components: [(id: \"web\", kind: service, replicas: 5000000000)])",
        "Design(components: [(id: web, kind: service)])",
        "Design(components: [(id: 7, kind: service)])",
        "Design(components: (id: \"web\", kind: service))",
        "Design(components: [\"web\"])",
        "Design(components: [Link(id: \"web\", kind: service)])",
        "Design(links: [(id: \"l\", from: \"a\", to: \"b\", tls: yes)])",
        "Design(links: [(id: \"l\", from: \"a\", to: \"b\", network: (loss: inf))])",
        "Design(links: [(id: \"l\", from: \"a\", to: \"b\", policy: (timeout: \"3 parsecs\"))])",
        "Design(links: [(id: \"l\", from: \"a\", to: \"b\", policy: (timeout: true))])",
        "Design(links: [(id: \"l\", from: \"a\", to: \"b\", policy: (timeout: -5))])",
        "Design(components: [(id: \"q\", kind: queue, replication: primary_backup(sync: semi_sync))])",
        "Design(components: [(id: \"q\", kind: queue, replication: none(1))])",
        "Design(components: [(id: \"q\", kind: queue, replication: \"quorum\")])",
        "Design(drawing: (components: {\"a\": (x: 1)}))",
        "Design(drawing: (components: {\"a\": (x: 1, y: 1), \"a\": (x: 2, y: 2)}))",
        "Design(drawing: (components: [(\"a\", (x: 1, y: 1))]))",
        // Unknown kinds.
        "Design(components: [(id: \"web\", kind: servise)])",
        "Design(components: [(id: \"web\", kind: \"service\")])",
        "Design(components: [(id: \"web\", kind: Service)])",
        "Design(components: [(id: \"web\")])",
        "Design(components: [(kind: service)])",
        "Design(links: [(id: \"l\", from: \"a\")])",
        "Design(components: [(id: \"web\", kind: blimp), (id: \"db\", replicas: \"x\", kind: service)])",
        // Formats.
        "Design(format: 2, components: [(id: \"web\", kind: blimp)])",
        "Design(format: \"1\")",
        // Designs that cannot be expanded.
        "Design(components: [\n  (id: \"web\", kind: service),\n  (id: \"web\", kind: queue),\n])",
        "Design(zones: [(id: \"web\")], components: [(id: \"web\", kind: service)])",
        "Design(components: [(id: \"web\", kind: service)],\nlinks: [(id: \"l\", from: \"web\",\nto: \"db\")])",
        "Design(zones: [\n(id: \"a\", parent: \"b\"),\n(id: \"b\", parent: \"a\")])",
        "Design(components: [(id: \"web\", kind: service, zones: [\"a\"])])",
        "Design(components: [(id: \"web\", kind: service, replicas: 0)])",
        "Design(zones: [(name: \"no id\")])",
        "Design(components: [(id: \"u\", kind: client)], journeys: [(id: \"j\", client: \"u\",\n steps: [(link: \"x\")])])",
    ]
    .iter()
    .map(|text| format!("{}\n", error(text)))
    .collect();
    expect![[r#"
        shop.ron:1:1: expected `Design(`, found the end of the file; begin it with `Design(` and end it with `)`
        shop.ron:1:1: expected `Design(`, found `hello`; begin it with `Design(` and end it with `)`
        shop.ron:1:1: expected `Design(`, found `{`; begin it with `Design(` and end it with `)`
        shop.ron:1:1: expected `Design(`, found `Shop`; begin it with `Design(` and end it with `)`
        shop.ron:1:17: the `(` of line 1 is not closed, found the end of the file; add the missing `)`
        shop.ron:2:11: name: this text does not end; close it with `"`
        shop.ron:3:5: expected `,` or `)`, found `about`; put a comma before it
        shop.ron:1:58: components[web]: expected a field `name: value`, found `,`; write the field's name, a colon and its value
        shop.ron:1:43: components[web]: expected `,` or `)`, found `-`; write names with `_` instead of `-`
        shop.ron:1:70: components[db].replicas: `12abc` is not a number; write a number such as 3 or 0.5, or put text in quotes
        shop.ron:1:48: components[web]: expected a field `name: value`, found `replicas`; write the field's name, a colon and its value
        shop.ron:1:19: the value ends here, but `Design` follows; take out what follows, or check the brackets before it
        shop.ron:1:19: name: the field `name` is written twice; take one of the two out
        shop.ron:1:14: name: an escape in this text or the length of this character is wrong; write \\ for a backslash; known are \n \r \t \0 \" \' \x41 \u{1F600}
        shop.ron:1:8: this comment does not end; close it with `*/`, once for each `/*`
        shop.ron:1:46: components[web]: the `(` of line 1 is not closed, found `]`; add the missing `)`
        shop.ron:1:15: a: the field `b` stands among values without names; name all of them or none
        shop.ron:1:35: drawing.components: expected `:` after the key "a", found `(`; write each entry as `key: value`
        shop.ron:6:19: components[web].replicas: expected a whole number, found "three"; write for example 3
        shop.ron:1:58: components[web].replicas: expected a whole number from 0 to 4294967295, found -1; write a number within these bounds
        shop.ron:1:58: components[web].replicas: expected a whole number from 0 to 4294967295, found 5000000000; write a number within these bounds
        shop.ron:1:26: components[#1].id: expected text, found `web`; put it in quotes: "web"
        shop.ron:1:26: components[#1].id: expected text, found 7; put it in quotes: "7"
        shop.ron:1:20: components: expected a list, found fields in round brackets; put it in square brackets: [ … ]
        shop.ron:1:21: components[#1]: expected fields of Component, found "web"; write for example (id: …)
        shop.ron:1:21: components[web]: expected fields of Component, found `Link(…)`; write for example (id: …)
        shop.ron:1:51: links[l].tls: expected true or false, found `yes`; write true or false, without quotes
        shop.ron:1:62: links[l].network.loss: expected a finite number, found `inf`; write for example 0.5
        shop.ron:1:64: links[l].policy.timeout: `3 parsecs` is not a time; write for example "300 ms", "2 s", "5 min", "6 h" or "30 d"
        shop.ron:1:64: links[l].policy.timeout: expected a time, found true; write for example "300 ms", "2 s", "5 min", "6 h" or "30 d"
        shop.ron:1:64: links[l].policy.timeout: -5 is not a time; write for example "300 ms", "2 s", "5 min", "6 h" or "30 d"
        shop.ron:1:78: components[q].replication.sync: expected a whole number, found nothing; write for example 3
        shop.ron:1:57: components[q].replication: expected `none` alone, found `none(…)`; take out the brackets behind it
        shop.ron:1:57: components[q].replication: expected a replication, found "quorum"; write quorum without quotes
        shop.ron:1:36: drawing.components[a]: the field `y` is missing; add `y: …`
        shop.ron:1:50: drawing.components: the key "a" is written twice; take one of the two out
        shop.ron:1:30: drawing.components: expected a map, found a list; write it in curly brackets: { "a": …, "b": … }
        shop.ron:1:39: components[web].kind: there is no kind `servise`; did you mean `service`?
        shop.ron:1:39: components[web].kind: expected a kind, found "service"; write service without quotes
        shop.ron:1:39: components[web].kind: there is no kind `Service`; did you mean `service`?
        shop.ron:1:21: components[web]: the field `kind` is missing; add `kind: …`
        shop.ron:1:21: components[#1]: the field `id` is missing; add `id: …`
        shop.ron:1:16: links[l]: the field `to` is missing; add `to: …`
        shop.ron:1:39: components[web].kind: there is no kind `blimp`; write one of client, dns, cdn, firewall, load_balancer, gateway, service, function, worker, relational_store, document_store, key_value_store, wide_column_store, object_store, search_index, graph_store, time_series_store, warehouse, cache, queue, stream, coordinator, identity_provider, monitoring, logging, tracing, model_server, edge_device, external_system, peer
        shop.ron:1:16: format: the file has format 2, and this version reads formats up to 1; open it with a newer version of Linchpin
        shop.ron:1:16: format: expected the number of a format, found "1"; write format: 1
        shop.ron:3:8: components[web].id: the id `web` is already taken in components; give one of the two another id; ids are shared by all elements
        shop.ron:1:48: components[web].id: the id `web` is already taken in zones; give one of the two another id; ids are shared by all elements
        shop.ron:3:5: links[l].to: there is no component `db`; name a component of this design
        shop.ron:2:19: zones[a].parent: zones stand in a circle: a in b in a; take one parent out
        shop.ron:1:55: components[web].zones: there is no zone `a`; name a zone of this design
        shop.ron:1:58: components[web].replicas: a component needs at least one instance; set replicas to 1 or more
        shop.ron:1:15: zones[].id: `` cannot be an id; use 1 to 64 letters, digits, `-`, `_` or `.`
        shop.ron:2:10: journeys[j].steps[x]: there is no link `x`; name a link of this design
    "#]].assert_eq(&said);
}

/// Whatever an error says, it is one line, names the file, and has a place in the text.
fn is_clear(text: &str, error: &FileError) {
    let said = error.to_string();
    assert!(!said.contains('\n') && said.starts_with("shop.ron:") && !error.help.is_empty(), "{said}");
    let lines = text.split('\n').count();
    assert!((1..=lines).contains(&(error.line as usize)) && error.column >= 1, "{said}");
    assert!(said.len() < 1000, "{said}");
}

#[test]
fn a_file_cut_off_anywhere_gives_one_error_or_none() {
    let text = super::LOOSE;
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        match Document::parse(&text[..end], "shop.ron") {
            Ok(_) => {
                assert!(text[end..].trim_start().starts_with(['/', '*', 'T']) || text[..end].contains(") //"))
            }
            Err(error) => is_clear(&text[..end], &error),
        }
    }
}

#[test]
fn a_file_with_any_byte_replaced_gives_one_error_or_none() {
    let text = super::CANONICAL;
    let others = ["", "(", ")", "[", "\"", "'", ",", ":", "/*", "-", "\u{0}", "é", "#"];
    for (at, c) in text.char_indices() {
        // Two of them at each place: all of them everywhere would take a minute.
        for other in [others[at % 13], others[(at / 13 + 5) % 13]] {
            let broken = format!("{}{other}{}", &text[..at], &text[at + c.len_utf8()..]);
            match Document::parse_unchecked(&broken, "shop.ron") {
                Ok(document) => {
                    let once = document.render(document.design());
                    assert_eq!(format_text(&once).as_deref(), Ok(once.as_str()), "{broken}");
                }
                Err(error) => is_clear(&broken, &error),
            }
        }
    }
}

fn quick<T>(name: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    let took = start.elapsed();
    println!("{name}: {took:?}");
    // Generous: the machine may be busy. What this holds off is quadratic.
    assert!(took.as_secs() < 60, "{name} took {took:?}");
    result
}

#[test]
fn ten_megabytes_of_nonsense_are_refused_at_once() {
    const SIZE: usize = 10 << 20;
    let fill = |head: &str, part: &str| format!("{head}{}", part.repeat((SIZE - head.len()) / part.len()));
    let mut random = fastrand::Rng::with_seed(7);
    let noise: String = (0..SIZE).map(|_| char::from(random.u8(1..128))).collect();
    let texts = [
        ("noise", noise.clone()),
        ("noise inside", format!("Design({noise}")),
        ("round", fill("", "(")),
        ("square", fill("Design(a: ", "[")),
        ("names", fill("Design(a: ", "a(")),
        ("curly", fill("Design(a: ", "{a:")),
        ("somes", fill("Design(name: ", "Some(")),
        ("fields", fill("Design(", "(a: ")),
        ("values", fill("Design(a: [", "1,")),
        ("structs", fill("Design(components: [", "(),")),
        ("open text", fill("Design(name: \"", "a")),
        ("escapes", fill("Design(name: \"", "\\\\")),
        ("comments", fill("Design(", "/*")),
        ("small comments", fill("Design(", "/**/")),
        ("line comments", fill("Design(", "//\n")),
        ("digits", fill("Design(name: ", "1")),
        ("word", fill("Design(name: ", "a")),
        ("raw", fill("Design(name: r", "#")),
        ("raws", fill("Design(name: ", "r#")),
        ("breaks", fill("Design(", "\n")),
        ("wide", fill("Design(name: ", "é")),
        ("wrong tail", fill("Design()", " x")),
        ("bytes", fill("", "\u{1}")),
    ];
    for (name, text) in &texts {
        let error = quick(name, || error(text));
        is_clear(text, &error);
    }
    let many_fields: String = (0..200_000).map(|i| format!("f{i}:1,")).collect();
    is_clear(&many_fields, &quick("many fields", || error(&format!("Design({many_fields})"))));
    let unknown: String = (0..250).map(|i| format!("f{i}:x{i},")).collect();
    let unknown = format!("(id:\"a\",kind:client,spread:any,{}),", unknown);
    let many_unknown = format!("Design(components: [{}])", unknown.repeat(1000));
    quick("many unknown", || {
        Document::parse_unchecked(&many_unknown, "shop.ron").map(|d| d.warnings().len())
    })
    .unwrap();
}

#[test]
fn what_is_too_large_or_not_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.ron");
    let said = |content: &[u8]| {
        std::fs::write(&path, content).unwrap();
        let error = Document::open(&path).unwrap_err().to_string();
        error.replace(&folder.path().display().to_string(), "…")
    };
    assert_eq!(
        said(&vec![b' '; (16 << 20) + 1]),
        "…/shop.ron: the file has 16777217 bytes, more than 16777216; split the design"
    );
    assert_eq!(
        said(b"Design(\n  name: \"\xff\",\n)"),
        "…/shop.ron:2:10: the file is not text in UTF-8 from here on; save it as UTF-8"
    );
    let error = |path: &std::path::Path| {
        let error = Document::open(path).unwrap_err().to_string();
        error.replace(&folder.path().display().to_string(), "…")
    };
    assert_eq!(
        error(&folder.path().join("none.ron")),
        "…/none.ron: there is no such file; check the name and the folder"
    );
    assert_eq!(error(folder.path()), "…: this is a folder; name a file in it");
}

#[test]
fn nesting_has_a_limit() {
    for depth in [100_000, DEPTH_MAX + 1] {
        let text = format!("Design(\n  future: {}{}\n)", "[".repeat(depth), "]".repeat(depth));
        let error = error(&text);
        is_clear(&text, &error);
        assert!(error.to_string().contains("nest deeper"), "{error}");
    }
    // As deep as a design may be, and read by code that calls itself.
    let depth = 64;
    let mut steps = String::new();
    for _ in 0..depth {
        steps += "[(link: \"l\", then: ";
    }
    steps += "[]";
    steps += &")]".repeat(depth);
    let text = format!("Design(journeys: [(id: \"j\", client: \"u\", steps: {steps})])");
    let document = Document::parse_unchecked(&text, "deep.ron").unwrap();
    assert!(Document::parse_unchecked(&document.render(document.design()), "deep.ron").is_ok());
}

#[test]
fn numbers_beyond_all_bounds_do_no_harm() {
    let huge = "Design(components: [(id: \"a\", kind: key_value_store, replicas: 4294967295, sharding: (shards: 4294967295)), (id: \"b\", kind: key_value_store, replicas: 4294967295, sharding: (shards: 4294967295))])";
    is_clear(huge, &error(huge));
    let zones: String = (0..4999).map(|i| format!("(id: \"z{i}\", parent: \"z{}\"),", i + 1)).collect();
    let chain = format!("Design(zones: [{zones}(id: \"z4999\")])");
    quick("a chain of zones", || Document::parse(&chain, "shop.ron")).unwrap();
    let circle = format!("Design(zones: [{zones}(id: \"z4999\", parent: \"z0\")])");
    let error = quick("a circle of zones", || error(&circle));
    is_clear(&circle, &error);
    assert!(error.to_string().contains("z0 in z1 in z2 in z3 in … in z4999 in z0"), "{error}");
}
