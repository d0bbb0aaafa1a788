//! Who calls, and with which rights.

use jose::UnixTime;

/// One checked access token: its issuer, audience, time and kind were right. Made by [`super::TokenRule`] alone.
///
/// It says what the token allows, not that this route may be used: that is [`super::Requirement::check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub(super) principal: Principal,
    pub(super) client_id: String,
    pub(super) scope: Vec<String>,
    pub(super) expires_at: UnixTime,
    pub(super) auth_time: Option<UnixTime>,
    pub(super) acr: Option<String>,
}

/// In whose name the call is made. Two types, so that a client whose identifier looks like a user's is still no user.
// defends: client-impersonating-resource-owner
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A client for itself: nobody signed in.
    Client(ClientPrincipal),
    /// A person, through a client.
    User(UserPrincipal),
}

/// A person. The pair of issuer and subject is the key: another issuer may use the same `sub` for somebody else.
// defends: cuckoos-token
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserPrincipal {
    pub(super) issuer: String,
    pub(super) subject: String,
}

/// A client that acts for itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientPrincipal {
    pub(super) issuer: String,
    pub(super) client_id: String,
}

impl UserPrincipal {
    /// Who vouches for the person.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The person at that issuer.
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

impl ClientPrincipal {
    /// Who vouches for the client.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The client at that issuer.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }
}

impl Access {
    /// In whose name the call is made.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The client that calls, for itself or for a person.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The granted scopes.
    pub fn scope(&self) -> &[String] {
        &self.scope
    }

    /// Whether this scope was granted, compared byte by byte.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scope.iter().any(|granted| granted == scope)
    }

    /// When the token ends.
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// When the person signed in, if the token says so.
    pub fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// How strongly, in the issuer's terms.
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }
}
