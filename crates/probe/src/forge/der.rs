//! As much DER as keys need: integers and sequences, written and read.

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;

/// One element: tag, length, content.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=0x7f => out.push(short as u8),
        long => {
            let bytes = long.to_be_bytes();
            let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
            out.push(0x80 | bytes.len() as u8);
            out.extend_from_slice(bytes);
        }
    }
    out.extend_from_slice(content);
    out
}

/// A positive INTEGER from big-endian bytes.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let mut content = Vec::with_capacity(bytes.len() + 1);
    if bytes.first().is_none_or(|first| first & 0x80 != 0) {
        content.push(0);
    }
    content.extend_from_slice(bytes);
    element(INTEGER, &content)
}

/// A SEQUENCE of finished elements.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// The PEM text of `der` under `label`, with a line break at the end.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// The integers of an RSAPrivateKey (RFC 8017 appendix A.1.2) inside a PKCS #8 document, without leading zeros.
pub(super) fn rsa_private_integers(pkcs8: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (_, outer, _) = read(pkcs8)?;
    let (_, _version, rest) = read(outer)?;
    let (_, _algorithm, rest) = read(rest)?;
    let (_, octets, _) = read(rest)?;
    let (_, mut members, _) = read(octets)?;
    let mut integers = Vec::new();
    while !members.is_empty() {
        let (tag, content, rest) = read(members)?;
        if tag != INTEGER {
            return None;
        }
        let zeros = content.iter().take_while(|byte| **byte == 0).count();
        integers.push(content[zeros..].to_vec());
        members = rest;
    }
    Some(integers)
}

/// Tag, content and what follows.
fn read(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short @ 0..=0x7f => (usize::from(*short), rest),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (digits.iter().try_fold(0usize, |sum, digit| sum.checked_mul(256)?.checked_add((*digit).into()))?, rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
