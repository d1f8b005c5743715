//! The cascade of a rename: every item that names an id, with the new name in its place.

use crate::design::{
    CauseId, ComponentId, Design, ElementId, JourneyId, LinkId, Replication, Step, ZoneId, is_valid_id,
};

use super::command::Edit;
use super::item::Item;

/// The edits that replace every item and drawing that names `from`.
///
/// They are replacements by index, so that their inverses restore exactly what was there, also where the new id was
/// already mentioned (an acceptance may name an element that is long gone).
pub(super) fn edits(design: &Design, from: &str, to: &str) -> Vec<Edit> {
    let mut out = Vec::new();
    let names = Names { from, to };
    each(&mut out, &design.zones, |zone| {
        names.zone(&mut zone.id) | zone.parent.as_mut().is_some_and(|p| names.zone(p))
    });
    each(&mut out, &design.components, |c| {
        let mut hit = names.component(&mut c.id);
        for zone in &mut c.zones {
            hit |= names.zone(zone);
        }
        if let Some(weight) = c.client_weights.remove(from) {
            c.client_weights.insert(ZoneId::new(to), weight);
            hit = true;
        }
        if let Some(zone) = c.data.as_mut().and_then(|d| d.backup.as_mut()).and_then(|b| b.zone.as_mut()) {
            hit |= names.zone(zone);
        }
        hit | c.replication.as_mut().is_some_and(|r| names.replication(r))
    });
    each(&mut out, &design.links, |link| {
        let mut hit = link.id == *from;
        if hit {
            link.id = LinkId::new(to);
        }
        hit |= names.component(&mut link.from) | names.component(&mut link.to);
        hit | link.replication.as_mut().is_some_and(|r| names.replication(r))
    });
    each(&mut out, &design.causes, |cause| {
        let mut hit = cause.id == *from;
        if hit {
            cause.id = CauseId::new(to);
        }
        for member in &mut cause.members {
            hit |= names.element(member);
        }
        hit
    });
    each(&mut out, &design.journeys, |journey| {
        let mut hit = journey.id == *from;
        if hit {
            journey.id = JourneyId::new(to);
        }
        hit |= names.component(&mut journey.client);
        hit | names.steps(&mut journey.steps)
    });
    each(&mut out, &design.notes, |note| names.elements(&mut note.about));
    each(&mut out, &design.decisions, |decision| names.elements(&mut decision.about));
    each(&mut out, &design.accepted, |accepted| names.finding(&mut accepted.finding));

    let drawing = &design.drawing;
    if let Some(at) = drawing.components.get(from) {
        out.push(Edit::DrawComponent(from.into(), None));
        out.push(Edit::DrawComponent(to.into(), Some(*at)));
    }
    if let Some(frame) = drawing.zones.get(from) {
        out.push(Edit::DrawZone(from.into(), None));
        out.push(Edit::DrawZone(to.into(), Some(*frame)));
    }
    if let Some(link) = drawing.links.get(from) {
        out.push(Edit::DrawLink(from.into(), None));
        out.push(Edit::DrawLink(to.into(), Some(link.clone())));
    }
    out
}

fn each<T: Clone + Into<Item>>(out: &mut Vec<Edit>, list: &[T], mut change: impl FnMut(&mut T) -> bool) {
    for (index, item) in list.iter().enumerate() {
        let mut copy = item.clone();
        if change(&mut copy) {
            out.push(Edit::ReplaceAt { index, item: copy.into() });
        }
    }
}

struct Names<'a> {
    from: &'a str,
    to: &'a str,
}

impl Names<'_> {
    fn component(&self, id: &mut ComponentId) -> bool {
        let hit = *id == *self.from;
        if hit {
            *id = ComponentId::new(self.to);
        }
        hit
    }

    fn zone(&self, id: &mut ZoneId) -> bool {
        let hit = *id == *self.from;
        if hit {
            *id = ZoneId::new(self.to);
        }
        hit
    }

    /// An element or one of its instances, `web/2`.
    fn element(&self, id: &mut ElementId) -> bool {
        let rest = match id.as_str().strip_prefix(self.from) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
            _ => return false,
        };
        *id = ElementId::new(format!("{}{rest}", self.to));
        true
    }

    fn elements(&self, ids: &mut [ElementId]) -> bool {
        ids.iter_mut().fold(false, |hit, id| self.element(id) | hit)
    }

    fn replication(&self, mode: &mut Replication) -> bool {
        match mode {
            Replication::PrimaryBackup(pb) => {
                pb.voters.iter_mut().fold(false, |hit, v| self.component(v) | hit)
            }
            Replication::Chain(chain) => chain.coordinator.as_mut().is_some_and(|c| self.component(c)),
            Replication::None
            | Replication::Consensus(_)
            | Replication::Quorum(_)
            | Replication::MultiPrimary(_) => false,
        }
    }

    fn steps(&self, steps: &mut [Step]) -> bool {
        let mut hit = false;
        for step in steps {
            if step.link == *self.from {
                step.link = LinkId::new(self.to);
                hit = true;
            }
            hit |= self.steps(&mut step.then);
        }
        hit
    }

    /// The subjects of a finding's id, `rule@subject…`: whole ids between characters that no id has.
    fn finding(&self, id: &mut String) -> bool {
        let Some((rule, subjects)) = id.split_once('@') else { return false };
        let mut out = String::with_capacity(id.len());
        out.push_str(rule);
        out.push('@');
        let mut hit = false;
        let mut rest = subjects;
        while !rest.is_empty() {
            let of_id = |c: char| is_valid_id(c.encode_utf8(&mut [0; 4]));
            let end = rest.find(|c| !of_id(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            hit |= word == self.from;
            out.push_str(if word == self.from { self.to } else { word });
            let gap = after.find(of_id).unwrap_or(after.len());
            out.push_str(&after[..gap]);
            rest = &after[gap..];
        }
        if hit {
            *id = out;
        }
        hit
    }
}
