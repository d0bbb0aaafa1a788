//! The error catalogue: one row per rule. Whatever goes wrong in the protocol is a row here, so that no handler can
//! invent a text and no text can carry a received value.

use std::fmt;

use crate::signal::Signal;
use crate::threat::Threat;

/// The `error` values of RFC 6749, 6750, 8707, OpenID Connect Core and Unmet Authentication Requirements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, non_camel_case_types, reason = "the variants are the wire words")]
pub enum ErrorCode {
    access_denied,
    consent_required,
    insufficient_scope,
    interaction_required,
    invalid_client,
    invalid_grant,
    invalid_request,
    invalid_scope,
    invalid_target,
    invalid_token,
    login_required,
    registration_not_supported,
    request_not_supported,
    request_uri_not_supported,
    server_error,
    temporarily_unavailable,
    unauthorized_client,
    unmet_authentication_requirements,
    unsupported_grant_type,
    unsupported_response_type,
}

impl ErrorCode {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::access_denied => "access_denied",
            ErrorCode::consent_required => "consent_required",
            ErrorCode::insufficient_scope => "insufficient_scope",
            ErrorCode::interaction_required => "interaction_required",
            ErrorCode::invalid_client => "invalid_client",
            ErrorCode::invalid_grant => "invalid_grant",
            ErrorCode::invalid_request => "invalid_request",
            ErrorCode::invalid_scope => "invalid_scope",
            ErrorCode::invalid_target => "invalid_target",
            ErrorCode::invalid_token => "invalid_token",
            ErrorCode::login_required => "login_required",
            ErrorCode::registration_not_supported => "registration_not_supported",
            ErrorCode::request_not_supported => "request_not_supported",
            ErrorCode::request_uri_not_supported => "request_uri_not_supported",
            ErrorCode::server_error => "server_error",
            ErrorCode::temporarily_unavailable => "temporarily_unavailable",
            ErrorCode::unauthorized_client => "unauthorized_client",
            ErrorCode::unmet_authentication_requirements => "unmet_authentication_requirements",
            ErrorCode::unsupported_grant_type => "unsupported_grant_type",
            ErrorCode::unsupported_response_type => "unsupported_response_type",
        }
    }

    /// The HTTP status of the JSON form. RFC 6749 section 5.2, RFC 6750 section 3.1.
    pub fn status(self) -> u16 {
        match self {
            ErrorCode::invalid_client | ErrorCode::invalid_token => 401,
            ErrorCode::insufficient_scope | ErrorCode::access_denied => 403,
            ErrorCode::server_error => 500,
            ErrorCode::temporarily_unavailable => 503,
            _ => 400,
        }
    }
}

/// Text that may leave the server: made from the catalogue, never from input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WireText(String);

impl WireText {
    /// The text, within the characters that `error_description` allows (RFC 6749 section 5.2).
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text for operators: may name ids, never secrets. It has no way to become a [`WireText`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogText(String);

impl LogText {
    /// Notes a detail for the log.
    pub fn new(text: impl Into<String>) -> LogText {
        LogText(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! rules {
    ($( $(#[doc = $fix:literal])+
        $name:ident: $code:ident, on $parameter:literal, per $section:literal,
        $(defends [$($threat:ident),+],)? $(signal $signal:ident,)? says $says:literal; )+) => {
        /// A rule of the protocol that a request can break.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule { $( $(#[doc = $fix])+ $name, )+ }

        impl Rule {
            /// Every rule, in catalogue order.
            pub const ALL: &'static [Rule] = &[$(Rule::$name),+];

            /// The variant's name.
            pub fn name(self) -> &'static str {
                match self { $(Rule::$name => stringify!($name),)+ }
            }
            /// The `error` value.
            pub fn code(self) -> ErrorCode {
                match self { $(Rule::$name => ErrorCode::$code,)+ }
            }
            /// The parameter that the rule is about; rules for any parameter have an empty one.
            pub fn parameter(self) -> &'static str {
                match self { $(Rule::$name => $parameter,)+ }
            }
            /// Where the rule comes from.
            pub fn section(self) -> &'static str {
                match self { $(Rule::$name => $section,)+ }
            }
            /// What is wrong, as the rest of a sentence that the parameter begins.
            pub fn says(self) -> &'static str {
                match self { $(Rule::$name => $says,)+ }
            }
            /// How to fix it, for the page that `error_uri` names.
            pub fn fix(self) -> &'static str {
                match self { $(Rule::$name => concat!($($fix),+).trim_ascii_start(),)+ }
            }
            /// The threats that the rule stands against.
            pub fn defends(self) -> &'static [Threat] {
                match self { $(Rule::$name => &[$($(Threat::$threat),+)?],)+ }
            }
            /// The security event that breaking the rule raises.
            pub fn signal(self) -> Option<Signal> {
                match self { $(Rule::$name => rules!(@signal $($signal)?),)+ }
            }
        }
    };
    (@signal) => { None };
    (@signal $signal:ident) => { Some(Signal::$signal) };
}

