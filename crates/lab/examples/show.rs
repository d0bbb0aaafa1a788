//! Starts the lab's pages on a free port and prints their address.

use std::{error::Error, sync::Arc};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let socket = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
    let origin = format!("http://{}", socket.local_addr()?);
    let house = Arc::new(lab::scenes::house::House::open().await?);
    let router = lab::show::router(lab::show::ShowConfig { origin: origin.clone(), house, surroundings: lab::Surroundings::system() })?;
    println!("{origin}");
    Ok(axum::serve(socket, router).await?)
}
