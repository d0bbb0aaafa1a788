//! What the headers of a page say to browsers.

use crate::http::Answer;

/// The sources of one directive over all policies of an answer; none where no policy has it.
pub(crate) fn directive(answer: &Answer, name: &str) -> Option<Vec<String>> {
    let policies: Vec<String> = answer.all("content-security-policy").map(str::to_ascii_lowercase).collect();
    let directives = policies.iter().flat_map(|policy| policy.split([';', ',']));
    let mut found = directives.filter_map(|text| {
        let mut words = text.split_whitespace();
        (words.next() == Some(name)).then(|| words.map(str::to_owned).collect())
    });
    found.next()
}

/// Whether browsers refuse to show it in a frame of a foreign page: by `frame-ancestors`, which wins where it is given,
/// else by `X-Frame-Options`.
pub(crate) fn forbids_foreign_frames(answer: &Answer) -> bool {
    if let Some(ancestors) = directive(answer, "frame-ancestors") {
        return ancestors.iter().all(|source| matches!(source.as_str(), "'none'" | "'self'"));
    }
    let options: Vec<String> = answer.all("x-frame-options").map(|value| value.trim().to_ascii_lowercase()).collect();
    !options.is_empty() && options.iter().all(|option| matches!(option.as_str(), "deny" | "sameorigin"))
}

/// Whether its policy keeps script out that somebody wrote into the page: no inline script, none from anywhere.
pub(crate) fn forbids_foreign_script(answer: &Answer) -> bool {
    let Some(sources) = directive(answer, "script-src").or_else(|| directive(answer, "default-src")) else {
        return false;
    };
    let guarded = sources.iter().any(|source| source.starts_with("'nonce-") || source.starts_with("'sha"));
    sources.iter().all(|source| match source.as_str() {
        "'unsafe-inline'" => guarded,
        "*" | "https:" | "http:" | "data:" | "blob:" | "'unsafe-hashes'" => false,
        _ => true,
    })
}

/// What a `Referrer-Policy` lets a foreign host see: the whole address, or at most the origin. The last word that browsers
/// know counts; without one they send the origin.
pub(crate) fn referrer_tells_all(answer: &Answer) -> bool {
    let words: Vec<String> = answer
        .all("referrer-policy")
        .flat_map(|value| value.split(','))
        .map(|word| word.trim().to_ascii_lowercase())
        .collect();
    let known = [
        "no-referrer",
        "no-referrer-when-downgrade",
        "origin",
        "origin-when-cross-origin",
        "same-origin",
        "strict-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    ];
    let last = words.iter().rev().find(|word| known.contains(&word.as_str()));
    last.is_some_and(|word| matches!(word.as_str(), "unsafe-url" | "no-referrer-when-downgrade"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)]) -> Answer {
        Answer {
            headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            ..Answer::default()
        }
    }

    #[test]
    fn frames_are_forbidden_by_either_header_and_the_policy_wins() {
        for (headers, forbidden) in [
            (vec![], false),
            (vec![("X-Frame-Options", "DENY")], true),
            (vec![("x-frame-options", "sameorigin")], true),
            (vec![("X-Frame-Options", "ALLOW-FROM https://evil.example")], false),
            (vec![("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")], true),
            (vec![("Content-Security-Policy", "frame-ancestors *"), ("X-Frame-Options", "DENY")], false),
            (vec![("Content-Security-Policy", "default-src 'none'")], false),
            (vec![("Content-Security-Policy", "frame-ancestors https://evil.example")], false),
        ] {
            assert_eq!(forbids_foreign_frames(&answer(&headers)), forbidden, "{headers:?}");
        }
    }

    #[test]
    fn script_is_kept_out_by_a_policy_without_inline() {
        for (policy, kept_out) in [
            ("default-src 'none'", true),
            ("script-src 'self'", true),
            ("script-src 'self' 'unsafe-inline'", false),
            ("script-src 'unsafe-inline' 'nonce-x'", true),
            ("script-src *", false),
            ("img-src 'self'", false),
        ] {
            assert_eq!(forbids_foreign_script(&answer(&[("content-security-policy", policy)])), kept_out, "{policy}");
        }
    }

    #[test]
    fn only_two_referrer_policies_tell_all() {
        for (policy, tells) in [
            ("unsafe-url", true),
            ("no-referrer-when-downgrade", true),
            ("no-referrer", false),
            ("unsafe-url, no-referrer", false),
            ("no-referrer, nonsense", false),
        ] {
            assert_eq!(referrer_tells_all(&answer(&[("referrer-policy", policy)])), tells, "{policy}");
        }
        assert!(!referrer_tells_all(&answer(&[])));
    }
}
