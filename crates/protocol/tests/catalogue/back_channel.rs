//! POST /token with each grant, /introspect and /revoke.

use protocol::client_auth::PresentedClient;
use protocol::rules::Rule;
use protocol::wire::parameters::Parameters;

use crate::cast::*;
use crate::defect::Outcome::{self, Fine, Refused};
use crate::defect::{Row, walk, walk_request};

const fn missing(name: &'static str) -> Outcome {
    Refused(Rule::ParameterMissing, name)
}

const fn empty(name: &'static str) -> Outcome {
    Refused(Rule::ParameterEmpty, name)
}

const fn ignored(name: &'static str) -> Row {
    Row { name, missing: Fine, empty: Fine, wrong: &[("anything", Fine)] }
}

const GRANT_TYPE: Row = Row {
    name: "grant_type",
    missing: missing("grant_type"),
    empty: missing("grant_type"),
    wrong: &[
        ("password", Refused(Rule::GrantTypeUnsupported, "grant_type")),
        ("Refresh_Token", Refused(Rule::GrantTypeUnsupported, "grant_type")),
    ],
};

const RESOURCE: Row = Row {
    name: "resource",
    missing: Fine,
    empty: empty("resource"),
    wrong: &[("x", Refused(Rule::ResourceNotAllowed, "resource")), (MAIL, Fine)],
};

