//! The questions that lead to the right kind of client, as a machine without input or output.
//!
//! They are those of the old cheat sheet "choosing the right grant type". Two of its answers are gone: where it says
//! "implicit" and "resource owner credentials", the dialogue tells what replaced them.

use protocol::redirect_uri::RegisteredRedirectUri;
use protocol::registration::{ApplicationType, ClientAuthMethod, ClientMetadata, GrantType};
use protocol::scope::{OPENID_SCOPES, ScopeSet};

/// What the dialogue knows.
pub struct Dialogue {
    /// Scopes of the server's resources.
    scopes: Vec<String>,
    at: Question,
    metadata: ClientMetadata,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    ActsForPerson,
    CanOpenBrowser,
    OnlyInBrowser,
    Native,
    OwnBehalf,
    ThirdParty,
    Name,
    RedirectUris,
    Scope,
    WhileAway,
    Confirm,
}

/// What comes of an answer.
#[derive(Debug)]
pub enum Turn {
    /// Another question; before it, what the last answer meant.
    Ask { note: String },
    /// Everything is known.
    Register(Box<ClientMetadata>),
    /// There is no client to register, and why.
    Stop(&'static str),
}

const ASSERTION: &str = "The authority of a third party comes as a signed assertion of that party (RFC 7521), and this \
    server does not take assertions as grants yet. If the program may act on its own behalf instead, answer so: it then \
    gets tokens of its own by client credentials.";
const NOBODY: &str = "A client acts for a person, for itself, or on the authority of a third party: without any of the \
    three nobody could allow it anything.";
const NO_BROWSER: &str = "Here the password grant was the answer once: the client asked for the person's password. It is \
    gone (RFC 9700 section 2.4), because the client then knows the password and can do everything with it. What replaced \
    it is the device grant (RFC 8628): the person opens a browser on another device. This server does not have it yet. \
    If the person has a browser on the same machine, answer yes: a command line tool can open it and listen on a loopback \
    address.";

const CODE_IN_BROWSER: &str = "Here the implicit grant was the answer once: tokens came in the redirect's URL, where \
    histories and other scripts found them. It is gone (RFC 9700 section 2.1.2). What replaced it is the authorization \
    code with PKCE, as a public client, for code that runs in a browser too. Safer still: a small server of your own that \
    keeps the tokens away from the browser; then answer no.";
const CODE_NATIVE: &str = "Then it is a public client with the authorization code and PKCE (RFC 8252): an app is in \
    everybody's hands, so it cannot keep a secret, and PKCE proves instead that the app that began is the app that ends.";
const CODE_WEB: &str = "Then it is a confidential client with the authorization code and PKCE: its server keeps a secret, \
    and tokens never reach the browser.";
const OWN: &str = "Then it uses client credentials (RFC 6749 section 4.4): it gets tokens in its own name with its \
    secret, and no person is involved.";

impl Dialogue {
    /// Begins. `scopes` are those of the server's resources.
    pub fn new(scopes: Vec<String>) -> Dialogue {
        Dialogue { scopes, at: Question::ActsForPerson, metadata: ClientMetadata::default() }
    }

    /// What to ask now, and why.
    pub fn question(&self) -> String {
        match self.at {
            Question::ActsForPerson => "Does the client act for a person? (yes, no)\n  A person's consent is a grant that \
                                        the person can see and end; a program of its own answers for itself."
                .to_owned(),
            Question::CanOpenBrowser => "Can the person use a web browser while using the client? (yes, no)\n  Sign-in \
                                         and consent happen there, on this server's own pages, so that the client never \
                                         sees the password."
                .to_owned(),
            Question::OnlyInBrowser => "Does it run completely inside the browser, without a server of its own? (yes, no)\n  \
                                        What runs in a browser can keep nothing secret."
                .to_owned(),
            Question::Native => "Is it a native app: on a phone, on a desktop, on the command line? (yes, no)\n  An app \
                                 keeps no shared secret, and it is reached by a redirect of its own kind."
                .to_owned(),
            Question::OwnBehalf => "Does it act on its own behalf? (yes, no)\n  A nightly job that reports in its own name \
                                    does."
                .to_owned(),
            Question::ThirdParty => "Does it act on the authority of a trusted third party? (yes, no)\n  Then that party, \
                                     not this server's users, says what it may do."
                .to_owned(),
            Question::Name => "What is it called?\n  People read this name on the consent page and in lists.".to_owned(),
            Question::RedirectUris => format!(
                "Which redirect URIs? (parted by spaces{})\n  Codes are sent there and nowhere else, compared letter by \
                 letter.",
                if self.is_native() { "; empty for http://127.0.0.1/callback, any port" } else { "" }
            ),
            Question::Scope => format!(
                "Which scopes may it ask for? (parted by spaces; {})\n  It can never get more than this; ask for little.",
                self.known_scopes().join(" ")
            ),
            Question::WhileAway => "Shall it go on working while the person is away? (yes, no)\n  Then it gets refresh \
                                    tokens; without them the person signs in again when the access token has expired."
                .to_owned(),
            Question::Confirm => {
                // Metadata is texts and lists: it always serializes.
                let metadata = serde_json::to_string_pretty(&self.metadata).unwrap_or_default();
                format!("{metadata}\nRegister this client? (yes, no)")
            }
        }
    }

