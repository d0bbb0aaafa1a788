//! Every page with hostile data: its structure is that of the same page with ordinary data. And the headers, word for
//! word.

use server::pages::*;

const HOSTILE: &str =
    "<script>alert(1)</script>\"'></title></bdi><img src=x onerror=alert(1)>&lt;\u{202E}gnp\u{2069}\u{0}{{7*7}}";

fn sign_in(text: &str) -> SignInView {
    SignInView {
        server_host: "auth.example".into(),
        request: text.into(),
        csrf: text.into(),
        client_name: text.into(),
        destination: Destination::App(text.into()),
        login_hint: Some(text.into()),
        problem: None,
        reauth: None,
    }
}

fn consent(text: &str) -> ConsentView {
    let scope = ScopeRow {
        value: text.into(),
        title: text.into(),
        description: text.into(),
        checked: true,
        ..ScopeRow::default()
    };
    ConsentView {
        server_host: "auth.example".into(),
        request: text.into(),
        csrf: text.into(),
        user_name: text.into(),
        client_name: text.into(),
        destination: Destination::Website(text.into()),
        facts: Fact::ALL.to_vec(),
        scopes: vec![
            ScopeRow { value: "openid".into(), required: true, ..ScopeRow::default() },
            scope.clone(),
            ScopeRow { sensitive: true, already_granted: true, checked: false, ..scope },
        ],
        resources: vec![text.into()],
        claims: vec![ClaimRow { name: text.into(), value: Some(text.into()) }],
        access_for: AccessFor::Away { idle_days: 30, total_days: 180 },
        remember: Remember::Choice,
        client_uri: Some(format!("https://robot.example/?{text}")),
        policy_uri: Some(format!("https://robot.example/{text}")),
        tos_uri: None,
    }
}

fn detail(text: &str) -> Detail {
    Detail {
        rule: Some(text.into()),
        parameter: Some(text.into()),
        section: Some(text.into()),
        request_id: text.into(),
    }
}

fn returned(text: &str, target: ReturnTarget) -> ReturnErrorView {
    let destination = Destination::Website(text.into());
    ReturnErrorView {
        server_host: "auth.example".into(),
        client_name: text.into(),
        destination,
        error: text.into(),
        detail: detail(text),
        target,
    }
}

/// Every page with `text` in every place that takes any.
fn pages(text: &str, locale: Locale) -> Vec<(PageKind, String)> {
    let reauth = Reauth { display_name: text.into(), username: text.into(), reason: ReauthReason::Sensitive };
    let back = Back { href: format!("https://robot.example/?{text}"), destination: Destination::Device(text.into()) };
    let error = ErrorView {
        server_host: "auth.example".into(),
        title: text.into(),
        text: text.into(),
        detail: detail(text),
        back: Some(back),
    };
    let action = format!("https://robot.example/cb?{text}");
    let fields = vec![(text.to_owned(), text.to_owned())];
    let rule = RuleView {
        server_host: "auth.example".into(),
        rule: text.into(),
        error: text.into(),
        parameter: Some(text.into()),
        says: text.into(),
        why: text.into(),
        section: text.into(),
        section_uri: Some(format!("https://rfc.example/{text}")),
        fix: vec![text.into()],
    };
    let home = HomeView { server_host: "auth.example".into(), issuer: text.into(), metadata: vec![format!("/{text}")] };
    vec![
        (PageKind::SignIn, sign_in(text).render(locale)),
        (
            PageKind::SignIn,
            SignInView { problem: Some(SignInProblem::WrongCredentials), ..sign_in(text) }.render(locale),
        ),
        (PageKind::SignIn, SignInView { reauth: Some(reauth), ..sign_in(text) }.render(locale)),
        (PageKind::Consent, consent(text).render(locale)),
        (PageKind::Error, error.render(locale)),
        (PageKind::ReturnError, returned(text, ReturnTarget::Link(action.clone())).render(locale)),
        (
            PageKind::ReturnError,
            returned(text, ReturnTarget::Post { action: action.clone(), fields: fields.clone() }).render(locale),
        ),
        (PageKind::FormPost, FormPostView { server_host: "auth.example".into(), action, fields }.render(locale)),
        (PageKind::Rule, rule.render(locale)),
        (PageKind::Home, home.render(locale)),
    ]
}

type Tag = (String, Vec<(String, String)>);

/// Tags with their attributes, values unescaped. Reads as a browser does: a quote ends only where it began.
fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let name: String = rest.chars().take_while(|c| !c.is_whitespace() && *c != '>').collect();
        rest = &rest[name.len()..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() || rest.starts_with('>') {
                break;
            }
            let attribute: String = rest.chars().take_while(|c| !c.is_whitespace() && !"=>".contains(*c)).collect();
            rest = &rest[attribute.len()..];
            let value = rest.strip_prefix("=\"").and_then(|value| value.split_once('"'));
            assert!(value.is_some() || !rest.starts_with('='), "unquoted value of {attribute} in <{name}>");
            rest = value.map_or(rest, |(_, after)| after);
            attributes.push((attribute, unescape(value.map_or("", |(value, _)| value))));
        }
        tags.push((name, attributes));
    }
    tags
}

