//! Sign-in by password: slowly for guessers, alike for names that exist and names that do not.

use protocol::Secret;
use protocol::record::{OwnerStatus, SessionRecord, UserRecord};
use protocol::signal::Signal;
use store::StoreError;

use crate::app::App;
use crate::call::Call;
use crate::edge::{Acquainted, Admission, Because, Burst, KnownBrowser, Source};
use crate::events::About;
use crate::password::{Outcome, StoredHash, Username};

/// Why nobody was signed in. What the person reads does not depend on whether the name exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefused {
    /// No thread is free to check a password.
    Busy,
    /// Too many attempts; seconds to wait.
    SlowDown(u32),
    /// Name, password or account: which one is not told.
    Wrong,
}

/// Checks name and password. The outer error is the store's.
pub async fn sign_in(
    app: &App,
    call: &Call,
    session: Option<&SessionRecord>,
    name: &str,
    password: &str,
) -> Result<Result<UserRecord, SignInRefused>, StoreError> {
    let username = Username::parse(name).ok();
    let account = username.as_ref().map_or_else(|| name.chars().take(64).collect(), |name| name.as_str().to_owned());
    // A browser that is signed in as this very person is no guesser: guessers elsewhere do not slow it down.
    // defends: dos-lockout-abuse
    let source = match session {
        Some(session) if session.username == account => Source::Browser(KnownBrowser(session.id.0), call.peer.key()),
        _ => Source::Address(call.peer.key()),
    };
    let ticket = match app.throttle.admit_password(&account, source, call.millis) {
        Admission::Go(ticket) => ticket,
        Admission::Wait { retry_after, because } => {
            // One address at many accounts is somebody who looks which ones there are.
            let signal = match because {
                Because::Account => Signal::AccountLocked,
                Because::Address => Signal::EnumerationSuspected,
                Because::Source => Signal::LoginFailedBurst,
            };
            app.events.raise(signal, call, About::default().detail("sign-in slowed down"));
            return Ok(Err(SignInRefused::SlowDown(retry_after.0)));
        }
    };
    let user = match &username {
        Some(name) => app.ledger.user_by_name(name.as_str()).await?,
        None => None,
    };
    // For a name that does not exist a dummy is hashed: time tells nothing.  defends: account-enumeration
    let stored = user.as_ref().map(|user| StoredHash::from_store(user.password.clone()));
    let outcome = match app.passwords.verify(Secret::new(password.to_owned()), stored, call.peer.key()).await {
        Ok(outcome) => outcome,
        Err(_busy) => {
            app.throttle.password_unchecked(ticket, call.millis);
            return Ok(Err(SignInRefused::Busy));
        }
    };
    let right = outcome != Outcome::Wrong;
    match user {
        // defends: locked-account-token-issuance
        Some(mut user) if right && user.status == OwnerStatus::Active => {
            // defends: password-phishing-counterfeit-as
            if app.throttle.password_right(ticket, call.millis) == Acquainted::No {
                app.events.raise(Signal::LoginNewLocation, call, About::default().subject(&user.subject));
            }
            // Compare-and-set, of the hash alone: while the password was checked, the operator may have locked the account or
            // set another password, and neither may be undone.
            if let Outcome::RightButStale(hash) = outcome
                && app.ledger.renew_password(&user.subject, &user.password, hash.as_str()).await?
            {
                user.password = hash.as_str().to_owned();
            }
            Ok(Ok(user))
        }
        Some(user) if right => {
            let _counted = app.throttle.password_wrong(ticket);
            app.events.raise(
                Signal::DisabledSubjectUse,
                call,
                About::default().subject(&user.subject).detail("sign-in"),
            );
            Ok(Err(SignInRefused::Wrong))
        }
        user => {
            let about = user.map_or_else(About::default, |user| About::default().subject(&user.subject));
            if app.throttle.password_wrong(ticket) == Burst::Yes {
                app.events.raise(Signal::LoginFailedBurst, call, about.detail("wrong password"));
            }
            Ok(Err(SignInRefused::Wrong))
        }
    }
}
