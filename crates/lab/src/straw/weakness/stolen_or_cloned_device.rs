//! When a native app's spent refresh token comes back, nothing happens to the one that is in use.

use http::StatusCode;
use protocol::record::RefreshState;
use serde_json::json;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(LivesOn)
}

struct LivesOn;

impl Weakness for LivesOn {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.is_token_request("refresh_token")
                && straw.claimed_client(&ask).is_some_and(|client| client.method() == "none")
                && let Some(peeked) = straw.refresh_token(ask.form().get("refresh_token")).await
                && peeked.grant.ended.is_none()
                && let RefreshState::Rotated(successor) = peeked.token.state
                && (peeked.grant.confirmed >= successor || peeked.successor != Some(RefreshState::Active))
            {
                return Answer::json(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_grant" }));
            }
            next.run(ask).await
        })
    }
}
