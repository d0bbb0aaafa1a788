//! Every scene, with the defence off and on: off, the attacker gets what he came for; on, he does not.

#![cfg(feature = "scenes")]

use std::time::Duration;

use lab::scenes::act::Act;
use lab::scenes::house::Houses;
use lab::scenes::record::{Kind, Mark, Recorder};
use lab::scenes::{Defence, Ending, Scene};

async fn play(houses: &Houses, scene: &Scene, defence: Defence) -> (Ending, Vec<Mark>) {
    let act = Act::new(houses.of(scene, defence), defence, Recorder::paced(Duration::ZERO));
    let ending = scene.play(&act).await;
    let marks = act.recorder.marks(0);
    let told: Vec<String> = marks
        .iter()
        .map(|mark| {
            format!(
                "{:?}>{:?} {} {:?}",
                mark.from,
                mark.to,
                mark.line,
                mark.pairs.iter().map(|p| format!("{}={}", p.name, p.value)).collect::<Vec<_>>()
            )
        })
        .collect();
    match ending {
        Ok(ending) => (ending, marks),
        Err(error) => panic!("{} {defence}: {error:#}\n{}", scene.id, told.join("\n")),
    }
}

#[tokio::test]
async fn each_scene_ends_as_its_defence_says() {
    let houses = Houses::open().await.unwrap();
    for scene in Scene::all() {
        let (off, marks) = play(&houses, scene, Defence::Off).await;
        println!("{} off: {}\n  {:?}", scene.id, off.verdict, off.loot);
        assert!(off.attacker_won, "{}: {}", scene.id, off.verdict);
        assert!(!off.loot.is_empty());
        check(scene, &marks);
        let (on, marks) = play(&houses, scene, Defence::On).await;
        println!("{} on: {}", scene.id, on.verdict);
        assert!(!on.attacker_won, "{}: {}", scene.id, on.verdict);
        check(scene, &marks);
    }
}

/// Every arrow is between parties of the scene's cast, every request has its answer, and no secret is shown.
fn check(scene: &Scene, marks: &[Mark]) {
    let in_cast = |party| scene.cast.iter().any(|(known, _)| *known == party);
    let mut open = Vec::new();
    for mark in marks {
        match mark.kind {
            Kind::Note => continue,
            Kind::Request => open.push((mark.from, mark.to)),
            Kind::Answer => assert_eq!(open.pop(), Some((mark.to, mark.from)), "{}: {}", scene.id, mark.line),
        }
        assert!(in_cast(mark.from) && in_cast(mark.to), "{}: {mark:?}", scene.id);
        for pair in &mark.pairs {
            // Codes, tokens, secrets and the parts of a JWT are at least 43 characters of one alphabet.
            let is_long =
                |word: &str| word.len() >= 40 && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
            let is_public = pair.name == "code_challenge";
            let words = pair.value.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
            assert!(is_public || !words.into_iter().any(is_long), "{}: {} shows {}", scene.id, pair.name, pair.value);
        }
    }
    assert!(open.is_empty(), "{}: a request without an answer", scene.id);
}

/// The ending is told by the answers: the same careless run against a server that lacks nothing is no success.
#[tokio::test]
async fn no_weakness_no_success() {
    let houses = Houses::open().await.unwrap();
    for scene in Scene::all().iter().filter(|scene| !scene.weakness.is_empty()) {
        let act = Act::new(houses.strong.clone(), Defence::Off, Recorder::paced(Duration::ZERO));
        let won = scene.play(&act).await.is_ok_and(|ending| ending.attacker_won);
        assert!(!won, "{} succeeds without its weakness", scene.id);
    }
}

#[tokio::test]
async fn runs_at_the_same_time_do_not_meet() {
    let houses = std::sync::Arc::new(Houses::open().await.unwrap());
    let mut playing = tokio::task::JoinSet::new();
    for scene in Scene::all() {
        for defence in Defence::BOTH {
            let houses = houses.clone();
            playing.spawn(async move { (scene.id, defence, play(&houses, scene, defence).await.0.attacker_won) });
        }
    }
    while let Some(played) = playing.join_next().await {
        let (id, defence, won) = played.unwrap();
        assert_eq!(won, defence == Defence::Off, "{id} {defence}");
    }
}
