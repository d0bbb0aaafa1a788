//! Client credentials (RFC 6749 section 4.4): a client acts for itself.
//!
//! Threats: client-credentials-abuse, client-impersonating-resource-owner.

use crate::client_auth::AuthenticatedClient;
use crate::grants::{Deciding, Peeked, Source};
use crate::handle::Id;
use crate::registration::RegisteredClient;
use crate::rules::{Refusal, Rule};
use crate::scope::{OPENID_SCOPES, ScopeSet};
use crate::token::{GrantRefusal, IssuePlan, Spend, Target, Wanted, access};
use crate::wire::parameters::Parameters;

/// The parameters.
#[derive(Debug)]
pub struct Request {
    wanted: Wanted,
}

impl Request {
    pub(super) fn parse(parameters: &mut Parameters) -> Result<Request, Refusal> {
        Ok(Request { wanted: Wanted::parse(parameters)? })
    }

    pub(super) fn source(&self) -> Source {
        Source::Nothing
    }

    pub(super) fn decide(
        self,
        client: &AuthenticatedClient,
        _: Peeked,
        deciding: Deciding,
    ) -> Result<IssuePlan, GrantRefusal> {
        let client = client.client();
        let scope = self.scope(client)?;
        let policy = deciding.policy;
        let target = Target::choose(policy, client, &scope, &[], &self.wanted)?;
        let end = deciding.now + policy.lifetimes.refresh_total;
        let speaker = access::Speaker { client, subject: client.id(), grant: Id::NONE, authentication: None, end };
        let access = speaker.plan(target, policy, deciding.draw, deciding.now);
        Ok(IssuePlan { spend: Spend::Nothing, refresh: None, id_token: None, access, grant: None })
    }

    fn scope(&self, client: &RegisteredClient) -> Result<ScopeSet, Refusal> {
        let personal = |token: &str| OPENID_SCOPES.contains(&token);
        match &self.wanted.scope {
            // No person is here, so nothing may look as if one were.  defends: client-impersonating-resource-owner
            Some(scope) if scope.iter().any(personal) => Err(Rule::ScopeOfAPerson.refuse()),
            Some(scope) if !scope.is_subset(&client.scope) => {
                Err(Rule::ScopeNotAllowed.refuse().noting(format!("client {}", client.id())))
            }
            Some(scope) => Ok(scope.clone()),
            None => Ok(client.scope.filter(|token| !personal(token))),
        }
    }
}
