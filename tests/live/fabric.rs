//! The fabric: what passes, what vanishes, what is told to whom, and how long it takes.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use linchpin::live::wire::{Preamble, Rule, RuleEffect, RunId, Set, ToFabric};

use crate::rig::{Fabric, Heard, SILENCE, SOON, Target, echo, echo_within, hear};

/// A fabric with a caller `a` and an echoing `b`.
fn with_echo() -> Fabric {
    let mut fabric = Fabric::start(BTreeMap::new());
    fabric.place("a", None);
    fabric.place("b", Some(Target::echoing()));
    fabric
}

/// A fabric with a caller `a` and a `b` that the test plays.
fn with_target() -> (Fabric, Target) {
    let mut fabric = Fabric::start(BTreeMap::new());
    let target = Target::listen();
    fabric.place("a", None);
    fabric.place("b", Some(target.at));
    (fabric, target)
}

const CUT: RuleEffect = RuleEffect::Cut;

#[test]
fn bytes_pass_both_ways_and_are_counted() {
    let mut fabric = with_echo();
    let mut stream = fabric.connect("a", "b");
    for size in [1, 100, 10_000] {
        echo(&mut stream, &vec![7; size]);
    }
    let passed = fabric.await_traffic("a", "b", |t| t.forth == 10_101 && t.back == 10_102);
    assert_eq!((passed.asked, passed.refused, passed.open, passed.dropped), (1, 0, 1, 0));
    drop(stream);
    fabric.await_traffic("a", "b", |t| t.open == 0);
}

#[test]
fn ends_travel_each_way_on_their_own() {
    let (fabric, target) = with_target();
    let mut caller = fabric.connect("a", "b");
    let mut callee = target.take();
    caller.write_all(b"question").expect("sent");
    caller.shutdown(Shutdown::Write).expect("finished");
    let mut question = Vec::new();
    callee.set_read_timeout(Some(SOON)).expect("a time-out");
    callee.read_to_end(&mut question).expect("all of it");
    assert_eq!(question, b"question");
    callee.write_all(b"answer").expect("sent");
    drop(callee);
    assert_eq!(hear(&mut caller, SOON), Heard::Bytes(b"answer".to_vec()));
    assert_eq!(hear(&mut caller, SOON), Heard::End);
}

#[test]
fn nobody_there_is_refused_at_once() {
    let mut fabric = with_echo();
    // A process that is gone, known and not yet known to be gone.
    fabric.place("gone", None);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
    fabric.place("closed", Some(closed));
    for target in ["gone", "closed"] {
        let began = Instant::now();
        let mut stream = fabric.open("a", target);
        assert_eq!(hear(&mut stream, SOON), Heard::Bytes(b"-".to_vec()), "{target}");
        assert!(began.elapsed() < Duration::from_millis(200));
        assert_eq!(hear(&mut stream, SOON), Heard::End);
        fabric.await_traffic("a", target, |t| t.refused == 1 && t.open == 0);
    }
}

#[test]
fn a_stranger_is_turned_away() {
    let fabric = with_echo();
    let other = RunId::random();
    for (run, from, to) in [(other, "a", "b"), (fabric.run, "nobody", "b"), (fabric.run, "a", "nobody")] {
        let mut stream = fabric.open_with(&Preamble { run, from: from.into(), to: to.into(), link: None });
        assert_eq!(hear(&mut stream, SOON), Heard::Bytes(b"!".to_vec()), "{run} {from} {to}");
        assert_eq!(hear(&mut stream, SOON), Heard::End);
    }
    let mut stream = TcpStream::connect(fabric.at).expect("it listens");
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
    assert_eq!(hear(&mut stream, SOON), Heard::Bytes(b"!".to_vec()));
}

#[test]
fn a_cut_both_ways_is_silence_until_it_heals() {
    let (mut fabric, target) = with_target();
    let mut old = fabric.connect("a", "b");
    let mut old_end = target.take();
    let mut idle = fabric.connect("a", "b");
    let mut idle_end = target.take();
    fabric.set("cut", "a", "b", CUT);
    fabric.set("cut back", "b", "a", CUT);

    old.write_all(b"lost").expect("the caller's side takes it");
    assert_eq!(hear(&mut old_end, SILENCE), Heard::Silence);
    let mut new = fabric.open("a", "b");
    assert_eq!(hear(&mut new, SILENCE), Heard::Silence);
    target.assert_left_alone();
    assert_eq!(fabric.await_traffic("a", "b", |t| t.dropped > 0).dropped, 4);

    fabric.clear(&["cut", "cut back"]);
    // What was torn is reset on both sides; what lost nothing goes on; who still waits is connected.
    assert_eq!(hear(&mut old, SOON), Heard::Reset);
    assert_eq!(hear(&mut old_end, SOON), Heard::Reset);
    assert_eq!(hear(&mut new, SOON), Heard::Bytes(b"+".to_vec()));
    idle.write_all(b"still here").expect("sent");
    assert_eq!(hear(&mut idle_end, SOON), Heard::Bytes(b"still here".to_vec()));
}

