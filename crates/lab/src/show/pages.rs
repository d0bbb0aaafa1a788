//! The lab's pages. A diagram is the same whether a page holds it from the beginning or it comes piece by piece.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;

use super::Show;
use super::runs::{End, Run};
use crate::scenes::record::{Kind, Mark, Pair, Party};
use crate::scenes::{Defence, Loot, Scene};

/// The style sheet's address; the number changes with its text, so that it may be cached.
pub(super) const STYLE_PATH: &str = "/lab-1.css";
/// The script's.
pub(super) const SCRIPT_PATH: &str = "/lab-1.js";

#[derive(Template)]
#[template(path = "lab/home.html")]
struct Home {
    scenes: Vec<(usize, &'static Scene)>,
    issuer: String,
    mailbox: String,
}

#[derive(Template)]
#[template(path = "lab/scene.html")]
struct ScenePage {
    scene: &'static Scene,
    number: usize,
    count: usize,
    previous: Option<&'static Scene>,
    next: Option<&'static Scene>,
    off: Panel,
    on: Panel,
}

#[derive(Template)]
#[template(path = "lab/missing.html")]
struct Missing;

/// One run, or the place for it.
#[derive(Template)]
#[template(path = "lab/panel.html")]
pub(super) struct Panel {
    scene: &'static Scene,
    defence: Defence,
    run: Option<String>,
    marks: Vec<MarkView>,
    end: Option<EndView>,
}

/// One line of a diagram.
#[derive(Template)]
#[template(path = "lab/mark.html")]
pub(super) struct MarkView {
    kind: &'static str,
    from: &'static str,
    to: &'static str,
    /// Lanes, from 1, of the arrow's left and right end.
    left: usize,
    right: usize,
    points_right: bool,
    stands_right: bool,
    is_hostile: bool,
    is_refusal: bool,
    is_quiet: bool,
    line: String,
    telling: Vec<Pair>,
    pairs: Vec<Pair>,
}

/// How a run ended.
#[derive(Template)]
#[template(path = "lab/end.html")]
pub(super) struct EndView {
    kind: &'static str,
    heading: &'static str,
    verdict: String,
    loot: Vec<Loot>,
}

impl Panel {
    fn empty(scene: &'static Scene, defence: Defence) -> Panel {
        Panel { scene, defence, run: None, marks: Vec::new(), end: None }
    }

    /// The run as far as it has come; one that is still being played has no marks yet, because they come as events.
    pub(super) fn of(run: &Run) -> Panel {
        let end = run.end();
        let marks = if end.is_some() { run.recorder.marks(0) } else { Vec::new() };
        Panel {
            scene: run.scene,
            defence: run.defence,
            run: Some(run.id.clone()),
            marks: marks.iter().map(|mark| MarkView::of(run.scene, mark)).collect(),
            end: end.map(|end| EndView::of(&end)),
        }
    }

    fn lanes(&self) -> usize {
        self.scene.cast.len()
    }

    fn setting(&self) -> &'static str {
        match self.defence {
            Defence::Off => self.scene.off,
            Defence::On => self.scene.on,
        }
    }
}

impl MarkView {
    pub(super) fn of(scene: &'static Scene, mark: &Mark) -> MarkView {
        // A party outside the cast would be a mistake of the script; the tests hold every scene to its cast.
        let lane = |party: Party| scene.cast.iter().position(|(known, _)| *known == party).map_or(1, |at| at + 1);
        let name = |party: Party| scene.cast.iter().find(|(known, _)| *known == party).map_or("", |(_, name)| name);
        let (from, to) = (lane(mark.from), lane(mark.to));
        let told = |pair: &Pair| match &pair.place {
            Some((party, rest)) => Pair { value: format!("{} {rest}", name(*party)), ..pair.clone() },
            // A hash tells nothing by its letters; all of them are in the details.
            None if pair.name == "code_challenge" => {
                Pair { value: format!("{}…", pair.value.chars().take(8).collect::<String>()), ..pair.clone() }
            }
            None => pair.clone(),
        };
        let telling = mark.pairs.iter().filter(|pair| pair.is_telling && !pair.value.is_empty());
        MarkView {
            kind: match mark.kind {
                Kind::Note => "note",
                Kind::Request => "request",
                Kind::Answer => "answer",
            },
            from: name(mark.from),
            to: name(mark.to),
            left: from.min(to),
            right: from.max(to),
            points_right: from < to,
            stands_right: from + to > scene.cast.len() + 1,
            is_hostile: mark.kind != Kind::Note && (mark.from.is_hostile() || mark.to.is_hostile()),
            is_refusal: mark.is_refusal && !mark.from.is_hostile(),
            is_quiet: mark.is_quiet,
            line: match mark.leads_to {
                Some(party) => mark.line.replacen(" to ", &format!(" to {} ", name(party)), 1),
                None => mark.line.clone(),
            },
            telling: if mark.is_quiet { Vec::new() } else { telling.map(told).collect() },
            pairs: mark.pairs.clone(),
        }
    }
}

impl EndView {
    pub(super) fn of(end: &End) -> EndView {
        match end {
            Ok(ending) => EndView {
                kind: if ending.attacker_won { "bad" } else { "good" },
                heading: if ending.attacker_won { "The attack succeeded" } else { "The attack failed" },
                verdict: ending.verdict.clone(),
                loot: ending.loot.clone(),
            },
            Err(why) => {
                EndView { kind: "broken", heading: "The scene broke off", verdict: why.clone(), loot: Vec::new() }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    off: String,
    #[serde(default)]
    on: String,
}

pub(super) async fn home(State(show): State<Arc<Show>>) -> Response {
    let scenes = (1..).zip(Scene::all()).collect();
    page(
        StatusCode::OK,
        &Home { scenes, issuer: show.houses.strong.issuer.clone(), mailbox: show.houses.strong.mailbox.clone() },
    )
}

pub(super) async fn scene(
    State(show): State<Arc<Show>>,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Response {
    let all = Scene::all();
    let Some(at) = all.iter().position(|scene| scene.id == id) else { return not_found().await };
    let scene = &all[at];
    let panel = |run: &str, defence: Defence| {
        let run = show.runs.find(run).filter(|run| run.scene.id == id && run.defence == defence && run.end().is_some());
        run.map_or_else(|| Panel::empty(scene, defence), |run| Panel::of(&run))
    };
    page(
        StatusCode::OK,
        &ScenePage {
            scene,
            number: at + 1,
            count: all.len(),
            previous: at.checked_sub(1).and_then(|at| all.get(at)),
            next: all.get(at + 1),
            off: panel(&shown.off, Defence::Off),
            on: panel(&shown.on, Defence::On),
        },
    )
}

pub(super) async fn not_found() -> Response {
    page(StatusCode::NOT_FOUND, &Missing)
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    match fragment(template) {
        Ok(html) => (status, Html(html)).into_response(),
        Err(status) => status.into_response(),
    }
}

/// A piece of a page.
pub(super) fn fragment(template: &impl Template) -> Result<String, StatusCode> {
    // Writing into a text does not fail.
    template.render().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], text).into_response()
}

pub(super) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../../assets/lab.css"))
}

pub(super) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../../assets/lab.js"))
}

pub(super) async fn logo() -> Response {
    asset("image/svg+xml", include_str!("../../assets/lab.svg"))
}
