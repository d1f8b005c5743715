//! Shared causes that nobody drew: what copies and neighbors have in common without an arrow saying so.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::facts::{computes, counted, listed};
use crate::analysis::failure::Loss;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{
    Authentication, Cause, Component, ElementId, Interaction, JourneyId, Kind, Link, free_id,
};
use crate::impact::{Conditions, Down, Outcome, World};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "hidden-cause",
        title: "Shared causes that nobody drew",
        family: RuleFamily::Failure,
        severity: Severity::Info,
        why: "Two copies are worth two only as long as nothing takes both. A certificate, a release, a pipeline, a domain \
              that was not renewed have no box, and so nobody counts them; they are behind most outages of systems that \
              had a copy of everything.",
        detected: "Of a drawn design that keeps copies of something, these are tried: a bad release of what is not released in \
                   stages (components of one name and kind share theirs), the pipeline and configuration of all such, the \
                   certificate of what users on the internet or encrypted links reach, the registrar of a name, the power and \
                   network under what stands in no zone, the issuer of tokens that is not drawn, and one provider of \
                   several external systems. Said is what would stop a journey, once for the design.",
        fix: "Draw what applies, so that it is counted, tried and accepted with a reason; then stage it, stagger it or double \
              it.",
        false_alarm: "They have been shown to fail apart: say so in the acceptance, and this is gone.",
        source: "Fleming (1974), beta factor; Gunawi et al., Why Does the Cloud Stop Computing? (SoCC 2016)",
    },
    check,
};

/// A cause that the drawing suggests.
struct Suspect<'a> {
    /// What a drawn one would be called.
    name: String,
    members: Vec<&'a Component>,
    /// Words in the id or name of a drawn cause that say it has been thought of.
    words: &'static [&'static str],
}

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    // Where nothing has a copy there is nothing that copies could share, and a sketch is no promise.
    let has_copies = facts.design.components.iter().any(|c| c.kind != Kind::Client && c.replicas > 1);
    if !facts.problems.is_empty() || !has_copies || facts.drawn_routes().next().is_none() {
        return;
    }
    let mut hidden: Vec<(Suspect<'_>, BTreeSet<usize>)> = Vec::new();
    let wholes: BTreeMap<&str, &Loss> =
        facts.losses().components.iter().map(|l| (l.element.as_str(), l)).collect();
    for suspect in suspects(facts) {
        if is_drawn(facts, &suspect) {
            continue;
        }
        let stopped = stops(facts, &suspect, &wholes);
        if !stopped.is_empty() {
            hidden.push((suspect, stopped));
        }
    }
    if hidden.is_empty() {
        return;
    }
    let names = listed(hidden.iter().map(|(s, _)| s.name.as_str()), 6);
    let stopped: BTreeSet<usize> = hidden.iter().flat_map(|(_, r)| r.iter().copied()).collect();
    let journeys: Vec<JourneyId> = stopped.iter().map(|r| facts.routes()[*r].journey.clone()).collect();
    let text = format!(
        "{} alone could stop {}, and nobody drew {}: {names}",
        if hidden.len() == 1 { "this" } else { "each of these" },
        listed(stopped.iter().map(|r| facts.routes()[*r].title.as_str()), 3),
        if hidden.len() == 1 { "it" } else { "them" },
    );
    let mut changes = Vec::new();
    let mut given: BTreeSet<String> = BTreeSet::new();
    for (suspect, _) in &hidden {
        let id = free_id(&suspect.name, |id| facts.is_taken(id) || given.contains(id));
        given.insert(id.clone());
        changes.push(Change::AddCause(Box::new(drawn(suspect, id))));
    }
    let subjects: BTreeSet<usize> =
        hidden.iter().flat_map(|(s, _)| &s.members).filter_map(|c| facts.index(&c.id)).collect();
    let subjects = subjects.into_iter().map(|c| ElementId::from(&facts.design.components[c].id));
    out.push(
        Finding::new(RULE.card.id, Severity::Info, subjects.collect(), text)
            .named([])
            .titled(format!("{} not drawn", counted(hidden.len(), "shared cause")))
            .journeys(journeys)
            .witness(facts.way_to(&hidden[0].0.members[0].id))
            .fix(if hidden.len() == 1 { "Draw it as a cause" } else { "Draw them as causes" }, changes),
    );
}

