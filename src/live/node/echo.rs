//! The plainest role: sends back what it is sent. What the tests of the fabric and the supervisor run.

use std::process::ExitCode;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::live::wire::{FromNode, NodeStart, ToNode, child};

/// Runs until told to stop.
pub fn run(start: &NodeStart, tell: &child::Teller) -> ExitCode {
    let mut orders = child::watch_stdin::<ToNode>();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    runtime.block_on(async {
        let port =
            match TcpListener::bind((start.bind, 0)).await.and_then(|l| Ok((l.local_addr()?.port(), l))) {
                Ok((port, listener)) => {
                    tokio::spawn(serve(listener));
                    port
                }
                Err(error) => {
                    tell.say(FromNode::Refused { why: format!("cannot bind {}: {error}", start.bind) });
                    tell.flush(std::time::Duration::from_secs(1));
                    return ExitCode::FAILURE;
                }
            };
        tell.say(FromNode::Ready { port });
        while let Some(order) = orders.recv().await {
            if matches!(order, ToNode::Stop | ToNode::PowerLoss) {
                break;
            }
        }
        ExitCode::SUCCESS
    })
}

async fn serve(listener: TcpListener) {
    loop {
        let Ok((mut stream, _)) = listener.accept().await else { continue };
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let mut bytes = vec![0; 64 << 10];
            while let Ok(n) = stream.read(&mut bytes).await
                && n > 0
                && stream.write_all(&bytes[..n]).await.is_ok()
            {}
        });
    }
}
