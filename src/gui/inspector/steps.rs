//! The tree of a journey's steps: along which link, what is done, and what that causes at the other end.

use egui::{Ui, vec2};

use super::form::Form;
use super::journey::MODELS;
use crate::design::{ComponentId, Interaction, Keys, LinkId, Op, ReadFrom, Step};
use crate::gui::style::{self, CONTROL};
use crate::gui::{widgets, words};
use crate::scene::{Icon, Ink};

const OPS: [(Option<Op>, &str, &str); 8] = [
    (None, "by link", "what the link says"),
    (Some(Op::Call), "Call", "a request"),
    (Some(Op::Read), "Read", "of a key"),
    (Some(Op::Write), "Write", "of a key"),
    (Some(Op::Publish), "Publish", "a message"),
    (Some(Op::Resolve), "Resolve", "a name"),
    (Some(Op::Deliver), "Deliver", "begins an effect"),
    (Some(Op::WaitForEffect), "Wait", "until effects are done"),
];

/// Steps deeper than this are shown but not indented further.
const INDENT_MAX: usize = 6;

/// The steps that lead out of a component.
pub(super) fn steps_ui(
    ui: &mut Ui,
    form: &mut Form<'_>,
    at: &ComponentId,
    steps: &mut Vec<Step>,
    depth: usize,
) {
    let out = links_out(form, at);
    let mut remove = None;
    let mut swap = None;
    let n = steps.len();
    for (i, step) in steps.iter_mut().enumerate() {
        form.within(("step", depth, i), |form| {
            let done = step_ui(ui, form, step, &out, depth, (i, n));
            if done == Some(Done::Remove) {
                remove = Some(i);
            } else if done == Some(Done::Up) {
                swap = Some(i);
            }
        });
    }
    if let Some(i) = remove {
        steps.remove(i);
        form.touch("Steps");
    }
    if let Some(i) = swap
        && i > 0
    {
        steps.swap(i - 1, i);
        form.touch("Steps");
    }
    if depth == 0 && out.is_empty() {
        form.note(ui, "Its client calls nothing yet: draw a link from it first.");
    } else if depth == 0 {
        adder(ui, form, at, "Add a step", steps);
    }
}

/// A menu of the links that lead out of a component; what is chosen becomes a further step.
fn adder(ui: &mut Ui, form: &mut Form<'_>, at: &ComponentId, text: &str, steps: &mut Vec<Step>) {
    let out = links_out(form, at);
    if out.is_empty() {
        return;
    }
    let menu: Vec<(&str, &str)> = out.iter().map(|(id, name)| (name.as_str(), id.as_str())).collect();
    let from = words::element(form.ctx.design, at.as_str());
    let width = ui.available_width().min(190.0);
    let chosen = ui
        .push_id((form.id, "add"), |ui| {
            widgets::choice(ui, &format!("Add a step from {from}"), text, true, &menu, width)
        })
        .inner;
    if let Some(i) = chosen {
        steps.push(Step { link: out[i].0.clone(), ..Step::default() });
        form.touch("Steps");
    }
}

/// The links that a step out of a component can go along, with the names of their ends.
fn links_out(form: &Form<'_>, at: &ComponentId) -> Vec<(LinkId, String)> {
    let design = form.ctx.design;
    let carries = |i| !matches!(i, Interaction::Replicate | Interaction::Heartbeat | Interaction::Telemetry);
    (design.links_from(at.as_str()).filter(|l| carries(l.interaction)))
        .map(|l| (l.id.clone(), words::element(design, l.to.as_str())))
        .collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Done {
    Remove,
    Up,
}

fn indented<R>(ui: &mut Ui, depth: usize, add: impl FnOnce(&mut Ui, f32) -> R) -> R {
    let left = 12.0 * depth.min(INDENT_MAX) as f32;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if left > 0.0 {
            ui.add_space(left);
        }
        let width = ui.available_width();
        add(ui, width)
    })
    .inner
}

