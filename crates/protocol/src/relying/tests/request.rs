//! The authorization request and its callback.

use super::*;

#[test]
fn pkce_plain_observed_only_s256_is_ever_sent() {
    let (url, _) = start().begin(&random(), NOW).unwrap();
    let pairs = form::parse(url.split_once('?').unwrap().1).unwrap();
    let get = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(get("code_challenge_method"), Some("S256"));
    assert_eq!(get("response_type"), Some("code"));
    assert_eq!(get("code_challenge").unwrap().len(), 43);
    assert_eq!(get("state").unwrap().len(), 43);
    assert_eq!(get("nonce").unwrap().len(), 43);
    assert_eq!(get("resource"), Some("https://mail.example"));
    // Three parts of one draw, none equal to another.
    assert!(get("state") != get("nonce") && get("state") != get("code_challenge"));
    assert!(!format!("{:?}", begin().0).contains(get("state").unwrap()), "state must not be printed");
}

#[test]
fn pkce_weak_or_reused_challenge_each_draw_gives_its_own() {
    let challenge = |random: &StartRandom| {
        let (url, _) = start().begin(random, NOW).unwrap();
        let pairs = form::parse(url.split_once('?').unwrap().1).unwrap();
        pairs.into_iter().find(|(name, _)| name == "code_challenge").unwrap().1
    };
    let first = challenge(&random());
    // Every one of the verifier's 256 bits counts, and none of the others.
    for index in 0..96 {
        let mut other = random();
        other.0[index] ^= 1;
        assert_eq!(challenge(&other) == first, index < 64, "byte {index}");
    }
}

#[test]
fn cuckoos_token_and_dos_manufactured_codes_refused_answers_yield_no_code() {
    let foreign = accept(|state| format!("code=abc&state={state}&iss=https%3A%2F%2Fevil.example"));
    assert_eq!(foreign.unwrap_err(), CallbackError::IssuerMismatch);
    let invented = accept(|_| "code=sc_ac.invented&state=invented".to_owned());
    assert_eq!(invented.unwrap_err(), CallbackError::StateMismatch);
}

#[test]
fn code_eavesdropping_leak_codes_are_never_sent_over_plain_http() {
    let refused = |client: Arc<ClientIdentity>, redirect: &str| {
        AuthorizationStart::new(server(), client, redirect).begin(&random(), NOW).err()
    };
    for redirect in
        ["http://app.example/cb", "http://localhost/cb", "https://app.example/cb#f", "com.example:/cb", "cb"]
    {
        assert_eq!(refused(web(), redirect), Some(StartError::RedirectUri), "{redirect}");
    }
    assert_eq!(refused(web(), "http://127.0.0.1:9/cb"), None);
}

#[test]
fn custom_scheme_hijack_a_scheme_needs_a_period() {
    let native = Arc::new(ClientIdentity::native("app"));
    let begin =
        |redirect: &str| AuthorizationStart::new(server(), native.clone(), redirect).begin(&random(), NOW).map(|_| ());
    assert_eq!(begin("com.example.app:/callback"), Ok(()));
    assert_eq!(begin("myapp:/callback"), Err(StartError::RedirectUri));
    assert_eq!(begin("javascript:alert(1)"), Err(StartError::RedirectUri));
}

#[test]
fn a_good_callback_is_accepted() {
    assert!(accept(good_callback).is_ok());
    assert!(
        accept(|state| format!("{}&session_state=x", good_callback(state))).is_ok(),
        "unknown parameters are ignored"
    );
}

#[test]
fn csrf_on_redirect_uri_foreign_state_is_refused() {
    for state in ["", "x", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh"] {
        let answer = accept(|_| good_callback(state));
        assert_eq!(answer.unwrap_err(), CallbackError::StateMismatch, "{state}");
    }
    let without = accept(|_| format!("code=abc&iss={}", form::encode(ISSUER)));
    assert_eq!(without.unwrap_err(), CallbackError::StateMismatch);
    // The error of somebody else's run is not believed either.
    let denied = accept(|_| format!("error=access_denied&state=x&iss={}", form::encode(ISSUER)));
    assert_eq!(denied.unwrap_err(), CallbackError::StateMismatch);
}

