//! What weaknesses of the token endpoint have in common: how the proofs of a request stand, and fresh tokens for a code or
//! a refresh token that the honest server would refuse.

use protocol::record::{CodeState, PeekedCode};

use super::super::backdoor::{Client, Straw, basic, challenge_of};
use super::super::exchange::{Answer, Ask, Form};
use super::super::layer::{Answering, Next, Weakness};
use super::super::person::Wanted;

/// How a request proves the client that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// No client is named.
    Nobody,
    /// A client that has a secret or a key is named, and nothing proves it.
    NameOnly,
    /// As it is registered.
    Right,
    /// Otherwise.
    Wrong,
}

/// How a request to the token, revocation or introspection endpoint proves its client. Assertions are taken as right: only
/// the honest server can tell.
pub(super) fn proof(straw: &Straw, ask: &Ask) -> Proof {
    let Some(client) = straw.claimed_client(ask) else { return Proof::Nobody };
    let form = ask.form();
    let by_form = form.has("client_secret").then(|| form.get("client_secret").to_owned());
    let presented = basic(ask).map(|(_, secret)| secret).or(by_form);
    match (&client.secret, presented) {
        (Some(secret), Some(presented)) if *secret.expose() == presented => Proof::Right,
        (_, Some(_)) => Proof::Wrong,
        (None, None) if client.method() == "none" || form.has("client_assertion") => Proof::Right,
        (_, None) => Proof::NameOnly,
    }
}

/// The redemption of a code that is known and was not used.
pub(super) struct Redemption<'a> {
    /// The code.
    pub(super) peeked: PeekedCode,
    /// The client that the code was issued to.
    pub(super) owner: &'a Client,
    /// The parameters.
    pub(super) form: Form,
    /// How the client of the request is proved, whoever it is.
    pub(super) proof: Proof,
    /// Whether the request names the code's own client.
    pub(super) own: bool,
}

impl<'a> Redemption<'a> {
    pub(super) async fn of(straw: &'a Straw, ask: &Ask) -> Option<Redemption<'a>> {
        if !ask.is_token_request("authorization_code") {
            return None;
        }
        let form = ask.form();
        let peeked = straw.code(form.get("code")).await.filter(|peeked| peeked.code.state == CodeState::Active)?;
        let owner = straw.client(&peeked.grant.client_id)?;
        let own = straw.claimed_client(ask).is_some_and(|claimed| claimed.id() == owner.id());
        Some(Redemption { peeked, owner, form, proof: proof(straw, ask), own })
    }

    /// Whether the verifier is the one behind the challenge.
    pub(super) fn right_verifier(&self) -> bool {
        self.peeked.code.challenge == Some(challenge_of(self.form.get("code_verifier")))
    }

    /// Whether the redirect URI is the one that the code went to, named once.
    pub(super) fn right_redirect(&self) -> bool {
        let mut named = self.form.all("redirect_uri");
        named.next() == Some(self.peeked.code.redirect_uri.as_str()) && named.next().is_none()
    }

    /// Whether the code's own client is proved.
    pub(super) fn right_client(&self) -> bool {
        self.own && self.proof == Proof::Right
    }

    /// Tokens with the rights of the code, from a flow inside.
    pub(super) async fn tokens(&self, straw: &Straw) -> Answer {
        straw.fresh_tokens(&Wanted::again(&self.peeked.grant).nonce(self.peeked.code.nonce.as_deref())).await
    }
}

/// A server that takes redemptions which an honest one refuses.
pub(super) struct Accepts(pub(super) fn(&Straw, &Ask, &Redemption<'_>) -> bool);

impl Weakness for Accepts {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            match Redemption::of(straw, &ask).await {
                Some(redemption) if (self.0)(straw, &ask, &redemption) => redemption.tokens(straw).await,
                _ => next.run(ask).await,
            }
        })
    }
}
