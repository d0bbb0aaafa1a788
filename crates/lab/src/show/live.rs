//! Playing, and telling what happens while it happens.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Form, Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use futures_util::stream::unfold;
use http::{HeaderMap, header};
use serde::Deserialize;

use super::pages::{MarkView, Panel, not_found};
use super::runs::Run;
use super::{Show, pages};
use crate::scenes::{Defence, Scene};

/// Before each request, when somebody watches: slow enough to follow, fast enough not to bore.
const PACE: Duration = Duration::from_millis(260);

#[derive(Deserialize)]
pub(super) struct Wish {
    defence: String,
    /// `slow`: somebody watches.
    #[serde(default)]
    pace: String,
    /// Runs that the page shows already.
    #[serde(default)]
    off: String,
    #[serde(default)]
    on: String,
}

/// Plays. The page's script asks for HTML of one panel and reads the events; a plain form gets the finished page.
pub(super) async fn play(
    State(show): State<Arc<Show>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(wish): Form<Wish>,
) -> Response {
    let Some(scene) = Scene::find(&id) else { return not_found().await };
    let wanted = Defence::BOTH.into_iter().filter(|one| wish.defence == one.word() || wish.defence == "both");
    let pace = if wish.pace == "slow" { PACE } else { Duration::ZERO };
    let runs: Vec<Arc<Run>> =
        wanted.map(|defence| show.runs.start(show.houses.of(scene, defence), scene, defence, pace)).collect();
    let wants_panel = headers.get(header::ACCEPT).is_some_and(|kinds| kinds == "text/x-panel");
    if let ([run], true) = (runs.as_slice(), wants_panel) {
        return pages::fragment(&Panel::of(run))
            .map_or_else(IntoResponse::into_response, |html| Html(html).into_response());
    }
    let (mut off, mut on) = (wish.off, wish.on);
    for run in runs {
        run.ended().await;
        let slot = if run.defence == Defence::Off { &mut off } else { &mut on };
        slot.clone_from(&run.id);
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs([("off", off), ("on", on)]).finish();
    Redirect::to(&format!("/scenes/{id}?{query}#runs")).into_response()
}

/// What is told next.
struct Telling {
    run: Arc<Run>,
    told: usize,
    is_over: bool,
}

/// `mark` for each arrow or word, `end` for the ending; each a piece of HTML.
pub(super) async fn events(State(show): State<Arc<Show>>, Path(id): Path<String>) -> Response {
    let Some(run) = show.runs.find(&id) else { return not_found().await };
    let stream = unfold(Telling { run, told: 0, is_over: false }, |telling| async move {
        let (event, telling) = next(telling).await?;
        Some((Ok::<_, Infallible>(event), telling))
    });
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}

async fn next(mut telling: Telling) -> Option<(Event, Telling)> {
    if telling.is_over {
        return None;
    }
    let (mut marks, mut end) = (telling.run.recorder.watch(), telling.run.watch());
    loop {
        // The end is looked at first: what was written down before it is then all there.
        let ended = end.borrow_and_update().clone();
        marks.borrow_and_update();
        if let Some(mark) = telling.run.recorder.marks(telling.told).first() {
            telling.told += 1;
            let html = pages::fragment(&MarkView::of(telling.run.scene, mark)).ok()?;
            return Some((Event::default().event("mark").data(html), telling));
        }
        if let Some(end) = ended {
            telling.is_over = true;
            let html = pages::fragment(&pages::EndView::of(&end)).ok()?;
            return Some((Event::default().event("end").data(html), telling));
        }
        // Senders live as long as the run, which is held.
        tokio::select! {
            _ = marks.changed() => {}
            _ = end.changed() => {}
        }
    }
}
