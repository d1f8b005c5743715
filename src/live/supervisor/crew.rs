//! The processes of a run and what is being done about them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::process::{Deed, Plan, Process};
use crate::live::address::AddressPlan;
use crate::live::runfile::RunFile;
use crate::live::wire::child::Teller;
use crate::live::wire::{
    FabricStart, FromFabric, FromNode, FromSupervisor, InstanceId, Level, NodeStart, NodeState,
    SupervisorStart, ToFabric, ToNode, ToSupervisor, clock, line,
};

/// How long nodes may take to stop by themselves.
const STOP_WITHIN: Duration = Duration::from_millis(1500);

/// How long a node may take to throw away what it had not made durable.
const POWER_LOSS_WITHIN: Duration = Duration::from_millis(500);

/// How long a process may take to be gone after it was killed, or the fabric to obey.
const OBEY_WITHIN: Duration = Duration::from_secs(5);

/// Lines of a node's log that are kept to explain its end.
const TAIL_LINES: usize = 12;

/// What happens to the crew.
#[derive(Debug)]
pub(super) enum Event {
    Node { number: usize, start: u32, deed: Deed<FromNode> },
    Fabric(Deed<FromFabric>),
}

struct Node {
    instance: InstanceId,
    spec: serde_json::Value,
    process: Option<Process>,
    state: NodeState,
    address: Option<SocketAddr>,
    /// How often it has been started; tells the deeds of one process from those of the one before.
    starts: u32,
    /// By when it must be ready.
    ready_by: Option<Instant>,
    /// Its end was asked for.
    ending: bool,
    /// To be started again as soon as it has ended.
    again: bool,
    tail: VecDeque<String>,
}

/// An order that is not yet done.
struct Pending {
    seq: u64,
    by: Instant,
    wait: Wait,
    /// What has gone wrong so far.
    error: Option<String>,
}

enum Wait {
    /// For the ends of these.
    Ends(BTreeSet<usize>),
    /// For the ends of these, which are killed if they take longer.
    EndsOrKill(BTreeSet<usize>),
    /// For these to be ready.
    Ready(BTreeSet<usize>),
    /// For the fabric.
    Fabric,
}

/// All of it.
pub(super) struct Crew {
    start: SupervisorStart,
    run_file: RunFile,
    tell: Teller,
    began: Instant,
    plan: AddressPlan,
    nodes: Vec<Node>,
    numbers: BTreeMap<InstanceId, usize>,
    fabric: Option<Process>,
    fabric_at: Option<SocketAddr>,
    fabric_tail: VecDeque<String>,
    launched: bool,
    pending: Vec<Pending>,
    /// Nodes that are ready as soon as the fabric has heard where they are, by the number of the question and with the
    /// start that it is about.
    unheard: BTreeMap<u64, (usize, u32)>,
    /// What is said after everything has ended.
    last: Option<FromSupervisor>,
    events: UnboundedReceiver<Event>,
    sender: UnboundedSender<Event>,
}

impl Crew {
    pub fn new(mut start: SupervisorStart, run_file: RunFile, tell: Teller, began: Instant) -> Self {
        let (sender, events) = unbounded_channel();
        let nodes: Vec<Node> = std::mem::take(&mut start.instances)
            .into_iter()
            .map(|plan| Node {
                instance: plan.instance,
                spec: plan.spec,
                process: None,
                state: NodeState::Stopped,
                address: None,
                starts: 0,
                ready_by: None,
                ending: false,
                again: false,
                tail: VecDeque::new(),
            })
            .collect();
        let numbers = nodes.iter().enumerate().map(|(i, n)| (n.instance.clone(), i)).collect();
        Self {
            plan: AddressPlan::probe(),
            start,
            run_file,
            tell,
            began,
            nodes,
            numbers,
            fabric: None,
            fabric_at: None,
            fabric_tail: VecDeque::new(),
            launched: false,
            pending: Vec::new(),
            unheard: BTreeMap::new(),
            last: None,
            events,
            sender,
        }
    }

