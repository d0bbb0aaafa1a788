//! What happens next for a checked request: sign in, ask, answer at once, or refuse.

use jose::UnixTime;

use crate::authorize::check::{CheckedAuthorizationRequest, Prompt};
use crate::record::{ConsentRecord, SessionRecord};
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
    /// Decides by session and remembered consent. `since` is when the request was first made: a person who has to sign in
    /// anew must have done so after it. `UnixTime` of now for a fresh request.
    ///
    /// A wrong `Approve` hands a code to whoever sits on the redirect URI.
    pub fn next_step(
        &self,
        session: Option<&SessionRecord>,
        remembered: Option<&ConsentRecord>,
        since: Option<UnixTime>,
        now: UnixTime,
    ) -> NextStep {
        let silent = self.prompts.contains(&Prompt::None);
        let session = session.filter(|session| self.signed_in_well_enough(session, since, now));
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

    fn signed_in_well_enough(&self, session: &SessionRecord, since: Option<UnixTime>, now: UnixTime) -> bool {
        // defends: authentication-strength-bypass
        if session.expires <= now {
            return false;
        }
        let signed_in = session.authentication.time;
        let anew = self.prompts.iter().any(|prompt| matches!(prompt, Prompt::Login | Prompt::SelectAccount));
        if anew && since.is_none_or(|since| signed_in < since) {
            return false;
        }
        let fresh_for = |since: UnixTime| since.saturating_since(signed_in).0;
        // For a request that waited, age is counted from when it was made: otherwise a slow reader of the consent page
        // would have to sign in again and again.
        if self.max_age.is_some_and(|max| fresh_for(since.unwrap_or(now)) > max) {
            return false;
        }
        let expected = [self.hint_subject.as_deref(), self.claims.subject()];
        expected.into_iter().flatten().all(|subject| subject == session.subject)
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
