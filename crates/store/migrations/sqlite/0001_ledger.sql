-- Row keys are time-ordered ids made by the server, so rows are appended and neighbours in time share pages.
-- Tables that every request touches have no secondary index: a random one would cost a page per row.
-- Columns that change later are as long from the start as they will be: a row that grows splits its page.
-- No column holds a secret: handles are kept as SHA-256 of their secret part, passwords as Argon2id.

CREATE TABLE grants (
    id INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    resources TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    session_id INTEGER NOT NULL,
    claims TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    ended INTEGER,
    end_reason TEXT,
    last_used INTEGER NOT NULL,
    confirmed INTEGER NOT NULL, -- its own id until something was confirmed
    -- 0: the person was asked for offline_access and unticked it, so no refresh token comes of the grant. 1: any other.
    offline INTEGER NOT NULL
) STRICT;

-- state: 2 active, 3 burned, 4 spent. (0 and 1 would take no space.)
CREATE TABLE codes (
    id INTEGER PRIMARY KEY,
    grant_id INTEGER NOT NULL,
    hash BLOB NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT,
    nonce TEXT,
    expires INTEGER NOT NULL,
    state INTEGER NOT NULL
) STRICT;

-- state: 2 active, 3 rotated to its successor, 4 superseded.
CREATE TABLE refresh_tokens (
    id INTEGER PRIMARY KEY,
    grant_id INTEGER NOT NULL,
    hash BLOB NOT NULL,
    expires INTEGER NOT NULL,
    state INTEGER NOT NULL,
    successor INTEGER NOT NULL -- its own id until it was rotated
) STRICT;

-- Opaque access tokens. grant_id is 0 for a client's own token.
CREATE TABLE access_tokens (
    id INTEGER PRIMARY KEY,
    grant_id INTEGER NOT NULL,
    hash BLOB NOT NULL,
    client_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    audience TEXT NOT NULL,
    issued INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

-- JWT access tokens that ended before their time.
CREATE TABLE revoked_tokens (
    id INTEGER PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT;

-- Client assertions that were used. Small: an assertion lives ten minutes at most.
CREATE TABLE assertions (
    hash BLOB PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX assertions_until ON assertions (until);

-- Small: bounded by the caps that come with each row, and gone in minutes.
CREATE TABLE parked (
    id INTEGER PRIMARY KEY,
    browser BLOB NOT NULL,
    parameters TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX parked_browser ON parked (browser);

CREATE TABLE consents (
    subject TEXT NOT NULL,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    resources TEXT NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (subject, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_expires ON consents (expires);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    subject TEXT NOT NULL,
    username TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    session_id INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    subject TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    status INTEGER NOT NULL,
    claims TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE clients (
    client_id TEXT PRIMARY KEY,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    record TEXT NOT NULL
) STRICT;

-- For the readiness check: a write that has to find room and to reach the disk.
CREATE TABLE probe (
    id INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    filler BLOB NOT NULL
) STRICT;