    /// Starts the fabric; the nodes follow as soon as it says where it is.
    pub fn launch(&mut self) -> Result<(), String> {
        if self.numbers.len() != self.nodes.len() {
            return Err("two instances have the same name".to_owned());
        }
        let first = FabricStart {
            run: self.start.run,
            bind: self.plan.fabric(),
            rules: std::mem::take(&mut self.start.rules),
        };
        let plan = Plan {
            program: &self.start.program,
            verb: "fabric",
            label: "fabric",
            first_line: line::encode(&first),
        };
        let sender = self.sender.clone();
        let process = Process::spawn(plan, move |deed| drop(sender.send(Event::Fabric(deed))))
            .map_err(|e| e.to_string())?;
        self.enter("fabric", process.pid)?;
        self.fabric = Some(process);
        Ok(())
    }

    fn enter(&mut self, what: &str, pid: u32) -> Result<(), String> {
        self.run_file.enter(what, pid).map_err(|e| format!("cannot write the run file: {e}"))
    }

    /// Where a node keeps its files.
    fn dir_of(&self, instance: &InstanceId) -> PathBuf {
        // No id holds a `~`.
        self.run_file.dir().join("nodes").join(instance.as_str().replace('/', "~"))
    }

    fn spawn(&mut self, number: usize) -> Result<(), String> {
        let Some(fabric) = self.fabric_at else { return Err("the fabric is not there".to_owned()) };
        let dir = self.dir_of(&self.nodes[number].instance);
        fs::create_dir_all(&dir).map_err(|e| format!("cannot make {}: {e}", dir.display()))?;
        let node = &mut self.nodes[number];
        let restarts = node.starts;
        node.starts += 1;
        let start = NodeStart {
            run: self.start.run,
            instance: node.instance.clone(),
            bind: self.plan.instance(number),
            fabric,
            dir,
            restarts,
            seed: self.start.seed.wrapping_add(number as u64 * 1_000_003 + u64::from(restarts)),
            spec: node.spec.clone(),
        };
        let plan = Plan {
            program: &self.start.program,
            verb: "node",
            label: node.instance.as_str(),
            first_line: line::encode(&start),
        };
        let (sender, start) = (self.sender.clone(), node.starts);
        let process =
            Process::spawn(plan, move |deed| drop(sender.send(Event::Node { number, start, deed })))
                .map_err(|e| e.to_string())?;
        let (pid, instance) = (process.pid, node.instance.clone());
        node.process = Some(process);
        node.ready_by = Some(Instant::now() + Duration::from_millis(self.start.ready_timeout_ms));
        (node.ending, node.again) = (false, false);
        node.tail.clear();
        self.enter(instance.as_str(), pid)?;
        self.set_state(number, NodeState::Starting, String::new());
        Ok(())
    }

    fn set_state(&mut self, number: usize, state: NodeState, note: String) {
        let node = &mut self.nodes[number];
        node.state = state;
        self.tell.send(&FromSupervisor::Node {
            instance: node.instance.clone(),
            state,
            pid: node.process.as_ref().map(|p| p.pid),
            address: node.address,
            at_us: clock::now_us(),
            note,
        });
    }

    fn tell_fabric(&self, order: &ToFabric) -> bool {
        self.fabric.as_ref().is_some_and(|f| f.order(line::encode(order)))
    }

    fn place(&self, number: usize) {
        let node = &self.nodes[number];
        self.tell_fabric(&ToFabric::Place { instance: node.instance.clone(), at: node.address });
    }

