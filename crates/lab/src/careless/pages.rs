//! The careless robot's pages. Text is escaped, because the attacks of the lab are not about script in pages.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderName, StatusCode, header};

use super::KnownServer;

#[derive(Template)]
#[template(path = "careless.html")]
struct Page<'a> {
    heading: &'a str,
    servers: &'a [KnownServer],
    banner: Option<&'a str>,
    next: Option<&'a str>,
    token: Option<&'a str>,
    subjects: &'a [String],
}

const EMPTY: Page<'_> = Page { heading: "", servers: &[], banner: None, next: None, token: None, subjects: &[] };

fn respond(status: StatusCode, page: &Page<'_>) -> Response {
    match page.render() {
        // The referrer's policy is the robot's own doing: browsers by themselves would keep the query to its own site.
        Ok(html) => {
            (status, [(header::REFERRER_POLICY, "unsafe-url"), (header::CACHE_CONTROL, "max-age=60")], Html(html))
                .into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

pub(super) fn home(servers: &[KnownServer]) -> Response {
    respond(StatusCode::OK, &Page { heading: "A robot that reads your mail", servers, ..EMPTY })
}

pub(super) fn moment(banner: &str, next: &str) -> Response {
    respond(StatusCode::OK, &Page { heading: "One moment", banner: Some(banner), next: Some(next), ..EMPTY })
}

pub(super) fn inbox(token: &str, subjects: &[String]) -> Response {
    respond(StatusCode::OK, &Page { heading: "Your mail", token: Some(token), subjects, ..EMPTY })
}

pub(super) fn problem(status: StatusCode, why: &str) -> Response {
    let mut response = respond(status, &Page { heading: why, ..EMPTY });
    response.headers_mut().remove(HeaderName::from_static("cache-control"));
    response
}
