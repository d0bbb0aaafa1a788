//! `safeconduct-probe init`: a first target file for an issuer.

use std::path::PathBuf;
use std::process::ExitCode;

use url::Url;

use crate::http::jar::is_loopback;
use crate::target::init::{Asked, Clients, Found, Made, find, write};

/// What `init` was asked for.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The issuer identifier of the server, byte for byte as it writes it.
    pub issuer: String,
    /// Where its metadata is, if not at a well-known place.
    #[arg(long, value_name = "URL")]
    pub metadata: Option<Url>,
    /// PEM file with authorities to believe beside the system's.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Whether to register the clients that are needed, where the server offers that.
    #[arg(long, value_enum, default_value = "register")]
    pub clients: Clients,
    /// Token for registering clients, if that is not open to all (RFC 7591).
    #[arg(long, value_name = "TOKEN", env = "PROBE_INITIAL_ACCESS_TOKEN", hide_env_values = true)]
    pub initial_access_token: Option<String>,
    /// You may test this server. Needed to register clients at every host but this machine.
    #[arg(long)]
    pub i_am_authorized: bool,
}

/// Prints the target file to standard output, and what remains to be done to standard error.
///
/// # Errors
/// A sentence for the terminal. Nothing was printed then.
pub async fn main(args: InitArgs) -> Result<ExitCode, String> {
    let own = Url::parse(&args.issuer).is_ok_and(|issuer| is_loopback(&issuer));
    let may_register = own || args.i_am_authorized;
    let asked = Asked {
        issuer: args.issuer,
        metadata: args.metadata,
        ca_file: args.ca_file,
        clients: if may_register { args.clients } else { Clients::List },
        initial_access_token: args.initial_access_token,
    };
    let found = find(&asked).await?;
    print!("{}", write(&asked, &found));
    eprint!("{}", remains(&found));
    if found.registers.is_some() && args.clients == Clients::Register && !may_register {
        eprintln!(
            "The server registers clients by itself, but is not this machine: --i-am-authorized lets the probe do so."
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// What a person has to do before `run`.
fn remains(found: &Found) -> String {
    let mut text = String::new();
    for (wish, made) in &found.clients {
        if let (Made::Registered { client, .. }, role) = (made, wish.role) {
            text += &format!("registered {role}: {}\n", show(&client.client_id));
        }
    }
    let to_make = found.to_make();
    if !to_make.is_empty() {
        // Strings and objects only: this is always JSON.
        let list = serde_json::to_string_pretty(&to_make).unwrap_or_default();
        text += &format!(
            "Make these clients, and put their ids and secrets into the target file (RFC 7591 metadata by role):\n{list}\n"
        );
    }
    text += "Then fill in [user] and [second_user], and if there is one [resource].\n";
    text
}

/// A server's text on the terminal: without control characters.
fn show(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}
