//! Clusters of the plainest nodes: they send back what they are sent.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use linchpin::live::cluster::{Cluster, ClusterSpec, LaunchOptions, NodePlan};
use linchpin::live::topology::{Standing, Topology};
use linchpin::live::wire::Preamble;

use crate::rig::PROGRAM;

/// So many instances of a component `echo`, half in zone `east`, half in zone `west`.
pub fn echoes(count: usize) -> ClusterSpec {
    let node = |n: usize| NodePlan {
        standing: Standing {
            instance: format!("echo/{}", n + 1).into(),
            component: "echo".into(),
            zones: vec![if n < count / 2 { "east" } else { "west" }.into()],
            is_client: false,
        },
        spec: serde_json::json!({ "role": "echo" }),
    };
    spec((0..count).map(node).collect())
}

/// These processes, without a drawing.
pub fn spec(nodes: Vec<NodePlan>) -> ClusterSpec {
    let topology = Topology::of_instances(nodes.iter().map(|n| n.standing.clone()).collect());
    ClusterSpec { nodes, topology, ..ClusterSpec::default() }
}

/// Options for tests: files below a folder of the test.
pub fn options(base: &Path) -> LaunchOptions {
    LaunchOptions {
        program: Some(PROGRAM.into()),
        base_dir: Some(base.to_owned()),
        ready_timeout: Duration::from_secs(10),
        ..LaunchOptions::default()
    }
}

/// A cluster of echoes that is ready.
pub fn launch(count: usize, base: &Path) -> Cluster {
    let cluster = Cluster::launch(echoes(count), &options(base)).expect("it starts");
    cluster.await_ready().expect("it is ready");
    cluster
}

/// A connection from one instance to another through the cluster's fabric, not yet answered.
pub fn open(cluster: &Cluster, from: &str, to: &str) -> std::net::TcpStream {
    let snapshot = cluster.snapshot();
    let fabric: SocketAddr = snapshot.ready.expect("it is ready").fabric;
    let preamble = Preamble { run: snapshot.run, from: from.into(), to: to.into(), link: None };
    let mut stream = std::net::TcpStream::connect(fabric).expect("the fabric listens");
    stream.set_nodelay(true).expect("nodelay");
    std::io::Write::write_all(&mut stream, preamble.encode().as_bytes()).expect("a preamble");
    stream
}
