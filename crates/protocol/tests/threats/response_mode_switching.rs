//! The request is bent so that the code stands where scripts or other sites can read it.

use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::wire::response::BrowserAnswer;

use crate::cast::*;

#[test]
fn code_in_query_or_form_post_and_nothing_else() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    for kind in ["token", "id_token", "code token", "code id_token", "id_token token", "none", "CODE", "code "] {
        assert_eq!(
            desk.sent_back(&request.clone().with("response_type", kind)),
            Rule::ResponseTypeUnsupported,
            "{kind}"
        );
    }
    for mode in ["fragment", "web_message", "jwt", "query.jwt", "FORM_POST"] {
        assert_eq!(
            desk.sent_back(&request.clone().with("response_mode", mode)),
            Rule::ResponseModeUnsupported,
            "{mode}"
        );
    }
    // A missing type is not guessed; an empty one is a missing one.
    assert_eq!(desk.sent_back(&request.clone().without("response_type")), Rule::ParameterMissing);
    assert_eq!(desk.sent_back(&request.clone().with("response_type", "")), Rule::ParameterMissing);
    for rule in [Rule::ResponseTypeUnsupported, Rule::ResponseModeUnsupported] {
        assert_eq!(rule.signal(), Some(Signal::GrantNotAllowed));
    }

    assert!(matches!(desk.allow(&request), BrowserAnswer::Redirect(_)));
    assert!(matches!(desk.allow(&request.with("response_mode", "form_post")), BrowserAnswer::FormPost { .. }));
}

#[test]
fn an_unsupported_mode_is_answered_in_the_query() {
    let desk = Desk::open();
    let Err(Stopped::Redirect(rejection)) = desk.check(&desk.request(ROBOT).with("response_mode", "fragment")) else {
        panic!("must be refused after the redirect is known")
    };
    let Ok(trusted) = rejection.trust_by_vouching() else { panic!("vouched for") };
    let answer = protocol::authorize::refusal(trusted, &desk.policy);
    assert!(matches!(&answer, BrowserAnswer::Redirect(_)));
    assert_eq!(field(&answer, "error"), "invalid_request");
}