const fn scope(escalation: Rule) -> [(&'static str, Outcome); 3] {
    [
        ("mail:read  openid", Refused(Rule::ParameterMalformed, "scope")),
        ("mail:\"read", Refused(Rule::ParameterMalformed, "scope")),
        ("nothing", Refused(escalation, "scope")),
    ]
}

/// Credentials in the body, of the client that posts its secret.
const POSTED: [Row; 4] = [
    Row {
        name: "client_id",
        missing: missing("client_id"),
        empty: empty("client_id"),
        wrong: &[
            ("nobody", Refused(Rule::ClientSecretUnknownClient, "")),
            (MALLORY, Refused(Rule::ClientAuthMethodMismatch, "")),
        ],
    },
    Row {
        name: "client_secret",
        missing: Refused(Rule::ClientAuthMissing, ""),
        empty: empty("client_secret"),
        wrong: &[("x", Refused(Rule::ClientSecretWrong, "")), ("sc_cs.x", Refused(Rule::ClientSecretWrong, ""))],
    },
    Row {
        name: "client_assertion",
        missing: Fine,
        empty: empty("client_assertion"),
        wrong: &[("x", Refused(Rule::ClientAuthMultiple, ""))],
    },
    ignored("client_assertion_type"),
];

const CODE: [Row; 6] = [
    GRANT_TYPE,
    Row {
        name: "code",
        missing: missing("code"),
        empty: empty("code"),
        wrong: &[("x", Refused(Rule::CodeUnknown, "code")), ("sc_ac.", Refused(Rule::CodeUnknown, "code"))],
    },
    Row {
        name: "redirect_uri",
        missing: Refused(Rule::CodeRedirectMismatch, "redirect_uri"),
        empty: empty("redirect_uri"),
        wrong: &[("x", Refused(Rule::CodeRedirectMismatch, "redirect_uri"))],
    },
    Row {
        name: "code_verifier",
        missing: Refused(Rule::PkceVerifierMissing, "code_verifier"),
        empty: empty("code_verifier"),
        wrong: &[("x", Refused(Rule::PkceMismatch, "code_verifier"))],
    },
    Row { name: "scope", missing: Fine, empty: Fine, wrong: &scope(Rule::RefreshScopeEscalation) },
    RESOURCE,
];

const REFRESH: [Row; 4] = [
    GRANT_TYPE,
    Row {
        name: "refresh_token",
        missing: missing("refresh_token"),
        empty: empty("refresh_token"),
        wrong: &[("x", Refused(Rule::RefreshUnknown, "refresh_token"))],
    },
    Row { name: "scope", missing: Fine, empty: Fine, wrong: &scope(Rule::RefreshScopeEscalation) },
    RESOURCE,
];

const CREDENTIALS: [Row; 3] =
    [GRANT_TYPE, Row { name: "scope", missing: Fine, empty: Fine, wrong: &scope(Rule::ScopeNotAllowed) }, RESOURCE];

fn outcome_of<T>(answer: Result<T, crate::cast::Refused>) -> Outcome {
    match answer {
        Ok(_) => Fine,
        Err(refused) => Outcome::Refused(refused.rule, refused.parameter),
    }
}

/// The client whose credentials stand in the body, registered for every grant, and what it sends besides.
fn poster() -> (Desk, Form) {
    let mut desk = Desk::open();
    let grants = serde_json::json!(["authorization_code", "refresh_token", "client_credentials"]);
    let metadata = with(with(web(POSTER), "token_endpoint_auth_method", "client_secret_post"), "grant_types", grants);
    desk.clients.add(&metadata);
    let secret = desk.clients.secrets[POSTER].clone();
    (desk, Form::of(&[("client_id", POSTER), ("client_secret", &secret)]))
}

fn joined(body: Form, credentials: &Form) -> Form {
    credentials.0.iter().fold(body, |body, (name, value)| body.and(name, value))
}

/// A desk and an honest body for one use. Asked again for each defect, as a use spends and a defect may burn.
fn fresh(grant: &str) -> (Desk, Form) {
    let (mut desk, credentials) = poster();
    let body = match grant {
        "authorization_code" => {
            let request = desk.request(POSTER);
            let code = desk.code(&request);
            desk.redemption(POSTER, &code)
        }
        "refresh_token" => Desk::refreshing(desk.connect(POSTER).refresh()),
        _ => Form::of(&[("grant_type", "client_credentials"), ("scope", "mail:read")]),
    };
    (desk, joined(body, &credentials))
}

#[test]
fn every_parameter_of_every_grant_with_every_defect() {
    let grants: [(&str, &[Row]); 3] =
        [("authorization_code", &CODE), ("refresh_token", &REFRESH), ("client_credentials", &CREDENTIALS)];
    for (grant, rows) in grants {
        // The desk is deterministic, so the body of one desk is honest at every other.
        let (_, honest) = fresh(grant);
        let at_fresh_desk = |bytes: &[u8]| outcome_of(fresh(grant).0.token_raw(None, bytes));
        for row in rows {
            // Left out, client credentials mean all scopes, and those are of two APIs.
            let honest =
                if grant == "client_credentials" { honest.clone().and("resource", MAIL) } else { honest.clone() };
            walk(row, &honest, at_fresh_desk);
        }
        for row in &POSTED {
            walk(row, &honest, at_fresh_desk);
        }
        walk_request(&honest, at_fresh_desk);
        for name in ["state", "response_type", "username", "password", "audience", "token", "code_challenge"] {
            assert_eq!(at_fresh_desk(&honest.clone().and(name, "x").bytes()), Fine, "{name} is of no account");
        }
    }
}

#[test]
fn the_assertions_parameters_with_every_defect() {
    let desk = || {
        let mut desk = Desk::open();
        let tokens = desk.connect(KEYED);
        let body = Desk::refreshing(tokens.refresh());
        (desk, asserting(body, &assertion(client_key(), &assertion_claims(KEYED, "fresh"))))
    };
    let honest = desk().1;
    let rows = [
        Row {
            name: "client_assertion",
            missing: Refused(Rule::ClientAuthMissing, ""),
            empty: empty("client_assertion"),
            wrong: &[("x", Refused(Rule::AssertionInvalid, "client_assertion"))],
        },
        Row {
            name: "client_assertion_type",
            missing: Refused(Rule::AssertionType, "client_assertion_type"),
            empty: Refused(Rule::AssertionType, "client_assertion_type"),
            wrong: &[("x", Refused(Rule::AssertionType, "client_assertion_type"))],
        },
        Row {
            name: "client_id",
            missing: Fine,
            empty: empty("client_id"),
            wrong: &[(KEYED, Fine), (OLD, Refused(Rule::AssertionInvalid, "client_assertion"))],
        },
    ];
    for row in &rows {
        walk(row, &honest, |bytes| outcome_of(desk().0.token_raw(None, bytes)));
    }
}

/// What introspection and revocation read, as their endpoints do.
fn inspected(desk: &mut Desk, body: &[u8]) -> Outcome {
    let mut answer = || {
        let mut parameters = Parameters::parse(body)?;
        let client = PresentedClient::parse(None, &parameters)?;
        parameters.require("token")?;
        desk.authenticate(client)?;
        Ok::<_, protocol::rules::Refusal>(parameters.take("token"))
    };
    outcome_of(answer().map_err(crate::cast::Refused::from))
}

#[test]
fn introspection_and_revocation_with_every_defect() {
    let rows = [
        Row { name: "token", missing: missing("token"), empty: missing("token"), wrong: &[("anything", Fine)] },
        ignored("token_type_hint"),
    ];
    let (mut desk, credentials) = poster();
    let honest = joined(Form::of(&[("token", "sc_at.x"), ("token_type_hint", "access_token")]), &credentials);
    for row in rows.iter().chain(&POSTED) {
        walk(row, &honest, |bytes| inspected(&mut desk, bytes));
    }
    walk_request(&honest, |bytes| inspected(&mut desk, bytes));
}

#[test]
fn the_authorization_header_with_every_defect() {
    let mut desk = Desk::open();
    let secret = desk.clients.secrets[ROBOT].clone();
    let body = Form::of(&[("grant_type", "client_credentials"), ("scope", "mail:read")]).bytes();
    let encode = |plain: &[u8]| format!("Basic {}", data_encoding::BASE64.encode(plain)).into_bytes();
    let malformed = Outcome::Refused(Rule::BasicMalformed, "");
    for header in [
        b"".to_vec(),
        b"Basic".to_vec(),
        b"Basic ".to_vec(),
        b"Basic\tYTpi".to_vec(),
        b"Basic YTpi=".to_vec(),
        b"Basic YTp".to_vec(),
        b"Basic YTpi YTpi".to_vec(),
        b"Basic \xff\xfe".to_vec(),
        b"Bearer YTpi".to_vec(),
        encode(b""),
        encode(b":"),
        encode(b"robot"),
        encode(b"robot:"),
        encode(b":secret"),
        encode(b"robot:a%"),
        encode(b"robot:a%00"),
        encode(b"robot:a\n"),
        encode(b"robot:\xff"),
        encode(&[b'x'; 2000]),
    ] {
        assert_eq!(outcome_of(desk.token_raw(Some(&header), &body)), malformed, "{header:?}");
    }
    assert_eq!(
        outcome_of(desk.token_raw(Some(&encode(b"robot:a:b")), &body)),
        Outcome::Refused(Rule::ClientSecretWrong, "")
    );
    for scheme in ["Basic", "basic", "BASIC"] {
        let header = String::from_utf8(basic(ROBOT, &secret)).expect("ASCII").replacen("Basic", scheme, 1);
        assert_eq!(outcome_of(desk.token_raw(Some(header.as_bytes()), &body)), Fine, "{scheme}");
    }
}
