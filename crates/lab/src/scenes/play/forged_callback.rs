//! Cross-application request forgery.

use anyhow::{Context, Result};

use crate::scenes::act::{Act, held, refused};
use crate::scenes::record::Party::{App, Attacker, Browser, Mailbox, Server};
use crate::scenes::{Ending, Loot, Scene};

pub(super) const SCENE: Scene = Scene {
    id: "forged-callback",
    title: "A callback nobody asked for",
    what: "The attacker signs in with his own account, keeps the code, and gets Ada's browser to deliver it to the robot. \
           Ada's robot now works in the attacker's mailbox: what she sends through it, he reads. Between apps it is called \
           cross-application request forgery, on the web login CSRF.",
    why: "The robot redeems whatever code arrives. It does not ask whether this browser ever started a login.",
    stop: "The careful robot sends a random state, tied to the browser, with every request, and believes no answer without it. \
           PKCE stops the attack a second time: the planted code does not fit the robot's verifier.",
    off: "No state, no PKCE",
    on: "State and PKCE checked",
    cast: &[
        (Browser, "Ada's browser"),
        (App, "Robot"),
        (Server, "Server"),
        (Mailbox, "Mailbox"),
        (Attacker, "Attacker"),
    ],
    weakness: &[],
    section: "RFC 6749 section 10.12",
    play: |act| Box::pin(play(act)),
};

async fn play(act: &Act) -> Result<Ending> {
    let subject = format!("My tax papers, folder {}", act.number);
    let robot = act.robot(None).await?;
    let callback = format!("{robot}/callback");
    let mallory = act.malicious("mail-robot", Some(&callback)).await?;
    act.say("The attacker connects the robot to his own account, and stops before the answer is delivered.");
    let mut own = act.browser(Attacker);
    own.hold(&callback);
    let page = act.connect(&mut own, &robot).await?;
    let stopped = act.decide(&mut own, page, &act.house.mallory, "allow").await?;
    let code = stopped.parameter("code").context("the attacker got no code of his own")?;
    act.say("He puts the answer into a page. Ada opens it.");
    mallory.bait(stopped.url.as_str());
    let mut ada = act.browser(Browser);
    let end = ada.open(&format!("{}/offer", mallory.origin())).await?;
    let planted = held("a code of his own", &code, "from his own sign-in");
    if let Some(why) = end.problem() {
        return Ok(refused(format!("The robot refused the callback: “{why}”. It redeemed nothing."), vec![planted]));
    }
    act.say("To Ada it looks like her mail robot. She sends something through it.");
    let form = end.form("/send")?.fill("to", "ada@mail.example").fill("subject", &subject).fill("text", "As promised.");
    let sent = ada.send(&end, form).await?;
    act.went_well(&sent, "the mail was not sent")?;
    act.say("The attacker opens his own mailbox, by the robot as everybody does.");
    let mut again = act.browser(Attacker);
    let page = act.connect(&mut again, &robot).await?;
    let page = act.sign_in(&mut again, &page, &act.house.mallory).await?;
    let inbox = match page.form("/consent") {
        Ok(form) => again.send(&page, form.fill("decision", "allow")).await?,
        // He has allowed this robot before.
        Err(_) => page,
    };
    let has_it = inbox.body.contains(&subject);
    let proof = "Ada sent it through her robot, and it lay in the attacker's mailbox";
    let loot =
        vec![planted, Loot { what: "Ada's letter".to_owned(), shown: format!("“{subject}”"), proof: proof.to_owned() }];
    let verdict = format!("Ada's robot is tied to the attacker's account. He read what she sent: “{subject}”.");
    Ok(if has_it {
        Ending { attacker_won: true, verdict, loot }
    } else {
        refused("The letter did not reach the attacker.", Vec::new())
    })
}
