//! `cut-sets` and `fault-tree` as a script asks them, and what they say held against the direct reading of the drawing.

use std::collections::BTreeSet;

use linchpin::cli::{self, Io, Next};
use linchpin::deploy::expand;
use linchpin::design::ElementId;
use linchpin::file::{Document, TEMPLATES};
use linchpin::impact::{Down, Outcome, Reading, World, evaluate};
use serde_json::Value;

fn ask(input: &str, arguments: &[&str]) -> (u8, String, String) {
    let (mut input, mut out, mut err) = (input.as_bytes(), Vec::new(), Vec::new());
    let mut io = Io { input: &mut input, out: &mut out, err: &mut err };
    let words = std::iter::once("linchpin").chain(arguments.iter().copied());
    let next = cli::run(words.map(Into::into), &mut io);
    let Next::Exit(code) = next else { panic!("the window was asked for") };
    let text = |bytes| String::from_utf8(bytes).expect("text is UTF-8");
    (code, text(out), text(err))
}

fn json(input: &str, arguments: &[&str]) -> Value {
    let (code, out, err) = ask(input, arguments);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"))
}

const TREE: &str = r#"<opsa-mef><define-fault-tree name="t">
  <define-gate name="top"><or><event name="a"/><and><event name="b"/><event name="c"/></and></or></define-gate>
  <define-basic-event name="a"><float value="0.1"/></define-basic-event>
  <define-basic-event name="b"><float value="0.2"/></define-basic-event>
  <define-basic-event name="c"><float value="0.5"/></define-basic-event>
</define-fault-tree></opsa-mef>"#;

#[test]
fn fault_tree_keeps_its_contract() {
    let said = json(TREE, &["fault-tree", "-", "--format", "json"]);
    assert_eq!(said["version"], 1);
    let tree = &said["trees"][0];
    assert_eq!((&tree["top"], &tree["events"], &tree["gates"]), (&"top".into(), &3.into(), &2.into()));
    assert_eq!(tree["cut_sets"]["total"], "2");
    assert_eq!(tree["cut_sets"]["by_order"], serde_json::json!(["1", "1"]));
    assert_eq!(tree["cut_sets"]["listed"], serde_json::json!([["a"], ["b", "c"]]));
    assert!((tree["probability"]["value"].as_f64().unwrap() - 0.19).abs() < 1e-12);
    assert_eq!(tree["probability"]["method"], "exact");
    let a = &tree["importance"][0];
    assert_eq!(a["element"], "a");
    for (key, value) in [
        ("birnbaum", 0.9),
        ("criticality", 0.09 / 0.19),
        ("fussell_vesely", 0.1 / 0.19),
        ("raw", 1.0 / 0.19),
        ("rrw", 1.9),
    ] {
        assert!((a[key].as_f64().unwrap() - value).abs() < 1e-12, "{key}: {a}");
    }
    assert!(tree["elapsed_ms"].is_number());

    let first = json(TREE, &["fault-tree", "-", "--order", "1", "--format", "json"]);
    assert_eq!(first["trees"][0]["cut_sets"]["by_order"], serde_json::json!(["1"]));
    assert_eq!(first["trees"][0]["cut_sets"]["listed"], serde_json::json!([["a"]]));
    let counted = json(TREE, &["fault-tree", "-", "--count-only", "--format", "json"]);
    assert_eq!(counted["trees"][0]["cut_sets"]["total"], "2");
    assert_eq!(counted["trees"][0]["cut_sets"]["listed"], serde_json::json!([]));
}

#[test]
fn time_that_is_over_leaves_bounds() {
    let said = json(TREE, &["fault-tree", "-", "--within", "0s", "--format", "json"]);
    // So small a tree is solved before anybody looks at the time.
    assert_eq!(said["trees"][0]["probability"]["method"], "exact");
    let (code, _, err) = ask(TREE, &["fault-tree", "-", "--within", "soon"]);
    assert_eq!((code, err.lines().count()), (2, 1), "{err}");
}

#[test]
fn cut_sets_say_what_each_element_takes_by_itself() {
    for template in TEMPLATES {
        let said = json(template.text, &["cut-sets", "-", "--format", "json"]);
        let mut largest = 0.0_f64;
        for tree in said["trees"].as_array().expect("a list") {
            let losses = tree["loss"].as_array().expect("a list");
            for loss in losses {
                let (share, expected) = (loss["share_lost"].as_f64(), loss["expected"].as_f64());
                assert!(share.is_some_and(|s| s > 0.0) && expected.is_some(), "{loss}");
            }
            // What alone fails the journey takes all of it.
            let sets: Vec<Vec<String>> = serde_json::from_value(tree["cut_sets"]["listed"].clone()).unwrap();
            for point in sets.iter().filter(|s| s.len() == 1).flatten() {
                let loss = losses.iter().find(|l| l["element"] == point.as_str());
                let share = loss.and_then(|l| l["share_lost"].as_f64()).unwrap_or(0.0);
                assert!(share > 0.99, "{}: {point} takes {share}", template.name);
            }
            largest = losses.iter().filter_map(|l| l["expected"].as_f64()).fold(largest, f64::max);
        }
        let all = said["loss"].as_array().expect("a list");
        assert!(!all.is_empty() || largest == 0.0, "{}", template.name);
        let (_, text, _) = ask(template.text, &["cut-sets", "-"]);
        assert_eq!(text.contains("what costs most by itself"), !all.is_empty(), "{text}");
    }
    let counted = json(TEMPLATES[0].text, &["cut-sets", "-", "--count-only", "--format", "json"]);
    assert!(counted["loss"].is_null() && counted["trees"][0]["loss"].is_null());
}

