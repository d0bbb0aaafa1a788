//! Extractors for axum: the checked caller, as a person or as a client.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use protocol::resource::{Access, ClientPrincipal, Principal, UserPrincipal};

use crate::Rejection;

/// The person in whose name the call is made. Refuses routes without [`crate::Guard::require`] and calls of clients.
#[derive(Clone, Debug)]
pub struct UserCaller {
    /// The person: issuer and subject.
    pub user: UserPrincipal,
    /// The rest of the checked token.
    pub access: Access,
}

/// The client that calls for itself. Refuses routes without [`crate::Guard::require`] and calls for people.
#[derive(Clone, Debug)]
pub struct ClientCaller {
    /// The client: issuer and identifier.
    pub client: ClientPrincipal,
    /// The rest of the checked token.
    pub access: Access,
}

/// The route has no requirement, or one for another kind of caller: a mistake in the API, answered with 403 and no detail.
// defends: resource-scope-not-enforced (a route that forgot its requirement answers nobody)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotGuarded;

impl<S: Sync> FromRequestParts<S> for UserCaller {
    type Rejection = NotGuarded;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotGuarded> {
        let access = parts.extensions.get::<Access>().ok_or(NotGuarded)?.clone();
        match access.principal() {
            Principal::User(user) => Ok(Self { user: user.clone(), access }),
            Principal::Client(_) => Err(NotGuarded),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for ClientCaller {
    type Rejection = NotGuarded;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotGuarded> {
        let access = parts.extensions.get::<Access>().ok_or(NotGuarded)?.clone();
        match access.principal() {
            Principal::Client(client) => Ok(Self { client: client.clone(), access }),
            Principal::User(_) => Err(NotGuarded),
        }
    }
}

impl IntoResponse for NotGuarded {
    fn into_response(self) -> Response {
        StatusCode::FORBIDDEN.into_response()
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        Rejection::into_response(self)
    }
}
