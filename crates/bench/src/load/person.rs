//! A person signs in and allows the web client everything, by the pages.

use anyhow::{Context as _, Result, ensure};

use super::http::{self, Answer, Connection};
use super::script;
use crate::setup::{REDIRECT_URI, Setup};

/// All that the web client asks for in any workload: what is allowed once is remembered.
const SCOPE: &str = "openid mail:read notes:read";

/// Cookies of the same length as real ones.
pub const NO_COOKIES: &str = "cookie: __Host-browser=sc_br.0000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; __Host-session=sc_ss.0000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n";

/// The cookies of the session, as a header line.
pub async fn sign_in(connection: &mut Connection, setup: &Setup) -> Result<String> {
    let verifier = "A".repeat(43);
    let mut browser = Browser { connection, setup, cookies: Vec::new() };
    let sign_in = browser.go(&script::target(setup, SCOPE, &verifier)).await?;
    let (request, csrf) = browser.page(&sign_in).await?;
    let fields = [
        ("request", request.as_str()),
        ("csrf", &csrf),
        ("username", &setup.person.name),
        ("password", &setup.person.secret),
    ];
    let consent = browser.submit("/sign-in", &fields).await?;
    if consent.starts_with(REDIRECT_URI) {
        // Allowed in an earlier round.
        return Ok(browser.cookie_header());
    }
    let (request, csrf) = browser.page(&consent).await?;
    let mut fields = vec![("request", request.as_str()), ("csrf", &csrf), ("decision", "allow")];
    fields.extend(SCOPE.split(' ').map(|scope| ("scope", scope)));
    let back = browser.submit("/consent", &fields).await?;
    ensure!(back.contains("code="), "no code after consent: {back}");
    Ok(browser.cookie_header())
}

struct Browser<'a> {
    connection: &'a mut Connection,
    setup: &'a Setup,
    cookies: Vec<String>,
}

impl Browser<'_> {
    fn cookie_header(&self) -> String {
        if self.cookies.is_empty() { String::new() } else { format!("cookie: {}\r\n", self.cookies.join("; ")) }
    }

    async fn exchange(&mut self, request: &str) -> Result<Answer<'_>> {
        let answer = self.connection.exchange(request.as_bytes()).await?;
        for line in answer.head.lines() {
            if let Some(cookie) = line.strip_prefix("set-cookie: ") {
                self.cookies.extend(cookie.split(';').next().map(str::to_owned));
            }
        }
        Ok(answer)
    }

    /// Opens a page that leads on; answers where to, as a path.
    async fn go(&mut self, path: &str) -> Result<String> {
        let request = http::get(self.setup.address, path, &self.cookie_header());
        redirect(&self.exchange(&request).await?)
    }

    /// Opens a page with a form; answers its `request` and `csrf`.
    async fn page(&mut self, path: &str) -> Result<(String, String)> {
        let request = http::get(self.setup.address, path, &self.cookie_header());
        let answer = self.exchange(&request).await?;
        let hidden = |name: &str| {
            let (_, rest) = answer.body.split_once(&format!("type=\"hidden\" name=\"{name}\" value=\""))?;
            rest.split('"').next().map(str::to_owned)
        };
        let both = hidden("request").zip(hidden("csrf"));
        both.with_context(|| format!("no form at {path}: {}{}", answer.head, answer.body))
    }

    async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<String> {
        let request = http::post(self.setup.address, path, &self.cookie_header(), &http::form(fields));
        redirect(&self.exchange(&request).await?)
    }
}

/// Where an answer leads: a path of ours, or the client's address.
fn redirect(answer: &Answer) -> Result<String> {
    let location = answer.header("location").filter(|_| answer.status == 303);
    let location = location.with_context(|| format!("no redirect: {}{}", answer.head, answer.body))?;
    let own = location.strip_prefix("http://").and_then(|rest| rest.find('/').map(|slash| &rest[slash..]));
    Ok(own.unwrap_or(location).to_owned())
}
