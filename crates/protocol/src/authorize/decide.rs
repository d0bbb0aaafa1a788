//! What happens next for a checked request: sign in, ask, answer at once, or refuse.

use jose::UnixTime;

use crate::authorize::check::{CheckedAuthorizationRequest, Prompt};
use crate::record::{ConsentRecord, ParkedRecord, SessionRecord};
use crate::rules::Rule;

/// The next step of an authorization request.
#[derive(Debug, PartialEq, Eq)]
pub enum NextStep {
    /// The person allowed all of this before, and the client may be remembered.
    Approve,
    /// Ask the person.
    Consent(Why),
    /// Refuse without a page: the client said `prompt=none`.
    Refuse(Rule),
    /// Let the person sign in.
    SignIn,
}

/// Why consent is asked: the page may say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The client wants it asked.
    Asked,
    /// Nothing was allowed before, or not all of this.
    New,
    /// The client proves nothing about itself.
    Unproven,
}

impl CheckedAuthorizationRequest {
    /// Decides by session and remembered consent. `parked` is the row of a request that waited; a fresh one has none. A
    /// person who has to sign in anew must have done so since.
    ///
    /// A wrong `Approve` hands a code to whoever sits on the redirect URI.
    pub fn next_step(
        &self,
        session: Option<&SessionRecord>,
        remembered: Option<&ConsentRecord>,
        parked: Option<&ParkedRecord>,
        now: UnixTime,
    ) -> NextStep {
        let silent = self.prompts.contains(&Prompt::None);
        let session = session.filter(|session| self.signed_in_well_enough(session, parked, now));
        let Some(session) = session else {
            return if silent { NextStep::Refuse(Rule::LoginRequired) } else { NextStep::SignIn };
        };
        let why = if self.prompts.contains(&Prompt::Consent) {
            Some(Why::Asked)
        } else if !self.client.may_remember_consent() {
            // Any app can use a public client's name.  https://www.rfc-editor.org/rfc/rfc6819#section-5.2.3.2
            // defends: existing-authorization-by-fraud
            Some(Why::Unproven)
        } else if remembered.is_some_and(|consent| self.covered_by(consent, session, now)) {
            None
        } else {
            Some(Why::New)
        };
        match why {
            None => NextStep::Approve,
            Some(_) if silent => NextStep::Refuse(Rule::ConsentRequired),
            Some(why) => NextStep::Consent(why),
        }
    }

    fn signed_in_well_enough(&self, session: &SessionRecord, parked: Option<&ParkedRecord>, now: UnixTime) -> bool {
        // defends: authentication-strength-bypass
        if session.expires <= now {
            return false;
        }
        // By ids, which tell the order within a second: every sign-in makes a new session.
        let for_this = parked.is_some_and(|parked| session.id > parked.id);
        let anew = self.max_age == Some(0)
            || self.prompts.iter().any(|prompt| matches!(prompt, Prompt::Login | Prompt::SelectAccount));
        let old = self.max_age.is_some_and(|max| now.saturating_since(session.authentication.time).0 > max);
        // Who signed in for this very request is fresh, however long he then reads the consent page.
        if (anew || old) && !for_this {
            return false;
        }
        // Somebody else than the one whom the client speaks of would be taken for him.
        self.hint_subject.as_ref().is_none_or(|subject| *subject == session.subject)
            && self.claims.admits(&session.subject)
    }

    fn covered_by(&self, consent: &ConsentRecord, session: &SessionRecord, now: UnixTime) -> bool {
        // The whole of it, at the same address, for the same person, and not for ever.  defends: consent-scope-creep
        consent.expires > now
            && consent.subject == session.subject
            && consent.client_id == self.client.id()
            && consent.redirect_uri == self.redirect.as_str()
            && self.scope.is_subset(&consent.scope)
            && self.resources.iter().all(|resource| consent.resources.contains(resource))
            && self.claims.is_empty()
    }
}
