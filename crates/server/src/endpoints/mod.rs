//! The endpoints. Each is four moves: load, decide, commit, render; what is decided is decided in `protocol`.

mod authorize;
mod consent;
mod discovery;
mod introspect;
mod revoke;
mod sign_in;
mod statics;
mod token;
mod userinfo;

use axum::Router;
use axum::routing::{get, post};

use crate::app::Shared;
use crate::cors::preflight;

/// Every path of the server, below the issuer's own path.
pub fn router(app: Shared) -> Router {
    let routes = Router::new()
        .route("/token", post(token::token).options(preflight).fallback(token::not_post))
        .route("/introspect", post(introspect::introspect).fallback(token::not_post))
        .route("/revoke", post(revoke::revoke).options(preflight).fallback(token::not_post))
        .route("/userinfo", get(userinfo::get).post(userinfo::post).options(preflight))
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/consent", get(consent::show).post(consent::submit))
        .route("/jwks", get(discovery::jwks))
        .route("/.well-known/openid-configuration", get(discovery::metadata))
        .route("/errors/{rule}", get(statics::rule))
        .route("/assets/{name}", get(statics::asset))
        .route("/", get(statics::home));
    let base = app.config.issuer.path().trim_end_matches('/').to_owned();
    let well_known = format!("/.well-known/oauth-authorization-server{base}");
    let below = if base.is_empty() { routes } else { Router::new().nest(&base, routes) };
    below.route(&well_known, get(discovery::metadata)).fallback(statics::not_found).with_state(app)
}
