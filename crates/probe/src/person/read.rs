//! From HTML to a [`Page`].

use std::collections::HashMap;

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::page::{Control, ControlKind, Enctype, Form, Link, Method, Overrides, Page};
use super::script;
use super::selectors::BadSelector;

/// Beyond so many controls or links the rest is left out.
const MOST: usize = 2_000;
/// So many levels are looked upward for a form, a label or something that hides.
const DEEPEST: usize = 200;
/// So much text of a page is kept, in bytes.
const MOST_TEXT: usize = 32 * 1024;
/// So much text of a button, a label or an alert is kept, in bytes.
const MOST_LABEL: usize = 300;

/// Attribute by which the browser driver names an element.
pub const MARK: &str = "data-probe-mark";
/// Attribute that the browser driver gives an element that is not seen.
pub const UNSEEN: &str = "data-probe-unseen";

/// Reads the page. `html` is bounded by the caller.
pub fn read(url: &Url, status: u16, html: &str) -> Page {
    let dom = Html::parse_document(html);
    let all: Vec<ElementRef<'_>> = elements(&dom).collect();
    let ordinals: HashMap<_, usize> =
        all.iter().enumerate().map(|(ordinal, element)| (element.id(), ordinal)).collect();
    let owner = |element: &ElementRef<'_>| {
        let form = up(element).find(|above| above.value().name() == "form")?;
        ordinals.get(&form.id()).copied()
    };
    let mut reader = Reader {
        base: base(&all, url),
        labels: labels(&all),
        forms: HashMap::new(),
        named: HashMap::new(),
        last: None,
        loose: Form::default(),
        count: 0,
        page: blank(url, status, html),
    };
    reader.page.text = visible_text(&dom.root_element(), MOST_TEXT);
    for (ordinal, element) in all.iter().enumerate().filter(|(_, element)| element.value().name() == "form") {
        reader.form(ordinal, element);
    }
    for (ordinal, element) in all.iter().enumerate() {
        reader.element(ordinal, element, &owner);
    }
    reader.finish()
}

/// For each selector the ordinals of the elements that match.
pub fn find(html: &str, css: &[&str]) -> Result<Vec<Vec<usize>>, BadSelector> {
    let parsed = css.iter().map(|css| Selector::parse(css).map_err(|_| BadSelector((*css).to_owned())));
    let parsed = parsed.collect::<Result<Vec<_>, _>>()?;
    let mut found = vec![Vec::new(); css.len()];
    if css.is_empty() {
        return Ok(found);
    }
    let dom = Html::parse_document(html);
    for (ordinal, element) in elements(&dom).enumerate() {
        for (selector, places) in parsed.iter().zip(&mut found) {
            if selector.matches(&element) {
                places.push(ordinal);
            }
        }
    }
    Ok(found)
}

fn blank(url: &Url, status: u16, html: &str) -> Page {
    Page {
        url: url.clone(),
        status,
        title: String::new(),
        heading: String::new(),
        text: String::new(),
        alerts: Vec::new(),
        forms: Vec::new(),
        links: Vec::new(),
        scripts: false,
        moves_to: None,
        source: html.to_owned(),
    }
}

fn elements(dom: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    dom.tree.root().descendants().filter_map(ElementRef::wrap)
}

fn up<'a>(element: &ElementRef<'a>) -> impl Iterator<Item = ElementRef<'a>> {
    element.ancestors().take(DEEPEST).filter_map(ElementRef::wrap)
}

