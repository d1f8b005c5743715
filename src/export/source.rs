//! The text of a design inside a picture of it: in SVG a `<metadata>` element before the end, in PNG an `iTXt`
//! chunk after the header (PNG 1.2, 4.2.3). Pixels and shapes are not touched.

use std::ops::Range;

/// The longest text that is taken out of a picture, in bytes.
const BYTES_MAX: usize = 16 << 20;
/// The keyword of the PNG chunk.
const KEYWORD: &[u8] = b"linchpin-design";
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const OPEN: &str = "<metadata id=\"linchpin-design\">";
const CLOSE: &str = "</metadata>";
const CDATA: (&str, &str) = ("<![CDATA[", "]]>");
/// How a text that holds the end of a section is written: the section ends in its middle and another begins.
const SPLIT: &str = "]]]]><![CDATA[>";

/// The `<metadata>` element that holds a text.
pub(super) fn svg_element(text: &str) -> String {
    format!("{OPEN}{}{}{}{CLOSE}\n", CDATA.0, text.replace(CDATA.1, SPLIT), CDATA.1)
}

/// The PNG with a text in it.
pub(super) fn into_png(png: &[u8], text: &str) -> Vec<u8> {
    let mut data = KEYWORD.to_vec();
    // End of keyword, not compressed, method 0, no language, no translated keyword.
    data.extend([0, 0, 0, 0, 0]);
    data.extend(text.as_bytes());
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend(b"iTXt");
    chunk.extend(&data);
    let check = crc(&chunk[4..]);
    chunk.extend(check.to_be_bytes());
    // The header chunk is always the first and always as long.
    let at = (SIGNATURE.len() + 25).min(png.len());
    [&png[..at], &chunk, &png[at..]].concat()
}

/// The text of the design inside an SVG or PNG picture; `None` where there is none or the file is damaged.
pub fn embedded_design(picture: &[u8]) -> Option<String> {
    if picture.starts_with(SIGNATURE) {
        let data = &picture[png_chunk(picture)?];
        let text = data.get(8 + KEYWORD.len() + 5..data.len().checked_sub(4)?)?;
        return (text.len() <= BYTES_MAX).then(|| String::from_utf8(text.to_vec()).ok())?;
    }
    let svg = std::str::from_utf8(picture).ok()?;
    let inner = svg.get(svg_range(svg)?)?.strip_prefix(OPEN)?.trim_end().strip_suffix(CLOSE)?;
    let text = inner.strip_prefix(CDATA.0)?.strip_suffix(CDATA.1)?;
    (text.len() <= BYTES_MAX).then(|| text.replace(SPLIT, CDATA.1))
}

/// The picture without the text of its design.
pub fn without_design(picture: &[u8]) -> Vec<u8> {
    let range = if picture.starts_with(SIGNATURE) {
        png_chunk(picture)
    } else {
        std::str::from_utf8(picture).ok().and_then(svg_range)
    };
    match range {
        Some(range) => [&picture[..range.start], &picture[range.end..]].concat(),
        None => picture.to_vec(),
    }
}

fn svg_range(svg: &str) -> Option<Range<usize>> {
    // It stands last: a label that says the same stands before.
    let start = svg.rfind(OPEN)?;
    let end = start + svg[start..].rfind(CLOSE)? + CLOSE.len();
    let newline = usize::from(svg[end..].starts_with('\n'));
    Some(start..end + newline)
}

/// The chunk with the design, from its length to its check sum.
fn png_chunk(png: &[u8]) -> Option<Range<usize>> {
    let mut at = SIGNATURE.len();
    loop {
        let length = u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?) as usize;
        let end = at.checked_add(length)?.checked_add(12)?;
        let (name, data) = (png.get(at + 4..at + 8)?, png.get(at + 8..end - 4)?);
        if name == b"iTXt" && data.starts_with(KEYWORD) && data.get(KEYWORD.len()) == Some(&0) {
            // Only what is not compressed is written here.
            return (data.get(KEYWORD.len() + 1) == Some(&0)).then_some(at..end);
        }
        if name == b"IEND" {
            return None;
        }
        at = end;
    }
}

/// CRC-32 as PNG wants it (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
        }
    }
    !crc
}
