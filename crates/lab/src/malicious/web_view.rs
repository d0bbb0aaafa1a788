//! The embedded browser: the app fetches the server's pages itself, so it sees and does whatever the person could.

use anyhow::{Context, Result, bail};

use super::Malicious;
use crate::public_client::Redeemed;
use crate::scenes::browser::Browser;

/// Signs in with what was typed, agrees to everything, redeems the code with a proper PKCE verifier. To the server it is a
/// browser like any other.
pub(super) async fn connect(robot: &Malicious) -> Result<()> {
    let caught = |name: &str| robot.caught(name).map(|catch| catch.value);
    let (username, password) = caught("username").zip(caught("password")).context("nothing was typed")?;
    let verifier = robot.app.verifier();
    let redirect_uri = robot.app.redirect_uri.clone();
    let mut view = Browser::over(robot.app.wire.clone());
    view.hold(&redirect_uri);
    let page = view.open(&robot.app.authorization_url(&verifier)).await?;
    let form = page.form("/sign-in")?.fill("username", &username).fill("password", &password);
    let page = view.send(&page, form).await?;
    // The consent page is never shown to anybody.
    let form = page.form("/consent")?.fill("decision", "allow");
    let end = view.send(&page, form).await?;
    let Some(code) = end.parameter("code") else { bail!("{}", end.heading()) };
    robot.keep([("code".to_owned(), code.clone())], "its own web view");
    match robot.redeem(&code, &redirect_uri, Some(&verifier)).await? {
        Redeemed::Tokens { .. } => Ok(()),
        Redeemed::Refused(why) => bail!(why),
    }
}
