//! Somebody's browser: cookies per origin, redirects with their fragments, pictures with their referrers, forms. It runs no
//! script, but one: see [`Browser::run_script`].

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use client::Transport;
use http::{HeaderMap, Request, StatusCode, header};
use url::Url;

use super::record::{between, refusal};
use crate::Wire;

/// Redirects and reloads in a row, at most.
const MAX_HOPS: usize = 12;

/// A browser. Real ones keep cookies by host, whatever the port; here each origin is a site of its own, because they all
/// share one address of this machine.
pub struct Browser {
    wire: Wire,
    cookies: HashMap<String, Vec<(String, String)>>,
    held: Option<String>,
}

/// What the browser shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address bar, fragment included.
    pub url: Url,
    /// The status of the answer.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

/// A form of a page, ready to be sent.
#[derive(Clone, Debug, Default)]
pub struct Form {
    action: String,
    is_post: bool,
    /// Names and values.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Fills in a field.
    pub fn fill(mut self, name: &str, value: &str) -> Form {
        self.fields.retain(|(have, _)| have != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Page {
    /// A parameter of the address.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(have, _)| have == name).map(|(_, value)| value.into_owned())
    }

    /// The page's heading.
    pub fn heading(&self) -> String {
        between(&self.body, "<h1", "</h1>").unwrap_or_else(|| self.status.to_string())
    }

    /// What went wrong, if the page says so: by its status, or in the notice of the careful robot's pages.
    pub fn problem(&self) -> Option<String> {
        let notice = between(&self.body, "<p class=\"notice bad", "</p>");
        notice.or_else(|| refusal(self.status, self.body.as_bytes()))
    }

    /// The first form with that path.
    pub fn form(&self, path: &str) -> Result<Form> {
        for (open, rest) in tags(&self.body, "form") {
            let action = attribute(open, "action").unwrap_or_default();
            if action.split('?').next() != Some(path) {
                continue;
            }
            let inner = rest.split("</form>").next().unwrap_or_default();
            let fields = tags(inner, "input")
                .filter(|(tag, _)| !is_left_out(tag))
                .filter_map(|(tag, _)| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())));
            let is_post = attribute(open, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
            return Ok(Form { action, is_post, fields: fields.collect() });
        }
        bail!("“{}” at {} has no form for {path}", self.heading(), self.url.path())
    }

    fn referrer(&self, target: &Url) -> Option<String> {
        let named = self.headers.get(header::REFERRER_POLICY).and_then(|value| value.to_str().ok());
        let is_same = self.url.origin() == target.origin();
        match named.unwrap_or_default() {
            "no-referrer" => None,
            policy if policy == "unsafe-url" || is_same => {
                let mut url = self.url.clone();
                url.set_fragment(None);
                Some(url.to_string())
            }
            _ => Some(format!("{}/", self.url.origin().ascii_serialization())),
        }
    }
}

impl Browser {
    /// A fresh one.
    pub fn over(wire: Wire) -> Browser {
        Browser { wire, cookies: HashMap::new(), held: None }
    }

    /// From now on it stops before it goes to an address that begins like this, with that address in its bar: whoever
    /// holds the browser looks at it first. Let go with an empty text.
    pub fn hold(&mut self, prefix: &str) {
        self.held = Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty());
    }

    /// Goes there, and wherever it is sent on to.
    pub async fn open(&mut self, url: &str) -> Result<Page> {
        let url = Url::parse(url).with_context(|| format!("not an address: {url}"))?;
        let page = self.fetch(&url, None, "navigate").await?;
        self.follow(page).await
    }

