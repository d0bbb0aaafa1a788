//! The person allows a request: grant and code come into being.

use jose::{Seconds, UnixTime};

use crate::authorize::check::CheckedAuthorizationRequest;
use crate::authorize::decide::NextStep;
use crate::handle::{Draw, HandleKind, Id, NewHandle};
use crate::policy::Policy;
use crate::record::{Authentication, CodeRecord, CodeState, ConsentRecord, GrantRecord, Offline, SessionRecord};
use crate::redirect_uri::TrustedRedirect;
use crate::scope::ScopeSet;
use crate::wire::response::ResponseMode;

/// A person who signed in, in a session that is alive.
#[derive(Debug)]
pub struct AuthenticatedUser {
    subject: String,
    authentication: Authentication,
}

impl AuthenticatedUser {
    /// Says that the browser at hand holds `session`. Only sign-in code, which compared the cookie, may say so: whoever
    /// says it wrongly gives one person's grant to another.
    pub fn assertion(session: &SessionRecord) -> AuthenticatedUser {
        AuthenticatedUser { subject: session.subject.clone(), authentication: session.authentication.clone() }
    }
}

/// What the person allowed.
#[derive(Debug)]
pub struct Consent {
    scope: ScopeSet,
    remember: Remember,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remember {
    Already,
    No,
    Yes,
}

impl Consent {
    /// The person pressed "allow" and left these scopes ticked.
    pub fn given(ticked: ScopeSet) -> Consent {
        Consent { scope: ticked, remember: Remember::Yes }
    }

    /// The person allowed all of it before: [`NextStep::Approve`] is the proof, anything else yields nothing.
    pub fn remembered(step: NextStep, request: &CheckedAuthorizationRequest) -> Option<Consent> {
        (step == NextStep::Approve).then(|| Consent { scope: request.scope.clone(), remember: Remember::Already })
    }
}

/// A request that a signed-in person allowed.
#[derive(Debug)]
pub struct Approval {
    request: CheckedAuthorizationRequest,
    user: AuthenticatedUser,
    scope: ScopeSet,
    offline: Offline,
    remember: Remember,
}

impl CheckedAuthorizationRequest {
    /// Whether nothing is left of the request if only `ticked` is allowed. Who unticks everything has said no, whichever
    /// button he pressed; a token of no scope would still say who he is, and pass where an API looks at the audience alone.
    pub fn leaves_nothing(&self, ticked: &ScopeSet) -> bool {
        // defends: too-much-scope-granted
        !self.scope.iter().any(|token| token == "openid" || ticked.contains(token))
    }

    /// Joins request, person and consent. The person may narrow what was asked, never widen it.
    pub fn approve(self, user: AuthenticatedUser, consent: Consent) -> Approval {
        // What was not asked for cannot be granted, whatever the form sends.  defends: consent-scope-creep
        // openid says that this is a sign-in at all, so it cannot be unticked.
        let scope = self.scope.filter(|token| token == "openid" || consent.scope.contains(token));
        // A box that reads "keep access while you are away" must do what it says, although refresh tokens are issued to who
        // never asked for it as well. Not remembered: the same request without offline_access would pass unseen.
        // defends: too-much-scope-granted
        let unticked = self.scope.contains("offline_access") && !scope.contains("offline_access");
        let offline = if unticked { Offline::Refused } else { Offline::Allowed };
        let rememberable = self.client.may_remember_consent() && offline == Offline::Allowed;
        let remember = if rememberable { consent.remember } else { Remember::No };
        Approval { request: self, user, scope, offline, remember }
    }
}

/// What the ledger has to write for one approved request, all of it or nothing.
#[derive(Debug)]
pub struct CodePlan {
    /// The parked request to take away; the plan is lost if it is gone already.
    pub take_parked: Option<Id>,
    /// The grant to insert.
    pub grant: GrantRecord,
    /// The code to insert.
    pub code: CodeRecord,
    /// The consent to remember.
    pub remember: Option<ConsentRecord>,
    pub(super) handle: NewHandle,
    pub(super) redirect: TrustedRedirect,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
    pub(super) issuer: String,
}

impl Approval {
    /// Mints grant and code. `parked` is the request's row where it waited: it is taken away in the same step, so that
    /// of two presses on "allow" one wins.
    pub fn mint(self, policy: &Policy, parked: Option<Id>, draw: &mut dyn Draw, now: UnixTime) -> CodePlan {
        let Approval { request, user, scope, offline, remember } = self;
        let grant_id = draw.id();
        let handle = NewHandle::mint(HandleKind::Code, draw.id(), &draw.secret());
        let expires = now + policy.lifetimes.code;
        let remember = (remember == Remember::Yes).then(|| ConsentRecord {
            subject: user.subject.clone(),
            client_id: request.client.id().to_owned(),
            redirect_uri: request.redirect.as_str().to_owned(),
            scope: scope.clone(),
            resources: request.resources.clone(),
            expires: now + policy.lifetimes.consent,
        });
        let grant = GrantRecord {
            id: grant_id,
            client_id: request.client.id().to_owned(),
            subject: user.subject,
            scope,
            resources: request.resources,
            authentication: user.authentication,
            claims: request.claims,
            created: now,
            // Until the code is redeemed the grant lives no longer than the code; a little more, so that a replay that
            // comes late still finds it.
            expires: expires + Seconds(60),
            ended: None,
            last_used: now,
            confirmed: Id::NONE,
            offline,
        };
        let code = CodeRecord {
            id: handle.id(),
            hash: handle.hash(),
            redirect_uri: request.redirect.named().unwrap_or_default().to_owned(),
            challenge: request.challenge,
            nonce: request.nonce,
            expires,
            state: CodeState::Active,
        };
        CodePlan {
            take_parked: parked,
            grant,
            code,
            remember,
            handle,
            redirect: TrustedRedirect::assertion(request.redirect),
            mode: request.mode,
            state: request.state,
            issuer: policy.issuer.clone(),
        }
    }
}
