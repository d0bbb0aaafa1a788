//! A client that nobody registered, or under another's name, asks for an authorization.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn only_registered_clients_get_as_far_as_a_person() {
    let desk = Desk::open();
    let request = desk.request(ROBOT);
    for id in ["nobody", "ROBOT", "robot%20", "robot/", "u_ada"] {
        assert_eq!(desk.page(&request.clone().with("client_id", id)), Rule::ClientUnknown, "{id}");
    }
    // Under the robot's name the answer goes to the robot's address and nowhere else.
    assert_eq!(desk.page(&request.clone().with("redirect_uri", MALLORY_CB)), Rule::RedirectUriUnregistered);
    assert!(desk.check(&request).is_ok());
}

#[test]
fn the_store_handing_out_another_client_is_noticed() {
    let desk = Desk::open();
    let bytes = desk.request(ROBOT).bytes();
    let unverified = protocol::authorize::UnverifiedAuthorizationRequest::parse(&bytes).expect("well-formed");
    let refused =
        unverified.bind(Some(desk.clients.by_id[MALLORY].clone())).expect_err("not the one that was asked for");
    assert_eq!(refused.0.rule(), Rule::ClientUnknown);
}
