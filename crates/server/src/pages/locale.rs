//! The languages of the pages: which one a person gets, and the texts in it.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language the pages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// German.
    De,
    /// English, when nothing else fits.
    #[default]
    En,
}

/// A piece of a sentence. What was filled in stands apart from what the translation says, so that a page can isolate
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The characters, not escaped.
    pub(crate) text: String,
    /// Whether this was filled in.
    pub(crate) filled: bool,
}

/// A value for a placeholder of a translation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fill<'a> {
    /// A count, for plural forms.
    Number(u32),
    /// Text that went through [`super::display`] already.
    Text(&'a str),
}

/// Fluent wraps what it fills in between these two (first strong isolate, pop directional isolate).
/// `display::safe_text` lets neither through, so no value can end its own isolation.
const ISOLATE: char = '\u{2068}';
const POP: char = '\u{2069}';

/// More entries than any browser sends; the rest of a longer header is ignored.
const MOST_PREFERENCES: usize = 32;

impl Locale {
    /// Every language, the default first.
    pub const ALL: [Locale; 2] = [Locale::En, Locale::De];

    /// The language tag for `<html lang>` and `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Locale::De => "de",
            Locale::En => "en",
        }
    }

    /// Chooses the language: `ui_locales` of the request first (space-separated, most wanted first), then the browser's
    /// `Accept-Language` by its weights, else English. Malformed parts are passed over, never refused.
    ///
    /// <https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest>,
    /// <https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4>
    pub fn negotiate(ui_locales: Option<&str>, accept_language: Option<&str>) -> Locale {
        let asked =
            ui_locales.unwrap_or_default().split_ascii_whitespace().take(MOST_PREFERENCES).find_map(Locale::from_tag);
        asked.or_else(|| accept_language.and_then(Locale::from_accept_language)).unwrap_or_default()
    }

    fn from_tag(tag: &str) -> Option<Locale> {
        let wanted: LanguageIdentifier = tag.parse().ok()?;
        Locale::ALL.into_iter().find(|locale| wanted.language == locale.tag())
    }

    fn from_accept_language(header: &str) -> Option<Locale> {
        let mut best: Option<(u16, Locale)> = None;
        for entry in header.split(',').take(MOST_PREFERENCES) {
            let (tag, parameters) = entry.split_once(';').unwrap_or((entry, ""));
            let locale = match tag.trim() {
                "*" => Some(Locale::default()),
                tag => Locale::from_tag(tag),
            };
            let (Some(locale), Some(weight)) = (locale, weight(parameters)) else {
                continue;
            };
            if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }

    /// The text of `key`. A key missing in this language is looked up in English; a test proves that none is missing.
    pub(crate) fn text(self, key: &str) -> String {
        self.fill(key, &[])
    }

    /// The text of `key` with its placeholders filled in. Text that was filled in stays wrapped in invisible isolates.
    pub(crate) fn fill(self, key: &str, fills: &[(&'static str, Fill<'_>)]) -> String {
        let mut args = FluentArgs::new();
        for (name, fill) in fills {
            match *fill {
                Fill::Number(number) => args.set(*name, FluentValue::from(number)),
                Fill::Text(text) => args.set(*name, FluentValue::from(text)),
            }
        }
        for bundle in [self.bundle(), Locale::En.bundle()] {
            if let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) {
                let text = bundle.format_pattern(pattern, Some(&args), &mut Vec::new());
                // Digits need no isolation, and whoever looks for "5 minutes" should find it.
                let plain = fills.iter().all(|(_, fill)| matches!(fill, Fill::Number(_)));
                return if plain { text.replace([ISOLATE, POP], "") } else { text.into_owned() };
            }
        }
        key.to_owned()
    }

    /// The text of `key`, cut where something was filled in.
    pub(crate) fn runs(self, key: &str, fills: &[(&'static str, Fill<'_>)]) -> Vec<Run> {
        let text = self.fill(key, fills);
        let mut runs = Vec::new();
        let mut filled = false;
        for piece in text.split_inclusive([ISOLATE, POP]) {
            let bare = piece.trim_end_matches([ISOLATE, POP]);
            if !bare.is_empty() {
                runs.push(Run { text: bare.to_owned(), filled });
            }
            filled = piece.ends_with(ISOLATE);
        }
        runs
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static EN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| load(Locale::En));
        static DE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| load(Locale::De));
        match self {
            Locale::De => &DE,
            Locale::En => &EN,
        }
    }

    /// The translations as written.
    pub(crate) fn source(self) -> &'static str {
        match self {
            Locale::De => include_str!("../../locales/de.ftl"),
            Locale::En => include_str!("../../locales/en.ftl"),
        }
    }
}

/// The files are compiled in and tests parse them, so what fluent could not read is passed over here.
fn load(locale: Locale) -> FluentBundle<FluentResource> {
    let resource = match FluentResource::try_new(locale.source().to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    let tag = LanguageIdentifier::from_bytes(locale.tag().as_bytes()).unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.add_resource_overriding(resource);
    bundle
}

/// A quality value in thousandths; without one, the highest. `None` when malformed.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2>
fn weight(parameters: &str) -> Option<u16> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1000);
    }
    let value = parameters.strip_prefix("q=").or_else(|| parameters.strip_prefix("Q="))?;
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{fraction:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
#[path = "locale_tests.rs"]
mod tests;
