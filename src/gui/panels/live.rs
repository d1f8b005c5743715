//! What the clients see while a cluster runs: success and latency of a journey over time, with what was broken as
//! bands and what was predicted as a dashed line, and what happened last.

use egui::{ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

use super::timeline::tone_ink;
use crate::gui::command::{Action, Effect};
use crate::gui::context::{Ctx, JourneyLive, LivePhase, LiveView, Outcome, Sample};
use crate::gui::style::{self, size};
use crate::gui::widgets::{self, Band, Chart, Line, paint_text};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// How much time the charts show, in milliseconds.
const WINDOW_MS: u64 = 60_000;

/// What a tab of the running cluster says while none runs.
pub(super) fn not_running(ui: &mut Ui, ctx: &Ctx<'_>) {
    if ctx.design.components.is_empty() {
        let sentence =
            "There is nothing to run yet: start from a template, or draw two components and a link.";
        if widgets::empty(ui, Icon::Play, sentence, Some("Start from a template…"))
            .is_some_and(|r| r.clicked())
        {
            ctx.commands.view(Action::OpenGallery);
        }
        return;
    }
    let sentence =
        "No cluster is running: start this design as real processes on this machine, then break it.";
    if widgets::empty(ui, Icon::Play, sentence, Some("Run as a live cluster")).is_some_and(|r| r.clicked()) {
        ctx.commands.effect(Effect::Run);
    }
}

/// The tab of the running cluster.
pub(super) fn live_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let Some(live) = ctx.live else { return not_running(ui, ctx) };
    match &live.phase {
        LivePhase::Starting { ready, of } => {
            ui.add_space(24.0);
            ui.horizontal(|ui| {
                ui.add_space(style::MARGIN);
                let part = if *of == 0 { 0.0 } else { *ready as f32 / *of as f32 };
                let line = format!("{ready} of {of} processes are ready");
                if widgets::progress(ui, "Starting the cluster", part, &line, Some("Stop")) {
                    ctx.commands.effect(Effect::Stop);
                }
            });
            return;
        }
        LivePhase::Failed(why) => {
            ui.add_space(12.0);
            ui.horizontal(|ui| {
                ui.add_space(style::MARGIN);
                ui.vertical(|ui| {
                    ui.set_max_width(ui.available_width().min(640.0));
                    widgets::card(ui, Ink::Bad, |ui| {
                        widgets::line(
                            ui,
                            "The cluster did not start",
                            size::CARD,
                            Weight::SemiBold,
                            Ink::Bad,
                        );
                        widgets::paragraph(ui, why, size::LABEL, Ink::Text2);
                        ui.horizontal(|ui| {
                            if widgets::link(ui, "Start again").clicked() {
                                ctx.commands.effect(Effect::Run);
                            }
                            if widgets::link(ui, "Put it away").clicked() {
                                ctx.commands.effect(Effect::Stop);
                            }
                        });
                    });
                });
            });
            return;
        }
        LivePhase::Running | LivePhase::Stopping => {}
    }
    charts(ui, ctx, live);
}

