//! Threats to signed and encrypted objects.

macro_rules! jose {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Jose {
                JwtAlgorithmSubstitution = "jwt-algorithm-substitution", seen Outside,
                    does "A token with its signature removed, or made with a public key taken as a shared secret, passes as genuine.",
                    safe "The algorithm comes from the key and the kind of token, and the header must agree; none does not exist.",
                    source "RFC 8725 section 2.1; CVE-2015-9235";
                JwtKeyInjection = "jwt-key-injection", seen Outside,
                    does "A token header names the attacker's own key, or its kid reaches files, queries or URLs.",
                    safe "Keys come from the configured set, kid is only looked up there, and keys or addresses in headers are refused.",
                    source "RFC 8725 sections 2.9 and 3.10; RFC 7515 sections 4.1 and 10";
                JwtWeakKeyOrSignature = "jwt-weak-key-or-signature", seen Outside,
                    does "A short secret is cracked, a small key factored or a degenerate signature accepted, and then anything can be signed.",
                    safe "Keys are checked for type, size and curve, signatures for range and form, and shared secrets sign nothing.",
                    source "RFC 8725 sections 2.2 and 3.5; CVE-2022-21449";
                JwtTypeConfusion = "jwt-type-confusion", seen Outside,
                    does "A signed object of one kind is presented where another is expected, and the genuine signature lets it through.",
                    safe "Each kind has its own typ, audience and required claims, and a verifier of its own.",
                    source "RFC 8725 sections 2.8, 3.11 and 3.12; RFC 9068 section 5; RFC 9101 section 10.8; RFC 9449 section 11.5";
                JwtClaimsUnchecked = "jwt-claims-unchecked", seen Outside,
                    does "An expired, premature, foreign or half-empty token is accepted because only its signature was looked at.",
                    safe "Issuer, audience and times are required and compared exactly, with at most a minute of clock skew.",
                    source "RFC 8725 sections 3.8, 3.9 and 3.10; RFC 9068 section 4; RFC 6819 section 5.1.5.2";
                JweAbuse = "jwe-abuse", seen Outside,
                    does "Encrypted input hides unsigned claims, explodes when unpacked, costs too much or leaks the key.",
                    safe "Encryption is off unless configured; what is inside must be signed, and compression, password and RSA1_5 modes are refused.",
                    source "RFC 8725 sections 2.3, 2.4 and 2.5; CVE-2023-51774; CVE-2026-9793";
            }
        }
    };
}
