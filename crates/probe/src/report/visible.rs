//! Makes a text safe to look at: what a screen would hide or misplace is written out.

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// `text`, `odd` for a character written out, `secret` for the label of a masked secret: also the class in the page.
    pub class: &'static str,
    /// What to show.
    pub text: String,
}

/// The text with control characters, invisible ones and those that change the direction of writing as `U+202E`.
pub(super) fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut all, letter| {
        if odd(letter) {
            all += &name(letter);
        } else {
            all.push(letter);
        }
        all
    })
}

/// The text in pieces, so that a page can set apart what was written out and what was masked.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    let mut push = |class, text: &str| match found.last_mut() {
        Some(last) if last.class == class && class == "text" => last.text += text,
        _ => found.push(Piece { class, text: text.to_owned() }),
    };
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let label = rest.strip_prefix('[').and_then(|inside| inside.split_once(']')).map(|(label, _)| label);
        let length = if let Some(label) = label.filter(|label| label.len() < 100 && crate::mask::is_label(label)) {
            push("secret", label);
            label.len() + 2
        } else if rest.starts_with("\r\n") {
            push("text", "\n");
            2
        } else if odd(letter) {
            push("odd", &name(letter));
            letter.len_utf8()
        } else {
            let length = letter.len_utf8();
            push("text", &rest[..length]);
            length
        };
        rest = &rest[length..];
    }
    found
}

/// Whether a character is invisible, moves others about, or stands for bytes that were no text.
fn odd(letter: char) -> bool {
    match letter {
        '\n' | '\t' => false,
        '\u{fffd}' => true,
        _ if letter.is_control() => true,
        // Soft hyphen, joiners and fillers, variation selectors, tags.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180e}' => true,
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' => true,
        '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

fn name(letter: char) -> String {
    match letter {
        '\u{fffd}' => "invalid byte".to_owned(),
        _ => format!("U+{:04X}", u32::from(letter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_and_turning_characters_are_written_out() {
        assert_eq!(plain("user\u{202e}gpj.exe\u{0}\u{1b}[2J"), "userU+202Egpj.exeU+0000U+001B[2J");
        assert_eq!(plain("żółć 日本 العربية\ttab"), "żółć 日本 العربية\ttab");
        let odd: Vec<_> =
            pieces("a\u{200b}b\r\nc\rd\u{fffd}").into_iter().map(|piece| (piece.class, piece.text)).collect();
        let expected = [
            ("text", "a"),
            ("odd", "U+200B"),
            ("text", "b\nc"),
            ("odd", "U+000D"),
            ("text", "d"),
            ("odd", "invalid byte"),
        ];
        assert_eq!(odd, expected.map(|(class, text)| (class, text.to_owned())));
    }

    #[test]
    fn masked_secrets_are_set_apart() {
        let classes: Vec<_> =
            pieces("code=[code 1]&x=[1]&y=[").into_iter().map(|piece| (piece.class, piece.text)).collect();
        let expected = [("text", "code="), ("secret", "code 1"), ("text", "&x=[1]&y=[")];
        assert_eq!(classes, expected.map(|(class, text)| (class, text.to_owned())));
    }
}