    /// Takes an answer. An error says what is wrong with it; the question stands.
    pub fn answer(&mut self, line: &str) -> Result<Turn, String> {
        let line = line.trim();
        match self.at {
            Question::ActsForPerson => self.fork(line, Question::CanOpenBrowser, Question::OwnBehalf),
            Question::CanOpenBrowser if yes(line)? => Ok(self.go(Question::OnlyInBrowser, "")),
            Question::CanOpenBrowser => Ok(Turn::Stop(NO_BROWSER)),
            Question::OnlyInBrowser if yes(line)? => {
                self.by_code(ApplicationType::Web, ClientAuthMethod::None);
                Ok(self.go(Question::Name, CODE_IN_BROWSER))
            }
            Question::OnlyInBrowser => Ok(self.go(Question::Native, "")),
            Question::Native if yes(line)? => {
                self.by_code(ApplicationType::Native, ClientAuthMethod::None);
                Ok(self.go(Question::Name, CODE_NATIVE))
            }
            Question::Native => {
                self.by_code(ApplicationType::Web, ClientAuthMethod::ClientSecretBasic);
                Ok(self.go(Question::Name, CODE_WEB))
            }
            Question::OwnBehalf if yes(line)? => {
                self.metadata.grant_types = Some(vec![GrantType::ClientCredentials]);
                self.metadata.token_endpoint_auth_method = Some(ClientAuthMethod::ClientSecretBasic);
                Ok(self.go(Question::Name, OWN))
            }
            Question::OwnBehalf => Ok(self.go(Question::ThirdParty, "")),
            Question::ThirdParty => Ok(Turn::Stop(if yes(line)? { ASSERTION } else { NOBODY })),
            Question::Name => self.name(line),
            Question::RedirectUris => self.redirect_uris(line),
            Question::Scope => self.scope(line),
            Question::WhileAway => {
                if yes(line)? {
                    self.metadata.grant_types = Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]);
                }
                Ok(self.go(Question::Confirm, ""))
            }
            Question::Confirm if yes(line)? => Ok(Turn::Register(Box::new(self.metadata.clone()))),
            Question::Confirm => Ok(Turn::Stop("You said no.")),
        }
    }

    fn go(&mut self, to: Question, note: &str) -> Turn {
        self.at = to;
        Turn::Ask { note: note.to_owned() }
    }

    fn fork(&mut self, line: &str, on_yes: Question, on_no: Question) -> Result<Turn, String> {
        let to = if yes(line)? { on_yes } else { on_no };
        Ok(self.go(to, ""))
    }

    fn by_code(&mut self, application_type: ApplicationType, method: ClientAuthMethod) {
        self.metadata.application_type = Some(application_type);
        self.metadata.token_endpoint_auth_method = Some(method);
        self.metadata.grant_types = Some(vec![GrantType::AuthorizationCode]);
    }

    fn is_native(&self) -> bool {
        self.metadata.application_type == Some(ApplicationType::Native)
    }

    fn acts_for_person(&self) -> bool {
        self.metadata.application_type.is_some()
    }

    fn known_scopes(&self) -> Vec<&str> {
        let standard = OPENID_SCOPES.iter().copied().filter(|_| self.acts_for_person());
        let known: Vec<&str> = standard.chain(self.scopes.iter().map(String::as_str)).collect();
        if known.is_empty() { vec!["none are configured"] } else { known }
    }

    fn name(&mut self, line: &str) -> Result<Turn, String> {
        if line.is_empty() || line.len() > 120 || line.chars().any(char::is_control) {
            return Err("A name has 1 to 120 bytes and no control characters.".to_owned());
        }
        self.metadata.client_name = Some(line.to_owned());
        let next = if self.acts_for_person() { Question::RedirectUris } else { Question::Scope };
        Ok(self.go(next, ""))
    }

    fn redirect_uris(&mut self, line: &str) -> Result<Turn, String> {
        let line = if line.is_empty() && self.is_native() { "http://127.0.0.1/callback" } else { line };
        let uris: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        if uris.is_empty() {
            return Err("It needs at least one, such as https://robot.example/callback.".to_owned());
        }
        let kind = self.metadata.application_type.unwrap_or(ApplicationType::Web);
        for (at, uri) in uris.iter().enumerate() {
            RegisteredRedirectUri::register(uri, kind).map_err(|error| format!("Number {}: {error}.", at + 1))?;
        }
        self.metadata.redirect_uris = uris;
        Ok(self.go(Question::Scope, ""))
    }

    fn scope(&mut self, line: &str) -> Result<Turn, String> {
        let asked = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let set = ScopeSet::parse(&asked).ok_or("Scopes are printable ASCII without quotes and backslashes.")?;
        let known = self.known_scopes();
        if set.iter().any(|scope| !known.contains(&scope)) {
            return Err(format!("Known are {}.", known.join(" ")));
        }
        self.metadata.scope = (!set.is_empty()).then_some(set);
        let next = if self.acts_for_person() { Question::WhileAway } else { Question::Confirm };
        Ok(self.go(next, ""))
    }
}

