package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// A source that is ready is made anew (read again, mended, replaced by a newer
// file) beside itself: a successor, which nobody sees, goes through the same
// stages, and when it is ready its text, chunks and file take the place of the
// old ones in one transaction. Until then the old ones answer. What points to
// the source stays right: its id does not change.

// outOfTheWay is what the Seqs of the old chunks and parts are moved by while
// both have them.
const outOfTheWay = 1_000_000_000

// makeAnew has a source made anew, from a stage on.
func makeAnew(t *tx, org appliance.OrgID, src appliance.Source, stage appliance.Stage) error {
	switch {
	case src.Update != nil:
		return startOver(t, org, src.Update.ID, stage)
	case src.Status == appliance.StatusReady:
		return addSuccessor(t, org, src, stage)
	}
	return startOver(t, org, src.ID, stage)
}

// addSuccessor adds the source that will take the place of another one; file
// says which bytes it is made of.
func addSuccessor(t *tx, org appliance.OrgID, file appliance.Source, stage appliance.Stage) error {
	id := uuid.Must(uuid.NewV7()).String()
	contents, err := toJSON(file.Contents, len(file.Contents) == 0)
	if err != nil {
		return err
	}
	notices, err := toJSON(file.Notices, len(file.Notices) == 0)
	if err != nil {
		return err
	}
	// A version that kept no parts may have read it.
	if known, err := hasParts(t, org, file.ID); err != nil {
		return err
	} else if !known {
		stage = appliance.StageRead
	}
	if _, err := t.Exec(`INSERT INTO source (id, org_id, title, kind, media_type, bytes, sha256, language, told_language, status,
		pages, duration, contents, notices, created_at, created_by, replaces) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, org, file.Title, file.Kind, file.MediaType, file.Bytes, file.SHA256, file.Language, file.ToldLanguage, appliance.StatusQueued,
		file.Pages, file.Duration, contents, notices, t.now, file.CreatedBy, file.ID); err != nil {
		return err
	}
	_, err = t.Exec(`INSERT INTO job (org_id, source_id, state, stage, mark) VALUES (?, ?, 'waiting', ?, ?)`, org, id, stage, markOf(stage))
	return err
}

// startOver takes the work on a source back to a stage, unless it has not come
// as far yet. Its worker loses the lease.
func startOver(t *tx, org appliance.OrgID, id string, stage appliance.Stage) error {
	src, err := findAny(t, org, id)
	if err != nil {
		return err
	}
	pages, _, err := partsOf(t, appliance.Job{Org: org, Source: src})
	if err != nil {
		return err
	}
	if known, err := hasParts(t, org, pages); err != nil {
		return err
	} else if !known {
		stage = appliance.StageRead
	}
	var now appliance.Stage
	if err := t.QueryRow(`SELECT stage FROM job WHERE org_id = ? AND source_id = ?`, org, id).Scan(&now); err != nil {
		return err
	}
	if !src.Status.Ended() && now == appliance.StageRead && stage == appliance.StageChunk {
		return nil // what has changed is heeded when it gets there
	}
	if stage == appliance.StageRead {
		if _, err := t.Exec(`DELETE FROM part WHERE org_id = ? AND source_id = ?`, org, id); err != nil {
			return err
		}
	}
	for left := true; left; {
		if left, err = eraseChunks(t, org, id); err != nil {
			return err
		}
	}
	if _, err := t.Exec(`UPDATE job SET state = 'waiting', stage = ?, mark = ?, attempts = 0, crashes = 0, deaths = 0, run_after = 0, lease = ''
		WHERE org_id = ? AND source_id = ?`, stage, markOf(stage), org, id); err != nil {
		return err
	}
	_, err = t.Exec(`UPDATE source SET status = ?, step = '', progress = 0, seconds_left = NULL, problem = NULL WHERE org_id = ? AND id = ?`,
		appliance.StatusQueued, org, id)
	return err
}

func hasParts(t *tx, org appliance.OrgID, id string) (yes bool, err error) {
	err = t.QueryRow(`SELECT count(*) > 0 FROM part WHERE org_id = ? AND source_id = ?`, org, id).Scan(&yes)
	return yes, err
}

// ReadAgain has a source read again from its original.
func (s *Store) ReadAgain(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (src appliance.Source, err error) {
	err = s.write(ctx, func(t *tx) error {
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		if src.Kind == appliance.KindArchive && src.Status == appliance.StatusReady {
			return problem.New(problem.Unsupported, "archive_replaced", "An archive can neither be read again nor take the place of another.",
				"Delete it, and add the file as new.", nil)
		}
		if err := makeAnew(t, org, src, appliance.StageRead); err != nil {
			return err
		}
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return src, err
}

// takePlace puts a source that has been made into the place of the old one. The
// old one's text goes with the successor's row, which the caller erases.
func takePlace(t *tx, job appliance.Job, became remade) error {
	org, old, made := job.Org, job.Source.Replaces, job.Source.ID
	if err := scrubReplaced(t, org, old, became); err != nil {
		return err
	}
	if err := errors.Join(noteMoves(t, org, old, became), moveMarks(t, org, old, became)); err != nil {
		return err
	}
	var own, same bool
	if err := t.QueryRow(`SELECT (SELECT count(*) > 0 FROM part WHERE org_id = ?1 AND source_id = ?2),
		(SELECT sha256 = ?3 FROM source WHERE org_id = ?1 AND id = ?4)`, org, made, job.Source.SHA256, old).Scan(&own, &same); err != nil {
		return err
	}
	tables := []string{"chunk"}
	if own {
		tables = append(tables, "part")
	}
	for _, table := range tables {
		for _, move := range []struct {
			from, to string
			set      string
		}{{old, made, `seq = seq + ?`}, {made, old, `seq = seq - 0 * ?`}} {
			where := ` AND seq < ?`
			if _, err := t.Exec(`UPDATE `+table+` SET source_id = ?, `+move.set+` WHERE org_id = ? AND source_id = ?`+where,
				move.to, outOfTheWay, org, move.from, outOfTheWay); err != nil {
				return err
			}
		}
	}
	if !same {
		if _, err := t.Exec(`DELETE FROM mend WHERE org_id = ? AND source_id = ?`, org, old); err != nil {
			return err
		}
	}
	if _, err := t.Exec(`UPDATE source SET (kind, media_type, bytes, sha256, language, pages, duration, contents, notices, sketch, chunks, vectors, ready_at) =
		(SELECT kind, media_type, bytes, sha256, language, pages, duration, contents, notices, sketch, chunks, vectors, ready_at FROM source AS made
			WHERE made.org_id = ?1 AND made.id = ?3), status = 'ready', problem = NULL, progress = 1, step = '', seconds_left = NULL
		WHERE org_id = ?1 AND id = ?2 AND deleted_at IS NULL`, org, old, made); err != nil {
		return err
	}
	_, err := t.Exec(`UPDATE source SET deleted_at = ?, status = 'cancelled' WHERE org_id = ? AND id = ?`, t.now, org, made)
	return errors.Join(err, dueErase(t))
}

// remade are the chunks of a source before and after it was made anew.
type remade struct {
	old, made []appliance.Chunk
	to        []int // of each of the old ones, which of made it has become, -1 if none
}

// mapChunks finds for each of the old chunks where it stands now: the new one
// with the same text, else the one at the same place with the most of its words.
// It takes seconds for a long book, so it is done before the transaction.
func (s *Store) mapChunks(ctx context.Context, job appliance.Job) (m remade, err error) {
	if job.Source.Replaces == "" {
		return m, nil
	}
	if err := s.read(ctx, func(t *tx) error {
		for id, list := range map[string]*[]appliance.Chunk{job.Source.Replaces: &m.old, job.Source.ID: &m.made} {
			if *list, err = all(t, scanChunk, `SELECT `+chunkColumns+` FROM chunk WHERE org_id = ? AND source_id = ? ORDER BY seq`, job.Org, id); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return m, err
	}
	same := map[string]int{}
	for i, c := range m.made {
		if _, ok := same[c.Text]; !ok {
			same[c.Text] = i
		}
	}
	folded := make([]map[string]bool, len(m.made)) // made when they are first looked at
	shift := 0                                     // by how much the last one that stands unchanged has moved
	for i, c := range m.old {
		to, ok := same[c.Text]
		if ok {
			shift = to - i
		} else {
			to = m.likest(c, i+shift, folded)
		}
		m.to = append(m.to, to)
	}
	return m, nil
}

// noteMoves keeps where the old chunks stand now.
func noteMoves(t *tx, org appliance.OrgID, old string, m remade) error {
	for i, c := range m.old {
		if m.to[i] < 0 {
			if _, err := t.Exec(`DELETE FROM chunk_moved WHERE org_id = ? AND new_id = ?`, org, c.ID); err != nil {
				return err
			}
			continue
		}
		to := m.made[m.to[i]].ID
		if _, err := t.Exec(`UPDATE chunk_moved SET new_id = ? WHERE org_id = ? AND new_id = ?`, to, org, c.ID); err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT INTO chunk_moved (org_id, source_id, old_id, new_id) VALUES (?, ?, ?, ?)`, org, old, c.ID, to); err != nil {
			return err
		}
	}
	return nil
}

