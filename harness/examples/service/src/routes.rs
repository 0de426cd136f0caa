//! What clients see.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;

use super::startup::App;

impl App {
    /// All routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/users/{id}", get(user))
            .route("/readyz", get(ready))
            .route("/healthz", get(healthy))
            .with_state(self.clone())
    }
}

/// The name, from the cache where it is known there. What a half-built service would do is answer 500.
async fn user(State(app): State<App>, Path(id): Path<u64>) -> Result<String, StatusCode> {
    if !app.is_ready() {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let cache = app.cache().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    let database = app.database().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    // A cache that is away makes the service slower, not wrong.
    if let Ok(Some(name)) = cache.name(id).await {
        return Ok(name);
    }
    let found: Option<String> = sqlx::query_scalar("SELECT name FROM users WHERE id = $1")
        .bind(id.cast_signed())
        .fetch_optional(database)
        .await
        .map_err(|_| StatusCode::BAD_GATEWAY)?;
    let name = found.ok_or(StatusCode::NOT_FOUND)?;
    let _ = cache.remember(id, &name).await;
    Ok(name)
}

async fn ready(State(app): State<App>) -> StatusCode {
    if app.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

async fn healthy(State(app): State<App>) -> &'static str {
    if app.health().is_good() { "good" } else { "starting or degraded" }
}
