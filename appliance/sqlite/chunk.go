package sqlite

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/bwenge-os/bwenge/appliance"
)

// batch is how many rows one transaction changes at most, so that a chat never
// waits long for the writer.
const batch = 200

const chunkColumns = `chunk.id, chunk.source_id, chunk.seq, chunk.text, chunk.heading, chunk.place, chunk.language, chunk.tokens, chunk.form, chunk.table_no`

func scanChunk(row scanner) (c appliance.Chunk, err error) {
	var place, form string
	if err := row.Scan(&c.ID, &c.SourceID, &c.Seq, &c.Text, &c.Heading, &place, &c.Language, &c.Tokens, &form, &c.TableNo); err != nil {
		return c, err
	}
	if form != "" {
		var f chunkForm
		if err := json.Unmarshal([]byte(form), &f); err != nil {
			return c, err
		}
		c.Table, c.Marks = f.Table, f.Marks
	}
	return c, json.Unmarshal([]byte(place), &c.Place)
}

// chunkForm is the column form.
type chunkForm struct {
	Table *appliance.Table `json:"table,omitempty"`
	Marks []appliance.Mark `json:"marks,omitempty"`
}

func formOf(c appliance.Chunk) (string, error) {
	if c.Table == nil && c.Marks == nil {
		return "", nil
	}
	form, err := json.Marshal(chunkForm{c.Table, c.Marks})
	return string(form), err
}

// AddChunks stores chunks of a job's source. Nobody sees them before the source
// is ready. Vectors are added later.
func (s *Store) AddChunks(ctx context.Context, job appliance.Job, chunks []appliance.Chunk) error {
	for len(chunks) > 0 {
		some := chunks[:min(batch, len(chunks))]
		chunks = chunks[len(some):]
		if err := s.write(ctx, func(t *tx) error {
			if err := t.held(job, ""); err != nil {
				return err
			}
			return addChunks(t, job, some)
		}); err != nil {
			return err
		}
	}
	return nil
}

func addChunks(t *tx, job appliance.Job, chunks []appliance.Chunk) error {
	for _, c := range chunks {
		place, err := json.Marshal(c.Place)
		if err != nil {
			return err
		}
		form, err := formOf(c)
		if err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT INTO chunk (org_id, source_id, seq, heading, text, place, language, tokens, form, table_no)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT iif(told_language <> '', told_language, ?7) FROM source WHERE org_id = ?1 AND id = ?2), ?8, ?9, ?10)`, job.Org, job.Source.ID, c.Seq, c.Heading, c.Text, string(place),
			c.Language, c.Tokens, form, c.TableNo); err != nil {
			return err
		}
	}
	return nil
}

// LastChunk returns the last of the chunks that are stored of a job's source; it
// reports false when there is none.
func (s *Store) LastChunk(ctx context.Context, job appliance.Job) (c appliance.Chunk, ok bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		some, err := all(t, scanChunk, `SELECT `+chunkColumns+` FROM chunk WHERE source_id = ? AND org_id = ?
			ORDER BY seq DESC LIMIT 1`, job.Source.ID, job.Org)
		if len(some) > 0 {
			c, ok = some[0], true
		}
		return err
	})
	return c, ok, err
}

// ClearChunks removes the chunks of a job's source, for a chunk stage that has
// to start over.
func (s *Store) ClearChunks(ctx context.Context, job appliance.Job) error {
	for {
		var left bool
		if err := s.write(ctx, func(t *tx) error {
			err := t.held(job, "")
			if err == nil {
				left, err = eraseChunks(t, job.Org, job.Source.ID)
			}
			return err
		}); err != nil || !left {
			return err
		}
	}
}

// Unembedded returns up to limit chunks of a job's source without a vector, in
// order, and how many there are in all.
func (s *Store) Unembedded(ctx context.Context, job appliance.Job, limit int) (chunks []appliance.Chunk, left int, err error) {
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT count(*) FROM chunk WHERE source_id = ? AND vector IS NULL AND org_id = ?`,
			job.Source.ID, job.Org).Scan(&left); err != nil {
			return err
		}
		chunks, err = all(t, scanChunk, `SELECT `+chunkColumns+` FROM chunk
			WHERE source_id = ? AND vector IS NULL AND org_id = ? ORDER BY seq LIMIT ?`, job.Source.ID, job.Org, limit)
		return err
	})
	return chunks, left, err
}

