//! Clients that register themselves, and addresses that the server fetches for them.

mod open_registration_abuse;
mod register;
mod registration_management_takeover;
mod server_side_request_forgery;

use crate::case;
use crate::case::Case;

/// The cases of the group.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = registrations();
    cases.extend(fetches());
    cases
}

fn registrations() -> Vec<Case> {
    vec![
        case!("open-registration-abuse", "own-account", "A stranger registers a client that needs nobody's consent",
            needs: [], features: [], phase: Normal, sections: ["RFC 7591 section 5", "RFC 6749 section 4.4"],
            run: open_registration_abuse::own_account),
        case!("open-registration-abuse", "privileged-members", "A stranger registers members that only the operator should set",
            needs: [], features: [], phase: Normal, sections: ["RFC 7591 section 2"],
            run: open_registration_abuse::privileged_members),
        case!("open-registration-abuse", "hostile-redirects", "A stranger registers redirect addresses that run script or match anything",
            needs: [], features: [], phase: Normal, sections: ["RFC 7591 section 2", "RFC 6749 section 3.1.2"],
            run: open_registration_abuse::hostile_redirects),
        case!("open-registration-abuse", "wrong-token", "Registration with a token that was made up",
            needs: [], features: [], phase: Normal, sections: ["RFC 7591 section 3"],
            run: open_registration_abuse::wrong_token),
        case!("registration-management-takeover", "foreign-token", "One client's registration token is used on another client",
            needs: [], features: [], phase: Normal, sections: ["RFC 7592 section 2"],
            run: registration_management_takeover::foreign_token),
        case!("registration-management-takeover", "changed-client", "An update carries another client_id and a secret of its own",
            needs: [], features: [], phase: Normal, sections: ["RFC 7592 section 2.2"],
            run: registration_management_takeover::changed_client),
        case!("registration-management-takeover", "unsigned-statement", "A software statement without a signature",
            needs: [], features: [], phase: Normal, sections: ["RFC 7591 section 2.3"],
            run: registration_management_takeover::unsigned_statement),
    ]
}

fn fetches() -> Vec<Case> {
    vec![
        case!("server-side-request-forgery", "request-uri", "A request object is offered at an address of the attacker",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 9101 section 10.4.1", "OpenID Connect Core section 6.2"],
            run: server_side_request_forgery::request_uri),
        case!("server-side-request-forgery", "client-id", "The client id is an address of the attacker",
            needs: ["web"], features: [], phase: Normal,
            sections: ["draft-ietf-oauth-client-id-metadata-document, Server Side Request Forgery (SSRF) Attacks"],
            run: server_side_request_forgery::client_id),
        case!("server-side-request-forgery", "registered-members", "A registered client's members lead to an address inside",
            needs: [], features: ["registration"], phase: Normal, sections: [],
            run: server_side_request_forgery::registered_members),
    ]
}
