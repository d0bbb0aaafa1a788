//! A code that another client presents is destroyed.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use http::StatusCode;
use serde_json::json;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::<Burned>::default()
}

#[derive(Default)]
struct Burned {
    codes: Mutex<HashSet<String>>,
}

impl Weakness for Burned {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if !ask.is_token_request("authorization_code") {
                return next.run(ask).await;
            }
            let code = ask.form().get("code").to_owned();
            let burned = || self.codes.lock().unwrap_or_else(PoisonError::into_inner);
            if burned().contains(&code) {
                return Answer::json(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_grant" }));
            }
            if let (Some(peeked), Some(client)) = (straw.code(&code).await, straw.claimed_client(&ask))
                && client.id() != peeked.grant.client_id
            {
                burned().insert(code);
            }
            next.run(ask).await
        })
    }
}
