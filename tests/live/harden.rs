//! Hardened designs as live clusters: what an advice says it removes is tried, not believed.

use linchpin::analysis::harden::{Remedy, advise};
use linchpin::file::Document;

use super::typed::linchpin;

#[test]
fn what_stopped_the_first_design_does_not_stop_the_hardened_one() {
    let (code, json, said) =
        linchpin(&["harden", "templates/client-server.ron", "--prove", "--format", "json"]);
    let proof = &json["proof"];
    assert!(json["reached"] == true && proof.is_object(), "exit code {code}: {said}");
    let refuted = |side: &str| proof[side]["refuted"].as_u64();
    assert_eq!((refuted("before"), refuted("after")), (Some(0), Some(0)), "{proof:#}");
    // What a busy machine could not judge is no defect of anybody; most must be judged.
    let lost = proof["confirmed_lost_before"].as_u64().unwrap_or(0);
    let kept = proof["confirmed_kept_after"].as_u64().unwrap_or(0);
    assert!(lost >= 5 && kept >= 4, "{proof:#}");
    assert!(code == 0 || kept < 6, "{said}");
}

const SHOP: &str = r#"Design(
    format: 1,
    name: "Shop",
    components: [
        (id: "users", kind: client),
        (id: "balancer", kind: load_balancer),
        (id: "web", kind: service, replicas: 2),
        (id: "front", kind: cache, cache: (ttl: "300 ms")),
        (id: "bank", kind: external_system),
        (id: "orders", kind: relational_store),
    ],
    links: [
        (id: "enter", from: "users", to: "balancer"),
        (id: "serve", from: "balancer", to: "web"),
        (id: "look", from: "web", to: "front"),
        (id: "fill", from: "front", to: "orders"),
        (id: "pay", from: "web", to: "bank"),
    ],
    causes: [(id: "release", name: "Bad release", members: ["web"])],
    journeys: [
        (id: "browse", client: "users", deadline: "2 s", steps: [(link: "enter", then: [(link: "serve", then: [
            (link: "look", op: read, then: [(link: "fill", op: read)]),
        ])])]),
        (id: "buy", client: "users", deadline: "2 s", steps: [(link: "enter", then: [(link: "serve", then: [
            (link: "pay"),
        ])])]),
    ],
)"#;

#[test]
fn each_remedy_keeps_on_real_processes_what_its_cut_stopped() {
    let document = Document::parse(SHOP, "shop").expect("sound");
    let advised = advise(document.design());
    let folder = tempfile::tempdir().expect("a folder");
    for (against, remedy, fault) in [
        ("balancer", Remedy::SecondEntry, "balancer/1"),
        ("bank", Remedy::Alternative, "bank/1"),
        ("front", Remedy::Bypass, "front/1"),
        ("orders", Remedy::Quorum, "orders/1"),
        ("release", Remedy::Stagger, "release"),
    ] {
        let of = advised.iter().find(|a| *a.cut.element.as_str() == *against);
        let of = of.unwrap_or_else(|| panic!("{against} is no cut"));
        let advice = of.advices.iter().find(|a| a.remedy == remedy);
        let advice = advice.unwrap_or_else(|| panic!("{remedy:?} is not advised against {against}"));
        let path = folder.path().join(format!("{against}.ron"));
        std::fs::write(&path, document.render(&advice.design)).expect("written");
        let (code, proof, said) =
            linchpin(&["prove", &path.display().to_string(), "--only", fault, "--format", "json"]);
        let claims =
            proof["claims"].as_array().unwrap_or_else(|| panic!("{against}: exit code {code}: {said}"));
        let saved = claims.iter().filter(|c| of.journeys.iter().any(|j| c["journey"] == j.as_str()));
        assert!(saved.clone().count() > 0, "{against}: {proof:#}");
        for claim in saved {
            assert_ne!(claim["predicted"], "lost", "{against}: {claim:#}");
            let lagged = claim["why"].as_str().is_some_and(|w| w.contains("generator lagged"));
            assert!(claim["verdict"] == "confirmed" || lagged, "{against}, {remedy:?}: {claim:#}");
        }
    }
}
