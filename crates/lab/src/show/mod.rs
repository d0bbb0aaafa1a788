//! The lab's pages: a list of the scenes, and each scene played on its own page.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /` | the list |
//! | `GET /scenes/{id}?off={run}&on={run}` | the scene, with the runs that are named |
//! | `POST /scenes/{id}/play` with `defence=off\|on\|both` | plays; a form is answered with the finished page |
//! | `GET /runs/{run}/events` | the run as it happens, as server-sent events |
//!
//! Pages need no script. With script a scene fills in while it is played.

mod edge;
mod live;
mod pages;
mod runs;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};

use crate::scenes::house::Houses;
use crate::{ConfigError, Surroundings, check_origin};
use runs::Runs;

/// What the pages need to know.
pub struct ShowConfig {
    /// Their own origin, without a trailing slash.
    pub origin: String,
    /// Where the scenes are played.
    pub houses: Houses,
    /// Time and randomness.
    pub surroundings: Surroundings,
}

struct Show {
    houses: Houses,
    runs: Runs,
}

/// The pages as a router.
pub fn router(config: ShowConfig) -> Result<Router, ConfigError> {
    check_origin("lab origin", &config.origin)?;
    let edge = Arc::new(edge::Edge::new(&config.origin));
    let show = Arc::new(Show { houses: config.houses, runs: Runs::new(config.surroundings) });
    Ok(Router::new()
        .route("/", get(pages::home))
        .route("/scenes/{id}", get(pages::scene))
        .route("/scenes/{id}/play", post(live::play))
        .route("/runs/{run}/events", get(live::events))
        .route(pages::STYLE_PATH, get(pages::style))
        .route(pages::SCRIPT_PATH, get(pages::script))
        .route("/lab.svg", get(pages::logo))
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(4 * 1024))
        .layer(middleware::from_fn_with_state(edge, edge::guard))
        .with_state(show))
}
