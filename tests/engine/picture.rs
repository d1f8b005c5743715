//! The README's picture is made here, so that it cannot go stale. `LINCHPIN_UPDATE=1` writes it anew.

use linchpin::analysis::{self, Options};
use linchpin::export::{self, Picture};
use linchpin::file::Document;
use linchpin::scene::{Overlay, Severity, Shade};

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/pictures/fragile-shop.svg");

#[test]
fn the_picture_of_the_readme_is_what_the_program_draws() {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/ecommerce-fragile.ron");
    let document = Document::open(std::path::Path::new(template)).expect("the template opens");
    let design = document.design();
    let report = analysis::run(design, &Options::default());

    let mut overlay = Overlay::default();
    for finding in report.open() {
        let severity = match finding.severity {
            analysis::Severity::Error => Severity::Error,
            analysis::Severity::Warning => Severity::Warning,
            analysis::Severity::Info => continue,
        };
        for subject in &finding.subjects {
            let whole = subject.as_str().split('/').next().unwrap_or_default();
            let mark = overlay.mark(whole);
            mark.severity = mark.severity.max(Some(severity));
        }
    }
    let worst = report
        .open()
        .find(|f| f.id.starts_with("spof-instance@database"))
        .expect("the only database is a single point of failure");
    for element in &worst.witness {
        let whole = element.as_str().split('/').next().unwrap_or_default();
        overlay.mark(whole).witness = true;
    }

    let picture = Picture { overlay, shade: Shade::Dark, heading: false, grid: true, ..Picture::of(design) };
    let drawn = export::by_id("svg").expect("SVG").write(&picture).expect("a picture");
    if std::env::var_os("LINCHPIN_UPDATE").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/pictures")).expect("a folder");
        std::fs::write(PICTURE, &drawn).expect("the picture is written");
    }
    let kept = std::fs::read(PICTURE).expect("assets/pictures/fragile-shop.svg; LINCHPIN_UPDATE=1 writes it");
    assert!(kept == drawn, "the picture has changed; look at it and write it anew with LINCHPIN_UPDATE=1");
}
