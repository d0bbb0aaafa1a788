//! Attestation of client instances (draft-ietf-oauth-attestation-based-client-auth).

mod attestation_missing_or_forged;

use crate::case;
use crate::case::Case;

/// The cases of the group. `attester` in the target file is no client but the one who vouches: its `client_id` is the issuer
/// of attestations, its key signs them.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        case!("attestation-missing-or-forged", "redeem-and-refresh", "Attestations that are missing, expired, another's or forged",
        needs: ["user", "attested", "attester"], features: [], phase: Normal, sections: [],
        run: attestation_missing_or_forged::redeem_and_refresh),
    ]
}
