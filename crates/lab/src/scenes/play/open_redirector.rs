//! A token that follows the browser through the app's own redirector.

use std::sync::Arc;

use anyhow::{Context, Result};

use crate::careless::{self, CarelessConfig};
use crate::malicious::Malicious;
use crate::scenes::act::{Act, held, read, refused};
use crate::scenes::browser::Page;
use crate::scenes::record::Party::{App, Attacker, Browser, Mailbox, Server};
use crate::scenes::{Defence, Ending, Scene};

pub(super) const SCENE: Scene = Scene {
    id: "open-redirector",
    title: "Sent on, with the token in tow",
    what: "The robot has a page that sends visitors on to any address. The attacker's link makes that page the redirect address, \
           and asks for a token in the fragment. The browser keeps a fragment across redirects: it arrives at the attacker's \
           page, where a script reads it.",
    why: "Three doors in a row: the server takes any address of the robot's, it puts tokens into addresses (the implicit grant), \
          and the robot sends its visitors wherever it is told.",
    stop: "Each door is shut: redirect addresses are compared exactly, there is no implicit grant and every redirect of the \
           server ends with an empty fragment, and the careful robot redirects to its own pages only.",
    off: "Any path, token in the fragment, open redirector",
    on: "Exact address, no implicit grant, no redirector",
    cast: &[
        (Browser, "Ada's browser"),
        (App, "Robot"),
        (Server, "Server"),
        (Mailbox, "Mailbox"),
        (Attacker, "Attacker"),
    ],
    weakness: &["redirect-uri-pattern-match", "implicit"],
    section: "RFC 9700 sections 2.1.2, 4.1.1 and 4.11",
    play: |act| Box::pin(play(act)),
};

async fn play(act: &Act) -> Result<Ending> {
    let spot = act.spot(App).await?;
    let robot = spot.origin.clone();
    let (client_id, router) = match act.defence {
        Defence::Off => {
            let (servers, mailbox_url) = (Vec::new(), act.house.mailbox.clone());
            let config = CarelessConfig { origin: robot.clone(), servers, mailbox_url, banner: None };
            (act.native_client().await?, careless::router(config, act.recorder.wire(App)))
        }
        Defence::On => {
            let client = act.web_client(&robot).await?;
            let client_id = client["client_id"].as_str().context("a client without an id")?.to_owned();
            (client_id, act.careful(&client, &act.house.issuer, &robot)?)
        }
    };
    act.serve(spot, router);
    let mallory = act.malicious(&client_id, None).await?;
    let host = mallory.origin().trim_start_matches("http://").to_owned();
    let steered = format!("{robot}/go?to={host}/catch");
    act.say("Ada opens a page of the attacker's. It leads to the real server, with the robot's redirector as the redirect address.");
    let mut ada = act.browser(Browser);
    let page = lure(act, &mallory, &mut ada, &client_id, &steered).await?;
    if let Some(first) = page.problem() {
        return shut(act, &mallory, &client_id, &robot, &steered, &first).await;
    }
    let landed = act.decide(&mut ada, page, &act.house.ada, "allow").await?;
    ada.run_script(&landed).await?;
    let token = mallory.caught("access_token").context("no token came to the attacker")?;
    act.say("The token is the attacker's. Nothing is left to redeem.");
    let mails = mallory.read_mails(&token.value).await?.unwrap_or_default();
    let loot = vec![held("Ada's access token", &token.value, token.by)];
    Ok(read(&mails, "with that token, from the mailbox", loot))
}

/// Has Ada follow a link that asks for a token at that address.
async fn lure(
    act: &Act,
    mallory: &Arc<Malicious>,
    ada: &mut crate::scenes::browser::Browser,
    client_id: &str,
    redirect_uri: &str,
) -> Result<Page> {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "token")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("scope", careless::SCOPE)
        .append_pair("resource", &act.house.mailbox)
        .append_pair("state", "of-the-attacker")
        .finish();
    mallory.bait(&format!("{}/authorize?{query}", act.house.issuer));
    ada.open(&format!("{}/offer", mallory.origin())).await
}

/// The first door is shut. The attacker tries the other two.
async fn shut(
    act: &Act,
    mallory: &Arc<Malicious>,
    client_id: &str,
    robot: &str,
    steered: &str,
    first: &str,
) -> Result<Ending> {
    act.say("Not through that address. The attacker asks for the token at the registered one.");
    let mut ada = act.browser(Browser);
    lure(act, mallory, &mut ada, client_id, &format!("{robot}/callback")).await?;
    let second = act.recorder.last_refusal_of_server();
    act.say("And does the robot send anybody on?");
    let mut own = act.browser(Attacker);
    let third = own.open(steered).await?.problem();
    if let Some(token) = mallory.caught("access_token") {
        let loot = vec![held("Ada's access token", &token.value, token.by)];
        return Ok(Ending { attacker_won: true, verdict: "The attacker got a token.".to_owned(), loot });
    }
    let second = second.context("the server answered a request for a token")?;
    let third = third.context("the robot sent the attacker on")?;
    Ok(refused(
        format!(
            "The server refused the address (“{first}”) and the implicit grant ({second}); the robot has no redirector (“{third}”)."
        ),
        Vec::new(),
    ))
}
