//! A fabric process alone, with the test itself at both ends of its connections.

use std::collections::BTreeMap;
use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use linchpin::live::wire::{
    FabricStart, FromFabric, Preamble, Rule, RuleEffect, RunId, Set, ToFabric, Traffic, line,
};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_linchpin");

/// The longest that anything may take that should happen at once.
pub const SOON: Duration = Duration::from_secs(5);

/// How long nothing must happen to be called silence.
pub const SILENCE: Duration = Duration::from_millis(300);

/// A fabric process.
pub struct Fabric {
    process: Child,
    stdin: ChildStdin,
    said: Receiver<FromFabric>,
    /// Where it listens.
    pub at: SocketAddr,
    /// Its run.
    pub run: RunId,
    seq: u64,
    traffic: BTreeMap<(String, String, Option<String>), Traffic>,
}

impl Fabric {
    /// Starts one, with rules that always hold.
    pub fn start(rules: BTreeMap<String, Rule>) -> Self {
        let run = RunId::random();
        let mut process = Command::new(PROGRAM)
            .args(["fabric", "--parent", &std::process::id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the fabric starts");
        let mut stdin = process.stdin.take().expect("piped");
        let start = FabricStart { run, bind: IpAddr::V4(Ipv4Addr::LOCALHOST), rules };
        line::write(&mut stdin, &start).expect("a start line");
        let mut stdout = BufReader::new(process.stdout.take().expect("piped"));
        let (sender, said) = channel();
        thread::spawn(move || {
            while let Ok(Some(what)) = line::read::<FromFabric>(&mut stdout) {
                if sender.send(what).is_err() {
                    break;
                }
            }
        });
        let FromFabric::Ready { at } = said.recv_timeout(SOON).expect("ready") else {
            panic!("not ready first")
        };
        Self { process, stdin, said, at, run, seq: 0, traffic: BTreeMap::new() }
    }

    /// Says where an instance is.
    pub fn place(&mut self, instance: &str, at: Option<SocketAddr>) {
        let order = ToFabric::Place { instance: instance.into(), at };
        line::write(&mut self.stdin, &order).expect("told");
        // Orders are obeyed in turn, so that one which is confirmed confirms this.
        self.clear(&[]);
    }

    /// Lays down a rule and waits until it holds.
    pub fn set(&mut self, name: &str, from: &str, to: &str, effect: RuleEffect) {
        self.set_on(name, from, to, None, effect);
    }

    /// Lays down a rule for one link and waits until it holds.
    pub fn set_on(&mut self, name: &str, from: &str, to: &str, link: Option<&str>, effect: RuleEffect) {
        let rule = Rule { from: Set::one(from), to: Set::one(to), link: link.map(Into::into), effect };
        let set = BTreeMap::from([(name.to_owned(), rule)]);
        self.order(|seq| ToFabric::Change { set, clear: Vec::new(), seq });
    }

    /// Takes rules away, at once, and waits until they are gone.
    pub fn clear(&mut self, names: &[&str]) {
        let clear = names.iter().map(ToString::to_string).collect();
        self.order(|seq| ToFabric::Change { set: BTreeMap::new(), clear, seq });
    }

    /// Gives an order and waits until it is obeyed.
    pub fn order(&mut self, order: impl FnOnce(u64) -> ToFabric) {
        self.seq += 1;
        let wanted = self.seq;
        line::write(&mut self.stdin, &order(wanted)).expect("told");
        loop {
            match self.said.recv_timeout(SOON).expect("the order is obeyed") {
                FromFabric::Done { seq } if seq == wanted => return,
                other => self.note(other),
            }
        }
    }

    fn note(&mut self, said: FromFabric) {
        if let FromFabric::Traffic { ways, .. } = said {
            for way in ways {
                let link = way.link.as_ref().map(ToString::to_string);
                self.traffic.insert((way.from.to_string(), way.to.to_string(), link), way);
            }
        }
    }

    /// Waits until what has passed between two satisfies a condition.
    pub fn await_traffic(&mut self, from: &str, to: &str, is_met: impl Fn(&Traffic) -> bool) -> Traffic {
        let deadline = Instant::now() + SOON;
        let key = (from.to_owned(), to.to_owned(), None);
        loop {
            if let Some(way) = self.traffic.get(&key)
                && is_met(way)
            {
                return way.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let said = self
                .said
                .recv_timeout(left)
                .unwrap_or_else(|_| panic!("in vain: {:?}", self.traffic.get(&key)));
            self.note(said);
        }
    }

    /// Opens a connection without waiting for the answer.
    pub fn open(&self, from: &str, to: &str) -> TcpStream {
        self.open_on(from, to, None)
    }

    /// Opens a connection along a link without waiting for the answer.
    pub fn open_on(&self, from: &str, to: &str, link: Option<&str>) -> TcpStream {
        let preamble =
            Preamble { run: self.run, from: from.into(), to: to.into(), link: link.map(Into::into) };
        self.open_with(&preamble)
    }

    /// Opens a connection with any preamble.
    pub fn open_with(&self, preamble: &Preamble) -> TcpStream {
        let mut stream = TcpStream::connect(self.at).expect("the fabric listens");
        stream.set_nodelay(true).expect("nodelay");
        stream.write_all(preamble.encode().as_bytes()).expect("a preamble");
        stream
    }

    /// Opens a connection and waits until it is connected.
    pub fn connect(&self, from: &str, to: &str) -> TcpStream {
        let mut stream = self.open(from, to);
        assert_eq!(hear(&mut stream, SOON), Heard::Bytes(b"+".to_vec()));
        stream
    }
}

impl Drop for Fabric {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a socket gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something.
    Bytes(Vec<u8>),
    /// Nothing within the time.
    Silence,
    /// The end.
    End,
    /// A reset.
    Reset,
}

/// Reads once, for a time at most.
pub fn hear(stream: &mut TcpStream, within: Duration) -> Heard {
    stream.set_read_timeout(Some(within)).expect("a time-out");
    let mut bytes = vec![0; 64 << 10];
    match stream.read(&mut bytes) {
        Ok(0) => Heard::End,
        Ok(n) => {
            bytes.truncate(n);
            Heard::Bytes(bytes)
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Heard::Silence,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Heard::Reset,
        Err(error) => panic!("{error}"),
    }
}

/// Sends and expects the same back; gives the time it took.
pub fn echo(stream: &mut TcpStream, what: &[u8]) -> Duration {
    echo_within(stream, what, SOON)
}

/// The same, with a time of its own.
pub fn echo_within(stream: &mut TcpStream, what: &[u8], within: Duration) -> Duration {
    let began = Instant::now();
    stream.write_all(what).expect("sent");
    let mut back = vec![0; what.len()];
    stream.set_read_timeout(Some(within)).expect("a time-out");
    stream.read_exact(&mut back).expect("an answer");
    assert_eq!(back, what);
    began.elapsed()
}

/// Something that listens, and hands its connections to the test.
pub struct Target {
    /// Where.
    pub at: SocketAddr,
    taken: Receiver<TcpStream>,
}

impl Target {
    /// A listener whose connections the test takes.
    pub fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("bound");
        let (sender, taken) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if sender.send(stream).is_err() {
                    break;
                }
            }
        });
        Self { at, taken }
    }

    /// The next connection.
    pub fn take(&self) -> TcpStream {
        self.taken.recv_timeout(SOON).expect("a connection arrives")
    }

    /// Asserts that no connection arrives for a while.
    pub fn assert_left_alone(&self) {
        assert!(self.taken.recv_timeout(SILENCE).is_err(), "a connection arrived");
    }

    /// A listener that sends back what it is sent.
    pub fn echoing() -> SocketAddr {
        let target = Self::listen();
        let at = target.at;
        thread::spawn(move || {
            while let Ok(mut stream) = target.taken.recv() {
                thread::spawn(move || {
                    stream.set_nodelay(true).expect("nodelay");
                    let mut bytes = vec![0; 64 << 10];
                    while let Ok(n) = stream.read(&mut bytes)
                        && n > 0
                        && stream.write_all(&bytes[..n]).is_ok()
                    {}
                });
            }
        });
        at
    }
}
