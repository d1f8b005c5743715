//! The parent's handle on a live cluster: what window, command line and proofs use. Synchronous; no runtime is needed.
//!
//! [`Cluster::launch`] starts the supervisor process and returns at once; [`Cluster::await_ready`] waits until every
//! node serves. Orders return a [`Ticket`] that can be waited for or dropped. Everything ends when the cluster is
//! dropped, and when the process ends, however it ends.
//!
//! Never: a runtime, the window, a prediction.

mod drawn;
mod pipe;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Child;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::event::{ClusterEvent, FaultChange, FaultId, NodeView, Phase, Readiness, Snapshot};
use super::fault::{Fault, FaultError, Plan, Step};
use super::load::{Load, Window};
use super::runfile;
use super::topology::{Standing, Topology};
use super::wire::{
    ClockFault, DiskFault, InstanceId, LoadOrder, Rule, RunId, Set, ToFabric, ToNode, ToSupervisor, clock,
};
use crate::deploy::Deployment;

/// Events that wait for a subscriber that does not take them; then the newest are lost to it.
pub const EVENTS_WAITING_MAX: usize = 16_384;

/// How long an order may take by itself; a restart is given the time of a launch besides.
const ORDER_WITHIN: Duration = Duration::from_secs(20);

/// How long the supervisor may take to end everything.
const END_WITHIN: Duration = Duration::from_secs(8);

/// What is to run.
#[derive(Clone, Debug, Default)]
pub struct ClusterSpec {
    /// The processes, each with what it is to be.
    pub nodes: Vec<NodePlan>,
    /// What faults can name.
    pub topology: Topology,
    /// What the network does from the start, by name.
    pub rules: BTreeMap<String, Rule>,
}

/// One process.
#[derive(Clone, Debug)]
pub struct NodePlan {
    /// Who it is and where it stands.
    pub standing: Standing,
    /// What it is to be; only the node reads it.
    pub spec: serde_json::Value,
}

impl ClusterSpec {
    /// A deployment as these processes, on the networks that are drawn.
    pub fn new(deployment: &Deployment, nodes: Vec<NodePlan>) -> Self {
        let topology = Topology::new(deployment, nodes.iter().map(|n| n.standing.clone()).collect());
        Self { rules: topology.drawn_rules(), topology, nodes }
    }
}

/// How it is run.
#[derive(Clone, Debug)]
pub struct LaunchOptions {
    /// The program that every process is; absent is this one.
    pub program: Option<PathBuf>,
    /// The folder for run files and the nodes' files; absent is one in the user's cache.
    pub base_dir: Option<PathBuf>,
    /// How long a node may take to be ready.
    pub ready_timeout: Duration,
    /// Fixes what nodes do by chance.
    pub seed: u64,
    /// What clients do as soon as every node is ready; absent leaves them off.
    pub load: Option<LoadOrder>,
    /// Between two snapshots of a node's counters.
    pub report_every: Duration,
}

impl Default for LaunchOptions {
    fn default() -> Self {
        Self {
            program: None,
            base_dir: None,
            ready_timeout: Duration::from_secs(10),
            seed: 0,
            load: Some(LoadOrder::default()),
            report_every: Duration::from_millis(500),
        }
    }
}

/// Why a cluster is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// The program that children are to run is not known or cannot be started.
    #[error("cannot start {program}: {why}")]
    Program {
        /// Which.
        program: String,
        /// Why.
        why: String,
    },
    /// It could not be started, or broke off.
    #[error("the cluster could not run: {0}")]
    Failed(String),
    /// It has been stopped.
    #[error("the cluster has been stopped")]
    Stopped,
    /// Not ready in time.
    #[error("not every node was ready in time: {0}")]
    Late(String),
}

/// Why an order was not obeyed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// The supervisor says why.
    #[error("{0}")]
    Refused(String),
    /// The cluster has ended.
    #[error("the cluster has ended")]
    Ended,
    /// It took too long.
    #[error("no answer in time")]
    Late,
}

