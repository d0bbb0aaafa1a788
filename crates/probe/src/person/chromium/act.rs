//! Hands in a page: look, write, tick, press. With real key and mouse events where the page lets them through.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::driver::Press;
use super::super::form::Tick;
use super::super::page::{LONGEST, Page};
use super::super::read::{MARK, UNSEEN};
use super::BrowserError;
use super::cdp::Cdp;
use super::network::Tab;

/// Numbers everything that a person could use, notes what is not seen, and returns the page as text.
fn look() -> String {
    format!(
        "(() => {{ let n = 0;
  for (const e of document.querySelectorAll('input,button,select,textarea,a,[role=button]')) {{
    e.setAttribute('{MARK}', String(n++));
    const seen = e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
    if (seen) e.removeAttribute('{UNSEEN}'); else e.setAttribute('{UNSEEN}', '');
  }}
  const html = document.documentElement ? document.documentElement.outerHTML : '';
  return JSON.stringify({{ url: location.href, ready: document.readyState, html: html.slice(0, {LONGEST}) }});
}})()"
    )
}

/// The page as it is now; none while there is none to look at.
pub async fn snapshot(cdp: &mut Cdp, tab: &Tab, status: u16) -> Result<Option<Page>, BrowserError> {
    let seen = match evaluate(cdp, tab, &look()).await {
        Ok(seen) => seen,
        // Between two pages there is nothing to look at.
        Err(BrowserError::Refused(_)) => return Ok(None),
        Err(lost) => return Err(lost),
    };
    let seen: Value = seen.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let url = seen["url"].as_str().and_then(|url| url::Url::parse(url).ok());
    Ok(url
        .filter(|_| seen["ready"] != "loading")
        .map(|url| Page::read(&url, status, seen["html"].as_str().unwrap_or_default())))
}

/// Fills in the form and presses its button.
pub async fn submit(cdp: &mut Cdp, tab: &Tab, page: &Page, press: &Press) -> Result<(), BrowserError> {
    let Some(form) = page.forms.get(press.form) else { return Ok(()) };
    let mark = |place: usize| form.controls.get(place).and_then(|control| control.mark.clone());
    let mut last = None;
    for (place, text) in &press.changes.written {
        if let Some(mark) = mark(*place) {
            write(cdp, tab, &mark, text).await?;
            last = Some(mark);
        }
    }
    for (place, tick) in &press.changes.ticked {
        if let Some(mark) = mark(*place) {
            let wanted = *tick == Tick::On;
            let script =
                format!("(() => {{ const e = {}; if (e && e.checked !== {wanted}) e.click(); }})()", element(&mark));
            evaluate(cdp, tab, &script).await?;
        }
    }
    match press.button.and_then(mark) {
        Some(button) => click(cdp, tab, &button).await,
        None => enter(cdp, tab, last.as_deref()).await,
    }
}

/// Presses a button or follows a link. What lies under something else is given a second, then pressed by script.
pub async fn click(cdp: &mut Cdp, tab: &Tab, mark: &str) -> Result<(), BrowserError> {
    let place = format!(
        "(() => {{ const e = {}; if (!e) return null; e.scrollIntoView({{ block: 'center' }});
  const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2, top = document.elementFromPoint(x, y);
  return top && (top === e || e.contains(top)) ? [x, y] : null; }})()",
        element(mark)
    );
    for _ in 0..4 {
        let point = evaluate(cdp, tab, &place).await?;
        if let (Some(x), Some(y)) = (point[0].as_f64(), point[1].as_f64()) {
            for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
                let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
                cdp.post(&tab.session, "Input.dispatchMouseEvent", event).await?;
            }
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let script = format!("(() => {{ const e = {}; if (e) e.click(); }})()", element(mark));
    evaluate(cdp, tab, &script).await.map(drop)
}

/// What the browser itself has against a field, as the end of a sentence: a name that is no e-mail address.
pub async fn complaint(cdp: &mut Cdp, tab: &Tab) -> Result<String, BrowserError> {
    let script = "(() => { const e = document.querySelector('input:invalid,select:invalid,textarea:invalid');
  return e ? `${e.name || e.id}: ${e.validationMessage}` : ''; })()";
    let said = match evaluate(cdp, tab, script).await {
        Err(BrowserError::Refused(_)) => return Ok(String::new()),
        said => said?,
    };
    let said: String = said.as_str().unwrap_or_default().chars().take(200).collect();
    Ok(if said.is_empty() { said } else { format!(" (the browser refuses to send {said})") })
}

/// Writes as a keyboard would; where that has no effect, as a script.
async fn write(cdp: &mut Cdp, tab: &Tab, mark: &str, text: &str) -> Result<(), BrowserError> {
    let element = element(mark);
    let focus = format!("(() => {{ const e = {element}; if (e) {{ e.focus(); if (e.select) e.select(); }} }})()");
    evaluate(cdp, tab, &focus).await?;
    cdp.call(&tab.session, "Input.insertText", json!({ "text": text })).await?;
    let text = json!(text);
    let check = format!(
        "(() => {{ const e = {element}; if (!e || e.value === {text}) return;
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(e), 'value').set.call(e, {text});
  for (const type of ['input', 'change']) e.dispatchEvent(new Event(type, {{ bubbles: true }})); }})()"
    );
    evaluate(cdp, tab, &check).await.map(drop)
}

async fn enter(cdp: &mut Cdp, tab: &Tab, mark: Option<&str>) -> Result<(), BrowserError> {
    if let Some(mark) = mark {
        evaluate(cdp, tab, &format!("(() => {{ const e = {}; if (e) e.focus(); }})()", element(mark))).await?;
    }
    for kind in ["keyDown", "keyUp"] {
        let key = json!({ "type": kind, "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13 });
        cdp.post(&tab.session, "Input.dispatchKeyEvent", key).await?;
    }
    Ok(())
}

fn element(mark: &str) -> String {
    let digits: String = mark.chars().filter(char::is_ascii_digit).collect();
    format!("document.querySelector('[{MARK}=\"{digits}\"]')")
}

async fn evaluate(cdp: &mut Cdp, tab: &Tab, script: &str) -> Result<Value, BrowserError> {
    let call = json!({ "expression": script, "returnByValue": true, "timeout": 5000 });
    let answer = cdp.call(&tab.session, "Runtime.evaluate", call).await?;
    Ok(answer["result"]["value"].clone())
}
