//! Runs mailbox and robot beside an authorization server: `cast ISSUER CLIENT_ID MAILBOX_PORT ROBOT_PORT`, the secret in
//! the environment variable `ROBOT_SECRET`.

use std::{env, error::Error, net::Ipv4Addr};

use lab::{Secret, Surroundings, mailbox, robot};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [issuer, client_id, mailbox_port, robot_port] = arguments.as_slice() else {
        return Err("usage: cast ISSUER CLIENT_ID MAILBOX_PORT ROBOT_PORT".into());
    };
    let mailbox_socket = TcpListener::bind((Ipv4Addr::LOCALHOST, mailbox_port.parse()?)).await?;
    let robot_socket = TcpListener::bind((Ipv4Addr::LOCALHOST, robot_port.parse()?)).await?;
    let mailbox_url = format!("http://{}", mailbox_socket.local_addr()?);
    let origin = format!("http://{}", robot_socket.local_addr()?);
    let surroundings = Surroundings::system();
    let mailbox = mailbox::router(mailbox::MailboxConfig {
        origin: mailbox_url.clone(),
        issuer: issuer.clone(),
        check: mailbox::TokenCheck::Jwt { jwks_uri: format!("{issuer}/jwks") },
        surroundings: surroundings.clone(),
    })?;
    let robot = robot::router(robot::RobotConfig {
        origin: origin.clone(),
        issuer: issuer.clone(),
        client_id: client_id.clone(),
        client_secret: Secret::new(env::var("ROBOT_SECRET").unwrap_or_default()),
        mailbox_url,
        surroundings,
    })?;
    println!("robot at {origin}");
    tokio::try_join!(axum::serve(mailbox_socket, mailbox), axum::serve(robot_socket, robot))?;
    Ok(())
}
