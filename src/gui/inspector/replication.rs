//! How a component, or a `replicate` link, keeps copies.

use egui::Ui;

use super::form::{Absent, Form};
use crate::design::{
    Chain, Component, ComponentId, Consensus, ConsensusProtocol, Failover, Interaction, Kind, Merge, Millis,
    MultiPrimary, OnBackupLoss, PrimaryBackup, Quorum, QuorumCoordinator, Replication, Sync,
};
use crate::gui::words;

/// The mode, without its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    None,
    PrimaryBackup,
    Chain,
    Consensus,
    Quorum,
    MultiPrimary,
}

const MODES: [(Mode, &str, &str); 6] = [
    (Mode::None, "None", "one copy"),
    (Mode::PrimaryBackup, "Primary, backups", "one takes writes"),
    (Mode::Chain, "Chain", "head to tail"),
    (Mode::Consensus, "Consensus", "a majority agrees"),
    (Mode::Quorum, "Quorum", "N, R, W"),
    (Mode::MultiPrimary, "Multi-primary", "all take writes"),
];

fn mode_of(r: &Replication) -> Mode {
    match r {
        Replication::None => Mode::None,
        Replication::PrimaryBackup(_) => Mode::PrimaryBackup,
        Replication::Chain(_) => Mode::Chain,
        Replication::Consensus(_) => Mode::Consensus,
        Replication::Quorum(_) => Mode::Quorum,
        Replication::MultiPrimary(_) => Mode::MultiPrimary,
    }
}

fn fresh(mode: Mode) -> Replication {
    match mode {
        Mode::None => Replication::None,
        Mode::PrimaryBackup => Replication::PrimaryBackup(PrimaryBackup::default()),
        Mode::Chain => Replication::Chain(Chain::default()),
        Mode::Consensus => Replication::Consensus(Consensus::default()),
        Mode::Quorum => Replication::Quorum(Quorum::default()),
        Mode::MultiPrimary => Replication::MultiPrimary(MultiPrimary::default()),
    }
}

/// The replication of a component's own replicas.
pub fn replication_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let drawn = form
        .ctx
        .design
        .links
        .iter()
        .find(|l| l.interaction == Interaction::Replicate && (l.from == c.id || l.to == c.id));
    if let Some(link) = drawn {
        let other = if link.from == c.id { &link.to } else { &link.from };
        let role = if link.from == c.id { "the primary of" } else { "a backup of" };
        let name = words::element(form.ctx.design, other.as_str());
        form.note(
            ui,
            &format!("A drawn link makes this {role} one group with {name}: its mode is set on the link."),
        );
        if crate::gui::widgets::link(ui, "Select the link").clicked() {
            let id = crate::design::ElementId::from(&link.id);
            form.ctx.commands.view(crate::gui::command::Action::Select(vec![id]));
        }
        ui.add_space(4.0);
        return;
    }
    let in_force = c.replication();
    let mut mode = mode_of(&in_force);
    let default = mode_of(&Component { replication: None, ..c.clone() }.replication());
    let before = mode;
    form.choice(ui, "Mode", &mut mode, Some(&default), &MODES, "How its replicas keep copies of the data");
    if mode != before {
        c.replication = (mode != default).then(|| fresh(mode));
        if c.replicas < 2 && mode != Mode::None {
            c.replicas = if mode == Mode::Consensus || mode == Mode::Quorum { 3 } else { 2 };
        }
    }
    if c.replicas < 2 && mode != Mode::None {
        form.note(ui, "It has one replica, so there is nothing to copy to yet.");
    }
    let mut settings = c.replication.clone().unwrap_or(in_force);
    let was = settings.clone();
    settings_ui(ui, form, &mut settings, Some(&c.id));
    if settings != was {
        c.replication = Some(settings);
    }
}

/// The mode of a `replicate` link.
pub fn link_mode_ui(ui: &mut Ui, form: &mut Form<'_>, value: &mut Option<Replication>) {
    let in_force = value.clone().unwrap_or(Replication::PrimaryBackup(PrimaryBackup::default()));
    let mut mode = mode_of(&in_force);
    let before = mode;
    let default = Mode::PrimaryBackup;
    form.choice(
        ui,
        "Mode",
        &mut mode,
        value.is_none().then_some(&default),
        &MODES[1..],
        "How the group keeps copies",
    );
    if mode != before {
        *value = Some(fresh(mode));
    }
    let mut settings = value.clone().unwrap_or(in_force);
    let was = settings.clone();
    settings_ui(ui, form, &mut settings, None);
    if settings != was {
        *value = Some(settings);
    }
}

