//! Pages in the shape of those of servers that people use, in words of our own.

use proptest::prelude::*;
use url::Url;

use super::page::{ControlKind, Method};
use super::*;

fn at(url: &str) -> Url {
    Url::parse(url).expect("a literal of the test")
}

fn page(html: &str) -> Page {
    Page::read(&at("https://as.example/a/page?x=1"), 200, html)
}

fn user() -> Credentials {
    Credentials { username: "ada".to_owned(), password: "correct horse".to_owned() }
}

/// What the person does with the server of this preset.
fn does(preset: Preset, intent: Intent, page: &Page) -> Action {
    let selectors = Selectors::default().over(preset);
    let user = user();
    driver::decide(
        page,
        &Errand { selectors: &selectors, credentials: Some(&user), intent, callbacks: &[at("https://app.example/cb")] },
    )
}

/// What goes over the wire: address and values.
fn sends(preset: Preset, intent: Intent, page: &Page) -> (String, Vec<(String, String)>) {
    match does(preset, intent, page) {
        Action::Submit(press) => {
            let request = press.request(page).expect("a form without script");
            (request.url.to_string(), request.entries)
        }
        other => panic!("{other:?}"),
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const OWN_SIGN_IN: &str = r#"<!doctype html><title>Sign in</title><h1>Sign in</h1>
<form method="post" action="/sign-in"><input type="hidden" name="request" value="r1"><input type="hidden" name="csrf" value="c1">
<input id="username" name="username" autocomplete="username"><input id="password" type="password" name="password">
<button id="sign-in">Sign in</button></form>"#;

const OWN_CONSENT: &str = r#"<!doctype html><title>Allow?</title>
<button form="consent-switch" name="decision" value="switch">Use another account</button>
<form method="post" action="/consent" id="consent"><input type="hidden" name="csrf" value="c2">
<input type="hidden" name="scope" value="openid"><input type="checkbox" checked disabled>
<input type="checkbox" name="scope" value="mail" checked><input type="checkbox" name="scope" value="calendar">
<button id="deny" name="decision" value="deny">Deny</button><button id="allow" name="decision" value="allow">Allow</button></form>
<form method="post" action="/consent" id="consent-switch"><input type="hidden" name="csrf" value="c2"></form>"#;

#[test]
fn our_own_pages_with_the_preset_and_by_looking() {
    for preset in [Preset::Safeconduct, Preset::None] {
        let (url, entries) = sends(preset, Intent::Allow, &page(OWN_SIGN_IN));
        assert_eq!(url, "https://as.example/sign-in");
        assert_eq!(
            entries,
            pairs(&[("request", "r1"), ("csrf", "c1"), ("username", "ada"), ("password", "correct horse")])
        );
        let fixed = [("csrf", "c2"), ("scope", "openid"), ("scope", "mail")];
        let (_, entries) = sends(preset, Intent::Allow, &page(OWN_CONSENT));
        assert_eq!(entries, pairs(&[&fixed[..], &[("decision", "allow")]].concat()), "{preset:?}");
        let (_, entries) = sends(preset, Intent::Deny, &page(OWN_CONSENT));
        assert_eq!(entries, pairs(&[&fixed[..], &[("decision", "deny")]].concat()));
        assert_eq!(does(preset, Intent::Stop, &page(OWN_CONSENT)), Action::Done(Kind::Consent));
        assert_eq!(does(preset, Intent::Anonymous, &page(OWN_SIGN_IN)), Action::Done(Kind::SignIn));
    }
}

#[test]
fn development_pages_of_node_oidc_provider() {
    let aside = r#"<a href="https://as.example/interaction/u1/abort">[ Cancel ]</a> <a href="/tos">[ Terms ]</a>"#;
    let login = format!(
        r#"<title>Sign-in</title><form action="https://as.example/interaction/u1" method="post"><input type="hidden" name="prompt" value="login"/>
        <input required name="login"><input required type="password" name="password"><button class="login">Sign-in</button></form>{aside}"#
    );
    let consent = format!(
        r#"<title>Authorize</title><ul><li>scopes:</li></ul><form action="https://as.example/interaction/u1" method="post">
        <input type="hidden" name="prompt" value="consent"/><button autofocus>Continue</button></form>{aside}"#
    );
    for preset in [Preset::NodeOidcProvider, Preset::None] {
        let (_, entries) = sends(preset, Intent::Allow, &page(&login));
        assert_eq!(entries, pairs(&[("prompt", "login"), ("login", "ada"), ("password", "correct horse")]));
        let (url, entries) = sends(preset, Intent::Allow, &page(&consent));
        assert_eq!((url.as_str(), entries), ("https://as.example/interaction/u1", pairs(&[("prompt", "consent")])));
        let away = Action::Follow { to: at("https://as.example/interaction/u1/abort"), mark: None };
        assert_eq!(does(preset, Intent::Deny, &page(&consent)), away);
    }
}

#[test]
fn keycloak_asks_on_one_page_or_on_two() {
    let name = r#"<form id="kc-form-login" onsubmit="login.disabled = true" action="/realms/r/act?execution=1" method="post">
        <input id="username" name="username" type="text" autocomplete="username">
        <input id="rememberMe" name="rememberMe" type="checkbox"><button name="login" id="kc-login" type="submit">Sign In</button></form>"#;
    let password = r#"<form id="kc-form-login" action="/realms/r/act?execution=2" method="post">
        <input id="password" name="password" type="password"><button type="button" aria-label="Show password" id="password-show-password"></button>
        <input type="hidden" name="credentialId"/><button name="login" id="kc-login" type="submit">Sign In</button></form>"#;
    let consent = r#"<div id="kc-oauth"><h3>Grant access?</h3><form action="/realms/r/consent" method="POST">
        <input type="hidden" name="code" value="k1"><button name="accept" id="kc-login" type="submit">Yes</button>
        <button name="cancel" id="kc-cancel" type="submit">No</button></form></div>"#;
    for preset in [Preset::Keycloak, Preset::None] {
        let (url, entries) = sends(preset, Intent::Allow, &page(name));
        assert_eq!(url, "https://as.example/realms/r/act?execution=1");
        assert_eq!(entries, pairs(&[("username", "ada"), ("login", "")]));
        let (_, entries) = sends(preset, Intent::Allow, &page(password));
        assert_eq!(entries, pairs(&[("password", "correct horse"), ("credentialId", ""), ("login", "")]));
        let (_, entries) = sends(preset, Intent::Allow, &page(consent));
        assert_eq!(entries, pairs(&[("code", "k1"), ("accept", "")]));
        let (_, entries) = sends(preset, Intent::Deny, &page(consent));
        assert_eq!(entries, pairs(&[("code", "k1"), ("cancel", "")]));
    }
}

#[test]
fn the_reference_app_of_hydra_has_boxes_that_come_unticked() {
    let login = r#"<h1>Please log in</h1><form action="/login" method="POST"><input type="hidden" name="challenge" value="h1">
        <table><tr><td><input type="email" id="email" name="email"></td></tr><tr><td><input type="password" id="password" name="password"></td></tr></table>
        <input type="checkbox" id="remember" name="remember" value="1"><input type="submit" id="accept" name="submit" value="Log in">
        <input type="submit" id="reject" name="submit" value="Deny access"></form>"#;
    let consent = r#"<h1>An application asks</h1><form action="/consent" method="POST"><input type="hidden" name="challenge" value="h2">
        <input type="checkbox" class="grant_scope" id="openid" value="openid" name="grant_scope"><label for="openid">openid</label>
        <input type="checkbox" id="remember" name="remember" value="1"><input type="submit" id="accept" name="submit" value="Allow access">
        <input type="submit" id="reject" name="submit" value="Deny access"></form>"#;
    let (_, entries) = sends(Preset::Hydra, Intent::Allow, &page(login));
    assert_eq!(
        entries,
        pairs(&[("challenge", "h1"), ("email", "ada"), ("password", "correct horse"), ("submit", "Log in")])
    );
    let (_, entries) = sends(Preset::Hydra, Intent::Allow, &page(consent));
    assert_eq!(entries, pairs(&[("challenge", "h2"), ("grant_scope", "openid"), ("submit", "Allow access")]));
    let (_, entries) = sends(Preset::None, Intent::Allow, &page(consent));
    assert_eq!(entries, pairs(&[("challenge", "h2"), ("submit", "Allow access")]), "boxes stay as they are");
    let (_, entries) = sends(Preset::Hydra, Intent::Deny, &page(consent));
    assert_eq!(entries, pairs(&[("challenge", "h2"), ("submit", "Deny access")]));
}

#[test]
fn a_page_made_by_script_is_for_a_browser() {
    let html = r#"<form><input type="email" name="email" data-probe-mark="1"><button type="button" data-probe-mark="2">Log in</button></form>"#;
    match does(Preset::None, Intent::Allow, &page(html)) {
        Action::Submit(press) => assert!(press.request(&page(html)).is_err_and(|why| why.contains("script only"))),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_box_can_be_the_consent() {
    let html = r#"<form action="" method="post"><p>The client wants profile</p><label><input type="checkbox" name="confirm"> Consent?</label>
        <button>Submit</button></form>"#;
    let (url, entries) = sends(Preset::None, Intent::Allow, &page(html));
    assert_eq!((url.as_str(), entries), ("https://as.example/a/page?x=1", pairs(&[("confirm", "on")])));
    assert_eq!(sends(Preset::None, Intent::Deny, &page(html)).1, pairs(&[]));
    let radio = r#"<form method="post"><input type="radio" name="d" value="no" checked><input type="radio" name="d" value="yes"><button>Send</button></form>"#;
    assert_eq!(sends(Preset::None, Intent::Allow, &page(radio)).1, pairs(&[("d", "yes")]));
    assert_eq!(sends(Preset::None, Intent::Deny, &page(radio)).1, pairs(&[("d", "no")]));
}

#[test]
fn a_form_that_posts_itself_to_the_client_is_the_answer() {
    let html = |action: &str, name: &str| {
        format!(
            r#"<script>document.forms[0].submit()</script><form method="post" action="{action}"><input type="hidden" name="{name}" value="v"/></form>"#
        )
    };
    let to = at("https://app.example/cb");
    let answer = Kind::FormPost { to, parameters: pairs(&[("code", "v")]) };
    assert_eq!(does(Preset::None, Intent::Allow, &page(&html("https://app.example/cb", "code"))), Action::Done(answer));
    let own = page(&html("/next", "SAMLResponse"));
    assert!(matches!(does(Preset::None, Intent::Allow, &own), Action::Submit(_)), "a step of the server's own");
    let by_hand =
        page(&html("https://app.example/cb", "error").replace("<script>document.forms[0].submit()</script>", ""));
    assert!(matches!(does(Preset::None, Intent::Allow, &by_hand), Action::Stuck(_)), "waits for the person");
}

#[test]
fn a_page_can_move_by_itself() {
    for html in ["<meta http-equiv=refresh content=\"0;url=/on\">", "<script>window.location.replace('/on')</script>"] {
        assert_eq!(
            does(Preset::None, Intent::Allow, &page(html)),
            Action::Follow { to: at("https://as.example/on"), mark: None }
        );
    }
}

#[test]
fn a_wrong_password_ends_the_visit_with_what_the_page_says() {
    let selectors = Selectors::default();
    let user = user();
    let errand = Errand { selectors: &selectors, credentials: Some(&user), intent: Intent::Allow, callbacks: &[] };
    let mut visit = Visit::new(errand);
    assert!(matches!(visit.decide(&page(OWN_SIGN_IN)), Action::Submit(_)));
    let again = OWN_SIGN_IN.replace("<form", "<p role=alert>Name or password is wrong</p><form").replace("r1", "r2");
    match visit.decide(&page(&again)) {
        Action::Stuck(why) => assert!(why.contains("Name or password is wrong") && why.contains("came again"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_understood_is_said() {
    let lost =
        Page::read(&at("https://as.example/"), 500, "<h1>Internal error</h1><form><button>Continue</button></form>");
    assert!(
        matches!(does(Preset::None, Intent::Allow, &lost), Action::Stuck(why) if why.contains("Internal error") && why.contains("500"))
    );
    let errand = Errand { selectors: &Selectors::default(), credentials: None, intent: Intent::Allow, callbacks: &[] };
    assert!(matches!(driver::decide(&page(OWN_SIGN_IN), &errand), Action::Stuck(why) if why.contains("names no user")));
    let bad = Selectors { username: Some("::::".to_owned()), ..Selectors::default() };
    assert!(bad.check().is_err());
    let errand = Errand { selectors: &bad, ..errand };
    assert!(matches!(driver::decide(&page(OWN_SIGN_IN), &errand), Action::Stuck(why) if why.contains("::::")));
}

#[test]
fn registering_is_not_signing_in() {
    let html = r#"<form method=post action=/register><input name=username><input type=password name=p1><input type=password name=p2><button>Register</button></form>
        <form method=post action=/in><input name=username><input type=password name=password><a href=/x>Forgot?</a><button>Go</button></form>"#;
    assert_eq!(sends(Preset::None, Intent::Allow, &page(html)).0, "https://as.example/in");
}

#[test]
fn a_form_is_sent_as_a_browser_sends_it() {
    let html = r#"<base href="/base/"><table><form action="go#part" method="get"><tr><td><input name=a value="1 &amp; 2"></td></tr>
        <tr><td><select name=s><option value=x>X<option selected>Y</select><select name=m multiple><option selected value=1><option selected value=2></select>
        <textarea name=t>one
two</textarea><input type=checkbox name=c checked><input type=checkbox name=d><input name=off disabled value=1>
        <fieldset disabled><input name=off2></fieldset><input value=nameless>
        <button name=b value=first>One</button><button name=b value=second formaction="/other" formmethod=post>Two</button></td></tr></form></table>"#;
    let page = page(html);
    let form = &page.forms[0];
    let first = form.buttons().next().expect("two buttons").0;
    let sent = form.request(&form::Changes::default(), Some(first)).expect("no script");
    assert_eq!(sent.url.as_str(), "https://as.example/base/go?a=1+%26+2&s=Y&m=1&m=2&t=one%0D%0Atwo&c=on&b=first");
    let second = form.buttons().nth(1).expect("two buttons").0;
    let sent = form.request(&form::Changes::default(), Some(second)).expect("no script");
    assert_eq!((sent.url.as_str(), sent.method), ("https://as.example/other", Method::Post));
    assert!(sent.body.ends_with("&b=second"));
    let by_enter = form.request(&form::Changes::default(), None).expect("no script");
    assert!(!by_enter.url.as_str().contains("b="));
    assert!(form.controls.iter().any(|control| control.kind == ControlKind::TextArea));
}

#[test]
fn other_ways_to_write_a_form() {
    let html = |enctype: &str| {
        format!(r#"<form method=post action=/x enctype="{enctype}"><input name='a"b' value="----FormBoundary"></form>"#)
    };
    let body =
        |enctype: &str| page(&html(enctype)).forms[0].request(&form::Changes::default(), None).expect("no script").body;
    assert_eq!(body("text/plain"), "a\"b=----FormBoundary\r\n");
    let multipart = body("multipart/form-data");
    assert!(multipart.starts_with(
        "------FormBoundaryx\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n----FormBoundary\r\n"
    ));
    assert!(multipart.ends_with("------FormBoundaryx--\r\n"));
}

#[test]
fn a_hostile_page_does_not_hold_up_the_run() {
    let begun = std::time::Instant::now();
    for part in [
        "<div>",
        "<form>",
        "<div><input type=password>",
        "<label><button>",
        "<table><form><input>",
        "<b><p>",
        "<svg><a>",
        "<select><option>",
        "<div></p>",
        "<b><div></b>",
        "<div></x>",
    ] {
        let html = part.repeat(page::LONGEST / part.len() + 1);
        let _ = does(Preset::Keycloak, Intent::Allow, &page(&html));
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_page_makes_the_stand_in_fall_over(parts in prop::collection::vec(prop_oneof![
        any::<String>(), Just("<form action='".to_owned()), Just("<input name=user type=".to_owned()), Just("password>".to_owned()),
        Just("<button>allow".to_owned()), Just("<select name=x multiple><option selected>".to_owned()), Just("<script>location='\\u".to_owned()),
        Just("<meta http-equiv=refresh content='0;url=".to_owned()), Just("</form>".to_owned()), Just("<base href=".to_owned()),
        Just("<input type=image name=é formaction=>".to_owned()), Just("'\">".to_owned()),
    ], 0..40)) {
        let page = page(&parts.concat());
        for intent in [Intent::Allow, Intent::Deny, Intent::Stop, Intent::Anonymous] {
            if let Action::Submit(press) = does(Preset::Hydra, intent, &page) {
                let _ = press.request(&page);
            }
        }
        let _ = (page.fingerprint(), page.sketch());
    }
}
