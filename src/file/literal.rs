//! Literals: what a number, a text or a character means as written, and how one is written.

use std::borrow::Cow;
use std::fmt::Write;

/// A number as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// A whole number.
    Whole(i128),
    /// Any other, finite.
    Real(f64),
}

const SUFFIXES: [&str; 12] =
    ["u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128", "f32", "f64"];

/// The digits without underscores and without one of Rust's type suffixes.
fn bare(text: &str) -> Cow<'_, str> {
    let body = text.trim_start_matches(['+', '-']);
    let hex = body.starts_with("0x");
    // In a hexadecimal number `f32` are digits.
    let suffix = SUFFIXES.iter().find(|s| text.ends_with(**s) && !(hex && s.starts_with('f')));
    let text = suffix.map_or(text, |s| &text[..text.len() - s.len()]);
    if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) }
}

/// Reads a number: sign, `0x` `0o` `0b`, underscores, fraction, exponent, Rust's type suffixes.
pub(super) fn number(text: &str) -> Option<Number> {
    let digits = bare(text);
    let (negative, body) = match digits.as_bytes().first()? {
        b'-' => (true, &digits[1..]),
        b'+' => (false, &digits[1..]),
        _ => (false, &digits[..]),
    };
    // The standard parsers would take a second sign.
    if !body.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let signed = |n: u128| i128::try_from(n).ok().map(|n| Number::Whole(if negative { -n } else { n }));
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = body.strip_prefix(prefix) {
            let sound = rest.starts_with(|c: char| c.is_ascii_alphanumeric());
            return if sound { u128::from_str_radix(rest, radix).ok().and_then(signed) } else { None };
        }
    }
    if body.bytes().all(|b| b.is_ascii_digit())
        && let Some(whole) = body.parse().ok().and_then(signed)
    {
        return Some(whole);
    }
    real::<f64>(&digits).filter(|r| r.is_finite()).map(Number::Real)
}

/// Reads a decimal number at the precision asked for.
pub(super) fn real<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = bare(text);
    let sound = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    if sound { digits.parse().ok() } else { None }
}

/// What a quoted or raw text says; none where an escape is not one.
pub(super) fn text(literal: &str) -> Option<Cow<'_, str>> {
    if let Some(raw) = literal.strip_prefix('r') {
        let hashes = raw.bytes().take_while(|b| *b == b'#').count();
        return raw.get(hashes + 1..raw.len().checked_sub(hashes + 1)?).map(Cow::Borrowed);
    }
    let body = literal.get(1..literal.len().checked_sub(1)?)?;
    unescape(body)
}

/// What a character in single quotes is.
pub(super) fn character(literal: &str) -> Option<char> {
    let body = unescape(literal.get(1..literal.len().checked_sub(1)?)?)?;
    let mut chars = body.chars();
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

fn unescape(body: &str) -> Option<Cow<'_, str>> {
    if !body.contains('\\') {
        return Some(Cow::Borrowed(body));
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escaped = rest[at + 1..].chars().next()?;
        rest = &rest[at + 1 + escaped.len_utf8()..];
        match escaped {
            '"' | '\'' | '\\' => out.push(escaped),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            '0' => out.push('\0'),
            'x' => {
                // Several `\x` in a row may spell one character in UTF-8.
                let mut bytes = vec![hex_byte(rest)?];
                rest = &rest[2..];
                while std::str::from_utf8(&bytes).is_err() {
                    let more = rest.strip_prefix("\\x").filter(|_| bytes.len() < 4)?;
                    bytes.push(hex_byte(more)?);
                    rest = &more[2..];
                }
                out.push_str(std::str::from_utf8(&bytes).ok()?);
            }
            'u' => {
                let inner = rest.strip_prefix('{')?;
                let end = inner.find('}').filter(|end| (1..=6).contains(end))?;
                out.push(char::from_u32(u32::from_str_radix(&inner[..end], 16).ok()?)?);
                rest = &inner[end + 1..];
            }
            _ => return None,
        }
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

fn hex_byte(text: &str) -> Option<u8> {
    let digits = text.get(..2).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

/// Writes a text in quotes.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Not to be seen, or able to turn the text around it about: written so that a reviewer sees them.
            c if c.is_control()
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Writes a number that need not be whole: as short as it can be read back.
pub(super) fn write_real<T: std::fmt::Display + std::fmt::LowerExp + Into<f64> + Copy>(value: T) -> String {
    let size = value.into().abs();
    if size != 0.0 && !(1e-6..1e16).contains(&size) && size.is_finite() {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}
