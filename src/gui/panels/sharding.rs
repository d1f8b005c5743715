//! How the data of each sharded store is spread: bars a shard, how uneven they are, and what other strategies give.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{ScrollArea, Ui, vec2};

use crate::analysis::sharding::{self, Balance, PEAK_OVER_MEAN_MAX};
use crate::design::{Component, ElementId, Sharding, Strategy};
use crate::edit::commands;
use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::style::{self, size};
use crate::gui::widgets;
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// For a sharding: its balance, and what other strategies give.
type Computed = (Sharding, Arc<Balance>, Arc<Vec<(Strategy, Balance)>>);

/// What has been computed, kept while the sharding stays the same: placing every key takes longer than a frame has.
#[derive(Clone, Default)]
struct Known {
    of: Arc<BTreeMap<String, Computed>>,
}

/// The tab of the sharding.
pub(super) fn sharding_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let sharded: Vec<&Component> =
        ctx.design.components.iter().filter(|c| c.sharding.is_some() && c.shards() > 1).collect();
    if sharded.is_empty() {
        empty(ui, ctx);
        return;
    }
    let mut known: Known = super::memory(ui, "sharding");
    let stale =
        sharded.iter().any(|c| known.of.get(c.id.as_str()).is_none_or(|k| Some(&k.0) != c.sharding.as_ref()));
    if stale {
        let mut next = BTreeMap::new();
        for c in &sharded {
            let Some(s) = &c.sharding else { continue };
            let entry = match known.of.get(c.id.as_str()) {
                Some(k) if k.0 == *s => k.clone(),
                _ => (s.clone(), Arc::new(sharding::balance(s)), Arc::new(sharding::compare(s))),
            };
            next.insert(c.id.to_string(), entry);
        }
        known.of = Arc::new(next);
        super::remember(ui, "sharding", known.clone());
    }
    ScrollArea::vertical().id_salt("sharding").auto_shrink([false, false]).show(ui, |ui| {
        ui.add_space(12.0);
        for c in sharded {
            if let Some((s, balance, others)) = known.of.get(c.id.as_str()) {
                ui.push_id(c.id.as_str(), |ui| store(ui, ctx, c, s, balance, others));
                ui.add_space(18.0);
            }
        }
    });
}

fn empty(ui: &mut Ui, ctx: &Ctx<'_>) {
    let first = ctx.design.components.iter().find(|c| c.kind.is_store());
    let sentence = match first {
        Some(_) => {
            "No store is split into shards: choose a strategy for one, and how its load falls stands here."
        }
        None => "There is no store yet: draw one, and its sharding can be set in the inspector.",
    };
    let name = first.map(|c| format!("Select {}", c.title()));
    if widgets::empty(ui, Icon::Shards, sentence, name.as_deref()).is_some_and(|r| r.clicked())
        && let Some(c) = first
    {
        ctx.commands.view(Action::Select(vec![ElementId::from(&c.id)]));
    }
}

