use data_encoding::{BASE64, BASE64URL_NOPAD};
use proptest::prelude::*;

use super::*;

fn exchange(request: &str, response: &str) -> Exchange {
    Exchange { request: request.replace('\n', "\r\n"), response: response.replace('\n', "\r\n"), ..Exchange::default() }
}

fn masked(mask: &Mask, exchanges: &[Exchange]) -> String {
    let (done, _) = mask.apply(exchanges.to_vec(), "");
    done.iter().map(|done| format!("{}\n{}\n", done.request, done.response)).collect()
}

fn sentence(mask: &Mask, text: &str) -> String {
    mask.apply(Vec::new(), text).1
}

#[test]
fn follows_a_code_through_a_flow() {
    let mut mask = Mask::default();
    mask.know("client secret of web", "s3cr3t-of-web-0123456789");
    mask.know("password", "correct horse");
    let basic = BASE64.encode(b"web:s3cr3t-of-web-0123456789");
    let exchanges = [
        exchange(
            "POST /sign-in HTTP/1.1\nCookie: sid=aBcDeF0123456789\n\nusername=anna&password=correct+horse",
            "HTTP/1.1 303 See Other\nSet-Cookie: sid=ZyXwVu9876543210; HttpOnly\nLocation: https://app.example/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj\n\n",
        ),
        exchange(
            &format!(
                "POST /token HTTP/1.1\nAuthorization: Basic {basic}\n\ngrant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
            ),
            "HTTP/1.1 200 OK\n\n{\"access_token\":\"2YotnFZFEjr1zCsicMWpAA\",\"token_type\":\"Bearer\",\"refresh_token\":\"tGzv3JOkF0XG5Qx2TlKWIA\"}",
        ),
        exchange(
            "GET /userinfo HTTP/1.1\nAuthorization: Bearer 2YotnFZFEjr1zCsicMWpAA\n\n",
            "HTTP/1.1 200 OK\n\n{\"sub\":\"anna\"}",
        ),
    ];
    let text = masked(&mask, &exchanges);
    let expected = "POST /sign-in HTTP/1.1
Cookie: sid=[cookie 1]

username=anna&password=[password]
HTTP/1.1 303 See Other
Set-Cookie: sid=[cookie 2]; HttpOnly
Location: https://app.example/cb?code=[code 1]&state=af0ifjsldkj


POST /token HTTP/1.1
Authorization: Basic [credentials of web 1]

grant_type=authorization_code&code=[code 1]&code_verifier=[code verifier 1]
HTTP/1.1 200 OK

{\"access_token\":\"[access token 1]\",\"token_type\":\"Bearer\",\"refresh_token\":\"[refresh token 1]\"}
GET /userinfo HTTP/1.1
Authorization: Bearer [access token 1]


HTTP/1.1 200 OK

{\"sub\":\"anna\"}
";
    assert_eq!(text.replace("\r\n", "\n"), expected);
}

#[test]
fn finds_a_secret_in_every_spelling() {
    let mut mask = Mask::default();
    let secret = "Zq+/8\"w&=~9 0<x>";
    mask.know("client secret of web", secret);
    let lower = "zz Zq%2b%2f8%22w%26%3d%7e9%200%3cx%3e zz";
    for spelt in [
        format!("zz {secret} zz"),
        "zz Zq%2B%2F8%22w%26%3D~9+0%3Cx%3E zz".to_owned(),
        lower.to_owned(),
        lower.replace('%', "%25"),
        "zz Zq&#43;/8&quot;w&amp;=~9 0&lt;x&gt; zz".to_owned(),
        "zz Zq&#x2b;&#x2F;8&#34;w&#38;&equals;~9 0&lt;x&#62; zz".to_owned(),
        r#"zz Zq+\/8\"w\u0026=~9 0\u003cx\u003e zz"#.to_owned(),
    ] {
        assert_eq!(sentence(&mask, &spelt), "zz [client secret of web] zz", "{spelt}");
    }
    for before in ["", "a", "ab", "abc"] {
        let text = sentence(&mask, &BASE64.encode(format!("{before}{secret}{before}").as_bytes()));
        assert!(text.contains("[client secret of web]"), "{text}");
        assert!(text.replace("[client secret of web]", "").len() <= 12, "{text}");
    }
}

#[test]
fn cuts_signatures_and_leaves_claims() {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let token =
        format!("{}.{}.{}", part(r#"{"alg":"RS256"}"#), part(r#"{"sub":"anna"}"#), "c2lnbmF0dXJlLW9mLXRoZS10b2tlbg");
    let readable = token.rsplit_once('.').map(|(front, _)| front.to_owned()).unwrap_or_default();
    let raw = exchange(
        &format!("GET /end?id_token_hint={token} HTTP/1.1\nDPoP: {token}x\n\n"),
        &format!("HTTP/1.1 200 OK\n\n{{\"access_token\":\"{token}\"}} and {token}."),
    );
    let text = masked(&Mask::default(), &[raw]);
    assert!(!text.contains("c2lnbmF0dXJl"), "{text}");
    assert!(text.contains(&format!("id_token_hint={readable}.[signature of ID token 1] HTTP")), "{text}");
    assert!(text.contains(&format!("DPoP: {readable}.[signature]")), "{text}");
    assert!(text.contains(&format!("and {readable}.[signature of ID token 1].")), "{text}");
    let text = masked(&Mask::default(), &[exchange(&format!("GET / HTTP/1.1\nDPoP: {token}\n\n"), "")]);
    assert!(text.contains(&format!("DPoP: {readable}.[signature]")), "{text}");
    let encrypted = format!("{}.a2V5.aXY.Y2lwaGVydGV4dA.dGFn", part(r#"{"enc":"A128GCM"}"#));
    assert_eq!(sentence(&Mask::default(), &encrypted), format!("{}.[encrypted part]", part(r#"{"enc":"A128GCM"}"#)));
    let unsigned = format!("{}.{}.", part(r#"{"alg":"none"}"#), part("{}"));
    assert_eq!(sentence(&Mask::default(), &unsigned), unsigned);
}

#[test]
fn learns_from_pages_and_redirects() {
    let page = "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<form><INPUT TYPE='hidden' NAME='csrf' VALUE='Q1w2E3r4T5y6U7i8O9p0'>\
        <input type=hidden name=redirect_uri value=https://app.example/callback?x=12345>\
        <input type=hidden name=client_id value=Client-0123456789-abc>\
        <input type=hidden name=code value=form-post-code-77><input/type=\"hidden\" value=\"a&#43;b/C1D2E3F4G5H6I7=\" data-x><input name=q value='What 1 looks for today'></form>";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let first = exchange(
        &format!("GET /authorize?client_id=Client-0123456789-abc&code_challenge={challenge} HTTP/1.1\n\n"),
        page,
    );
    let second = exchange(
        "POST /go HTTP/1.1\n\ncsrf=Q1w2E3r4T5y6U7i8O9p0",
        &format!(
            "HTTP/1.1 302 Found\nLocation: /interaction/V1StGXR8Z5jdHi6BmyTabcdefghijkl012345?challenge={challenge}\n\n"
        ),
    );
    let text = masked(&Mask::default(), &[first, second]);
    assert!(text.contains("csrf=[hidden value 1]") && text.contains("VALUE='[hidden value 1]'"), "{text}");
    assert!(text.contains("value=\"[hidden value 2]\" data-x>"), "{text}");
    assert!(text.contains("value=[code 1]") && text.contains("/interaction/[opaque value 1]?"), "{text}");
    for kept in ["https://app.example/callback?x=12345", "value=Client-0123456789-abc", "What 1 looks for today"] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert_eq!(text.matches(challenge).count(), 2, "what the probe sent is not new: {text}");
}

#[test]
fn leaves_words_alone() {
    let text = "HTTP/1.1 400 Bad Request\n\n{\"error\":\"invalid_grant\",\"code\":\"invalid_request\",\"token_type\":\"password\"} the password was wrong";
    let mut mask = Mask::default();
    mask.know("password", "password");
    mask.know("client secret of other", "secret");
    let raw = exchange(
        "POST /token HTTP/1.1\n\ngrant_type=client_credentials&client_secret=secret&code=short&password=password",
        text,
    );
    let masked = masked(&mask, &[raw]);
    for kept in [
        "\"error\":\"invalid_grant\"",
        "\"code\":\"invalid_request\"",
        "the password was wrong",
        "code=short",
        "client_secret=",
    ] {
        assert!(masked.contains(kept), "{kept}: {masked}");
    }
    assert!(
        masked.contains("client_secret=[client secret of other]") && masked.contains("password=[password]"),
        "{masked}"
    );
}

#[test]
fn labels_are_told_from_other_brackets() {
    for label in [
        "code 1",
        "access token 12",
        "signature of access token 1",
        "signature",
        "password",
        "client secret of web",
        "cookie 3",
    ] {
        assert!(is_label(label), "{label}");
    }
    for other in ["", "1", "openid", "script 1", "code<b>"] {
        assert!(!is_label(other), "{other}");
    }
}

#[test]
fn knows_the_secrets_of_the_target_file() {
    let target: Target = toml::from_str(
        "issuer = 'http://127.0.0.1'
        user = { username = 'anna', password = 'hunter2' }
        operator = { initial_access_token = 'Initial-Token-1' }
        clients.web = { client_id = 'web', client_secret = 'Secret-Of-Web-1' }
        clients.key = { client_id = 'key', key = '{\"kty\":\"OKP\",\"x\":\"public-part\",\"d\":\"Private-Part-1\"}' }",
    )
    .expect("a target file");
    let said = sentence(
        &Mask::of_target(&target),
        "Secret-Of-Web-1 Private-Part-1 public-part password=hunter2 Initial-Token-1 anna",
    );
    assert_eq!(
        said,
        "[client secret of web] [private key of key] public-part password=[password] [initial access token] anna"
    );
}

#[test]
fn long_messages_are_cut_and_no_half_secret_is_left() {
    let secret = "Half-Of-Me-Is-Too-Much-0123456789";
    let mut mask = Mask::default();
    mask.know("password", secret);
    for filler in KEPT - 60..KEPT + 10 {
        let raw = exchange(&format!("POST / HTTP/1.1\n\n{}{secret}{}", "x ".repeat(filler / 2), "y".repeat(READ)), "");
        let text = masked(&mask, &[raw]);
        assert!(!text.contains("Half-Of-Me") && text.contains("bytes in all]"), "{filler}");
    }
}

#[test]
fn secrets_that_begin_alike_are_told_apart() {
    let (one, two) = (format!("{}-Number-1", "Same".repeat(20)), format!("{}-Number-2", "Same".repeat(20)));
    let raw = exchange(
        &format!("GET /?assertion={one}&subject_token={two} HTTP/1.1\n\n"),
        &format!("{two} {one} {}", BASE64.encode(two.as_bytes())),
    );
    let text = masked(&Mask::default(), &[raw]);
    assert!(text.starts_with("GET /?assertion=[assertion 1]&subject_token=[subject token 1] HTTP/1.1"), "{text}");
    assert!(text.contains("\n[subject token 1] [assertion 1] [subject token 1]"), "{text}");
}

/// What a flood sends and a hostile server answers is masked in the time of other exchanges, or not shown at all.
#[test]
fn costly_messages_cost_little() {
    let mut codes = String::new();
    (0..3_000).for_each(|number| codes += &format!("code=Secret-{number:07}&"));
    let bodies = [
        format!("code={}", "c".repeat(1_000_000)),
        format!("code={}", "a b".repeat(400_000)),
        "<input ".repeat(10_000),
        "<input type=hidden value='".repeat(3_000),
        "<b>".repeat(30_000),
        "\"code\":\"".repeat(10_000),
        "{\"a\":".repeat(10_000),
        "%25".repeat(30_000),
        "eyJ.".repeat(20_000),
        codes,
    ];
    for body in bodies {
        let raw = exchange(&format!("POST /token HTTP/1.1\n\n{body}"), &format!("HTTP/1.1 200\n\n{body}"));
        let began = busy();
        let text = masked(&Mask::default(), &vec![raw; 2]);
        let took = busy() - began;
        assert!(took < std::time::Duration::from_secs(8), "{took:?} for {}", &body[..40]);
        assert!(!text.contains("Secret-0000001"), "too many to mask, so not shown");
    }
}

/// How long this thread has computed, so that what else the machine does is left out. Zero where the system does not tell.
fn busy() -> std::time::Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    std::time::Duration::from_nanos(told.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

/// Undoes everything that a reader of the report could undo.
fn undone(text: &str) -> String {
    let mut layer = Unfolded::plain(text);
    while let Some(next) = layer.unfold() {
        layer = next;
    }
    String::from_utf8_lossy(&layer.bytes).into_owned()
}

fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

proptest! {
    /// Whatever a server does with secrets (echoes them in pages, errors, redirects, other encodings), none survives.
    #[test]
    fn no_secret_survives(
        code in "[A-Za-z0-9._~+/=-]{12,60}", token in "[A-Za-z0-9._~+/-]{16,80}=?", password in "[ -~]{9,20}", cookie in "[A-Za-z0-9%+/=-]{16,40}",
        noise in "[ -~]{0,40}", filler in "\\PC{0,40}",
    ) {
        prop_assume!(!wordy(&code) && !wordy(&token) && !wordy(&password) && !wordy(&cookie));
        let mut mask = Mask::default();
        mask.know("password", &password);
        let json = serde_json::json!({ "refresh_token": token, "echo": [password, noise] }).to_string();
        let html = format!("{filler}<p title=\"{}\">{noise}", html_escape(&password));
        let exchanges = [
            exchange(
                &format!("POST /sign-in?next={} HTTP/1.1\nCookie: a=b; session={cookie}\n\nu=x&password={}", percent(&format!("/cb?code={}", percent(&code))), percent(&password)),
                &format!("HTTP/1.1 302 Found\nLocation: /cb?code={}&x={}\nX-Log: {}\n\n{html}", percent(&code), percent(&percent(&code)), BASE64.encode(format!("{noise}{code}").as_bytes())),
            ),
            exchange(&format!("GET /x HTTP/1.1\nAuthorization: Bearer {token}\n\n"), &format!("HTTP/1.1 200 OK\n\n{json} {filler}{code} {cookie}")),
        ];
        let text = masked(&mask, &exchanges);
        for secret in [&code, &token, &password, &cookie] {
            prop_assert!(!text.contains(secret.as_str()) && !undone(&text).contains(secret.as_str()), "{secret:?} survives in {text}");
        }
        prop_assert!(!text.contains(&BASE64.encode(code.as_bytes())[..code.len()]), "base64 of {code:?} survives in {text}");
    }

    /// Nothing makes it panic, and what holds no secret is not touched.
    #[test]
    fn takes_any_text(request in "\\PC{0,200}", response in ".{0,200}") {
        let raw = Exchange { request, response, ..Exchange::default() };
        let _ = masked(&Mask::default(), &[raw]);
        prop_assert_eq!(sentence(&Mask::default(), "plain %41 &amp; text"), "plain %41 &amp; text");
    }
}

/// Values that read like words are masked only where they stand as a value, which is tested on its own.
fn wordy(value: &str) -> bool {
    learn::wordish(value) || value.trim() != value || value.starts_with('=')
}

fn html_escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