    /// The next thing that happens.
    pub async fn next_event(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => event,
            // The crew keeps a sender.
            None => std::future::pending().await,
        }
    }

    /// Takes in what has happened. An error ends the run.
    pub fn take(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Fabric(deed) => self.take_fabric(deed),
            Event::Node { number, start, deed } if self.nodes[number].starts == start => {
                self.take_node(number, deed)
            }
            // Of a process that has been replaced since.
            Event::Node { .. } => Ok(()),
        }
    }

    fn take_fabric(&mut self, deed: Deed<FromFabric>) -> Result<(), String> {
        match deed {
            Deed::Said(FromFabric::Ready { at }) => {
                self.fabric_at = Some(at);
                // Who is not placed yet is known, and refused.
                (0..self.nodes.len()).for_each(|number| self.place(number));
                (0..self.nodes.len()).try_for_each(|number| self.spawn(number))?;
                if self.nodes.is_empty() {
                    self.all_ready();
                }
                Ok(())
            }
            Deed::Said(FromFabric::Done { seq }) => {
                if let Some((number, start)) = self.unheard.remove(&seq) {
                    self.heard(number, start);
                }
                self.finish(|p| p.seq == seq && matches!(p.wait, Wait::Fabric));
                Ok(())
            }
            Deed::Said(FromFabric::Traffic { at_us, ways }) => {
                self.tell.send(&FromSupervisor::Traffic { at_us, ways });
                Ok(())
            }
            Deed::Said(FromFabric::Log { text }) | Deed::Wrote(text) => {
                remember(&mut self.fabric_tail, &text);
                self.tell.send(&FromSupervisor::Log { text: format!("fabric: {text}") });
                Ok(())
            }
            Deed::Ended(how) => {
                self.fabric = None;
                Err(format!("the fabric {how}{}", tail_text(&self.fabric_tail)))
            }
        }
    }

    fn take_node(&mut self, number: usize, deed: Deed<FromNode>) -> Result<(), String> {
        match deed {
            Deed::Said(FromNode::Ready { port }) => {
                let node = &mut self.nodes[number];
                if node.ending {
                    return Ok(());
                }
                node.address = Some(SocketAddr::new(self.plan.instance(number), port));
                node.ready_by = None;
                self.place(number);
                self.ask_whether_heard(number);
                Ok(())
            }
            Deed::Said(line) => {
                let node = &mut self.nodes[number];
                match &line {
                    FromNode::Log { text, .. } => remember(&mut node.tail, text),
                    FromNode::Refused { why } => remember(&mut node.tail, why),
                    _ => {}
                }
                let instance = node.instance.clone();
                self.tell.send(&FromSupervisor::Said { instance, line });
                Ok(())
            }
            Deed::Wrote(text) => {
                let node = &mut self.nodes[number];
                remember(&mut node.tail, &text);
                let line = FromNode::Log { level: Level::Warn, at_us: clock::now_us(), text };
                self.tell.send(&FromSupervisor::Said { instance: node.instance.clone(), line });
                Ok(())
            }
            Deed::Ended(how) => self.take_end(number, how),
        }
    }

    fn take_end(&mut self, number: usize, how: String) -> Result<(), String> {
        let node = &mut self.nodes[number];
        (node.process, node.address, node.ready_by) = (None, None, None);
        let (was, wanted, again) = (node.state, node.ending, node.again);
        let why = format!("{} {how}{}", node.instance, tail_text(&node.tail));
        self.place(number);
        let state = if wanted { NodeState::Stopped } else { NodeState::Died };
        self.set_state(number, state, how);
        if !wanted && was == NodeState::Starting {
            if !self.launched {
                return Err(format!("{why} before it was ready"));
            }
            self.blame(number, &why);
        }
        for pending in &mut self.pending {
            if let Wait::Ends(wanted) | Wait::EndsOrKill(wanted) = &mut pending.wait {
                wanted.remove(&number);
            }
        }
        self.finish(|p| matches!(&p.wait, Wait::Ends(w) | Wait::EndsOrKill(w) if w.is_empty()));
        if again && let Err(why) = self.spawn(number) {
            self.blame(number, &why);
        }
        Ok(())
    }

    /// Ends the wait of those who wait for a node to be ready that will not be.
    fn blame(&mut self, number: usize, why: &str) {
        for pending in &mut self.pending {
            if let Wait::Ready(wanted) = &mut pending.wait
                && wanted.remove(&number)
            {
                pending.error.get_or_insert_with(|| why.to_owned());
            }
        }
        self.finish(|p| matches!(&p.wait, Wait::Ready(wanted) if wanted.is_empty()));
    }

    /// The fabric hears one thing after another: its answer to this comes after the node's place is known. Before that a
    /// caller would be refused by a node that is said to be ready.
    fn ask_whether_heard(&mut self, number: usize) {
        // Parents count from 1 upwards.
        let seq = self.unheard.keys().next().map_or(u64::MAX, |lowest| lowest - 1);
        self.unheard.insert(seq, (number, self.nodes[number].starts));
        self.tell_fabric(&ToFabric::Change { set: BTreeMap::new(), clear: Vec::new(), seq });
    }

    /// The fabric knows where a node is: it is ready, unless it has ended meanwhile.
    fn heard(&mut self, number: usize, start: u32) {
        let node = &self.nodes[number];
        if node.starts != start || node.address.is_none() || node.ending {
            return;
        }
        if node.state == NodeState::Starting {
            self.set_state(number, NodeState::Ready, String::new());
        }
        for pending in &mut self.pending {
            if let Wait::Ready(wanted) = &mut pending.wait {
                wanted.remove(&number);
            }
        }
        self.finish(|p| matches!(&p.wait, Wait::Ready(wanted) if wanted.is_empty()));
        if !self.launched && self.nodes.iter().all(|n| n.state != NodeState::Starting) {
            self.all_ready();
        }
    }

    fn all_ready(&mut self) {
        let Some(fabric) = self.fabric_at else { return };
        if !std::mem::replace(&mut self.launched, true) {
            self.tell.send(&FromSupervisor::Ready {
                ready_ms: self.began.elapsed().as_secs_f64() * 1e3,
                fabric,
                dir: self.run_file.dir().to_owned(),
            });
        }
    }

    fn finish(&mut self, is_done: impl Fn(&Pending) -> bool) {
        let (done, left) = std::mem::take(&mut self.pending).into_iter().partition(is_done);
        self.pending = left;
        let done: Vec<Pending> = done;
        for pending in done {
            self.done(pending.seq, pending.error);
        }
    }

    fn done(&self, seq: u64, error: Option<String>) {
        self.tell.send(&FromSupervisor::Done { seq, at_us: clock::now_us(), error });
    }

    /// Does what it is told.
    pub fn obey(&mut self, order: ToSupervisor) {
        let numbered = |crew: &Self, instances: &[InstanceId]| -> Result<BTreeSet<usize>, String> {
            let number =
                |i: &InstanceId| crew.numbers.get(i).copied().ok_or(format!("there is no instance {i}"));
            instances.iter().map(number).collect()
        };
        let (seq, result) = match order {
            ToSupervisor::Kill { instances, seq } => {
                (seq, numbered(self, &instances).map(|numbers| self.kill(numbers, seq)))
            }
            ToSupervisor::PowerLoss { instances, seq } => {
                (seq, numbered(self, &instances).map(|numbers| self.power_loss(numbers, seq)))
            }
            ToSupervisor::Pause { instances, seq } => {
                (seq, numbered(self, &instances).and_then(|numbers| self.pause(numbers, seq)))
            }
            ToSupervisor::Resume { instances, seq } => {
                (seq, numbered(self, &instances).map(|numbers| self.resume(numbers, seq)))
            }
            ToSupervisor::Restart { instances, seq } => {
                (seq, numbered(self, &instances).map(|numbers| self.restart(numbers, seq)))
            }
            ToSupervisor::Start { instances, seq } => {
                (seq, numbered(self, &instances).map(|numbers| self.start(numbers, seq)))
            }
            ToSupervisor::Tell { instances, order, seq } => {
                (seq, numbered(self, &instances).and_then(|numbers| self.hand(&numbers, &order, seq)))
            }
            ToSupervisor::Fabric { order, seq } => (seq, self.order_fabric(order, seq)),
            // Taken care of by the caller.
            ToSupervisor::Stop { .. } => return,
        };
        if let Err(why) = result {
            self.done(seq, Some(why));
        }
    }

    fn wait(&mut self, seq: u64, within: Duration, wait: Wait) {
        let is_met = matches!(&wait, Wait::Ends(w) | Wait::EndsOrKill(w) | Wait::Ready(w) if w.is_empty());
        if is_met {
            self.done(seq, None);
        } else {
            self.pending.push(Pending { seq, by: Instant::now() + within, wait, error: None });
        }
    }

    /// Those of them that have a process.
    fn living(&self, numbers: BTreeSet<usize>) -> BTreeSet<usize> {
        numbers.into_iter().filter(|n| self.nodes[*n].process.is_some()).collect()
    }

    fn kill(&mut self, numbers: BTreeSet<usize>, seq: u64) {
        let mut living = self.living(numbers);
        for number in &living {
            self.end(*number);
        }
        living.retain(|n| self.nodes[*n].process.is_some());
        self.wait(seq, OBEY_WITHIN, Wait::Ends(living));
    }

    fn end(&mut self, number: usize) {
        let node = &mut self.nodes[number];
        node.ending = true;
        node.again = false;
        if let Some(process) = &node.process {
            process.kill();
        }
    }

    fn power_loss(&mut self, numbers: BTreeSet<usize>, seq: u64) {
        let living = self.living(numbers);
        for number in &living {
            let node = &mut self.nodes[*number];
            node.ending = true;
            node.again = false;
            if let Some(process) = &node.process {
                process.order(line::encode(&ToNode::PowerLoss));
                // One that is paused has to wake to lose anything.
                process.resume();
            }
        }
        self.wait(seq, POWER_LOSS_WITHIN, Wait::EndsOrKill(living));
    }

    fn pause(&mut self, numbers: BTreeSet<usize>, seq: u64) -> Result<(), String> {
        for number in self.living(numbers) {
            let node = &self.nodes[number];
            if !node.process.as_ref().is_some_and(Process::pause) {
                return Err(format!("{} cannot be paused on this system", node.instance));
            }
            self.set_state(number, NodeState::Paused, String::new());
        }
        self.done(seq, None);
        Ok(())
    }

    fn resume(&mut self, numbers: BTreeSet<usize>, seq: u64) {
        for number in self.living(numbers) {
            let node = &self.nodes[number];
            if node.state == NodeState::Paused && node.process.as_ref().is_some_and(Process::resume) {
                let state = if node.address.is_some() { NodeState::Ready } else { NodeState::Starting };
                self.set_state(number, state, String::new());
            }
        }
        self.done(seq, None);
    }

    fn restart(&mut self, numbers: BTreeSet<usize>, seq: u64) {
        // First the wait, so that a start that fails has somebody to tell.
        let within = Duration::from_millis(self.start.ready_timeout_ms) + OBEY_WITHIN;
        self.wait(seq, within, Wait::Ready(numbers.clone()));
        for number in numbers {
            if self.nodes[number].process.is_some() {
                self.end(number);
                self.nodes[number].again = true;
            } else if let Err(why) = self.spawn(number) {
                self.blame(number, &why);
            }
        }
    }

    fn start(&mut self, mut numbers: BTreeSet<usize>, seq: u64) {
        let is_up = |n: &Node| !n.ending && matches!(n.state, NodeState::Ready | NodeState::Paused);
        numbers.retain(|n| !is_up(&self.nodes[*n]));
        let within = Duration::from_millis(self.start.ready_timeout_ms) + OBEY_WITHIN;
        self.wait(seq, within, Wait::Ready(numbers.clone()));
        for number in numbers {
            let node = &mut self.nodes[number];
            if node.process.is_some() {
                node.again = node.ending;
            } else if let Err(why) = self.spawn(number) {
                self.blame(number, &why);
            }
        }
    }

    fn hand(&mut self, numbers: &BTreeSet<usize>, order: &ToNode, seq: u64) -> Result<(), String> {
        let text = line::encode(order);
        for number in numbers {
            let node = &self.nodes[*number];
            if !node.process.as_ref().is_some_and(|p| p.order(text.clone())) {
                return Err(format!("{} does not listen", node.instance));
            }
        }
        self.done(seq, None);
        Ok(())
    }

    fn order_fabric(&mut self, order: ToFabric, number: u64) -> Result<(), String> {
        let order = match order {
            ToFabric::Change { set, clear, .. } => ToFabric::Change { set, clear, seq: number },
            ToFabric::Reset { from, to, link, .. } => ToFabric::Reset { from, to, link, seq: number },
            ToFabric::Slow { factor, .. } => ToFabric::Slow { factor, seq: number },
            ToFabric::Place { .. } => return Err("only the supervisor knows where instances are".to_owned()),
        };
        if !self.tell_fabric(&order) {
            return Err("the fabric does not listen".to_owned());
        }
        self.wait(number, OBEY_WITHIN, Wait::Fabric);
        Ok(())
    }

    /// When something is overdue next.
    pub fn next_deadline(&self) -> Instant {
        let readies = self.nodes.iter().filter(|n| n.state == NodeState::Starting).filter_map(|n| n.ready_by);
        let orders = self.pending.iter().map(|p| p.by);
        readies.chain(orders).min().unwrap_or_else(|| Instant::now() + Duration::from_secs(3600))
    }

    /// Does something about what is overdue. An error ends the run.
    pub fn deadlines_passed(&mut self) -> Result<(), String> {
        let now = Instant::now();
        for number in 0..self.nodes.len() {
            let node = &mut self.nodes[number];
            if node.state != NodeState::Starting || node.ready_by.is_none_or(|by| by > now) {
                continue;
            }
            node.ready_by = None;
            let why = format!(
                "{} was not ready within {} ms{}",
                node.instance,
                self.start.ready_timeout_ms,
                tail_text(&node.tail)
            );
            if !self.launched {
                return Err(why);
            }
            self.end(number);
            self.blame(number, &why);
        }
        let mut killed = Vec::new();
        for pending in self.pending.iter_mut().filter(|p| p.by <= now) {
            if let Wait::EndsOrKill(numbers) = &pending.wait {
                killed.extend(numbers.iter().copied());
                pending.wait = Wait::Ends(numbers.clone());
                pending.by = now + OBEY_WITHIN;
            } else {
                pending.error.get_or_insert_with(|| "it was not done in time".to_owned());
            }
        }
        killed.into_iter().for_each(|number| self.end(number));
        self.finish(|p| p.by <= now);
        Ok(())
    }

    /// Lets everything end by itself, for as long as that may take.
    pub async fn stop_all(&mut self, seq: u64) {
        let stop = line::encode(&ToNode::Stop);
        for node in &mut self.nodes {
            node.ending = true;
            if let Some(process) = &node.process {
                process.order(stop.clone());
                if node.state == NodeState::Paused {
                    process.resume();
                }
            }
        }
        self.await_ends(STOP_WITHIN).await;
        self.last = Some(FromSupervisor::Done { seq, at_us: clock::now_us(), error: None });
    }

    /// Takes in what happens until no node is left or the time is up.
    async fn await_ends(&mut self, within: Duration) {
        let by = Instant::now() + within;
        while self.nodes.iter().any(|n| n.process.is_some()) {
            let Ok(event) = tokio::time::timeout_at(by.into(), self.next_event()).await else { return };
            // That the fabric ends is no news now.
            let _ = self.take(event);
        }
    }

    /// Ends everything at once and takes the folder of the run away.
    pub async fn end_all(&mut self) {
        for number in 0..self.nodes.len() {
            self.end(number);
        }
        if let Some(fabric) = &self.fabric {
            fabric.kill();
        }
        self.await_ends(OBEY_WITHIN).await;
        self.run_file.remove();
    }

    /// Notes why the run ends.
    pub fn give_up(&mut self, why: String) -> ExitCode {
        self.last = Some(FromSupervisor::Failed { why });
        ExitCode::from(2)
    }

    /// Says what is to be said when everything has ended.
    pub fn say_last(&self) {
        if let Some(last) = &self.last {
            self.tell.send(last);
        }
    }
}

fn remember(tail: &mut VecDeque<String>, text: &str) {
    if tail.len() == TAIL_LINES {
        tail.pop_front();
    }
    tail.push_back(text.to_owned());
}

fn tail_text(tail: &VecDeque<String>) -> String {
    if tail.is_empty() {
        return String::new();
    }
    let lines: Vec<&str> = tail.iter().map(String::as_str).collect();
    format!("; the end of its log: {}", lines.join(" | "))
}
