-- The tutor: personas, what models cost, flagged exchanges, memories, API keys.

CREATE TABLE persona (
    org_id     TEXT NOT NULL REFERENCES organization (id),
    id         TEXT NOT NULL,
    shipped    INTEGER NOT NULL DEFAULT 0,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER, -- one that was shipped stays as this mark, so that it is not shipped again
    PRIMARY KEY (org_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE persona_version (
    org_id     TEXT NOT NULL REFERENCES organization (id),
    persona_id TEXT NOT NULL,
    version    INTEGER NOT NULL,
    name       TEXT NOT NULL,
    content    TEXT NOT NULL, -- JSON
    by_user    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, persona_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE persona_class (
    org_id     TEXT NOT NULL REFERENCES organization (id),
    persona_id TEXT NOT NULL,
    class_id   TEXT NOT NULL REFERENCES class (id),
    PRIMARY KEY (org_id, persona_id, class_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE conversation ADD COLUMN persona_id TEXT NOT NULL DEFAULT '';

CREATE TABLE model_settings (
    org_id   TEXT PRIMARY KEY REFERENCES organization (id),
    settings TEXT NOT NULL, -- sealed JSON, with the providers' keys
    version  INTEGER NOT NULL
) STRICT;

CREATE TABLE usage (
    org_id            TEXT NOT NULL REFERENCES organization (id),
    day               TEXT NOT NULL,
    user_id           TEXT NOT NULL,
    provider          TEXT NOT NULL,
    model             TEXT NOT NULL,
    requests          INTEGER NOT NULL,
    prompt_tokens     INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    seconds           REAL NOT NULL,
    cost              REAL NOT NULL,
    PRIMARY KEY (org_id, day, user_id, provider, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE flag (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    org_id          TEXT NOT NULL REFERENCES organization (id),
    user_id         TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    category        TEXT NOT NULL,
    severity        INTEGER NOT NULL,
    side            TEXT NOT NULL,
    text            TEXT NOT NULL, -- sealed
    created_at      INTEGER NOT NULL,
    seen_at         INTEGER,
    seen_by         TEXT
) STRICT;
CREATE INDEX flag_list ON flag (org_id, n);

CREATE TABLE memory (
    n          INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    org_id     TEXT NOT NULL REFERENCES organization (id),
    user_id    TEXT NOT NULL,
    text       TEXT NOT NULL, -- sealed
    vector     TEXT NOT NULL, -- sealed, hexadecimal
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX memory_list ON memory (org_id, user_id, n);

CREATE TABLE api_key (
    id           TEXT PRIMARY KEY,
    org_id       TEXT NOT NULL REFERENCES organization (id),
    name         TEXT NOT NULL,
    persona_id   TEXT NOT NULL,
    prefix       TEXT NOT NULL,
    hash         BLOB NOT NULL UNIQUE, -- SHA-256 of 256 random bits
    by_user      TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX api_key_list ON api_key (org_id);

-- The words of all chunks, to find what a misspelled word was meant to be.
CREATE VIRTUAL TABLE chunk_words USING fts5vocab (chunk_fts, row);
