//! What several weaknesses share: a request that counts for nobody, because it seems to come from somewhere new each time.

use std::net::{IpAddr, Ipv4Addr};

use super::super::backdoor::Straw;
use super::super::exchange::Ask;

/// Gives a request an address of its own, so that no limit by address sees the one before.
pub(super) fn forget_where_from(straw: &Straw, ask: &mut Ask) {
    // Without randomness nothing can be answered; the edge turns the panic into a 500.
    let bytes: [u8; 32] = straw.app.entropy.bytes().expect("the system's random source works");
    ask.peer.client = IpAddr::V4(Ipv4Addr::new(bytes[0] % 100 + 11, bytes[1], bytes[2], bytes[3]));
}
