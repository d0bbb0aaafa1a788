//! What the browser may fetch, where it was stopped, and what went over the wire.

use std::collections::HashSet;

use data_encoding::BASE64;
use serde_json::{Value, json};
use url::Url;

use super::cdp::Cdp;
use super::{Arrival, BrowserError, Order};
use crate::exchange::Exchange;
use crate::http::Answer;

/// So much of a body is kept, in bytes.
const MOST_BODY: usize = 64 * 1024;
/// So many exchanges are kept.
const MOST_EXCHANGES: usize = 200;

/// The network as one visit sees it.
#[derive(Debug, Default)]
pub struct Network {
    /// Where the browser was stopped.
    pub landed: Option<Arrival>,
    /// Pages and calls of script.
    pub exchanges: Vec<Exchange>,
    /// The last page's answer or redirect.
    pub answer: Answer,
    /// The first page was given to the browser.
    given: bool,
    /// Why the last page could not be had.
    pub failure: Option<String>,
    /// Requests without an answer yet.
    pub waiting: HashSet<String>,
}

impl Network {
    /// What is to be stopped: every request, and the answers of pages and scripts' calls, to read and to see redirects.
    pub fn patterns() -> Value {
        let answers = |kind: &str| json!({ "urlPattern": "*", "resourceType": kind, "requestStage": "Response" });
        json!({ "patterns": [
            { "urlPattern": "*", "requestStage": "Request" }, answers("Document"), answers("XHR"), answers("Fetch"),
        ] })
    }

    /// Takes note of what began and ended.
    pub fn note(&mut self, method: &str, params: &Value) {
        let id = params["requestId"].as_str().unwrap_or_default();
        match method {
            "Network.requestWillBeSent"
                if params["request"]["url"].as_str().is_some_and(|url| url.starts_with("http")) =>
            {
                self.waiting.insert(id.to_owned());
            }
            "Network.loadingFinished" | "Network.loadingFailed" => {
                self.waiting.remove(id);
            }
            _ => {}
        }
    }

    /// A request or an answer was stopped: lets it pass, or not.
    pub async fn paused(
        &mut self,
        cdp: &mut Cdp,
        tab: &Tab,
        order: &Order<'_>,
        params: &Value,
    ) -> Result<(), BrowserError> {
        let id = json!(params["requestId"]);
        let main = params["resourceType"] == "Document" && params["frameId"] == tab.target.as_str();
        let answered = params.get("responseStatusCode").is_some() || params.get("responseErrorReason").is_some();
        if let (Some(answer), true, false) = (order.loaded, main && !answered, self.given) {
            self.given = true;
            self.answer = answer.clone();
            return cdp.post(&tab.session, "Fetch.fulfillRequest", fulfilled(id, answer)).await.map(drop);
        }
        let refuse = if answered {
            self.record(cdp, tab, params, main).await?;
            main && self.leaves(order, params)
        } else {
            self.leads_away(order, params, main)
        };
        let (method, params) = match refuse {
            true => ("Fetch.failRequest", json!({ "requestId": id, "errorReason": "Aborted" })),
            false => ("Fetch.continueRequest", json!({ "requestId": id })),
        };
        cdp.post(&tab.session, method, params).await.map(drop)
    }

    /// The page itself wants to go to this address, without a request: other schemes.
    pub fn requested(&mut self, order: &Order<'_>, to: &str) {
        if let Ok(to) = Url::parse(to)
            && !matches!(to.scheme(), "http" | "https")
            && leaves_network(&to)
            && (order.away)(&to)
        {
            self.land(to, None);
        }
    }

    /// A request to elsewhere: a page's own is where it has landed, all others just are not made.
    fn leads_away(&mut self, order: &Order<'_>, params: &Value, main: bool) -> bool {
        let request = &params["request"];
        let fragment = request["urlFragment"].as_str().unwrap_or_default();
        let to = Url::parse(&format!("{}{fragment}", request["url"].as_str().unwrap_or_default()));
        match to {
            Ok(to) if leaves_network(&to) && (order.away)(&to) => {
                if main {
                    let posted = (request["method"] == "POST").then(|| body(request));
                    self.land(to, posted.map(|body| form_urlencoded::parse(body.as_bytes()).into_owned().collect()));
                }
                true
            }
            _ => false,
        }
    }

