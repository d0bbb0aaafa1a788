//! Group `authorization-code`: what data cannot say.

mod binding;
pub(in crate::cases) mod guessing;
mod pkce;
pub(in crate::cases) mod race;
mod traces;

use crate::case::Case;
use crate::cx::{Cx, Role};
use crate::flow::authorize::AuthorizationRequest;
use crate::person::Intent;
use crate::verdict::Stop;

/// All of them.
pub(super) fn all() -> Vec<Case> {
    [binding::all(), guessing::all(), pkce::all(), race::all(), traces::all()].into_iter().flatten().collect()
}

/// An honest request of a client, allowed by the person, and its code.
pub(super) async fn honest_code(cx: &Cx, client: &Role) -> Result<(AuthorizationRequest, String), Stop> {
    let request = cx.request(client)?;
    let code = cx.walk(&mut cx.person(), &request, Intent::Allow).await?.code()?.to_owned();
    Ok((request, code))
}