    /// Sends a form that stands on no page, as programs do; goes wherever it is sent on to.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Result<Page> {
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let page = self.fetch(&Url::parse(url)?, Some((None, encoded)), "cors").await?;
        self.follow(page).await
    }

    /// Sends a form of the page.
    pub async fn send(&mut self, page: &Page, form: Form) -> Result<Page> {
        let mut target = page.url.join(&form.action)?;
        target.set_fragment(None);
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
        let answer = if form.is_post {
            self.fetch(&target, Some((Some(page), encoded)), "navigate").await?
        } else {
            target.set_query(Some(&encoded));
            self.fetch(&target, None, "navigate").await?
        };
        self.follow(answer).await
    }

    /// The one script that this browser knows: a page with `data-send-fragment="PATH"` posts its fragment there, as the
    /// script in that page says.
    pub async fn run_script(&mut self, page: &Page) -> Result<()> {
        let (Some(path), Some(fragment)) = (attribute(&page.body, "data-send-fragment"), page.url.fragment()) else {
            return Ok(());
        };
        let target = page.url.join(&path)?;
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(parsed(fragment)).finish();
        self.fetch(&target, Some((Some(page), encoded)), "cors").await.map(|_| ())
    }

    async fn follow(&mut self, mut page: Page) -> Result<Page> {
        for _ in 0..MAX_HOPS {
            let next = if page.status.is_redirection() {
                Some(redirected(&page)?)
            } else {
                self.pictures(&page).await?;
                refresh(&page)
            };
            let Some(target) = next else { return Ok(page) };
            if self.held.as_ref().is_some_and(|prefix| target.as_str().starts_with(prefix)) {
                page.url = target;
                return Ok(page);
            }
            page = self.fetch(&target, None, "navigate").await?;
        }
        bail!("sent on too often, at last to {}", page.url.path())
    }

    /// Loads the pictures, as browsers do, before anything else happens.
    async fn pictures(&mut self, page: &Page) -> Result<()> {
        let sources: Vec<String> = tags(&page.body, "img").filter_map(|(tag, _)| attribute(tag, "src")).collect();
        for source in sources {
            let target = page.url.join(&source)?;
            // The house's own pictures tell nothing, and nothing is told by them.
            if target.origin() == page.url.origin() {
                continue;
            }
            let mut request = self.request(http::Method::GET, &target, "no-cors");
            if let Some(referrer) = page.referrer(&target) {
                request = request.header(header::REFERER, referrer);
            }
            self.wire.send(request.body(Bytes::new())?).await?;
        }
        Ok(())
    }

    fn request(&self, method: http::Method, target: &Url, mode: &str) -> http::request::Builder {
        let mut address = target.clone();
        address.set_fragment(None);
        let mut request = Request::builder()
            .method(method)
            .uri(address.as_str())
            .header(header::USER_AGENT, "Mozilla/5.0 (lab) Gecko/20100101 Firefox/140.0")
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_LANGUAGE, "en")
            .header("sec-fetch-mode", mode);
        if let Some(jar) = self.cookies.get(&target.origin().ascii_serialization()) {
            let pairs: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        request
    }

    async fn fetch(&mut self, target: &Url, form: Option<(Option<&Page>, String)>, mode: &str) -> Result<Page> {
        let method = if form.is_some() { http::Method::POST } else { http::Method::GET };
        let mut request = self.request(method, target, mode);
        let body = match form {
            Some((page, encoded)) => {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                if let Some(page) = page {
                    let is_same = page.url.origin() == target.origin();
                    request = request
                        .header(header::ORIGIN, page.url.origin().ascii_serialization())
                        .header("sec-fetch-site", if is_same { "same-origin" } else { "cross-site" });
                }
                Bytes::from(encoded)
            }
            None => Bytes::new(),
        };
        let answer = self.wire.send(request.body(body)?).await?;
        let (head, body) = answer.into_parts();
        let jar = self.cookies.entry(target.origin().ascii_serialization()).or_default();
        for cookie in head.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let pair = cookie.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else { continue };
            jar.retain(|(have, _)| have != name);
            jar.push((name.to_owned(), value.to_owned()));
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Page { url: target.clone(), status: head.status, headers: head.headers, body })
    }
}

fn redirected(page: &Page) -> Result<Url> {
    let location = page.headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let mut target = page.url.join(location.context("a redirect without an address")?)?;
    // A new address without a fragment inherits the old one (RFC 9110 section 10.2.2).
    if target.fragment().is_none() {
        target.set_fragment(page.url.fragment());
    }
    Ok(target)
}

fn parsed(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Where `<meta http-equiv="refresh">` leads.
fn refresh(page: &Page) -> Option<Url> {
    let mut metas = tags(&page.body, "meta");
    let (tag, _) = metas.find(|(tag, _)| attribute(tag, "http-equiv").as_deref() == Some("refresh"))?;
    let content = attribute(tag, "content")?;
    page.url.join(content.split_once("url=")?.1).ok()
}

/// A box that is not ticked, and a field that is switched off, are not sent.
fn is_left_out(tag: &str) -> bool {
    let has = |word: &str| tag.split_whitespace().any(|part| part.trim_end_matches('/') == word);
    has("disabled") || attribute(tag, "type").as_deref() == Some("checkbox") && !has("checked")
}

/// The tags of that name, and what follows each.
fn tags<'a>(html: &'a str, name: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let open = format!("<{name} ");
    let starts: Vec<usize> = html.match_indices(&open).map(|(at, _)| at).collect();
    starts.into_iter().filter_map(move |at| html[at..].split_once('>'))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescape(rest.split('"').next()?))
}

pub(super) fn unescape(text: &str) -> String {
    let named = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&#60;", "<"),
        ("&gt;", ">"),
        ("&#62;", ">"),
    ];
    let text = named.iter().fold(text.to_owned(), |text, (name, character)| text.replace(name, character));
    text.replace("&#38;", "&").replace("&amp;", "&")
}
