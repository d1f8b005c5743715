//! What happened when: every fault and every answer of the cluster to it.

use egui::Ui;

use crate::gui::command::{Action, Tone};
use crate::gui::context::Ctx;
use crate::gui::widgets::{self, Column, Table};
use crate::gui::words;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

const COLUMNS: [Column; 4] = [
    Column::fixed("Time", 56.0).right(),
    Column::fixed("", 10.0),
    Column::grows("What happened", 240.0, 3.0),
    Column::grows("To what", 120.0, 1.0),
];

/// The tab of the timeline.
pub(super) fn timeline_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let Some(live) = ctx.live else {
        super::live::not_running(ui, ctx);
        return;
    };
    if live.events.is_empty() {
        let sentence = "Nothing has happened yet: select a component and kill it.";
        widgets::empty(ui, Icon::Kill, sentence, None);
        return;
    }
    let rows = live.events.len();
    let table = Table {
        id: "timeline",
        columns: &COLUMNS,
        rows,
        selected: None,
        sorting: widgets::Sorting::default(),
    };
    let at = |i: usize| &live.events[rows - 1 - i];
    let done = table.show(ui, |i, row| {
        let event = at(i);
        row.text(0, &words::clock(event.at_ms), Weight::Regular, Ink::Text2);
        let frame = row.cell(1);
        widgets::state_dot(row.ui, egui::pos2(frame.left() + 5.0, frame.center().y), tone_ink(event.tone));
        row.text(2, &event.text, Weight::Medium, Ink::Text1);
        let subject =
            event.subject.as_ref().map(|s| words::element(ctx.design, s.as_str())).unwrap_or_default();
        row.text(3, &subject, Weight::Regular, Ink::Text2);
    });
    if let Some(subject) = done.chosen.and_then(|i| at(i).subject.clone()) {
        ctx.commands.view(Action::Select(vec![subject]));
    }
    if let Some(subject) = done.hovered.and_then(|i| at(i).subject.clone()) {
        ctx.commands.view(Action::Hover(subject));
    }
}

/// The colour of a tone.
pub(super) fn tone_ink(tone: Tone) -> Ink {
    match tone {
        Tone::Good => Ink::Good,
        Tone::Warn => Ink::Warn,
        Tone::Bad => Ink::Bad,
    }
}
