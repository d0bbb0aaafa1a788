//! The private members of a JWK (RFC 7518 sections 6.2.2 and 6.3.2), read and written with as few
//! copies as we can, each overwritten after use.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::RsaKeyPair;
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use crate::jwk::check_use;
use crate::numbers::decode;
use crate::strict::Members;
use crate::{JoseError, Jwk, Secret};

/// RSA private members in the order of `RSAPrivateKey` (RFC 8017 appendix A.1.2), after n and e.
const RSA_MEMBERS: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];
/// A 4096-bit RSA key takes under 4 KiB.
const MAX_PRIVATE_JWK_BYTES: usize = 16 * 1024;

/// A parsed private JWK whose texts are overwritten when it is dropped.
pub(crate) struct PrivateMembers(Members);

impl PrivateMembers {
    pub(crate) fn parse(json: &str) -> Result<Self, JoseError> {
        if json.len() > MAX_PRIVATE_JWK_BYTES {
            return Err(JoseError::TooLong);
        }
        serde_json::from_str(json).map(PrivateMembers).map_err(|_| JoseError::Key)
    }

    /// The public half, checked like any other public key.
    pub(crate) fn public(&self) -> Result<Jwk, JoseError> {
        let members = &self.0.0;
        check_use(members, "sign")?;
        // A guessed algorithm would be a guessed meaning of every signature made with it.
        if !members.contains_key("alg") {
            return Err(JoseError::Algorithm);
        }
        Jwk::from_public_members(members)
    }

    pub(crate) fn numbers(&self) -> Result<PrivateNumbers, JoseError> {
        let members = &self.0.0;
        // `oth` holds further primes; `k` has no business in a key pair.
        if members.contains_key("oth") || members.contains_key("k") {
            return Err(JoseError::UnsupportedKey);
        }
        let names = if members.contains_key("n") { &RSA_MEMBERS[..] } else { &RSA_MEMBERS[..1] };
        let mut numbers = Vec::with_capacity(names.len());
        for name in names {
            let text = members.get(*name).and_then(Value::as_str).ok_or(JoseError::Key)?;
            numbers.push(Zeroizing::new(decode(text)?));
        }
        Ok(PrivateNumbers(numbers))
    }
}

impl Drop for PrivateMembers {
    fn drop(&mut self) {
        for value in self.0.0.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}

/// `d`, and for RSA the other members behind it in the order of [`RSA_MEMBERS`]. Never empty.
pub(crate) struct PrivateNumbers(Vec<Zeroizing<Vec<u8>>>);

impl PrivateNumbers {
    pub(crate) fn single(d: &[u8]) -> Self {
        PrivateNumbers(vec![Zeroizing::new(d.to_vec())])
    }

    /// Takes the numbers out of the PKCS #8 document, the only form in which the library gives them.
    pub(crate) fn from_rsa(pair: &RsaKeyPair) -> Result<Self, JoseError> {
        let document = pair.as_der().map_err(|_| JoseError::Crypto)?;
        rsa_numbers(document.as_ref()).ok_or(JoseError::Crypto)
    }

    pub(crate) fn d(&self) -> &[u8] {
        self.0.first().map_or(&[], |d| d.as_slice())
    }

    /// The library checks that all numbers belong together.
    pub(crate) fn rsa_pair(&self, n: &[u8], e: &[u8]) -> Result<RsaKeyPair, JoseError> {
        let [d, p, q, dp, dq, qi] = self.0.as_slice() else {
            return Err(JoseError::Key);
        };
        let components = KeyPairComponents {
            public_key: PublicKeyComponents { n, e },
            d: d.as_slice(),
            p: p.as_slice(),
            q: q.as_slice(),
            dP: dp.as_slice(),
            dQ: dq.as_slice(),
            qInv: qi.as_slice(),
        };
        RsaKeyPair::from_components(&components).map_err(|_| JoseError::Key)
    }
}

/// The canonical text of a private JWK.
pub(crate) fn write(public: &Jwk, private: &PrivateNumbers) -> Secret<String> {
    // Large enough for every key, so that growing does not leave a copy behind.
    let mut json = String::with_capacity(MAX_PRIVATE_JWK_BYTES / 2);
    json.push('{');
    let mut member = |name: &str, value: &str| {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&format!("\"{name}\":"));
        json.push_str(value);
    };
    for (name, value) in public.numbers().members() {
        member(name, &format!("\"{value}\""));
    }
    for (name, number) in RSA_MEMBERS.iter().zip(&private.0) {
        let encoded = Zeroizing::new(format!("\"{}\"", *Zeroizing::new(BASE64URL_NOPAD.encode(number))));
        member(name, &encoded);
    }
    member("kid", &Value::from(public.kid()).to_string());
    member("alg", &format!("\"{}\"", public.algorithm()));
    member("use", "\"sig\"");
    json.push('}');
    Secret::new(json)
}

/// `PrivateKeyInfo { version, algorithm, OCTET STRING { RSAPrivateKey { version, n, e, d, … } } }`.
fn rsa_numbers(pkcs8: &[u8]) -> Option<PrivateNumbers> {
    const INTEGER: u8 = 0x02;
    const OCTET_STRING: u8 = 0x04;
    const SEQUENCE: u8 = 0x30;
    let (info, _) = der_value(pkcs8, SEQUENCE)?;
    let (_version, info) = der_value(info, INTEGER)?;
    let (_algorithm, info) = der_value(info, SEQUENCE)?;
    let (key, _) = der_value(info, OCTET_STRING)?;
    let (mut key, _) = der_value(key, SEQUENCE)?;
    let mut numbers = Vec::with_capacity(RSA_MEMBERS.len());
    for index in 0..3 + RSA_MEMBERS.len() {
        let (number, rest) = der_value(key, INTEGER)?;
        key = rest;
        if index >= 3 {
            let number = number.strip_prefix(&[0]).unwrap_or(number);
            numbers.push(Zeroizing::new(number.to_vec()));
        }
    }
    Some(PrivateNumbers(numbers))
}

/// The contents of the DER value of this tag at the start of `input`, and what follows it.
fn der_value(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = input.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        _ => return None,
    };
    (found == tag).then_some(())?;
    rest.split_at_checked(length)
}
