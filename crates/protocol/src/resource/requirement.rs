//! What one route demands.

use jose::{Expectation, Seconds, UnixTime};

use super::{Access, Principal, Refusal};

/// Scopes, kind of principal and strength of sign-in that a route demands. A route without one should not answer at all.
// defends: resource-scope-not-enforced
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    scope: Vec<String>,
    caller: Caller,
    acr: Option<String>,
    max_age: Option<Seconds>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Client,
    User,
}

impl Requirement {
    /// A person must have granted all of these scopes.
    pub fn user<'a>(scope: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(scope, Caller::User)
    }

    /// A client that acts for itself must have all of these scopes.
    pub fn client<'a>(scope: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(scope, Caller::Client)
    }

    fn new<'a>(scope: impl IntoIterator<Item = &'a str>, caller: Caller) -> Self {
        Self { scope: scope.into_iter().map(str::to_owned).collect(), caller, acr: None, max_age: None }
    }

    /// Demands this authentication context class, compared byte by byte.
    pub fn acr(mut self, acr: impl Into<String>) -> Self {
        self.acr = Some(acr.into());
        self
    }

    /// Demands a sign-in at most this old.
    pub fn max_age(mut self, age: Seconds) -> Self {
        self.max_age = Some(age);
        self
    }

    /// The scopes that are demanded.
    pub fn scope(&self) -> &[String] {
        &self.scope
    }

    /// Compares. A wrong "ok" lets a read-only token write, or a client act as a person.
    pub fn check(&self, access: &Access, now: UnixTime) -> Result<(), Refusal> {
        let is_meant = match (self.caller, access.principal()) {
            (Caller::Client, Principal::Client(_)) | (Caller::User, Principal::User(_)) => true,
            (Caller::Client, Principal::User(_)) | (Caller::User, Principal::Client(_)) => false,
        };
        // defends: client-impersonating-resource-owner
        if !is_meant {
            return Err(Refusal::WrongPrincipal);
        }
        // defends: resource-scope-not-enforced
        if !self.scope.iter().all(|needed| access.has_scope(needed)) {
            return Err(Refusal::InsufficientScope(self.scope.clone()));
        }
        // defends: authentication-strength-bypass
        let is_strong = self.acr.is_none() || self.acr.as_deref() == access.acr();
        let is_recent = self
            .max_age
            .is_none_or(|age| access.auth_time().is_some_and(|at| now <= at + age + Expectation::DEFAULT_LEEWAY));
        if is_strong && is_recent {
            Ok(())
        } else {
            Err(Refusal::InsufficientAuthentication { acr: self.acr.clone(), max_age: self.max_age })
        }
    }
}
