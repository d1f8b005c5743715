//! What a running cluster can be broken with: one button each, with what it does and to what.

use egui::{CornerRadius, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::design::{ElementId, ZoneId};
use crate::gui::command::{Effect, Fault};
use crate::gui::context::{Ctx, LivePhase};
use crate::gui::style::{self, RADIUS, size};
use crate::gui::widgets::{self, Emphasis, paint_text};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// One thing that can be done.
struct Offer {
    icon: Icon,
    title: &'static str,
    does: String,
    /// What is done, or why it cannot be.
    faults: Result<Vec<Fault>, &'static str>,
}

/// The faults, for what is selected.
pub(super) fn faults_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    let running = ctx.live.is_some_and(|l| l.phase == LivePhase::Running);
    ui.add_space(14.0);
    padded(ui, |ui| {
        if ctx.live.is_none() {
            if widgets::button_in(
                ui,
                vec2(ui.available_width(), style::CONTROL),
                "Run",
                Some(Icon::Play),
                Emphasis::Primary,
            )
            .clicked()
            {
                ctx.commands.effect(Effect::Run);
            }
        } else if widgets::button_in(
            ui,
            vec2(ui.available_width(), style::CONTROL),
            "Mend everything",
            Some(Icon::Heal),
            Emphasis::Plain,
        )
        .clicked()
        {
            ctx.commands.effect(Effect::Fault(Fault::HealAll));
        }
    });
    ui.add_space(10.0);
    padded(ui, |ui| {
        let target = match ctx.view.selection.ids() {
            [] => "Select what to break".to_owned(),
            ids => format!("To {}", words::elements(ctx.design, ids, 2)),
        };
        widgets::caption(ui, &target);
    });
    ui.add_space(4.0);
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        for offer in offers(ctx) {
            let able = if running { offer.faults } else { Err("No cluster is running") };
            let response = row(ui, offer.icon, offer.title, &offer.does, able.is_ok());
            match able {
                Ok(faults) => {
                    if response.clicked() {
                        for fault in faults {
                            ctx.commands.effect(Effect::Fault(fault));
                        }
                    }
                }
                Err(why) => {
                    response.on_hover_text(why);
                }
            }
        }
    });
}

fn padded(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.add_space(12.0);
        ui.vertical(|ui| {
            ui.set_width(ui.available_width() - 12.0);
            add(ui);
        });
    });
}

fn offers(ctx: &Ctx<'_>) -> Vec<Offer> {
    let ids = ctx.view.selection.ids();
    let is_node = |id: &ElementId| {
        ctx.design
            .component(id.as_str().split('/').next().unwrap_or_default())
            .is_some_and(|c| c.kind != crate::design::Kind::Client)
    };
    let nodes: Vec<ElementId> = ids.iter().filter(|id| is_node(id)).cloned().collect();
    let zones: Vec<ZoneId> =
        ids.iter().filter_map(|id| ctx.design.zone(id.as_str())).map(|z| z.id.clone()).collect();
    let each = |make: fn(ElementId) -> Fault| {
        if nodes.is_empty() {
            Err("Select a component or an instance")
        } else {
            Ok(nodes.iter().cloned().map(make).collect())
        }
    };
    let each_zone = |make: fn(ZoneId) -> Fault| {
        if zones.is_empty() { Err("Select a zone") } else { Ok(zones.iter().cloned().map(make).collect()) }
    };
    let ends = ends(ctx);
    let between = |make: &dyn Fn(ElementId, ElementId) -> Fault| match &ends {
        Some((from, to)) => Ok(vec![make(from.clone(), to.clone())]),
        None => Err("Select a link, or two components, instances or zones"),
    };
    let offer = |icon, title, does: &str, faults| Offer { icon, title, does: does.to_owned(), faults };
    vec![
        offer(Icon::Kill, "Kill", "Ends the process at once", each(Fault::Kill)),
        offer(Icon::Pause, "Pause", "Holds it: no more answers", each(Fault::Pause)),
        offer(Icon::Play, "Let go on", "Ends the pause", each(Fault::Resume)),
        offer(Icon::Restart, "Restart", "Starts the process again", each(Fault::Restart)),
        offer(
            Icon::Cut,
            "Cut",
            "Nothing passes either way",
            between(&|from, to| Fault::Cut { from, to, both: true }),
        ),
        offer(
            Icon::ArrowRight,
            "Cut one way",
            "Only the way there",
            between(&|from, to| Fault::Cut { from, to, both: false }),
        ),
        offer(Icon::Heal, "Mend the cut", "Both ways again", between(&|from, to| Fault::Heal { from, to })),
        offer(Icon::Zone, "Fail a zone", "Ends all that is in it", each_zone(Fault::FailZone)),
        offer(Icon::Cut, "Isolate a zone", "Cuts it off from outside", each_zone(Fault::IsolateZone)),
        offer(Icon::Restart, "Restore a zone", "Starts all that is in it", each_zone(Fault::RestoreZone)),
    ]
}

/// The two sides of a cut: the ends of a selected link, or two selected elements.
fn ends(ctx: &Ctx<'_>) -> Option<(ElementId, ElementId)> {
    match ctx.view.selection.ids() {
        [one] => {
            let link = ctx.design.link(one.as_str())?;
            Some((ElementId::from(&link.from), ElementId::from(&link.to)))
        }
        [a, b] if ctx.design.link(a.as_str()).is_none() && ctx.design.link(b.as_str()).is_none() => {
            Some((a.clone(), b.clone()))
        }
        _ => None,
    }
}

fn row(ui: &mut Ui, icon: Icon, title: &str, does: &str, able: bool) -> egui::Response {
    let sense = if able { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, able, title));
    if able && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(
            rect.shrink2(vec2(8.0, 1.0)),
            CornerRadius::same(RADIUS),
            style::ink(ui, Ink::Raised),
        );
    }
    let opacity = if able { 1.0 } else { 0.4 };
    let tile = Rect::from_min_size(pos2(rect.left() + 14.0, rect.center().y - 14.0), vec2(28.0, 28.0));
    let ink = match icon {
        Icon::Heal | Icon::Restart | Icon::Play => Ink::Good,
        _ => Ink::Bad,
    };
    ui.painter().rect_filled(tile, CornerRadius::same(7), style::faint(ui, ink, 0.14 * opacity));
    let inner = Rect::from_center_size(tile.center(), vec2(16.0, 16.0));
    widgets::paint_icon(ui, icon, inner, style::faint(ui, ink, opacity));
    let words = Rect::from_min_max(
        pos2(rect.left() + 52.0, rect.top() + 5.0),
        pos2(rect.right() - 8.0, rect.center().y + 1.0),
    );
    let color = style::faint(ui, Ink::Text1, if able { 1.0 } else { 0.55 });
    paint_text(ui, words, egui::Align::Min, title, (size::BODY, Weight::Medium, color));
    let below =
        Rect::from_min_max(pos2(words.left(), rect.center().y), pos2(words.right(), rect.bottom() - 5.0));
    let color = style::faint(ui, Ink::Text2, if able { 1.0 } else { 0.55 });
    paint_text(ui, below, egui::Align::Min, does, (size::CAPTION, Weight::Regular, color));
    response
}
