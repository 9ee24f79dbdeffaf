package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/bwenge-os/bwenge/appliance"
)

// notWrong is the condition on a row of chunk that nobody has marked it as wrong.
const notWrong = ` AND NOT EXISTS (SELECT 1 FROM wrong_passage WHERE wrong_passage.chunk_id = chunk.id AND wrong_passage.org_id = chunk.org_id)`

// wrongColumns say when and by whom a chunk was marked as wrong, NULL if nobody did.
const wrongColumns = `wrong_passage.marked_at,
	(SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = wrong_passage.marked_by AND user.org_id = wrong_passage.org_id)`

// scanMarked scans a chunk with the mark that it may have.
func scanMarked(row scanner) (c appliance.Chunk, err error) {
	var at *int64
	var by *string
	if c, err = scanChunk(suffixed{row, []any{&at, &by}}); err != nil || at == nil {
		return c, err
	}
	c.Wrong = &appliance.Wrong{At: timeOf(*at)}
	if by != nil {
		c.Wrong.By = *by
	}
	return c, nil
}

// dropWrong takes what is marked as wrong out of passages.
func dropWrong(t *tx, org appliance.OrgID, found map[int64]appliance.Passage) error {
	ids := map[int64]bool{}
	for _, p := range found {
		ids[p.ID] = true
	}
	wanted, err := json.Marshal(slices.Collect(maps.Keys(ids)))
	if err != nil {
		return err
	}
	wrong, err := all(t, column[int64], `SELECT chunk_id FROM wrong_passage WHERE org_id = ? AND chunk_id IN (SELECT value FROM json_each(?))`, org, string(wanted))
	maps.DeleteFunc(found, func(_ int64, p appliance.Passage) bool { return slices.Contains(wrong, p.ID) })
	return err
}

// AllChunks lists a ready source's chunks in order, from the given seq on, with
// those that are marked as wrong, or these alone.
func (s *Store) AllChunks(ctx context.Context, org appliance.OrgID, scope appliance.Scope, sourceID string, wrong bool, fromSeq, limit int) (page appliance.Page[appliance.Chunk], err error) {
	limit = clamp(limit)
	return s.chunkPage(ctx, org, scope, sourceID, limit, func(t *tx, page *appliance.Page[appliance.Chunk]) (err error) {
		if wrong {
			if err := t.QueryRow(`SELECT count(*) FROM wrong_passage WHERE org_id = ? AND source_id = ?`, org, sourceID).Scan(&page.Total); err != nil {
				return err
			}
		}
		page.Items, err = all(t, scanMarked, `SELECT `+chunkColumns+`, `+wrongColumns+` FROM chunk
			LEFT JOIN wrong_passage ON wrong_passage.chunk_id = chunk.id AND wrong_passage.org_id = chunk.org_id
			WHERE chunk.source_id = ? AND chunk.org_id = ? AND chunk.seq >= ? AND (NOT ? OR wrong_passage.chunk_id IS NOT NULL) ORDER BY chunk.seq LIMIT ?`,
			sourceID, org, fromSeq, wrong, limit+1)
		return err
	})
}

// MarkWrong marks a passage of a source as wrong, or takes that back. It returns
// the passage.
func (s *Store) MarkWrong(ctx context.Context, org appliance.OrgID, by appliance.UserID, sourceID string, chunkID int64, wrong bool, entries ...appliance.AuditEntry) (
	c appliance.Chunk, err error) {
	err = s.write(ctx, func(t *tx) error {
		now, err := moved(t, org, []int64{chunkID})
		if err != nil {
			return err
		}
		if to, ok := now[chunkID]; ok {
			chunkID = to
		}
		list := func() ([]appliance.Chunk, error) {
			return all(t, scanMarked, `SELECT `+chunkColumns+`, `+wrongColumns+` FROM chunk
				JOIN source ON source.id = chunk.source_id AND source.org_id = chunk.org_id AND source.status = 'ready' AND source.deleted_at IS NULL
				LEFT JOIN wrong_passage ON wrong_passage.chunk_id = chunk.id AND wrong_passage.org_id = chunk.org_id
				WHERE chunk.org_id = ? AND chunk.source_id = ? AND chunk.id = ?`, org, sourceID, chunkID)
		}
		found, err := list()
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return notFound("passage", "passage_not_found")
		}
		if c = found[0]; (c.Wrong != nil) == wrong {
			return nil
		}
		if wrong {
			_, err = t.Exec(`INSERT INTO wrong_passage (chunk_id, org_id, source_id, marked_by, marked_at) VALUES (?, ?, ?, ?, ?)`, chunkID, org, sourceID, by, t.now)
		} else {
			_, err = t.Exec(`DELETE FROM wrong_passage WHERE chunk_id = ? AND org_id = ?`, chunkID, org)
		}
		if err != nil {
			return err
		}
		if found, err = list(); err != nil {
			return err
		}
		c = found[0]
		return s.record(t, org, sourceID, entries)
	})
	if err == nil {
		s.vectors.changed.Add(1) // answers that were made with it count no more
	}
	return c, err
}

// moveMarks carries the marks of a source's chunks over to those that take their
// place.
func moveMarks(t *tx, org appliance.OrgID, sourceID string, m remade) error {
	marked, err := all(t, column[int64], `SELECT chunk_id FROM wrong_passage WHERE org_id = ? AND source_id = ?`, org, sourceID)
	if err != nil || len(marked) == 0 {
		return err
	}
	for i, c := range m.old {
		if m.to[i] < 0 || !slices.Contains(marked, c.ID) {
			continue
		}
		_, insert := t.Exec(`INSERT OR IGNORE INTO wrong_passage (chunk_id, org_id, source_id, marked_by, marked_at)
			SELECT ?, org_id, source_id, marked_by, marked_at FROM wrong_passage WHERE chunk_id = ? AND org_id = ?`, m.made[m.to[i]].ID, c.ID, org)
		_, remove := t.Exec(`DELETE FROM wrong_passage WHERE chunk_id = ? AND org_id = ?`, c.ID, org)
		if err := errors.Join(insert, remove); err != nil {
			return err
		}
	}
	return nil
}