/// Orders under way.
#[derive(Debug)]
#[must_use = "an order that nobody waits for may fail unnoticed; drop it to say that this is wanted"]
pub struct Ticket {
    answers: Vec<Receiver<Result<u64, OrderError>>>,
    by: Instant,
}

impl Ticket {
    /// Waits until all of it is done; gives the time from which on it holds, in microseconds of the run's clock.
    ///
    /// # Errors
    /// The first [`OrderError`].
    pub fn wait(self) -> Result<u64, OrderError> {
        let mut holds = clock::now_us();
        for (n, answer) in self.answers.into_iter().enumerate() {
            let left = self.by.saturating_duration_since(Instant::now());
            let at = answer.recv_timeout(left).map_err(|error| match error {
                std::sync::mpsc::RecvTimeoutError::Timeout => OrderError::Late,
                std::sync::mpsc::RecvTimeoutError::Disconnected => OrderError::Ended,
            })??;
            holds = if n == 0 { at } else { holds.max(at) };
        }
        Ok(holds)
    }
}

/// A fault that has been made.
#[derive(Debug)]
pub struct Injected {
    /// Its number: to heal it.
    pub id: FaultId,
    /// Resolves when it holds.
    pub ticket: Ticket,
}

/// What several threads share.
struct Shared {
    inner: Mutex<Inner>,
    /// Kept apart: writing may wait for the reader at the other end.
    stdin: Mutex<Option<std::process::ChildStdin>>,
    ready_timeout: Duration,
    report_every_ms: u64,
    began: Instant,
    topology: Topology,
}

struct Inner {
    snapshot: Snapshot,
    load: Load,
    /// What clients have been told last; told again to one that is started again.
    load_order: Option<LoadOrder>,
    subscribers: Vec<SyncSender<ClusterEvent>>,
    waiting: BTreeMap<u64, SyncSender<Result<u64, OrderError>>>,
    plans: BTreeMap<FaultId, Plan>,
    next_seq: u64,
    next_fault: u64,
    /// Woken when the phase changes.
    phase_waiters: Vec<SyncSender<()>>,
    errors: Vec<String>,
    /// The order to stop, once it is given.
    stop_seq: Option<u64>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn publish(&mut self, event: &ClusterEvent) {
        // One that is full misses this; one that is gone is struck off.
        self.subscribers.retain(|to| {
            !matches!(to.try_send(event.clone()), Err(std::sync::mpsc::TrySendError::Disconnected(_)))
        });
    }

    /// What a node is told when it is ready: how often to report, what its clock and disk do, its load.
    fn greeting(&self, instance: &InstanceId, shared: &Shared) -> Vec<ToNode> {
        let mut orders = vec![ToNode::Report { every_ms: shared.report_every_ms }];
        orders.extend(
            self.plans.values().rev().find_map(|p| p.disks().get(instance).copied()).map(ToNode::Disk),
        );
        orders.extend(
            self.plans.values().rev().find_map(|p| p.clocks().get(instance).copied()).map(ToNode::Clock),
        );
        if shared.topology.is_client(instance) && self.snapshot.phase == Phase::Running {
            orders.extend(self.load_order.map(ToNode::Load));
        }
        orders
    }

    fn set_phase(&mut self, phase: Phase) {
        self.snapshot.phase = phase;
        for waiter in self.phase_waiters.drain(..) {
            let _ = waiter.try_send(());
        }
        if matches!(self.snapshot.phase, Phase::Failed(_) | Phase::Stopped) {
            self.waiting.clear();
        }
    }
}

/// A live cluster.
pub struct Cluster {
    shared: Arc<Shared>,
    child: Child,
}

