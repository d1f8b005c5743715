//! What proofs found, from one day to the next.

use std::collections::BTreeSet;

use egui_kittest::kittest::Queryable;
use linchpin::edit::commands;
use linchpin::file::{Document, TEMPLATES};
use linchpin::gui::command::{Action, Request};
use linchpin::gui::context::{ClaimRow, ClaimVerdict};
use linchpin::gui::ledger::{load, path_of, save};
use linchpin::gui::prover::claims;
use linchpin::gui::view::BottomTab;
use linchpin::gui::words::claimed;
use linchpin::impact::{Baseline, Outcome, Reading};
use linchpin::proof::fingerprint;

use crate::hand::Person;

#[test]
fn what_was_found_comes_back_and_what_was_under_way_is_untried() {
    let folder = tempfile::tempdir().unwrap();
    let design = folder.path().join("shop.ron");
    std::fs::write(&design, "").unwrap();
    let mut rows = vec![ClaimRow {
        id: "db~buy".into(),
        fault: "db".into(),
        elements: vec!["db".into()],
        journey: "buy".into(),
        effect: "mail".into(),
        predicted: Outcome::Part,
        predicted_share: 0.25,
        observed_share: Some(0.26),
        requests: 640,
        verdict: ClaimVerdict::Confirmed,
        attempts: 1,
        note: "of two attempts".into(),
        tried_on: 7,
        tried_at_s: 1_800_000_000,
    }];
    let file = path_of(folder.path(), &design);
    save(&file, &design, &rows).unwrap();
    assert_eq!(load(&file), rows);
    rows[0].verdict = ClaimVerdict::Trying;
    save(&file, &design, &rows).unwrap();
    assert_eq!(load(&file)[0].verdict, ClaimVerdict::Waiting);
    assert!(load(&folder.path().join("none.json")).is_empty());
}

const SHOP: &str = r#"Design(
    format: 1,
    components: [Component(id: "users", kind: client), Component(id: "web", kind: service)],
    links: [Link(id: "l", from: "users", to: "web")],
    journeys: [Journey(id: "buy", client: "users")],
)
"#;

#[test]
fn the_table_returns_when_the_design_is_opened_again_and_says_when_it_is_old() {
    let document = Document::parse(SHOP, "shop").unwrap();
    let print = fingerprint(document.design());
    let deployment = linchpin::deploy::expand(document.design());
    let baseline = Baseline::new(&deployment, Reading::Settled);
    let claims = claims(&deployment, &baseline, &mut || true).expect("nobody calls it off");
    let lost = claims.iter().find(|c| c.predicted == Outcome::Lost).expect("the only service is needed");
    for (tried_on, old) in [(print, false), (print ^ 1, true)] {
        let found = ClaimRow {
            observed_share: Some(0.0),
            requests: 643,
            verdict: ClaimVerdict::Confirmed,
            attempts: 1,
            tried_on,
            tried_at_s: 1,
            ..lost.clone()
        };
        let mut p = Person::returning(SHOP, |file| {
            let folder = file.parent().unwrap();
            save(&path_of(folder, file), file, &[found]).unwrap();
            Some(folder.join("window.json"))
        });
        p.send(Request::View(Action::SetTab(BottomTab::Proof)));
        p.until("the analysis", linchpin::gui::App::is_analysed);
        p.frames(2);
        let row =
            |p: &mut Person, words: &str| p.harness().query_all_by_label_contains(words).next().is_some();
        assert!(row(&mut p, "0 % of 643"), "what was measured is there again");
        assert_eq!(row(&mut p, "of an older revision"), old);
        // Another timeout is another design, though it predicts the same.
        let mut link = p.design().links[0].clone();
        link.policy.timeout = Some(linchpin::design::Millis(700.0));
        p.send(Request::Edit(commands::replace("Change timeout", link)));
        p.until("the analysis", linchpin::gui::App::is_analysed);
        p.frames(2);
        assert!(row(&mut p, "of an older revision"));
    }
}

#[test]
fn what_is_claimed_of_a_journey_and_of_its_effects_is_told_apart() {
    let template = TEMPLATES.iter().find(|t| t.name == "ecommerce-fragile").unwrap();
    let document = Document::parse(template.text, template.name).unwrap();
    let deployment = linchpin::deploy::expand(document.design());
    let baseline = Baseline::new(&deployment, Reading::Settled);
    let claims = claims(&deployment, &baseline, &mut || true).expect("nobody calls it off");
    assert!(claims.iter().any(|c| !c.effect.is_empty()), "its orders are fulfilled behind a queue");
    let said: BTreeSet<(&str, String)> =
        claims.iter().map(|c| (c.fault.as_str(), claimed(document.design(), c))).collect();
    assert_eq!(said.len(), claims.len());
}
