//! Writes every page, in every language, with ordinary and with hostile data, to a folder: to look at them without a
//! server.
//!
//! `cargo run -p safeconduct-server --example pages -- <folder>`

use std::path::Path;
use std::{env, fs, io};

use server::pages::*;

fn main() -> io::Result<()> {
    let Some(folder) = env::args_os().nth(1) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "name a folder to write to"));
    };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets"))?;
    for logical in ["style.css", "form-post.js", "logo.svg"] {
        let name = Assets::url(logical).replace("/assets/", "");
        if let Some(asset) = Assets::get(&name) {
            fs::write(folder.join("assets").join(name), asset.bytes)?;
        }
    }
    for locale in Locale::ALL {
        for (name, html) in pages(locale) {
            // Opened from a folder, the assets lie beside the page.
            let html = html.replace("\"/assets/", "\"assets/");
            fs::write(folder.join(format!("{name}.{}.html", locale.tag())), html)?;
        }
    }
    Ok(())
}

const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> \u{202E}gnp.exe\u{202C}\u{200B} Z\u{301}\u{301}\u{301}\u{301}\u{301}";

fn pages(locale: Locale) -> Vec<(&'static str, String)> {
    let scope = |value: &str, title: &str, description: &str| ScopeRow {
        value: value.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        checked: true,
        ..ScopeRow::default()
    };
    let (read, read_more, send, send_more) = match locale {
        Locale::De => (
            "Ihre Nachrichten lesen",
            "Alle Nachrichten in Ihrem Postfach, auch die neuen.",
            "Nachrichten in Ihrem Namen senden",
            "Empfänger sehen Sie als Absender.",
        ),
        Locale::En => (
            "Read your messages",
            "All messages in your mailbox, new ones too.",
            "Send messages in your name",
            "Recipients see you as the sender.",
        ),
    };
    let sign_in = SignInView {
        server_host: "127.0.0.1:8080".into(),
        request: "0f3k".into(),
        csrf: "t0k3n".into(),
        client_name: "Mail robot".into(),
        destination: Destination::of("http://127.0.0.1:8082/callback"),
        login_hint: None,
        problem: None,
        reauth: None,
    };
    let consent = ConsentView {
        server_host: "127.0.0.1:8080".into(),
        request: "0f3k".into(),
        csrf: "t0k3n".into(),
        user_name: "Alice Example".into(),
        client_name: "Mail robot".into(),
        destination: Destination::of("https://robot.example/callback"),
        facts: vec![Fact::OperatorRegistered, Fact::ProvesItselfWithSecret, Fact::ExactHttpsAddress],
        scopes: vec![
            ScopeRow { required: true, ..scope("openid", "", "") },
            ScopeRow { already_granted: true, ..scope("mail:read", read, read_more) },
            ScopeRow { sensitive: true, ..scope("mail:send", send, send_more) },
        ],
        resources: vec!["Mailbox".into()],
        claims: vec![],
        access_for: AccessFor::Away { idle_days: 30, total_days: 180 },
        remember: Remember::Choice,
        client_uri: Some("https://robot.example/".into()),
        policy_uri: Some("https://robot.example/privacy".into()),
        tos_uri: None,
    };
    let native = ConsentView {
        client_name: "Pocket Mail".into(),
        destination: Destination::of("com.example.pocketmail:/callback"),
        facts: vec![Fact::RegisteredItself, Fact::CannotProveItself, Fact::AnyAppWithScheme],
        access_for: AccessFor::Present { minutes: 5 },
        remember: Remember::Nothing,
        claims: vec![
            ClaimRow { name: "email".into(), value: Some("alice@example.com".into()) },
            ClaimRow { name: "birthdate".into(), value: None },
        ],
        client_uri: None,
        policy_uri: None,
        ..consent.clone()
    };
    let long_host =
        "https://login.my-bank.example.accounts.secure.a-really-long-label-that-goes-on-and-on.evil.example:8443/";
    let hostile = ConsentView {
        server_host: "auth.a-long-name-of-an-organisation.example".into(),
        request: HOSTILE.into(),
        csrf: HOSTILE.into(),
        user_name: HOSTILE.into(),
        client_name: HOSTILE.into(),
        destination: Destination::of(long_host),
        facts: Fact::ALL.to_vec(),
        scopes: vec![scope(HOSTILE, HOSTILE, HOSTILE), scope("x", &"endless".repeat(40), &"more ".repeat(200))],
        resources: vec![HOSTILE.into(), "W".repeat(90)],
        claims: vec![ClaimRow { name: HOSTILE.into(), value: Some(HOSTILE.into()) }],
        client_uri: Some("javascript:alert(1)".into()),
        policy_uri: Some(format!("{long_host}?\"><script>")),
        tos_uri: Some("data:text/html,<script>alert(1)</script>".into()),
        ..consent.clone()
    };
    let reauth =
        Reauth { display_name: "Alice Example".into(), username: "alice".into(), reason: ReauthReason::Sensitive };
    let detail = Detail {
        rule: Some("redirect-uri-not-registered".into()),
        parameter: Some("redirect_uri".into()),
        section: Some("RFC 9700 section 4.1.3".into()),
        request_id: "01hf7q2m4x9ac".into(),
    };
    let error = |problem: PageProblem| ErrorView {
        server_host: "auth.example.com".into(),
        title: problem.title(locale),
        text: problem.text(locale),
        detail: detail.clone(),
        back: None,
    };
    let fields = vec![("code".to_owned(), "sc_ac.1.x".to_owned()), ("state".to_owned(), HOSTILE.to_owned())];
    let returned = ReturnErrorView {
        server_host: "auth.example.com".into(),
        client_name: "Mail robot".into(),
        destination: Destination::of("https://robot.example/callback"),
        error: "invalid_scope".into(),
        detail: Detail { rule: Some("scope-not-allowed".into()), parameter: Some("scope".into()), ..detail.clone() },
        target: ReturnTarget::Link("https://robot.example/callback?error=invalid_scope&state=1".into()),
    };
    let rule = RuleView {
        server_host: "auth.example.com".into(),
        rule: "redirect-uri-not-registered".into(),
        error: "invalid_request".into(),
        parameter: Some("redirect_uri".into()),
        says: "The redirect URI must equal one that is registered for the client, byte for byte.".into(),
        why: "A pattern or a prefix lets somebody else's page receive the code. Exact comparison leaves nothing to interpret.".into(),
        section: "RFC 9700 section 4.1.3".into(),
        section_uri: Some("https://www.rfc-editor.org/rfc/rfc9700#section-4.1.3".into()),
        fix: vec![
            "Compare the redirect_uri you send with the list in safeconduct client show.".into(),
            "Register the missing one, or send the registered one exactly: scheme, host, port, path and trailing slash.".into(),
        ],
    };
    let home = HomeView {
        server_host: "auth.example.com".into(),
        issuer: "https://auth.example.com".into(),
        metadata: [".well-known/openid-configuration", ".well-known/oauth-authorization-server", "jwks"]
            .map(|path| format!("/{path}"))
            .to_vec(),
    };
    vec![
        ("sign-in", sign_in.render(locale)),
        (
            "sign-in-wrong",
            SignInView {
                login_hint: Some("alice".into()),
                problem: Some(SignInProblem::WrongCredentials),
                ..sign_in.clone()
            }
            .render(locale),
        ),
        (
            "sign-in-slow",
            SignInView { problem: Some(SignInProblem::SlowDown { seconds: 20 }), ..sign_in.clone() }.render(locale),
        ),
        ("sign-in-again", SignInView { reauth: Some(reauth), ..sign_in.clone() }.render(locale)),
        (
            "sign-in-hostile",
            SignInView {
                client_name: HOSTILE.into(),
                login_hint: Some("\"><script>".into()),
                destination: Destination::of(long_host),
                ..sign_in
            }
            .render(locale),
        ),
        ("consent", consent.render(locale)),
        ("consent-native", native.render(locale)),
        ("consent-hostile", hostile.render(locale)),
        ("error", error(PageProblem::UnknownRedirect).render(locale)),
        ("error-forged", error(PageProblem::ForgedForm).render(locale)),
        ("return-error", returned.render(locale)),
        (
            "form-post",
            FormPostView {
                server_host: "auth.example.com".into(),
                action: "https://robot.example/callback".into(),
                fields,
            }
            .render(locale),
        ),
        ("rule", rule.render(locale)),
        ("home", home.render(locale)),
    ]
}
