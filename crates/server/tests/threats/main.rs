//! The threats that only a whole server shows: pages, cookies, headers, events, and what follows from a refusal.

mod support;

mod back_channel;
mod flow;
mod front_channel;
