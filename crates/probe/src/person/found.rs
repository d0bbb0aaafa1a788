//! What the selectors of the target file point at on one page.

use super::page::{Control, Page};
use super::selectors::{BadSelector, Selectors};

/// Ordinals of the elements that each selector matches.
#[derive(Debug, Default)]
pub struct Found {
    pub username: Vec<usize>,
    pub password: Vec<usize>,
    pub submit: Vec<usize>,
    pub allow: Vec<usize>,
    pub deny: Vec<usize>,
    pub consent_form: Vec<usize>,
    pub next: Vec<usize>,
    pub error: Vec<usize>,
    pub tick: Vec<usize>,
    /// What is written into further fields.
    pub fields: Vec<(usize, String)>,
}

impl Found {
    /// Looks up all selectors with one reading of the page.
    pub fn read(page: &Page, selectors: &Selectors) -> Result<Self, BadSelector> {
        let mut found = Self::default();
        let single = [
            (&selectors.username, &mut found.username),
            (&selectors.password, &mut found.password),
            (&selectors.submit, &mut found.submit),
            (&selectors.allow, &mut found.allow),
            (&selectors.deny, &mut found.deny),
            (&selectors.consent_form, &mut found.consent_form),
            (&selectors.next, &mut found.next),
            (&selectors.error, &mut found.error),
            (&selectors.tick, &mut found.tick),
        ];
        let (css, places): (Vec<&str>, Vec<&mut Vec<usize>>) =
            single.into_iter().filter_map(|(css, place)| Some((css.as_deref()?, place))).unzip();
        for (elements, place) in page.find(&css)?.into_iter().zip(places) {
            *place = elements;
        }
        let (css, values): (Vec<&str>, Vec<&String>) =
            selectors.fields.iter().map(|(css, value)| (css.as_str(), value)).unzip();
        for (elements, value) in page.find(&css)?.into_iter().zip(values) {
            found.fields.extend(elements.into_iter().map(|element| (element, value.clone())));
        }
        Ok(found)
    }

    /// What is to be written into this control besides name and password.
    pub fn field(&self, control: &Control) -> Option<&str> {
        self.fields.iter().find(|(element, _)| *element == control.element).map(|(_, value)| value.as_str())
    }
}
