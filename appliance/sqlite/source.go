package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const sourceColumns = `id, title, kind, media_type, bytes, sha256, language, status, step, progress,
	seconds_left, problem, notices, pages, duration, chunks, vectors, created_at, ready_at, created_by,
	told_language, subject, grade, folder, contents, sketch, coalesce(replaces, ''), deleted_at, kept_until,
	(SELECT json_object('source', made.id, 'sha256', made.sha256, 'new_file', json(iif(made.sha256 <> source.sha256, 'true', 'false')), 'status', made.status,
		'step', made.step, 'progress', made.progress, 'seconds_left', made.seconds_left, 'problem', json(made.problem))
		FROM source AS made WHERE made.replaces = source.id AND made.org_id = source.org_id AND made.deleted_at IS NULL),
	(SELECT json_group_array(json_object('id', class.id, 'name', class.name)) FROM source_class
		JOIN class ON class.id = source_class.class_id AND class.org_id = source_class.org_id
		WHERE source_class.source_id = source.id AND source_class.org_id = source.org_id)`

func scanSource(row scanner) (appliance.Source, error) {
	var (
		src              appliance.Source
		problem, notices sql.NullString
		created          int64
		ready            sql.NullInt64
		classes          sql.NullString
		contents, update sql.NullString
		deleted, kept    sql.NullInt64
	)
	err := row.Scan(&src.ID, &src.Title, &src.Kind, &src.MediaType, &src.Bytes, &src.SHA256, &src.Language,
		&src.Status, &src.Step, &src.Progress, &src.SecondsLeft, &problem, &notices, &src.Pages, &src.Duration,
		&src.Chunks, &src.Vectors, &created, &ready, &src.CreatedBy, &src.ToldLanguage, &src.Subject, &src.Grade,
		&src.Folder, &contents, &src.Sketch, &src.Replaces, &deleted, &kept, &update, &classes)
	if err != nil {
		return appliance.Source{}, err
	}
	src.CreatedAt = timeOf(created)
	if ready.Valid {
		at := timeOf(ready.Int64)
		src.ReadyAt = &at
	}
	if deleted.Valid {
		at, until := timeOf(deleted.Int64), timeOf(kept.Int64)
		src.DeletedAt, src.KeptUntil = &at, &until
	}
	if update.Valid {
		var u struct {
			appliance.Update
			Source string `json:"source"`
			SHA256 string `json:"sha256"`
		}
		if err := fromJSON(update, &u); err != nil {
			return src, err
		}
		u.ID, u.Update.SHA256, src.Update = u.Source, u.SHA256, &u.Update
	}
	return src, errors.Join(fromJSON(contents, &src.Contents), fromJSON(problem, &src.Problem), fromJSON(notices, &src.Notices), fromJSON(classes, &src.Classes))
}

// AddSource stores a new source and its job in one transaction. n gives title,
// bytes and sha256; classes are those that it is for, none for the whole school.
// The same bytes again are the source that is there already, if by may change it
// (see sameBytes); if that had failed or was cancelled it is queued again.
func (s *Store) AddSource(ctx context.Context, org appliance.OrgID, n appliance.Source, classes []appliance.ClassID, by appliance.Principal, entries ...appliance.AuditEntry) (
	src appliance.Source, existed bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		if src, existed, err = sameBytes(t, org, n.SHA256, classes, by); err != nil {
			return err
		} else if existed {
			if src.Status == appliance.StatusFailed || src.Status == appliance.StatusCancelled {
				if src, err = requeue(t, org, src); err != nil {
					return err
				}
			}
			for i := range entries {
				entries[i] = entries[i].With("existed", true)
			}
			return s.record(t, org, src.ID, entries)
		}
		id := uuid.Must(uuid.NewV7()).String()
		if _, err := t.Exec(`INSERT INTO source (id, org_id, title, kind, media_type, bytes, sha256, status, created_at, created_by, subject, grade, folder)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, id, org, n.Title, n.Kind, n.MediaType, n.Bytes, n.SHA256,
			appliance.StatusQueued, t.now, by.User, n.Subject, n.Grade, n.Folder); err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT INTO job (org_id, source_id, state, stage) VALUES (?, ?, 'waiting', ?)`,
			org, id, appliance.StageRead); err != nil {
			return err
		}
		if err := shareSource(t, org, id, classes); err != nil {
			return err
		}
		if err := addEvent(t, org, "source_added", map[string]any{"source": id, "bytes": n.Bytes}); err != nil {
			return err
		}
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return src, existed, err
}

