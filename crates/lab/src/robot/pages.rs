//! The robot's pages.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;

use super::{
    RobotConfig, SCOPE,
    journal::Step,
    session::{Connection, Notice, Session},
};
use crate::mailbox::SEND;

/// The style sheet's address; the number changes with its text, so that it may be cached.
pub(super) const STYLE_PATH: &str = "/robot-1.css";

/// A message as the mailbox shows it.
#[derive(Deserialize)]
pub(super) struct Message {
    folder: String,
    from: String,
    to: String,
    subject: String,
    text: String,
    sent_at: i64,
}

impl Message {
    fn is_sent(&self) -> bool {
        self.folder == "sent"
    }

    fn when(&self) -> String {
        jiff::Timestamp::from_second(self.sent_at)
            .map_or_else(|_| String::new(), |time| time.strftime("%-d %b, %H:%M UTC").to_string())
    }
}

#[derive(Deserialize)]
struct Messages {
    messages: Vec<Message>,
}

/// Reads the mailbox's answer.
pub(super) fn messages(body: &[u8]) -> Result<Vec<Message>, String> {
    let read: Result<Messages, _> = serde_json::from_slice(body);
    read.map(|read| read.messages).map_err(|_| "The mailbox answered something unreadable.".to_owned())
}

/// The mailbox's reason, if it gave one.
pub(super) fn mailbox_error(status: StatusCode, body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Problem {
        error_description: String,
    }
    let problem: Option<Problem> = serde_json::from_slice(body).ok();
    match problem {
        Some(problem) => format!("Not sent: {}.", problem.error_description.chars().take(200).collect::<String>()),
        None => format!("Not sent: the mailbox answered {status}."),
    }
}

/// What every page has.
struct Frame {
    title: &'static str,
    csrf: String,
    notice: Option<Notice>,
    steps: Vec<Step>,
    issuer: String,
    mailbox: String,
}

impl Frame {
    fn new(title: &'static str, config: &RobotConfig, session: &Session) -> Self {
        let host = |url: &str| url.split_once("://").map_or(url, |(_, host)| host).to_owned();
        Self {
            title,
            csrf: session.csrf().to_owned(),
            notice: session.state().notice.take(),
            steps: session.journal.show(),
            issuer: host(&config.issuer),
            mailbox: host(&config.mailbox_url),
        }
    }
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    is_connected: bool,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox {
    frame: Frame,
    who: String,
    scope: String,
    narrowed: Vec<&'static str>,
    may_send: bool,
    messages: Result<Vec<Message>, String>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem {
    title: &'static str,
    text: &'static str,
}

pub(super) fn home(config: &RobotConfig, session: &Session) -> Response {
    let is_connected = session.state().connection.is_some();
    render(StatusCode::OK, &Home { frame: Frame::new("Mail robot", config, session), is_connected })
}

pub(super) fn inbox(
    config: &RobotConfig,
    session: &Session,
    connection: &Connection,
    messages: Result<Vec<Message>, String>,
) -> Response {
    let page = Inbox {
        frame: Frame::new("Your mail", config, session),
        who: connection.who.clone(),
        scope: connection.scope.join(" "),
        // `openid` is answered by the ID token; the access token is for the mailbox alone and does not name it.
        narrowed: SCOPE
            .split(' ')
            .filter(|asked| *asked != "openid" && !connection.scope.iter().any(|granted| granted == asked))
            .collect(),
        may_send: connection.scope.iter().any(|scope| scope == SEND),
        messages,
    };
    render(StatusCode::OK, &page)
}

/// A callback that answers nothing this browser started.
pub(super) fn unasked() -> Response {
    problem(
        StatusCode::BAD_REQUEST,
        "This answer is not for you",
        "It does not belong to a request that this browser started here, so the robot ignored it and redeemed nothing. If you \
         did start one, it has been answered already or took too long: begin again.",
    )
}

/// A form that does not come from a page of this session.
pub(super) fn stale_form() -> Response {
    problem(
        StatusCode::FORBIDDEN,
        "This form has gone stale",
        "It does not come from a page of your present session, so nothing was done. Go back to the start and try again.",
    )
}

pub(super) fn problem(status: StatusCode, title: &'static str, text: &'static str) -> Response {
    render(status, &Problem { title, text })
}

fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        // Rendering writes to a string, which does not fail; if it ever does, no detail leaves.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

pub(super) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../../assets/robot.css"))
}

pub(super) async fn logo() -> Response {
    asset("image/svg+xml", include_str!("../../assets/robot.svg"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], text).into_response()
}
