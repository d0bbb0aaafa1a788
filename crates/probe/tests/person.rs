//! The person's stand-in at a server that asks on three pages: over plain HTTP and in Chromium.

mod support;

use std::time::Duration;

use probe::http::jar::Cookie;
use probe::person::chromium::{Arrival, Order, Settings, Visited};
use probe::person::page::Method;
use probe::person::{Action, Browser, BrowserError, Credentials, Errand, Intent, Kind, Page, Selectors, Visit};
use support::{Request, page, see};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

const CALLBACK: &str = "https://client.example/cb";

/// Asks for the name, then the password, then consent. `/script/…` is the same as one page made by script.
fn server(request: &Request) -> String {
    let known = request.cookies.get("session").is_some_and(|value| value == "ada");
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/authorize") if known => see("/consent"),
        ("GET", "/authorize") => see("/name"),
        ("GET", "/name") => page(
            r#"<title>Who?</title><form method="post"><input type="hidden" name="t" value="1"><input name="login"><button>Next</button></form>"#,
        ),
        ("POST", "/name") if request.form.get("t").is_some_and(|t| t == "1") => {
            let name = request.form.get("login").cloned().unwrap_or_default();
            support::with(
                "303 See Other",
                &format!("set-cookie: name={name}; Path=/; HttpOnly\r\nlocation: /password\r\n"),
                "",
            )
        }
        ("GET", "/password") => page(PASSWORD),
        ("POST", "/password")
            if request.form.get("password").is_some_and(|p| p == "right")
                && request.cookies.get("name").is_some_and(|n| n == "ada") =>
        {
            support::with("303 See Other", "set-cookie: session=ada; Path=/; HttpOnly\r\nlocation: /consent\r\n", "")
        }
        ("POST", "/password") => page(&PASSWORD.replace("<form", "<p role=alert>That is not the password</p><form")),
        ("GET", "/consent") if known => page(CONSENT),
        ("POST", "/consent") => match request.form.get("decision").map(String::as_str) {
            Some("allow") => see(&format!("{CALLBACK}?code=c1#part")),
            Some("deny") => see("com.example.app:/cb?error=access_denied"),
            Some("post") => page(&format!(
                r#"<script>onload = () => document.forms[0].submit()</script><form method="post" action="{CALLBACK}"><input type="hidden" name="code" value="c 2"></form>"#
            )),
            _ => support::with("400 Bad Request", "", "nothing decided"),
        },
        ("GET", "/script") => page(SCRIPT),
        ("POST", "/script/api") if request.form.get("password").is_some_and(|p| p == "right") => {
            support::with("202 Accepted", &format!("x-to: {CALLBACK}?code=c3\r\n"), "")
        }
        ("POST", "/script/api") => support::with("401 Unauthorized", "", ""),
        _ => support::with("404 Not Found", "content-type: text/html\r\n", "<h1>Not found</h1>"),
    }
}

const PASSWORD: &str = r#"<title>Password</title><form method="post" action="/password"><input type="password" name="password"><button>Sign in</button></form>"#;
const CONSENT: &str = r#"<title>May it?</title><form method="post" action="/consent"><input type="checkbox" name="scope" value="mail" checked>
<button name="decision" value="deny">No</button><button name="decision" value="allow">Yes</button>
<button name="decision" value="post" id="by-post">By post</button></form>"#;
/// First the name, then the password, in one document.
const SCRIPT: &str = r#"<title>App</title><div id="app"></div><script>
setTimeout(() => { app.innerHTML = '<form><input type="email" name="email" required><span id="more"></span><button>Log in</button></form><div class="errMsg"></div>';
  const form = document.forms[0];
  form.onsubmit = async (event) => { event.preventDefault();
    if (!form.password) { more.innerHTML = '<input type="password" name="password">'; return; }
    const answer = await fetch('/script/api', { method: 'POST', body: new URLSearchParams({ email: form.email.value, password: form.password.value }) });
    if (answer.status === 202) location.replace(answer.headers.get('x-to')); else document.querySelector('.errMsg').textContent = 'Invalid credentials';
  }; }, 300);
</script>"#;

fn user(name: &str, password: &str) -> Credentials {
    Credentials { username: name.to_owned(), password: password.to_owned() }
}

fn callback() -> Vec<Url> {
    vec![Url::parse(CALLBACK).expect("a literal")]
}

