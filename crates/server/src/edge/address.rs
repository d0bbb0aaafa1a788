//! Who is at the other end: the address that limits and events go by.
//!
//! Behind a reverse proxy the socket's address is the proxy's, and the client's stands in `X-Forwarded-For`, to which
//! every hop adds the address it saw at the right. Anyone can send the header, so only what proxies of ours wrote is
//! believed: we walk from the right, through trusted proxies only, and the first address that is none of them is the
//! client.
//!
//! decision: `Forwarded` (RFC 7239) is not read. A proxy that appends one of the two headers passes the other through
//! as the client sent it; reading both would let the client choose. `X-Forwarded-Host` and `X-Forwarded-Proto` never
//! take part in making a URL: URLs come from the issuer.

use crate::config::Network;
use http::HeaderMap;
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Hops looked at, at most; a longer chain is no chain of ours.
const MOST_HOPS: usize = 32;

/// An address as limits count it: IPv4 whole, IPv6 by its /64, which one customer owns and can choose from at will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressKey(IpAddr);

impl AddressKey {
    /// The site of the address, as far as one can tell: of IPv6 the /48 that providers give away whole, which holds 65,536
    /// keys of one owner; of IPv4 the address.
    #[must_use]
    pub fn site(self) -> AddressKey {
        match self.0 {
            IpAddr::V6(v6) => AddressKey(IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !(u128::MAX >> 48)))),
            IpAddr::V4(_) => self,
        }
    }
}

impl From<IpAddr> for AddressKey {
    fn from(address: IpAddr) -> Self {
        // defends: password-online-guessing, dos-expensive-input  one /64 holds 2^64 addresses of one attacker.
        AddressKey(match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX))),
            v4 => v4,
        })
    }
}

impl fmt::Display for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/64"),
        }
    }
}

/// How a request came over the last hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Plain HTTP: loopback, or a trusted proxy that does TLS.
    Plain,
    /// TLS, ended by this server.
    Tls,
}

/// Who sent a request. In the extensions of every request that passed the listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The other end of the socket: the client, or the last proxy.
    pub socket: SocketAddr,
    /// The client as far as it can be known, IPv4-mapped addresses as IPv4.
    pub client: IpAddr,
    /// How the request came over the last hop.
    pub transport: Transport,
}

impl Peer {
    /// The client's address as limits count it.
    #[must_use]
    pub fn key(&self) -> AddressKey {
        self.client.into()
    }
}

/// What a request's headers say about its way, after deciding what to believe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The client.
    pub client: IpAddr,
    /// Whether headers about the way were there and not believed.
    pub forwarded: Forwarded,
}

/// What became of the headers that proxies write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarded {
    /// There were none.
    Absent,
    /// A trusted proxy wrote them.
    Believed,
    /// They came from elsewhere, or a trusted proxy passed on something that is no address.
    Ignored,
}

/// Why a request is refused for the way it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unacceptable {
    /// It carries a client-certificate header. No proxy of ours is set up to send one, so it is forged.
    CertificateHeader,
    /// It crossed a network unencrypted.
    Plaintext,
}

/// Which proxies are believed.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Believes the proxies in `networks`.
    #[must_use]
    pub fn new(networks: &[Network]) -> Self {
        Self(networks.iter().map(|network| network.get()).collect())
    }

    /// Whether `address` is a trusted proxy.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Decides who sent a request that came from `socket` with `headers`. A wrong answer lets an attacker choose the
    /// address that limits go by, or passes off plain HTTP as TLS.
    ///
    /// # Errors
    /// [`Unacceptable`]: refuse the request before reading any credential in it.
    pub fn resolve(
        &self,
        socket: IpAddr,
        transport: Transport,
        headers: &HeaderMap,
    ) -> Result<Provenance, Unacceptable> {
        let socket = socket.to_canonical();
        let seen = Seen::scan(headers);
        // defends: forwarded-header-forgery
        if seen.certificate {
            return Err(Unacceptable::CertificateHeader);
        }
        if !self.contain(socket) {
            // defends: eavesdrop-token-response, client-credentials-in-clear  someone reached the plain hop that only
            // the proxies should reach.
            if transport == Transport::Plain && !socket.is_loopback() {
                return Err(Unacceptable::Plaintext);
            }
            // defends: forwarded-header-forgery  from a stranger these headers are claims.
            let forwarded = if seen.any { Forwarded::Ignored } else { Forwarded::Absent };
            return Ok(Provenance { client: socket, forwarded });
        }
        if !seen.any {
            return Ok(Provenance { client: socket, forwarded: Forwarded::Absent });
        }
        let (client, forwarded) = self.walk(socket, headers);
        // defends: client-credentials-in-clear
        if !client.is_loopback() && says_plain_http(headers) {
            return Err(Unacceptable::Plaintext);
        }
        Ok(Provenance { client, forwarded })
    }

    /// From the right, through trusted proxies, to the first address that is none.
    fn walk(&self, socket: IpAddr, headers: &HeaderMap) -> (IpAddr, Forwarded) {
        let mut client = socket;
        let hops = headers
            .get_all("x-forwarded-for")
            .into_iter()
            .rev()
            .flat_map(|value| value.as_bytes().rsplit(|b| *b == b','));
        for (count, hop) in hops.enumerate() {
            let address = std::str::from_utf8(hop).ok().and_then(parse_hop);
            let Some(address) = address.filter(|_| count < MOST_HOPS) else {
                return (client, Forwarded::Ignored);
            };
            client = address;
            // defends: forwarded-header-forgery  left of the first stranger, everything is the stranger's to write.
            if !self.contain(address) {
                break;
            }
        }
        (client, Forwarded::Believed)
    }
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok());
    address.map(|address| address.to_canonical())
}

