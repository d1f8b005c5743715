//! What a caller needs of its targets: its slots with the links that stand in them, and how it notices bad targets.

use egui::{Ui, vec2};

use super::form::{Absent, Form};
use crate::deploy::{EffectiveSlot, slots_of, stands_in_slot};
use crate::design::{Balance, Component, Detector, DetectorMode, LinkId, Millis, Need, Slot, When};
use crate::edit::{Command, Edit};
use crate::gui::command::Action;
use crate::gui::style::size;
use crate::gui::{widgets, words};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ask {
    All,
    Any,
    Some,
    Optional,
}

/// The slots in force, the drawn ones with their settings, and the detector.
pub fn slots_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let design = form.ctx.design;
    let slots = slots_of(design, c);
    let out = design.links_from(c.id.as_str()).filter(|l| stands_in_slot(design, l)).count();
    if out == 0 && c.slots.is_empty() {
        form.note(ui, "It calls nothing. Drag from its edge to what it needs.");
        return;
    }
    for slot in &slots {
        let drawn = c.slots.iter().any(|s| s.name == slot.name);
        if !drawn {
            implicit(ui, form, slot);
        }
    }
    let mut remove = None;
    for i in 0..c.slots.len() {
        form.within(("slot", i), |form| {
            if drawn_slot(ui, form, c, i) {
                remove = Some(i);
            }
        });
    }
    if let Some(i) = remove {
        let gone = c.slots.remove(i);
        let mut edits: Vec<Edit> = vec![Edit::Replace(c.clone().into())];
        for link in design.links_from(c.id.as_str()).filter(|l| l.slot == gone.name) {
            let mut link = link.clone();
            link.slot.clear();
            edits.push(Edit::Replace(link.into()));
        }
        form.ctx.commands.edit(Command::new("Remove slot", edits));
        return;
    }
    if widgets::button(ui, "Add a slot", Some(Icon::Plus), widgets::Emphasis::Plain).clicked() {
        let n = (1..).find(|n| c.slots.iter().all(|s| s.name != format!("slot-{n}"))).unwrap_or(1);
        c.slots.push(Slot { name: format!("slot-{n}"), need: Need::Any, ..Slot::default() });
        form.touch("Slots");
    }
    ui.add_space(6.0);
    detector(ui, form, c, out);
}

/// A slot that nobody drew: what the kind or a single link makes of it.
fn implicit(ui: &mut Ui, form: &mut Form<'_>, slot: &EffectiveSlot) {
    let design = form.ctx.design;
    let names: Vec<String> =
        slot.links.iter().map(|i| words::element(design, design.links[*i].to.as_str())).collect();
    let need = crate::scene::need_label(slot.need, slot.links.len());
    let when = match slot.when {
        When::EachRequest => String::new(),
        When::AtFailover => ", only at failover".to_owned(),
        When::AtStart => ", only at start".to_owned(),
        When::Every(t) => format!(", cached {t}"),
    };
    let pressed = form.row(
        ui,
        &names.join(", "),
        &format!("Needs {need} of: {}", names.join(", ")),
        false,
        |_, ui, width| {
            let (rect, response) = ui.allocate_exact_size(vec2(width, 28.0), egui::Sense::click());
            response.widget_info(|| {
                egui::WidgetInfo::labeled(
                    egui::Role::Button,
                    true,
                    format!("{need}{when}: {}", names.join(", ")),
                )
            });
            let ink = if response.hovered() { Ink::Accent } else { Ink::Text3 };
            let color = crate::gui::style::ink(ui, ink);
            let text = format!("{need}{when}");
            widgets::paint_text(
                ui,
                rect.shrink2(vec2(10.0, 0.0)),
                egui::Align::Min,
                &text,
                (size::BODY, Weight::Regular, color),
            );
            response.clicked()
        },
    );
    if pressed.0
        && let [one] = slot.links.as_slice()
    {
        let id = crate::design::ElementId::from(&design.links[*one].id);
        form.ctx.commands.view(Action::Select(vec![id]));
    }
}

