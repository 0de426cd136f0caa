//! What is taken for an address.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::run::network::Target;

/// What tokio's `TcpStream::connect` takes, names of hosts included: `"server:80"`, `("server", 80)`, a `SocketAddr`.
///
/// Names are those of the run's hosts, and nobody is asked for them. It cannot be implemented elsewhere.
pub trait ToSocketAddrs: sealed::Resolve {}

impl<T: sealed::Resolve + ?Sized> ToSocketAddrs for T {}

pub(super) mod sealed {
    use std::io;

    use crate::run::network::Target;

    pub trait Resolve {
        fn target(&self) -> io::Result<Target>;
    }
}

use sealed::Resolve;

fn named(host: &str, port: u16) -> Target {
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    literal.map_or_else(|_| Target::Named(host.to_owned(), port), |ip| Target::Address(SocketAddr::new(ip, port)))
}

impl Resolve for str {
    fn target(&self) -> io::Result<Target> {
        let bad = |what: &str| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("`{self}` has no {what}: it is `host:port`"))
        };
        let (host, port) = self.rsplit_once(':').filter(|(host, _)| !host.is_empty()).ok_or_else(|| bad("host"))?;
        Ok(named(host, port.parse().map_err(|_| bad("port"))?))
    }
}

impl Resolve for String {
    fn target(&self) -> io::Result<Target> {
        self.as_str().target()
    }
}

impl<T: Resolve + ?Sized> Resolve for &T {
    fn target(&self) -> io::Result<Target> {
        (**self).target()
    }
}

impl Resolve for (&str, u16) {
    fn target(&self) -> io::Result<Target> {
        Ok(named(self.0, self.1))
    }
}

impl Resolve for (String, u16) {
    fn target(&self) -> io::Result<Target> {
        Ok(named(&self.0, self.1))
    }
}

/// What is a `SocketAddr`, or becomes one.
macro_rules! addresses {
    ($($address:ty),*) => {
        $(impl Resolve for $address {
            fn target(&self) -> io::Result<Target> {
                Ok(Target::Address((*self).into()))
            }
        })*
    };
}

addresses!(SocketAddr, SocketAddrV4, SocketAddrV6, (IpAddr, u16), (Ipv4Addr, u16), (Ipv6Addr, u16));
