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
    /// Messages written with one flush at most.
    pub batch: usize,
}

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
            batch: 64,
        }
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
