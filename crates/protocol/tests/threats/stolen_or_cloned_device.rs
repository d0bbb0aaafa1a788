//! A device's storage is copied: two devices hold one refresh token.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn the_second_of_two_devices_ends_the_grant_for_both() {
    let mut desk = Desk::open();
    let copied = desk.connect(APP);
    let owner = desk.token(APP, Desk::refreshing(copied.refresh())).expect("the owner goes on");
    let owner = desk.token(APP, Desk::refreshing(owner.refresh())).expect("and on");
    assert_eq!(denied(desk.token(APP, Desk::refreshing(copied.refresh()))).0, Rule::RefreshReplayed);
    assert_eq!(denied(desk.token(APP, Desk::refreshing(owner.refresh()))).0, Rule::RefreshGrantEnded);
}
