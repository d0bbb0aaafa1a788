//! Passwords: handed to clients, on the wire, tried one after the other.

mod password_exposed_at_client;
mod password_grant_scope;
mod password_on_transport;
mod password_online_guessing;
mod sign_in_form;

use crate::case;
use crate::case::Case;

/// The cases of the group.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        case!("password-exposed-at-client", "right-and-wrong", "The answers to a right and a wrong password are compared",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 2.4"],
            run: password_exposed_at_client::right_and_wrong),
        case!("password-grant-scope", "every-scope", "Every scope of the metadata is asked for with a password",
            needs: ["user", "password"], features: [], phase: Normal, sections: ["RFC 6819 section 4.4.3.2"],
            run: password_grant_scope::every_scope),
        case!("password-on-transport", "form", "Where the sign-in form goes, and how",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6819 section 4.4.3.4"],
            run: password_on_transport::form),
        case!("password-on-transport", "query", "The sign-in form is sent with the password in the query",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9110 section 17.9"],
            run: password_on_transport::query),
        case!("password-on-transport", "https", "Whether browsers are told to insist on https",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6797 section 7.2", "RFC 6749 section 3.1"],
            run: password_on_transport::https),
        case!("password-online-guessing", "one-name", "Fifty wrong passwords for one name at the sign-in page",
            needs: ["user", "web"], features: [], phase: Noisy, sections: ["RFC 6819 section 4.4.3.6", "NIST SP 800-63B section 5.2.2"],
            run: password_online_guessing::one_name),
        case!("password-online-guessing", "many-names", "One password for fifty names at the sign-in page",
            needs: ["user", "web"], features: [], phase: Noisy, sections: ["RFC 6819 section 4.4.3.6"],
            run: password_online_guessing::many_names),
        case!("password-online-guessing", "grant", "Fifty wrong passwords for one name at the password grant",
            needs: ["user", "password"], features: ["password"], phase: Noisy,
            sections: ["RFC 6749 section 4.3.2"],
            run: password_online_guessing::grant),
    ]
}
