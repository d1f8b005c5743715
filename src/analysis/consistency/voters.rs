//! Who may vote on a primary: the change that gives a group an automatic failover which no two sides can win.

use crate::analysis::{Change, Facts};
use crate::deploy::Group;
use crate::design::{Component, ComponentId, Kind, Link, PrimaryBackup, Replication};

/// Voters: those of a coordinator that is there, else the replicas themselves if they are three or more, else a new
/// coordinator.
pub(in crate::analysis) fn voting(
    facts: &Facts<'_>,
    group: &Group,
    pb: &PrimaryBackup,
    members: &[&Component],
) -> (String, Vec<Change>) {
    let coordinator = facts.of_kind(Kind::Coordinator).iter().find(|c| c.replicas > 2);
    let mut changes = Vec::new();
    let (title, voters) = if let Some(c) = coordinator {
        (format!("Let {} vote on the primary", facts.name(c)), vec![c.id.clone()])
    } else if group.shards.first().is_some_and(|s| s.len() > 2) {
        ("Let the replicas vote on the primary".to_owned(), members.iter().map(|c| c.id.clone()).collect())
    } else {
        let id = ComponentId::new(facts.mint_id("voters"));
        let mut new = Component::new(id.clone(), Kind::Coordinator);
        new.name = "Voters".to_owned();
        new.replicas = 3;
        // One in each zone of the replicas, and the third in another zone if there is one.
        let mut zones: Vec<_> = members.iter().flat_map(|c| c.zones.iter().cloned()).collect();
        zones.dedup();
        let leaves = facts.deployment.zones.iter().enumerate().filter(|(i, z)| z.is_leaf(*i));
        let other = leaves.map(|(_, z)| &z.id).find(|id| {
            !zones.iter().any(|z| {
                facts
                    .deployment
                    .zones
                    .iter()
                    .any(|p| p.id == *z && p.leaves.iter().any(|l| facts.deployment.zones[*l].id == **id))
            })
        });
        zones.extend(other.cloned());
        new.zones = zones;
        let near = members.first().map(|c| c.id.clone());
        changes.push(Change::AddComponent { component: Box::new(new), near });
        ("Add three voters and let them choose the primary".to_owned(), vec![id])
    };
    let mode = Some(Replication::PrimaryBackup(PrimaryBackup { voters, ..pb.clone() }));
    let is_within = |l: &&&Link| l.replication.is_some() && members.iter().any(|c| c.id == l.to);
    let between = members.iter().flat_map(|c| facts.links_from(&c.id)).filter(is_within);
    let drawn = between.min_by_key(|l| facts.deployment.link_index(l.id.as_str()));
    changes.push(match drawn {
        Some(link) => Change::ReplaceLink(Box::new(Link { replication: mode, ..Link::clone(link) })),
        None => {
            let with_mode = members.iter().find(|c| c.replication.is_some()).unwrap_or(&members[0]);
            Change::ReplaceComponent(Box::new(Component { replication: mode, ..(*with_mode).clone() }))
        }
    });
    (title, changes)
}
