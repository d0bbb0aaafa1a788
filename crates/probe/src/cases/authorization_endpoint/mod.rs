//! The authorization endpoint and the pages behind it.

mod consent;
pub(crate) mod content;
mod enumeration;
mod framing;
mod hands;
pub(crate) mod headers;
mod modes;
mod objects;
mod pages;
mod par;
mod redirects;
mod scope;
mod session;
pub(crate) mod tour;
mod transport;

use crate::case::Case;

pub(super) fn all() -> Vec<Case> {
    [
        consent::all(),
        enumeration::all(),
        framing::all(),
        modes::all(),
        objects::all(),
        pages::all(),
        par::all(),
        redirects::all(),
        scope::all(),
        session::all(),
        transport::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
