//! SVG 1.1: the shapes of a scene, one group an element with its id and a `<title>`, no filters, no scripts.
//!
//! Every text carries its measured length, so that it keeps its place where Inter is not installed.

use std::fmt::Write;

use super::{ExportError, Picture, source};
use crate::design::{Point, Rect};
use crate::scene::font::{self, Weight};
use crate::scene::{Anchor, Dash, Element, Ink, Paint, Rgba, Scene, Shape, Stroke, Theme, corner, icon};

/// Around the drawing.
const MARGIN: f32 = 28.0;
/// Height of the line with the design's name.
const HEADING: f32 = 34.0;

pub(super) fn bytes(picture: &Picture) -> Result<Vec<u8>, ExportError> {
    Ok(text(picture).into_bytes())
}

/// The SVG text of a picture.
pub(super) fn text(picture: &Picture) -> String {
    let scene = picture.scene();
    let frame = frame(picture, &scene);
    let theme = Theme::of(picture.shade);
    let mut w = Writer { out: String::with_capacity(64 * 1024), theme };
    let name = if picture.design.name.is_empty() { "Design" } else { &picture.design.name };
    let _ = writeln!(
        w.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"{} {} {} {}\" \
         font-family=\"{}, 'Helvetica Neue', Arial, sans-serif\">",
        num(frame.w),
        num(frame.h),
        num(frame.x),
        num(frame.y),
        num(frame.w),
        num(frame.h),
        font::FAMILY,
    );
    let _ = writeln!(w.out, "<title>{}</title>", escape(name));
    w.rect(&frame, 0.0, Some(Paint::solid(Ink::Canvas)), None);
    if picture.grid {
        let _ = writeln!(
            w.out,
            "<defs><pattern id=\"grid\" width=\"24\" height=\"24\" patternUnits=\"userSpaceOnUse\">\
             <circle cx=\"1\" cy=\"1\" r=\"1\" fill=\"{}\"/></pattern></defs>",
            theme.color(Ink::Grid).hex()
        );
        let _ = writeln!(w.out, "<rect {} fill=\"url(#grid)\"/>", place(&frame));
    }
    if picture.heading && !picture.design.name.is_empty() {
        let size = 15.0;
        let words = font::ellipsis(name, size, Weight::SemiBold, frame.w - 2.0 * MARGIN);
        let width = font::width(&words, size, Weight::SemiBold);
        let at = Point::new(frame.x + MARGIN, frame.y + MARGIN + 8.0);
        w.text(at, Anchor::Start, (size, Weight::SemiBold, Paint::solid(Ink::Text1)), &words, width);
    }
    for element in &scene.elements {
        w.element(element);
    }
    if let Some(text) = picture.source {
        w.out.push_str(&source::svg_element(text));
    }
    w.out.push_str("</svg>\n");
    w.out
}

/// What the picture shows, in points, whole numbers.
fn frame(picture: &Picture, scene: &Scene) -> Rect {
    let mut f = scene.bounds.grown(MARGIN);
    if picture.heading && !picture.design.name.is_empty() {
        f = Rect::new(f.x, f.y - HEADING, f.w.max(240.0), f.h + HEADING);
    }
    let (x, y) = (f.x.floor(), f.y.floor());
    Rect::new(x, y, (f.right() - x).ceil().max(1.0), (f.bottom() - y).ceil().max(1.0))
}

struct Writer<'a> {
    out: String,
    theme: &'a Theme,
}

