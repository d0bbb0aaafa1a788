//! Where things are on a server's pages: CSS selectors of the target file, and those of servers that people use.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Not a CSS selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a CSS selector")]
pub struct BadSelector(pub String);

/// CSS selectors for what the stand-in cannot find by itself. All may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selectors {
    /// Field of the user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Field of the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Button that signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submit: Option<String>,
    /// Button or link that allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow: Option<String>,
    /// Button or link that denies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny: Option<String>,
    /// The form that asks for consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_form: Option<String>,
    /// Button or link that goes on from a page in between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Where the page says that something went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Boxes that are ticked when the person allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tick: Option<String>,
    /// Further fields and what is written there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

impl Selectors {
    /// These, and those of `preset` where these say nothing.
    #[must_use]
    pub fn over(self, preset: Preset) -> Self {
        let base = preset.selectors();
        let mut fields = base.fields;
        fields.extend(self.fields);
        Self {
            username: self.username.or(base.username),
            password: self.password.or(base.password),
            submit: self.submit.or(base.submit),
            allow: self.allow.or(base.allow),
            deny: self.deny.or(base.deny),
            consent_form: self.consent_form.or(base.consent_form),
            next: self.next.or(base.next),
            error: self.error.or(base.error),
            tick: self.tick.or(base.tick),
            fields,
        }
    }

    /// Whether all of them are CSS.
    ///
    /// # Errors
    /// The first that is not. Unchecked it would just never match.
    pub fn check(&self) -> Result<(), BadSelector> {
        let single = [
            &self.username,
            &self.password,
            &self.submit,
            &self.allow,
            &self.deny,
            &self.consent_form,
            &self.next,
            &self.error,
            &self.tick,
        ];
        for css in single.into_iter().flatten().chain(self.fields.keys()) {
            scraper::Selector::parse(css).map_err(|_| BadSelector(css.clone()))?;
        }
        Ok(())
    }
}

/// Servers whose pages are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Nothing known: everything is found by looking.
    #[default]
    None,
    /// Our own pages.
    Safeconduct,
    /// The development pages of node-oidc-provider: any name and password will do.
    NodeOidcProvider,
    /// Keycloak's own theme, also with user name and password on two pages.
    Keycloak,
    /// The reference application for sign-in and consent of Ory Hydra. Its boxes for scopes come unticked.
    Hydra,
    /// Rauthy: pages made by script, the password is asked for once the user name is known. Needs the Chromium driver.
    Rauthy,
}

impl Preset {
    /// Its selectors.
    #[must_use]
    pub fn selectors(self) -> Selectors {
        let table: &[(Place, &str)] = match self {
            Self::None => &[],
            Self::Safeconduct => &[
                (Place::Username, "#username"),
                (Place::Password, "#password"),
                (Place::Submit, "#sign-in"),
                (Place::ConsentForm, "form#consent"),
                (Place::Allow, "#allow"),
                (Place::Deny, "#deny"),
                (Place::Error, "#problem"),
            ],
            Self::NodeOidcProvider => &[
                (Place::Username, "input[name=login]"),
                (Place::Password, "input[name=password]"),
                (Place::Allow, "input[name=prompt][value=consent] ~ button"),
                (Place::Deny, "a[href$='/abort']"),
            ],
            Self::Keycloak => &[
                (Place::Username, "#username"),
                (Place::Password, "#password"),
                (Place::Submit, "#kc-form-login [type=submit]"),
                (Place::ConsentForm, "#kc-oauth form"),
                (Place::Allow, "[name=accept]"),
                (Place::Deny, "[name=cancel]"),
                (
                    Place::Error,
                    "#input-error, #input-error-username, #input-error-password, .kc-feedback-text, #kc-error-message",
                ),
            ],
            Self::Hydra => &[
                (Place::Username, "input[name=email]"),
                (Place::Password, "input[name=password]"),
                (Place::Submit, "#accept"),
                (Place::Allow, "#accept"),
                (Place::Deny, "#reject"),
                (Place::Tick, "input[name=grant_scope]"),
            ],
            Self::Rauthy => &[
                (Place::Username, "input[name=email]"),
                (Place::Password, "input[name=password]"),
                (Place::Submit, "form button[type=submit]"),
                (Place::Error, ".errMsg"),
            ],
        };
        let mut selectors = Selectors::default();
        for (place, css) in table {
            *place.of(&mut selectors) = Some((*css).to_owned());
        }
        selectors
    }

    /// Its pages do nothing without script.
    #[must_use]
    pub const fn needs_script(self) -> bool {
        matches!(self, Self::Rauthy)
    }
}

#[derive(Clone, Copy)]
enum Place {
    Username,
    Password,
    Submit,
    Allow,
    Deny,
    ConsentForm,
    Error,
    Tick,
}

impl Place {
    fn of(self, selectors: &mut Selectors) -> &mut Option<String> {
        match self {
            Self::Username => &mut selectors.username,
            Self::Password => &mut selectors.password,
            Self::Submit => &mut selectors.submit,
            Self::Allow => &mut selectors.allow,
            Self::Deny => &mut selectors.deny,
            Self::ConsentForm => &mut selectors.consent_form,
            Self::Error => &mut selectors.error,
            Self::Tick => &mut selectors.tick,
        }
    }
}
