package sqlite

import (
	"context"
	"runtime"

	"github.com/bwenge-os/bwenge/appliance"
)

// dimensions is the length of a vector; all embedders of the catalogue agree.
const dimensions = 384

// maxNear is the most neighbours that vec0 gives at once.
const maxNear = 4096

// vectorTable is the index over the chunks' vectors. It is not part of the
// schema but derived from it, so that a restored file gets a fresh one.
const vectorTable = `CREATE VIRTUAL TABLE chunk_vec USING vec0 (
	id INTEGER PRIMARY KEY,
	org_id TEXT PARTITION KEY,
	ready BOOLEAN,
	vector FLOAT[384] distance_metric=cosine
)`

// indexMade is the setting that says on what kind of machine the index was
// made: a vec0 table that moves from arm64 to x86-64 corrupts at its first
// write (sqlite-vec #297). While an index is being made it is absent.
const indexMade = "index_made_on"

// ensureIndex makes the vector index unless this kind of machine has made it.
func (s *Store) ensureIndex(ctx context.Context) error {
	var machine string
	err := s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT coalesce((SELECT value FROM setting WHERE key = ?), '')`, indexMade).Scan(&machine)
	})
	if err != nil || machine == runtime.GOARCH {
		return err
	}
	return s.RebuildIndex(ctx)
}

// RebuildIndex makes the vector index anew from the chunks. Searches see the
// vectors that are in it already; other writes go on in between.
func (s *Store) RebuildIndex(ctx context.Context) error {
	if err := s.write(ctx, func(t *tx) error {
		if _, err := t.Exec(`DELETE FROM setting WHERE key = ?`, indexMade); err != nil {
			return err
		}
		if _, err := t.Exec(`DROP TABLE IF EXISTS chunk_vec`); err != nil {
			return err
		}
		_, err := t.Exec(vectorTable)
		return err
	}); err != nil {
		return err
	}
	for after, more := int64(0), true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.write(ctx, func(t *tx) (err error) {
			after, more, err = indexSome(t, after)
			return err
		}); err != nil {
			return err
		}
	}
	return s.emptyLog(ctx)
}

// indexSome adds a batch of chunks after the given id to the index. Those that
// were saved since the rebuild began are there already.
func indexSome(t *tx, after int64) (last int64, more bool, err error) {
	type row struct {
		id     int64
		org    appliance.OrgID
		ready  bool
		vector []byte
	}
	rows, err := all(t, func(r scanner) (x row, err error) {
		return x, r.Scan(&x.id, &x.org, &x.ready, &x.vector)
	}, `SELECT chunk.id, chunk.org_id, source.status = 'ready', chunk.vector FROM chunk
		JOIN source ON source.id = chunk.source_id
		WHERE chunk.id > ? AND chunk.vector IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM chunk_vec_rowids WHERE rowid = chunk.id)
		ORDER BY chunk.id LIMIT ?`, after, batch)
	if err != nil {
		return after, false, err
	}
	for _, x := range rows {
		if _, err := t.Exec(`INSERT INTO chunk_vec (id, org_id, ready, vector) VALUES (?, ?, ?, ?)`,
			x.id, x.org, x.ready, x.vector); err != nil {
			return after, false, err
		}
		after = x.id
	}
	if len(rows) == batch {
		return after, true, nil
	}
	_, err = t.Exec(`INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)`, indexMade, runtime.GOARCH)
	return after, false, err
}

// indexVector adds the vector of a chunk, visible or not.
func indexVector(t *tx, org appliance.OrgID, id int64, vector []byte, ready bool) error {
	_, err := t.Exec(`INSERT INTO chunk_vec (id, org_id, ready, vector) VALUES (?, ?, ?, ?)`, id, org, ready, vector)
	return err
}

// publishVectors lets searches see the vectors of a source.
func publishVectors(t *tx, org appliance.OrgID, sourceID string) error {
	ids, err := all(t, column[int64], `SELECT id FROM chunk WHERE source_id = ? AND org_id = ?`, sourceID, org)
	if err != nil {
		return err
	}
	update, err := t.Prepare(`UPDATE chunk_vec SET ready = 1 WHERE id = ?`)
	if err != nil {
		return err
	}
	defer update.Close()
	for _, id := range ids {
		if _, err := update.Exec(id); err != nil {
			return err
		}
	}
	return nil
}