// showEvery is how many vectors of a source that is ready already become visible
// at once: each time costs every search a look at the sources.
const showEvery = 256

// SaveVectors stores the vectors of chunks that Unembedded returned. model
// names the embedder that made them.
func (s *Store) SaveVectors(ctx context.Context, job appliance.Job, model string, chunks []appliance.Chunk) error {
	var shown, vectors int
	defer func() {
		if vectors/showEvery != (vectors-shown)/showEvery {
			s.vectors.changed.Add(1)
		}
	}()
	return s.write(ctx, func(t *tx) error {
		if err := t.held(job, `mark = mark + ?, attempts = 0, crashes = 0, deaths = 0`, len(chunks)); err != nil {
			return err
		}
		// A source that is ready shows its vectors as they come.
		var ready bool
		if err := t.QueryRow(`SELECT count(*) FROM source WHERE id = ? AND org_id = ? AND status = 'ready'`, job.Source.ID, job.Org).
			Scan(&ready); err != nil {
			return err
		}
		shown = 0
		for _, c := range chunks {
			if len(c.Vector) != dimensions {
				return fmt.Errorf("a vector of %d numbers, want %d", len(c.Vector), dimensions)
			}
			blob := encodeVector(c.Vector)
			result, err := t.Exec(`UPDATE chunk SET model = ?, vector = ? WHERE id = ? AND org_id = ? AND source_id = ? AND vector IS NULL`,
				model, blob, c.ID, job.Org, job.Source.ID)
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil {
				return err
			} else if n == 0 {
				continue // saved before
			}
			if err := indexVector(t, job.Org, c.ID, blob, ready); err != nil {
				return err
			}
			shown++
		}
		return t.QueryRow(`UPDATE source SET vectors = vectors + ? WHERE id = ? AND org_id = ? RETURNING vectors`,
			shown, job.Source.ID, job.Org).Scan(&vectors)
	})
}

