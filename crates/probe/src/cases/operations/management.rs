//! Doors for administrators, on the address that is open to all.

use url::Url;

use crate::case;
use crate::case::Case;
use crate::cases::honest::usual_tokens;
use crate::cx::Cx;
use crate::flow::call::Place;
use crate::http::{Answer, Request};
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("management-surface-exposure", "usual-paths", "Fifty usual paths of management, metrics and debugging",
            needs: [], features: [], phase: Normal, sections: ["RFC 6819 section 5.1.4.1.1"], run: usual_paths),
        case!("management-surface-exposure", "token-of-a-person", "A person's access token at management interfaces",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 2.3"], run: token_of_a_person),
    ]
}

/// Paths that answer with data about the inside wherever they exist. Pages for people are not among them: a sign-in page
/// under `/admin` gives nothing away.
const PATHS: &[&str] = &[
    "metrics",
    "prometheus",
    "actuator",
    "actuator/env",
    "actuator/heapdump",
    "actuator/beans",
    "actuator/loggers",
    "debug/pprof/",
    "debug/vars",
    "debug",
    "_debug",
    "server-status",
    "server-info",
    "phpinfo.php",
    "info.php",
    "env",
    ".env",
    ".git/config",
    ".git/HEAD",
    ".svn/entries",
    ".DS_Store",
    "config.json",
    "config.yml",
    "config.toml",
    "safeconduct.toml",
    "appsettings.json",
    "backup.sql",
    "dump.sql",
    "store.sqlite",
    "db.sqlite3",
    "backup.zip",
    "admin/clients",
    "admin/users",
    "admin/api",
    "admin/keys",
    "admin/config",
    "api/admin",
    "api/clients",
    "api/users",
    "clients",
    "users",
    "keys",
    "admin/realms/master/users",
    "oauth2/clients",
    "management",
    "manage/env",
    "console",
    "h2-console",
    "graphql",
    "trace",
    "threads",
    "heapdump",
    "jolokia/list",
    "control.sock",
];

/// Words that only such documents hold.
const INSIDE: &[&str] = &[
    "# HELP ",
    "# TYPE ",
    "propertySources",
    "\"activeProfiles\"",
    "goroutine profile",
    "/debug/pprof/",
    "Apache Server Status",
    "phpinfo()",
    "[core]",
    "ref: refs/",
    "SQLite format 3",
    "CREATE TABLE",
    "client_secret",
    "\"cmdline\"",
    "JAVA PROFILE",
    "private_key",
    "\"beans\"",
    "password_hash",
];

async fn usual_paths(cx: &Cx) -> Result<Verdict, Stop> {
    let base = format!("{}/", cx.target().issuer.trim_end_matches('/'));
    let base = Url::parse(&base).map_err(|error| Stop::inconclusive(format!("the issuer: {error}")))?;
    let source = cx.elsewhere();
    for path in PATHS {
        let url = base.join(path).map_err(|error| Stop::inconclusive(error.to_string()))?;
        let answer = source.send(&Request::get("a usual path", url)).await?;
        if shows_the_inside(&answer) {
            return Ok(Verdict::vulnerable(format!("/{path} answers strangers with what should stay inside")));
        }
    }
    Ok(Verdict::resisted(format!("none of {} usual paths gives anything to strangers", PATHS.len())))
}

fn shows_the_inside(answer: &Answer) -> bool {
    let text = answer.text();
    let listed = answer
        .json()
        .as_array()
        .is_some_and(|all| all.iter().any(|one| one["client_id"].is_string() || one["username"].is_string()));
    answer.status == 200 && (listed || INSIDE.iter().any(|word| text.contains(word)))
}

async fn token_of_a_person(cx: &Cx) -> Result<Verdict, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let token = tokens.expect("access_token")?;
    let base = format!("{}/", cx.target().issuer.trim_end_matches('/'));
    let base = Url::parse(&base).map_err(|error| Stop::inconclusive(format!("the issuer: {error}")))?;
    for url in &cx.target().operator.management {
        for (words, answer) in [
            ("without anything", cx.get("management without anything", url).await?),
            ("with a person's access token", cx.call(url, "GET", token, Place::Header).await?),
        ] {
            if (200..300).contains(&answer.status) {
                return Ok(Verdict::vulnerable(format!("the management interface {} opens {words}", url.path())));
            }
        }
    }
    let usual: Vec<_> = PATHS
        .iter()
        .filter(|path| path.contains("admin") || path.contains("api/") || path.contains("clients"))
        .collect();
    for path in &usual {
        let url = base.join(path).map_err(|error| Stop::inconclusive(error.to_string()))?;
        if shows_the_inside(&cx.call(&url, "GET", token, Place::Header).await?) {
            return Ok(Verdict::vulnerable(format!("/{path} opens for a person's access token")));
        }
    }
    let named = cx.target().operator.management.len();
    Ok(Verdict::resisted(format!(
        "a person's token opens none of {} usual paths and {named} that the operator named",
        usual.len()
    )))
}

#[cfg(test)]
mod tests {
    use super::shows_the_inside;
    use crate::http::Answer;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn data_counts_and_pages_do_not() {
        assert!(shows_the_inside(&answer(200, "# HELP requests_total All requests\n# TYPE requests_total counter\n")));
        assert!(shows_the_inside(&answer(200, r#"[{"client_id":"web"}]"#)));
        assert!(!shows_the_inside(&answer(401, "# HELP ")));
        assert!(!shows_the_inside(&answer(200, "<html><body>Sign in</body></html>")));
    }
}