impl Cluster {
    /// Starts the processes and returns at once.
    ///
    /// # Errors
    /// [`LaunchError::Program`]; what goes wrong later is told by [`Cluster::await_ready`] and as an event.
    pub fn launch(spec: ClusterSpec, options: &LaunchOptions) -> Result<Self, LaunchError> {
        let began = Instant::now();
        let run = RunId::random();
        let program = match &options.program {
            Some(program) => program.clone(),
            None => std::env::current_exe()
                .map_err(|e| LaunchError::Program { program: "this program".into(), why: e.to_string() })?,
        };
        let base = options.base_dir.clone().unwrap_or_else(runfile::default_base);
        let nodes = spec.nodes.iter().map(|n| (n.standing.instance.clone(), NodeView::default())).collect();
        let shared = Arc::new(Shared {
            inner: Mutex::new(Inner {
                snapshot: Snapshot {
                    run,
                    phase: Phase::Starting,
                    ready: None,
                    nodes,
                    traffic: BTreeMap::new(),
                    faults: BTreeMap::new(),
                },
                load: Load::default(),
                load_order: None,
                subscribers: Vec::new(),
                waiting: BTreeMap::new(),
                plans: BTreeMap::new(),
                next_seq: 1,
                next_fault: 1,
                phase_waiters: Vec::new(),
                errors: Vec::new(),
                stop_seq: None,
            }),
            stdin: Mutex::new(None),
            ready_timeout: options.ready_timeout,
            report_every_ms: options.report_every.as_millis() as u64,
            began,
            topology: spec.topology,
        });
        let start = pipe::start_line(run, program, base, spec.nodes, spec.rules, options);
        let child = pipe::spawn(&shared, start, options.load)?;
        Ok(Self { shared, child })
    }

    /// Waits until every node is ready.
    ///
    /// # Errors
    /// [`LaunchError`] with what the supervisor says, the tail of the log of the node to blame included.
    pub fn await_ready(&self) -> Result<Readiness, LaunchError> {
        // The supervisor keeps the time; this is for the case that it does not.
        let by = Instant::now() + self.shared.ready_timeout + END_WITHIN;
        loop {
            let waiter = {
                let mut inner = self.shared.lock();
                match (&inner.snapshot.phase, &inner.snapshot.ready) {
                    (Phase::Failed(why), _) => return Err(LaunchError::Failed(why.clone())),
                    (Phase::Stopped, _) => return Err(LaunchError::Stopped),
                    (Phase::Running, Some(ready)) => return Ok(ready.clone()),
                    _ => {}
                }
                let (sender, waiter) = sync_channel(1);
                inner.phase_waiters.push(sender);
                waiter
            };
            if waiter.recv_timeout(by.saturating_duration_since(Instant::now())).is_err() {
                let inner = self.shared.lock();
                let late = inner.snapshot.nodes.iter().filter(|(_, n)| !n.is_alive() || n.address.is_none());
                let late: Vec<&str> = late.map(|(i, _)| i.as_str()).take(8).collect();
                return Err(LaunchError::Late(late.join(", ")));
            }
        }
    }

    /// What happens from now on. Each call begins a subscription of its own; it ends with the cluster.
    pub fn events(&self) -> Receiver<ClusterEvent> {
        let (sender, receiver) = sync_channel(EVENTS_WAITING_MAX);
        let mut inner = self.shared.lock();
        if !matches!(inner.snapshot.phase, Phase::Failed(_) | Phase::Stopped) {
            inner.subscribers.push(sender);
        }
        receiver
    }

    /// How it stands.
    pub fn snapshot(&self) -> Snapshot {
        self.shared.lock().snapshot.clone()
    }

    /// Reads how it stands without copying it. Short work only: everything waits meanwhile.
    pub fn with_snapshot<T>(&self, read: impl FnOnce(&Snapshot) -> T) -> T {
        read(&self.shared.lock().snapshot)
    }

    /// Reads what clients have measured, without copying it. Short work only.
    pub fn with_load<T>(&self, read: impl FnOnce(&Load) -> T) -> T {
        read(&self.shared.lock().load)
    }

    /// What clients measured of requests that were meant to start between two times of the run's clock.
    pub fn window(&self, from_us: u64, to_us: u64) -> Window {
        self.with_load(|load| load.between(from_us, to_us))
    }

    /// Who stands where.
    pub fn topology(&self) -> &Topology {
        &self.shared.topology
    }

