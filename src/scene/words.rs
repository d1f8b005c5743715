//! What a picture says in words: the line under a card's title, the label of a link, the pill of a slot.

use crate::design::{
    Balance, Component, ConsensusProtocol, Design, Failover, Interaction, Kind, Link, Merge, Need,
    Replication, ResolvePolicy, Sync, Zone, ZoneKind,
};

/// The line under a component's title: its kind and the one property that matters most.
pub fn kind_line(design: &Design, component: &Component) -> String {
    let label = component.kind.label();
    let with = |what: &str| format!("{label}, {what}");
    let spread = leaves(component);
    match component.kind {
        Kind::Client => {
            let rate: f64 =
                design.journeys.iter().filter(|j| j.client == component.id).map(|j| j.rate().get()).sum();
            match (rate > 0.0, spread) {
                (true, Some(zones)) => format!("{}, {zones}", rate_words(rate)),
                (true, None) => rate_words(rate),
                (false, Some(zones)) => with(&zones),
                (false, None) => label.to_owned(),
            }
        }
        Kind::Dns => with(match component.resolver.as_ref().map_or(ResolvePolicy::default(), |r| r.policy) {
            ResolvePolicy::Nearest => "nearest",
            ResolvePolicy::Weighted => "weighted",
            ResolvePolicy::Failover => "failover",
        }),
        Kind::LoadBalancer => match component.balance {
            Balance::RoundRobin => spread.map_or(label.to_owned(), |z| with(&z)),
            Balance::LeastConnections => "Balancer, least busy".to_owned(),
            Balance::Hash => "Balancer, by hash".to_owned(),
        },
        Kind::Cdn | Kind::Cache => match component.cache.as_ref().and_then(|c| c.hit_ratio) {
            Some(ratio) => with(&format!("{} hits", percent(ratio))),
            None => label.to_owned(),
        },
        Kind::Firewall => {
            let Some(f) = &component.firewall else { return label.to_owned() };
            match (&f.rate_limit, f.waf, f.ddos) {
                (Some(limit), _, _) => with(&format!("≤ {}", rate_words(limit.get()))),
                (None, true, true) => with("WAF, DDoS"),
                (None, true, false) => with("WAF"),
                (None, false, true) => with("DDoS"),
                (None, false, false) => label.to_owned(),
            }
        }
        Kind::Queue | Kind::Stream => {
            let durable = component.queue.as_ref().is_none_or(|q| q.durable());
            match component.shards() {
                1 => with(if durable { "durable" } else { "in memory" }),
                n => with(&format!("{n} shards")),
            }
        }
        kind if kind.is_replicated() => replicated_line(design, component),
        _ => spread.map_or(label.to_owned(), |z| with(&z)),
    }
}

/// `3 zones`, where a component is listed in several.
fn leaves(component: &Component) -> Option<String> {
    (component.zones.len() > 1).then(|| format!("{} zones", component.zones.len()))
}

fn replicated_line(design: &Design, component: &Component) -> String {
    let role = role_in_group(design, component).or_else(|| mode_words(component));
    match (component.shards(), role) {
        (1, Some(role)) => role,
        (1, None) => component.kind.label().to_owned(),
        (n, Some(role)) => format!("{n} shards, {}", lower_first(&role)),
        (n, None) => format!("{}, {n} shards", component.kind.label()),
    }
}

/// Primary or backup, where a `replicate` link says so.
fn role_in_group(design: &Design, component: &Component) -> Option<String> {
    let replicate = |l: &&Link| l.interaction == Interaction::Replicate;
    let to = design.links_to(component.id.as_str()).find(replicate);
    let from = design.links_from(component.id.as_str()).find(replicate);
    let link = to.or(from)?;
    match link.replication.clone().unwrap_or(Replication::PrimaryBackup(Default::default())) {
        Replication::PrimaryBackup(pb) if to.is_some() => Some(match pb.failover {
            Failover::Manual => "Backup, manual".to_owned(),
            Failover::Automatic => "Backup, automatic".to_owned(),
        }),
        Replication::PrimaryBackup(_) => Some("Primary".to_owned()),
        Replication::None => None,
        other => Some(group_words(&other, component.replicas)),
    }
}

/// The replication mode of a component's own replicas.
fn mode_words(component: &Component) -> Option<String> {
    match component.replication() {
        Replication::None => None,
        mode => Some(group_words(&mode, component.replicas)),
    }
}

