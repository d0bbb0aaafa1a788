//! Cookies in and out of the browser, so that a session can go on over plain HTTP and back.

use serde_json::{Value, json};

/// A cookie as the browser keeps it (RFC 6265 section 5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// Host that it is sent to; with a leading dot also to hosts below.
    pub domain: String,
    /// Path below which it is sent.
    pub path: String,
    /// Where it may go.
    pub reach: Reach,
    /// `SameSite` as the browser writes it; empty if not given.
    pub same_site: String,
    /// Seconds since 1970 when it ends; none at the end of the session.
    pub expires: Option<i64>,
}

/// `Secure` and `HttpOnly`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Only over TLS, or on loopback.
    pub secure: bool,
    /// Not to scripts.
    pub http_only: bool,
}

impl Cookie {
    /// As `Storage.setCookies` takes it.
    pub fn to_cdp(&self) -> Value {
        let mut cookie = json!({
            "name": self.name, "value": self.value, "path": self.path,
            "secure": self.reach.secure, "httpOnly": self.reach.http_only,
        });
        let scheme = if self.reach.secure { "https" } else { "http" };
        // A cookie for one host alone must come without a domain, but with an address.
        match self.domain.strip_prefix('.') {
            Some(_) => cookie["domain"] = json!(self.domain),
            None => cookie["url"] = json!(format!("{scheme}://{}{}", self.domain, self.path)),
        }
        if !self.same_site.is_empty() {
            cookie["sameSite"] = json!(self.same_site);
        }
        if let Some(expires) = self.expires {
            cookie["expires"] = json!(expires);
        }
        cookie
    }

    /// As `Storage.getCookies` gives it.
    pub fn from_cdp(cookie: &Value) -> Option<Self> {
        let text = |name: &str| cookie.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let is = |name: &str| cookie.get(name).and_then(Value::as_bool).unwrap_or_default();
        let expires = cookie.get("expires").and_then(Value::as_f64).filter(|at| *at > 0.0).map(|at| at as i64);
        Some(Self {
            name: cookie.get("name")?.as_str()?.to_owned(),
            value: text("value"),
            domain: text("domain"),
            path: text("path"),
            reach: Reach { secure: is("secure"), http_only: is("httpOnly") },
            same_site: text("sameSite"),
            expires,
        })
    }
}
