//! The token request: one grant, one client authentication (RFC 6749 section 3.2).

use crate::client_auth::PresentedClient;
use crate::grants::GrantRequest;
use crate::rules::{Refusal, Rule};
use crate::scope::ScopeSet;
use crate::wire::parameters::Parameters;

/// A token request, parsed.
#[derive(Debug)]
pub struct TokenRequest {
    /// Who says to be asking.
    pub client: PresentedClient,
    /// What for.
    pub grant: GrantRequest,
}

impl TokenRequest {
    /// Reads the body of a POST and its Authorization header.
    pub fn parse(authorization: Option<&[u8]>, body: &[u8]) -> Result<TokenRequest, Refusal> {
        let mut parameters = Parameters::parse(body)?;
        let client = PresentedClient::parse(authorization, &parameters)?;
        Ok(TokenRequest { client, grant: GrantRequest::parse(&mut parameters)? })
    }
}

/// What a token request may narrow: scope and resources.
#[derive(Debug)]
pub struct Wanted {
    /// `scope`, if sent.
    pub scope: Option<ScopeSet>,
    /// `resource`, as often as sent.
    pub resources: Vec<String>,
}

impl Wanted {
    pub(crate) fn parse(parameters: &Parameters) -> Result<Wanted, Refusal> {
        let scope = match parameters.get("scope") {
            Some(text) => Some(ScopeSet::parse(text).ok_or_else(|| Rule::ParameterMalformed.on("scope"))?),
            None => None,
        };
        let mut resources: Vec<String> = Vec::new();
        for resource in parameters.all("resource") {
            if !resources.iter().any(|have| have == resource) {
                resources.push(resource.to_owned());
            }
        }
        Ok(Wanted { scope, resources })
    }
}