/// Everything that the drawing suggests, in the order in which it is told.
fn suspects<'a>(facts: &Facts<'a>) -> Vec<Suspect<'a>> {
    let mut all = releases(facts);
    all.extend(pipeline(facts));
    all.extend(certificate(facts));
    all.extend(registrars(facts));
    all.extend(power(facts));
    all.extend(issuer(facts));
    all.extend(providers(facts));
    all
}

/// What runs code of our own that is released.
fn is_released(c: &Component) -> bool {
    computes(c.kind) || matches!(c.kind, Kind::Worker | Kind::LoadBalancer | Kind::Firewall | Kind::Peer)
}

/// One for each piece of software that runs more than once and is not released in stages.
fn releases<'a>(facts: &Facts<'a>) -> Vec<Suspect<'a>> {
    let mut by_software: BTreeMap<(&str, Kind), Vec<&Component>> = BTreeMap::new();
    let design = facts.design;
    for c in design.components.iter().filter(|c| is_released(c) && !c.release.is_staged()) {
        by_software.entry((c.title(), c.kind)).or_default().push(c);
    }
    // In the order of the file.
    let mut all: Vec<Vec<&Component>> = by_software.into_values().collect();
    all.sort_by_key(|of| facts.index(&of[0].id));
    all.into_iter()
        .filter(|of| instances(facts, of).len() > 1)
        .map(|of| Suspect { name: format!("Bad release of {}", of[0].title()), members: of, words: &[] })
        .collect()
}

/// One push reaches everything that is not released in stages.
fn pipeline<'a>(facts: &Facts<'a>) -> Option<Suspect<'a>> {
    let members: Vec<&Component> = facts
        .design
        .components
        .iter()
        .filter(|c| is_released(c) && c.kind != Kind::Peer && !c.release.is_staged())
        .collect();
    let name = "Bad configuration or deployment".to_owned();
    (members.len() > 1).then_some(Suspect { name, members, words: &["config", "pipeline", "deploy", "push"] })
}

/// What shows users, or callers over stated encryption, a certificate.
fn certificate<'a>(facts: &Facts<'a>) -> Option<Suspect<'a>> {
    let mut shown: BTreeSet<usize> = BTreeSet::new();
    let is_encrypted = |l: &Link| l.tls == Some(true) || l.authentication == Authentication::MutualTls;
    for link in facts.design.links.iter().filter(|l| is_encrypted(l)) {
        shown.extend(facts.index(&link.to));
    }
    // Nobody on the internet is asked to come in the clear any more; what says so is another finding.
    for route in facts.drawn_routes() {
        if !facts.design.components[route.client].security.internet_facing {
            continue;
        }
        for hop in &route.hops {
            let way = way_of_callers(facts, route, hop.parent);
            let link = facts.link_of(hop);
            if way && link.interaction != Interaction::Telemetry && link.tls != Some(false) {
                shown.insert(hop.target);
            }
        }
    }
    let members: Vec<&Component> = shown
        .into_iter()
        .map(|c| &facts.design.components[c])
        .filter(|c| !matches!(c.kind, Kind::Client | Kind::Dns | Kind::ExternalSystem))
        .collect();
    let name = "Expired certificate".to_owned();
    (!members.is_empty()).then_some(Suspect { name, members, words: &["certificate", "cert", "tls"] })
}

/// Whether what stands before a hop is the client itself, with nothing but names between.
fn way_of_callers(facts: &Facts<'_>, route: &crate::deploy::Route, parent: Option<usize>) -> bool {
    match parent {
        None => true,
        Some(hop) => {
            facts.target_of(&route.hops[hop]).kind == Kind::Dns
                && way_of_callers(facts, route, route.hops[hop].parent)
        }
    }
}

/// The name itself, of each DNS component.
fn registrars<'a>(facts: &Facts<'a>) -> Vec<Suspect<'a>> {
    let dns = facts.design.components.iter().filter(|c| c.kind == Kind::Dns);
    dns.map(|c| Suspect {
        name: format!("Registrar of {}", c.title()),
        members: vec![c],
        words: &["registrar", "registration", "domain"],
    })
    .collect()
}