fn charts(ui: &mut Ui, ctx: &Ctx<'_>, live: &LiveView) {
    let rect = ui.available_rect_before_wrap();
    let list_width = (rect.width() * 0.28).clamp(220.0, 360.0);
    let journeys: Vec<&str> = live.journeys.keys().map(|id| id.as_str()).collect();
    let shown = chosen(ui, ctx, live, &journeys);
    let left = rect.left() + 20.0;
    let mut top = rect.top() + 10.0;
    if journeys.len() > 1 {
        let strip = egui::Rect::from_min_size(
            pos2(left, rect.top() + 6.0),
            vec2(rect.width() - list_width - 40.0, 24.0),
        );
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let mut row = ui.new_child(UiBuilder::new().id_salt("live-journeys").max_rect(strip).layout(layout));
        row.spacing_mut().item_spacing.x = 6.0;
        row.shrink_clip_rect(strip);
        for id in &journeys {
            let name = words::element(ctx.design, id);
            if widgets::chip(&mut row, &name, shown == Some(*id)).clicked() {
                super::remember(&row, "live-journey", (*id).to_owned());
            }
        }
        top = strip.bottom() + 8.0;
    }
    let room = egui::Rect::from_min_max(
        pos2(left, top),
        pos2(rect.right() - list_width - 20.0, rect.bottom() - 8.0),
    );
    let gap = 36.0;
    let size_each = vec2((room.width() - gap) / 2.0, room.height());
    if let Some((id, journey)) = shown.and_then(|id| live.journeys.get_key_value(id)) {
        let title = words::element(ctx.design, id.as_str());
        let at = |i: f32| egui::Rect::from_min_size(room.min + vec2(i * (size_each.x + gap), 0.0), size_each);
        ui.scope_builder(UiBuilder::new().max_rect(at(0.0)), |ui| {
            success(ui, live, &title, journey, size_each)
        });
        ui.scope_builder(UiBuilder::new().max_rect(at(1.0)), |ui| {
            latency(ui, live, &title, journey, size_each)
        });
    } else {
        ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
            let sentence = "No client asks for anything: draw a client and a link from it, then run again.";
            widgets::empty(ui, Icon::Journey, sentence, None);
        });
    }
    let list = egui::Rect::from_min_max(
        pos2(rect.right() - list_width, rect.top() + 10.0),
        rect.max - vec2(16.0, 8.0),
    );
    ui.scope_builder(UiBuilder::new().max_rect(list).id_salt("live-events"), |ui| happened(ui, ctx, live));
}

