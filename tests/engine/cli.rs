//! The command line as words in, text and exit code out; the program itself is started only for what needs a process.

use std::path::{Path, PathBuf};

use linchpin::analysis::{self, Options, Severity};
use linchpin::cli::{self, Io, Next};
use linchpin::deploy;
use linchpin::file::{Document, TEMPLATES};
use serde_json::Value;

pub(super) struct Answer {
    next: Next,
    pub(super) out: String,
    pub(super) err: String,
}

impl Answer {
    pub(super) fn code(&self) -> u8 {
        match self.next {
            Next::Exit(code) => code,
            Next::Window(_) => panic!("the window was asked for"),
        }
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }

    /// Exit code 2, nothing on standard output, and one line that says all of these.
    pub(super) fn refuses(&self, words: &[&str]) {
        assert_eq!(self.code(), 2, "{}{}", self.out, self.err);
        assert_eq!(self.out, "");
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in: {}", self.err);
        }
    }
}

pub(super) fn ask_with(input: &str, arguments: &[&str]) -> Answer {
    let (mut input, mut out, mut err) = (input.as_bytes(), Vec::new(), Vec::new());
    let mut io = Io { input: &mut input, out: &mut out, err: &mut err };
    let words = std::iter::once("linchpin").chain(arguments.iter().copied());
    let next = cli::run(words.map(Into::into), &mut io);
    let text = |bytes| String::from_utf8(bytes).expect("text is UTF-8");
    Answer { next, out: text(out), err: text(err) }
}

pub(super) fn ask(arguments: &[&str]) -> Answer {
    ask_with("", arguments)
}

pub(super) fn template(name: &str) -> String {
    root().join("templates").join(format!("{name}.ron")).display().to_string()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

const SMALL: &str = r#"(
    name: "Small",
    components: [
        (id: "users", kind: client),
        (id: "web", kind: service),
        (id: "cache", kind: cache),
        (id: "db", kind: relational_store),
    ],
    links: [
        (id: "l1", from: "users", to: "web"),
        (id: "l2", from: "web", to: "cache"),
        (id: "l3", from: "web", to: "db"),
    ],
)"#;

#[test]
fn check_keeps_its_contract() {
    let answer = ask_with(SMALL, &["check", "-", "--format", "json"]);
    assert_eq!((answer.code(), answer.err.as_str()), (1, ""));
    let json = answer.json();
    assert_eq!(json["version"], 1);
    let findings = json["findings"].as_array().expect("a list");
    let of = |id: &str| findings.iter().find(|f| f["id"] == id).unwrap_or_else(|| panic!("no {id}"));
    let db = of("spof-instance@db/1");
    assert_eq!(db["rule"], "spof-instance");
    assert_eq!(db["severity"], "error");
    assert_eq!(db["subjects"], serde_json::json!(["db/1"]));
    assert_eq!(db["journeys"], serde_json::json!(["users"]));
    assert_eq!(db["witness"], serde_json::json!(["users", "l1", "web", "l3", "db/1"]));
    assert_eq!(db["line"], 7);
    assert!(db["fix"]["title"].as_str().is_some_and(|t| t.starts_with("Keep three copies")), "{db}");
    assert_eq!(db["experiment"]["down"], serde_json::json!(["db/1"]));
    assert!(
        findings.iter().all(|f| ["info", "warning", "error"].contains(&f["severity"].as_str().unwrap_or("")))
    );
    assert!(
        !findings.iter().any(|f| f["id"] == "spof-instance@cache/1"),
        "a cache beside a store is optional"
    );
    let errors = findings.iter().filter(|f| f["severity"] == "error").count();
    assert_eq!(json["errors"], errors);
}

#[test]
fn recovery_keeps_its_contract() {
    let answer = ask_with(SMALL, &["recovery", "-", "--format", "json"]);
    assert_eq!((answer.code(), answer.err.as_str()), (0, ""));
    let json = answer.json();
    assert_eq!(json["version"], 1);
    let journey = &json["journeys"][0];
    assert_eq!((&journey["id"], &journey["rto_ms"]), (&serde_json::json!("users"), &serde_json::Value::Null));
    let failures = journey["failures"].as_array().expect("a list");
    let db = failures.iter().find(|f| f["element"] == "db/1").expect("the store can fail");
    // Five minutes until somebody notices, 25 until a person has acted; one copy and no backup.
    assert_eq!(
        (&db["class"], &db["back_ms"]),
        (&serde_json::json!("instance"), &serde_json::json!(1_800_000.0))
    );
    assert_eq!(db["settled"]["outcome"], "lost");
    assert_eq!(db["parts"][1]["basis"], "assumed");
    assert_eq!((&db["loss"], &db["loss_ms"]), (&serde_json::json!("everything"), &serde_json::Value::Null));
    assert_eq!((&db["loses"], &db["meets_rto"]), (&serde_json::json!("db"), &serde_json::Value::Null));
    let text = ask_with(SMALL, &["recovery", "-", "--journey", "users"]);
    assert!(text.out.contains("db (db/1): lost; back after 30 min; loses everything"), "{}", text.out);
    ask_with(SMALL, &["recovery", "-", "--journey", "nobody"]).refuses(&["no journey `nobody`", "users"]);
}