fn step_ui(
    ui: &mut Ui,
    form: &mut Form<'_>,
    step: &mut Step,
    out: &[(LinkId, String)],
    depth: usize,
    (i, n): (usize, usize),
) -> Option<Done> {
    let design = form.ctx.design;
    let target = design
        .link(step.link.as_str())
        .map_or_else(|| step.link.to_string(), |l| words::element(design, l.to.as_str()));
    let key = form.id.with("open");
    let mut open = ui.data(|d| d.get_temp::<bool>(key)).unwrap_or(false);
    let mut done = None;
    indented(ui, depth, |ui, width| {
        let (rect, response) = ui.allocate_exact_size(vec2(16.0, CONTROL), egui::Sense::click());
        response.widget_info(|| {
            egui::WidgetInfo::selected(
                egui::Role::DisclosureTriangle,
                true,
                open,
                format!("Details of the step to {target}"),
            )
        });
        if response.clicked() {
            open = !open;
        }
        let icon = if open { Icon::ChevronDown } else { Icon::ChevronRight };
        let at = egui::Rect::from_center_size(rect.center(), vec2(10.0, 10.0));
        widgets::paint_icon(ui, icon, at, style::ink(ui, Ink::Text3));
        let op_width = 78.0;
        let name_width = (width - 20.0 - op_width - 28.0 - 8.0).max(40.0);
        let menu: Vec<(&str, &str)> = out.iter().map(|(id, name)| (name.as_str(), id.as_str())).collect();
        let to = ui
            .push_id((form.id, "to"), |ui| {
                widgets::choice(ui, &format!("Step {} goes to", i + 1), &target, false, &menu, name_width)
            })
            .inner;
        if let Some(k) = to {
            step.link = out[k].0.clone();
            step.then.clear();
            form.touch("Steps");
        }
        let ops: Vec<(&str, &str)> = OPS.iter().map(|(_, name, note)| (*name, *note)).collect();
        let current = OPS.iter().position(|(op, ..)| *op == step.op).unwrap_or(0);
        let op = ui
            .push_id((form.id, "op"), |ui| {
                let name = format!("What the step to {target} does");
                widgets::choice(ui, &name, ops[current].0, step.op.is_none(), &ops, op_width)
            })
            .inner;
        if let Some(k) = op
            && OPS[k].0 != step.op
        {
            step.op = OPS[k].0;
            form.touch("Steps");
        }
        if widgets::icon_button_sized(ui, Icon::Cross, &format!("Remove the step to {target}"), 22.0)
            .clicked()
        {
            done = Some(Done::Remove);
        }
    });
    ui.data_mut(|d| d.insert_temp(key, open));
    if open {
        details(ui, form, step, i, n).inspect(|d| done = Some(*d));
    }
    if !step.then.is_empty()
        && let Some(to) = design.link(step.link.as_str()).map(|l| l.to.clone())
    {
        steps_ui(ui, form, &to, &mut step.then, depth + 1);
    }
    done
}

fn details(ui: &mut Ui, form: &mut Form<'_>, step: &mut Step, i: usize, n: usize) -> Option<Done> {
    let mut done = None;
    widgets::card(ui, Ink::Raised, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        form.choice(
            ui,
            "Read from",
            &mut step.from,
            Some(&ReadFrom::Leader),
            &[
                (ReadFrom::Leader, "the leader", "full strength"),
                (ReadFrom::Any, "Any replica", ""),
                (ReadFrom::Nearest, "The nearest", ""),
                (ReadFrom::Quorum, "A quorum", "R of N"),
            ],
            "Which replicas may answer a read",
        );
        let mut models = MODELS;
        models[0].1 = "the journey's";
        form.choice(
            ui,
            "Consistency",
            &mut step.consistency,
            Some(&None),
            &models,
            "What this read or write must keep",
        );
        form.choice(
            ui,
            "Twice is as once",
            &mut step.idempotent,
            Some(&None),
            &[
                (None, "by operation", "reads yes, writes no"),
                (Some(true), "Yes", "may be retried"),
                (Some(false), "No", ""),
            ],
            "Whether doing it twice is as good as once (idempotent)",
        );
        form.segments(
            ui,
            "Keys",
            &mut step.keys,
            &[(Keys::One, "One"), (Keys::All, "All shards")],
            "The keys that it touches: its own, or some on every shard",
        );
        let delivers = step.op == Some(Op::Deliver)
            || form
                .ctx
                .design
                .link(step.link.as_str())
                .is_some_and(|l| l.interaction == Interaction::Subscribe);
        if delivers || !step.effect.is_empty() {
            form.text(ui, "Effect", &mut step.effect, "the consumer's name");
        }
        if let Some(to) = form.ctx.design.link(step.link.as_str()).map(|l| l.to.clone()) {
            let text = format!("Then, from {}", words::element(form.ctx.design, to.as_str()));
            adder(ui, form, &to, &text, &mut step.then);
        }
        if n > 1 && i > 0 && widgets::link(ui, "Move up").clicked() {
            done = Some(Done::Up);
        }
    });
    done
}
