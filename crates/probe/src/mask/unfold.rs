//! Text without its escapes, with the way back: where in the original each byte came from.

/// A text after one or more rounds of decoding.
pub(super) struct Unfolded {
    /// What the text says once the escapes are undone.
    pub bytes: Vec<u8>,
    /// For each byte, where the escape it came from begins in the original; and one more, the original's length.
    from: Vec<usize>,
}

impl Unfolded {
    /// The text as it stands.
    pub fn plain(text: &str) -> Self {
        Self { bytes: text.as_bytes().to_vec(), from: (0..=text.len()).collect() }
    }

    /// Undoes one layer of percent-encoding, HTML references and backslash escapes, wherever they stand: hostile or careless
    /// servers mix them. None when there was nothing to undo.
    pub fn unfold(&self) -> Option<Self> {
        if !self.bytes.iter().any(|byte| matches!(byte, b'%' | b'&' | b'\\')) {
            return None;
        }
        let (mut bytes, mut from) = (Vec::with_capacity(self.bytes.len()), Vec::with_capacity(self.from.len()));
        let (mut at, mut changed) = (0, false);
        while let Some(&byte) = self.bytes.get(at) {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let mut buffer = [0; 4];
            let (length, decoded) = match unit(rest, &mut buffer) {
                Some(unit) => {
                    changed = true;
                    unit
                }
                None => (1, std::slice::from_ref(&byte)),
            };
            for &byte in decoded {
                bytes.push(byte);
                from.push(self.origin(at));
            }
            at += length;
        }
        from.push(self.origin(self.bytes.len()));
        changed.then_some(Self { bytes, from })
    }

    /// Where in the original the bytes from `start` to `end` came from, whole escapes included.
    pub fn span(&self, start: usize, mut end: usize) -> (usize, usize) {
        while end < self.bytes.len() && end > start && self.origin(end) == self.origin(end - 1) {
            end += 1;
        }
        (self.origin(start), self.origin(end))
    }

    fn origin(&self, at: usize) -> usize {
        self.from.get(at).or(self.from.last()).copied().unwrap_or_default()
    }
}

/// One escape at the beginning of `rest`: how long it is and what it stands for.
fn unit<'a>(rest: &[u8], buffer: &'a mut [u8; 4]) -> Option<(usize, &'a [u8])> {
    let (length, value) = match rest {
        [b'%', high, low, ..] => {
            buffer[0] = hex(&[*high, *low])? as u8;
            return Some((3, &buffer[..1]));
        }
        [b'&', tail @ ..] => {
            let end = tail.iter().take(10).position(|&byte| byte == b';')?;
            (end + 2, reference(&tail[..end])?)
        }
        [b'\\', b'u', a, b, c, d, ..] => (6, hex(&[*a, *b, *c, *d])?),
        [b'\\', b'x', a, b, ..] => (4, hex(&[*a, *b])?),
        [b'\\', mark @ (b'/' | b'"' | b'\'' | b'\\'), ..] => (2, u32::from(*mark)),
        _ => return None,
    };
    Some((length, char::from_u32(value)?.encode_utf8(buffer).as_bytes()))
}

/// The text with its HTML references undone, and nothing else.
pub(super) fn references(text: &str) -> String {
    let mut parts = text.split('&');
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let known =
            part.split_once(';').and_then(|(name, rest)| Some((char::from_u32(reference(name.as_bytes())?)?, rest)));
        match known {
            Some((letter, rest)) => {
                all.push(letter);
                all += rest;
            }
            None => all = all + "&" + part,
        }
    }
    all
}

/// The character that an HTML reference (without `&` and `;`) stands for.
fn reference(name: &[u8]) -> Option<u32> {
    match name {
        [b'#', b'x' | b'X', digits @ ..] => hex(digits),
        [b'#', digits @ ..] => std::str::from_utf8(digits).ok()?.parse().ok(),
        b"amp" => Some(u32::from(b'&')),
        b"lt" => Some(u32::from(b'<')),
        b"gt" => Some(u32::from(b'>')),
        b"quot" => Some(u32::from(b'"')),
        b"apos" => Some(u32::from(b'\'')),
        b"plus" => Some(u32::from(b'+')),
        b"equals" => Some(u32::from(b'=')),
        b"sol" => Some(u32::from(b'/')),
        _ => None,
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    digits.iter().try_fold(0, |value, &digit| Some(value << 4 | char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twice(text: &str) -> String {
        let once = Unfolded::plain(text).unfold().expect("something to undo");
        let last = once.unfold().unwrap_or(once);
        String::from_utf8(last.bytes).expect("these samples decode to UTF-8")
    }

    #[test]
    fn undoes_every_kind_of_escape() {
        assert_eq!(twice("a%2Bb%2fc"), "a+b/c");
        assert_eq!(twice("a&#43;b&#x2F;c&amp;d&equals;"), "a+b/c&d=");
        assert_eq!(twice(r"a\u002bb\/c\x26"), "a+b/c&");
        assert_eq!(twice("a%252Bb"), "a+b");
        assert_eq!(twice("%C3%A9t&eacute;"), "ét&eacute;");
    }

    #[test]
    fn undoes_references_alone() {
        assert_eq!(references("a&#43;b&amp;c&eacute;%2B\\/ & d"), "a+b&c&eacute;%2B\\/ & d");
    }

    #[test]
    fn leaves_what_is_no_escape() {
        for text in ["", "100 % sure", "a & b", r"c:\users", "&#99999999;", "%zz", "%C"] {
            assert!(Unfolded::plain(text).unfold().is_none(), "{text}");
        }
    }

    #[test]
    fn leads_back_to_the_original() {
        let text = "x=%2541b&amp;";
        let last = Unfolded::plain(text).unfold().and_then(|once| once.unfold()).expect("two layers");
        let at = last.bytes.iter().position(|&byte| byte == b'A').expect("decoded");
        let (start, end) = last.span(at, at + 2);
        assert_eq!(&text[start..end], "%2541b");
    }
}
