//! A zone: its sort, what it stands in, how far it is trusted, how often it fails.

use egui::Ui;

use super::form::Form;
use super::placement::zones_of;
use super::{lost, reliability};
use crate::design::{Trust, Zone, ZoneId, ZoneKind};
use crate::gui::{widgets, words};

/// The properties of a zone.
pub(super) fn zone_ui(ui: &mut Ui, form: &mut Form<'_>, z: &mut Zone) {
    lost::lost_ui(ui, form.ctx, z.id.as_str());
    if widgets::section(ui, "Zone", true) {
        let kinds = [
            (ZoneKind::Region, "Region", "geographic"),
            (ZoneKind::Datacenter, "Zone", "datacenter"),
            (ZoneKind::Rack, "Rack", ""),
            (ZoneKind::Host, "Host", "one machine"),
            (ZoneKind::Segment, "Segment", "of a network"),
        ];
        form.choice(ui, "Sort", &mut z.kind, None, &kinds, "What sort of failure domain");
        let zones = zones_of(form.ctx.design);
        let mut options: Vec<(Option<ZoneId>, &str, &str)> = vec![(None, "nothing", "")];
        let free = zones.iter().filter(|(id, _)| *id != z.id && !inside(form, id, &z.id));
        options.extend(free.map(|(id, name)| (Some(id.clone()), name.as_str(), "")));
        form.choice(ui, "Stands in", &mut z.parent, Some(&None), &options, "The zone around it");
        form.choice(
            ui,
            "Trust",
            &mut z.trust,
            Some(&Trust::Inherited),
            &[
                (Trust::Inherited, "as around it", ""),
                (Trust::Internet, "Internet", "open"),
                (Trust::Perimeter, "Perimeter", "reachable, defended"),
                (Trust::Private, "Private", "only for the system"),
                (Trust::Restricted, "Restricted", "more closely guarded"),
            ],
            "How far what stands in it is trusted; read by the security rules",
        );
    }
    if widgets::section(ui, "What stands in it", true) {
        contents(ui, form, z);
    }
    if widgets::section(ui, "Reliability", false) {
        reliability::reliability_ui(ui, form, &mut z.reliability, "the zone as a whole");
    }
    if widgets::section(ui, "For people", false) {
        form.long_text(ui, "About", &mut z.about, "What it is");
    }
}

/// Whether a zone stands in another, however deep.
fn inside(form: &Form<'_>, zone: &ZoneId, outer: &ZoneId) -> bool {
    let design = form.ctx.design;
    let mut at = design.zone(zone.as_str()).and_then(|z| z.parent.clone());
    let mut left = design.zones.len();
    while let Some(id) = at {
        if id == *outer {
            return true;
        }
        left = left.saturating_sub(1);
        if left == 0 {
            return false;
        }
        at = design.zone(id.as_str()).and_then(|z| z.parent.clone());
    }
    false
}

fn contents(ui: &mut Ui, form: &mut Form<'_>, z: &Zone) {
    let ctx = form.ctx;
    let zones = ctx.design.zones_in(z.id.as_str()).map(|i| crate::design::ElementId::from(&i.id));
    let components = ctx
        .design
        .components
        .iter()
        .filter(|c| c.zones.contains(&z.id))
        .map(|c| crate::design::ElementId::from(&c.id));
    let all: Vec<crate::design::ElementId> = zones.chain(components).collect();
    if all.is_empty() {
        form.note(ui, "Nothing yet: drag components into it.");
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        for id in &all {
            let chip = widgets::chip(ui, &words::element(ctx.design, id.as_str()), false);
            if chip.hovered() {
                ctx.commands.view(crate::gui::command::Action::Hover(id.clone()));
            }
            if chip.clicked() {
                ctx.commands.view(crate::gui::command::Action::Select(vec![id.clone()]));
            }
        }
    });
}