/// A browser without script, as small as can be: follows redirects, keeps cookies. Says where it landed or why it is stuck.
async fn by_forms(start: &str, errand: Errand<'_>) -> Result<Url, String> {
    let mut visit = Visit::new(errand);
    let (mut url, mut body, mut cookies) =
        (Url::parse(start).expect("a literal"), None::<String>, Vec::<String>::new());
    for _ in 0..20 {
        if url.host_str() != Some("127.0.0.1") {
            return Ok(url);
        }
        let (method, sent) = body.take().map_or(("GET", String::new()), |body| ("POST", body));
        let (path, cookie, length) = (url.path(), cookies.join("; "), sent.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\ncontent-length: {length}\r\n\r\n{sent}"
        );
        let mut stream =
            TcpStream::connect(("127.0.0.1", url.port().expect("a port"))).await.expect("the server is up");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        let (head, html) = answer.split_once("\r\n\r\n").expect("an answer");
        cookies.extend(
            head.lines().filter_map(|line| Some(line.strip_prefix("set-cookie: ")?.split(';').next()?.to_owned())),
        );
        if let Some(location) = head.lines().find_map(|line| line.strip_prefix("location: ")) {
            url = url.join(location).expect("an address");
            continue;
        }
        let seen = Page::read(&url, 200, html);
        match visit.decide(&seen) {
            Action::Submit(press) => {
                let request = press.request(&seen)?;
                assert_eq!(request.method, Method::Post);
                (url, body) = (request.url, Some(request.body));
            }
            Action::Stuck(why) => return Err(why),
            other => return Err(format!("{other:?}")),
        }
    }
    Err("too long".to_owned())
}

#[tokio::test]
async fn three_pages_over_plain_http() {
    let home = support::serve(server).await;
    let (selectors, user, callbacks) = (Selectors::default(), user("ada", "right"), callback());
    let errand =
        Errand { selectors: &selectors, credentials: Some(&user), intent: Intent::Allow, callbacks: &callbacks };
    let start = format!("{home}/authorize");
    assert_eq!(by_forms(&start, errand).await.expect("landed").as_str(), "https://client.example/cb?code=c1#part");
    let denied = by_forms(&start, Errand { intent: Intent::Deny, ..errand }).await.expect("landed");
    assert_eq!(denied.as_str(), "com.example.app:/cb?error=access_denied");
    let wrong = self::user("ada", "wrong");
    let why = by_forms(&start, Errand { credentials: Some(&wrong), ..errand }).await.expect_err("stuck");
    assert!(why.contains("That is not the password"), "{why}");
    let why = by_forms(&format!("{home}/script"), errand).await.expect_err("stuck");
    assert!(why.contains("neither for signing in nor for consent"), "{why}");
}

/// A browser, or none: then the test says so and ends.
async fn browser() -> Option<Browser> {
    match Browser::start(&Settings::default()).await {
        Ok(browser) => Some(browser),
        Err(missing @ BrowserError::NotFound(_)) => {
            eprintln!("skipped: {missing}");
            None
        }
        Err(other) => panic!("{other}"),
    }
}

struct Way<'a> {
    path: &'a str,
    name: &'a str,
    password: &'a str,
    intent: Intent,
    selectors: Selectors,
    cookies: Vec<Cookie>,
}

impl Default for Way<'_> {
    fn default() -> Self {
        Self {
            path: "/authorize",
            name: "ada",
            password: "right",
            intent: Intent::Allow,
            selectors: Selectors::default(),
            cookies: Vec::new(),
        }
    }
}

async fn goes(browser: &mut Browser, home: &str, way: Way<'_>) -> Visited {
    let (user, callbacks) = (user(way.name, way.password), callback());
    let errand =
        Errand { selectors: &way.selectors, credentials: Some(&user), intent: way.intent, callbacks: &callbacks };
    let start = Url::parse(&format!("{home}{}", way.path)).expect("an address");
    let away = |to: &Url| to.origin() != start.origin();
    let order = Order {
        start: &start,
        loaded: None,
        errand,
        away: &away,
        cookies: &way.cookies,
        patience: Duration::from_secs(4),
    };
    browser.visit(&order).await.expect("the browser works")
}

fn landed(visited: &Visited) -> (&str, Option<&[(String, String)]>) {
    match &visited.arrival {
        Arrival::Landing { to, parameters } => (to.as_str(), parameters.as_deref()),
        other => panic!("{other:?}"),
    }
}

