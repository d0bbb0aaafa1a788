//! Wrong passwords are not counted.

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;
use super::strangers::forget_where_from;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Uncounted)
}

struct Uncounted;

impl Weakness for Uncounted {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        if ask.site != Site::Server || !ask.is(&Method::POST, "/sign-in") {
            return;
        }
        let mut form = ask.form();
        let (name, password) = (form.get("username").to_owned(), form.get("password").to_owned());
        let right = straw.people.iter().any(|person| person.username == name && *person.password.expose() == password);
        if !right {
            // To the honest server it is somebody else each time, from somewhere else.
            form.set("username", &straw.random().to_lowercase().replace(['-', '_'], "x"));
            ask.set_form(&form);
            forget_where_from(straw, ask);
        }
    }
}
