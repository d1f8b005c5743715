//! `check` as the gate of a build: what it writes for code scanning, build servers and pull requests, and what fails.

use linchpin::analysis::RULES;
use linchpin::file::{Document, TEMPLATES};
use serde_json::Value;

use super::cli::{ask, ask_with, template};

const SHOP: &str = r#"// A small shop.
(
    name: "Shop | *one*",
    components: [
        (id: "users", kind: client),
        (id: "web", kind: service, replicas: 2),
        (id: "db", kind: relational_store, about: "a < b & c"),
    ],
    links: [
        (id: "l1", from: "users", to: "web"),
        (id: "l2", from: "web", to: "db", tls: false, authentication: secret),
    ],
    journeys: [(id: "buy", name: "Buy <it> & | run", client: "users", deadline: "2 s")],
    accepted: [
        (finding: "open-entry@web", reason: "an office", owner: "net", date: "2026-01-02", until: "2999-01-01"),
    ],
)"#;

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn sarif_has_what_the_standard_requires_and_points_at_lines() {
    let answer = ask_with(SHOP, &["check", "-", "--format", "sarif"]);
    assert_eq!(answer.code(), 1);
    let log = answer.json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "linchpin");
    let rules = list(&driver["rules"]);
    assert_eq!(rules.len(), RULES.len());
    for rule in rules {
        for member in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[member]["text"].as_str().is_some_and(|t| !t.is_empty()), "{rule}");
        }
    }
    let results = list(&run["results"]);
    let plain = ask_with(SHOP, &["check", "-", "--format", "json"]).json();
    assert_eq!(results.len(), list(&plain["findings"]).len());
    for (result, finding) in results.iter().zip(list(&plain["findings"])) {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["ruleId"], finding["rule"]);
        assert_eq!(result["message"]["text"], finding["text"]);
        assert_eq!(result["partialFingerprints"]["findingId/v1"], finding["id"]);
        let level = finding["severity"].as_str().map(|s| if s == "info" { "note" } else { s });
        assert_eq!(result["level"].as_str(), level);
        let places = list(&result["locations"]).iter().chain(
            list(&result["codeFlows"][0]["threadFlows"][0]["locations"]).iter().map(|l| &l["location"]),
        );
        for place in places {
            let place = &place["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "standard%20input");
            assert!(place["region"]["startLine"].as_u64() >= Some(1), "{result}");
            assert!(place["region"]["startColumn"].as_u64() >= Some(1), "{result}");
        }
        assert!(!list(&result["locations"]).is_empty());
        assert_eq!(result["codeFlows"].is_array(), !list(&finding["witness"]).is_empty());
        assert_eq!(result["suppressions"].is_array(), !finding["accepted"].is_null());
    }
    // The link `l2` stands on line 11, at column 9.
    let clear = results.iter().find(|r| r["ruleId"] == "credentials-in-clear").expect("it is there");
    let region = &clear["locations"][0]["physicalLocation"]["region"];
    assert_eq!((region["startLine"].as_u64(), region["startColumn"].as_u64()), (Some(11), Some(9)));
    let flow = list(&clear["codeFlows"][0]["threadFlows"][0]["locations"]);
    let lines: Vec<_> = flow
        .iter()
        .map(|l| l["location"]["physicalLocation"]["region"]["startLine"].as_u64().unwrap_or(0))
        .collect();
    assert_eq!(lines, [6, 11, 7], "web, l2, db");
    let accepted = results.iter().find(|r| r["ruleId"] == "open-entry").expect("it is there");
    assert_eq!(accepted["suppressions"][0]["justification"], "an office");
}

#[test]
fn junit_counts_what_it_lists() {
    let answer = ask_with(SHOP, &["check", "-", "--format", "junit", "--fail-on", "warning"]);
    assert_eq!(answer.code(), 1);
    let xml = &answer.out;
    let count = |text: &str| xml.matches(text).count();
    let stated = |name: &str| -> usize {
        let at = xml.find(&format!(" {name}=\"")).expect(name) + name.len() + 3;
        xml[at..].split('"').next().unwrap_or("").parse().expect(name)
    };
    assert_eq!(stated("tests"), count("<testcase "));
    assert_eq!(stated("failures"), count("<failure "));
    assert_eq!(stated("skipped"), count("<skipped "));
    assert_eq!(count("<testcase "), count("</testcase>") + count("\"/>") - count("<skipped "));
    assert!(count("<failure ") > 1 && count("<skipped message=\"accepted: an office\"/>") == 1, "{xml}");
    assert!(xml.contains("Buy &lt;it&gt; &amp; | run") && !xml.contains("<it>"), "{xml}");
    assert!(xml.starts_with("<?xml") && xml.ends_with("</testsuites>\n"));
}

