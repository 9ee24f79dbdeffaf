-- What a chunk's text alone does not say: the cells of a piece of a table, and
-- when the sentences of a recording are spoken. JSON, '' for neither.
ALTER TABLE chunk ADD COLUMN form TEXT NOT NULL DEFAULT '';
-- Which of its source's tables a chunk is a piece of, from 1; 0 for none.
ALTER TABLE chunk ADD COLUMN table_no INTEGER NOT NULL DEFAULT 0;
CREATE INDEX chunk_table ON chunk (source_id, table_no, seq) WHERE table_no > 0;