fn store(
    ui: &mut Ui,
    ctx: &Ctx<'_>,
    c: &Component,
    s: &Sharding,
    b: &Balance,
    others: &[(Strategy, Balance)],
) {
    let uneven = b.peak_over_mean > PEAK_OVER_MEAN_MAX;
    ui.horizontal_top(|ui| {
        ui.add_space(20.0);
        let total = ui.available_width() - 20.0;
        let left = 176.0;
        let right = (total * 0.36).clamp(240.0, 360.0);
        let middle = (total - left - right - 40.0).max(120.0);
        ui.allocate_ui(vec2(left, 0.0), |ui| {
            ui.vertical(|ui| {
                ui.set_width(left);
                ui.spacing_mut().item_spacing.y = 2.0;
                let name = widgets::link(ui, c.title());
                if name.clicked() {
                    ctx.commands.view(Action::Select(vec![ElementId::from(&c.id)]));
                }
                if name.hovered() {
                    ctx.commands.view(Action::Hover(ElementId::from(&c.id)));
                }
                let line =
                    format!("{} shards, {}", s.shards, sharding::strategy_name(&s.strategy).to_lowercase());
                widgets::label(ui, &line);
                ui.add_space(6.0);
                let ink = if uneven { Ink::Warn } else { Ink::Text1 };
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 16.0;
                    number(ui, &format!("{:.2}", b.peak_over_mean), "peak / mean", ink);
                    number(ui, &format!("{:.2}", b.variation), "CoV", Ink::Text1);
                    number(ui, &format!("{:.2}", b.gini), "Gini", Ink::Text1);
                });
            });
        });
        ui.add_space(20.0);
        ui.vertical(|ui| {
            ui.set_width(middle);
            ui.spacing_mut().item_spacing.y = 6.0;
            let name = format!("Load of the shards of {}", c.title());
            widgets::bars(ui, &name, &b.shares, uneven.then_some(b.hottest), vec2(middle, 84.0));
            let line = format!(
                "Hottest: shard {} with {} of requests · hottest key alone {} · dashed: the mean",
                b.hottest + 1,
                words::percent(b.shares.get(b.hottest).copied().unwrap_or_default()),
                words::percent(b.hottest_key),
            );
            widgets::caption(ui, &line);
        });
        ui.add_space(20.0);
        ui.vertical(|ui| {
            ui.set_width(right);
            ui.spacing_mut().item_spacing.y = 0.0;
            widgets::line(ui, "What other strategies give", size::LABEL, Weight::SemiBold, Ink::Text1);
            ui.add_space(4.0);
            for (strategy, other) in others {
                alternative(ui, ctx, c, s, strategy, other);
            }
        });
    });
}

fn number(ui: &mut Ui, value: &str, name: &str, ink: Ink) {
    widgets::metric(ui, value, name, ink);
}

/// One other strategy with its peak over mean, and a way to take it.
fn alternative(ui: &mut Ui, ctx: &Ctx<'_>, c: &Component, s: &Sharding, strategy: &Strategy, b: &Balance) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), egui::Sense::hover());
    let in_force = std::mem::discriminant(strategy) == std::mem::discriminant(&s.strategy);
    let name = sharding::strategy_name(strategy);
    let ink = if in_force { Ink::Text1 } else { Ink::Text2 };
    let color = style::ink(ui, ink);
    let weight = if in_force { Weight::Medium } else { Weight::Regular };
    widgets::paint_text(ui, rect, egui::Align::Min, &words::sentence(name), (size::LABEL, weight, color));
    let value = egui::Rect::from_min_max(rect.min, rect.max - vec2(72.0, 0.0));
    let ink = if b.peak_over_mean > PEAK_OVER_MEAN_MAX { Ink::Warn } else { Ink::Good };
    let text = format!("{:.2} peak / mean", b.peak_over_mean);
    let color = style::ink(ui, ink);
    widgets::paint_text(ui, value, egui::Align::Max, &text, (size::LABEL, Weight::Regular, color));
    if in_force {
        let color = style::ink(ui, Ink::Text3);
        widgets::paint_text(ui, rect, egui::Align::Max, "in force", (size::CAPTION, Weight::Regular, color));
        return;
    }
    let at = egui::Rect::from_min_max(egui::pos2(rect.right() - 60.0, rect.top()), rect.max);
    let response = ui.interact(at, ui.scope_id().with(("take", name)), egui::Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Take {name} for {}", c.title()))
    });
    let ink = if response.hovered() || response.has_focus() { Ink::Text1 } else { Ink::Accent };
    let color = style::ink(ui, ink);
    widgets::paint_text(ui, at, egui::Align::Max, "Take it", (size::LABEL, Weight::Medium, color));
    if response.clicked() {
        let mut copy = c.clone();
        copy.sharding = Some(Sharding { strategy: strategy.clone(), ..s.clone() });
        ctx.commands.edit(commands::replace(format!("Shard {} by {name}", c.title()), copy));
    }
}
