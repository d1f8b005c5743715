//! The row at the top left: each journey with how it fares, in the world that is looked at or as it is measured.

use egui::{Align2, Color32, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, accesskit::Role};

use crate::analysis::Finding;
use crate::design::ElementId;
use crate::gui::command::Action;
use crate::gui::context::{Ctx, Impact, Outcome};
use crate::gui::fonts::font;
use crate::gui::view::{BottomTab, Heat};
use crate::scene::Ink;
use crate::scene::font::Weight;

use super::{Canvas, paint};

struct Pill {
    id: String,
    title: String,
    value: String,
    ink: Ink,
    /// What the last edit changed, in points of a percent: `+0.04`.
    change: Option<(String, Ink)>,
}

/// Shows the row.
pub fn show(ui: &Ui, ctx: &Ctx<'_>, canvas: &mut Canvas) {
    let mut at = canvas.rect.min + Vec2::new(24.0, 13.0);
    let theme = ctx.theme;
    let painter = ui.painter_at(canvas.rect);
    let pills = pills(ctx, canvas);
    let right_end = canvas.rect.max.x - 24.0;
    let fits = |right: f32| right < right_end;
    for (n, pill) in pills.iter().enumerate() {
        let title =
            painter.layout_no_wrap(pill.title.clone(), font(12.0, Weight::Regular), Color32::PLACEHOLDER);
        let value =
            painter.layout_no_wrap(pill.value.clone(), font(12.0, Weight::SemiBold), Color32::PLACEHOLDER);
        let gap = if pill.value.is_empty() { 0.0 } else { 8.0 };
        let change = pill.change.as_ref().map(|(text, ink)| {
            let font = font(11.0, Weight::Medium);
            (painter.layout_no_wrap(text.clone(), font, Color32::PLACEHOLDER), *ink)
        });
        let more = change.as_ref().map_or(0.0, |(g, _)| g.size().x + 8.0);
        let width = 26.0 + title.size().x + gap + value.size().x + more + 12.0;
        let place = Rect::from_min_size(at, Vec2::new(width, 27.0));
        if !fits(place.max.x) {
            let more = format!("+{}", pills.len() - n);
            painter.text(
                at + Vec2::new(2.0, 13.5),
                Align2::LEFT_CENTER,
                more,
                font(12.0, Weight::Medium),
                paint::color(theme, Ink::Text2),
            );
            break;
        }
        painter.rect(
            place,
            13.5,
            paint::color(theme, Ink::Panel),
            Stroke::new(1.0, paint::color(theme, Ink::Line)),
            StrokeKind::Middle,
        );
        painter.circle_filled(place.min + Vec2::new(15.0, 13.5), 4.0, paint::color(theme, pill.ink));
        let middle = |g: &egui::Galley| place.center().y - g.size().y / 2.0;
        let y = middle(&title);
        let x = place.min.x + 26.0;
        let width_of_title = title.size().x;
        painter.galley_with_override_text_color(egui::pos2(x, y), title, paint::color(theme, Ink::Text2));
        let y = middle(&value);
        let right = x + width_of_title + gap + value.size().x;
        painter.galley_with_override_text_color(
            egui::pos2(x + width_of_title + gap, y),
            value,
            paint::color(theme, Ink::Text1),
        );
        if let Some((galley, ink)) = change {
            let y = middle(&galley) + 0.5;
            let ink = paint::color(theme, ink);
            painter.galley_with_override_text_color(egui::pos2(right + 8.0, y), galley, ink);
        }
        let response = ui.interact(place, ui.scope_id().with(("pill", &pill.id)), Sense::click());
        response.widget_info(|| {
            WidgetInfo::labeled(
                Role::Button,
                true,
                [
                    format!("Journey {} {}", pill.title, pill.value).trim_end(),
                    pill.change.as_ref().map_or("", |(text, _)| text),
                ]
                .join(" ")
                .trim_end(),
            )
        });
        canvas.covered.push(place);
        if response.clicked() {
            let journey = pill.id.split('/').next().unwrap_or_default();
            ctx.commands.view(Action::Select(vec![ElementId::new(journey)]));
            ctx.commands.view(Action::SetTab(BottomTab::Journeys));
        }
        at.x = place.max.x + 8.0;
    }
    if let Some(note) = note(ctx, canvas)
        && fits(at.x + 160.0)
    {
        painter.text(
            at + Vec2::new(6.0, 13.5),
            Align2::LEFT_CENTER,
            note,
            font(12.0, Weight::Regular),
            paint::color(theme, Ink::Text2),
        );
    }
}

/// What the pills are about, when it is not the design as it stands.
fn note(ctx: &Ctx<'_>, canvas: &Canvas) -> Option<String> {
    let name = |id: &ElementId| crate::gui::words::element(ctx.design, id.as_str());
    if ctx.view.tool == crate::gui::view::Tool::WhatIf && ctx.view.what_if.is_none() {
        return Some("What if: click what is down, or draw a cut".to_owned());
    }
    if let Some(world) = &ctx.view.what_if {
        if world.is_empty() {
            return Some("What if: click what is down, or draw a cut".to_owned());
        }
        let down: Vec<String> = world.down.iter().map(name).collect();
        let cuts: Vec<String> =
            world.cuts.iter().map(|(a, b)| format!("{} | {}", name(a), name(b))).collect();
        return Some(format!("without {}", down.into_iter().chain(cuts).collect::<Vec<_>>().join(", ")));
    }
    if let Some((id, impact)) = hovered(ctx, canvas) {
        let cost = ctx.figures.expected_loss(id.as_str()).filter(|e| *e > 0.0);
        let cost =
            cost.map_or_else(String::new, |c| format!(", which costs {}", crate::gui::words::per_year(c)));
        return (!impact.journeys.is_empty()).then(|| format!("without {}{cost}", name(id)));
    }
    if ctx.live.is_some() {
        return None;
    }
    match ctx.view.heat {
        Heat::Off => {}
        Heat::Loss => return Some("Tinted: what fails without it · L".to_owned()),
        Heat::Year => return Some("Tinted: what it costs a year · L".to_owned()),
        Heat::Importance => {
            return Some("Tinted: its part in losses · L".to_owned());
        }
        Heat::Distance => return Some("Tinted: distance to failure · L".to_owned()),
    }
    let changed = ctx.impact.availability.values().any(|a| a.change.is_some());
    changed.then(|| "points since the last edit".to_owned())
}

