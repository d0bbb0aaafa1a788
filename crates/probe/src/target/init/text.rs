//! The target file as text. Whatever a server says in its metadata, the file is TOML and its comments stay comments.

use serde_json::Value;

use super::super::Client;
use super::{Asked, Found, Made, Wish};
use crate::person::Preset;

/// The file: ready to run as far as can be, and commented where a person is needed.
#[must_use]
pub fn write(asked: &Asked, found: &Found) -> String {
    let mut file = String::from(
        "# What `safeconduct-probe run` attacks. Attack only servers that you may attack.\n\
         # Lines like `# name = …` and `# [table]` wait for you: fill in, and take the `#` away.\n\
         # This file may hold secrets of clients and people: make both for the test, and keep the file to yourself.\n\n",
    );
    file += &format!(
        "# What reports call the server.\nname = {}\n# Its issuer identifier, byte for byte.\n",
        quote(&asked.issuer)
    );
    file += &format!("issuer = {}\n", quote(&asked.issuer));
    if let Some(url) = &asked.metadata {
        file += &format!("metadata = {}\n", quote(url.as_str()));
    }
    if let Some(path) = &asked.ca_file {
        file += &format!("ca_file = {}\n", quote(&path.display().to_string()));
    }
    file += &origins(found);
    file += &says(&found.metadata);
    file += &pages(found.preset);
    file += PEOPLE;
    for (wish, made) in &found.clients {
        file += &client(found, wish, made);
    }
    file += &resource(&found.metadata);
    file += OPERATOR;
    if let Some(token) = &asked.initial_access_token {
        file = file.replacen("# initial_access_token = \"…\"", &format!("initial_access_token = {}", quote(token)), 1);
    }
    file
}

fn origins(found: &Found) -> String {
    let head = "# Further origins that belong to the server: a page to sign in elsewhere, an API. The probe speaks to no other.\n";
    if found.origins.is_empty() {
        return format!("{head}# origins = [\"https://login.example\"]\n");
    }
    let list: Vec<String> = found.origins.iter().map(|origin| quote(origin)).collect();
    format!(
        "{head}# These were named by the server itself: take out what is not yours to attack.\norigins = [{}]\n",
        list.join(", ")
    )
}

/// What the server says it supports, for the reader.
fn says(metadata: &Value) -> String {
    let mut text =
        "\n# What the server says of itself. Nothing here has to be filled in; the probe reads it anew at every run.\n"
            .to_owned();
    for (name, value) in metadata.as_object().into_iter().flatten() {
        let shown = match value {
            Value::String(text) => text.clone(),
            Value::Array(list) => list
                .iter()
                .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(" "),
            other => other.to_string(),
        };
        if name.ends_with("_endpoint")
            || name.ends_with("_supported")
            || name.ends_with("_uri")
            || name.starts_with("require")
        {
            text += &comment(&format!("  {name}: {shown}"));
        }
    }
    for (what, name) in [("refresh tokens", "refresh_token"), ("client credentials", "client_credentials")] {
        let listed = metadata["grant_types_supported"].as_array();
        if listed.is_some_and(|list| !list.iter().any(|grant| grant == name)) {
            text += &comment(&format!("It does not name {what}; the probe tries whether they are off."));
        }
    }
    text
}

fn pages(preset: Preset) -> String {
    let name = serde_json::to_value(preset).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    let driver = if preset.needs_script() { "chromium" } else { "forms" };
    let guess = match preset {
        Preset::None => "# Nothing known about these pages: fields are found by looking.\n",
        _ => "# A guess by the addresses of the endpoints.\n",
    };
    format!(
        "\n# How the person's stand-in gets on with the pages.\n[pages]\n{guess}\
         # One of: none, safeconduct, node-oidc-provider, keycloak, hydra, rauthy.\npreset = {}\n\
         # forms: plain HTTP. chromium: for pages that need script.\ndriver = \"{driver}\"\n\
         # browser = \"/usr/bin/chromium\"\n\
         # CSS selectors for what is not found by looking. Others: next, error, tick, consent_form, and a table `fields`.\n\
         # [pages.selectors]\n# username = \"#username\"\n# password = \"#password\"\n# submit = \"button[type=submit]\"\n\
         # allow = \"#allow\"\n# deny = \"#deny\"\n",
        quote(&name)
    )
}

