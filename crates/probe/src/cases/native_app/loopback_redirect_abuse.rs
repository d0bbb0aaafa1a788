use url::Url;

use crate::cx::Cx;
use crate::flow::landing::Landing;
use crate::flow::person::Intent;
use crate::http::jar::is_loopback;
use crate::verdict::{Stop, Verdict};

/// Addresses that differ from the registered one in more than the port. `host` and `path` are the registered ones.
fn neighbours(host: &str, path: &str) -> Vec<(&'static str, String)> {
    let literal = host.trim_matches(['[', ']']);
    let mut all = vec![
        ("another path", format!("http://{host}:51004{path}/next")),
        ("a path that climbs", format!("http://{host}:51004{path}/../other")),
        ("a query", format!("http://{host}:51004{path}?next=https://attacker.example/")),
        ("an encoded path", format!("http://{host}:51004{path}%2f..%2fother")),
        ("scheme https", format!("https://{host}:51004{path}")),
        ("a user name", format!("http://attacker.example@{host}:51004{path}")),
        ("the host behind an @", format!("http://{host}:51004@attacker.example{path}")),
        ("a longer host", format!("http://{literal}.attacker.example:51004{path}")),
        ("0.0.0.0", format!("http://0.0.0.0:51004{path}")),
        ("127.0.0.2", format!("http://127.0.0.2:51004{path}")),
        ("a backslash", format!("http://{host}:51004\\@attacker.example{path}")),
        ("no number for a port", format!("http://{host}:attacker.example{path}")),
    ];
    for (what, other) in
        [("localhost", "localhost"), ("the decimal address", "2130706433"), ("a short address", "127.1")]
    {
        if other != host {
            all.push((what, format!("http://{other}:51004{path}")));
        }
    }
    all
}

/// Whether a code, or anything else, was sent anywhere. The landing's own URL is parsed, which would hide how it was written.
fn sent_to(landing: &Landing) -> Option<String> {
    match landing {
        Landing::Away { answer, url, params, .. } if params.get("code").is_some() => {
            Some(answer.header("location").map_or_else(|| url.to_string(), str::to_owned))
        }
        _ => None,
    }
}

pub(super) async fn neighbours_are_refused(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let registered = Url::parse(client.redirect_uri()?)
        .map_err(|_| Stop::inconclusive("the native client's redirect URI is no URL"))?;
    if registered.scheme() != "http" || !is_loopback(&registered) {
        return Err(Stop::inconclusive("the native client of the target file has no loopback redirect URI"));
    }
    let (host, path) = (registered.host_str().unwrap_or_default(), registered.path());
    let ask = async |uri: &str| {
        let request = cx.request(&client)?.set("redirect_uri", uri);
        cx.walk(&mut cx.person(), &request, Intent::Allow).await
    };
    ask(registered.as_str()).await?.code()?;
    let port = ask(&format!("http://{host}:51004{path}")).await?;
    let port_varies = sent_to(&port).is_some();
    for (what, uri) in neighbours(host, path) {
        let landing = ask(&uri).await?;
        if sent_to(&landing).is_some() {
            return Ok(Verdict::vulnerable(format!(
                "the server sent a native client's code to a loopback address with {what}"
            )));
        }
        if matches!(&landing, Landing::Away { registered: false, .. }) {
            return Ok(Verdict::vulnerable(format!(
                "the server redirected to an unregistered loopback address with {what}"
            )));
        }
    }
    Ok(Verdict::resisted(if port_varies {
        "only the port may vary; every other difference was refused"
    } else {
        "every other address was refused (another port too, which RFC 8252 section 7.3 would have taken)"
    }))
}

#[cfg(test)]
mod tests {
    use super::neighbours;

    #[test]
    fn no_neighbour_is_the_registered_address_with_another_port() {
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let all = neighbours(host, "/callback");
            assert!(all.iter().all(|(_, uri)| *uri != format!("http://{host}:51004/callback")));
            assert!(all.len() >= 14);
        }
    }
}
