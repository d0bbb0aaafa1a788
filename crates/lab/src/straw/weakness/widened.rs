//! What scopes out of nothing have in common: the part that the honest server would refuse is hidden from it, and the answer
//! gives what was asked for.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::Next;

/// Asks without a scope, and gives the scope that was asked for.
pub(super) async fn widened(straw: &Straw, mut ask: Ask, next: Next<'_>) -> Answer {
    let mut form = ask.form();
    let asked = form.get("scope").to_owned();
    form.remove("scope");
    ask.set_form(&form);
    let mut answer = next.run(ask).await;
    if answer.gives_token() {
        straw.reissue(&mut answer, |claims| claims.scope.clone_from(&asked));
        let mut value = answer.value();
        value["scope"] = asked.into();
        answer.set_value(&value);
    }
    answer
}
