package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// Deleting means that no byte is left, which takes more than DELETE:
//
//   - secure_delete overwrites the space of deleted rows. Copies that SQLite
//     itself left behind when it moved rows between pages it does not know;
//     only VACUUM gets rid of those.
//   - The word index marks words as deleted in segments of their own. Merging
//     drops those marks only where FTS5 knows that no older segment needs them,
//     and it does not know that of a level that was once used and is empty now.
//     So the index is made anew from the chunks. (Its secure-delete option takes
//     5 ms a chunk at every deletion.)
//   - The vector index clears a bit and keeps the numbers.
//   - The write-ahead log keeps what was there before.

// vacuumAtOnce is the largest file that is rewritten, and whose word index is
// made anew, as part of a deletion, in bytes: two seconds on an SSD. Above it Maintain does it, in the night.
const vacuumAtOnce = 128 << 20

// eraseDue is the setting that says that the file may hold traces.
const eraseDue = "erase_due"

// wordsDue is the setting that says that the word index may hold words of what
// was deleted.
const wordsDue = "words_due"

func dueWords(t *tx) error {
	_, err := t.Exec(`INSERT OR REPLACE INTO setting (key, value) VALUES (?, '1')`, wordsDue)
	return err
}

func dueErase(t *tx) error {
	_, err := t.Exec(`INSERT OR REPLACE INTO setting (key, value) VALUES (?, '1')`, eraseDue)
	return err
}

// finishDelete erases the rows of a source that is marked as deleted, and then
// its own.
func (s *Store) finishDelete(ctx context.Context, org appliance.OrgID, id string) error {
	if err := s.eraseSource(ctx, org, id); err != nil {
		return err
	}
	return s.eraseTraces(ctx, vacuumAtOnce)
}

// eraseSource removes the rows of a source that is marked as deleted.
func (s *Store) eraseSource(ctx context.Context, org appliance.OrgID, id string) error {
	if err := s.eraseWork(ctx, org, id, `deleted_at IS NOT NULL`); err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		for _, table := range []string{"job", "mend", "archive", "source_class"} {
			if _, err := t.Exec(`DELETE FROM `+table+` WHERE source_id = ? AND org_id = ?`, id, org); err != nil {
				return err
			}
		}
		_, err := t.Exec(`DELETE FROM source WHERE id = ? AND org_id = ? AND deleted_at IS NOT NULL`, id, org)
		return err
	})
}

// finishDeletes goes on with deletions that a crash cut short.
func (s *Store) finishDeletes(ctx context.Context) error {
	var left [][2]string
	err := s.read(ctx, func(t *tx) (err error) {
		left, err = all(t, func(row scanner) (p [2]string, err error) {
			return p, row.Scan(&p[0], &p[1])
		}, `SELECT org_id, id FROM source WHERE deleted_at IS NOT NULL AND kept_until IS NULL`)
		return err
	})
	for _, p := range left {
		err = errors.Join(err, s.finishDelete(ctx, appliance.OrgID(p[0]), p[1]))
	}
	return err
}

// eraseWork removes a source's chunks and parts in transactions short enough
// for others to write between them, for as long as the condition on the source
// holds: it may have been queued again meanwhile.
func (s *Store) eraseWork(ctx context.Context, org appliance.OrgID, id, condition string) error {
	for {
		var left bool
		if err := s.write(ctx, func(t *tx) error {
			var holds bool
			if err := t.QueryRow(`SELECT count(*) FROM source WHERE id = ? AND org_id = ? AND `+condition, id, org).
				Scan(&holds); err != nil || !holds {
				return err
			}
			for _, table := range []string{"part", "chunk_moved"} {
				if _, err := t.Exec(`DELETE FROM `+table+` WHERE source_id = ? AND org_id = ?`, id, org); err != nil {
					return err
				}
			}
			var err error
			left, err = eraseChunks(t, org, id)
			return err
		}); err != nil || !left {
			return err
		}
	}
}

// eraseChunks removes one batch of a source's chunks with their words and
// vectors, and reports whether there may be more.
func eraseChunks(t *tx, org appliance.OrgID, sourceID string) (left bool, err error) {
	ids, err := all(t, column[int64], `SELECT id FROM chunk WHERE source_id = ? AND org_id = ? ORDER BY seq LIMIT ?`,
		sourceID, org, batch)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	for _, id := range ids {
		if err := eraseVector(t, id); err != nil {
			return false, err
		}
		if _, err := t.Exec(`DELETE FROM wrong_passage WHERE chunk_id = ? AND org_id = ?`, id, org); err != nil {
			return false, err
		}
		if _, err := t.Exec(`DELETE FROM chunk WHERE id = ? AND org_id = ?`, id, org); err != nil {
			return false, err
		}
	}
	return len(ids) == batch, errors.Join(dueWords(t), dueErase(t))
}

