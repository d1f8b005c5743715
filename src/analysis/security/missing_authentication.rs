//! Missing authentication: users reach confidential data and nobody has asked who they are.

use std::collections::BTreeSet;

use super::{carries, is_outside};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Authentication, Component, ElementId, Kind, Link, Sensitivity};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "missing-authentication",
        title: "Nobody asks users who they are",
        family: RuleFamily::Security,
        severity: Severity::Error,
        why: "What is for a few is for everybody who knows the address. Most leaks of the last years were not broken \
              into: they were open.",
        detected: "A request from users outside reaches something confidential, and on its way nothing is said to \
              authenticate: no component that states it or calls an identity provider, and no link with a secret, \
              token or certificate.",
        fix: "Let the first component that reads requests ask an identity provider, and say so.",
        false_alarm: "Who asks is checked by something that is not drawn.",
        source: "OWASP Top 10, A07:2021 identification and authentication failures; CWE-306",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let outsiders = facts.design.components.iter().filter(|c| is_outside(facts, c));
    let mut open: Vec<(&Component, Vec<ElementId>)> =
        outsiders.map(|c| (c, vec![ElementId::from(&c.id)])).collect();
    open.reverse();
    while let Some((at, way)) = open.pop() {
        for link in facts.links_from(&at.id).iter().filter(|l| carries(l) && !proves(l)) {
            let Some(to) =
                facts.component(&link.to).filter(|t| !asks(facts, t) && seen.insert(t.id.as_str()))
            else {
                continue;
            };
            let mut way = way.clone();
            way.extend([ElementId::from(&link.id), ElementId::from(&to.id)]);
            if to.security.sensitivity >= Sensitivity::Confidential {
                out.push(finding(facts, to, &way));
            }
            open.push((to, way));
        }
    }
}

fn proves(link: &Link) -> bool {
    matches!(link.authentication, Authentication::Secret | Authentication::Token | Authentication::MutualTls)
}

/// Whether it asks who calls: by its own word, or by asking an identity provider.
fn asks(facts: &Facts<'_>, c: &Component) -> bool {
    let provider = |id: &str| facts.component(id).is_some_and(|t| t.kind == Kind::IdentityProvider);
    c.security.authenticates
        || c.kind == Kind::IdentityProvider
        || facts.links_from(&c.id).iter().any(|l| provider(l.to.as_str()))
}

fn finding(facts: &Facts<'_>, c: &Component, way: &[ElementId]) -> Finding {
    let text = format!(
        "anybody reaches {}, which is confidential, and nothing on the way asks who it is",
        facts.name(c)
    );
    let finding = facts.about(RULE.card, Severity::Error, c, text).witness(way.to_vec());
    // The first on the way that reads requests is the one to ask.
    let reads = |c: &&Component| !super::passes_on(c.kind) && c.kind != Kind::Client;
    match way.iter().filter_map(|e| facts.component(e.as_str())).find(reads) {
        Some(first) => {
            let asking = Change::component(first, |c| c.security.authenticates = true);
            finding.fix(format!("Let {} ask who it is", facts.name(first)), vec![asking])
        }
        None => finding,
    }
}
