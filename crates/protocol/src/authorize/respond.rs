//! The last stop: the browser's way back to the client.

use crate::authorize::approve::CodePlan;
use crate::authorize::bind::TrustedRejection;
use crate::authorize::check::CheckedAuthorizationRequest;
use crate::policy::Policy;
use crate::proofs::Committed;
use crate::rules::Rule;
use crate::wire::response::{BrowserAnswer, error_fields, send};

/// The code goes to the client: only from what the ledger committed, so no code leaves that is not on disk.
pub fn success(done: Committed<CodePlan>) -> BrowserAnswer {
    let plan = done.into_inner();
    let fields = vec![("code", plan.handle.into_value().expose().clone())];
    send(&plan.redirect, plan.mode, &plan.issuer, plan.state, fields)
}

/// The person said no. He has seen where this goes.
pub fn denial(request: CheckedAuthorizationRequest, policy: &Policy) -> BrowserAnswer {
    refusal(request.reject(Rule::AccessDenied.refuse()).trusted(), policy)
}

/// An error goes to the client.
pub fn refusal(rejection: TrustedRejection, policy: &Policy) -> BrowserAnswer {
    send(&rejection.redirect, rejection.mode, &policy.issuer, rejection.state, error_fields(&rejection.refusal))
}
