//! What a rule is about, and the acceptance of a finding: the two modals of the findings.

use egui::{Id, Ui};

use crate::analysis::{self, Finding};
use crate::design::Accepted;
use crate::edit::commands;
use crate::gui::context::Ctx;
use crate::gui::style::size;
use crate::gui::widgets::{self, Emphasis};
use crate::gui::words;
use crate::scene::Ink;
use crate::scene::font::Weight;

/// Shows the card of a rule; says whether it should stay.
pub(super) fn rule_card(ui: &Ui, rule: &str) -> bool {
    let Some(rule) = analysis::rule(rule) else { return false };
    let card = rule.card;
    let (done, close) = widgets::modal(ui, "rule-card", card.title, 520.0, |ui| {
        let line = format!("{} · {} at worst · {}", card.family.label(), card.severity.label(), card.id);
        widgets::caption(ui, &line);
        ui.add_space(4.0);
        for (head, text) in [
            ("Why it hurts", card.why),
            ("How it is detected", card.detected),
            ("How to mend it", card.fix),
            ("When it is a false alarm", card.false_alarm),
            ("Source", card.source),
        ] {
            widgets::head(ui, head);
            widgets::paragraph(ui, text, size::BODY, if head == "Source" { Ink::Text2 } else { Ink::Text1 });
        }
        ui.add_space(8.0);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            widgets::button(ui, "Close", None, Emphasis::Plain).clicked()
        })
        .inner
    });
    !(done || close)
}

/// What is typed while a finding is being accepted.
#[derive(Clone, Debug, Default)]
pub(super) struct Acceptance {
    /// The finding's id.
    pub finding: String,
    reason: String,
    owner: String,
    until: String,
}

impl Acceptance {
    /// Begins with what an acceptance says already.
    pub(super) fn of(finding: &Finding) -> Self {
        let known = finding.accepted.clone().unwrap_or_default();
        Self { finding: finding.id.clone(), reason: known.reason, owner: known.owner, until: known.until }
    }

    /// Shows the questions; says whether they should stay.
    pub(super) fn show(&mut self, ui: &Ui, ctx: &Ctx<'_>) -> bool {
        let Some(finding) = ctx.report.and_then(|r| r.findings.iter().find(|f| f.id == self.finding)) else {
            return false;
        };
        let (done, close) = widgets::modal(ui, "accept-finding", "Accept this finding", 440.0, |ui| {
            widgets::paragraph(ui, &finding.text, size::BODY, Ink::Text2);
            ui.add_space(4.0);
            let reason = Id::unique("accept-reason");
            widgets::line(ui, "Why it is acceptable", size::LABEL, Weight::Medium, Ink::Text1);
            if let Some(text) = widgets::text_area(
                ui,
                reason,
                "Why it is acceptable",
                &self.reason,
                "The reviewer will read this",
                3,
            ) {
                self.reason = text;
            }
            let typed = ui.data(|d| d.get_temp::<String>(reason)).unwrap_or_else(|| self.reason.clone());
            ui.columns(2, |columns| {
                for (ui, name, hint, value) in [
                    (0, "Owner", "who says so", &mut self.owner),
                    (1, "Until", "year-month-day, or for good", &mut self.until),
                ]
                .map(|(i, name, hint, value)| (i, name, hint, value))
                {
                    let ui = &mut columns[ui];
                    widgets::line(ui, name, size::LABEL, Weight::Medium, Ink::Text1);
                    let field = widgets::Field { name, value, hint, unit: "", width: ui.available_width() };
                    let is_date = name == "Until";
                    let check = move |t: &str| {
                        if !is_date || t.is_empty() || looks_like_a_day(t) {
                            Ok(())
                        } else {
                            Err("write it as 2027-01-31".to_owned())
                        }
                    };
                    if let Some(text) = field.show(ui, Id::unique(("accept", name)), check) {
                        *value = text;
                    }
                }
            });
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                for (name, days) in
                    [("For good", None), ("1 week", Some(7)), ("1 month", Some(30)), ("3 months", Some(91))]
                {
                    let day = days.map(words::day_after).unwrap_or_default();
                    if widgets::chip(ui, name, self.until == day).clicked() {
                        self.until = day;
                    }
                }
            });
            ui.add_space(8.0);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let given = !typed.trim().is_empty();
                let accept = ui
                    .add_enabled_ui(given, |ui| widgets::button(ui, "Accept", None, Emphasis::Primary))
                    .inner
                    .on_disabled_hover_text("Say why first");
                if accept.clicked() {
                    let accepted = Accepted {
                        finding: self.finding.clone(),
                        reason: typed.trim().to_owned(),
                        owner: self.owner.clone(),
                        date: words::today(),
                        until: self.until.clone(),
                    };
                    ctx.commands.edit(commands::accept(ctx.design, accepted));
                }
                let cancel = widgets::button(ui, "Cancel", None, Emphasis::Plain);
                accept.clicked() || cancel.clicked()
            })
            .inner
        });
        !(done || close)
    }
}

fn looks_like_a_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [y, m, d] if y.len() == 4 && m.len() == 2 && d.len() == 2
        && parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_digit())))
}
