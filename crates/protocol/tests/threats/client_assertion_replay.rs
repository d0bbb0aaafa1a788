//! An assertion is read in a log and sent again, or made without the key.

use jose::{Audience, Seconds};
use protocol::client_auth::{CheckedClient, PresentedClient};
use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::wire::parameters::Parameters;

use crate::cast::*;

fn attempt(desk: &mut Desk, token: &str) -> Option<Rule> {
    let body = asserting(Desk::refreshing("sc_rt.none"), token);
    match desk.token_raw(None, &body.bytes()) {
        Err(refused) if refused.rule == Rule::RefreshUnknown => None,
        Err(refused) => Some(refused.rule),
        Ok(_) => panic!("there is no such refresh token"),
    }
}

#[test]
fn an_assertion_counts_once() {
    let mut desk = Desk::open();
    let token = assertion(client_key(), &assertion_claims(KEYED, "once"));
    assert_eq!(attempt(&mut desk, &token), None, "authenticated");
    assert_eq!(attempt(&mut desk, &token), Some(Rule::AssertionReplayed));
    assert_eq!(Rule::AssertionReplayed.signal(), Some(Signal::ClientAssertionReplayed));
    let next = assertion(client_key(), &assertion_claims(KEYED, "twice"));
    assert_eq!(attempt(&mut desk, &next), None);
}

#[test]
fn what_is_remembered_is_client_and_jti_until_it_can_no_longer_be_used() {
    let desk = Desk::open();
    let id = |client: &str, jti: &str| {
        let token = assertion(client_key(), &assertion_claims(client, jti));
        let parameters = Parameters::parse(&asserting(Form::default(), &token).bytes()).expect("well-formed");
        let presented = PresentedClient::parse(None, &parameters).expect("one method");
        let client = desk.clients.by_id.get(client).cloned();
        match presented.check(client, &desk.policy, NOW).expect("right") {
            CheckedClient::OnFirstUse(assertion) => assertion.id().clone(),
            CheckedClient::Authenticated(_) => panic!("an assertion alone authenticates nobody"),
        }
    };
    assert_eq!(id(KEYED, "a").hash, id(KEYED, "a").hash);
    assert_ne!(id(KEYED, "a").hash, id(KEYED, "b").hash);
    assert_ne!(id(KEYED, "a").hash, id(OLD, "a").hash, "jti are unique per client only");
    assert!(id(KEYED, "a").until >= NOW + Seconds(60), "at least as long as it lives");
}

#[test]
fn an_assertion_has_the_clients_key_names_and_times() {
    let mut desk = Desk::open();
    let (invalid, claims) = (Some(Rule::AssertionInvalid), Some(Rule::AssertionClaims));
    let foreign = assertion(mallorys_key(), &assertion_claims(KEYED, "1"));
    assert_eq!(attempt(&mut desk, &foreign), invalid);

    let mut late = assertion_claims(KEYED, "2");
    (late.exp, late.iat) = (NOW, Some(NOW - Seconds(60)));
    assert_eq!(attempt(&mut desk, &assertion(client_key(), &late)), claims, "expired");
    let mut early = assertion_claims(KEYED, "3");
    early.nbf = Some(NOW + Seconds(60));
    assert_eq!(attempt(&mut desk, &assertion(client_key(), &early)), claims, "not valid yet");
    let mut long = assertion_claims(KEYED, "4");
    long.exp = NOW + Seconds(3611);
    assert_eq!(attempt(&mut desk, &assertion(client_key(), &long)), claims, "lives too long");
    let mut nobody = assertion_claims(KEYED, "5");
    nobody.aud = Audience::one("");
    assert!(client_key().sign(&nobody).is_err(), "our own kit would not even make this");

    let good = assertion(client_key(), &assertion_claims(KEYED, "6"));
    let (signed, _) = good.rsplit_once('.').expect("three parts");
    for broken in
        [format!("{signed}."), format!("{signed}.AAAA"), signed.to_owned(), "x".to_owned(), String::from("a.b.c")]
    {
        assert_eq!(attempt(&mut desk, &broken), invalid, "{broken}");
    }
    assert_eq!(attempt(&mut desk, &good), None);
}

#[test]
fn no_other_signed_thing_is_an_assertion() {
    let mut desk = Desk::open();
    let tokens = desk.connect(KEYED);
    // The server's own tokens are signed, but by the server and about Ada.
    for token in [tokens.access(), tokens.0["id_token"].as_str().expect("an ID token")] {
        assert_eq!(attempt(&mut desk, token), Some(Rule::ClientSecretUnknownClient));
    }
    // The client's own key, under what is made for another purpose.
    let claims = jose::AccessToken {
        iss: KEYED.to_owned(),
        sub: KEYED.to_owned(),
        aud: Audience::one(ISSUER),
        ..tokens.access_claims(MAIL, NOW)
    };
    let access = client_key().sign(&claims).expect("well-formed");
    assert_eq!(attempt(&mut desk, &access), Some(Rule::AssertionKind));
    let claims = jose::IdToken {
        iss: KEYED.to_owned(),
        sub: KEYED.to_owned(),
        aud: Audience::one(ISSUER),
        ..tokens.id_claims(KEYED, NOW)
    };
    let id_token = client_key().sign(&claims).expect("well-formed");
    assert_eq!(attempt(&mut desk, &id_token), Some(Rule::AssertionKind));
}
