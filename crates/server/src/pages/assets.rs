//! Style sheet, logo and the one script, under names made from their content.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

/// A static file. Its name changes with its content, so answer it with [`Asset::CACHE_CONTROL`].
#[derive(Clone, Debug)]
pub struct Asset {
    /// The file.
    pub bytes: &'static [u8],
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its `ETag`, quoted.
    pub etag: String,
    logical: &'static str,
    name: String,
}

impl Asset {
    /// The `Cache-Control` of every asset: for good.
    pub const CACHE_CONTROL: &'static str = "public, max-age=31536000, immutable";
}

/// The static files of the pages.
#[derive(Clone, Copy, Debug)]
pub struct Assets;

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset("style.css", "text/css; charset=utf-8", include_bytes!("../../assets/style.css")),
        asset("form-post.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/form-post.js")),
        asset("logo.svg", "image/svg+xml", include_bytes!("../../assets/logo.svg")),
    ]
});

impl Assets {
    /// The file served as `/assets/<name>`; `None` for any other name, also for the name of an older content.
    pub fn get(name: &str) -> Option<&'static Asset> {
        ASSETS.iter().find(|asset| asset.name == name)
    }

    /// The path of a file by its plain name, such as `style.css`. Unknown names give a path that answers 404; the
    /// tests render every page and look each one up.
    pub fn url(logical: &str) -> String {
        let found = ASSETS.iter().find(|asset| asset.logical == logical);
        format!("/assets/{}", found.map_or(logical, |asset| &asset.name))
    }
}

fn asset(logical: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    // 128 bits of the hash: nobody else writes these files, so it only has to tell versions apart.
    let hash = HEXLOWER.encode(&digest(&SHA256, bytes).as_ref()[..16]);
    let extension = logical.rsplit('.').next().unwrap_or(logical);
    Asset { bytes, content_type, etag: format!("\"{hash}\""), logical, name: format!("{hash}.{extension}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_are_found_under_their_hashed_names_only() {
        for logical in ["style.css", "form-post.js", "logo.svg"] {
            let url = Assets::url(logical);
            let name = url.strip_prefix("/assets/").unwrap_or_default();
            assert!(Assets::get(name).is_some_and(|asset| asset.logical == logical), "{url}");
            assert!(Assets::get(logical).is_none());
        }
        for name in ["", "../style.css", "0.css"] {
            assert!(Assets::get(name).is_none(), "{name}");
        }
    }

    #[test]
    fn credential_leak_via_referrer_assets_load_nothing_from_elsewhere() {
        for asset in ASSETS.iter() {
            let text = String::from_utf8_lossy(asset.bytes).replace("http://www.w3.org/2000/svg", "");
            for word in ["http:", "https:", "url(", "@import", "data:", "innerHTML", "eval", "<script", "<style"] {
                assert!(!text.contains(word), "{}: {word}", asset.logical);
            }
        }
    }
}
