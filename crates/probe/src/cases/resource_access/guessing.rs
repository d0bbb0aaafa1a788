//! Access tokens invented, and what twenty genuine ones give away about the next.

use std::collections::BTreeSet;

use crate::case;
use crate::case::Case;
use crate::cases::honest::{jwks, open_doors, usual_tokens};
use crate::cx::{Cx, random};
use crate::forge::bent::Bent;
use crate::forge::{VerifyError, decode, verify};
use crate::verdict::{Stop, Verdict};

/// Tokens that are collected.
const SAMPLE: usize = 20;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("access-token-guessing", "pattern", "Twenty tokens, and what they have in common",
            needs: ["machine"], features: ["client-credentials"], phase: Normal,
            sections: ["RFC 6749 section 10.10", "RFC 9068 section 4"], run: pattern),
        case!("access-token-guessing", "invented", "Fifty invented access tokens",
            needs: ["user", "web"], features: [], phase: Noisy,
            sections: ["RFC 6749 section 10.10"], run: invented),
    ]
}

async fn pattern(cx: &Cx) -> Result<Verdict, Stop> {
    let machine = cx.client("machine")?;
    let mut tokens = Vec::new();
    for _ in 0..SAMPLE {
        tokens.push(cx.client_credentials(&machine).send(cx).await?.expect("access_token")?.to_owned());
    }
    if tokens.iter().collect::<BTreeSet<_>>().len() < 2 {
        return Err(Stop::inconclusive(
            "the server gave one and the same token twenty times: there is no pattern to see",
        ));
    }
    if decode(&tokens[0]).is_none() {
        let bits = varying_bits(&tokens);
        return Ok(if bits < 128 {
            Verdict::vulnerable(format!("twenty tokens differ in at most {bits} bits: the next one can be found"))
        } else {
            Verdict::resisted(format!("twenty tokens differ in {bits} bits"))
        });
    }
    let jwks = jwks(cx).await?;
    for token in &tokens {
        match verify(token, &jwks) {
            Ok(_) => {}
            Err(VerifyError::Signature) => {
                return Ok(Verdict::vulnerable("an access token is not signed by the published key that it names"));
            }
            Err(VerifyError::Algorithm(alg)) if alg.is_empty() || alg.eq_ignore_ascii_case("none") => {
                return Ok(Verdict::vulnerable("access tokens are not signed at all"));
            }
            Err(why) => return Err(Stop::inconclusive(format!("an access token cannot be verified: {why}"))),
        }
    }
    Ok(Verdict::resisted("twenty access tokens are signed by published asymmetric keys"))
}

/// Bits in which the tokens can differ: the positions that vary, each by the alphabet of the whole.
fn varying_bits(tokens: &[String]) -> usize {
    let shortest = tokens.iter().map(String::len).min().unwrap_or_default();
    let varying =
        |position: usize| tokens.iter().map(|token| token.as_bytes()[position]).collect::<BTreeSet<_>>().len();
    // A place that takes two or three values in twenty tokens is the end of a counter or a clock, not chance.
    let free: String = (0..shortest)
        .filter(|position| varying(*position) > 3)
        .map(|position| char::from(tokens[0].as_bytes()[position]))
        .collect();
    let hex = tokens.iter().all(|token| token.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'));
    let digits = tokens.iter().all(|token| token.bytes().all(|byte| byte.is_ascii_digit()));
    free.len()
        * if digits {
            3
        } else if hex {
            4
        } else {
            6
        }
}

async fn invented(cx: &Cx) -> Result<Verdict, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let genuine = tokens.expect("access_token")?;
    let doors = open_doors(cx, genuine).await?;
    // Of the genuine token's shape: the same with its last part made up, and pure chance.
    let head = genuine.rsplit_once(['.', '-', '_']).map_or("", |(head, _)| head);
    let all: Vec<Bent> = (0..50)
        .map(|number| match number % 2 {
            0 => Bent::new("its end is made up", format!("{head}.{}", random())),
            _ => Bent::new("it is made up", random()),
        })
        .collect();
    let attacker = cx.elsewhere();
    for (number, bent) in all.iter().enumerate() {
        for door in &doors {
            match door.knock(&attacker, &bent.token).await?.status {
                200..300 => {
                    return Ok(Verdict::vulnerable(format!(
                        "{} took an access token with this flaw: {}",
                        door.name, bent.name
                    )));
                }
                429 => {
                    return Ok(Verdict::resisted(format!(
                        "{} slowed down after {number} invented tokens, all refused",
                        door.name
                    )));
                }
                _ => {}
            }
        }
    }
    Ok(Verdict::resisted("fifty invented tokens were refused"))
}

#[cfg(test)]
mod tests {
    use super::varying_bits;
    use crate::cx::random;

    #[test]
    fn counters_have_few_bits_and_chance_has_many() {
        let counted: Vec<String> = (100..120).map(|number| format!("token-{number:032}")).collect();
        assert!(varying_bits(&counted) < 16, "{}", varying_bits(&counted));
        let chance: Vec<String> = (0..20).map(|_| random()).collect();
        assert!(varying_bits(&chance) > 200);
    }
}
