//! Saving, drafts, and what a crash leaves behind.

use std::fs;
use std::io;
use std::path::Path;

use linchpin::file::disk::{Previous, SaveError, SaveStep, write};
use linchpin::file::{Document, draft};

use super::CANONICAL;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn folder_with_shop() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.ron");
    fs::write(&path, CANONICAL).unwrap();
    (folder, path)
}

#[test]
fn a_save_keeps_the_previous_version() {
    let (folder, path) = folder_with_shop();
    let mut document = Document::open(&path).unwrap();
    let mut design = document.design().clone();
    design.name = "Changed".to_owned();
    document.save(&design).unwrap();
    assert_eq!(document.design(), &design);
    assert_eq!(Document::open(&path).unwrap().design(), &design);
    assert_eq!(fs::read_to_string(folder.path().join("shop.ron.bak")).unwrap(), CANONICAL);
    assert_eq!(names(folder.path()), ["shop.ron", "shop.ron.bak"]);
    // And again: the document goes on from what it wrote.
    design.name = "Shop".to_owned();
    document.save(&design).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), CANONICAL);
}

#[test]
fn a_failed_step_leaves_the_old_file_and_nothing_else() {
    for failing in SaveStep::ALL {
        let (folder, path) = folder_with_shop();
        let result = write(&path, "new", Previous::Kept, &mut |step| {
            if step == failing { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
        });
        let said = result.unwrap_err().to_string();
        let now = fs::read_to_string(&path).unwrap();
        if failing == SaveStep::FlushFolder {
            assert_eq!(now, "new");
            assert!(said.contains("the disk has not confirmed it"), "{said}");
        } else {
            assert_eq!(now, CANONICAL, "{failing:?}");
            assert!(said.contains("the disk is full; make room and save again"), "{said}");
        }
        assert!(names(folder.path()).iter().all(|n| n.starts_with("shop.ron")), "{:?}", names(folder.path()));
    }
}

#[test]
fn a_crash_at_any_step_leaves_the_old_text_or_the_new() {
    for (i, crash) in SaveStep::ALL.into_iter().enumerate() {
        let (folder, path) = folder_with_shop();
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            write(&path, "new", Previous::Kept, &mut |step| {
                // Nothing tidies up behind a process that is gone.
                if step == crash {
                    std::panic::resume_unwind(Box::new(step));
                }
                Ok(())
            })
        }));
        assert!(ended.is_err());
        let now = fs::read_to_string(&path).unwrap();
        assert_eq!(now, if i < 4 { CANONICAL } else { "new" }, "{crash:?}");
        if let Ok(kept) = fs::read_to_string(folder.path().join("shop.ron.bak")) {
            assert_eq!(kept, CANONICAL);
        }
        // What is left over does not hinder the next save.
        write(&path, "newer", Previous::Kept, &mut |_| Ok(())).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "newer");
    }
}

#[test]
fn steps_come_in_order() {
    let (_folder, path) = folder_with_shop();
    let mut seen = Vec::new();
    write(&path, "new", Previous::Kept, &mut |step| {
        seen.push(step);
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, SaveStep::ALL);
}

#[test]
fn a_file_changed_by_somebody_else_is_not_overwritten_unasked() {
    let (folder, path) = folder_with_shop();
    let mut document = Document::open(&path).unwrap();
    let design = document.design().clone();
    assert!(!document.is_changed_on_disk());
    fs::write(&path, CANONICAL.replace("Shop", "Theirs")).unwrap();
    assert!(document.is_changed_on_disk());
    assert_eq!(document.save(&design), Err(SaveError::ChangedOnDisk { path: path.clone() }));
    assert!(fs::read_to_string(&path).unwrap().contains("Theirs"));
    document.save_over(&design).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), CANONICAL);
    assert!(fs::read_to_string(folder.path().join("shop.ron.bak")).unwrap().contains("Theirs"));
    // A file that was taken away is written anew.
    fs::remove_file(&path).unwrap();
    document.save(&design).unwrap();
    assert!(path.exists());
}

#[test]
fn a_document_without_a_file_wants_a_name() {
    let (folder, path) = folder_with_shop();
    let mut document = Document::parse(CANONICAL, "somewhere").unwrap();
    let design = document.design().clone();
    assert_eq!(document.save(&design), Err(SaveError::NoFile));
    let other = folder.path().join("other.ron");
    document.save_as(&design, &other).unwrap();
    assert_eq!(document.path(), Some(other.as_path()));
    assert_eq!(fs::read(&other).unwrap(), fs::read(&path).unwrap());
    document.save(&design).unwrap();
}

#[test]
fn what_cannot_be_written_says_what_to_do() {
    let (folder, path) = folder_with_shop();
    let mut document = Document::open(&path).unwrap();
    let design = document.design().clone();
    let here = folder.path().display().to_string();
    let mut said = |to: &Path| document.save_as(&design, to).unwrap_err().to_string().replace(&here, "…");
    assert_eq!(
        said(&folder.path().join("none/shop.ron")),
        "…/none/shop.ron: there is no folder …/none; create the folder or save elsewhere"
    );
    assert_eq!(said(folder.path()), "…: this is not a plain file; save under another name");
    let mut rights = fs::metadata(&path).unwrap().permissions();
    rights.set_readonly(true);
    fs::set_permissions(&path, rights).unwrap();
    assert_eq!(
        said(&path),
        "…/shop.ron: the file is read-only; allow writing to it or save under another name"
    );
    // A number that is not one would make a file that cannot be opened.
    let mut odd = design.clone();
    odd.drawing.components.insert("db".into(), linchpin::design::Point { x: f32::NAN, y: 0.0 });
    let other = folder.path().join("odd.ron");
    assert!(document.save_as(&odd, &other).unwrap_err().to_string().contains("expected a finite number"));
    assert!(!other.exists());
}

#[cfg(unix)]
#[test]
fn rights_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (folder, path) = folder_with_shop();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.ron");
    symlink(&path, &link).unwrap();
    let mut document = Document::open(&link).unwrap();
    let mut design = document.design().clone();
    design.name = "Through a link".to_owned();
    document.save(&design).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&path).unwrap().contains("Through a link"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_draft_is_offered_until_the_work_is_saved() {
    let (folder, path) = folder_with_shop();
    assert_eq!(draft::find(&path), None);
    let mut document = Document::open(&path).unwrap();
    let mut design = document.design().clone();
    design.name = "Half done".to_owned();
    draft::write(&path, &document.render(&design)).unwrap();
    let found = draft::find(&path).unwrap();
    assert_eq!(Document::parse(&found.text, "draft").unwrap().design(), &design);
    assert_eq!(names(folder.path()), [".shop.ron.draft", "shop.ron"]);
    document.save(&design).unwrap();
    assert_eq!(draft::find(&path), None);
    assert!(!draft::path_of(&path).exists());
    draft::discard(&path).unwrap();
}

#[test]
fn a_draft_older_than_the_file_or_equal_to_it_is_not_offered() {
    let (_folder, path) = folder_with_shop();
    draft::write(&path, CANONICAL).unwrap();
    assert_eq!(draft::find(&path), None, "it says the same");
    draft::write(&path, "Design(name: \"draft\")").unwrap();
    assert!(draft::find(&path).is_some());
    let later =
        fs::metadata(draft::path_of(&path)).unwrap().modified().unwrap() + std::time::Duration::from_secs(60);
    fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    assert_eq!(draft::find(&path), None, "the file was saved later");
    fs::remove_file(&path).unwrap();
    assert!(draft::find(&path).is_some(), "the file is gone");
}
