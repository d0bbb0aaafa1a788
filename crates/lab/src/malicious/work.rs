//! What the malicious robot does when it runs by itself: use whatever it catches, and tell.

use anyhow::Result;
use tokio::sync::watch;

use super::Malicious;
use crate::mask;
use crate::public_client::Redeemed;

impl Malicious {
    /// Keeps what the system handed over with a custom scheme's URL.
    pub fn opened_with(&self, url: &str) {
        self.keep_address(url, "a custom scheme that was meant for another app");
    }

    /// Tells how many things were caught, each time the number grows.
    pub fn watch(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// Goes through the catches from that one on: tells each, redeems codes, reads mail with tokens. Gives the number of
    /// those that are done.
    ///
    /// # Errors
    /// The server or the mailbox does not answer.
    pub async fn work_through(&self, from: usize, tell: &(dyn Fn(String) + Sync)) -> Result<usize> {
        let catches = self.catches().get(from..).unwrap_or_default().to_vec();
        for catch in &catches {
            tell(format!("{} {} from {}", catch.name, mask::traced(&catch.name, &catch.value), catch.by));
            match catch.name.as_str() {
                // The web view redeems its codes itself: it has the verifier.
                "code" if !catch.by.contains("web view") => {
                    if let Redeemed::Refused(why) = self.redeem(&catch.value, &self.app.redirect_uri, None).await? {
                        tell(format!("  the server refused: {why}"));
                    }
                }
                "access_token" | "token" => match self.read_mails(&catch.value).await? {
                    Some(mails) => tell(format!("  read {} mails: {}", mails.len(), mails.join(", "))),
                    None => tell("  the mailbox refused it".to_owned()),
                },
                _ => {}
            }
        }
        Ok(from + catches.len())
    }
}
