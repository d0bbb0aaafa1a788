//! Authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.5): a person allowed it, a code proves it.
//!
//! Threats: code-replay, code-injection, code-client-mismatch, pkce-downgrade and the rest of the group authorization-code.

mod check;

use jose::Secret;

use crate::client_auth::AuthenticatedClient;
use crate::grants::{Deciding, Peeked, Source};
use crate::handle::{HandleKind, PresentedHandle};
use crate::rules::{Refusal, Rule};
use crate::token::{GrantRefusal, IssuePlan, Spend, Wanted, issue_for_person};
use crate::wire::parameters::Parameters;

/// The parameters.
#[derive(Debug)]
pub struct Request {
    code: Option<PresentedHandle>,
    redirect_uri: Option<String>,
    verifier: Option<Secret<String>>,
    wanted: Wanted,
}

impl Request {
    pub(super) fn parse(parameters: &mut Parameters) -> Result<Request, Refusal> {
        Ok(Request {
            code: PresentedHandle::parse(HandleKind::Code, parameters.require("code")?),
            redirect_uri: parameters.take("redirect_uri"),
            verifier: parameters.take("code_verifier").map(Secret::new),
            wanted: Wanted::parse(parameters)?,
        })
    }

    pub(super) fn source(&self) -> Source {
        self.code.map_or(Source::Nothing, Source::Code)
    }

    pub(super) fn decide(
        self,
        client: &AuthenticatedClient,
        peeked: Peeked,
        deciding: Deciding,
    ) -> Result<IssuePlan, GrantRefusal> {
        let (Some(presented), Peeked::Code(Some(peeked))) = (self.code, peeked) else {
            return Err(Rule::CodeUnknown.refuse().into());
        };
        let attempt = check::Attempt {
            presented: &presented,
            redirect_uri: self.redirect_uri.as_deref(),
            verifier: self.verifier.as_ref().map(|verifier| verifier.expose().as_str()),
        };
        let code = attempt.check(client.client(), *peeked, deciding.now)?;
        let spend = Spend::Code { id: code.code.id, grant: code.grant.id };
        issue_for_person(client.client(), code.grant, code.owner, code.code.nonce, &self.wanted, spend, deciding)
    }
}
