//! The groups of the ledger, in the order in which a report shows them.

const GROUPS: [(&str, &str); 26] = [
    ("client", "Clients"),
    ("authorization-endpoint", "Authorization endpoint, sign-in and consent"),
    ("authorization-code", "Authorization code"),
    ("token-endpoint", "Token endpoint"),
    ("refresh", "Refresh tokens"),
    ("client-credentials", "Client credentials"),
    ("resource-access", "Access to resources"),
    ("native-app", "Native apps"),
    ("browser", "Browsers"),
    ("oidc", "OpenID Connect"),
    ("jose", "Signed and encrypted tokens"),
    ("implicit", "Implicit grant"),
    ("password-grant", "Password grant"),
    ("device-flow", "Device flow"),
    ("registration", "Client registration"),
    ("par", "Pushed requests"),
    ("dpop", "Tokens bound to keys"),
    ("mtls", "Mutual TLS"),
    ("token-exchange", "Token exchange"),
    ("ciba", "Backchannel sign-in"),
    ("logout", "Sign-out"),
    ("attestation", "Attestation"),
    ("mediator", "Mediators"),
    ("gateway", "Gateways"),
    ("dos", "Floods and exhaustion"),
    ("operations", "Operation"),
];

/// The title of a group. One that this version does not know is called by its id.
#[must_use]
pub fn title(id: &str) -> String {
    GROUPS.iter().find(|(known, _)| *known == id).map_or_else(
        || {
            let words = id.replace('-', " ");
            let mut letters = words.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        },
        |(_, title)| (*title).to_owned(),
    )
}

/// Where a group stands among the others; unknown ones come last.
#[must_use]
pub fn rank(id: &str) -> usize {
    GROUPS.iter().position(|(known, _)| *known == id).unwrap_or(GROUPS.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_known_and_unknown_groups() {
        assert_eq!(title("oidc"), "OpenID Connect");
        assert_eq!(title("brand-new"), "Brand new");
        assert_eq!(title(""), "");
        assert!(rank("client") < rank("dos") && rank("dos") < rank("brand-new"));
    }

    #[test]
    fn every_group_of_the_ledger_has_a_title() {
        for threat in crate::ledger::threats() {
            assert!(rank(&threat.group) < GROUPS.len(), "{}: group {}", threat.id, threat.group);
        }
    }
}
