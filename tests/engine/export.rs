//! Pictures that leave the program.

use linchpin::export::{self, Picture};
use linchpin::scene::Shade;

use super::sample;

fn write(name: &str, bytes: &[u8]) {
    // For people who want to look: `LINCHPIN_PICTURES=<folder>`.
    if let Some(folder) = std::env::var_os("LINCHPIN_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).expect("the folder takes files");
    }
}

#[test]
fn samples_become_pictures_in_both_themes() {
    for design in [sample::drawn_shop(), sample::shop(), sample::three()] {
        for (shade, word) in [(Shade::Dark, "dark"), (Shade::Light, "light")] {
            let picture = Picture { shade, scale: 1.5, grid: true, ..Picture::of(&design) };
            for exporter in export::EXPORTERS {
                let bytes = exporter.write(&picture).expect("a sample is small");
                write(&format!("{}-{word}.{}", design.name, exporter.extension), &bytes);
                assert!(bytes.len() > 2000, "{} of {}", exporter.id, design.name);
            }
        }
    }
}
