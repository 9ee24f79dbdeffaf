-- What people think of answers, what teachers make of it: right answers to
-- questions, and passages that are wrong.

-- One for each answer; whoever got it gives it. The question and the answer are
-- those of the conversation, and the thumb goes with them.
CREATE TABLE thumb (
    n          INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    org_id     TEXT NOT NULL REFERENCES organization (id),
    user_id    TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE, -- of the answer
    up         INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    note       TEXT NOT NULL, -- sealed
    created_at INTEGER NOT NULL,
    done_at    INTEGER,
    done_by    TEXT
) STRICT;
CREATE INDEX thumb_list ON thumb (org_id, n);

CREATE TABLE pin (
    n          INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    org_id     TEXT NOT NULL REFERENCES organization (id),
    persona_id TEXT NOT NULL, -- only where this one is asked; empty for all
    question   TEXT NOT NULL, -- sealed
    text       TEXT NOT NULL, -- sealed
    passages   TEXT NOT NULL, -- JSON: ids of chunks
    same       BLOB NOT NULL, -- by which the question is known again, in the same words
    alike      BLOB,          -- and in another order
    created_by TEXT NOT NULL,
    written_by TEXT NOT NULL, -- who gave it the text that it has
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER        -- it can be brought back until the night
) STRICT;
CREATE INDEX pin_list ON pin (org_id, n);
CREATE INDEX pin_same ON pin (org_id, same);
CREATE INDEX pin_alike ON pin (org_id, alike);

CREATE TABLE pin_class (
    org_id   TEXT NOT NULL REFERENCES organization (id),
    pin_id   TEXT NOT NULL REFERENCES pin (id),
    class_id TEXT NOT NULL REFERENCES class (id),
    PRIMARY KEY (pin_id, class_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pin_class_class ON pin_class (class_id);

CREATE TABLE wrong_passage (
    chunk_id  INTEGER PRIMARY KEY,
    org_id    TEXT NOT NULL REFERENCES organization (id),
    source_id TEXT NOT NULL REFERENCES source (id),
    marked_by TEXT NOT NULL,
    marked_at INTEGER NOT NULL
) STRICT;
CREATE INDEX wrong_passage_source ON wrong_passage (source_id);