// ShareSource makes a source one for the given classes, or, with none, for the
// whole school.
func (s *Store) ShareSource(ctx context.Context, org appliance.OrgID, id string, classes []appliance.ClassID, entries ...appliance.AuditEntry) (
	src appliance.Source, err error) {
	defer s.vectors.changed.Add(1)
	err = s.write(ctx, func(t *tx) error {
		if _, err := findSource(t, org, whole, id); err != nil {
			return err
		}
		if _, err := t.Exec(`DELETE FROM source_class WHERE source_id = ? AND org_id = ?`, id, org); err != nil {
			return err
		}
		if err := shareSource(t, org, id, classes); err != nil {
			return err
		}
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return src, err
}

func shareSource(t *tx, org appliance.OrgID, id string, classes []appliance.ClassID) error {
	for _, class := range classes {
		if _, err := findClass(t, org, class); err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT OR IGNORE INTO source_class (org_id, source_id, class_id) VALUES (?, ?, ?)`, org, id, class); err != nil {
			return err
		}
	}
	return nil
}

// sameBytes finds the source that an upload of bytes is already. One for the
// whole school is there for everybody. One for classes gets the classes that
// are asked for too, if by may change it, but is never made one for the whole
// school: that is what ShareSource is for. What belongs to others stays out of
// it, and is not even told: the upload becomes a source of its own.
func sameBytes(t *tx, org appliance.OrgID, sha256 string, classes []appliance.ClassID, by appliance.Principal) (src appliance.Source, existed bool, err error) {
	same, err := all(t, scanSource, `SELECT `+sourceColumns+` FROM source WHERE org_id = ? AND sha256 = ? AND deleted_at IS NULL AND replaces IS NULL ORDER BY n`, org, sha256)
	if err != nil {
		return src, false, err
	}
	for _, src := range same {
		if len(src.Classes) == 0 {
			return src, true, nil
		}
	}
	for _, src := range same {
		if !by.MayChange(src.CreatedBy, src.Classes) {
			continue
		}
		if err := shareSource(t, org, src.ID, classes); err != nil {
			return src, false, err
		}
		src, err = findSource(t, org, whole, src.ID)
		return src, true, err
	}
	return src, false, nil
}

// MaterialVersion changes whenever what an organization can search changes, and
// maybe more often. It is counted from the start of the box.
func (s *Store) MaterialVersion(appliance.OrgID) int64 { return s.vectors.changed.Load() }

// Source returns one source that a scope shows.
func (s *Store) Source(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (src appliance.Source, err error) {
	err = s.read(ctx, func(t *tx) error {
		src, err = findSource(t, org, scope, id)
		return err
	})
	return src, err
}

// whole is the scope of what the box does by itself.
var whole = appliance.Scope{All: true}

func findSource(t *tx, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Source, error) {
	seen, args := visible(scope)
	src, err := scanSource(t.QueryRow(`SELECT `+sourceColumns+` FROM source
		WHERE org_id = ? AND id = ? AND deleted_at IS NULL AND replaces IS NULL AND `+seen, append([]any{org, id}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return src, notFound("material", "source_not_found")
	}
	return src, err
}

// findAny finds also a source that will take another one's place.
func findAny(t *tx, org appliance.OrgID, id string) (appliance.Source, error) {
	src, err := scanSource(t.QueryRow(`SELECT `+sourceColumns+` FROM source WHERE org_id = ? AND id = ? AND deleted_at IS NULL`, org, id))
	if errors.Is(err, sql.ErrNoRows) {
		return src, notFound("material", "source_not_found")
	}
	return src, err
}

// Captions returns the subtitles beside a recording: of the same name, without
// its ending, by the same person and for the same classes. It reports false if
// there are none. They need not have been read.
func (s *Store) Captions(ctx context.Context, org appliance.OrgID, recording appliance.Source, stem string) (src appliance.Source, ok bool, err error) {
	var titles []string
	for _, language := range []string{"", ".en", ".fr", ".rw", ".sw"} {
		titles = append(titles, stem+language+".srt", stem+language+".vtt")
	}
	wanted, err := json.Marshal(titles)
	if err != nil {
		return src, false, err
	}
	err = s.read(ctx, func(t *tx) error {
		const classes = `(SELECT group_concat(class_id ORDER BY class_id) FROM source_class WHERE source_class.org_id = source.org_id AND source_id = `
		list, err := all(t, scanSource, `SELECT `+sourceColumns+` FROM source WHERE org_id = ? AND created_by = ? AND deleted_at IS NULL AND replaces IS NULL
			AND status NOT IN ('failed', 'cancelled') AND lower(title) IN (SELECT lower(value) FROM json_each(?))
			AND `+classes+`source.id) IS `+classes+`?) ORDER BY n DESC LIMIT 1`,
			org, recording.CreatedBy, string(wanted), cmp.Or(recording.Replaces, recording.ID))
		if len(list) > 0 {
			src, ok = list[0], true
		}
		return err
	})
	return src, ok, err
}

// Sources lists an organization's material, newest first.
func (s *Store) Sources(ctx context.Context, org appliance.OrgID, scope appliance.Scope, f appliance.SourceFilter) (page appliance.Page[appliance.Source], err error) {
	limit := clamp(f.Limit)
	seen, shown := visible(scope)
	where := `FROM source WHERE org_id = ? AND deleted_at IS NULL AND replaces IS NULL AND ` + seen
	if f.Deleted {
		where = `FROM source WHERE org_id = ? AND deleted_at IS NOT NULL AND kept_until > ` + strconv.FormatInt(s.Now().UnixMilli(), 10) +
			` AND replaces IS NULL AND ` + seen
	}
	args := append([]any{org}, shown...)
	for _, only := range []struct {
		condition string
		value     string
	}{{`status = ?`, string(f.Status)}, {`kind = ?`, string(f.Kind)}, {`language = ?`, f.Language}, {`subject = ?`, f.Subject}, {`grade = ?`, f.Grade},
		{`folder || '/' GLOB ?`, globUnder(f.Folder)},
		{`EXISTS (SELECT 1 FROM source_class AS given WHERE given.source_id = source.id AND given.org_id = source.org_id AND given.class_id = ?)`, string(f.Class)},
	} {
		if only.value != "" {
			where += ` AND ` + only.condition
			args = append(args, only.value)
		}
	}
	for _, word := range strings.Fields(fold(f.Search)) {
		where += ` AND instr(fold(title), ?) > 0`
		args = append(args, word)
	}
	if order, ok := orders[f.Sort]; ok {
		return page, s.read(ctx, func(t *tx) error {
			page, err = sorted(t, where, args, order, f.Cursor, limit)
			if err == nil {
				err = addNear(t, org, scope, page.Items)
			}
			return err
		})
	}
	before, err := parseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT count(*) `+where, args...).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, page.Next, err = newestFirst(t, scanSource, limit, `SELECT n, `+sourceColumns+` `+where+` AND n < ? ORDER BY n DESC LIMIT ?`, append(args, before, limit+1)...)
		if err == nil {
			err = addNear(t, org, scope, page.Items)
		}
		return err
	})
	return page, err
}

