//! When to stop.

use crate::log;
use std::io;

/// Installs handlers for SIGINT and SIGTERM now (elsewhere than on Unix: for Ctrl-C), so that a signal is not
/// missed from here on. The future ends with the first of them.
///
/// # Panics
/// Outside a tokio runtime with its I/O driver.
#[cfg(unix)]
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        let name = tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        };
        log::server_stopping(name);
    })
}

/// Ends with the first Ctrl-C.
#[cfg(not(unix))]
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        match tokio::signal::ctrl_c().await {
            Ok(()) => log::server_stopping("Ctrl-C"),
            Err(error) => log::server_stopping(format!("Ctrl-C cannot be waited for, {error}")),
        }
    })
}
