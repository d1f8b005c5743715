//! What runs: the selected instance with its process, what it can be broken with, what is predicted and observed for
//! each journey, and what it said last.

use egui::{Label, Rect, RichText, Sense, Ui, pos2, vec2};

use super::header::{Head, head};
use crate::design::{Component, Design, ElementId, Kind};
use crate::gui::command::{Action, Effect, Fault};
use crate::gui::context::{Ctx, InstanceLive, LivePhase, LiveView, NodeState};
use crate::gui::style::{self, CONTROL, size};
use crate::gui::view::{BottomTab, Mode};
use crate::gui::widgets::{self, Emphasis};
use crate::gui::{panels, words};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// Lines of the log that are shown here.
const LOG_LINES: usize = 8;

/// The inspector while a cluster runs.
pub(super) fn running_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let Some(live) = ctx.live else { return };
    match ctx.view.selection.ids() {
        [one] => selected(ui, ctx, live, one),
        _ => cluster(ui, ctx, live),
    }
    widgets::head(ui, "Predicted and observed");
    predicted(ui, ctx, live);
    if !ctx.view.selection.is_empty() {
        widgets::head(ui, "Log");
        log(ui, ctx, live);
        ui.add_space(4.0);
        if widgets::link(ui, "Change its properties").clicked() {
            ctx.commands.view(Action::SetMode(Mode::Design));
        }
    }
}

fn cluster(ui: &mut Ui, ctx: &Ctx<'_>, live: &LiveView) {
    let of = |s: NodeState| live.instances.values().filter(|i| i.state == s).count();
    let line = match &live.phase {
        LivePhase::Starting { ready, of } => format!("starting, {ready} of {of} ready"),
        LivePhase::Running => format!("running for {}", words::clock(live.elapsed_ms)),
        LivePhase::Stopping => "stopping".to_owned(),
        LivePhase::Failed(_) => "did not start".to_owned(),
    };
    let it = Head {
        id: "cluster",
        icon: Icon::Play,
        ink: Ink::Good,
        name: "Live cluster",
        renames: false,
        line: &line,
    };
    head(ui, &it, |_| {});
    if let LivePhase::Failed(why) = &live.phase {
        widgets::card(ui, Ink::Bad, |ui| {
            widgets::line(ui, "The cluster did not start", size::CARD, Weight::SemiBold, Ink::Bad);
            widgets::paragraph(ui, why, size::LABEL, Ink::Text2);
        });
    }
    ui.add_space(2.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 28.0;
        widgets::metric(ui, &of(NodeState::Up).to_string(), "up", Ink::Text1);
        let down = of(NodeState::Down);
        widgets::metric(ui, &down.to_string(), "down", if down > 0 { Ink::Bad } else { Ink::Text1 });
        let held = of(NodeState::Paused);
        widgets::metric(ui, &held.to_string(), "paused", if held > 0 { Ink::Warn } else { Ink::Text1 });
        widgets::metric(
            ui,
            &live.cuts.len().to_string(),
            "cut",
            if live.cuts.is_empty() { Ink::Text1 } else { Ink::Bad },
        );
    });
    ui.add_space(4.0);
    let half = vec2((ui.available_width() - 8.0) / 2.0, CONTROL);
    ui.horizontal(|ui| {
        if widgets::button_in(ui, half, "Mend everything", Some(Icon::Heal), Emphasis::Plain).clicked() {
            ctx.commands.effect(Effect::Fault(Fault::HealAll));
        }
        if widgets::button_in(ui, half, "Stop", Some(Icon::Stop), Emphasis::Plain).clicked() {
            ctx.commands.effect(Effect::Stop);
        }
    });
    if ctx.view.selection.is_empty() && live.phase == LivePhase::Running {
        widgets::paragraph(
            ui,
            "Select a component, an instance, a zone or a link to break it.",
            size::LABEL,
            Ink::Text2,
        );
    }
}

