//! Everything that tells people about the configuration, made from the JSON schema: the commented file, the reference,
//! and the "why" of an error.

use super::error::Step;
use super::{Config, Resource};
use schemars::{Schema, generate::SchemaSettings};
use serde_json::Value;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::OnceLock;

/// The order of the sections in the file and in the reference.
const ORDER: [&str; 10] =
    ["issuer", "server", "lifetimes", "passwords", "throttle", "keys", "store", "log", "i18n", "resource"];

/// What a new configuration file is given.
#[derive(Clone, Copy, Debug)]
pub struct Initial<'a> {
    /// The issuer, as it should stand in the file.
    pub issuer: &'a str,
    /// `server.listen`.
    pub listen: SocketAddr,
    /// `server.admin_listen`.
    pub admin_listen: SocketAddr,
    /// The first resources.
    pub resources: &'a [Resource],
}

/// The JSON Schema (draft 2020-12) of `safeconduct.toml`.
#[must_use]
pub fn schema() -> Schema {
    let mut settings = SchemaSettings::draft2020_12().for_deserialize();
    settings.inline_subschemas = true;
    settings.into_generator().into_root_schema_for::<Config>()
}

fn shared() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| schema().to_value())
}

/// The schema of what a path leads to, as deep as it goes.
fn deepest(path: &[Step]) -> &'static Value {
    let mut schema = shared();
    for step in path {
        let next = match step {
            Step::Key(key) => property(schema, key),
            Step::Index(_) => schema.get("items"),
        };
        match next {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

fn property<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    let schema = alternatives(schema);
    schema
        .get("properties")
        .and_then(|properties| properties.get(key))
        .or_else(|| schema.get("additionalProperties").filter(|inner| inner.is_object()))
        .or_else(|| schema.get("patternProperties")?.as_object()?.values().next())
}

/// The table among "table or nothing".
fn alternatives(schema: &Value) -> &Value {
    let choices = schema.get("anyOf").and_then(Value::as_array);
    choices.and_then(|choices| choices.iter().find(|choice| choice.get("properties").is_some())).unwrap_or(schema)
}

/// What the key that `path` leads to is for.
pub(super) fn why(path: &[Step]) -> String {
    match description(deepest(path)) {
        text if text.is_empty() => "the server does what its configuration says and guesses nothing".to_owned(),
        text => text,
    }
}

fn description(schema: &Value) -> String {
    let text = schema.get("description").or_else(|| alternatives(schema).get("description"));
    text.and_then(Value::as_str).unwrap_or_default().replace('\n', " ")
}

/// A key that holds one value, and the variable that sets it.
pub(super) struct Leaf {
    pub(super) path: Vec<String>,
    pub(super) variable: String,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Array,
    Other,
    Text,
}

impl Leaf {
    pub(super) fn steps(&self) -> Vec<Step> {
        self.path.iter().cloned().map(Step::Key).collect()
    }

    /// The value that a variable's text stands for.
    pub(super) fn value(&self, text: &str) -> toml::Value {
        let parsed = || {
            let table: toml::Table = toml::from_str(&format!("value = {text}")).ok()?;
            table.get("value").cloned()
        };
        let plain = || toml::Value::String(text.to_owned());
        match self.kind {
            Kind::Text => plain(),
            Kind::Other => parsed().unwrap_or_else(plain),
            Kind::Array if text.trim_start().starts_with('[') => parsed().unwrap_or_else(plain),
            Kind::Array => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                toml::Value::Array(items.map(|item| toml::Value::String(item.to_owned())).collect())
            }
        }
    }
}

/// Every key with one value outside `[[resource]]`.
pub(super) fn leaves() -> Vec<Leaf> {
    let mut leaves = Vec::new();
    collect(shared(), &mut Vec::new(), &mut leaves);
    leaves
}

