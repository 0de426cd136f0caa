//! The thin socket shell: one port for `/ws`, `/healthz`, `/readyz` and `/metrics`. It knows the platform only as
//! a [`Backend`]; everything that must be right under every interleaving is in the cores.

mod handshake;
mod http;
mod linger;
mod metrics;
mod options;
mod query;
mod session;
mod signal;
mod wire;

pub use options::{ServeError, ServerOptions, bind};
pub use session::Stream;
pub use signal::shutdown_signal;

use self::metrics::Metrics;
use crate::backend::Backend;
use crate::log;
use crate::manager::Connection;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long to wait before accepting again after the system refused, which is when it has no descriptors left:
/// trying at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What every socket needs.
struct Shared<B> {
    backend: B,
    options: ServerOptions,
    phase: watch::Receiver<Phase>,
    metrics: Metrics,
}

/// What a stop has come to. It only ever advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    /// Nothing new is accepted; runs under way go on, and so do the connections that follow them.
    Draining,
    /// Every connection closes.
    Closing,
}

impl<B> Shared<B> {
    fn is_stopping(&self) -> bool {
        *self.phase.borrow() > Phase::Serving
    }

    /// Ends once the phase is reached, and also if the service is dropped.
    async fn reached(&self, least: Phase) {
        let mut phase = self.phase.clone();
        drop(phase.wait_for(|phase| *phase >= least).await);
    }
}

/// Serves until `shutdown` ends, then drains: accepts nothing more, gives the runs under way their deadline,
/// closes every WebSocket with 1001 after what waits for it, and joins all of its tasks.
///
/// Errors tell of options that make no sense, before anybody is accepted, or of an unclean end; the port is free and every
/// socket closed either way. Dropping the future instead drops every socket at once.
pub async fn serve<B: Backend>(
    listener: TcpListener,
    backend: B,
    options: ServerOptions,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    options.check()?;
    let (stop, phase) = watch::channel(Phase::Serving);
    let shared = Arc::new(Shared { backend, options, phase, metrics: Metrics::default() });
    let mut sockets = JoinSet::new();
    accept_until(shutdown, &listener, &shared, &mut sockets).await;
    drop(listener);
    stop.send_replace(Phase::Draining);
    let drained = timeout(shared.options.drain_deadline, shared.backend.drain()).await;
    stop.send_replace(Phase::Closing);
    join(&shared.options, sockets).await?;
    drained.map_err(|_| ServeError::Undrained { waited: shared.options.drain_deadline })
}

/// Serves one client whose handshake somebody else has made, over whatever carries bytes both ways: for a service that has
/// an HTTP server of its own, and for tests without sockets. The connection is attached before the client hears that it
/// is upgraded, or it misses what is told meanwhile.
///
/// Ends when the client is gone; dropping the future drops the stream and detaches the connection at once.
///
/// # Errors
/// [`ServeError::Option`] for options that make no sense, before anything is read.
///
/// # Panics
/// If called outside a tokio runtime with a clock.
pub async fn serve_upgraded<B: Backend>(
    stream: impl Stream,
    connection: Connection,
    backend: B,
    options: ServerOptions,
) -> Result<(), ServeError> {
    options.check()?;
    // Held until the client is gone: without it, the service would count as stopping.
    let (_serving, phase) = watch::channel(Phase::Serving);
    let shared = Arc::new(Shared { backend, options, phase, metrics: Metrics::default() });
    session::run(stream, Bytes::new(), connection, &shared).await;
    Ok(())
}

async fn accept_until<B: Backend>(
    shutdown: impl Future<Output = ()>,
    listener: &TcpListener,
    shared: &Arc<Shared<B>>,
    sockets: &mut JoinSet<()>,
) {
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => return,
            Some(ended) = sockets.join_next() => report(ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if sockets.len() < shared.options.sockets => {
                    sockets.spawn(http::serve_socket(stream, Arc::clone(shared)));
                }
                Ok((stream, address)) => {
                    shared.metrics.turned_away();
                    drop(stream);
                    log::server_full(address, shared.options.sockets);
                }
                Err(error) => {
                    log::server_accept_failed(error);
                    sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

async fn join(options: &ServerOptions, mut sockets: JoinSet<()>) -> Result<(), ServeError> {
    // One for what waits to be written, one for the closing itself.
    let waited = options.write_deadline + options.close_deadline;
    let joined = timeout(waited, async {
        while let Some(ended) = sockets.join_next().await {
            report(ended);
        }
    });
    if joined.await.is_err() {
        let left = sockets.len();
        sockets.shutdown().await;
        return Err(ServeError::Unclosed { sockets: left, waited });
    }
    Ok(())
}

/// A panic ends its own socket only, but it is never silent.
fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        log::server_socket_failed(error);
    }
}
