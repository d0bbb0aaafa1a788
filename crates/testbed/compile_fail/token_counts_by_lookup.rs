//! A token counts only after its grant, its person and its client were looked at.

use protocol::inspect::LiveToken;
use protocol::record::PeekedAccess;

fn believe(peeked: PeekedAccess) -> LiveToken {
    LiveToken { peeked }
}

fn main() {}
