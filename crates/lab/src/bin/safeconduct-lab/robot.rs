//! The three mail robots, each as a program.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use clap::{Args, Subcommand};
use lab::careless::{self, CarelessConfig, KnownServer};
use lab::malicious::counterfeit::{self, CounterfeitConfig};
use lab::malicious::{self, Malicious, MaliciousConfig};
use lab::public_client::PublicClient;
use lab::robot::{self, RobotConfig};
use lab::{Secret, Surroundings, Wire};

#[derive(Subcommand)]
#[command(after_help = "Example:\n  safeconduct lab robot careless --help")]
pub enum Robot {
    /// The careful one: client kit, all defences.
    #[command(
        after_help = "Example: beside quickstart, with the secret that quickstart.env holds\n  ROBOT_SECRET=... safeconduct lab \
                            robot careful --listen 127.0.0.1:8085 --issuer http://127.0.0.1:8080 --client-id my-robot --mailbox \
                            http://127.0.0.1:8081\n\nIts redirect URI is the listening address and /callback."
    )]
    Careful(Web),
    /// The careless one: no PKCE, no state, no iss, its token in addresses, an open redirector.
    #[command(
        after_help = "Example:\n  ROBOT_SECRET=... safeconduct lab robot careless --listen 127.0.0.1:8085 --issuer \
                            http://127.0.0.1:8080 --client-id my-robot --mailbox http://127.0.0.1:8081\n\nA server that demands \
                            PKCE turns it away: register it with danger_allow_missing_pkce."
    )]
    Careless(Careless),
    /// The malicious one: claims redirects, embeds the browser, forges callbacks, passes itself off as a server.
    #[command(
        after_help = "Example: sit on the redirect of an app, and wait\n  safeconduct lab robot malicious --listen \
                            127.0.0.1:9004 --issuer http://127.0.0.1:8080 --client-id native-app --mailbox \
                            http://127.0.0.1:8081\n\nExample: as the handler of a custom scheme, as the system starts it\n  safeconduct \
                            lab robot malicious --issuer ... --opened-with 'org.example.mail:/callback?code=...'\n\nIts web view \
                            is at /embedded. It tells what it catches, masked, and what it could do with it."
    )]
    Malicious(Thief),
}

#[derive(Args)]
pub struct Web {
    /// Where it listens: a loopback address.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8085")]
    listen: SocketAddr,
    /// The authorization server.
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// The client identifier.
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// The mailbox's origin.
    #[arg(long, value_name = "URL")]
    mailbox: String,
}

#[derive(Args)]
pub struct Careless {
    #[command(flatten)]
    web: Web,
    /// Somebody else's picture for the callback page.
    #[arg(long, value_name = "URL")]
    banner: Option<String>,
}

#[derive(Args)]
pub struct Thief {
    #[command(flatten)]
    web: Web,
    /// The redirect URI of the app that it passes itself off as. [default: the listening address and /callback]
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
    /// Where a forged callback leads visitors of /offer.
    #[arg(long, value_name = "URL")]
    offer: Option<String>,
    /// Be a counterfeit authorization server here, too.
    #[arg(long, value_name = "ADDRESS:PORT")]
    counterfeit: Option<SocketAddr>,
    /// A custom scheme's URL, as the system hands it over: use it and end.
    #[arg(long, value_name = "URL")]
    opened_with: Option<String>,
}

impl Robot {
    pub async fn run(self) -> Result<()> {
        match self {
            Robot::Careful(web) => careful(web).await,
            Robot::Careless(args) => careless(args).await,
            Robot::Malicious(args) => thief(args).await,
        }
    }
}

/// From the environment, so that it stands in no list of processes.
fn secret() -> Option<Secret<String>> {
    std::env::var("ROBOT_SECRET").ok().map(Secret::new)
}

async fn serve(name: &str, socket: tokio::net::TcpListener, origin: &str, router: Router) -> Result<()> {
    println!("The {name} mail robot is at {origin}. Ctrl-C ends it.");
    tokio::select! {
        ended = axum::serve(socket, router) => ended.context("the robot ended"),
        stop = tokio::signal::ctrl_c() => stop.context("the system gives no signals"),
    }
}

async fn careful(web: Web) -> Result<()> {
    let (socket, origin) = crate::open(web.listen).await?;
    let router = robot::router(RobotConfig {
        origin: origin.clone(),
        issuer: web.issuer,
        client_id: web.client_id,
        client_secret: secret().context("ROBOT_SECRET is not set\n  fix: put the client's secret there")?,
        mailbox_url: web.mailbox,
        surroundings: Surroundings::system(),
    })?;
    serve("careful", socket, &origin, router).await
}

async fn careless(Careless { web, banner }: Careless) -> Result<()> {
    let (socket, origin) = crate::open(web.listen).await?;
    let server = KnownServer {
        name: "Mail".to_owned(),
        authorization_endpoint: format!("{}/authorize", web.issuer),
        token_endpoint: format!("{}/token", web.issuer),
        client_id: web.client_id,
        client_secret: secret(),
    };
    let (servers, mailbox_url) = (vec![server], web.mailbox);
    let config = CarelessConfig { origin: origin.clone(), servers, mailbox_url, banner };
    serve("careless", socket, &origin, careless::router(config, Wire::loopback_only())).await
}

async fn thief(args: Thief) -> Result<()> {
    let (socket, origin) = crate::open(args.web.listen).await?;
    let app = PublicClient {
        issuer: args.web.issuer.clone(),
        client_id: args.web.client_id.clone(),
        redirect_uri: args.redirect_uri.unwrap_or_else(|| format!("{origin}/callback")),
        mailbox_url: args.web.mailbox,
        wire: Wire::loopback_only(),
        surroundings: Surroundings::system(),
    };
    let offer = args.offer.unwrap_or_else(|| format!("{origin}/"));
    let robot = Malicious::new(MaliciousConfig { origin: origin.clone(), app, offer });
    if let Some(url) = args.opened_with {
        robot.opened_with(&url);
        return robot.work_through(0, &|line| println!("{line}")).await.map(|_| ());
    }
    if let Some(listen) = args.counterfeit {
        let (socket, issuer) = crate::open(listen).await?;
        let config = CounterfeitConfig {
            issuer: issuer.clone(),
            honest_authorization_endpoint: format!("{}/authorize", args.web.issuer),
            honest_client_id: args.web.client_id,
        };
        println!("Its counterfeit server is {issuer}.");
        let router = counterfeit::router(config, robot.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
    }
    tokio::spawn(work(robot.clone()));
    serve("malicious", socket, &origin, malicious::router(robot)).await
}

/// Uses what comes in, as it comes in.
async fn work(robot: Arc<Malicious>) {
    let mut count = robot.watch();
    let mut done = 0;
    while count.wait_for(|count| *count > done).await.is_ok() {
        match robot.work_through(done, &|line| println!("{line}")).await {
            Ok(worked) => done = worked,
            Err(error) => {
                println!("  {error:#}");
                done = *count.borrow();
            }
        }
    }
}
