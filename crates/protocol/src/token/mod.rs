//! What all grants share at the token endpoint: plans, their commitment, and the answer.

pub mod access;
mod plan;
mod request;
mod response;

pub use access::{AccessPlan, Target};
pub use plan::{Consequence, GrantRefusal, GrantTouch, IdTokenPlan, IssuePlan, RefreshPlan, Spend};
pub(crate) use plan::{issue_for_person, owner_in_use};
pub use request::{TokenRequest, Wanted};
pub use response::{Signer, TokenResponse};
