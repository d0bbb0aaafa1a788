//! What quickstart prints when everything is ready.

use serde_json::{Value, json};

use super::place::Home;
use super::provision::{BATCH_KEY, ENVIRONMENT, Provided, USERNAME};
use crate::output::program;

pub struct World<'a> {
    pub home: &'a Home,
    pub provided: &'a Provided,
}

impl World<'_> {
    /// For scripts: one object, secrets included, because they asked for it.
    pub fn json(&self) -> Value {
        let home = self.home;
        json!({
            "issuer": home.issuer(),
            "user": { "username": USERNAME, "password": self.provided.password.as_ref().map(|secret| secret.expose()) },
            "robot_url": home.robot_url(),
            "mailbox_url": home.mailbox_url(),
            "admin_url": home.admin_url(),
            "config": home.config_path(),
            "batch_key": home.file(BATCH_KEY),
            "clients": self.provided.clients,
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let home = self.home;
        let (issuer, mailbox, robot, admin) = (home.issuer(), home.mailbox_url(), home.robot_url(), home.admin_url());
        let program = program();
        let config = home.config_path().display().to_string();
        let environment = home.file(ENVIRONMENT).display().to_string();
        let password = match &self.provided.password {
            Some(password) => format!("{}   (told this once)", password.expose()),
            None => format!(
                "the one from the first start; a new one: {program} user set-password {USERNAME} --generate --config {config}"
            ),
        };
        format!(
            "\
Safeconduct runs.

  Open in a browser     {robot}   the mail robot: press \"Connect my mailbox\"
  Sign in as            {USERNAME}
  Password              {password}

  Authorization server  {issuer}
  Mailbox API           {mailbox}
  Health and metrics    {admin}/health  {admin}/metrics

Try with curl, in another terminal:

  . {environment}

  # A program of its own gets a token (client credentials):
  curl -s -u \"batch-job:$BATCH_JOB_SECRET\" -d grant_type=client_credentials -d scope=mail:read \"$ISSUER/token\"
  TOKEN=...   # the access_token from above

  # What does the server say about it? The mailbox may ask (introspection):
  curl -s -u \"mail-api:$MAIL_API_SECRET\" -d \"token=$TOKEN\" \"$ISSUER/introspect\"

  # The mailbox refuses it: mail belongs to people, and this token speaks for a program. The robot's is ada's:
  curl -s -i -H \"Authorization: Bearer $TOKEN\" \"$MAILBOX/messages\"

Look and change, while it runs:

  {program} events tail --follow --config {config}
  {program} client new --config {config}
  {program} doctor --config {config}

Configuration, keys and store are in {folder}. Ctrl-C stops; the same command starts again.",
            folder = home.folder().display(),
        )
    }
}
