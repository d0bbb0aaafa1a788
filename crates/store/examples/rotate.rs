//! What the ledger costs: operations a second with 64 tasks at work, and the writer's CPU for each operation.
//!
//! `cargo run --release -p safeconduct-store --example rotate [folder [operations]]`
//!
//! Plans are made beforehand, so that only the store is measured. Time is counted in whole and the writer's share read
//! from `/proc`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::VecDeque;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use protocol::handle::{HandleKind, PresentedHandle};
use protocol::inspect::PresentedToken;
use store::{Ledger, SqliteOptions};
use support::{Stage, Tokens, code_of};

const TASKS: usize = 64;

/// CPU seconds that the writer's thread has used.
fn writer_cpu() -> f64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return f64::NAN };
    let mut nanos = 0.0;
    for task in tasks.flatten() {
        let read = |name: &str| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        if read("comm").trim() == "store-writer" {
            // The first number of schedstat is time on a processor, in nanoseconds.
            nanos += read("schedstat").split(' ').next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(f64::NAN);
        }
    }
    nanos / 1e9
}

/// Hands the items out to [`TASKS`] tasks; gives back what they made.
async fn measure<T, R, F, Fut>(name: &str, items: Vec<T>, operation: F) -> Vec<R>
where
    T: Send + 'static,
    R: Send + 'static,
    F: Fn(T) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = R> + Send,
{
    let count = items.len();
    let queue = Arc::new(Mutex::new(VecDeque::from(items)));
    let (start, cpu) = (Instant::now(), writer_cpu());
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (queue, operation) = (Arc::clone(&queue), operation.clone());
            tokio::spawn(async move {
                let mut made = Vec::new();
                loop {
                    let item = queue.lock().expect("no task panics").pop_front();
                    let Some(item) = item else { return made };
                    made.push(operation(item).await);
                }
            })
        })
        .collect();
    let mut made = Vec::with_capacity(count);
    for task in tasks {
        made.extend(task.await.expect("no task panics"));
    }
    let seconds = start.elapsed().as_secs_f64();
    let writer = (writer_cpu() - cpu) * 1e6 / count as f64;
    let each = seconds * 1e6 / count as f64;
    println!("{name:<38} {:>9.0} a second {each:>8.2} us each {writer:>8.2} us of the writer", count as f64 / seconds);
    made
}

async fn run(path: PathBuf, count: usize) {
    let options = || SqliteOptions::default();
    let ledger = Ledger::open_sqlite(&path, options()).expect("a folder that can be written");
    let stage = Arc::new(Stage::new(ledger.clone(), 1 << 60).await);
    let client = stage.authenticated("robot").await;
    let registered = stage.client("robot").await;

    let plans = (0..count).map(|_| stage.code_plan(registered.clone(), "mail:read", None)).collect();
    let write = ledger.clone();
    let codes = measure("commit_code", plans, move |plan| {
        let write = write.clone();
        async move { code_of(write.commit_code(plan).await.expect("new")) }
    })
    .await;

    let mut plans = Vec::new();
    for code in &codes {
        plans.push(stage.redemption(&client, code).await.expect("active"));
    }
    let signer = stage.clone();
    let tokens: Vec<Tokens> = measure("commit: redeem a code", plans, move |plan| {
        let signer = signer.clone();
        async move { signer.tokens(signer.ledger.commit(plan).await.expect("active")) }
    })
    .await;

    let mut tokens = tokens;
    for round in ["commit: rotate", "commit: rotate again"] {
        let mut plans = Vec::new();
        for token in &tokens {
            plans.push(stage.rotation(&client, &token.refresh).await.expect("active"));
        }
        let signer = stage.clone();
        tokens = measure(round, plans, move |plan| {
            let signer = signer.clone();
            async move { signer.tokens(signer.ledger.commit(plan).await.expect("active")) }
        })
        .await;
    }

    let machine = serde_json::json!({
        "client_id": "machine", "grant_types": ["client_credentials"], "scope": "mail:read",
        "token_endpoint_auth_method": "private_key_jwt", "jwks": stage.keys,
    });
    let machine = serde_json::from_value(machine).expect("well-formed");
    let machine = protocol::registration::RegisteredClient::register(machine, "", &stage.policy, support::NOW);
    ledger.put_client(machine.expect("allowed")).await.expect("written");
    let machine = stage.authenticated("machine").await;
    let mut plans = Vec::new();
    for _ in 0..count {
        plans.push(
            stage.decide(&machine, "client_credentials", "scope=mail:read", support::NOW).await.expect("allowed"),
        );
    }
    let write = ledger.clone();
    measure("commit: insert an access token", plans, move |plan| {
        let write = write.clone();
        async move { drop(write.commit(plan).await.expect("new")) }
    })
    .await;

    let handles = |tokens: &[Tokens], last: usize| -> Vec<PresentedHandle> {
        let all = tokens.iter().filter_map(|token| PresentedHandle::parse(HandleKind::AccessToken, &token.access));
        let mut all: Vec<PresentedHandle> = all.collect();
        // Those that were read or written last are in the cache.
        all.sort_by_key(PresentedHandle::id);
        all.split_off(all.len().saturating_sub(last))
    };
    let peek = |ledger: &Ledger| {
        let ledger = ledger.clone();
        move |handle| {
            let ledger = ledger.clone();
            async move { drop(ledger.peek_token(&PresentedToken::Access(handle)).await.expect("readable").expect("known")) }
        }
    };
    let near: Vec<PresentedHandle> = handles(&tokens, 4096);
    for handle in &near {
        ledger.peek_token(&PresentedToken::Access(*handle)).await.expect("readable");
    }
    let often = near.iter().copied().cycle().take(count * 4).collect();
    measure("peek_token, cached", often, peek(&ledger)).await;
    ledger.close().await.expect("closed");

    let cold = Ledger::open_sqlite(&path, SqliteOptions { cached: 1, ..options() }).expect("just written");
    measure("peek_token, from SQL", handles(&tokens, count), peek(&cold)).await;
    let refresh = tokens.iter().filter_map(|token| PresentedHandle::parse(HandleKind::RefreshToken, &token.refresh));
    let read = cold.clone();
    measure("peek a refresh token, from SQL", refresh.collect(), move |handle| {
        let read = read.clone();
        async move { drop(read.peek_refresh(&handle).await.expect("readable").expect("known")) }
    })
    .await;
    cold.close().await.expect("closed");
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let count = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(50_000);
    let path = Path::new(&folder).join(format!("rotate-{}.sqlite", std::process::id()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    runtime.block_on(run(path.clone(), count));
    let size = std::fs::metadata(&path).map_or(0, |file| file.len());
    println!("{} bytes for {count} grants, {} tokens", size, count * 7);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
}
