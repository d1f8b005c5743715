//! Until something else has taken over: detection, decision, and what callers have yet to learn.

use std::collections::BTreeSet;

use super::{Basis, Part, Span, mode_path};
use crate::analysis::Facts;
use crate::deploy::{Group, Hop, Route, VisitedSlot};
use crate::design::{
    Component, Detector, DetectorMode, Failover, Interaction, Kind, Millis, Need, OnBackupLoss, Op, ReadFrom,
    Replication, Sync,
};
use crate::impact::Down;

/// The longest of the ways in which what is lost is replaced for a journey. What has gone silent in place of refusing is
/// met by a try that times out.
pub(super) fn span(facts: &Facts<'_>, route: &Route, lost: &BTreeSet<usize>, how: Down) -> Span {
    let mut longest = Span::default();
    for hop in &route.hops {
        let group = facts.deployment.group_of[hop.target].map(|g| &facts.deployment.groups[g]);
        if let Some(span) = group.and_then(|g| failover(facts, g, hop, lost)) {
            longest = longest.longer(span);
        }
        if let Some(span) = stand_in(facts, hop.target, lost) {
            longest = longest.longer(span);
        }
    }
    let callers =
        std::iter::once((route.client, &route.root)).chain(route.hops.iter().map(|h| (h.target, &h.slots)));
    for (caller, slot) in callers.flat_map(|(c, slots)| slots.iter().map(move |s| (c, s))) {
        let caller = &facts.design.components[caller];
        if let Some(span) = noticing(facts, route, caller, slot, lost, how) {
            longest = longest.longer(span);
        }
    }
    if longest.parts.is_empty() {
        let what = match how {
            Down::Refusing => "until a try has been refused",
            Down::Silent => "until a try has timed out",
        };
        longest.parts.push(Part::new(what, Millis(0.0), "", Basis::Assumed));
    }
    longest
}

/// Until a group has another primary or leader, or goes on without a backup that it insisted on.
fn failover(facts: &Facts<'_>, group: &Group, hop: &Hop, lost: &BTreeSet<usize>) -> Option<Span> {
    let by_any = hop.op == Op::Read && matches!(hop.from, ReadFrom::Any | ReadFrom::Nearest);
    if by_any {
        return None;
    }
    let of_lost = |shard: &&Vec<usize>| shard.iter().any(|i| lost.contains(i));
    let hit = group.shards.iter().filter(of_lost).collect::<Vec<_>>();
    let leader_is_lost = hit.iter().any(|s| s.first().is_some_and(|i| lost.contains(i)));
    let path = mode_path(facts, group);
    match &group.mode {
        Replication::PrimaryBackup(pb) if pb.failover == Failover::Automatic && leader_is_lost => {
            let path = format!("{path}.detect_after");
            let detect = |what: &str| Part::of(what, pb.detect_after, pb.detect_after(), path.clone());
            let mut parts = vec![detect("until the primary counts as lost")];
            if !pb.voters.is_empty() {
                // Voters are bound to the old primary for as long as it may believe itself to be one.
                parts.push(detect("until voters are free of it and have chosen another"));
            }
            Some(Span { parts })
        }
        Replication::PrimaryBackup(pb) if !hit.is_empty() && !leader_is_lost => match pb.on_backup_loss {
            _ if pb.sync == Sync::Async => None,
            // Voters take a lost backup out of those that are insisted on.
            _ if pb.failover == Failover::Automatic && !pb.voters.is_empty() => {
                let path = format!("{path}.detect_after");
                let what = "until voters let the primary go on without its backup";
                Some(Span { parts: vec![Part::of(what, pb.detect_after, pb.detect_after(), path)] })
            }
            OnBackupLoss::AsyncAfter(time) => {
                let what = "until the primary goes on without its backup";
                Some(Span {
                    parts: vec![Part::new(what, time, format!("{path}.on_backup_loss"), Basis::Stated)],
                })
            }
            OnBackupLoss::Block => None,
        },
        Replication::Consensus(c) if leader_is_lost => {
            let path = format!("{path}.election_timeout");
            let wait = |what: &str| Part::of(what, c.election_timeout, Millis(1000.0), path.clone());
            // Raft draws each follower's patience between one and two timeouts.
            Some(Span {
                parts: vec![
                    wait("until the leader counts as lost"),
                    wait("until a follower has lost patience and is elected"),
                ],
            })
        }
        Replication::Chain(chain) if chain.coordinator.is_some() && !hit.is_empty() => Some(Span {
            parts: vec![Part::new(
                "until the coordinator has formed the chain anew",
                Millis(1000.0),
                "",
                Basis::Assumed,
            )],
        }),
        _ => None,
    }
}

