//! The scripts, one file each.

mod code_injection;
mod embedded_browser;
mod forged_callback;
mod mix_up;
mod referrer_leak;

use super::Scene;

/// All scenes, in the order of the page.
pub(super) const SCENES: &[Scene] = &[
    embedded_browser::SCENE,
    forged_callback::SCENE,
    referrer_leak::SCENE,
    code_injection::SCENE,
    mix_up::SCENE,
];
