//! Group `client`: what data cannot say.

mod assertion;
mod lifetime;
mod metadata;
mod mix_up;

use crate::case;
use crate::case::Case;
use crate::cases::register;
use crate::cx::Cx;
use crate::verdict::{Stop, Verdict};

/// All of them.
pub(super) fn all() -> Vec<Case> {
    let own = vec![
        case!("obtain-client-secret", "registration-of-a-native-app", "The registration of a native app without a secret",
        needs: [], features: ["registration"], phase: Normal,
        sections: ["RFC 7591 section 3.2.1", "RFC 8252 section 8.4"], run: native_secret),
    ];
    [own, assertion::all(), lifetime::all(), metadata::all(), mix_up::all()].into_iter().flatten().collect()
}

async fn native_secret(cx: &Cx) -> Result<Verdict, Stop> {
    let wish = serde_json::json!({
        "application_type": "native",
        "token_endpoint_auth_method": "none",
        "redirect_uris": ["com.example.probe:/callback"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
    });
    let made = register::client(cx, &wish).await?;
    let Some(client) = made else {
        return Err(Stop::inconclusive("the registration of a native app was refused"));
    };
    Ok(match client["client_secret"].is_string() {
        true => Verdict::vulnerable("a native app that asked to be public was given a secret to ship"),
        false => Verdict::resisted("a native app is registered without a secret"),
    })
}
