//! The headers of every kind of page, word for word: whoever changes one sees what it defends.

use std::collections::BTreeMap;

use server::pages::*;

const KINDS: [PageKind; 7] = [
    PageKind::Consent,
    PageKind::Error,
    PageKind::FormPost,
    PageKind::Home,
    PageKind::ReturnError,
    PageKind::Rule,
    PageKind::SignIn,
];

fn headers(kind: PageKind, targets: &[&str]) -> BTreeMap<String, String> {
    let targets: Vec<String> = targets.iter().map(|uri| form_action_source(uri)).collect();
    let headers = security_headers(kind, Transport::Https, &targets);
    let count = headers.len();
    let map: BTreeMap<_, _> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    assert_eq!(map.len(), count, "each header once");
    map
}

#[test]
fn clickjacking_no_page_can_be_framed() {
    for kind in KINDS {
        let headers = headers(kind, &[]);
        assert_eq!(headers["x-frame-options"], "DENY", "{kind:?}");
        assert!(headers["content-security-policy"].contains("; frame-ancestors 'none'; "), "{kind:?}");
    }
}

#[test]
fn clickjacking_allow_is_deaf_to_the_second_of_two_quick_clicks() {
    let url = Assets::url("style.css");
    let css = Assets::get(url.trim_start_matches("/assets/"))
        .map(|asset| String::from_utf8_lossy(asset.bytes))
        .unwrap_or_default();
    assert!(
        css.contains(".armed { animation: arm .6s step-end; }")
            && css.contains("@keyframes arm { from { pointer-events: none; } }")
    );
}

#[test]
fn credential_leak_via_referrer_no_page_sends_one() {
    for kind in KINDS {
        assert_eq!(headers(kind, &[])["referrer-policy"], "no-referrer", "{kind:?}");
    }
}

#[test]
fn token_response_cached_no_page_is_kept() {
    for kind in KINDS {
        let headers = headers(kind, &[]);
        assert_eq!(
            (headers["cache-control"].as_str(), headers["pragma"].as_str()),
            ("no-store", "no-cache"),
            "{kind:?}"
        );
    }
}

#[test]
fn postmessage_leak_no_opener_keeps_a_handle() {
    for kind in KINDS {
        assert_eq!(headers(kind, &[])["cross-origin-opener-policy"], "same-origin", "{kind:?}");
    }
}

#[test]
fn consent_page_injection_policies_word_for_word() {
    let uri = ["https://robot.example/cb"];
    let policy = |script: &str, action: &str| {
        format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src {script}; form-action {action}; frame-ancestors 'none'; \
             base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )
    };
    for (kind, targets, script, action) in [
        (PageKind::SignIn, &uri[..], "'none'", "'self' https://robot.example"),
        (PageKind::SignIn, &[], "'none'", "'self'"),
        (PageKind::Consent, &["com.example.mail:/cb"], "'none'", "'self' com.example.mail:"),
        (PageKind::FormPost, &uri, "'self'", "https://robot.example"),
        (PageKind::ReturnError, &uri, "'none'", "https://robot.example"),
        (PageKind::Error, &[], "'none'", "'none'"),
        (PageKind::Rule, &[], "'none'", "'none'"),
        (PageKind::Home, &[], "'none'", "'none'"),
    ] {
        assert_eq!(headers(kind, targets)["content-security-policy"], policy(script, action), "{kind:?}");
    }
}

#[test]
fn form_post_injection_nothing_is_sniffed() {
    for kind in KINDS {
        assert_eq!(headers(kind, &[])["x-content-type-options"], "nosniff", "{kind:?}");
    }
}

#[test]
fn the_rest_word_for_word() {
    for kind in KINDS {
        let headers = headers(kind, &[]);
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
        assert_eq!(
            headers["permissions-policy"],
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
        );
        assert_eq!(headers["strict-transport-security"], "max-age=63072000");
        assert_eq!(headers.len(), 10, "{kind:?}");
    }
    let plain = security_headers(PageKind::Home, Transport::Http, &[]);
    assert!(plain.iter().all(|(name, _)| name != "strict-transport-security"));
}
