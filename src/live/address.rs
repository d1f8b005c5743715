//! The address plan: the only place where an address is made.
//!
//! Every process binds a port of the kernel's choice on a loopback address and reports it. Where all of 127.0.0.0/8
//! can be bound (Linux, Windows) each instance has an address of its own, 127.77.x.y, so that a list of sockets reads
//! like the drawing, each caller has its own range of ports, and nobody can connect to itself by accident. Elsewhere
//! everything is on 127.0.0.1.
//!
//! Never: an address that is not loopback.

use std::net::{IpAddr, Ipv4Addr, TcpListener};

/// Instances for which there are addresses.
pub const INSTANCES_MAX: usize = 250 * 250;

/// Who binds where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressPlan {
    /// 127.77.x.y for each.
    Own,
    /// 127.0.0.1 for all.
    Shared,
}

impl AddressPlan {
    /// Finds out, by binding, what this machine can do.
    pub fn probe() -> Self {
        let last = Self::Own.instance(INSTANCES_MAX - 1);
        let binds = |at: IpAddr| TcpListener::bind((at, 0)).is_ok();
        if binds(Self::Own.fabric()) && binds(last) { Self::Own } else { Self::Shared }
    }

    /// The fabric's address.
    pub fn fabric(self) -> IpAddr {
        self.address(0, 1)
    }

    /// The address of the instance with that number, counted from 0.
    pub fn instance(self, number: usize) -> IpAddr {
        let number = number % INSTANCES_MAX;
        self.address(1 + (number / 250) as u8, 1 + (number % 250) as u8)
    }

    fn address(self, x: u8, y: u8) -> IpAddr {
        IpAddr::V4(match self {
            Self::Own => Ipv4Addr::new(127, 77, x, y),
            Self::Shared => Ipv4Addr::LOCALHOST,
        })
    }
}
