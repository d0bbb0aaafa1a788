//! Messages, in memory, a few per user.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jose::UnixTime;
use resource::UserPrincipal;
use serde::{Deserialize, Serialize};

const MAX_USERS: usize = 10_000;
const MAX_MESSAGES: usize = 50;

/// One message as the API shows it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Message {
    id: u64,
    folder: &'static str,
    from: String,
    to: String,
    subject: String,
    text: String,
    sent_at: UnixTime,
}

/// A message as a caller hands it in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    to: String,
    subject: String,
    text: String,
}

/// All mailboxes. The key is issuer and subject: one of them alone could be two people.
#[derive(Default)]
pub(super) struct Messages(Mutex<HashMap<UserPrincipal, Vec<Message>>>);

impl Messages {
    /// Newest first. A user who is seen for the first time finds a few messages.
    pub(super) fn of(&self, user: &UserPrincipal, now: UnixTime) -> Vec<Message> {
        self.with(user, now, |messages| messages.iter().rev().cloned().collect())
    }

    /// Puts the message into the user's own "sent" folder. This mailbox delivers nowhere.
    pub(super) fn send(&self, user: &UserPrincipal, draft: Draft, now: UnixTime) -> Result<Message, &'static str> {
        check(&draft)?;
        Ok(self.with(user, now, |messages| {
            let id = messages.last().map_or(1, |message| message.id + 1);
            let Draft { to, subject, text } = draft;
            let message = Message { id, folder: "sent", from: "me".to_owned(), to, subject, text, sent_at: now };
            if messages.len() >= MAX_MESSAGES {
                messages.remove(0);
            }
            messages.push(message.clone());
            message
        }))
    }

    fn with<T>(&self, user: &UserPrincipal, now: UnixTime, act: impl FnOnce(&mut Vec<Message>) -> T) -> T {
        // A panic while the lock was held left at worst one message out: the map itself is whole.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_USERS && !all.contains_key(user) {
            all.clear();
        }
        act(all.entry(user.clone()).or_insert_with(|| seed(now)))
    }
}

fn check(draft: &Draft) -> Result<(), &'static str> {
    let is_line =
        |text: &str, most: usize| !text.trim().is_empty() && text.len() <= most && !text.chars().any(char::is_control);
    if !is_line(&draft.to, 254) || !draft.to.contains('@') {
        return Err("to must be one address of at most 254 bytes");
    }
    if !is_line(&draft.subject, 200) {
        return Err("subject must be one line of at most 200 bytes");
    }
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    if draft.text.len() > 4000 || !draft.text.chars().all(is_text) {
        return Err("text must be plain text of at most 4000 bytes");
    }
    Ok(())
}

fn seed(now: UnixTime) -> Vec<Message> {
    let rows = [
        (
            3 * 86_400,
            "Library <desk@library.example>",
            "Two books are waiting",
            "They stay on the shelf until Saturday.",
        ),
        (
            86_400 + 7000,
            "Ada <ada@mail.example>",
            "Lunch on Thursday?",
            "The place by the canal has tables outside again.",
        ),
        (
            5400,
            "Night train <tickets@rail.example>",
            "Your seat",
            "Coach 14, seat 61, by the window. Doors close two minutes before.",
        ),
    ];
    let message = |(id, (ago, from, subject, text)): (u64, (i64, &str, &str, &str))| Message {
        id,
        folder: "inbox",
        from: from.to_owned(),
        to: "me".to_owned(),
        subject: subject.to_owned(),
        text: text.to_owned(),
        sent_at: UnixTime(now.0 - ago),
    };
    (1..).zip(rows).map(message).collect()
}
