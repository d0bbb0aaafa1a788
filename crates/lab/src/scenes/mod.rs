//! The scenes: each is one attack, played with real requests against real programs, once with the defence off and once
//! with it on.
//!
//! A scene is a script ([`play`]) that lets the victim's browser, the apps and the attacker make their requests. All go
//! through a [`Recorder`](record::Recorder): the diagram is made of what it wrote down, and the ending of what the servers
//! answered. Nothing is told that did not happen.

pub mod act;
pub mod browser;
pub mod house;
mod implicit;
mod play;
pub mod record;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use anyhow::Result;

use act::Act;
use record::Party;

/// Whether the defence that the scene is about stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defence {
    /// It is left out.
    Off,
    /// It is in place.
    On,
}

impl Defence {
    /// Both, in the order of the page.
    pub const BOTH: [Defence; 2] = [Defence::Off, Defence::On];

    /// As addresses write it.
    pub fn word(self) -> &'static str {
        match self {
            Defence::Off => "off",
            Defence::On => "on",
        }
    }
}

impl fmt::Display for Defence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Something that the attacker holds at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loot {
    /// What it is.
    pub what: String,
    /// Its value, masked.
    pub shown: String,
    /// How it came, or what it was good for.
    pub proof: String,
}

/// How a run ended, told by what was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Whether the attacker got what he came for.
    pub attacker_won: bool,
    /// In one sentence.
    pub verdict: String,
    /// What the attacker now holds, of use to him or not.
    pub loot: Vec<Loot>,
}

/// What a script gives.
pub type Playing<'a> = Pin<Box<dyn Future<Output = Result<Ending>> + Send + 'a>>;

/// One attack.
pub struct Scene {
    /// Its address: `/scenes/<id>`.
    pub id: &'static str,
    /// Its name.
    pub title: &'static str,
    /// What the attacker does, in a sentence or two.
    pub what: &'static str,
    /// Why it works.
    pub why: &'static str,
    /// What stops it.
    pub stop: &'static str,
    /// What is left out in the run without the defence, in a few words.
    pub off: &'static str,
    /// What is in place in the run with it, in a few words.
    pub on: &'static str,
    /// The parties, in the order of the diagram, by the names they have here.
    pub cast: &'static [(Party, &'static str)],
    /// What the server lacks in the run without the defence; empty where the defence is not the server's.
    pub weakness: &'static [&'static str],
    /// Where it is specified.
    pub section: &'static str,
    play: for<'a> fn(&'a Act) -> Playing<'a>,
}

impl Scene {
    /// Plays it to its end.
    ///
    /// # Errors
    /// Something that belongs to neither attack nor defence went wrong.
    pub async fn play(&self, act: &Act) -> Result<Ending> {
        (self.play)(act).await
    }

    /// The scene of that id.
    pub fn find(id: &str) -> Option<&'static Scene> {
        Self::all().iter().find(|scene| scene.id == id)
    }

    /// All, in the order of the page.
    pub fn all() -> &'static [Scene] {
        play::SCENES
    }
}