// spot is where a chunk stands, to the minute in a recording.
func spot(p appliance.Place) appliance.Place {
	p.Start, p.End = float64(int(p.Start)/60), 0
	return p
}

// likestWithin is how many chunks around where one is expected are looked at.
const likestWithin = 50

// likest finds the chunk with the most of another one's words, at least half of
// them, among those at the same place and around an index; -1 if there is none.
func (m remade) likest(c appliance.Chunk, around int, folded []map[string]bool) int {
	own := wordSet(c.Text)
	found, most := -1, len(own)/2
	for i := max(around-likestWithin, 0); i < min(around+likestWithin+1, len(m.made)); i++ {
		if spot(m.made[i].Place) != spot(c.Place) {
			continue
		}
		if folded[i] == nil {
			folded[i] = wordSet(m.made[i].Text)
		}
		shared := 0
		for word := range own {
			if folded[i][word] {
				shared++
			}
		}
		if shared > most {
			found, most = i, shared
		}
	}
	return found
}

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(fold(text)) {
		set[word] = true
	}
	return set
}

// AdoptVectors gives the chunks of a source that is made anew the vectors of
// those of the old one's that say the same, so that mending a word costs the
// vectors of one chunk.
func (s *Store) AdoptVectors(ctx context.Context, job appliance.Job, model string) error {
	if job.Source.Replaces == "" {
		return nil
	}
	known := map[string]int64{}
	var left []appliance.Chunk
	if err := s.read(ctx, func(t *tx) error {
		old, err := all(t, scanChunk, `SELECT `+chunkColumns+` FROM chunk WHERE org_id = ? AND source_id = ? AND model = ? AND vector IS NOT NULL`,
			job.Org, job.Source.Replaces, model)
		if err != nil {
			return err
		}
		for _, c := range old {
			known[c.Heading+"\n"+c.Text] = c.ID
		}
		left, err = all(t, scanChunk, `SELECT `+chunkColumns+` FROM chunk WHERE org_id = ? AND source_id = ? AND vector IS NULL ORDER BY seq`,
			job.Org, job.Source.ID)
		return err
	}); err != nil {
		return err
	}
	for len(left) > 0 {
		some := left[:min(batch, len(left))]
		left = left[len(some):]
		if err := s.write(ctx, func(t *tx) error {
			if err := t.held(job, ""); err != nil {
				return err
			}
			for _, c := range some {
				from, ok := known[c.Heading+"\n"+c.Text]
				if !ok {
					continue
				}
				var vector []byte
				if err := t.QueryRow(`UPDATE chunk SET model = ?, vector = (SELECT vector FROM chunk AS old WHERE old.id = ? AND old.org_id = ?)
					WHERE id = ? AND org_id = ? RETURNING vector`, model, from, job.Org, c.ID, job.Org).Scan(&vector); err != nil {
					return err
				}
				if err := indexVector(t, job.Org, c.ID, vector, false); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// dropUpdate ends the making anew of a source; it stays as it is.
func dropUpdate(t *tx, org appliance.OrgID, u *appliance.Update) error {
	if _, err := t.Exec(`UPDATE job SET state = 'ended', lease = '' WHERE source_id = ? AND org_id = ?`, u.ID, org); err != nil {
		return err
	}
	_, err := t.Exec(`UPDATE source SET deleted_at = ?, status = 'cancelled', problem = NULL, notices = NULL WHERE id = ? AND org_id = ?`, t.now, u.ID, org)
	return errors.Join(err, dueErase(t))
}

// moved finds the chunks that the given ones have become, by the old id.
func moved(t *tx, org appliance.OrgID, ids []int64) (map[int64]int64, error) {
	wanted, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	to := map[int64]int64{}
	_, err = all(t, func(row scanner) (id int64, err error) {
		var now int64
		err = row.Scan(&id, &now)
		to[id] = now
		return id, err
	}, `SELECT old_id, new_id FROM chunk_moved WHERE org_id = ? AND old_id IN (SELECT value FROM json_each(?))`, org, string(wanted))
	return to, err
}
