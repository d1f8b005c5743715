//! The pipe to the supervisor: its start, the thread that takes in what it says, and the way orders go.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread;

use super::{LaunchError, LaunchOptions, NodePlan, OrderError, Shared};
use crate::live::event::{ClusterEvent, Phase, Readiness};
use crate::live::wire::child::PARENT_OPTION;
use crate::live::wire::line::{self, LineError};
use crate::live::wire::{
    FromNode, FromSupervisor, InstanceId, InstancePlan, Level, LoadOrder, NodeState, Rule, RunId,
    SupervisorStart, ToNode, ToSupervisor, clock,
};

/// Lines of the supervisor's standard error that are kept.
const ERROR_LINES_MAX: usize = 20;

pub(super) fn start_line(
    run: RunId,
    program: PathBuf,
    dir: PathBuf,
    nodes: Vec<NodePlan>,
    rules: BTreeMap<String, Rule>,
    options: &LaunchOptions,
) -> SupervisorStart {
    let instances =
        nodes.into_iter().map(|n| InstancePlan { instance: n.standing.instance, spec: n.spec }).collect();
    SupervisorStart {
        run,
        program,
        dir,
        instances,
        rules,
        ready_timeout_ms: options.ready_timeout.as_millis() as u64,
        seed: options.seed,
    }
}

