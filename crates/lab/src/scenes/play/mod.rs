//! The scripts, one file each.

mod code_injection;
mod code_replay;
mod embedded_browser;
mod forged_callback;
mod loose_redirect;
mod mix_up;
mod open_redirector;
mod redirect_hijack;
mod referrer_leak;

use super::Scene;

/// All scenes, in the order of the page.
pub(super) const SCENES: &[Scene] = &[
    redirect_hijack::SCENE,
    embedded_browser::SCENE,
    forged_callback::SCENE,
    referrer_leak::SCENE,
    loose_redirect::SCENE,
    open_redirector::SCENE,
    code_replay::SCENE,
    code_injection::SCENE,
    mix_up::SCENE,
];
