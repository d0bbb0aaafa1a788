//! Sections of specifications, with the place on the web where they can be read.

/// A section and, if known, its address.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    /// As the ledger writes it: "RFC 6749 section 4.1.2".
    pub text: String,
    /// Where to read it.
    pub address: Option<String>,
}

impl Link {
    /// As Markdown writes it.
    #[must_use]
    pub fn markdown(&self) -> String {
        match &self.address {
            Some(address) => format!("[{}]({address})", self.text),
            None => self.text.clone(),
        }
    }
}

/// The sections with their addresses.
#[must_use]
pub fn links(sections: &[String]) -> Vec<Link> {
    sections.iter().map(|text| Link { text: super::visible::plain(text), address: address(text) }).collect()
}

/// The address of a section. Only numbers from the text come into it.
#[must_use]
pub fn address(text: &str) -> Option<String> {
    let mut words = text.strip_prefix("RFC ")?.split(' ');
    let number: u32 = words.next()?.parse().ok()?;
    let page = format!("https://www.rfc-editor.org/rfc/rfc{number}");
    let place = match (words.next(), words.next(), words.next()) {
        (Some("section"), Some(place), None)
            if place.chars().all(|letter| letter.is_ascii_digit() || letter == '.') =>
        {
            format!("#section-{place}")
        }
        (Some("appendix"), Some(place), None)
            if place.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '.') =>
        {
            format!("#appendix-{place}")
        }
        _ => String::new(),
    };
    Some(page + &place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_to_the_section() {
        let at = |text| address(text).unwrap_or_default();
        assert_eq!(at("RFC 6749 section 4.1.2"), "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2");
        assert_eq!(at("RFC 7636 appendix B"), "https://www.rfc-editor.org/rfc/rfc7636#appendix-B");
        assert_eq!(at("RFC 9700"), "https://www.rfc-editor.org/rfc/rfc9700");
        assert_eq!(at("RFC 9700 section \"onclick=x"), "https://www.rfc-editor.org/rfc/rfc9700");
        assert_eq!(at("RFC x/../evil"), "");
        assert_eq!(at("OpenID Connect Core 1.0 section 3.1.2.1"), "");
    }
}
