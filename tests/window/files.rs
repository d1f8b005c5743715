//! Opening, saving, and what is asked on the way.

use egui::Key;
use egui_kittest::kittest::Queryable;
use linchpin::file::Document;
use linchpin::gui::command::{Effect, Request, UiCommand};

use crate::hand::{CTRL, Person};

const COMMENTED: &str = r#"// Our shop.
Design(
    format: 1,
    name: "Shop",
    components: [
        // Where people come from.
        Component(id: "users", kind: client),
        Component(id: "web", kind: service, mood: "cheerful"),
    ],
    links: [Link(id: "l", from: "users", to: "web")],
)
"#;

#[test]
fn comments_and_unknown_fields_survive_an_edit_in_the_window() {
    let mut p = Person::at(COMMENTED);
    p.click(p.middle_of("web"));
    p.key(Key::F2);
    p.write("Front");
    p.key(Key::Enter);
    assert!(p.app().session().is_unsaved());
    p.key_with(CTRL, Key::S);
    assert!(!p.app().session().is_unsaved());
    let text = std::fs::read_to_string(&p.file).unwrap();
    for kept in ["// Our shop.", "// Where people come from.", "mood: \"cheerful\"", "name: \"Front\""] {
        assert!(text.contains(kept), "{kept} is not in\n{text}");
    }
    let again = Document::open(&p.file).unwrap();
    assert_eq!(again.design(), p.design());
}

/// A file of a version to come: variants, fields and a list that this version does not know, and comments in between.
const AHEAD: &str = r#"// From the year after next.
Design(
    format: 1,
    name: "Shop",
    components: [
        Component(id: "users", kind: client),
        // Balances by the moon.
        Component(id: "lb", kind: load_balancer, balance: lunar(phase: 3)),
        Component(
            id: "web",
            kind: service,
            restart: when_asked, // Ask Ada.
            replicas: 2,
            mood: "cheerful",
        ),
    ],
    links: [
        Link(id: "in", from: "users", to: "lb", interaction: telepathy),
        Link(id: "on", from: "lb", to: "web", policy: Policy(timeout: "200 ms", hedging: bold)),
    ],
    prophecies: [(of: "web", says: "it will grow")], // Nobody reads them yet.
)
"#;

#[test]
fn what_this_version_does_not_know_survives_an_edit_in_the_window() {
    let mut p = Person::at(AHEAD);
    assert_eq!(p.design().components.len(), 3, "{:?}", p.app().messages());
    p.click(p.middle_of("web"));
    p.key(Key::F2);
    p.write("Front");
    p.key(Key::Enter);
    // Another thing of the same component, and a place of its own for another.
    let (from, to) = (p.middle_of("lb"), p.middle_of("lb") + egui::vec2(0.0, 96.0));
    p.drag(from, to);
    p.key_with(CTRL, Key::S);
    assert!(!p.app().session().is_unsaved());
    let text = std::fs::read_to_string(&p.file).unwrap();
    for kept in [
        "// From the year after next.",
        "// Balances by the moon.",
        "// Ask Ada.",
        "// Nobody reads them yet.",
        "balance: lunar(",
        "restart: when_asked",
        "mood: \"cheerful\"",
        "interaction: telepathy",
        "hedging: bold",
        "says: \"it will grow\"",
        "name: \"Front\"",
    ] {
        assert!(text.contains(kept), "{kept} is not in\n{text}");
    }
    let again = Document::open(&p.file).unwrap();
    assert_eq!(again.design(), p.design());
}

#[test]
fn leaving_unsaved_work_is_asked_about() {
    let mut p = Person::at(COMMENTED);
    p.click(p.middle_of("web"));
    p.key(Key::Delete);
    p.send(Request::Named(UiCommand::New));
    assert_eq!(p.design().components.len(), 1, "the design is still there");
    p.harness().get_by_label("Cancel").click();
    p.frames(3);
    assert_eq!(p.design().components.len(), 1);
    p.send(Request::Named(UiCommand::New));
    p.harness().get_by_label("Save").click();
    p.frames(3);
    assert!(p.design().components.is_empty());
    assert_eq!(Document::open(&p.file).unwrap().design().components.len(), 1);
}

#[test]
fn a_design_is_saved_under_a_name_that_is_typed() {
    let mut p = Person::at(COMMENTED);
    let target = p.folder().join("other.ron");
    p.send(Request::Named(UiCommand::SaveAs));
    p.frames(2);
    p.key_with(CTRL, Key::A);
    p.write(&target.display().to_string());
    p.key(Key::Enter);
    p.frames(3);
    assert_eq!(p.app().path(), Some(target.as_path()));
    assert!(Document::open(&target).is_ok());
}

#[test]
fn a_file_that_cannot_be_opened_leaves_the_design_at_hand() {
    let mut p = Person::at(COMMENTED);
    let broken = p.folder().join("broken.ron");
    std::fs::write(&broken, "Design(format: 1, components: [Component(id: ").unwrap();
    p.send(Request::Effect(Effect::OpenPath(broken)));
    assert_eq!(p.design().components.len(), 2);
    assert!(p.app().messages().iter().any(|m| m.contains("cannot be opened")), "{:?}", p.app().messages());
}

#[test]
fn a_file_changed_by_another_program_is_not_overwritten_without_a_word() {
    let mut p = Person::at(COMMENTED);
    p.click(p.middle_of("web"));
    p.key(Key::Delete);
    let theirs = COMMENTED.replace("Shop", "Theirs");
    std::fs::write(&p.file, &theirs).unwrap();
    p.send(Request::Named(UiCommand::Save));
    p.frames(2);
    assert_eq!(std::fs::read_to_string(&p.file).unwrap(), theirs);
    p.harness().get_by_label("Open what is on disk").click();
    p.frames(4);
    assert_eq!((p.design().name.as_str(), p.design().components.len()), ("Theirs", 2));
}

#[test]
fn work_that_was_not_saved_is_offered_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.ron");
    std::fs::write(&file, COMMENTED).unwrap();
    linchpin::file::draft::write(&file, &COMMENTED.replace("\"Shop\"", "\"Drafted\"")).unwrap();
    let mut p = Person::at(COMMENTED);
    p.send(Request::Effect(Effect::OpenPath(file)));
    p.frames(2);
    p.harness().get_by_label("Recover").click();
    p.frames(3);
    assert_eq!(p.design().name, "Drafted");
    assert!(p.app().session().is_unsaved());
}

#[test]
fn the_search_runs_commands_and_goes_to_elements() {
    let mut p = Person::at(COMMENTED);
    p.key_with(CTRL, Key::K);
    p.write("web");
    p.key(Key::Enter);
    assert_eq!(p.selected(), ["web"]);
    p.key_with(CTRL, Key::K);
    p.write("select all");
    p.key(Key::Enter);
    assert_eq!(p.selected(), ["users", "web"]);
}
