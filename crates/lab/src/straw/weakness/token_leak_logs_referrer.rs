//! The API takes access tokens from the query.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(InQuery)
}

struct InQuery;

impl Weakness for InQuery {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let mut query = ask.query();
        if ask.site == Site::Mail && query.has("access_token") {
            let token = query.get("access_token").to_owned();
            query.remove("access_token");
            ask.set_query(&query);
            ask.set_bearer(&token);
        }
    }
}
