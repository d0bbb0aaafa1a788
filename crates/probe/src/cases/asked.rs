//! What came of asking for a scope that must not be had.

use crate::flow::token::BackAnswer;
use crate::verdict::{Stop, Verdict};

/// A request for more than may be had was sent: whether it was had. `found` is the sentence if it was.
///
/// A server may give less than was asked for, if it says so (RFC 6749 section 5.1): an answer without `scope` gives all.
///
/// # Errors
/// Inconclusive, if the server was in trouble.
pub(super) fn asked_for(answer: &BackAnswer, scope: &str, found: &str) -> Result<Verdict, Stop> {
    match (answer.outcome().as_str(), answer.member("scope")) {
        ("tokens", None) => {
            Ok(Verdict::vulnerable(format!("{found}: the answer gives all of the scope that was asked for")))
        }
        ("tokens", Some(given)) if given.split(' ').any(|word| word == scope) => Ok(Verdict::vulnerable(found)),
        ("tokens", Some(_)) => Ok(Verdict::resisted(format!("tokens came, but without the scope {scope}"))),
        (outcome, _) if answer.is_refused() => Ok(Verdict::resisted(format!("the request was refused ({outcome})"))),
        (other, _) => Err(Stop::inconclusive(format!("the request came to {other}"))),
    }
}
