//! Browsers that an app controls (RFC 8252 section 8.12): in a web view the app reads the password and presses the buttons.

use super::{CheckedAuthorizationRequest, PageRejection};
use crate::registration::ApplicationType;
use crate::rules::Rule;

/// What embedded browsers and the HTTP stacks of mobile systems call themselves. An app that lies is not caught: this is a
/// hurdle for those that embed without a thought.
const MARKS: &[&str] = &[
    "; wv)",
    "FBAN/",
    "FBAV/",
    "Instagram ",
    "Line/",
    "MicroMessenger/",
    "WebView",
    "okhttp/",
    "CFNetwork/",
    "Dalvik/",
];

/// Whether a `User-Agent` names a browser inside an app. iOS web views have no mark of their own: they lack the word that
/// every browser there ends with.
fn is_embedded(user_agent: &str) -> bool {
    let ios = ["iPhone;", "iPad;", "iPod;"].iter().any(|device| user_agent.contains(device));
    (ios && user_agent.contains("AppleWebKit/") && !user_agent.contains("Safari/"))
        || MARKS.iter().any(|mark| user_agent.contains(mark))
}

impl CheckedAuthorizationRequest {
    /// Refuses a native client whose sign-in page would open inside an app. A wrong `Ok` costs little, since an app can
    /// call its web view what it likes; a wrong `Err` keeps a person from signing in.
    ///
    /// # Errors
    /// [`Rule::EmbeddedBrowser`], for our own page: the app that embeds must not get an answer to show off.
    pub fn outside_of_apps(self, user_agent: Option<&str>) -> Result<Self, PageRejection> {
        let native = self.client().application_type() == ApplicationType::Native;
        // defends: embedded-browser-credential-theft
        if native && user_agent.is_some_and(is_embedded) {
            return Err(PageRejection(Rule::EmbeddedBrowser.refuse()));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::is_embedded;

    #[test]
    fn embedded_browser_credential_theft_web_views_are_told_from_browsers() {
        for embedded in [
            "Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/500.0]",
            "okhttp/4.12.0",
        ] {
            assert!(is_embedded(embedded), "{embedded}");
        }
        for browser in [
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "curl/8.5.0",
        ] {
            assert!(!is_embedded(browser), "{browser}");
        }
    }
}