fn unescape(text: &str) -> String {
    let entities = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    entities.into_iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

/// Names of tags and attributes, without the values.
fn structure(html: &str) -> Vec<(String, Vec<String>)> {
    tags(html)
        .into_iter()
        .map(|(name, attributes)| (name, attributes.into_iter().map(|(name, _)| name).collect()))
        .collect()
}

fn values<'a>(tags: &'a [Tag], attribute: &'a str) -> impl Iterator<Item = (&'a Tag, &'a str)> {
    tags.iter().filter_map(move |tag| Some((tag, tag.1.iter().find(|(name, _)| name == attribute)?.1.as_str())))
}

#[test]
fn consent_page_injection_hostile_text_stays_text_on_every_page() {
    for locale in Locale::ALL {
        for ((kind, hostile), (_, ordinary)) in pages(HOSTILE, locale).into_iter().zip(pages("ordinary", locale)) {
            let bare = |html: &str| {
                structure(html)
                    .into_iter()
                    .map(|(name, attributes)| (name, without_autofocus(attributes)))
                    .collect::<Vec<_>>()
            };
            assert_eq!(bare(&hostile), bare(&ordinary), "{kind:?}");
            assert!(hostile.contains("&#60;script&#62;") || hostile.contains("%3Cscript"), "{kind:?} shows the text");
            if matches!(kind, PageKind::SignIn | PageKind::Consent | PageKind::FormPost) {
                let shown: String = hostile.split('<').filter_map(|piece| piece.rsplit('>').next()).collect();
                assert!(!shown.contains(['\u{202E}', '\u{0}']), "{kind:?}: a character that deceives got through");
            }
        }
    }
}

/// A hostile `login_hint` is dropped, so the cursor starts in the other field.
fn without_autofocus(attributes: Vec<String>) -> Vec<String> {
    attributes.into_iter().filter(|name| name != "autofocus").collect()
}

#[test]
fn form_post_injection_a_hostile_login_hint_is_dropped() {
    for (hint, value) in
        [("alice@example.com", "alice@example.com"), ("\"><b>", "\"><b>"), ("a\u{202E}b", ""), ("a\r\nb", "")]
    {
        let html = SignInView { login_hint: Some(hint.into()), ..sign_in("Mail robot") }.render(Locale::En);
        let tags = tags(&html);
        let shown = values(&tags, "value").find(|(tag, _)| tag.1.contains(&("id".into(), "username".into())));
        assert_eq!(shown.map(|(_, value)| value), Some(value), "{hint:?}");
    }
}

#[test]
fn consent_page_injection_templates_cannot_emit_raw_text() -> std::io::Result<()> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["templates", "src/pages"] {
        for file in std::fs::read_dir(root.join(folder))? {
            let path = file?.path();
            let text = std::fs::read_to_string(&path)?;
            for word in [
                "|safe }",
                "|safe|",
                "| safe }",
                "HtmlSafe",
                "escape(\"none",
                "escape = \"none",
                " ext = ",
                "(ext = ",
                "style=",
                "onclick",
                "javascript:\"",
            ] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
            assert!(
                folder != "templates" || path.extension().is_some_and(|ext| ext == "html"),
                "only .html is escaped: {}",
                path.display()
            );
        }
    }
    Ok(())
}

#[test]
fn consent_page_injection_only_https_links_open_apart() {
    let view = ConsentView {
        client_uri: Some("javascript:alert(1)".into()),
        policy_uri: Some("http://robot.example/".into()),
        tos_uri: Some("https://robot.example/terms".into()),
        ..consent("Mail robot")
    };
    let html = view.render(Locale::En);
    let tags = tags(&html);
    let links: Vec<_> = values(&tags, "href").filter(|(tag, _)| tag.0 == "a").collect();
    assert_eq!(links.len(), 1);
    let (tag, href) = links[0];
    assert_eq!(href, "https://robot.example/terms");
    for (name, value) in [("target", "_blank"), ("rel", "noreferrer noopener nofollow")] {
        assert!(tag.1.contains(&(name.into(), value.into())), "{name}");
    }
    assert!(html.contains(">robot.example</bdi>"), "the host stands beside the link");
}

#[test]
fn form_post_injection_values_arrive_unchanged_and_go_nowhere_else() {
    let fields = vec![("state".to_owned(), HOSTILE.to_owned()), ("code".to_owned(), "a&amp;b".to_owned())];
    let action = "https://robot.example/cb?a=1&b=2";
    let html = FormPostView { server_host: "auth.example".into(), action: action.into(), fields: fields.clone() }
        .render(Locale::De);
    let tags = tags(&html);
    let sent: Vec<_> = values(&tags, "name")
        .filter(|(tag, _)| tag.0 == "input")
        .map(|(tag, name)| (name.to_owned(), tag.1[2].1.clone()))
        .collect();
    assert_eq!(sent, fields);
    assert_eq!(values(&tags, "action").map(|(_, action)| action).collect::<Vec<_>>(), [action]);
    for action in ["javascript:alert(1)", "data:text/html,x", "", "/consent"] {
        let html = FormPostView { server_host: "auth.example".into(), action: action.into(), fields: vec![] }
            .render(Locale::En);
        assert!(!html.contains("<form"), "{action}");
    }
}