fn yes(line: &str) -> Result<bool, String> {
    match line.to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(true),
        "n" | "no" => Ok(false),
        _ => Err("Please answer yes or no.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays answers; gives the last turn and all notes.
    fn play(answers: &[&str]) -> (Turn, String) {
        let mut dialogue = Dialogue::new(vec!["mail:read".to_owned()]);
        let mut notes = String::new();
        let mut last = Turn::Ask { note: String::new() };
        for answer in answers {
            assert!(matches!(last, Turn::Ask { .. }), "over before {answer}");
            assert!(dialogue.question().contains('?'), "{}", dialogue.question());
            last = dialogue.answer(answer).unwrap_or_else(|wrong| panic!("{answer}: {wrong}"));
            if let Turn::Ask { note } = &last {
                notes.push_str(note);
            }
        }
        (last, notes)
    }

    fn registered(answers: &[&str]) -> (ClientMetadata, String) {
        match play(answers) {
            (Turn::Register(metadata), notes) => (*metadata, notes),
            (other, _) => panic!("{other:?}"),
        }
    }

    fn stopped(answers: &[&str]) -> &'static str {
        match play(answers).0 {
            Turn::Stop(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_web_server_gets_a_secret_and_the_code() {
        let answers =
            ["yes", "yes", "no", "no", "Mail robot", "https://robot.example/cb", "openid mail:read", "yes", "yes"];
        let (metadata, notes) = registered(&answers);
        assert_eq!(metadata.token_endpoint_auth_method, Some(ClientAuthMethod::ClientSecretBasic));
        assert_eq!(metadata.grant_types, Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]));
        assert_eq!(metadata.client_name.as_deref(), Some("Mail robot"));
        assert!(notes.contains("PKCE"));
    }

    #[test]
    fn implicit_is_answered_by_the_code_with_pkce() {
        let (metadata, notes) = registered(&["y", "y", "y", "Shop", "https://shop.example/cb", "openid", "no", "y"]);
        assert_eq!(metadata.token_endpoint_auth_method, Some(ClientAuthMethod::None));
        assert_eq!(metadata.application_type, Some(ApplicationType::Web));
        assert_eq!(metadata.grant_types, Some(vec![GrantType::AuthorizationCode]));
        assert!(notes.contains("implicit") && notes.contains("RFC 9700"));
    }

    #[test]
    fn a_native_app_is_public_and_listens_on_loopback() {
        let (metadata, notes) = registered(&["yes", "yes", "no", "yes", "Mail on the go", "", "openid", "yes", "yes"]);
        assert_eq!(metadata.application_type, Some(ApplicationType::Native));
        assert_eq!(metadata.token_endpoint_auth_method, Some(ClientAuthMethod::None));
        assert_eq!(metadata.redirect_uris, ["http://127.0.0.1/callback"]);
        assert!(notes.contains("RFC 8252"));
    }

    #[test]
    fn a_program_of_its_own_uses_client_credentials() {
        let (metadata, notes) = registered(&["no", "yes", "Nightly report", "mail:read", "yes"]);
        assert_eq!(metadata.grant_types, Some(vec![GrantType::ClientCredentials]));
        assert!(metadata.redirect_uris.is_empty());
        assert!(notes.contains("client credentials"));
    }

    #[test]
    fn password_grant_is_answered_by_what_replaced_it() {
        let why = stopped(&["yes", "no"]);
        assert!(why.contains("password grant") && why.contains("RFC 9700") && why.contains("RFC 8628"));
    }

    #[test]
    fn a_third_party_and_nobody_register_nothing() {
        assert!(stopped(&["no", "no", "yes"]).contains("RFC 7521"));
        assert!(stopped(&["no", "no", "no"]).contains("nobody"));
        assert!(stopped(&["no", "yes", "Job", "", "no"]).contains("no"));
    }

    #[test]
    fn what_metadata_would_refuse_is_asked_again() {
        let mut dialogue = Dialogue::new(vec![]);
        assert!(dialogue.answer("maybe").is_err());
        for answer in ["yes", "yes", "no", "no"] {
            dialogue.answer(answer).expect("good");
        }
        assert!(dialogue.answer("").is_err(), "a name");
        dialogue.answer("Robot").expect("good");
        for bad in ["", "http://robot.example/cb", "robot", "https://robot.example/#x"] {
            assert!(dialogue.answer(bad).is_err(), "{bad}");
        }
        dialogue.answer("https://robot.example/cb https://robot.example/cb2").expect("good");
        assert!(dialogue.answer("mail:read").is_err(), "not configured");
        dialogue.answer("  openid   profile ").expect("good");
        assert_eq!(dialogue.metadata.scope.as_ref().map(ScopeSet::as_str), Some("openid profile"));
    }
}
