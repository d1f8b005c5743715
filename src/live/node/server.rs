//! The HTTP/1.1 face of a node: `/j/…` serves hops, `/health`, `/health/deep` and `/metrics` answer anyone.

use std::convert::Infallible;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::pool::decoded;
use super::request::{Ask, Reply};
use super::socket::Socket;
use super::{Node, Part, collector, deep, election, member, serve};
use crate::live::wire::{HEADER_FROM, HEADER_RUN};

/// The largest body taken in, in bytes: a whole copy of a store.
const BODY_BYTES_MAX: usize = 64 << 20;

/// Accepts connections for ever.
pub(super) async fn run(node: Rc<Node>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::task::spawn_local(connection(node.clone(), stream));
            }
            // Out of file descriptors: some will be free again.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
}

async fn connection(node: Rc<Node>, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request| {
        let node = node.clone();
        async move { Ok::<_, Infallible>(answer(&node, request).await) }
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .header_read_timeout(None)
        .half_close(true)
        .serve_connection(Socket(stream), answer)
        .await;
}

async fn answer(node: &Rc<Node>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let run = request.headers().get(HEADER_RUN);
    if run.is_some_and(|r| r.as_bytes() != node.run_text.as_bytes()) {
        return Reply::error(421, "this node belongs to another run").write();
    }
    let from = request.headers().get(HEADER_FROM).and_then(|v| v.to_str().ok()).unwrap_or("-").to_owned();
    let path = decoded(request.uri().path());
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, ["health"]) => Reply::ok("up\n").write(),
        (&Method::GET, ["health", "deep"]) => deep::check(node).await.write(),
        (&Method::GET, ["metrics"]) => {
            let text = node.metrics.prometheus(&node.detectors.all_out(), node.work.waiting());
            let mut response = Reply::ok(text).write();
            let kind = HeaderValue::from_static("text/plain; version=0.0.4");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        (&Method::POST, ["j", journey, hop]) => {
            let begun = Instant::now();
            node.metrics.begin();
            let journey = (*journey).to_owned();
            let ask = Ask::from_headers(&format!("{journey}/{hop}"), request.headers());
            let in_time = tokio::time::timeout(ask.left(), serve::hop(node, &ask));
            let reply = in_time.await.unwrap_or_else(|_| Reply::error(504, "the caller's time is over"));
            node.metrics.end(&from, &journey, reply.is_ok(), begun.elapsed());
            reply.write()
        }
        (&Method::POST, ["beat"]) => {
            node.beat.set(Instant::now());
            Reply::ok("heard\n").write()
        }
        (&Method::GET, ["group", group, shard]) => member::standing(node, group, shard).write(),
        (&Method::POST, [place, rest @ ..]) => {
            let (place, rest) =
                ((*place).to_owned(), rest.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
            let Ok(body) = Limited::new(request.into_body(), BODY_BYTES_MAX).collect().await else {
                return Reply::error(413, "too large, or cut short").write();
            };
            let body = body.to_bytes();
            let begun = Instant::now();
            let reply = match (place.as_str(), &node.part) {
                ("vote", _) => election::vote(node, &body),
                ("replica", Part::Member(m)) => member::replica(node, m, &rest, &body).await,
                ("queue", Part::Member(m)) => member::queue(node, m, &rest, &from, &body).await,
                ("effects", Part::Member(m)) => member::effects(m, &body),
                ("ingest", Part::Collector(c)) => {
                    node.metrics.begin();
                    let reply = collector::ingest(node, c, &from, &body);
                    node.metrics.end(&from, "", reply.is_ok(), begun.elapsed());
                    reply
                }
                _ => Reply::error(404, "nothing here"),
            };
            if matches!(place.as_str(), "vote" | "replica" | "queue") {
                node.metrics.among_members(&from, reply.is_ok());
            }
            reply.write()
        }
        _ => Reply::error(404, "nothing here; try /health, /health/deep or /metrics").write(),
    }
}
