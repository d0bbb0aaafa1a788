//! An API replays the token it was sent at another one.

use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn an_audience_is_one_api_and_others_do_not_see_the_token() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "openid mail:read cal:read");
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code).and("resource", MAIL);
    let mail = desk.token(ROBOT, redemption).expect("one API");
    assert!(desk.introspect(MAIL_API, mail.access()).is_some());
    assert_eq!(desk.introspect(CALENDAR_API, mail.access()), None);

    // Nor is it good for userinfo, which is the server's own.
    let refusal = desk.live(mail.access()).expect("live").userinfo(&desk.policy).expect_err("another resource");
    assert_eq!(refusal.rule(), Rule::TokenAudience);
    assert_eq!(Rule::TokenAudience.signal(), Some(Signal::TokenAudienceMismatch));
    let own = desk.token(ROBOT, Desk::refreshing(mail.refresh()).with("scope", "openid")).expect("userinfo only");
    let policy = desk.policy.clone();
    assert_eq!(desk.live(own.access()).expect("live").userinfo(&policy).expect("its own")["sub"], ADA);
}
