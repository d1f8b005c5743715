//! What a partition costs each replicated store: on each side, who can still read and write, and what the answers are
//! worth.

use std::sync::Arc;

use egui::Ui;

use crate::analysis::Facts;
use crate::analysis::consistency::{self, PartitionView, SideView, StoreView};
use crate::design::ElementId;
use crate::gui::command::{Action, Effect, Fault};
use crate::gui::context::{Ctx, LivePhase};
use crate::gui::view::WhatIf;
use crate::gui::widgets::{self, Column, Row, Sorting, Table};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// What has been computed, for one revision of the design.
#[derive(Clone, Default)]
struct Known {
    revision: Option<u64>,
    views: Arc<Vec<StoreView>>,
    chosen: Option<(usize, usize)>,
}

const COLUMNS: [Column; 6] = [
    Column::fixed("", 16.0),
    Column::grows("If these are cut apart", 190.0, 1.6),
    Column::grows("Side", 130.0, 1.2),
    Column::fixed("Writes", 110.0),
    Column::fixed("Reads", 150.0),
    Column::grows("Answers are then", 130.0, 1.2),
];

enum Entry<'a> {
    Store(&'a StoreView),
    Together,
    Side { partition: &'a PartitionView, side: &'a SideView, first: bool, at: (usize, usize) },
}

/// The tab of the consistency.
pub(super) fn consistency_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let mut known: Known = super::memory(ui, "consistency");
    // Every partition of every store: worth keeping until the design changes, and not to be done during a drag.
    let settled = known.revision.is_none() || !ui.input(|i| i.pointer.any_down());
    if known.revision != Some(ctx.session.revision) && settled {
        known.views = Arc::new(consistency::views(&Facts::new(ctx.design)));
        known.revision = Some(ctx.session.revision);
        known.chosen = None;
    }
    if known.views.is_empty() {
        super::remember(ui, "consistency", known);
        empty(ui, ctx);
        return;
    }
    let views = Arc::clone(&known.views);
    let mut entries = Vec::new();
    for (s, store) in views.iter().enumerate() {
        entries.push(Entry::Store(store));
        if store.partitions.is_empty() {
            entries.push(Entry::Together);
        }
        for (p, partition) in store.partitions.iter().enumerate() {
            for (i, side) in partition.sides.iter().enumerate() {
                entries.push(Entry::Side { partition, side, first: i == 0, at: (s, p) });
            }
        }
    }
    let selected = known.chosen.and_then(|want| {
        entries.iter().position(|e| matches!(e, Entry::Side { at, first: true, .. } if *at == want))
    });
    let table = Table {
        id: "consistency",
        columns: &COLUMNS,
        rows: entries.len(),
        selected,
        sorting: Sorting::default(),
    };
    let done = table.show(ui, |i, row| draw(row, ctx, &entries[i]));
    if let Some(Entry::Side { at, .. }) = done.chosen.map(|i| &entries[i]) {
        let again = known.chosen == Some(*at);
        known.chosen = (!again).then_some(*at);
        let store = &views[at.0];
        let world = world(&store.partitions[at.1]).filter(|_| !again);
        ctx.commands.view(Action::SetWhatIf(world));
        ctx.commands.view(Action::Select(store.members.iter().map(ElementId::from).collect()));
    }
    super::remember(ui, "consistency", known);
}

fn empty(ui: &mut Ui, ctx: &Ctx<'_>) {
    let store = ctx.design.components.iter().find(|c| c.kind.is_replicated());
    let sentence = if store.is_some() {
        "Nothing keeps copies yet: give a store a second replica, and what a partition costs stands here."
    } else {
        "There is no store yet: draw one with two replicas, and what a partition costs stands here."
    };
    let name = store.map(|c| format!("Select {}", c.title()));
    if widgets::empty(ui, Icon::Balance, sentence, name.as_deref()).is_some_and(|r| r.clicked())
        && let Some(c) = store
    {
        ctx.commands.view(Action::Select(vec![ElementId::from(&c.id)]));
    }
}

