//! The grant types: one folder each, one line each in `grants!`.

pub mod authorization_code;
pub mod client_credentials;
pub mod refresh_token;

use jose::UnixTime;

use crate::client_auth::AuthenticatedClient;
use crate::handle::{Draw, PresentedHandle};
use crate::policy::Policy;
use crate::record::{PeekedCode, PeekedRefresh};
use crate::registration::GrantType;
use crate::rules::{Refusal, Rule};
use crate::token::{GrantRefusal, IssuePlan};
use crate::wire::parameters::Parameters;

/// What a token request stands on, to be looked up.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// A code.
    Code(PresentedHandle),
    /// Nothing stored.
    Nothing,
    /// A refresh token.
    Refresh(PresentedHandle),
}

/// What the store has for a [`Source`]. Reading it gives no right to anything.
#[derive(Debug)]
pub enum Peeked {
    /// For [`Source::Code`].
    Code(Option<Box<PeekedCode>>),
    /// For [`Source::Nothing`].
    Nothing,
    /// For [`Source::Refresh`].
    Refresh(Option<Box<PeekedRefresh>>),
}

/// What every decision at the token endpoint may look at.
pub struct Deciding<'a> {
    /// The operator's decisions.
    pub policy: &'a Policy,
    /// Randomness, drawn outside.
    pub draw: &'a mut dyn Draw,
    /// Now.
    pub now: UnixTime,
}

macro_rules! grants {
    ($($variant:ident => $module:ident),+ $(,)?) => {
        /// A token request of one grant type, parsed.
        #[derive(Debug)]
        pub enum GrantRequest { $( #[doc = concat!("See [`", stringify!($module), "`].")] $variant($module::Request), )+ }

        impl GrantRequest {
            /// Reads the parameters of the grant type that `grant_type` names.
            pub fn parse(parameters: &mut Parameters) -> Result<GrantRequest, Refusal> {
                // defends: wrong-grant-for-client
                match GrantType::parse(parameters.require("grant_type")?) {
                    $(Some(GrantType::$variant) => $module::Request::parse(parameters).map(GrantRequest::$variant),)+
                    None => Err(Rule::GrantTypeUnsupported.refuse()),
                }
            }

            /// Which grant type it is.
            pub fn grant_type(&self) -> GrantType {
                match self { $(GrantRequest::$variant(_) => GrantType::$variant,)+ }
            }

            /// What has to be looked up.
            pub fn source(&self) -> Source {
                match self { $(GrantRequest::$variant(request) => request.source(),)+ }
            }

            /// Decides. Either a plan, which is worth nothing until it is committed, or a refusal and what follows from it.
            pub fn decide(
                self,
                client: &AuthenticatedClient,
                peeked: Peeked,
                deciding: Deciding,
            ) -> Result<IssuePlan, GrantRefusal> {
                if !client.client().allows(self.grant_type()) {
                    let note = format!("client {} asked for {}", client.client().id(), self.grant_type().as_str());
                    return Err(Rule::GrantTypeNotAllowed.refuse().noting(note).into());
                }
                match self { $(GrantRequest::$variant(request) => request.decide(client, peeked, deciding),)+ }
            }
        }
    };
}

grants! {
    AuthorizationCode => authorization_code,
    ClientCredentials => client_credentials,
    RefreshToken => refresh_token,
}
