//! Failures made in the name of others.

use std::time::Duration;

use crate::case;
use crate::case::Case;
use crate::cases::honest::{is_let_in, lets_in};
use crate::cx::{Cx, random};
use crate::flow::person::{Intent, Person};
use crate::flow::token::Auth;
use crate::target::User;
use crate::verdict::{Stop, Verdict};

/// Wrong tries at most; the first 429 ends them.
const TRIES: usize = 50;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("dos-lockout-abuse", "sign-in", "A stranger fails to sign in as somebody, who then signs in",
            needs: ["second-user", "web"], features: [], phase: Noisy,
            sections: ["RFC 6819 section 5.1.4.2.3"], run: sign_in),
        case!("dos-lockout-abuse", "client", "A stranger fails to authenticate as a client, which then authenticates",
            needs: ["other"], features: [], phase: Noisy, sections: ["RFC 6819 section 5.1.4.2.3"], run: client),
    ]
}

/// What a person waits at most for a challenge of a few seconds to pass.
const PATIENCE: Duration = Duration::from_secs(20);

async fn sign_in(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let name = cx.second_person()?.user.map(|user| user.username).unwrap_or_default();
    let control = cx.walk(&mut cx.second_person()?, &cx.request(&web)?, Intent::Allow).await?;
    control.code()?;
    let attacker = cx.elsewhere();
    let mut tries = 0;
    for _ in 0..TRIES {
        let user = User { username: name.clone(), password: random() };
        let mut stranger = Person { user: Some(user), ..cx.stranger() };
        let landing = attacker.walk(&mut stranger, &cx.request(&web)?, Intent::Allow).await?;
        if landing.param("code").is_some() {
            return Err(Stop::inconclusive("a wrong password was taken, so nobody was locked out"));
        }
        tries += 1;
        if landing.answer().status == 429 {
            break;
        }
    }
    let owner = cx.elsewhere();
    let mut landing = owner.walk(&mut cx.second_person()?, &cx.request(&web)?, Intent::Allow).await?;
    if landing.code().is_err() {
        // A delay that ends by itself is no lock.
        tokio::time::sleep(PATIENCE).await;
        landing = owner.walk(&mut cx.second_person()?, &cx.request(&web)?, Intent::Allow).await?;
    }
    Ok(match landing.code() {
        Ok(_) => Verdict::resisted(format!("after {tries} wrong tries of a stranger the person signed in")),
        Err(_) => Verdict::vulnerable(format!(
            "{tries} wrong passwords of a stranger lock the person out: {}",
            landing.describe()
        )),
    })
}

async fn client(cx: &Cx) -> Result<Verdict, Stop> {
    let other = cx.client("other")?;
    let control = is_let_in(cx, &other).await?;
    let attacker = cx.elsewhere();
    let mut tries = 0;
    for _ in 0..TRIES {
        let guess = cx
            .token(&other, "authorization_code")
            .set("code", "x")
            .auth(Auth::Basic(other.client_id.clone(), random()));
        tries += 1;
        if guess.send_once(&attacker).await?.answer.status == 429 {
            break;
        }
    }
    if !cx.has_other_sources() {
        return Err(Stop::inconclusive(
            "from one address a delay of the source cannot be told from a lock of the client",
        ));
    }
    let after = lets_in(&cx.elsewhere(), &other).await?;
    Ok(if after == control {
        Verdict::resisted(format!("after {tries} wrong secrets of a stranger the client got in from elsewhere"))
    } else {
        Verdict::vulnerable(format!("{tries} wrong secrets of a stranger keep the client itself out ({after})"))
    })
}
