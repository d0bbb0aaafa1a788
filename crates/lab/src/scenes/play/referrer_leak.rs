//! The code in the Referer.

use anyhow::{Result, ensure};

use crate::scenes::act::{Act, held, read, refused};
use crate::scenes::record::Party::{App, Attacker, Browser, Mailbox, Server};
use crate::scenes::{Ending, Scene};

pub(super) const SCENE: Scene = Scene {
    id: "referrer-leak",
    title: "The address tells on",
    what: "The robot's callback page holds the code in its address and shows a picture from somebody else's site. The browser \
           tells that site where it comes from: the whole address, code included. The attacker delivers the code to the robot \
           before Ada's page gets round to it.",
    why: "The page with the code in its address has foreign content and allows the full referrer, and the robot redeems a code \
          in whichever browser it arrives.",
    stop: "The careful robot shows nothing at the callback: it checks, redeems, and answers with a redirect to a clean address. \
           Its pages load nothing foreign and send no referrer, and the code would fit no other session.",
    off: "Foreign picture on the callback page",
    on: "Redirect to a clean address",
    cast: &[
        (Browser, "Ada's browser"),
        (App, "Robot"),
        (Server, "Server"),
        (Mailbox, "Mailbox"),
        (Attacker, "Attacker"),
    ],
    weakness: &[],
    section: "RFC 9700 section 4.2",
    play: |act| Box::pin(play(act)),
};

async fn play(act: &Act) -> Result<Ending> {
    let mallory = act.malicious("mail-robot", None).await?;
    let robot = act.robot(Some(format!("{}/banner.svg", mallory.origin()))).await?;
    act.say("Ada connects the robot to her mailbox.");
    let mut ada = act.browser(Browser);
    // The page waits three seconds before it goes on: time enough for an attacker, and the lab does not wait.
    ada.hold(&format!("{robot}/finish"));
    let page = act.connect(&mut ada, &robot).await?;
    let landed = act.decide(&mut ada, page, &act.house.ada, "allow").await?;
    let Some(code) = mallory.caught("code") else {
        ensure!(landed.parameter("code").is_none(), "the code is in the address bar");
        act.went_well(&landed, "the robot did not connect")?;
        let place = landed.url.path();
        return Ok(refused(
            format!(
                "The attacker's site was told nothing: the robot redeemed the code at once and sent the browser on to {place}, an address without secrets."
            ),
            Vec::new(),
        ));
    };
    act.say(
        "The picture's owner has the code. He delivers it to the robot, in his own browser, before Ada's page does.",
    );
    let mut own = act.browser(Attacker);
    let form = [("code", code.value.as_str())];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    own.hold(&format!("{robot}/finish"));
    let page = own.open(&format!("{robot}/callback?{query}")).await?;
    own.hold("");
    let inbox = own.open(page.url.as_str()).await?;
    let loot = vec![held("Ada's code", &code.value, "in the Referer of a picture")];
    if let Some(why) = inbox.problem() {
        return Ok(refused(format!("The robot could not use the code: {why}"), loot));
    }
    let token = inbox.parameter("token").unwrap_or_default();
    let mails = mallory.read_mails(&token).await?.unwrap_or_default();
    let mut loot = loot;
    loot.push(held("Ada's access token", &token, "the robot put it into the attacker's address bar"));
    Ok(read(&mails, "with that token, from the mailbox", loot))
}
