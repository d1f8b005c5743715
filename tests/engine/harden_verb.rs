//! `harden` as a script asks it: what it says, what it writes, and what it never overwrites.

use linchpin::cli::{self, Io, Next};
use linchpin::file::{Document, TEMPLATES};
use serde_json::Value;

fn ask(input: &str, arguments: &[&str]) -> (u8, String, String) {
    let (mut input, mut out, mut err) = (input.as_bytes(), Vec::new(), Vec::new());
    let mut io = Io { input: &mut input, out: &mut out, err: &mut err };
    let words = ["linchpin", "harden"].into_iter().chain(arguments.iter().copied());
    let next = cli::run(words.map(Into::into), &mut io);
    let Next::Exit(code) = next else { panic!("the window was asked for") };
    let text = |bytes| String::from_utf8(bytes).expect("text is UTF-8");
    (code, text(out), text(err))
}

const REMARKED: &str = "\
// The whole of it.
Design(
    format: 1,
    name: \"Small\",
    zones: [(id: \"a\", kind: datacenter), (id: \"b\", kind: datacenter), (id: \"c\", kind: datacenter)],
    components: [
        (id: \"users\", kind: client),
        // Asked for twice a day.
        (id: \"web\", kind: service, zones: [\"a\"], colour: \"green\"),
        (id: \"db\", kind: relational_store, zones: [\"a\"], owner: \"data\"), // ours
    ],
    links: [
        (id: \"enter\", from: \"users\", to: \"web\"),
        (id: \"query\", from: \"web\", to: \"db\"),
    ],
)
";

#[test]
fn the_plan_and_its_json_say_the_same() {
    let (code, text, err) = ask(REMARKED, &["-"]);
    assert_eq!(code, 0, "{err}");
    assert!(text.contains("3 → 0 single points of failure") && text.contains("no price drawn"), "{text}");
    let (_, json, _) = ask(REMARKED, &["-", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["version"], &json["reached"], &json["proof"]), (&1.into(), &true.into(), &Value::Null));
    assert_eq!(json["before"]["journeys"][0]["points"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["after"]["journeys"][0]["points"].as_array().map(Vec::len), Some(0));
    let before = json["before"]["journeys"][0]["availability"].as_f64().expect("a share");
    let after = json["after"]["journeys"][0]["availability"].as_f64().expect("a share");
    assert!(before < 0.9997 && after > 0.99999, "{before} {after}");
    let touched: u64 =
        json["steps"].as_array().expect("a list").iter().filter_map(|s| s["changes"].as_u64()).sum();
    assert_eq!(json["changes"], touched);
    assert_eq!(json["added_cost"], Value::Null);

    let (code, listed, _) = ask(REMARKED, &["-", "--advice"]);
    assert_eq!(code, 1);
    assert!(
        listed.contains("an instance of db alone stops") && listed.contains("zone a alone stops"),
        "{listed}"
    );
    let (_, listed, _) = ask(REMARKED, &["-", "--advice", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed["cuts"].as_array().map(Vec::len), Some(3));
}

#[test]
fn comments_and_unknown_fields_stay_and_the_input_is_not_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.ron");
    std::fs::write(&path, REMARKED).expect("written");
    let name = path.display().to_string();
    let out = folder.path().join("hard.ron").display().to_string();
    let text = |p: &str| std::fs::read_to_string(p).expect("read");

    let (code, said, err) = ask("", &[&name, "--output", &out]);
    assert_eq!(code, 0, "{err}");
    assert!(said.contains("written to"), "{said}");
    assert_eq!(text(&name), REMARKED);
    let hard = text(&out);
    for kept in [
        "// The whole of it.",
        "// Asked for twice a day.",
        "colour: \"green\"",
        "// ours",
        "owner: \"data\"",
    ] {
        assert!(hard.contains(kept), "{kept} is not in {hard}");
    }
    let again = Document::parse(&hard, "hard").expect("sound");
    assert_eq!(again.design().component("db").map(|c| c.replicas), Some(3));
    let (code, said, _) = ask("", &[&out]);
    assert_eq!((code, said.contains("0 changes in 0 steps")), (0, true), "{said}");

    for (arguments, says) in [
        (vec![name.as_str(), "--output", &out], "--force"),
        (vec![&name, "--output", &name, "--force"], "--in-place"),
        (vec!["-", "--in-place"], "standard input"),
        (vec![&name, "--journey", "nobody"], "there is no journey `nobody`"),
        (vec![&name, "--target", "120%"], "120%"),
    ] {
        let (code, out, err) = ask(REMARKED, &arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        assert!(err.lines().last().is_some_and(|l| l.contains(says)), "`{says}` is not in: {err}");
    }
    assert_eq!((text(&name).as_str(), text(&out) == hard), (REMARKED, true));

    let (code, _, err) = ask("", &[&name, "--in-place"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(text(&name), hard);
    assert_eq!(text(&format!("{name}.bak")), REMARKED);
    let (_, written, report) = ask(REMARKED, &["-", "-o", "-"]);
    assert_eq!(written, hard);
    assert!(report.contains("single points of failure"));
}

#[test]
fn a_goal_that_is_not_reached_is_said() {
    let (code, said, _) = ask(REMARKED, &["-", "--target", "99.999%", "--max-changes", "1"]);
    assert_eq!(code, 1);
    assert!(said.contains("not reached") && said.contains("--max-changes allows no more"), "{said}");
    let three = TEMPLATES.iter().find(|t| t.name == "three-tier").expect("a template").text;
    let (code, said, _) = ask(three, &["-", "--journey", "look", "--target", "0.9999"]);
    assert_eq!((code, said.contains("change  ")), (0, false), "{said}");
}

#[test]
fn a_search_that_runs_out_of_time_says_so() {
    let (code, said, err) = ask(REMARKED, &["-", "--within", "0.001 ms"]);
    assert_eq!(code, 1, "{err}");
    assert!(said.contains("the time for the search was up") && said.contains("not reached"), "{said}");
    let (_, json, _) = ask(REMARKED, &["-", "--within", "0.001 ms", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["ended"], &json["steps"]), (&"time".into(), &Value::Array(Vec::new())));
    let (_, json, _) = ask(REMARKED, &["-", "--within", "10 min", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["ended"], &json["reached"]), (&Value::Null, &true.into()));
    let (code, listed, _) = ask(REMARKED, &["-", "--advice", "--within", "0.001 ms"]);
    assert_eq!((code, listed.contains("not tried in the time")), (1, true), "{listed}");
}

const PRICED: &str = r#"Design(
    format: 1,
    zones: [(id: "a"), (id: "b"), (id: "c")],
    components: [
        (id: "users", kind: client),
        (id: "web", kind: service, replicas: 2, zones: ["a", "b"], reliability: (mtbf: "10 d", mttr: "1 h"), cost_per_month: 10),
        (id: "mail", kind: external_system, reliability: (mtbf: "1000000 d", mttr: "1 s")),
    ],
    links: [(id: "enter", from: "users", to: "web"), (id: "send", from: "web", to: "mail", slot: "")],
    journeys: [(id: "buy", client: "users", objective: (availability: 0.99999), steps: [
        (link: "enter", then: [(link: "send")]),
    ])],
)"#;

#[test]
fn a_pair_that_a_step_removes_is_named_with_what_it_costs() {
    let (code, said, err) = ask(PRICED, &["-"]);
    assert_eq!(code, 0, "{said}{err}");
    for says in [
        "against two instances of web; 1 change, +10.00 a month",
        "20.00 → 30.00 a month; 1 component without a price left out",
    ] {
        assert!(said.contains(says), "`{says}` is not in: {said}");
    }
    let (_, json, _) = ask(PRICED, &["-", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let step = json["steps"].as_array().and_then(|s| s.last()).expect("a step");
    assert_eq!((&step["class"], &step["cut"]), (&"pair".into(), &"web + web".into()));
    let pair = serde_json::json!(["web", "web"]);
    assert!(step["removes"].as_array().is_some_and(|r| r.contains(&pair)), "{step:#}");
    assert_eq!(step["added_cost"], 10.0);
}
