//! The shell's bounds, and what can go wrong with the port itself.

use std::io;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;

/// Bounds of the socket shell; those of the manager are `manager::Limits`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// The largest message from a client, in bytes; a larger one closes its connection with 1009.
    pub message_bytes: usize,
    /// Sockets open at a time, HTTP included; one more is closed unanswered.
    pub sockets: usize,
    /// How long a client may take for the head of an HTTP request, the upgrade's included.
    pub header_deadline: Duration,
    /// How long one batch may take to be written. After it the connection is closed and nothing is sent again.
    pub write_deadline: Duration,
    /// How often a ping is sent.
    pub ping_interval: Duration,
    /// How long after a ping is due a client may stay silent.
    pub pong_deadline: Duration,
    /// How long a closing connection may take, from the first to the last byte.
    pub close_deadline: Duration,
    /// How long the platform may take at shutdown to end the runs under way: longer than the deadline that it gives
    /// them itself, so that they can tell their clients.
    pub drain_deadline: Duration,
    /// Pings that a client may send between two of ours; one more closes its connection with 1008. Each is answered, and
    /// the answers of a client that does not read them are kept.
    pub pings: usize,
    /// Messages written with one flush at most.
    pub batch: usize,
}

/// No deadline is longer: clocks and sums of deadlines must not run over.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            message_bytes: 64 * 1024,
            sockets: 12_000,
            header_deadline: Duration::from_secs(10),
            write_deadline: Duration::from_secs(10),
            ping_interval: Duration::from_secs(20),
            pong_deadline: Duration::from_secs(20),
            close_deadline: Duration::from_secs(2),
            drain_deadline: Duration::from_secs(15),
            pings: 1_000,
            batch: 64,
        }
    }
}

impl ServerOptions {
    /// Whether the bounds make sense. [`serve`](super::serve) looks before it accepts anybody.
    ///
    /// # Errors
    /// [`ServeError::Option`] for the first that does not.
    pub fn check(&self) -> Result<(), ServeError> {
        let counts = [("message_bytes", self.message_bytes), ("sockets", self.sockets), ("batch", self.batch)];
        if let Some((option, _)) = counts.into_iter().find(|(_, value)| *value == 0) {
            return Err(ServeError::Option { option, reason: "zero lets nothing through, give at least 1" });
        }
        let durations = [
            ("header_deadline", self.header_deadline),
            ("write_deadline", self.write_deadline),
            ("ping_interval", self.ping_interval),
            ("pong_deadline", self.pong_deadline),
            ("close_deadline", self.close_deadline),
            ("drain_deadline", self.drain_deadline),
        ];
        for (option, value) in durations {
            // Not to wait for runs at all is a decision; not to wait for a client at all is a mistake.
            if value.is_zero() && option != "drain_deadline" {
                return Err(ServeError::Option { option, reason: "zero leaves no time at all, give at least 1 ms" });
            }
            if value > LONGEST {
                return Err(ServeError::Option { option, reason: "it is as good as never, give at most a day" });
            }
        }
        Ok(())
    }
}

/// Why the service could not be started, or not be stopped cleanly.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; {}", advice(source))]
    Bind {
        /// As it was given.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// An option makes no sense. Nobody was accepted.
    #[error("the server's option {option} makes no sense: {reason}")]
    Option {
        /// Its name.
        option: &'static str,
        /// What is wrong and what would be right.
        reason: &'static str,
    },
    /// The platform's runs did not end within `ServerOptions::drain_deadline`. Everything else was closed.
    #[error(
        "runs were still under way {waited:?} after the stop; their clients were closed without a last event; raise the deadline if runs may take longer"
    )]
    Undrained {
        /// The deadline.
        waited: Duration,
    },
    /// Sockets that did not close in time were dropped.
    #[error(
        "{sockets} sockets did not close within {waited:?} and were dropped; their clients probably stopped reading"
    )]
    Unclosed {
        /// How many.
        sockets: usize,
        /// The deadline.
        waited: Duration,
    },
}

/// What most probably helps.
fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::AddrInUse => "another program probably has the port, choose another with --listen",
        io::ErrorKind::AddrNotAvailable => "no network interface of this machine has that address, try 127.0.0.1:8080",
        io::ErrorKind::PermissionDenied => "ports below 1024 need a right of their own, choose a higher one",
        _ => "give host and port, as in --listen 127.0.0.1:8080",
    }
}

/// Listens on an address such as `127.0.0.1:8080`; port 0 takes a free one.
pub async fn bind(address: &str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Bind { address: address.to_owned(), source })
}
