//! Consent comes of a press on the button or of what was remembered, never of a struct.

use protocol::authorize::Consent;
use protocol::scope::ScopeSet;

fn invent(scope: ScopeSet) -> Consent {
    Consent { scope }
}

fn main() {}