#[test]
fn with_the_way_back_cut_requests_arrive_and_answers_vanish() {
    let (mut fabric, target) = with_target();
    let mut old = fabric.connect("a", "b");
    let mut old_end = target.take();
    fabric.set("cut back", "b", "a", CUT);

    old.write_all(b"question").expect("sent");
    assert_eq!(hear(&mut old_end, SOON), Heard::Bytes(b"question".to_vec()));
    old_end.write_all(b"answer").expect("sent");
    assert_eq!(hear(&mut old, SILENCE), Heard::Silence);

    // A message that needs no answer arrives on a connection that was opened under the cut.
    let mut new = fabric.open("a", "b");
    new.write_all(b"beat").expect("sent");
    let mut new_end = target.take();
    assert_eq!(hear(&mut new_end, SOON), Heard::Bytes(b"beat".to_vec()));
    assert_eq!(hear(&mut new, SILENCE), Heard::Silence);

    fabric.clear(&["cut back"]);
    assert_eq!(hear(&mut old, SOON), Heard::Reset);
    assert_eq!(hear(&mut new, SOON), Heard::Reset);
}

#[test]
fn with_the_way_forth_cut_answers_still_arrive() {
    let (mut fabric, target) = with_target();
    let mut old = fabric.connect("a", "b");
    let mut old_end = target.take();
    fabric.set("cut", "a", "b", CUT);
    old_end.write_all(b"pushed").expect("sent");
    assert_eq!(hear(&mut old, SOON), Heard::Bytes(b"pushed".to_vec()));
    let mut new = fabric.open("a", "b");
    assert_eq!(hear(&mut new, SILENCE), Heard::Silence);
    target.assert_left_alone();
}

#[test]
fn a_caller_that_sends_and_goes_is_still_heard() {
    let (mut fabric, target) = with_target();
    fabric.set("slow", "a", "b", RuleEffect::Delay { latency_ms: 50.0, jitter_ms: 0.0 });
    let mut caller = fabric.open("a", "b");
    caller.write_all(b"beat").expect("sent");
    drop(caller);
    let mut callee = target.take();
    assert_eq!(hear(&mut callee, SOON), Heard::Bytes(b"beat".to_vec()));
    assert_eq!(hear(&mut callee, SOON), Heard::End);
    fabric.await_traffic("a", "b", |t| t.asked == 1 && t.forth == 4);
}

#[test]
fn under_a_cut_nobody_learns_that_the_other_has_gone() {
    let (mut fabric, target) = with_target();
    let mut caller = fabric.connect("a", "b");
    let callee = target.take();
    fabric.set("cut back", "b", "a", CUT);
    drop(callee);
    assert_eq!(hear(&mut caller, SILENCE), Heard::Silence);
    fabric.clear(&["cut back"]);
    assert_eq!(hear(&mut caller, SOON), Heard::Reset);

    let caller = fabric.connect("a", "b");
    let mut callee = target.take();
    fabric.set("cut", "a", "b", CUT);
    drop(caller);
    assert_eq!(hear(&mut callee, SILENCE), Heard::Silence);
    fabric.clear(&["cut"]);
    assert_eq!(hear(&mut callee, SOON), Heard::Reset);
}

#[test]
fn a_refusal_does_not_cross_a_cut() {
    let mut fabric = with_echo();
    fabric.place("gone", None);
    fabric.set("cut back", "gone", "a", CUT);
    let mut stream = fabric.open("a", "gone");
    assert_eq!(hear(&mut stream, SILENCE), Heard::Silence);
    drop(stream);
    fabric.await_traffic("a", "gone", |t| t.open == 0 && t.refused == 1);
}

#[test]
fn a_target_that_dies_closes_its_connections() {
    let (fabric, target) = with_target();
    let mut caller = fabric.connect("a", "b");
    let callee = target.take();
    // What it had not read makes the kernel say reset rather than end.
    caller.write_all(b"unread").expect("sent");
    while callee.peek(&mut [0; 8]).expect("arrives") == 0 {}
    drop(callee);
    assert!(matches!(hear(&mut caller, SOON), Heard::Reset | Heard::End));
}

#[test]
fn a_cut_link_leaves_other_links_alone() {
    let mut fabric = with_echo();
    fabric.set_on("cut", "a", "b", Some("orders"), CUT);
    assert_eq!(hear(&mut fabric.open_on("a", "b", Some("orders")), SILENCE), Heard::Silence);
    for link in [None, Some("other")] {
        assert_eq!(hear(&mut fabric.open_on("a", "b", link), SOON), Heard::Bytes(b"+".to_vec()), "{link:?}");
    }
}

#[test]
fn a_reset_ends_what_it_names() {
    let mut fabric = with_echo();
    let mut stream = fabric.connect("a", "b");
    echo(&mut stream, b"x");
    fabric.order(|seq| ToFabric::Reset { from: Set::one("b"), to: Set::All, link: None, seq });
    echo(&mut stream, b"x");
    fabric.order(|seq| ToFabric::Reset { from: Set::one("a"), to: Set::All, link: None, seq });
    assert_eq!(hear(&mut stream, SOON), Heard::Reset);
    fabric.await_traffic("a", "b", |t| t.open == 0);
}

