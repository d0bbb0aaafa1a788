use crate::cx::Cx;
use crate::flow::call::Place;
use crate::flow::person::{Intent, Person};
use crate::flow::token::BackAnswer;
use crate::forge::decode;
use crate::target::User;
use crate::verdict::{Stop, Verdict};

/// Spellings that are other names also after case mapping (RFC 8265 section 3.3). Full-width letters are not among them: the
/// profile maps them, so a server that takes them for the same name is right.
fn spellings_of(name: &str) -> Vec<(&'static str, String)> {
    let accented = |mark: char| {
        let mut letters = name.chars();
        letters.next().map(|first| format!("{first}{mark}{}", letters.as_str())).unwrap_or_default()
    };
    let look_alike: String = name
        .chars()
        .map(|letter| match letter {
            'a' => '\u{430}',
            'e' => '\u{435}',
            'o' => '\u{43e}',
            'p' => '\u{440}',
            'c' => '\u{441}',
            'i' => '\u{456}',
            other => other,
        })
        .collect();
    let mut spellings = vec![
        ("with an accent", accented('\u{301}')),
        ("with an invisible space", accented('\u{200b}')),
        ("with a dot at the end", format!("{name}.")),
        ("with a wildcard", format!("{name}%")),
    ];
    if look_alike != name {
        spellings.push(("with Cyrillic letters", look_alike));
    }
    spellings
}

/// Whose account the tokens are for: the ID token's sub, else what userinfo says.
async fn account(cx: &Cx, tokens: &BackAnswer) -> Result<String, Stop> {
    if let Some(id_token) = tokens.member("id_token").and_then(decode) {
        return Ok(id_token.claims["sub"].to_string());
    }
    let answer =
        cx.call(&cx.endpoint("userinfo_endpoint")?, "GET", tokens.expect("access_token")?, Place::Header).await?;
    match &answer.json()["sub"] {
        serde_json::Value::Null => Err(Stop::inconclusive("neither an ID token nor userinfo says whose account it is")),
        sub => Ok(sub.to_string()),
    }
}

pub(super) async fn spellings(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let user = cx.user()?.clone();
    let request = cx.request(&client)?;
    let landing = cx.walk(&mut cx.fresh_person(), &request, Intent::Allow).await?;
    let own = account(cx, &cx.redeem(&request, landing.code()?).send(cx).await?).await?;
    let mut tried = Vec::new();
    for (how, username) in spellings_of(&user.username) {
        let mut person = Person { user: Some(User { username, password: user.password.clone() }), ..cx.fresh_person() };
        let request = cx.request(&client)?;
        let landing = cx.walk(&mut person, &request, Intent::Allow).await?;
        if landing.outcome() == "trouble" {
            return Err(Stop::inconclusive(format!("the name {how} came to {}", landing.describe())));
        }
        // Some servers take any name; what counts is whose account it is.
        if let Some(code) = landing.param("code")
            && account(cx, &cx.redeem(&request, code).send(cx).await?).await? == own
        {
            return Ok(Verdict::vulnerable(format!("the name {how} opened the same account")));
        }
        tried.push(how);
    }
    Ok(Verdict::resisted(format!("the name {} opened another account or none", tried.join(", "))))
}
