//! What can be wrong with any parameter, whatever it means.

use protocol::rules::Rule;

use crate::cast::*;

/// How an endpoint takes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answers as to an honest one.
    Fine,
    /// It is sent back to its client, about this parameter.
    Back(Rule, &'static str),
    /// It is refused before a redirect is known, or at an endpoint without redirects.
    Refused(Rule, &'static str),
}

/// One parameter of one endpoint.
pub struct Row {
    pub name: &'static str,
    /// What happens without it.
    pub missing: Outcome,
    /// What happens if it is empty.
    pub empty: Outcome,
    /// Values that are well-formed text and still wrong.
    pub wrong: &'static [(&'static str, Outcome)],
}

/// Names whose values may be longer.
const LARGE: [&str; 5] = ["access_token", "claims", "client_assertion", "id_token_hint", "token"];

/// Bends `honest` by each defect of `row` and compares what `endpoint` says.
pub fn walk(row: &Row, honest: &Form, mut endpoint: impl FnMut(&[u8]) -> Outcome) {
    let name = row.name;
    let rest = honest.clone().without(name);
    let raw = |value: &str| {
        let mut bytes = rest.bytes();
        bytes.extend_from_slice(format!("&{name}={value}").as_bytes());
        bytes
    };
    let mut expect = |what: &str, bytes: &[u8], outcome: Outcome| {
        assert_eq!(endpoint(bytes), outcome, "{name}, {what}");
    };

    expect("missing", &rest.bytes(), row.missing);
    expect("empty", &raw(""), row.empty);
    let mut bare = rest.bytes();
    bare.extend_from_slice(format!("&{name}").as_bytes());
    expect("a name without =", &bare, row.empty);

    let twice = |first: &str, second: &str| [raw(first), format!("&{name}={second}").into_bytes()].concat();
    if name != "resource" {
        let repeated = Outcome::Refused(Rule::ParameterRepeated, name);
        expect("twice", &twice("x", "x"), repeated);
        expect("twice, once empty", &twice("x", ""), repeated);
        expect("twice, both empty", &twice("", ""), repeated);
    }

    let limit = if LARGE.contains(&name) { 8192 } else { 4096 };
    expect("too long", &raw(&"x".repeat(limit + 1)), Outcome::Refused(Rule::ParameterTooLong, name));

    let malformed = Outcome::Refused(Rule::ParameterMalformed, name);
    for (what, value) in [
        ("a stray percent sign", "a%"),
        ("half a percent code", "a%4"),
        ("no hexadecimal", "a%zz"),
        ("a lone continuation byte", "a%80"),
        ("a cut sequence", "a%C3"),
        ("an overlong sequence", "a%C0%AF"),
        ("a surrogate", "a%ED%A0%80"),
        ("Latin-1", "a%FF"),
        ("NUL", "a%00"),
        ("a line feed", "a%0A"),
        ("a carriage return", "a%0D"),
        ("a tab", "a%09"),
        ("an escape", "a%1B"),
        ("DEL", "a%7F"),
        ("a C1 control", "a%C2%85"),
    ] {
        expect(what, &raw(value), malformed);
    }

    for (value, outcome) in row.wrong {
        expect(&format!("wrong value {value:?}"), &rest.clone().and(name, value).bytes(), *outcome);
    }
}

/// What holds for a whole request: unknown parameters, sizes, names.
pub fn walk_request(honest: &Form, mut endpoint: impl FnMut(&[u8]) -> Outcome) {
    assert_eq!(endpoint(&honest.bytes()), Outcome::Fine);
    let extra = honest.clone().and("x-extension", "1").and("scope[]", "x").and("SCOPE", "x").and("x-empty", "");
    assert_eq!(endpoint(&extra.bytes()), Outcome::Fine, "unknown parameters are ignored");
    let twice = honest.clone().and("x-extension", "1").and("x-extension", "1");
    assert_eq!(endpoint(&twice.bytes()), Outcome::Refused(Rule::ParameterRepeated, "A parameter"));
    for name in ["a%", "a%zz"] {
        let bytes = [honest.bytes(), format!("&{name}=1").into_bytes()].concat();
        assert_eq!(endpoint(&bytes), Outcome::Refused(Rule::ParameterMalformed, "A parameter name"));
    }
    let long = honest.clone().and("x-extension", &"x".repeat(33_000));
    assert_eq!(endpoint(&long.bytes()), Outcome::Refused(Rule::RequestTooLarge, ""));
    let many = (0..64).fold(honest.clone(), |form, n| form.and(&format!("x{n}"), "1"));
    assert_eq!(endpoint(&many.bytes()), Outcome::Refused(Rule::RequestTooLarge, ""));
    // Empty pairs are nothing, in any number that fits.
    let padded = [b"&&&".to_vec(), honest.bytes(), b"&&".to_vec()].concat();
    assert_eq!(endpoint(&padded), Outcome::Fine);
}