#[test]
fn the_bar_decides_the_exit_code_and_never_a_count() {
    assert_eq!(ask_with(SMALL, &["check", "-"]).code(), 1);
    assert_eq!(ask_with(SMALL, &["check", "-", "--fail-on", "never"]).code(), 0);
    let warned = ["check", "-", "--only", "open-entry,no-monitoring"];
    assert_eq!(ask_with(SMALL, &warned).code(), 0);
    assert_eq!(ask_with(SMALL, &[&warned[..], &["--fail-on", "warning"]].concat()).code(), 1);
    assert_eq!(ask_with("(name: \"Empty\")", &["check", "-"]).out, "nothing found\n");
}

#[test]
fn accepted_findings_are_marked_and_do_not_fail() {
    let accepted = SMALL.replace(
        "    links:",
        "    accepted: [(finding: \"spof-instance@web/1\", reason: \"a demonstration\")],\n    links:",
    );
    let answer = ask_with(&accepted, &["check", "-", "--only", "spof-instance"]);
    assert!(answer.out.contains("accepted web alone stops users"), "{}", answer.out);
    assert!(answer.out.contains("because a demonstration"), "{}", answer.out);
    assert!(answer.out.ends_with("1 error, 1 accepted\n"), "{}", answer.out);
    let hidden = ask_with(&accepted, &["check", "-", "--only", "spof-instance", "--hide-accepted"]);
    assert!(!hidden.out.contains("web/1"), "{}", hidden.out);
    let expired = accepted.replace("\"a demonstration\"", "\"a demonstration\", until: \"2020-01-01\"");
    assert!(
        ask_with(&expired, &["check", "-", "--only", "spof-instance"]).out.contains("error    web alone")
    );
}

#[test]
fn bad_files_give_one_line_with_a_place() {
    ask(&["check", "no-such-file.ron"]).refuses(&["no-such-file.ron", "no such file"]);
    ask_with("(name: \"x\"", &["check", "-"]).refuses(&["standard input:1:"]);
    let dangling = SMALL.replace("to: \"db\"", "to: \"nowhere\"");
    ask_with(&dangling, &["check", "-"]).refuses(&["standard input:12:", "nowhere"]);
    ask_with(&dangling, &["what-if", "-", "--down", "web"]).refuses(&["nowhere"]);
    let mut input: &[u8] = &[0xff, 0xfe, 0x00];
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut io = Io { input: &mut input, out: &mut out, err: &mut err };
    assert_eq!(cli::run(["linchpin", "check", "-"].map(Into::into), &mut io), Next::Exit(2));
}

#[test]
fn words_that_are_not_understood_give_one_line() {
    ask(&["check"]).refuses(&["<DESIGN>", "--help"]);
    ask(&["check", "-", "--loud"]).refuses(&["--loud"]);
    ask(&["check", "-", "--format", "xml"]).refuses(&["xml", "text, json"]);
    ask_with(SMALL, &["check", "-", "--only", "spof-instances"])
        .refuses(&["spof-instances", "did you mean `spof-instance`"]);
    let help = ask(&["--help"]);
    assert_eq!((help.code(), help.err.as_str()), (0, ""));
    assert!(help.out.contains("what-if"), "{}", help.out);
    assert_eq!(ask(&["--version"]).code(), 0);
}

#[test]
fn without_a_verb_the_window_is_asked_for() {
    assert_eq!(ask(&[]).next, Next::Window(None));
    assert_eq!(ask(&["shop.ron"]).next, Next::Window(Some("shop.ron".into())));
    let line = cli::no_window("there is no display", Some(Path::new("shop.ron"))).to_string();
    assert!(line.contains("linchpin check shop.ron") && !line.contains('\n'), "{line}");
}

