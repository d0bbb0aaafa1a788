//! JWS, JWK and JWT by purpose: a token is decoded only by verifying it.
