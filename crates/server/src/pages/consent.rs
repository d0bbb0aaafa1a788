//! `/consent`: a person lets an app in, less far than it asked, or not at all.

use askama::Template;

use super::Assets;
use super::display::{self, ADDRESS, Destination, Link, NAME, SENTENCE, TITLE, safe_text};
use super::locale::{Fill, Locale, Run};
use super::sign_in::{destination, finish, initial, name_or};

/// The consent page. Its form posts `request`, `csrf`, one `scope` for each ticked row and `decision` to `/consent`:
/// `allow`, `deny`, or `switch` (not this person: sign in as someone else).
#[derive(Clone, Debug)]
pub struct ConsentView {
    /// This server's own host, with the port if it has one.
    pub server_host: String,
    /// The parked request the form belongs to.
    pub request: String,
    /// The form's single-use token.
    pub csrf: String,
    /// The person whose account this is about.
    pub user_name: String,
    /// The app that asks, as registered.
    pub client_name: String,
    /// Where the browser goes with the answer.
    pub destination: Destination,
    /// What is known about the app and what is not; the page sorts them.
    pub facts: Vec<Fact>,
    /// What the app asks for, in words.
    pub scopes: Vec<ScopeRow>,
    /// Names of the APIs the access is for.
    pub resources: Vec<String>,
    /// Single facts about the person that the app asks for besides the scopes.
    pub claims: Vec<ClaimRow>,
    /// For how long.
    pub access_for: AccessFor,
    /// Whether the person is asked again next time.
    pub remember: Remember,
    /// The app's own page, if registered. Only https is shown.
    pub client_uri: Option<String>,
    /// The app's privacy policy, if registered. Only https is shown.
    pub policy_uri: Option<String>,
    /// The app's terms, if registered. Only https is shown.
    pub tos_uri: Option<String>,
}

/// One scope, with its checkbox.
#[derive(Clone, Debug, Default)]
pub struct ScopeRow {
    /// The scope token, sent back when ticked.
    pub value: String,
    /// What it allows, in a few words. Empty: the standard text for standard scopes, else the token itself.
    pub title: String,
    /// One sentence more. May be empty.
    pub description: String,
    /// Marked, because harm done with it is hard to undo.
    pub sensitive: bool,
    /// Cannot be unticked; the app does not work without it.
    pub required: bool,
    /// Ticked when the page opens.
    pub checked: bool,
    /// The person allowed this before.
    pub already_granted: bool,
}

/// One claim about the person.
#[derive(Clone, Debug, Default)]
pub struct ClaimRow {
    /// The claim's name; standard claims are shown in words.
    pub name: String,
    /// What the app will see, where that can be shown.
    pub value: Option<String>,
}

/// How long the access lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessFor {
    /// The app gets refresh tokens: it can act while the person is away.
    Away {
        /// Ends after so many days without use.
        idle_days: u32,
        /// Ends after so many days in any case.
        total_days: u32,
    },
    /// Only an access token, which lasts so many minutes.
    Present {
        /// Until the token expires.
        minutes: u32,
    },
}

/// Whether the choice is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remember {
    /// The person is not asked again for the same access.
    Choice,
    /// The person is asked every time.
    Nothing,
}

/// Something known about the app, or known to be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// Checked: the operator of this server registered the app and its name.
    OperatorRegistered,
    /// Checked: it proves who it is with a private key.
    ProvesItselfWithKey,
    /// Checked: it proves who it is with a secret.
    ProvesItselfWithSecret,
    /// Checked: the answer goes to one exact https address.
    ExactHttpsAddress,
    /// Open: the app registered itself, nobody looked at its name.
    RegisteredItself,
    /// Open: it has no secret, so others could pose as it.
    CannotProveItself,
    /// Open: the answer goes to whatever program listens on this device.
    AnyProgramOnDevice,
    /// Open: the answer goes to whatever app claimed its scheme on this device.
    AnyAppWithScheme,
    /// Open: the answer goes over a connection that others can read.
    UnencryptedAddress,
}

impl Fact {
    /// Every fact, checked ones first.
    pub const ALL: [Fact; 9] = [
        Fact::OperatorRegistered,
        Fact::ProvesItselfWithKey,
        Fact::ProvesItselfWithSecret,
        Fact::ExactHttpsAddress,
        Fact::RegisteredItself,
        Fact::CannotProveItself,
        Fact::AnyProgramOnDevice,
        Fact::AnyAppWithScheme,
        Fact::UnencryptedAddress,
    ];

    /// Whether this was checked, rather than known to be open.
    pub fn is_checked(self) -> bool {
        self <= Fact::ExactHttpsAddress
    }

    /// The fact about a redirect URI that a person should know.
    pub fn of_redirect(redirect_uri: &str) -> Fact {
        match Destination::of(redirect_uri) {
            Destination::App(_) => Fact::AnyAppWithScheme,
            Destination::Device(_) => Fact::AnyProgramOnDevice,
            Destination::Website(host) if host.starts_with("http://") => Fact::UnencryptedAddress,
            Destination::Website(_) => Fact::ExactHttpsAddress,
        }
    }