fn base(all: &[ElementRef<'_>], url: &Url) -> Url {
    let base = all.iter().filter(|element| element.value().name() == "base").find_map(|element| element.attr("href"));
    base.and_then(|href| url.join(href).ok()).unwrap_or_else(|| url.clone())
}

/// Texts of `<label for=…>` by the id they are for.
fn labels(all: &[ElementRef<'_>]) -> HashMap<String, String> {
    all.iter()
        .filter(|element| element.value().name() == "label")
        .take(MOST)
        .filter_map(|label| Some((label.attr("for")?.to_owned(), visible_text(label, MOST_LABEL))))
        .collect()
}

struct Reader {
    base: Url,
    labels: HashMap<String, String>,
    /// Place in `page.forms` by ordinal of the element.
    forms: HashMap<usize, usize>,
    /// Place in `page.forms` by id, for controls with a `form` attribute.
    named: HashMap<String, usize>,
    /// A form that stands empty between the rows of a table: the tree cannot show that what follows is its own.
    last: Option<usize>,
    loose: Form,
    count: usize,
    page: Page,
}

impl Reader {
    fn form(&mut self, ordinal: usize, element: &ElementRef<'_>) {
        if self.page.forms.len() >= MOST {
            return;
        }
        let place = self.page.forms.len();
        let id = element.attr("id").unwrap_or_default().to_owned();
        self.forms.insert(ordinal, place);
        self.named.entry(id.clone()).or_insert(place);
        self.page.forms.push(Form {
            element: Some(ordinal),
            id,
            action: self.action(element.attr("action").unwrap_or_default()),
            method: method(element.attr("method").unwrap_or_default()),
            enctype: enctype(element.attr("enctype").unwrap_or_default()),
            controls: Vec::new(),
        });
    }

    fn element(&mut self, ordinal: usize, element: &ElementRef<'_>, owner: &dyn Fn(&ElementRef<'_>) -> Option<usize>) {
        match element.value().name() {
            "title" if self.page.title.is_empty() => self.page.title = all_text(element, MOST_LABEL),
            "h1" if self.page.heading.is_empty() => self.page.heading = visible_text(element, MOST_LABEL),
            "h2" if self.page.heading.is_empty() => self.page.heading = visible_text(element, MOST_LABEL),
            "meta" => self.meta(element),
            "script" => self.script(element),
            "form" => self.last = element.children().all(|child| !child.value().is_element()).then_some(ordinal),
            "a" => self.link(ordinal, element),
            "input" | "select" | "textarea" | "button" => self.control(ordinal, element, owner),
            _ if element.attr("role") == Some("button") => self.control(ordinal, element, owner),
            _ => {}
        }
        if self.page.alerts.len() < 20 && is_alert(element) && is_visible(element) {
            let text = visible_text(element, MOST_LABEL);
            if !text.is_empty() && !self.page.alerts.contains(&text) {
                self.page.alerts.push(text);
            }
        }
        self.page.scripts |= element.attr("onload").is_some();
    }

    fn meta(&mut self, element: &ElementRef<'_>) {
        if element.attr("http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("refresh")) {
            let to = element.attr("content").and_then(script::refresh);
            self.moves(to);
        }
    }

    fn script(&mut self, element: &ElementRef<'_>) {
        self.page.scripts = true;
        let text: String = element.text().collect();
        self.moves(script::location(&text));
    }

    fn moves(&mut self, to: Option<String>) {
        if self.page.moves_to.is_none() {
            self.page.moves_to = to.and_then(|to| self.base.join(&to).ok());
        }
    }

    fn link(&mut self, ordinal: usize, element: &ElementRef<'_>) {
        let to =
            element.attr("href").and_then(|href| self.base.join(href).ok()).filter(|to| to.scheme() != "javascript");
        if let Some(to) = to
            && self.page.links.len() < MOST
            && is_visible(element)
        {
            let mark = element.attr(MARK).map(str::to_owned);
            self.page.links.push(Link { element: ordinal, mark, to, label: visible_text(element, MOST_LABEL) });
        }
    }

    fn control(&mut self, ordinal: usize, element: &ElementRef<'_>, owner: &dyn Fn(&ElementRef<'_>) -> Option<usize>) {
        self.count += 1;
        if self.count > MOST {
            return;
        }
        let control = self.describe(ordinal, element);
        let form = match element.attr("form") {
            Some(id) => self.named.get(id).copied(),
            None => owner(element).or(self.last).and_then(|form| self.forms.get(&form).copied()),
        };
        match form.and_then(|place| self.page.forms.get_mut(place)) {
            Some(form) => form.controls.push(control),
            None => self.loose.controls.push(control),
        }
    }

    fn describe(&self, ordinal: usize, element: &ElementRef<'_>) -> Control {
        let attribute = |name: &str| element.attr(name).unwrap_or_default();
        let (kind, input_type) = kind(element);
        let (value, more_values) = values(element, kind);
        let named = [attribute("aria-label"), attribute("title"), attribute("alt"), attribute("placeholder")];
        let label = match kind {
            ControlKind::Submit | ControlKind::Button => visible_text(element, MOST_LABEL),
            _ => self.labels.get(attribute("id")).cloned().unwrap_or_default(),
        };
        let label = Some(label)
            .filter(|label| !label.is_empty())
            .or_else(|| {
                let around = up(element).find(|above| above.value().name() == "label")?;
                Some(visible_text(&around, MOST_LABEL))
            })
            .or_else(|| named.into_iter().find(|name| !name.is_empty()).map(str::to_owned))
            .unwrap_or_default();
        Control {
            element: ordinal,
            mark: element.attr(MARK).map(str::to_owned),
            kind,
            input_type,
            name: attribute("name").to_owned(),
            id: attribute("id").to_owned(),
            autocomplete: attribute("autocomplete").to_ascii_lowercase(),
            value,
            more_values,
            label,
            checked: element.attr("checked").is_some(),
            disabled: is_disabled(element),
            readonly: element.attr("readonly").is_some(),
            visible: kind != ControlKind::Hidden && is_visible(element),
            overrides: Overrides {
                action: element.attr("formaction").and_then(|action| self.action(action)),
                method: element.attr("formmethod").map(method),
                enctype: element.attr("formenctype").map(enctype),
            },
        }
    }

    /// An empty action is the page itself, not its base (HTML, "form submission algorithm").
    fn action(&self, written: &str) -> Option<Url> {
        let written = written.trim();
        let url = if written.is_empty() { Some(self.page.url.clone()) } else { self.base.join(written).ok() };
        url.filter(|url| matches!(url.scheme(), "http" | "https"))
    }

    fn finish(mut self) -> Page {
        if !self.loose.controls.is_empty() {
            self.page.forms.push(self.loose);
        }
        self.page
    }
}

