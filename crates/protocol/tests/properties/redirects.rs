//! Redirect URIs: no request reaches an address that was not registered, byte by byte, but for a loopback port.

use proptest::prelude::*;
use protocol::redirect_uri::RegisteredRedirectUri;
use protocol::registration::ApplicationType;
use protocol::rules::Rule;

use crate::cast::*;

/// A registered URI, bent.
fn bent(registered: &'static str) -> impl Strategy<Value = String> {
    let at = any::<prop::sample::Index>();
    let insert = (at.clone(), "[ -~]{1,8}|\u{e9}|%2[ef]|@|//|\\.\\./|:[0-9]{0,6}").prop_map(move |(at, what)| {
        let at = at.index(registered.len() + 1);
        format!("{}{what}{}", &registered[..at], &registered[at..])
    });
    let cut = (at.clone(), 1..6usize).prop_map(move |(at, length)| {
        let at = at.index(registered.len());
        format!("{}{}", &registered[..at], &registered[(at + length).min(registered.len())..])
    });
    let replace = (at, "[ -~]").prop_map(move |(at, what)| {
        let at = at.index(registered.len());
        format!("{}{what}{}", &registered[..at], &registered[at + 1..])
    });
    prop_oneof![insert, cut, replace, Just(registered.to_uppercase()), Just(registered.to_owned()), ".{0,40}"]
}

/// What RFC 8252 section 7.3 lets vary, written down a second time and in another way.
fn is_own_loopback(presented: &str) -> bool {
    let Some(rest) = presented.strip_prefix("http://127.0.0.1") else { return false };
    let Some(port) = rest.strip_suffix("/cb") else { return false };
    port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| {
            (1..=65_535u32).any(|port| port.to_string() == digits)
        })
}

fn reaches(client: &str, presented: &str) -> bool {
    let desk = Desk::open();
    match desk.check(&desk.request(client).with("redirect_uri", presented)) {
        Ok(checked) => {
            assert_eq!(checked.redirect().as_str(), presented);
            true
        }
        Err(Stopped::Page(refusal)) => {
            use Rule::{ParameterEmpty, ParameterMalformed, RedirectUriUnregistered};
            assert!(matches!(refusal.rule(), RedirectUriUnregistered | ParameterMalformed | ParameterEmpty));
            false
        }
        Err(stopped) => panic!("sent on: {stopped:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_web_client_is_reached_at_its_own_address_only(presented in bent(ROBOT_CB)) {
        prop_assert_eq!(reaches(ROBOT, &presented), presented == ROBOT_CB);
    }

    #[test]
    fn a_native_client_may_vary_the_port_and_nothing_else(presented in bent(APP_CB)) {
        let own = is_own_loopback(&presented) || presented == "com.example.app:/cb";
        prop_assert_eq!(reaches(APP, &presented), own);
    }

    #[test]
    fn any_port_in_its_one_spelling(port in 0..70_000u32) {
        let presented = format!("http://127.0.0.1:{port}/cb");
        prop_assert_eq!(reaches(APP, &presented), (1..=65_535).contains(&port));
    }

    #[test]
    fn what_is_registrable_has_one_reading(text in "[ -~]{0,40}|https://[a-z.:@/\\\\%?#0-9]{0,30}|[a-z.]{1,12}:[ -~]{0,20}") {
        for kind in [ApplicationType::Web, ApplicationType::Native] {
            let Ok(registered) = RegisteredRedirectUri::register(&text, kind) else { continue };
            prop_assert_eq!(registered.as_str(), &text);
            prop_assert!(text.bytes().all(|b| b.is_ascii_graphic()) && !text.contains(['#', '*']));
            let secure = text.starts_with("https://");
            let loopback = text.starts_with("http://127.0.0.1") || text.starts_with("http://[::1]");
            let scheme = text.split(':').next().unwrap_or_default();
            let private = kind == ApplicationType::Native && scheme.contains('.');
            prop_assert!(secure || loopback || private, "{}", text);
            if secure || loopback {
                let authority = text.split("//").nth(1).and_then(|rest| rest.split(['/', '?']).next());
                prop_assert!(authority.is_some_and(|authority| !authority.is_empty() && !authority.contains(['@', '\\'])));
            }
        }
    }
}
