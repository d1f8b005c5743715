//! How a node reaches the fabric, over and over.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::io::Read;
use std::net::TcpListener;
use std::thread;

use linchpin::live::address::AddressPlan;
use linchpin::live::wire::{Preamble, RunId, dial};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Ports that the kernel hands out.
fn ports() -> usize {
    let range =
        std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").expect("the range of ports");
    let ends: Vec<usize> = range.split_whitespace().map(|n| n.parse().expect("a port")).collect();
    ends[1] - ends[0] + 1
}

/// Retries of a lost journey end thousands of connections a minute, and each keeps its port for that long. Were the port
/// chosen when the address is bound, no two could share one: after half of the ports each search takes longer, until it
/// takes all of a node's time. Chosen when the connection is made, a port serves once for each place that is called.
#[test]
fn a_port_serves_for_each_place_that_is_called() {
    let places: Vec<_> = (0..4)
        .map(|_| {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let at = listener.local_addr().expect("its address");
            thread::spawn(move || {
                for mut stream in listener.incoming().flatten() {
                    // Whoever ends first keeps the port: the caller.
                    let _ = stream.read_to_end(&mut Vec::new());
                }
            });
            at
        })
        .collect();
    let me = AddressPlan::probe().instance(49_999);
    let preamble = Preamble { run: RunId::random(), from: "a".into(), to: "b".into(), link: None };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let made = ports() * 2 / 3;
    let mut used = BTreeSet::new();
    runtime.block_on(async {
        for number in 0..made {
            let mut stream =
                dial::one_way(me, places[number % places.len()], &preamble).await.expect("connected");
            used.insert(stream.local_addr().expect("an address").port());
            stream.shutdown().await.expect("ended");
            assert_eq!(stream.read(&mut [0; 8]).await.expect("the other end"), 0);
        }
    });
    assert!(used.len() < made, "{made} connections one after another had a port each");
}