impl Writer<'_> {
    fn element(&mut self, element: &Element) {
        let class = element.what.label();
        let id = element.id.as_str();
        let _ = write!(
            self.out,
            "<g id=\"{class}-{}\" class=\"{class}\"",
            attribute(id.strip_prefix("note:").unwrap_or(id))
        );
        if element.opacity < 1.0 {
            let _ = write!(self.out, " opacity=\"{}\"", num(element.opacity));
        }
        let _ = writeln!(self.out, "><title>{}</title>", escape(&element.title));
        for shape in &element.shapes {
            self.shape(shape);
        }
        self.out.push_str("</g>\n");
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Rect { rect, radius, fill, stroke } => self.rect(rect, *radius, *fill, *stroke),
            Shape::Path { points, radius, stroke } => {
                let _ = write!(self.out, "<path d=\"{}\"", path(points, *radius));
                self.paint(None, Some(*stroke));
                self.out.push_str("/>\n");
            }
            Shape::Polygon { points, fill, stroke } => {
                let list: Vec<String> = points.iter().map(|p| format!("{},{}", num(p.x), num(p.y))).collect();
                let _ = write!(self.out, "<polygon points=\"{}\"", list.join(" "));
                self.paint(Some(*fill), *stroke);
                self.out.push_str("/>\n");
            }
            Shape::Circle { center, radius, fill, stroke } => {
                let _ = write!(
                    self.out,
                    "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"",
                    num(center.x),
                    num(center.y),
                    num(*radius)
                );
                self.paint(*fill, *stroke);
                self.out.push_str("/>\n");
            }
            Shape::Text { at, anchor, size, weight, paint, text, width } => {
                self.text(*at, *anchor, (*size, *weight, *paint), text, *width);
            }
            Shape::Icon { icon, at, size, paint } => {
                let scale = size / icon::GRID;
                let _ = write!(
                    self.out,
                    "<path transform=\"translate({},{}) scale({})\" d=\"{}\"",
                    num(at.x),
                    num(at.y),
                    num(scale),
                    icon.path()
                );
                self.paint(None, Some(Stroke::solid(*paint, icon::STROKE)));
                self.out.push_str("/>\n");
            }
        }
    }

    fn rect(&mut self, rect: &Rect, radius: f32, fill: Option<Paint>, stroke: Option<Stroke>) {
        let _ = write!(self.out, "<rect {}", place(rect));
        if radius > 0.0 {
            let _ = write!(self.out, " rx=\"{}\"", num(radius));
        }
        self.paint(fill, stroke);
        self.out.push_str("/>\n");
    }

    fn text(&mut self, at: Point, anchor: Anchor, look: (f32, Weight, Paint), words: &str, width: f32) {
        let (size, weight, paint) = look;
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let _ = write!(
            self.out,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" font-weight=\"{}\"{anchor} textLength=\"{}\" \
             lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\"",
            num(at.x),
            num(at.y),
            num(size),
            weight.number(),
            num(width)
        );
        self.paint(Some(paint), None);
        let _ = writeln!(self.out, ">{}</text>", escape(words));
    }

    fn paint(&mut self, fill: Option<Paint>, stroke: Option<Stroke>) {
        match fill {
            Some(fill) => {
                let c = self.color(fill);
                let _ = write!(self.out, " fill=\"{}\"", c.hex());
                if c.a < 255 {
                    let _ = write!(self.out, " fill-opacity=\"{}\"", alpha(c));
                }
            }
            None => self.out.push_str(" fill=\"none\""),
        }
        let Some(stroke) = stroke else { return };
        let c = self.color(stroke.paint);
        let _ = write!(
            self.out,
            " stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\" stroke-linejoin=\"round\"",
            c.hex(),
            num(stroke.width)
        );
        if c.a < 255 {
            let _ = write!(self.out, " stroke-opacity=\"{}\"", alpha(c));
        }
        match stroke.dash {
            Dash::Solid => {}
            Dash::Dashed { on, off } => {
                let _ = write!(self.out, " stroke-dasharray=\"{} {}\"", num(on), num(off));
            }
            Dash::Dotted { every } => {
                let _ = write!(self.out, " stroke-dasharray=\"0.01 {}\"", num(every));
            }
        }
    }

    fn color(&self, paint: Paint) -> Rgba {
        self.theme.color(paint.ink).faded(paint.opacity)
    }
}

fn alpha(c: Rgba) -> String {
    num3(f32::from(c.a) / 255.0)
}

fn place(r: &Rect) -> String {
    format!("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", num(r.x), num(r.y), num(r.w), num(r.h))
}

/// Path data of an open line, corners rounded with quarter circles.
fn path(points: &[Point], radius: f32) -> String {
    let mut d = String::new();
    for (i, p) in points.iter().enumerate() {
        let letter = if i == 0 { 'M' } else { 'L' };
        match corner(points, i, radius) {
            None => {
                let _ = write!(d, "{letter}{} {}", num(p.x), num(p.y));
            }
            Some((a, b)) => {
                let r = a.distance(*p);
                let turn = (p.x - a.x) * (b.y - p.y) - (p.y - a.y) * (b.x - p.x);
                let sweep = u8::from(turn > 0.0);
                let _ = write!(
                    d,
                    "{letter}{} {}A{} {} 0 0 {sweep} {} {}",
                    num(a.x),
                    num(a.y),
                    num(r),
                    num(r),
                    num(b.x),
                    num(b.y)
                );
            }
        }
    }
    d
}

/// At most two decimals, no trailing zeros.
fn num(v: f32) -> String {
    decimals(v, 2)
}

fn num3(v: f32) -> String {
    decimals(v, 3)
}

fn decimals(v: f32, n: usize) -> String {
    let v = if v.is_finite() { v } else { 0.0 };
    let text = format!("{v:.n$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" || text.is_empty() { "0".to_owned() } else { text.to_owned() }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // What XML 1.0 does not allow is left out.
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

fn attribute(text: &str) -> String {
    escape(text).replace('"', "&quot;")
}
