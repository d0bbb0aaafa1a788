//! Pages and files that need nothing from the store.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::rules::Rule;

use crate::app::Shared;
use crate::call::Call;
use crate::front_channel::{host, locale, page};
use crate::pages::{Asset, Assets, Detail, ErrorView, HomeView, PageKind, PageProblem, RuleView};

/// GET /
pub async fn home(State(app): State<Shared>, call: Call) -> Response {
    let metadata = vec![
        app.policy.url("/.well-known/openid-configuration"),
        format!(
            "{}/.well-known/oauth-authorization-server{}",
            app.config.issuer.origin(),
            app.config.issuer.path().trim_end_matches('/')
        ),
    ];
    let view = HomeView { server_host: host(&app), issuer: app.policy.issuer.clone(), metadata };
    page(&app, PageKind::Home, StatusCode::OK, &[], view.render(locale(&app, &call, None)))
}

/// GET /errors/{rule}: what `error_uri` names.
pub async fn rule(State(app): State<Shared>, call: Call, Path(id): Path<String>) -> Response {
    // Rules that must not be told apart have one page.
    let Some(rule) = Rule::from_id(&id).map(Rule::published) else { return missing(&app, &call) };
    let view = RuleView {
        server_host: host(&app),
        rule: rule.id(),
        error: rule.code().as_str().to_owned(),
        parameter: Some(rule.parameter().to_owned()).filter(|name| !name.is_empty()),
        says: rule.says().to_owned(),
        why: rule.defends().first().map(|threat| threat.sentence().to_owned()).unwrap_or_default(),
        section: rule.section().to_owned(),
        section_uri: section_uri(rule.section()),
        fix: vec![rule.fix().to_owned()],
    };
    page(&app, PageKind::Rule, StatusCode::OK, &[], view.render(locale(&app, &call, None)))
}

/// `RFC 6749 section 4.1.2.1` as a link.
fn section_uri(section: &str) -> Option<String> {
    let rest = section.strip_prefix("RFC ")?;
    let (number, part) = rest.split_once(' ')?;
    let anchor = match part.split_once(' ')? {
        ("section", name) => format!("section-{name}"),
        ("appendix", name) => format!("appendix-{name}"),
        _ => return None,
    };
    Some(format!("https://www.rfc-editor.org/rfc/rfc{number}#{anchor}"))
}

/// GET /assets/{name}
pub async fn asset(State(app): State<Shared>, call: Call, Path(name): Path<String>) -> Response {
    let Some(asset) = Assets::get(&name) else { return missing(&app, &call) };
    let mut response = asset.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(Asset::CACHE_CONTROL));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Everything else.
pub async fn not_found(State(app): State<Shared>, call: Call) -> Response {
    missing(&app, &call)
}

fn missing(app: &Shared, call: &Call) -> Response {
    let locale = locale(app, call, None);
    let view = ErrorView {
        server_host: host(app),
        title: PageProblem::NotFound.title(locale),
        text: PageProblem::NotFound.text(locale),
        detail: Detail { rule: None, parameter: None, section: None, request_id: call.id.to_string() },
        back: None,
    };
    page(app, PageKind::Error, StatusCode::NOT_FOUND, &[], view.render(locale))
}
