-- Times are milliseconds since 1970 UTC. Lists are ordered by n, which only
-- ever grows: a box without a clock chip may see time go backwards.

CREATE TABLE organization (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Facts about this file, such as the machine on which its index was built.
CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE source (
    n            INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    org_id       TEXT NOT NULL REFERENCES organization (id),
    title        TEXT NOT NULL,
    kind         TEXT NOT NULL DEFAULT '',
    media_type   TEXT NOT NULL DEFAULT '',
    bytes        INTEGER NOT NULL,
    sha256       TEXT NOT NULL,
    language     TEXT NOT NULL DEFAULT '',
    status       TEXT NOT NULL,
    step         TEXT NOT NULL DEFAULT '',
    progress     REAL NOT NULL DEFAULT 0,
    seconds_left REAL,
    problem      TEXT, -- JSON
    notices      TEXT, -- JSON
    pages        INTEGER NOT NULL DEFAULT 0,
    duration     REAL NOT NULL DEFAULT 0,
    chunks       INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    ready_at     INTEGER,
    deleted_at   INTEGER -- set while the rows below it are being erased
) STRICT;
CREATE UNIQUE INDEX source_bytes ON source (org_id, sha256) WHERE deleted_at IS NULL;
CREATE INDEX source_sha256 ON source (sha256);
CREATE INDEX source_list ON source (org_id, status, n);

-- The work on a source that is not ready. A job is claimed by writing a lease
-- into it; mark is how far it ever got, claim_mark how far it was when claimed.
CREATE TABLE job (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    org_id      TEXT NOT NULL REFERENCES organization (id),
    source_id   TEXT NOT NULL UNIQUE REFERENCES source (id),
    state       TEXT NOT NULL, -- waiting, running or ended
    stage       TEXT NOT NULL,
    lease       TEXT NOT NULL DEFAULT '',
    owner       TEXT NOT NULL DEFAULT '',
    lease_until INTEGER NOT NULL DEFAULT 0,
    run_after   INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    crashes     INTEGER NOT NULL DEFAULT 0,
    deaths      INTEGER NOT NULL DEFAULT 0,
    mark        INTEGER NOT NULL DEFAULT 0,
    claim_mark  INTEGER NOT NULL DEFAULT 0,
    payload     TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX job_state ON job (state, run_after);

-- Durable pieces of a job between its stages; gone once the source is ready.
CREATE TABLE part (
    org_id    TEXT NOT NULL REFERENCES organization (id),
    source_id TEXT NOT NULL REFERENCES source (id),
    seq       INTEGER NOT NULL,
    data      BLOB NOT NULL,
    PRIMARY KEY (source_id, seq)
) STRICT;

-- The vector here is the truth; chunk_vec is an index over it.
CREATE TABLE chunk (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    org_id    TEXT NOT NULL REFERENCES organization (id),
    source_id TEXT NOT NULL REFERENCES source (id),
    seq       INTEGER NOT NULL,
    heading   TEXT NOT NULL,
    text      TEXT NOT NULL,
    place     TEXT NOT NULL, -- JSON
    language  TEXT NOT NULL,
    tokens    INTEGER NOT NULL,
    model     TEXT NOT NULL DEFAULT '', -- that made the vector
    vector    BLOB,                     -- little-endian float32
    UNIQUE (source_id, seq)
) STRICT;
CREATE INDEX chunk_unembedded ON chunk (source_id, seq) WHERE vector IS NULL;

-- org_id is indexed as words too, so that a search never walks another
-- organization's rows; it weighs nothing in the ranking (search.go).
CREATE VIRTUAL TABLE chunk_fts USING fts5 (
    org_id, heading, text,
    content = 'chunk', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER chunk_inserted AFTER INSERT ON chunk BEGIN
    INSERT INTO chunk_fts (rowid, org_id, heading, text)
    VALUES (new.id, new.org_id, new.heading, new.text);
END;
CREATE TRIGGER chunk_deleted AFTER DELETE ON chunk BEGIN
    INSERT INTO chunk_fts (chunk_fts, rowid, org_id, heading, text)
    VALUES ('delete', old.id, old.org_id, old.heading, old.text);
END;

-- A conversation's title is its first message, which is not stored twice.
CREATE TABLE conversation (
    n          INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    org_id     TEXT NOT NULL REFERENCES organization (id),
    messages   INTEGER NOT NULL DEFAULT 0,
    latest     INTEGER NOT NULL DEFAULT 0, -- n of its last message
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER -- its messages are overwritten, and go in the night
) STRICT;
CREATE INDEX conversation_list ON conversation (org_id, latest) WHERE deleted_at IS NULL;

CREATE TABLE message (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    org_id          TEXT NOT NULL REFERENCES organization (id),
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    role            TEXT NOT NULL,
    text            TEXT NOT NULL,
    request_id      TEXT NOT NULL,
    answer          TEXT, -- JSON without the words of the sources it cites
    created_at      INTEGER NOT NULL,
    UNIQUE (org_id, request_id, role)
) STRICT;
CREATE INDEX message_list ON message (conversation_id, n);

-- What happened, for reports and for the control plane. Never holds text that
-- people wrote; sent_at is set once the control plane has it.
CREATE TABLE event (
    n       INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL UNIQUE,
    org_id  TEXT NOT NULL REFERENCES organization (id),
    kind    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    data    TEXT NOT NULL, -- JSON
    sent_at INTEGER
) STRICT;
CREATE INDEX event_unsent ON event (n) WHERE sent_at IS NULL;

INSERT INTO organization (id, name, created_at)
VALUES ('default', 'This box', CAST(strftime('%s', 'now') AS INTEGER) * 1000);
