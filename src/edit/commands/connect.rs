//! Links: which interaction two kinds have, and what makes no sense.

use crate::design::{ComponentId, Design, Interaction, Kind, Link, LinkId};
use crate::edit::{Command, Edit, EditError};

/// Links two components. What happens along the link follows from their kinds.
///
/// # Errors
/// [`EditError::Refused`] with the reason, in words for the person who drags the link.
pub fn connect(
    design: &Design,
    from: &ComponentId,
    to: &ComponentId,
) -> Result<(Command, LinkId), EditError> {
    let find = |id: &ComponentId| {
        design.component(id.as_str()).ok_or_else(|| EditError::Missing(format!("component `{id}`")))
    };
    let (source, target) = (find(from)?, find(to)?);
    if from == to {
        return refuse("A link needs two different ends");
    }
    let interaction = interaction_between(source.kind, target.kind).map_err(EditError::Refused)?;
    let same = |a: &ComponentId, b: &ComponentId| {
        design.links.iter().any(|l| l.from == *a && l.to == *b && l.interaction == interaction)
    };
    if same(from, to) {
        return refuse(format!("{} already has that link to {}", source.title(), target.title()));
    }
    if interaction == Interaction::Replicate && same(to, from) {
        return refuse(format!("{} already replicates to {}", target.title(), source.title()));
    }
    let id = LinkId::new(design.mint_id(&format!("{from} {to}")));
    let mut link = Link::new(id.clone(), from.clone(), to.clone());
    link.interaction = interaction;
    let label = format!("Link {} to {}", source.title(), target.title());
    Ok((Command::new(label, [Edit::Insert { index: None, item: link.into() }]), id))
}

/// What happens along a link from one kind to another.
///
/// # Errors
/// Why such a link makes no sense, as a sentence for people.
pub fn interaction_between(from: Kind, to: Kind) -> Result<Interaction, String> {
    if to == Kind::Client {
        return Err("Clients begin what happens; nothing leads to them".to_owned());
    }
    if from.is_insight() && from == to {
        return Err("Two watchers need no link".to_owned());
    }
    if to.is_insight() || from.is_insight() {
        return Ok(Interaction::Telemetry);
    }
    if from == Kind::Dns || to == Kind::Dns {
        return Ok(Interaction::Resolve);
    }
    if from.is_messaging() {
        return if to.is_store() || to == Kind::Cache || to.is_messaging() {
            Err("Messages go to what handles them: a worker, service or function".to_owned())
        } else {
            Ok(Interaction::Subscribe)
        };
    }
    if to.is_messaging() {
        return Ok(Interaction::Publish);
    }
    if from.is_store() {
        return match to {
            _ if to.is_store() => Ok(Interaction::Replicate),
            Kind::Coordinator | Kind::IdentityProvider | Kind::ExternalSystem => Ok(Interaction::Call),
            _ => Err("A store answers and does not call; draw the link the other way".to_owned()),
        };
    }
    Ok(Interaction::Call)
}

fn refuse<T>(why: impl Into<String>) -> Result<T, EditError> {
    Err(EditError::Refused(why.into()))
}
