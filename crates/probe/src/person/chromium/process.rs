//! The browser's process and its profile.

use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{BASE64, HEXLOWER};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::process::{Child, Command};

use super::{BrowserError, Settings};

/// Names under which systems install it.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
/// So long it may take to start.
const START: Duration = Duration::from_secs(30);

/// Killed, and its profile removed, when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Its folder.
    pub profile: PathBuf,
    /// Port on loopback where it is steered.
    pub port: u16,
    /// Path of the WebSocket there; as good as a password.
    pub path: String,
}

impl Process {
    /// Starts the first program that can be had.
    pub async fn start(settings: &Settings) -> Result<Self, BrowserError> {
        let profile = profile().map_err(|error| BrowserError::NotStarted(format!("no profile: {error}")))?;
        let trusted = settings.ca_file.as_deref().map(fingerprints).unwrap_or_default();
        let mut tried = Vec::new();
        for program in programs(settings) {
            match command(&program, &profile, &trusted).and_then(|mut command| command.spawn()) {
                Ok(child) => {
                    let mut process = Self { child, profile, port: 0, path: String::new() };
                    process.wait().await?;
                    return Ok(process);
                }
                Err(error) => tried.push(format!("{}: {error}", program.display())),
            }
        }
        let _ = fs::remove_dir_all(&profile);
        Err(BrowserError::NotFound(tried.join(", ")))
    }

    /// Waits until it has written down where it is steered.
    async fn wait(&mut self) -> Result<(), BrowserError> {
        let until = Instant::now() + START;
        while Instant::now() < until {
            if let Some((port, path)) =
                fs::read_to_string(self.profile.join("DevToolsActivePort")).ok().and_then(|said| address(&said))
            {
                (self.port, self.path) = (port, path);
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(BrowserError::NotStarted(format!("it ended with {status}: {}", self.last_words())));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(BrowserError::NotStarted(format!("nothing within {} seconds: {}", START.as_secs(), self.last_words())))
    }

    fn last_words(&self) -> String {
        let said = fs::read(self.profile.join("stderr")).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").chars().take(300).collect()
    }
}

impl Drop for Process {
    /// The browser's helpers outlive it by a moment and write on: its profile counts as removed once it has stayed away for a
    /// tenth of a second. After two seconds this ends in any case.
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        let until = Instant::now() + Duration::from_secs(2);
        let mut away = 0;
        while away < 10 && Instant::now() < until {
            let ended = !matches!(self.child.try_wait(), Ok(None));
            let _ = fs::remove_dir_all(&self.profile);
            away = if ended && !self.profile.exists() { away + 1 } else { 0 };
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A fresh folder that only this user can read: who can read the port's secret can steer the browser.
fn profile() -> std::io::Result<PathBuf> {
    let mut random = [0u8; 8];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| std::io::Error::other("no randomness"))?;
    let path = std::env::temp_dir().join(format!("safeconduct-probe-{}", HEXLOWER.encode(&random)));
    fs::DirBuilder::new().mode(0o700).create(&path)?;
    Ok(path)
}

fn programs(settings: &Settings) -> Vec<PathBuf> {
    let named = settings.program.clone().or_else(|| std::env::var_os("CHROMIUM").map(PathBuf::from));
    // Who names a program does not want another.
    named.map_or_else(|| NAMES.iter().map(PathBuf::from).collect(), |program| vec![program])
}

fn command(program: &Path, profile: &Path, trusted: &str) -> std::io::Result<Command> {
    let mut command = Command::new(program);
    command
        .args(["--headless=new", "--remote-debugging-port=0", "--no-first-run", "--no-default-browser-check"])
        .args(["--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-sync"])
        .args([
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--disable-features=Translate,OptimizationHints",
        ])
        .args(["--password-store=basic", "--use-mock-keychain", "--window-size=1280,1400", "--lang=en"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(profile.join("stderr"))?)
        .kill_on_drop(true);
    // Chromium's sandbox refuses to work for root. Who made the profile is who we are.
    if fs::metadata(profile)?.uid() == 0 {
        command.arg("--no-sandbox");
    }
    if !trusted.is_empty() {
        command.arg(format!("--ignore-certificate-errors-spki-list={trusted}"));
    }
    command.arg("about:blank");
    Ok(command)
}

/// SHA-256 of the public keys in a PEM file, as Chromium takes them. A file that cannot be read gives none: the HTTP side
/// says what is wrong with it.
fn fingerprints(file: &Path) -> String {
    let certificates = CertificateDer::pem_file_iter(file).into_iter().flatten().flatten();
    let keys = certificates
        .filter_map(|der| Some(rustls::server::ParsedCertificate::try_from(&der).ok()?.subject_public_key_info()));
    keys.map(|key| BASE64.encode(digest(&SHA256, key.as_ref()).as_ref())).collect::<Vec<_>>().join(",")
}

fn address(said: &str) -> Option<(u16, String)> {
    let (port, path) = said.split_once('\n')?;
    let path = path.trim();
    path.starts_with("/devtools/").then_some((port.trim().parse().ok()?, path.to_owned()))
}