/// The journey that is shown: the one chosen, the one selected, or the one that fares worst.
fn chosen<'a>(ui: &Ui, ctx: &Ctx<'_>, live: &LiveView, ids: &[&'a str]) -> Option<&'a str> {
    let picked: String = super::memory(ui, "live-journey");
    let selected = ctx.view.selection.single().map_or("", |id| id.as_str());
    [selected, picked.as_str()]
        .into_iter()
        .find_map(|want| ids.iter().copied().find(|id| *id == want))
        .or_else(|| {
            let success = |id: &&str| live.journeys.get(*id).and_then(|j| j.success).unwrap_or(2.0);
            ids.iter().copied().min_by(|a, b| success(a).total_cmp(&success(b)))
        })
}

fn span(live: &LiveView) -> (u64, u64, String) {
    let to = live.elapsed_ms;
    let from = to.saturating_sub(WINDOW_MS);
    let label = if from == 0 { "start".to_owned() } else { format!("−{} s", WINDOW_MS / 1000) };
    (from, to.max(from + 10_000), label)
}

fn bands(live: &LiveView, from: u64, to: u64) -> Vec<Band> {
    live.faults
        .iter()
        .filter(|f| f.to_ms.is_none_or(|end| end >= from))
        .map(|f| Band { from: f.from_ms as f64, to: f.to_ms.unwrap_or(to) as f64 })
        .collect()
}

fn series(
    journey: &JourneyLive,
    from: u64,
    value: impl Fn(&Sample) -> Option<f64>,
) -> Vec<(f64, Option<f64>)> {
    journey.samples.iter().filter(|s| s.at_ms >= from).map(|s| (s.at_ms as f64, value(s))).collect()
}

fn success(ui: &mut Ui, live: &LiveView, title: &str, journey: &JourneyLive, desired: egui::Vec2) {
    let (from, to, label) = span(live);
    let of = |s: &Sample| {
        let all = s.ok + s.failed;
        (all > 0).then(|| s.ok as f64 / all as f64 * 100.0)
    };
    let ink = match journey.success {
        Some(s) if s < 0.99 => Ink::Bad,
        _ => Ink::Good,
    };
    let mut lines = vec![Line { points: series(journey, from, of), ink, dashed: false }];
    if let Some(share) = journey.predicted_share {
        // A prediction speaks of the faults in force: from the last change of them until now.
        let since = live.faults.iter().map(|f| f.to_ms.unwrap_or(f.from_ms)).max().unwrap_or(0).max(from);
        let points = vec![(since as f64, Some(share * 100.0)), (live.elapsed_ms as f64, Some(share * 100.0))];
        lines.push(Line { points, ink: Ink::Text2, dashed: true });
    }
    Chart {
        title: &format!("{title}, success"),
        unit: "%",
        x: (from as f64, to as f64),
        y: (0.0, 100.0),
        ends: (&label, "now"),
        lines,
        bands: bands(live, from, to),
    }
    .show(ui, desired);
}

fn latency(ui: &mut Ui, live: &LiveView, title: &str, journey: &JourneyLive, desired: egui::Vec2) {
    let (from, to, label) = span(live);
    let points = series(journey, from, |s| s.p99_ms);
    let most = points.iter().filter_map(|p| p.1).fold(0.0_f64, f64::max);
    let lines = vec![Line { points, ink: Ink::Accent, dashed: false }];
    Chart {
        title: &format!("{title}, latency p99"),
        unit: "ms",
        x: (from as f64, to as f64),
        y: (0.0, ceiling(most)),
        ends: (&label, "now"),
        lines,
        bands: bands(live, from, to),
    }
    .show(ui, desired);
}

/// The next of 3, 6, 15, 30… so that the hairlines of thirds stand at round numbers.
fn ceiling(most: f64) -> f64 {
    let mut decade = 1.0;
    loop {
        for step in [3.0, 6.0, 15.0] {
            if most <= step * decade {
                return step * decade;
            }
        }
        decade *= 10.0;
        if decade > 1e9 {
            return most;
        }
    }
}

fn happened(ui: &mut Ui, ctx: &Ctx<'_>, live: &LiveView) {
    ui.spacing_mut().item_spacing.y = 0.0;
    widgets::line(ui, "What happened", size::LABEL, Weight::SemiBold, Ink::Text1);
    ui.add_space(6.0);
    if live.events.is_empty() {
        widgets::paragraph(
            ui,
            "Nothing yet. Select a component and press K to kill it.",
            size::LABEL,
            Ink::Text2,
        );
        return;
    }
    let rows = live.events.len();
    ScrollArea::vertical().id_salt("events").auto_shrink([false, false]).show_rows(
        ui,
        26.0,
        rows,
        |ui, range| {
            for i in range {
                let event = &live.events[rows - 1 - i];
                let (rect, response) =
                    ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &event.text));
                let time = egui::Rect::from_min_size(rect.min, vec2(40.0, 26.0));
                let quiet = style::ink(ui, Ink::Text3);
                paint_text(
                    ui,
                    time,
                    egui::Align::Min,
                    &words::clock(event.at_ms),
                    (size::CAPTION, Weight::Regular, quiet),
                );
                let dot = pos2(rect.left() + 48.0, rect.center().y);
                ui.painter().circle_filled(dot, 3.5, style::ink(ui, tone_ink(event.tone)));
                let text = egui::Rect::from_min_max(pos2(rect.left() + 60.0, rect.top()), rect.max);
                let ink =
                    if response.hovered() && event.subject.is_some() { Ink::Accent } else { Ink::Text1 };
                let color = style::ink(ui, ink);
                paint_text(ui, text, egui::Align::Min, &event.text, (size::LABEL, Weight::Regular, color));
                if response.clicked()
                    && let Some(subject) = &event.subject
                {
                    ctx.commands.view(Action::Select(vec![subject.clone()]));
                }
                response.on_hover_text(&event.text);
            }
        },
    );
}

/// What is measured as an outcome, by the bounds of proofs: served from 99 %, lost up to 1 %.
pub(crate) fn outcome_of(success: f64) -> Outcome {
    match success {
        s if s >= 0.99 => Outcome::Served,
        s if s <= 0.01 => Outcome::Lost,
        _ => Outcome::Part,
    }
}
