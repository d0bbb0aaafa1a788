//! What a page loads, where it leads and what it runs.

use scraper::{Html, Selector};
use url::Url;

use crate::person::page::LONGEST;

/// A page by its content.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// Addresses that the browser fetches while it shows the page.
    pub(crate) loads: Vec<Url>,
    /// Links that give the next page neither a referrer nor a handle: `rel` with `noreferrer`.
    pub(crate) clean_links: Vec<Url>,
    /// Other links.
    pub(crate) links: Vec<Url>,
    /// Addresses with a scheme that runs or shows what stands in the address itself.
    pub(crate) running: Vec<String>,
    /// Script that stands in the page, event attributes included.
    pub(crate) script: String,
}

/// Elements with an attribute that is fetched at once.
const LOADING: &[(&str, &str)] = &[
    ("img", "src"),
    ("script", "src"),
    ("link[rel~=stylesheet],link[rel~=icon],link[rel~=preload],link[rel~=prefetch]", "href"),
    ("iframe,frame,embed,audio,video,source,track,input[type=image]", "src"),
    ("object", "data"),
    ("video", "poster"),
    ("image,use", "href"),
];

/// Reads a page. Never fails, whatever the bytes are.
pub(crate) fn read(base: &Url, html: &str) -> Content {
    let mut end = html.len().min(LONGEST);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let dom = Html::parse_document(&html[..end]);
    let mut content = Content::default();
    for (css, attribute) in LOADING {
        for element in select(&dom, css) {
            if let Some(value) = element.value().attr(attribute) {
                content.address(base, value, |content, url| content.loads.push(url));
            }
        }
    }
    for element in select(&dom, "a[href],area[href]") {
        let rel = element.value().attr("rel").unwrap_or_default().to_ascii_lowercase();
        let clean = rel.split_ascii_whitespace().any(|word| word == "noreferrer");
        content.address(base, element.value().attr("href").unwrap_or_default(), |content, url| {
            if clean { content.clean_links.push(url) } else { content.links.push(url) }
        });
    }
    for element in select(&dom, "form[action],button[formaction],input[formaction]") {
        for attribute in ["action", "formaction"] {
            if let Some(value) = element.value().attr(attribute) {
                content.address(base, value, |_, _| {});
            }
        }
    }
    for element in select(&dom, "script") {
        content.script.extend(element.text());
        content.script.push('\n');
    }
    for element in select(&dom, "*") {
        for (name, value) in element.value().attrs() {
            if name.len() > 2 && name.starts_with("on") {
                content.script.push_str(value);
                content.script.push('\n');
            }
        }
    }
    content
}

impl Content {
    fn address(&mut self, base: &Url, value: &str, keep: impl FnOnce(&mut Self, Url)) {
        // As browsers read it: blanks at the edges, tabs and line breaks anywhere are nothing.
        let value: String = value.trim().chars().filter(|letter| !matches!(letter, '\t' | '\n' | '\r')).collect();
        let Ok(url) = base.join(&value) else { return };
        match url.scheme() {
            "javascript" | "vbscript" => self.running.push(value),
            "http" | "https" => keep(self, url),
            _ => {}
        }
    }

    /// What is fetched from other origins than the page's own and these.
    pub(crate) fn foreign(&self, own: &[&Url]) -> Vec<&Url> {
        self.loads.iter().filter(|url| own.iter().all(|own| own.origin() != url.origin())).collect()
    }
}

fn select<'a>(dom: &'a Html, css: &str) -> Vec<scraper::ElementRef<'a>> {
    // The selectors are this file's own, and its tests use each.
    Selector::parse(css).map(|selector| dom.select(&selector).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_selector_can_be_read() {
        for (css, _) in LOADING {
            assert!(Selector::parse(css).is_ok(), "{css}");
        }
    }

    #[test]
    fn a_page_is_known_by_what_it_loads_links_and_runs() {
        let own = Url::parse("https://as.example/consent").expect("a URL");
        let html = r#"<img src="https://evil.example/a.gif"><link rel=stylesheet href="/a.css"><a href="https://robot.example/">x</a>
            <a rel="noopener noreferrer" href="https://terms.example/">t</a><a href=" java&#10;script:alert(1)">y</a>
            <script>probe()</script><p onclick="more()">z<script>"#;
        let content = read(&own, html);
        assert_eq!(content.foreign(&[&own]).len(), 1);
        assert_eq!(content.links[0].as_str(), "https://robot.example/");
        assert_eq!(content.clean_links[0].as_str(), "https://terms.example/");
        assert_eq!(content.running.len(), 1);
        assert!(content.script.contains("probe()") && content.script.contains("more()"));
    }
}