/// The median of eleven round trips in milliseconds.
fn round_trip_ms(stream: &mut TcpStream) -> f64 {
    let mut times: Vec<f64> = (0..11).map(|_| echo(stream, b"ping").as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    times[5]
}

#[test]
fn a_delay_is_what_it_says_and_goes_when_it_is_cleared() {
    let mut fabric = with_echo();
    let mut stream = fabric.connect("a", "b");
    let before = round_trip_ms(&mut stream);
    fabric.set("forth", "a", "b", RuleEffect::Delay { latency_ms: 20.0, jitter_ms: 0.0 });
    fabric.set("back", "b", "a", RuleEffect::Delay { latency_ms: 10.0, jitter_ms: 0.0 });
    let during = round_trip_ms(&mut stream);
    assert!((29.0..36.0).contains(&during), "asked for 30 ms, measured {during:.2} ms");
    fabric.order(|seq| ToFabric::Slow { factor: 3.0, seq });
    let slow = round_trip_ms(&mut stream);
    assert!((89.0..98.0).contains(&slow), "asked for 90 ms, measured {slow:.2} ms");

    // A connection attempt takes the same time.
    let began = Instant::now();
    drop(fabric.connect("a", "b"));
    assert!(began.elapsed() >= Duration::from_millis(88));

    fabric.clear(&["forth", "back"]);
    let after = round_trip_ms(&mut stream);
    assert!(after < before + 5.0, "{before:.2} ms before, {after:.2} ms after");
}

#[test]
fn a_drawn_network_holds_from_the_start() {
    let effect = RuleEffect::Delay { latency_ms: 15.0, jitter_ms: 5.0 };
    let rule = Rule { from: Set::All, to: Set::All, link: None, effect };
    let mut fabric = Fabric::start(BTreeMap::from([("drawn".to_owned(), rule)]));
    fabric.place("a", None);
    fabric.place("b", Some(Target::echoing()));
    let mut stream = fabric.connect("a", "b");
    let measured = round_trip_ms(&mut stream);
    assert!((29.0..45.0).contains(&measured), "asked for 30 to 40 ms, measured {measured:.2} ms");
}

/// Sends so many bytes one way and gives the time until the last has arrived.
fn stream_through(fabric: &Fabric, target: &Target, bytes: usize) -> Duration {
    let mut caller = fabric.connect("a", "b");
    let mut callee = target.take();
    let began = Instant::now();
    let sending = thread::spawn(move || {
        let chunk = vec![1; 64 << 10];
        for _ in 0..bytes / chunk.len() {
            caller.write_all(&chunk).expect("sent");
        }
    });
    let (mut got, mut buffer) = (0, vec![0; 256 << 10]);
    while got < bytes {
        match callee.read(&mut buffer).expect("bytes") {
            0 => panic!("ended after {got}"),
            n => got += n,
        }
    }
    sending.join().expect("sent");
    began.elapsed()
}

#[test]
fn a_long_way_stays_a_fast_one() {
    let (mut fabric, target) = with_target();
    fabric.set("slow", "a", "b", RuleEffect::Delay { latency_ms: 100.0, jitter_ms: 0.0 });
    // 32 MiB, one way; with 8 MiB under way at most, it takes four times the delay and some.
    let took = stream_through(&fabric, &target, 32 << 20);
    assert!(took < Duration::from_millis(1500), "{took:?}");
}

#[test]
fn a_throttle_sets_the_speed() {
    let (mut fabric, target) = with_target();
    fabric.set("narrow", "a", "b", RuleEffect::Throttle { bits_per_s: 8e6 });
    let took = stream_through(&fabric, &target, 1 << 20).as_secs_f64();
    assert!((0.9..1.6).contains(&took), "1 MiB at 1 MB/s took {took:.2} s");
}

#[test]
fn loss_is_felt_as_time() {
    let mut fabric = with_echo();
    let mut stream = fabric.connect("a", "b");
    fabric.set("lossy", "a", "b", RuleEffect::Loss { share: 1.0 / 3.0 });
    // Each ping is late with one in three; that none of 24 is happens once in some 17,000 runs. Six repetitions at most
    // take 12.6 s.
    let slowest =
        (0..24).map(|_| echo_within(&mut stream, b"ping", Duration::from_secs(20))).max().expect("some");
    assert!(slowest >= Duration::from_millis(190), "{slowest:?}");
}

#[test]
fn many_round_trips_a_second() {
    let fabric = with_echo();
    let began = Instant::now();
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let mut stream = fabric.connect("a", "b");
            thread::spawn(move || {
                for _ in 0..2000 {
                    echo(&mut stream, &[3; 64]);
                }
            })
        })
        .collect();
    callers.into_iter().for_each(|c| c.join().expect("all echoed"));
    let per_second = 16_000.0 / began.elapsed().as_secs_f64();
    println!("{per_second:.0} round trips a second");
    // Two cores carry three times as many; other tests share them.
    assert!(per_second > 4_000.0, "{per_second:.0} round trips a second");
}
