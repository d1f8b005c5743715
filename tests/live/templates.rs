//! The templates as live clusters: what they promise is tried, not believed.
//!
//! The small ones are proven whole and the shops by seeded samples; `LINCHPIN_PROVE=all` proves every template whole, which
//! wants an idle machine and an hour.

use serde_json::Value;

use super::typed::linchpin;

fn everything() -> bool {
    std::env::var("LINCHPIN_PROVE").is_ok_and(|v| v == "all")
}

/// Proves a template and says of every claim that did not come out what was seen.
///
/// A claim for which this machine was too busy to send requests on time, three times over, is no defect of anybody; it
/// is told, and most claims must be free of that. Where all is asked for, nothing is excused.
fn proves(template: &str, more: &[&str]) -> Value {
    let path = format!("templates/{template}.ron");
    let mut arguments = vec!["prove", &path, "--format", "json"];
    if !everything() {
        arguments.extend(more);
    }
    let (code, proof, said) = linchpin(&arguments);
    let claims = proof["claims"]
        .as_array()
        .unwrap_or_else(|| panic!("{template}: no claims; exit code {code}: {said}"));
    let lagged = |c: &&Value| {
        c["verdict"] == "inconclusive" && c["why"].as_str().is_some_and(|w| w.contains("generator lagged"))
    };
    let (busy, open): (Vec<&Value>, Vec<&Value>) =
        claims.iter().filter(|c| c["verdict"] != "confirmed").partition(lagged);
    assert!(open.is_empty(), "{template}, `linchpin {}`: {open:#?}", arguments.join(" "));
    println!("{template}: {} claims, {} of them not judged on a busy machine", claims.len(), busy.len());
    assert!(busy.len() * 4 <= claims.len(), "{template}: too busy a machine: {busy:#?}");
    assert!(busy.is_empty() || !everything(), "{template}: {busy:#?}");
    if busy.is_empty() {
        assert_eq!(code, 0, "{said}");
    }
    proof
}

fn verdicts<'a>(proof: &'a Value, fault: &str) -> Vec<(&'a str, &'a str)> {
    let text = |v: &'a Value| v.as_str().unwrap_or_default();
    proof["claims"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|c| c["fault"] == fault)
        .map(|c| (text(&c["predicted"]), text(&c["verdict"])))
        .collect()
}

#[test]
fn the_small_templates_are_proven_whole() {
    for template in ["client-server", "three-tier", "peer-to-peer"] {
        proves(template, &[]);
    }
}

#[test]
fn every_template_is_proven_whole_where_that_is_asked_for() {
    if !everything() {
        return;
    }
    for template in ["n-tier", "ecommerce-fragile", "ecommerce"] {
        proves(template, &[]);
    }
}

#[test]
fn a_sample_of_the_global_shop_is_proven() {
    let seed = std::env::var("LINCHPIN_SEED").unwrap_or_else(|_| "2026".to_owned());
    println!("seed: LINCHPIN_SEED={seed}");
    proves("ecommerce", &["--sample", "2", "--seed", &seed]);
}

#[test]
fn pairs_that_are_cuts_and_pairs_that_are_not_are_told_apart() {
    let seed = std::env::var("LINCHPIN_SEED").unwrap_or_else(|_| "2026".to_owned());
    println!("seed: LINCHPIN_SEED={seed}");
    proves("three-tier", &["--pairs", "2", "--seed", &seed]);
    if everything() {
        let (code, proof, said) = linchpin(&[
            "prove",
            "templates/ecommerce.ron",
            "--pairs",
            "50",
            "--seed",
            &seed,
            "--format",
            "json",
        ]);
        assert_eq!(code, 0, "{said}\n{:#}", proof["claims"]);
    }
}

#[test]
fn two_named_at_once_are_tried_together() {
    let asked = ["prove", "templates/client-server.ron", "--only", "server/1+database/1", "--format", "json"];
    let (code, proof, said) = linchpin(&asked);
    let claims = verdicts(&proof, "database/1+server/1");
    assert_eq!(code, 0, "{said}");
    assert!(!claims.is_empty() && claims.iter().all(|c| *c == ("lost", "confirmed")), "{claims:?}");
    for (asked, missing) in [("server/1+nobody", "`nobody`"), ("server/1+here:*", "`here:*`")] {
        let (code, _, said) = linchpin(&["prove", "templates/client-server.ron", "--only", asked]);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(missing) && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn the_fragile_shop_falls_with_its_balancer_and_its_gateway() {
    let faults = ["balancer/1", "gateway/1"];
    let proof = proves("ecommerce-fragile", &["--only", "balancer/1,gateway/1"]);
    for fault in faults {
        let claims = verdicts(&proof, fault);
        assert!(
            !claims.is_empty() && claims.iter().all(|c| matches!(c.0, "lost" | "never")),
            "{fault}: {claims:?}"
        );
    }
}

#[test]
fn the_global_shop_runs_and_serves_every_journey() {
    let (code, run, said) = linchpin(&["run", "templates/ecommerce.ron", "--for", "6s", "--format", "json"]);
    assert_eq!(code, 0, "{said}");
    assert!(run["nodes"].as_u64().unwrap_or(0) >= 30, "{}", run["nodes"]);
    for journey in run["journeys"].as_array().expect("journeys") {
        assert!(journey["success"].as_f64().unwrap_or(0.0) >= 0.999, "{journey:#}\n{said}");
    }
    let instances = run["instances"].as_array().expect("instances");
    let idle: Vec<&str> = instances
        .iter()
        .filter(|i| i["upstreams"].as_object().is_none_or(|u| u.is_empty()))
        .filter_map(|i| i["id"].as_str())
        .filter(|id| !id.starts_with("shoppers/") && !id.starts_with("monitoring/"))
        .collect();
    assert!(idle.is_empty(), "asked by nobody: {idle:?}");
}