#[test]
fn what_if_keeps_its_contract() {
    let answer = ask_with(SMALL, &["what-if", "-", "--down", "cache", "--format", "json"]);
    let json = answer.json();
    assert_eq!((answer.code(), &json["version"]), (0, &Value::from(1)));
    let journey = &json["journeys"][0];
    assert_eq!(
        (
            journey["id"].as_str(),
            journey["outcome"].as_str(),
            journey["share"].as_f64(),
            journey["degraded_share"].as_f64()
        ),
        (Some("users"), Some("degraded"), Some(1.0), Some(1.0))
    );
    let outcome = |arguments: &[&str]| {
        let answer = ask_with(SMALL, &[&["what-if", "-", "--format", "json"], arguments].concat());
        answer.json()["journeys"][0]["outcome"].as_str().map(str::to_owned)
    };
    assert_eq!(outcome(&[]).as_deref(), Some("served"));
    assert_eq!(outcome(&["--down", "db"]).as_deref(), Some("lost"));
    assert_eq!(outcome(&["--silent", "web/1"]).as_deref(), Some("lost"));
    assert_eq!(outcome(&["--cut", "web:db"]).as_deref(), Some("lost"));
    assert_eq!(outcome(&["--cut", "web>cache", "--at-once"]).as_deref(), Some("degraded"));
    ask_with(SMALL, &["what-if", "-", "--down", "dbb"]).refuses(&["dbb"]);
    ask_with(SMALL, &["what-if", "-", "--down", "users"]).refuses(&["users", "client"]);
    ask_with(SMALL, &["what-if", "-", "--cut", "web"]).refuses(&["web", "A:B"]);
}

#[test]
fn every_rule_explains_itself() {
    let all = ask(&["explain", "--all"]);
    assert_eq!(all.code(), 0);
    let json = ask(&["explain", "--all", "--format", "json"]).json();
    assert_eq!(json["rules"].as_array().map(Vec::len), Some(analysis::RULES.len()));
    for rule in analysis::RULES {
        assert!(all.out.contains(&format!("{}: {}", rule.card.id, rule.card.title)));
    }
    // The id of a finding will do as well.
    assert_eq!(ask(&["explain", "no-backup@orders-db"]).out, ask(&["explain", "no-backup"]).out);
    assert!(ask(&["explain", "no-backup"]).out.lines().all(|l| l.chars().count() <= 100));
    ask(&["explain", "no-bakcup"]).refuses(&["did you mean `no-backup`?"]);
    ask(&["explain"]).refuses(&["<RULE>"]);
}

#[test]
fn fmt_is_canonical_keeps_comments_and_can_only_look() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.ron");
    std::fs::write(&path, format!("// Why it is small.\n{SMALL}")).expect("written");
    let name = path.display().to_string();
    let looked = ask(&["fmt", "--check", &name]);
    assert_eq!((looked.code(), looked.out.trim_end()), (1, name.as_str()));
    assert_eq!(ask(&["fmt", &name]).code(), 0);
    let text = std::fs::read_to_string(&path).expect("read");
    assert!(text.starts_with("// Why it is small.\n"), "{text}");
    assert_eq!(ask(&["fmt", "--check", &name]).code(), 0);
    assert_eq!(ask_with(&text, &["fmt", "-"]).out, text);
    let before = Document::parse(SMALL, "before").expect("sound");
    assert_eq!(Document::open(&path).expect("sound").design(), before.design());
}

#[test]
fn new_writes_a_template_and_overwrites_nothing_unasked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.ron").display().to_string();
    assert_eq!(ask(&["new", "three-tier", "-o", &path]).code(), 0);
    ask(&["new", "client-server", "-o", &path]).refuses(&["mine.ron", "--force"]);
    assert_eq!(ask(&["new", "client-server", "-o", &path, "--force"]).code(), 0);
    let listed = ask(&["templates"]);
    assert_eq!(listed.out.lines().count(), TEMPLATES.len());
    assert_eq!(ask(&["new", "client-server"]).out, std::fs::read_to_string(&path).expect("read"));
    ask(&["new", "nothing"]).refuses(&["nothing", "three-tier"]);
}

#[test]
fn schema_and_pictures_come_out() {
    assert!(ask(&["schema"]).json()["properties"]["components"].is_object());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shop.svg").display().to_string();
    assert_eq!(ask(&["export", &template("three-tier"), "-o", &path]).code(), 0);
    let svg = std::fs::read_to_string(&path).expect("read");
    assert!(svg.contains("<svg") && svg.contains("Database"));
    let png = ask_png(&template("client-server"));
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    ask_with(SMALL, &["export", "-", "--to", "doc", "-o", "x"]).refuses(&["doc", "svg or png"]);
}