    /// The run.
    pub fn run(&self) -> RunId {
        self.shared.lock().snapshot.run
    }

    /// Ends processes at once.
    pub fn kill(&self, instances: &[InstanceId]) -> Ticket {
        let instances = instances.to_vec();
        self.order(|seq| ToSupervisor::Kill { instances, seq })
    }

    /// Stops processes where they stand.
    pub fn pause(&self, instances: &[InstanceId]) -> Ticket {
        let instances = instances.to_vec();
        self.order(|seq| ToSupervisor::Pause { instances, seq })
    }

    /// Lets paused processes go on.
    pub fn resume(&self, instances: &[InstanceId]) -> Ticket {
        let instances = instances.to_vec();
        self.order(|seq| ToSupervisor::Resume { instances, seq })
    }

    /// Starts processes again; done when they are ready.
    pub fn restart(&self, instances: &[InstanceId]) -> Ticket {
        let instances = instances.to_vec();
        self.order(|seq| ToSupervisor::Restart { instances, seq })
    }

    /// Starts the processes that do not run; done when all are ready.
    pub fn start(&self, instances: &[InstanceId]) -> Ticket {
        let instances = instances.to_vec();
        self.order(|seq| ToSupervisor::Start { instances, seq })
    }

    /// Hands an order to nodes.
    pub fn tell(&self, instances: &[InstanceId], order: ToNode) -> Ticket {
        let instances = instances.to_vec();
        self.order(|seq| ToSupervisor::Tell { instances, order, seq })
    }

    /// Tells every client what to do with its load.
    pub fn set_load(&self, order: LoadOrder) -> Ticket {
        self.shared.lock().load_order = Some(order);
        let clients = self.living(self.shared.topology.clients());
        self.tell(&clients, ToNode::Load(order))
    }

    /// Whether every living client is switched off and has told what became of all its requests.
    pub fn load_is_at_rest(&self) -> bool {
        let clients = self.living(self.shared.topology.clients());
        self.with_load(|load| clients.iter().all(|c| load.is_at_rest(c)))
    }

    /// Back to what was drawn, between two proofs: caches emptied, breakers closed, ejected targets taken back.
    pub fn reset_nodes(&self) -> Ticket {
        let all = self.shared.topology.standings().iter().map(|s| s.instance.clone()).collect();
        self.tell(&self.living(all), ToNode::Reset)
    }

    /// Slow motion: every delay of the network, drawn or made, is multiplied.
    pub fn slow_motion(&self, factor: f64) -> Ticket {
        self.order(|seq| ToSupervisor::Fabric { order: ToFabric::Slow { factor, seq }, seq })
    }

    fn living(&self, mut instances: Vec<InstanceId>) -> Vec<InstanceId> {
        let inner = self.shared.lock();
        instances.retain(|i| inner.snapshot.nodes.get(i).is_some_and(|n| n.is_alive()));
        instances
    }

    fn order(&self, order: impl FnOnce(u64) -> ToSupervisor) -> Ticket {
        Ticket {
            answers: vec![self.send(order)],
            by: Instant::now() + ORDER_WITHIN + self.shared.ready_timeout,
        }
    }

    fn send(&self, order: impl FnOnce(u64) -> ToSupervisor) -> Receiver<Result<u64, OrderError>> {
        pipe::send(&self.shared, order)
    }

    /// Makes a fault. It holds until it is healed.
    ///
    /// # Errors
    /// [`FaultError`] if it makes no sense in this cluster; what goes wrong in making it is told by the ticket.
    pub fn inject(&self, fault: &Fault) -> Result<Injected, FaultError> {
        let plan = fault.plan(&self.shared.topology)?;
        let id = {
            let mut inner = self.shared.lock();
            let id = FaultId(inner.next_fault);
            inner.next_fault += 1;
            inner.plans.insert(id, plan.clone());
            inner.snapshot.faults.insert(id, fault.clone());
            id
        };
        let mut answers = Vec::new();
        let set: BTreeMap<String, Rule> =
            plan.rules.iter().enumerate().map(|(n, rule)| (rule_name(id, n), rule.clone())).collect();
        if !set.is_empty() {
            answers.push(self.change_rules(set, Vec::new()));
        }
        answers.extend(plan.steps.iter().map(|step| self.take_step(step)));
        self.announce(id, fault.clone(), FaultChange::Applied);
        Ok(Injected { id, ticket: self.ticket(answers) })
    }

