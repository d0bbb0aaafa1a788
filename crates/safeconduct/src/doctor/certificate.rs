//! When a certificate ends. Reads just that from X.509 (RFC 5280 section 4.1); nothing here decides whether to trust one.

use std::path::Path;

use jiff::civil::DateTime;
use jose::UnixTime;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::{Findings, days};

/// Renewal should have happened by then.
const SOON: i64 = 14 * 86_400;

/// Looks at the first certificate of a PEM file.
pub fn check_file(path: &Path, now: UnixTime, findings: &mut Findings) {
    let shown = path.display().to_string();
    match CertificateDer::pem_file_iter(path).ok().and_then(|mut chain| chain.next()?.ok()) {
        Some(leaf) => check(&leaf, &shown, now, findings),
        None => findings.error(
            "tls",
            shown,
            "holds no certificate in PEM",
            "put the server's certificate there, then its chain",
        ),
    }
}

/// Looks at a certificate, told as `about`.
pub fn check(certificate: &CertificateDer<'_>, about: &str, now: UnixTime, findings: &mut Findings) {
    let Some((from, until)) = validity(certificate) else {
        return findings.warning(
            "tls",
            about,
            "its certificate's times cannot be read",
            "look at it with openssl x509 -text",
        );
    };
    let renew = "renew it; a running server takes the new file up by itself";
    if now.0 >= until {
        findings.error("tls", about, format!("its certificate ended {} days ago", days(now.0 - until)), renew);
    } else if until - now.0 < SOON {
        findings.warning("tls", about, format!("its certificate ends in {} days", days(until - now.0)), renew);
    }
    if now.0 < from {
        findings.error("tls", about, "its certificate is not valid yet", "look at the clock, then at the certificate");
    }
}

/// `notBefore` and `notAfter`, in seconds since the epoch.
fn validity(certificate: &[u8]) -> Option<(i64, i64)> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    let (tag, outer, _) = element(certificate)?;
    let (inner_tag, mut rest, _) = element(outer)?;
    if tag != SEQUENCE || inner_tag != SEQUENCE {
        return None;
    }
    // version (optional), serialNumber, signature, issuer, then validity.
    if rest.first() == Some(&VERSION) {
        rest = element(rest)?.2;
    }
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (_, times, _) = element(rest)?;
    let (kind, from, rest) = element(times)?;
    let (kind_until, until, _) = element(rest)?;
    Some((time(kind, from)?, time(kind_until, until)?))
}

/// One element of DER: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let count = usize::from(first & 0x7f);
        if !(1..=4).contains(&count) {
            return None;
        }
        length = rest.get(..count)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        rest = &rest[count..];
    }
    Some((tag, rest.get(..length)?, rest.get(length..)?))
}

/// `UTCTime` or `GeneralizedTime`, as RFC 5280 section 4.1.2.5 narrows them.
fn time(kind: u8, text: &[u8]) -> Option<i64> {
    const UTC_TIME: u8 = 0x17;
    const GENERALIZED_TIME: u8 = 0x18;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let text = match (kind, text.len()) {
        // Years 50 to 99 are of the last century.
        (UTC_TIME, 12) if text >= "5" => format!("19{text}"),
        (UTC_TIME, 12) => format!("20{text}"),
        (GENERALIZED_TIME, 14) => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text[from..to].parse::<i8>().ok();
    let year = text[..4].parse::<i16>().ok()?;
    let at = DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate's outline: version, serial, algorithm, issuer, validity.
    fn outline(from: &[u8], until: &[u8]) -> Vec<u8> {
        let wrap = |tag: u8, content: &[u8]| {
            // Two length bytes, so that the long form is read, too.
            let length = u16::try_from(content.len()).expect("short").to_be_bytes();
            [&[tag, 0x82], &length[..], content].concat()
        };
        let validity = wrap(0x30, &[from, until].concat());
        let fields = [wrap(0xa0, &[2, 1, 2]), wrap(2, &[1]), wrap(0x30, &[]), wrap(0x30, &[]), validity].concat();
        wrap(0x30, &wrap(0x30, &fields))
    }

    #[test]
    fn the_end_of_a_certificate_is_found() {
        let der = outline(b"\x17\x0d270115080000Z", b"\x18\x0f20500101000000Z");
        assert_eq!(validity(&der), Some((1_800_000_000, 2_524_608_000)));
        let found = |now: i64| {
            let mut findings = Findings::default();
            check(&CertificateDer::from(der.clone()), "test", UnixTime(now), &mut findings);
            findings.list.len()
        };
        assert_eq!(found(1_900_000_000), 0);
        assert_eq!(found(1_700_000_000), 1, "not yet");
        assert_eq!(found(2_524_608_000 - 86_400), 1, "soon");
        assert_eq!(found(2_524_608_000), 1, "over");
    }

    #[test]
    fn broken_certificates_are_not_read() {
        let der = outline(b"\x17\x0d270115080000Z", b"\x17\x0d270115080000Z");
        for end in 0..der.len() {
            assert_eq!(validity(&der[..end]), None);
        }
        for time in [&b"\x17\x0d271315080000Z"[..], b"\x17\x0d27011508000xZ", b"\x17\x0c270115080000", b"\x02\x01\x01"]
        {
            assert_eq!(validity(&outline(time, time)), None);
        }
    }
}