/// Starts the supervisor and the threads that listen to it.
pub(super) fn spawn(
    shared: &Arc<Shared>,
    start: SupervisorStart,
    load: Option<LoadOrder>,
) -> Result<Child, LaunchError> {
    let cannot = |why: String| LaunchError::Program { program: start.program.display().to_string(), why };
    let mut command = Command::new(&start.program);
    command
        .args(["supervise", PARENT_OPTION, &std::process::id().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // A key pressed in the terminal is for the parent, which then ends the cluster in good order.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|e| cannot(e.to_string()))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    if let Some(mut stdin) = stdin {
        // If it has ended already, its end says so.
        let _ = stdin.write_all(line::encode(&start).as_bytes());
        *shared.stdin.lock().unwrap_or_else(PoisonError::into_inner) = Some(stdin);
    }
    let says = shared.clone();
    let writes = shared.clone();
    let listening = thread::Builder::new().name("cluster log".into()).spawn(move || {
        for text in stderr.into_iter().flat_map(|e| BufReader::new(e).lines()).map_while(Result::ok) {
            let mut inner = writes.lock();
            if inner.errors.len() < ERROR_LINES_MAX {
                inner.errors.push(text.clone());
            }
            inner.publish(&log(None, Level::Warn, text));
        }
    });
    let listening = listening.and_then(|_| {
        thread::Builder::new().name("cluster".into()).spawn(move || {
            if let Some(stdout) = stdout {
                listen(&says, stdout, load);
            }
        })
    });
    match listening {
        Ok(_) => Ok(child),
        Err(error) => {
            let _ = child.kill();
            let _ = child.wait();
            Err(cannot(error.to_string()))
        }
    }
}

/// Sends an order; its answer comes by the receiver.
pub(super) fn send(
    shared: &Shared,
    order: impl FnOnce(u64) -> ToSupervisor,
) -> Receiver<Result<u64, OrderError>> {
    let (sender, answer) = sync_channel(1);
    let seq = {
        let mut inner = shared.lock();
        let seq = inner.next_seq;
        inner.next_seq += 1;
        if matches!(inner.snapshot.phase, Phase::Failed(_) | Phase::Stopped) {
            return answer;
        }
        inner.waiting.insert(seq, sender);
        seq
    };
    let text = line::encode(&order(seq));
    let mut stdin = shared.stdin.lock().unwrap_or_else(PoisonError::into_inner);
    let written = stdin.as_mut().is_some_and(|pipe| pipe.write_all(text.as_bytes()).is_ok());
    drop(stdin);
    if !written {
        shared.lock().waiting.remove(&seq);
    }
    answer
}

/// An order whose answer nobody waits for.
fn tell(shared: &Shared, instance: &InstanceId, order: ToNode) {
    drop(send(shared, |seq| ToSupervisor::Tell { instances: vec![instance.clone()], order, seq }));
}

fn log(instance: Option<InstanceId>, level: Level, text: String) -> ClusterEvent {
    ClusterEvent::Log { instance, level, at_us: clock::now_us(), text }
}

/// Takes in what the supervisor says, until it has nothing more to say.
fn listen(shared: &Shared, stdout: ChildStdout, load: Option<LoadOrder>) {
    let mut stdout = BufReader::new(stdout);
    loop {
        match line::read::<FromSupervisor>(&mut stdout) {
            Ok(Some(said)) => take(shared, said, load),
            Err(error @ LineError::Malformed { .. }) => {
                shared.lock().publish(&log(None, Level::Warn, error.to_string()));
            }
            Ok(None) | Err(_) => break,
        }
    }
    let mut inner = shared.lock();
    if !matches!(inner.snapshot.phase, Phase::Failed(_) | Phase::Stopped) {
        let errors = inner.errors.join(" | ");
        let why = if errors.is_empty() { "the supervisor has ended".to_owned() } else { errors };
        inner.publish(&ClusterEvent::Failed { why: why.clone() });
        inner.set_phase(Phase::Failed(why));
    }
    inner.subscribers.clear();
    inner.waiting.clear();
    for node in inner.snapshot.nodes.values_mut().filter(|n| n.is_alive()) {
        (node.state, node.pid, node.address) = (Some(NodeState::Stopped), None, None);
    }
}

fn take(shared: &Shared, said: FromSupervisor, load: Option<LoadOrder>) {
    match said {
        FromSupervisor::Ready { fabric, .. } => {
            let clients = {
                let mut inner = shared.lock();
                let ready = Readiness {
                    nodes: inner.snapshot.nodes.len(),
                    ready_ms: shared.began.elapsed().as_secs_f64() * 1e3,
                    fabric,
                };
                inner.snapshot.ready = Some(ready.clone());
                inner.publish(&ClusterEvent::Ready(ready));
                if inner.load_order.is_none() {
                    inner.load_order = load;
                }
                inner.set_phase(Phase::Running);
                inner.load_order.map(|order| (order, shared.topology.clients()))
            };
            if let Some((order, clients)) = clients {
                clients.iter().for_each(|client| tell(shared, client, ToNode::Load(order)));
            }
        }
        FromSupervisor::Failed { why } => {
            let mut inner = shared.lock();
            inner.publish(&ClusterEvent::Failed { why: why.clone() });
            inner.set_phase(Phase::Failed(why));
        }
        FromSupervisor::Node { instance, state, pid, address, at_us, note } => {
            let greet = {
                let mut inner = shared.lock();
                if let Some(node) = inner.snapshot.nodes.get_mut(&instance) {
                    let was_paused = node.state == Some(NodeState::Paused);
                    if state == NodeState::Starting {
                        node.before = node.upstreams();
                        node.metrics = Default::default();
                        (node.role, node.term) = (String::new(), 0);
                    }
                    (node.state, node.pid, node.address, node.since_us) = (Some(state), pid, address, at_us);
                    node.note.clone_from(&note);
                    let greet = state == NodeState::Ready && !was_paused;
                    let orders = greet.then(|| inner.greeting(&instance, shared));
                    inner.publish(&ClusterEvent::Node { instance: instance.clone(), state, note, at_us });
                    orders.unwrap_or_default()
                } else {
                    Vec::new()
                }
            };
            greet.into_iter().for_each(|order| tell(shared, &instance, order));
        }
        FromSupervisor::Said { instance, line } => take_line(shared, instance, line),
        FromSupervisor::Traffic { at_us, ways } => {
            let mut inner = shared.lock();
            for way in &ways {
                let key = (way.from.clone(), way.to.clone(), way.link.clone());
                inner.snapshot.traffic.insert(key, way.clone());
            }
            inner.publish(&ClusterEvent::Traffic { at_us, ways });
        }
        FromSupervisor::Done { seq, at_us, error } => {
            let mut inner = shared.lock();
            if let Some(waiting) = inner.waiting.remove(&seq) {
                // Nobody may be waiting any more.
                let _ = waiting.try_send(error.map_or(Ok(at_us), |why| Err(OrderError::Refused(why))));
            } else if let Some(why) = error {
                inner.publish(&log(None, Level::Warn, why));
            }
            if inner.stop_seq == Some(seq) {
                inner.publish(&ClusterEvent::Stopped);
                inner.set_phase(Phase::Stopped);
            }
        }
        FromSupervisor::Log { text } => shared.lock().publish(&log(None, Level::Info, text)),
    }
}

fn take_line(shared: &Shared, instance: InstanceId, line: FromNode) {
    let mut inner = shared.lock();
    let event = match line {
        FromNode::Ready { .. } => return,
        FromNode::Refused { why } => {
            if let Some(node) = inner.snapshot.nodes.get_mut(&instance) {
                node.note.clone_from(&why);
            }
            log(Some(instance), Level::Error, why)
        }
        FromNode::Log { level, at_us, text } => {
            ClusterEvent::Log { instance: Some(instance), level, at_us, text }
        }
        FromNode::Metrics(metrics) => {
            if let Some(node) = inner.snapshot.nodes.get_mut(&instance) {
                node.metrics = metrics.clone();
            }
            ClusterEvent::Metrics { instance, metrics }
        }
        FromNode::Load(report) => {
            inner.load.add(&instance, &report);
            ClusterEvent::Load { instance, report }
        }
        FromNode::Role { role, term } => {
            if let Some(node) = inner.snapshot.nodes.get_mut(&instance) {
                node.role.clone_from(&role);
                node.term = term;
            }
            ClusterEvent::Role { instance, role, term }
        }
    };
    inner.publish(&event);
}
