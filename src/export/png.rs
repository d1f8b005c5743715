//! PNG: the SVG of the same picture turned into pixels with the built-in typeface, never with system fonts.

use std::sync::{Arc, OnceLock};

use resvg::{tiny_skia, usvg};

use super::{ExportError, Picture, source, svg};
use crate::scene::font::{self, Weight};

/// Most pixels of a picture.
const PIXELS_MAX: u64 = 64 << 20;
/// Most pixels of one side.
const SIDE_MAX: u64 = 16_384;

fn fonts() -> Arc<usvg::fontdb::Database> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut db = usvg::fontdb::Database::new();
        for weight in Weight::ALL {
            db.load_font_data(weight.bytes().to_vec());
        }
        db.set_sans_serif_family(font::FAMILY);
        Arc::new(db)
    });
    Arc::clone(fonts)
}

pub(super) fn bytes(picture: &Picture) -> Result<Vec<u8>, ExportError> {
    // The source goes into the PNG itself, not through the pixels.
    let text = svg::text(&Picture { source: None, ..picture.clone() });
    let options =
        usvg::Options { fontdb: fonts(), font_family: font::FAMILY.to_owned(), ..usvg::Options::default() };
    let raster = |e: &dyn std::fmt::Display| ExportError::Raster(e.to_string());
    let tree = usvg::Tree::from_str(&text, &options).map_err(|e| raster(&e))?;
    let scale = if picture.scale.is_finite() { picture.scale.clamp(0.05, 16.0) } else { 1.0 };
    let (width, height) =
        ((tree.size().width() * scale).ceil() as u64, (tree.size().height() * scale).ceil() as u64);
    if width * height > PIXELS_MAX || width > SIDE_MAX || height > SIDE_MAX {
        return Err(ExportError::TooLarge { width, height, max: PIXELS_MAX });
    }
    let mut pixels = tiny_skia::Pixmap::new(width.max(1) as u32, height.max(1) as u32)
        .ok_or(ExportError::TooLarge { width, height, max: PIXELS_MAX })?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let png = pixels.encode_png().map_err(|e| raster(&e))?;
    Ok(match picture.source {
        Some(text) => source::into_png(&png, text),
        None => png,
    })
}
