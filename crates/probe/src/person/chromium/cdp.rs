//! The Chrome DevTools Protocol: calls, answers and events as JSON over a WebSocket on loopback.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};

use super::BrowserError;

/// So long a call may take.
const CALL: Duration = Duration::from_secs(10);
/// A page's text comes in one message.
const LARGEST: usize = 16 * 1024 * 1024;

/// The connection to a browser.
#[derive(Debug)]
pub struct Cdp {
    socket: WebSocketStream<TcpStream>,
    last: u64,
    events: VecDeque<Event>,
}

/// Something that happened.
#[derive(Debug)]
pub struct Event {
    /// "Page.frameNavigated".
    pub method: String,
    /// The tab's session; empty for the browser as a whole.
    pub session: String,
    /// What about it.
    pub params: Value,
}

impl Cdp {
    /// Connects to a browser on this machine.
    pub async fn connect(port: u16, path: &str) -> Result<Self, BrowserError> {
        let lost = |error: &dyn std::fmt::Display| BrowserError::NotStarted(error.to_string());
        let connect = async {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| lost(&error))?;
            let config = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
            let url = format!("ws://127.0.0.1:{port}{path}");
            let (socket, _) = tokio_tungstenite::client_async_with_config(url, stream, Some(config))
                .await
                .map_err(|error| lost(&error))?;
            Ok(Self { socket, last: 0, events: VecDeque::new() })
        };
        timeout(CALL, connect).await.map_err(|_| BrowserError::Silent(CALL.as_secs()))?
    }

    /// Calls and waits for the answer. Events that come first are kept.
    pub async fn call(&mut self, session: &str, method: &str, params: Value) -> Result<Value, BrowserError> {
        let id = self.post(session, method, params).await?;
        let until = Instant::now() + CALL;
        loop {
            let Some(message) = self.message(until).await? else {
                return Err(BrowserError::Silent(CALL.as_secs()));
            };
            match message.get("id").and_then(Value::as_u64) {
                Some(answered) if answered == id => {
                    return match message.get("error") {
                        Some(error) => Err(BrowserError::Refused(format!(
                            "{method}: {}",
                            error["message"].as_str().unwrap_or("?")
                        ))),
                        None => Ok(message["result"].clone()),
                    };
                }
                Some(_) => {}
                None => self.events.extend(event(message)),
            }
        }
    }

    /// Calls without waiting: for what is answered only after the page has moved on. What it answers is dropped.
    pub async fn post(&mut self, session: &str, method: &str, params: Value) -> Result<u64, BrowserError> {
        self.last += 1;
        let mut call = json!({ "id": self.last, "method": method, "params": params });
        if !session.is_empty() {
            call["sessionId"] = json!(session);
        }
        let sent = timeout(CALL, self.socket.send(Message::text(call.to_string()))).await;
        sent.map_err(|_| BrowserError::Silent(CALL.as_secs()))?
            .map_err(|error| BrowserError::Lost(error.to_string()))?;
        Ok(self.last)
    }

    /// The next event, or none until then.
    pub async fn event(&mut self, until: Instant) -> Result<Option<Event>, BrowserError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Some(event));
            }
            match self.message(until).await? {
                Some(message) => self.events.extend(event(message)),
                None => return Ok(None),
            }
        }
    }

    async fn message(&mut self, until: Instant) -> Result<Option<Value>, BrowserError> {
        loop {
            match timeout_at(until, self.socket.next()).await {
                Err(_) => return Ok(None),
                Ok(None) => return Err(BrowserError::Lost("it closed the connection".to_owned())),
                Ok(Some(Err(error))) => return Err(BrowserError::Lost(error.to_string())),
                Ok(Some(Ok(Message::Text(text)))) => {
                    let message = serde_json::from_str(&text).map_err(|error| BrowserError::Lost(error.to_string()))?;
                    return Ok(Some(message));
                }
                Ok(Some(Ok(_))) => {}
            }
        }
    }
}

fn event(mut message: Value) -> Option<Event> {
    Some(Event {
        method: message.get("method")?.as_str()?.to_owned(),
        session: message.get("sessionId").and_then(Value::as_str).unwrap_or_default().to_owned(),
        params: message.get_mut("params").map(Value::take).unwrap_or_default(),
    })
}