fn settings_ui(ui: &mut Ui, form: &mut Form<'_>, settings: &mut Replication, own: Option<&ComponentId>) {
    match settings {
        Replication::None => {}
        Replication::PrimaryBackup(pb) => primary_backup(ui, form, pb, own),
        Replication::Chain(chain) => {
            let mut options: Vec<(Option<ComponentId>, &str, &str)> =
                vec![(None, "none", "a broken chain stays broken")];
            let design = form.ctx.design;
            let coordinators = design.components.iter().filter(|c| c.kind == Kind::Coordinator);
            options.extend(coordinators.map(|c| (Some(c.id.clone()), c.title(), "")));
            form.choice(
                ui,
                "Coordinator",
                &mut chain.coordinator,
                Some(&None),
                &options,
                "Re-forms a broken chain while a majority of it lives",
            );
        }
        Replication::Consensus(consensus) => {
            form.segments(
                ui,
                "Protocol",
                &mut consensus.protocol,
                &[(ConsensusProtocol::Raft, "Raft"), (ConsensusProtocol::Paxos, "Paxos")],
                "A name for people; both behave alike here",
            );
            form.quantity(
                ui,
                "Elects after",
                &mut consensus.election_timeout,
                Absent::Default(Millis(1000.0)),
                ("silence", "Silence after which followers elect a new leader"),
            );
        }
        Replication::Quorum(q) => quorum(ui, form, q),
        Replication::MultiPrimary(m) => {
            form.choice(
                ui,
                "Conflicts",
                &mut m.merge,
                Some(&Merge::LastWriteWins),
                &[
                    (Merge::LastWriteWins, "Last write wins", "the other is lost"),
                    (Merge::VectorClocks, "Vector clocks", "both are kept"),
                    (Merge::Application, "Application", "decides"),
                    (Merge::Crdt, "CRDT", "nothing is lost"),
                ],
                "How concurrent writes are resolved",
            );
        }
    }
}

fn primary_backup(ui: &mut Ui, form: &mut Form<'_>, pb: &mut PrimaryBackup, own: Option<&ComponentId>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Ack {
        Async,
        Semi,
        Sync,
    }
    let mut ack = match pb.sync {
        Sync::Async => Ack::Async,
        Sync::SemiSync(_) => Ack::Semi,
        Sync::Sync => Ack::Sync,
    };
    let before = ack;
    form.segments(
        ui,
        "Acknowledges",
        &mut ack,
        &[(Ack::Async, "Async"), (Ack::Semi, "Semi"), (Ack::Sync, "Sync")],
        "After its own disk, after some backups have it, or after all have it",
    );
    if ack != before {
        pb.sync = match ack {
            Ack::Async => Sync::Async,
            Ack::Semi => Sync::SemiSync(1),
            Ack::Sync => Sync::Sync,
        };
    }
    if let Sync::SemiSync(k) = &mut pb.sync {
        form.count(ui, "Backups to wait for", k, (1, 64), "", ("", "Backups that must have a write"));
    }
    form.segments(
        ui,
        "Failover",
        &mut pb.failover,
        &[(Failover::Manual, "Manual"), (Failover::Automatic, "Automatic")],
        "Who replaces a lost primary: a person, or a backup by itself",
    );
    if pb.failover == Failover::Automatic {
        let design = form.ctx.design;
        let candidates: Vec<(ComponentId, String)> = design
            .components
            .iter()
            .filter(|c| {
                Some(&c.id) == own || matches!(c.kind, Kind::Coordinator | Kind::Service) || c.kind.is_store()
            })
            .map(|c| (c.id.clone(), c.title().to_owned()))
            .collect();
        form.chips(
            ui,
            "Voters",
            &mut pb.voters,
            &candidates,
            ("nobody", "Whose majority decides on a failover: the store itself, a coordinator, a witness"),
        );
        if pb.voters.is_empty() {
            form.note(ui, "Without voters each side of a partition may promote its own primary.");
        }
        form.quantity(
            ui,
            "Lost after",
            &mut pb.detect_after,
            Absent::Default(Millis(1000.0)),
            ("silence", "Silence after which a primary counts as lost"),
        );
    }
    if pb.sync != Sync::Async {
        let mut blocks = pb.on_backup_loss == OnBackupLoss::Block;
        let was = blocks;
        form.segments(
            ui,
            "A backup is lost",
            &mut blocks,
            &[(true, "Wait"), (false, "Go on")],
            "Writes stop, or go on without it after a while",
        );
        if blocks != was {
            pb.on_backup_loss =
                if blocks { OnBackupLoss::Block } else { OnBackupLoss::AsyncAfter(Millis(1000.0)) };
        }
        if let OnBackupLoss::AsyncAfter(t) = &mut pb.on_backup_loss {
            form.needed(ui, "Goes on after", t, "Time until it goes on alone");
        }
    }
}

fn quorum(ui: &mut Ui, form: &mut Form<'_>, q: &mut Quorum) {
    form.count(ui, "Copies, N", &mut q.n, (1, 64), "on every replica", ("", "Copies of each key"));
    form.count(ui, "Reads, R", &mut q.r, (1, 64), "a majority", ("", "Copies that must answer a read"));
    form.count(
        ui,
        "Writes, W",
        &mut q.w,
        (1, 64),
        "a majority",
        ("", "Copies that must acknowledge a write"),
    );
    form.toggle(ui, "Sloppy", &mut q.sloppy, "Whether any W nodes may stand in for the W home nodes");
    form.segments(
        ui,
        "Gathered by",
        &mut q.coordinator,
        &[(QuorumCoordinator::Replica, "Replica"), (QuorumCoordinator::Client, "Caller")],
        "Who gathers the answers",
    );
    if q.n > 0 && q.r > 0 && q.w > 0 && q.r + q.w <= q.n {
        form.note(ui, "R + W does not exceed N: a read can miss the latest write.");
    }
}
