//! A command-line program that signs a person in through the system browser and a loopback redirect.
//!
//! ```text
//! cargo run -p safeconduct-client --features hyper,https,loopback,system --example native -- \
//!     http://127.0.0.1:8080 my-client-id [scope] [resource]
//! ```

use std::{env, error::Error, time::Duration};

use client::{Client, ClientIdentity, HyperTransport, LoopbackListener, Surroundings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: native ISSUER CLIENT_ID [SCOPE] [RESOURCE]";
    let issuer = arguments.next().ok_or(usage)?;
    let client_id = arguments.next().ok_or(usage)?;
    let scope = arguments.next().unwrap_or_else(|| "openid".to_owned());
    let resource = arguments.next();

    // Any server of the web needs TLS; one on this machine may do without.
    let transport = match std::fs::read("/etc/ssl/certs/ca-certificates.crt") {
        Ok(pem) => HyperTransport::with_root_pem(&pem)?,
        Err(_) => HyperTransport::loopback_only(),
    };
    // A native client has no secret: there is no parameter for one.
    let identity = ClientIdentity::native(client_id);
    let client = Client::discover(&issuer, identity, transport, Surroundings::system()).await?;

    // Register `http://127.0.0.1/callback`; the server allows any port there.
    let listener = LoopbackListener::bind("/callback").await?;
    let mut start = client.authorization(listener.redirect_uri()).scope(&scope);
    if let Some(resource) = &resource {
        start = start.resource(resource);
    }
    let (url, pending) = client.begin(start)?;
    println!("Open this address in your browser:\n\n{url}\n");

    let (pending, query) = listener.wait(pending, Duration::from_secs(300)).await?;
    let tokens = client.finish(pending, &query).await?;

    println!("granted scope: {}", tokens.scope().join(" "));
    if let Some(identity) = tokens.identity() {
        println!("signed in as: {} at {}", identity.subject(), identity.issuer());
    }
    if let Some(token) = tokens.refresh() {
        // A real app puts the refresh token into the platform's key store. This one is done, so it gives the grant back.
        client.revoke(token).await?;
        println!("revoked");
    }
    Ok(())
}
