//! OpenID Connect: what ID tokens say, how strong a sign-in was, logout, names.

mod account_identifier_collision;
mod authentication_strength_bypass;
mod id_token_audience_confusion;
mod id_token_injection;
pub(super) mod login;
mod logout_abuse;

use crate::case;
use crate::case::Case;

/// The cases of the group.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = id_tokens();
    cases.extend(strength());
    cases.extend(logout());
    cases.push(
        case!("account-identifier-collision", "spellings", "The right password with other spellings of the name",
        needs: ["user", "web"], features: [], phase: Noisy, sections: ["RFC 8265 section 3"],
        run: account_identifier_collision::spellings),
    );
    cases
}

fn id_tokens() -> Vec<Case> {
    vec![
        case!("id-token-injection", "code-flow", "The nonce and at_hash of two logins are computed again",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["OpenID Connect Core section 3.1.3.6", "OpenID Connect Core section 3.1.3.7"],
            run: id_token_injection::code_flow),
        case!("id-token-injection", "front-channel-hashes", "The hashes of answers through the browser are computed again",
            needs: ["user", "implicit"], features: ["implicit"], phase: Normal,
            sections: ["OpenID Connect Core section 3.2.2.9", "OpenID Connect Core section 3.3.2.11"],
            run: id_token_injection::front_channel_hashes),
        case!("id-token-injection", "without-nonce", "An ID token through the browser is asked for without a nonce",
            needs: ["user", "implicit"], features: ["implicit"], phase: Normal,
            sections: ["OpenID Connect Core section 3.2.2.1", "OpenID Connect Core section 3.3.2.11"],
            run: id_token_injection::without_nonce),
        case!("id-token-audience-confusion", "claims", "The ID tokens of two clients are compared",
            needs: ["user", "web", "other"], features: [], phase: Normal,
            sections: ["OpenID Connect Core section 2", "OpenID Connect Core section 3.1.3.7"],
            run: id_token_audience_confusion::claims),
        case!("id-token-audience-confusion", "userinfo-subject", "Userinfo is asked who the ID token's person is",
            needs: ["user", "web"], features: ["userinfo"], phase: Normal,
            sections: ["OpenID Connect Core section 5.3.2"],
            run: id_token_audience_confusion::userinfo_subject),
        case!("id-token-audience-confusion", "two-people", "Two people sign in at one client",
            needs: ["user", "second-user", "web"], features: [], phase: Normal,
            sections: ["OpenID Connect Core section 2"],
            run: id_token_audience_confusion::two_people),
    ]
}

fn strength() -> Vec<Case> {
    vec![
        case!("authentication-strength-bypass", "prompt-login", "A fresh sign-in is asked for, and the session is still there",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["OpenID Connect Core section 3.1.2.1"],
            run: authentication_strength_bypass::prompt_login),
        case!("authentication-strength-bypass", "max-age", "A sign-in of some seconds ago is too old",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["OpenID Connect Core section 3.1.2.1", "OpenID Connect Core section 2"],
            run: authentication_strength_bypass::max_age),
        case!("authentication-strength-bypass", "unknown-acr", "A way to sign in is demanded that the server does not have",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["OpenID Connect Core section 5.5.1.1"],
            run: authentication_strength_bypass::unknown_acr),
        case!("authentication-strength-bypass", "foreign-hint", "The hint names somebody else than the session",
            needs: ["user", "second-user", "web"], features: [], phase: Normal,
            sections: ["OpenID Connect Core section 3.1.2.1"],
            run: authentication_strength_bypass::foreign_hint),
        case!("authentication-strength-bypass", "consent-first", "The page after the sign-in is opened without having signed in",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["OpenID Connect Core section 3.1.2.3"],
            run: authentication_strength_bypass::consent_first),
    ]
}

fn logout() -> Vec<Case> {
    vec![
        case!("logout-abuse", "unregistered-address", "Logout is asked to lead to addresses that nobody registered",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["OpenID Connect RP-Initiated Logout section 3"],
            run: logout_abuse::unregistered_address),
        case!("logout-abuse", "without-hint", "A foreign page sends the browser to the logout address",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["OpenID Connect RP-Initiated Logout section 2", "OpenID Connect RP-Initiated Logout section 6"],
            run: logout_abuse::without_hint),
        case!("logout-abuse", "foreign-hint", "The logout address is given somebody else's ID token",
            needs: ["user", "second-user", "web"], features: [], phase: Normal,
            sections: ["OpenID Connect RP-Initiated Logout section 2"],
            run: logout_abuse::foreign_hint),
    ]
}