fn collect(schema: &Value, path: &mut Vec<String>, leaves: &mut Vec<Leaf>) {
    for (name, inner) in properties(schema) {
        path.push(name.to_owned());
        if is_section(inner) {
            collect(alternatives(inner), path, leaves);
        } else if name != "resource" {
            let kind = match inner.get("type").and_then(Value::as_str) {
                Some("array") => Kind::Array,
                Some("string") => Kind::Text,
                _ if inner.get("enum").is_some() || inner.get("oneOf").is_some() => Kind::Text,
                _ => Kind::Other,
            };
            leaves.push(Leaf { path: path.clone(), variable: path.join("_").to_ascii_uppercase(), kind });
        }
        path.pop();
    }
}

fn properties(schema: &Value) -> Vec<(&str, &Value)> {
    let map = alternatives(schema).get("properties").and_then(Value::as_object);
    let mut list: Vec<_> = map.into_iter().flatten().map(|(name, inner)| (name.as_str(), inner)).collect();
    list.sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()));
    list
}

fn is_section(schema: &Value) -> bool {
    alternatives(schema).get("properties").is_some()
}

/// The commented file.
pub(super) fn template(initial: &Initial<'_>) -> String {
    let mut out = String::from(
        "# Safeconduct's configuration. A line that starts with \"# key = \" shows a default: remove the # to change it.\n\
         # Each key can be set by an environment variable, too: SAFECONDUCT_SERVER_LISTEN sets server.listen.\n\
         # `safeconduct config check` tells what is wrong and how to put it right.\n\n",
    );
    for (name, inner) in properties(shared()) {
        match name {
            "issuer" => {
                comment(&mut out, &description(inner));
                let _ = writeln!(out, "issuer = {}\n", toml_text(initial.issuer));
            }
            "resource" => {}
            _ => section(&mut out, name, inner, initial),
        }
    }
    resources(&mut out, initial);
    out
}

fn section(out: &mut String, name: &str, schema: &Value, initial: &Initial<'_>) {
    comment(out, &description(schema));
    // A section with keys that have no default stays commented out.
    let optional = alternatives(schema).get("required").is_some();
    let _ = writeln!(out, "{}[{name}]", if optional { "# " } else { "" });
    let mut inner_sections = Vec::new();
    for (key, inner) in properties(schema) {
        if is_section(inner) {
            inner_sections.push((key, inner));
            continue;
        }
        comment(out, &described_with_bounds(inner));
        let set = match (name, key) {
            ("server", "listen") => Some(initial.listen),
            ("server", "admin_listen") => Some(initial.admin_listen),
            _ => None,
        };
        let _ = match set {
            Some(address) => writeln!(out, "{key} = \"{address}\""),
            None => writeln!(out, "# {key} = {}", default_text(key, inner)),
        };
    }
    out.push('\n');
    for (key, inner) in inner_sections {
        section(out, &format!("{name}.{key}"), inner, initial);
    }
}

fn resources(out: &mut String, initial: &Initial<'_>) {
    comment(out, &description(deepest(&[Step::Key("resource".to_owned())])));
    if initial.resources.is_empty() {
        out.push_str(
            "# [[resource]]\n# identifier = \"https://api.example.org\"\n# name = \"Example API\"\n\
             # token_format = \"jwt\"\n# [resource.scopes.\"example:read\"]\n# description = \"read your examples\"\n\
             # description_de = \"deine Beispiele lesen\"\n# sensitive = false\n",
        );
        return;
    }
    #[derive(serde::Serialize)]
    struct Resources<'a> {
        resource: &'a [Resource],
    }
    let list = Resources { resource: initial.resources };
    // A `Resource` holds texts, numbers and tables only, and those can always be written as TOML.
    out.push_str(&toml::to_string(&list).unwrap_or_default());
}

fn described_with_bounds(schema: &Value) -> String {
    let mut text = description(schema);
    if let Some(bounds) = bounds(schema) {
        let _ = write!(text, " ({bounds})");
    }
    text
}

fn bounds(schema: &Value) -> Option<String> {
    if let Some(bounds) = schema.get("x-bounds").and_then(Value::as_str) {
        return Some(bounds.to_owned());
    }
    let items = schema.get("items").unwrap_or(schema);
    let words: Vec<&str> = match (items.get("enum"), items.get("oneOf")) {
        (Some(Value::Array(words)), _) => words.iter().filter_map(Value::as_str).collect(),
        (_, Some(Value::Array(choices))) => choices.iter().filter_map(|choice| choice.get("const")?.as_str()).collect(),
        _ => return None,
    };
    Some(words.join(", "))
}

