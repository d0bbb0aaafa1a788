//! Parameters in order, repetitions kept: what a form or a query is before anybody judges it.

/// Name and value pairs in the order in which they are sent or came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(pub Vec<(String, String)>);

impl Params {
    /// Reads `a=b&c=d`, with `+` and percent signs undone.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// The first value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// How often the name occurs.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|(found, _)| found == name).count()
    }

    /// Replaces every value of that name by this one, in the place of the first.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        match self.0.iter().position(|(found, _)| found == name) {
            None => self.0.push((name.to_owned(), value.into())),
            Some(place) => {
                self.0[place].1 = value.into();
                let mut index = 0;
                self.0.retain(|(found, _)| {
                    index += 1;
                    index - 1 <= place || found != name
                });
            }
        }
    }

    /// Leaves the name out.
    pub fn unset(&mut self, name: &str) {
        self.0.retain(|(found, _)| found != name);
    }

    /// Adds one more, whether the name is there or not.
    pub fn also(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// As a query or a form body.
    #[must_use]
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

impl<A: Into<String>, B: Into<String>> FromIterator<(A, B)> for Params {
    fn from_iter<T: IntoIterator<Item = (A, B)>>(pairs: T) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn set_replaces_all_in_the_first_place() {
        let mut params = Params::parse("a=1&b=2&a=3");
        params.set("a", "x y");
        params.also("b", "4");
        assert_eq!(params.encode(), "a=x+y&b=2&b=4");
        params.unset("b");
        assert_eq!((params.get("a"), params.count("b")), (Some("x y"), 0));
    }
}
