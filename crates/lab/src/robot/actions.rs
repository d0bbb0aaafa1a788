//! What each address does.

use std::sync::Arc;

use axum::{
    extract::{Form, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use client::{CallbackError, ClientError, TokenHolder, TokenSet};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use serde::Deserialize;

use super::{
    Robot, SCOPE, pages,
    session::{Connection, Notice, Session},
};
use crate::mailbox::{READ, SEND};

type Shared = State<Arc<Robot>>;

/// The hidden field of every form.
#[derive(Deserialize)]
pub(super) struct Guarded {
    csrf: String,
}

#[derive(Deserialize)]
pub(super) struct Letter {
    csrf: String,
    to: String,
    subject: String,
    text: String,
}

pub(super) async fn home(State(robot): Shared, headers: HeaderMap) -> Response {
    let session = robot.sessions.find(&headers);
    let is_new = session.is_none();
    let session = session.unwrap_or_else(|| robot.sessions.create());
    let page = pages::home(&robot.config, &session);
    if is_new { with_cookie(page, &session) } else { page }
}

pub(super) async fn connect(State(robot): Shared, headers: HeaderMap, Form(form): Form<Guarded>) -> Response {
    let Some(session) = owner(&robot, &headers, &form.csrf) else { return pages::stale_form() };
    session.journal.clear();
    match start(&robot, &session).await {
        Ok(url) => see_other(&url),
        Err(error) => back_home(&session, Notice::bad(format!("The flow did not start: {error}."))),
    }
}

async fn start(robot: &Robot, session: &Session) -> Result<String, ClientError> {
    let client = robot.client(&session.journal).await?;
    let start = client.authorization(robot.redirect_uri()).scope(SCOPE).resource(&robot.config.mailbox_url);
    let (url, pending) = client.begin(start)?;
    session.journal.add_authorization_request(&url);
    session.state().pending = Some(pending);
    Ok(url)
}

pub(super) async fn callback(State(robot): Shared, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    // The record is found by the cookie of the browser that started, and by nothing in the URL. An answer without its
    // state is none to this request, which goes on waiting.
    // defends: csrf-on-redirect-uri, user-session-impersonation, dos-manufactured-codes
    let Some(session) = robot.sessions.find(&headers) else { return pages::unasked() };
    let pending = {
        let mut state = session.state();
        match state.pending.take() {
            Some(pending) if pending.is_answered_by(&query) => pending,
            other => {
                state.pending = other;
                drop(state);
                session.journal.add_callback(
                    &robot.redirect_uri(),
                    &query,
                    Err("not the answer to a request of this browser"),
                );
                return pages::unasked();
            }
        }
    };
    let client = match robot.client(&session.journal).await {
        Ok(client) => client,
        Err(error) => return back_home(&session, Notice::bad(format!("The server cannot be reached: {error}."))),
    };
    // Written down before the exchange, so that the panel has the order of events; a refusal replaces "accepted".
    let now = robot.config.surroundings.now();
    let code = match pending.accept(&query, now) {
        Ok(code) => code,
        Err(error) => {
            session.journal.add_callback(&robot.redirect_uri(), &query, Err(&error.to_string()));
            return back_home(&session, refusal(&error));
        }
    };
    session.journal.add_callback(&robot.redirect_uri(), &query, Ok(()));
    match client.redeem(code).await {
        Ok(tokens) => {
            let connection = connection(tokens, client);
            let session = robot.sessions.renew(&session);
            let mut state = session.state();
            state.connection = Some(connection);
            state.notice = Some(Notice::good(
                "Connected. The robot now holds tokens for your mailbox, and nothing else of yours.",
            ));
            drop(state);
            // A clean address: neither history nor referrer keeps the code.  defends: code-eavesdropping-leak
            with_cookie(see_other("/inbox"), &session)
        }
        Err(error) => back_home(&session, Notice::bad(format!("The code gave no tokens: {error}."))),
    }
}

fn connection(tokens: TokenSet, client: client::Client<super::Recorder>) -> Connection {
    let who = tokens.identity().map_or("somebody", |identity| identity.subject()).to_owned();
    let scope = tokens.scope().to_vec();
    Connection { tokens: Arc::new(TokenHolder::new(client, tokens)), who, scope }
}

fn refusal(error: &CallbackError) -> Notice {
    match error {
        CallbackError::Denied(answer) if answer.error() == "access_denied" => {
            Notice::bad("You said no, so nothing was connected. The robot has learned nothing but that.")
        }
        other => Notice::bad(format!("The robot refused the answer and redeemed nothing: {other}.")),
    }
}

pub(super) async fn inbox(State(robot): Shared, headers: HeaderMap) -> Response {
    let Some((session, connection)) = connected(&robot, &headers) else { return see_other("/") };
    if !connection.scope.iter().any(|scope| scope == READ) {
        return pages::inbox(
            &robot.config,
            &session,
            &connection,
            Err("You did not allow the robot to read.".to_owned()),
        );
    }
    let request = Request::get(messages_url(&robot)).header(header::ACCEPT, "application/json").body(Bytes::new());
    match call(&connection, request).await {
        Ok(answer) if answer.status() == StatusCode::OK => {
            pages::inbox(&robot.config, &session, &connection, pages::messages(answer.body()))
        }
        Ok(answer) => {
            let text = format!("The mailbox answered {}.", answer.status());
            pages::inbox(&robot.config, &session, &connection, Err(text))
        }
        Err(error) => ended_or(&session, error, |error| {
            let text = format!("The mailbox could not be read: {error}.");
            pages::inbox(&robot.config, &session, &connection, Err(text))
        }),
    }
}

pub(super) async fn send(State(robot): Shared, headers: HeaderMap, Form(letter): Form<Letter>) -> Response {
    let Some(session) = owner(&robot, &headers, &letter.csrf) else { return pages::stale_form() };
    let Some(connection) = session.state().connection.clone() else { return see_other("/") };
    if !connection.scope.iter().any(|scope| scope == SEND) {
        return back_to_inbox(&session, Notice::bad("You did not allow the robot to send."));
    }
    let body = serde_json::json!({ "to": letter.to, "subject": letter.subject, "text": letter.text }).to_string();
    let request = Request::post(messages_url(&robot))
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(body));
    match call(&connection, request).await {
        Ok(answer) if answer.status() == StatusCode::CREATED => back_to_inbox(&session, Notice::good("Sent.")),
        Ok(answer) => back_to_inbox(&session, Notice::bad(pages::mailbox_error(answer.status(), answer.body()))),
        Err(error) => {
            ended_or(&session, error, |error| back_to_inbox(&session, Notice::bad(format!("Not sent: {error}."))))
        }
    }
}

pub(super) async fn refresh(State(robot): Shared, headers: HeaderMap, Form(form): Form<Guarded>) -> Response {
    let Some(session) = owner(&robot, &headers, &form.csrf) else { return pages::stale_form() };
    let Some(connection) = session.state().connection.clone() else { return see_other("/") };
    match connection.tokens.refresh().await {
        Ok(()) => back_to_inbox(&session, Notice::good("The robot has a fresh access token.")),
        Err(error) => {
            ended_or(&session, error, |error| back_to_inbox(&session, Notice::bad(format!("Not refreshed: {error}."))))
        }
    }
}

pub(super) async fn disconnect(State(robot): Shared, headers: HeaderMap, Form(form): Form<Guarded>) -> Response {
    let Some(session) = owner(&robot, &headers, &form.csrf) else { return pages::stale_form() };
    let Some(connection) = session.state().connection.take() else { return see_other("/") };
    let notice = match connection.tokens.revoke().await {
        Ok(()) => Notice::good("Disconnected. The server ended the grant, and the robot forgot its tokens."),
        Err(error) => Notice::bad(format!("The robot forgot its tokens, but the server could not be told: {error}.")),
    };
    back_home(&session, notice)
}

pub(super) async fn not_found() -> Response {
    pages::problem(StatusCode::NOT_FOUND, "Nothing is here", "The robot has no such page.")
}

async fn call(
    connection: &Connection,
    request: Result<Request<Bytes>, http::Error>,
) -> Result<http::Response<Bytes>, ClientError> {
    connection.tokens.send(request.map_err(|_| ClientError::Request)?).await
}

fn messages_url(robot: &Robot) -> String {
    format!("{}/messages", robot.config.mailbox_url)
}

/// The session of this browser, if the form comes from one of its pages.
///
/// Without the token any page could make a visitor's browser send mail or cut the connection.
fn owner(robot: &Robot, headers: &HeaderMap, csrf: &str) -> Option<Arc<Session>> {
    robot.sessions.find(headers).filter(|session| session.owns_form(csrf))
}

fn connected(robot: &Robot, headers: &HeaderMap) -> Option<(Arc<Session>, Connection)> {
    let session = robot.sessions.find(headers)?;
    let connection = session.state().connection.clone()?;
    Some((session, connection))
}

/// The grant may have been ended elsewhere; then the connection is over.
fn ended_or(session: &Session, error: ClientError, other: impl FnOnce(ClientError) -> Response) -> Response {
    match error {
        ClientError::GrantEnded | ClientError::NoRefreshToken => {
            session.state().connection = None;
            back_home(
                session,
                Notice::bad("The access has ended: it was revoked or ran out. Connect again if you like."),
            )
        }
        error => other(error),
    }
}

fn back_home(session: &Session, notice: Notice) -> Response {
    session.state().notice = Some(notice);
    see_other("/")
}

fn back_to_inbox(session: &Session, notice: Notice) -> Response {
    session.state().notice = Some(notice);
    see_other("/inbox")
}

// Only constants and the URL that the client kit made come here, never an address from a request.
// defends: open-redirector-on-client
fn see_other(target: &str) -> Response {
    Redirect::to(target).into_response()
}

fn with_cookie(mut response: Response, session: &Session) -> Response {
    if let Ok(value) = HeaderValue::from_str(&session.cookie()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