/// A change of an availability in points of a percent: `+0.04`, `−1.2`.
fn points(change: f64) -> String {
    let points = change.abs() * 100.0;
    let digits = match points {
        p if p >= 1.0 => 1,
        p if p >= 0.01 => 2,
        p if p >= 0.000_1 => 4,
        _ => 6,
    };
    format!("{}{points:.digits$}", if change < 0.0 { "−" } else { "+" })
}

fn hovered<'a>(ctx: &Ctx<'a>, canvas: &'a Canvas) -> Option<(&'a ElementId, &'a Impact)> {
    if canvas.is_busy() || ctx.live.is_some() {
        return None;
    }
    let id = ctx.view.hovered.as_ref().or(canvas.hovered.as_ref().map(|(id, _)| id))?;
    // Only what the canvas shows, so that pills and drawing never disagree.
    let shown = canvas.picture.scene().element(id.as_str()).is_some();
    ctx.impact_of(id.as_str()).filter(|_| shown).map(|i| (id, i))
}

fn pills(ctx: &Ctx<'_>, canvas: &Canvas) -> Vec<Pill> {
    if let Some(live) = ctx.live {
        let title = |id: &str| ctx.design.journey(id).map_or_else(|| id.to_owned(), |j| j.title().to_owned());
        // In the order of the file; journeys that are not drawn follow.
        let drawn = ctx.design.journeys.iter().map(|j| &j.id);
        let derived = live.journeys.keys().filter(|id| ctx.design.journey(id.as_str()).is_none());
        return (drawn.chain(derived))
            .filter_map(|id| Some((id, live.journeys.get(id)?)))
            .map(|(id, journey)| Pill {
                id: id.to_string(),
                title: title(id.as_str()),
                value: journey.success.map_or_else(String::new, percent),
                ink: match journey.success {
                    None => Ink::Text3,
                    Some(s) if s >= 0.99 => Ink::Good,
                    Some(s) if s > 0.01 => Ink::Warn,
                    Some(_) => Ink::Bad,
                },
                change: None,
            })
            .collect();
    }
    let impact = match &ctx.view.what_if {
        Some(world) => ctx.impact.of_world(world),
        None => hovered(ctx, canvas).map(|(_, i)| i),
    };
    if let Some(impact) = impact {
        return (impact.journeys.iter())
            .map(|j| Pill {
                id: j.id.clone(),
                title: j.title.clone(),
                value: match j.outcome {
                    Outcome::Part => format!("part {}", percent(j.share)),
                    other => other.word().to_owned(),
                },
                ink: match j.outcome {
                    Outcome::Served => Ink::Good,
                    Outcome::Degraded | Outcome::Part => Ink::Warn,
                    Outcome::Lost => Ink::Bad,
                },
                change: None,
            })
            .collect();
    }
    // In the order of the file; journeys that are not drawn follow.
    let drawn = ctx.design.journeys.iter().map(|j| j.id.as_str());
    let derived = ctx.impact.availability.keys().map(String::as_str);
    let derived = derived.filter(|id| ctx.design.journey(id).is_none() && ctx.design.component(id).is_some());
    (drawn.chain(derived))
        .map(|id| {
            let concerns = |f: &&Finding| f.journeys.iter().any(|j| j.as_str() == id);
            let worst = ctx.report.and_then(|r| r.open().filter(concerns).map(|f| f.severity).max());
            let ink = match worst {
                Some(crate::analysis::Severity::Error) => Ink::Bad,
                Some(crate::analysis::Severity::Warning) => Ink::Warn,
                _ => Ink::Good,
            };
            let value = match (ctx.impact.availability.get(id), worst) {
                (Some(long_run), _) => crate::gui::words::percent(long_run.value),
                (None, Some(crate::analysis::Severity::Error)) => "at risk".to_owned(),
                (None, _) => String::new(),
            };
            let change = ctx.impact.availability.get(id).and_then(|a| a.change).map(|change| {
                let ink = if change < 0.0 { Ink::Bad } else { Ink::Good };
                (points(change), ink)
            });
            let drawn = ctx.design.journey(id).map(|j| j.title().to_owned());
            let title = drawn.unwrap_or_else(|| crate::gui::words::element(ctx.design, id));
            Pill { id: id.to_owned(), title, value, ink, change }
        })
        .collect()
}

/// A share as people read it: 100 %, 99.95 %, 37 %.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 99.995 {
        "100 %".to_owned()
    } else if percent >= 99.0 {
        format!("{percent:.2} %")
    } else if percent >= 10.0 || percent == 0.0 {
        format!("{percent:.0} %")
    } else {
        format!("{percent:.1} %")
    }
}
