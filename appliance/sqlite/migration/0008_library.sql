-- A library that can be kept in order, and whose text can be seen and mended.

-- A source that is made anew (read again, mended, replaced by a newer file) is
-- made beside the old one, as a row of its own that nobody sees. When it is
-- ready it takes the old one's place, id and all (successor.go).
ALTER TABLE source ADD COLUMN replaces TEXT;
CREATE UNIQUE INDEX source_replaces ON source (replaces) WHERE replaces IS NOT NULL AND deleted_at IS NULL;

-- One that was deleted with kept_until set can be brought back until then.
ALTER TABLE source ADD COLUMN kept_until INTEGER;

ALTER TABLE source ADD COLUMN contents TEXT; -- JSON: what was read besides running text, and what was not
ALTER TABLE source ADD COLUMN told_language TEXT NOT NULL DEFAULT ''; -- by a teacher
ALTER TABLE source ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN grade TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN folder TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN sketch BLOB; -- by which sources with nearly the same words are found

-- Parts are kept once a source is ready: a part is a page of its text. The key
-- names the page, the same each time that the source is read.
DELETE FROM part;
UPDATE job SET stage = 'read', mark = 0 WHERE stage IN ('read', 'chunk');
ALTER TABLE part ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE part ADD COLUMN place TEXT NOT NULL DEFAULT '{}'; -- JSON
ALTER TABLE part ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;

-- What a teacher made of a page: its text instead of what was read, its place
-- among the pages, and by how many degrees it is turned before it is read.
CREATE TABLE mend (
    org_id    TEXT NOT NULL REFERENCES organization (id),
    source_id TEXT NOT NULL REFERENCES source (id),
    key       TEXT NOT NULL,
    data      BLOB,
    rank      INTEGER,
    turn      INTEGER,
    PRIMARY KEY (source_id, key)
) STRICT, WITHOUT ROWID;

-- Where what a chunk said stands now, after its source was made anew: answers
-- cite chunks by their ids.
CREATE TABLE chunk_moved (
    org_id    TEXT NOT NULL REFERENCES organization (id),
    source_id TEXT NOT NULL REFERENCES source (id),
    old_id    INTEGER PRIMARY KEY,
    new_id    INTEGER NOT NULL
) STRICT;
CREATE INDEX chunk_moved_source ON chunk_moved (source_id);
