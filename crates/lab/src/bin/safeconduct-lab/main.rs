//! `safeconduct-lab`: the lab with its pages, and its robots as programs. `safeconduct lab` starts this.
//!
//! A program of its own, because it holds the straw server: what is weak on purpose is not in the program that people run.

mod robot;

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use lab::Surroundings;
use lab::scenes::Scene;
use lab::scenes::house::Houses;
use lab::show::{self, ShowConfig};
use serde_json::json;
use tokio::net::TcpListener;

/// The attacks of the lab, played on pages of this machine.
#[derive(Parser)]
#[command(
    name = "safeconduct lab",
    after_help = "Example:\n  safeconduct lab\n\nExample: for a script, on a free port\n  safeconduct lab --json --listen \
                  127.0.0.1:0\n\nEverything else listens on free ports of 127.0.0.1. Nothing is kept: Ctrl-C ends it all.",
    args_conflicts_with_subcommands = true
)]
struct Args {
    /// Where the pages are: a loopback address.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// When ready, print one line of JSON: url, issuer, mailbox, scenes.
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Run one of the three mail robots beside a server of yours.
    #[command(subcommand)]
    Robot(robot::Robot),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<()> {
    match args.task {
        Some(Task::Robot(robot)) => robot.run().await,
        None => pages(args.listen, args.json).await,
    }
}

async fn pages(listen: SocketAddr, as_json: bool) -> Result<()> {
    let (socket, origin) = open(listen).await?;
    let houses = Houses::open().await?;
    let (issuer, mailbox) = (houses.strong.issuer.clone(), houses.strong.mailbox.clone());
    let router = show::router(ShowConfig { origin: origin.clone(), houses, surroundings: Surroundings::system() })?;
    if as_json {
        let scenes: Vec<&str> = Scene::all().iter().map(|scene| scene.id).collect();
        println!("{}", json!({ "url": origin, "issuer": issuer, "mailbox": mailbox, "scenes": scenes }));
    } else {
        println!(
            "The lab is open.\n\n  Open in a browser   {origin}\n\n  Server              {issuer}\n  Mailbox             {mailbox}\n\nCtrl-C ends it."
        );
    }
    tokio::select! {
        ended = axum::serve(socket, router) => ended.context("the pages ended"),
        stop = tokio::signal::ctrl_c() => stop.context("the system gives no signals"),
    }
}

/// Opens a port and tells the origin. Attackers and weak servers are for nobody else: loopback only.
async fn open(listen: SocketAddr) -> Result<(TcpListener, String)> {
    ensure!(
        listen.ip().is_loopback(),
        "{listen} is not a loopback address: the lab is for nobody else\n  fix: use 127.0.0.1"
    );
    let socket = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let origin = format!("http://{}", socket.local_addr()?);
    Ok((socket, origin))
}
