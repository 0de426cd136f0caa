//! The program: serves at once, and starts beside it; a probe sees when it is ready.

use std::io;

use example_service::config::Config;
use example_service::startup::App;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let address = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("listening on {}", listener.local_addr()?);
    let app = App::new(Config::from_environment());
    let stopped = {
        let app = app.clone();
        async move {
            tokio::select! {
                started = app.clone().start() => match started {
                    Ok(()) => {
                        println!("ready");
                        let _ = tokio::signal::ctrl_c().await;
                    }
                    Err(error) => eprintln!("{error}"),
                },
                _ = tokio::signal::ctrl_c() => {}
            }
            app.stop().await;
        }
    };
    let router = app.router();
    axum::serve(listener, router).with_graceful_shutdown(stopped).await?;
    // An orchestrator that sees the program end starts it anew.
    if app.fully_wired() { Ok(()) } else { Err(io::Error::other("the service did not start")) }
}
