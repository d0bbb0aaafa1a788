//! The response headers of each kind of page.

use http::header::{self, HeaderName, HeaderValue};
use url::{Host, Url};

/// What a page is, as far as its headers care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// [`super::ConsentView`].
    Consent,
    /// [`super::ErrorView`].
    Error,
    /// [`super::FormPostView`]: the only page with a script.
    FormPost,
    /// [`super::HomeView`].
    Home,
    /// [`super::ReturnErrorView`].
    ReturnError,
    /// [`super::RuleView`].
    Rule,
    /// [`super::SignInView`].
    SignIn,
}

/// How browsers reach this server, from the scheme of its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Plain http on loopback.
    Http,
    /// https.
    Https,
}

/// The headers for a page, besides `Content-Type` (`text/html; charset=utf-8`). Insert them, so that each stands once.
///
/// `form_action_targets` are sources from [`form_action_source`]: where a form's answer may lead the browser.
/// Chromium holds every redirect after a POST against `form-action` too, so the sign-in and consent pages name the
/// app's redirect URI; without it the person presses Allow and nothing happens. The same goes for an app whose
/// callback redirects to another origin at once: name that origin (the one of `client_uri`, say) as well. A page that
/// posts to the app itself (`FormPost`, `ReturnError`) may post nowhere else.
///
/// With `no-referrer` a browser sends `Origin: null` when our own form is posted: whoever checks the sender of a form
/// must go by `Sec-Fetch-Site` and the form's token, and take `null` for "not said".
pub fn security_headers(
    kind: PageKind,
    transport: Transport,
    form_action_targets: &[String],
) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![
        (header::CONTENT_SECURITY_POLICY, content_security_policy(kind, form_action_targets)),
        // defends: clickjacking  For browsers that do not read frame-ancestors; both say the same.
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        // defends: credential-leak-via-referrer  Addresses of pages hold the request's id, and in errors more.
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        // defends: token-response-cached  Pages carry form tokens and names, and follow a password.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
        // defends: form-post-injection  Text of others stays what the Content-Type says.
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // defends: postmessage-leak  decision: same-origin, also for pages in a popup. Whoever opened the window
        // loses the handle to it, so no site can navigate it between two clicks, count its frames or wait for it to
        // close, nor be posted anything. The price: an app that signs in with a popup cannot use window.opener on its
        // callback page. A BroadcastChannel does the same between pages of one origin, without a handle that
        // strangers can have too.
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS)),
    ];
    if transport == Transport::Https {
        // Two years. Not includeSubDomains: hosts below this one belong to others' decisions.
        headers.push((header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000")));
    }
    headers
}

/// Nothing on these pages needs a device; `publickey-credentials-get` stays at its default, which is this origin only.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

fn content_security_policy(kind: PageKind, targets: &[String]) -> HeaderValue {
    // defends: consent-page-injection  Whatever slips through a template loads and runs nothing.
    let script = match kind {
        PageKind::FormPost => "'self'",
        _ => "'none'",
    };
    let mut actions: Vec<&str> = match kind {
        PageKind::Consent | PageKind::SignIn => vec!["'self'"],
        _ => Vec::new(),
    };
    let known = targets.iter().map(String::as_str).filter(|target| is_source(target));
    for target in known {
        if !actions.contains(&target) {
            actions.push(target);
        }
    }
    if actions.is_empty() {
        actions.push("'none'");
    }
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src {script}; form-action {}; \
         frame-ancestors 'none'; base-uri 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        actions.join(" ")
    );
    // Only sources of plain characters got in, so this cannot fail; if it did, the page would be inert rather than
    // open.
    HeaderValue::from_str(&policy)
        .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"))
}

/// The source that lets a form lead to this redirect URI: `https://host[:port]` or `scheme:`. Where a URI has none
/// that is both safe and narrow, `'self'`, which adds nothing.
pub fn form_action_source(redirect_uri: &str) -> String {
    // defends: form-post-injection  A redirect URI is text of others: a `;` or a space in it must not write policy.
    let source = Url::parse(redirect_uri).ok().and_then(|url| match (url.scheme(), url.host()) {
        // Chromium ignores a source with an IPv6 literal, so the port has to be narrow enough.
        ("http", Some(Host::Ipv6(address))) if address.is_loopback() => {
            Some(format!("http://*:{}", url.port_or_known_default()?))
        }
        ("https" | "http", Some(_)) => Some(url.origin().ascii_serialization()),
        (scheme, _) => scheme.contains('.').then(|| format!("{scheme}:")),
    });
    source.filter(|source| is_source(source)).unwrap_or_else(|| "'self'".to_owned())
}

/// An origin or a scheme of plain characters: no wildcard but a host's beside a port, no second source or directive.
fn is_source(source: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    match source.split_once(':') {
        _ if source == "'self'" => true,
        Some((scheme, "")) => {
            scheme.contains('.') && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.+".contains(&byte))
        }
        Some(("https" | "http", rest)) => rest.strip_prefix("//").is_some_and(|rest| match rest.split_once(':') {
            Some((host, port)) => (plain(host) || host == "*") && port.parse::<u16>().is_ok(),
            None => plain(rest),
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_post_injection_redirect_uris_cannot_write_policy() {
        for (uri, source) in [
            ("https://robot.example/cb?a=b", "https://robot.example"),
            ("https://robot.example:8443/cb", "https://robot.example:8443"),
            ("http://127.0.0.1:9000/cb", "http://127.0.0.1:9000"),
            ("http://[::1]:9000/cb", "http://*:9000"),
            ("http://[2001:db8::1]/cb", "'self'"),
            ("com.example.mail:/cb", "com.example.mail:"),
            ("https://a;script-src *;.example/", "'self'"),
            ("https://a,b.example/", "'self'"),
            ("https://*.example/", "'self'"),
            ("https://a b.example/", "'self'"),
            ("https://'none'/", "'self'"),
            ("javascript:alert(1)", "'self'"),
            ("data:text/html,x", "'self'"),
            ("not a uri", "'self'"),
            ("", "'self'"),
        ] {
            assert_eq!(form_action_source(uri), source, "{uri}");
        }
    }

    #[test]
    fn form_post_injection_foreign_sources_are_dropped() {
        let hostile = [
            "*",
            "https:",
            "http://a b",
            "https://a;x",
            "'unsafe-inline'",
            "https://a:99999",
            "https://*",
            "https://*.a:1",
            "https://a/b",
            "\n",
            "",
        ];
        let targets: Vec<String> = hostile.map(str::to_owned).to_vec();
        let policy = content_security_policy(PageKind::SignIn, &targets);
        assert!(policy.to_str().is_ok_and(|policy| policy.contains("; form-action 'self'; ")), "{policy:?}");
    }
}
