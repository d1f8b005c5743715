//! What a component keeps and for how long.

use egui::Ui;

use super::form::{Absent, Form};
use super::placement::zones_of;
use crate::design::{Backup, Component, Millis, ZoneId};

/// Size, growth, limit, retention, archive, backup and checkpoint.
pub fn data_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    form.note(ui, "Read by the rules on growth and recovery; has no effect while running.");
    let mut s = c.data.clone().unwrap_or_default();
    form.quantity(
        ui,
        "Size",
        &mut s.size,
        Absent::Means("not stated"),
        ("", "What there is now, all shards, one copy"),
    );
    form.quantity(ui, "Growth", &mut s.growth, Absent::Means("not stated"), ("", "How fast it grows"));
    form.quantity(
        ui,
        "Room",
        &mut s.limit,
        Absent::Means("not stated"),
        ("", "What fits, all shards, one copy"),
    );
    form.quantity(
        ui,
        "Kept for",
        &mut s.retention,
        Absent::Means("for ever"),
        ("", "How long records are kept"),
    );
    form.toggle(ui, "Archived", &mut s.archived, "Whether old records move to cheaper storage");
    form.quantity(
        ui,
        "Checkpoint every",
        &mut s.checkpoint,
        Absent::Means("never"),
        ("", "How often state is written so that a restart loses no more than that"),
    );
    let mut backed_up = s.backup.is_some();
    form.toggle(ui, "Backed up", &mut backed_up, "Whether copies are kept elsewhere");
    if backed_up != s.backup.is_some() {
        s.backup =
            backed_up.then_some(Backup { every: Millis(86_400_000.0), zone: None, restore_tested: false });
    }
    if let Some(backup) = &mut s.backup {
        form.needed(ui, "Backup every", &mut backup.every, "Between two backups: what a loss can cost");
        let zones = zones_of(form.ctx.design);
        let mut options: Vec<(Option<ZoneId>, &str, &str)> = vec![(None, "not stated", "")];
        options.extend(zones.iter().map(|(id, name)| (Some(id.clone()), name.as_str(), "")));
        form.choice(
            ui,
            "Backup kept in",
            &mut backup.zone,
            Some(&None),
            &options,
            "Where the copies are kept",
        );
        form.toggle(ui, "Restore tried", &mut backup.restore_tested, "Whether a restore has been tried");
    }
    if s != c.data.clone().unwrap_or_default() {
        c.data = (s != Default::default()).then_some(s);
    }
}