    fn ticket(&self, answers: Vec<Receiver<Result<u64, OrderError>>>) -> Ticket {
        Ticket { answers, by: Instant::now() + ORDER_WITHIN + self.shared.ready_timeout }
    }

    fn announce(&self, id: FaultId, fault: Fault, what: FaultChange) {
        self.shared.lock().publish(&ClusterEvent::Fault { id, fault, what, at_us: clock::now_us() });
    }

    fn change_rules(
        &self,
        set: BTreeMap<String, Rule>,
        clear: Vec<String>,
    ) -> Receiver<Result<u64, OrderError>> {
        self.send(|seq| ToSupervisor::Fabric { order: ToFabric::Change { set, clear, seq }, seq })
    }

    fn take_step(&self, step: &Step) -> Receiver<Result<u64, OrderError>> {
        let list = |these: &BTreeSet<InstanceId>| these.iter().cloned().collect::<Vec<_>>();
        match step {
            Step::Kill(these) => {
                let instances = list(these);
                self.send(|seq| ToSupervisor::Kill { instances, seq })
            }
            Step::PowerLoss(these) => {
                let instances = list(these);
                self.send(|seq| ToSupervisor::PowerLoss { instances, seq })
            }
            Step::Pause(these) => {
                let instances = list(these);
                self.send(|seq| ToSupervisor::Pause { instances, seq })
            }
            Step::Restart(these) => {
                let instances = list(these);
                self.send(|seq| ToSupervisor::Restart { instances, seq })
            }
            Step::Disk(these, disk) => {
                let (instances, order) = (self.living(list(these)), ToNode::Disk(*disk));
                self.send(|seq| ToSupervisor::Tell { instances, order, seq })
            }
            Step::Clock(these, clock) => {
                let (instances, order) = (self.living(list(these)), ToNode::Clock(*clock));
                self.send(|seq| ToSupervisor::Tell { instances, order, seq })
            }
            Step::Reset(from, to, link) => {
                let (from, to, link): (Set, Set, _) = (from.clone(), to.clone(), link.clone());
                self.send(|seq| ToSupervisor::Fabric { order: ToFabric::Reset { from, to, link, seq }, seq })
            }
        }
    }

    /// Undoes a fault, as far as no other one wants the same. A fault that is not there is healed already.
    pub fn heal(&self, id: FaultId) -> Ticket {
        self.heal_these(&[id])
    }

    /// Undoes every fault, and starts again what has died by itself.
    pub fn heal_all(&self) -> Ticket {
        let ids: Vec<FaultId> = self.shared.lock().plans.keys().copied().collect();
        let mut ticket = self.heal_these(&ids);
        let all: Vec<InstanceId> = self.with_snapshot(|s| s.nodes.keys().cloned().collect());
        let paused = all.clone();
        ticket.answers.push(self.send(|seq| ToSupervisor::Resume { instances: paused, seq }));
        ticket.answers.push(self.send(|seq| ToSupervisor::Start { instances: all, seq }));
        ticket
    }

