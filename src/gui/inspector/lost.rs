//! "If it is lost": what the loss of an element would do to each journey, in plain words, and the ways to try it.

use egui::Ui;

use crate::design::ElementId;
use crate::gui::command::{Action, Effect, Fault, Say};
use crate::gui::context::{ClaimVerdict, Ctx, Impact, JourneyImpact, LivePhase, Outcome};
use crate::gui::style::size;
use crate::gui::view::{BottomTab, Mode, WhatIf};
use crate::gui::{widgets, words};
use crate::scene::Ink;
use crate::scene::font::Weight;

/// The card of an element.
pub(super) fn lost_ui(ui: &mut Ui, ctx: &Ctx<'_>, id: &str) {
    let is_client = ctx.design.component(id).is_some_and(|c| c.kind == crate::design::Kind::Client);
    if is_client {
        return;
    }
    // The loss of one of several copies is another matter, and often none.
    let several = ctx.design.component(id).is_some_and(|c| c.replicas * c.shards() > 1);
    widgets::head(ui, if several { "If all its instances are lost" } else { "If it is lost" });
    if !ctx.impact.refused.is_empty() {
        widgets::card(ui, Ink::Warn, |ui| {
            widgets::line(ui, "It cannot be said yet", size::CARD, Weight::SemiBold, Ink::Warn);
            widgets::paragraph(ui, &ctx.impact.refused, size::LABEL, Ink::Text2);
        });
        return;
    }
    let Some(impact) = ctx.impact_of(id) else {
        let text = if ctx.design.links.is_empty() {
            "Nothing is linked yet: draw who calls whom, and what a loss does stands here."
        } else {
            "Being computed."
        };
        widgets::paragraph(ui, text, size::LABEL, Ink::Text2);
        return;
    };
    card(ui, ctx, id, impact);
    evidence(ui, ctx, id);
}

fn card(ui: &mut Ui, ctx: &Ctx<'_>, id: &str, impact: &Impact) {
    let mut hurt: Vec<&JourneyImpact> =
        impact.journeys.iter().filter(|j| j.outcome != Outcome::Served).collect();
    hurt.sort_by(|a, b| a.outcome.cmp(&b.outcome).then(a.share.total_cmp(&b.share)));
    let worst = hurt.first().map_or(Outcome::Served, |j| j.outcome);
    let ink = words::outcome_ink(worst);
    widgets::card(ui, ink, |ui| {
        widgets::paragraph_weighted(
            ui,
            &headline(&hurt, impact.journeys.len()),
            size::CARD,
            Weight::SemiBold,
            ink,
        );
        for journey in hurt.iter().take(6) {
            let text = sentence(journey);
            widgets::paragraph(ui, &text, size::LABEL, Ink::Text2);
        }
        if hurt.len() > 6 {
            widgets::caption(ui, &format!("and {} more", words::counted(hurt.len() - 6, "journey")));
        }
        let spared = impact.journeys.len() - hurt.len();
        if spared > 0 && !hurt.is_empty() {
            let text = if spared == 1 {
                let one = impact.journeys.iter().find(|j| j.outcome == Outcome::Served);
                format!("{} is not touched.", one.map_or("One journey", |j| j.title.as_str()))
            } else {
                format!("{spared} other journeys are not touched.")
            };
            widgets::paragraph(ui, &text, size::LABEL, Ink::Text2);
        }
        if let Some(text) = cost(ctx, id) {
            widgets::paragraph(ui, &text, size::LABEL, Ink::Text2);
        }
        ui.add_space(4.0);
        actions(ui, ctx, id);
    });
}

/// What its own failures cost all journeys in the long run, where that is known.
fn cost(ctx: &Ctx<'_>, id: &str) -> Option<String> {
    let expected = ctx.figures.expected_loss(id).filter(|e| *e > 0.0)?;
    let time = words::per_year(expected);
    let whose = match ctx.design.component(id) {
        Some(c) if c.replicas * c.shards() > 1 => "One at a time, failures of its instances cost",
        _ => "Its own failures cost",
    };
    Some(format!("{whose} {time} of all traffic."))
}

fn headline(hurt: &[&JourneyImpact], all: usize) -> String {
    match hurt {
        [] if all == 0 => "No journey is drawn that it could hurt".to_owned(),
        [] => "Every journey is still served".to_owned(),
        [one] => match one.outcome {
            Outcome::Lost => format!("{} is lost", one.title),
            Outcome::Part => format!("{} is served in part", one.title),
            _ => format!("{} is served without something optional", one.title),
        },
        many => {
            let lost: Vec<&str> =
                many.iter().filter(|j| j.outcome == Outcome::Lost).map(|j| j.title.as_str()).collect();
            match lost.as_slice() {
                [] => format!("{} of {all} journeys suffer", many.len()),
                [one] => format!("{one} is lost"),
                [a, b] => format!("{a} and {b} are lost"),
                more => format!("{} of {all} journeys are lost", more.len()),
            }
        }
    }
}

