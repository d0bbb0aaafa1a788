//! Starts the lab's pages on a free port and prints their address.

use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let socket = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
    let origin = format!("http://{}", socket.local_addr()?);
    let houses = lab::scenes::house::Houses::open().await?;
    let router = lab::show::router(lab::show::ShowConfig { origin: origin.clone(), houses, surroundings: lab::Surroundings::system() })?;
    println!("{origin}");
    Ok(axum::serve(socket, router).await?)
}