// CountSources says how many of an organization's sources stand where.
func (s *Store) CountSources(ctx context.Context, org appliance.OrgID) (map[appliance.Status]int, error) {
	counts := map[appliance.Status]int{}
	err := s.read(ctx, func(t *tx) error {
		_, err := all(t, func(row scanner) (status appliance.Status, err error) {
			var n int
			err = row.Scan(&status, &n)
			counts[status] = n
			return status, err
		}, `SELECT status, count(*) FROM source WHERE org_id = ? AND deleted_at IS NULL AND replaces IS NULL GROUP BY status`, org)
		return err
	})
	return counts, err
}

// newestFirst reads a page of what is ordered by its first column, a number that
// only grows. The query asks for one row more than limit, which tells whether
// there is a next page.
func newestFirst[T any](t *tx, scan func(scanner) (T, error), limit int, query string, args ...any) (items []T, next string, err error) {
	var numbers []int64
	items, err = all(t, func(row scanner) (T, error) {
		var n int64
		one, err := scan(prefixed{row, &n})
		numbers = append(numbers, n)
		return one, err
	}, query, args...)
	if len(items) > limit {
		items, next = items[:limit], strconv.FormatInt(numbers[limit-1], 10)
	}
	return items, next, err
}

// prefixed scans a first column apart from those that a shared scan function
// knows.
type prefixed struct {
	row   scanner
	first any
}

