//! GET and POST /authorize.

use protocol::rules::Rule;

use crate::cast::*;
use crate::defect::Outcome::{self, Back, Fine, Refused};
use crate::defect::{Row, walk, walk_request};

const fn missing(name: &'static str) -> Outcome {
    Refused(Rule::ParameterMissing, name)
}

const fn empty(name: &'static str) -> Outcome {
    Refused(Rule::ParameterEmpty, name)
}

const fn refused(rule: Rule, name: &'static str) -> Outcome {
    Refused(rule, name)
}

/// A parameter that a request may leave out, whose value is free text.
const fn optional(name: &'static str) -> Row {
    Row { name, missing: Fine, empty: Fine, wrong: &[("\u{1f511} <b>'\"", Fine)] }
}

const ROWS: &[Row] = &[
    Row {
        name: "client_id",
        missing: missing("client_id"),
        empty: empty("client_id"),
        wrong: &[
            ("nobody", refused(Rule::ClientUnknown, "client_id")),
            (" robot", refused(Rule::ClientUnknown, "client_id")),
        ],
    },
    Row {
        name: "redirect_uri",
        missing: missing("redirect_uri"),
        empty: empty("redirect_uri"),
        wrong: &[
            ("x", refused(Rule::RedirectUriUnregistered, "redirect_uri")),
            ("https://robot.example/", refused(Rule::RedirectUriUnregistered, "redirect_uri")),
        ],
    },
    Row {
        name: "response_type",
        missing: Back(Rule::ParameterMissing, "response_type"),
        empty: Back(Rule::ParameterMissing, "response_type"),
        wrong: &[
            ("token", Back(Rule::ResponseTypeUnsupported, "response_type")),
            ("Code", Back(Rule::ResponseTypeUnsupported, "response_type")),
            ("code code", Back(Rule::ResponseTypeUnsupported, "response_type")),
        ],
    },
    Row {
        name: "response_mode",
        missing: Fine,
        empty: Fine,
        wrong: &[
            ("form_post", Fine),
            ("fragment", Back(Rule::ResponseModeUnsupported, "response_mode")),
            ("1", Back(Rule::ResponseModeUnsupported, "response_mode")),
        ],
    },
    Row {
        name: "scope",
        missing: Back(Rule::ScopeMissing, "scope"),
        empty: Back(Rule::ScopeMissing, "scope"),
        wrong: &[
            ("mail:read  openid", Back(Rule::ParameterMalformed, "scope")),
            (" openid", Back(Rule::ParameterMalformed, "scope")),
            ("open\"id", Back(Rule::ParameterMalformed, "scope")),
            ("\u{e9}", Back(Rule::ParameterMalformed, "scope")),
            ("openid nothing", Back(Rule::ScopeUnknown, "scope")),
            ("openid openid", Fine),
        ],
    },
    Row {
        name: "code_challenge",
        missing: Back(Rule::PkceRequired, "code_challenge"),
        empty: empty("code_challenge"),
        wrong: &[("short", Back(Rule::PkceChallengeMalformed, "code_challenge"))],
    },
    Row {
        name: "code_challenge_method",
        missing: Back(Rule::PkceMethodUnsupported, "code_challenge_method"),
        empty: empty("code_challenge_method"),
        wrong: &[("plain", Back(Rule::PkceMethodUnsupported, "code_challenge_method"))],
    },
    Row {
        name: "resource",
        missing: Fine,
        empty: empty("resource"),
        wrong: &[
            ("https://unknown.example", Back(Rule::ResourceUnknown, "resource")),
            ("x", Back(Rule::ResourceUnknown, "resource")),
        ],
    },
    Row {
        name: "prompt",
        missing: Fine,
        empty: Fine,
        wrong: &[
            ("none", Fine),
            ("none login", Back(Rule::PromptMalformed, "prompt")),
            ("none  ", Back(Rule::PromptMalformed, "prompt")),
            ("x", Back(Rule::PromptMalformed, "prompt")),
            ("login login", Fine),
        ],
    },
    Row {
        name: "max_age",
        missing: Fine,
        empty: Fine,
        wrong: &[
            ("0", Fine),
            ("4294967295", Fine),
            ("4294967296", Back(Rule::ParameterMalformed, "max_age")),
            ("-1", Back(Rule::ParameterMalformed, "max_age")),
            ("+1", Back(Rule::ParameterMalformed, "max_age")),
            ("1.0", Back(Rule::ParameterMalformed, "max_age")),
            ("\u{0661}", Back(Rule::ParameterMalformed, "max_age")),
            ("00000000001", Back(Rule::ParameterMalformed, "max_age")),
        ],
    },
    Row {
        name: "claims",
        missing: Fine,
        empty: Fine,
        wrong: &[
            ("{}", Fine),
            (r#"{"other":1,"id_token":null}"#, Fine),
            ("x", Back(Rule::ClaimsMalformed, "claims")),
            ("[]", Back(Rule::ClaimsMalformed, "claims")),
            ("{", Back(Rule::ClaimsMalformed, "claims")),
            (r#"{"id_token":[]}"#, Back(Rule::ClaimsMalformed, "claims")),
            (r#"{"userinfo":{"name":true}}"#, Back(Rule::ClaimsMalformed, "claims")),
            (r#"{"userinfo":{"name":{"values":"Ada"}}}"#, Back(Rule::ClaimsMalformed, "claims")),
        ],
    },
    Row {
        name: "id_token_hint",
        missing: Fine,
        empty: Fine,
        wrong: &[
            ("x", Back(Rule::IdTokenHintInvalid, "id_token_hint")),
            ("a.b.c", Back(Rule::IdTokenHintInvalid, "id_token_hint")),
            ("eyJhbGciOiJub25lIn0.e30.", Back(Rule::IdTokenHintInvalid, "id_token_hint")),
        ],
    },
    Row {
        name: "request",
        missing: Fine,
        empty: Fine,
        wrong: &[("x", Back(Rule::RequestObjectUnsupported, "request"))],
    },
    Row {
        name: "request_uri",
        missing: Fine,
        empty: Fine,
        wrong: &[("x", Back(Rule::RequestUriUnsupported, "request_uri"))],
    },
    Row {
        name: "registration",
        missing: Fine,
        empty: Fine,
        wrong: &[("{}", Back(Rule::RegistrationUnsupported, "registration"))],
    },
    optional("state"),
    optional("nonce"),
    optional("login_hint"),
    optional("ui_locales"),
    optional("claims_locales"),
    optional("acr_values"),
    optional("display"),
];

fn outcome(desk: &Desk, bytes: &[u8]) -> Outcome {
    match desk.check_bytes(bytes) {
        Ok(_) => Fine,
        Err(Stopped::Page(refusal)) => Refused(refusal.rule(), refusal.parameter()),
        Err(Stopped::Redirect(rejection)) => Back(rejection.refusal().rule(), rejection.refusal().parameter()),
    }
}

/// An honest request with every parameter that there is.
fn full(desk: &Desk) -> Form {
    desk.request(ROBOT)
        .and("response_mode", "query")
        .and("resource", MAIL)
        .and("prompt", "login consent")
        .and("max_age", "3600")
        .and("claims", r#"{"userinfo":{"name":{"essential":true}}}"#)
        .and("login_hint", "ada")
        .and("ui_locales", "de en")
        .and("claims_locales", "de")
        .and("acr_values", "urn:example:gold")
        .and("display", "page")
}

#[test]
fn every_parameter_with_every_defect() {
    let desk = Desk::open();
    let honest = full(&desk);
    for row in ROWS {
        walk(row, &honest, |bytes| outcome(&desk, bytes));
    }
}

#[test]
fn the_request_as_a_whole() {
    let desk = Desk::open();
    walk_request(&full(&desk), |bytes| outcome(&desk, bytes));
    for bytes in [&b""[..], b"&", b"=", b"x", b"\xff", b"client_id"] {
        assert!(matches!(outcome(&desk, bytes), Refused(..)), "{bytes:?}");
    }
}

#[test]
fn parameters_of_other_endpoints_are_of_no_account() {
    let desk = Desk::open();
    for name in ["code", "refresh_token", "grant_type", "client_secret", "token", "access_token", "code_verifier"] {
        assert_eq!(outcome(&desk, &full(&desk).and(name, "x").bytes()), Fine, "{name}");
    }
}

#[test]
fn the_table_names_every_parameter_that_discovery_and_the_specifications_know() {
    let named: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
    for (name, _) in full(&Desk::open()).0 {
        assert!(named.contains(&name.as_str()), "{name}");
    }
}
