//! The house kept: who may know whom, what files are called, how long they are, and that registries and folders agree.
//!
//! Every check is a function from text to complaints and is shown a sample that it must complain about, so that a check
//! that sees nothing is found out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Which modules a module may name, besides itself.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("design", &[]),
    ("edit", &["design"]),
    ("deploy", &["design"]),
    ("impact", &["design", "deploy"]),
    ("analysis", &["design", "deploy", "impact"]),
    ("history", &[]),
    ("check", &["history"]),
    ("layout", &["design"]),
    ("scene", &["design", "layout", "analysis"]),
    ("lesson", &["design", "analysis"]),
    ("file", &["design"]),
    // A picture needs a place for every card.
    ("export", &["design", "analysis", "layout", "scene"]),
    ("import", &["design", "analysis", "scene"]),
    ("live", &["design", "deploy", "history"]),
    // What it predicts for is a design and its expansion.
    ("proof", &["design", "deploy", "history", "analysis", "impact", "live", "check"]),
    (
        "gui",
        &[
            "design", "edit", "deploy", "impact", "analysis", "history", "check", "layout", "scene",
            "lesson", "file", "export", "import", "live", "proof",
        ],
    ),
    (
        "cli",
        &[
            "design", "edit", "deploy", "impact", "analysis", "history", "check", "layout", "scene",
            "lesson", "file", "export", "import", "live", "proof",
        ],
    ),
];

/// Modules that touch nothing outside themselves.
const PURE: &[&str] =
    &["design", "edit", "deploy", "impact", "analysis", "history", "check", "layout", "scene", "lesson"];

/// What a pure module must not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::env",
    "Instant::now",
    "SystemTime",
    "tokio::",
    "egui",
    "eframe",
];

/// Names that say nothing.
const BANNED_NAMES: &[&str] =
    &["utils", "util", "helpers", "helper", "types", "common", "misc", "stuff", "shared"];

const LINES_MAX: usize = 900;

fn files_under(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files_under(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

/// The Rust files below a folder of the project: their paths from the root, and their texts.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    files_under(&Path::new(ROOT).join(folder), "rs", &mut found);
    assert!(!found.is_empty(), "no file below {folder}");
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let name = path.strip_prefix(ROOT).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            (name, text)
        })
        .collect()
}

/// The text without comments and without what stands in quotes.
fn code(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut quoted = false;
        let mut before = ' ';
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if before != '\\' && before != '\'' => quoted = !quoted,
                '/' if !quoted && chars.peek() == Some(&'/') => break,
                _ if !quoted => out.push(c),
                _ => {}
            }
            before = if before == '\\' && c == '\\' { ' ' } else { c };
        }
        out.push('\n');
    }
    out
}

/// The module of a source file: the first part of its path below `src`.
fn module_of(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
}

/// Every path below `crate::` that a text names, as far as it is written out; groups are taken apart.
fn named_paths(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let code = code(text);
    for (at, _) in code.match_indices("crate::") {
        expand(&code[at + "crate::".len()..], "", &mut found);
    }
    found
}

/// Reads one path or group at the start of a text; gives the rest.
fn expand<'t>(text: &'t str, prefix: &str, found: &mut BTreeSet<String>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            if rest.is_empty() || rest.starts_with('}') {
                return rest.strip_prefix('}').unwrap_or(rest);
            }
            let before = rest.len();
            rest = expand(rest, prefix, found).trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest);
            if rest.len() == before {
                return rest;
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let path = if prefix.is_empty() { word.to_owned() } else { format!("{prefix}::{word}") };
    match rest.strip_prefix("::") {
        Some(rest) => expand(rest, &path, found),
        None => {
            found.insert(path);
            // `as name` belongs to the path before it.
            let trimmed = rest.trim_start();
            match trimmed.strip_prefix("as ") {
                Some(alias) => {
                    let alias = alias.trim_start();
                    let end = alias.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(alias.len());
                    &alias[end..]
                }
                None => rest,
            }
        }
    }
}

fn unlawful_dependencies(path: &str, text: &str) -> Vec<String> {
    let module = module_of(path);
    if matches!(module, "lib" | "main") {
        return Vec::new();
    }
    let Some((_, allowed)) = MAY_KNOW.iter().find(|(m, _)| *m == module) else {
        return vec![format!("{path}: the module `{module}` is not in the table")];
    };
    named_paths(text)
        .into_iter()
        .filter(|named| {
            let other = named.split("::").next().unwrap_or_default();
            let is_module = MAY_KNOW.iter().any(|(m, _)| *m == other);
            let child_side = named.starts_with("live::node")
                && (module == "gui" || module == "proof" || path.starts_with("src/live/supervisor"));
            (is_module && other != module && !allowed.contains(&other)) || child_side
        })
        .map(|named| format!("{path}: `{module}` may not know `{named}`"))
        .collect()
}

