//! The careless and the malicious robot by themselves, as the programs run them.

#![cfg(feature = "scenes")]

use std::sync::{Arc, Mutex};

use lab::careless::{CarelessConfig, KnownServer, router};
use lab::malicious::{Malicious, MaliciousConfig};
use lab::public_client::PublicClient;
use lab::scenes::browser::Browser;
use lab::scenes::house::House;
use lab::{Surroundings, Wire, malicious};
use tokio::net::TcpListener;

async fn listen() -> (TcpListener, String) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", socket.local_addr().unwrap());
    (socket, origin)
}

/// A malicious robot in front of this house, passing itself off as the house's native app.
async fn thief(house: &House) -> Arc<Malicious> {
    let (socket, origin) = listen().await;
    let app = PublicClient {
        issuer: house.issuer.clone(),
        client_id: house.native_client().unwrap().to_owned(),
        redirect_uri: format!("{origin}/callback"),
        mailbox_url: house.mailbox.clone(),
        wire: Wire::loopback_only(),
        surroundings: Surroundings::system(),
    };
    let robot = Malicious::new(MaliciousConfig { offer: format!("{origin}/"), origin, app });
    let site = malicious::router(robot.clone());
    tokio::spawn(async move { axum::serve(socket, site).await });
    robot
}

/// What it tells about what it caught.
async fn told(robot: &Malicious) -> String {
    let lines = Mutex::new(Vec::new());
    let mut done = 0;
    while *robot.watch().borrow() > done {
        done = robot.work_through(done, &|line| lines.lock().unwrap().push(line)).await.unwrap();
    }
    lines.into_inner().unwrap().join("\n")
}

#[tokio::test]
async fn custom_scheme_hijack_a_handed_over_code_is_redeemed_where_pkce_is_not_demanded() {
    let house = House::weak(&["pkce-downgrade"]).await.unwrap();
    let robot = thief(&house).await;
    let server = KnownServer {
        name: "Mail".to_owned(),
        authorization_endpoint: format!("{}/authorize", house.issuer),
        token_endpoint: format!("{}/token", house.issuer),
        client_id: house.native_client().unwrap().to_owned(),
        client_secret: None,
    };
    let scheme = robot.app().redirect_uri.clone();
    let mut ada = Browser::over(Wire::loopback_only());
    ada.hold(&scheme);
    let page = ada.open(&server.authorization_url(&scheme)).await.unwrap();
    let form = page.form("/sign-in").unwrap();
    let form = form.fill("username", &house.ada.username).fill("password", house.ada.password.expose());
    let page = ada.send(&page, form).await.unwrap();
    let stopped = ada.send(&page, page.form("/consent").unwrap().fill("decision", "allow")).await.unwrap();
    // The system starts the program with the address; nothing was sent to its site.
    robot.opened_with(stopped.url.as_str());
    let told = told(&robot).await;
    assert!(told.contains("code sc_ac.••••••") && told.contains("read 1 mails"), "{told}");
    assert!(!told.contains(&stopped.parameter("code").unwrap()), "a secret was printed: {told}");
}

#[tokio::test]
async fn an_invented_code_opens_nothing() {
    let house = House::weak(&["pkce-downgrade"]).await.unwrap();
    let robot = thief(&house).await;
    robot.opened_with("org.example.mail:/callback?code=invented-code-that-nobody-issued-000000000000");
    let told = told(&robot).await;
    assert!(told.contains("the server refused: invalid_grant") && !told.contains("read "), "{told}");
}

#[tokio::test]
async fn the_careless_robot_sends_anybody_anywhere() {
    let (socket, origin) = listen().await;
    let config =
        CarelessConfig { origin: origin.clone(), servers: Vec::new(), mailbox_url: origin.clone(), banner: None };
    tokio::spawn(async move { axum::serve(socket, router(config, Wire::loopback_only())).await });
    let mut browser = Browser::over(Wire::loopback_only());
    browser.hold("http://evil.example");
    let page = browser.open(&format!("{origin}/go?to=http://evil.example/%23x")).await.unwrap();
    assert_eq!(page.url.host_str(), Some("evil.example"));
    // Without a server, and with a token that is none, it says so and goes on living.
    assert!(browser.open(&format!("{origin}/connect")).await.unwrap().problem().is_some());
    assert!(browser.open(&format!("{origin}/inbox?token=none")).await.unwrap().problem().is_some());
    assert!(browser.open(&format!("{origin}/callback")).await.unwrap().problem().is_some());
}