fn default_text(key: &str, schema: &Value) -> String {
    match schema.get("default") {
        Some(Value::String(text)) => toml_text(text),
        Some(other) => other.to_string(),
        None => toml_text(&format!("{key}.pem")),
    }
}

fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Wraps `text` as comment lines of at most 110 characters.
fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > 110 {
            let _ = writeln!(out, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    if line.len() > 1 {
        let _ = writeln!(out, "{line}");
    }
}

/// The text of `docs/configuration.md`.
#[must_use]
pub fn reference_markdown() -> String {
    let mut out = String::from(
        "# Configuration reference\n\n\
         <!-- Made from the schema by `server::config::reference_markdown`; a test compares. Do not edit. -->\n\n\
         `safeconduct.toml`, in TOML. A key that is not listed here is an error, and so is a value outside its bounds: the\n\
         server does not start and says where, why and what to write. Spans are seconds, or a whole number with `s`, `m`,\n\
         `h` or `d` in quotes. Relative paths start at the file's folder. `safeconduct config schema` prints the JSON Schema.\n\n\
         Every key outside `[[resource]]` can be set by an environment variable, which wins over the file; with `_FILE` after\n\
         its name the value is read from a file. In the file, `key_file = \"...\"` does the same. Such a file must not be\n\
         readable by other users.\n",
    );
    let (plain, sections): (Vec<_>, Vec<_>) =
        properties(shared()).into_iter().partition(|(_, inner)| !is_section(inner) && inner.get("items").is_none());
    out.push_str("\n## Top level\n\n");
    table(&mut out, "", &plain);
    for (name, inner) in sections {
        reference_section(&mut out, name, inner);
    }
    out
}

fn reference_section(out: &mut String, name: &str, schema: &Value) {
    let (title, holder) = match schema.get("items") {
        Some(items) => (format!("[[{name}]]"), items),
        None => (format!("[{name}]"), schema),
    };
    let _ = writeln!(out, "\n## `{title}`\n\n{}\n", description(schema));
    let (sections, keys): (Vec<_>, Vec<_>) =
        properties(holder).into_iter().partition(|(_, inner)| is_section(inner) || map_value(inner).is_some());
    table(out, name, &keys);
    for (key, inner) in sections {
        match map_value(inner) {
            Some(value) => {
                let _ = writeln!(out, "\n## `[{name}.{key}.\"...\"]`\n\n{}\n", description(inner));
                table(out, "resource", &properties(value));
            }
            None => reference_section(out, &format!("{name}.{key}"), inner),
        }
    }
}

/// The schema of the values of a table with free keys.
fn map_value(schema: &Value) -> Option<&Value> {
    let patterns = || schema.get("patternProperties")?.as_object()?.values().next();
    schema.get("additionalProperties").filter(|inner| inner.is_object()).or_else(patterns)
}

fn table(out: &mut String, section: &str, keys: &[(&str, &Value)]) {
    out.push_str("| Key | Default | Allowed | Meaning |\n| --- | --- | --- | --- |\n");
    for (key, inner) in keys {
        let default = match inner.get("default") {
            Some(Value::Null) => String::new(),
            Some(value) => format!("`{}`", default_text(key, &serde_json::json!({ "default": value }))),
            None => String::new(),
        };
        let allowed = bounds(inner).unwrap_or_else(|| kind_text(inner));
        let mut meaning = description(inner);
        if !section.starts_with("resource") {
            let path = [section, key].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
            let variable = path.replace('.', "_").to_ascii_uppercase();
            let _ = write!(meaning, " `SAFECONDUCT_{variable}`");
        }
        let _ = writeln!(out, "| `{key}` | {default} | {allowed} | {} |", meaning.replace('|', "\\|"));
    }
}

fn kind_text(schema: &Value) -> String {
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => "list of texts",
        Some("boolean") => "true, false",
        Some("integer") => "number",
        _ => "text",
    }
    .to_owned()
}