// eraseVector removes a chunk from the vector index. DELETE only clears a bit
// in this version of sqlite-vec (#178), so the numbers are overwritten first.
func eraseVector(t *tx, id int64) error {
	if _, err := t.Exec(`UPDATE chunk_vec SET vector = zeroblob(?) WHERE id = ?`, 4*dimensions, id); err != nil {
		return err
	}
	_, err := t.Exec(`DELETE FROM chunk_vec WHERE id = ?`, id)
	return err
}

// eraseTraces makes what was deleted so far unreadable, as far as that takes no
// rewriting of a file of more than limit bytes. Deletions that wait for one
// another share a rewriting.
func (s *Store) eraseTraces(ctx context.Context, limit int64) error {
	mine := s.deletions.Add(1)
	s.erasing.Lock()
	defer s.erasing.Unlock()
	if s.erased >= mine {
		return nil
	}
	covers := s.deletions.Load()
	var due, words bool
	var size int64
	if err := s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT (SELECT count(*) FROM setting WHERE key = ?), (SELECT count(*) FROM setting WHERE key = ?),
			page_count * page_size FROM pragma_page_count, pragma_page_size`, eraseDue, wordsDue).Scan(&due, &words, &size)
	}); err != nil {
		return err
	}
	if words && size <= limit {
		if err := s.rebuildWords(ctx); err != nil {
			return err
		}
	}
	if due && size <= limit {
		if err := s.vacuum(ctx); err != nil {
			// The rows are gone; what is left waits for the night.
			slog.WarnContext(ctx, "could not rewrite the database after a deletion", "error", err)
		}
	}
	s.erased = covers
	return s.emptyLog(ctx)
}

// cleanSoon asks Clean for a pass.
func (s *Store) cleanSoon() {
	select {
	case s.unclean <- struct{}{}:
	default: // one is coming
	}
}

// Clean erases the traces of what is deleted in passing, such as a memory of
// the tutor's: within a minute, but never while somebody waits for it, and one
// pass for all that is deleted meanwhile. What an earlier run of the box left
// comes first, and what is left when ctx ends is erased before Clean returns.
func (s *Store) Clean(ctx context.Context) error {
	s.cleanSoon()
	for {
		select {
		case <-s.unclean:
			pause := time.NewTimer(s.cleanPause)
			select {
			case <-pause.C:
			case <-ctx.Done():
				pause.Stop()
			}
		case <-ctx.Done():
			select {
			case <-s.unclean:
			default:
				return nil
			}
		}
		if err := s.eraseTraces(context.WithoutCancel(ctx), vacuumAtOnce); err != nil {
			slog.WarnContext(ctx, "traces of what was deleted are not erased yet", "error", err)
		}
	}
}

// rebuildWords makes the word index anew from the chunks.
func (s *Store) rebuildWords(ctx context.Context) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.Exec(`INSERT INTO chunk_fts (chunk_fts) VALUES ('rebuild')`); err != nil {
			return err
		}
		_, err := t.Exec(`DELETE FROM setting WHERE key = ?`, wordsDue)
		return err
	})
}

// vacuum rewrites the file without the pages and gaps that hold old copies.
func (s *Store) vacuum(ctx context.Context) error {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return failure(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), `VACUUM`); err != nil {
		return failure(err)
	}
	_, err = conn.ExecContext(context.Background(), `DELETE FROM setting WHERE key = ?`, eraseDue)
	return failure(err)
}

// emptyLog moves the write-ahead log into the file and truncates it. It waits
// for readers for as long as busyTimeout; should one take longer, Maintain does
// it in the night.
func (s *Store) emptyLog(ctx context.Context) error {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return failure(err)
	}
	defer conn.Close()
	var busy, log, moved int
	if err := conn.QueryRowContext(context.Background(), `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &moved); err != nil {
		return failure(err)
	}
	if busy != 0 {
		slog.WarnContext(ctx, "readers held up the emptying of the write-ahead log", "pages", log-moved)
	}
	return nil
}
