//! Userinfo (OpenID Connect Core section 5.3): claims about the person behind a token.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use protocol::inspect::bearer;
use protocol::rules::Refusal;
use protocol::wire::parameters::Parameters;

use crate::answer::{Refused, json};
use crate::app::Shared;
use crate::back_channel::is_form;
use crate::call::Call;
use crate::cors;
use crate::endpoints::introspect::live_token;
use crate::events::About;

/// GET /userinfo
pub async fn get(State(app): State<Shared>, call: Call) -> Response {
    answer(&app, &call, None).await
}

/// POST /userinfo, with the token in the header or in the body.
pub async fn post(State(app): State<Shared>, call: Call, body: Bytes) -> Response {
    answer(&app, &call, is_form(&call).then_some(body)).await
}

async fn answer(app: &Shared, call: &Call, form: Option<Bytes>) -> Response {
    match claims(app, call, form).await {
        Ok((claims, client_id)) => cors::for_client(app, call, &client_id, json(StatusCode::OK, &claims)).await,
        Err(refused) => refused.into_bearer(&app.policy),
    }
}

/// The claims, and the client that the token was issued to.
async fn claims(
    app: &Shared,
    call: &Call,
    form: Option<Bytes>,
) -> Result<(serde_json::Map<String, serde_json::Value>, String), Refused> {
    let refuse = |refusal: Refusal| {
        app.events.refused(&refusal, call, About::default());
        Refused::from(refusal)
    };
    let mut parameters = Parameters::parse(form.as_deref().unwrap_or_default()).map_err(refuse)?;
    let in_form = parameters.take("access_token");
    let token = bearer(call.authorization(), call.query.as_deref(), in_form.as_deref()).map_err(refuse)?;
    let live = live_token(app, call, &token).await?.map_err(refuse)?;
    let claims = live.userinfo(&app.policy).map_err(refuse)?;
    app.confirm(&live).await?;
    Ok((claims, live.token().client_id.clone()))
}
