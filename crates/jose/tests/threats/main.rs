//! One module for each threat; `cargo test <threat_id>` runs what would notice if a defence went away.

#[path = "../forge/mod.rs"]
mod forge;

mod client_assertion_replay;
mod jwe_abuse;
mod jwt_algorithm_substitution;
mod jwt_claims_unchecked;
mod jwt_key_injection;
mod jwt_type_confusion;
mod jwt_weak_key_or_signature;
