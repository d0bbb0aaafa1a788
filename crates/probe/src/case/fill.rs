//! `{names}` in case files.

use std::collections::BTreeMap;

use super::spelling;
use crate::cx::{Cx, random};
use crate::verdict::Stop;

/// The values that steps leave behind, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(pub(super) BTreeMap<String, String>);

impl Values {
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// A value by name: one of the steps', `random`, `issuer`, a `role.member`, or a metadata name.
    pub(super) fn get(&self, cx: &Cx, name: &str) -> Result<String, Stop> {
        if let Some(value) = self.0.get(name) {
            return Ok(value.clone());
        }
        match name {
            "random" => return Ok(random()),
            "issuer" => return Ok(cx.target().issuer.clone()),
            "username" => return Ok(cx.user()?.username.clone()),
            "password" => return Ok(cx.user()?.password.clone()),
            _ => {}
        }
        if let Some(part) = name.strip_prefix("redirect_")
            && let Some(uri) = self.0.get("redirect_uri")
            && let Some(spelled) = spelling::of(uri, part)
        {
            return spelled.ok_or_else(|| Stop::NotApplicable(format!("the redirect URI {uri} has no {name}")));
        }
        if let Some((role, member)) = name.split_once('.') {
            return member_of(cx, role, member);
        }
        if let Some(value) = cx.metadata(name).as_str() {
            return Ok(value.to_owned());
        }
        Err(Stop::inconclusive(format!("an earlier step brought no {name}")))
    }

    /// Replaces every `{name}`. `{{` stands for a brace.
    pub(super) fn fill(&self, cx: &Cx, text: &str) -> Result<String, Stop> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find('{') {
            filled.push_str(&rest[..start]);
            rest = &rest[start + 1..];
            if let Some(after) = rest.strip_prefix('{') {
                filled.push('{');
                rest = after;
                continue;
            }
            let Some(end) = rest.find('}') else {
                return Err(Stop::inconclusive(format!("the case file has an open brace in {text:?}")));
            };
            filled.push_str(&self.get(cx, &rest[..end])?);
            rest = &rest[end + 1..];
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

fn member_of(cx: &Cx, role: &str, member: &str) -> Result<String, Stop> {
    let lacks = || Stop::inconclusive(format!("the target file names no `{role}.{member}`"));
    let target = cx.target();
    let resource = match role {
        "resource" => target.resource.as_ref(),
        "other_resource" => target.other_resource.as_ref(),
        _ => None,
    };
    if let Some(resource) = resource {
        let found = match member {
            "url" => Some(resource.url.to_string()),
            "identifier" => resource.identifier.clone(),
            "scope" => resource.scope.clone(),
            "low_scope" => resource.low_scope.clone(),
            "high_url" => resource.high_url.as_ref().map(ToString::to_string),
            _ => None,
        };
        return found.ok_or_else(lacks);
    }
    if role == "second_user" {
        let user = target.second_user.as_ref().ok_or_else(lacks)?;
        return match member {
            "username" => Ok(user.username.clone()),
            "password" => Ok(user.password.clone()),
            _ => Err(lacks()),
        };
    }
    let client = cx.client(role)?;
    let found = match member {
        "client_id" => Some(client.client_id.clone()),
        "client_secret" => client.client_secret.clone(),
        "redirect_uri" => client.redirect_uri.clone(),
        "scope" => client.scope.clone(),
        "resource" => client.resource.clone(),
        "redirect_origin" => origin(client.redirect_uri.as_deref()),
        "redirect_host" => host(client.redirect_uri.as_deref()),
        "redirect_path" => path(client.redirect_uri.as_deref()),
        _ => None,
    };
    found.ok_or_else(lacks)
}

fn parsed(uri: Option<&str>) -> Option<url::Url> {
    uri.and_then(|uri| url::Url::parse(uri).ok())
}

fn origin(uri: Option<&str>) -> Option<String> {
    parsed(uri).map(|uri| uri[..url::Position::BeforePath].to_owned())
}

fn host(uri: Option<&str>) -> Option<String> {
    parsed(uri).map(|uri| uri[url::Position::BeforeHost..url::Position::AfterPort].to_owned())
}

fn path(uri: Option<&str>) -> Option<String> {
    parsed(uri).map(|uri| uri.path().to_owned())
}
