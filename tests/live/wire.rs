//! The protocol: what is written can be read, and what is not of it is refused.

use std::io::Cursor;
use std::time::Duration;

use linchpin::live::wire::{
    FromNode, Latency, LoadReport, LoadSlice, NodeMetrics, OutcomeCounts, Preamble, Rule, RuleEffect, RunId,
    Set, ToNode, line,
};

#[test]
fn a_preamble_comes_back_as_it_was_written() {
    let run = RunId::random();
    for link in [None, Some("web-db".into())] {
        let preamble = Preamble { run, from: "web/2".into(), to: "orders-db/2/1".into(), link };
        let line = preamble.encode();
        assert!(line.ends_with('\n'));
        assert_eq!(Preamble::parse(&line), Ok(preamble));
    }
}

#[test]
fn what_is_not_a_preamble_is_refused() {
    let run = RunId::random();
    for line in [
        String::new(),
        "GET / HTTP/1.1".to_owned(),
        format!("LP2 {run} a b -"),
        format!("LP1 {run} a b"),
        format!("LP1 {run} a b - more"),
        format!("LP1 {run} a  -"),
        "LP1 xyz a b -".to_owned(),
    ] {
        assert!(Preamble::parse(&line).is_err(), "{line:?}");
    }
}

#[test]
fn lines_of_nodes_survive_the_wire() {
    let mut latency = Latency::new();
    (1..=1000).for_each(|ms| latency.record(Duration::from_millis(ms)));
    let counts = OutcomeCounts { offered: 1000, ok: 990, failed: 10, latency, ..OutcomeCounts::default() };
    let slice = LoadSlice { start_us: LoadSlice::start_of(1_234_567), journey: "buy".into(), counts };
    assert_eq!(slice.start_us, 1_200_000);
    let said = [
        FromNode::Ready { port: 4711 },
        FromNode::Load(LoadReport { slices: vec![slice], ..LoadReport::default() }),
        FromNode::Metrics(NodeMetrics::default()),
        FromNode::Role { role: "primary".into(), term: 3 },
    ];
    let text: String = said.iter().map(line::encode).collect();
    let mut reader = Cursor::new(text);
    for expected in said {
        let back: FromNode = line::read(&mut reader).expect("a line").expect("not the end");
        if let (FromNode::Load(a), FromNode::Load(b)) = (&back, &expected) {
            let (a, b) = (&a.slices[0].counts.latency, &b.slices[0].counts.latency);
            assert_eq!(a.quantile_ms(0.5), b.quantile_ms(0.5));
            assert_eq!(a.quantile_ms(0.99), b.quantile_ms(0.99));
            assert_eq!(a.count(), 1000);
        }
        assert_eq!(back, expected);
    }
    assert!(line::read::<FromNode>(&mut reader).expect("the end").is_none());
}

#[test]
fn a_line_that_makes_no_sense_is_named_and_the_next_is_read() {
    let mut reader = Cursor::new("{\"do\":\"fly\"}\n{\"do\":\"stop\"}\n");
    let error = line::read::<ToNode>(&mut reader).expect_err("no such order").to_string();
    assert!(error.contains("fly"), "{error}");
    assert_eq!(line::read::<ToNode>(&mut reader).expect("a line"), Some(ToNode::Stop));
}

#[test]
fn a_rule_says_who_it_is_for() {
    let rule = Rule {
        from: ["a/1", "a/2"].into_iter().map(Into::into).collect(),
        to: Set::AllBut(["a/1".into(), "a/2".into()].into()),
        link: None,
        effect: RuleEffect::Cut,
    };
    let back: Rule = line::decode(&line::encode(&rule)).expect("a rule");
    assert_eq!(back, rule);
    assert!(back.from.contains("a/1") && !back.to.contains("a/1") && back.to.contains("b/1"));
}
