use scraper::{Html, Selector};
use url::Url;

use crate::cx::Cx;
use crate::flow::landing::Landing;
use crate::flow::person::Intent;
use crate::http::Answer;
use crate::verdict::{Stop, Verdict};

/// What a page loads that its own origin does not vouch for, and whether it runs script at all.
#[derive(Debug, Default, PartialEq, Eq)]
struct Loads {
    foreign: Option<String>,
    script: bool,
}

fn loads(at: &Url, html: &str) -> Loads {
    let document = Html::parse_document(html);
    let mut loads = Loads::default();
    // The selectors are part of the program, and the test below uses each.
    let selector = |css: &str| Selector::parse(css).expect("a selector");
    for (css, attribute) in [
        ("script[src]", "src"),
        ("link[rel~=stylesheet][href], link[rel~=modulepreload][href]", "href"),
        ("iframe[src], embed[src]", "src"),
        ("object[data]", "data"),
    ] {
        for element in document.select(&selector(css)) {
            let Some(url) = element.attr(attribute).and_then(|value| at.join(value).ok()) else { continue };
            let own = url.origin() == at.origin() || matches!(url.scheme(), "data" | "about" | "blob");
            if !own && element.attr("integrity").is_none() && loads.foreign.is_none() {
                let name = element.value().name();
                loads.foreign = Some(format!("a {name} from {}", &url[..url::Position::BeforePath]));
            }
        }
    }
    for element in document.select(&selector("style")) {
        let text: String = element.text().collect();
        let imported = text.split("@import").skip(1).filter_map(|rest| {
            let rest = rest.trim_start().trim_start_matches("url(").trim_start_matches(['"', '\'', ' ']);
            at.join(rest.split(['"', '\'', ')', ';', ' ']).next()?).ok()
        });
        if let Some(url) = imported.into_iter().find(|url| url.origin() != at.origin())
            && loads.foreign.is_none()
        {
            loads.foreign = Some(format!("a style sheet from {}", &url[..url::Position::BeforePath]));
        }
    }
    loads.script = document.select(&selector("script")).next().is_some();
    loads
}

pub(super) async fn pages(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let asking = || Ok::<_, Stop>(cx.request(&client)?.set("prompt", "consent"));
    let sign_in = cx.walk(&mut cx.stranger(), &asking()?, Intent::Anonymous).await?;
    let consent = cx.walk(&mut cx.fresh_person(), &asking()?, Intent::Stop).await?;
    let error = cx.walk(&mut cx.stranger(), &asking()?.set("client_id", "nobody"), Intent::Anonymous).await?;
    let mut read = Vec::new();
    for (what, landing) in [("sign-in", &sign_in), ("consent", &consent), ("error", &error)] {
        let Landing::Page { url, answer, .. } = landing else { continue };
        if !answer.is_html() {
            continue;
        }
        let found = loads(url, &answer.text());
        if let Some(foreign) = found.foreign {
            return Ok(Verdict::vulnerable(format!("the {what} page loads {foreign} without an integrity value")));
        }
        read.push(if found.script && policy(answer).is_none() {
            format!("{what} (with script and no policy)")
        } else {
            what.into()
        });
    }
    match read.is_empty() {
        true => Err(Stop::inconclusive("neither a sign-in page nor a consent page was found")),
        false => {
            Ok(Verdict::resisted(format!("nothing comes from elsewhere unchecked on these pages: {}", read.join(", "))))
        }
    }
}

fn policy(answer: &Answer) -> Option<&str> {
    answer.header("content-security-policy")
}

#[cfg(test)]
mod tests {
    use super::loads;
    use url::Url;

    #[test]
    fn what_comes_from_elsewhere_is_found_and_what_is_vouched_for_is_not() {
        let at = Url::parse("https://as.example/sign-in").unwrap();
        for bad in [
            "<script src=//cdn.example/a.js></script>",
            "<script src='http://as.example/a.js'></script>",
            "<link rel='stylesheet' href='https://cdn.example/a.css'>",
            "<iframe src='https://other.example/'></iframe>",
            "<object data='https://other.example/'></object>",
            "<style> @import url(https://fonts.example/a.css); </style>",
            "<style>@import \"//fonts.example/a.css\"</style>",
        ] {
            assert!(loads(&at, bad).foreign.is_some(), "{bad}");
        }
        for good in [
            "<script src=/a.js></script>",
            "<script src=https://cdn.example/a.js integrity=sha384-x></script>",
            "<link rel=icon href=https://cdn.example/a.ico>",
            "<script>let a</script>",
            "<style>@import '/own.css'; p { color: red }</style>",
        ] {
            assert_eq!(loads(&at, good).foreign, None, "{good}");
        }
    }
}
