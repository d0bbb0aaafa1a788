//! Runs of scenes: those that are being played, and the last ones that were.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::Surroundings;
use crate::scenes::act::Act;
use crate::scenes::house::House;
use crate::scenes::record::Recorder;
use crate::scenes::{Defence, Ending, Scene};

/// Runs that are remembered.
const MAX_RUNS: usize = 60;
/// Runs that are played at the same time; more wait.
const MAX_PLAYING: usize = 4;
/// Longer than this no scene plays, however slowly.
const PATIENCE: Duration = Duration::from_secs(90);

/// How a run ended, or why it broke off.
pub(super) type End = Result<Ending, String>;

/// One run.
pub(super) struct Run {
    /// Its address.
    pub(super) id: String,
    pub(super) scene: &'static Scene,
    pub(super) defence: Defence,
    pub(super) recorder: Recorder,
    end: watch::Sender<Option<Arc<End>>>,
}

impl Run {
    /// The end, if it is reached.
    pub(super) fn end(&self) -> Option<Arc<End>> {
        self.end.borrow().clone()
    }

    /// Tells when the end is reached.
    pub(super) fn watch(&self) -> watch::Receiver<Option<Arc<End>>> {
        self.end.subscribe()
    }

    /// Waits for the end.
    pub(super) async fn ended(&self) {
        let mut end = self.end.subscribe();
        // An error would mean that the run is gone, and it is held here.
        let _ = end.wait_for(Option::is_some).await;
    }
}

/// All runs.
pub(super) struct Runs {
    last: Mutex<VecDeque<Arc<Run>>>,
    gate: Arc<Semaphore>,
    surroundings: Surroundings,
}

impl Runs {
    pub(super) fn new(surroundings: Surroundings) -> Self {
        Self { last: Mutex::default(), gate: Arc::new(Semaphore::new(MAX_PLAYING)), surroundings }
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<Run>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|run| run.id == id).cloned()
    }

    /// Begins to play.
    pub(super) fn start(&self, house: Arc<House>, scene: &'static Scene, defence: Defence, pace: Duration) -> Arc<Run> {
        let id = BASE64URL_NOPAD.encode(&self.surroundings.draw::<12>());
        let run = Arc::new(Run { id, scene, defence, recorder: Recorder::paced(pace), end: watch::Sender::new(None) });
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() >= MAX_RUNS {
            last.pop_front();
        }
        last.push_back(run.clone());
        tokio::spawn(play(run.clone(), house, self.gate.clone()));
        run
    }
}

async fn play(run: Arc<Run>, house: Arc<House>, gate: Arc<Semaphore>) {
    // Never closed, so a permit always comes.
    let _permit = gate.acquire().await;
    let act = Act::new(house, run.defence, run.recorder.clone());
    let end = match timeout(PATIENCE, run.scene.play(&act)).await {
        Ok(Ok(ending)) => Ok(ending),
        Ok(Err(error)) => Err(format!("{error:#}")),
        Err(_) => Err("it took too long".to_owned()),
    };
    if let Err(error) = &end {
        tracing::warn!(scene = run.scene.id, defence = run.defence.word(), %error, "a scene broke off");
    }
    run.end.send_replace(Some(Arc::new(end)));
}
