//! What a fault amounts to, and what clients' reports add up to: without processes.

use std::collections::BTreeSet;

use linchpin::live::fault::{FAULTS, Fault, Plan, Step};
use linchpin::live::load::{Load, SLICES_MAX};
use linchpin::live::topology::{Standing, Topology};
use linchpin::live::wire::{
    InstanceId, Latency, LoadReport, LoadSlice, OutcomeCounts, Rule, RuleEffect, SLICE_US, Set,
};

fn standing(instance: &str, zones: &[&str]) -> Standing {
    Standing {
        instance: instance.into(),
        component: instance.split('/').next().unwrap_or_default().into(),
        zones: zones.iter().map(|z| (*z).into()).collect(),
        is_client: instance.starts_with("user"),
    }
}

/// Two racks in `east`, one zone `west`; users in `east`.
fn topology() -> Topology {
    Topology::of_instances(vec![
        standing("user/1", &["east"]),
        standing("web/1", &["east", "rack-1"]),
        standing("web/2", &["east", "rack-2"]),
        standing("db/1", &["west"]),
    ])
}

fn these(names: &[&str]) -> BTreeSet<InstanceId> {
    names.iter().map(InstanceId::new).collect()
}

fn plan(fault: Fault) -> Plan {
    fault.plan(&topology()).expect("it makes sense")
}

#[test]
fn every_fault_has_a_card_of_its_own() {
    let ids: BTreeSet<&str> = FAULTS.iter().map(|c| c.id).collect();
    assert_eq!(ids.len(), FAULTS.len());
    for card in FAULTS {
        assert!(!card.title.is_empty() && card.about.ends_with('.') && !card.takes.is_empty(), "{}", card.id);
    }
}

#[test]
fn a_zone_fails_without_its_clients_and_is_cut_with_them() {
    assert_eq!(plan(Fault::new("fail-zone", ["east"])).down(), these(&["web/1", "web/2"]));
    let cut = plan(Fault::new("isolate", ["east"]));
    let inside = these(&["user/1", "web/1", "web/2"]);
    let wanted = |from: Set, to: Set| Rule { from, to, link: None, effect: RuleEffect::Cut };
    assert_eq!(
        cut.rules,
        vec![
            wanted(Set::Of(inside.clone()), Set::AllBut(inside.clone())),
            wanted(Set::AllBut(inside.clone()), Set::Of(inside)),
        ]
    );
}

#[test]
fn where_one_side_lies_inside_the_other_the_outer_means_what_is_outside() {
    let cut = plan(Fault::new("one-way-partition", ["east"]).against(["rack-1"]));
    let [rule] = &cut.rules[..] else { panic!("one rule") };
    assert_eq!(rule.from, Set::Of(these(&["user/1", "web/2"])));
    assert_eq!(rule.to, Set::Of(these(&["web/1"])));
    let cut = plan(Fault::new("one-way-partition", ["web/1"]).against(["web"]));
    assert_eq!(cut.rules[0].to, Set::Of(these(&["web/2"])));
}

#[test]
fn a_side_that_is_not_said_is_everything_else() {
    let cut = plan(Fault::new("one-way-partition", [""; 0]).against(["db"]));
    assert_eq!(cut.rules.len(), 1);
    assert_eq!(cut.rules[0].from, Set::AllBut(these(&["db/1"])));
    assert_eq!(cut.rules[0].to, Set::Of(these(&["db/1"])));
    assert!(Fault::new("partition", [""; 0]).plan(&topology()).is_err());
}

#[test]
fn clients_never_fail() {
    assert!(Fault::new("kill", ["user/1"]).plan(&topology()).is_err());
    let both = plan(Fault::new("pause", ["user/1", "db"]));
    assert_eq!(both.steps, vec![Step::Pause(these(&["db/1"]))]);
}

#[test]
fn a_fault_is_written_and_read() {
    let fault = Fault { latency_ms: 50.0, ..Fault::new("delay", ["east"]).against(["west"]) };
    let text = serde_json::to_string(&fault).expect("written");
    assert_eq!(text, r#"{"kind":"delay","on":["east"],"against":["west"],"latency_ms":50.0}"#);
    assert_eq!(serde_json::from_str::<Fault>(&text).expect("read"), fault);
}

fn report(start_us: u64, offered: u64, ok: u64) -> LoadReport {
    let mut latency = Latency::new();
    latency.record_us(5_000, ok);
    let counts = OutcomeCounts { offered, ok, latency, ..OutcomeCounts::default() };
    LoadReport {
        slices: vec![LoadSlice { start_us, journey: "buy".into(), counts }],
        ..LoadReport::default()
    }
}

#[test]
fn a_window_holds_what_was_meant_to_start_in_it() {
    let mut load = Load::default();
    let client: InstanceId = "user/1".into();
    load.add(&client, &report(10 * SLICE_US, 5, 3));
    // Two of them end later, and are told later.
    load.add(&client, &report(10 * SLICE_US, 0, 2));
    load.add(&client, &report(11 * SLICE_US, 7, 0));
    let window = load.between(10 * SLICE_US, 11 * SLICE_US);
    let counts = &window.journeys["buy"];
    assert_eq!((counts.offered, counts.ok, counts.latency.count()), (5, 5, 5));
    assert!(window.is_complete());
    assert!((window.rate("buy") - 50.0).abs() < 1e-9);
    assert!(!load.between(10 * SLICE_US, 12 * SLICE_US).is_complete());
    // Half a slice is not in it.
    assert!(load.between(10 * SLICE_US, 11 * SLICE_US - 1).journeys.is_empty());
    assert_eq!(load.series(11 * SLICE_US).len(), 1);
}

#[test]
fn what_is_folded_away_still_counts() {
    let mut load = Load::default();
    let client: InstanceId = "user/1".into();
    let slices = SLICES_MAX as u64 + 500;
    (0..slices).for_each(|n| load.add(&client, &report(n * SLICE_US, 1, 1)));
    assert_eq!(load.total().journeys["buy"].ok, slices);
    assert_eq!(load.series(0).len(), SLICES_MAX);
}

#[test]
fn percentiles_are_exact_to_a_percent_listed_or_whole() {
    for count in [10_u64, 10_000] {
        let mut latency = Latency::new();
        (1..=count).for_each(|n| latency.record_us(n * 1_000, 1));
        for quantile in [0.5, 0.9, 0.99, 1.0] {
            let wanted = (quantile * count as f64).ceil();
            let measured = latency.quantile_ms(quantile).expect("some");
            assert!((measured / wanted - 1.0).abs() < 0.01, "{count} {quantile}: {measured} for {wanted}");
        }
        let mut twice = latency.clone();
        twice.add(&latency);
        assert_eq!(twice.count(), 2 * count);
        assert_eq!(twice.quantile_ms(0.5), latency.quantile_ms(0.5));
    }
}