// FinishJob makes a source ready, if it is not: its chunks become visible and its job goes, in
// one transaction. Every chunk must have its vector. A source that was made anew
// takes the old one's place; what was the old one's is erased.
func (s *Store) FinishJob(ctx context.Context, job appliance.Job, src appliance.Source) error {
	defer s.vectors.changed.Add(1)
	id := job.Source.ID
	became, err := s.mapChunks(ctx, job)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t *tx) error {
		if err := t.held(job, `state = 'ended'`); err != nil {
			return err
		}
		var chunks, missing int
		var ready bool
		if err := t.QueryRow(`SELECT (SELECT count(*) FROM chunk WHERE source_id = ?1 AND org_id = ?2),
			(SELECT count(*) FROM chunk WHERE source_id = ?1 AND org_id = ?2 AND vector IS NULL),
			(SELECT status = 'ready' FROM source WHERE id = ?1 AND org_id = ?2)`, job.Source.ID, job.Org).
			Scan(&chunks, &missing, &ready); err != nil {
			return err
		}
		if missing > 0 {
			return fmt.Errorf("finish a source of %d chunks, %d of them without a vector", chunks, missing)
		}
		if err := saveProgress(t, job, src); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE source SET status = ?1, step = '', progress = 1, seconds_left = NULL, problem = NULL,
			chunks = ?2, vectors = ?2, ready_at = coalesce(ready_at, ?3) WHERE id = ?4 AND org_id = ?5`,
			appliance.StatusReady, chunks, t.now, job.Source.ID, job.Org); err != nil {
			return err
		}
		if !ready { // else they are visible
			if err := publishVectors(t, job.Org, job.Source.ID); err != nil {
				return err
			}
		}
		if _, err := t.Exec(`DELETE FROM job WHERE source_id = ? AND org_id = ?`, job.Source.ID, job.Org); err != nil {
			return err
		}
		if job.Source.Replaces != "" {
			id = job.Source.Replaces
			if err := takePlace(t, job, became); err != nil {
				return err
			}
		}
		return addEvent(t, job.Org, "source_ready", map[string]any{
			"source": id, "kind": src.Kind, "chunks": chunks, "pages": src.Pages, "duration": src.Duration})
	})
	if err == nil && job.Source.Replaces != "" {
		err = s.eraseSource(ctx, job.Org, job.Source.ID)
		s.cleanSoon()
	}
	return err
}

// Chunks lists a ready source's chunks in order, from the given seq on, without
// those that are marked as wrong.
func (s *Store) Chunks(ctx context.Context, org appliance.OrgID, scope appliance.Scope, sourceID string, fromSeq, limit int) (page appliance.Page[appliance.Chunk], err error) {
	limit = clamp(limit)
	return s.chunkPage(ctx, org, scope, sourceID, limit, func(t *tx, page *appliance.Page[appliance.Chunk]) (err error) {
		page.Items, err = all(t, scanChunk, `SELECT `+chunkColumns+` FROM chunk
			WHERE source_id = ? AND org_id = ? AND seq >= ?`+notWrong+` ORDER BY seq LIMIT ?`, sourceID, org, fromSeq, limit+1)
		return err
	})
}

// chunkPage is a page of a ready source's chunks, which read reads, with one more
// than limit if there are more.
func (s *Store) chunkPage(ctx context.Context, org appliance.OrgID, scope appliance.Scope, sourceID string, limit int,
	read func(*tx, *appliance.Page[appliance.Chunk]) error) (page appliance.Page[appliance.Chunk], err error) {
	err = s.read(ctx, func(t *tx) error {
		src, err := findSource(t, org, scope, sourceID)
		if err != nil {
			return err
		}
		page.Items = []appliance.Chunk{}
		if src.Status != appliance.StatusReady {
			return nil
		}
		page.Total = src.Chunks
		err = read(t, &page)
		if len(page.Items) > limit {
			page.Next = strconv.Itoa(page.Items[limit].Seq)
			page.Items = page.Items[:limit]
		}
		return err
	})
	return page, err
}

// maxPieces bounds the chunks of one table that are looked at.
const maxPieces = 3001

// TablePieces returns the chunks of one of a ready source's tables, in order.
func (s *Store) TablePieces(ctx context.Context, org appliance.OrgID, scope appliance.Scope, sourceID string, no int) (pieces []appliance.Chunk, err error) {
	err = s.read(ctx, func(t *tx) error {
		src, err := findSource(t, org, scope, sourceID)
		if err != nil || src.Status != appliance.StatusReady || no <= 0 {
			return err
		}
		pieces, err = all(t, scanChunk, `SELECT `+chunkColumns+` FROM chunk
			WHERE source_id = ? AND org_id = ? AND table_no = ? AND table_no > 0`+notWrong+` ORDER BY seq LIMIT ?`, sourceID, org, no, maxPieces)
		return err
	})
	return pieces, err
}

// Reembed queues the ready sources again whose vectors another embedder made:
// vectors of different models do not compare. It returns their ids. Archives stay
// ready meanwhile, and are found by their words.
func (s *Store) Reembed(ctx context.Context, model string) (ids []string, err error) {
	type stale struct {
		org appliance.OrgID
		id  string
	}
	var sources []stale
	err = s.read(ctx, func(t *tx) error {
		sources, err = all(t, func(row scanner) (x stale, err error) { return x, row.Scan(&x.org, &x.id) },
			`SELECT org_id, id FROM source WHERE status = 'ready' AND deleted_at IS NULL AND
			(SELECT model FROM chunk WHERE source_id = source.id AND seq = 0) NOT IN ('', ?)`, model)
		return err
	})
	for _, x := range sources {
		if err == nil {
			err = s.reembed(ctx, x.org, x.id)
			ids = append(ids, x.id)
		}
	}
	return ids, err
}

// reembed takes the vectors of a source away, the first chunk's last: it tells,
// after a power cut, that there is more to do.
func (s *Store) reembed(ctx context.Context, org appliance.OrgID, id string) error {
	defer s.vectors.changed.Add(1)
	if err := s.write(ctx, func(t *tx) error {
		_, err := t.Exec(`UPDATE source SET vectors = 0 WHERE id = ? AND org_id = ?`, id, org)
		return err
	}); err != nil {
		return err
	}
	for more := true; more; {
		if err := s.write(ctx, func(t *tx) error {
			chunks, err := all(t, column[int64], `SELECT id FROM chunk WHERE source_id = ? AND org_id = ? AND vector IS NOT NULL
				ORDER BY seq DESC LIMIT ?`, id, org, batch)
			if err != nil {
				return err
			}
			if more = len(chunks) == batch; !more {
				if err := requeueVectors(t, org, id); err != nil {
					return err
				}
			}
			for _, chunk := range chunks {
				if err := eraseVector(t, chunk); err != nil {
					return err
				}
				if _, err := t.Exec(`UPDATE chunk SET vector = NULL, model = '' WHERE id = ? AND org_id = ?`, chunk, org); err != nil {
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

func requeueVectors(t *tx, org appliance.OrgID, id string) error {
	if _, err := t.Exec(`UPDATE source SET status = ?, progress = 0, ready_at = NULL WHERE id = ?2 AND org_id = ?3
		AND NOT EXISTS (SELECT 1 FROM archive WHERE source_id = ?2 AND org_id = ?3)`, appliance.StatusQueued, id, org); err != nil {
		return err
	}
	// An archive that is being taken in has a job.
	_, err := t.Exec(`INSERT INTO job (org_id, source_id, state, stage, mark) VALUES (?, ?, 'waiting', ?, ?)
		ON CONFLICT (source_id) DO NOTHING`, org, id, appliance.StageEmbed, markOf(appliance.StageEmbed))
	return err
}

// encodeVector is how a vector is stored, in the chunk and in the index.
func encodeVector(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// Passages returns chunks of ready sources in the order asked. Those of another
// organization, deleted and unknown ones, and those that are marked as wrong are
// left out.
func (s *Store) Passages(ctx context.Context, org appliance.OrgID, scope appliance.Scope, ids []int64) ([]appliance.Passage, error) {
	found := map[int64]appliance.Passage{}
	err := s.read(ctx, func(t *tx) (err error) {
		if found, err = passages(t, org, scope, ids); err != nil {
			return err
		}
		return dropWrong(t, org, found)
	})
	list := []appliance.Passage{}
	for _, id := range ids {
		if p, ok := found[id]; ok {
			list = append(list, p)
		}
	}
	return list, err
}

func passages(t *tx, org appliance.OrgID, scope appliance.Scope, ids []int64) (map[int64]appliance.Passage, error) {
	wanted, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	now, err := moved(t, org, ids)
	if err != nil {
		return nil, err
	}
	if len(now) > 0 {
		current := slices.Clone(ids)
		for i, id := range ids {
			if to, ok := now[id]; ok {
				current[i] = to
			}
		}
		if wanted, err = json.Marshal(current); err != nil {
			return nil, err
		}
	}
	seen, args := visible(scope)
	rows, err := all(t, func(row scanner) (p appliance.Passage, err error) {
		p.Chunk, err = scanChunk(suffixed{row, []any{&p.SourceTitle, &p.SourceKind, &p.MediaType, &p.NoVector}})
		return p, err
	}, `SELECT `+chunkColumns+`, source.title, source.kind, source.media_type, chunk.vector IS NULL
		FROM json_each(?) AS wanted -- a CROSS JOIN keeps this order
		CROSS JOIN chunk ON chunk.id = wanted.value CROSS JOIN source ON source.id = chunk.source_id
		WHERE chunk.org_id = ? AND source.org_id = ? AND source.status = 'ready' AND source.deleted_at IS NULL AND `+seen,
		append([]any{string(wanted), org, org}, args...)...)
	found := make(map[int64]appliance.Passage, len(rows))
	for _, p := range rows {
		found[p.ID] = p
	}
	for id, to := range now {
		if p, ok := found[to]; ok {
			found[id] = p
		}
	}
	return found, err
}

// suffixed is prefixed's mirror image: columns after those of a shared scan.
type suffixed struct {
	row  scanner
	last []any
}

func (s suffixed) Scan(dest ...any) error { return s.row.Scan(append(dest, s.last...)...) }
