//! What a scenario says of the links between hosts.

use crate::run::context::with;
use crate::run::network::KINDS;

/// Lets the explorer decide what becomes of every packet on the way from one host to another, one direction of it; each
/// costs a fault:
///
/// - `refused`: a call is answered as if nobody listened;
/// - `held`: the packet stays on its way, and so does everything else in this direction, of all connections, until
///   [`heal`] or the heal phase: a partition that begins here;
/// - `reset`: the connection is broken off. Whom the packet was for learns it now, whoever sent it by a packet that takes the
///   way back.
///
/// They are drawn at the place `from->to`, so that tokens and reports name it, and each that is never drawn makes a verdict
/// `vacuous`. Holds for the rest of the run, and said again, the last word counts. Both directions are two links: say it
/// twice. A host that talks to itself has one.
///
/// ```
/// use nevernone::net::{self, TcpListener, TcpStream};
/// use nevernone::{Scenario, Verdict, campaign, sometimes};
///
/// let scenario = Scenario::new("one call", || async {
///     net::faults("client", "server").only(&["refused"]);
///     let _listener = net::on("server", TcpListener::bind("0.0.0.0:80")).await.unwrap();
///     let called = net::on("client", TcpStream::connect("server:80")).await;
///     sometimes("connected", called.is_ok());
///     sometimes("refused", called.is_err());
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!((report.verdict, report.runs), (Verdict::Verified, 2));
/// ```
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn faults(from: &'static str, to: &'static str) -> LinkFaults {
    with(|state| state.network.describe((from, to), KINDS));
    LinkFaults { link: (from, to) }
}

/// Faults in effect, to be made more precise; see [`faults`].
#[derive(Debug)]
pub struct LinkFaults {
    link: (&'static str, &'static str),
}

impl LinkFaults {
    /// Only these of `refused`, `held` and `reset` can happen.
    ///
    /// # Panics
    /// If a name is none of the three. Outside a run.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "the link is changed in place")]
    pub fn only(self, kinds: &'static [&'static str]) -> Self {
        for kind in kinds {
            assert!(KINDS.contains(kind), "`{kind}` is no fault of a link; there are {}", KINDS.join(", "));
        }
        with(|state| state.network.describe(self.link, kinds));
        self
    }
}

/// Holds every packet on the way from one host to another from now on, those that are on their way included: a partition by
/// the scenario's own hand, which costs nothing. [`heal`] ends it, and so does the run's heal phase.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn hold(from: &'static str, to: &'static str) {
    with(|state| state.network.hold((from, to), true));
}

/// Lets packets from one host to another go on, whoever held them. They arrive in the order in which they were sent.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn heal(from: &'static str, to: &'static str) {
    with(|state| state.network.hold((from, to), false));
}

/// How many bytes of one direction of a connection may be sent and not read yet: whoever writes more waits. 64 KiB where
/// nothing is said. Of all connections of the run, from now on.
///
/// # Panics
/// If it is 0. Outside a run.
#[track_caller]
pub fn window(bytes: usize) {
    assert!(bytes > 0, "nothing ever fits through a window of 0 bytes");
    with(|state| state.network.window = bytes);
}

/// How many bytes one packet has at the most: a longer write goes in several, which arrive one by one. 64 KiB where nothing
/// is said. With a small number, what was written at once is read in parts, in every way in which that can happen.
///
/// ```
/// use nevernone::net::{self, TcpListener, TcpStream};
/// use nevernone::{Scenario, Verdict, campaign, sometimes};
/// use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
///
/// let scenario = Scenario::new("a read is no message", || async {
///     net::packet_size(3);
///     let listener = TcpListener::bind("127.0.0.1:80").await.unwrap();
///     let (client, accepted) = tokio::join!(TcpStream::connect("127.0.0.1:80"), listener.accept());
///     client.unwrap().write_all(b"hello").await.unwrap();
///     let mut read = [0; 5];
///     let count = accepted.unwrap().0.read(&mut read).await.unwrap();
///     sometimes("half of it", &read[..count] == b"hel");
///     sometimes("all of it", &read[..count] == b"hello");
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!(report.verdict, Verdict::Verified);
/// ```
///
/// # Panics
/// If it is 0. Outside a run.
#[track_caller]
pub fn packet_size(bytes: usize) {
    assert!(bytes > 0, "a packet of data has at least a byte");
    with(|state| state.network.packet_size = bytes);
}
