//! The same code twice.

use anyhow::{Context, Result, bail};

use crate::public_client::Redeemed;
use crate::scenes::act::{Act, held, read, refused};
use crate::scenes::record::Party::{App, Attacker, Browser, Mailbox, Server};
use crate::scenes::{Ending, Scene};

pub(super) const SCENE: Scene = Scene {
    id: "code-replay",
    title: "A used code, used again",
    what: "Ada's app has redeemed its code and put the whole request, code and verifier, into a log. The attacker finds the log \
           and sends the request once more.",
    why: "The server remembers that the code is valid, and not that it was used.",
    stop: "A code works once: using it and marking it as used are one step. When it comes a second time somebody has a copy, so \
           the server refuses and ends everything that came of it.",
    off: "Codes can be redeemed again",
    on: "Once, and a replay ends the grant",
    cast: &[
        (Browser, "Ada's browser"),
        (App, "Mail app"),
        (Server, "Server"),
        (Mailbox, "Mailbox"),
        (Attacker, "Attacker"),
    ],
    weakness: &["code-replay"],
    section: "RFC 6749 section 4.1.2 and RFC 9700 section 2.1.1",
    play: |act| Box::pin(play(act)),
};

async fn play(act: &Act) -> Result<Ending> {
    let client_id = act.native_client().await?;
    let mallory = act.malicious(&client_id, None).await?;
    // The app does everything right but for its log.
    let app = act.native_app(&client_id).await?;
    let verifier = app.verifier();
    act.say("Ada connects her mail app. The app redeems the code, as it should.");
    let mut ada = act.browser(Browser);
    ada.hold(&app.redirect_uri);
    let page = ada.open(&app.authorization_url(&verifier)).await?;
    let stopped = act.decide(&mut ada, page, &act.house.ada, "allow").await?;
    let code = stopped.parameter("code").context("the app got no code")?;
    ada.hold("");
    ada.open(stopped.url.as_str()).await?;
    let Redeemed::Tokens { access: token, refresh } = app.redeem(&code, &app.redirect_uri, Some(&verifier)).await?
    else {
        bail!("the app could not redeem its own code");
    };
    app.read_mails(&token).await?.context("the app's own token does not work")?;
    let Redeemed::Tokens { refresh, .. } = app.refresh(&refresh).await? else {
        bail!("the app could not refresh its own tokens");
    };
    act.say("The attacker has found the log, and sends the same request again.");
    let copied = held("Ada's code, and its verifier", &code, "from the app's log");
    let stolen = match mallory.redeem(&code, &app.redirect_uri, Some(&verifier)).await? {
        Redeemed::Tokens { access, .. } => access,
        Redeemed::Refused(why) => {
            act.say("Is the grant still alive? The app asks for fresh tokens once more.");
            let rest = match app.refresh(&refresh).await? {
                Redeemed::Tokens { .. } => "What the app holds still works.",
                Redeemed::Refused(_) => "And it ended what had come of the code: the app must ask Ada again.",
            };
            return Ok(refused(format!("The server refused: {why}. {rest}"), vec![copied]));
        }
    };
    let mails = mallory.read_mails(&stolen).await?.unwrap_or_default();
    let loot = vec![copied, held("an access token of his own", &stolen, "for a code that was used up")];
    Ok(read(&mails, "with that token, from the mailbox", loot))
}
