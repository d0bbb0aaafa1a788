//! A token stands in a URL, where logs and histories keep it.

use protocol::inspect::bearer;
use protocol::rules::Rule;
use protocol::signal::Signal;

#[test]
fn a_bearer_token_comes_once_and_never_in_the_url() {
    let rule = |header: Option<&[u8]>, query, form| bearer(header, query, form).map_err(|refusal| refusal.rule());
    let header = Some(&b"Bearer abc.def"[..]);
    for query in ["access_token=abc", "x=1&access_token=abc", "access_token", "access_token="] {
        for (header, form) in [(None, None), (header, None), (None, Some("abc"))] {
            assert_eq!(rule(header, Some(query), form), Err(Rule::BearerInUrl), "{query}");
        }
    }
    assert_eq!(Rule::BearerInUrl.signal(), Some(Signal::TokenInQuery));
    assert_eq!(rule(header, None, Some("abc")), Err(Rule::BearerMultiple));
    assert_eq!(rule(None, Some("x=access_token"), None), Err(Rule::BearerMissing));
    for bad in [&b"Bearer"[..], b"Bearer ", b"Bearer a b", b"Bearer a\"b", b"Basic abc", b"abc", b"Bearer \xff", b""] {
        assert_eq!(rule(Some(bad), None, None), Err(Rule::BearerMissing));
    }
    assert_eq!(rule(header, Some(""), None), Ok("abc.def".to_owned()));
    assert_eq!(rule(Some(b"bearer a"), None, None), Ok("a".to_owned()));
    assert_eq!(rule(None, None, Some("abc")), Ok("abc".to_owned()));
}
