//! What is laid over the drawing in this frame: selection, findings, what a loss would do, and how it runs.

use crate::analysis;
use crate::design::ElementId;
use crate::gui::context::{Ctx, Impact, LiveView, NodeState, Outcome};
use crate::gui::crossing::goes_through;
use crate::gui::view::{Heat, Mode, Tool};
use crate::scene::{Live, LiveState, Loss, Overlay, Severity};

/// Puts together what is laid over the drawing. `hovered` is what the pointer is over; `dwelt` whether it has been
/// there long enough to ask what its loss would do.
pub fn overlay(ctx: &Ctx<'_>, hovered: Option<&ElementId>, dwelt: bool, busy: bool) -> Overlay {
    let mut out = Overlay::default();
    if ctx.view.mode != Mode::Run {
        findings(ctx, &mut out);
    }
    if ctx.view.heat != Heat::Off && ctx.live.is_none() {
        super::heat::heat(ctx, &mut out);
    }
    for id in ctx.view.selection.ids() {
        out.mark(whole(id)).selected = true;
    }
    if let Some(id) = hovered {
        out.mark(id.clone()).hovered = true;
    }
    if let Some(live) = ctx.live {
        running(ctx, live, &mut out);
    }
    if let Some(world) = &ctx.view.what_if {
        for id in &world.down {
            fallen(ctx, id, &mut out);
        }
        for (a, b) in &world.cuts {
            for link in ctx.design.links.iter().filter(|l| goes_through(ctx.design, l, (a, b))) {
                out.mark(&link.id).loss = Some(Loss::Down);
            }
        }
        if let Some(impact) = ctx.impact.of_world(world) {
            lost(impact, &mut out);
            out.focus = !impact.elements.is_empty() || !world.is_empty();
        }
    } else if let Some(finding) = focused(ctx) {
        for id in finding.witness.iter().chain(&finding.subjects) {
            out.mark(whole(id)).witness = true;
        }
        out.focus = !finding.witness.is_empty() || !finding.subjects.is_empty();
    } else if !busy
        && dwelt
        && ctx.live.is_none()
        && ctx.view.tool == Tool::Select
        && let Some(id) = hovered
        && let Some(impact) = ctx.impact_of(id.as_str())
    {
        // What is fine is calm: only a loss that hurts sets the rest back. What a zone holds is shown in any case.
        let hurts = impact.journeys.iter().any(|j| j.outcome != Outcome::Served);
        if hurts || ctx.design.zone(id.as_str()).is_some() || ctx.design.cause(id.as_str()).is_some() {
            lost(impact, &mut out);
            fallen(ctx, id, &mut out);
            out.focus = hurts;
        }
    }
    out
}

/// The finding whose witness is shown.
pub fn focused<'a>(ctx: &Ctx<'a>) -> Option<&'a analysis::Finding> {
    let id = ctx.view.finding.as_deref()?;
    ctx.report?.findings.iter().find(|f| f.id == id)
}

fn whole(id: &ElementId) -> ElementId {
    match id.as_str().split_once('/') {
        Some((component, _)) => ElementId::new(component),
        None => id.clone(),
    }
}

fn findings(ctx: &Ctx<'_>, out: &mut Overlay) {
    let Some(report) = ctx.report else { return };
    for finding in report.open() {
        let Some(subject) = finding.subjects.first() else { continue };
        let severity = match finding.severity {
            // What is merely worth knowing stays in the list.
            analysis::Severity::Info => continue,
            analysis::Severity::Warning => Severity::Warning,
            analysis::Severity::Error => Severity::Error,
        };
        let mark = out.mark(whole(subject));
        mark.severity = mark.severity.max(Some(severity));
    }
}

/// Marks what is itself broken; with a zone the zones inside it.
fn fallen(ctx: &Ctx<'_>, id: &ElementId, out: &mut Overlay) {
    if id.as_str().contains('/') {
        // One of several copies: how many are left is in the impact.
        out.mark(whole(id));
        return;
    }
    out.mark(id.clone()).loss = Some(Loss::Down);
    if ctx.design.zone(id.as_str()).is_none() {
        return;
    }
    let mut inside = vec![id.as_str()];
    // Zones nest a few deep; a circle of them ends with the zones.
    for _ in 0..ctx.design.zones.len() {
        let more: Vec<&str> = (ctx.design.zones.iter())
            .filter(|z| z.parent.as_ref().is_some_and(|p| inside.contains(&p.as_str())))
            .map(|z| z.id.as_str())
            .filter(|z| !inside.contains(z))
            .collect();
        if more.is_empty() {
            break;
        }
        inside.extend(more);
    }
    for zone in &inside[1..] {
        out.mark(ElementId::new(zone)).loss = Some(Loss::Down);
    }
}

fn lost(impact: &Impact, out: &mut Overlay) {
    for (id, (up, of)) in &impact.down {
        let mark = out.mark(id.clone());
        mark.up = Some((*up, *of));
        mark.loss = mark.loss.max(Some(if *up == 0 { Loss::Down } else { Loss::Part }));
    }
    for (id, outcome) in &impact.elements {
        let mark = out.mark(whole(id));
        let loss = match outcome {
            Outcome::Lost => Loss::Lost,
            Outcome::Part => Loss::Part,
            Outcome::Degraded => Loss::Degraded,
            Outcome::Served => continue,
        };
        mark.loss = mark.loss.max(Some(loss));
    }
}

fn running(ctx: &Ctx<'_>, live: &LiveView, out: &mut Overlay) {
    out.running = true;
    for component in &ctx.design.components {
        let mut shown = Live { state: LiveState::Starting, ..Live::default() };
        let (mut up, mut paused, mut down, mut of) = (0, 0, 0, 0);
        let (mut rate, mut failed) = (0.0, 0.0);
        let mut latency: Option<f64> = None;
        for (_, instance) in live.instances_of(&component.id) {
            of += 1;
            match instance.state {
                NodeState::Up => up += 1,
                NodeState::Paused => paused += 1,
                NodeState::Down => down += 1,
                NodeState::Starting => {}
            }
            let asked = instance.rate.unwrap_or_default();
            rate += asked;
            failed += asked * instance.error_share.unwrap_or_default();
            if let Some(ms) = instance.latency_ms {
                latency = Some(latency.map_or(ms, |l| l.max(ms)));
            }
        }
        if of == 0 {
            continue;
        }
        shown.state = if down == of {
            LiveState::Killed
        } else if paused == of {
            LiveState::Paused
        } else if down + paused > 0 || (rate > 0.0 && failed / rate > 0.01) {
            LiveState::Impaired
        } else if up == of {
            LiveState::Up
        } else {
            LiveState::Starting
        };
        shown.up = Some((up, of));
        shown.rate = (rate > 0.0).then_some(rate);
        shown.error_share = (rate > 0.0).then(|| failed / rate);
        shown.latency_ms = latency;
        out.mark(&component.id).live = Some(shown);
    }
    for (id, link) in &live.links {
        out.mark(id).live = Some(Live {
            state: if link.cut {
                LiveState::Cut
            } else if link.error_share > 0.01 {
                LiveState::Impaired
            } else {
                LiveState::Up
            },
            up: None,
            rate: Some(link.rate),
            error_share: Some(link.error_share),
            latency_ms: link.latency_ms,
        });
    }
    for (a, b) in &live.cuts {
        for side in [a, b] {
            if ctx.design.zone(side.as_str()).is_some() {
                out.mark(side.clone()).live = Some(Live { state: LiveState::Cut, ..Live::default() });
            }
        }
    }
}
