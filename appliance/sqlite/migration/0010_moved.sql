-- Where a chunk stands now is looked up by the new one too, when its source is
-- made anew once more.
CREATE INDEX chunk_moved_new ON chunk_moved (new_id);
