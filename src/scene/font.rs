//! The one typeface, and how wide a text is in it.
//!
//! Inter (SIL Open Font License, `assets/fonts/OFL.txt`) in three weights, with tabular digits as the ordinary ones.
//! The same bytes go to the window and to the picture exporters, and system fonts are never asked, so that a text is
//! as wide on paper as on screen. Widths are *shaped* (kerning included): HarfBuzz's rules, as the window and
//! browsers apply them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The family name in SVG and font databases.
pub const FAMILY: &str = "Inter";

/// Inter Regular, OpenType.
pub const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
/// Inter Medium, OpenType.
pub const MEDIUM: &[u8] = include_bytes!("../../assets/fonts/Inter-Medium.otf");
/// Inter SemiBold, OpenType.
pub const SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");

/// Widths are kept for that many texts a weight before they are forgotten.
const REMEMBERED_MAX: usize = 20_000;

/// A weight of the typeface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// 400.
    #[default]
    Regular,
    /// 500.
    Medium,
    /// 600.
    SemiBold,
}

impl Weight {
    /// Every weight, lightest first.
    pub const ALL: [Weight; 3] = [Weight::Regular, Weight::Medium, Weight::SemiBold];

    /// The number that CSS and SVG call it by.
    pub fn number(self) -> u16 {
        match self {
            Weight::Regular => 400,
            Weight::Medium => 500,
            Weight::SemiBold => 600,
        }
    }

    /// The font file.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Weight::Regular => REGULAR,
            Weight::Medium => MEDIUM,
            Weight::SemiBold => SEMIBOLD,
        }
    }
}

fn face(weight: Weight) -> &'static rustybuzz::Face<'static> {
    static FACES: OnceLock<[rustybuzz::Face<'static>; 3]> = OnceLock::new();
    let faces = FACES.get_or_init(|| {
        Weight::ALL.map(|w| rustybuzz::Face::from_slice(w.bytes(), 0).expect("the built-in fonts are sound"))
    });
    &faces[weight as usize]
}

thread_local! {
    /// Width in ems of the texts measured lately; a memory, never a source of difference.
    static MEASURED: RefCell<[BTreeMap<Box<str>, f32>; 3]> = const { RefCell::new([BTreeMap::new(), BTreeMap::new(), BTreeMap::new()]) };
}

/// The width of a text of one line, in points, at a size in points.
pub fn width(text: &str, size: f32, weight: Weight) -> f32 {
    MEASURED.with_borrow_mut(|kept| {
        let kept = &mut kept[weight as usize];
        if let Some(ems) = kept.get(text) {
            return ems * size;
        }
        let face = face(weight);
        let mut buffer = rustybuzz::UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(face, &[], buffer);
        let units: i32 = shaped.glyph_positions().iter().map(|p| p.x_advance).sum();
        let ems = units as f32 / face.units_per_em() as f32;
        if kept.len() >= REMEMBERED_MAX {
            kept.clear();
        }
        kept.insert(text.into(), ems);
        ems * size
    })
}

/// The text, or as much of its beginning with `…` as fits a width in points; empty where not even `…` fits.
pub fn ellipsis(text: &str, size: f32, weight: Weight, width_max: f32) -> String {
    if width(text, size, weight) <= width_max {
        return text.to_owned();
    }
    let cuts: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
    let shortened = |n: usize| {
        let head = text[..cuts.get(n).copied().unwrap_or(text.len())].trim_end();
        format!("{head}…")
    };
    // Kerning makes widths nearly, not strictly, monotonous: search by halves, then step back while too wide.
    let (mut low, mut high) = (0, cuts.len());
    while low < high {
        let middle = (low + high).div_ceil(2);
        if width(&shortened(middle), size, weight) <= width_max { low = middle } else { high = middle - 1 }
    }
    loop {
        let candidate = shortened(low);
        if width(&candidate, size, weight) <= width_max {
            return candidate;
        }
        if low == 0 {
            return String::new();
        }
        low -= 1;
    }
}

/// The text in lines no wider than a width in points, at most `lines_max` of them, the last with `…` where text is
/// left over. Breaks at spaces; a word that is too long is ellipsised. Line breaks in the text are kept.
pub fn wrap(text: &str, size: f32, weight: Weight, width_max: f32, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if line.is_empty() || width(&longer, size, weight) <= width_max {
                line = longer;
            } else {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
            }
            if lines.len() > lines_max {
                break;
            }
        }
        lines.push(line);
        if lines.len() > lines_max {
            break;
        }
    }
    if lines.len() > lines_max {
        lines.truncate(lines_max);
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    lines.iter().map(|l| ellipsis(l, size, weight, width_max)).collect()
}

/// The characters of a text that the typeface lacks, each once, in order of appearance.
pub fn missing(text: &str, weight: Weight) -> Vec<char> {
    let face = face(weight);
    let mut out = Vec::new();
    for c in text.chars() {
        if !c.is_control() && face.glyph_index(c).is_none() && !out.contains(&c) {
            out.push(c);
        }
    }
    out
}