    fn text(self, locale: Locale) -> String {
        locale.text(match self {
            Fact::OperatorRegistered => "fact-operator-registered",
            Fact::ProvesItselfWithKey => "fact-proves-itself-with-key",
            Fact::ProvesItselfWithSecret => "fact-proves-itself-with-secret",
            Fact::ExactHttpsAddress => "fact-exact-https-address",
            Fact::RegisteredItself => "fact-registered-itself",
            Fact::CannotProveItself => "fact-cannot-prove-itself",
            Fact::AnyProgramOnDevice => "fact-any-program-on-device",
            Fact::AnyAppWithScheme => "fact-any-app-with-scheme",
            Fact::UnencryptedAddress => "fact-unencrypted-address",
        })
    }
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Page<'a> {
    l: Locale,
    server_host: &'a str,
    view: &'a ConsentView,
    title: String,
    heading: Vec<Run>,
    user: String,
    initial: String,
    destination: Vec<Run>,
    host: String,
    rows: Vec<Row<'a>>,
    resources: Vec<String>,
    claims: Vec<Claim>,
    access_for: String,
    checked: Vec<String>,
    open: Vec<String>,
    links: Vec<(String, Link)>,
}

struct Row<'a> {
    id: String,
    scope: &'a ScopeRow,
    title: String,
    description: String,
}

struct Claim {
    title: String,
    value: Option<String>,
}

impl ConsentView {
    /// The page as HTML.
    pub fn render(&self, locale: Locale) -> String {
        let client = name_or(&self.client_name, locale, "app-unnamed");
        let fill = [("client", Fill::Text(&client))];
        let texts = |checked: bool| {
            let facts = Fact::ALL.into_iter().filter(|fact| fact.is_checked() == checked && self.facts.contains(fact));
            facts.map(|fact| fact.text(locale)).collect()
        };
        let page = Page {
            l: locale,
            server_host: &self.server_host,
            view: self,
            title: locale.fill("consent-heading", &fill),
            heading: locale.runs("consent-heading", &fill),
            user: name_or(&self.user_name, locale, "user-unnamed"),
            initial: initial(&self.user_name),
            destination: destination(&self.destination, locale),
            host: safe_text(self.destination.label(), ADDRESS),
            rows: self.scopes.iter().enumerate().map(|(index, scope)| row(index, scope, locale)).collect(),
            resources: self.resources.iter().map(|name| safe_text(name, NAME)).collect(),
            claims: self.claims.iter().map(|claim| claim_in_words(claim, locale)).collect(),
            access_for: self.access_for.text(locale),
            checked: texts(true),
            open: texts(false),
            links: self.links(locale),
        };
        finish(&page)
    }

    fn links(&self, locale: Locale) -> Vec<(String, Link)> {
        let named =
            [("link-website", &self.client_uri), ("link-policy", &self.policy_uri), ("link-terms", &self.tos_uri)];
        let links =
            named.into_iter().filter_map(|(key, uri)| Some((locale.text(key), display::link(uri.as_deref()?)?)));
        links.collect()
    }
}

impl AccessFor {
    fn text(self, locale: Locale) -> String {
        match self {
            AccessFor::Away { idle_days, total_days } => {
                let total = locale.fill("access-away", &[("total", Fill::Number(total_days))]);
                format!("{total} {}", locale.fill("access-away-idle", &[("idle", Fill::Number(idle_days))]))
            }
            AccessFor::Present { minutes } => locale.fill("access-present", &[("minutes", Fill::Number(minutes))]),
        }
    }
}

/// Standard scopes of OpenID Connect have words in every language; the operator's words come first.
fn row(index: usize, scope: &ScopeRow, locale: Locale) -> Row<'_> {
    let standard = match scope.value.as_str() {
        "openid" => Some(("scope-openid", "scope-openid-more")),
        "profile" => Some(("scope-profile", "scope-profile-more")),
        "email" => Some(("scope-email", "scope-email-more")),
        "address" => Some(("scope-address", "scope-address-more")),
        "phone" => Some(("scope-phone", "scope-phone-more")),
        "offline_access" => Some(("scope-offline-access", "scope-offline-access-more")),
        _ => None,
    };
    let (title, description) = match standard {
        Some((title, more)) if scope.title.is_empty() => (locale.text(title), locale.text(more)),
        _ => (scope.title.clone(), scope.description.clone()),
    };
    let title = if title.is_empty() { &scope.value } else { &title };
    Row {
        id: format!("scope-{index}"),
        scope,
        title: safe_text(title, TITLE),
        description: safe_text(&description, SENTENCE),
    }
}

/// The standard claims of OpenID Connect Core section 5.1 that people are likely to be asked for, in words.
fn claim_in_words(claim: &ClaimRow, locale: Locale) -> Claim {
    let title = match claim.name.as_str() {
        "name" => locale.text("claim-name"),
        "given_name" => locale.text("claim-given-name"),
        "family_name" => locale.text("claim-family-name"),
        "nickname" => locale.text("claim-nickname"),
        "preferred_username" => locale.text("claim-preferred-username"),
        "picture" => locale.text("claim-picture"),
        "email" => locale.text("claim-email"),
        "email_verified" => locale.text("claim-email-verified"),
        "birthdate" => locale.text("claim-birthdate"),
        "gender" => locale.text("claim-gender"),
        "locale" => locale.text("claim-locale"),
        "zoneinfo" => locale.text("claim-zoneinfo"),
        "phone_number" => locale.text("claim-phone-number"),
        "phone_number_verified" => locale.text("claim-phone-number-verified"),
        "address" => locale.text("claim-address"),
        other => safe_text(other, NAME),
    };
    Claim { title, value: claim.value.as_deref().map(|value| safe_text(value, NAME)) }
}
