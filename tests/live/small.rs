//! A small cluster that the test itself starts: one fabric, one process for each planned node, no supervisor.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use linchpin::deploy::expand;
use linchpin::design::Design;
use linchpin::live::spec::{Planned, Sabotage, derive_sabotaged};
use linchpin::live::wire::{
    FromNode, LoadOrder, NodeStart, OutcomeCounts, Rule, RuleEffect, Set, ToFabric, ToNode, clock, line,
};

use super::rig::{Fabric, PROGRAM, SOON};

/// A running cluster.
pub struct Small {
    /// Between the nodes.
    pub fabric: Fabric,
    dir: tempfile::TempDir,
    plans: BTreeMap<String, Planned>,
    nodes: BTreeMap<String, Process>,
    restarts: BTreeMap<String, u32>,
    heard: Arc<Mutex<Heard>>,
    seed: u64,
}

struct Process {
    child: Child,
    stdin: ChildStdin,
    port: u16,
}

#[derive(Default)]
struct Heard {
    /// By start of the slice and journey.
    load: BTreeMap<(u64, String), OutcomeCounts>,
    roles: BTreeMap<String, (String, u64)>,
    logs: Vec<String>,
}

/// A design written as RON, options without `Some`.
pub fn design(text: &str) -> Design {
    let options = ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
    let design: Design = options.from_str(text).unwrap_or_else(|e| panic!("{e} in {text}"));
    assert_eq!(design.problems(), [], "{text}");
    design
}

impl Small {
    /// Starts all nodes of a design.
    pub fn start(text: &str) -> Self {
        Self::start_wrong(text, &[])
    }

    /// Starts all nodes of a design, some of them wrong on purpose.
    pub fn start_wrong(text: &str, wrong: &[(&str, Sabotage)]) -> Self {
        let wrong = wrong.iter().map(|(c, s)| ((*c).to_owned(), *s)).collect();
        let plans = derive_sabotaged(&expand(&design(text)), &wrong).expect("the design runs");
        Self::start_planned(plans, BTreeMap::new())
    }

    /// Starts planned nodes on a network with rules of its own.
    pub fn start_planned(plans: Vec<Planned>, rules: BTreeMap<String, Rule>) -> Self {
        let seed = std::env::var("LINCHPIN_SEED")
            .ok()
            .and_then(|s| s.parse().ok())
            .unwrap_or_else(|| clock::now_us() ^ u64::from(std::process::id()).rotate_left(32));
        println!("seed: LINCHPIN_SEED={seed}");
        let mut small = Self {
            fabric: Fabric::start(rules),
            dir: tempfile::tempdir().expect("a folder"),
            plans: plans.into_iter().map(|p| (p.instance.to_string(), p)).collect(),
            nodes: BTreeMap::new(),
            restarts: BTreeMap::new(),
            heard: Arc::default(),
            seed,
        };
        let names: Vec<String> = small.plans.keys().cloned().collect();
        for name in &names {
            small.spawn(name);
        }
        small
    }

