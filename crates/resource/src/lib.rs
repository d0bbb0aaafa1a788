//! Resource-server kit: checks every API call.
