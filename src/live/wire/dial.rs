//! How a node reaches another: through the fabric.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::{ANSWER_CONNECTED, ANSWER_REFUSED, Preamble};

/// Opens a connection and waits for the fabric's answer. Waits for ever where a cut swallows either way: the caller sets
/// the time-out.
///
/// `bind` is the caller's own address ([`super::NodeStart::bind`]): it gives each instance its own range of ports and
/// its own name in a list of sockets.
///
/// # Errors
/// `ConnectionRefused` where the target's process is gone, `PermissionDenied` where the fabric does not know the run,
/// otherwise what the socket says.
pub async fn connect(bind: IpAddr, fabric: SocketAddr, preamble: &Preamble) -> io::Result<TcpStream> {
    let mut stream = one_way(bind, fabric, preamble).await?;
    match stream.read_u8().await? {
        ANSWER_CONNECTED => Ok(stream),
        ANSWER_REFUSED => Err(io::Error::new(
            io::ErrorKind::ConnectionRefused,
            format!("{} refuses connections", preamble.to),
        )),
        other => Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!("the fabric does not take part in this run (answered {other})"),
        )),
    }
}

/// Opens a connection without waiting for anything: what is written next follows the preamble to the target if the way
/// there is open, whether or not there is a way back. The answer byte is still to be read by who wants to read.
///
/// # Errors
/// What the socket says; a cut or an absent target is not an error here.
pub async fn one_way(bind: IpAddr, fabric: SocketAddr, preamble: &Preamble) -> io::Result<TcpStream> {
    let socket = if fabric.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_nodelay(true)?;
    choose_port_late(&socket)?;
    socket.bind(SocketAddr::new(bind, 0))?;
    let mut stream = socket.connect(fabric).await?;
    stream.write_all(preamble.encode().as_bytes()).await?;
    Ok(stream)
}

/// Leaves the choice of the port to the moment of connecting. A port chosen when an address is bound must be free of every
/// connection that has ended within a minute: after some fourteen thousand of them each further one is searched for longer,
/// until a node that retries much has no time for anything else.
#[cfg(target_os = "linux")]
fn choose_port_late(socket: &TcpSocket) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt::IpBindAddressNoPort};
    Ok(setsockopt(socket, IpBindAddressNoPort, &true)?)
}

#[cfg(not(target_os = "linux"))]
fn choose_port_late(_socket: &TcpSocket) -> io::Result<()> {
    Ok(())
}