/// Whether any hop says that it was reached by plain HTTP.
fn says_plain_http(headers: &HeaderMap) -> bool {
    headers
        .get_all("x-forwarded-proto")
        .into_iter()
        .flat_map(|value| value.as_bytes().split(|b| *b == b','))
        .any(|proto| !proto.trim_ascii().eq_ignore_ascii_case(b"https"))
}

/// Which headers about the way a request has. One pass over the names, because it runs for every request.
struct Seen {
    any: bool,
    certificate: bool,
}

impl Seen {
    fn scan(headers: &HeaderMap) -> Self {
        let mut seen = Seen { any: false, certificate: false };
        for name in headers.keys() {
            let name = name.as_str();
            if !name.starts_with(['x', 'f', 'c', 's']) {
                continue;
            }
            match name {
                "forwarded" | "x-forwarded-for" | "x-forwarded-host" | "x-forwarded-port" | "x-forwarded-prefix"
                | "x-forwarded-proto" | "x-forwarded-scheme" | "x-forwarded-server" | "x-forwarded-ssl"
                | "x-real-ip" => {
                    seen.any = true;
                }
                "client-cert"
                | "client-cert-chain"
                | "ssl-client-cert"
                | "x-client-cert"
                | "x-forwarded-client-cert"
                | "x-ssl-cert"
                | "x-ssl-client-cert"
                | "x-amzn-mtls-clientcert" => {
                    seen.certificate = true;
                }
                _ => {}
            }
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn proxies(networks: &[&str]) -> Proxies {
        let network = |text: &&str| match text.parse() {
            Ok(network) => network,
            Err(_) => IpNet::from(text.parse::<IpAddr>().expect("an address")),
        };
        Proxies(networks.iter().map(network).collect())
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        map
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn client(proxies: &Proxies, socket: &str, xff: &[&'static str]) -> (IpAddr, Forwarded) {
        let pairs: Vec<_> = xff.iter().map(|value| ("x-forwarded-for", *value)).collect();
        let found = proxies.resolve(ip(socket), Transport::Tls, &headers(&pairs)).expect("acceptable");
        (found.client, found.forwarded)
    }

    #[test]
    fn forwarded_header_forgery_a_stranger_cannot_choose_its_address() {
        let trusted = proxies(&["10.0.0.0/8"]);
        assert_eq!(client(&trusted, "192.0.2.9", &["198.51.100.1"]), (ip("192.0.2.9"), Forwarded::Ignored));
        assert_eq!(client(&proxies(&[]), "127.0.0.1", &["198.51.100.1"]), (ip("127.0.0.1"), Forwarded::Ignored));
        for name in ["forwarded", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"] {
            let found = trusted.resolve(ip("192.0.2.9"), Transport::Tls, &headers(&[(name, "x")])).expect("acceptable");
            assert_eq!(found.forwarded, Forwarded::Ignored, "{name}");
        }
    }

    #[test]
    fn forwarded_header_forgery_the_rightmost_stranger_counts() {
        let trusted = proxies(&["10.0.0.0/8", "fd00::/48"]);
        let believed = |xff: &[&'static str]| {
            let (client, forwarded) = client(&trusted, "10.0.0.1", xff);
            assert_eq!(forwarded, Forwarded::Believed, "{xff:?}");
            client
        };
        assert_eq!(believed(&["1.1.1.1, 198.51.100.7"]), ip("198.51.100.7"));
        assert_eq!(believed(&["1.1.1.1", "198.51.100.7, 10.2.3.4"]), ip("198.51.100.7"));
        assert_eq!(believed(&["1.1.1.1", "198.51.100.7"]), ip("198.51.100.7"));
        assert_eq!(believed(&["198.51.100.7:4711"]), ip("198.51.100.7"));
        assert_eq!(believed(&["[2001:db8::1]:4711"]), ip("2001:db8::1"));
        assert_eq!(believed(&["[2001:db8::1],fd00::5"]), ip("2001:db8::1"));
        assert_eq!(believed(&["::ffff:198.51.100.7"]), ip("198.51.100.7"));
        assert_eq!(believed(&["10.0.0.9, 10.0.0.8"]), ip("10.0.0.9"), "all of them ours: the outermost");
    }

    #[test]
    fn forwarded_header_forgery_what_is_no_address_ends_the_walk() {
        let trusted = proxies(&["10.0.0.0/8"]);
        assert_eq!(client(&trusted, "10.0.0.1", &["1.1.1.1, unknown"]), (ip("10.0.0.1"), Forwarded::Ignored));
        assert_eq!(client(&trusted, "10.0.0.1", &["1.1.1.1, , 10.0.0.2"]), (ip("10.0.0.2"), Forwarded::Ignored));
        let long: &'static str = Box::leak("10.0.0.2,".repeat(40).into_boxed_str());
        assert_eq!(client(&trusted, "10.0.0.1", &[long.trim_end_matches(',')]).1, Forwarded::Ignored);
    }

    #[test]
    fn forwarded_header_forgery_certificate_headers_are_refused_from_anyone() {
        for socket in ["192.0.2.9", "10.0.0.1"] {
            let pairs = headers(&[("x-ssl-client-cert", "-----BEGIN")]);
            let found = proxies(&["10.0.0.0/8"]).resolve(ip(socket), Transport::Tls, &pairs);
            assert_eq!(found, Err(Unacceptable::CertificateHeader));
        }
    }

    #[test]
    fn client_credentials_in_clear_a_proxy_that_was_reached_by_http_is_refused() {
        let trusted = proxies(&["10.0.0.1", "127.0.0.1"]);
        let via = |socket: &str, client: &'static str, proto: &'static str| {
            let pairs = headers(&[("x-forwarded-for", client), ("x-forwarded-proto", proto)]);
            trusted.resolve(ip(socket), Transport::Plain, &pairs).map(|found| found.client)
        };
        assert_eq!(via("10.0.0.1", "198.51.100.7", "https"), Ok(ip("198.51.100.7")));
        assert_eq!(via("10.0.0.1", "198.51.100.7", "http"), Err(Unacceptable::Plaintext));
        assert_eq!(via("10.0.0.1", "198.51.100.7", "https, http"), Err(Unacceptable::Plaintext));
        assert_eq!(via("10.0.0.1", "198.51.100.7", "http, https"), Err(Unacceptable::Plaintext));
        assert_eq!(via("127.0.0.1", "198.51.100.7", "http"), Err(Unacceptable::Plaintext));
        assert_eq!(via("10.0.0.1", "127.0.0.1", "http"), Ok(ip("127.0.0.1")));
    }

    #[test]
    fn eavesdrop_token_response_a_stranger_on_the_plain_hop_is_refused() {
        let trusted = proxies(&["10.0.0.1"]);
        let plain =
            |socket: &str| trusted.resolve(ip(socket), Transport::Plain, &HeaderMap::new()).map(|found| found.client);
        assert_eq!(plain("192.0.2.9"), Err(Unacceptable::Plaintext));
        assert_eq!(plain("10.0.0.1"), Ok(ip("10.0.0.1")));
        assert_eq!(plain("127.0.0.1"), Ok(ip("127.0.0.1")));
        assert_eq!(plain("::ffff:127.0.0.1"), Ok(ip("127.0.0.1")));
    }

    #[test]
    fn password_online_guessing_a_v6_network_counts_as_one() {
        let key = |text: &str| AddressKey::from(ip(text));
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_eq!(key("2001:db8:1:2::1").to_string(), "2001:db8:1:2::/64");
        assert_eq!(key("2001:db8:1:2::1").site(), key("2001:db8:1:ffff::1").site());
        assert_ne!(key("2001:db8:1:2::1").site(), key("2001:db8:2:2::1").site());
        assert_eq!(key("192.0.2.1").site(), key("192.0.2.1"));
    }
}