fn selected(ui: &mut Ui, ctx: &Ctx<'_>, live: &LiveView, id: &ElementId) {
    let text = id.as_str();
    let whole = text.split('/').next().unwrap_or(text);
    if let Some(c) = ctx.design.component(whole) {
        match live.instances.get(id).filter(|_| text.contains('/')) {
            Some(instance) => one_instance(ui, ctx, c, id, instance),
            None => component(ui, ctx, live, c),
        }
    } else if let Some(z) = ctx.design.zone(whole) {
        let up = live.instances.iter().filter(|(i, _)| stands_in(ctx.design, i, whole));
        let (all, down) =
            up.fold((0, 0), |(a, d), (_, i)| (a + 1, d + usize::from(i.state != NodeState::Up)));
        let line = format!(
            "{}, {}",
            words::counted(all, "instance"),
            if down == 0 { "all up".to_owned() } else { format!("{down} not up") }
        );
        let name = crate::scene::zone_title(z);
        let it = Head { id: whole, icon: Icon::Zone, ink: Ink::Text2, name, renames: false, line: &line };
        head(ui, &it, |_| {});
        widgets::head(ui, "Break");
        let zone = || z.id.clone();
        buttons(
            ui,
            ctx,
            &[
                ("Fail", Icon::Kill, Fault::FailZone(zone()), true),
                ("Isolate", Icon::Cut, Fault::IsolateZone(zone()), false),
                ("Restore", Icon::Restart, Fault::RestoreZone(zone()), false),
            ],
        );
    } else if let Some(l) = ctx.design.link(whole) {
        let measured = live.links.get(&l.id).copied().unwrap_or_default();
        let line = if measured.cut {
            "cut".to_owned()
        } else {
            let time = measured.latency_ms.map(|t| format!(", {}", words::time(t))).unwrap_or_default();
            format!("{}{time}, {} failed", words::rate(measured.rate), words::percent(measured.error_share))
        };
        let name = words::element(ctx.design, whole);
        let it = Head {
            id: whole,
            icon: Icon::Connect,
            ink: Ink::Text2,
            name: &name,
            renames: false,
            line: &line,
        };
        head(ui, &it, |_| {});
        widgets::head(ui, "Break");
        let (from, to) = (ElementId::from(&l.from), ElementId::from(&l.to));
        let cut = |both| Fault::Cut { from: from.clone(), to: to.clone(), both };
        buttons(
            ui,
            ctx,
            &[
                ("Cut", Icon::Cut, cut(true), true),
                ("One way", Icon::ArrowRight, cut(false), false),
                ("Mend", Icon::Heal, Fault::Heal { from: from.clone(), to: to.clone() }, false),
            ],
        );
    } else {
        cluster(ui, ctx, live);
    }
}

/// Whether an instance's component lists a zone, or one inside it.
fn stands_in(design: &Design, instance: &ElementId, zone: &str) -> bool {
    let whole = instance.as_str().split('/').next().unwrap_or_default();
    design.component(whole).is_some_and(|c| {
        c.zones.iter().any(|z| {
            let mut at = Some(z.clone());
            let mut left = design.zones.len() + 1;
            while let Some(id) = at {
                if id == *zone {
                    return true;
                }
                left -= 1;
                if left == 0 {
                    break;
                }
                at = design.zone(id.as_str()).and_then(|z| z.parent.clone());
            }
            false
        })
    })
}

fn one_instance(ui: &mut Ui, ctx: &Ctx<'_>, c: &Component, id: &ElementId, i: &InstanceLive) {
    let pid = i.pid.map(|p| format!(", pid {p}")).unwrap_or_default();
    let address = if i.address.is_empty() { String::new() } else { format!(", {}", i.address) };
    let line = format!("{}{pid}{address}", i.state.label());
    let name = words::element(ctx.design, id.as_str());
    let icon = Icon::Kind(c.kind);
    let it =
        Head { id: id.as_str(), icon, ink: Ink::of_kind(c.kind), name: &name, renames: false, line: &line };
    head(ui, &it, |_| {});
    measured(ui, i);
    widgets::head(ui, "Break");
    let down = i.state == NodeState::Down;
    let paused = i.state == NodeState::Paused;
    buttons(
        ui,
        ctx,
        &[
            if down {
                ("Restart", Icon::Restart, Fault::Restart(id.clone()), true)
            } else {
                ("Kill", Icon::Kill, Fault::Kill(id.clone()), true)
            },
            if paused {
                ("Go on", Icon::Play, Fault::Resume(id.clone()), false)
            } else {
                ("Pause", Icon::Pause, Fault::Pause(id.clone()), false)
            },
            ("Restart", Icon::Restart, Fault::Restart(id.clone()), false),
        ][..if down { 2 } else { 3 }],
    );
    cut_off(ui, ctx, c);
}

