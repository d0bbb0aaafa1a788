//! Checks of an answer, as case files write them: `header cache-control has no-store`, `json /error is invalid_grant`.

use crate::http::Answer;

/// Holds if the answer is as the check says.
///
/// # Errors
/// A sentence with what the answer had instead; or what is wrong with the check.
pub(super) fn holds(answer: &Answer, check: &str) -> Result<(), String> {
    let (subject, rest) = check.split_once(' ').unwrap_or((check, ""));
    match subject {
        "header" => {
            let (name, rest) = rest.split_once(' ').ok_or_else(|| unreadable(check))?;
            let values: Vec<&str> = answer.all(name).collect();
            let found = (!values.is_empty()).then(|| values.join(", "));
            compare(&format!("header {name}"), found.as_deref(), rest, check)
        }
        "body" => compare("the body", Some(&answer.text()), rest, check),
        // The body as far as a browser would read it as a page.
        "page" => {
            let html = if answer.is_html() { answer.text() } else { String::new() };
            compare("the page", Some(&html), rest, check)
        }
        "status" => compare("the status", Some(&answer.status.to_string()), rest, check),
        "json" => {
            let (pointer, rest) = rest.split_once(' ').ok_or_else(|| unreadable(check))?;
            let json = answer.json();
            let found =
                json.pointer(pointer).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            compare(&format!("JSON member {pointer}"), found.as_deref(), rest, check)
        }
        _ => Err(unreadable(check)),
    }
}

fn unreadable(check: &str) -> String {
    format!("the case file has a check that cannot be read: {check}")
}

/// `is X`, `is-not X`, `has X`, `lacks X` (letters of any case), `absent`, `present`, `at-most N`.
fn compare(what: &str, found: Option<&str>, relation: &str, check: &str) -> Result<(), String> {
    let (relation, wanted) = relation.split_once(' ').unwrap_or((relation, ""));
    let low = found.unwrap_or_default().to_ascii_lowercase();
    let wanted_low = wanted.to_ascii_lowercase();
    let (holds, otherwise) = match relation {
        "absent" => (found.is_none(), "is there"),
        "present" => (found.is_some(), "is missing"),
        "is" => (found == Some(wanted), "is otherwise"),
        "is-not" => (found != Some(wanted), "is just that"),
        "has" => (low.contains(&wanted_low), "does not have it"),
        "lacks" => (!low.contains(&wanted_low), "has it"),
        "at-most" => {
            let (Some(found), Ok(most)) = (found.and_then(|found| found.parse::<f64>().ok()), wanted.parse::<f64>())
            else {
                return Err(format!("{what} is no number ({check})"));
            };
            (found <= most, "is more")
        }
        _ => return Err(unreadable(check)),
    };
    if holds { Ok(()) } else { Err(format!("{what} {otherwise} ({check})")) }
}

#[cfg(test)]
mod tests {
    use super::holds;
    use crate::http::Answer;

    #[test]
    fn checks_hold_and_fail() {
        let answer = Answer {
            status: 200,
            headers: vec![("Cache-Control".into(), "No-Store".into())],
            body: br#"{"error":"x","expires_in":600,"a":{"b":[1]}}"#.to_vec(),
        };
        for check in [
            "header cache-control has no-store",
            "header location absent",
            "json /error is x",
            "json /expires_in at-most 3600",
            "json /a/b/0 is 1",
            "body lacks invalid_grant",
            "status is 200",
        ] {
            assert_eq!(holds(&answer, check), Ok(()), "{check}");
        }
        for check in [
            "header cache-control lacks no-store",
            "json /none present",
            "json /expires_in at-most 10",
            "nonsense",
            "body",
        ] {
            assert!(holds(&answer, check).is_err(), "{check}");
        }
    }
}
