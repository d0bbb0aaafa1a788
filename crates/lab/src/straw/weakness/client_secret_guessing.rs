//! Wrong secrets of clients are not counted.

use super::super::backdoor::{Straw, basic};
use super::super::exchange::Ask;
use super::super::layer::Weakness;
use super::strangers::forget_where_from;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Uncounted)
}

struct Uncounted;

impl Weakness for Uncounted {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        let Some((id, secret)) = basic(ask) else { return };
        let right =
            straw.client(&id).and_then(|client| client.secret.as_ref()).is_some_and(|own| *own.expose() == secret);
        if !right {
            forget_where_from(straw, ask);
        }
    }
}
