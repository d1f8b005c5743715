//! Charts: lines over time with what was broken as bands, bars for shares, and a meter for one number.

use egui::{Color32, CornerRadius, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::text::paint_text;
use crate::gui::style::{self, size};
use crate::scene::Ink;
use crate::scene::font::Weight;

/// A line of a chart.
#[derive(Clone, Debug)]
pub struct Line {
    /// Points in the order of x; `None` as y leaves a gap.
    pub points: Vec<(f64, Option<f64>)>,
    /// Its colour.
    pub ink: Ink,
    /// Whether it is a prediction.
    pub dashed: bool,
}

/// A stretch of x in which something was broken.
#[derive(Clone, Copy, Debug)]
pub struct Band {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

/// A chart of lines.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    /// Above it at the left.
    pub title: &'a str,
    /// Above it at the right.
    pub unit: &'a str,
    /// The least and the most of x.
    pub x: (f64, f64),
    /// The least and the most of y.
    pub y: (f64, f64),
    /// Below it, at the left and at the right.
    pub ends: (&'a str, &'a str),
    /// From back to front.
    pub lines: Vec<Line>,
    /// Behind the lines.
    pub bands: Vec<Band>,
}

impl Chart<'_> {
    /// Shows the chart in a frame of that size.
    pub fn show(&self, ui: &mut Ui, desired: egui::Vec2) -> egui::Response {
        let (rect, response) = ui.allocate_exact_size(desired, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, self.said()));
        let text = |rect: Rect, align, words: &str, font_size, weight, ink| {
            paint_text(ui, rect, align, words, (font_size, weight, style::ink(ui, ink)));
        };
        let top = Rect::from_min_size(rect.min, vec2(rect.width(), 18.0));
        text(top, egui::Align::Max, self.unit, size::CAPTION, Weight::Regular, Ink::Text3);
        let heading = Rect::from_min_max(top.min, top.max - vec2(40.0, 0.0));
        text(heading, egui::Align::Min, self.title, size::LABEL, Weight::SemiBold, Ink::Text1);
        let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 16.0), rect.max);
        text(foot, egui::Align::Min, self.ends.0, 10.5, Weight::Regular, Ink::Text3);
        text(foot, egui::Align::Max, self.ends.1, 10.5, Weight::Regular, Ink::Text3);

        let scale_width = 30.0;
        let plot = Rect::from_min_max(
            pos2(rect.left() + scale_width, top.bottom() + 8.0),
            pos2(rect.right(), foot.top() - 4.0),
        );
        if plot.height() < 12.0 || plot.width() < 12.0 {
            return response;
        }
        let (x0, x1) = self.x;
        let (y0, y1) = self.y;
        let at = |x: f64, y: f64| -> Pos2 {
            let u = if x1 > x0 { (x - x0) / (x1 - x0) } else { 0.0 };
            let v = if y1 > y0 { (y - y0) / (y1 - y0) } else { 0.0 };
            pos2(
                egui::lerp(plot.left()..=plot.right(), u as f32),
                egui::lerp(plot.bottom()..=plot.top(), v.clamp(0.0, 1.0) as f32),
            )
        };
        for band in &self.bands {
            let (a, b) = (at(band.from.max(x0), y0).x, at(band.to.min(x1), y0).x);
            if b > a {
                let r = Rect::from_x_y_ranges(a..=b.max(a + 1.0), plot.y_range());
                ui.painter().rect_filled(r, CornerRadius::ZERO, style::faint(ui, Ink::Bad, 0.10));
            }
        }
        for i in 0..=3 {
            let share = f64::from(i) / 3.0;
            let y = at(x0, y0 + (y1 - y0) * share).y.round() + 0.5;
            let line = Stroke::new(1.0, style::faint(ui, Ink::Line, 0.7));
            ui.painter().hline(plot.x_range(), y, line);
            if i == 0 || i == 3 {
                let r = Rect::from_center_size(pos2(rect.left() + 12.0, y), vec2(24.0, 12.0));
                text(r, egui::Align::Min, &number(y0 + (y1 - y0) * share), 10.0, Weight::Regular, Ink::Text3);
            }
        }
        for line in &self.lines {
            let color = style::ink(ui, line.ink);
            for run in line.points.split(|p| p.1.is_none()) {
                let points: Vec<Pos2> = run
                    .iter()
                    .filter_map(|(x, y)| y.map(|y| at(*x, y)))
                    .filter(|p| plot.x_range().contains(p.x))
                    .collect();
                self.paint(ui, points, color, line.dashed);
            }
        }
        response
    }

    fn paint(&self, ui: &Ui, points: Vec<Pos2>, color: Color32, dashed: bool) {
        match points.len() {
            0 => {}
            1 => {
                ui.painter().circle_filled(points[0], 2.0, color);
            }
            _ if dashed => {
                ui.painter().extend(Shape::dashed_line(&points, Stroke::new(1.5, color), 4.0, 4.0));
            }
            _ => {
                ui.painter().line(points, Stroke::new(2.0, color));
            }
        }
    }

    /// What a screen reader says: the title, and where the last line ends.
    fn said(&self) -> String {
        let last =
            self.lines.iter().rev().find(|l| !l.dashed).and_then(|l| l.points.iter().rev().find_map(|p| p.1));
        match last {
            Some(y) => format!("{}, now {} {}", self.title, number(y), self.unit),
            None => self.title.to_owned(),
        }
    }
}

