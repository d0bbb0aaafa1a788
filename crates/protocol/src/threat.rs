//! The catalogue of threats: one row per published attack on OAuth 2.x and OpenID Connect, named once.
//!
//! The kebab-case id of a row is the word used for that threat everywhere: beside the line that defends against it, in
//! the test that would fail without that line, and in `/THREATS.md`, which is made from these rows.
//!
//! The rows stand in one file per [`Group`]. Each file is a macro that adds its rows to those collected so far and
//! hands them to the next one; the last, `threats!`, makes the types. So a new threat is one row and nothing else.

mod markdown;

pub use markdown::threats_markdown;

#[macro_use]
mod client;
#[macro_use]
mod authorization_endpoint;
#[macro_use]
mod authorization_code;
#[macro_use]
mod token_endpoint;
#[macro_use]
mod implicit;
#[macro_use]
mod password_grant;
#[macro_use]
mod client_credentials;
#[macro_use]
mod refresh;
#[macro_use]
mod resource_access;
#[macro_use]
mod native_app;
#[macro_use]
mod mediator;
#[macro_use]
mod attestation;
#[macro_use]
mod device_flow;
#[macro_use]
mod registration;
#[macro_use]
mod oidc;
#[macro_use]
mod browser;
#[macro_use]
mod jose;
#[macro_use]
mod dos;
#[macro_use]
mod operations;

/// From where a threat can be tested for.
#[derive(PartialEq)]
enum Seen {
    Inside,
    Outside,
}

macro_rules! threats {
    ([] $($group:ident {
        $($threat:ident = $id:literal, seen $seen:ident, does $sentence:literal, safe $safe:literal, source $source:literal;)+
    })+) => {
        /// A published threat. Each variant's text is its [`sentence`](Threat::sentence).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Threat {
            $($(#[doc = $sentence] $threat,)+)+
        }

        impl Threat {
            /// Every threat, group by group.
            pub const ALL: &[Threat] = &[$($(Threat::$threat),+),+];

            /// The kebab-case id. Renaming one cuts the thread between code, tests and documents.
            pub const fn id(self) -> &'static str {
                match self { $($(Threat::$threat => $id,)+)+ }
            }

            /// The part of the protocol that is attacked.
            pub const fn group(self) -> Group {
                match self { $($(Threat::$threat)|+ => Group::$group,)+ }
            }

            /// One sentence: what the attacker does and gains.
            pub const fn sentence(self) -> &'static str {
                match self { $($(Threat::$threat => $sentence,)+)+ }
            }

            /// One or two sentences: what a server that resists does.
            pub const fn safe(self) -> &'static str {
                match self { $($(Threat::$threat => $safe,)+)+ }
            }

            /// Where the threat is described, public documents only, separated by `; `.
            pub const fn source(self) -> &'static str {
                match self { $($(Threat::$threat => $source,)+)+ }
            }

            /// Whether a program that has only HTTP, a client or two and a test user can tell if a server resists.
            /// `false` means that no outside test can vouch for it: a probe that claims so is wrong.
            pub fn seen_from_outside(self) -> bool {
                (match self { $($(Threat::$threat => Seen::$seen,)+)+ }) == Seen::Outside
            }

            /// The threat of that exact id, or `None`.
            pub fn from_id(id: &str) -> Option<Threat> {
                match id { $($($id => Some(Threat::$threat),)+)+ _ => None }
            }
        }
    };
}

macro_rules! groups {
    ($($group:ident = $title:literal;)+) => {
        /// The part of the protocol a [`Threat`] belongs to, in the order of `/THREATS.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Group {
            $(#[doc = $title] $group,)+
        }

        impl Group {
            /// Every group, in the order of `/THREATS.md`.
            pub const ALL: &[Group] = &[$(Group::$group),+];

            /// The heading of the group.
            pub const fn title(self) -> &'static str {
                match self { $(Group::$group => $title,)+ }
            }
        }
    };
}

groups! {
    Client = "Clients";
    AuthorizationEndpoint = "Authorization endpoint, sign-in and consent";
    AuthorizationCode = "Authorization codes";
    TokenEndpoint = "Token endpoint and client authentication";
    Implicit = "Implicit grant and tokens in the browser";
    PasswordGrant = "Password grant and passwords";
    ClientCredentials = "Client credentials grant";
    Refresh = "Refresh tokens and revocation";
    ResourceAccess = "Resource servers";
    NativeApp = "Native apps";
    Mediator = "Mediators and gateways";
    Attestation = "App attestation";
    DeviceFlow = "Device flow and approval on another device";
    Registration = "Client registration";
    Oidc = "OpenID Connect";
    Browser = "Browsers";
    Jose = "Signed and encrypted tokens";
    Dos = "Denial of service";
    Operations = "Operations";
}

client! {
    [authorization_endpoint authorization_code token_endpoint implicit password_grant client_credentials refresh
     resource_access native_app mediator attestation device_flow registration oidc browser jose dos operations threats]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_154_threats_with_unique_kebab_case_ids() {
        let ids: BTreeSet<&str> = Threat::ALL.iter().map(|threat| threat.id()).collect();
        assert_eq!((Threat::ALL.len(), ids.len()), (154, 154));
        for id in ids {
            let word =
                |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            assert!(id.split('-').all(word), "{id} is not kebab-case");
        }
    }

    #[test]
    fn every_id_names_its_variant_and_round_trips() {
        for &threat in Threat::ALL {
            assert_eq!(threat.id().replace('-', ""), format!("{threat:?}").to_lowercase());
            assert_eq!(Threat::from_id(threat.id()), Some(threat));
        }
        assert_eq!(Threat::from_id("no-such-threat"), None);
    }

    #[test]
    fn every_group_has_threats_and_they_stand_together() {
        let mut groups: Vec<Group> = Threat::ALL.iter().map(|threat| threat.group()).collect();
        groups.dedup();
        assert_eq!(groups, Group::ALL);
    }

    #[test]
    fn every_row_is_plain_text_of_the_promised_length() {
        for &threat in Threat::ALL {
            let (sentence, safe, source, id) = (threat.sentence(), threat.safe(), threat.source(), threat.id());
            assert!(sentence.ends_with('.') && !sentence.contains(". "), "{id}: one sentence");
            assert!(safe.ends_with('.') && safe.matches(". ").count() < 2, "{id}: one or two sentences");
            assert!(!source.is_empty() && !source.ends_with('.'), "{id}: a reference, not a sentence");
            for text in [sentence, safe, source] {
                assert!(!text.contains(['|', '<', '[', '*', '`', '\n']), "{id}: would break a Markdown table");
            }
        }
    }

    #[test]
    fn outside_views_follow_the_rows() {
        assert!(Threat::CodeReplay.seen_from_outside());
        assert!(!Threat::CodeFromAsDatabase.seen_from_outside());
    }
}