fn impurities(path: &str, text: &str) -> Vec<String> {
    if !PURE.contains(&module_of(path)) {
        return Vec::new();
    }
    // A unit test may time or read what it likes.
    let code = code(text.split("#[cfg(test)]").next().unwrap_or(text));
    IMPURE
        .iter()
        .filter(|name| code.contains(**name))
        .map(|name| format!("{path}: a pure module names `{name}`"))
        .chain(
            (code.contains("rayon") && !matches!(module_of(path), "analysis" | "check"))
                .then(|| format!("{path}: only analysis and check may use rayon")),
        )
        .collect()
}

fn undocumented(path: &str, text: &str) -> Vec<String> {
    let doc: Vec<&str> =
        text.lines().skip_while(|l| l.trim().is_empty()).take_while(|l| l.starts_with("//!")).collect();
    if doc.is_empty() {
        return vec![format!("{path}: no module doc at its head")];
    }
    let parts: Vec<&str> = path.split('/').collect();
    let is_module_head = parts.len() == 3 && parts[0] == "src" && parts[2] == "mod.rs";
    if is_module_head && !doc.iter().any(|l| l.starts_with("//! Never:")) {
        return vec![format!("{path}: its doc does not say what it must never know")];
    }
    Vec::new()
}

fn banned_name(path: &str) -> Vec<String> {
    let says_nothing = |part: &str| BANNED_NAMES.contains(&part.trim_end_matches(".rs"));
    let bad = path.split('/').skip(1).find(|p| says_nothing(p));
    bad.map(|p| format!("{path}: `{p}` says nothing about what it is")).into_iter().collect()
}

fn too_long(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    (lines > LINES_MAX)
        .then(|| format!("{path}: {lines} lines are more than {LINES_MAX}"))
        .into_iter()
        .collect()
}

fn egui_outside_gui(path: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let names = ["egui::", "eframe::"].iter().any(|n| code.contains(n));
    (names && module_of(path) != "gui")
        .then(|| format!("{path}: only gui may name egui"))
        .into_iter()
        .collect()
}

/// Names on one side only.
fn differences(what: &str, registry: &BTreeSet<String>, folder: &BTreeSet<String>) -> Vec<String> {
    let missing =
        folder.difference(registry).map(|n| format!("{what}: `{n}` has a file but is not registered"));
    let extra = registry.difference(folder).map(|n| format!("{what}: `{n}` is registered but has no file"));
    missing.chain(extra).collect()
}

fn assert_none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn nobody_knows_whom_they_must_not() {
    let sample = "use crate::live::wire;\nuse crate::design::{self, Kind};\n";
    assert_eq!(unlawful_dependencies("src/deploy/group.rs", sample).len(), 1);
    let grouped = "use crate::{design::Design, gui::{App, canvas}};";
    assert_eq!(unlawful_dependencies("src/cli/check.rs", grouped).len(), 2);
    assert_eq!(unlawful_dependencies("src/live/supervisor/mod.rs", "crate::live::node::main()").len(), 1);
    assert_eq!(
        unlawful_dependencies("src/live/supervisor/mod.rs", "use crate::live::{node as n, wire};").len(),
        1
    );
    assert_eq!(unlawful_dependencies("src/oddity/mod.rs", "").len(), 1);
    assert_none(unlawful_dependencies(
        "src/deploy/group.rs",
        "// crate::gui is not for us\nlet s = \"crate::gui\";",
    ));

    assert_none(sources("src").iter().flat_map(|(p, t)| unlawful_dependencies(p, t)).collect());
}

#[test]
fn the_pure_modules_touch_nothing() {
    assert_eq!(impurities("src/scene/mod.rs", "let now = std::time::Instant::now();").len(), 1);
    assert_eq!(impurities("src/design/mod.rs", "use rayon::prelude::*;").len(), 1);
    assert_none(impurities("src/live/mod.rs", "use std::net::TcpStream;"));
    assert_none(impurities("src/analysis/mod.rs", "//! Never: std::fs.\nuse rayon::prelude::*;"));

    assert_none(sources("src").iter().flat_map(|(p, t)| impurities(p, t)).collect());
}

#[test]
fn egui_stays_in_the_window() {
    assert_eq!(egui_outside_gui("src/scene/mod.rs", "fn f(ui: &mut egui::Ui) {}").len(), 1);
    assert_none(sources("src").iter().flat_map(|(p, t)| egui_outside_gui(p, t)).collect());
}

