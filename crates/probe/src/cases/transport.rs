//! What the wire is made of: plain http where nobody would look for it, and versions of TLS that can be broken.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use crate::case;
use crate::case::Case;
use crate::cases::jose::Signer;
use crate::cx::Cx;
use crate::exchange::Exchange;
use crate::http::jar::is_loopback;
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("eavesdrop-token-response", "plain-http", "The token endpoint over plain http",
            needs: [], features: [], phase: Normal, sections: ["RFC 6749 section 3.2"], run: tokens_in_clear),
        case!("eavesdrop-token-response", "old-tls", "The token endpoint by old versions of TLS and weak suites",
            needs: [], features: [], phase: Normal, sections: ["RFC 9325 section 3.1.1"], run: tokens_by_old_tls),
        case!("client-credentials-in-clear", "plain-http", "Every endpoint that takes credentials over plain http",
            needs: [], features: [], phase: Normal, sections: ["RFC 6749 section 2.3.1"], run: credentials_in_clear),
        case!("client-credentials-in-clear", "keys-offered", "Authentication by key, which sends nothing worth reading",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 9700 section 2.5"], run: keys_offered),
        case!("resource-eavesdropping", "plain-http", "The protected resource and userinfo over plain http",
            needs: [], features: [], phase: Normal, sections: ["RFC 6750 section 5.3"], run: resources_in_clear),
        case!("resource-eavesdropping", "old-tls", "The protected resource by old versions of TLS and weak suites",
            needs: [], features: [], phase: Normal, sections: ["RFC 9325 section 3.1.1"], run: resources_by_old_tls),
    ]
}

/// What is said where there is no TLS to look at.
const ON_LOOPBACK: &str =
    "the target is plain http on a loopback address: what it does in front of a network is not seen here";

/// The addresses of endpoints, with the second address that RFC 8705 section 5 allows for clients with certificates.
fn addresses(cx: &Cx, names: &[&'static str]) -> Vec<(&'static str, Url)> {
    let alias = |name: &str| cx.metadata("mtls_endpoint_aliases")[name].as_str().and_then(|url| Url::parse(url).ok());
    names
        .iter()
        .flat_map(|name| cx.find_endpoint(name).into_iter().chain(alias(name)).map(|url| (*name, url)))
        .collect()
}

fn resources(cx: &Cx) -> Vec<(&'static str, Url)> {
    let mut all = addresses(cx, &["userinfo_endpoint"]);
    all.extend(cx.resource().ok().map(|resource| ("protected resource", resource.url.clone())));
    all
}

async fn tokens_in_clear(cx: &Cx) -> Result<Verdict, Stop> {
    in_clear(cx, addresses(cx, &["token_endpoint", "device_authorization_endpoint"])).await
}

async fn credentials_in_clear(cx: &Cx) -> Result<Verdict, Stop> {
    let names =
        ["token_endpoint", "introspection_endpoint", "revocation_endpoint", "pushed_authorization_request_endpoint"];
    in_clear(cx, addresses(cx, &names)).await
}

async fn resources_in_clear(cx: &Cx) -> Result<Verdict, Stop> {
    in_clear(cx, resources(cx)).await
}

async fn tokens_by_old_tls(cx: &Cx) -> Result<Verdict, Stop> {
    by_old_tls(cx, addresses(cx, &["token_endpoint"])).await
}

async fn resources_by_old_tls(cx: &Cx) -> Result<Verdict, Stop> {
    by_old_tls(cx, resources(cx)).await
}

async fn keys_offered(cx: &Cx) -> Result<Verdict, Stop> {
    Signer::new(cx).await?;
    Ok(Verdict::resisted("a client authenticated by a signed assertion: it need not send a secret at all"))
}

async fn in_clear(cx: &Cx, addresses: Vec<(&'static str, Url)>) -> Result<Verdict, Stop> {
    if let Some((name, url)) = addresses.iter().find(|(_, url)| url.scheme() == "http" && !is_loopback(url)) {
        let host = url.host_str().unwrap_or_default();
        return Ok(Verdict::vulnerable(format!(
            "the {name} is at plain http, on {host}: whoever is on the way reads along"
        )));
    }
    let secure: Vec<_> = addresses.into_iter().filter(|(_, url)| url.scheme() == "https").collect();
    if secure.is_empty() {
        return Err(Stop::inconclusive(ON_LOOPBACK));
    }
    for (name, url) in &secure {
        // On the plain port when https has its own, else on the same one.
        for port in if url.port().is_none() { vec![80] } else { vec![url.port().unwrap_or(443)] } {
            if let Some(finding) = plainly(cx, url, port).await {
                return Ok(Verdict::vulnerable(format!("over plain http the {name} {finding}")));
            }
        }
    }
    Ok(Verdict::resisted("plain http was refused wherever https is spoken"))
}

/// What a request in clear came to, if that is a finding. It holds no secret: it only asks whether somebody listens.
async fn plainly(cx: &Cx, url: &Url, port: u16) -> Option<&'static str> {
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 29\r\nConnection: close\r\n\r\n\
         grant_type=client_credentials",
        url.path(),
        url.host_str().unwrap_or_default(),
    );
    let answer = String::from_utf8_lossy(&exchange(cx, url, port, "plain http", request.as_bytes()).await).into_owned();
    let status: u16 = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    match status {
        200..300 | 401 => Some("answers"),
        307 | 308 => Some("tells the client to send the same again elsewhere, when it is too late"),
        400 if answer.contains("\"error\"") => Some("reads the request and answers"),
        _ => None,
    }
}

