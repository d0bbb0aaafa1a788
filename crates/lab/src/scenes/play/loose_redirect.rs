//! A redirect address that is only almost the registered one.

use anyhow::{Context, Result};

use crate::public_client::Redeemed;
use crate::scenes::act::{Act, held, read, refused};
use crate::scenes::record::Party::{Attacker, Browser, Mailbox, Server};
use crate::scenes::{Ending, Scene};

pub(super) const SCENE: Scene = Scene {
    id: "loose-redirect",
    title: "Almost the right address",
    what: "The attacker sends Ada a link to the real server, in the name of her own app. Only the redirect address in it is \
           another: it begins like the registered one and ends at his site. She signs in, allows, and the code goes to him.",
    why: "The server compares redirect addresses by their beginning, or by a pattern. Since the attacker made the request, even \
          the PKCE verifier is his.",
    stop: "The server compares the whole address, letter by letter, before anything else. One that is not registered gets a \
           page of the server's own, and no redirect.",
    off: "Redirect compared by its beginning",
    on: "Redirect compared exactly",
    cast: &[(Browser, "Ada's browser"), (Server, "Server"), (Mailbox, "Mailbox"), (Attacker, "Attacker")],
    weakness: &["redirect-uri-pattern-match"],
    section: "RFC 9700 sections 2.1 and 4.1",
    play: |act| Box::pin(play(act)),
};

async fn play(act: &Act) -> Result<Ending> {
    let client_id = act.native_client().await?;
    let mallory = act.malicious(&client_id, None).await?;
    let verifier = mallory.app().verifier();
    // Registered is http://127.0.0.1/callback; this is another path.
    let redirect_uri = format!("{}/callback-of-the-attacker", mallory.origin());
    mallory.bait(&mallory.app().authorization_url_to(&redirect_uri, &verifier));
    act.say("Ada opens a page of the attacker's. It leads to the real server, in the name of an app that she knows.");
    let mut ada = act.browser(Browser);
    let page = ada.open(&format!("{}/offer", mallory.origin())).await?;
    if let Some(why) = page.problem() {
        return Ok(refused(
            format!("The server refused the request with a page of its own: “{why}”. Nothing was sent anywhere."),
            Vec::new(),
        ));
    }
    act.decide(&mut ada, page, &act.house.ada, "allow").await?;
    let code = mallory.caught("code").context("no code came to the attacker")?;
    let loot = vec![held("Ada's code", &code.value, "the server sent it to the attacker's address")];
    act.say("The attacker redeems it, with the verifier of the request that he made.");
    let token = match mallory.redeem(&code.value, &redirect_uri, Some(&verifier)).await? {
        Redeemed::Tokens { access, .. } => access,
        Redeemed::Refused(why) => return Ok(refused(format!("The server refused the code: {why}."), loot)),
    };
    let mails = mallory.read_mails(&token).await?.unwrap_or_default();
    let mut loot = loot;
    loot.push(held("an access token", &token, "from the token endpoint"));
    Ok(read(&mails, "with that token, from the mailbox", loot))
}