fn draw(row: &mut Row<'_>, ctx: &Ctx<'_>, entry: &Entry<'_>) {
    match entry {
        Entry::Store(store) => {
            let names: Vec<String> =
                store.members.iter().map(|m| words::element(ctx.design, m.as_str())).collect();
            let note = format!("{} while whole · {}", consistency::model_name(store.strength), store.pacelc);
            row.heading(&names.join(", "), &note);
        }
        Entry::Together => {
            row.text(
                1,
                "All replicas share a place: no partition can part them",
                Weight::Regular,
                Ink::Text2,
            );
        }
        Entry::Side { partition, side, first, .. } => {
            if *first {
                let bad = partition.is_split;
                let icon = if bad { Icon::Warning } else { Icon::Cut };
                row.icon(0, icon, if bad { Ink::Bad } else { Ink::Text3 });
                let sides: Vec<String> = partition.sides.iter().map(|s| zones(ctx, s)).collect();
                row.text(1, &sides.join("  |  "), Weight::Medium, Ink::Text1);
            }
            row.text(2, &zones(ctx, side), Weight::Regular, Ink::Text1);
            let a = &side.ability;
            let (text, ink) = able(a.write, a.replicas, "writes", "no writes");
            row.text(3, &text, Weight::Regular, ink);
            let (text, ink) = if a.read <= 0.0 && a.stale > 0.0 {
                ("old data only".to_owned(), Ink::Warn)
            } else {
                able(a.read, a.replicas, "reads", "no reads")
            };
            row.text(4, &text, Weight::Regular, ink);
            if *first {
                let model = words::sentence(consistency::model_name(partition.model));
                let (text, ink) = if partition.is_split {
                    (format!("{model}, both sides write"), Ink::Bad)
                } else {
                    (model, Ink::Text1)
                };
                row.text(5, &text, Weight::Regular, ink);
            } else if ctx.live.is_some_and(|l| l.phase == LivePhase::Running)
                && let Some(fault) = cut_of(partition)
                && row.link(5, "Cut it now")
            {
                ctx.commands.effect(Effect::Fault(fault));
            }
        }
    }
}

fn able(share: f64, replicas: usize, can: &str, cannot: &str) -> (String, Ink) {
    if replicas == 0 && share <= 0.0 {
        ("no replica here".to_owned(), Ink::Text3)
    } else if share >= 1.0 {
        (can.to_owned(), Ink::Good)
    } else if share <= 0.0 {
        (cannot.to_owned(), Ink::Bad)
    } else {
        (format!("{can} {} of keys", words::percent(share)), Ink::Warn)
    }
}

fn zones(ctx: &Ctx<'_>, side: &SideView) -> String {
    if side.zones.is_empty() {
        return "outside every zone".to_owned();
    }
    side.zones.iter().map(|z| words::element(ctx.design, z.as_str())).collect::<Vec<_>>().join(", ")
}

/// The partition as a world that can be tried, where zones can say it.
fn world(partition: &PartitionView) -> Option<WhatIf> {
    let cuts = partition.cuts.as_ref()?;
    let mut world = WhatIf::default();
    for cut in cuts {
        let (a, b) = cut.split_once(':')?;
        if a == "*" || b == "*" {
            return None;
        }
        world.cuts.insert((ElementId::new(a), ElementId::new(b)));
    }
    (!world.is_empty()).then_some(world)
}

/// The one cut that makes it, where one does.
fn cut_of(partition: &PartitionView) -> Option<Fault> {
    match partition.cuts.as_deref()? {
        [one] => {
            let (a, b) = one.split_once(':')?;
            (a != "*" && b != "*").then(|| Fault::Cut {
                from: ElementId::new(a),
                to: ElementId::new(b),
                both: true,
            })
        }
        _ => None,
    }
}
