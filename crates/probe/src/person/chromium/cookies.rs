//! Cookies in and out of the browser, so that a session can go on over plain HTTP and back.

use serde_json::{Value, json};

use crate::http::jar::Cookie;

/// As `Storage.setCookies` takes it.
pub fn to_cdp(cookie: &Cookie) -> Value {
    let mut given = json!({
        "name": cookie.name, "value": cookie.value, "path": cookie.path,
        "secure": cookie.secure, "httpOnly": cookie.http_only,
    });
    // A cookie for one host alone must come without a domain, but with an address.
    if cookie.wide {
        given["domain"] = json!(format!(".{}", cookie.domain));
    } else {
        let scheme = if cookie.secure { "https" } else { "http" };
        given["url"] = json!(format!("{scheme}://{}{}", cookie.domain, cookie.path));
    }
    let same_site = match cookie.same_site.as_deref() {
        Some("strict") => Some("Strict"),
        Some("lax") => Some("Lax"),
        // Without `Secure` the browser would not take it at all.
        Some("none") if cookie.secure => Some("None"),
        _ => None,
    };
    if let Some(same_site) = same_site {
        given["sameSite"] = json!(same_site);
    }
    given
}

/// As `Storage.getCookies` gives it.
pub fn from_cdp(cookie: &Value) -> Option<Cookie> {
    let text = |name: &str| cookie.get(name).and_then(Value::as_str).unwrap_or_default();
    let is = |name: &str| cookie.get(name).and_then(Value::as_bool).unwrap_or_default();
    let domain = text("domain");
    Some(Cookie {
        name: cookie.get("name")?.as_str()?.to_owned(),
        value: text("value").to_owned(),
        domain: domain.trim_start_matches('.').to_owned(),
        wide: domain.starts_with('.'),
        path: text("path").to_owned(),
        secure: is("secure"),
        http_only: is("httpOnly"),
        same_site: Some(text("sameSite").to_ascii_lowercase()).filter(|same_site| !same_site.is_empty()),
    })
}
