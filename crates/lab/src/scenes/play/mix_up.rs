//! The client that forgets whom it asked.

use anyhow::{Context, Result};
use serde_json::json;

use crate::Secret;
use crate::careless::{self, CarelessConfig, KnownServer};
use crate::malicious::counterfeit::{self, CounterfeitConfig};
use crate::scenes::act::{Act, held, read, refused};
use crate::scenes::record::Party::{App, Attacker, Browser, Counterfeit, Mailbox, Server};
use crate::scenes::{Defence, Ending, Scene};

pub(super) const SCENE: Scene = Scene {
    id: "mix-up",
    title: "Two servers, mixed up",
    what: "The robot can connect to several servers, and one of them is the attacker's. Ada picks that one; it sends her browser \
           on to the honest server, in the robot's name there. The code comes back, and the robot takes it to the attacker's \
           token endpoint, because that is where it started.",
    why: "All answers arrive at one address, and the robot does not look at which server they are from.",
    stop: "Every answer of the server names its issuer (iss). The careful robot compares it with the one it asked, and redeems \
           nothing if they differ.",
    off: "iss ignored",
    on: "iss compared",
    cast: &[
        (Browser, "Ada's browser"),
        (App, "Robot"),
        (Server, "Honest server"),
        (Mailbox, "Mailbox"),
        (Counterfeit, "Attacker's server"),
        (Attacker, "Attacker"),
    ],
    weakness: &[],
    section: "RFC 9700 section 4.4 and RFC 9207",
    play: |act| Box::pin(play(act)),
};

async fn play(act: &Act) -> Result<Ending> {
    let spot = act.spot(App).await?;
    let robot = spot.origin.clone();
    let client = act.web_client(&robot).await?;
    let client_id = client["client_id"].as_str().context("no client")?.to_owned();
    let mallory = act.malicious(&client_id, Some(&format!("{robot}/callback"))).await?;
    let false_spot = act.spot(Counterfeit).await?;
    let false_issuer = false_spot.origin.clone();
    let config = CounterfeitConfig {
        issuer: false_issuer.clone(),
        honest_authorization_endpoint: format!("{}/authorize", act.house.issuer),
        honest_client_id: client_id,
    };
    act.serve(false_spot, counterfeit::router(config, mallory.clone()));
    let router = match act.defence {
        Defence::Off => {
            let other = KnownServer {
                name: "Other".to_owned(),
                authorization_endpoint: format!("{false_issuer}/authorize"),
                token_endpoint: format!("{false_issuer}/token"),
                client_id: "robot-at-the-other".to_owned(),
                client_secret: Some(Secret::new("the-robots-secret-at-the-other-server".to_owned())),
            };
            let (servers, mailbox_url) = (vec![act.known(&client), other], act.house.mailbox.clone());
            let wire = act.recorder.wire(App);
            careless::router(CarelessConfig { origin: robot.clone(), servers, mailbox_url, banner: None }, wire)
        }
        // What Ada picks is what this robot asks: the same address, the attacker's issuer.
        Defence::On => {
            let there =
                json!({ "client_id": "robot-at-the-other", "client_secret": "the-robots-secret-at-the-other-server" });
            act.careful(&there, &false_issuer, &robot)?
        }
    };
    act.serve(spot, router);

    act.say("Ada picks the attacker's server. It sends her browser on to the honest one.");
    let mut ada = act.browser(Browser);
    let home = ada.open(&format!("{robot}/")).await?;
    let form = home.form("/connect")?.fill("at", "Other");
    let page = ada.send(&home, form).await?;
    act.say("She signs in at the honest server: the address is right, the robot is known there.");
    let end = act.decide(&mut ada, page, &act.house.ada, "allow").await?;
    let why = end.problem();
    let Some(code) = mallory.caught("code") else {
        let why = why.context("the robot connected, and nobody knows where")?;
        return Ok(refused(format!("{} The code went no further.", why), Vec::new()));
    };
    act.say("The robot has brought the code to the attacker. He delivers it to the robot as an answer of the honest server.");
    let mut own = act.browser(Attacker);
    own.hold(&format!("{}/authorize", act.house.issuer));
    act.connect(&mut own, &robot).await?;
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("code", &code.value).finish();
    own.hold("");
    let inbox = own.open(&format!("{robot}/callback?{query}")).await?;
    let mut loot = vec![held("Ada's code", &code.value, code.by)];
    if let Some(secret) = mallory.caught("client_secret") {
        loot.push(held("the robot's secret at the attacker's server", &secret.value, secret.by));
    }
    let Some(token) = inbox.parameter("token") else {
        return Ok(refused(format!("The robot could not use the code: {}", inbox.heading()), loot));
    };
    let mails = mallory.read_mails(&token).await?.unwrap_or_default();
    loot.push(held("Ada's access token", &token, "the robot redeemed her code in his session"));
    Ok(read(&mails, "with that token, from the mailbox", loot))
}
