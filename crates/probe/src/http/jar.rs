//! Cookies as a browser keeps them, as far as telling hosts and paths apart goes.

use url::{Host, Url};

/// One cookie, with the attributes it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// Host that set it, or its `Domain`.
    pub domain: String,
    /// Whether subdomains get it.
    pub wide: bool,
    /// Path below which it is sent.
    pub path: String,
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`.
    pub http_only: bool,
    /// `SameSite`, in lower case, if given.
    pub same_site: Option<String>,
}

/// The cookies of one browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Jar {
    cookies: Vec<Cookie>,
}

impl Jar {
    /// Takes in one `Set-Cookie` value that came from this URL.
    pub fn store(&mut self, from: &Url, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let host = from.host_str().unwrap_or_default().to_owned();
        let mut cookie = Cookie {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
            domain: host.clone(),
            wide: false,
            path: default_path(from),
            secure: false,
            http_only: false,
            same_site: None,
        };
        let mut gone = false;
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            match attribute.trim().to_ascii_lowercase().as_str() {
                "secure" => cookie.secure = true,
                "httponly" => cookie.http_only = true,
                "samesite" => cookie.same_site = Some(value.trim().to_ascii_lowercase()),
                "path" if value.trim().starts_with('/') => cookie.path = value.trim().to_owned(),
                "domain" if !value.trim().is_empty() => {
                    cookie.domain = value.trim().trim_start_matches('.').to_ascii_lowercase();
                    cookie.wide = true;
                }
                "max-age" => gone |= value.trim().parse::<i64>().is_ok_and(|age| age <= 0),
                "expires" => gone |= value.contains("1970"),
                _ => {}
            }
        }
        let insecure = from.scheme() != "https" && !is_loopback(from);
        if !reaches(&host, &cookie) || (cookie.secure && insecure) {
            return;
        }
        self.cookies.retain(|old| (&old.name, &old.domain, &old.path) != (&cookie.name, &cookie.domain, &cookie.path));
        if !gone {
            self.cookies.push(cookie);
        }
    }

    /// The `Cookie` header for a request to this URL, longest paths first.
    #[must_use]
    pub fn header(&self, to: &Url) -> Option<String> {
        let host = to.host_str().unwrap_or_default();
        let secure = to.scheme() == "https" || is_loopback(to);
        let mut sent: Vec<&Cookie> = self
            .cookies
            .iter()
            .filter(|cookie| reaches(host, cookie) && below(to.path(), &cookie.path) && (secure || !cookie.secure))
            .collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = sent.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// All cookies.
    #[must_use]
    pub fn cookies(&self) -> &[Cookie] {
        &self.cookies
    }

    /// Takes over what another browser of the same person knows.
    pub fn replace(&mut self, cookies: Vec<Cookie>) {
        self.cookies = cookies;
    }

    /// Puts a cookie in, as an attacker who can write cookies would.
    pub fn plant(&mut self, cookie: Cookie) {
        self.cookies.retain(|old| (&old.name, &old.domain, &old.path) != (&cookie.name, &cookie.domain, &cookie.path));
        self.cookies.push(cookie);
    }
}

/// Whether the URL names this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn reaches(host: &str, cookie: &Cookie) -> bool {
    host == cookie.domain || (cookie.wide && host.strip_suffix(&cookie.domain).is_some_and(|rest| rest.ends_with('.')))
}

fn below(path: &str, root: &str) -> bool {
    path == root || path.strip_prefix(root).is_some_and(|rest| root.ends_with('/') || rest.starts_with('/'))
}

fn default_path(from: &Url) -> String {
    match from.path().rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => from.path()[..end].to_owned(),
    }
}