async fn by_old_tls(cx: &Cx, addresses: Vec<(&'static str, Url)>) -> Result<Verdict, Stop> {
    let secure: Vec<_> = addresses.into_iter().filter(|(_, url)| url.scheme() == "https").collect();
    if secure.is_empty() {
        return Err(Stop::inconclusive(ON_LOOPBACK));
    }
    for (name, url) in &secure {
        // The control: by a modern version, with the certificate checked, an answer comes.
        cx.get("by a modern version", url).await?;
        let port = url.port_or_known_default().unwrap_or(443);
        for (words, version, suites) in OFFERS {
            let hello = client_hello(*version, suites, url.host_str().unwrap_or_default());
            if chose(&exchange(cx, url, port, words, &hello).await, *version) {
                return Ok(Verdict::vulnerable(format!("the {name} agrees to {words}")));
            }
        }
    }
    Ok(Verdict::resisted("only modern versions and suites of TLS are agreed to"))
}

/// What no server should agree to: words, version, suites.
const OFFERS: &[(&str, u16, &[u16])] = &[
    ("TLS 1.0", 0x0301, &[0xc013, 0xc014, 0xc009, 0xc00a, 0x002f, 0x0035, 0x000a, 0x0005]),
    ("TLS 1.1", 0x0302, &[0xc013, 0xc014, 0xc009, 0xc00a, 0x002f, 0x0035, 0x000a, 0x0005]),
    // No encryption, export, RC4, single and triple DES, no certificate.
    (
        "weak suites of TLS 1.2",
        0x0303,
        &[0x0001, 0x0002, 0x003b, 0x0003, 0x0008, 0x0004, 0x0005, 0xc011, 0x0009, 0x000a, 0xc012, 0x0034, 0x006c],
    ),
];

/// A ClientHello (RFC 5246 section 7.4.1.2) that offers this version at most.
fn client_hello(version: u16, suites: &[u16], host: &str) -> Vec<u8> {
    let sized = |bytes: &[u8]| [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat();
    let extension = |kind: u16, body: &[u8]| [&kind.to_be_bytes()[..], &sized(body)].concat();
    let name = sized(&[&[0], sized(host.as_bytes()).as_slice()].concat());
    let extensions = [
        extension(0x0000, &name),
        extension(0x000a, &sized(&[0x00, 0x17, 0x00, 0x18])), // P-256, P-384
        extension(0x000b, &[1, 0]),                           // uncompressed points
        extension(0x000d, &sized(&[0x04, 0x01, 0x04, 0x03, 0x02, 0x01, 0x02, 0x03])), // with SHA-256 and SHA-1
    ]
    .concat();
    let suites: Vec<u8> = suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    let mut random = [0; 32];
    // Only its presence counts here: nothing is agreed on in the end.
    let _ = aws_lc_rs::rand::fill(&mut random);
    let body = [&version.to_be_bytes()[..], &random, &[0], &sized(&suites), &[1, 0], &sized(&extensions)].concat();
    let length = (body.len() as u32).to_be_bytes();
    let handshake = [&[1], &length[1..], &body].concat();
    [&[22, 3, 1][..], &sized(&handshake)].concat()
}

/// Whether the answer is a ServerHello with that version: the server would go on.
fn chose(answer: &[u8], version: u16) -> bool {
    let hello = answer.first() == Some(&22) && answer.get(5) == Some(&2);
    hello && answer.get(9..11) == Some(&version.to_be_bytes()[..])
}

/// Sends bytes over bare TCP to the host of `url`, which is part of the target, and returns what comes first. Kept as
/// evidence. Nothing at all is an answer, too: nobody listens, or the connection is dropped.
async fn exchange(cx: &Cx, url: &Url, port: u16, what: &str, bytes: &[u8]) -> Vec<u8> {
    let began = Instant::now();
    let talk = async {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let mut stream = TcpStream::connect((host, port)).await?;
        stream.write_all(bytes).await?;
        let mut answer = vec![0; 4096];
        let mut filled = 0;
        while filled < answer.len() {
            match stream.read(&mut answer[filled..]).await? {
                0 => break,
                more => filled += more,
            }
            if answer[0] != b'H' {
                break;
            }
        }
        answer.truncate(filled);
        Ok::<_, std::io::Error>(answer)
    };
    let result =
        timeout(Duration::from_secs(5), talk).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (response, failure) = match &result {
        Ok(answer) => (shown(answer), None),
        Err(error) => (String::new(), Some(error.to_string())),
    };
    let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    cx.http.keep(Exchange { what: format!("{what}, port {port}"), request: shown(bytes), response, failure, millis });
    result.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{OFFERS, chose, client_hello};

    #[test]
    fn a_hello_is_framed_and_named() {
        for (_, version, suites) in OFFERS {
            let hello = client_hello(*version, suites, "as.example");
            assert_eq!(usize::from(u16::from_be_bytes([hello[3], hello[4]])), hello.len() - 5);
            assert_eq!(u32::from_be_bytes([0, hello[6], hello[7], hello[8]]) as usize, hello.len() - 9);
            assert!(hello.windows(10).any(|bytes| bytes == b"as.example"));
        }
    }

    #[test]
    fn only_a_server_hello_of_that_version_counts() {
        let hello = [22, 3, 1, 0, 50, 2, 0, 0, 46, 3, 1];
        assert!(chose(&hello, 0x0301));
        assert!(!chose(&hello, 0x0302));
        assert!(!chose(&[21, 3, 1, 0, 2, 2, 70], 0x0301), "an alert");
        assert!(!chose(b"HTTP/1.1 400 Bad Request", 0x0301));
        assert!(!chose(&[], 0x0301));
    }
}
