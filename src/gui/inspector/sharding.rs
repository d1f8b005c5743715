//! How a component splits its data, and how its keys are asked for.

use egui::Ui;

use super::form::Form;
use crate::design::{Component, KeyShape, Sharding, Strategy};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    None,
    Hash,
    Consistent,
    Rendezvous,
    Jump,
    Range,
    Directory,
}

/// Strategy, shards, key and key distribution.
pub fn sharding_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let mut kind = match c.sharding.as_ref().map(|s| &s.strategy) {
        None => Kind::None,
        Some(Strategy::Hash) => Kind::Hash,
        Some(Strategy::ConsistentHash { .. }) => Kind::Consistent,
        Some(Strategy::Rendezvous) => Kind::Rendezvous,
        Some(Strategy::Jump) => Kind::Jump,
        Some(Strategy::Range { .. }) => Kind::Range,
        Some(Strategy::Directory) => Kind::Directory,
    };
    let before = kind;
    form.choice(
        ui,
        "Strategy",
        &mut kind,
        Some(&Kind::None),
        &[
            (Kind::None, "none", "not split"),
            (Kind::Hash, "Hash", "modulo the shards"),
            (Kind::Consistent, "Consistent hash", "a ring"),
            (Kind::Rendezvous, "Rendezvous", "highest weight"),
            (Kind::Jump, "Jump", "no table"),
            (Kind::Range, "Range", "split points"),
            (Kind::Directory, "Directory", "a table, by hand"),
        ],
        "How a key finds its shard",
    );
    if kind != before {
        let old = c.sharding.take().unwrap_or(Sharding { shards: 4, ..Sharding::default() });
        let strategy = match kind {
            Kind::None => None,
            Kind::Hash => Some(Strategy::Hash),
            Kind::Consistent => Some(Strategy::ConsistentHash { virtual_nodes: 128 }),
            Kind::Rendezvous => Some(Strategy::Rendezvous),
            Kind::Jump => Some(Strategy::Jump),
            Kind::Range => Some(Strategy::Range { splits: Vec::new() }),
            Kind::Directory => Some(Strategy::Directory),
        };
        c.sharding = strategy.map(|strategy| Sharding { strategy, ..old });
    }
    let Some(s) = &mut c.sharding else { return };
    form.count(
        ui,
        "Shards",
        &mut s.shards,
        (1, 1024),
        "",
        ("", "Each shard has as many instances as replicas says"),
    );
    match &mut s.strategy {
        Strategy::ConsistentHash { virtual_nodes } => {
            form.count(
                ui,
                "Virtual nodes",
                virtual_nodes,
                (1, 65_536),
                "",
                ("a shard", "Points of each shard on the ring"),
            );
        }
        Strategy::Range { splits } => splits_ui(ui, form, splits, s.shards),
        _ => {}
    }
    form.text(ui, "Key", &mut s.key, "its own");
    form.note(ui, "Stores with the same key split alike, so one request falls on the same shard of each.");
    keys(ui, form, s);
}

fn splits_ui(ui: &mut Ui, form: &mut Form<'_>, splits: &mut Vec<f64>, shards: u32) {
    let mut text = splits.iter().map(|v| super::form::plain(*v)).collect::<Vec<_>>().join(", ");
    let before = text.clone();
    form.text(ui, "Split points", &mut text, "equal ranges");
    if text == before {
        return;
    }
    let parsed: Option<Vec<f64>> = text
        .split([',', ' '])
        .filter(|p| !p.is_empty())
        .map(|p| p.parse::<f64>().ok().filter(|v| (0.0..1.0).contains(v)))
        .collect();
    match parsed {
        Some(points) if points.is_empty() || points.len() + 1 == shards as usize => *splits = points,
        _ => {
            form.changed = None;
            let say = crate::gui::command::Say::warn(
                "The split points were not taken",
                format!("Write {} shares between 0 and 1 in ascending order.", shards.saturating_sub(1)),
            );
            form.ctx.commands.view(crate::gui::command::Action::Say(say));
        }
    }
}

fn keys(ui: &mut Ui, form: &mut Form<'_>, s: &mut Sharding) {
    #[derive(Clone, Copy, PartialEq)]
    enum Shape {
        Uniform,
        Zipf,
        Normal,
        Hot,
    }
    let mut shape = match s.keys.shape {
        KeyShape::Uniform => Shape::Uniform,
        KeyShape::Zipf { .. } => Shape::Zipf,
        KeyShape::Normal { .. } => Shape::Normal,
        KeyShape::HotKeys { .. } => Shape::Hot,
    };
    let before = shape;
    form.choice(
        ui,
        "Keys are asked",
        &mut shape,
        Some(&Shape::Uniform),
        &[
            (Shape::Uniform, "Uniformly", "all alike"),
            (Shape::Zipf, "By Zipf", "a few often"),
            (Shape::Normal, "Bell-shaped", "the middle often"),
            (Shape::Hot, "With hot keys", "a fixed share"),
        ],
        "Which keys are asked for how often",
    );
    if shape != before {
        s.keys.shape = match shape {
            Shape::Uniform => KeyShape::Uniform,
            Shape::Zipf => KeyShape::Zipf { exponent: 1.0 },
            Shape::Normal => KeyShape::Normal { deviation: 0.15 },
            Shape::Hot => KeyShape::HotKeys { keys: 10, share: 0.5 },
        };
    }
    match &mut s.keys.shape {
        KeyShape::Uniform => {}
        KeyShape::Zipf { exponent } => {
            form.number(
                ui,
                "Exponent",
                exponent,
                (0.0, 5.0),
                ("", "1 is the classical law; larger is more skewed"),
            );
        }
        KeyShape::Normal { deviation } => {
            let mut share = Some(*deviation);
            form.share(ui, "Deviation", &mut share, "", "Standard deviation as a share of the key space");
            *deviation = share.unwrap_or(*deviation);
        }
        KeyShape::HotKeys { keys, share } => {
            form.count(ui, "Hot keys", keys, (1, 1_000_000), "", ("", "How many keys are hot"));
            let mut part = Some(*share);
            form.share(ui, "Their share", &mut part, "", "Their share of the requests together");
            *share = part.unwrap_or(*share);
        }
    }
    form.count(
        ui,
        "Distinct keys",
        &mut s.keys.count,
        (1, 100_000_000),
        "10000 (default)",
        ("", "Number of distinct keys"),
    );
}
