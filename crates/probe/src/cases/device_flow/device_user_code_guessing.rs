use std::time::Instant;

use super::device::{approve, bits, enter, open, request_of, start};
use crate::cx::Cx;
use crate::http::Answer;
use crate::person::Page;
use crate::verdict::{Stop, Verdict};

/// Wrong codes in a row before and after a right one.
const TRIES: u32 = 30;

/// User codes that are looked at to find their alphabet.
const CODES: u32 = 30;

/// Tries a second that an attacker is thought to manage where nothing stops him, however slow this run is.
const PACE: f64 = 100.0;

/// A code of the same shape that nobody has: letters and digits in other places.
fn wrong(right: &str, number: u32) -> String {
    let signs: Vec<char> = right.chars().filter(|sign| sign.is_alphanumeric()).collect();
    let mut place = number as usize;
    right
        .chars()
        .map(|sign| {
            if !sign.is_alphanumeric() || signs.is_empty() {
                return sign;
            }
            place = place.wrapping_mul(31).wrapping_add(7);
            signs[place % signs.len()]
        })
        .collect()
}

/// Whether the server has had enough.
fn is_limit(answer: &Answer) -> bool {
    matches!(answer.status, 403 | 423 | 429 | 503)
}

pub(super) async fn page(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("device")?;
    let mut codes = Vec::new();
    for _ in 0..CODES {
        codes.push(start(cx, &client).await?.user_code);
    }
    let bits = bits(&codes);
    let mut person = cx.fresh_person();
    let control = start(cx, &client).await?;
    approve(cx, &mut person, &control).await?;
    control.poll_politely(cx).await?.expect("access_token")?;
    let started = start(cx, &client).await?;
    let (mut usual, mut limit) = (None, None);
    for number in 1..=TRIES * 2 {
        if number == TRIES {
            // A success in between must not start the count afresh.
            let between = start(cx, &client).await?;
            approve(cx, &mut person, &between).await?;
        }
        let tried = Instant::now();
        let (at, answer) = open(cx, &mut person, &started.page).await?;
        let page = Page::read(&at, answer.status, &answer.text());
        if is_limit(&answer) {
            limit = Some(number);
            break;
        }
        let Some(form) = enter(&page, &wrong(&started.user_code, number)) else {
            limit = Some(number);
            break;
        };
        let answer = cx.browse(&mut person, request_of(form, &at)).await?;
        let took = tried.elapsed();
        let usual = *usual.get_or_insert(took);
        if is_limit(&answer) || took > usual * 4 + std::time::Duration::from_secs(1) {
            limit = Some(number);
            break;
        }
    }
    if let Some(number) = limit {
        return Ok(Verdict::resisted(format!(
            "the page stopped or slowed down after {number} wrong codes; codes have up to {bits:.0} bits"
        )));
    }
    let seconds = started.seconds.max(1) as f64;
    let chance = PACE * seconds / bits.exp2();
    if chance > 1e-6 {
        let why = format!(
            "{} wrong codes met no limit: at {PACE} tries a second for {seconds} s, codes of {bits:.0} bits are hit with chance {chance:.1e}",
            TRIES * 2
        );
        return Ok(Verdict::vulnerable(why));
    }
    Ok(Verdict::resisted(format!(
        "wrong codes met no limit, but with {bits:.0} bits a whole lifetime of tries hits one with chance {chance:.1e}"
    )))
}