/// A drawn slot as a card; says whether it is to go.
fn drawn_slot(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component, i: usize) -> bool {
    let design = form.ctx.design;
    let own = c.id.clone();
    let mut remove = false;
    let before_slots = c.slots.clone();
    let slot = &mut c.slots[i];
    let members: Vec<LinkId> =
        design.links_from(own.as_str()).filter(|l| l.slot == slot.name).map(|l| l.id.clone()).collect();
    widgets::card(ui, Ink::Raised, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        let mut name = slot.name.clone();
        form.text(ui, "Slot", &mut name, "name");
        if name != slot.name && !name.is_empty() {
            rename(form, own.as_str(), before_slots.clone(), i, &name);
            form.changed = None;
            return;
        }
        let mut ask = match slot.need {
            Need::All => Ask::All,
            Need::Any => Ask::Any,
            Need::KOf(_) => Ask::Some,
            Need::Optional => Ask::Optional,
        };
        let before = ask;
        form.choice(
            ui,
            "Needs",
            &mut ask,
            None,
            &[
                (Ask::All, "All", "every link"),
                (Ask::Any, "Any", "one target is enough"),
                (Ask::Some, "Some", "k of the links"),
                (Ask::Optional, "Optional", "degrades, never fails"),
            ],
            "What the slot asks of its links",
        );
        if ask != before {
            slot.need = match ask {
                Ask::All => Need::All,
                Ask::Any => Need::Any,
                Ask::Some => Need::KOf((members.len() as u32 / 2 + 1).max(1)),
                Ask::Optional => Need::Optional,
            };
        }
        if let Need::KOf(k) = &mut slot.need {
            let most = (members.len() as u32).max(1);
            form.count(ui, "How many", k, (1, most), "", ("", "Links that must be served"));
        }
        if slot.need == Need::Optional || !slot.fallback.is_empty() {
            form.text(ui, "Instead", &mut slot.fallback, "no fallback stated");
        }
        #[derive(Clone, Copy, PartialEq)]
        enum Felt {
            Each,
            Failover,
            Start,
            Every,
        }
        let mut felt = match slot.when {
            When::EachRequest => Felt::Each,
            When::AtFailover => Felt::Failover,
            When::AtStart => Felt::Start,
            When::Every(_) => Felt::Every,
        };
        let was = felt;
        form.choice(
            ui,
            "When",
            &mut felt,
            Some(&Felt::Each),
            &[
                (Felt::Each, "each request", ""),
                (Felt::Failover, "At failover", "to replace a primary"),
                (Felt::Start, "At start", "running ones do without"),
                (Felt::Every, "Cached", "the answer lasts"),
            ],
            "When the need is felt",
        );
        if felt != was {
            slot.when = match felt {
                Felt::Each => When::EachRequest,
                Felt::Failover => When::AtFailover,
                Felt::Start => When::AtStart,
                Felt::Every => When::Every(Millis(1000.0)),
            };
        }
        if let When::Every(t) = &mut slot.when {
            form.needed(ui, "Lasts", t, "How long the cached answer is used");
        }
        form.count(
            ui,
            "Tries",
            &mut slot.tries,
            (1, 16),
            "as its links",
            ("", "Distinct targets that a request tries in all"),
        );
        let candidates: Vec<(LinkId, String)> = design
            .links_from(own.as_str())
            .filter(|l| stands_in_slot(design, l))
            .map(|l| (l.id.clone(), words::element(design, l.to.as_str())))
            .collect();
        let mut list = members.clone();
        form.chips(ui, "Links", &mut list, &candidates, ("none yet", "The links that stand in this slot"));
        if list != members {
            let edits = design
                .links_from(own.as_str())
                .filter_map(|l| {
                    let slot_now = if list.contains(&l.id) {
                        slot.name.clone()
                    } else if l.slot == slot.name {
                        String::new()
                    } else {
                        return None;
                    };
                    (slot_now != l.slot).then(|| {
                        let mut link = l.clone();
                        link.slot = slot_now;
                        Edit::Replace(link.into())
                    })
                })
                .collect::<Vec<_>>();
            form.ctx.commands.edit(Command::new("Assign links to slot", edits));
            form.changed = None;
        }
        remove = widgets::link(ui, "Remove this slot").clicked();
    });
    ui.add_space(4.0);
    remove
}

/// Gives a slot another name, in the component and in its links.
fn rename(form: &Form<'_>, component: &str, mut slots: Vec<Slot>, i: usize, name: &str) {
    let design = form.ctx.design;
    let Some(c) = design.component(component) else { return };
    if slots.iter().any(|s| s.name == name) {
        let say =
            crate::gui::command::Say::warn("That name is taken", "Another slot of this component has it.");
        form.ctx.commands.view(Action::Say(say));
        return;
    }
    let old = std::mem::replace(&mut slots[i].name, name.to_owned());
    let mut c = c.clone();
    c.slots = slots;
    let mut edits: Vec<Edit> = vec![Edit::Replace(c.into())];
    for link in design.links_from(component).filter(|l| l.slot == old) {
        let mut link = link.clone();
        name.clone_into(&mut link.slot);
        edits.push(Edit::Replace(link.into()));
    }
    form.ctx.commands.edit(Command::new("Name slot", edits));
}

fn detector(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component, out: usize) {
    if out == 0 {
        return;
    }
    if c.kind.spreads() || c.balance != Balance::RoundRobin {
        form.choice(
            ui,
            "Picks",
            &mut c.balance,
            Some(&Balance::RoundRobin),
            &[
                (Balance::RoundRobin, "In turn", "round robin"),
                (Balance::LeastConnections, "Least busy", "fewest under way"),
                (Balance::Hash, "By key", "a hash"),
            ],
            "How it picks among eligible targets",
        );
    }
    let mut d = c.detector();
    form.choice(
        ui,
        "Notices by",
        &mut d.mode,
        Some(&DetectorMode::Connect),
        &[
            (DetectorMode::Connect, "Connecting", "refused, timed out"),
            (DetectorMode::Passive, "Failed requests", "errors included"),
            (DetectorMode::Shallow, "Asking the process", "health check"),
            (DetectorMode::Deep, "Asking its needs", "deep health check"),
        ],
        "How it notices that a target is bad",
    );
    if matches!(d.mode, DetectorMode::Shallow | DetectorMode::Deep) {
        form.quantity(
            ui,
            "Asks every",
            &mut d.interval,
            Absent::Default(Millis(250.0)),
            ("", "Between active checks"),
        );
    }
    if d.mode != DetectorMode::Connect {
        form.count(
            ui,
            "After",
            &mut d.threshold,
            (1, 100),
            "2 (default)",
            ("misses", "Misses until a target is left out"),
        );
    }
    if d != c.detector() {
        c.detector = (d != Detector::default()).then_some(d);
    }
}
