use super::device::{approve, bits, start};
use crate::cx::Cx;
use crate::flow::token::Auth;
use crate::verdict::{Stop, Verdict};

pub(super) async fn other_client(cx: &Cx) -> Result<Verdict, Stop> {
    let device = cx.client("device")?;
    let control = start(cx, &device).await?;
    approve(cx, &mut cx.fresh_person(), &control).await?;
    control.poll_politely(cx).await?.expect("access_token")?;
    let started = start(cx, &device).await?;
    approve(cx, &mut cx.fresh_person(), &started).await?;
    for role in ["web", "device-confidential"] {
        let Ok(thief) = cx.client(role) else { continue };
        if started.poll(cx).as_client(&thief).send(cx).await?.has_tokens() {
            return Ok(Verdict::vulnerable(format!("the client {role} got the tokens of another client's device")));
        }
    }
    if started.poll(cx).auth(Auth::Nothing).send(cx).await?.has_tokens() {
        return Ok(Verdict::vulnerable("somebody who named no client got the tokens of a device"));
    }
    Ok(Verdict::resisted("other clients, and somebody without any, got nothing for the device's code"))
}

pub(super) async fn twice(cx: &Cx) -> Result<Verdict, Stop> {
    let started = start(cx, &cx.client("device")?).await?;
    approve(cx, &mut cx.fresh_person(), &started).await?;
    started.poll_politely(cx).await?.expect("access_token")?;
    let again = started.poll_politely(cx).await?;
    if again.has_tokens() {
        return Ok(Verdict::vulnerable("one approval of a device brought tokens twice"));
    }
    Ok(Verdict::resisted(format!("the second time the code came to {}", again.outcome())))
}

pub(super) async fn guessing(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("device")?;
    let mut codes = Vec::new();
    for _ in 0..10 {
        codes.push(start(cx, &client).await?.device_code);
    }
    let bits = bits(&codes);
    if bits < 128.0 {
        return Ok(Verdict::vulnerable(format!(
            "ten device codes have {bits:.0} random bits at most, and 128 are wanted"
        )));
    }
    let started = start(cx, &client).await?;
    let mut slowed = false;
    for _ in 0..10 {
        let answer = started.poll(cx).send(cx).await?;
        match answer.outcome().as_str() {
            "error:slow_down" | "trouble" => slowed = true,
            "error:authorization_pending" => {}
            other => return Err(Stop::inconclusive(format!("polling before anybody approved came to {other}"))),
        }
    }
    Ok(Verdict::resisted(if slowed {
        format!("device codes have up to {bits:.0} random bits, and polling too fast is slowed down")
    } else {
        format!(
            "device codes have up to {bits:.0} random bits, so that polling guesses none, though it is not slowed down"
        )
    }))
}
