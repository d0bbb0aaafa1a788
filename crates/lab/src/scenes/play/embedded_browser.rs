//! The sign-in inside the app.

use anyhow::{Context, Result, ensure};

use crate::scenes::act::{Act, held, read, refused};
use crate::scenes::record::Party::{Attacker, Browser, Mailbox, Server};
use crate::scenes::{Defence, Ending, Loot, Scene};

pub(super) const SCENE: Scene = Scene {
    id: "embedded-browser",
    title: "The browser inside the app",
    what: "A malicious app shows the sign-in in a web view of its own. It reads the password while Ada types, and presses \
           “allow” itself: she never sees what she is said to have agreed to.",
    why: "A web view belongs to the app that shows it. The server turns away those that say what they are; this one calls \
          itself a browser, and every parameter is right: PKCE and state protect an app from others, not a person from the app.",
    stop: "Sign in only in the system's browser. It belongs to nobody's app: the password goes to the server and nowhere else, \
           and only the person in front of it can press “allow”.",
    off: "Ada signs in inside the app",
    on: "Ada signs in in the system's browser",
    cast: &[(Browser, "Ada"), (Attacker, "Malicious app"), (Server, "Server"), (Mailbox, "Mailbox")],
    weakness: &[],
    section: "RFC 8252 section 8.12",
    play: |act| Box::pin(play(act)),
};

async fn play(act: &Act) -> Result<Ending> {
    let client_id = act.native_client().await?;
    let app = act.malicious(&client_id, None).await?;
    match act.defence {
        Defence::Off => inside(act, &app).await,
        Defence::On => outside(act, &app).await,
    }
}

type App = std::sync::Arc<crate::malicious::Malicious>;

async fn inside(act: &Act, app: &App) -> Result<Ending> {
    act.say("The app shows a sign-in page in a window of its own. It uses the identifier of a well-known mail app.");
    let ada = &act.house.ada;
    let mut screen = act.browser(Browser);
    let page = screen.open(&format!("{}/embedded", app.origin())).await?;
    act.say("Ada types her password. The app reads it, and only then gives it to the server.");
    let form = page.form("/embedded")?.fill("username", &ada.username).fill("password", ada.password.expose());
    let door = act.house.door.lock().await;
    let end = screen.send(&page, form).await?;
    drop(door);
    act.went_well(&end, "the app could not connect")?;
    let password = app.caught("password").context("no password was typed")?;
    ensure!(password.value == *ada.password.expose(), "another password was caught");
    act.say("Now the app reads the mail. It could do so without the token, too: it has the password.");
    let token = app.caught("access_token").context("no token came")?;
    let mails = app.read_mails(&token.value).await?.unwrap_or_default();
    let loot = vec![
        Loot {
            what: "Ada's password".to_owned(),
            shown: "••••••".to_owned(),
            proof: "read in the web view, before the server had it".to_owned(),
        },
        held("an access token", &token.value, "for a consent that Ada never saw"),
    ];
    Ok(read(&mails, "with the access token, from the mailbox", loot))
}

async fn outside(act: &Act, app: &App) -> Result<Ending> {
    act.say("Ada does not sign in inside apps. So the app has to open the system's browser.");
    let mut screen = act.browser(Browser);
    let page = screen.open(&app.app().authorization_url(&app.app().verifier())).await?;
    let consent = act.sign_in(&mut screen, &page, &act.house.ada).await?;
    let form = consent.form("/consent")?;
    act.say(
        "The consent page is in Ada's browser. The app tries to press “allow” all the same, with a request of its own.",
    );
    let mut own = act.browser(Attacker);
    let request = form.fields.iter().find(|(name, _)| name == "request").map(|(_, value)| value.clone());
    // Even if it could look over her shoulder and knew which request waits.
    let press = [("request", request.as_deref().unwrap_or_default()), ("csrf", "guessed"), ("decision", "allow")];
    let pressed = own.post(&format!("{}/consent", act.house.issuer), &press).await?;
    let why = pressed.problem();
    act.say("Ada reads who asks, for what, and where the answer goes. She did not ask for this.");
    screen.send(&consent, form.fill("decision", "deny")).await?;
    let error = app.caught("error").map(|catch| catch.value);
    if let Some(code) = app.caught("code") {
        return Ok(Ending {
            attacker_won: true,
            verdict: "The app got a code.".to_owned(),
            loot: vec![held("a code", &code.value, "from the redirect")],
        });
    }
    ensure!(app.caught("password").is_none(), "the app has the password");
    let (why, error) = (why.context("the app could press “allow”")?, error.context("no answer reached the app")?);
    Ok(refused(
        format!(
            "The server refused the app's own “allow” (“{why}”), and Ada's “deny” left it with {error}. The password never came near it."
        ),
        Vec::new(),
    ))
}