func (p prefixed) Scan(dest ...any) error {
	return p.row.Scan(append([]any{p.first}, dest...)...)
}

// RetrySource queues a source again that has failed or was cancelled. It goes
// on from the last stage that it finished.
func (s *Store) RetrySource(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (src appliance.Source, err error) {
	err = s.write(ctx, func(t *tx) error {
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		if src.Update != nil && src.Update.Status == appliance.StatusFailed {
			made, err := findAny(t, org, src.Update.ID)
			if err == nil {
				_, err = requeue(t, org, made)
			}
			if err != nil {
				return err
			}
			if src, err = findSource(t, org, whole, id); err != nil {
				return err
			}
			return s.record(t, org, id, entries)
		}
		if src.Status != appliance.StatusFailed && src.Status != appliance.StatusCancelled &&
			(src.Status != appliance.StatusReady || src.Problem == nil) {
			return problem.New(problem.Conflict, "source_not_failed", "This material has not failed.",
				"There is nothing to try again.", nil)
		}
		if src, err = requeue(t, org, src); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return src, err
}

func requeue(t *tx, org appliance.OrgID, src appliance.Source) (appliance.Source, error) {
	if _, err := t.Exec(`UPDATE source SET status = `+unlessReady+`, step = '', progress = 0, seconds_left = NULL, problem = NULL
		WHERE id = ? AND org_id = ?`, appliance.StatusQueued, src.ID, org); err != nil {
		return src, err
	}
	// A cancelled source has lost its parts and starts over.
	if _, err := t.Exec(`UPDATE job SET state = 'waiting', attempts = 0, crashes = 0, deaths = 0, run_after = 0,
		lease = '', mark = iif(?, 0, mark), stage = iif(?, ?, stage) WHERE source_id = ? AND org_id = ?`,
		src.Status == appliance.StatusCancelled, src.Status == appliance.StatusCancelled, appliance.StageRead,
		src.ID, org); err != nil {
		return src, err
	}
	return findAny(t, org, src.ID)
}

// CancelSource stops the work on a source. Its worker loses the lease and with
// it the right to write; what it had stored is erased.
func (s *Store) CancelSource(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (src appliance.Source, err error) {
	defer s.vectors.changed.Add(1)
	dropped := ""
	err = s.write(ctx, func(t *tx) error {
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		if src.Update != nil {
			dropped = src.Update.ID
			if err := dropUpdate(t, org, src.Update); err != nil {
				return err
			}
			if src, err = findSource(t, org, whole, id); err != nil {
				return err
			}
			return s.record(t, org, id, entries)
		}
		if src.Status == appliance.StatusCancelled {
			return nil
		}
		var working bool // an archive may be ready and in work
		if err := t.QueryRow(`SELECT count(*) FROM job WHERE source_id = ? AND org_id = ? AND state <> 'ended'`, id, org).Scan(&working); err != nil {
			return err
		}
		if src.Status.Ended() && !working {
			return problem.New(problem.Conflict, "source_ended", "The box has already finished with this material.",
				"Delete it if it is not wanted.", nil)
		}
		if _, err := t.Exec(`UPDATE job SET state = 'ended', lease = '' WHERE source_id = ? AND org_id = ?`, id, org); err != nil {
			return err
		}
		if src.Status == appliance.StatusReady {
			if err := scrubAnswers(t, org, id); err != nil {
				return err
			}
		}
		if _, err := t.Exec(`UPDATE source SET status = ?, step = '', progress = 0, seconds_left = NULL, chunks = 0, vectors = 0,
			ready_at = NULL WHERE id = ? AND org_id = ?`, appliance.StatusCancelled, id, org); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE archive SET selection = NULL, chosen = 0, done = 0 WHERE source_id = ? AND org_id = ?`, id, org); err != nil {
			return err
		}
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	if err == nil && dropped != "" {
		return src, s.finishDelete(ctx, org, dropped)
	}
	if err == nil {
		err = s.eraseWork(ctx, org, id, `status = 'cancelled'`)
	}
	return src, err
}

// DeleteSource removes a source and all that came of it, so that no byte of
// its text, title or vectors is left in the file. It returns the sha256 of its
// bytes and whether no other source of the organization has the same. After a
// crash, Open finishes what was begun.
func (s *Store) DeleteSource(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (sha256 string, lastUse bool, err error) {
	defer s.vectors.changed.Add(1)
	var gone []string
	err = s.write(ctx, func(t *tx) error {
		src, err := findDeletable(t, org, whole, id)
		if err != nil {
			return err
		}
		sha256 = src.SHA256
		if src.Update != nil {
			if err := dropUpdate(t, org, src.Update); err != nil {
				return err
			}
		}
		if err := t.QueryRow(`SELECT count(*) = 0 FROM source WHERE sha256 = ? AND id <> ? AND org_id = ?
			AND (deleted_at IS NULL OR kept_until IS NOT NULL)`,
			sha256, id, org).Scan(&lastUse); err != nil {
			return err
		}
		if err := scrubAnswers(t, org, id); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE source SET deleted_at = ?, kept_until = NULL, title = '', status = 'cancelled', problem = NULL, notices = NULL
			WHERE id = ? AND org_id = ?`, t.now, id, org); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE job SET state = 'ended', lease = '' WHERE source_id = ? AND org_id = ?`, id, org); err != nil {
			return err
		}
		if _, err := t.Exec(`DELETE FROM source_class WHERE source_id = ? AND org_id = ?`, id, org); err != nil {
			return err
		}
		// What was to take its place goes with it, also what was given up before.
		if gone, err = all(t, column[string], `SELECT id FROM source WHERE org_id = ? AND replaces = ? AND deleted_at IS NOT NULL`, org, id); err != nil {
			return err
		}
		if err := dueErase(t); err != nil {
			return err
		}
		if err := addEvent(t, org, "source_deleted", map[string]any{"source": id}); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	if err != nil {
		return "", false, err
	}
	for _, id := range gone {
		if err := s.eraseSource(ctx, org, id); err != nil {
			return "", false, err
		}
	}
	return sha256, lastUse, s.finishDelete(ctx, org, id)
}

// HasFile reports whether a source of the organization has these bytes.
func (s *Store) HasFile(ctx context.Context, org appliance.OrgID, sha256 string) (has bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT count(*) > 0 FROM source WHERE org_id = ? AND sha256 = ? AND (deleted_at IS NULL OR kept_until IS NOT NULL)`, org, sha256).Scan(&has)
	})
	return has, err
}

// Unfinished reports whether a source, of any organization, has a job that may
// still need its scratch files.
func (s *Store) Unfinished(ctx context.Context, sourceID string) (yes bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT count(*) > 0 FROM job WHERE source_id = ? AND state <> 'ended'`, sourceID).Scan(&yes)
	})
	return yes, err
}

// clamp keeps a page's size within 1 to 100; 0 asks for 50.
func clamp(limit int) int {
	if limit <= 0 {
		limit = 50
	}
	return min(limit, 100)
}

// parseCursor reads what a page's Next said; empty is the start of the list.
func parseCursor(cursor string) (int64, error) {
	if cursor == "" {
		return 1<<63 - 1, nil
	}
	n, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil {
		return 0, problem.New(problem.Invalid, "bad_cursor", "This part of the list cannot be found.",
			"Go back to the start of the list.", err)
	}
	return n, nil
}

func fromJSON(text sql.NullString, v any) error {
	if !text.Valid {
		return nil
	}
	return json.Unmarshal([]byte(text.String), v)
}

// toJSON returns NULL for nil and for empty lists.
func toJSON[T any](v T, empty bool) (sql.NullString, error) {
	if empty {
		return sql.NullString{}, nil
	}
	b, err := json.Marshal(v)
	return sql.NullString{String: string(b), Valid: true}, err
}
