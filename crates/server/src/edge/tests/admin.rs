//! Health and metrics on a real socket.

use super::stage::{Stage, quick};
use crate::edge::{Metrics, Readiness, admin};
use std::sync::Arc;

async fn get(stage: &Stage, host: &str, path: &str) -> String {
    stage.connect().await.exchange(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await
}

#[tokio::test]
async fn live_and_ready_are_told_apart() {
    let readiness = Readiness::default();
    let (store, keys) = (readiness.part("store"), readiness.part("keys"));
    let stage = Stage::start(admin::router(readiness.clone(), Arc::new(Metrics::new(""))), quick()).await;
    keys.ready();
    assert!(get(&stage, "127.0.0.1", "/health/live").await.starts_with("HTTP/1.1 200"));
    for path in ["/health/ready", "/health"] {
        let answer = get(&stage, "127.0.0.1", path).await;
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"store\":\"starting\""), "{answer}");
    }
    store.ready();
    assert!(get(&stage, "127.0.0.1", "/health/ready").await.starts_with("HTTP/1.1 200"));
    store.not_ready("disk full");
    let answer = get(&stage, "127.0.0.1", "/health").await;
    assert!(answer.contains("\"store\":\"disk full\"") && answer.contains("\"live\":true"), "{answer}");
    store.ready();
    assert!(readiness.is_ready());
}

#[tokio::test]
async fn metrics_are_served() {
    let metrics = Arc::new(Metrics::new(""));
    metrics.token_issued("authorization_code");
    let stage = Stage::start(admin::router(Readiness::default(), metrics), quick()).await;
    let answer = get(&stage, "localhost", "/metrics").await;
    assert!(answer.contains("safeconduct_tokens_issued_total{grant=\"authorization_code\"} 1"), "{answer}");
    assert!(answer.contains("openmetrics-text"), "{answer}");
}

#[tokio::test]
async fn management_surface_exposure_rebound_names_and_changes_are_refused() {
    let stage = Stage::start(admin::router(Readiness::default(), Arc::new(Metrics::new(""))), quick()).await;
    for path in ["/metrics", "/health"] {
        assert!(get(&stage, "evil.example", path).await.starts_with("HTTP/1.1 421"), "{path}");
    }
    stage.expect_signal("management-access-refused");
    let post = "POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n";
    assert!(stage.connect().await.exchange(post).await.starts_with("HTTP/1.1 405"));
    for path in ["/", "/debug", "/admin", "/clients", "/backup", "/.env", "/token"] {
        assert!(get(&stage, "127.0.0.1", path).await.starts_with("HTTP/1.1 404"), "{path}");
    }
}
