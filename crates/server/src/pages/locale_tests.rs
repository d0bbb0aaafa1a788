//! Negotiation, and that both languages say everything.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use super::*;

/// The messages of a language by key, each with the names of its placeholders.
fn messages(locale: Locale) -> BTreeMap<String, Vec<String>> {
    let mut messages = BTreeMap::new();
    for block in locale.source().split("\n\n").filter(|block| !block.starts_with('#')) {
        let Some((key, pattern)) = block.split_once(" =") else { panic!("{locale:?}: no message: {block}") };
        assert!(locale.bundle().has_message(key), "{locale:?}: fluent does not read {key}");
        let mut names: Vec<String> = pattern
            .split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect())
            .collect();
        names.sort();
        names.dedup();
        assert!(messages.insert(key.to_owned(), names).is_none(), "{locale:?}: {key} stands twice");
    }
    messages
}

#[test]
fn both_languages_have_the_same_keys_and_placeholders() {
    assert_eq!(messages(Locale::En), messages(Locale::De));
    for locale in Locale::ALL {
        assert!(FluentResource::try_new(locale.source().to_owned()).is_ok(), "{locale:?}");
    }
}

#[test]
fn every_key_used_exists_and_every_key_is_used() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = String::new();
    for folder in ["templates", "src/pages"] {
        for file in fs::read_dir(root.join(folder))? {
            used.push_str(&fs::read_to_string(file?.path())?);
        }
    }
    let known = messages(Locale::En);
    for call in ["l.text(\"", "locale.text(\"", "locale.fill(\"", "locale.runs(\""] {
        for rest in used.split(call).skip(1) {
            let key = rest.split('"').next().unwrap_or_default();
            assert!(known.contains_key(key), "{call}{key}");
        }
    }
    for file in ["sign_in", "consent", "problem", "form_post", "home"] {
        let source = fs::read_to_string(root.join("src/pages").join(file).with_extension("rs"))?;
        let is_key =
            |text: &&str| text.contains('-') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        for literal in source.split('"').skip(1).step_by(2).filter(is_key) {
            assert!(known.contains_key(literal), "{file}: {literal}");
        }
    }
    for key in known.keys() {
        assert!(used.contains(&format!("\"{key}\"")), "{key} is never used");
    }
    Ok(())
}

#[test]
fn preferences_are_weighed() {
    let cases = [
        (None, None, Locale::En),
        (None, Some("de"), Locale::De),
        (None, Some("de-AT,de;q=0.9,en;q=0.8"), Locale::De),
        (None, Some("en;q=0.8, de;q=0.9"), Locale::De),
        (None, Some("en, de"), Locale::En),
        (None, Some("fr, de;q=0.1"), Locale::De),
        (None, Some("fr-CH"), Locale::En),
        (None, Some("de;q=0, *;q=0.5"), Locale::En),
        (None, Some("de;q=0"), Locale::En),
        (None, Some("de;q=7, de;q=abc, en;q=0.2"), Locale::En),
        (None, Some("de;q=0.5;x=1, en;q=0.1"), Locale::En),
        (None, Some(";;;,,,\u{0}"), Locale::En),
        (Some("de en"), Some("en"), Locale::De),
        (Some("fr de"), Some("en"), Locale::De),
        (Some("fr"), Some("de"), Locale::De),
        (Some("en-GB"), Some("de"), Locale::En),
        (Some("\"><script>"), Some("de"), Locale::De),
    ];
    for (ui_locales, accept_language, expected) in cases {
        assert_eq!(Locale::negotiate(ui_locales, accept_language), expected, "{ui_locales:?} {accept_language:?}");
    }
}

#[test]
fn endless_preferences_are_cut() {
    let header = format!("{}de", "fr,".repeat(1_000_000));
    assert_eq!(Locale::negotiate(Some(&"fr ".repeat(1_000_000)), Some(&header)), Locale::En);
}

#[test]
fn plurals_follow_the_language() {
    let seconds = |locale: Locale, seconds| locale.fill("problem-slow-down", &[("seconds", Fill::Number(seconds))]);
    assert!(seconds(Locale::En, 1).contains("one second"));
    assert!(seconds(Locale::De, 20).contains("20") && seconds(Locale::De, 20).contains("Sekunden"));
}

#[test]
fn consent_page_injection_fillings_stand_apart() {
    let runs = Locale::En.runs("sign-in-continue-to", &[("client", Fill::Text("Mail robot"))]);
    assert_eq!(runs.iter().filter(|run| run.filled).map(|run| run.text.as_str()).collect::<Vec<_>>(), ["Mail robot"]);
    assert!(runs.iter().all(|run| !run.text.contains([ISOLATE, POP])));
}
