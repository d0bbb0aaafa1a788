//! Mailbox and robot, each on its own origin.

use anyhow::Result;
use axum::Router;
use lab::{Surroundings, mailbox, robot};
use server::clock::{Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Duration, timeout};

use super::place::{Home, Sockets};
use super::provision::Provided;

/// Requests that run when the demo stops may take so long to finish.
const GRACE: Duration = Duration::from_secs(2);

/// The two, serving.
pub struct Cast {
    stop: watch::Sender<bool>,
    serving: JoinSet<()>,
}

impl Cast {
    pub fn start(sockets: Sockets, home: &Home, provided: &Provided) -> Result<Cast> {
        let surroundings = surroundings();
        let mailbox = mailbox::router(mailbox::MailboxConfig {
            origin: home.mailbox_url(),
            issuer: home.issuer(),
            check: mailbox::TokenCheck::Jwt { jwks_uri: format!("{}/jwks", home.issuer()) },
            surroundings: surroundings.clone(),
        })?;
        let robot = robot::router(robot::RobotConfig {
            origin: home.robot_url(),
            issuer: home.issuer(),
            client_id: "mail-robot".to_owned(),
            client_secret: provided.secret("mail-robot"),
            mailbox_url: home.mailbox_url(),
            surroundings,
        })?;
        let (stop, stopping) = watch::channel(false);
        let mut serving = JoinSet::new();
        serving.spawn(serve("mailbox", sockets.mailbox, mailbox, stopping.clone()));
        serving.spawn(serve("robot", sockets.robot, robot, stopping));
        Ok(Cast { stop, serving })
    }

    /// Lets running requests finish, for a short while.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let finish = async { while self.serving.join_next().await.is_some() {} };
        // Dropping the set cuts off what is left.
        let _ = timeout(GRACE, finish).await;
    }
}

async fn serve(name: &'static str, socket: TcpListener, router: Router, mut stopping: watch::Receiver<bool>) {
    let stopped = async move { drop(stopping.wait_for(|stop| *stop).await) };
    if let Err(error) = axum::serve(socket, router).with_graceful_shutdown(stopped).await {
        tracing::error!(name, %error, "a part of the demo stopped");
    }
}

fn surroundings() -> Surroundings {
    let entropy = server::entropy::Entropy::new(server::entropy::Node::default());
    Surroundings::new(
        || SystemClock.now(),
        move |bytes| {
            for chunk in bytes.chunks_mut(32) {
                match entropy.secret() {
                    Ok(random) => chunk.copy_from_slice(&random.expose()[..chunk.len()]),
                    // Without randomness every later step is unsafe, and there is nothing to answer instead.
                    Err(_) => std::process::abort(),
                }
            }
        },
    )
}