fn ask_png(design: &str) -> Vec<u8> {
    let (mut input, mut out, mut err) = (std::io::empty(), Vec::new(), Vec::new());
    let mut io = Io { input: &mut input, out: &mut out, err: &mut err };
    let words = ["linchpin", "export", design, "--to", "png", "-o", "-"];
    assert_eq!(cli::run(words.map(Into::into), &mut io), Next::Exit(0));
    out
}

#[test]
fn every_template_is_sound_canonical_and_says_what_it_teaches() {
    for t in TEMPLATES {
        let document = Document::parse(t.text, t.name).unwrap_or_else(|e| panic!("{e}"));
        assert!(document.warnings().is_empty(), "{}: {:?}", t.name, document.warnings());
        assert_eq!(document.render(document.design()), t.text, "{} is not canonical", t.name);
        assert!(t.text.contains("// Teaches:") && t.about().len() > 30, "{}", t.name);
        let design = document.design();
        let drawn = &design.drawing;
        assert!(
            design.components.iter().all(|c| drawn.components.contains_key(&c.id)),
            "{}: a card has no place",
            t.name
        );
        assert!(
            design.zones.iter().all(|z| drawn.zones.contains_key(&z.id)),
            "{}: a zone has no frame",
            t.name
        );
        assert!(!design.journeys.is_empty(), "{}", t.name);
    }
}

#[test]
fn the_shop_has_no_single_instance_and_the_fragile_one_is_full_of_them() {
    let report = |name: &str| {
        let t = TEMPLATES.iter().find(|t| t.name == name).expect("a template");
        let document = Document::parse(t.text, t.name).expect("sound");
        let instances = deploy::expand(document.design()).instances.len();
        (analysis::run(document.design(), &Options::default()), instances)
    };
    let (shop, instances) = report("ecommerce");
    assert!(instances >= 30, "{instances}");
    let of = |rule: &str| {
        shop.findings.iter().filter(|f| f.rule == rule).map(|f| f.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("spof-instance"), Vec::<String>::new());
    assert_eq!(of("spof-zone"), Vec::<String>::new());
    assert!(shop.worst() < Some(Severity::Warning), "{:?}", shop.open().map(|f| &f.id).collect::<Vec<_>>());

    let (fragile, _) = report("ecommerce-fragile");
    let ids: Vec<&str> = fragile.findings.iter().map(|f| f.id.as_str()).collect();
    for id in [
        "spof-instance@balancer/1",
        "spof-instance@gateway/1",
        "spof-instance@database/1",
        "spof-zone@dc",
        "no-monitoring",
        "no-logging",
        "data-growth@database",
        "missing-sharding@database",
        "ignored-cap@catalogue-db",
        "no-backup@database",
        "no-timeout@check-out",
    ] {
        assert!(ids.contains(&id), "{id} is not among {ids:?}");
    }
}

#[test]
fn the_claims_of_the_shop_have_every_outcome() {
    let outcomes = |arguments: &[&str]| -> Vec<String> {
        let shop = template("ecommerce");
        let answer = ask(&[&["what-if", &shop, "--format", "json"], arguments].concat());
        let json = answer.json();
        json["journeys"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|j| j["outcome"].as_str().unwrap_or("").to_owned())
            .collect()
    };
    assert_eq!(outcomes(&["--down", "orders-db-eu/1"]), ["served"; 4]);
    assert_eq!(outcomes(&["--down", "eu-west"]), ["served"; 4]);
    assert_eq!(outcomes(&["--down", "cache-eu/1"]), ["degraded", "served", "served", "served"]);
    assert_eq!(outcomes(&["--cut", "eu-west:*"]), ["part"; 4]);
    assert_eq!(outcomes(&["--cut", "eu-west:us-east"]), ["served", "part", "served", "part"]);
    assert_eq!(outcomes(&["--down", "certificate"]), ["lost"; 4]);
}

#[test]
fn the_program_itself_gives_these_exit_codes() {
    let linchpin = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_linchpin"));
        command
            .args(arguments)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET");
        command.output().expect("it starts")
    };
    assert_eq!(linchpin(&["check", &template("ecommerce")]).status.code(), Some(0));
    assert_eq!(linchpin(&["check", &template("ecommerce-fragile")]).status.code(), Some(1));
    let missing = linchpin(&["check", "missing.ron"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(missing.stdout.is_empty());
    let window = linchpin(&[]);
    assert_eq!(window.status.code(), Some(2));
    let line = String::from_utf8_lossy(&window.stderr).into_owned();
    assert!(line.contains("linchpin check"), "{line}");
}
