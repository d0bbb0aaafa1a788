//! The browser of a person: cookies, and who sits in front of it.

use std::sync::{Mutex, PoisonError};

use tokio::sync::{MutexGuard, Semaphore, SemaphorePermit};

use crate::http::jar::Jar;
pub use crate::person::driver::Intent;
use crate::target::User;

/// Sessions of the user that cases share, so that not every case signs in. One way through the pages has one to itself:
/// servers give a session a new name at sign-in or consent, and the old one is void.
#[derive(Debug)]
pub struct Sessions {
    free: Mutex<Vec<Jar>>,
    places: Semaphore,
    /// One sign-in at a time.
    signing_in: tokio::sync::Mutex<()>,
}

/// A session that nobody else uses meanwhile. What is not given back is gone.
#[derive(Debug)]
pub(crate) struct Lent<'a> {
    _place: Option<SemaphorePermit<'a>>,
    _turn: Option<MutexGuard<'a, ()>>,
}

impl Sessions {
    /// At most so many at a time.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { free: Mutex::default(), places: Semaphore::new(most), signing_in: tokio::sync::Mutex::default() }
    }

    /// The cookies of one of them, to look at.
    #[must_use]
    pub fn peek(&self) -> Option<Jar> {
        self.free().last().cloned()
    }

    /// Takes a free session; without one the jar stays empty, and its person signs in as the only one.
    pub(crate) async fn lend(&self) -> (Jar, Lent<'_>) {
        // The semaphore is never closed.
        let place = self.places.acquire().await.ok();
        let taken = self.free().pop();
        if let Some(jar) = taken {
            return (jar, Lent { _place: place, _turn: None });
        }
        let turn = self.signing_in.lock().await;
        let taken = self.free().pop();
        match taken {
            Some(jar) => (jar, Lent { _place: place, _turn: None }),
            None => (Jar::default(), Lent { _place: place, _turn: Some(turn) }),
        }
    }

    /// For the next who needs one.
    pub(crate) fn give_back(&self, jar: Jar, lent: Lent<'_>) {
        if !jar.cookies().is_empty() {
            self.free().push(jar);
        }
        drop(lent);
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Jar>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A browser and its person.
#[derive(Debug, Clone)]
pub struct Person {
    /// The cookies.
    pub jar: Jar,
    /// Who signs in when asked; nobody, for a stranger.
    pub user: Option<User>,
    /// The cookies as they were when this browser was last in step with the sessions that cases share. A browser that has
    /// others by now, or never shared, is on its own.
    pub(crate) shared: Option<Jar>,
}
