//! Mallory, who is a registered client or knows one, posts guesses.

use protocol::handle::{Draw, HandleKind, Id, NewHandle};
use protocol::record::CodeState;
use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn a_guess_at_a_real_row_is_unknown_and_changes_nothing() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let id = *desk.ledger.codes.keys().next().expect("one code");
    for secret in [[0; 32], Counter(5).secret()] {
        let guess = NewHandle::mint(HandleKind::Code, id, &secret);
        let redemption = desk.redemption(ROBOT, guess.value().expose());
        assert_eq!(denied(desk.token(ROBOT, redemption)), (Rule::CodeUnknown, Consequence::Nothing));
    }
    assert_eq!(desk.ledger.codes[&id].0.state, CodeState::Active);
    assert_eq!(Rule::CodeUnknown.signal(), Some(Signal::CodeUnknownBurst));
    let redemption = desk.redemption(ROBOT, &code);
    assert!(desk.token(ROBOT, redemption).is_ok());
}

#[test]
fn every_code_has_its_own_256_bits() {
    let mut draw = Counter(0);
    let codes: std::collections::BTreeSet<String> =
        (0..1000).map(|_| NewHandle::mint(HandleKind::Code, Id(1), &draw.secret()).value().expose().clone()).collect();
    assert_eq!(codes.len(), 1000);
    assert!(codes.iter().all(|code| code.rsplit('.').next().is_some_and(|secret| secret.len() == 43)));
}

#[test]
fn what_is_not_even_a_code_reads_the_same() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let short = &code[..code.len() - 1];
    let refresh = code.replacen("sc_ac.", "sc_rt.", 1);
    let upper = code.replacen("sc_ac.", "SC_AC.", 1);
    for guess in ["x", "sc_ac.", short, &refresh, &upper, &format!("{code}A"), &format!(" {code}")] {
        let redemption = desk.redemption(ROBOT, guess);
        let refused = desk.token(ROBOT, redemption).expect_err("must be refused");
        assert_eq!((refused.rule, refused.consequence), (Rule::CodeUnknown, Consequence::Nothing), "{guess}");
    }
}