#[test]
fn every_file_says_what_it_is() {
    assert_eq!(undocumented("src/design/zone.rs", "use std::fmt;\n").len(), 1);
    assert_eq!(undocumented("src/design/mod.rs", "//! What a drawing is.\n").len(), 1);
    let all = sources("src").into_iter().chain(sources("tests"));
    assert_none(all.flat_map(|(p, t)| undocumented(&p, &t)).collect());
}

#[test]
fn no_name_says_nothing() {
    assert_eq!(banned_name("src/gui/utils.rs").len(), 1);
    assert_eq!(banned_name("src/helpers/mod.rs").len(), 1);
    let all = sources("src").into_iter().chain(sources("tests"));
    assert_none(all.flat_map(|(p, _)| banned_name(&p)).collect());
}

#[test]
fn no_file_is_too_long() {
    assert_eq!(too_long("src/x.rs", &"\n".repeat(LINES_MAX + 1)).len(), 1);
    let all = sources("src").into_iter().chain(sources("tests"));
    assert_none(all.flat_map(|(p, t)| too_long(&p, &t)).collect());
}

#[test]
fn registries_and_folders_agree() {
    let set = |names: &[&str]| -> BTreeSet<String> { names.iter().map(|n| (*n).to_owned()).collect() };
    assert_eq!(differences("x", &set(&["a", "b"]), &set(&["b", "c"])).len(), 2);

    let mut complaints = Vec::new();
    // Rules: one file each in the folder of their family.
    let mut rules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources("src/analysis") {
        let parts: Vec<&str> = path.split('/').collect();
        if let ["src", "analysis", family, file] = parts[..]
            && text.contains("pub const RULE: Rule")
        {
            let id = file.trim_end_matches(".rs").replace('_', "-");
            rules.entry(family.to_owned()).or_default().insert(id);
        }
    }
    for family in linchpin::analysis::RuleFamily::ALL {
        let registered = linchpin::analysis::RULES.iter().filter(|r| r.card.family == family);
        let registry = registered.map(|r| r.card.id.to_owned()).collect();
        let folder = rules.remove(&family.label().to_lowercase()).unwrap_or_default();
        complaints.extend(differences("rules", &registry, &folder));
    }
    complaints.extend(rules.keys().map(|f| format!("rules: the folder `{f}` is of no family")));

    // Templates.
    let registry = linchpin::file::TEMPLATES.iter().map(|t| t.name.to_owned()).collect();
    let mut found = Vec::new();
    files_under(&Path::new(ROOT).join("templates"), "ron", &mut found);
    let folder = found.iter().filter_map(|p| Some(p.file_stem()?.to_string_lossy().into_owned())).collect();
    complaints.extend(differences("templates", &registry, &folder));

    // Verbs: a file with arguments is a verb of the help.
    let (mut input, mut out, mut err) = (std::io::empty(), Vec::new(), Vec::new());
    let mut io = linchpin::cli::Io { input: &mut input, out: &mut out, err: &mut err };
    linchpin::cli::run(["linchpin", "--help"].map(Into::into), &mut io);
    let help = String::from_utf8(out).expect("help is text");
    let listed =
        help.lines().skip_while(|l| !l.starts_with("Commands:")).skip(1).take_while(|l| !l.is_empty());
    let registry = listed
        .filter(|l| l.starts_with("  ") && !l.starts_with("   "))
        .filter_map(|l| Some(l.split_whitespace().next()?.to_owned()))
        .collect();
    let folder = sources("src/cli")
        .into_iter()
        .filter(|(p, t)| t.contains("pub struct Arguments") && p.split('/').count() == 3)
        .filter_map(|(p, _)| Some(Path::new(&p).file_stem()?.to_string_lossy().replace('_', "-")))
        .collect();
    complaints.extend(differences("verbs", &registry, &folder));

    // Exporters.
    let folder: BTreeSet<String> = sources("src/export").into_iter().map(|(p, _)| p).collect();
    for exporter in linchpin::export::EXPORTERS {
        if !folder.contains(&format!("src/export/{}.rs", exporter.id)) {
            complaints.push(format!("exporters: `{}` has no file", exporter.id));
        }
    }
    assert_none(complaints);
}

#[test]
fn the_top_level_is_what_it_is() {
    let allowed = [
        ".ci",
        ".git",
        ".gitattributes",
        ".gitignore",
        ".github",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "assets",
        "clippy.toml",
        "rustfmt.toml",
        "src",
        "target",
        "templates",
        "tests",
    ];
    let odd = |name: &str| !allowed.contains(&name);
    assert!(odd("docs"));
    let entries = std::fs::read_dir(ROOT).expect("the project is there");
    let names: Vec<String> = entries
        .filter_map(|e| Some(e.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|n| odd(n))
        .collect();
    assert_eq!(names, Vec::<String>::new());
}
