//! An API that turned hostile uses what it sees.

use crate::cast::*;

#[test]
fn what_one_api_holds_is_of_no_use_elsewhere() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "mail:read cal:read");
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code).and("resource", MAIL);
    let mail = desk.token(ROBOT, redemption).expect("one API");
    let claims = mail.access_claims(MAIL, NOW);
    assert_eq!(claims.aud.sole(), Some(MAIL));
    assert_eq!(claims.scope, "mail:read", "it carries no right of another API");
    assert_eq!(claims.exp, NOW + jose::Seconds(300), "and not for long");

    // The API asks about a token of another API that it came by: it learns nothing.
    let calendar = desk.token(ROBOT, Desk::refreshing(mail.refresh()).and("resource", CALENDAR)).expect("the other");
    assert_eq!(desk.introspect(MAIL_API, calendar.access()), None);
    // Nor can it end it, or use it for anything at the token endpoint.
    assert_eq!(desk.revoke(MAIL_API, calendar.access()), protocol::inspect::Revocation::Foreign);
}