/// Two replicas, of each of which the rates are stated: over a mission both must fail in it, in the long run at one moment.
#[test]
fn a_mission_counts_what_fails_within_it_and_the_long_run_what_is_down() {
    let design = r#"(version: 1, components: [(id: "users", kind: client), (id: "web", kind: service, replicas: 2,
        reliability: (mtbf: "100 d", mttr: "1 d"))], links: [(id: "l", from: "users", to: "web")])"#;
    let probability = |arguments: &[&str]| {
        let said = json(design, &[&["cut-sets", "-", "--format", "json"], arguments].concat());
        assert_eq!(said["loss"].is_null(), !arguments.is_empty());
        said["trees"][0]["probability"]["value"].as_f64().expect("it is known")
    };
    let in_a_month = (1.0 - (-0.3_f64).exp()).powi(2);
    assert!((probability(&["--mission", "30 d"]) - in_a_month).abs() < 1e-12);
    assert!((probability(&[]) - (1.0_f64 / 101.0).powi(2)).abs() < 1e-12);
    assert!(probability(&["--mission", "0 s"]) < 1e-15);
    let (code, _, why) = ask(design, &["cut-sets", "-", "--mission", "soon"]);
    assert!(code == 2 && why.contains("soon"), "{code} {why}");
}

#[test]
fn negations_are_said_to_be_counted_by_their_hull() {
    let text = TREE.replace("<event name=\"a\"/>", "<not><event name=\"a\"/></not>");
    let said = json(&text, &["fault-tree", "-", "--format", "json"]);
    assert_eq!(said["trees"][0]["counted"], "minimal cut sets of the coherent hull");
    let (_, out, _) = ask(&text, &["fault-tree", "-"]);
    assert!(out.contains("of the coherent hull"), "{out}");
}

#[test]
fn what_cannot_be_read_is_one_line_with_its_place() {
    for (input, arguments, says) in [
        ("<opsa-mef>\n<define-gate/></opsa-mef>", &["fault-tree", "-"][..], "standard input:2:1: "),
        ("", &["fault-tree", "/nowhere/tree.xml"], "/nowhere/tree.xml: "),
        (TREE, &["fault-tree", "-", "--top", "nobody"], "there is no gate `nobody`"),
        (TREE, &["fault-tree", "-", "--order", "0"], "--order"),
        (
            TEMPLATES[0].text,
            &["cut-sets", "-", "--journey", "nobody"],
            "there is no journey `nobody`; there is ",
        ),
    ] {
        let (code, out, err) = ask(input, arguments);
        assert_eq!((code, out.as_str(), err.lines().count()), (2, "", 1), "{err}");
        assert!(err.contains(says), "`{says}` is not in: {err}");
    }
}

/// Every cut set that is told stops its journey when it is tried, and no smaller part of it does.
#[test]
fn cut_sets_of_the_templates_are_what_worlds_say() {
    let (mut tried, mut points) = (0, 0);
    for template in TEMPLATES {
        let design = Document::parse(template.text, template.name).expect("a template").design().clone();
        let deployment = expand(&design);
        let is_lost = |journey: &str, set: &[String]| {
            let world = set
                .iter()
                .fold(World::fresh(), |w, e| w.and_down(ElementId::new(e.as_str()), Down::Refusing));
            let outcomes = evaluate(&deployment, &world, Reading::Settled);
            outcomes.iter().any(|o| o.journey == *journey && o.outcome == Outcome::Lost)
        };
        let said = json(template.text, &["cut-sets", "-", "--order", "2", "--format", "json"]);
        for tree in said["trees"].as_array().expect("a list") {
            let journey = tree["top"].as_str().expect("a name");
            let sets: Vec<Vec<String>> = serde_json::from_value(tree["cut_sets"]["listed"].clone()).unwrap();
            // Some dozens of each journey are tried; every world takes its time.
            for set in sets.iter().take(60) {
                assert!(is_lost(journey, set), "{}: {journey} survives {set:?}", template.name);
                for e in set.iter().filter(|_| set.len() > 1) {
                    let one = std::slice::from_ref(e);
                    assert!(!is_lost(journey, one), "{}: {journey} dies of {e} alone", template.name);
                }
                tried += 1;
            }
            let told: BTreeSet<&String> = sets.iter().filter(|s| s.len() == 1).flatten().collect();
            for instance in &deployment.instances {
                let alone = [instance.id.to_string()];
                assert_eq!(
                    is_lost(journey, &alone),
                    told.contains(&alone[0]),
                    "{}: {alone:?}",
                    template.name
                );
                points += 1;
            }
        }
    }
    assert!(tried > 100 && points > 50, "{tried} sets, {points} instances");
}

#[test]
fn an_export_is_what_fault_tree_reads() {
    let text = TEMPLATES[0].text;
    let (code, model, err) = ask(text, &["export", "-", "--to", "mef", "-o", "-"]);
    assert_eq!(code, 0, "{err}");
    let ours = json(text, &["cut-sets", "-", "--count-only", "--format", "json"]);
    let theirs = json(&model, &["fault-tree", "-", "--count-only", "--format", "json"]);
    let counts = |said: &Value| -> Vec<Value> {
        said["trees"].as_array().expect("a list").iter().map(|t| t["cut_sets"]["by_order"].clone()).collect()
    };
    assert!(!counts(&ours).is_empty());
    assert_eq!(counts(&ours), counts(&theirs));
}