    fn heal_these(&self, ids: &[FaultId]) -> Ticket {
        let (healed, left) = {
            let mut inner = self.shared.lock();
            let mut healed = Vec::new();
            for id in ids {
                if let (Some(plan), Some(fault)) = (inner.plans.remove(id), inner.snapshot.faults.remove(id))
                {
                    healed.push((*id, plan, fault));
                }
            }
            (healed, inner.plans.values().cloned().collect::<Vec<Plan>>())
        };
        let mut answers = Vec::new();
        let rules: Vec<String> = healed
            .iter()
            .flat_map(|(id, plan, _)| (0..plan.rules.len()).map(|n| rule_name(*id, n)))
            .collect();
        let mut down: BTreeSet<InstanceId> = healed.iter().flat_map(|(_, p, _)| p.down()).collect();
        let mut paused: BTreeSet<InstanceId> = healed.iter().flat_map(|(_, p, _)| p.paused()).collect();
        let still_down: BTreeSet<InstanceId> = left.iter().flat_map(Plan::down).collect();
        let still_paused: BTreeSet<InstanceId> = left.iter().flat_map(Plan::paused).collect();
        down.retain(|i| !still_down.contains(i));
        // One that is started again is not paused any more.
        paused.retain(|i| !still_paused.contains(i) && !down.contains(i));

        if !paused.is_empty() {
            let instances = paused.into_iter().collect();
            answers.push(self.send(|seq| ToSupervisor::Resume { instances, seq }));
        }
        for instance in healed.iter().flat_map(|(_, p, _)| p.disks().into_keys()).collect::<BTreeSet<_>>() {
            let disk = left
                .iter()
                .rev()
                .find_map(|p| p.disks().get(&instance).copied())
                .unwrap_or(DiskFault::default());
            answers.extend(self.tell_living(instance, ToNode::Disk(disk)));
        }
        for instance in healed.iter().flat_map(|(_, p, _)| p.clocks().into_keys()).collect::<BTreeSet<_>>() {
            let clock = left
                .iter()
                .rev()
                .find_map(|p| p.clocks().get(&instance).copied())
                .unwrap_or(ClockFault::default());
            answers.extend(self.tell_living(instance, ToNode::Clock(clock)));
        }
        if !rules.is_empty() {
            answers.push(self.change_rules(BTreeMap::new(), rules));
        }
        if !down.is_empty() {
            let instances = down.into_iter().collect();
            answers.push(self.send(|seq| ToSupervisor::Start { instances, seq }));
        }
        for (id, _, fault) in healed {
            self.announce(id, fault, FaultChange::Healed);
        }
        self.ticket(answers)
    }

    fn tell_living(&self, instance: InstanceId, order: ToNode) -> Option<Receiver<Result<u64, OrderError>>> {
        let instances = self.living(vec![instance]);
        (!instances.is_empty()).then(|| self.send(|seq| ToSupervisor::Tell { instances, order, seq }))
    }

    /// Stops every process and waits until all have ended; clients say what they have not said yet.
    ///
    /// # Errors
    /// If the supervisor had already given up, why.
    pub fn stop(mut self) -> Result<Stopped, LaunchError> {
        let shared = self.shared.clone();
        let ended = self.order(|seq| {
            shared.lock().stop_seq = Some(seq);
            ToSupervisor::Stop { seq }
        });
        let ended = ended.wait();
        self.close();
        let mut inner = self.shared.lock();
        if let Phase::Failed(why) = &inner.snapshot.phase {
            return Err(LaunchError::Failed(why.clone()));
        }
        if let Err(error) = ended
            && error != OrderError::Ended
        {
            return Err(LaunchError::Failed(error.to_string()));
        }
        Ok(Stopped { snapshot: inner.snapshot.clone(), load: std::mem::take(&mut inner.load) })
    }

    /// Lets go of the supervisor's input, which ends it, and waits for its end.
    fn close(&mut self) {
        drop(self.shared.stdin.lock().unwrap_or_else(PoisonError::into_inner).take());
        let by = Instant::now() + END_WITHIN;
        loop {
            match self.child.try_wait() {
                Ok(Some(_)) | Err(_) => return,
                Ok(None) if Instant::now() >= by => break,
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        // Its children have their own ways to notice.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The supervisor's process.
    pub fn supervisor_pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.close();
    }
}

/// What is left of a cluster that has ended.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// How it stood at the end.
    pub snapshot: Snapshot,
    /// What clients measured.
    pub load: Load,
}

fn rule_name(id: FaultId, number: usize) -> String {
    format!("fault {} {number}", id.0)
}
