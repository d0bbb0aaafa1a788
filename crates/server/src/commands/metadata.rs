//! Reads client metadata as an operator wrote it. An error names the member and never repeats a value.

use protocol::registration::ClientMetadata;

use super::CommandError;

/// More than any client's metadata needs.
const LONGEST: usize = 64 * 1024;
const EXAMPLE: &str =
    r#"give one JSON object: {"client_name": "Mail robot", "redirect_uris": ["https://robot.example/callback"]}"#;

/// Reads one JSON object of client metadata: members of RFC 7591 section 2 and ours, no others.
///
/// # Errors
/// Names the member that is wrong, the rule, and what to write.
pub fn read_metadata(text: &str) -> Result<ClientMetadata, CommandError> {
    if text.len() > LONGEST {
        return Err(CommandError::invalid("client metadata is longer than 64 KiB", "give one client at a time"));
    }
    // A derived reader would take a list for an object, member by member.
    if !text.trim_start().starts_with('{') {
        return Err(CommandError::invalid("client metadata is not a JSON object", EXAMPLE));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let metadata = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| explain(&error.path().to_string(), error.inner()))?;
    deserializer.end().map_err(|error| {
        CommandError::invalid(
            format!("client metadata goes on after its end (line {}, column {})", error.line(), error.column()),
            "give one JSON object",
        )
    })?;
    Ok(metadata)
}

fn explain(path: &str, error: &serde_json::Error) -> CommandError {
    let message = error.to_string();
    let place = format!("line {}, column {}", error.line(), error.column());
    let quoted = || message.split('`').nth(1).unwrap_or_default().to_owned();
    if !error.is_data() {
        return CommandError::invalid(format!("client metadata is not JSON ({place})"), EXAMPLE);
    }
    if message.starts_with("unknown field") {
        let known = message.split_once("expected one of ").map_or("", |(_, list)| list);
        let known = known.rsplit_once(" at line").map_or(known, |(list, _)| list);
        return CommandError::invalid(
            format!("{} is not a member of client metadata ({place})", quoted()),
            format!("remove it, or write one of {known}"),
        );
    }
    if message.starts_with("duplicate field") {
        return CommandError::invalid(format!("{} stands there twice ({place})", quoted()), "keep one of them");
    }
    if let Some((_, expected)) =
        message.split_once("unknown variant").and_then(|(_, rest)| rest.split_once("expected "))
    {
        let expected = expected.rsplit_once(" at line").map_or(expected, |(list, _)| list);
        return CommandError::invalid(
            format!("{path} has a value that this server does not know ({place})"),
            format!("write {expected}"),
        );
    }
    // What was found there may be a secret in the wrong place.  defends: secrets-in-logs-and-errors
    match message.rsplit_once("expected ") {
        Some((_, expected)) => {
            let expected = expected.rsplit_once(" at line").map_or(expected, |(text, _)| text);
            CommandError::invalid(format!("{path} has the wrong type ({place})"), format!("write {expected}"))
        }
        None => CommandError::invalid(format!("{path} breaks a rule: {}", rule(&message)), "put it right"),
    }
}

/// The texts of our own types, which hold no value; anything else is not passed on.
fn rule(message: &str) -> &str {
    let text = message.rsplit_once(" at line").map_or(message, |(text, _)| text);
    if text.starts_with("scope is scope tokens") { text } else { "it cannot be read" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        read_metadata(text).expect_err("refused").to_string()
    }

    #[test]
    fn an_error_names_the_member() {
        let text = refused(r#"{"redirect_uri": "https://a.example/"}"#);
        assert!(text.starts_with("redirect_uri is not a member"), "{text}");
        assert!(text.contains("`redirect_uris`"), "{text}");
        let text = refused(r#"{"redirect_uris": "https://a.example/"}"#);
        assert!(text.starts_with("redirect_uris has the wrong type"), "{text}");
        let text = refused(r#"{"token_endpoint_auth_method": "tls_client_auth"}"#);
        assert!(text.starts_with("token_endpoint_auth_method has a value"), "{text}");
        assert!(text.contains("`private_key_jwt`"), "{text}");
        let text = refused(r#"{"grant_types": ["authorization_code", "implicit"]}"#);
        assert!(text.starts_with("grant_types[1] has a value"), "{text}");
        let text = refused(r#"{"client_name": "a", "client_name": "b"}"#);
        assert!(text.starts_with("client_name stands there twice"), "{text}");
        let text = refused(r#"{"scope": "a  b"}"#);
        assert!(text.starts_with("scope breaks a rule: scope is scope tokens"), "{text}");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "{", "[]", "1", "null", r#"{} {}"#, "{}x"] {
            assert!(read_metadata(text).is_err(), "{text}");
        }
        assert!(refused("[]").contains("client metadata"), "{}", refused("[]"));
        assert!(refused(&format!("{{\"client_name\": \"{}\"}}", "x".repeat(70_000))).contains("64 KiB"));
    }

    #[test]
    fn secrets_in_logs_and_errors_a_value_is_never_repeated() {
        for text in [
            r#"{"redirect_uris": "s3cret-value"}"#,
            r#"{"token_endpoint_auth_method": "s3cret-value"}"#,
            r#"{"default_max_age": "s3cret-value"}"#,
            r#"{"client_name": ["s3cret-value"]}"#,
            r#"{"scope": "s3cret-value  x"}"#,
            r#""s3cret-value""#,
        ] {
            assert!(!refused(text).contains("s3cret"), "{}", refused(text));
        }
    }
}
