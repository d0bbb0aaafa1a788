//! A browser carries the fragment of one address over to the next.

use protocol::authorize::denial;
use protocol::wire::response::BrowserAnswer;

use crate::cast::*;

#[test]
fn every_redirect_ends_with_an_empty_fragment() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let denied = denial(desk.check(&request).expect("honest"), &desk.policy);
    for answer in [desk.allow(&request), denied] {
        let BrowserAnswer::Redirect(location) = answer else { panic!("query mode") };
        assert!(location.ends_with('#') && location.matches('#').count() == 1, "{location}");
    }
}