fn sentence(j: &JourneyImpact) -> String {
    match j.outcome {
        Outcome::Lost => format!("{}: no request is served.", j.title),
        Outcome::Part => {
            format!(
                "{}: {} of its requests are served, {} fail.",
                j.title,
                words::percent(j.share),
                words::percent(1.0 - j.share)
            )
        }
        Outcome::Degraded => {
            format!(
                "{}: all served, {} without something optional.",
                j.title,
                words::percent(j.degraded_share)
            )
        }
        Outcome::Served => format!("{}: all served.", j.title),
    }
}

fn actions(ui: &mut Ui, ctx: &Ctx<'_>, id: &str) {
    let element = ElementId::new(id);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        let running = ctx.live.is_some_and(|l| l.phase == LivePhase::Running);
        let is_link = ctx.design.link(id);
        if widgets::link(ui, "Try it live").clicked() {
            if running {
                let fault = if let Some(zone) = ctx.design.zone(id) {
                    vec![Fault::FailZone(zone.id.clone())]
                } else if let Some(link) = is_link {
                    vec![Fault::Cut { from: (&link.from).into(), to: (&link.to).into(), both: true }]
                } else if let Some(cause) = ctx.design.cause(id) {
                    cause.members.iter().filter_map(|m| fault_of(ctx, m)).collect()
                } else {
                    vec![Fault::Kill(element.clone())]
                };
                for f in fault {
                    ctx.commands.effect(Effect::Fault(f));
                }
                ctx.commands.view(Action::SetMode(Mode::Run));
            } else {
                let claims: Vec<String> = ctx
                    .proof
                    .claims
                    .iter()
                    .filter(|c| matches!(c.elements.as_slice(), [one] if one.as_str() == id))
                    .map(|c| c.id.clone())
                    .collect();
                if claims.is_empty() {
                    ctx.commands.effect(Effect::Run);
                    ctx.commands.view(Action::SetMode(Mode::Run));
                    let name = words::element(ctx.design, id);
                    let say =
                        Say::warn("The cluster is starting", format!("Kill {name} once it is up, with K."));
                    ctx.commands.view(Action::Say(say));
                } else {
                    ctx.commands.effect(Effect::Prove(claims));
                    ctx.commands.view(Action::SetMode(Mode::Prove));
                }
            }
        }
        let tried = ctx.view.what_if.as_ref().is_some_and(|w| w.down.contains(&element));
        let words = if tried { "End what if" } else { "What if" };
        if widgets::link(ui, words).clicked() {
            let world = (!tried).then(|| WhatIf { down: [element.clone()].into(), ..WhatIf::default() });
            ctx.commands.view(Action::SetWhatIf(world));
        }
        if let Some(f) =
            ctx.report.and_then(|r| r.open().find(|f| f.fix.is_some() && f.subjects.contains(&element)))
            && widgets::link(ui, "Harden…").clicked()
        {
            ctx.commands.view(Action::SetTab(BottomTab::Findings));
            ctx.commands.view(Action::FocusFinding(Some(f.id.clone())));
        }
    });
}

fn fault_of(ctx: &Ctx<'_>, id: &ElementId) -> Option<Fault> {
    if let Some(zone) = ctx.design.zone(id.as_str()) {
        Some(Fault::FailZone(zone.id.clone()))
    } else if let Some(link) = ctx.design.link(id.as_str()) {
        Some(Fault::Cut { from: (&link.from).into(), to: (&link.to).into(), both: true })
    } else {
        Some(Fault::Kill(id.clone()))
    }
}

/// What a proof has said about the element.
fn evidence(ui: &mut Ui, ctx: &Ctx<'_>, id: &str) {
    let about = |e: &ElementId| e.as_str() == id || e.as_str().split('/').next() == Some(id);
    let of = |v: ClaimVerdict| {
        ctx.proof.claims.iter().filter(|c| c.verdict == v && c.elements.iter().any(about)).count()
    };
    let (confirmed, refuted, inconclusive) =
        (of(ClaimVerdict::Confirmed), of(ClaimVerdict::Refuted), of(ClaimVerdict::Inconclusive));
    if confirmed + refuted + inconclusive == 0 {
        return;
    }
    let mut parts = Vec::new();
    for (n, word) in [(confirmed, "confirmed"), (refuted, "refuted"), (inconclusive, "inconclusive")] {
        if n > 0 {
            parts.push(format!("{n} {word}"));
        }
    }
    let ink = if refuted > 0 {
        Ink::Bad
    } else if inconclusive > 0 {
        Ink::Warn
    } else {
        Ink::Good
    };
    let text = format!("Tried on a live cluster: {}", parts.join(", "));
    widgets::line(ui, &text, size::LABEL, Weight::Medium, ink);
}