#[test]
fn cross_app_request_forgery_stray_answers_do_not_spend_the_record() {
    let (pending, state, _) = begin();
    assert!(!pending.is_answered_by("code=abc&state=x"));
    assert!(!pending.is_answered_by(&format!("state={state}&state={state}&code=abc")));
    assert!(pending.is_answered_by(&good_callback(&state)));
    assert!(pending.accept(&good_callback(&state), NOW).is_ok());
}

#[test]
fn mix_up_wrong_iss_is_refused_before_the_code_is_looked_at() {
    for iss in ["https://evil.example", "https://login.example/", "HTTPS://login.example"] {
        for outcome in ["code=abc", "error=access_denied"] {
            let answer = accept(|state| format!("{outcome}&state={state}&iss={}", form::encode(iss)));
            let error = answer.unwrap_err();
            assert_eq!(error, CallbackError::IssuerMismatch, "{iss} {outcome}");
            assert_eq!(error.signal(), Some(crate::signal::Signal::UpstreamIssuerMismatch));
        }
    }
}

#[test]
fn mix_up_missing_iss_is_refused_once_announced() {
    let answer = accept(|state| format!("code=abc&state={state}"));
    assert_eq!(answer.unwrap_err(), CallbackError::MissingIssuer);
    let mut read = document(ISSUER);
    read["authorization_response_iss_parameter_supported"] = json!(false);
    let silent = Arc::new(parse(&read, ISSUER).unwrap());
    let begin = || AuthorizationStart::new(silent.clone(), web(), REDIRECT).begin(&random(), NOW).unwrap();
    let (url, pending) = begin();
    let state =
        form::parse(url.split_once('?').unwrap().1).unwrap().into_iter().find(|(name, _)| name == "state").unwrap().1;
    assert!(pending.accept(&format!("code=abc&state={state}"), NOW).is_ok());
    let wrong = begin().1.accept(&format!("code=abc&state={state}&iss=https%3A%2F%2Fevil.example"), NOW);
    assert_eq!(wrong.unwrap_err(), CallbackError::IssuerMismatch);
}

#[test]
fn redirect_uri_parameter_pollution_repeated_parameters_are_refused() {
    for again in ["code=evil", "c%6Fde=evil", "state=x", "iss=x", "whatever=1&whatever=1"] {
        let answer = accept(|state| format!("{}&{again}", good_callback(state)));
        assert_eq!(answer.unwrap_err(), CallbackError::RepeatedParameter, "{again}");
    }
}

#[test]
fn response_mode_switching_tokens_in_the_callback_are_refused() {
    for extra in ["access_token=x", "id_token=x", "response=x"] {
        let answer = accept(|state| format!("{}&{extra}", good_callback(state)));
        assert_eq!(answer.unwrap_err(), CallbackError::UnaskedToken, "{extra}");
    }
}

#[test]
fn callbacks_have_exactly_one_outcome() {
    for outcome in ["", "code=", "code=abc&error=access_denied"] {
        let answer = accept(|state| format!("{outcome}&state={state}&iss={}", form::encode(ISSUER)));
        assert_eq!(answer.unwrap_err(), CallbackError::NotOneOutcome, "{outcome}");
    }
    let denied = accept(|state| {
        format!("error=access_denied&error_description=no%22%C3%A4&state={state}&iss={}", form::encode(ISSUER))
    });
    assert_eq!(denied.unwrap_err().to_string(), "the authorization server answered: access_denied: no\"");
}

#[test]
fn unreadable_and_late_callbacks_are_refused() {
    for query in ["code=%", "code=%zz", "code=%ff", "code=%0a"] {
        assert_eq!(accept(|state| format!("{query}&state={state}")).unwrap_err(), CallbackError::Malformed, "{query}");
    }
    assert_eq!(accept(|_| "a".repeat(9000)).unwrap_err(), CallbackError::Malformed);
    let (pending, state, _) = begin();
    assert_eq!(pending.accept(&good_callback(&state), NOW + Seconds(901)).unwrap_err(), CallbackError::TooLate);
}