fn component(ui: &mut Ui, ctx: &Ctx<'_>, live: &LiveView, c: &Component) {
    let all: Vec<(&ElementId, &InstanceLive)> = live.instances_of(&c.id).collect();
    let up = all.iter().filter(|(_, i)| i.state == NodeState::Up).count();
    let line = if c.kind == Kind::Client {
        "Clients: the load of the journeys".to_owned()
    } else {
        format!("{}, {up} of {} up", c.kind.label(), all.len())
    };
    let icon = Icon::Kind(c.kind);
    let it = Head {
        id: c.id.as_str(),
        icon,
        ink: Ink::of_kind(c.kind),
        name: c.title(),
        renames: false,
        line: &line,
    };
    head(ui, &it, |_| {});
    if c.kind == Kind::Client {
        return;
    }
    if let [(_, one)] = all.as_slice() {
        measured(ui, one);
    }
    widgets::head(ui, "Break");
    let id = ElementId::from(&c.id);
    let none_up = up == 0;
    buttons(
        ui,
        ctx,
        &[
            if none_up {
                ("Restart", Icon::Restart, Fault::Restart(id.clone()), true)
            } else {
                ("Kill", Icon::Kill, Fault::Kill(id.clone()), true)
            },
            ("Pause", Icon::Pause, Fault::Pause(id.clone()), false),
            ("Go on", Icon::Play, Fault::Resume(id.clone()), false),
        ],
    );
    if !none_up && up < all.len() {
        buttons(ui, ctx, &[("Restart", Icon::Restart, Fault::Restart(id.clone()), false)]);
    }
    cut_off(ui, ctx, c);
    if all.len() > 1 {
        widgets::head(ui, "Instances");
        for (id, i) in all {
            instance_row(ui, ctx, id, i);
        }
    }
}

fn instance_row(ui: &mut Ui, ctx: &Ctx<'_>, id: &ElementId, i: &InstanceLive) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
    let name = id.as_str();
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{name}, {}", i.state.label()))
    });
    if response.hovered() {
        ui.painter().rect_filled(
            rect.expand2(vec2(6.0, 0.0)),
            egui::CornerRadius::same(6),
            style::ink(ui, Ink::Raised),
        );
        ctx.commands.view(Action::Hover(id.clone()));
    }
    widgets::state_dot(ui, pos2(rect.left() + 5.0, rect.center().y), state_ink(i.state));
    let right = match (i.rate, i.error_share) {
        (Some(rate), Some(e)) if e > 0.0 => format!("{}, {} failed", words::rate(rate), words::percent(e)),
        (Some(rate), _) => words::rate(rate),
        _ => i.state.label().to_owned(),
    };
    let color = style::ink(ui, Ink::Text2);
    let used = widgets::paint_text(ui, rect, egui::Align::Max, &right, (size::LABEL, Weight::Regular, color));
    let left = Rect::from_min_max(rect.min + vec2(16.0, 0.0), rect.max - vec2(used + 8.0, 0.0));
    let color = style::ink(ui, Ink::Text1);
    widgets::paint_text(ui, left, egui::Align::Min, name, (size::LABEL, Weight::Medium, color));
    if response.clicked() {
        ctx.commands.view(Action::Select(vec![id.clone()]));
    }
}

fn state_ink(state: NodeState) -> Ink {
    match state {
        NodeState::Up => Ink::Good,
        NodeState::Starting => Ink::Text3,
        NodeState::Paused => Ink::Warn,
        NodeState::Down => Ink::Bad,
    }
}

fn measured(ui: &mut Ui, i: &InstanceLive) {
    if i.rate.is_none() && i.latency_ms.is_none() {
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 28.0;
        if let Some(rate) = i.rate {
            widgets::metric(ui, &words::rate(rate), "requests", Ink::Text1);
        }
        if let Some(e) = i.error_share {
            widgets::metric(ui, &words::percent(e), "failed", if e > 0.01 { Ink::Bad } else { Ink::Text1 });
        }
        if let Some(ms) = i.latency_ms {
            widgets::metric(ui, &words::time(ms), "median", Ink::Text1);
        }
    });
}

/// Buttons of one height in rows of three; the last value says which is the thing to do.
fn buttons(ui: &mut Ui, ctx: &Ctx<'_>, all: &[(&str, Icon, Fault, bool)]) {
    let width = (ui.available_width() - 16.0) / 3.0;
    let able = ctx.live.is_some_and(|l| l.phase == LivePhase::Running);
    ui.add_enabled_ui(able, |ui| {
        ui.horizontal(|ui| {
            for (text, icon, fault, first) in all {
                let emphasis = match (first, fault) {
                    (true, Fault::Restart(_)) => Emphasis::Primary,
                    (true, _) => Emphasis::Danger,
                    _ => Emphasis::Plain,
                };
                if widgets::button_in(ui, vec2(width, CONTROL), text, Some(*icon), emphasis).clicked() {
                    ctx.commands.effect(Effect::Fault(fault.clone()));
                }
            }
        });
    });
}

