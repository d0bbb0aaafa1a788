//! Thief and owner both hold one refresh token.

use protocol::record::{EndReason, RefreshState};
use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

/// Refreshes as `client`.
fn refresh(desk: &mut Desk, client: &str, token: &str) -> Result<Tokens, Refused> {
    desk.token(client, Desk::refreshing(token))
}

#[test]
fn the_honest_client_rotates_on_and_on() {
    let mut desk = Desk::open();
    let mut tokens = desk.connect(APP);
    for _ in 0..5 {
        desk.wait(3600);
        let next = refresh(&mut desk, APP, tokens.refresh()).expect("the newest token");
        assert_ne!(next.refresh(), tokens.refresh());
        assert!(desk.live(next.access()).is_ok());
        tokens = next;
    }
}

#[test]
fn a_token_whose_successor_was_rotated_is_a_replay() {
    for client in [APP, ROBOT] {
        let mut desk = Desk::open();
        let first = desk.connect(client);
        let second = refresh(&mut desk, client, first.refresh()).expect("rotates");
        let third = refresh(&mut desk, client, second.refresh()).expect("rotates");
        let grant = desk.grant().id;
        let theft = refresh(&mut desk, client, first.refresh());
        assert_eq!(denied(theft), (Rule::RefreshReplayed, Consequence::EndGrant(grant, EndReason::RefreshReplayed)));
        assert_eq!(Rule::RefreshReplayed.signal(), Some(Signal::RefreshTokenReplayed));
        // Thief and owner have nothing any more.
        for token in [&first, &second, &third] {
            assert_eq!(denied(refresh(&mut desk, client, token.refresh())).0, Rule::RefreshGrantEnded);
        }
        assert_eq!(desk.live(third.access()).err(), Some(Rule::TokenRevoked));
    }
}

#[test]
fn a_token_whose_successors_access_token_was_seen_is_a_replay() {
    let mut desk = Desk::open();
    let first = desk.connect(APP);
    let second = refresh(&mut desk, APP, first.refresh()).expect("rotates");
    desk.live(second.access()).expect("the answer has arrived: it is used");
    assert_eq!(denied(refresh(&mut desk, APP, first.refresh())).0, Rule::RefreshReplayed);
}

#[test]
fn use_of_what_came_before_confirms_nothing() {
    let mut desk = Desk::open();
    let first = desk.connect(APP);
    let _lost = refresh(&mut desk, APP, first.refresh()).expect("rotates");
    desk.live(first.access()).expect("the older access token still counts");
    assert!(refresh(&mut desk, APP, first.refresh()).is_ok(), "so the answer may well have been lost");
}

#[test]
fn a_lost_answer_is_given_again_without_a_clock() {
    let mut desk = Desk::open();
    let first = desk.connect(APP);
    let lost = refresh(&mut desk, APP, first.refresh()).expect("rotates");
    desk.wait(20 * 86_400);
    let plan = desk.plan(APP, Desk::refreshing(first.refresh())).expect("nothing of the successor was used");
    assert!(plan.is_reanswer());
    let again = desk.commit(plan).expect("one request only");
    assert_ne!(again.refresh(), lost.refresh(), "another successor, as secrets are not kept");

    // One successor only: the first is superseded, and whoever turns up with it ends the grant.
    let active = desk.ledger.refreshes.values().filter(|(token, _)| token.state == RefreshState::Active);
    assert_eq!(active.count(), 1);
    let grant = desk.grant().id;
    let superseded = refresh(&mut desk, APP, lost.refresh());
    assert_eq!(denied(superseded), (Rule::RefreshReplayed, Consequence::EndGrant(grant, EndReason::RefreshReplayed)));
}

#[test]
fn an_answer_lost_many_times_is_given_many_times() {
    let mut desk = Desk::open();
    let first = desk.connect(APP);
    for _ in 0..4 {
        refresh(&mut desk, APP, first.refresh()).expect("lost again");
    }
    let arrived = refresh(&mut desk, APP, first.refresh()).expect("the fifth arrives");
    assert!(refresh(&mut desk, APP, arrived.refresh()).is_ok());
    assert_eq!(denied(refresh(&mut desk, APP, first.refresh())).0, Rule::RefreshReplayed);
}

#[test]
fn a_client_that_cannot_rotate_keeps_its_token() {
    let mut desk = Desk::open();
    let first = desk.connect(REUSER);
    for _ in 0..3 {
        desk.wait(86_400);
        let next = refresh(&mut desk, REUSER, first.refresh()).expect("the same token again");
        assert!(next.0.get("refresh_token").is_none(), "no new token: the old one stays");
        assert!(desk.live(next.access()).is_ok());
    }
    assert_eq!(desk.ledger.refreshes.len(), 1);
    // Only a client that authenticates may have this policy.
    assert_eq!(refused(&with(native("n"), "refresh_token_policy", "reuse")).0, "refresh_token_policy");
}

#[test]
fn a_policy_without_refresh_issues_none_and_takes_none() {
    let mut desk = Desk::open();
    desk.clients.add(&with(web("once"), "refresh_token_policy", "none"));
    let tokens = desk.connect("once");
    assert!(tokens.0.get("refresh_token").is_none());

    // The operator changes his mind about a client that already holds one.
    let held = desk.connect(REUSER);
    let secret = desk.clients.secrets[REUSER].clone();
    let rolled = desk.clients.by_id[REUSER].secrets().to_vec();
    desk.clients.add(&with(web(REUSER), "refresh_token_policy", "none"));
    desk.clients.change(REUSER, |client| {
        for record in rolled {
            client.add_secret(record.id, record.hash, NOW + jose::Seconds(60), NOW);
        }
    });
    desk.clients.secrets.insert(REUSER.to_owned(), secret);
    assert_eq!(denied(refresh(&mut desk, REUSER, held.refresh())), (Rule::GrantTypeNotAllowed, Consequence::Nothing));
}

#[test]
fn idle_tokens_and_old_grants_are_over() {
    let mut desk = Desk::open();
    let first = desk.connect(APP);
    desk.wait(30 * 86_400 - 1);
    let second = refresh(&mut desk, APP, first.refresh()).expect("its last second");
    desk.wait(30 * 86_400);
    assert_eq!(denied(refresh(&mut desk, APP, second.refresh())), (Rule::RefreshExpired, Consequence::Nothing));

    // However busy, a grant has an end that never moves.
    let mut desk = Desk::open();
    let mut tokens = desk.connect(APP);
    for _ in 0..7 {
        desk.wait(25 * 86_400);
        tokens = refresh(&mut desk, APP, tokens.refresh()).expect("within 180 days");
    }
    desk.wait(5 * 86_400);
    assert_eq!(denied(refresh(&mut desk, APP, tokens.refresh())).0, Rule::RefreshGrantEnded);
}
