//! A page as the person's stand-in sees it: forms, links, words. Plain data, so that it can cross an await.

use url::Url;

use super::read;
use super::selectors::BadSelector;

/// Longer pages are cut here: no sign-in page is, and a hostile one must not hold up a run.
pub const LONGEST: usize = 512 * 1024;
/// Pages are cut where they nest deeper, as browsers do: parsing takes time by the square of the depth.
const DEEPEST: usize = 512;
/// Pages are cut after so many tags.
const MOST_TAGS: usize = 30_000;
/// Elements that do not nest in themselves, because they are empty or the next one ends them.
const FLAT: &[&str] = &[
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "source", "td", "th", "tr", "wbr",
];

/// What is on a page. Made by [`Page::read`]; never fails, whatever the bytes are.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where the page came from.
    pub url: Url,
    /// HTTP status that it came with.
    pub status: u16,
    /// Text of `<title>`.
    pub title: String,
    /// Text of the first `<h1>`, else `<h2>`.
    pub heading: String,
    /// What can be read on it: without script and style, white space folded.
    pub text: String,
    /// What it says went wrong: alerts, messages at fields.
    pub alerts: Vec<String>,
    /// Its forms in order. Controls outside of any form make one more, without an action, at the end.
    pub forms: Vec<Form>,
    /// Its links that lead somewhere over HTTP, in order.
    pub links: Vec<Link>,
    /// Whether it runs script.
    pub scripts: bool,
    /// Where a `<meta http-equiv=refresh>` or a script's `location = "…"` leads.
    pub moves_to: Option<Url>,
    pub(super) source: String,
}

impl Page {
    /// Reads a page. What lies beyond [`LONGEST`] bytes is not looked at.
    #[must_use]
    pub fn read(url: &Url, status: u16, html: &str) -> Self {
        read::read(url, status, cut(html))
    }

    /// For each CSS selector the ordinals of the elements that match, in order: to be compared with [`Control::element`].
    ///
    /// # Errors
    /// The first that is not CSS.
    pub fn find(&self, css: &[&str]) -> Result<Vec<Vec<usize>>, BadSelector> {
        read::find(&self.source, css)
    }

    /// Tells pages apart: equal for the same page shown twice, whatever tokens its hidden fields hold. A person who sees
    /// one again after an answer got nowhere.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut print = format!("{} {}", self.title, self.heading);
        for form in &self.forms {
            print.push_str(" | ");
            for control in &form.controls {
                print.push_str(&format!("{:?} {} {};", control.kind, control.name, control.id));
            }
        }
        print
    }

    /// The page in a few words, for a sentence in a verdict.
    #[must_use]
    pub fn sketch(&self) -> String {
        let name = [&self.heading, &self.title, &self.text].into_iter().find(|name| !name.is_empty());
        let name: String = name.map(|name| name.chars().take(80).collect()).unwrap_or_default();
        match (name.is_empty(), self.alerts.first()) {
            (true, None) => "a page without words".to_owned(),
            (true, Some(alert)) => format!("a page that says \"{alert}\""),
            (false, None) => format!("the page \"{name}\""),
            (false, Some(alert)) => format!("the page \"{name}\", which says \"{alert}\""),
        }
    }
}

fn cut(html: &str) -> &str {
    let mut end = html.len().min(LONGEST);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let html = &html[..end];
    let mut open: Vec<Vec<u8>> = Vec::new();
    for (tags, (at, _)) in html.match_indices('<').enumerate() {
        let tag = &html.as_bytes()[at + 1..];
        let (closes, tag) = tag.strip_prefix(b"/").map_or((false, tag), |tag| (true, tag));
        let name: Vec<u8> =
            tag.iter().take(12).take_while(|c| c.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
        if closes {
            // Only what is open closes: other end tags leave the depth as it is.
            open.iter().rposition(|one| *one == name).map(|place| open.remove(place));
        } else if !name.is_empty() && !FLAT.iter().any(|flat| flat.as_bytes() == name) {
            open.push(name);
        }
        if open.len() > DEEPEST || tags > MOST_TAGS {
            return &html[..at];
        }
    }
    html
}

/// A form with its controls in the order of the page.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Ordinal of the element; none for controls outside of any form.
    pub element: Option<usize>,
    /// `id` of the form.
    pub id: String,
    /// Where it goes; none if that is not an address of HTTP, or only script knows.
    pub action: Option<Url>,
    /// How it goes there.
    pub method: Method,
    /// How its values are written.
    pub enctype: Enctype,
    /// All controls, buttons too.
    pub controls: Vec<Control>,
}

