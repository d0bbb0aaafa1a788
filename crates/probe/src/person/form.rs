//! A form as a browser sends it (HTML, "constructing the entry list" and "form submission algorithm").

use std::collections::BTreeMap;

use url::Url;

use super::page::{Control, ControlKind, Enctype, Form, Method};

/// What goes over the wire when a form is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRequest {
    /// GET or POST.
    pub method: Method,
    /// Where it goes; for GET the values are in its query.
    pub url: Url,
    /// Of the body; none for GET.
    pub content_type: Option<String>,
    /// Empty for GET.
    pub body: String,
    /// The values in order, as names and values.
    pub entries: Vec<(String, String)>,
}

/// What a person changes in a form before sending it, by place of the control in [`Form::controls`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Text that is written.
    pub written: BTreeMap<usize, String>,
    /// Boxes that are ticked or unticked, radio buttons that are chosen.
    pub ticked: BTreeMap<usize, Tick>,
}

/// What a person does with a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// Ticks it.
    On,
    /// Unticks it.
    Off,
}

impl Form {
    /// The form as it is sent by the button at `button`, or by the Enter key if there is none.
    ///
    /// # Errors
    /// In words, if only script could send it: it has no address, or the button sends nothing.
    pub fn request(&self, changes: &Changes, button: Option<usize>) -> Result<FormRequest, String> {
        let button = button.and_then(|place| Some((place, self.controls.get(place)?)));
        if let Some((_, pressed)) = button
            && !pressed.kind.sends()
        {
            return Err(format!("the button \"{}\" works by script only", pressed.label));
        }
        let overrides = button.map(|(_, pressed)| &pressed.overrides);
        let action = overrides.and_then(|own| own.action.clone()).or_else(|| self.action.clone());
        let mut url = action.ok_or("the form has no address of its own: it works by script only")?;
        let method = overrides.and_then(|own| own.method).unwrap_or(self.method);
        let enctype = overrides.and_then(|own| own.enctype).unwrap_or(self.enctype);
        let entries = self.entries(changes, button.map(|(place, _)| place));
        url.set_fragment(None);
        Ok(match method {
            Method::Get => {
                url.set_query(Some(&url_encoded(&entries)));
                FormRequest { method, url, content_type: None, body: String::new(), entries }
            }
            Method::Post => {
                let (content_type, body) = write(enctype, &entries);
                FormRequest { method, url, content_type: Some(content_type), body, entries }
            }
        })
    }

    fn entries(&self, changes: &Changes, button: Option<usize>) -> Vec<(String, String)> {
        let mut entries = Vec::new();
        let chosen: Vec<&str> = self.chosen(changes);
        for (place, control) in self.controls.iter().enumerate() {
            if control.disabled {
                continue;
            }
            match control.kind {
                ControlKind::Button => {}
                ControlKind::Submit | ControlKind::Image if button != Some(place) => {}
                ControlKind::Image => entries.extend(point(control)),
                _ if control.name.is_empty() => {}
                ControlKind::Checkbox | ControlKind::Radio => {
                    if self.is_ticked(place, control, changes, &chosen) {
                        entries.push((control.name.clone(), control.value.clone()));
                    }
                }
                ControlKind::Select => {
                    let values = [&control.value].into_iter().chain(&control.more_values);
                    entries.extend(
                        values.filter(|value| !value.is_empty()).map(|value| (control.name.clone(), value.clone())),
                    );
                }
                ControlKind::TextArea => entries.push((control.name.clone(), lines(written(place, control, changes)))),
                ControlKind::Hidden if control.name == "_charset_" => {
                    entries.push((control.name.clone(), "UTF-8".to_owned()))
                }
                ControlKind::File => entries.push((control.name.clone(), String::new())),
                _ => entries.push((control.name.clone(), written(place, control, changes).to_owned())),
            }
        }
        entries
    }

    /// Names of the groups of radio buttons in which the person chose.
    fn chosen(&self, changes: &Changes) -> Vec<&str> {
        let on = changes.ticked.iter().filter(|(_, tick)| **tick == Tick::On);
        on.filter_map(|(place, _)| self.controls.get(*place))
            .filter(|control| control.kind == ControlKind::Radio)
            .map(|control| control.name.as_str())
            .collect()
    }

    fn is_ticked(&self, place: usize, control: &Control, changes: &Changes, chosen: &[&str]) -> bool {
        match changes.ticked.get(&place) {
            Some(tick) => *tick == Tick::On,
            None if control.kind == ControlKind::Radio && chosen.contains(&control.name.as_str()) => false,
            None => control.checked,
        }
    }
}

fn written<'a>(place: usize, control: &'a Control, changes: &'a Changes) -> &'a str {
    changes.written.get(&place).unwrap_or(&control.value)
}

/// An image button sends the point that was pressed.
fn point(control: &Control) -> [(String, String); 2] {
    let name = |axis: &str| if control.name.is_empty() { axis.to_owned() } else { format!("{}.{axis}", control.name) };
    [(name("x"), "1".to_owned()), (name("y"), "1".to_owned())]
}

/// Line ends as a text area sends them.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

fn url_encoded(entries: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(entries).finish()
}

fn write(enctype: Enctype, entries: &[(String, String)]) -> (String, String) {
    match enctype {
        Enctype::UrlEncoded => ("application/x-www-form-urlencoded".to_owned(), url_encoded(entries)),
        Enctype::Plain => {
            ("text/plain".to_owned(), entries.iter().map(|(name, value)| format!("{name}={value}\r\n")).collect())
        }
        Enctype::Multipart => {
            let mut boundary = "----FormBoundary".to_owned();
            while entries.iter().any(|(name, value)| name.contains(&boundary) || value.contains(&boundary)) {
                boundary.push('x');
            }
            (format!("multipart/form-data; boundary={boundary}"), multipart(&boundary, entries))
        }
    }
}

fn multipart(boundary: &str, entries: &[(String, String)]) -> String {
    let mut body = String::new();
    for (name, value) in entries {
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        body.push_str(&format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    body
}