    /// Every instance.
    pub fn names(&self) -> Vec<String> {
        self.plans.keys().cloned().collect()
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name.replace('/', "."))
    }

    fn spawn(&mut self, name: &str) {
        let dir = self.folder(name);
        std::fs::create_dir_all(&dir).expect("a folder");
        let mut child = Command::new(PROGRAM)
            .args(["node", "--parent", &std::process::id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the node starts");
        let restarts = self.restarts.entry(name.to_owned()).or_default();
        let start = NodeStart {
            run: self.fabric.run,
            instance: name.into(),
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            fabric: self.fabric.at,
            dir,
            restarts: *restarts,
            seed: self.seed + u64::from(*restarts),
            spec: serde_json::to_value(&self.plans[name].spec).expect("plain data"),
        };
        *restarts += 1;
        let mut stdin = child.stdin.take().expect("piped");
        line::write(&mut stdin, &start).expect("a start line");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, ready) = std::sync::mpsc::channel();
        let (heard, who) = (self.heard.clone(), name.to_owned());
        thread::spawn(move || {
            while let Ok(Some(said)) = line::read::<FromNode>(&mut stdout) {
                let mut heard = heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                match said {
                    FromNode::Ready { port } => drop(sender.send(Ok(port))),
                    FromNode::Refused { why } => drop(sender.send(Err(why))),
                    FromNode::Load(report) => {
                        for slice in report.slices {
                            let key = (slice.start_us, slice.journey.to_string());
                            heard.load.entry(key).or_default().add(&slice.counts);
                        }
                    }
                    FromNode::Role { role, term } => drop(heard.roles.insert(who.clone(), (role, term))),
                    FromNode::Log { text, .. } => heard.logs.push(format!("{who}: {text}")),
                    FromNode::Metrics(_) => {}
                }
            }
        });
        let port = ready.recv_timeout(SOON).expect("says something").expect("is not refused");
        self.nodes.insert(name.to_owned(), Process { child, stdin, port });
        self.fabric.place(name, Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port))));
    }

    /// Ends a process at once.
    pub fn kill(&mut self, name: &str) {
        let mut process = self.nodes.remove(name).unwrap_or_else(|| panic!("{name} runs"));
        process.child.kill().expect("killed");
        process.child.wait().expect("reaped");
        self.fabric.place(name, None);
    }

    /// Ends a process as a power cut does.
    pub fn cut_power(&mut self, name: &str) {
        self.tell(name, &ToNode::PowerLoss);
        let mut process = self.nodes.remove(name).unwrap_or_else(|| panic!("{name} runs"));
        process.child.wait().expect("ends");
        self.fabric.place(name, None);
    }

    /// Starts it again.
    pub fn restart(&mut self, name: &str) {
        self.spawn(name);
    }

    /// Stops a process where it stands, or lets it go on.
    pub fn pause(&self, name: &str, stopped: bool) {
        use rustix::process::{Pid, Signal, kill_process};
        let pid = Pid::from_child(&self.nodes[name].child);
        kill_process(pid, if stopped { Signal::STOP } else { Signal::CONT }).expect("signalled");
    }

    /// Hands an order to a node.
    pub fn tell(&mut self, name: &str, order: &ToNode) {
        let process = self.nodes.get_mut(name).unwrap_or_else(|| panic!("{name} runs"));
        line::write(&mut process.stdin, order).expect("told");
    }

    /// Cuts both directions between some instances and others.
    pub fn cut(&mut self, a: &[&str], b: &[&str]) {
        self.cut_one_way(a, b);
        self.cut_one_way(b, a);
    }

    /// Cuts what goes from some instances to others.
    pub fn cut_one_way(&mut self, a: &[&str], b: &[&str]) {
        let set = |names: &[&str]| Set::Of(names.iter().map(|n| (*n).into()).collect());
        let rule = Rule { from: set(a), to: set(b), link: None, effect: RuleEffect::Cut };
        let name = format!("cut {a:?} {b:?}");
        self.fabric.order(|seq| ToFabric::Change {
            set: BTreeMap::from([(name, rule)]),
            clear: Vec::new(),
            seq,
        });
    }

    /// Takes all cuts away.
    pub fn heal(&mut self, cuts: &[(&[&str], &[&str])]) {
        let clear =
            cuts.iter().flat_map(|(a, b)| [format!("cut {a:?} {b:?}"), format!("cut {b:?} {a:?}")]).collect();
        self.fabric.order(|seq| ToFabric::Change { set: BTreeMap::new(), clear, seq });
    }

    /// Switches the load of all clients on.
    pub fn load(&mut self) {
        self.load_at(1.0);
    }

    /// Switches the load of all clients on, at so many times the drawn rate.
    pub fn load_at(&mut self, rate_factor: f64) {
        for name in self.names() {
            if self.plans[&name].is_client {
                self.tell(&name, &ToNode::Load(LoadOrder { rate_factor, ..LoadOrder::default() }));
            }
        }
    }

    /// What became of the operations of a journey that were meant to start within the next so many milliseconds.
    pub fn measure(&mut self, journey: &str, ms: u64) -> OutcomeCounts {
        self.measure_all(&[journey.to_owned()], ms).remove(0).1
    }

    /// The same of several journeys in one window.
    pub fn measure_all(&mut self, journeys: &[String], ms: u64) -> Vec<(String, OutcomeCounts)> {
        // The slice that has begun belongs to what was before.
        let from = clock::now_us() + 100_000;
        let upto = from + ms * 1000;
        let until = Instant::now() + Duration::from_millis(ms + 20_000);
        loop {
            thread::sleep(Duration::from_millis(50));
            if clock::now_us() <= upto + 400_000 {
                continue;
            }
            let heard = self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let of = |journey: &String| {
                let mut sum = OutcomeCounts::default();
                let inside =
                    heard.load.iter().filter(|((at, j), _)| *at >= from && *at < upto && j == journey);
                inside.for_each(|(_, counts)| sum.add(counts));
                (journey.clone(), sum)
            };
            let sums: Vec<_> = journeys.iter().map(of).collect();
            let complete = |(journey, sum): &(String, OutcomeCounts)| {
                let effects: u64 = sum.effects.values().map(|e| e.done + e.late + e.never).sum();
                sum.is_complete() && effects >= sum.offered * self.effects_of(journey)
            };
            if sums.iter().all(complete) {
                assert!(sums.iter().all(|(_, s)| s.offered > 0), "no load; {:?}", heard.logs);
                return sums;
            }
            assert!(Instant::now() < until, "not complete: {sums:?}; {:?}", heard.logs);
        }
    }

    fn effects_of(&self, journey: &str) -> u64 {
        use linchpin::live::spec::Role;
        let of = |p: &Planned| match &p.spec.role {
            Role::Client { journeys } => {
                journeys.iter().find(|j| j.journey == *journey).map(|j| j.effects.len())
            }
            _ => None,
        };
        self.plans.values().find_map(of).unwrap_or(0) as u64
    }

    /// Waits until the share of operations that succeed stays within bounds for 400 ms.
    pub fn await_success(&mut self, journey: &str, bounds: std::ops::RangeInclusive<f64>) {
        let until = Instant::now() + Duration::from_secs(15);
        loop {
            let counts = self.measure(journey, 400);
            let success = counts.success().unwrap_or(0.0);
            if bounds.contains(&success) {
                return;
            }
            if Instant::now() > until {
                let heard = self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let logs = &heard.logs[heard.logs.len().saturating_sub(20)..];
                panic!("success {success} is not in {bounds:?}: {counts:?}\n{}", logs.join("\n"));
            }
        }
    }

    /// The share of operations that succeed within some time.
    pub fn success(&mut self, journey: &str, ms: u64) -> f64 {
        self.measure(journey, ms).success().unwrap_or(0.0)
    }

    /// Waits until a node has said that it has a role.
    pub fn await_role(&self, name: &str, role: &str) {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let is =
                self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner).roles.get(name).cloned();
            if is.as_ref().is_some_and(|(r, _)| r == role) {
                return;
            }
            assert!(Instant::now() < until, "{name} is {is:?}, not {role}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a request straight to a node's own port, as a person with `curl` does: status and body.
    pub fn ask(&self, name: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, self.nodes[name].port));
        let mut stream = TcpStream::connect(at).expect("the node listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out");
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n");
        for (header, value) in headers {
            text.push_str(&format!("{header}: {value}\r\n"));
        }
        text.push_str("\r\n");
        stream.write_all(text.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        (status, body.to_owned())
    }

    /// Asks until the status is the wanted one.
    pub fn await_status(&self, name: &str, path: &str, wanted: u16) {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let (status, body) = self.ask(name, "GET", path, &[]);
            if status == wanted {
                return;
            }
            assert!(Instant::now() < until, "{name}{path} answers {status}: {body}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        for process in self.nodes.values_mut() {
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
        if thread::panicking() {
            let heard = self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let from = heard.logs.len().saturating_sub(30);
            println!("{}\n{:?}", heard.logs[from..].join("\n"), heard.roles);
        }
    }
}
