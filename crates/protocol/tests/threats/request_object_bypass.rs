//! A request object is sent, and a server that ignores it drops its protections; one that follows a request_uri fetches
//! what Mallory wants.

use protocol::rules::{ErrorCode, Rule};
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn objects_and_references_are_refused_not_ignored() {
    let desk = Desk::open();
    let request = desk.request(ROBOT);
    for (name, rule, code) in [
        ("request", Rule::RequestObjectUnsupported, ErrorCode::request_not_supported),
        ("request_uri", Rule::RequestUriUnsupported, ErrorCode::request_uri_not_supported),
        ("registration", Rule::RegistrationUnsupported, ErrorCode::registration_not_supported),
    ] {
        for value in ["eyJhbGciOiJub25lIn0.e30.", "https://evil.example/r", "urn:ietf:params:oauth:request_uri:x"] {
            assert_eq!(desk.sent_back(&request.clone().with(name, value)), rule);
            assert_eq!(rule.code(), code);
        }
    }
    assert_eq!(Rule::RequestObjectUnsupported.signal(), Some(Signal::RequestObjectRejected));
    let metadata = protocol::wire::metadata::document(&desk.policy, &[jose::Algorithm::Es256]);
    assert_eq!(metadata["request_parameter_supported"], false);
    assert_eq!(metadata["request_uri_parameter_supported"], false);
}
