-- People: schools with their keys, users, classes, invitations, sessions, the
-- audit log. Columns that hold "s1:…" are sealed with the school's data key.

ALTER TABLE organization ADD COLUMN slug TEXT NOT NULL DEFAULT '';
ALTER TABLE organization ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE organization ADD COLUMN settings TEXT NOT NULL DEFAULT '{}'; -- JSON
ALTER TABLE organization ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE organization ADD COLUMN erased_at INTEGER; -- set while its rows are being erased
UPDATE organization SET slug = id;
CREATE UNIQUE INDEX organization_slug ON organization (slug);

CREATE TABLE org_key (
    org_id  TEXT PRIMARY KEY REFERENCES organization (id),
    wrapped BLOB NOT NULL
) STRICT;

CREATE TABLE user (
    id           TEXT PRIMARY KEY,
    org_id       TEXT NOT NULL REFERENCES organization (id),
    role         TEXT NOT NULL,
    name         TEXT NOT NULL,
    username     TEXT, -- folded, NULL for pupils
    email        TEXT, -- sealed
    email_mac    BLOB, -- by which a sealed address is found
    language     TEXT NOT NULL DEFAULT '',
    sign_in      TEXT NOT NULL,
    hash         TEXT NOT NULL, -- argon2id
    card         TEXT, -- sealed: a pupil's pictures, to print her card again
    external_id  TEXT,
    import_id    TEXT,
    version      INTEGER NOT NULL DEFAULT 1,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER,
    disabled     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX user_name ON user (org_id, username) WHERE username IS NOT NULL;
CREATE UNIQUE INDEX user_email ON user (org_id, email_mac) WHERE email_mac IS NOT NULL;
CREATE UNIQUE INDEX user_external ON user (org_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX user_list ON user (org_id, role);

CREATE TABLE class (
    id         TEXT PRIMARY KEY,
    org_id     TEXT NOT NULL REFERENCES organization (id),
    name       TEXT NOT NULL,
    code       TEXT NOT NULL UNIQUE,
    sign_in    TEXT NOT NULL,
    import_id  TEXT,
    version    INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX class_name ON class (org_id, name);

CREATE TABLE member (
    org_id    TEXT NOT NULL REFERENCES organization (id),
    class_id  TEXT NOT NULL REFERENCES class (id),
    user_id   TEXT NOT NULL REFERENCES user (id),
    import_id TEXT, -- of a pupil who was there before and was joined by it
    PRIMARY KEY (class_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_user ON member (user_id);

CREATE TABLE source_class (
    org_id    TEXT NOT NULL REFERENCES organization (id),
    source_id TEXT NOT NULL REFERENCES source (id),
    class_id  TEXT NOT NULL REFERENCES class (id),
    PRIMARY KEY (source_id, class_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_class_class ON source_class (class_id);

CREATE TABLE invitation (
    n          INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    org_id     TEXT NOT NULL REFERENCES organization (id),
    role       TEXT NOT NULL,
    code       TEXT NOT NULL UNIQUE,
    email      TEXT, -- sealed
    class_id   TEXT REFERENCES class (id),
    by_user    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, -- box clock
    used_at    INTEGER,
    used_by    TEXT
) STRICT;
CREATE INDEX invitation_list ON invitation (org_id, n);

-- Times of sessions and guesses are the box clock's.
CREATE TABLE session (
    id         TEXT PRIMARY KEY,
    org_id     TEXT NOT NULL REFERENCES organization (id),
    user_id    TEXT NOT NULL REFERENCES user (id),
    device     TEXT NOT NULL,
    remote     TEXT NOT NULL,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX session_user ON session (user_id);

CREATE TABLE guess (
    key   TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT;

-- Each row's mac covers the row and the mac before it; audit_head holds the
-- last one of each organization, with a mac of its own.
CREATE TABLE audit (
    org_id     TEXT NOT NULL REFERENCES organization (id),
    n          INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    action     TEXT NOT NULL,
    target     TEXT NOT NULL,
    detail     TEXT NOT NULL, -- JSON
    remote     TEXT NOT NULL,
    request_id TEXT NOT NULL,
    mac        BLOB NOT NULL,
    PRIMARY KEY (org_id, n)
) STRICT;
CREATE TABLE audit_head (
    org_id TEXT PRIMARY KEY REFERENCES organization (id),
    n      INTEGER NOT NULL,
    mac    BLOB NOT NULL
) STRICT;

-- Answers to requests that carried an Idempotency-Key.
CREATE TABLE request (
    org_id      TEXT NOT NULL REFERENCES organization (id),
    user_id     TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    life        TEXT NOT NULL, -- of the process that began it
    status      INTEGER NOT NULL DEFAULT 0, -- 0 while it runs
    body        TEXT, -- sealed
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (org_id, user_id, key)
) STRICT;

CREATE TABLE roster_import (
    n          INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    org_id     TEXT NOT NULL REFERENCES organization (id),
    by_user    TEXT NOT NULL,
    added      INTEGER NOT NULL,
    joined     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    undone_at  INTEGER
) STRICT;

-- Conversations belong to a user; the empty one is the command line.
ALTER TABLE conversation ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
DROP INDEX conversation_list;
CREATE INDEX conversation_list ON conversation (org_id, user_id, latest) WHERE deleted_at IS NULL;

CREATE TABLE message_new (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    org_id          TEXT NOT NULL REFERENCES organization (id),
    user_id         TEXT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    role            TEXT NOT NULL,
    text            TEXT NOT NULL, -- sealed
    request_id      TEXT NOT NULL,
    answer          TEXT, -- sealed JSON without the words of the sources it cites
    created_at      INTEGER NOT NULL,
    UNIQUE (org_id, user_id, request_id, role)
) STRICT;
INSERT INTO message_new (n, id, org_id, user_id, conversation_id, role, text, request_id, answer, created_at)
SELECT n, id, org_id, '', conversation_id, role, text, request_id, answer, created_at FROM message;
DROP TABLE message;
ALTER TABLE message_new RENAME TO message;
CREATE INDEX message_list ON message (conversation_id, n);
