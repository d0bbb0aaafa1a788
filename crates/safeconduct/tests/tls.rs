//! `doctor` beside a server with a certificate of its own.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::{Home, run_with};
use serde_json::Value;

#[test]
fn doctor_reaches_an_https_issuer_and_checks_its_certificate() {
    let home = Home::at("https://localhost");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (home.data().join("tls.pem"), home.data().join("tls.key"));
    fs::write(&certificate, made.cert.pem()).expect("written");
    fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("chmod");
    let mut config = fs::read_to_string(&home.config).expect("there");
    config.push_str("\n[server.tls]\ncertificate = \"tls.pem\"\nkey = \"tls.key\"\n");
    fs::write(&home.config, config).expect("written");
    let server = home.serve();
    let path = home.config.display().to_string();
    let doctor = |roots: &str| -> Value {
        let done = run_with(&["doctor", "--json", "--config", &path], "", &[("SSL_CERT_FILE", roots)]);
        serde_json::from_str(&done.out).expect("JSON")
    };
    let report = doctor(&certificate.display().to_string());
    assert_eq!(report["findings"], Value::Array(vec![]), "{report}");
    // Clients that do not know the authority cannot connect, and that is what doctor tells.
    let stranger = rcgen::generate_simple_self_signed(["other".to_owned()]).expect("a certificate");
    let other = home.dir.path().join("other.pem");
    fs::write(&other, stranger.cert.pem()).expect("written");
    let report = doctor(&other.display().to_string());
    assert_eq!(report["findings"][0]["check"], "issuer", "{report}");
    assert!(report["findings"][0]["problem"].as_str().expect("text").contains("certificate"), "{report}");
    server.stop();

    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("chmod");
    let refused = home.run(&["serve"], "");
    assert!(refused.failure().contains("server.tls.key") && refused.err.contains("chmod 600"), "{}", refused.err);
}