const PEOPLE: &str = "
# Two people with accounts, made for the test. Without the first no case can sign in.
# [user]
# username = \"…\"
# password = \"…\"

# [second_user]
# username = \"…\"
# password = \"…\"
";

fn client(found: &Found, wish: &Wish, made: &Made) -> String {
    let mut text = format!("\n# {}: {}.\n", wish.role, wish.why);
    let table = |client: &Client| {
        let mut table = format!("[clients.{}]\n", wish.role);
        let members = [
            ("client_id", Some(&client.client_id)),
            ("client_secret", client.client_secret.as_ref()),
            ("key", client.key.as_ref()),
            ("token_endpoint_auth_method", client.token_endpoint_auth_method.as_ref()),
            ("redirect_uri", client.redirect_uri.as_ref()),
            ("scope", client.scope.as_ref()),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                table += &format!("{name} = {}\n", quote(value));
            }
        }
        let scope = client.scope.as_deref().unwrap_or_default();
        if scope.split(' ').any(|word| word == "offline_access") && client.redirect_uri.is_some() {
            table += "# OpenID Connect Core section 11: offline_access is for requests that ask for consent.\nparameters = { prompt = \"consent\" }\n";
        }
        table
    };
    match made {
        Made::Registered { client, removal } => {
            if let Some((uri, token)) = removal {
                text += &comment(&format!(
                    "Registered by the probe. To remove it: DELETE {uri} with Authorization: Bearer {token}"
                ));
            }
            text += &table(client);
        }
        Made::Not(why) => {
            if found.registers.is_some() {
                text += &comment(why);
            }
            text += &comment(&format!("Make it as (RFC 7591): {}", wish.metadata));
            text += &commented(&table(&blank(wish)));
        }
    }
    text
}

/// What is known of a client before somebody makes it.
fn blank(wish: &Wish) -> Client {
    let text = |name: &str| wish.metadata[name].as_str().map(str::to_owned);
    let secret = text("token_endpoint_auth_method").is_some_and(|method| method.starts_with("client_secret"));
    Client {
        client_id: "…".to_owned(),
        client_secret: secret.then(|| "…".to_owned()),
        key: wish.key.clone(),
        token_endpoint_auth_method: text("token_endpoint_auth_method"),
        redirect_uri: wish.metadata["redirect_uris"][0].as_str().map(str::to_owned),
        scope: text("scope"),
        ..Client::default()
    }
}

fn resource(metadata: &Value) -> String {
    let instead = if metadata["userinfo_endpoint"].is_string() { " Without it userinfo is called." } else { "" };
    format!(
        "\n# An API that takes the server's access tokens.{instead}\n# [resource]\n\
         # url = \"https://api.example/messages\"        # answers 2xx to the honest token of `web`\n\
         # identifier = \"https://api.example\"          # its audience, and `resource` (RFC 8707)\n\
         # scope = \"mail:read\"                         # that it needs\n\
         # high_url = \"https://api.example/admin\"      # needs more than low_scope\n\
         # low_scope = \"mail:read\"\n"
    )
}

const OPERATOR: &str = "
# What cannot be seen from outside.
[operator]
# Lifetimes in seconds, if they are short enough to wait for.
# access_token_seconds = 60
# code_seconds = 30
# For dynamic registration, if it is not open (RFC 7591 section 3).
# initial_access_token = \"…\"
# Interfaces of management that strangers must not get into.
# management = [\"https://as.example/admin\"]

# What a run may do. These are the defaults but for per_second: 20 a second, to a loopback address 400.
# [limits]
# per_second = 20
# requests = 30000
# exchange_seconds = 10
# case_seconds = 60
# run_seconds = 1800
# parallel = 4
# race_rounds = 20
";

/// A basic string of TOML.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted += &format!("\\u{:04X}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// One line of comment, however long or strange the text is.
fn comment(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(1500).collect();
    format!("# {}\n", line.trim_end())
}

fn commented(text: &str) -> String {
    text.lines().map(|line| if line.starts_with('#') { format!("{line}\n") } else { format!("# {line}\n") }).collect()
}
