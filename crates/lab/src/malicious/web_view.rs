//! The embedded browser: the app fetches the server's pages itself, so it sees and does whatever the person could.

use anyhow::{Context, Result, bail};
use data_encoding::BASE64URL_NOPAD;

use super::{Malicious, Redeemed};
use crate::scenes::browser::Browser;

/// Signs in with what was typed, agrees to everything, redeems the code with a proper PKCE verifier. To the server it is a
/// browser like any other.
pub(super) async fn connect(robot: &Malicious) -> Result<()> {
    let caught = |name: &str| robot.caught(name).map(|catch| catch.value);
    let (username, password) = caught("username").zip(caught("password")).context("nothing was typed")?;
    let verifier = BASE64URL_NOPAD.encode(&robot.config.surroundings.draw::<32>());
    let redirect_uri = robot.config.redirect_uri.clone();
    let mut view = Browser::over(robot.wire.clone());
    view.hold(&redirect_uri);
    let page = view.open(&robot.authorization_url(&verifier)).await?;
    let form = page.form("/sign-in")?.fill("username", &username).fill("password", &password);
    let page = view.send(&page, form).await?;
    // The consent page is never shown to anybody.
    let form = page.form("/consent")?.fill("decision", "allow");
    let end = view.send(&page, form).await?;
    let Some(code) = end.parameter("code") else { bail!("{}", end.heading()) };
    robot.keep([("code".to_owned(), code.clone())], "its own web view");
    match robot.redeem(&code, &redirect_uri, Some(&verifier)).await? {
        Redeemed::Token(_) => Ok(()),
        Redeemed::Refused(why) => bail!(why),
    }
}

impl Malicious {
    /// A flawless authorization request, PKCE included, in the name of the other app.
    pub fn authorization_url(&self, verifier: &str) -> String {
        let challenge = BASE64URL_NOPAD.encode(&jose::sha256(verifier.as_bytes()));
        let state = BASE64URL_NOPAD.encode(&self.config.surroundings.draw::<16>());
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", &self.config.redirect_uri)
            .append_pair("scope", "openid mail:read mail:send")
            .append_pair("state", &state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        format!("{}/authorize?{query}", self.config.issuer)
    }
}
