//! Tokens that travel through the browser, and what is left of them there.

mod access_token_injection;
mod fragment_reattachment;
mod implicit_csrf;
mod implicit_malicious_client;
mod implicit_script_manipulation;
mod implicit_token_leak_transport;
mod implicit_token_substitution;

use crate::case;
use crate::case::Case;

/// Response types that bring an access token through the browser.
const WITH_TOKEN: [&str; 4] = ["token", "id_token token", "code token", "code id_token token"];

/// The cases of the group.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        case!("access-token-injection", "bound-to-id-token", "What a front-channel access token is bound to",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["RFC 9700 section 4.6", "OpenID Connect Core section 3.2.2.9"],
            run: access_token_injection::bound_to_id_token),
        case!("fragment-reattachment", "locations", "The redirects of a success, a denial and an error",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.1.3"],
            run: fragment_reattachment::locations),
        case!("fragment-reattachment", "endpoint", "The address of the authorization endpoint",
            needs: [], features: [], phase: Normal, sections: ["RFC 6749 section 3.1"],
            run: fragment_reattachment::endpoint),
        case!("implicit-csrf", "state-echo", "The state of good and bad answers is compared",
            needs: ["user", "implicit"], features: ["implicit"], phase: Normal, sections: ["RFC 6749 section 4.2.2"],
            run: implicit_csrf::state_echo),
        case!("implicit-csrf", "nothing-to-compare", "A token is asked for with neither state nor nonce",
            needs: ["user", "implicit"], features: ["implicit"], phase: Normal,
            sections: ["RFC 6749 section 10.12", "OpenID Connect Core section 3.2.2.1"],
            run: implicit_csrf::nothing_to_compare),
        case!("implicit-malicious-client", "silent", "The request is repeated in the same browser",
            needs: ["user", "implicit"], features: ["implicit"], phase: Normal,
            sections: ["RFC 6749 section 10.2", "RFC 6819 section 5.2.4.1"],
            run: implicit_malicious_client::silent),
        case!("implicit-script-manipulation", "pages", "What the pages for sign-in, consent and errors load",
            needs: ["user", "web"], features: [], phase: Normal, sections: [],
            run: implicit_script_manipulation::pages),
        case!("implicit-token-leak-transport", "query", "The token is asked for in the query",
            needs: ["user", "implicit"], features: ["implicit"], phase: Normal,
            sections: ["RFC 6749 section 4.2.2", "OAuth 2.0 Multiple Response Type Encoding Practices section 2.1"],
            run: implicit_token_leak_transport::query),
        case!("implicit-token-substitution", "introspection", "A client asks about a token that was made for another one",
            needs: ["user", "web", "other"], features: ["introspection"], phase: Normal,
            sections: ["RFC 7662 section 2.2"],
            run: implicit_token_substitution::introspection),
    ]
}
