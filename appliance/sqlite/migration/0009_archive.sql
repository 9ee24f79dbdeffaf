-- An archive (a ZIM file) of the material: what it says of itself, what a teacher
-- chose of it, and how many of those articles are in.
CREATE TABLE archive (
    source_id TEXT PRIMARY KEY REFERENCES source (id),
    org_id    TEXT NOT NULL REFERENCES organization (id),
    info      TEXT NOT NULL, -- JSON
    selection TEXT,          -- JSON, NULL until somebody has chosen
    chosen    INTEGER NOT NULL DEFAULT 0,
    done      INTEGER NOT NULL DEFAULT 0
) STRICT;

-- How many of a source's chunks have a vector: an archive is ready before all of
-- them have.
ALTER TABLE source ADD COLUMN vectors INTEGER NOT NULL DEFAULT 0;
UPDATE source SET vectors = chunks WHERE status = 'ready';

-- Counting what is left of a hundred thousand chunks reads the index alone.
DROP INDEX chunk_unembedded;
CREATE INDEX chunk_unembedded ON chunk (source_id, org_id, seq) WHERE vector IS NULL;
