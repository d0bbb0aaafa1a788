//! Tokens in the wrong part of a request.

use crate::case;
use crate::case::Case;
use crate::cases::honest::{Reception, open_doors, reception, usual_tokens};
use crate::cx::{Cx, random};
use crate::http::Request;
use crate::params::Params;
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("token-leak-logs-referrer", "query-beside-header", "The token in the query, rubbish in the header",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["RFC 6750 section 2", "RFC 9700 section 4.3.2"], run: beside_header),
        case!("token-leak-logs-referrer", "body-of-a-get", "The token in the body of a GET",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6750 section 2.2"], run: body_of_get),
    ]
}

async fn beside_header(cx: &Cx) -> Result<Verdict, Stop> {
    everywhere(cx, "the token in the query, though the header held rubbish", |url, method, token| {
        let mut request = Request::get("token in the query, rubbish in the header", url)
            .header("Authorization", format!("Bearer {}", random()));
        request.url.query_pairs_mut().append_pair("access_token", token);
        method.clone_into(&mut request.method);
        request
    })
    .await
}

async fn body_of_get(cx: &Cx) -> Result<Verdict, Stop> {
    everywhere(cx, "the token in the body of a GET", |url, _, token| {
        let body: Params = [("access_token", token)].into_iter().collect();
        let mut request = Request::form("token in the body of a GET", url, &body);
        request.method = "GET".into();
        request
    })
    .await
}

async fn everywhere(cx: &Cx, words: &str, make: impl Fn(url::Url, &str, &str) -> Request) -> Result<Verdict, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let token = tokens.expect("access_token")?;
    let doors = open_doors(cx, token).await?;
    for door in &doors {
        let answer = cx.send(&make(door.url().clone(), door.method(), token)).await?;
        match reception(&answer) {
            Reception::Accepted => return Ok(Verdict::vulnerable(format!("{} took {words}", door.name))),
            Reception::Refused => {}
            Reception::Trouble => return Err(Stop::inconclusive(format!("{} answered {}", door.name, answer.status))),
        }
    }
    Ok(Verdict::resisted("it was refused wherever the header alone was accepted"))
}