    /// An answer that redirects elsewhere. Read here, as the next request would have lost the fragment, and as there is
    /// none for other schemes.
    fn leaves(&mut self, order: &Order<'_>, params: &Value) -> bool {
        let status = params["responseStatusCode"].as_u64().unwrap_or_default();
        let from = params["request"]["url"].as_str().and_then(|url| Url::parse(url).ok());
        let location =
            headers(&params["responseHeaders"]).into_iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
        match (status, from.zip(location)) {
            (300..400, Some((from, (_, location)))) => match from.join(&location) {
                Ok(to) if (order.away)(&to) => {
                    self.land(to, None);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn land(&mut self, to: Url, parameters: Option<Vec<(String, String)>>) {
        self.landed.get_or_insert(Arrival::Landing { to, parameters });
    }

    async fn record(&mut self, cdp: &mut Cdp, tab: &Tab, params: &Value, main: bool) -> Result<(), BrowserError> {
        let status =
            params["responseStatusCode"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
        let failure = params["responseErrorReason"].as_str().map(str::to_owned);
        let full = matches!(status, 200..300 | 400..) && self.exchanges.len() < MOST_EXCHANGES;
        let body = if full { response_body(cdp, tab, params).await? } else { String::new() };
        let headers = headers(&params["responseHeaders"]);
        let mut response = String::new();
        if status > 0 {
            let reason = params["responseStatusText"].as_str().unwrap_or_default();
            response = format!("HTTP/1.1 {status} {reason}\r\n{}\r\n{body}", lines(&headers));
        }
        if main {
            self.answer = Answer { status, headers, body: body.into_bytes() };
            self.failure.clone_from(&failure);
        }
        if self.exchanges.len() >= MOST_EXCHANGES {
            return Ok(());
        }
        let what = if main { "page in Chromium" } else { "call of a page's script in Chromium" };
        self.exchanges.push(Exchange {
            what: what.to_owned(),
            request: request_text(&params["request"]),
            response,
            failure,
            millis: 0,
        });
        Ok(())
    }
}

/// A tab by its names.
#[derive(Debug)]
pub struct Tab {
    /// Of the target; the same as of its main frame.
    pub target: String,
    /// Of the session that steers it.
    pub session: String,
    /// Of the context that keeps its cookies.
    pub context: String,
}

/// Not an address within the browser.
fn leaves_network(to: &Url) -> bool {
    !matches!(to.scheme(), "about" | "blob" | "data" | "javascript")
}

/// An answer for the browser to take as if it had fetched it. Its cookies are in the jar; its body is no longer encoded.
fn fulfilled(id: Value, answer: &Answer) -> Value {
    let unfit = ["set-cookie", "content-length", "transfer-encoding", "connection"];
    let headers = answer.headers.iter().filter(|(name, _)| !unfit.contains(&name.to_ascii_lowercase().as_str()));
    let headers: Vec<Value> = headers.map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "requestId": id, "responseCode": answer.status, "responseHeaders": headers, "body": BASE64.encode(&answer.body),
    })
}

fn headers(list: &Value) -> Vec<(String, String)> {
    let header = |header: &Value| Some((header["name"].as_str()?.to_owned(), header["value"].as_str()?.to_owned()));
    list.as_array().into_iter().flatten().filter_map(header).collect()
}

fn lines(headers: &[(String, String)]) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}

fn body(request: &Value) -> String {
    if let Some(text) = request["postData"].as_str() {
        return text.chars().take(MOST_BODY).collect();
    }
    let parts = request["postDataEntries"].as_array().into_iter().flatten();
    let bytes =
        parts.filter_map(|part| BASE64.decode(part["bytes"].as_str()?.as_bytes()).ok()).flatten().take(MOST_BODY);
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

fn request_text(request: &Value) -> String {
    let url = request["url"].as_str().unwrap_or_default();
    let (host, target) = Url::parse(url).map_or_else(
        |_| (String::new(), url.to_owned()),
        |url| (url.authority().to_owned(), url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()),
    );
    let sent = request["headers"].as_object().into_iter().flatten();
    let sent: Vec<_> =
        sent.filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned()))).collect();
    let method = request["method"].as_str().unwrap_or("GET");
    format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n{}\r\n{}", lines(&sent), body(request))
}

async fn response_body(cdp: &mut Cdp, tab: &Tab, params: &Value) -> Result<String, BrowserError> {
    let answer =
        match cdp.call(&tab.session, "Fetch.getResponseBody", json!({ "requestId": params["requestId"] })).await {
            Ok(answer) => answer,
            // A body that never ends, or none: the headers are evidence enough.
            Err(BrowserError::Refused(_) | BrowserError::Silent(_)) => return Ok(String::new()),
            Err(lost) => return Err(lost),
        };
    let text = answer["body"].as_str().unwrap_or_default();
    if answer["base64Encoded"] == true {
        let bytes = BASE64.decode(text.as_bytes()).unwrap_or_default();
        return Ok(String::from_utf8_lossy(&bytes).chars().take(MOST_BODY).collect());
    }
    Ok(text.chars().take(MOST_BODY).collect())
}
