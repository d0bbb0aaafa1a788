//! Threats to the proof that an app is genuine.

macro_rules! attestation {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Attestation {
                AttestationMissingOrForged = "attestation-missing-or-forged", seen Outside,
                    does "A scripted or rebuilt app gets in without attestation, or with one signed by a key of its own choosing.",
                    safe "A client registered for attestation always needs one, from a configured attester, for its own name and in date.",
                    source "the mobile attestation article; draft-ietf-oauth-attestation-based-client-auth";
                AttestationReplay = "attestation-replay", seen Inside,
                    does "A genuine app's attestation and proof are recorded and sent with a foreign request.",
                    safe "The proof names this server, its challenge and a jti that counts once, and attestations are short-lived.",
                    source "the mobile attestation article; draft-ietf-oauth-attestation-based-client-auth";
                AttestationInstanceSwap = "attestation-instance-swap", seen Inside,
                    does "A code or refresh token is carried into another attested installation, or malware steers the real one.",
                    safe "Request, code and refresh token belong to one installation's key, and unusual call patterns are limited.",
                    source "the mobile attestation article; draft-ietf-oauth-attestation-based-client-auth; RFC 6819 section 5.2.2.5";
            }
        }
    };
}