/// What stands in no zone still stands somewhere.
fn power<'a>(facts: &Facts<'a>) -> Option<Suspect<'a>> {
    let ours = |c: &&Component| {
        let others = matches!(
            c.kind,
            Kind::Client | Kind::Dns | Kind::Cdn | Kind::ExternalSystem | Kind::EdgeDevice | Kind::Peer
        );
        !others && !c.kind.is_insight() && c.zones.is_empty()
    };
    let members: Vec<&Component> = facts.design.components.iter().filter(ours).collect();
    // Copies that were meant to survive something are what makes the place worth a question.
    let copied = members.iter().any(|c| c.replicas > 1);
    let name = "Power or network of one place".to_owned();
    copied.then_some(Suspect { name, members, words: &["power", "network", "rack", "switch", "place"] })
}

/// Who issues the tokens that links ask for, where no identity provider is drawn.
fn issuer<'a>(facts: &Facts<'a>) -> Option<Suspect<'a>> {
    let design = facts.design;
    if !facts.of_kind(Kind::IdentityProvider).is_empty() {
        return None;
    }
    let asked = design.links.iter().filter(|l| l.authentication == Authentication::Token);
    let members: BTreeSet<usize> = asked.filter_map(|l| facts.index(&l.to)).collect();
    let members: Vec<&Component> = members.into_iter().map(|c| &design.components[c]).collect();
    let name = "Identity provider".to_owned();
    (!members.is_empty()).then_some(Suspect { name, members, words: &["identity", "token", "login"] })
}

/// Who runs several external systems.
fn providers<'a>(facts: &Facts<'a>) -> Vec<Suspect<'a>> {
    let mut by_owner: BTreeMap<&str, Vec<&Component>> = BTreeMap::new();
    let design = facts.design;
    for c in design.components.iter().filter(|c| c.kind == Kind::ExternalSystem && !c.owner.is_empty()) {
        by_owner.entry(c.owner.as_str()).or_default().push(c);
    }
    let several = by_owner.into_iter().filter(|(_, of)| of.len() > 1);
    several
        .map(|(owner, members)| Suspect { name: format!("Outage of {owner}"), members, words: &[] })
        .collect()
}

fn instances(facts: &Facts<'_>, members: &[&Component]) -> BTreeSet<usize> {
    members.iter().flat_map(|c| facts.deployment.instances_of(c.id.as_str())).collect()
}

/// Whether a drawn cause takes all of it, or is called as it would be.
fn is_drawn(facts: &Facts<'_>, suspect: &Suspect<'_>) -> bool {
    let all = instances(facts, &suspect.members);
    facts.design.causes.iter().any(|cause| {
        let said = format!("{} {}", cause.id, cause.name).to_lowercase();
        let is_named = suspect.words.iter().any(|w| said.contains(w));
        let takes: BTreeSet<usize> = facts.deployment.instances_of(cause.id.as_str()).into_iter().collect();
        // A cause that is named so for something else altogether does not count.
        (is_named && !takes.is_empty()) || takes.is_superset(&all)
    })
}

/// The drawn journeys of which nothing is served without the members. A single instance is a finding of its own.
fn stops(facts: &Facts<'_>, suspect: &Suspect<'_>, wholes: &BTreeMap<&str, &Loss>) -> BTreeSet<usize> {
    if instances(facts, &suspect.members).len() < 2 {
        return BTreeSet::new();
    }
    let is_drawn = |route: &usize| facts.drawn(&facts.routes()[*route]).is_some();
    // All copies of one component have been lost already.
    if let [only] = suspect.members[..] {
        let lost = wholes.get(only.id.as_str()).map_or(&[][..], |l| &l.lost);
        return lost.iter().copied().filter(is_drawn).collect();
    }
    let deployment = &facts.deployment;
    let lost = suspect.members.iter().fold(World::fresh(), |w, c| w.and_down(&c.id, Down::Refusing));
    let lost = Conditions::new(deployment, &lost);
    let baseline = facts.baseline();
    let is_stopped = |route: usize| {
        baseline.fresh()[route].outcome != Outcome::Lost
            && baseline.changed(&lost, route).is_some_and(|is| is.outcome == Outcome::Lost)
    };
    (0..facts.routes().len()).filter(is_drawn).filter(|i| is_stopped(*i)).collect()
}

/// The suspect as a cause of the design, with an id that is free.
fn drawn(suspect: &Suspect<'_>, id: String) -> Cause {
    let members = suspect.members.iter().map(|c| ElementId::from(&c.id)).collect();
    Cause { id: id.into(), name: suspect.name.clone(), members, reliability: None }
}