#[test]
fn markdown_stays_a_table() {
    let answer = ask_with(SHOP, &["check", "-", "--format", "markdown", "--fail-on", "never"]);
    assert_eq!(answer.code(), 0);
    assert!(answer.out.starts_with("## Shop \\| \\*one\\*: "), "{}", answer.out);
    for row in answer.out.lines().filter(|l| l.starts_with("| ")) {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 4, "{row}");
    }
    assert!(
        answer.out.contains("standard input:11") && answer.out.contains("an office (net)"),
        "{}",
        answer.out
    );
    assert_eq!(answer.out.matches("<details>").count(), answer.out.matches("</details>").count());
    assert!(!answer.out.contains("<it>"));
}

#[test]
fn a_baseline_lets_pass_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let worse = SHOP.replace("(id: \"l1\",", "(id: \"l1\", tls: false,");
    let plain = ask_with(SHOP, &["check", "-", "--format", "json"]).json();
    let open = list(&plain["findings"]).iter().filter(|f| f["accepted"].is_null()).count();
    for (name, text) in [
        ("before.json", ask_with(SHOP, &["check", "-", "--format", "json"]).out),
        ("before.sarif", ask_with(SHOP, &["check", "-", "--format", "sarif"]).out),
        ("before.ron", SHOP.to_owned()),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        let path = path.display().to_string();
        let check = |design: &str, more: &[&str]| {
            ask_with(design, &[&["check", "-", "--baseline", &path, "--fail-on", "warning"], more].concat())
        };
        let same = check(SHOP, &["--format", "json"]);
        assert_eq!(same.code(), 0, "{name}: {}", same.out);
        assert_eq!(same.json()["known"].as_u64(), Some(open as u64), "{name}");
        let new = check(&worse, &["--format", "json"]);
        assert_eq!(new.code(), 1, "{name}");
        let fresh: Vec<_> = list(&new.json()["findings"])
            .iter()
            .filter(|f| f["known"] == false && f["accepted"].is_null())
            .filter_map(|f| f["id"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(fresh, ["unencrypted-link@l1"], "{name}");
        let states = check(&worse, &["--format", "sarif"]).json();
        let of = |state: &str| {
            list(&states["runs"][0]["results"]).iter().filter(|r| r["baselineState"] == state).count()
        };
        assert_eq!(of("new"), 1, "{name}");
        assert!(check(SHOP, &[]).out.contains("known    "), "{name}");
    }
    let odd = folder.path().join("odd.json");
    std::fs::write(&odd, "{\"a\": 1}").expect("written");
    ask_with(SHOP, &["check", "-", "--baseline", &odd.display().to_string()])
        .refuses(&["odd.json", "baseline"]);
    ask_with(SHOP, &["check", "-", "--baseline", "no-such.json"]).refuses(&["no-such.json"]);
}

#[test]
fn profiles_set_the_bar() {
    let code = |design: &str, more: &[&str]| ask_with(design, &[&["check", "-"], more].concat()).code();
    // Nothing but a warning that somebody has accepted, or not.
    let only = ["--only", "open-entry"];
    assert_eq!(code(SHOP, &[&only[..], &["--profile", "strict"]].concat()), 0);
    let open = SHOP.replace("open-entry@web", "something-else");
    assert_eq!(code(&open, &only), 0);
    assert_eq!(code(&open, &[&only[..], &["--profile", "strict"]].concat()), 1);
    assert_eq!(code(&open, &[&only[..], &["--profile", "strict", "--fail-on", "error"]].concat()), 0);
    // Strict wants to know who says so.
    let nameless = SHOP.replace("owner: \"net\", ", "");
    assert_eq!(code(&nameless, &[&only[..], &["--fail-on", "warning"]].concat()), 0);
    assert_eq!(code(&nameless, &[&only[..], &["--profile", "strict"]].concat()), 1);
    let taught = ask_with(SHOP, &["check", "-", "--profile", "teaching"]);
    assert_eq!(taught.code(), 0);
    assert!(taught.out.contains("why: ") && taught.out.contains("mend: "), "{}", taught.out);
    assert!(!ask_with(SHOP, &["check", "-"]).out.contains("why: "));
}

#[test]
fn what_is_accepted_says_by_whom_and_speaks_again_when_its_day_is_over() {
    let silent = ask_with(SHOP, &["check", "-", "--only", "open-entry", "--fail-on", "warning"]);
    assert_eq!(silent.code(), 0);
    assert!(
        silent.out.contains("because an office (by net on 2026-01-02 until 2999-01-01)"),
        "{}",
        silent.out
    );
    assert!(silent.out.ends_with("1 accepted\n"), "{}", silent.out);
    let json = ask_with(SHOP, &["check", "-", "--only", "open-entry", "--format", "json"]).json();
    assert_eq!(json["findings"][0]["accepted"]["owner"], "net");
    let over = SHOP.replace("until: \"2999-01-01\"", "until: \"2000-01-01\"");
    let speaks = ask_with(&over, &["check", "-", "--only", "open-entry", "--fail-on", "warning"]);
    assert_eq!(speaks.code(), 1);
    assert!(speaks.out.ends_with("1 warning\n"), "{}", speaks.out);
}

#[test]
fn the_manual_is_made_of_the_cards() {
    let all = ask(&["explain", "--all", "--format", "json"]).json();
    assert_eq!(all["version"], 1);
    let ids: Vec<_> = list(&all["rules"]).iter().filter_map(|r| r["id"].as_str()).collect();
    assert_eq!(ids, RULES.iter().map(|r| r.card.id).collect::<Vec<_>>());
    assert!(ids.len() >= 45, "{}", ids.len());
    assert!(list(&all["rules"]).iter().all(|r| r["title"].is_string() && r["family"].is_string()));
    let manual = ask(&["explain", "--all", "--format", "markdown"]).out;
    for rule in RULES {
        let head = format!("\n### {} (`{}`)\n", rule.card.title, rule.card.id);
        assert_eq!(manual.matches(&head).count(), 1, "{}", rule.card.id);
    }
}

#[test]
fn every_template_comes_out_in_every_form() {
    for t in TEMPLATES {
        let path = template(t.name);
        for format in ["text", "json", "sarif", "junit", "markdown"] {
            let answer = ask(&["check", &path, "--format", format, "--fail-on", "never"]);
            assert_eq!(answer.code(), 0, "{}: {format}", t.name);
            assert!(!answer.out.is_empty());
        }
        // Every finding of a template has a line.
        let json = ask(&["check", &path, "--format", "json", "--fail-on", "never"]).json();
        let lines = Document::parse(t.text, t.name).expect("sound").text().lines().count();
        for f in list(&json["findings"]) {
            assert!(f["line"].as_u64().is_some_and(|l| l as usize <= lines), "{}: {}", t.name, f["id"]);
        }
    }
}

#[test]
fn a_design_too_large_to_try_every_loss_says_so() {
    let cause = |i: usize| format!("(id: \"c{i}\", members: [\"spare\"]),");
    let causes: String = (0..20_003).map(cause).collect();
    let large = SHOP.replace("    links: [", &format!("    causes: [{causes}],\n    links: ["));
    let large = large.replace("(id: \"users\"", "(id: \"spare\", kind: service), (id: \"users\"");
    let answer = ask_with(&large, &["check", "-", "--format", "json", "--only", "spof-cause"]);
    assert_eq!(answer.json()["untried"], 3, "{}", answer.err);
    assert!(answer.err.contains("3 single losses were not tried"), "{}", answer.err);
    let small = ask_with(SHOP, &["check", "-", "--format", "json"]);
    assert_eq!((small.json()["untried"].as_u64(), small.err.as_str()), (Some(0), ""));
}
