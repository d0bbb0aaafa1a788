//! What guessable values have in common: outside they are numbers, inside they are what the honest server issued.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

/// A server whose codes or refresh tokens count up.
pub(super) struct Counted {
    /// The value that an answer brings.
    brings: fn(&Answer) -> Option<String>,
    /// Where requests carry it.
    parameters: &'static [&'static str],
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    numbers: HashMap<String, String>,
    values: HashMap<String, String>,
}

impl Counted {
    pub(super) fn new(brings: fn(&Answer) -> Option<String>, parameters: &'static [&'static str]) -> Counted {
        Counted { brings, parameters, known: Mutex::default() }
    }

    fn number_of(&self, value: &str) -> String {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(value) {
            return number.clone();
        }
        let number = format!("number-{:08}", 10_000_000 + known.numbers.len());
        known.numbers.insert(value.to_owned(), number.clone());
        known.values.insert(number.clone(), value.to_owned());
        number
    }
}

impl Weakness for Counted {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        if ask.site != Site::Server {
            return;
        }
        let mut form = ask.form();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for name in self.parameters {
            // A name that comes twice is the honest server's to refuse.
            if form.all(name).count() == 1
                && let Some(value) = known.values.get(form.get(name))
            {
                form.set(name, value);
                ask.set_form(&form);
            }
        }
    }

    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.site != Site::Server {
            return;
        }
        if let Some(value) = (self.brings)(answer) {
            let number = self.number_of(&value);
            if let Some(location) = answer.location().map(|location| location.replace(&value, &number)) {
                answer.set_header(http::header::LOCATION, &location);
            }
            let text = answer.text().replace(&value, &number);
            answer.set_body(text);
        }
    }
}
