//! `nevernone serve`.

use std::error::Error;
use std::future::pending;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use nevernone_reference::env::TokioEnv;
use nevernone_reference::log;
use nevernone_reference::manager::{BoxFuture, Budget, Candidate, CreateError, Limits, ManagerFactory};
use nevernone_reference::server::{self, ServerOptions};
use nevernone_reference::startup::{Parts, Platform, StartupError};
use tracing_subscriber::EnvFilter;

/// Where and how to serve.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Milliseconds that creating the manager takes, to watch /readyz turn from 503 to 200
    #[arg(long, value_name = "MS", default_value_t = 0)]
    creation_delay: u64,
}

/// Serves until SIGINT or SIGTERM, then drains.
pub(crate) fn serve(arguments: &ServeArguments) -> Result<ExitCode, Box<dyn Error>> {
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into()).from_env()?;
    // A log that cannot be written is nobody's business but the log's: told on standard error, which is the log, it would
    // panic in whoever logs.
    let log = tracing_subscriber::fmt().json().flatten_event(true).log_internal_errors(false);
    log.with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(listen_and_serve(arguments))
}

async fn listen_and_serve(arguments: &ServeArguments) -> Result<ExitCode, Box<dyn Error>> {
    // Before the port is open: a signal from then on is a clean stop.
    let signal = server::shutdown_signal()?;
    let listener = server::bind(&arguments.listen).await?;
    let address = listener.local_addr()?;
    log::server_listening(address);
    let factory = InMemory::new(Duration::from_millis(arguments.creation_delay));
    let platform = Platform::new(TokioEnv::new(), Parts::standard(Arc::new(factory)))?;
    let starting = async {
        match platform.start().await {
            // A start that fails ends the service; one that succeeded, or was stopped, leaves that to the signal.
            Ok(()) | Err(StartupError::Stopped) => pending().await,
            Err(error) => error,
        }
    };
    let mut failed = None;
    let stop = async {
        tokio::select! {
            biased;
            () = signal => {}
            error = starting => failed = Some(error),
        }
    };
    server::serve(listener, platform.clone(), ServerOptions::default(), stop).await?;
    platform.stop().await;
    match failed {
        Some(error) => {
            log::server_failed(error);
            Ok(ExitCode::FAILURE)
        }
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Makes a manager that keeps everything in memory.
struct InMemory {
    delay: Duration,
    limits: Limits,
    /// For one manager at a time: whoever made a second one beside it would be told so.
    budget: Budget,
}

impl InMemory {
    fn new(delay: Duration) -> Self {
        let limits = Limits::default();
        Self { delay, limits, budget: Budget::new(limits.connections + limits.threads) }
    }
}

impl ManagerFactory for InMemory {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        let (delay, limits, budget) = (self.delay, self.limits, self.budget.clone());
        Box::pin(async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            Ok(Some(Candidate::within(limits, &budget)?))
        })
    }
}
