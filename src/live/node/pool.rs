//! Connections to other nodes, all through the fabric, kept open between requests.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::HeaderValue;
use hyper::{Request, Response};

use super::socket::Socket;
use crate::design::LinkId;
use crate::live::wire::{HEADER_FROM, HEADER_LINK, HEADER_RUN, InstanceId, Preamble, RunId, dial};

/// Why there is no answer at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// The target's process is gone, or went while it was asked.
    Refused,
    /// Nothing came in time.
    Silent,
}

/// Idle connections kept for one target along one link: as many requests as wait together where each waits for seconds.
const IDLE_MAX: usize = 64;

type Sender = SendRequest<Full<Bytes>>;

/// One way out: a target and the link along which it is asked.
type Way = (InstanceId, Option<LinkId>);

/// Connections to other nodes.
pub(super) struct Pool {
    run: RunId,
    me: InstanceId,
    bind: IpAddr,
    fabric: SocketAddr,
    headers: [HeaderValue; 2],
    idle: RefCell<BTreeMap<Way, Vec<Sender>>>,
}

impl Pool {
    /// An empty one.
    pub fn new(run: RunId, me: InstanceId, bind: IpAddr, fabric: SocketAddr) -> Self {
        let value = |text: String| HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("-"));
        let headers = [value(run.to_string()), value(me.to_string())];
        Self { run, me, bind, fabric, headers, idle: RefCell::default() }
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// A connection that a dead target left behind is replaced by a fresh one once, so that a restarted target is not
    /// held against it.
    ///
    /// # Errors
    /// [`NoAnswer`]; the connection is given up.
    pub async fn send(
        &self,
        to: &InstanceId,
        link: Option<&LinkId>,
        request: Request<Full<Bytes>>,
        timeout: Duration,
    ) -> Result<Response<Bytes>, NoAnswer> {
        self.send_as(&self.me, to, link, request, timeout).await
    }

    /// As [`send`](Self::send), from where `from` stands: a check made on the spot.
    pub async fn send_as(
        &self,
        from: &InstanceId,
        to: &InstanceId,
        link: Option<&LinkId>,
        mut request: Request<Full<Bytes>>,
        timeout: Duration,
    ) -> Result<Response<Bytes>, NoAnswer> {
        let headers = request.headers_mut();
        headers.insert(HEADER_RUN, self.headers[0].clone());
        headers.insert(HEADER_FROM, self.headers[1].clone());
        if let Some(link) = link
            && let Ok(value) = HeaderValue::from_str(link.as_str())
        {
            headers.insert(HEADER_LINK, value);
        }
        match tokio::time::timeout(timeout, self.exchange(from, to, link, request)).await {
            Ok(answer) => answer,
            Err(_) => Err(NoAnswer::Silent),
        }
    }

    /// Opens a connection for something that needs no answer.
    pub async fn one_way(
        &self,
        to: &InstanceId,
        link: Option<&LinkId>,
    ) -> std::io::Result<tokio::net::TcpStream> {
        let preamble = Preamble { run: self.run, from: self.me.clone(), to: to.clone(), link: link.cloned() };
        dial::one_way(self.bind, self.fabric, &preamble).await
    }

    async fn exchange(
        &self,
        from: &InstanceId,
        to: &InstanceId,
        link: Option<&LinkId>,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, NoAnswer> {
        let own = *from == self.me;
        if own {
            while let Some(mut sender) = self.take(to, link) {
                if sender.is_closed() || sender.ready().await.is_err() {
                    continue;
                }
                if let Ok(answer) = receive(&mut sender, request.clone()).await {
                    self.put(to, link, sender);
                    return Ok(answer);
                }
                break;
            }
        }
        let preamble = Preamble { run: self.run, from: from.clone(), to: to.clone(), link: link.cloned() };
        let stream = dial::connect(self.bind, self.fabric, &preamble).await.map_err(|_| NoAnswer::Refused)?;
        let (mut sender, connection) =
            handshake::<_, Full<Bytes>>(Socket(stream)).await.map_err(|_| NoAnswer::Refused)?;
        tokio::task::spawn_local(async move {
            let _ = connection.await;
        });
        let answer = receive(&mut sender, request).await.map_err(|_| NoAnswer::Refused)?;
        if own {
            self.put(to, link, sender);
        }
        Ok(answer)
    }

    fn take(&self, to: &InstanceId, link: Option<&LinkId>) -> Option<Sender> {
        self.idle.borrow_mut().get_mut(&(to.clone(), link.cloned()))?.pop()
    }

    fn put(&self, to: &InstanceId, link: Option<&LinkId>, sender: Sender) {
        let mut idle = self.idle.borrow_mut();
        let kept = idle.entry((to.clone(), link.cloned())).or_default();
        if kept.len() < IDLE_MAX {
            kept.push(sender);
        }
    }
}

async fn receive(sender: &mut Sender, request: Request<Full<Bytes>>) -> hyper::Result<Response<Bytes>> {
    sender.ready().await?;
    let (head, body) = sender.send_request(request).await?.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}

/// A request without a body.
pub(super) fn get(path: &str) -> Request<Full<Bytes>> {
    build("GET", path, Bytes::new())
}

/// A request with one.
pub(super) fn post(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    build("POST", path, body.into())
}

fn build(method: &str, path: &str, body: Bytes) -> Request<Full<Bytes>> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~/:?=&".contains(&b);
    // Ids are checked to be plain, but a letter of another script is legal in them.
    let path: std::borrow::Cow<'_, str> = if path.bytes().all(is_plain) {
        path.into()
    } else {
        let encode = |b: u8| if is_plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
        path.bytes().map(encode).collect::<String>().into()
    };
    let mut request = Request::new(Full::new(body));
    if let Ok(method) = method.parse() {
        *request.method_mut() = method;
    }
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    request.headers_mut().insert(hyper::header::HOST, HeaderValue::from_static("node"));
    request
}

/// The text of a percent-encoded path segment.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let value =
            hex.and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
        match value {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