fn group_words(mode: &Replication, replicas: u32) -> String {
    match mode {
        Replication::None => "One copy".to_owned(),
        Replication::PrimaryBackup(_) => match replicas {
            0 | 1 => "Primary".to_owned(),
            2 => "Primary, 1 backup".to_owned(),
            n => format!("Primary, {} backups", n - 1),
        },
        Replication::Chain(_) => format!("Chain of {replicas}"),
        Replication::Consensus(c) => {
            let protocol = match c.protocol {
                ConsensusProtocol::Raft => "Raft",
                ConsensusProtocol::Paxos => "Paxos",
            };
            format!("{protocol}, {replicas} voters")
        }
        Replication::Quorum(q) => {
            let n = if q.n == 0 { replicas } else { q.n };
            let or_majority = |k: u32| if k == 0 { n / 2 + 1 } else { k };
            format!("Quorum N{n} R{} W{}", or_majority(q.r), or_majority(q.w))
        }
        Replication::MultiPrimary(m) => match m.merge {
            Merge::LastWriteWins => "Multi-primary, last wins".to_owned(),
            Merge::VectorClocks => "Multi-primary, clocks".to_owned(),
            Merge::Application => "Multi-primary, merged".to_owned(),
            Merge::Crdt => "Multi-primary, CRDT".to_owned(),
        },
    }
}

fn lower_first(text: &str) -> String {
    // Names such as Raft keep their capital.
    if text.starts_with("Raft") || text.starts_with("Paxos") {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_lowercase().chain(chars).collect())
}

/// What stands on a link: its own label, else what matters of its interaction; `None` where nothing needs saying.
pub fn link_label(link: &Link) -> Option<String> {
    if !link.label.is_empty() {
        return Some(link.label.clone());
    }
    let latency = link.network.latency.filter(|l| l.get() > 0.0).map(|l| l.to_string());
    let what = match link.interaction {
        Interaction::Replicate => {
            Some(match link.replication.clone().unwrap_or(Replication::PrimaryBackup(Default::default())) {
                Replication::PrimaryBackup(pb) => match pb.sync {
                    Sync::Async => "async replication".to_owned(),
                    Sync::SemiSync(_) => "semi-sync replication".to_owned(),
                    Sync::Sync => "sync replication".to_owned(),
                },
                _ => "replication".to_owned(),
            })
        }
        Interaction::Heartbeat => Some("heartbeat".to_owned()),
        Interaction::Bypass => Some("bypass".to_owned()),
        _ => None,
    };
    match (what, latency) {
        (Some(what), Some(latency)) => Some(format!("{what}  {latency}")),
        (what, latency) => what.or(latency),
    }
}

/// The pill of a slot with that many links.
pub fn need_label(need: Need, links: usize) -> String {
    match need {
        Need::All => "all".to_owned(),
        Need::Any => "any".to_owned(),
        Need::KOf(k) => format!("{k} of {links}"),
        Need::Optional => "optional".to_owned(),
    }
}

/// A zone's name.
pub fn zone_title(zone: &Zone) -> &str {
    if zone.name.is_empty() { zone.id.as_str() } else { &zone.name }
}

/// The slots of a component that a picture shows: name, need and the links that stand in it.
///
/// A slot is shown where it joins two or more links or asks for something else than its default.
pub(super) fn slots_shown<'a>(
    design: &'a Design,
    component: &'a Component,
) -> Vec<(&'a str, Need, Vec<&'a Link>)> {
    let carries = |l: &&Link| {
        matches!(
            l.interaction,
            Interaction::Call | Interaction::Publish | Interaction::Resolve | Interaction::Bypass
        )
    };
    let out: Vec<&Link> = design.links_from(component.id.as_str()).filter(carries).collect();
    let mut slots = Vec::new();
    for slot in &component.slots {
        let links: Vec<&Link> = out.iter().copied().filter(|l| l.slot == slot.name).collect();
        if links.len() >= 2 || (links.len() == 1 && slot.need != Need::All) {
            slots.push((slot.name.as_str(), slot.need, links));
        }
    }
    let plain: Vec<&Link> = out.into_iter().filter(|l| l.slot.is_empty()).collect();
    if component.kind.spreads() && plain.len() >= 2 {
        slots.push(("", Need::Any, plain));
    }
    slots
}

/// `12k/s`, `240/s`, `3.5/s`.
pub(super) fn rate_words(per_second: f64) -> String {
    let short = |v: f64| {
        if v >= 10.0 || (v - v.round()).abs() < 0.05 { format!("{v:.0}") } else { format!("{v:.1}") }
    };
    match per_second {
        r if r >= 1e6 => format!("{}M/s", short(r / 1e6)),
        r if r >= 1e4 => format!("{}k/s", short(r / 1e3)),
        r => format!("{}/s", short(r)),
    }
}

/// `4.1 ms`, `120 ms`, `1.2 s`.
pub(super) fn time_words(ms: f64) -> String {
    match ms {
        t if t >= 1e3 => format!("{:.1} s", t / 1e3),
        t if t >= 10.0 => format!("{t:.0} ms"),
        t if t < 0.05 => "< 0.1 ms".to_owned(),
        t => format!("{t:.1} ms"),
    }
}

/// `63 %`, `0.4 %`.
pub(super) fn percent(share: f64) -> String {
    let p = share * 100.0;
    if p >= 9.95 || p == 0.0 || (p - p.round()).abs() < 0.05 {
        format!("{p:.0} %")
    } else {
        format!("{p:.1} %")
    }
}

/// A zone's kind in plain words.
pub(super) fn zone_kind(kind: ZoneKind) -> &'static str {
    kind.label()
}