/// Until the standby of a heartbeat pair has missed enough beats.
fn stand_in(facts: &Facts<'_>, target: usize, lost: &BTreeSet<usize>) -> Option<Span> {
    let (active, standby) = *facts.deployment.pairs.get(&target)?;
    let instances = facts.deployment.components[active].instances.clone();
    if instances.is_empty() || !instances.into_iter().all(|i| lost.contains(&i)) {
        return None;
    }
    let (active, standby) = (&facts.design.components[active], &facts.design.components[standby]);
    let link = facts
        .links_from(&active.id)
        .iter()
        .find(|l| l.interaction == Interaction::Heartbeat && l.to == standby.id)?;
    let beat = link.heartbeat.unwrap_or_default();
    let path = format!("links[{}].heartbeat", link.id);
    let basis = if beat.every.is_some() { Basis::Stated } else { Basis::Default };
    let missed = Millis(beat.every().get() * f64::from(beat.misses()));
    let what = format!("until {} beats are missed", beat.misses());
    Some(Span {
        parts: vec![
            Part::new("until the next beat is due", beat.every(), format!("{path}.every"), basis),
            Part::new(what, missed, format!("{path}.misses"), basis),
        ],
    })
}

/// Until the caller of a slot leaves out what is lost, and until its answers are no longer used where it is DNS.
fn noticing(
    facts: &Facts<'_>,
    route: &Route,
    caller: &Component,
    slot: &VisitedSlot,
    lost: &BTreeSet<usize>,
    how: Down,
) -> Option<Span> {
    if slot.need == Need::Optional {
        return None;
    }
    let instances = |h: &usize| facts.deployment.components[route.hops[*h].target].instances.clone();
    let is_hit = |h: &usize| instances(h).any(|i| lost.contains(&i));
    let hit = match slot.detector.mode {
        // A deep check sees what fails further down.
        DetectorMode::Deep => {
            let below = |h: &usize| (0..route.hops.len()).any(|x| is_hit(&x) && route.path_to(x).contains(h));
            slot.hops.iter().any(below)
        }
        // Who uses an answer of DNS finds out for itself what refuses, and asks the next address.
        _ => {
            let finds_out = caller.kind != Kind::Dns || how == Down::Silent;
            finds_out && slot.hops.iter().any(is_hit)
        }
    };
    let rest = slot.hops.iter().any(|h| instances(h).any(|i| !lost.contains(&i)));
    if !hit || !rest {
        return None;
    }
    let mut parts = checks(caller, slot.detector);
    if how == Down::Silent {
        let hit = slot.hops.iter().filter(|h| is_hit(h)).map(|h| &route.hops[*h]);
        parts.extend(timing_out(facts, slot.detector, hit));
        parts.retain(|p| p.takes.get() > 0.0);
    }
    if caller.kind == Kind::Dns && slot.detector.mode == DetectorMode::Deep {
        let resolver = caller.resolver.clone().unwrap_or_default();
        parts.push(Part::of(
            "until answers that name it are no longer used",
            resolver.ttl,
            resolver.ttl(),
            format!("components[{}].resolver.ttl", caller.id),
        ));
    }
    (!parts.is_empty()).then_some(Span { parts })
}

/// Until tries at what is silent have timed out, where requests are what finds it out: the longest of the hops.
fn timing_out<'h>(
    facts: &Facts<'_>,
    detector: Detector,
    hops: impl Iterator<Item = &'h Hop>,
) -> Option<Part> {
    let times = match detector.mode {
        DetectorMode::Connect => 1,
        DetectorMode::Passive => detector.threshold(),
        DetectorMode::Shallow | DetectorMode::Deep => return None,
    };
    let hop = hops.max_by(|a, b| a.timeout.get().total_cmp(&b.timeout.get()))?;
    let link = facts.link_of(hop);
    let basis = if link.policy.timeout.is_some() { Basis::Stated } else { Basis::Default };
    let what = if times == 1 {
        "until a try has timed out".to_owned()
    } else {
        format!("until {times} tries have timed out")
    };
    let takes = Millis(hop.timeout.get() * f64::from(times));
    Some(Part::new(what, takes, format!("links[{}].policy.timeout", link.id), basis))
}

/// Until a detector has seen it; `connect` sees it in the try itself.
fn checks(caller: &Component, detector: Detector) -> Vec<Part> {
    let path = format!("components[{}].detector", caller.id);
    let misses = detector.threshold();
    match detector.mode {
        DetectorMode::Connect => Vec::new(),
        DetectorMode::Passive => vec![Part::new(
            format!("until {misses} requests have failed"),
            Millis(0.0),
            format!("{path}.threshold"),
            if detector.threshold == 0 { Basis::Default } else { Basis::Stated },
        )],
        DetectorMode::Shallow | DetectorMode::Deep => {
            let basis = if detector.interval.is_some() { Basis::Stated } else { Basis::Default };
            let missed = Millis(detector.interval().get() * f64::from(misses));
            vec![
                Part::new("until the next check", detector.interval(), format!("{path}.interval"), basis),
                Part::new(
                    format!("until {misses} checks are missed"),
                    missed,
                    format!("{path}.threshold"),
                    basis,
                ),
            ]
        }
    }
}
