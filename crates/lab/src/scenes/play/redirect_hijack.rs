//! A second app on the redirect address.

use anyhow::{Context, Result};

use crate::Surroundings;
use crate::careless::KnownServer;
use crate::public_client::Redeemed;
use crate::scenes::act::{Act, held, read, refused};
use crate::scenes::record::Party::{App, Attacker, Browser, Mailbox, Server};
use crate::scenes::{Defence, Ending, Scene};
use client::{Client, ClientIdentity};

pub(super) const SCENE: Scene = Scene {
    id: "redirect-hijack",
    title: "The second app on the same address",
    what: "Ada's mail app waits for the answer at an address on her own machine. A malicious app has taken that address first: \
           the browser hands it the code. The same happens on a phone when two apps claim one custom scheme.",
    why: "Nothing proves whose a loopback port or a custom scheme is, and a public client has no secret: whoever has the code \
          can redeem it.",
    stop: "PKCE. The app keeps a secret verifier and sends only its hash with the request; the server gives no token for the \
           code without it. The malicious app still gets the code, and can do nothing with it.",
    off: "No PKCE",
    on: "PKCE demanded",
    cast: &[
        (App, "Mail app"),
        (Browser, "Ada's browser"),
        (Server, "Server"),
        (Mailbox, "Mailbox"),
        (Attacker, "Malicious app"),
    ],
    weakness: &["pkce-downgrade"],
    section: "RFC 7636 section 1 and RFC 8252 section 8.1",
    play: |act| Box::pin(play(act)),
};

async fn play(act: &Act) -> Result<Ending> {
    let client_id = act.native_client().await?;
    let thief = act.malicious(&client_id, None).await?;
    // The port is the malicious app's; the mail app has it in its settings and does not notice.
    let redirect_uri = format!("{}/callback", thief.origin());
    let url = match act.defence {
        Defence::Off => {
            let settings = KnownServer {
                name: "Mail".to_owned(),
                authorization_endpoint: format!("{}/authorize", act.house.issuer),
                token_endpoint: format!("{}/token", act.house.issuer),
                client_id,
                client_secret: None,
            };
            settings.authorization_url(&redirect_uri)
        }
        Defence::On => {
            let (identity, wire) = (ClientIdentity::native(client_id), act.recorder.wire(App));
            let client = Client::discover(&act.house.issuer, identity, wire, Surroundings::system()).await?;
            let start =
                client.authorization(redirect_uri.as_str()).scope("openid mail:read").resource(&act.house.mailbox);
            // The app waits for an answer to this, and waits in vain.
            let (url, _pending) = client.begin(start)?;
            url
        }
    };
    act.say("The mail app opens the system's browser. Ada signs in at the right server and allows her own app.");
    let mut ada = act.browser(Browser);
    let page = ada.open(&url).await?;
    act.decide(&mut ada, page, &act.house.ada, "allow").await?;
    let code = thief.caught("code").context("nothing arrived at the malicious app")?;
    let loot = vec![held("Ada's code", &code.value, code.by)];
    act.say("The malicious app has the answer. It redeems the code in the mail app's name.");
    let token = match thief.redeem(&code.value, &redirect_uri, None).await? {
        Redeemed::Tokens { access, .. } => access,
        Redeemed::Refused(why) => {
            return Ok(refused(format!("The malicious app got the code, and the server refused it: {why}."), loot));
        }
    };
    let mails = thief.read_mails(&token).await?.unwrap_or_default();
    let mut loot = loot;
    loot.push(held("an access token", &token, "the server took the code from whoever brought it"));
    Ok(read(&mails, "with that token, from the mailbox", loot))
}
