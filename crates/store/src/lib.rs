//! The ledger: typed, all-or-nothing verbs over memory or SQLite.
