//! Where a page moves on by itself, as far as that can be read without running it.

/// The address in the content of `<meta http-equiv="refresh">`: `0; url='…'`.
pub fn refresh(content: &str) -> Option<String> {
    let (_, rest) = content.split_once([';', ','])?;
    let rest = rest.trim_start();
    let rest = match rest.get(..3) {
        Some(url) if url.eq_ignore_ascii_case("url") => rest[3..].trim_start().strip_prefix('=')?.trim_start(),
        _ => rest,
    };
    let url = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
        _ => rest,
    };
    Some(url.trim().to_owned()).filter(|url| !url.is_empty())
}

/// The first text that a script puts into `location`: `location = "…"`, `.href = "…"`, `.replace("…")`, `.assign("…")`.
pub fn location(script: &str) -> Option<String> {
    script.match_indices("location").find_map(|(at, word)| {
        let rest = script[at + word.len()..].trim_start();
        let rest = rest.strip_prefix(".href").unwrap_or(rest).trim_start();
        let assigned = rest.strip_prefix('=').filter(|rest| !rest.starts_with('='));
        let called = [".replace", ".assign"]
            .into_iter()
            .find_map(|name| rest.strip_prefix(name)?.trim_start().strip_prefix('('));
        quoted(assigned.or(called)?.trim_start())
    })
}

/// The text of a string literal at the beginning, its escapes undone. None for anything that is not a plain literal.
fn quoted(text: &str) -> Option<String> {
    let mut chars = text.chars();
    let quote = chars.next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        match c {
            _ if c == quote => return Some(plain).filter(|plain| !plain.is_empty() && !plain.contains("${")),
            '\\' => plain.push(escape(&mut chars)?),
            '\n' | '\r' => return None,
            _ => plain.push(c),
        }
    }
    None
}

fn escape(chars: &mut std::str::Chars<'_>) -> Option<char> {
    let digits = match chars.next()? {
        'x' => 2,
        'u' => 4,
        other => return Some(other),
    };
    let code: String = chars.by_ref().take(digits).collect();
    char::from_u32(u32::from_str_radix(&code, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_is_read_with_and_without_quotes() {
        assert_eq!(refresh("0; url='/next?a=1'").as_deref(), Some("/next?a=1"));
        assert_eq!(refresh("3;URL=https://a.example/b").as_deref(), Some("https://a.example/b"));
        assert_eq!(refresh("30"), None);
        assert_eq!(refresh("0; url="), None);
    }

    #[test]
    fn a_script_says_where_it_goes() {
        assert_eq!(
            location("window.location.href = \"https:\\/\\/a.example\\/?x=1\\u0026y=2\";").as_deref(),
            Some("https://a.example/?x=1&y=2")
        );
        assert_eq!(location("location.replace('/there')").as_deref(), Some("/there"));
        assert_eq!(location("document.location='/b'").as_deref(), Some("/b"));
        assert_eq!(location("if (location.href == 'x') {}"), None);
        assert_eq!(location("location = target"), None);
        assert_eq!(location("location = `${base}/x`"), None);
        assert_eq!(location("location = 'never closed"), None);
        assert_eq!(location("location='\\u12'"), None);
    }
}