#[test]
fn redirect_uri_dangerous_scheme_gets_no_button() {
    for uri in ["javascript:alert(1)", "//evil.example", "/\\evil.example", "data:text/html,x"] {
        let back = Some(Back { href: uri.into(), destination: Destination::of(uri) });
        let error = ErrorView {
            server_host: "auth.example".into(),
            title: "t".into(),
            text: "t".into(),
            detail: Detail::default(),
            back,
        };
        let html =
            error.render(Locale::En) + &returned("Mail robot", ReturnTarget::Link(uri.into())).render(Locale::En);
        assert!(!html.contains("class=\"secondary button\""), "{uri}");
    }
}

#[test]
fn redirect_uri_homograph_consent_names_the_a_label() {
    let view =
        ConsentView { destination: Destination::of("https://ра\u{443}pal.example/cb"), ..consent("Mail robot") };
    let html = view.render(Locale::En);
    assert!(html.contains("xn--") && !html.contains('\u{443}'));
}

#[test]
fn consent_forgery_answers_are_posted_with_their_token() {
    for (_, html) in pages("ordinary", Locale::En)
        .into_iter()
        .filter(|(kind, _)| matches!(kind, PageKind::SignIn | PageKind::Consent))
    {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            assert!(
                form.contains("method=\"post\"") && form.contains("name=\"csrf\"") && form.contains("name=\"request\""),
                "{form}"
            );
        }
        assert!(!html.contains("decision=") && !html.contains("method=\"get\""));
    }
    let html = consent("Mail robot").render(Locale::En);
    let form = html.split("id=\"consent\"").nth(1).unwrap_or_default();
    // The first button of a form is what the Enter key presses.
    assert!(form.find("value=\"deny\"") < form.find("value=\"allow\""));
}

#[test]
fn too_much_scope_granted_scopes_have_words_and_can_be_unticked() {
    let html = consent("ordinary").render(Locale::En);
    let tags = tags(&html);
    let boxes: Vec<_> = values(&tags, "type").filter(|(_, kind)| *kind == "checkbox").map(|(tag, _)| &tag.1).collect();
    let has = |index: usize, name: &str| boxes[index].iter().any(|(attribute, _)| attribute == name);
    assert_eq!(boxes.len(), 3);
    assert!(has(0, "disabled") && has(0, "checked") && !has(0, "name"), "the one it cannot work without");
    assert!(!has(1, "disabled") && has(1, "checked"));
    assert!(!has(2, "disabled") && !has(2, "checked"));
    for words in ["Know that it is you", "Sensitive", "Allowed before", "180 days", "30 days"] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn account_enumeration_a_failed_sign_in_looks_the_same_for_every_name() {
    let page = |name: &str| {
        let view = SignInView {
            login_hint: Some(name.into()),
            problem: Some(SignInProblem::WrongCredentials),
            ..sign_in("Mail robot")
        };
        view.render(Locale::En).replace(name, "NAME")
    };
    assert_eq!(page("alice.known"), page("mallory.unknown"));
}

#[test]
fn resource_owner_impersonation_asking_again_needs_the_password() {
    let reauth = Reauth { display_name: "Alice".into(), username: "alice".into(), reason: ReauthReason::Sensitive };
    let html = SignInView { reauth: Some(reauth), ..sign_in("Mail robot") }.render(Locale::En);
    assert!(html.contains("id=\"password\"") && html.contains("readonly") && html.contains("value=\"alice\""));
}

#[test]
fn ids_are_part_of_the_interface() {
    let (sign_in, consent) = (sign_in("x").render(Locale::De), consent("x").render(Locale::De));
    for id in ["username", "password", "sign-in"] {
        assert_eq!(sign_in.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
    for id in ["allow", "deny"] {
        assert_eq!(consent.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
}

#[test]
fn credential_leak_via_referrer_pages_load_only_known_assets_and_link_without_referrer() {
    for locale in Locale::ALL {
        for (kind, html) in pages("ordinary", locale) {
            assert!(html.contains(&format!("<html lang=\"{}\">", locale.tag())));
            let tags = tags(&html);
            let links = values(&tags, "href").filter(|(tag, _)| tag.0 == "link").chain(values(&tags, "src"));
            for (tag, url) in links {
                let name = url.strip_prefix("/assets/").unwrap_or_default();
                assert!(Assets::get(name).is_some(), "{kind:?}: {} loads {url}", tag.0);
            }
            for (tag, href) in values(&tags, "href").filter(|(tag, href)| tag.0 == "a" && !href.starts_with('/')) {
                assert!(
                    tag.1.iter().any(|(name, value)| name == "rel" && value.contains("noreferrer")),
                    "{kind:?}: {href}"
                );
            }
            let scripts = tags.iter().filter(|tag| tag.0 == "script").count();
            assert_eq!(scripts, usize::from(kind == PageKind::FormPost), "{kind:?}");
        }
    }
}
