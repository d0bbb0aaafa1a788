//! What may be shown of a value: secrets show their first characters only.

/// Characters of a value that are shown, at most.
const MAX_VALUE: usize = 400;

/// Whether whoever reads the value of a parameter of this name could use it.
pub(crate) fn is_secret(name: &str) -> bool {
    matches!(
        name,
        "access_token"
            | "client_assertion"
            | "client_secret"
            | "code"
            | "code_verifier"
            | "csrf"
            | "id_token"
            | "nonce"
            | "password"
            | "refresh_token"
            | "state"
            | "token"
    )
}

/// The first six characters, and dots. A short value is dots alone.
// defends: secrets-in-logs-and-errors
pub(crate) fn mask(value: &str) -> String {
    let shown: String = if value.chars().count() >= 20 { value.chars().take(6).collect() } else { String::new() };
    format!("{shown}••••••")
}

/// The value of the parameter `name`, safe to show. Of a long secret the last four characters are shown, too, so that two of
/// a kind can be told apart: of the 43 that codes and tokens draw at random, 39 stay hidden. Of a password, nothing.
#[cfg(feature = "scenes")]
pub(crate) fn traced(name: &str, value: &str) -> String {
    let count = value.chars().count();
    match name {
        "password" => mask(""),
        _ if !is_secret(name) => cut(value),
        _ if count >= 43 => format!("{}{}", mask(value), value.chars().skip(count - 4).collect::<String>()),
        _ => mask(value),
    }
}

/// The value, or its beginning.
pub(crate) fn cut(value: &str) -> String {
    match value.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// The value of the parameter `name`, safe to show.
pub(crate) fn shown(name: &str, value: &str) -> String {
    if is_secret(name) { mask(value) } else { cut(value) }
}

/// A URL with the secrets of its query and fragment masked; addresses within it are gone through in the same way.
#[cfg(feature = "scenes")]
pub(crate) fn url(url: &str) -> String {
    let (rest, fragment) = url.split_once('#').map_or((url, None), |(rest, fragment)| (rest, Some(fragment)));
    let (address, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let pairs = |text: &str| {
        let shown = form_urlencoded::parse(text.as_bytes()).map(|(name, value)| {
            let inner = value.contains('?') && value.contains("://") && !is_secret(&name);
            let value = if inner { self::url(&value) } else { traced(&name, &value) };
            if value.is_empty() { name.into_owned() } else { format!("{name}={value}") }
        });
        shown.collect::<Vec<_>>().join("&")
    };
    let mut text = cut(address);
    if let Some(query) = query {
        text = format!("{text}?{}", pairs(query));
    }
    if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
        text = format!("{text}#{}", pairs(fragment));
    }
    text
}

#[cfg(all(test, feature = "scenes"))]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_logs_and_errors_no_secret_of_a_url_is_shown() {
        let long = "0123456789abcdefghijklmnop";
        let inner = format!("http%3A%2F%2F127.0.0.1%2Fcb%3Fcode%3D{long}");
        for shown in [
            url(&format!("http://127.0.0.1/cb?code={long}&state={long}")),
            url(&format!("http://127.0.0.1/cb#access_token={long}")),
            url(&format!("http://127.0.0.1/go?to={inner}")),
            url(&format!("/inbox?token={long}")),
        ] {
            assert!(!shown.contains(long) && shown.contains("012345••••••"), "{shown}");
        }
        assert_eq!(url("http://127.0.0.1/a?b=c#d"), "http://127.0.0.1/a?b=c#d");
    }
}