fn stuck(visited: &Visited) -> &str {
    match &visited.arrival {
        Arrival::Stuck(_, why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn three_pages_in_chromium() {
    let Some(mut browser) = browser().await else { return };
    let home = support::serve(server).await;
    let first = goes(&mut browser, &home, Way::default()).await;
    assert_eq!(landed(&first), ("https://client.example/cb?code=c1#part", None));
    assert!(
        first
            .exchanges
            .iter()
            .any(|exchange| exchange.request.contains("password=right") && exchange.response.contains("303"))
    );
    assert!(first.exchanges.iter().any(|exchange| exchange.response.contains("May it?")), "pages are recorded");
    assert!(
        !first.exchanges.iter().any(|exchange| exchange.request.contains("client.example")),
        "the client is never called"
    );

    let denied = goes(&mut browser, &home, Way { intent: Intent::Deny, ..Way::default() }).await;
    assert_eq!(landed(&denied).0, "com.example.app:/cb?error=access_denied");

    let session = first.cookies.clone();
    let again = goes(
        &mut browser,
        &home,
        Way { password: "not asked for", cookies: session, intent: Intent::Stop, ..Way::default() },
    )
    .await;
    assert!(
        matches!(&again.arrival, Arrival::Page(page, Kind::Consent) if page.title == "May it?"),
        "{:?}",
        again.arrival
    );
    let fresh = goes(&mut browser, &home, Way { intent: Intent::Anonymous, ..Way::default() }).await;
    assert!(
        matches!(&fresh.arrival, Arrival::Page(page, Kind::SignIn) if page.title == "Who?"),
        "visits share nothing"
    );

    let selectors = Selectors { allow: Some("#by-post".to_owned()), ..Selectors::default() };
    let posted = goes(&mut browser, &home, Way { selectors, ..Way::default() }).await;
    assert_eq!(landed(&posted), (CALLBACK, Some(&[("code".to_owned(), "c 2".to_owned())][..])));

    let wrong = goes(&mut browser, &home, Way { password: "wrong", ..Way::default() }).await;
    assert!(stuck(&wrong).contains("That is not the password"), "{}", stuck(&wrong));
    let lost = goes(&mut browser, &home, Way { path: "/nowhere", ..Way::default() }).await;
    assert!(stuck(&lost).contains("Not found") && stuck(&lost).contains("404"), "{}", stuck(&lost));
}

#[tokio::test]
async fn a_page_of_script_in_chromium() {
    let Some(mut browser) = browser().await else { return };
    let home = support::serve(server).await;
    let visited = goes(&mut browser, &home, Way { path: "/script", name: "ada@x.example", ..Way::default() }).await;
    assert_eq!(landed(&visited).0, "https://client.example/cb?code=c3");
    assert!(visited.exchanges.iter().any(|exchange| exchange.what.contains("call of a page's script")));
    let wrong =
        goes(&mut browser, &home, Way { path: "/script", name: "ada@x.example", password: "wrong", ..Way::default() })
            .await;
    assert!(stuck(&wrong).contains("Invalid credentials"), "{}", stuck(&wrong));
    let nameless = goes(&mut browser, &home, Way { path: "/script", ..Way::default() }).await;
    assert!(stuck(&nameless).contains("the browser refuses to send email"), "{}", stuck(&nameless));
    let down = goes(&mut browser, "http://127.0.0.1:1", Way::default()).await;
    assert!(stuck(&down).contains("could not load"), "{}", stuck(&down));
}

#[tokio::test]
async fn without_a_browser_it_is_said() {
    let settings = Settings { program: Some("/no/such/program".into()), ..Settings::default() };
    let why = Browser::start(&settings).await.expect_err("none").to_string();
    assert!(why.contains("no Chromium was found") && why.contains("/no/such/program"), "{why}");
    let settings = Settings { program: Some("/bin/false".into()), ..Settings::default() };
    let why = Browser::start(&settings).await.expect_err("none").to_string();
    assert!(why.contains("did not start: it ended with"), "{why}");
}

#[tokio::test]
async fn a_browser_leaves_nothing_behind() {
    let profiles = || std::fs::read_dir(std::env::temp_dir()).expect("a folder").flatten();
    let own = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("safeconduct-probe-");
    let Some(browser) = browser().await else { return };
    let profile = browser.profile().to_owned();
    assert!(profiles().any(|entry| own(&entry.file_name()) && entry.path() == profile));
    drop(browser);
    assert!(!profile.exists());
}