impl Form {
    /// The form's buttons, with their place among the controls.
    pub fn buttons(&self) -> impl Iterator<Item = (usize, &Control)> {
        self.controls.iter().enumerate().filter(|(_, control)| control.kind.is_button())
    }

    /// Whether a person has nothing to fill in or tick.
    #[must_use]
    pub fn is_hidden_only(&self) -> bool {
        self.controls.iter().all(|control| control.kind == ControlKind::Hidden || control.kind.is_button())
    }
}

/// How a form is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Values in the query.
    #[default]
    Get,
    /// Values in the body.
    Post,
}

/// How a POST form's values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Enctype {
    /// `application/x-www-form-urlencoded`.
    #[default]
    UrlEncoded,
    /// `multipart/form-data`.
    Multipart,
    /// `text/plain`.
    Plain,
}

/// One control of a form.
#[derive(Debug, Clone, Default)]
pub struct Control {
    /// Ordinal of the element in the page.
    pub element: usize,
    /// What the browser driver calls the element.
    pub mark: Option<String>,
    /// What it is.
    pub kind: ControlKind,
    /// `type` as written, in lower case: "email".
    pub input_type: String,
    /// `name`.
    pub name: String,
    /// `id`.
    pub id: String,
    /// `autocomplete`, in lower case.
    pub autocomplete: String,
    /// Value that it has when the page arrives. For a select the first chosen option.
    pub value: String,
    /// Further chosen options of a select.
    pub more_values: Vec<String>,
    /// What a person reads on it or beside it.
    pub label: String,
    /// Ticked when the page arrives.
    pub checked: bool,
    /// Not sent and not to be changed.
    pub disabled: bool,
    /// Not to be changed.
    pub readonly: bool,
    /// A person can see it.
    pub visible: bool,
    /// A button's own `formaction`, `formmethod` and `formenctype`.
    pub overrides: Overrides,
}

/// What a submit button changes about its form (HTML, "form submission attributes").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `formaction`, resolved.
    pub action: Option<Url>,
    /// `formmethod`.
    pub method: Option<Method>,
    /// `formenctype`.
    pub enctype: Option<Enctype>,
}

/// Kinds of controls, as far as they are sent differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ControlKind {
    /// Text in one line, also e-mail, telephone, number and so on.
    #[default]
    Text,
    /// Text that is not shown.
    Password,
    /// Not seen by a person.
    Hidden,
    /// Sent when ticked.
    Checkbox,
    /// Sent when chosen, one of a group.
    Radio,
    /// A choice from a list.
    Select,
    /// Text in several lines.
    TextArea,
    /// A file; the stand-in has none.
    File,
    /// Sends the form.
    Submit,
    /// Sends the form with the place that was pressed.
    Image,
    /// Does what a script says.
    Button,
}

impl ControlKind {
    /// Something to press.
    #[must_use]
    pub const fn is_button(self) -> bool {
        matches!(self, Self::Submit | Self::Image | Self::Button)
    }

    /// Pressing it sends the form without any script.
    #[must_use]
    pub const fn sends(self) -> bool {
        matches!(self, Self::Submit | Self::Image)
    }

    /// A person can write in it.
    #[must_use]
    pub const fn is_writing(self) -> bool {
        matches!(self, Self::Text | Self::Password | Self::TextArea)
    }
}

/// A link.
#[derive(Debug, Clone)]
pub struct Link {
    /// Ordinal of the element in the page.
    pub element: usize,
    /// What the browser driver calls the element.
    pub mark: Option<String>,
    /// Where it leads.
    pub to: Url,
    /// What a person reads.
    pub label: String,
}