fn method(written: &str) -> Method {
    if written.eq_ignore_ascii_case("post") { Method::Post } else { Method::Get }
}

fn enctype(written: &str) -> Enctype {
    match written.to_ascii_lowercase().as_str() {
        "multipart/form-data" => Enctype::Multipart,
        "text/plain" => Enctype::Plain,
        _ => Enctype::UrlEncoded,
    }
}

fn kind(element: &ElementRef<'_>) -> (ControlKind, String) {
    let written = element.attr("type").unwrap_or_default().to_ascii_lowercase();
    let kind = match (element.value().name(), written.as_str()) {
        ("select", _) => ControlKind::Select,
        ("textarea", _) => ControlKind::TextArea,
        ("button", "button" | "reset") => ControlKind::Button,
        ("button", _) => ControlKind::Submit,
        ("input", "hidden") => ControlKind::Hidden,
        ("input", "password") => ControlKind::Password,
        ("input", "checkbox") => ControlKind::Checkbox,
        ("input", "radio") => ControlKind::Radio,
        ("input", "submit") => ControlKind::Submit,
        ("input", "image") => ControlKind::Image,
        ("input", "button" | "reset") => ControlKind::Button,
        ("input", "file") => ControlKind::File,
        ("input", _) => ControlKind::Text,
        _ => ControlKind::Button,
    };
    (kind, written)
}

/// What the control holds when the page arrives: the first value, and the others of a select.
fn values(element: &ElementRef<'_>, kind: ControlKind) -> (String, Vec<String>) {
    let written = element.attr("value");
    match kind {
        ControlKind::TextArea => (element.text().collect(), Vec::new()),
        ControlKind::Select => chosen(element),
        ControlKind::Checkbox | ControlKind::Radio => (written.unwrap_or("on").to_owned(), Vec::new()),
        _ => (written.unwrap_or_default().to_owned(), Vec::new()),
    }
}

fn chosen(select: &ElementRef<'_>) -> (String, Vec<String>) {
    let options: Vec<ElementRef<'_>> = select
        .descendants()
        .filter_map(ElementRef::wrap)
        .filter(|option| option.value().name() == "option" && option.attr("disabled").is_none())
        .take(MOST)
        .collect();
    let value =
        |option: &ElementRef<'_>| option.attr("value").map_or_else(|| all_text(option, MOST_LABEL), str::to_owned);
    let selected = options.iter().filter(|option| option.attr("selected").is_some());
    if select.attr("multiple").is_some() {
        let mut selected = selected.map(value);
        return (selected.next().unwrap_or_default(), selected.collect());
    }
    // Of several chosen ones the last counts; with none the first option is shown.
    (selected.last().or(options.first()).map(value).unwrap_or_default(), Vec::new())
}

fn is_disabled(element: &ElementRef<'_>) -> bool {
    element.attr("disabled").is_some()
        || up(element).any(|above| above.value().name() == "fieldset" && above.attr("disabled").is_some())
}

fn is_visible(element: &ElementRef<'_>) -> bool {
    let hides = |element: &ElementRef<'_>| {
        let style = element.attr("style").unwrap_or_default();
        let style: String = style.chars().filter(|c| !c.is_whitespace()).take(400).collect();
        element.attr("hidden").is_some() || style.contains("display:none") || style.contains("visibility:hidden")
    };
    element.attr(UNSEEN).is_none() && !hides(element) && !up(element).any(|above| hides(&above))
}

/// Something went wrong, say its role or its class.
fn is_alert(element: &ElementRef<'_>) -> bool {
    let words = ["error", "alert", "invalid", "danger", "errmsg", "feedback"];
    let class = element.attr("class").unwrap_or_default().to_ascii_lowercase();
    let id = element.attr("id").unwrap_or_default().to_ascii_lowercase();
    let said = class
        .split_whitespace()
        .chain([id.as_str()])
        .flat_map(|name| name.split(['-', '_']))
        .any(|word| words.contains(&word));
    element.attr("role") == Some("alert")
        || (said && !matches!(element.value().name(), "html" | "body" | "form" | "input" | "main"))
}

/// Text as a person reads it.
fn visible_text(element: &ElementRef<'_>, most: usize) -> String {
    let texts = element.descendants().filter_map(|node| {
        let parent = node.parent().and_then(ElementRef::wrap);
        let unread = parent.is_some_and(|parent| {
            matches!(
                parent.value().name(),
                "script" | "style" | "noscript" | "title" | "textarea" | "option" | "iframe"
            )
        });
        node.value().as_text().filter(|_| !unread).map(|text| &**text)
    });
    fold(texts, most)
}

fn all_text(element: &ElementRef<'_>, most: usize) -> String {
    fold(element.text(), most)
}

/// White space folded, at most about `most` bytes.
fn fold<'a>(texts: impl Iterator<Item = &'a str>, most: usize) -> String {
    let mut folded = String::new();
    for word in texts.flat_map(str::split_whitespace) {
        if folded.len() + word.len() > most {
            break;
        }
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}