/// A number with sensible digits.
fn number(v: f64) -> String {
    match v.abs() {
        a if a >= 1e4 => format!("{:.0}k", v / 1e3),
        a if a >= 10.0 || a == 0.0 => format!("{v:.0}"),
        a if a >= 1.0 => format!("{v:.1}").trim_end_matches(".0").to_owned(),
        _ => format!("{v:.2}"),
    }
}

/// Bars of shares against a mean; the largest stands out. Names are said and shown on hover.
pub fn bars(ui: &mut Ui, name: &str, shares: &[f64], stands_out: Option<usize>, desired: egui::Vec2) {
    let (rect, response) = ui.allocate_exact_size(desired, Sense::hover());
    response
        .widget_info(|| WidgetInfo::labeled(Role::Figure, true, format!("{name}, {} shards", shares.len())));
    let n = shares.len();
    if n == 0 {
        return;
    }
    let most = shares.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let step = rect.width() / n as f32;
    let gap = if step > 8.0 {
        3.0
    } else if step > 3.0 {
        1.0
    } else {
        0.0
    };
    for (i, share) in shares.iter().enumerate() {
        let height = (rect.height() * (share / most) as f32).max(1.0);
        let left = rect.left() + step * i as f32;
        let bar =
            Rect::from_min_max(pos2(left, rect.bottom() - height), pos2(left + step - gap, rect.bottom()));
        let ink = if stands_out == Some(i) { Ink::Warn } else { Ink::Family(crate::design::Family::Data) };
        let radius = if step > 8.0 { 2 } else { 0 };
        ui.painter().rect_filled(
            bar,
            CornerRadius { nw: radius, ne: radius, sw: 0, se: 0 },
            style::faint(ui, ink, 0.85),
        );
    }
    let mean = rect.bottom() - rect.height() * (1.0 / n as f64 / most) as f32;
    let dash = Shape::dashed_line(
        &[pos2(rect.left(), mean), pos2(rect.right(), mean)],
        Stroke::new(1.0, style::ink(ui, Ink::Text2)),
        3.0,
        3.0,
    );
    ui.painter().extend(dash);
    if let Some(p) = response.hover_pos() {
        let i = (((p.x - rect.left()) / step) as usize).min(n - 1);
        response.on_hover_text(format!(
            "Shard {}: {:.2} % of requests, mean {:.2} %",
            i + 1,
            shares[i] * 100.0,
            100.0 / n as f64
        ));
    }
}

/// How much of a whole; `part` is 0..=1.
pub fn meter(ui: &mut Ui, name: &str, part: f64, ink: Ink, width: f32) {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 8.0), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Meter, true, name);
        info.value = Some(part);
        info
    });
    ui.painter().rect_filled(rect, CornerRadius::same(4), style::ink(ui, Ink::Pressed));
    let mut done = rect;
    done.set_width(rect.width() * part.clamp(0.0, 1.0) as f32);
    if part > 0.0 {
        ui.painter().rect_filled(done, CornerRadius::same(4), style::ink(ui, ink));
    }
}
