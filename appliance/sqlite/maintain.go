package sqlite

import (
	"context"
	"errors"
)

// Maintain is the nightly care of the file: parts that nobody needs any more,
// the planner's statistics, the word index in one piece, a vector index that
// has more holes than vectors, and an empty write-ahead log.
func (s *Store) Maintain(ctx context.Context) error {
	var holes, vectors int
	err := s.write(ctx, func(t *tx) error {
		if _, err := t.Exec(`DELETE FROM part WHERE source_id NOT IN (SELECT source_id FROM job)`); err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT INTO chunk_fts (chunk_fts) VALUES ('optimize')`); err != nil {
			return err
		}
		if _, err := t.Exec(`PRAGMA optimize`); err != nil {
			return err
		}
		// vec0 stores vectors 1024 to a block, and never reuses a slot.
		return t.QueryRow(`SELECT (SELECT coalesce(sum(size), 0) FROM chunk_vec_chunks), (SELECT count(*) FROM chunk_vec_rowids)`).
			Scan(&holes, &vectors)
	})
	if err != nil {
		return err
	}
	if holes-vectors > vectors+4096 {
		err = s.RebuildIndex(ctx)
	}
	return errors.Join(err, s.emptyLog(ctx))
}
