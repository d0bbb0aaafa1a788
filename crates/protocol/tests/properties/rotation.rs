//! Refresh tokens under every order of use: a line of tokens never forks, and a theft that shows ends it for all.

use proptest::prelude::*;
use protocol::record::RefreshState;
use protocol::rules::Rule;
use protocol::token::Consequence;

use crate::cast::*;

/// What somebody, client or thief, does with what was issued so far.
#[derive(Clone, Debug)]
enum Act {
    /// Refreshes with the nth token ever issued.
    Refresh(prop::sample::Index),
    /// Another client tries it.
    Steal(prop::sample::Index),
    /// Uses the nth access token ever issued.
    Use(prop::sample::Index),
}

fn act() -> impl Strategy<Value = Act> {
    let nth = any::<prop::sample::Index>;
    prop_oneof![
        4 => nth().prop_map(Act::Refresh),
        1 => nth().prop_map(Act::Steal),
        2 => nth().prop_map(Act::Use),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_line_never_forks(acts in proptest::collection::vec(act(), 1..14)) {
        let mut desk = Desk::open();
        let mut issued = vec![desk.connect(APP)];
        let mut ended = false;
        for act in acts {
            match act {
                Act::Refresh(nth) => {
                    let token = nth.get(&issued).refresh().to_owned();
                    match desk.token(APP, Desk::refreshing(&token)) {
                        Ok(tokens) => {
                            prop_assert!(!ended, "nothing is issued after the end");
                            issued.push(tokens);
                        }
                        Err(refused) => {
                            let first = matches!(refused.consequence, Consequence::EndGrant(..));
                            prop_assert_eq!(first, !ended, "refused once, and then over");
                            let rule = if ended { Rule::RefreshGrantEnded } else { Rule::RefreshReplayed };
                            prop_assert_eq!(refused.rule, rule);
                            ended = true;
                        }
                    }
                }
                Act::Steal(nth) => {
                    let token = nth.get(&issued).refresh().to_owned();
                    let refused = desk.token(MALLORY, Desk::refreshing(&token)).expect_err("foreign");
                    prop_assert_eq!((refused.rule, refused.consequence), (Rule::RefreshForeign, Consequence::Nothing));
                }
                Act::Use(nth) => {
                    let token = nth.get(&issued).access().to_owned();
                    prop_assert_eq!(desk.live(&token).is_ok(), !ended);
                }
            }
            prop_assert_eq!(desk.grant().ended.is_some(), ended);
            let active = desk.ledger.refreshes.values().filter(|(token, _)| token.state == RefreshState::Active).count();
            prop_assert_eq!(active, 1, "one token works, or would if the grant were alive");
        }
        // Whoever holds the newest token goes on, as long as nothing showed.
        let newest = issued.last().expect("one at least").refresh().to_owned();
        prop_assert_eq!(desk.token(APP, Desk::refreshing(&newest)).is_ok(), !ended);
    }

    #[test]
    fn a_code_gives_tokens_once(attempts in proptest::collection::vec(0..6u8, 1..6)) {
        let mut desk = Desk::open();
        let request = desk.request(ROBOT);
        let code = desk.code(&request);
        let honest = desk.redemption(ROBOT, &code);
        let mut won = 0;
        for attempt in attempts {
            let (client, body) = match attempt {
                0 => (MALLORY, honest.clone()),
                1 => (ROBOT, honest.clone().with("code_verifier", MALLORYS_VERIFIER)),
                2 => (ROBOT, honest.clone().without("code_verifier")),
                3 => (ROBOT, honest.clone().with("redirect_uri", MALLORY_CB)),
                _ => (ROBOT, honest.clone()),
            };
            won += usize::from(desk.token(client, body).is_ok());
        }
        prop_assert!(won <= 1);
        prop_assert!(desk.ledger.refreshes.len() == won);
    }
}
