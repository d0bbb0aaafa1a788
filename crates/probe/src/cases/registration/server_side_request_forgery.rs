use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use super::register::{ordinary, send, with};
use crate::cx::{Cx, Role};
use crate::flow::person::Intent;
use crate::flow::proof::now;
use crate::forge::proofs::client_assertion;
use crate::forge::{KeyKind, SigningKey};
use crate::http::jar::is_loopback;
use crate::target::Client;
use crate::verdict::{Stop, Verdict};

/// Somebody who listens on an address of this machine that is not for the world, and counts who comes.
struct Trap {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Trap {
    /// On the loopback address.
    async fn set(cx: &Cx) -> Result<Self, Stop> {
        Self::at(cx, Ipv4Addr::LOCALHOST).await
    }

    /// On the private address of this machine, which is another place inside than the server's own.
    async fn set_on_private(cx: &Cx) -> Result<Option<Self>, Stop> {
        // Nothing is sent: the system only says from which address it would.
        let own = UdpSocket::bind("0.0.0.0:0")
            .and_then(|socket| socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr()));
        match own.map(|own| own.ip()) {
            Ok(IpAddr::V4(ip)) if ip.is_private() || ip.is_link_local() => Self::at(cx, ip).await.map(Some),
            _ => Ok(None),
        }
    }

    async fn at(cx: &Cx, ip: Ipv4Addr) -> Result<Self, Stop> {
        if !Url::parse(&cx.target().issuer).is_ok_and(|issuer| is_loopback(&issuer)) {
            return Err(Stop::inconclusive(
                "the target is not on this machine, so it cannot reach the address on which the probe listens",
            ));
        }
        let failed = |error: std::io::Error| Stop::inconclusive(format!("the probe cannot listen on {ip}: {error}"));
        let listener = TcpListener::bind((ip, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let hits = Arc::new(AtomicUsize::new(0));
        let counted = hits.clone();
        let task = tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Ok(Self { address, hits, task })
    }

    /// Every way to write the address that a careless filter lets pass.
    fn addresses(&self, path: &str) -> Vec<String> {
        let (IpAddr::V4(ip), port) = (self.address.ip(), self.address.port()) else { return Vec::new() };
        let mut hosts = vec![ip.to_string(), u32::from(ip).to_string(), format!("[::ffff:{ip}]")];
        if ip.is_loopback() {
            hosts.extend(["localhost", "127.1", "0.0.0.0"].map(str::to_owned));
        }
        let both = |host: String| [format!("https://{host}:{port}{path}"), format!("http://{host}:{port}{path}")];
        hosts.into_iter().flat_map(both).collect()
    }

    /// Whether somebody came, a fetch that happens after the answer included.
    async fn is_hit(&self) -> bool {
        for _ in 0..5 {
            if self.hits.load(Ordering::SeqCst) > 0 {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) async fn request_uri(cx: &Cx) -> Result<Verdict, Stop> {
    let trap = Trap::set(cx).await?;
    let client = cx.client("web")?;
    cx.walk(&mut cx.stranger(), &cx.request(&client)?, Intent::Anonymous).await?;
    for address in trap.addresses("/request.jwt") {
        let request = cx.request(&client)?.set("request_uri", &address);
        cx.walk(&mut cx.stranger(), &request, Intent::Anonymous).await?;
    }
    if trap.is_hit().await {
        return Ok(Verdict::vulnerable(
            "the server fetched a request object from an address inside that no client registered",
        ));
    }
    Ok(Verdict::resisted("the server opened none of the addresses"))
}

/// On the private address if this machine has one: a server on a loopback address may fetch from there (for development).
pub(super) async fn client_id(cx: &Cx) -> Result<Verdict, Stop> {
    let private = Trap::set_on_private(cx).await?;
    let decides = private.is_some();
    let trap = match private {
        Some(trap) => trap,
        None => Trap::set(cx).await?,
    };
    let client = cx.client("web")?;
    cx.walk(&mut cx.stranger(), &cx.request(&client)?, Intent::Anonymous).await?;
    for address in trap.addresses("/client.json") {
        let request = cx.request(&client)?.set("client_id", &address).set("redirect_uri", &address);
        cx.walk(&mut cx.stranger(), &request, Intent::Anonymous).await?;
    }
    if trap.is_hit().await {
        if !decides {
            let why = "the server fetched a client's metadata from its own loopback address, which it may; whether it goes to other \
                       addresses inside cannot be seen on a machine without a private address";
            return Err(Stop::inconclusive(why));
        }
        return Ok(Verdict::vulnerable("the server fetched a client's metadata from an address inside"));
    }
    Ok(Verdict::resisted("the server opened none of the addresses"))
}

pub(super) async fn registered_members(cx: &Cx) -> Result<Verdict, Stop> {
    let token = cx.target().operator.initial_access_token.clone();
    let made = send(cx, &ordinary(), token.as_deref()).await?;
    if !made.is_made() {
        return Err(Stop::NotApplicable(format!("registration is not open to the probe (status {})", made.status)));
    }
    for member in ["jwks_uri", "sector_identifier_uri", "logo_uri", "backchannel_logout_uri", "request_uris"] {
        let trap = Trap::set(cx).await?;
        for address in trap.addresses("/member") {
            let value = if member == "request_uris" { json!([address]) } else { json!(address) };
            let mut members = json!({ member: value });
            if member == "jwks_uri" {
                members["token_endpoint_auth_method"] = json!("private_key_jwt");
            }
            let made = send(cx, &with(members), token.as_deref()).await?;
            if member == "jwks_uri" && made.is_made() {
                use_key(cx, made.member("client_id")).await?;
            }
        }
        if trap.is_hit().await {
            return Ok(Verdict::vulnerable(format!(
                "the server opened an address inside that a stranger registered as {member}"
            )));
        }
    }
    Ok(Verdict::resisted("the server opened none of the addresses that were registered"))
}

/// Makes the server look for the client's keys.
async fn use_key(cx: &Cx, client_id: &str) -> Result<(), Stop> {
    let client =
        Role { role: "registered".into(), client: Client { client_id: client_id.to_owned(), ..Client::default() } };
    let key = SigningKey::generate(KeyKind::P256)?;
    let assertion = client_assertion(client_id, &cx.target().issuer, now()).sign(&key)?;
    cx.token(&client, "authorization_code")
        .set("code", "nothing")
        .set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        .set("client_assertion", assertion)
        .send(cx)
        .await?;
    Ok(())
}