/// Cuts a component off from all that it is linked with, or mends that.
fn cut_off(ui: &mut Ui, ctx: &Ctx<'_>, c: &Component) {
    let id = c.id.as_str();
    let own = ElementId::from(&c.id);
    let mut others: Vec<ElementId> = Vec::new();
    for l in ctx.design.links.iter().filter(|l| l.from == *id || l.to == *id) {
        let other = ElementId::from(if l.from == *id { &l.to } else { &l.from });
        if !others.contains(&other) {
            others.push(other);
        }
    }
    if others.is_empty() {
        return;
    }
    let is_cut = ctx.live.is_some_and(|l| {
        others.iter().all(|o| l.cuts.iter().any(|(a, b)| (a == o && *b == own) || (b == o && *a == own)))
    });
    let text = if is_cut { "Mend its links" } else { "Cut off from all it is linked with" };
    let icon = if is_cut { Icon::Heal } else { Icon::Cut };
    let able = ctx.live.is_some_and(|l| l.phase == LivePhase::Running);
    let wide = vec2(ui.available_width(), CONTROL);
    ui.add_enabled_ui(able, |ui| {
        if widgets::button_in(ui, wide, text, Some(icon), Emphasis::Plain).clicked() {
            for other in others {
                let fault = if is_cut {
                    Fault::Heal { from: own.clone(), to: other }
                } else {
                    Fault::Cut { from: own.clone(), to: other, both: true }
                };
                ctx.commands.effect(Effect::Fault(fault));
            }
        }
    });
}

/// A line for each journey: what is predicted for the faults in force, what clients see, and whether the two agree.
fn predicted(ui: &mut Ui, ctx: &Ctx<'_>, live: &LiveView) {
    if live.journeys.is_empty() {
        widgets::paragraph(ui, "No journey is under way.", size::LABEL, Ink::Text2);
        return;
    }
    for (id, j) in &live.journeys {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
        let recent: u64 = j.samples.iter().rev().take(5).map(|s| s.ok + s.failed).sum();
        let agree = match (j.predicted_share, j.success) {
            (Some(p), Some(s)) if recent >= 20 => Some((p - s).abs() <= 0.05),
            _ => None,
        };
        let (icon, ink) = match agree {
            Some(true) => (Icon::Check, Ink::Good),
            Some(false) => (Icon::Cross, Ink::Bad),
            None => (Icon::Minus, Ink::Text3),
        };
        let at = Rect::from_center_size(pos2(rect.right() - 7.0, rect.center().y), vec2(13.0, 13.0));
        widgets::paint_icon(ui, icon, at, style::ink(ui, ink));
        let mut words_rect = rect;
        words_rect.max.x -= 24.0;
        let seen = match j.success {
            Some(s) if recent > 0 => format!("{} of {}", words::percent(s), words::count(recent)),
            _ => "waiting".to_owned(),
        };
        let put = |ui: &Ui, r: Rect, align, text: &str, weight, ink| {
            widgets::paint_text(ui, r, align, text, (size::LABEL, weight, style::ink(ui, ink)))
        };
        let used = put(ui, words_rect, egui::Align::Max, &seen, Weight::Medium, Ink::Text1);
        let said = match (j.predicted, j.predicted_share) {
            (Some(o), Some(s)) if s > 0.0 && s < 1.0 => format!("{} {}", o.word(), words::percent(s)),
            (Some(o), _) => o.word().to_owned(),
            (None, _) => String::new(),
        };
        let third = rect.width() * 0.36;
        let name = Rect::from_min_max(rect.min, pos2(rect.left() + third - 6.0, rect.bottom()));
        put(
            ui,
            name,
            egui::Align::Min,
            &words::element(ctx.design, id.as_str()),
            Weight::Regular,
            Ink::Text1,
        );
        let middle = Rect::from_min_max(
            pos2(rect.left() + third, rect.top()),
            pos2(words_rect.right() - used - 6.0, rect.bottom()),
        );
        put(ui, middle, egui::Align::Min, &said, Weight::Regular, Ink::Text2);
    }
}

fn log(ui: &mut Ui, ctx: &Ctx<'_>, live: &LiveView) {
    let said: Vec<&str> =
        live.log.iter().filter(|(id, _)| panels::concerns(ctx, id)).map(|(_, line)| line.as_str()).collect();
    if said.is_empty() {
        widgets::paragraph(ui, "It has said nothing yet.", size::LABEL, Ink::Text2);
        return;
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        for line in &said[said.len().saturating_sub(LOG_LINES)..] {
            let rich = RichText::new(*line)
                .font(style::font(11.5, Weight::Regular))
                .color(style::ink(ui, Ink::Text2));
            ui.add(Label::new(rich).truncate());
        }
    });
    if widgets::link(ui, "Show the whole log").clicked() {
        ctx.commands.view(Action::SetTab(BottomTab::Log));
    }
}
