//! What foreign pages and the network between can get at.

mod cors;
mod frames;
mod pages;

use crate::case::Case;

pub(super) fn all() -> Vec<Case> {
    [cors::all(), frames::all(), pages::all()].into_iter().flatten().collect()
}
