//! An access token of another sign-in is planted beside an ID token.

use crate::cast::*;

#[test]
fn the_id_token_names_the_access_token_beside_it() {
    let mut desk = Desk::open();
    let (ours, others) = (desk.connect(ROBOT), desk.connect(ROBOT));
    let hash = |tokens: &Tokens| jose::at_hash(jose::Algorithm::Es256, tokens.access());
    let claimed = ours.id_claims(ROBOT, NOW).at_hash.expect("always there");
    assert_eq!(claimed, hash(&ours));
    assert_ne!(claimed, hash(&others));
}