include!("rules_catalogue.rs");

impl Rule {
    /// The rule's name as it stands in URLs and logs: kebab-case.
    pub fn id(self) -> String {
        let mut out = String::new();
        for (at, ch) in self.name().char_indices() {
            if ch.is_ascii_uppercase() && at > 0 {
                out.push('-');
            }
            out.push(ch.to_ascii_lowercase());
        }
        out
    }

    /// Finds a rule by its kebab-case name.
    pub fn from_id(id: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.id() == id)
    }

    /// A refusal by this rule, on the rule's own parameter.
    pub fn refuse(self) -> Refusal {
        Refusal { rule: self, parameter: self.parameter(), log: LogText::default() }
    }

    /// A refusal by this rule about one parameter; for rules that hold for any.
    pub fn on(self, parameter: &'static str) -> Refusal {
        Refusal { rule: self, parameter, log: LogText::default() }
    }
}

/// One request broke one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    rule: Rule,
    parameter: &'static str,
    log: LogText,
}

impl Refusal {
    /// Adds a detail for the log: ids and rule words, never a secret or a received value.
    pub fn noting(mut self, detail: impl Into<String>) -> Refusal {
        self.log = LogText::new(detail);
        self
    }

    /// The rule.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// The parameter it is about; empty where none is.
    pub fn parameter(&self) -> &'static str {
        self.parameter
    }

    /// The `error` value.
    pub fn code(&self) -> ErrorCode {
        self.rule.code()
    }

    /// What the client may read: parameter, rule and section.
    pub fn wire_text(&self) -> WireText {
        let rule = self.rule.published();
        let gap = if self.parameter.is_empty() { "" } else { " " };
        WireText(format!("{}{gap}{} ({})", self.parameter, rule.says(), rule.section()))
    }

    /// What operators may read besides.
    pub fn log_text(&self) -> &LogText {
        &self.log
    }

    /// The rule whose page `error_uri` names. Rules that must not be told apart share one.
    pub fn published_rule(&self) -> Rule {
        self.rule.published()
    }
}

impl Rule {
    /// The rule that a stranger may be told of. Unknown, expired, foreign and used codes read alike from outside, and so
    /// do refresh tokens and all failures of a client secret: the wire names the common rule, the log the exact one.
    pub fn published(self) -> Rule {
        // defends: account-enumeration, code-online-guessing, client-secret-guessing
        use Rule::*;
        match self {
            CodeBurned | CodeExpired | CodeForeign | CodeLostRace | CodeReplayed | CodeGrantEnded => CodeUnknown,
            RefreshExpired | RefreshForeign | RefreshLostRace | RefreshReplayed | RefreshGrantEnded => RefreshUnknown,
            ClientAuthDisabled | ClientSecretExpired | ClientSecretUnknownClient => ClientSecretWrong,
            ClientDisabled => ClientUnknown,
            AssertionAlgorithm | AssertionClaims | AssertionKeyHeader | AssertionKind => AssertionInvalid,
            TokenAlgorithm | TokenClaims | TokenExpired | TokenKeyHeader | TokenKind | TokenLocked | TokenRevoked => {
                TokenUnknown
            }
            other => other,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wire_text().as_str())
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wire_text_keeps_to_the_characters_of_error_description() {
        for rule in Rule::ALL {
            let text = rule.on("client_id").wire_text();
            assert!(
                text.as_str().bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)),
                "{rule:?}: {}",
                text.as_str()
            );
            assert!(!rule.section().is_empty() && !rule.fix().is_empty(), "{rule:?}");
        }
    }

    #[test]
    fn names_are_unique_and_found_again() {
        for rule in Rule::ALL {
            assert_eq!(Rule::from_id(&rule.id()), Some(*rule));
        }
    }

    /// account_enumeration: what must not be told apart has one text and one error value.
    #[test]
    fn account_enumeration_rules_that_share_a_text_share_everything() {
        for rule in Rule::ALL {
            let published = rule.published();
            assert_eq!(rule.says(), published.says(), "{rule:?}");
            assert_eq!(rule.parameter(), published.parameter(), "{rule:?}");
            assert_eq!(rule.code(), published.code(), "{rule:?}");
            assert_eq!(published.published(), published, "{rule:?}");
        }
    }
}
