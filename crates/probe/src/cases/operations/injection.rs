//! Values that would change a query, split a header or be run by a template.

use std::time::{Duration, Instant};

use crate::case;
use crate::case::Case;
use crate::cases::honest::doors;
use crate::cx::{Cx, random};
use crate::flow::token::Auth;
use crate::http::{Answer, Request};
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("injection-into-stores-and-logs", "quotes", "Quotes and comments that would change a query",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 6819 section 5.1.4.1.2"], run: quotes),
        case!("injection-into-stores-and-logs", "conditions", "A true and a false condition after a quote",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 6819 section 5.1.4.1.2"], run: conditions),
        case!("injection-into-stores-and-logs", "delays", "Commands that would make a database sleep",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 6819 section 5.1.4.1.2"], run: delays),
        case!("injection-into-stores-and-logs", "line-breaks", "Line breaks that would split a header or a log line",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 9112 section 11.1"], run: line_breaks),
        case!("injection-into-stores-and-logs", "templates", "Expressions that a template would work out",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 9110 section 17.4"], run: templates),
    ]
}

/// Every place where a value of the attacker goes, with this value in it. Encoded as a client would.
fn places(cx: &Cx, value: &str) -> Result<Vec<(&'static str, Request)>, Stop> {
    let web = cx.client("web")?;
    let mut all = Vec::new();
    for name in [
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "login_hint",
        "nonce",
        "acr_values",
        "ui_locales",
        "resource",
        "id_token_hint",
    ] {
        all.push((name, cx.request(&web)?.set(name, value).first(cx)?));
    }
    let id = web.client_id.clone();
    all.push(("code", cx.token(&web, "authorization_code").set("code", value).build(cx)?));
    all.push(("refresh_token", cx.token(&web, "refresh_token").set("refresh_token", value).build(cx)?));
    all.push(("grant_type", cx.token(&web, value).build(cx)?));
    all.push((
        "the client id in the header",
        cx.token(&web, "refresh_token").auth(Auth::Basic(value.into(), random())).build(cx)?,
    ));
    all.push(("the client secret", cx.token(&web, "refresh_token").auth(Auth::Post(id, value.into())).build(cx)?));
    let printable: String = value.chars().filter(|letter| !letter.is_control()).collect();
    for door in doors(cx) {
        all.push((
            "the access token",
            Request::get("hostile access token", door.url().clone())
                .header("Authorization", format!("Bearer {printable}")),
        ));
    }
    all.push(("User-Agent", cx.request(&web)?.first(cx)?.header("User-Agent", printable.clone())));
    all.push(("Accept-Language", cx.request(&web)?.first(cx)?.header("Accept-Language", printable)));
    Ok(all)
}

/// Sends `value` to every place. Sources change, so that no limit on wrong credentials stands in for an answer.
async fn everywhere(cx: &Cx, value: &str) -> Result<Vec<(&'static str, Answer, Duration)>, Stop> {
    let mut answers = Vec::new();
    let mut source = cx.elsewhere();
    for (number, (name, request)) in places(cx, value)?.into_iter().enumerate() {
        if number % 6 == 5 {
            source = cx.elsewhere();
        }
        let began = Instant::now();
        let answer = source.send(&request).await?;
        answers.push((name, answer, began.elapsed()));
    }
    Ok(answers)
}

async fn quotes(cx: &Cx) -> Result<Verdict, Stop> {
    let harmless = everywhere(cx, "harmless").await?;
    for hostile in
        ["'", "\"", "x' --", "x\"; DROP TABLE clients; --", "x') OR ('1'='1", "\\", "x*)(uid=*", "{\"$gt\":\"\"}"]
    {
        for ((name, answer, _), (_, before, _)) in everywhere(cx, hostile).await?.iter().zip(&harmless) {
            if answer.status >= 500 && before.status < 500 {
                return Ok(Verdict::vulnerable(format!(
                    "{name} with {hostile} in it breaks the server (status {}), a harmless value does not",
                    answer.status
                )));
            }
            let taken = |answer: &Answer| answer.json()["access_token"].is_string() || answer.json()["sub"].is_string();
            if taken(answer) {
                return Ok(Verdict::vulnerable(format!("{name} with {hostile} in it was accepted as somebody else's")));
            }
        }
    }
    Ok(Verdict::resisted("quotes and comments came to what a harmless unknown value comes to"))
}

async fn conditions(cx: &Cx) -> Result<Verdict, Stop> {
    for (yes, no) in
        [("x' OR '1'='1", "x' OR '1'='2"), ("x\" OR \"1\"=\"1", "x\" OR \"1\"=\"2"), ("x' OR 1=1--", "x' OR 1=2--")]
    {
        let (whenever, never) = (everywhere(cx, yes).await?, everywhere(cx, no).await?);
        for ((name, one, _), (_, two, _)) in whenever.iter().zip(&never) {
            if one.status != two.status && one.status != 429 && two.status != 429 {
                return Ok(Verdict::vulnerable(format!(
                    "{name} is read as a condition: {yes} and {no} come to {} and {}",
                    one.status, two.status
                )));
            }
        }
    }
    Ok(Verdict::resisted("a true and a false condition came to the same everywhere"))
}

async fn delays(cx: &Cx) -> Result<Verdict, Stop> {
    const SLEEP: Duration = Duration::from_millis(2500);
    for hostile in [
        "x'; SELECT pg_sleep(3); --",
        "x' OR SLEEP(3)-- ",
        "x'; WAITFOR DELAY '0:0:3'--",
        "x' || (SELECT randomblob(300000000))||'",
    ] {
        for (name, _, took) in everywhere(cx, hostile).await? {
            if took < SLEEP {
                continue;
            }
            // Once more, and a harmless value beside it: a busy machine is slow for both.
            let again = everywhere(cx, hostile).await?;
            let plain = everywhere(cx, "harmless").await?;
            let time = |all: &[(&str, Answer, Duration)]| {
                all.iter().find(|(found, ..)| *found == name).map_or(Duration::ZERO, |found| found.2)
            };
            if time(&again) >= SLEEP && time(&plain) < SLEEP {
                return Ok(Verdict::vulnerable(format!("{name} with a command to sleep in it made the server sleep")));
            }
        }
    }
    Ok(Verdict::resisted("no command to sleep had an effect"))
}

async fn line_breaks(cx: &Cx) -> Result<Verdict, Stop> {
    for hostile in [
        "x\r\nX-Probe-Split: yes",
        "x\nX-Probe-Split: yes",
        "x\r\n\r\n<script>probe</script>",
        "x\nFORGED log line",
        "x\u{2028}X-Probe-Split: yes",
    ] {
        for (name, answer, _) in everywhere(cx, hostile).await? {
            if answer.header("x-probe-split").is_some() {
                return Ok(Verdict::vulnerable(format!("a line break in {name} splits the answer's header")));
            }
            if answer.status >= 500 {
                return Err(Stop::inconclusive(format!("a line break in {name} came to status {}", answer.status)));
            }
        }
    }
    Ok(Verdict::resisted("line breaks split no header"))
}

async fn templates(cx: &Cx) -> Result<Verdict, Stop> {
    // 7919 * 7907, both prime: the product stands nowhere by chance.
    let product = "62615533";
    for hostile in ["{{7919*7907}}", "${7919*7907}", "<%= 7919*7907 %>", "#{7919*7907}", "*{7919*7907}"] {
        for (name, answer, _) in everywhere(cx, hostile).await? {
            if answer.text().contains(product) {
                return Ok(Verdict::vulnerable(format!("{name} is worked out as a template: {hostile}")));
            }
        }
    }
    Ok(Verdict::resisted("no expression was worked out"))
}
