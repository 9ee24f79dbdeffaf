package sqlite

import (
	"context"
	"math"
)

// Maintain is the nightly care of the file: the last of deleted conversations
// and pins, a vector index that has more holes than vectors, the planner's statistics,
// and traces of what was deleted. It needs as much free disk as the file is
// large, and holds up writers while it rewrites it.
func (s *Store) Maintain(ctx context.Context) error {
	var slots, vectors int
	if err := s.write(ctx, func(t *tx) error {
		if err := purgeConversations(t); err != nil {
			return err
		}
		if err := purgePins(t); err != nil {
			return err
		}
		if _, err := t.Exec(`PRAGMA optimize`); err != nil {
			return err
		}
		// vec0 stores vectors in blocks and never reuses a slot.
		return t.QueryRow(`SELECT (SELECT coalesce(sum(size), 0) FROM chunk_vec_chunks), (SELECT count(*) FROM chunk_vec_rowids)`).
			Scan(&slots, &vectors)
	}); err != nil {
		return err
	}
	if slots > 2*vectors+4096 {
		if err := s.RebuildIndex(ctx); err != nil {
			return err
		}
	}
	return s.eraseTraces(ctx, math.MaxInt64)
}
