//! What the store keeps cannot be presented in place of what the client holds.

use protocol::handle::{HandleKind, Id, PresentedHandle, SecretHash};

fn forge(id: Id, hash: SecretHash) -> PresentedHandle {
    PresentedHandle { kind: HandleKind::Code, id, hash }
}

fn main() {}
