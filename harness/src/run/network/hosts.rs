//! Hosts: their names, their addresses, and which of them the task being polled runs on.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::names::interned;

/// A host, by its place.
pub(crate) type HostId = usize;

/// Where a task runs that nobody has put on a host.
const LOCALHOST: &str = "localhost";

/// The addresses of hosts with a name: 10.0.0.1 and so on.
const FIRST_ADDRESS: u32 = 0x0a00_0000;

/// What a program calls an address.
#[derive(Debug)]
pub enum Target {
    Named(String, u16),
    Address(SocketAddr),
}

/// The hosts of a run, in the order in which they were first named.
pub(super) struct Hosts {
    names: Vec<&'static str>,
    /// Of the task being polled; `None` is the first of all.
    entered: Option<HostId>,
}

impl Default for Hosts {
    fn default() -> Self {
        Hosts { names: vec![LOCALHOST], entered: None }
    }
}

impl Hosts {
    pub(super) fn current(&self) -> HostId {
        self.entered.unwrap_or(0)
    }

    pub(super) fn entered(&self) -> Option<HostId> {
        self.entered
    }

    pub(super) fn enter(&mut self, host: Option<HostId>) -> Option<HostId> {
        std::mem::replace(&mut self.entered, host)
    }

    pub(super) fn name(&self, host: HostId) -> &'static str {
        self.names[host]
    }

    /// A host is there as soon as somebody names it.
    pub(super) fn named(&mut self, name: &str) -> HostId {
        self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.names.push(interned(name));
            self.names.len() - 1
        })
    }

    /// As the others see it.
    pub(super) fn address(&self, host: HostId) -> IpAddr {
        debug_assert!(host < self.names.len(), "hosts are never forgotten");
        match u32::try_from(host) {
            Ok(place @ 1..) => Ipv4Addr::from(FIRST_ADDRESS + place).into(),
            _ => Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// Which host is meant, seen from the current one, and by which address.
    pub(super) fn resolve(&mut self, target: &Target) -> io::Result<(HostId, SocketAddr)> {
        let current = self.current();
        match target {
            Target::Named(name, port) if name == LOCALHOST => {
                Ok((current, SocketAddr::new(Ipv4Addr::LOCALHOST.into(), *port)))
            }
            Target::Named(name, port) => {
                let host = self.named(name);
                Ok((host, SocketAddr::new(self.address(host), *port)))
            }
            Target::Address(address) if address.ip().is_unspecified() || address.ip().is_loopback() => {
                Ok((current, *address))
            }
            Target::Address(address) => {
                let host = (1..self.names.len()).find(|host| self.address(*host) == address.ip());
                let unknown = || io::Error::new(io::ErrorKind::HostUnreachable, "no host of this run has that address");
                Ok((host.ok_or_else(unknown)?, *address))
            }
        }
    }
}

/// Whether a host may listen at an address.
pub(super) fn is_own(hosts: &Hosts, host: HostId, address: IpAddr) -> bool {
    address.is_unspecified() || address.is_loopback() || address == hosts.address(host)
}
