//! The server-rendered pages: what a person sees while an app asks for access.
//!
//! A view is plain data; [`SignInView::render`] and its siblings turn one into HTML. Nothing here knows the protocol,
//! the store or the clock, so every page can be drawn from samples (`cargo run -p safeconduct-server --example pages
//! -- <folder>`).
//!
//! How a page stays safe, in four places:
//! - templates escape every value and cannot emit raw text; the tests refuse a template or a file here that could;
//! - [`display`] makes text of others harmless to read: direction, invisible characters, length, look-alike hosts;
//! - [`security_headers`] gives each kind of page the narrowest policy it works with;
//! - scripts: none, but for a static one that submits the `form_post` page, which also has a button.

mod assets;
mod consent;
pub mod display;
mod form_post;
mod headers;
mod home;
mod locale;
mod problem;
mod sign_in;

pub use assets::{Asset, Assets};
pub use consent::{AccessFor, ClaimRow, ConsentView, Fact, Remember, ScopeRow};
pub use display::Destination;
pub use form_post::FormPostView;
pub use headers::{PageKind, Transport, form_action_source, security_headers};
pub use home::HomeView;
pub use locale::Locale;
pub use problem::{Back, Detail, ErrorView, PageProblem, ReturnErrorView, ReturnTarget, RuleView};
pub use sign_in::{Reauth, ReauthReason, SignInProblem, SignInView};
